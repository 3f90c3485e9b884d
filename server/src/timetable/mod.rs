//! Stage 1 at the desk: what is to be aired where and when, as people write it, made into what players evaluate.
//!
//! In reading order: [`model`] (what a timetable is), [`read`] (TOML files become one), [`problem`] (what a fault says),
//! [`cron`] (text to bit sets), [`zone`] (zone name to offsets), [`sentence`] (bit sets to a sentence), [`compile`]
//! (entries to orders and players), [`kept`] (entries in the store), [`apply`] (what would change). Which instants fire
//! is `loa_domain::timetable`; `docs/cron.md` states the rules for operators.

pub mod apply;
pub mod compile;
pub mod cron;
pub mod date;
pub mod kept;
pub mod limits;
pub mod model;
pub mod problem;
pub mod read;
pub mod sentence;
pub mod zone;
