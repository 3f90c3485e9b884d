//! server
pub mod timetable;
