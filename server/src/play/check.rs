//! What of a slide cannot be read or seen on the boards that show it: told before anything is signed.
//!
//! Letters that boards have not are refused when the timetable is read; here is what depends on the board. Which of it
//! is a warning and which stops an order: a code that none of the boards can show stops it. Next: `face.rs`.

use loa_board::lay_out;
use loa_board::layout::Lack;
use loa_board::letters::Font;
use loa_domain::play::slide::Slide;

use super::audience::Seen;

/// Whether boards have a picture of a letter; blanks and line ends need none.
#[must_use]
pub fn has_picture(letter: char) -> bool {
    matches!(letter, ' ' | '\n') || Font::Small.has(letter)
}

/// How a slide does on a kind of board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// What people call the kind.
    pub board: String,
    /// How many players have it.
    pub players: usize,
    /// How many pages it takes.
    pub pages: u32,
    /// Whether it runs through in one line.
    pub runs: bool,
    /// How long it takes to read once, in milliseconds.
    pub read_ms: u64,
    /// How long it stands, in milliseconds.
    pub stands_ms: u64,
    /// How many lamps its code needs either way, where there are fewer.
    pub code_needs_px: Option<u32>,
}

impl Fit {
    /// Of a slide that stands for so long, on a kind of board.
    #[must_use]
    pub fn of(slide: &Slide, stands_ms: u64, seen: &Seen) -> Self {
        let layout = lay_out(slide, &seen.class);
        let code_needs_px = match layout.lacks() {
            Some(Lack::Code { needs_px }) => Some(needs_px),
            _ => None,
        };
        Self {
            board: seen.name.clone(),
            players: seen.players,
            pages: layout.pages(),
            runs: layout.period_px().is_some(),
            read_ms: layout.read_ms(),
            stands_ms,
            code_needs_px,
        }
    }

    /// Whether the slide is gone before it can be read. A single page that stands still is read at a glance.
    #[must_use]
    pub fn is_too_short(&self) -> bool {
        (self.runs || self.pages > 1) && self.read_ms > self.stands_ms
    }

    /// Whether there is something to tell.
    #[must_use]
    pub fn is_poor(&self) -> bool {
        self.is_too_short() || self.code_needs_px.is_some()
    }
}
