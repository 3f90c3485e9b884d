//! What stands on a board of lamps: slides, faces and letters, drawn the same by every program.
//!
//! No standard library, no allocator, no clock: players, microcontrollers and previews hand in the board's kind, the
//! slide, the moment and a target of `embedded-graphics`. In reading order: [`letters`] are the fonts, [`wrap`] breaks
//! text into lines, [`layout`] decides where everything of a slide stands, [`moment`] which of its faces is due,
//! [`draw`] draws it, with [`picture`], [`code`] and [`quiet`] (the face between programmes), in colours that the
//! lamps can show ([`ink`]), on a [`canvas`] or any other target; [`drill`] marks what is no alarm.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod canvas;
pub mod code;
pub mod draw;
pub mod drill;
pub mod ink;
pub mod layout;
pub mod letters;
pub mod moment;
mod pages;
pub mod picture;
pub mod quiet;
pub mod shape;
pub mod text;
pub mod when;
pub mod wrap;

pub use canvas::Canvas;
pub use draw::draw_slide;
pub use drill::{draw_drill_notice, draw_drill_strip, drill_room};
pub use layout::{Layout, lay_out};
pub use moment::Moment;
pub use quiet::{count_turns, draw_quiet};
pub use when::When;

#[cfg(test)]
mod golden;
