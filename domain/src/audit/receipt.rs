//! Receipts: what lets a record go from its player. Not the desk's word, but its place in the log.
//!
//! A player keeps the newest checkpoint that it has checked. A newer one counts only if the log's trusted signers stand
//! under it and it is shown to hold all of the one before; a record goes only if its own bytes are shown to be a leaf
//! under it. So a desk that drops, changes or hides a record gets no player to forget it. Whose signatures count is
//! `quorum.rs`; when records are sent, `proof/outbox.rs`.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;

use crate::audit::entry::Entry;
use crate::audit::merkle::{self, Head, PROOF_HASHES};
use crate::audit::quorum::{CheckpointSignature, CheckpointSignatures, Count, Distrust};
use crate::id::{Hash, PlayerId};
use crate::keys::Quorum;
use crate::limits;
use crate::proof::outbox::Key;
use crate::proof::record::{RECORD_BYTES, Seen};
use crate::time::UtcMs;
use crate::wire::{self, Decode, Encode, Fields, List, Reader, WireError};

/// Hashes of one proof.
pub type Path = List<Hash, PROOF_HASHES>;

/// Receipts for some records of one player, all under one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipts {
    /// Whose records.
    #[n(0)]
    pub player: PlayerId,
    /// Entries under the checkpoint.
    #[n(1)]
    pub size: u64,
    /// Its root hash.
    #[n(2)]
    pub root: Hash,
    /// Who signed it: its text is made of the two above.
    #[n(3)]
    pub signatures: CheckpointSignatures,
    /// The size from which `consistency` leads to it; zero for a player that has seen none.
    #[n(4)]
    pub from: u64,
    /// That the log of `from` entries is the beginning of this one.
    #[n(5)]
    pub consistency: Path,
    /// Which records.
    #[n(6)]
    pub records: List<Receipt, { limits::RECEIPTS }>,
}

/// Where one record stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// The record's epoch.
    #[n(0)]
    pub epoch: u64,
    /// The record's number.
    #[n(1)]
    pub seq: u64,
    /// When the desk took it in: part of the entry.
    #[n(2)]
    pub received: UtcMs,
    /// The entry's number in the log.
    #[n(3)]
    pub position: u64,
    /// That it is there.
    #[n(4)]
    pub proof: Path,
}

/// Why receipts let nothing go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are another player's.
    NotOurs,
    /// The checkpoint is not trusted.
    Distrust(Distrust),
    /// They lead on from another size than the one seen: ask for them from there.
    From {
        /// The size seen; zero for none.
        seen: u64,
    },
    /// The checkpoint contradicts the one seen: somebody is shown another log.
    Split {
        /// What was shown now.
        shown: Seen,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("they are for another player"),
            Self::Distrust(why) => write!(f, "the checkpoint is not trusted: {why}"),
            Self::From { seen } => write!(f, "they do not lead on from the {seen} entries seen"),
            Self::Split { shown } => {
                write!(f, "the log of {} entries contradicts the one seen before", shown.size)
            }
        }
    }
}

impl core::error::Error for Refused {}

/// What receipts let go.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The newest checkpoint checked.
    pub seen: Seen,
    /// Records that are in the log.
    pub logged: Vec<Key>,
    /// Records that were claimed and not shown to be in it.
    pub unshown: Vec<Key>,
}

/// What a player knows of the log.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug)]
pub struct LogView {
    quorum: Quorum,
    seen: Option<Seen>,
}

#[cfg(feature = "alloc")]
impl LogView {
    /// A view that goes on from `seen`.
    #[must_use]
    pub fn new(quorum: Quorum, seen: Option<Seen>) -> Self {
        Self { quorum, seen }
    }

    /// The newest checkpoint checked.
    #[must_use]
    pub fn seen(&self) -> Option<Seen> {
        self.seen
    }

    /// Takes in receipts. `held` gives a record's sealed bytes as they lie in the player's store.
    ///
    /// # Errors
    /// Why nothing is let go; what was seen stays.
    pub fn take(
        &mut self,
        player: &PlayerId,
        receipts: &Receipts,
        mut held: impl FnMut(Key) -> Option<Vec<u8>>,
    ) -> Result<Taken, Refused> {
        if receipts.player != *player {
            return Err(Refused::NotOurs);
        }
        let shown = Head { size: receipts.size, root: receipts.root };
        self.quorum.trusts(shown, &receipts.signatures).map_err(Refused::Distrust)?;
        let head = follow(self.seen, &shown, receipts.from, &receipts.consistency)?;
        let seen = Seen { size: head.size, root: head.root };
        self.seen = Some(seen);
        let mut taken = Taken { seen, logged: Vec::new(), unshown: Vec::new() };
        for receipt in &receipts.records {
            let place = (receipt.epoch, receipt.seq);
            // What is gone already was receipted before.
            let Some(sealed) = held(place) else { continue };
            if is_in(&head, receipt, &sealed) { taken.logged.push(place) } else { taken.unshown.push(place) }
        }
        Ok(taken)
    }
}

/// The head of a trusted checkpoint, if it goes on from the one seen.
fn follow(seen: Option<Seen>, shown: &Head, from: u64, consistency: &[Hash]) -> Result<Head, Refused> {
    let Some(seen) = seen else { return Ok(*shown) };
    let split = Refused::Split { shown: Seen { size: shown.size, root: shown.root } };
    if shown.size == seen.size {
        return if shown.root == seen.root { Ok(*shown) } else { Err(split) };
    }
    // An older checkpoint that comes late shows nothing, and a proof from elsewhere neither.
    if shown.size < seen.size || from != seen.size {
        return Err(Refused::From { seen: seen.size });
    }
    let old = Head { size: seen.size, root: seen.root };
    if merkle::extends(&old, shown, consistency) { Ok(*shown) } else { Err(split) }
}

/// Whether the receipt shows a record, as its player sealed it, to be in the log of this head.
fn is_in(head: &Head, receipt: &Receipt, sealed: &[u8]) -> bool {
    // The entry's two fields and their headers beside the record.
    let mut entry = [0; RECORD_BYTES + 32];
    let written = wire::encode_into(&Entry::Record { sealed, received: receipt.received }, &mut entry);
    let leaf = written.map(|length| merkle::leaf_hash(&entry[..length]));
    leaf.is_ok_and(|leaf| merkle::includes(&head.root, head.size, receipt.position, &leaf, &receipt.proof))
}

/// Receipts taken in one by one: eight with their proofs are more than a microcontroller's stack holds.
pub struct Reading<'b> {
    from: Reader<'b>,
    left: u32,
    head: Head,
}

impl<'b> Reading<'b> {
    /// Begins to read receipts for `player`, by the root document's `quorum`, for one who has seen `seen`.
    ///
    /// # Errors
    /// [`WireError`] when the bytes are none, [`Refused`] when they let nothing go.
    // This and the next are never part of their callers: on a small stack each one's path must be gone when it is done.
    #[inline(never)]
    pub fn begin(
        bytes: &'b [u8],
        player: &PlayerId,
        quorum: &Quorum,
        seen: Option<Seen>,
    ) -> Result<Result<Self, Refused>, WireError> {
        let mut from = Reader::new(bytes);
        let mut theirs = PlayerId::blank();
        let mut fields = Fields::of(&mut from);
        fields.read(0, &mut theirs);
        fields.check()?;
        if theirs != *player {
            return Ok(Err(Refused::NotOurs));
        }
        let shown = match Self::shown(&mut fields, quorum)? {
            Ok(shown) => shown,
            Err(distrust) => return Ok(Err(Refused::Distrust(distrust))),
        };
        let followed = Self::follow(&mut fields, seen, &shown)?;
        let left = fields.list(6).min(limits::RECEIPTS as u32);
        from.end()?;
        Ok(followed.map(|head| Self { from, left, head }))
    }

    /// The head of the checkpoint shown, if it is trusted.
    #[inline(never)]
    fn shown(fields: &mut Fields<'_, 'b>, quorum: &Quorum) -> Result<Result<Head, Distrust>, WireError> {
        let mut head = Head::empty();
        fields.read(1, &mut head.size);
        fields.read(2, &mut head.root);
        let mut count = Count::new(quorum, head);
        let signatures = fields.list(3);
        if signatures > limits::CHECKPOINT_SIGNATURES as u32 {
            return Err(WireError::Malformed);
        }
        let mut signature = CheckpointSignature::blank();
        for _ in 0..signatures {
            fields.item(&mut signature);
            fields.check()?;
            if let Err(distrust) = count.take(&signature) {
                return Ok(Err(distrust));
            }
        }
        fields.check()?;
        Ok(count.end().map(|()| head))
    }

    /// Whether the checkpoint shown goes on from the one seen, by the path in the receipts.
    #[inline(never)]
    fn follow(
        fields: &mut Fields<'_, 'b>,
        seen: Option<Seen>,
        shown: &Head,
    ) -> Result<Result<Head, Refused>, WireError> {
        let (mut from, mut consistency) = (0, Path::new());
        fields.read(4, &mut from);
        fields.read(5, &mut consistency);
        fields.check()?;
        Ok(follow(seen, shown, from, &consistency))
    }

    /// The newest checkpoint checked.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { size: self.head.size, root: self.head.root }
    }

    /// The place of the next record that is shown to be in the log, or is not held any more: both may go. `held` gives
    /// a record's sealed bytes as they lie in the player's store, into the buffer.
    #[inline(never)]
    pub fn next_logged(&mut self, mut held: impl FnMut(Key, &mut [u8; RECORD_BYTES]) -> Option<usize>) -> Option<Key> {
        let mut sealed = [0; RECORD_BYTES];
        while self.left > 0 {
            self.left -= 1;
            let mut receipt = Receipt::blank();
            receipt.read(&mut self.from);
            if self.from.end().is_err() {
                self.left = 0;
                return None;
            }
            let place = (receipt.epoch, receipt.seq);
            let bytes = held(place, &mut sealed).and_then(|length| sealed.get(..length));
            if bytes.is_none_or(|sealed| is_in(&self.head, &receipt, sealed)) {
                return Some(place);
            }
        }
        None
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
