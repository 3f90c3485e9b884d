//! How fast it is, run by hand: `cargo test -p loa-server --lib store::tests::speed -- --ignored --nocapture`.

use std::time::Instant;

use loa_domain::play::player::Outcome;
use loa_domain::time::UtcMs;

use super::{Desk, order, player, proof};
use crate::store::{Change, NewRecord, RecordFilter, Store};

const PLAYERS: u64 = 200;
const ORDERS: u64 = 50;
const MINUTE_MS: i64 = 60_000;

/// A year or two of a district: each minute one of its players reports a cue; one in fifty is missed.
fn year(number: u64) -> NewRecord {
    let outcome = if number.is_multiple_of(50) { Outcome::Missed } else { Outcome::Played };
    let of = order(&format!("tin-{}", number / 7 % ORDERS), 1, "").hash;
    let who = format!("loa-{}", number % PLAYERS);
    let mut record = proof(&who, number / PLAYERS, of, number.cast_signed() * MINUTE_MS, outcome);
    record.sealed = vec![7; 420]; // what a sealed proof measures
    record
}

async fn fill(store: &Store, records: u64, batch: u64) {
    let orders = (0..ORDERS).map(|n| Change::PutOrder(order(&format!("tin-{n}"), 1, &format!("plan-{}", n % 10))));
    store.replace(orders.collect(), UtcMs(0), "an").await.expect("written");
    let mut writing_ms = 0;
    for first in (0..records).step_by(batch as usize) {
        let made: Vec<_> = (first..records.min(first + batch)).map(year).collect();
        let began = Instant::now();
        store.add_records(&made).await.expect("written");
        writing_ms += began.elapsed().as_micros();
        if (first + batch).is_multiple_of(100_000) || first + batch >= records {
            let done = first + batch;
            println!(
                "{done} records, batches of {batch}: {:.0} records/s so far",
                done as f64 * 1e6 / writing_ms as f64
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; run by hand"]
async fn records_per_second_by_size_of_batch() {
    for (records, batch) in [(300, 1), (3_000, 10), (20_000, 100), (50_000, 500)] {
        let desk = Desk::new();
        fill(&desk.open().await, records, batch).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; run by hand"]
async fn queries_over_a_million_records() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, 1_000_000, 500).await;
    let (one, missed) = (Some(player("loa-17")), Some(Outcome::Missed));
    let day = |n: i64| Some(UtcMs(n * 1_440 * MINUTE_MS));
    let plan = Some("plan-3".to_owned());
    let all = RecordFilter::default();
    let middle = store.records(&RecordFilter { from: day(300), ..all.clone() }, 1).await.expect("read").pop();
    let middle = middle.map(|found| found.entry);
    for (what, filter) in [
        ("latest 100", RecordFilter { latest_first: true, ..all.clone() }),
        ("page in the middle", RecordFilter { after: middle.clone(), ..all.clone() }),
        ("page back in the middle", RecordFilter { after: middle, latest_first: true, ..all.clone() }),
        ("a player's latest", RecordFilter { player: one.clone(), latest_first: true, ..all.clone() }),
        ("one day", RecordFilter { from: day(300), until: day(301), ..all.clone() }),
        ("missed, latest", RecordFilter { outcome: missed, latest_first: true, ..all.clone() }),
        ("missed in one day", RecordFilter { outcome: missed, from: day(300), until: day(301), ..all.clone() }),
        ("a campaign, latest", RecordFilter { campaign: plan.clone(), latest_first: true, ..all.clone() }),
        (
            "a campaign, one day",
            RecordFilter { campaign: plan.clone(), from: day(300), until: day(301), ..all.clone() },
        ),
        ("an order, latest", RecordFilter { order: Some("tin-5".to_owned()), latest_first: true, ..all.clone() }),
        ("a campaign nobody has", RecordFilter { campaign: Some("none".to_owned()), ..all.clone() }),
    ] {
        let began = Instant::now();
        let found = store.records(&filter, 100).await.expect("read").len();
        println!("{what}: {found} records in {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    }
    for (what, filter) in [
        ("sums of everything", all.clone()),
        ("sums of a campaign", RecordFilter { campaign: plan, ..all.clone() }),
        ("sums of 30 days", RecordFilter { from: day(300), until: day(330), ..all }),
    ] {
        let began = Instant::now();
        let found = store.record_sums(&filter).await.expect("read").len();
        println!("{what}: {found} lines in {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    }
    let began = Instant::now();
    assert!(store.chain_gaps(&player("loa-17")).await.expect("read").is_empty());
    println!("gaps of one chain: {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let began = Instant::now();
    store.backup(&desk.path("copy.db")).await.expect("a copy");
    let size = std::fs::metadata(desk.path("copy.db")).expect("there").len();
    println!("backup of {} MB: {:.1} s", size / 1_000_000, began.elapsed().as_secs_f64());
}
