//! What the store tells its callers: how it opened, how it fares, why a change was not kept.
//!
//! Decides: the words. A caller acts on the difference between "refused" (nothing changed), "in
//! memory only" (changed, but a power cut would take it back) and "closed".
//! Next file: `engine.rs`, whose errors are underneath.

use std::fmt;
use std::path::PathBuf;

/// How a store came up. It always comes up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// There was none; an empty one was made.
    Fresh,
    /// It opened with all that was ever acknowledged.
    Clean,
    /// It would not open. A new one was made and filled from the last export.
    Rebuilt {
        /// Where the old files lie now, for someone to look at; `None` when there were none.
        set_aside: Option<PathBuf>,
        /// How many records came back.
        restored: usize,
        /// Why it would not open.
        why: String,
    },
    /// The disk cannot be used. Records are kept in memory (at first those of the last export, if it
    /// can be read) and move to the disk as soon as it can be used again.
    Memory {
        /// Why the disk cannot be used.
        why: String,
    },
}

impl fmt::Display for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opened::Fresh => write!(f, "a new store was made"),
            Opened::Clean => write!(f, "the store opened"),
            Opened::Rebuilt { set_aside, restored, why } => {
                write!(f, "the store was made anew with {restored} records of its export ({why})")?;
                match set_aside {
                    Some(path) => write!(f, "; the old files are in {}", path.display()),
                    None => Ok(()),
                }
            }
            Opened::Memory { why } => write!(f, "the store is in memory only: {why}"),
        }
    }
}

/// Why a commit was not kept, or an export not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nothing changed: a key is empty, too long, or begins with a zero byte.
    #[error("a key of {len} bytes is not allowed (1 to {limit} bytes, not beginning with zero)")]
    KeyRefused {
        /// The key's length in bytes.
        len: usize,
        /// The longest allowed, in bytes.
        limit: usize,
    },
    /// Nothing changed: a value is too long. Put it into a file and keep the file's hash here.
    #[error("a value of {len} bytes is too long (at most {limit})")]
    ValueTooLong {
        /// The value's length in bytes.
        len: usize,
        /// The longest allowed, in bytes.
        limit: usize,
    },
    /// The change is made and readers see it, but only in memory: a power cut would take it back. It
    /// moves to the disk as soon as the disk can be used again.
    #[error("kept in memory only: {why}")]
    MemoryOnly {
        /// Why the disk could not be used.
        why: String,
    },
    /// The export was not written; an earlier one is untouched.
    #[error("the export was not written: {why}")]
    NotExported {
        /// Why not.
        why: String,
    },
    /// Nothing changed: the store was closed.
    #[error("the store is closed")]
    Closed,
}

/// How a store fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Records that are not deleted.
    pub live_keys: usize,
    /// Bytes of the engine's files.
    pub disk_bytes: u64,
    /// Whether records reach the disk; `false` means memory only.
    pub durable: bool,
    /// Whether the file is in place that is given up when the disk is full.
    pub ballast: bool,
    /// The last thing that went wrong, in English, for the log; it stays after it was healed.
    pub last_error: Option<String>,
}
