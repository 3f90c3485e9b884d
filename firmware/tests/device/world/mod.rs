//! A world for one board: a flash chip, a line to a broker, a desk with keys and a log, and a clock that the test turns.
//!
//! It drives [`loa_firmware::Device`] as its program does, through nothing but what is public, and speaks MQTT to it byte by
//! byte. It decides nothing about what is right: that is for the tests. The desk here is a small one of its own, made from
//! `loa_domain`'s types; the built one meets the built firmware in `tests/story/board.rs`. Read on in `chip.rs`, `line.rs`,
//! `desk.rs`, `bench.rs`.
// The fuzz targets use more of it than the tests, and less (`tests/fuzz/src/lib.rs`).
#![allow(dead_code)]

pub mod bench;
pub mod chip;
pub mod desk;
pub mod line;
