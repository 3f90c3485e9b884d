//! How the log's files grow: entries and the hashes over them, every file whole before the next.
//!
//! Nothing here counts before a checkpoint is signed over it, so a crash anywhere is healed by writing the same entries
//! again at the same positions. When it is signed is decided in `sequencer.rs`. Next: `kept.rs`.

use std::collections::BTreeMap;

use loa_domain::audit::merkle::{self, Edge, Head};
use loa_domain::audit::tiles::{HEIGHT, Level, Tile, WIDTH};
use loa_domain::id::Hash;

use super::error::LogError;
use super::tiles::{Tiles, packed};

/// The right edge of the log: what the next entry is written against.
#[derive(Clone, Debug)]
struct Margin {
    edge: Edge,
    /// The entries of the tile that is not full yet.
    entries: Vec<Vec<u8>>,
    /// The hashes of the tiles that are not full yet, by level.
    hashes: BTreeMap<u8, Vec<Hash>>,
}

/// The only one that writes tiles.
#[derive(Debug)]
pub(super) struct Writer {
    tiles: Tiles,
    margin: Margin,
}

/// A file to be written.
type File = (Tile, Vec<u8>);

impl Writer {
    /// A writer that goes on behind full tiles: `full` leaves, the hashes of the tiles above the leaves that are not full
    /// yet, and the roots of the complete subtrees.
    pub(super) fn behind(tiles: Tiles, edge: Edge, hashes: BTreeMap<u8, Vec<Hash>>) -> Self {
        Self { tiles, margin: Margin { edge, entries: Vec::new(), hashes } }
    }

    /// The tree so far, written or not yet signed.
    pub(super) fn head(&self) -> Head {
        self.margin.edge.head()
    }

    /// Counts entries that lie in the files already, behind those so far and within their tile.
    pub(super) fn take(&mut self, entries: &[Vec<u8>]) {
        let _written_already = self.margin.grow(entries);
    }

    /// Writes entries behind those so far. After an error nothing of them counts, and they have to come again.
    pub(super) fn append(&mut self, entries: &[Vec<u8>]) -> Result<(), LogError> {
        let mut margin = self.margin.clone();
        let mut files = margin.grow(entries);
        files.extend(margin.partial(&self.margin));
        // Entries first: hashes can be made again from them.
        files.sort_by_key(|(tile, _)| (tile.level != Level::Entries, tile.level, tile.index));
        for (tile, bytes) in &files {
            self.tiles.write(tile, bytes)?;
        }
        self.margin = margin;
        for (tile, _) in files.iter().filter(|(tile, _)| !tile.is_partial()) {
            // They are in nobody's way; the next full tile does not come back for them, a copy leaves them out.
            if let Err(error) = self.tiles.clear_partials(tile) {
                tracing::warn!(%error, %tile, "partial tiles were not cleared away");
            }
        }
        Ok(())
    }

    /// Writes the partial tiles at the edge anew.
    pub(super) fn mend(&self) -> Result<(), LogError> {
        let nothing = Margin { edge: Edge::default(), entries: Vec::new(), hashes: BTreeMap::new() };
        for (tile, bytes) in self.margin.partial(&nothing) {
            self.tiles.write(&tile, &bytes)?;
        }
        Ok(())
    }

    /// Whether the partial tiles at the edge hold what they should.
    pub(super) fn is_sound(&self) -> bool {
        let nothing = Margin { edge: Edge::default(), entries: Vec::new(), hashes: BTreeMap::new() };
        let files = self.margin.partial(&nothing);
        files.iter().all(|(tile, bytes)| self.tiles.bytes(tile).is_ok_and(|found| found == *bytes))
    }
}

impl Margin {
    /// Adds entries; gives the tiles that became full.
    fn grow(&mut self, entries: &[Vec<u8>]) -> Vec<File> {
        let mut full = Vec::new();
        let Self { edge, entries: open, hashes } = self;
        for entry in entries {
            open.push(entry.clone());
            edge.push(merkle::leaf_hash(entry), |level, index, hash| {
                if level % HEIGHT == 0 {
                    let tile_level = level / HEIGHT;
                    let tile = hashes.entry(tile_level).or_default();
                    tile.push(hash);
                    if tile.len() as u64 == WIDTH {
                        let file = Tile { level: Level::Hashes(tile_level), index: index / WIDTH, width: WIDTH as u16 };
                        full.push((file, flat(&std::mem::take(tile))));
                    }
                }
            });
            if open.len() as u64 == WIDTH {
                let index = (edge.size() - 1) / WIDTH;
                let file = Tile { level: Level::Entries, index, width: WIDTH as u16 };
                full.push((file, packed(&std::mem::take(open))));
            }
        }
        full
    }

    /// The partial tiles that are not as they were.
    fn partial(&self, was: &Self) -> Vec<File> {
        let size = self.edge.size();
        let mut files = Vec::new();
        let same = self.edge.size() == was.edge.size();
        if !self.entries.is_empty() && !same {
            let width = self.entries.len() as u16;
            files.push((Tile { level: Level::Entries, index: size / WIDTH, width }, packed(&self.entries)));
        }
        for (level, hashes) in self.hashes.iter().filter(|(_, hashes)| !hashes.is_empty()) {
            if was.hashes.get(level) != Some(hashes) {
                let index = loa_domain::audit::tiles::hashes_at(*level, size) / WIDTH;
                files.push((Tile { level: Level::Hashes(*level), index, width: hashes.len() as u16 }, flat(hashes)));
            }
        }
        files
    }
}

fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}
