//! What stands on a board of lamps: slides, faces and letters, drawn the same by every program.
//!
//! No standard library, no allocator, no clock: players, microcontrollers and previews hand in the size, the text and the
//! moment. In reading order: [`wrap`] breaks text into lines.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod wrap;
