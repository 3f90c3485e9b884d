//! Proofs: exactly once, conflicts kept, found again, gaps seen.

use loa_domain::id::Hash;
use loa_domain::play::player::Outcome;
use loa_domain::proof::record::Body;
use loa_domain::time::UtcMs;
use proptest::prelude::*;

use super::{Desk, order, player, proof, record};
use crate::store::{Added, Change, FoundRecord, Gap, NewRecord, RecordFilter, RecordKind, Store};

const ALL: RecordFilter = RecordFilter {
    player: None,
    from: None,
    until: None,
    kind: None,
    outcome: None,
    campaign: None,
    order: None,
    latest_first: false,
    after: None,
};

fn numbers(found: &[FoundRecord]) -> Vec<u64> {
    found.iter().map(|one| one.entry.seq).collect()
}

/// Six proofs of one player, one every second, of two orders, one missed; and one that is no cue.
async fn six(store: &Store) -> Vec<NewRecord> {
    let (tin, bao) = (order("tin", 1, "1079"), order("bão", 1, ""));
    let orders = vec![Change::PutOrder(tin.clone()), Change::PutOrder(bao.clone())];
    store.replace(orders, UtcMs(1), "an").await.expect("written");
    let mut records: Vec<_> = (0..6_u32)
        .map(|n| {
            let outcome = if n == 3 { Outcome::Missed } else { Outcome::Played };
            let of = if n % 2 == 0 { tin.hash } else { bao.hash };
            proof("loa-1", n.into(), of, i64::from(n) * 1_000, outcome)
        })
        .collect();
    records.push(record("loa-1", 6, 6_000, Body::InForce { release: 5 }));
    assert_eq!(store.add_records(&records).await.expect("written"), [Added::New; 7]);
    records
}

#[tokio::test]
async fn a_record_comes_back_as_it_was_with_its_orders_names() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let records = six(&store).await;
    let found = store.records(&ALL, 100).await.expect("read");
    let entries: Vec<_> = found.iter().map(|one| &one.entry).collect();
    assert_eq!(entries, records.iter().map(|one| &one.entry).collect::<Vec<_>>());
    let names = found[0].order.as_ref().expect("the store has the order");
    assert_eq!((names.id.as_str(), names.campaign.as_str()), ("tin", "1079"));
    assert_eq!((found[6].entry.kind, found[6].entry.detail, &found[6].order), (RecordKind::InForce, Some(5), &None));
    let sealed = store.sealed_record(&player("loa-1"), 7, 3).await.expect("read");
    assert_eq!(sealed.as_ref(), Some(&records[3].sealed));
}

#[tokio::test]
async fn records_are_found_by_each_condition_and_by_all_together() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    six(&store).await;
    let (tin, missed) = (Some("tin".to_owned()), Some(Outcome::Missed));
    let (campaign, cue) = (Some("1079".to_owned()), Some(RecordKind::Cue));
    let (from, until) = (Some(UtcMs(2_000)), Some(UtcMs(4_000)));
    for (filter, expected) in [
        (RecordFilter { player: Some(player("loa-2")), ..ALL }, vec![]),
        (RecordFilter { from, ..ALL }, vec![2, 3, 4, 5, 6]),
        (RecordFilter { until, ..ALL }, vec![0, 1, 2, 3]),
        (RecordFilter { outcome: missed, ..ALL }, vec![3]),
        (RecordFilter { order: tin, ..ALL }, vec![0, 2, 4]),
        (RecordFilter { kind: cue, latest_first: true, ..ALL }, vec![5, 4, 3, 2, 1, 0]),
        (RecordFilter { player: Some(player("loa-1")), campaign, from, until, ..ALL }, vec![2]),
    ] {
        assert_eq!(numbers(&store.records(&filter, 100).await.expect("read")), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_join_without_a_gap_or_a_repeat_in_both_directions() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    six(&store).await;
    // Another player's records at the very same times.
    let others: Vec<_> =
        (0..6).map(|n| proof("loa-0", n, Hash::ZERO, n.cast_signed() * 1_000, Outcome::Played)).collect();
    store.add_records(&others).await.expect("written");
    for latest_first in [false, true] {
        let mut filter = RecordFilter { latest_first, ..ALL };
        let whole = store.records(&filter, 100).await.expect("read");
        let mut joined = Vec::new();
        loop {
            let page = store.records(&filter, 2).await.expect("read");
            let Some(last) = page.last() else { break };
            filter.after = Some(last.entry.clone());
            joined.extend(page);
        }
        assert_eq!(joined.len(), 13);
        assert_eq!(joined, whole);
    }
}

#[tokio::test]
async fn sums_count_each_cue_once() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    six(&store).await;
    let sums = store.record_sums(&ALL).await.expect("read");
    assert_eq!(sums.iter().map(|sum| sum.cues).sum::<u64>(), 6, "what is no cue is not counted");
    let tin = store.record_sums(&RecordFilter { campaign: Some("1079".to_owned()), ..ALL }).await.expect("read");
    assert_eq!(tin.len(), 1);
    assert_eq!((tin[0].outcome, tin[0].cues, tin[0].heard_ms), (Outcome::Played, 3, 180_000));
}

#[tokio::test]
async fn a_second_record_under_a_taken_number_is_kept_as_evidence_and_changes_nothing() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let honest = proof("loa-1", 0, Hash::ZERO, 1_000, Outcome::Missed);
    let forged = proof("loa-1", 0, Hash::ZERO, 1_000, Outcome::Played);
    let batch = [honest.clone(), forged.clone(), honest.clone(), forged.clone()];
    let added = store.add_records(&batch).await.expect("written");
    assert_eq!(added, [Added::New, Added::Conflict, Added::Known, Added::Conflict]);
    assert_eq!(store.conflicts(&player("loa-1")).await.expect("read"), std::slice::from_ref(&forged.sealed));
    let found = store.records(&ALL, 10).await.expect("read");
    assert_eq!(found.iter().map(|one| one.entry.hash).collect::<Vec<_>>(), [honest.entry.hash]);
}

#[tokio::test]
async fn missing_numbers_show_as_gaps_from_the_beginning_on() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let loa = player("loa-1");
    let batch: Vec<_> =
        [2, 3, 7, 8, 10].into_iter().map(|seq| proof("loa-1", seq, Hash::ZERO, 0, Outcome::Played)).collect();
    store.add_records(&batch).await.expect("written");
    let gap = |first, last| Gap { epoch: 7, first, last };
    assert_eq!(store.chain_gaps(&loa).await.expect("read"), [gap(0, 1), gap(4, 6), gap(9, 9)]);
    assert!(store.chain_gaps(&player("loa-2")).await.expect("read").is_empty());
}

#[tokio::test]
async fn absurd_numbers_from_a_player_come_back_whole() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let mut absurd = proof("loa-1", u64::MAX, Hash::ZERO, i64::MIN, Outcome::Played);
    absurd.entry.epoch = u64::MAX;
    assert_eq!(store.add_records(&[absurd.clone()]).await.expect("written"), [Added::New]);
    assert_eq!(store.add_records(&[absurd.clone()]).await.expect("written"), [Added::Known]);
    assert_eq!(store.records(&ALL, 1).await.expect("read")[0].entry, absurd.entry);
    store.chain_gaps(&player("loa-1")).await.expect("read");
}

#[tokio::test]
async fn more_records_than_one_transaction_takes_are_answered_in_order() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let batch: Vec<_> = (0..1_203).map(|seq| proof("loa-1", seq, Hash::ZERO, 0, Outcome::Played)).collect();
    store.add_records(&batch[700..701]).await.expect("written");
    let added = store.add_records(&batch).await.expect("written");
    assert_eq!(added.len(), 1_203);
    let known: Vec<_> =
        (0..).zip(&added).filter(|(_, one)| **one == Added::Known).map(|(at, _): (usize, _)| at).collect();
    assert_eq!(known, [700]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_often_and_in_whatever_order_records_come_each_is_there_once(
        batches in prop::collection::vec(prop::collection::vec((0_u64..12, 0_u8..2), 0..10), 1..8)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let desk = Desk::either().await;
            let store = desk.open().await;
            let mut first = std::collections::BTreeMap::new();
            let mut forged = std::collections::BTreeSet::new();
            for batch in &batches {
                let make = |(seq, variant): &(u64, u8)| {
                    proof("loa-1", *seq, Hash::of(&[*variant]), 1_000, Outcome::Played)
                };
                let records: Vec<_> = batch.iter().map(make).collect();
                let added = store.add_records(&records).await.expect("written");
                for (record, added) in records.iter().zip(added) {
                    let expected = match first.get(&record.entry.seq) {
                        None => Added::New,
                        Some(hash) if *hash == record.entry.hash => Added::Known,
                        Some(_) => Added::Conflict,
                    };
                    prop_assert_eq!(added, expected);
                    first.entry(record.entry.seq).or_insert(record.entry.hash);
                    if expected == Added::Conflict {
                        forged.insert(record.sealed.clone());
                    }
                }
            }
            let found = store.records(&ALL, 1_000).await.expect("read");
            let found: Vec<_> = found.iter().map(|one| (one.entry.seq, one.entry.hash)).collect();
            prop_assert_eq!(found, first.into_iter().collect::<Vec<_>>());
            let kept: std::collections::BTreeSet<_> =
                store.conflicts(&player("loa-1")).await.expect("read").into_iter().collect();
            prop_assert_eq!(kept, forged);
            store.close().await;
            Ok(())
        })?;
    }
}
