//! The desk's transparency log: plain files as C2SP tlog-tiles has them, one writer, checkpoints that only go forward.
//!
//! This page is what others use: where the log stands, and proofs against the newest published checkpoint. What goes
//! into the log is decided where it happens, in the transaction that it belongs to (`store/outbox.rs`). In reading order:
//! `disk` and `tiles` (files), `tree` (what they say), `writer` (how they grow), `kept` (what may be signed), `witnesses`
//! (who signs beside), `start` (how a log is opened after whatever happened), `sequencer` (the task), `error`.

mod disk;
mod error;
mod kept;
mod sequencer;
mod start;
#[cfg(test)]
mod tests;
mod tiles;
mod tree;
mod witnesses;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::evidence::LogProof;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_domain::id::Hash;
use tokio::sync::watch;

use crate::config::Folder;

pub use error::LogError;
pub use sequencer::Sequencer;
pub use start::{Started, lock, signed_head, start};
pub use tiles::Tiles;
pub use tree::Tree;
pub use witnesses::{Cosign, NoWitnesses, Witnessing};

/// A checkpoint that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The signed note, with what witnesses signed under it.
    pub note: String,
    /// The tree that it is over.
    pub head: Head,
}

/// The published log, for reading. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Log {
    tree: Tree,
    published: watch::Receiver<Option<Arc<Published>>>,
}

impl Log {
    /// The log as it lies in a desk's folder, whether the desk runs or not: what is published now.
    ///
    /// # Errors
    /// [`LogError::NotYet`] when nothing is published; its files cannot be read.
    pub fn read(folder: &Folder) -> Result<Self, LogError> {
        let tree = Tree::of(Tiles::at(folder.log()));
        let note = tree.tiles().checkpoint()?.ok_or(LogError::NotYet)?;
        let read = Note::read(note.as_bytes()).ok().and_then(|note| Checkpoint::read(note.text()).ok());
        let torn = || LogError::Torn { path: tree.tiles().checkpoint_file() };
        let head = read.ok_or_else(torn)?.head;
        let (_, published) = watch::channel(Some(Arc::new(Published { note, head })));
        Ok(Self { tree, published })
    }

    /// The newest published checkpoint, and every later one. Nothing before the first is published.
    #[must_use]
    pub fn published(&self) -> watch::Receiver<Option<Arc<Published>>> {
        self.published.clone()
    }

    /// The folder that holds the log's files.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.tree.tiles().folder().to_owned()
    }

    fn newest(&self) -> Result<Arc<Published>, LogError> {
        self.published.borrow().clone().ok_or(LogError::NotYet)
    }

    /// What shows that the entry at `position` is in the log, with the checkpoint that it is shown against and with the
    /// entry itself. Its text is a tlog-proof file. Reads a handful of files.
    ///
    /// # Errors
    /// [`LogError::NotYet`] while no published checkpoint covers it; the log's files cannot be read.
    pub fn proof(&self, position: u64) -> Result<OwnedProof, LogError> {
        let published = self.newest()?;
        if position >= published.head.size {
            return Err(LogError::NotYet);
        }
        let hashes = self.tree.inclusion(position, published.head.size)?;
        let entry = self.tree.entry(position, published.head.size)?;
        Ok(OwnedProof { entry, index: position, hashes, published })
    }

    /// What shows that the entry at `position` is in the log of `size` entries, both published: hashes from the leaf's
    /// sibling upwards.
    ///
    /// # Errors
    /// As for [`Log::consistency`].
    pub fn inclusion(&self, position: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        if size > self.newest()?.head.size || position >= size {
            return Err(LogError::NotYet);
        }
        self.tree.inclusion(position, size)
    }

    /// What shows that the log of `new` entries begins with that of `old` entries, both published.
    ///
    /// # Errors
    /// [`LogError::NotYet`] when so many are not published; the log's files cannot be read.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        if new > self.newest()?.head.size || old > new {
            return Err(LogError::NotYet);
        }
        self.tree.consistency(old, new)
    }
}

/// A proof that owns what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedProof {
    /// The entry.
    pub entry: Vec<u8>,
    /// Its position.
    pub index: u64,
    /// From the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The checkpoint.
    pub published: Arc<Published>,
}

impl OwnedProof {
    /// The proof as a file's text, with the entry in it or without.
    #[must_use]
    pub fn text(&self, with_entry: bool) -> String {
        let entry = with_entry.then(|| self.entry.clone());
        LogProof { entry, index: self.index, hashes: self.hashes.clone(), checkpoint: &self.published.note }.text()
    }
}
