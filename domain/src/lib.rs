//! Every rule of Loa. No standard library, no clock, no files, no network: time and messages are handed in, decisions
//! come out. The same rules run at the desk, in the Linux player and on a microcontroller.
//!
//! Read in this order. Ground: [`limits`], [`id`], [`time`], [`wire`], [`written`], [`keys`], [`class`]. Then the stages of a broadcast:
//! [`timetable`] → [`plan`] → [`delivery`] → [`play`] → [`proof`] → [`audit`]. A stage uses the ground and the stages before it,
//! never one behind it. [`message`] is what desk and player say to each other.
#![no_std]

// What `#[derive(Decode)]` writes names this crate, here too.
#[cfg(feature = "alloc")]
extern crate alloc;
extern crate self as loa_domain;
#[cfg(test)]
extern crate std;

pub mod class;
pub mod id;
pub mod keys;
pub mod limits;
pub mod message;
pub mod time;
pub mod wire;
pub mod written;

pub mod audit;
pub mod delivery;
pub mod plan;
pub mod play;
pub mod proof;
pub mod timetable;
