//! What a timetable says of slides: their texts, what else they show, how they look; and templates that many are made of.
//!
//! What is not said is not written to the store, so that a slide of text alone is kept as it always was. How a slide
//! becomes bytes for boards is decided in `server/src/play`. Back to: `model.rs`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Origin;
use crate::timetable::date::LocalTime;

/// What boards show for a while.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Slide {
    /// `[a-z0-9-]`.
    pub id: String,
    /// Heading, NFC; may be empty where something else is shown.
    pub title: String,
    /// Text below it, NFC; lines are separated by `\n`; may be empty where something else is shown.
    pub body: String,
    /// How long it stays, seconds; a video for which none are said, as long as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// BCP 47.
    pub language: Option<String>,
    /// What it shows besides its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shows>,
    /// How it looks.
    #[serde(default, skip_serializing_if = "Look::is_plain")]
    pub look: Look,
    /// What it was made of, when it was made of a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled: Option<Filled>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// What a slide shows besides its text.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub enum Shows {
    /// A picture's file, resolved against the folder of the timetable that names it.
    Picture(PathBuf),
    /// The text of a code to scan.
    Code(String),
    /// The time of day.
    Clock,
    /// How long it is until a moment.
    Countdown(Countdown),
    /// A video's file, resolved as a picture's is; there is no text beside it.
    Video(PathBuf),
}

/// A moment that is counted down to.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown {
    /// Wall time.
    pub to: LocalTime,
    /// The offset from UTC that it was written with, in minutes; without one the zone of the places holds.
    pub offset_minutes: Option<i16>,
}

/// How a slide looks, as far as boards can show it; what is not said is the board's choice.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(default)]
pub struct Look {
    /// Colour of the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Colour>,
    /// Colour of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Colour>,
    /// Colour behind both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Colour>,
    /// At which side lines stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub align: Option<Align>,
    /// Whether all of it runs through in one line.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ticker: bool,
    /// How it takes the place of what was up before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enter: Option<Enter>,
}

impl Look {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// Red, green, blue.
pub type Colour = [u8; 3];

/// At which side lines stand.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Middle,
    /// At the right.
    Right,
}

/// How a slide takes the place of what was up before.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enter {
    /// From left to right.
    Wipe,
    /// From below.
    Rise,
    /// Lamp by lamp.
    Dissolve,
}

/// A template and what its fields were filled with.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The template's id.
    pub template: String,
    /// Texts by field, NFC.
    pub fields: BTreeMap<String, String>,
}

/// A slide with fields, written `{field}`, that each slide made of it fills in.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Template {
    /// `[a-z0-9-]`.
    pub id: String,
    /// Heading with fields, NFC.
    pub title: String,
    /// Text with fields, NFC.
    pub body: String,
    /// The text of a code to scan, with fields.
    pub code: Option<String>,
    /// BCP 47, of slides that say none.
    pub language: Option<String>,
    /// How its slides look where they do not say otherwise.
    pub look: Look,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}
