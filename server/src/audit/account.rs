//! Expected versus heard, for any place, campaign, clip, player and period: what an account is.
//!
//! Every cue that was due ends under exactly one heading: heard (by level of evidence and outcome), missed (by reason),
//! or not reported (by what is known of why). What was due is worked out from the orders, players and places as they
//! were at that moment, so removing one today changes no answer about yesterday. Levels of evidence are never added up.
//! Read on in `account/past.rs` (who and what there was), `due.rs` (what was due), `matching.rs` (held against the
//! records), `gather.rs` (over a whole store, a month and a player at a time).

mod due;
mod gather;
mod matching;
mod past;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use loa_domain::id::PlayerId;
use loa_domain::play::player::Outcome;
use loa_domain::time::{Month, UtcMs};

use crate::store::Newest;
use crate::timetable::model::{Kind, PlaceKey};

pub use gather::{AccountError, account};

/// How many levels of evidence there are: E0 to E3.
pub const LEVELS: usize = 4;
/// The outcomes that have something heard in them, in the order in which they are counted.
pub const HEARD: [Outcome; 3] = [Outcome::Played, Outcome::Partial, Outcome::Interrupted];
/// How many different failures are kept apart. Beyond, a player's failures are kept by reason alone, so that an
/// account takes bounded memory whatever happened.
pub const FAILURES: usize = 100_000;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// From this moment on.
    pub from: UtcMs,
    /// Up to, but not including, this moment.
    pub until: UtcMs,
    /// As the desk knew it at this moment: what came or was changed later does not count.
    pub as_of: UtcMs,
    /// The IANA zone in which months begin.
    pub zone: String,
    /// A place's code, or code and first day (`24@2025-07-01`): it, all below it, and what it was made from.
    pub place: Option<String>,
    /// A campaign.
    pub campaign: Option<String>,
    /// A clip: the orders that air it.
    pub clip: Option<String>,
    /// A player.
    pub player: Option<String>,
    /// A player is silent when none of its due cues was reported for so many days.
    pub silent_days: u32,
}

/// Cues, and how much was heard of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub cues: u64,
    /// How much, in milliseconds.
    pub heard_ms: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.cues += other.cues;
        self.heard_ms += other.heard_ms;
    }
}

/// Cues of which there is no record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unreported {
    /// Later than the player's newest record: it may still come.
    pub awaited: u64,
    /// Before any timetable took effect on the player.
    pub no_timetable: u64,
    /// Though later records have come.
    pub unaccounted: u64,
}

impl Unreported {
    /// All of them.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.awaited + self.no_timetable + self.unaccounted
    }
}

/// What became of a number of cues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cues that were due.
    pub due: u64,
    /// How long they should have played, in milliseconds.
    pub due_ms: u64,
    /// What was heard, by level of evidence, then by outcome as in [`HEARD`].
    pub heard: [[Count; HEARD.len()]; LEVELS],
    /// What was missed, by the name of the reason; empty where the player gave none.
    pub missed: BTreeMap<&'static str, u64>,
    /// What was not reported.
    pub unreported: Unreported,
    /// Records beyond the first about one cue. They count nowhere else.
    pub doubled: u64,
    /// Cues of which the player played an earlier version of the order (counted above).
    pub other_version: u64,
    /// What players aired though it was not due (an order that had ended, say), by level of evidence.
    pub extra: [Count; LEVELS],
}

impl Tally {
    /// Adds another one to it.
    pub fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.due_ms += other.due_ms;
        for (mine, others) in self.heard.iter_mut().flatten().zip(other.heard.iter().flatten()) {
            mine.add(*others);
        }
        for (reason, cues) in &other.missed {
            *self.missed.entry(*reason).or_default() += cues;
        }
        self.unreported.awaited += other.unreported.awaited;
        self.unreported.no_timetable += other.unreported.no_timetable;
        self.unreported.unaccounted += other.unreported.unaccounted;
        self.doubled += other.doubled;
        self.other_version += other.other_version;
        for (mine, others) in self.extra.iter_mut().zip(&other.extra) {
            mine.add(*others);
        }
    }

    /// Cues with this outcome, at this level of evidence.
    #[must_use]
    pub fn at_level(&self, level: usize, outcome: Outcome) -> Count {
        let column = HEARD.iter().position(|heard| *heard == outcome);
        column.map_or_else(Count::default, |column| self.heard[level][column])
    }

    /// Cues with this outcome and at least decoding behind the claim (E1 or more): a command alone (E0) is no sound.
    #[must_use]
    pub fn sounded(&self, outcome: Outcome) -> u64 {
        (1..LEVELS).map(|level| self.at_level(level, outcome).cues).sum()
    }

    /// Cues that were missed, for whatever reason.
    #[must_use]
    pub fn missed_sum(&self) -> u64 {
        self.missed.values().sum()
    }

    /// How many of a thousand due cues were played to the end, with at least decoding behind the claim.
    #[must_use]
    pub fn played_per_mille(&self) -> Option<u64> {
        (self.due > 0).then(|| self.sounded(Outcome::Played) * 1000 / self.due)
    }

    /// Whether every due cue stands under exactly one heading.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let heard: u64 = self.heard.iter().flatten().map(|count| count.cues).sum();
        heard + self.missed_sum() + self.unreported.sum() == self.due
    }
}

/// A player in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerAccount {
    /// Its last name in the period.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it last stood in the period.
    pub place: PlaceKey,
    /// What became of its cues.
    pub tally: Tally,
    /// How far its records reach.
    pub newest: Option<Newest>,
    /// None of its due cues is reported from this one on, for longer than was asked.
    pub silent_since: Option<UtcMs>,
    /// When it was removed, if it was.
    pub removed: Option<UtcMs>,
}

/// What failed in the same way on the same player.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailureKey {
    /// Where the player stood.
    pub place: PlaceKey,
    /// The player.
    pub player: PlayerId,
    /// The order's name; empty where there were too many to keep apart.
    pub order: String,
    /// What became of the cues.
    pub what: What,
    /// Why: the name of a reason; may be empty.
    pub reason: &'static str,
}

/// How a cue failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Not begun.
    Missed,
    /// Begun late or resumed: a part was heard.
    Partial,
    /// Begun, and cut for good.
    Interrupted,
    /// Reported as commanded alone (E0).
    Commanded,
    /// No record, and it may still come.
    Awaited,
    /// No record: no timetable had taken effect.
    NoTimetable,
    /// No record, though later ones have come.
    Unaccounted,
}

impl What {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
            Self::Commanded => "commanded",
            Self::Awaited => "awaited",
            Self::NoTimetable => "no-timetable",
            Self::Unaccounted => "unaccounted",
        }
    }
}

/// How often something failed, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How many cues.
    pub cues: u64,
    /// The first one's planned time.
    pub first: UtcMs,
    /// The last one's planned time.
    pub last: UtcMs,
}

/// What a place was called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceNames {
    /// Its own name, and those above it, own name first.
    pub lineage: Vec<String>,
}

/// The account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Everything but drills.
    pub total: Tally,
    /// Drills: they count nowhere else.
    pub drills: Tally,
    /// By the place where the player stood, and the order's campaign (may be empty).
    pub rows: BTreeMap<(PlaceKey, String), Tally>,
    /// By month on the clock of the question's zone.
    pub months: BTreeMap<Month, Tally>,
    /// By kind of player and language; empty where a programme does not say one.
    pub languages: BTreeMap<(Kind, String), Tally>,
    /// By kind of player and category; empty where a programme does not say one.
    pub categories: BTreeMap<(Kind, String), Tally>,
    /// By player.
    pub players: BTreeMap<PlayerId, PlayerAccount>,
    /// What failed.
    pub failures: BTreeMap<FailureKey, Failure>,
    /// The places of `rows` and `failures`.
    pub places: BTreeMap<PlaceKey, PlaceNames>,
    /// Names of the campaigns of `rows`.
    pub campaigns: BTreeMap<String, String>,
}

impl Account {
    /// When the newest record came that it rests on.
    #[must_use]
    pub fn newest_received(&self) -> Option<UtcMs> {
        self.players.values().filter_map(|player| Some(player.newest?.received)).max()
    }

    /// Players that had something due, and how many of them owe nothing.
    #[must_use]
    pub fn completeness(&self) -> (usize, usize) {
        let due = self.players.values().filter(|player| player.tally.due > 0);
        due.fold((0, 0), |(all, whole), player| (all + 1, whole + usize::from(player.tally.unreported.sum() == 0)))
    }
}
