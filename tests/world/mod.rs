//! The world outside, made to misbehave on purpose: lines that are cut, brokers that die.
//!
//! Next: `cutter.rs` for the line, `mosquitto.rs` for a broker that is not ours.

pub mod cutter;
pub mod mosquitto;
