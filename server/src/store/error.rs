//! What can go wrong with the desk's store, each kind with what to do about it.
//!
//! It decides the words in English for logs; the catalogue has those for people. Which database code means which kind is
//! decided in `sql.rs`, the next file.

use std::path::PathBuf;

use loa_domain::id::Hash;
use thiserror::Error;

/// Why the store could not do what was asked. Unless a variant says otherwise, nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process held the store for longer than the wait: try again.
    #[error("the store is in use by another process; try again")]
    Busy,
    /// The disk is full: free space, then try again.
    #[error("the disk that holds the store is full")]
    Full,
    /// The store's content is damaged: restore a backup.
    #[error("the store is damaged ({detail}); restore a backup")]
    Damaged {
        /// What the database or the check said.
        detail: String,
    },
    /// The file is not a database at all.
    #[error("{path} is not a database")]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// A database, but not a desk's store.
    #[error("{path} is a database of another program")]
    Foreign {
        /// The file or address.
        path: String,
    },
    /// A newer program has written it: use that program.
    #[error("the store has schema {found}, this program knows up to {known}; use the newer program")]
    TooNew {
        /// The store's schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The file or its directory cannot be opened: check that it exists and who may write there.
    #[error("cannot open {path}: {detail}")]
    CannotOpen {
        /// The file or address, without a password.
        path: String,
        /// What the system said.
        detail: String,
    },
    /// The store may only be read.
    #[error("the store may only be read, not written")]
    ReadOnly,
    /// The disk or the connection failed while reading or writing. A write may have happened all the same.
    #[error("reading or writing the store failed: {detail}")]
    Disk {
        /// What the system said.
        detail: String,
    },
    /// A row holds what this program never writes there.
    #[error("column {column} of a row of the store holds no {expected}")]
    Malformed {
        /// Which column of the answer, from zero.
        column: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// An order that was to be superseded or revoked is not in the store; nothing of the batch was written.
    #[error("there is no order {hash}")]
    NoSuchOrder {
        /// The order.
        hash: Hash,
    },
    /// What was to be written is too long to be an entry of the log: make it shorter, or several. Nothing was written.
    #[error("this takes {bytes} bytes in the log, which takes {most} at once; make it shorter, or several")]
    EntryTooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: usize,
    },
    /// Entries of the log do not give back the store: what the desk wrote then, it would not write now.
    #[error("entry {position} of the log cannot be replayed: {detail}")]
    Replay {
        /// The entry's position.
        position: u64,
        /// Why not.
        detail: String,
    },
    /// A file to be written is there already.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A backup that has an unfinished journal beside it was copied from a running store.
    #[error("{} was copied while in use; make a backup with this program", path.display())]
    CopiedInUse {
        /// The file.
        path: PathBuf,
    },
    /// This kind of database has its own tool for the task.
    #[error("{task} of a database server is done with the server's own tools")]
    Unsupported {
        /// What was asked.
        task: &'static str,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The database refused for another reason: a fault of this program.
    #[error("the database refused: {detail}")]
    Refused {
        /// What it said.
        detail: String,
    },
}
