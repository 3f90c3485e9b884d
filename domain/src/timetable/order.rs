//! An order: air this programme, on these players, at these times, in this class.
//!
//! It names its content by hash, and is itself known by the hash of its bytes; once signed it never changes, it is
//! only superseded or revoked. How orders share the air is decided in `plan/air.rs`; when they fire, in `recur.rs`.

use crate::id::{Hash, Name};
use crate::limits;
use crate::time::UtcMs;
use crate::timetable::Timing;
use crate::timetable::audience::{Audience, Kind};
use crate::wire::{Decode, Encode, List};

/// How an order stands against others (the three message classes of Circular 39/2020/TT-BTTTT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Class {
    /// The commune chooses whether to air it.
    #[n(0)]
    Normal,
    /// Aired with preference.
    #[n(1)]
    Priority,
    /// Aired at once, in quiet hours too.
    #[n(2)]
    Emergency,
}

/// What happens when a player can only begin after the planned time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Late {
    /// Begins where it would be by now.
    #[n(0)]
    Join,
    /// Begins at the beginning.
    #[n(1)]
    Restart,
    /// Is not aired.
    #[n(2)]
    Skip,
}

/// What happens to a cue that a higher one cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum WhenCut {
    /// It goes on where it was cut, once the air is free.
    #[n(0)]
    Resume,
    /// It is over.
    #[n(1)]
    Drop,
}

/// One piece of a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Item {
    /// Who plays it: a clip for speakers, a slide for boards.
    #[n(0)]
    pub kind: Kind,
    /// The content's SHA-256.
    #[n(1)]
    pub content: Hash,
    /// The content's size in bytes.
    #[n(2)]
    pub size: u32,
    /// How long it plays, in milliseconds.
    #[n(3)]
    pub length_ms: u32,
}

/// How an order behaves on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Manner {
    /// Its class.
    #[n(0)]
    pub class: Class,
    /// When it can only begin late.
    #[n(1)]
    pub late: Late,
    /// How late it may still begin, in milliseconds.
    #[n(2)]
    pub late_limit_ms: u32,
    /// How long it may wait for the air, in milliseconds.
    #[n(3)]
    pub wait_ms: u32,
    /// When a higher one cuts it.
    #[n(4)]
    pub when_cut: WhenCut,
    /// Its volume in percent of the player's, where the order sets one.
    #[n(5)]
    pub volume: Option<u8>,
}

/// What an order is signed as. Each has a purpose of its own, so no signature for one counts for another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Form {
    /// It is aired at its times.
    #[default]
    #[n(0)]
    Live,
    /// It is aired at its times as a drill: players say so before and after.
    #[n(1)]
    Drill,
    /// It waits, with all it airs on every player's disk, until one officer activates it. It has no times of its own.
    #[n(2)]
    Template,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Order {
    /// What signing it means. It comes first, because what the signatures were made for depends on it.
    #[n(0)]
    pub form: Form,
    /// Its name, which a later version of it keeps.
    #[n(1)]
    pub id: Name,
    /// What it counts towards in reports; may be empty.
    #[n(2)]
    pub campaign: Name,
    /// The programme's name.
    #[n(3)]
    pub programme: Name,
    /// When it was made, which tells two versions of one order apart.
    #[n(4)]
    pub made: UtcMs,
    /// Whom it is for.
    #[n(5)]
    pub audience: Audience,
    /// When it fires.
    #[n(6)]
    pub timing: Timing,
    /// How it behaves on the air.
    #[n(7)]
    pub manner: Manner,
    /// What is aired, in this order.
    #[n(8)]
    pub items: List<Item, { limits::ITEMS }>,
}

impl Order {
    /// When it was made, for a stop of everything made until some time. A template is never stopped by that: it is not
    /// aired, and must lie ready for the correction of a false alarm. A stop that names it takes it off.
    #[must_use]
    pub fn stoppable_since(&self) -> UtcMs {
        if self.form == Form::Template { UtcMs(i64::MAX) } else { self.made }
    }

    /// The pieces that a player of this kind plays.
    pub fn items_for(&self, kind: Kind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.kind == kind)
    }

    /// How long it plays on a player of this kind, in milliseconds, with what a drill says of itself before and after;
    /// zero when it has nothing for it.
    #[must_use]
    pub fn length_ms(&self, kind: Kind) -> u32 {
        let sum = self.items_for(kind).fold(0_u32, |sum, item| sum.saturating_add(item.length_ms));
        let notices_ms = if sum == 0 { 0 } else { 2 * self.notice_ms() };
        // Never the notices: a drill is cut short before it goes unannounced.
        sum.min(limits::PROGRAMME_MS - notices_ms) + notices_ms
    }

    /// How long it says what it is, before and again after what it airs, in milliseconds: nothing but for drills.
    #[must_use]
    pub const fn notice_ms(&self) -> u32 {
        match self.form {
            Form::Drill => limits::DRILL_NOTICE_MS,
            Form::Live | Form::Template => 0,
        }
    }
}
