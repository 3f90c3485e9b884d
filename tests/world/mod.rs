//! The world outside, made to misbehave on purpose, and the programs under test in it.
//!
//! Next: `cutter.rs` and `tamperer.rs` for the line, `time_server.rs` for the time, `debugger.rs` for a program that
//! hangs, `mosquitto.rs` for a broker that is not ours; `programs.rs`, `desk.rs`, `player.rs`, `board.rs`
//! and `faces.rs` for what runs; `timetable.rs` for what it is told; `heard.rs` and `evidence.rs` for what became of it.

pub mod board;
pub mod cutter;
pub mod debugger;
pub mod desk;
pub mod evidence;
pub mod faces;
pub mod heard;
pub mod mosquitto;
pub mod player;
pub mod programs;
pub mod tamperer;
pub mod time_server;
pub mod timetable;
