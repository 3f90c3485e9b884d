//! The LED board on a microcontroller: no standard library, no allocator, no I/O, no clock.
//!
//! The rules are the same as everywhere (`loa_domain`); here stands what a board adds to them, in reading order:
//! [`run`] is the whole board, driven by its program, which hands in the time, the bytes that came and a flash, and is
//! told what to show. [`board`], [`screen`] and [`table`] join the player's rules to slides in a fixed space; [`store`],
//! [`shelf`] and [`chain`] keep what must last on a NOR [`flash`]; [`link`] is MQTT, [`inbox`] and [`courier`] what is said
//! over it, [`incoming`], [`bundle`] and [`fetch`] how a release arrives; [`wall`] and [`sntp`] are what time it is;
//! [`paint`] draws what is due with the crate `board`; [`page`] is what a board is given when it is set up. Drivers and TCP
//! are not here.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod board;
pub mod bundle;
pub mod chain;
pub mod courier;
pub mod fetch;
pub mod flash;
pub mod inbox;
pub mod incoming;
pub mod link;
pub mod page;
pub mod paint;
pub mod run;
pub mod screen;
pub mod shelf;
pub mod sntp;
pub mod store;
pub mod table;
pub mod wall;

pub use board::{Board, Output};
pub use run::Device;
pub use table::Table;
