//! domain
#![no_std]

pub mod list;
pub mod time;
pub mod timetable;
