//! A slide as it travels: text, for boards to draw.
//!
//! Laid out by the board that shows it; how it is drawn is the shell's. The text is in NFC: boards' fonts have no
//! combining marks.

use crate::timetable::audience::Language;
use crate::wire::{Decode, Encode, Text};

/// A slide of text. For how long it shows stands in the order that airs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Slide {
    /// A short line above; may be empty.
    #[n(0)]
    pub title: Text<120>,
    /// The text; lines are broken where they must be, and where it says so.
    #[n(1)]
    pub body: Text<600>,
    /// Its language.
    #[n(2)]
    pub language: Language,
}
