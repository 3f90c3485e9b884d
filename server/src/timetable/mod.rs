<<<<<<< HEAD
//! Timetables at the desk: what people write (cron text, zone names) turned into what players evaluate.
//! Decides what is understood and how it is read back to people. Which instants fire is
//! `loa_domain::timetable`; docs/cron.md states the rules for operators.
//! Next: `cron.rs` (text to bit sets), `zone.rs` (zone name to offsets), `sentence.rs` (bit sets to a sentence).

pub mod cron;
pub mod sentence;
pub mod zone;
=======
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
>>>>>>> content
