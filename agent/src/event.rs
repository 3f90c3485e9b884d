//! What the parts of a player say to each other: news for the loop, and what the loop tells.
//!
//! Only words; the loop is `run.rs`, the courier `delivery/courier.rs`, the stages `play/`.

use loa_domain::id::{CueId, Hash};
use loa_domain::proof::outbox::Key;
use loa_domain::proof::record::Seen;
use loa_domain::timetable::stop::Stop;

use crate::play::sequence::Heard;
use crate::store::StoreError;
use crate::timetable::Table;

/// What can happen to a player.
pub enum Event {
    /// The stage says something.
    Heard(Heard),
    /// The stage went out of order (true) or works again (false).
    Silent(bool),
    /// A batch is on disk, or is not.
    Stored(Batch, Result<(), StoreError>),
    /// A release is complete: it takes effect.
    Table(Box<Table>),
    /// An officer stops orders; the stop counts here.
    Stopped(Box<Stop>),
    /// A newer checkpoint of the desk's log was checked.
    LogSeen(Seen),
    /// The desk showed a log that contradicts the one seen before.
    LogSplit(Seen),
    /// The program is to end; `failed` when its supervisor should start it afresh.
    Stop {
        /// Whether it ends because something cannot be healed from inside.
        failed: bool,
    },
}

/// What a batch held, for when it is on disk.
#[derive(Debug, Default)]
pub struct Batch {
    /// Cues whose opening it held.
    pub opened: Vec<CueId>,
    /// Records that it held.
    pub records: Vec<(Key, Vec<u8>)>,
}

/// What the loop tells the rest of the program.
#[derive(Debug)]
pub enum Told {
    /// Records are on disk: they may be sent.
    Recorded(Vec<(Key, Vec<u8>)>),
    /// This release is in force.
    InForce(u64),
    /// Where the chain stands: epoch and next number.
    Head(u64, u64),
    /// What sounds now.
    OnAir(Option<CueId>),
    /// The wall clock was set.
    Stepped,
    /// A cue could not be played as it should: one of these is missing or damaged.
    Spoilt(Vec<Hash>),
}
