//! One cue between the opening of its proof and its end: what was heard, and what that makes of it.
//!
//! It does not decide who has the air (`plan/air.rs`) nor when (`player.rs`).

use crate::id::CueId;
use crate::limits;
use crate::plan::air::Firing;
use crate::plan::{Reason, Why};
use crate::time::UtcMs;
use crate::wire::{Decode, Encode};

/// What became of a cue. Every cue gets exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Outcome {
    /// Heard from beginning to end, within half a second.
    #[n(0)]
    Played,
    /// Begun, and not all of it was heard.
    #[n(1)]
    Partial,
    /// Cut by something of higher right.
    #[n(2)]
    Interrupted,
    /// Not begun.
    #[n(3)]
    Missed,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 4] = [Self::Played, Self::Partial, Self::Interrupted, Self::Missed];

    /// A stable name for files and the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Played => "played",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
            Self::Missed => "missed",
        }
    }
}

/// The write-ahead record of a cue: on disk before its first sample sounds, gone when its proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Opened {
    /// The cue.
    #[n(0)]
    pub cue: CueId,
    /// How long it should play, in milliseconds.
    #[n(1)]
    pub length_ms: u32,
    /// When it began to sound, if it has.
    #[n(2)]
    pub began: Option<UtcMs>,
    /// What was heard of it at least, in milliseconds.
    #[n(3)]
    pub heard_ms: u32,
}

/// What became of a cue, ready to be put on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Closed {
    /// The cue.
    #[n(0)]
    pub cue: CueId,
    /// What became of it.
    #[n(1)]
    pub outcome: Outcome,
    /// Why not all of it, where so.
    #[n(2)]
    pub why: Option<Why>,
    /// When it began to sound.
    #[n(3)]
    pub began: Option<UtcMs>,
    /// When it ended.
    #[n(4)]
    pub ended: Option<UtcMs>,
    /// How long it should have played, in milliseconds.
    #[n(5)]
    pub length_ms: u32,
    /// How much of it was heard, in milliseconds.
    #[n(6)]
    pub heard_ms: u32,
    /// Volume in percent.
    #[n(7)]
    pub volume: u8,
}

/// How a cue ended on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// At its end.
    Whole,
    /// Taken off.
    Cut(Why),
    /// Never on.
    Missed(Why),
}

/// A cue with an open proof.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    pub(super) firing: Firing,
    /// Handed to the air.
    pub(super) in_air: bool,
    /// Its opening is on disk.
    pub(super) durable: bool,
    /// A start that waits for the disk: when, and from where in the programme.
    pub(super) start: Option<(UtcMs, u32)>,
    /// A stop that waits for its time: a cut is known before its instant.
    pub(super) stop: Option<UtcMs>,
    /// Plays that the shell was told of and has not said that they are over. Two, when it goes on right after a cut.
    pub(super) plays: u8,
    /// It joined a programme that should have begun before.
    pub(super) joined: bool,
    pub(super) began: Option<UtcMs>,
    /// Heard in plays that are over, in milliseconds.
    pub(super) base_ms: u32,
    /// Heard in the play that sounds, in milliseconds.
    pub(super) current_ms: u32,
    pub(super) flaw: Option<Reason>,
    pub(super) ending: Option<(UtcMs, Ending)>,
    /// Until when the shell may say that it is over, in monotonic milliseconds.
    pub(super) patience_ms: Option<u64>,
}

impl Live {
    pub(super) fn new(firing: Firing) -> Self {
        Self {
            firing,
            in_air: false,
            durable: false,
            start: None,
            stop: None,
            plays: 0,
            joined: false,
            began: None,
            base_ms: 0,
            current_ms: 0,
            flaw: None,
            ending: None,
            patience_ms: None,
        }
    }

    /// A cue that was open when the power went.
    pub(super) fn reopened(firing: Firing, opened: &Opened) -> Self {
        let flaw = opened.began.map(|_| Reason::PowerOff);
        let began = opened.began;
        Self { durable: true, began, base_ms: opened.heard_ms, flaw, ..Self::new(firing) }
    }

    pub(super) fn is_sounding(&self) -> bool {
        self.plays > 0
    }

    pub(super) fn heard_ms(&self) -> u32 {
        self.base_ms.saturating_add(self.current_ms).min(self.firing.length_ms)
    }

    pub(super) fn opened(&self) -> Opened {
        let Firing { cue, length_ms, .. } = self.firing;
        Opened { cue, length_ms, began: self.began, heard_ms: self.heard_ms() }
    }

    /// What became of it, given how it ended.
    pub(super) fn close(&self, at: UtcMs, ending: Ending, volume: u8) -> Closed {
        let Firing { cue, length_ms, cause, .. } = self.firing;
        let heard_ms = self.heard_ms();
        let whole = i64::from(heard_ms) + limits::ON_TIME_MS >= i64::from(length_ms);
        let why_partial = || {
            let joined = self.joined.then(|| cause.unwrap_or(Reason::Late));
            Why::from(self.flaw.or(joined).unwrap_or(Reason::OutputLost))
        };
        let (outcome, why) = match ending {
            // One that was heard before a power cut, and did not get the air again.
            Ending::Missed(_) if self.began.is_some() => (Outcome::Partial, Some(why_partial())),
            Ending::Missed(why) => (Outcome::Missed, Some(why)),
            // A flaw that left nothing to hear is no play.
            _ if self.began.is_none() => (Outcome::Missed, Some(self.unheard(ending))),
            Ending::Cut(why) => match self.flaw {
                Some(flaw) if why.by.is_none() && why.reason == flaw => (Outcome::Partial, Some(why)),
                _ => (Outcome::Interrupted, Some(why)),
            },
            Ending::Whole if whole && self.flaw.is_none() => (Outcome::Played, None),
            Ending::Whole => (Outcome::Partial, Some(why_partial())),
        };
        let ended = self.began.map(|began| match ending {
            Ending::Missed(_) => began.plus_ms(i64::from(heard_ms)),
            _ => at.max(began),
        });
        Closed { cue, outcome, why, began: self.began, ended, length_ms, heard_ms, volume }
    }

    fn unheard(&self, ending: Ending) -> Why {
        match ending {
            Ending::Cut(why) | Ending::Missed(why) => why,
            Ending::Whole => self.flaw.unwrap_or(Reason::OutputLost).into(),
        }
    }
}
