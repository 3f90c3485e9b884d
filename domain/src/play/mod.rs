//! Stage 4, play: what a player does as time passes.
//!
//! `due.rs` decides which cues come due, across power cuts and clock steps; `player.rs` carries each cue from the
//! opening of its proof to its end. The shells give sound and light; nothing here does I/O.

pub mod due;
mod live;
pub mod player;
pub mod slide;
mod surface;

pub use crate::class;
