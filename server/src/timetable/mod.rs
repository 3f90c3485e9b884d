//! Timetables at the desk: what people write (cron text, zone names) turned into what players evaluate.
//! Decides what is understood and how it is read back to people. Which instants fire is
//! `loa_domain::timetable`; docs/cron.md states the rules for operators.
//! Next: `cron.rs` (text to bit sets), `zone.rs` (zone name to offsets), `sentence.rs` (bit sets to a sentence).

pub mod cron;
pub mod sentence;
pub mod zone;
