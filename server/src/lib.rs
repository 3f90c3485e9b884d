<<<<<<< HEAD
//! The desk: turns timetables into signed orders, brings them to the players, and keeps what they prove.
//!
//! Read in this order: [`timetable`] → `plan` → [`delivery`] → `proof`, the stages of a broadcast, as in `domain`.

pub mod delivery;
=======
//! server
<<<<<<< HEAD
>>>>>>> content
pub mod timetable;
=======

pub mod delivery;
>>>>>>> media
