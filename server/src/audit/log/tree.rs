//! What the log's files say as a tree: roots, proofs, entries.
//!
//! Every answer is for a size that the caller names; whether that size was signed is the caller's to know. The formulas
//! are `loa_domain::audit::merkle`. Next: `writer.rs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use loa_domain::audit::merkle::{self, Edge, Head};
use loa_domain::audit::tiles::{self, Level, Tile};
use loa_domain::id::Hash;

use super::error::LogError;
use super::tiles::Tiles;

/// A log's tree, read from its files.
#[derive(Clone, Debug)]
pub struct Tree {
    tiles: Tiles,
}

impl Tree {
    /// The tree in these files.
    #[must_use]
    pub fn of(tiles: Tiles) -> Self {
        Self { tiles }
    }

    /// Its files.
    #[must_use]
    pub fn tiles(&self) -> &Tiles {
        &self.tiles
    }

    /// Gives complete nodes of the tree of `size` leaves; a tile is read once.
    pub(super) fn nodes(&self, size: u64) -> impl FnMut(u8, u64) -> Result<Hash, LogError> {
        let mut read: HashMap<Tile, Vec<Hash>> = HashMap::new();
        move |level, index| {
            let (tile, range) = tiles::of_node(level, index, size);
            let hashes = match read.entry(tile) {
                Entry::Occupied(read) => read.into_mut(),
                Entry::Vacant(unread) => unread.insert(self.tiles.hashes(&tile)?),
            };
            let torn = || LogError::Torn { path: self.tiles.path(&tile) };
            let hashes = hashes.get(range).ok_or_else(torn)?;
            let mut edge = Edge::default();
            hashes.iter().for_each(|hash| edge.push(*hash, |_, _, _| {}));
            Ok(edge.root())
        }
    }

    /// The head of the tree of `size` leaves, from the files at its right edge.
    ///
    /// # Errors
    /// When a file is missing or cut short.
    pub fn head(&self, size: u64) -> Result<Head, LogError> {
        let root = merkle::range_root(0, size, &mut self.nodes(size))?;
        Ok(Head { size, root })
    }

    /// The proof that leaf `index` is in the tree of `size` leaves.
    ///
    /// # Errors
    /// When a file is missing or cut short.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        merkle::inclusion(index, size, self.nodes(size))
    }

    /// The proof that the tree of `new` leaves begins with that of `old` leaves.
    ///
    /// # Errors
    /// When a file is missing or cut short.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        merkle::consistency(old, new, self.nodes(new))
    }

    /// One entry.
    ///
    /// # Errors
    /// When its file is missing or cut short.
    pub fn entry(&self, index: u64, size: u64) -> Result<Vec<u8>, LogError> {
        let tile = Tile::of_leaf(Level::Entries, index, size);
        let mut entries = self.tiles.entries(&tile)?;
        let at = (index - tile.first()) as usize;
        if at < entries.len() {
            Ok(entries.swap_remove(at))
        } else {
            Err(LogError::Torn { path: self.tiles.path(&tile) })
        }
    }

    /// The entries of the log of `size` from position `from` on, up to the end of its tile.
    ///
    /// # Errors
    /// When their file is missing or cut short.
    pub fn entries(&self, from: u64, size: u64) -> Result<Vec<Vec<u8>>, LogError> {
        let tile = Tile::of_leaf(Level::Entries, from, size);
        let mut entries = self.tiles.entries(&tile)?;
        Ok(entries.split_off((from - tile.first()) as usize))
    }
}
