//! One chain of one player: numbers, links, gaps, and records out of their place.
//!
//! A gap stays open until the end, because what is missing here may stand further on: then it is a reordering and no
//! deletion. Which records count at all is decided in `players.rs`; a number that comes again is settled in `again.rs`.

use std::ops::Range;

use loa_domain::id::Hash;

use crate::clocks::{Bounds, Clocks};
use crate::finding::{At, Finding, Follows, Place};
use crate::leaf::Signed;
use crate::report::Report;

/// Gaps of one chain that are kept open.
const GAPS: usize = 1024;

/// Numbers that have not come.
#[derive(Clone, Debug)]
pub struct Gap {
    /// Which.
    pub seqs: Range<u64>,
    /// The hash of the record before, where that is known.
    left: Hash,
    /// What the record behind says that it follows.
    right: Hash,
    /// The leaves of both.
    pub between: (Option<u64>, u64),
    /// Entries between them that could not be read or do not count: what is missing may have been one of those.
    pub holes: u64,
}

/// Records found out of their place.
#[derive(Clone, Debug)]
struct Moved {
    seqs: (u64, u64),
    positions: (u64, u64),
}

/// A chain so far.
#[derive(Debug)]
pub struct Chain {
    /// The leaf of its first record.
    pub since: u64,
    /// The first record's stamp.
    pub first: loa_domain::proof::record::Stamp,
    next: u64,
    last: Hash,
    last_at: Option<u64>,
    holes: u64,
    gaps: Vec<Gap>,
    moved: Option<Moved>,
    release: u64,
    clocks: Clocks,
}

/// Where a record is in the log, and what was there before it.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// Its leaf.
    pub position: u64,
    /// Entries so far that could not be read or do not count.
    pub holes: u64,
    /// What bounds its time.
    pub bounds: Bounds,
}

impl Chain {
    /// A chain that begins here.
    #[must_use]
    pub fn new(signed: &Signed, here: &Here) -> Self {
        Self {
            since: here.position,
            first: signed.record.stamp,
            next: 0,
            last: Hash::ZERO,
            last_at: None,
            // Whatever could not be read before may have been its beginning.
            holes: 0,
            gaps: Vec::new(),
            moved: None,
            release: 0,
            clocks: Clocks::default(),
        }
    }

    /// Takes in a record of this chain. False when its number has come before.
    pub fn take(&mut self, signed: &Signed, here: &Here, report: &mut Report) -> bool {
        let record = &signed.record;
        let at = At { position: here.position, place: Some(signed.place()) };
        if record.seq < self.next {
            let filled = self.fill(signed, here, &at, report);
            if filled {
                self.clocks.misplaced(record, &at, &here.bounds, report);
            }
            return filled;
        }
        let follows = record.seq == self.next;
        if !follows {
            self.open(signed, here, report);
        } else if record.previous != self.last {
            report.add(Finding::Unlinked { at: at.clone(), previous: self.last_at });
        }
        self.clocks.next(record, &at, &here.bounds, follows, report);
        self.released(record.release, &at, report);
        self.next = record.seq.saturating_add(1);
        self.last = signed.hash;
        self.last_at = Some(here.position);
        self.holes = here.holes;
        true
    }

    fn open(&mut self, signed: &Signed, here: &Here, report: &mut Report) {
        if self.gaps.len() == GAPS {
            let oldest = self.gaps.remove(0);
            tell(&oldest, &signed.place(), report);
        }
        self.gaps.push(Gap {
            seqs: self.next..signed.record.seq,
            left: self.last,
            right: signed.record.previous,
            between: (self.last_at, here.position),
            holes: here.holes.saturating_sub(self.holes),
        });
    }

    /// A record that was missing comes after all.
    fn fill(&mut self, signed: &Signed, here: &Here, at: &At, report: &mut Report) -> bool {
        let record = &signed.record;
        let Some(found) = self.gaps.iter().position(|gap| gap.seqs.contains(&record.seq)) else { return false };
        let gap = self.gaps.remove(found);
        let (first, last) = (record.seq == gap.seqs.start, record.seq + 1 == gap.seqs.end);
        if (first && record.previous != gap.left) || (last && signed.hash != gap.right) {
            report.add(Finding::Unlinked { at: at.clone(), previous: gap.between.0 });
        }
        let moved = self
            .moved
            .get_or_insert(Moved { seqs: (record.seq, gap.seqs.end), positions: (gap.between.1, here.position) });
        moved.seqs = (moved.seqs.0.min(record.seq), moved.seqs.1.max(gap.seqs.end));
        moved.positions = (moved.positions.0.min(gap.between.1), moved.positions.1.max(here.position));
        if !last {
            let behind = gap.between.1;
            let between = (Some(here.position), behind);
            self.gaps
                .insert(found, Gap { seqs: record.seq + 1..gap.seqs.end, left: signed.hash, between, ..gap.clone() });
        }
        if !first {
            let seqs = gap.seqs.start..record.seq;
            self.gaps.insert(found, Gap { seqs, right: record.previous, ..gap });
        }
        if self.gaps.is_empty() {
            self.tell_moved(&signed.place(), report);
        }
        true
    }

    fn tell_moved(&mut self, of: &Place, report: &mut Report) {
        if let Some(Moved { seqs: (seq, last_seq), positions }) = self.moved.take() {
            report.add(Finding::Reordered { first: Place { seq, ..of.clone() }, last_seq, positions });
        }
    }

    fn released(&mut self, release: u64, at: &At, report: &mut Report) {
        let (after, player) = (self.release, at.place.as_ref().map(|place| place.player.clone()));
        if let Some(player) = player.filter(|_| release != 0 && release < after) {
            let what = Follows::Release { player, number: release, after };
            report.add(Finding::Sequence { at: at.clone(), what });
        }
        if release != 0 {
            self.release = release;
        }
    }

    /// Whether a record with this number came.
    #[must_use]
    pub fn has(&self, seq: u64) -> bool {
        seq < self.next && !self.gaps.iter().any(|gap| gap.seqs.contains(&seq))
    }

    /// The log is over: what is missing is told. Gives the gaps that entries which do not count may explain.
    pub fn end(&mut self, of: &Place, report: &mut Report) -> Vec<Gap> {
        self.tell_moved(of, report);
        self.clocks.end(report);
        let (explained, missing) = self.gaps.drain(..).partition(|gap| gap.holes >= gap.seqs.end - gap.seqs.start);
        let missing: Vec<Gap> = missing;
        missing.iter().for_each(|gap| tell(gap, of, report));
        explained
    }
}

fn tell(gap: &Gap, of: &Place, report: &mut Report) {
    let first = Place { seq: gap.seqs.start, ..of.clone() };
    report.add(Finding::Deleted { first, count: gap.seqs.end - gap.seqs.start, between: gap.between });
}
