//! The tree engine: records in an embedded B-tree database. The one file that names its library.
//!
//! Decides: how the library must be used so that its promises hold. Version 0.34.7 does not hold them
//! by itself: its `flush` writes but never calls fsync (of 20 simulated power cuts, 20 lost
//! acknowledged records), and a snapshot torn by a cut makes every later open fail.
//! Does not decide: when to sync, or what happens when it will not open (`keeper.rs`).
//! Next file: `log.rs`, which keeps the same promises with one plain file.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use loa_host::durable;

use super::engine::{Engine, EngineError, Loaded, Op, View};

/// Memory for the library's page cache. Its own default is 1 GiB, more than many players have.
const CACHE_BYTES: u64 = 8 << 20;

/// How often an open is tried while the library still lets go of the files of the last one: its
/// threads keep the lock for a moment after the database was dropped.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// An open database, and its one data file opened a second time to sync it.
struct Tree {
    database: sled::Db,
    data: File,
}

/// Opens or makes the database in `dir`.
///
/// # Errors
/// By kind, as the keeper needs it. May also panic inside the library: call it guarded.
pub fn open(dir: &Path) -> Result<Loaded, EngineError> {
    remove_snapshots(dir)?;
    let database = open_when_unlocked(dir)?;
    let data_path = dir.join("db");
    let data = File::open(&data_path)?;
    // What the library has just made has no durable names yet.
    durable::sync(&data_path)?;
    durable::sync(&dir.join("conf"))?;
    durable::sync_dir(dir)?;
    let mut view = View::new();
    for pair in database.iter() {
        let (key, value) = pair.map_err(|error| kind_of(&error))?;
        view.insert(key.to_vec(), value.to_vec());
    }
    Ok((Box::new(Tree { database, data }), view))
}

impl Engine for Tree {
    fn write(&mut self, batch: &[Op]) -> Result<(), EngineError> {
        let mut changes = sled::Batch::default();
        for op in batch {
            match op {
                Op::Put(key, value) => changes.insert(key.as_slice(), value.as_slice()),
                Op::Delete(key) => changes.remove(key.as_slice()),
            }
        }
        self.database.apply_batch(changes).map_err(|error| kind_of(&error))
    }

    fn sync(&mut self) -> Result<(), EngineError> {
        self.database.flush().map_err(|error| kind_of(&error))?;
        // The library's flush ends in sync_file_range, which saves neither the file's size nor its
        // extents, and does not empty the card's own cache.
        // Its failure is damage even when the disk is only full: see `durable::sync`.
        self.data.sync_all().map_err(|error| EngineError::Damaged(error.to_string()))
    }
}

/// Snapshots only make the next open faster (by milliseconds), are written at every open, and when
/// torn or empty make it fail for ever; without them the records are read from the data file.
fn remove_snapshots(dir: &Path) -> io::Result<()> {
    let mut removed = false;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(entry.path())?;
            removed = true;
        }
    }
    if removed { durable::sync_dir(dir) } else { Ok(()) }
}

fn open_when_unlocked(dir: &Path) -> Result<sled::Db, EngineError> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(CACHE_BYTES)
        .mode(sled::Mode::LowSpace)
        .use_compression(false)
        // The writer syncs after each group; the library's own timer would only wear the card.
        .flush_every_ms(None);
    let mut tries = 0;
    loop {
        match config.open() {
            Err(error) if is_lock(&error) && tries < LOCK_TRIES => {
                tries += 1;
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened.map_err(|error| kind_of(&error)),
        }
    }
}

fn is_lock(error: &sled::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn kind_of(error: &sled::Error) -> EngineError {
    match error {
        _ if is_lock(error) => EngineError::Unavailable(error.to_string()),
        sled::Error::Io(error) => EngineError::from_io(error),
        // Some of its errors carry the operating system's words without its kind.
        other if other.to_string().contains("(os error 28)") => EngineError::Full(other.to_string()),
        other => EngineError::Damaged(other.to_string()),
    }
}
