//! Where a log's tree and entries lie: C2SP tlog-tiles, as paths and byte ranges.
//!
//! Only names and arithmetic; who writes the files, and how durably, is the desk's. Next: `entry.rs`.

use core::fmt;

/// Hashes, or entries, of a full tile.
pub const WIDTH: u64 = 256;
/// Levels of the tree in one tile: 256 leaves are 8 levels.
pub const HEIGHT: u8 = 8;
/// Longest entry in bytes: its length is two bytes.
pub const ENTRY_BYTES: usize = u16::MAX as usize;
/// The name of the file that holds the newest checkpoint.
pub const CHECKPOINT: &str = "checkpoint";

/// Which kind of tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Hashes: of leaves at 0, of full tiles of the level below above that.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// One tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Of which kind.
    pub level: Level,
    /// Its number in its level.
    pub index: u64,
    /// How many hashes or entries it holds, 1 to 256.
    pub width: u16,
}

impl Tile {
    /// The tile of entries, or of leaves' hashes, that holds leaf `index` in a log of `size` leaves.
    #[must_use]
    pub fn of_leaf(level: Level, index: u64, size: u64) -> Self {
        let index = index / WIDTH;
        Self { level, index, width: width(index, size) }
    }

    /// The first of its leaves.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.index * WIDTH
    }

    /// Whether it is not yet full.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        (self.width as u64) < WIDTH
    }
}

fn width(index: u64, count: u64) -> u16 {
    count.saturating_sub(index * WIDTH).min(WIDTH) as u16
}

/// How many hashes level `level` of tiles has in a log of `size` leaves.
#[must_use]
pub const fn hashes_at(level: u8, size: u64) -> u64 {
    let shift = level as u32 * HEIGHT as u32;
    if shift >= u64::BITS { 0 } else { size >> shift }
}

/// The tiles of one level of a log of `size` leaves, from the one that holds hash number `from`; the last may be partial.
pub fn of_level(level: Level, from: u64, size: u64) -> impl Iterator<Item = Tile> {
    let count = match level {
        Level::Hashes(level) => hashes_at(level, size),
        Level::Entries => size,
    };
    (from / WIDTH..count.div_ceil(WIDTH)).map(move |index| Tile { level, index, width: width(index, count) })
}

/// All tiles of a log of `size` leaves: entries, leaves' hashes, then upwards.
pub fn of_log(size: u64) -> impl Iterator<Item = Tile> {
    let levels = (0..8).map(Level::Hashes).filter(move |level| of_level(*level, 0, size).next().is_some());
    core::iter::once(Level::Entries).chain(levels).flat_map(move |level| of_level(level, 0, size))
}

/// Where a node of the tree is found: the tile that holds all below it, and the hashes in it that it is over.
///
/// `level` and `index` are the node's; the node must be complete in a log of `size` leaves.
#[must_use]
pub fn of_node(level: u8, index: u64, size: u64) -> (Tile, core::ops::Range<usize>) {
    let (tile_level, within) = (level / HEIGHT, level % HEIGHT);
    let first = index << within;
    let tile = first / WIDTH;
    let start = (first % WIDTH) as usize;
    let width = width(tile, hashes_at(tile_level, size));
    (Tile { level: Level::Hashes(tile_level), index: tile, width }, start..start + (1 << within))
}

impl fmt::Display for Tile {
    /// The path below the log's folder (tlog-tiles: three digits at a time, all but the last behind an x).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Hashes(level) => write!(f, "tile/{level}/")?,
            Level::Entries => f.write_str("tile/entries/")?,
        }
        let groups = (1..7).take_while(|power| self.index >= 1000_u64.pow(*power)).count() as u32;
        for power in (1..=groups).rev() {
            write!(f, "x{:03}/", self.index / 1000_u64.pow(power) % 1000)?;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_partial() { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// The entries of a tile's bytes, in order; an entry that is cut short ends it with nothing more, as [`Broken`].
pub fn entries(mut bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], Broken>> {
    core::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let entry = bytes.split_first_chunk::<2>().and_then(|(length, rest)| {
            let length = u16::from_be_bytes(*length) as usize;
            rest.split_at_checked(length)
        });
        let Some((entry, rest)) = entry else {
            bytes = &[];
            return Some(Err(Broken));
        };
        bytes = rest;
        Some(Ok(entry))
    })
}

/// A tile of entries that ends inside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::audit::merkle;

    #[test]
    fn the_worked_example_of_tlog_tiles_holds() {
        let count = |level| of_level(level, 0, 70_000).map(|tile| tile.width).collect::<Vec<_>>();
        let widths =
            |level| (count(level).iter().filter(|width| **width == 256).count(), *count(level).last().expect("tiles"));
        assert_eq!(widths(Level::Hashes(0)), (273, 112));
        assert_eq!(widths(Level::Hashes(1)), (1, 17));
        assert_eq!(widths(Level::Hashes(2)), (0, 1));
        assert_eq!(count(Level::Hashes(3)), []);
        assert_eq!(of_log(70_000).count(), 274 + 274 + 2 + 1);
    }

    #[test]
    fn paths_go_three_digits_at_a_time() {
        let path = |index, width| Tile { level: Level::Hashes(3), index, width }.to_string();
        assert_eq!(path(0, 256), "tile/3/000");
        assert_eq!(path(1_234_067, 256), "tile/3/x001/x234/067");
        assert_eq!(path(1_000, 5), "tile/3/x001/000.p/5");
        assert_eq!(Tile { level: Level::Entries, index: 999, width: 1 }.to_string(), "tile/entries/999.p/1");
        assert_eq!(path(u64::MAX / 256, 256), "tile/3/x072/x057/x594/x037/x927/935");
    }

    #[test]
    fn every_node_of_a_tree_lies_where_it_is_looked_for() {
        let size = 600;
        for (level, index) in merkle::subtrees(0, size) {
            let (tile, range) = of_node(level, index, size);
            assert!(range.end <= tile.width as usize, "{tile} {range:?}");
        }
        assert_eq!(of_node(8, 1, size).0.to_string(), "tile/1/000.p/2");
        assert_eq!(of_node(9, 0, size), (Tile { level: Level::Hashes(1), index: 0, width: 2 }, 0..2));
        assert_eq!(of_node(3, 40, size).1, 64..72);
    }

    #[test]
    fn entries_come_out_as_they_lie_and_a_cut_one_is_told() {
        let bytes = [0, 1, b'a', 0, 0, 0, 2, b'b', b'c'];
        assert_eq!(entries(&bytes).collect::<Vec<_>>(), [Ok(&b"a"[..]), Ok(b""), Ok(b"bc")]);
        assert_eq!(entries(&bytes[..8]).collect::<Vec<_>>(), [Ok(&b"a"[..]), Ok(b""), Err(Broken)]);
    }
}
