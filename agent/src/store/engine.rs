//! What the store asks of whatever keeps its records on the disk, and how that may fail.
//!
//! Decides: the words between the writer and an engine (operation, batch, sync), the limits on keys
//! and values, and which errors are the engine's own damage and which are not its fault.
//! Does not decide: when to sync or what to do after a failure (`keeper.rs`).
//! Next file: `tree.rs`, then `log.rs`, the two engines.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use loa_host::durable;

/// The longest key in bytes.
pub const KEY_MAX_BYTES: usize = 256;

/// The longest value in bytes. Longer ones make the tree engine write blob files that it never
/// shrinks; what is longer belongs in a file of its own, named by its hash.
pub const VALUE_MAX_BYTES: usize = 2048;

/// All records of a store, in the order of their keys' bytes.
pub type View = BTreeMap<Vec<u8>, Vec<u8>>;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Sets the value of a key.
    Put(Vec<u8>, Vec<u8>),
    /// Removes a key; no error when it is not there.
    Delete(Vec<u8>),
}

impl Op {
    /// The key that is changed.
    pub fn key(&self) -> &[u8] {
        match self {
            Op::Put(key, _) | Op::Delete(key) => key,
        }
    }

    /// Makes the change in memory.
    pub fn apply(&self, view: &mut View) {
        match self {
            Op::Put(key, value) => view.insert(key.clone(), value.clone()),
            Op::Delete(key) => view.remove(key),
        };
    }
}

/// The key of the record that says a store was filled to the end. A store without it was lost, or
/// never finished. Readers do not see it.
pub const MARK: &[u8] = b"\0filled";

/// The change that marks a store as filled.
pub fn mark() -> Op {
    Op::Put(MARK.to_vec(), b"1".to_vec())
}

/// Which engine keeps the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// The embedded B-tree database.
    #[cfg(feature = "tree-store")]
    Tree,
    /// One append-only file.
    Log,
}

impl Default for EngineKind {
    #[cfg(feature = "tree-store")]
    fn default() -> EngineKind {
        EngineKind::Tree
    }

    #[cfg(not(feature = "tree-store"))]
    fn default() -> EngineKind {
        EngineKind::Log
    }
}

impl EngineKind {
    /// The directory of the engine's files, inside the store's.
    pub fn dir_name(self) -> &'static str {
        match self {
            #[cfg(feature = "tree-store")]
            EngineKind::Tree => "tree",
            EngineKind::Log => "log",
        }
    }
}

/// Why an engine could not do what it was asked. The kinds differ in what the keeper does next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The disk has no room. What was acknowledged is intact: make room and try again.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The cause lies outside the files (another process, a read-only disk, no file handles left):
    /// leave them as they are and try again later.
    #[error("the disk cannot be used now: {0}")]
    Unavailable(String),
    /// The files cannot be relied on: set them aside and begin anew.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

impl EngineError {
    /// Tells the kinds apart.
    pub fn from_io(error: &std::io::Error) -> EngineError {
        use std::io::ErrorKind as Kind;
        let text = error.to_string();
        let not_the_files_fault = matches!(
            error.kind(),
            Kind::WouldBlock
                | Kind::PermissionDenied
                | Kind::ReadOnlyFilesystem
                | Kind::ResourceBusy
                | Kind::OutOfMemory
                | Kind::Interrupted
        );
        // ENFILE and EMFILE have no kind of their own, and wrapped errors keep only the text.
        let no_handles = text.contains("(os error 23)") || text.contains("(os error 24)");
        if durable::is_full(error) {
            EngineError::Full(text)
        } else if not_the_files_fault || no_handles {
            EngineError::Unavailable(text)
        } else {
            EngineError::Damaged(text)
        }
    }
}

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> EngineError {
        EngineError::from_io(&error)
    }
}

/// Keeps records on a disk. Guarantee asked for: after `sync` returns `Ok`, every batch written before
/// is found whole by the next open, whatever happens to the power; a batch that was not yet synced is
/// found whole or not at all.
pub trait Engine: Send {
    /// Hands over one batch, which is kept whole or not at all.
    ///
    /// # Errors
    /// After any error the engine is not used again: it is dropped and opened anew.
    fn write(&mut self, batch: &[Op]) -> Result<(), EngineError>;

    /// Returns when all that was written would survive a power cut.
    ///
    /// # Errors
    /// As for [`Engine::write`].
    fn sync(&mut self) -> Result<(), EngineError>;

    /// A quiet moment, with all live records but the mark: the chance to drop what is dead. What was
    /// synced stays.
    ///
    /// # Errors
    /// As for [`Engine::write`].
    fn tidy(&mut self, _live: &View) -> Result<(), EngineError> {
        Ok(())
    }
}

/// An engine with the records it found.
pub type Loaded = (Box<dyn Engine>, View);

/// Opens an engine on a directory that exists.
pub type Opener = Box<dyn FnMut(&Path) -> Result<Loaded, EngineError> + Send>;

/// Runs a step of an engine; a panic in it is damage, not the end of the player.
///
/// # Errors
/// Those of the step, or damage with the panic's words.
pub fn guarded<T>(step: impl FnOnce() -> Result<T, EngineError>) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no words");
        Err(EngineError::Damaged(format!("the engine panicked: {words}")))
    })
}
