//! What can be wrong with the desk's log, each kind with what to do about it.
//!
//! It decides the words in English for the program's own log; a person's are made from the same kinds. Next: `start.rs`.

use std::io;
use std::path::PathBuf;

use loa_host::keyfile::KeyError;
use thiserror::Error;

use crate::store::StoreError;

/// Why the log cannot be opened, written, signed or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// A file cannot be read or written; nothing that was told to anyone is lost.
    #[error("the log's files: {0}")]
    File(#[from] io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Another desk has it.
    #[error("another desk is working on this log ({} is locked); stop it first", path.display())]
    InUse {
        /// The lock.
        path: PathBuf,
    },
    /// The name cannot be a log's.
    #[error("{origin:?} cannot be a log's name: use a host name with a path, without blanks and plus signs")]
    BadOrigin {
        /// The name.
        origin: String,
    },
    /// The checkpoint that was signed last is not where it is kept, and the log is not new.
    #[error(
        "{} is missing: it says what this desk has signed last, and without it the desk could contradict itself; \
         restore it with the keys of the newest backup (loa restore --with-keys)",
        path.display()
    )]
    NothingKept {
        /// Where it is kept.
        path: PathBuf,
    },
    /// The kept checkpoint is not one of this desk's key and log.
    #[error(
        "{} was not signed with this desk's log key for this log; restore the keys and the log from the same backup",
        path.display()
    )]
    ForeignCheckpoint {
        /// Where it is kept.
        path: PathBuf,
    },
    /// The files hold less than was signed.
    #[error(
        "the log's folder lacks {} of the {signed} entries that this desk has signed for; it is an older copy, or part of \
         it is lost: bring back the newest copy of the folder (a mirror, an export or a backup), never an older one",
        path.display()
    )]
    Short {
        /// How many entries were signed for.
        signed: u64,
        /// What is missing.
        path: PathBuf,
    },
    /// A file does not hold what was signed, and the store no longer has its entries.
    #[error("{} is damaged or altered; bring it back from a copy of the log (a mirror, an export or a backup)", path.display())]
    Torn {
        /// Which.
        path: PathBuf,
    },
    /// The store is older than the log.
    #[error(
        "the store knows {store} entries of the log, the log has {log}: the store was restored from an older backup; \
         make it again from the log with: loa audit rebuild --replace"
    )]
    StoreBehind {
        /// Entries that the store knows.
        store: u64,
        /// Entries in the log.
        log: u64,
    },
    /// The store went on from an older state.
    #[error(
        "entry {position} of the log is not what the store has there: the store was restored from an older backup and \
         then written; make it again from the log with: loa audit rebuild --replace"
    )]
    StoreDiffers {
        /// The position.
        position: u64,
    },
    /// Entries are neither in the log nor in the store.
    #[error(
        "entries from {log} on are neither in the log nor in the store: the log's folder is an older copy; bring back \
         the newest one (a mirror, an export or a backup)"
    )]
    Gap {
        /// Entries in the log.
        log: u64,
    },
    /// The kept checkpoint was changed by somebody else while the desk ran.
    #[error("{} was changed by another program; nothing is signed until the desk is started anew", path.display())]
    Contested {
        /// Where it is kept.
        path: PathBuf,
    },
    /// What was to be signed does not go on from what was signed.
    #[error("the log of {new} entries does not go on from the {old} that were signed; nothing is signed")]
    Forked {
        /// Signed.
        old: u64,
        /// To be signed.
        new: u64,
    },
    /// No published checkpoint covers what was asked for.
    #[error("this is in no published checkpoint yet; try again in some seconds")]
    NotYet,
    /// Not enough witnesses signed.
    #[error("{signed} witnesses signed, which is no quorum ({why}); the log grows, its checkpoint is not published")]
    NoQuorum {
        /// How many did.
        signed: usize,
        /// What the others said.
        why: String,
    },
}
