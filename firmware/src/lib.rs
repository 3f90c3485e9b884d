//! The LED board on a microcontroller: no standard library, no allocator, no I/O, no clock.
//!
//! The rules are the same as everywhere (`loa_domain`); here stands what a board adds to them. [`table`] holds the
//! timetable in force and the slides of its orders in a fixed space; [`screen`] decides which slide is up and for how
//! long it was; [`board`] joins both to the player and is what a board's program drives: it hands in the time and what
//! the flash and the panel did, and is given what to write, what to show and when to call again. Drivers, network and
//! the drawing of slides are not here.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod board;
pub mod screen;
pub mod table;

pub use board::{Board, Output};
pub use table::Table;
