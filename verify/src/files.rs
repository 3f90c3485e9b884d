//! The files of an exported log: each read with a bound, and told as missing or short where it is.
//!
//! What they hold is not judged here. A partial tile may be gone once the full one is there (C2SP tlog-tiles); then the
//! full one is read as far as the checkpoint goes. Next: `leaf.rs`.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use loa_domain::audit::note::NOTE_BYTES;
use loa_domain::audit::tiles::{self, ENTRY_BYTES, Level, Tile, WIDTH};
use loa_domain::id::Hash;

use crate::finding::Lack;

/// Longest file of a log: a full tile of the longest entries.
const FILE_BYTES: usize = WIDTH as usize * (ENTRY_BYTES + 2);
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// The folder of a log.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// The bytes of a tile's entries, and where each lies.
#[derive(Debug, Default)]
pub struct Entries {
    bytes: Vec<u8>,
    ends: Vec<(usize, usize)>,
    /// What is wrong with the file: it is cut short, or goes on too long.
    pub fault: Option<Fault>,
}

/// What is wrong with a file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not there, or not all of it.
    Lack(Lack),
    /// It is longer than what it should hold.
    Long,
}

impl Entries {
    /// The entries in their order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.ends.iter().map(|(from, to)| &self.bytes[*from..*to])
    }

    fn of(bytes: Vec<u8>, width: usize, was_cut: bool) -> Self {
        let (mut ends, mut broken, mut from) = (Vec::with_capacity(width), false, 0);
        for entry in tiles::entries(&bytes).take(width) {
            let Ok(entry) = entry else {
                broken = true;
                break;
            };
            ends.push((from + 2, from + 2 + entry.len()));
            from += 2 + entry.len();
        }
        let fault = if broken || ends.len() < width {
            Some(Fault::Lack(Lack::Short))
        } else {
            (from < bytes.len() && !was_cut).then_some(Fault::Long)
        };
        Self { bytes, ends, fault }
    }
}

impl Folder {
    /// The folder at `path`.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The bytes of the newest checkpoint.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Lack> {
        self.read(tiles::CHECKPOINT, NOTE_BYTES + 1)
    }

    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, Lack> {
        read(&self.0.join(path), most)
    }

    /// Whether a tile's file is there, partial or full.
    #[must_use]
    pub fn has(&self, tile: Tile) -> bool {
        self.0.join(tile.to_string()).is_file() || self.0.join(full(tile).to_string()).is_file()
    }

    /// A tile's bytes, and whether they are those of the full tile in place of a partial one.
    fn tile(&self, tile: Tile, most: usize) -> Result<(Vec<u8>, bool), Lack> {
        match self.read(&tile.to_string(), most) {
            Err(Lack::Absent) if tile.is_partial() => Ok((self.read(&full(tile).to_string(), most)?, true)),
            other => Ok((other?, false)),
        }
    }

    /// The entries of a tile.
    #[must_use]
    pub fn entries(&self, tile: Tile) -> Entries {
        match self.tile(tile, FILE_BYTES) {
            Ok((bytes, was_cut)) => Entries::of(bytes, tile.width as usize, was_cut),
            Err(lack) => Entries { fault: Some(Fault::Lack(lack)), ..Entries::default() },
        }
    }

    /// The hashes of a tile: exactly as many as it is wide.
    pub fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, Fault> {
        let (mut bytes, was_cut) = self.tile(tile, WIDTH as usize * HASH_BYTES + 1).map_err(Fault::Lack)?;
        let expected = tile.width as usize * HASH_BYTES;
        if was_cut {
            bytes.truncate(expected);
        }
        if bytes.len() < expected {
            return Err(Fault::Lack(Lack::Short));
        }
        if bytes.len() > expected {
            return Err(Fault::Long);
        }
        Ok(bytes.as_chunks::<HASH_BYTES>().0.iter().map(|hash| Hash(*hash)).collect())
    }
}

fn full(tile: Tile) -> Tile {
    Tile { width: WIDTH as u16, ..tile }
}

/// A tile of entries or of leaves' hashes by its number, in a log of `size` leaves.
#[must_use]
pub fn tile(level: Level, index: u64, size: u64) -> Tile {
    Tile::of_leaf(level, index.saturating_mul(WIDTH), size)
}

/// A file's bytes, at most `most` of them: more is a fault of the file.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, Lack> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Lack::Absent,
        _ => Lack::Unreadable(error.to_string()),
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > most { Err(Lack::Unreadable(format!("it is longer than {most} bytes"))) } else { Ok(bytes) }
}
