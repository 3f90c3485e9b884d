//! The tree held against RFC 6962's constants, against a tree made by its definition, and against every bent proof.

use std::collections::BTreeMap;
use std::vec::Vec;

use super::*;
use proptest::prelude::*;

fn hash(text: &str) -> Hash {
    text.parse().expect("64 hexadecimal digits")
}

/// MTH of RFC 6962 §2.1, word for word.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
            node_hash(&by_definition(left), &by_definition(right))
        }
    }
}

struct Tree {
    leaves: Vec<Hash>,
    nodes: BTreeMap<(u8, u64), Hash>,
    edge: Edge,
}

fn tree(size: u64) -> Tree {
    let mut tree = Tree { leaves: Vec::new(), nodes: BTreeMap::new(), edge: Edge::default() };
    for index in 0..size {
        let leaf = leaf_hash(&index.to_be_bytes());
        tree.leaves.push(leaf);
        tree.edge.push(leaf, |level, index, hash| {
            assert!(tree.nodes.insert((level, index), hash).is_none(), "a node is complete once");
        });
    }
    tree
}

impl Tree {
    fn node(&self) -> impl FnMut(u8, u64) -> Result<Hash, (u8, u64)> + '_ {
        |level, index| self.nodes.get(&(level, index)).copied().ok_or((level, index))
    }

    fn head(&self, size: u64) -> Head {
        Head { size, root: by_definition(&self.leaves[..size as usize]) }
    }
}

#[test]
fn the_constants_of_rfc_6962_hold() {
    assert_eq!(empty_root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    assert_eq!(leaf_hash(&[]), hash("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
    assert_eq!(leaf_hash(b"L123456"), hash("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"));
    let (left, right) = (b"N123", b"N456");
    let mut over = Hasher::default();
    [&[1][..], left, right].into_iter().for_each(|piece| over.update(piece));
    assert_eq!(over.finish(), hash("aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"));
}

#[test]
fn a_root_grown_leaf_by_leaf_is_the_root_by_definition() {
    for size in 0..130 {
        let tree = tree(size);
        assert_eq!(tree.edge.root(), by_definition(&tree.leaves), "{size}");
        assert_eq!(range_root(0, size, &mut tree.node()), Ok(tree.edge.root()), "{size}");
        let roots: Vec<Hash> = subtrees(0, size).map(|at| tree.nodes[&at]).collect();
        assert_eq!(Edge::from_roots(size, roots.iter().copied()), Some(tree.edge.clone()));
        assert_eq!(Edge::from_roots(size + 1 + size, roots), None);
    }
}

#[test]
fn every_leaf_of_every_small_tree_is_proven_and_nothing_else() {
    let tree = tree(40);
    for size in 1..=40 {
        let root = tree.head(size).root;
        for index in 0..size {
            let proof = inclusion(index, size, tree.node()).expect("complete nodes alone are asked for");
            let leaf = tree.leaves[index as usize];
            assert!(includes(&root, size, index, &leaf, &proof), "{index} of {size}");
            let other = (index + 1) % size;
            assert!(size == 1 || !includes(&root, size, other, &leaf, &proof));
            assert!(!includes(&root, size, size + index, &leaf, &proof));
            for cut in 0..proof.len() {
                assert!(!includes(&root, size, index, &leaf, &proof[..cut]));
            }
        }
    }
}

#[test]
fn every_tree_extends_every_smaller_one_and_no_other() {
    let tree = tree(40);
    let forked = Head { size: 7, root: leaf_hash(b"another") };
    for new in 0..=40 {
        for old in 0..=new {
            let proof = consistency(old, new, tree.node()).expect("complete nodes alone are asked for");
            assert!(extends(&tree.head(old), &tree.head(new), &proof), "{old} to {new}");
            assert!(!extends(&Head { size: old, ..forked }, &tree.head(new), &proof), "{old} to {new}");
            assert!(old == new || !extends(&tree.head(new), &tree.head(old), &proof), "{new} back to {old}");
        }
    }
}

proptest! {
    #[test]
    fn a_bent_proof_proves_nothing(size in 2_u64..200, at in any::<prop::sample::Index>(), bit in 0_usize..256, which in any::<prop::sample::Index>()) {
        let tree = tree(size);
        let index = at.index(size as usize) as u64;
        let mut proof = inclusion(index, size, tree.node()).expect("complete nodes");
        let bent = which.index(proof.len());
        proof[bent].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!includes(&tree.edge.root(), size, index, &tree.leaves[index as usize], &proof));

        let old = 1 + at.index(size as usize - 1) as u64;
        let mut proof = consistency(old, size, tree.node()).expect("complete nodes");
        let bent = which.index(proof.len());
        proof[bent].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!extends(&tree.head(old), &tree.head(size), &proof));
    }

    #[test]
    fn no_proof_makes_the_checks_panic(size in any::<u64>(), index in any::<u64>(), hashes in prop::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let proof: Vec<Hash> = hashes.into_iter().map(Hash).collect();
        let head = |size| Head { size, root: Hash::ZERO };
        prop_assert!(!includes(&Hash::ZERO, size, index, &Hash::ZERO, &proof));
        prop_assert!(!extends(&head(index), &head(size), &proof) || index == size);
    }
}

#[test]
fn two_trees_without_leaves_have_one_root() {
    let empty = Head::empty();
    let other = Head { size: 0, root: leaf_hash(b"any") };
    assert!(extends(&empty, &empty, &[]));
    assert!(!extends(&empty, &other, &[]) && !extends(&other, &other, &[]) && !extends(&other, &empty, &[]));
    assert!(extends(&empty, &Head { size: 1, root: leaf_hash(b"any") }, &[]));
}
