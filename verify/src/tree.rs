//! The tree of a log: which of its files tell it, which do not match, and its root at any size.
//!
//! Of the hashes of 256 leaves a log has three sources: the entries, the tile over them, and one hash in the tile above.
//! Two that agree outvote the third, whose bytes are then named; where none agree, the entries count and all that
//! differs is named. Kept in memory are the nodes over whole tiles, 64 bytes for 256 leaves. Next: `views.rs`.

use loa_domain::audit::merkle::{self, Edge, Head};
use loa_domain::audit::tiles::{self, HEIGHT, Level, Tile, WIDTH};
use loa_domain::id::Hash;

use crate::files::{self, Fault, Folder};
use crate::finding::{Finding, Lack};
use crate::load::{Loaded, claim};
use crate::report::Report;

/// The tree so far.
#[derive(Debug)]
pub struct Tree {
    folder: Folder,
    size: u64,
    /// The root that the checkpoint says: the third voice where a tile that is not full has none above it.
    signed: Hash,
    /// Nodes over whole tiles: at 0 those of 256 leaves, then upwards.
    nodes: Vec<Vec<Hash>>,
    /// The last leaves, of a tile that is not full.
    tail: Vec<Hash>,
    /// Leaves whose hashes are known from no file: the root cannot be told.
    pub torn: bool,
    /// Hashes over tiles as the log has them: of one tile of level 1 at a time.
    above: Option<(u64, Vec<Hash>)>,
}

/// The root over these leaves.
fn root_of(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    leaves.iter().for_each(|leaf| edge.push(*leaf, |_, _, _| {}));
    edge.root()
}

impl Tree {
    /// The tree of a log that should have this head, before its first leaf.
    #[must_use]
    pub fn new(folder: &Folder, head: Head) -> Self {
        let Head { size, root: signed } = head;
        Self { folder: folder.clone(), size, signed, nodes: Vec::new(), tail: Vec::new(), torn: false, above: None }
    }

    /// Whole tiles so far.
    fn whole(&self) -> u64 {
        self.nodes.first().map_or(0, |nodes| nodes.len() as u64)
    }

    /// Leaves so far.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.whole() * WIDTH + self.tail.len() as u64
    }

    /// What the tile of level 1 says is over the leaves of this tile.
    fn said_above(&mut self, index: u64) -> Option<Hash> {
        if index >= tiles::hashes_at(1, self.size) {
            return None;
        }
        if self.above.as_ref().is_none_or(|(tile, _)| *tile != index / WIDTH) {
            let (tile, _) = tiles::of_node(HEIGHT, index, self.size);
            // That it is missing or bent is told once, where all of its level is checked.
            self.above = Some((tile.index, self.folder.hashes(tile).unwrap_or_default()));
        }
        let (_, hashes) = self.above.as_ref()?;
        hashes.get((index % WIDTH) as usize).copied()
    }

    /// Takes in the next tile, and tells what does not match. Gives which of its entries do.
    pub fn take(&mut self, loaded: &Loaded, report: &mut Report) -> Vec<bool> {
        let (index, width) = (loaded.tile.index, loaded.tile.width as usize);
        let above = self.said_above(index);
        let kept = loaded.kept.as_ref().ok();
        let own = (loaded.own.len() == width).then_some(&loaded.own);
        let fits = |leaves: Option<&&Vec<Hash>>| {
            leaves.is_some_and(|all| match above {
                Some(above) => root_of(all) == above,
                None => width < WIDTH as usize && self.root_with(all) == Some(self.signed),
            })
        };
        let agree = own.is_some() && own == kept;
        let keeps = !agree && (fits(kept.as_ref()) || (above.is_none() && kept.is_some()));
        let leaves = if keeps && !fits(own.as_ref()) { kept } else { own.or(kept) };
        self.tell_files(loaded, report);
        let matches: Vec<bool> = match leaves {
            Some(leaves) => loaded.own.iter().zip(leaves).map(|(own, leaf)| own == leaf).collect(),
            None => vec![true; loaded.own.len()],
        };
        for (at, _) in matches.iter().enumerate().filter(|(_, fits)| !**fits) {
            let position = loaded.tile.first() + at as u64;
            let place = loaded.facts.get(at).and_then(claim);
            report.add(Finding::Bytes { path: loaded.tile.to_string(), leaves: position..position + 1, place });
        }
        self.tell_kept(loaded, leaves, report);
        self.push(leaves, above, width);
        matches
    }

    fn tell_files(&self, loaded: &Loaded, report: &mut Report) {
        let leaves = loaded.tile.first()..loaded.tile.first() + u64::from(loaded.tile.width);
        let hashes = files::tile(Level::Hashes(0), loaded.tile.index, self.size);
        for (tile, fault) in [(loaded.tile, loaded.fault.as_ref()), (hashes, loaded.kept.as_ref().err())] {
            report_fault(tile, fault, leaves.clone(), report);
        }
    }

    /// Tells the hashes of the log's file that are not those of the leaves.
    fn tell_kept(&self, loaded: &Loaded, leaves: Option<&Vec<Hash>>, report: &mut Report) {
        let (Some(leaves), Ok(kept)) = (leaves, &loaded.kept) else { return };
        let path = files::tile(Level::Hashes(0), loaded.tile.index, self.size);
        for (at, _) in kept.iter().zip(leaves).enumerate().filter(|(_, (kept, leaf))| kept != leaf) {
            let position = loaded.tile.first() + at as u64;
            report.add(Finding::Bytes { path: path.to_string(), leaves: position..position + 1, place: None });
        }
    }

    fn push(&mut self, leaves: Option<&Vec<Hash>>, above: Option<Hash>, width: usize) {
        if width < WIDTH as usize {
            self.torn |= leaves.is_none();
            self.tail = leaves.cloned().unwrap_or_default();
            return;
        }
        let Some(mut hash) = leaves.map(|leaves| root_of(leaves)).or(above) else {
            self.torn = true;
            return;
        };
        for level in 0.. {
            if self.nodes.len() <= level {
                self.nodes.push(Vec::new());
            }
            let nodes = &mut self.nodes[level];
            nodes.push(hash);
            if nodes.len() % 2 == 1 {
                return;
            }
            hash = merkle::node_hash(&nodes[nodes.len() - 2], &hash);
        }
    }

    /// A complete node, which must be over leaves that were taken in.
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        if level >= HEIGHT {
            return self.nodes.get((level - HEIGHT) as usize)?.get(usize::try_from(index).ok()?).copied();
        }
        let first = index << level;
        let leaves = self.tile_leaves(first / WIDTH)?;
        let start = (first % WIDTH) as usize;
        leaves.get(start..start + (1 << level)).map(root_of)
    }

    /// The leaves of a tile that was taken in: from the file that gives what was found then.
    fn tile_leaves(&self, index: u64) -> Option<Vec<Hash>> {
        if index >= self.whole() {
            return Some(self.tail.clone());
        }
        let root = self.nodes.first()?.get(usize::try_from(index).ok()?)?;
        let kept = self.folder.hashes(files::tile(Level::Hashes(0), index, self.size)).ok();
        kept.filter(|leaves| root_of(leaves) == *root).or_else(|| {
            let entries = self.folder.entries(files::tile(Level::Entries, index, self.size));
            let leaves: Vec<Hash> = entries.iter().map(merkle::leaf_hash).collect();
            (root_of(&leaves) == *root).then_some(leaves)
        })
    }

    /// The root with these leaves behind the whole tiles.
    fn root_with(&self, rest: &[Hash]) -> Option<Hash> {
        let mut roots = Vec::new();
        for (level, index) in merkle::subtrees(0, self.whole()) {
            roots.push(self.node(level + HEIGHT, index)?);
        }
        roots.push(root_of(rest));
        joined(roots)
    }

    /// The root of the first `size` leaves; nothing where the files do not tell it.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if self.torn || size > self.leaves() {
            return None;
        }
        let whole = size / WIDTH;
        let rest = (size % WIDTH) as usize;
        let mut edge: Vec<Hash> = Vec::new();
        for (level, index) in merkle::subtrees(0, whole) {
            edge.push(self.node(level + HEIGHT, index)?);
        }
        if rest > 0 {
            let leaves = self.tile_leaves(whole)?;
            edge.push(root_of(leaves.get(..rest)?));
        }
        if edge.is_empty() { Some(merkle::empty_root()) } else { joined(edge) }
    }

    /// Size and root of all leaves; nothing where the files do not tell them.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        let size = self.leaves();
        self.root_at(size).map(|root| Head { size, root })
    }

    /// Checks the tiles above the leaves against the nodes found; to be called at the end.
    pub fn tell_above(&self, report: &mut Report) {
        for level in 1..8 {
            for tile in tiles::of_level(Level::Hashes(level), 0, self.size) {
                self.tell_tile(tile, level, report);
            }
        }
    }

    fn tell_tile(&self, tile: Tile, level: u8, report: &mut Report) {
        let span = 1_u64 << (HEIGHT * level);
        let over = |at: u64| at.saturating_mul(span)..(at + 1).saturating_mul(span);
        let first = tile.first();
        match self.folder.hashes(tile) {
            Err(fault) => {
                let leaves = over(first).start..over(first + u64::from(tile.width) - 1).end;
                report_fault(tile, Some(&fault), leaves, report);
            }
            Ok(hashes) if !self.torn => {
                for (hash, at) in hashes.iter().zip(first..) {
                    if self.node(HEIGHT * level, at).is_some_and(|node| node != *hash) {
                        report.add(Finding::Bytes { path: tile.to_string(), leaves: over(at), place: None });
                    }
                }
            }
            Ok(_) => {}
        }
    }
}

/// The root over complete subtrees, largest first.
fn joined(roots: Vec<Hash>) -> Option<Hash> {
    roots.into_iter().rev().reduce(|right, left| merkle::node_hash(&left, &right))
}

fn report_fault(tile: Tile, fault: Option<&Fault>, leaves: std::ops::Range<u64>, report: &mut Report) {
    match fault {
        Some(Fault::Lack(lack)) => {
            let lack: Lack = lack.clone();
            report.add(Finding::Missing { path: tile.to_string(), lack, leaves });
        }
        Some(Fault::Long) => report.add(Finding::Bytes { path: tile.to_string(), leaves, place: None }),
        None => {}
    }
}
