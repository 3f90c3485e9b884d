//! The log's folder, tile by tile: C2SP tlog-tiles as files.
//!
//! A partial tile may be gone once the full one is there, so whoever reads falls back to that one. What the hashes mean
//! is decided in `tree.rs`, the next file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loa_domain::audit::tiles::{self, CHECKPOINT, Level, Tile, WIDTH};
use loa_domain::id::Hash;

use super::disk::Disk;
use super::error::LogError;

/// A folder with a log in it.
#[derive(Clone, Debug)]
pub struct Tiles {
    folder: PathBuf,
    disk: Disk,
}

impl Tiles {
    /// The log in a folder; nothing is made yet.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), disk: Disk::default() }
    }

    pub(super) fn on(folder: PathBuf, disk: Disk) -> Self {
        Self { folder, disk }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a tile lies.
    #[must_use]
    pub fn path(&self, tile: &Tile) -> PathBuf {
        self.folder.join(tile.to_string())
    }

    /// Where the newest published checkpoint lies.
    #[must_use]
    pub fn checkpoint_file(&self) -> PathBuf {
        self.folder.join(CHECKPOINT)
    }

    /// The newest published checkpoint, as it lies there.
    pub(crate) fn checkpoint(&self) -> Result<Option<String>, LogError> {
        match fs::read_to_string(self.checkpoint_file()) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn publish(&self, note: &str) -> Result<(), LogError> {
        Ok(self.disk.write(&self.checkpoint_file(), note.as_bytes())?)
    }

    pub(super) fn write(&self, tile: &Tile, bytes: &[u8]) -> Result<(), LogError> {
        Ok(self.disk.write(&self.path(tile), bytes)?)
    }

    /// The bytes of a tile as they lie there, from the full one where the partial one is gone.
    pub(crate) fn bytes(&self, tile: &Tile) -> Result<Vec<u8>, LogError> {
        match fs::read(self.path(tile)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && tile.is_partial() => {
                let full = Tile { width: WIDTH as u16, ..*tile };
                let missing = |_| LogError::Torn { path: self.path(tile) };
                let bytes = fs::read(self.path(&full)).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => LogError::Short { signed: 0, path: self.path(tile) },
                    _ => error.into(),
                })?;
                cut(tile, &bytes).map(<[u8]>::to_vec).ok_or(()).map_err(missing)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(LogError::Short { signed: 0, path: self.path(tile) })
            }
            read => Ok(read?),
        }
    }

    /// The hashes of a tile.
    pub(crate) fn hashes(&self, tile: &Tile) -> Result<Vec<Hash>, LogError> {
        let bytes = self.bytes(tile)?;
        if bytes.len() != usize::from(tile.width) * 32 {
            return Err(LogError::Torn { path: self.path(tile) });
        }
        // Pieces of 32 bytes are what a hash is made of.
        Ok(bytes.chunks_exact(32).filter_map(|hash| hash.try_into().ok().map(Hash)).collect())
    }

    /// The entries of a tile of entries.
    pub(crate) fn entries(&self, tile: &Tile) -> Result<Vec<Vec<u8>>, LogError> {
        let bytes = self.bytes(tile)?;
        let entries: Result<Vec<_>, _> = tiles::entries(&bytes).map(|entry| entry.map(<[u8]>::to_vec)).collect();
        let entries = entries.ok().filter(|entries| entries.len() == usize::from(tile.width));
        entries.ok_or_else(|| LogError::Torn { path: self.path(tile) })
    }

    /// How wide the widest tile of entries of that number is that lies there; 0 where none does.
    pub(super) fn widest(&self, index: u64) -> Result<u16, LogError> {
        let full = Tile { level: Level::Entries, index, width: WIDTH as u16 };
        if self.path(&full).is_file() {
            return Ok(full.width);
        }
        let partial = match fs::read_dir(self.partials(&full)) {
            Ok(partial) => partial,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let mut widest = 0;
        for file in partial {
            let width = file?.file_name().to_string_lossy().parse().ok();
            widest = width.filter(|width| u64::from(*width) < WIDTH).unwrap_or(0).max(widest);
        }
        Ok(widest)
    }

    /// The folder of the partial tiles that led to a full one.
    fn partials(&self, full: &Tile) -> PathBuf {
        let mut name = self.path(full).into_os_string();
        name.push(".p");
        PathBuf::from(name)
    }

    /// Clears away the partial tiles that led to a full one: the standard allows it, and they would take more than the log.
    pub(super) fn clear_partials(&self, full: &Tile) -> Result<(), LogError> {
        Ok(self.disk.remove(&self.partials(full))?)
    }
}

/// The part of a full tile's bytes that a partial one of it holds.
fn cut<'b>(tile: &Tile, bytes: &'b [u8]) -> Option<&'b [u8]> {
    match tile.level {
        Level::Hashes(_) => bytes.get(..usize::from(tile.width) * 32),
        Level::Entries => {
            let mut length = 0;
            for entry in tiles::entries(bytes).take(tile.width.into()) {
                length += 2 + entry.ok()?.len();
            }
            bytes.get(..length)
        }
    }
}

/// Entries as the bytes of a tile. Longer ones than a tile takes do not come here: the store refuses them.
pub(super) fn packed(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
    for entry in entries {
        bytes.extend((entry.len() as u16).to_be_bytes());
        bytes.extend(entry);
    }
    bytes
}
