//! What is to be aired where and when, as people write it: the first stage, timetable → plan → delivery → play →
//! proof → audit.
//!
//! In reading order: `model` (what a timetable is), `read` (TOML files become one), `problem` (what a fault says).
//! It does not work out cues; that is the plan's.

pub mod date;
pub mod limits;
pub mod model;
pub mod problem;
pub mod read;
