//! Stage 2, plan: orders worked out into cues, overlaps resolved, with the reason kept.
//!
//! `air.rs` is the rule by which cues meet; `build.rs` runs it over a window of time. What a reason is called in a
//! language people read stands in the catalogue.

pub mod air;
#[cfg(feature = "alloc")]
pub mod build;

use crate::id::CueId;
use crate::wire::{Decode, Encode};

/// Why a cue was not played in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Reason {
    /// Another cue had the air, or took it.
    #[n(0)]
    Overlap,
    /// Quiet hours.
    #[n(1)]
    QuietHours,
    /// It could only have begun too late.
    #[n(2)]
    Late,
    /// The player had no power, or its program did not run.
    #[n(3)]
    PowerOff,
    /// The clock stepped over it.
    #[n(4)]
    ClockStep,
    /// The player did not know the time.
    #[n(5)]
    ClockUnknown,
    /// A newer version of the order, or its end, took it off the timetable.
    #[n(6)]
    Superseded,
    /// The order was revoked.
    #[n(7)]
    Revoked,
    /// Its content was not there.
    #[n(8)]
    ContentMissing,
    /// Its content could not be played.
    #[n(9)]
    ContentCorrupt,
    /// The sound card or the board did not work.
    #[n(10)]
    OutputLost,
    /// The player has no program that decodes this kind of content.
    #[n(11)]
    DecoderMissing,
    /// An officer stopped the order.
    #[n(12)]
    Stopped,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 13] = [
        Self::Overlap,
        Self::QuietHours,
        Self::Late,
        Self::PowerOff,
        Self::ClockStep,
        Self::ClockUnknown,
        Self::Superseded,
        Self::Revoked,
        Self::ContentMissing,
        Self::ContentCorrupt,
        Self::OutputLost,
        Self::DecoderMissing,
        Self::Stopped,
    ];

    /// A stable name for files and the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::QuietHours => "quiet-hours",
            Self::Late => "late",
            Self::PowerOff => "power-off",
            Self::ClockStep => "clock-step",
            Self::ClockUnknown => "clock-unknown",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
            Self::ContentMissing => "content-missing",
            Self::ContentCorrupt => "content-corrupt",
            Self::OutputLost => "output-lost",
            Self::DecoderMissing => "decoder-missing",
            Self::Stopped => "stopped",
        }
    }
}

/// A reason, and the cue that it met where it met one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Why {
    /// The reason.
    #[n(0)]
    pub reason: Reason,
    /// The other cue.
    #[n(1)]
    pub by: Option<CueId>,
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        Self { reason, by: None }
    }
}
