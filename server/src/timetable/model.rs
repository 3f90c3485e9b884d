//! Decides what a timetable is once it has been read: places, boards, players, campaigns, clips, templates, slides,
//! programmes, orders.
//!
//! Every reference has been checked and every bare place code resolved; cron texts have passed the reader's checker
//! but are still text, because turning them into bit sets needs a zone (`cron.rs`, `zone.rs`). Nothing here knows
//! TOML or disks. Kinds of boards stand in `model/board.rs`, slides in `model/slide.rs`. Next: `read.rs` fills these
//! types.

mod board;
mod slide;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::date::{Date, DayOfYear, LocalTime, QuietHours};
pub use board::{BoardChoice, BoardClass, BoardSize, Brightness, Colours};
pub use slide::{Align, Colour, Countdown, Enter, Filled, Look, Shows, Slide, Template};

/// Everything the files said, each list in the order of the files.
#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub struct Timetable {
    /// Nodes of the area tree.
    pub places: Vec<Place>,
    /// Kinds of boards.
    pub boards: Vec<BoardClass>,
    /// Loudspeakers and boards.
    pub players: Vec<Player>,
    /// What orders count towards in reports.
    pub campaigns: Vec<Campaign>,
    /// Pieces of audio, still files as they were recorded.
    pub clips: Vec<Clip>,
    /// Slides with fields to fill in.
    pub templates: Vec<Template>,
    /// What boards show.
    pub slides: Vec<Slide>,
    /// Ordered lists of clips and slides.
    pub programmes: Vec<Programme>,
    /// Which programme airs where, when and in which class.
    pub orders: Vec<Order>,
}

/// Where an entry was written, for messages of later stages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The file as it was named to the reader.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Default for Origin {
    /// Nowhere: an entry that was read back from the store.
    fn default() -> Self {
        Self { file: Arc::from("store"), line: 1, column: 1 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Which place is meant. Administrative codes are reused after mergers, so the code alone says too little.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceKey {
    /// Administrative code, or one of the commune's own for a village.
    pub code: String,
    /// First day the code meant this place.
    pub valid_from: Date,
}

impl fmt::Display for PlaceKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.code, self.valid_from)
    }
}

/// A node of the area tree: province › commune › village, to any depth.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Place {
    /// Code and first day.
    pub key: PlaceKey,
    /// Name for people, NFC.
    pub name: String,
    /// The place it belongs to.
    pub parent: Option<PlaceKey>,
    /// IANA time zone of its own; without one the parent's holds.
    pub zone: Option<String>,
    /// Quiet hours of its own (an empty list: none); without them the parent's hold.
    pub quiet: Option<Vec<QuietHours>>,
    /// The places it was made from.
    pub predecessors: Vec<PlaceKey>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// What a player can do.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Airs the clips of a programme.
    Speaker,
    /// Shows the slides of a programme.
    Board,
}

/// A device with a key, at one place.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Player {
    /// `[a-z0-9-]`, at most [`super::limits::ID`] characters.
    pub id: String,
    /// Name for people, NFC.
    pub name: String,
    /// Loudspeaker or board.
    pub kind: Kind,
    /// Where it stands.
    pub place: PlaceKey,
    /// Labels orders can name.
    pub tags: Vec<String>,
    /// BCP 47 tags of what is spoken where it stands.
    pub languages: Vec<String>,
    /// Per cent; loudspeakers only.
    pub volume: Option<u8>,
    /// Its size or its class; always there for a board, never for a loudspeaker.
    pub board: Option<BoardChoice>,
    /// `ed25519:` and 32 bytes in Base64, if it was enrolled by hand.
    pub key: Option<String>,
    /// Quiet hours on top of its place's.
    pub quiet: Vec<QuietHours>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// What orders count towards in reports.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Campaign {
    /// `[a-z0-9-]`.
    pub id: String,
    /// Name for people, NFC.
    pub name: String,
    /// The decision it rests on, such as `1079/QĐ-TTg`.
    pub decision: Option<String>,
    /// First day that counts.
    pub from: Option<Date>,
    /// Last day that counts.
    pub until: Option<Date>,
    /// When the yearly report is due.
    pub report_due: Option<DayOfYear>,
    /// The categories its programmes may have; empty: any.
    pub categories: Vec<String>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// A piece of audio as it was recorded; its rendition and hash come when it is taken in.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Clip {
    /// `[a-z0-9-]`.
    pub id: String,
    /// The file, resolved against the folder of the timetable that names it.
    pub file: PathBuf,
    /// Title for people, NFC.
    pub title: String,
    /// BCP 47; `None` for music and sirens, which have none.
    pub language: Option<String>,
    /// Category for reports.
    pub category: Option<String>,
    /// Keep it as FLAC on the players instead of Ogg Vorbis.
    pub lossless: bool,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// One entry of a programme.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
pub enum Item {
    /// A clip, by its id.
    Clip(String),
    /// A slide, by its id.
    Slide(String),
}

/// An ordered list of clips and slides. Loudspeakers take its clips, boards its slides.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Programme {
    /// `[a-z0-9-]`.
    pub id: String,
    /// Title for people, NFC.
    pub title: String,
    /// What it airs, in order; never empty.
    pub items: Vec<Item>,
    /// BCP 47.
    pub language: Option<String>,
    /// Category for reports.
    pub category: Option<String>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

impl Programme {
    /// Whether a player of this kind has anything to air from it.
    #[must_use]
    pub fn has_for(&self, kind: Kind) -> bool {
        self.items.iter().any(|item| match item {
            Item::Clip(_) => kind == Kind::Speaker,
            Item::Slide(_) => kind == Kind::Board,
        })
    }
}

/// The three classes of Circular 39/2020/TT-BTTTT. The order of the variants is the order of their rank.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Class {
    /// Aired when the air is free.
    #[default]
    Normal,
    /// Aired before normal ones.
    Priority,
    /// Aired at once, also in quiet hours.
    Emergency,
}

/// Who hears an order. A list is "any of these"; the fields are "and". Never empty as a whole.
#[derive(Serialize, Deserialize, Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// These places and everything below them.
    pub places: Vec<PlaceKey>,
    /// Players with one of these tags.
    pub tags: Vec<String>,
    /// These players.
    pub players: Vec<String>,
    /// Players of these kinds.
    pub kinds: Vec<Kind>,
    /// Players that list one of these languages.
    pub languages: Vec<String>,
}

/// Whether an order counts.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// It is aired at its times.
    #[default]
    Live,
    /// It is aired at its times, and players say before and after that it is a drill.
    Drill,
    /// It is not aired until an officer activates it; it has no times.
    Template,
}

impl Form {
    fn is_live(&self) -> bool {
        *self == Self::Live
    }
}

/// What to do when the moment has passed, say because the power was off.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Late {
    /// Start where the programme would be by now.
    #[default]
    Join,
    /// Start from the beginning.
    Restart,
    /// Do not start.
    Skip,
}

/// What becomes of a programme that a higher class has cut.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WhenCut {
    /// Go on where it was cut.
    Resume,
    /// Leave it.
    #[default]
    Drop,
}

/// A cron expression that has passed the reader's checker.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct CronText {
    /// Five fields, or six with leading seconds.
    pub text: String,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// "Air this programme, on these players, at these times, in this class."
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Order {
    /// `[a-z0-9-]`.
    pub id: String,
    /// The programme's id.
    pub programme: String,
    /// Whether it counts. Left out of what is kept where it does: so it was before there were others.
    #[serde(default, skip_serializing_if = "Form::is_live")]
    pub form: Form,
    /// The campaign's id.
    pub campaign: Option<String>,
    /// Its rank on the air.
    pub class: Class,
    /// Who hears it.
    pub to: Audience,
    /// Cron expressions in the place's wall time, at most [`super::limits::CRONS`].
    pub at: Vec<CronText>,
    /// Single moments in the place's wall time.
    pub once: Vec<LocalTime>,
    /// First day, local.
    pub from: Option<Date>,
    /// Last day, local, inclusive.
    pub until: Option<Date>,
    /// Days on which it does not air.
    pub except: Vec<Date>,
    /// What to do when late.
    pub late: Late,
    /// How late it may still start, seconds; `None`: as long as the programme lasts.
    pub late_limit_seconds: Option<u32>,
    /// How long it may wait for the air, seconds.
    pub wait_seconds: u32,
    /// What to do when cut.
    pub when_cut: WhenCut,
    /// Per cent, instead of the player's own.
    pub volume: Option<u8>,
    /// Title for people, NFC.
    pub title: Option<String>,
    /// Why it was ordered, for the log.
    pub reason: Option<String>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}
