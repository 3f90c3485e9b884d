//! The player's durable records: a small ordered map of bytes that survives power cuts.
//!
//! Decides: what others may ask. A change counts as stored only when its `done` is called with `Ok`,
//! which happens after an fsync; commits that wait together share one. It always opens: what cannot
//! be read is set aside, and without a usable disk records are kept in memory and said to be.
//! Does not decide: what the keys mean. Long values (over 2 KiB) are refused: they belong in files.
//! Not meant for more than some ten thousand records: all of them are also in memory.
//! Next file: `store/engine.rs`, then `tree.rs`, `log.rs`, `place.rs`, `keeper.rs`, `writer.rs`.

mod checksum;
mod engine;
mod export;
mod keeper;
mod log;
mod place;
mod report;
#[cfg(feature = "tree-store")]
mod tree;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use engine::{EngineKind, KEY_MAX_BYTES, Op, VALUE_MAX_BYTES};
pub use report::{Health, Opened, StoreError};

use engine::Opener;
use keeper::{Keeper, Setup, Shared};
use writer::{Done, Job};

/// How a store is set up. The defaults are right for a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// What keeps the records.
    pub engine: EngineKind,
    /// Size in bytes of a file that is given up when the disk is full, so that proofs can still be
    /// written while someone comes to clear it.
    pub ballast_bytes: u64,
    /// What must be free besides, in bytes, before that file is put in place.
    pub spare_bytes: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            engine: EngineKind::default(),
            ballast_bytes: 16 << 20,
            // Downloads stop below the same 64 MB.
            spare_bytes: 64 << 20,
        }
    }
}

/// A handle to an open store; all clones are the same store. The last one to go closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    jobs: Sender<Job>,
    writer: Mutex<Option<JoinHandle<()>>>,
    engine_dir: PathBuf,
}

impl Store {
    /// Opens the store in a directory of its own, making it if it is missing. Never fails: says how
    /// it came up instead. `clock_ms` (milliseconds since 1970) names what has to be set aside.
    pub fn open(dir: &Path, clock_ms: i64) -> (Store, Opened) {
        Store::open_with(dir, clock_ms, &Settings::default())
    }

    /// The same, with settings.
    pub fn open_with(dir: &Path, clock_ms: i64, settings: &Settings) -> (Store, Opened) {
        let opener: Opener = match settings.engine {
            #[cfg(feature = "tree-store")]
            EngineKind::Tree => Box::new(tree::open),
            EngineKind::Log => Box::new(log::open),
        };
        Store::open_on(dir, clock_ms, settings, opener)
    }

    fn open_on(dir: &Path, clock_ms: i64, settings: &Settings, opener: Opener) -> (Store, Opened) {
        let setup = Setup {
            dir: dir.to_owned(),
            engine_dir: settings.engine.dir_name(),
            ballast_bytes: settings.ballast_bytes,
            spare_bytes: settings.spare_bytes,
            clock_ms,
        };
        let shared = Arc::new(Shared::default());
        let (keeper, mut opened) = Keeper::open(setup, opener, shared.clone());
        let (jobs, waiting) = mpsc::channel();
        let writer = std::thread::Builder::new().name("store".to_owned()).spawn(move || writer::run(keeper, &waiting));
        if let Err(error) = &writer {
            opened = Opened::Memory { why: format!("no thread for the writer: {error}") };
        }
        let inner =
            Inner { shared, jobs, writer: Mutex::new(writer.ok()), engine_dir: dir.join(settings.engine.dir_name()) };
        (Store { inner: Arc::new(inner) }, opened)
    }

    /// The value of a key, as of the last settled commit.
    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.inner.shared.view().get(key).cloned()
    }

    /// All records whose keys begin with the prefix, in the order of the keys' bytes.
    pub fn scan(&self, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let view = self.inner.shared.view();
        view.range(prefix.to_vec()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Makes some changes, together or not at all, in the order of the calls. `done` is called once:
    /// with `Ok` only after an fsync that covers them, when readers already see them. It runs on the
    /// writer's thread: it should hand the news on and return, and must not wait for another commit.
    pub fn commit(&self, ops: Vec<Op>, done: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        // When the writer is gone, the job comes back and answers `Closed` as it is dropped.
        drop(self.inner.jobs.send(Job::Commit(ops, Done::new(Box::new(done)))));
    }

    /// The same, waiting for the answer. Not to be called from within a `done`.
    ///
    /// # Errors
    /// See [`StoreError`]: with `MemoryOnly` the changes are made all the same.
    pub fn commit_wait(&self, ops: Vec<Op>) -> Result<(), StoreError> {
        let (answer, answered) = mpsc::channel();
        self.commit(ops, move |result| drop(answer.send(result)));
        answered.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Writes the records under these prefixes to a file of its own, the last resort that a rebuilt
    /// store is filled from. To be called when the timetable has changed.
    ///
    /// # Errors
    /// `NotExported` (an earlier export is untouched) or `Closed`.
    pub fn export(&self, prefixes: &[&[u8]]) -> Result<(), StoreError> {
        let prefixes = prefixes.iter().map(|prefix| prefix.to_vec()).collect();
        let (reply, replied) = mpsc::channel();
        drop(self.inner.jobs.send(Job::Export(prefixes, reply)));
        replied.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Looks after the disk now and waits for it: goes back to it from memory, restores the ballast.
    /// The store does the same by itself after thirty seconds without work.
    pub fn tend(&self) {
        let (reply, replied) = mpsc::channel();
        drop(self.inner.jobs.send(Job::Tend(reply)));
        let _ = replied.recv();
    }

    /// How the store fares. Asks the disk how long the files are.
    pub fn health(&self) -> Health {
        let disk_bytes = place::bytes_below(&self.inner.engine_dir);
        Health { disk_bytes, ..self.inner.shared.health() }
    }

    /// Settles what is waiting, ends the writer and gives the directory free. Other clones of the
    /// handle can still read; their commits are answered with `Closed`.
    pub fn close(self) {
        self.inner.close();
    }
}

impl Inner {
    fn close(&self) {
        drop(self.jobs.send(Job::Close));
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The last handle may go inside a `done`, which runs on the writer's own thread.
        if let Some(writer) = writer
            && writer.thread().id() != std::thread::current().id()
        {
            let _ = writer.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
