//! Where the store's files lie, and what can be given up when the disk is full.
//!
//! Decides: the names in the store's directory, that one process uses it at a time, how many broken
//! stores are kept for someone to look at, and the ballast.
//! Does not decide: when a store is broken or a disk full (`keeper.rs`).
//! Next file: `export.rs`.
//!
//! The directory: `lock`, `ballast`, `last-resort` (the export), one directory for the engine's files
//! (`tree` or `log`), and `set-aside-<number>-<milliseconds>` for stores that would not open.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use loa_host::durable::{self, Appender};

use super::engine::EngineError;

/// How many broken stores are kept. One tells what happened; a second, that it happened again.
const SET_ASIDE_KEPT: usize = 2;
const SET_ASIDE: &str = "set-aside-";

/// How much of the ballast is written at once.
const BALLAST_PIECE_BYTES: usize = 64 << 10;

/// How often the lock is tried, and how long it is waited for between.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The store's directory, held by this process.
pub struct Place {
    dir: PathBuf,
    engine_dir: PathBuf,
    ballast_bytes: u64,
    spare_bytes: u64,
    /// The lock goes when the file is closed, however the process ends.
    lock: File,
}

impl Place {
    /// Makes the directory if needed, sweeps it and locks it.
    ///
    /// # Errors
    /// Never damage: nothing of the engine was looked at yet.
    pub fn prepare(dir: &Path, engine: &str, ballast_bytes: u64, spare_bytes: u64) -> Result<Place, EngineError> {
        let unavailable = |error: std::io::Error| match EngineError::from_io(&error) {
            EngineError::Damaged(why) => EngineError::Unavailable(why),
            known => known,
        };
        durable::create_dir(dir).map_err(unavailable)?;
        let lock_path = dir.join("lock");
        let lock = File::options().create(true).append(true).open(lock_path).map_err(unavailable)?;
        let mut tries = 0;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                // A player that was just ended may still be on its way out.
                Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => {
                    tries += 1;
                    std::thread::sleep(LOCK_PAUSE);
                }
                // Its records must not be set aside under the feet of the process that writes them.
                Err(TryLockError::WouldBlock) => {
                    let why = format!("another process has the store in {}", dir.display());
                    return Err(EngineError::Unavailable(why));
                }
                Err(TryLockError::Error(error)) => return Err(unavailable(error)),
            }
        }
        durable::sweep(dir).map_err(unavailable)?;
        Ok(Place { dir: dir.to_owned(), engine_dir: dir.join(engine), ballast_bytes, spare_bytes, lock })
    }

    /// The directory of the engine's files, made if it is missing.
    ///
    /// # Errors
    /// As the disk answers.
    pub fn engine_dir(&self) -> Result<&Path, EngineError> {
        durable::create_dir(&self.engine_dir)?;
        Ok(&self.engine_dir)
    }

    /// Moves the engine's files away under a new name, and drops the oldest beyond those kept.
    /// `None` when there were no files.
    ///
    /// # Errors
    /// As the disk answers; the files are then still where they were.
    pub fn set_aside(&self, clock_ms: i64) -> Result<Option<PathBuf>, EngineError> {
        let found = fs::symlink_metadata(&self.engine_dir);
        let empty = fs::read_dir(&self.engine_dir).is_ok_and(|mut dir| dir.next().is_none());
        if found.is_err() || empty {
            return Ok(None);
        }
        // Numbered, because a player without power has a wrong clock: time alone gives no order.
        let kept = self.kept_aside();
        let number = kept.last().map_or(1, |(number, _)| number + 1);
        let aside = self.dir.join(format!("{SET_ASIDE}{number:04}-{clock_ms}"));
        durable::rename(&self.engine_dir, &aside)?;
        for (_, old) in kept.iter().rev().skip(SET_ASIDE_KEPT - 1) {
            // Best effort: one too many does no harm, and the next time tries again.
            let _ = durable::remove(old);
        }
        Ok(Some(aside))
    }

    /// Removes the engine's files.
    ///
    /// # Errors
    /// As the disk answers.
    pub fn discard(&self) -> Result<(), EngineError> {
        Ok(durable::remove(&self.engine_dir)?)
    }

    /// Gives something up so that writing can go on: first the ballast, then broken stores, oldest
    /// first. `false` when there is nothing left to give up.
    pub fn make_room(&self) -> bool {
        let ballast = self.ballast_path();
        if ballast.exists() && durable::remove(&ballast).is_ok() {
            return true;
        }
        self.kept_aside().first().is_some_and(|(_, oldest)| durable::remove(oldest).is_ok())
    }

    /// Puts the ballast in place when it is missing and the disk has room for it and to spare.
    ///
    /// # Errors
    /// As the disk answers; what was written of it is removed again.
    pub fn restore_ballast(&self) -> Result<(), EngineError> {
        if self.ballast_in_place() {
            return Ok(());
        }
        if durable::free_bytes(&self.dir)? < self.ballast_bytes + self.spare_bytes {
            return Ok(());
        }
        let written = self.write_ballast();
        if written.is_err() {
            let _ = durable::remove(&self.ballast_path());
        }
        written
    }

    /// Whether the ballast is whole.
    pub fn ballast_in_place(&self) -> bool {
        fs::metadata(self.ballast_path()).is_ok_and(|file| file.len() >= self.ballast_bytes)
    }

    fn write_ballast(&self) -> Result<(), EngineError> {
        // No zeros: a disk that compresses or leaves holes would give nothing back for them.
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut ballast = Appender::open(&self.ballast_path())?;
        ballast.cut(0)?;
        while ballast.len() < self.ballast_bytes {
            let mut piece = Vec::with_capacity(BALLAST_PIECE_BYTES);
            while piece.len() < BALLAST_PIECE_BYTES {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                piece.extend(state.to_le_bytes());
            }
            let missing = self.ballast_bytes - ballast.len();
            piece.truncate(usize::try_from(missing).unwrap_or(usize::MAX));
            ballast.append(&piece)?;
        }
        Ok(ballast.sync()?)
    }

    fn ballast_path(&self) -> PathBuf {
        self.dir.join("ballast")
    }

    /// The broken stores with their numbers, oldest first.
    fn kept_aside(&self) -> Vec<(u64, PathBuf)> {
        let mut kept: Vec<(u64, PathBuf)> = fs::read_dir(&self.dir)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let number = name.strip_prefix(SET_ASIDE)?.split('-').next()?.parse().ok()?;
                Some((number, entry.path()))
            })
            .collect();
        kept.sort();
        kept
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Said aloud, because a child process that is just being started holds a copy of the file.
        let _ = self.lock.unlock();
    }
}

/// The bytes of all files in a directory and below.
pub fn bytes_below(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_below(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}
