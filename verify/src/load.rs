//! A tile of entries with what its leaves say and the hashes that the log has for them: all that needs no neighbours.
//!
//! It runs on all cores; whether the hashes are those of the tree is decided in order, in `tree.rs`.

use loa_domain::audit::merkle;
use loa_domain::audit::tiles::{Level, Tile};
use loa_domain::id::Hash;

use crate::files::{self, Fault, Folder};
use crate::finding::Place;
use crate::leaf::{self, Fact, Trust};

/// A tile of entries, looked at.
#[derive(Debug)]
pub struct Loaded {
    /// The tile of entries.
    pub tile: Tile,
    /// Hashes of the entries that could be read, in their order.
    pub own: Vec<Hash>,
    /// What they say; empty for a foreign log.
    pub facts: Vec<Fact>,
    /// What is wrong with the file of entries.
    pub fault: Option<Fault>,
    /// The hashes that the log's own file of leaves has.
    pub kept: Result<Vec<Hash>, Fault>,
}

/// Reads and checks the tile of entries with this number in a log of `size` leaves; without `trust` the entries mean nothing.
#[must_use]
pub fn load(folder: &Folder, index: u64, size: u64, trust: Option<Trust<'_>>) -> Loaded {
    let tile = files::tile(Level::Entries, index, size);
    let entries = folder.entries(tile);
    let own = entries.iter().map(merkle::leaf_hash).collect();
    let facts = trust.map(|trust| entries.iter().map(|entry| Fact::of(entry, trust)).collect()).unwrap_or_default();
    let kept = folder.hashes(files::tile(Level::Hashes(0), index, size));
    Loaded { tile, own, facts, fault: entries.fault, kept }
}

/// Who the records of a tile claim to be, for those that are asked for.
#[must_use]
pub fn claims(folder: &Folder, index: u64, size: u64, asked: impl Fn(&Place) -> bool) -> Vec<(u64, Place, Hash)> {
    let tile = files::tile(Level::Entries, index, size);
    let entries = folder.entries(tile);
    let claims = entries.iter().zip(tile.first()..).filter_map(|(entry, at)| {
        let (place, hash) = leaf::claimed(entry)?;
        asked(&place).then_some((at, place, hash))
    });
    claims.collect()
}

/// The record that an entry claims to be.
#[must_use]
pub fn claim(fact: &Fact) -> Option<Place> {
    match fact {
        Fact::Record(signed, _) => Some(signed.place()),
        _ => None,
    }
}
