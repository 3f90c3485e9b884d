//! What lets a record go from the board: its place in the log that the board trusts, and nothing else.
//!
//! Next: `shared.rs`.

use loa_domain::proof::record::Body;

use crate::world::bench::Bench;

/// A board that shows A at 08:00 and whose first two records are in the log.
fn bench() -> Bench {
    let mut bench = Bench::with_slide(1);
    bench.run_to(7, 0, 0);
    assert_eq!((bench.desk.records.len(), bench.device().records()), (2, (0, 0)));
    bench
}

#[test]
fn a_receipt_under_a_log_of_somebody_else_lets_nothing_go() {
    let mut bench = bench();
    bench.desk.log_seed = 99;
    bench.run_to(9, 0, 0);
    assert_eq!((bench.desk.records.len(), bench.device().records()), (3, (1, 0)));
    bench.desk.log_seed = 5;
    bench.run_to(9, 1, 0);
    assert_eq!(bench.device().records(), (0, 0));
}

#[test]
fn receipts_that_do_not_lead_on_from_what_was_seen_are_asked_for_again_from_there() {
    let mut bench = bench();
    // The desk remembers less than it has shown; the hello of every hour, which would tell it, is over.
    bench.run_to(8, 0, 5);
    bench.desk.forget_what_was_shown();
    bench.run_to(9, 0, 0);
    assert_eq!(bench.device().records(), (0, 0));
    assert!(bench.desk.heard.iter().any(|words| words.starts_with("log seen")), "{:?}", bench.desk.heard);
}

#[test]
fn a_log_that_contradicts_the_one_seen_is_told_once_and_lets_nothing_go() {
    let mut bench = bench();
    bench.desk.begin_another_log();
    bench.run_to(10, 0, 0);
    let splits = bench.desk.records.values().filter(|(record, _)| matches!(record.body, Body::LogSplit { .. })).count();
    // A cue and the split, both of which stay.
    assert_eq!((splits, bench.desk.records.len(), bench.device().records()), (1, 4, (2, 0)));
}

#[test]
fn what_was_seen_of_the_log_is_seen_after_a_restart_too() {
    let mut bench = bench();
    bench.stop();
    bench.start();
    bench.run_to(7, 10, 0);
    assert_eq!(bench.desk.hellos.last().map(|hello| hello.log_size), Some(2));
    let boots: std::collections::BTreeSet<[u8; 16]> =
        bench.desk.records.values().map(|(record, _)| record.stamp.boot).collect();
    assert_eq!(boots.len(), 2, "each start has a number of its own");
}
