//! A day without mishap, and one with a broker that goes away.
//!
//! Next: `power.rs`.

use crate::world::bench::{Bench, MIDNIGHT};
use crate::world::desk::{NORMAL, daily};

/// A board with two slides at 08:00 and 08:10, delivered and in force.
fn morning() -> Bench {
    let mut bench = Bench::new();
    let (a, b) = (bench.desk.slide('A', 900), bench.desk.slide('B', 40_000));
    let first = bench.desk.order(daily(8, 0), NORMAL, &[(a, 10), (b, 20)]);
    let second = bench.desk.order(daily(8, 10), NORMAL, &[(b, 30)]);
    let release = bench.desk.draft(1, &[first, second], MIDNIGHT);
    bench.desk.issue(&release);
    bench.start();
    bench
}

#[test]
fn a_new_board_gets_the_time_the_timetable_and_its_slides_and_shows_and_proves_them() {
    let mut bench = morning();
    bench.run_to(9, 0, 0);
    let shown: Vec<&str> = bench.seen.iter().map(String::as_str).filter(|line| *line > "00:01").collect();
    let expected = [
        "08:00:00.000 slide A",
        "08:00:10.000 slide B",
        "08:00:30.000 clock",
        "08:10:00.000 slide B",
        "08:10:30.000 clock",
    ];
    assert_eq!(shown, expected);
    assert_eq!(bench.faces()[..4], ["on", "clock unknown", "no plan", "clock"]);
    assert_eq!(bench.desk.told(), ["started anew", "in force 1", "08:00:00 played 30 s", "08:10:00 played 30 s"]);
    assert!(bench.desk.is_chain());
    assert_eq!(bench.device().records(), (0, 0), "every record has its receipt");
    assert_eq!(bench.device().place(), Some("Xã"));
    let said = &bench.desk.heard;
    assert!(said.contains(&"in force 1".to_owned()) && said.contains(&"on air true".to_owned()), "{said:?}");
}

#[test]
fn without_a_broker_it_shows_what_is_due_and_tells_of_it_when_the_broker_is_back() {
    let mut bench = morning();
    bench.run_to(7, 0, 0);
    bench.online = false;
    bench.run_to(12, 0, 0);
    assert_eq!(bench.faces()[bench.seen.len() - 5..], ["slide A", "slide B", "clock", "slide B", "clock"]);
    assert_eq!(bench.desk.told().len(), 2, "nobody heard of it yet");
    assert_eq!(bench.device().records(), (2, 0));
    bench.online = true;
    bench.run_for(60);
    assert_eq!(bench.desk.told()[2..], ["08:00:00 played 30 s", "08:10:00 played 30 s"]);
    assert_eq!(bench.device().records(), (0, 0));
}

#[test]
fn a_record_stays_until_it_is_shown_to_be_in_the_log() {
    let mut bench = morning();
    bench.desk.gives_receipts = false;
    bench.run_to(9, 0, 0);
    assert_eq!((bench.desk.records.len(), bench.device().records()), (4, (4, 0)));
    bench.desk.gives_receipts = true;
    bench.run_for(60);
    assert_eq!(bench.device().records(), (0, 0));
}

#[test]
fn a_new_release_takes_effect_when_all_of_it_is_here_and_what_is_up_goes_on() {
    let mut bench = morning();
    bench.run_to(8, 0, 5);
    let c = bench.desk.slide('C', 20_000);
    let order = bench.desk.order(daily(8, 20), NORMAL, &[(c, 15)]);
    let release = bench.desk.draft(2, &[order], bench.utc);
    bench.desk.gives_parts = false;
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    bench.run_to(8, 5, 0);
    assert!(!bench.desk.told().contains(&"in force 2".to_owned()), "its slide is not here");
    bench.desk.gives_parts = true;
    bench.run_to(9, 0, 0);
    assert_eq!(bench.faces()[bench.seen.len() - 5..], ["slide A", "slide B", "clock", "slide C", "clock"]);
    let told = bench.desk.told();
    assert_eq!(told[1..], ["in force 1", "08:00:00 played 30 s", "in force 2", "08:20:00 played 15 s"]);
}

#[test]
fn a_revoked_order_leaves_the_panel_at_once() {
    let mut bench = morning();
    bench.run_to(8, 0, 15);
    let mut release = bench.desk.draft(2, &[], bench.utc);
    let (record, _) = bench.desk.records.values().last().expect("two records").clone();
    let revoked = bench.desk.release.clone().expect("the first one").1;
    let before: loa_domain::delivery::release::Release =
        loa_domain::wire::decode(loa_domain::keys::Sealed::read(&revoked).expect("sealed").body).expect("a release");
    release.revoked = loa_domain::wire::List::collect([before.orders[0]]).expect("one");
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    bench.run_to(8, 1, 0);
    assert_eq!(bench.faces()[bench.seen.len() - 3..], ["slide A", "slide B", "clock"]);
    assert_eq!(record.release, 1);
    let told = bench.desk.told();
    assert!(told[2..].contains(&"08:00:00 interrupted (revoked) 15 s".to_owned()), "{told:?}");
}

#[test]
fn a_timetable_that_has_ended_shows_no_plan() {
    let mut bench = morning();
    bench.run_to(8 * 24, 0, 0);
    assert_eq!(bench.faces().last(), Some(&"no plan"));
    let played = bench.desk.told().iter().filter(|words| words.contains("played")).count();
    assert_eq!(played, 14, "two a day for a week");
}
