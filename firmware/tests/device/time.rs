//! What a board takes for the time: from the desk, from a time server and from strangers, and what it says of it.
//!
//! The last of the days.

use loa_domain::proof::record::{Body, ClockSource};
use loa_domain::time::UtcMs;
use loa_firmware::sntp;

use crate::world::bench::{Bench, MIDNIGHT, TimeServer, answer};

/// A board without a battery and without a desk that answers, and this time server.
fn asking(server: TimeServer) -> Bench {
    let mut bench = Bench::new();
    bench.desk.answers = false;
    bench.time_server = Some(server);
    bench.start();
    bench
}

fn knows_time(bench: &mut Bench) -> bool {
    bench.run_for(120);
    bench.faces().last() == Some(&"no plan")
}

#[test]
fn a_time_server_that_repeats_the_number_is_believed() {
    let mut bench = asking(Box::new(|question, utc| vec![answer(question, utc).to_vec()]));
    assert!(knows_time(&mut bench));
}

#[test]
fn what_is_no_answer_to_the_question_leaves_the_clock_unknown() {
    type Bend = fn(&mut [u8; sntp::BYTES]);
    let bends: [(&str, Bend); 7] = [
        ("another number: a stranger who could not see the question", |packet| packet[31] ^= 1),
        ("a kiss of death (stratum 0, RFC 4330 §8)", |packet| packet[1] = 0),
        ("a server that is not synchronised (leap indicator 3)", |packet| packet[0] |= 0xc0),
        ("a stratum that is none", |packet| packet[1] = 16),
        ("a question, not an answer", |packet| packet[0] = 0x23),
        ("a broadcast", |packet| packet[0] = 0x25),
        ("no time at all", |packet| packet[40..].fill(0)),
    ];
    for (what, bend) in bends {
        let mut bench = asking(Box::new(move |question, utc| {
            let mut packet = answer(question, utc);
            bend(&mut packet);
            vec![packet.to_vec(), packet[..47].to_vec(), Vec::new()]
        }));
        assert!(!knows_time(&mut bench), "{what}");
    }
}

#[test]
fn an_answer_counts_for_its_own_question_once() {
    let mut last: Option<Vec<u8>> = None;
    // Each time the answer to the question before: kept by somebody and played again.
    let mut bench = asking(Box::new(move |question, utc| {
        let late = last.replace(answer(question, utc).to_vec());
        late.into_iter().collect()
    }));
    assert!(!knows_time(&mut bench));
}

#[test]
fn an_answer_that_took_long_says_nothing() {
    let mut bench = Bench::new();
    bench.desk.answers = false;
    bench.start();
    let (_, question) = bench.device().ask_time(100).expect("a board asks at once");
    let late = answer(&question, MIDNIGHT.plus_ms(5_000));
    assert!(!bench.device().time_answer(&late, 100 + loa_firmware::wall::WAY_MS + 1));
    let (_, question) = bench.device().ask_time(60_000).expect("and again, while nobody knows");
    assert!(bench.device().time_answer(&answer(&question, MIDNIGHT.plus_ms(60_000)), 60_500));
    assert!(bench.device().ask_time(61_000).is_none(), "it knows for an hour");
}

#[test]
fn a_time_before_the_release_in_force_was_made_is_not_taken() {
    let mut bench = Bench::with_slide(1);
    bench.run_to(7, 0, 0);
    bench.stop();
    bench.desk.answers = false;
    bench.time_server = Some(Box::new(|question, _| vec![answer(question, MIDNIGHT.plus_ms(-60_000)).to_vec()]));
    bench.start();
    bench.run_for(60);
    assert_eq!(bench.faces().last(), Some(&"clock unknown"));
    bench.desk.answers = true;
    bench.run_to(9, 0, 0);
    assert_eq!(bench.desk.told().last().map(String::as_str), Some("08:00:00 played 10 s"));
}

#[test]
fn the_first_time_a_board_is_told_is_no_step_of_its_clock() {
    let mut bench = Bench::with_slide(1);
    bench.run_to(1, 0, 0);
    assert_eq!(bench.desk.told(), ["started anew", "in force 1"]);
    // Nor is it after a restart, when its chain goes on before it knows.
    bench.stop();
    bench.run_to(2, 0, 0);
    bench.start();
    bench.run_to(9, 0, 0);
    assert_eq!(bench.desk.told()[2..], ["started", "08:00:00 played 10 s"]);
    let unknown: Vec<bool> =
        bench.desk.records.values().map(|(record, _)| record.stamp.source == ClockSource::Unknown).collect();
    assert_eq!(unknown, [false, false, true, false], "the restart was told before the time was known");
}

#[test]
fn a_clock_that_was_wrong_and_is_set_right_has_stepped_by_what_it_was_wrong() {
    let mut bench = Bench::with_slide(1);
    bench.battery = Some(3_000_000);
    bench.run_to(1, 0, 0);
    bench.stop();
    bench.start();
    bench.run_to(2, 0, 0);
    let steps: Vec<i64> = bench
        .desk
        .records
        .values()
        .filter_map(|(record, _)| match record.body {
            Body::Stepped { by_ms, to } => {
                assert!(to.since_ms(UtcMs(MIDNIGHT.0 + 3_600_000)).abs() < 10_000, "{to}");
                Some(by_ms)
            }
            _ => None,
        })
        .collect();
    assert_eq!(steps.len(), 1, "{:?}", bench.desk.told());
    assert!((-3_000_100..=-2_999_900).contains(&steps[0]), "{steps:?}");
}

#[test]
fn a_battery_from_before_the_timetable_was_made_is_not_believed_and_what_was_wrong_is_told_once() {
    let mut bench = Bench::with_slide(1);
    bench.run_to(1, 0, 0);
    bench.stop();
    // Ten years behind: the battery was empty.
    bench.battery = Some(-315_576_000_000);
    bench.start();
    bench.run_to(9, 0, 0);
    let told = bench.desk.told();
    assert_eq!(bench.faces().iter().filter(|face| **face == "slide A").count(), 1);
    assert!(told.iter().filter(|words| words.starts_with("stepped")).count() <= 1, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("08:00:00 played 10 s"));
    assert!(bench.desk.is_chain());
}

#[test]
fn one_hello_is_said_on_a_new_link_although_the_clock_is_set_by_its_answer() {
    let mut bench = Bench::with_slide(1);
    bench.run_to(0, 30, 0);
    let hellos = bench.desk.heard.iter().filter(|words| words.starts_with("hello")).count();
    assert_eq!(hellos, 1, "{:?}", bench.desk.heard);
    assert!(bench.desk.hellos[0].nonce.is_some());
}

#[test]
fn the_time_is_asked_for_again_every_hour() {
    let mut bench = Bench::with_slide(1);
    bench.run_to(5, 30, 0);
    let asked = bench.desk.hellos.iter().filter(|hello| hello.nonce.is_some()).count();
    assert_eq!(asked, 6);
    assert_eq!(bench.desk.hellos.len(), 6);
}
