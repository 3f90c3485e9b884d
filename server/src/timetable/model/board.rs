//! What a timetable says of boards: their size, what their lamps can show, how they hang, how bright they are.
//!
//! What is drawn on them is decided in the crate `board`. Next: `slide.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Origin;

/// Size of a board in lamps, as it is read.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BoardSize {
    /// Lamps across.
    pub width: u16,
    /// Lamps down.
    pub height: u16,
}

impl fmt::Display for BoardSize {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}x{}", self.width, self.height)
    }
}

/// What a player says of its board.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
#[serde(untagged)]
pub enum BoardChoice {
    /// Its size; it has one colour.
    Size(BoardSize),
    /// The id of a class.
    Class(String),
}

/// What the lamps of a board can show, from the fewest colours to the most.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colours {
    /// One colour.
    Mono,
    /// Red, green, and both together.
    RedGreen,
    /// Sixteen greys.
    Grey16,
    /// 65,536 colours.
    Rgb565,
    /// All colours of a screen.
    Rgb888,
}

/// From a time of day on, so bright.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Brightness {
    /// Minutes after midnight, local.
    pub from_minute: u16,
    /// Per cent.
    pub percent: u8,
}

/// A kind of board, that many players may have.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct BoardClass {
    /// `[a-z0-9-]`; never in the form of a size.
    pub id: String,
    /// How large it is.
    pub size: BoardSize,
    /// What its lamps can show.
    pub colours: Colours,
    /// By how many degrees what it shows is turned, clockwise: 0, 90, 180 or 270.
    pub rotation: u16,
    /// How bright it is at which hour, in order of time; empty: as bright as it can be, always.
    pub brightness: Vec<Brightness>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}
