//! What this desk has signed last, kept apart from the log's folder: nothing is signed that does not go on from it.
//!
//! The log's folder may be restored, copied or bent by anyone; a checkpoint once given away cannot be taken back, and a
//! log that signs two that contradict each other is caught by any witness. So the last one is written here, on disk,
//! before it leaves the desk, and compared before the next. Next: `witnesses.rs`.

use std::fs;
use std::io;
use std::path::PathBuf;

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::merkle::{self, Head};
use loa_domain::audit::note::{Note, NoteKey, NoteSigner};
use loa_domain::id::Hash;

use super::disk::Disk;
use super::error::LogError;

/// The last signed checkpoint, and the key that signs the next.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    disk: Disk,
    signer: NoteSigner,
    note: String,
    head: Head,
}

impl Kept {
    /// Reads what was signed last. For a log that is new, the empty tree is signed first.
    pub(super) fn open(path: PathBuf, disk: Disk, signer: NoteSigner, is_new: bool) -> Result<Self, LogError> {
        let mut kept = Self { path, disk, signer, note: String::new(), head: Head::empty() };
        match fs::read_to_string(&kept.path) {
            Ok(note) => {
                let head = head_of(&note, kept.signer.key());
                kept.head = head.ok_or_else(|| LogError::ForeignCheckpoint { path: kept.path.clone() })?;
                kept.note = note;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_new => {
                kept.note = kept.signed(kept.head);
                kept.disk.write(&kept.path, kept.note.as_bytes())?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LogError::NothingKept { path: kept.path });
            }
            Err(error) => return Err(error.into()),
        }
        Ok(kept)
    }

    /// The tree that was signed last.
    pub(super) fn head(&self) -> Head {
        self.head
    }

    /// The key that signs.
    pub(super) fn key(&self) -> &NoteKey {
        self.signer.key()
    }

    /// Signs a tree that `proof` shows to go on from the last one. When this returns, that is on disk.
    pub(super) fn advance(&mut self, new: Head, proof: &[Hash]) -> Result<String, LogError> {
        // Compared with the disk and not with memory alone: another program may sign with the same key.
        if fs::read_to_string(&self.path)? != self.note {
            return Err(LogError::Contested { path: self.path.clone() });
        }
        if !merkle::extends(&self.head, &new, proof) {
            return Err(LogError::Forked { old: self.head.size, new: new.size });
        }
        if new != self.head {
            let note = self.signed(new);
            self.disk.write(&self.path, note.as_bytes())?;
            (self.note, self.head) = (note, new);
        }
        Ok(self.note.clone())
    }

    fn signed(&self, head: Head) -> String {
        let text = Checkpoint { origin: self.signer.key().name(), head }.to_string();
        // A log's signature says no time, and takes a text of any length.
        let line = self.signer.line(&text, 0).unwrap_or_default();
        format!("{text}\n{line}")
    }
}

/// The tree in a checkpoint that this key signed for the log of its name.
pub(super) fn head_of(note: &str, key: &NoteKey) -> Option<Head> {
    let read = Note::read(note.as_bytes()).ok()?;
    read.signed_by(key).ok()??;
    let checkpoint = Checkpoint::read(read.text()).ok()?;
    (checkpoint.origin == key.name()).then_some(checkpoint.head)
}
