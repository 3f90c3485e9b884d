//! A whole board through its public surface: set up, told the time, given a timetable, cut off, lied to, worn.
//!
//! Its desk, its broker and its flash are in `world`; here is only what must come of it. One file for each kind of day:
//! `day.rs`, `officers.rs`, `power.rs`, `strangers.rs`, `incidents.rs`, `content.rs`, `log.rs`, `shared.rs`, `time.rs`.

mod content;
mod day;
mod incidents;
mod log;
mod officers;
mod power;
mod shared;
mod strangers;
mod time;
mod world;
