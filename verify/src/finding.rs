//! What is wrong with a log: each finding with where it is, whose record it touches, and its class.
//!
//! A finding is a value with fields; the sentence in English is for logs (`finding/words.rs`). Classes are stable, and
//! so are their exit codes: scripts rest on them. How a class is chosen where several would fit is said in `docs/log.md`.
//! Next: `report.rs`.

mod touched;
mod words;

use std::ops::Range;

use loa_domain::audit::policy::Distrust;
use loa_domain::id::{Hash, PlayerId};
use loa_domain::time::UtcMs;

/// The kinds of findings. The order is that of the exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A file that should be there is not, or is cut short.
    Missing,
    /// The checkpoint is not signed as the policy asks.
    Checkpoint,
    /// Files that are not the tree of the checkpoint.
    Tree,
    /// The log was longer once.
    Truncation,
    /// Somebody was shown another log.
    SplitView,
    /// A record's signature does not fit its bytes.
    Edit,
    /// A record that nobody's player made.
    Insertion,
    /// Records of a chain are missing.
    Deletion,
    /// Records of a chain do not stand in its order.
    Reordering,
    /// A record does not name the one before it.
    Link,
    /// A record stands in the log twice.
    Replay,
    /// A player's chain exists twice.
    Clone,
    /// One player's record in another's name.
    Impersonation,
    /// Clocks that cannot be right.
    Clock,
    /// An entry that is none.
    Entry,
    /// A sealed order or release that those who may did not sign, or that says something else than its entry.
    Seal,
    /// What the desk numbers does not follow.
    Sequence,
    /// A record that a player holds is not in the log.
    Withheld,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Missing,
        Self::Checkpoint,
        Self::Tree,
        Self::Truncation,
        Self::SplitView,
        Self::Edit,
        Self::Insertion,
        Self::Deletion,
        Self::Reordering,
        Self::Link,
        Self::Replay,
        Self::Clone,
        Self::Impersonation,
        Self::Clock,
        Self::Entry,
        Self::Seal,
        Self::Sequence,
        Self::Withheld,
    ];

    /// The exit code of a program that found this: 10 and up.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        10 + self as u8
    }

    /// A stable name for files and the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Checkpoint => "checkpoint",
            Self::Tree => "tree",
            Self::Truncation => "truncation",
            Self::SplitView => "split-view",
            Self::Edit => "edit",
            Self::Insertion => "insertion",
            Self::Deletion => "deletion",
            Self::Reordering => "reordering",
            Self::Link => "link",
            Self::Replay => "replay",
            Self::Clone => "clone",
            Self::Impersonation => "impersonation",
            Self::Clock => "clock",
            Self::Entry => "entry",
            Self::Seal => "seal",
            Self::Sequence => "sequence",
            Self::Withheld => "withheld",
        }
    }
}

/// A record's place in its player's chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The player.
    pub player: PlayerId,
    /// The chain.
    pub epoch: u64,
    /// The number in the chain.
    pub seq: u64,
}

/// A leaf, and the record that it holds or claims to hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The leaf's number in the log.
    pub position: u64,
    /// The record; nothing for other entries, and where none can be read.
    pub place: Option<Place>,
}

/// Who saw a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witness {
    /// A player, by this record.
    Record(At),
    /// The log itself, by a checkpoint among its entries.
    Entry(u64),
    /// A signed note that was handed in, by its name.
    Note(String),
    /// A record that a player holds, by the name of the file and the record.
    Held(String, Place),
}

/// A tree that somebody saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Who.
    pub by: Witness,
    /// Its size in leaves.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// How a file falls short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is not there.
    Absent,
    /// It ends too early.
    Short,
    /// It cannot be read.
    Unreadable(String),
}

/// Why a record counts as added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The log names no key of this player before it.
    NoKey,
    /// A key signed it that is nobody's.
    StrangeKey,
    /// Its signature fits nothing, and its chain is whole without it.
    NoRoom,
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is none.
    None,
    /// It does not fit the bytes.
    Wrong,
    /// It is by a key of this player that a later one had replaced.
    Replaced,
}

/// What a time was held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A checkpoint that witnesses signed, which the record's player had seen, or that stands before.
    Witnessed,
    /// The desk's time of an entry in the tree that the record's player had seen.
    Desk,
    /// When the desk took the record in.
    Received,
}

/// What about the clocks of a record cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The wall clock is earlier than something that the player had already seen.
    Early {
        /// Than what.
        than: Bound,
        /// By how many milliseconds beyond the error that is claimed.
        by_ms: u64,
    },
    /// The wall clock is later than the record was taken in.
    Late {
        /// By how many milliseconds beyond the error that is claimed.
        by_ms: u64,
    },
    /// The monotonic clock went back within one system start.
    Backwards {
        /// By how many milliseconds.
        by_ms: u64,
    },
    /// The wall clock moved against the monotonic one, and no step of that size is on record.
    Unexplained {
        /// By how many milliseconds.
        by_ms: i64,
    },
}

/// What of the desk's numbering does not follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The first entry does not open the log.
    NotOpened,
    /// The log is opened a second time.
    OpenedAgain,
    /// The log was opened under a name that is not the checkpoint's.
    OtherOrigin,
    /// A line of a change is not the next one.
    Change {
        /// The change.
        change: u64,
        /// The line.
        line: u64,
    },
    /// A change ends before its last line.
    ChangeCut {
        /// The change.
        change: u64,
        /// How many lines it should have.
        lines: u64,
    },
    /// The number of an act is not the next one.
    Act {
        /// Its number.
        number: u64,
        /// What should have come.
        expected: u64,
    },
    /// A player's release is not newer than the one before.
    Release {
        /// Whose.
        player: PlayerId,
        /// Its number.
        number: u64,
        /// The newest before it.
        after: u64,
    },
    /// A record was taken in before the one in front of it, or against what witnesses signed.
    Received {
        /// When, as the desk says.
        at: UtcMs,
        /// What it should not be earlier, or later, than.
        against: UtcMs,
    },
}

/// What of a sealed order or release is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFault {
    /// Not enough officers of any root document given signed the order.
    Officers,
    /// The desk of no root document given signed the release.
    Desk,
    /// What is sealed says something else than its entry.
    SaysOther,
    /// The bytes are no order, or no release.
    Malformed,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A file of the log is missing or cut short.
    Missing {
        /// Its path below the log's folder.
        path: String,
        /// How.
        lack: Lack,
        /// The leaves that it should hold or stand over.
        leaves: Range<u64>,
    },
    /// The checkpoint, or one inside the log or handed in, is not trusted.
    Distrusted {
        /// Where it was found: a path, a name that was handed in, or nothing for an entry.
        name: String,
        /// The entry that holds it.
        position: Option<u64>,
        /// Why.
        why: Distrust,
    },
    /// A file does not match the tree.
    Bytes {
        /// Its path below the log's folder.
        path: String,
        /// The leaves that are under what does not match.
        leaves: Range<u64>,
        /// The record that the entry there claims to be.
        place: Option<Place>,
    },
    /// The files do not give the checkpoint's root.
    Root {
        /// The root that the checkpoint says.
        signed: Hash,
        /// The root that the files give.
        found: Hash,
        /// Somewhere in these leaves, as far as what others saw narrows it.
        leaves: Range<u64>,
    },
    /// The log was longer once.
    Truncated {
        /// Its size now.
        size: u64,
        /// Who saw more.
        view: View,
    },
    /// Others saw another tree of this log.
    SplitView {
        /// Somewhere in these leaves the trees part.
        leaves: Range<u64>,
        /// What others saw; some of them where there are many.
        views: Vec<View>,
        /// How many saw otherwise.
        count: u64,
    },
    /// A record's player had seen more of the log than stands before the record.
    SeenAhead {
        /// The record.
        at: At,
        /// Leaves that its player had seen.
        seen: u64,
    },
    /// A record's signature does not fit.
    Edited {
        /// The record.
        at: At,
        /// What about the signature.
        why: Unfit,
    },
    /// A record that its player did not make.
    Inserted {
        /// The record.
        at: At,
        /// What shows it.
        why: Added,
    },
    /// Records of a chain are missing.
    Deleted {
        /// The first that is missing.
        first: Place,
        /// How many.
        count: u64,
        /// Between which leaves: the one before the gap (nothing at a chain's beginning), and the one behind.
        between: (Option<u64>, u64),
    },
    /// Records of a chain stand in another order.
    Reordered {
        /// The first by number.
        first: Place,
        /// The last by number.
        last_seq: u64,
        /// The leaves between which they stand, both among them.
        positions: (u64, u64),
    },
    /// A record does not name the hash of the one before it, though its player signed both.
    Unlinked {
        /// The record.
        at: At,
        /// The leaf of the one before it.
        previous: Option<u64>,
    },
    /// A record stands in the log again.
    Replayed {
        /// The second one.
        at: At,
        /// The leaf of the first.
        first: u64,
    },
    /// Two different records with one place, both signed by the player.
    Cloned {
        /// The later one in the log.
        at: At,
        /// The leaf of the other; nothing when a player holds it.
        other: Option<u64>,
    },
    /// An older chain goes on behind the beginning of a newer one.
    BothGoOn {
        /// The record of the older chain.
        at: At,
        /// The newer chain.
        newer: u64,
        /// The leaf where the newer chain begins.
        since: u64,
    },
    /// A record in the name of a player that another player signed.
    Impersonated {
        /// The record.
        at: At,
        /// Who signed.
        by: PlayerId,
    },
    /// Clocks that cannot be right.
    Clock {
        /// The record.
        at: At,
        /// What about them.
        wrong: Wrong,
    },
    /// An entry that is none.
    Invalid {
        /// Its number.
        position: u64,
    },
    /// A key of a player that would let one signature fit many messages.
    UnsoundKey {
        /// The entry's number.
        position: u64,
        /// Whose.
        player: PlayerId,
    },
    /// A sealed order or release that does not hold.
    Seal {
        /// The entry's number.
        position: u64,
        /// The order's name, or the player that the release is for.
        name: String,
        /// What is wrong.
        fault: SealFault,
    },
    /// What the desk numbers does not follow.
    Sequence {
        /// The entry, and its record where it is one.
        at: At,
        /// What.
        what: Follows,
    },
    /// A player holds a record that is not in the log.
    Withheld {
        /// Where it was handed in.
        file: String,
        /// The record.
        place: Place,
    },
    /// Something handed in as evidence cannot be read.
    Evidence {
        /// What it is called.
        name: String,
        /// From which item in it, from zero.
        item: u64,
    },
}

impl Finding {
    /// Its class.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Missing { .. } | Self::Evidence { .. } => Class::Missing,
            Self::Distrusted { .. } => Class::Checkpoint,
            Self::Bytes { .. } | Self::Root { .. } => Class::Tree,
            Self::Truncated { .. } => Class::Truncation,
            Self::SplitView { .. } | Self::SeenAhead { .. } => Class::SplitView,
            Self::Edited { .. } => Class::Edit,
            Self::Inserted { .. } => Class::Insertion,
            Self::Deleted { .. } => Class::Deletion,
            Self::Reordered { .. } => Class::Reordering,
            Self::Unlinked { .. } => Class::Link,
            Self::Replayed { .. } => Class::Replay,
            Self::Cloned { .. } | Self::BothGoOn { .. } => Class::Clone,
            Self::Impersonated { .. } => Class::Impersonation,
            Self::Clock { .. } => Class::Clock,
            Self::Invalid { .. } | Self::UnsoundKey { .. } => Class::Entry,
            Self::Seal { .. } => Class::Seal,
            Self::Sequence { .. } => Class::Sequence,
            Self::Withheld { .. } => Class::Withheld,
        }
    }
}
