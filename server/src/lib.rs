//! server

pub mod timetable;
