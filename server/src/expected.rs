//! Expected versus heard: the cues that were due, held against the proofs that came.
//!
//! Pure: plans and records in, an account out. A cue counts from the moment a timetable was in force on its player; what
//! was planned before it could not be known there. What an account looks like for people is the caller's.

use std::collections::{BTreeMap, BTreeSet};

use loa_domain::id::{CueId, PlayerId};
use loa_domain::play::player::Outcome;
use loa_domain::time::UtcMs;

use crate::store::{RecordEntry, RecordKind};

/// A cue that is due on a player.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueCue {
    /// When.
    pub planned: UtcMs,
    /// On which player.
    pub player: PlayerId,
    /// Which.
    pub cue: CueId,
}

/// What became of the cues that were due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Cues that were due.
    pub due: usize,
    /// Cues with exactly one proof.
    pub proven: usize,
    /// Proofs by outcome.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// Cues without a proof.
    pub missing: Vec<DueCue>,
    /// Cues with more than one.
    pub doubled: Vec<DueCue>,
}

impl Account {
    /// Whether every cue has exactly one proof.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.doubled.is_empty()
    }
}

/// When a timetable first took effect on each player, by its records.
#[must_use]
pub fn in_force_since(records: &[RecordEntry]) -> BTreeMap<PlayerId, UtcMs> {
    let mut since: BTreeMap<PlayerId, UtcMs> = BTreeMap::new();
    for record in records.iter().filter(|record| record.kind == RecordKind::InForce) {
        let first = since.entry(record.player.clone()).or_insert(record.made);
        *first = (*first).min(record.made);
    }
    since
}

/// Holds what was due against the records.
#[must_use]
pub fn account(due: impl IntoIterator<Item = DueCue>, records: &[RecordEntry]) -> Account {
    let since = in_force_since(records);
    let mut proofs: BTreeMap<(&PlayerId, CueId), Vec<Outcome>> = BTreeMap::new();
    for record in records {
        if let Some(proof) = &record.cue {
            proofs.entry((&record.player, proof.cue)).or_default().push(proof.outcome);
        }
    }
    let mut account = Account::default();
    let due: BTreeSet<DueCue> = due.into_iter().collect();
    for cue in due.into_iter().filter(|cue| since.get(&cue.player).is_some_and(|since| cue.planned > *since)) {
        account.due += 1;
        match proofs.get(&(&cue.player, cue.cue)).map(Vec::as_slice) {
            None | Some([]) => account.missing.push(cue),
            Some([outcome]) => {
                account.proven += 1;
                *account.outcomes.entry(outcome.name()).or_default() += 1;
            }
            Some(_) => account.doubled.push(cue),
        }
    }
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::CueProof;
    use loa_domain::id::Hash;
    use loa_domain::proof::record::{ClockSource, Evidence};

    fn player() -> PlayerId {
        "loa-cho".parse().expect("a good id")
    }

    fn cue(planned: i64) -> CueId {
        CueId { order: Hash([1; 32]), planned: UtcMs(planned) }
    }

    fn record(seq: u64, kind: RecordKind, made: i64, of: Option<CueId>) -> RecordEntry {
        let proof = |cue| CueProof {
            cue,
            outcome: Outcome::Played,
            reason: None,
            began: None,
            ended: None,
            heard_ms: 1,
            length_ms: 1,
            volume: 100,
            evidence: Evidence::Decoded,
        };
        RecordEntry {
            player: player(),
            epoch: 1,
            seq,
            hash: Hash([seq as u8; 32]),
            received: UtcMs(made),
            made: UtcMs(made),
            when: UtcMs(made),
            kind,
            detail: None,
            cue: of.map(proof),
            clock_source: ClockSource::Free,
            clock_error_ms: 0,
        }
    }

    fn due(planned: i64) -> DueCue {
        DueCue { planned: UtcMs(planned), player: player(), cue: cue(planned) }
    }

    #[test]
    fn a_cue_is_proven_by_exactly_one_record() {
        let records = [
            record(0, RecordKind::InForce, 5, None),
            record(1, RecordKind::Cue, 11, Some(cue(10))),
            record(2, RecordKind::Cue, 21, Some(cue(20))),
            record(3, RecordKind::Cue, 22, Some(cue(20))),
        ];
        let account = account([due(10), due(20), due(30)], &records);
        assert_eq!((account.due, account.proven), (3, 1));
        assert_eq!(account.missing, [due(30)]);
        assert_eq!(account.doubled, [due(20)]);
        assert!(!account.is_complete());
    }

    #[test]
    fn what_was_planned_before_a_timetable_was_in_force_was_not_due_there() {
        let records = [record(0, RecordKind::InForce, 15, None), record(1, RecordKind::Cue, 21, Some(cue(20)))];
        let account = account([due(10), due(20)], &records);
        assert_eq!((account.due, account.proven, account.is_complete()), (1, 1, true));
    }
}
