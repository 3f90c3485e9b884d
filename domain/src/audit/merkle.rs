//! The tree of RFC 6962: hashes of leaves and nodes, proofs checked and made, a root grown leaf by leaf.
//!
//! A proof says nothing of the tree's size: take the size from a checkpoint, never from whoever brings the proof.
//! Where the nodes lie is decided in `tiles.rs`; whose roots count, in `note.rs`.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::id::{Hash, Hasher};
use crate::wire::List;

/// Hashes in the longest proof: one per level of a tree whose size fits 64 bits.
pub const PROOF_HASHES: usize = 64;

/// The hash of an entry as a leaf (RFC 6962 §2.1: 0x00 before it).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(&[0]);
    hasher.update(entry);
    hasher.finish()
}

/// The hash of a node over its two halves (RFC 6962 §2.1: 0x01 before them).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(&[1]);
    hasher.update(&left.0);
    hasher.update(&right.0);
    hasher.finish()
}

/// The root of a tree without leaves: the hash of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Hash::of(&[])
}

/// The state of walking two indices up the tree together (RFC 9162 §2.1.3.2).
struct Walk {
    at: u64,
    last: u64,
}

impl Walk {
    /// Goes up while the node is a left child whose sibling is not in the proof.
    fn skip(&mut self) {
        while self.at & 1 == 0 && self.at != 0 {
            self.up();
        }
    }

    fn up(&mut self) {
        self.at >>= 1;
        self.last >>= 1;
    }

    fn sibling_is_left(&self) -> bool {
        self.at & 1 == 1 || self.at == self.last
    }
}

/// Whether `proof` shows that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162 §2.1.3.2).
#[must_use]
pub fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let mut walk = Walk { at: index, last: size - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        if walk.last == 0 {
            return false;
        }
        if walk.sibling_is_left() {
            hash = node_hash(sibling, &hash);
            walk.skip();
        } else {
            hash = node_hash(&hash, sibling);
        }
        walk.up();
    }
    walk.last == 0 && hash == *root
}

/// A tree's size and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// Root hash.
    pub root: Hash,
}

impl Head {
    /// The head of a tree without leaves.
    #[must_use]
    pub fn empty() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

/// Whether `proof` shows that the `new` tree begins with all of the `old` one (RFC 9162 §2.1.4.2).
///
/// Every tree begins with the empty one, and a tree with itself: then the proof must be empty.
#[must_use]
pub fn extends(old: &Head, new: &Head, proof: &[Hash]) -> bool {
    if old.size == 0 || old.size >= new.size {
        let same = if old.size == 0 && new.size > 0 { *old == Head::empty() } else { old == new };
        let same = same && (old.size > 0 || old.root == empty_root());
        return same && proof.is_empty();
    }
    let mut walk = Walk { at: old.size - 1, last: new.size - 1 };
    while walk.at & 1 == 1 {
        walk.up();
    }
    // A complete old tree is itself the first node of the proof, so the proof leaves it out.
    let (first, rest) = if old.size.is_power_of_two() {
        (old.root, proof)
    } else {
        let Some((first, rest)) = proof.split_first() else { return false };
        (*first, rest)
    };
    let (mut of_old, mut of_new) = (first, first);
    for sibling in rest {
        if walk.last == 0 {
            return false;
        }
        if walk.sibling_is_left() {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            walk.skip();
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        walk.up();
    }
    walk.last == 0 && of_old == old.root && of_new == new.root
}

/// The right edge of a growing tree: the roots of its complete subtrees, largest first. Enough to go on from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    roots: List<Hash, PROOF_HASHES>,
}

impl Edge {
    /// The edge of a tree of `size` leaves from the roots of its complete subtrees, largest first.
    /// Nothing when they are not as many as the size has bits set.
    #[must_use]
    pub fn from_roots(size: u64, roots: impl IntoIterator<Item = Hash>) -> Option<Self> {
        let roots = List::collect(roots).ok()?;
        (roots.len() as u32 == size.count_ones()).then_some(Self { size, roots })
    }

    /// Leaves so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of the next leaf; `made` is told every node that becomes complete, the leaf among them:
    /// level, index in its level, hash.
    pub fn push(&mut self, leaf: Hash, mut made: impl FnMut(u8, u64, Hash)) {
        let (mut hash, mut index, mut level) = (leaf, self.size, 0);
        made(level, index, hash);
        while index & 1 == 1 {
            // The size has a bit set for every root that is kept.
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
            level += 1;
            made(level, index, hash);
        }
        // At most one root for each bit of the size.
        let _fits = self.roots.push(hash);
        self.size += 1;
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return empty_root() };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Size and root.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }
}

/// The complete subtrees that the leaves `start..end` fall into, largest first: level and index in its level.
///
/// `start` must be a multiple of every power of two below the range's length, as it is for every node of a tree.
pub fn subtrees(mut start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    core::iter::from_fn(move || {
        let left = end.checked_sub(start).filter(|left| *left > 0)?;
        let level = left.ilog2().min(start.trailing_zeros());
        let index = start >> level;
        start += 1 << level;
        Some((level as u8, index))
    })
}

/// The largest power of two below `length`, which is at least two: where RFC 6962 §2.1 splits a tree.
#[cfg(feature = "alloc")]
const fn split(length: u64) -> u64 {
    1 << (u64::BITS - 1 - (length - 1).leading_zeros())
}

/// The root over the leaves `start..end` of a tree whose complete nodes `node` gives.
///
/// # Errors
/// Those of `node`.
pub fn range_root<E>(start: u64, end: u64, node: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let mut edge: List<Hash, { 2 * PROOF_HASHES }> = List::new();
    for (level, index) in subtrees(start, end) {
        // A range has at most two subtrees of a level.
        let _fits = edge.push(node(level, index)?);
    }
    let mut roots = edge.iter().rev();
    let Some(last) = roots.next() else { return Ok(empty_root()) };
    Ok(roots.fold(*last, |right, left| node_hash(left, &right)))
}

/// The proof that leaf `index` is in the tree of `size` leaves, from the leaf's sibling upwards (RFC 6962 §2.1.1).
/// Empty for an index outside the tree.
///
/// # Errors
/// Those of `node`, which gives complete nodes: level, index in its level.
#[cfg(feature = "alloc")]
pub fn inclusion<E>(index: u64, size: u64, mut node: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 && index < size {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_root(middle, end, &mut node)?);
            end = middle;
        } else {
            proof.push(range_root(start, middle, &mut node)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `new` leaves begins with the one of `old` leaves (RFC 6962 §2.1.2).
/// Empty when `old` is nothing, or not smaller.
///
/// # Errors
/// Those of `node`, which gives complete nodes: level, index in its level.
#[cfg(feature = "alloc")]
pub fn consistency<E>(old: u64, new: u64, mut node: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut end) = (0, new);
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    while old < end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range_root(middle, end, &mut node)?);
            end = middle;
        } else {
            proof.push(range_root(start, middle, &mut node)?);
            start = middle;
        }
    }
    // The verifier has the old root already where it is a whole node.
    if start != 0 {
        proof.push(range_root(start, end, &mut node)?);
    }
    proof.reverse();
    Ok(proof)
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
