//! The power goes: at every single write to the flash, in the middle of a slide, while a timetable arrives.
//!
//! Whatever was acknowledged stays, every cue has one proof, and the chain has no gap and no second end. Next:
//! `strangers.rs`.

use std::collections::BTreeMap;

use loa_domain::proof::record::Body;
use loa_domain::time::UtcMs;

use crate::world::bench::{Bench, MIDNIGHT};
use crate::world::desk::{NORMAL, daily};

/// A board with a battery that was given slides at 00:05 and 00:08, and at 00:06 a new timetable with another at 00:10.
fn morning(bench: &mut Bench) {
    let slide = bench.desk.slide('A', 17_000);
    let orders =
        [bench.desk.order(daily(0, 5), NORMAL, &[(slide, 20)]), bench.desk.order(daily(0, 8), NORMAL, &[(slide, 30)])];
    let release = bench.desk.draft(1, &orders, MIDNIGHT);
    bench.desk.issue(&release);
    bench.battery = Some(0);
    bench.start();
}

fn second(bench: &mut Bench) {
    let other = bench.desk.slide('B', 900);
    let first = bench.desk.slide('A', 17_000);
    let orders =
        [bench.desk.order(daily(0, 8), NORMAL, &[(first, 30)]), bench.desk.order(daily(0, 10), NORMAL, &[(other, 15)])];
    let release = bench.desk.draft(2, &orders, MIDNIGHT.plus_ms(360_000));
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
}

/// The whole of it; where the power goes, it is back seven seconds later.
fn through(bench: &mut Bench) {
    morning(bench);
    for (minute, then) in [(6, Some(second as fn(&mut Bench))), (20, None)] {
        while bench.utc < MIDNIGHT.plus_ms(minute * 60_000) {
            bench.run_for(1);
            if !bench.has_power() {
                bench.run_for(7);
                bench.start();
            }
        }
        then.iter().for_each(|then| then(bench));
    }
}

/// One proof for each cue, by the time it was planned for.
fn proofs(bench: &Bench) -> BTreeMap<UtcMs, &'static str> {
    let mut proofs = BTreeMap::new();
    for (record, _) in bench.desk.records.values() {
        if let Body::Cue { closed, .. } = record.body {
            let before = proofs.insert(closed.cue.planned, closed.outcome.name());
            assert_eq!(before, None, "a second proof: {:?}", bench.desk.told());
        }
    }
    proofs
}

#[test]
fn power_that_goes_at_any_write_loses_nothing_that_was_acknowledged() {
    let mut whole = Bench::new();
    through(&mut whole);
    assert_eq!(proofs(&whole).values().copied().collect::<Vec<_>>(), ["played"; 3]);
    let writes = whole.chip.writes();
    assert!(writes > 100, "{writes} writes");
    let (mut partial, mut restarts) = (0, 0);
    for cut in 0..writes {
        let mut bench = Bench::new();
        bench.cut_after_start = Some(cut);
        through(&mut bench);
        let told = bench.desk.told();
        restarts += usize::from(bench.faces().iter().filter(|face| **face == "on").count() > 1);
        assert!(bench.desk.is_chain(), "after {cut} of {writes} writes: {told:?}");
        let proofs = proofs(&bench);
        assert_eq!(proofs.len(), 3, "after {cut} of {writes} writes: {told:?}\n{:#?}", bench.seen);
        assert!(told.contains(&"in force 2".to_owned()), "after {cut} of {writes} writes: {told:?}");
        assert_eq!(bench.device().records(), (0, 0), "after {cut} of {writes} writes");
        // What was up when the power went was seen for a while; it was neither never nor wholly seen.
        partial += proofs.values().filter(|outcome| **outcome == "partial").count();
        let shown = bench.faces().iter().filter(|face| face.starts_with("slide")).count();
        let missed = proofs.values().filter(|outcome| **outcome == "missed").count();
        assert!(shown + missed >= 3, "after {cut} of {writes} writes: {told:?}\n{:#?}", bench.seen);
    }
    assert!(restarts > writes * 9 / 10 && partial > 5, "{restarts} restarts, {partial} partial of {writes}");
}

#[test]
fn power_that_goes_while_a_slide_is_up_leaves_a_partial_proof_with_what_was_seen() {
    let mut bench = Bench::new();
    morning(&mut bench);
    bench.run_to(0, 5, 17);
    assert_eq!(bench.faces().last(), Some(&"slide A"));
    bench.stop();
    bench.run_to(0, 30, 0);
    bench.start();
    bench.run_for(60);
    let told = bench.desk.told();
    assert_eq!(told[2..], ["started", "00:05:00 partial (power-off) 10 s", "00:08:00 missed (power-off) 0 s"]);
}

#[test]
fn an_announced_release_is_in_force_after_every_restart() {
    let mut bench = Bench::new();
    morning(&mut bench);
    bench.run_to(0, 1, 0);
    for minute in 2..30 {
        bench.stop();
        bench.start();
        bench.run_to(0, minute, 0);
    }
    assert!(bench.desk.hellos[1..].iter().all(|hello| hello.in_force == Some(1)), "{:?}", bench.desk.heard);
    let starts = bench.desk.told().iter().filter(|words| words.starts_with("started")).count();
    assert_eq!(starts, 29);
    assert!(bench.desk.is_chain());
}

#[test]
fn a_new_flash_begins_a_new_chain_and_says_so() {
    let mut bench = Bench::new();
    morning(&mut bench);
    bench.run_to(0, 30, 0);
    bench.stop();
    let before = bench.desk.records.len();
    bench.run_to(1, 0, 0);
    let chip = crate::world::bench::set_up(&bench.desk, None);
    bench.chip = chip;
    bench.start();
    bench.run_to(1, 30, 0);
    let new: Vec<u64> = bench.desk.records.keys().skip(before).map(|(epoch, _)| *epoch).collect();
    assert!(new.len() == 2 && new[0] >= MIDNIGHT.plus_ms(3_600_000).0 as u64, "{new:?}");
    assert_eq!(bench.desk.told()[before..], ["started anew", "in force 1"]);
}
