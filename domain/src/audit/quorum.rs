//! Whether a checkpoint is trusted, as players decide it: by a root document's quorum, signature by signature.
//!
//! Players get a checkpoint's tree and its signatures, not its text, and put together what was signed: a board has no
//! flash for reading texts. The answer is that of the C2SP tlog-policy that the quorum was made of (`policy.rs`; a test
//! holds the two against each other). How a note becomes what players get is decided in `carry.rs`.
//! Next: `receipt.rs`.

use core::fmt;

use crate::audit::checkpoint::{Checkpoint, NoCheckpoint};
use crate::audit::merkle::Head;
use crate::audit::note::{self, NoteError, NoteKey};
use crate::keys::{Group, Quorum};
use crate::limits::{CHECKPOINT_SIGNATURES, KEY_NAME_BYTES, WITNESS_GROUPS, WITNESSES};
use crate::wire::{Decode, Encode, List, Text, Writer};

/// Room for what is signed: `cosignature/v1`, `time` and a number, the log's name, a number, a hash, each with a newline.
const MESSAGE_BYTES: usize = 15 + 26 + KEY_NAME_BYTES + 1 + 21 + 45;

/// A signature under a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CheckpointSignature {
    /// What stands for the key (C2SP signed-note).
    #[n(0)]
    pub id: [u8; 4],
    /// When a witness signed, in seconds since 1970 by its clock. Means nothing beside the log's, where it is zero.
    #[n(1)]
    pub at_s: u64,
    /// 64 bytes (RFC 8032).
    #[n(2)]
    pub signature: [u8; 64],
}

/// All that go with receipts.
pub type CheckpointSignatures = List<CheckpointSignature, CHECKPOINT_SIGNATURES>;

/// Why a checkpoint is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// It is no signed note, or a known key's signature does not fit.
    Note(NoteError),
    /// Its text is no checkpoint.
    Checkpoint(NoCheckpoint),
    /// No log of the policy has its origin and signed it.
    UnknownLog,
    /// Too few of the policy's witnesses signed it.
    Quorum {
        /// How many did.
        signed: usize,
    },
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::UnknownLog => f.write_str("no log of the policy signed it"),
            Self::Quorum { signed } => write!(f, "{signed} witnesses of the policy signed it, which is no quorum"),
        }
    }
}

impl core::error::Error for Distrust {}

/// Who has signed a checkpoint, as far as its signatures were taken in.
pub struct Count<'q> {
    quorum: &'q Quorum,
    head: Head,
    by_log: bool,
    /// A bit for each witness.
    witnesses: u32,
}

const _: () = assert!(WITNESSES <= u32::BITS as usize, "a bit for each witness");

impl<'q> Count<'q> {
    /// Nobody yet has signed a tree of this head.
    #[must_use]
    pub fn new(quorum: &'q Quorum, head: Head) -> Self {
        Self { quorum, head, by_log: false, witnesses: 0 }
    }

    /// Takes in a signature. One by a key that is not known is passed over.
    ///
    /// # Errors
    /// [`NoteError::WrongSignature`] when a key that is known is claimed and the signature does not fit: then nothing of
    /// the checkpoint is to be trusted.
    // Never part of its callers: on a small stack the message must be gone when a proof is looked at.
    #[inline(never)]
    pub fn take(&mut self, given: &CheckpointSignature) -> Result<(), Distrust> {
        let Quorum { id, key, witnesses, .. } = self.quorum;
        let witness = witnesses.iter().enumerate().find(|(_, witness)| witness.id == given.id);
        let (key, at_s) = match witness {
            Some((_, witness)) => (&witness.key, Some(given.at_s)),
            None if given.id == *id => (key, None),
            None => return Ok(()),
        };
        let mut room = [0; MESSAGE_BYTES];
        let message = self.message(at_s, &mut room).unwrap_or_default();
        if message.is_empty() || !key.verifies_message(message, &given.signature) {
            return Err(Distrust::Note(NoteError::WrongSignature));
        }
        match witness {
            Some((at, _)) => self.witnesses |= 1 << at,
            None => self.by_log = true,
        }
        Ok(())
    }

    /// What the log signs, or a witness at a time; nothing for a time that no clock shows.
    fn message<'b>(&self, at_s: Option<u64>, room: &'b mut [u8; MESSAGE_BYTES]) -> Option<&'b [u8]> {
        let mut to = Writer::new(room);
        if let Some(at_s) = at_s {
            i64::try_from(at_s).ok()?;
            note::begin_cosigned(at_s, &mut to);
        }
        Checkpoint { origin: &self.quorum.origin, head: self.head }.write(&mut to);
        let length = to.end().ok()?;
        room.get(..length)
    }

    /// Whether enough have signed.
    ///
    /// # Errors
    /// Who is missing.
    pub fn end(self) -> Result<(), Distrust> {
        if !self.by_log {
            return Err(Distrust::UnknownLog);
        }
        let mut counts = [0_u8; WITNESS_GROUPS];
        for (at, witness) in self.quorum.witnesses.iter().enumerate() {
            if self.witnesses & 1 << at != 0 {
                add_to(&mut counts, witness.group);
            }
        }
        let mut is_enough = false;
        for (at, group) in self.quorum.groups.iter().enumerate() {
            is_enough = counts.get(at).is_some_and(|count| *count >= group.needed);
            // One that is behind was counted before.
            if is_enough && usize::from(group.group) > at {
                add_to(&mut counts, group.group);
            }
        }
        if is_enough { Ok(()) } else { Err(Distrust::Quorum { signed: self.witnesses.count_ones() as usize }) }
    }
}

/// One more in a group, if there is one of that number.
fn add_to(counts: &mut [u8; WITNESS_GROUPS], group: u8) {
    if let Some(count) = counts.get_mut(usize::from(group)) {
        *count = count.saturating_add(1);
    }
}

impl Quorum {
    /// What is asked of a log that nobody witnesses: its own signature.
    #[must_use]
    pub fn of_log(key: &NoteKey) -> Self {
        let nothing = Group { needed: 0, group: 0 };
        Self {
            // A key's name is no longer than that.
            origin: Text::cut(key.name()),
            id: key.id(),
            key: key.public(),
            witnesses: List::new(),
            groups: List::collect([nothing]).unwrap_or_default(),
        }
    }

    /// Whether these signatures make a tree of this head one to trust.
    ///
    /// # Errors
    /// Why not.
    pub fn trusts(&self, head: Head, signatures: &[CheckpointSignature]) -> Result<(), Distrust> {
        let mut count = Count::new(self, head);
        signatures.iter().try_for_each(|signature| count.take(signature))?;
        count.end()
    }
}
