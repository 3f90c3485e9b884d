//! A face for every moment, on a board on a bench.
