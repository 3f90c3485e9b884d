//! A board
