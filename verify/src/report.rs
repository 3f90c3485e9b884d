//! What a check came to: the findings, what is told beside them, and counts.
//!
//! Of each class only the first [`LISTED`] are kept, so that a wholly altered log does not fill the memory; the counts
//! are of all. What is said of the log as a whole is always kept, and stands first. Next: `load.rs`.

use std::collections::BTreeMap;

use loa_domain::audit::merkle::Head;
use loa_domain::time::UtcMs;

use crate::finding::{Class, Finding, Place};

/// Findings of one class that are kept.
pub const LISTED: usize = 1000;
/// Pieces of information that are kept.
const TOLD: usize = 1000;

/// Something to know that is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A player began a new chain: its store was made anew.
    NewChain {
        /// The chain's first record here.
        first: Place,
        /// Its leaf.
        position: u64,
        /// The chain before.
        before: u64,
    },
    /// Files go on behind the checkpoint: the copy was taken while the log grew, or an older checkpoint was put back.
    Beyond {
        /// A file that shows it.
        path: String,
    },
    /// A clock was wrong, and a step on record put it right.
    SteppedRight {
        /// The record made by the wrong clock.
        place: Place,
        /// Its leaf.
        position: u64,
    },
    /// No root document was given: signatures of officers and of the desk were not looked at.
    NoRoot,
    /// The policy asks for no witnesses: times rest on the desk's word.
    NoWitnesses,
}

/// Counts over a log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Summary {
    /// The log's name.
    pub origin: String,
    /// The checkpoint's tree.
    pub head: Option<Head>,
    /// Entries that were read.
    pub entries: u64,
    /// Records among them.
    pub records: u64,
    /// Players with a key or a record.
    pub players: u64,
    /// Chains of players.
    pub chains: u64,
    /// Acts of people.
    pub acts: u64,
    /// Lines of changes.
    pub changes: u64,
    /// Checkpoints among the entries that the log signed, and enough witnesses with it.
    pub witnessed: u64,
    /// Trees that records saw and that are beginnings of this one.
    pub seen: u64,
    /// When the first and the last record were taken in.
    pub received: Option<(UtcMs, UtcMs)>,
    /// The earliest and the latest time that a record claims.
    pub made: Option<(UtcMs, UtcMs)>,
}

/// What a check came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong, the first of each class.
    pub findings: Vec<Finding>,
    /// How many of each class there are.
    pub counts: BTreeMap<Class, u64>,
    /// What else there is to know.
    pub told: Vec<Told>,
    /// Counts over the log.
    pub summary: Summary,
}

impl Report {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.class()).or_default();
        *count += 1;
        if finding.is_of_whole_log() {
            let at = self.findings.iter().take_while(|other| other.is_of_whole_log()).count();
            self.findings.insert(at, finding);
        } else if *count <= LISTED as u64 {
            self.findings.push(finding);
        }
    }

    /// Adds a piece of information.
    pub(crate) fn tell(&mut self, told: Told) {
        if self.told.len() < TOLD {
            self.told.push(told);
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }

    /// Zero for a clean log, else the code of the first class, in their order, that has a finding.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.counts.keys().next().map_or(0, |class| class.exit_code())
    }

    /// How many findings of a class there are.
    #[must_use]
    pub fn count(&self, class: Class) -> u64 {
        self.counts.get(&class).copied().unwrap_or_default()
    }

    /// Whether every entry of the checkpoint's tree was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.summary.head.is_some_and(|head| head.size == self.summary.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_classes_are_all_different_and_none_means_another_fault() {
        let codes: std::collections::BTreeSet<u8> = Class::ALL.iter().map(|class| class.exit_code()).collect();
        let names: std::collections::BTreeSet<&str> = Class::ALL.iter().map(|class| class.name()).collect();
        assert_eq!((codes.len(), names.len()), (Class::ALL.len(), Class::ALL.len()));
        assert_eq!((codes.first(), codes.last()), (Some(&10), Some(&27)));
    }

    #[test]
    fn what_is_said_of_the_whole_log_is_not_lost_behind_a_thousand_others() {
        let mut report = Report::default();
        for position in 0..2 * LISTED as u64 {
            report.add(Finding::SeenAhead { at: crate::finding::At { position, place: None }, seen: position + 1 });
        }
        report.add(Finding::SplitView { leaves: 3..9, views: Vec::new(), count: 1 });
        assert_eq!(report.findings.len(), LISTED + 1);
        assert!(matches!(&report.findings[0], Finding::SplitView { leaves, .. } if *leaves == (3..9)));
    }

    #[test]
    fn a_wholly_altered_log_is_counted_in_full_and_listed_in_part() {
        let mut report = Report::default();
        assert_eq!(report.exit_code(), 0);
        for position in 0..LISTED as u64 + 7 {
            report.add(Finding::Invalid { position });
        }
        assert_eq!((report.findings.len(), report.count(Class::Entry)), (LISTED, LISTED as u64 + 7));
        assert_eq!(report.exit_code(), 24);
    }
}
