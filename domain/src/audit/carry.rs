//! A published checkpoint on its way to players: its tree and the signatures that count for them, without its text.
//!
//! Only what players put together again by themselves can go (`quorum.rs`): the three lines of a checkpoint, under the
//! name of the log that their root document names. Nothing is verified here; players do. Next: `quorum.rs`.

use core::fmt;

use crate::audit::checkpoint::{Checkpoint, NoCheckpoint};
use crate::audit::merkle::Head;
use crate::audit::note::{Note, NoteError};
use crate::audit::quorum::{CheckpointSignature, CheckpointSignatures};
use crate::keys::Quorum;

/// Why a checkpoint cannot go to players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCarried {
    /// It is no signed note.
    Note(NoteError),
    /// It is none.
    Checkpoint(NoCheckpoint),
    /// It has further lines, which players do not get.
    Extended,
    /// It is another log's than the root document's.
    OtherLog,
    /// A signature by a key of the root document is not as long as such a key's are.
    BadSignature,
    /// More signatures by keys of the root document than there are such keys.
    TooMany,
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note(why) => return why.fmt(f),
            Self::Checkpoint(why) => return why.fmt(f),
            Self::Extended => "it has lines behind the root hash, which do not go to players",
            Self::OtherLog => "it is another log's than the root document's",
            Self::BadSignature => "a key of the root document is claimed with what is no signature of its kind",
            Self::TooMany => "a key of the root document signed it more than once",
        })
    }
}

impl core::error::Error for NotCarried {}

impl Quorum {
    /// The tree of a checkpoint, and those of its signatures whose keys this names.
    ///
    /// # Errors
    /// When it cannot go to players.
    pub fn carried(&self, note: &Note<'_>) -> Result<(Head, CheckpointSignatures), NotCarried> {
        let checkpoint = Checkpoint::read(note.text()).map_err(NotCarried::Checkpoint)?;
        if checkpoint.origin != self.origin.as_str() {
            return Err(NotCarried::OtherLog);
        }
        if note.text().split_terminator('\n').count() > 3 {
            return Err(NotCarried::Extended);
        }
        let mut carried = CheckpointSignatures::new();
        for line in note.signatures() {
            let Some(id) = line.id() else { continue };
            let is_witness = self.witnesses.iter().any(|witness| witness.id == id);
            if !is_witness && id != self.id {
                continue;
            }
            let (at_s, signature) =
                line.signature().filter(|(at_s, _)| at_s.is_some() == is_witness).ok_or(NotCarried::BadSignature)?;
            let signature = CheckpointSignature { id, at_s: at_s.unwrap_or_default(), signature };
            if !carried.contains(&signature) {
                carried.push(signature).map_err(|_| NotCarried::TooMany)?;
            }
        }
        Ok((checkpoint.head, carried))
    }
}
