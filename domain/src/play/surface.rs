//! What goes into a player and what comes out of it: the time, the timetable, what the loudspeaker says, what to do.
//!
//! It decides nothing. The rules that turn the one into the other are in `player.rs`.

use crate::id::CueId;
use crate::plan::Reason;
use crate::plan::air::Hours;
use crate::play::due::Rule;
use crate::play::live::{Closed, Opened};
use crate::time::{Offsets, QuietHours, UtcMs};

/// How long a cut fades, in milliseconds: no click, and an emergency is not kept waiting.
pub const FADE_MS: u32 = 50;

/// The time, read once for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never steps.
    pub mono_ms: u64,
    /// The wall clock.
    pub utc: UtcMs,
}

/// The timetable in force.
#[derive(Clone, Copy, Debug)]
pub struct Timetable<'a> {
    /// Its orders, in the order that breaks ties.
    pub rules: &'a [Rule],
    /// The zone.
    pub offsets: &'a Offsets,
    /// Quiet hours, the place's and the player's own.
    pub quiet: &'a QuietHours,
    /// A wall clock before this is wrong.
    pub issued: UtcMs,
    /// Nothing is due from here on.
    pub expires: UtcMs,
    /// Volume in percent, for orders that set none.
    pub volume: u8,
}

impl Timetable<'_> {
    pub(super) fn hours(&self) -> Hours<'_> {
        Hours { quiet: self.quiet, offsets: self.offsets }
    }
}

/// What the loudspeaker or board says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A play began, at this wall-clock time.
    Began {
        /// The cue.
        cue: CueId,
        /// When.
        at: UtcMs,
    },
    /// So much of the present play was heard.
    Heard {
        /// The cue.
        cue: CueId,
        /// Milliseconds.
        heard_ms: u32,
    },
    /// The play is over: ended, stopped, or given up.
    Over {
        /// The cue.
        cue: CueId,
        /// Milliseconds heard in this play.
        heard_ms: u32,
        /// What went wrong, if something did.
        flaw: Option<Reason>,
    },
}

/// What the shell must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Write: this cue's proof is open. When the batch is durable, call [`super::player::Player::durable`].
    Open(Opened),
    /// Get this cue's content ready.
    Prepare(CueId),
    /// Write: so much was heard by now.
    Progress(Opened),
    /// Play, from this position of the programme, beginning at this wall-clock time.
    Play {
        /// The cue.
        cue: CueId,
        /// When the first sample sounds.
        at: UtcMs,
        /// From where in the programme, in milliseconds.
        position_ms: u32,
        /// Volume in percent.
        volume: u8,
    },
    /// Stop it, fading over [`FADE_MS`], then say that it is over.
    Stop {
        /// The cue.
        cue: CueId,
    },
    /// Write: what became of a cue; its opening goes.
    Close(Closed),
    /// Write: the clock stepped.
    Stepped {
        /// By how many milliseconds.
        by_ms: i64,
        /// To which time.
        to: UtcMs,
    },
    /// Write: what is settled changed ([`super::player::Player::due`]).
    KeepDue,
}
