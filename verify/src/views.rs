//! What others saw of the log against what it is now: a tree that was seen must be a beginning of this one.
//!
//! Roots at old sizes are worked out on all cores, once for each size in a batch. Which leaves were altered is narrowed to
//! those between the largest tree that agrees and the smallest that does not. Next: `desk.rs`.

use std::collections::{BTreeSet, HashMap};

use loa_domain::audit::merkle::Head;
use loa_domain::id::Hash;

use crate::finding::{Finding, View, Witness};
use crate::report::Report;
use crate::tree::Tree;
use crate::workers;

/// Roots of old sizes, and sizes that agree, that are kept.
const KEPT: usize = 1 << 16;
/// Views that one finding lists.
const LISTED: usize = 32;

/// What was seen, and what came of it.
#[derive(Debug, Default)]
pub struct Views {
    asked: HashMap<(u64, Hash), (View, u64)>,
    /// Trees of more leaves than stood before whoever saw them: for the end.
    later: Vec<View>,
    roots: HashMap<u64, Hash>,
    agreed: BTreeSet<u64>,
    others: Vec<View>,
    count: u64,
    /// The largest tree that was seen and is larger than the log.
    larger: Option<View>,
    /// A signed note of the checkpoint's own size with another root.
    same_size: bool,
}

impl Views {
    /// Somebody saw this tree. It is looked at with the next batch.
    pub fn ask(&mut self, view: View) {
        let asked = self.asked.entry((view.size, view.root)).or_insert((view, 0));
        asked.1 += 1;
    }

    /// Somebody saw a tree whose leaves do not all stand here yet. Of very many only the first are looked at.
    pub fn ask_later(&mut self, view: View) {
        if self.later.len() < KEPT {
            self.later.push(view);
        }
    }

    /// Takes up what was put off, at the end.
    pub fn take_up(&mut self) {
        std::mem::take(&mut self.later).into_iter().for_each(|view| self.ask(view));
    }

    /// Somebody saw a tree that is larger than the whole log.
    pub fn ask_larger(&mut self, view: View) {
        if self.larger.as_ref().is_none_or(|known| known.size < view.size) {
            self.larger = Some(view);
        }
    }

    /// Holds what was asked against the leaves so far.
    pub fn settle(&mut self, tree: &Tree, report: &mut Report) {
        if self.asked.is_empty() {
            return;
        }
        let mut asked: Vec<(View, u64)> = self.asked.drain().map(|(_, asked)| asked).collect();
        asked.sort_unstable_by_key(|(view, _)| (view.size, view.root));
        let mut sizes: Vec<u64> = asked.iter().map(|(view, _)| view.size).collect();
        sizes.dedup();
        if self.roots.len() > KEPT {
            self.roots.clear();
        }
        sizes.retain(|size| !self.roots.contains_key(size));
        let roots = workers::map(&sizes, |size| tree.root_at(*size));
        self.roots.extend(sizes.into_iter().zip(roots).filter_map(|(size, root)| Some((size, root?))));
        for (view, count) in asked {
            match self.roots.get(&view.size) {
                Some(root) if *root == view.root => self.agrees(view.size, count, report),
                Some(_) => self.differs(view, count),
                // The files do not tell the root, which is a finding of its own.
                None => {}
            }
        }
    }

    fn agrees(&mut self, size: u64, count: u64, report: &mut Report) {
        report.summary.seen += count;
        if self.agreed.len() < KEPT {
            let _new = self.agreed.insert(size);
        }
    }

    fn differs(&mut self, view: View, count: u64) {
        self.count += count;
        // Notes are signed by the log itself and weigh most: they come first.
        let weight = |view: &View| (!matches!(view.by, Witness::Note(_)), view.size);
        let at = self.others.partition_point(|other| weight(other) <= weight(&view));
        self.others.insert(at, view);
        self.others.truncate(LISTED + 1);
    }

    /// The leaves in which the altered one stands, below `size`.
    fn altered(&self, size: u64) -> std::ops::Range<u64> {
        let end = self.others.iter().map(|view| view.size).min().unwrap_or(size);
        let start = self.agreed.range(..end).next_back().copied().unwrap_or_default();
        start..end
    }

    /// The log is over: tells what does not agree with the checkpoint, and what others saw.
    pub fn end(mut self, signed: &Head, found: Option<Head>, report: &mut Report) {
        self.same_size = self
            .others
            .iter()
            .any(|view| matches!(view.by, Witness::Note(_)) && view.size == signed.size && view.root != signed.root);
        if let Some(view) = self.larger.take() {
            report.add(Finding::Truncated { size: signed.size, view });
        }
        let leaves = self.altered(signed.size);
        let bent = found.filter(|found| found != signed);
        if let Some(Head { root: found, .. }) = bent {
            report.add(Finding::Root { signed: signed.root, found, leaves: leaves.clone() });
        }
        // Altered files explain that others saw otherwise; a second signed root of this size is not explained by them.
        if self.count > 0 && (bent.is_none() || self.same_size) {
            self.others.truncate(LISTED);
            report.add(Finding::SplitView { leaves, views: self.others, count: self.count });
        }
    }
}
