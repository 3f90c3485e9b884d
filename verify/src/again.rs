//! Numbers that came twice: the same record again, or another with the same place. The log is read once more for it.
//!
//! Chains keep no hash of every record, so that a log of any length fits the memory; only where a number came again are
//! its first bytes looked up. A log without such numbers is read once. Next: `walk.rs`.

use std::collections::{HashMap, HashSet};

use loa_domain::id::Hash;

use crate::files::Folder;
use crate::finding::{At, Finding, Place};
use crate::load;
use crate::report::Report;
use crate::workers;

/// Leaves with one place that are kept.
const KEPT: usize = 16;

/// Names the records whose numbers came again.
pub fn settle(folder: &Folder, size: u64, again: &[(At, Place, Hash)], batch: &[Vec<u64>], report: &mut Report) {
    let asked: HashSet<&Place> = again.iter().map(|(_, place, _)| place).collect();
    let mut found: HashMap<Place, Vec<(u64, Hash)>> = HashMap::new();
    for tiles in batch.iter().filter(|_| !asked.is_empty()) {
        for claims in workers::map(tiles, |tile| load::claims(folder, *tile, size, |place| asked.contains(place))) {
            for (position, place, hash) in claims {
                let leaves = found.entry(place).or_default();
                if leaves.len() < KEPT {
                    leaves.push((position, hash));
                }
            }
        }
    }
    for (at, place, hash) in again {
        let leaves = found.get(place).map_or(&[][..], Vec::as_slice);
        let mut before = leaves.iter().filter(|(position, _)| *position < at.position);
        let first = before.clone().next().map(|(position, _)| *position);
        let finding = match before.find(|(_, other)| other == hash) {
            Some((first, _)) => Finding::Replayed { at: at.clone(), first: *first },
            None => Finding::Cloned { at: at.clone(), other: first },
        };
        report.add(finding);
    }
}
