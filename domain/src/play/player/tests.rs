//! The player in a simulated world (`world.rs`): a year of an ordinary timetable, plans against what is played
//! (`plan.rs`), clocks that step (`clock.rs`), and the laws of a whole life under any trouble (`laws.rs`).

use std::vec;
use std::vec::Vec;

use self::world::{BEGIN, HOUR, MINUTE, Table, Trouble, World};
use super::*;
use crate::plan::build::InForce;
use crate::time::{MinuteRange, QuietHours};
use crate::timetable::audience::{Audience, Kind, Placement};
use crate::timetable::order::{Class, Item, Manner, Order, WhenCut};
use crate::timetable::{Recurrence, Timing};
use crate::wire::Text;

mod change;
mod clock;
mod laws;
mod plan;
mod world;

const NORMAL: Manner = Manner {
    class: Class::Normal,
    late: Late::Skip,
    late_limit_ms: 0,
    wait_ms: 0,
    when_cut: WhenCut::Drop,
    volume: None,
};

/// `PROPTEST_CASES` where it is set, else `usual`.
fn cases(usual: u32) -> proptest::prelude::ProptestConfig {
    let config = proptest::prelude::ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    proptest::prelude::ProptestConfig { cases: if asked { config.cases } else { usual }, ..config }
}

fn placement() -> Placement {
    Placement {
        player: "loa-1".parse().expect("a good id"),
        kind: Kind::Speaker,
        places: List::new(),
        tags: List::new(),
        languages: List::new(),
    }
}

fn order(number: u8, timing: Timing, manner: Manner, length_ms: u32) -> InForce {
    let name = |text| Text::new(text).expect("short");
    let item = Item { kind: Kind::Speaker, content: Hash([number; 32]), size: 1, length_ms };
    let order = Order {
        form: crate::timetable::order::Form::Live,
        id: name("order"),
        campaign: name(""),
        programme: name(""),
        made: UtcMs(BEGIN),
        audience: Audience { players: List::collect([placement().player]).expect("one fits"), ..Audience::default() },
        timing,
        manner,
        items: List::collect([item]).expect("one fits"),
    };
    InForce { hash: Hash([number; 32]), order }
}

/// Every day (or hour, with all hours) at these hours and minutes.
fn at(hours: &[u32], minutes: &[u32]) -> Timing {
    let hour = hours.iter().fold(0, |bits, hour| bits | 1_u32 << hour);
    let minute = minutes.iter().fold(0, |bits, minute| bits | 1_u64 << minute);
    let line = Recurrence { second: 1, minute, hour, ..Recurrence::ALWAYS };
    let from = Some(crate::time::LocalDate::new(2026, 1, 5).expect("a date"));
    Timing { recurrences: List::collect([line]).expect("one fits"), from, ..Timing::default() }
}

fn once(instants: &[i64]) -> Timing {
    Timing { once: List::collect(instants.iter().map(|at| UtcMs(*at))).expect("few"), ..Timing::default() }
}

fn night() -> QuietHours {
    QuietHours::new([MinuteRange { from_minute: 22 * 60, to_minute: 4 * 60 + 30 }]).expect("fair")
}

fn year() -> Vec<InForce> {
    vec![
        order(1, at(&[5, 17], &[0]), NORMAL, 30 * 60_000),
        order(2, at(&[5], &[30]), Manner { class: Class::Priority, ..NORMAL }, 15 * 60_000),
        order(3, at(&[11], &[0]), Manner { wait_ms: 600_000, ..NORMAL }, 20 * 60_000),
        order(4, at(&[17], &[20]), Manner { class: Class::Priority, ..NORMAL }, 5 * 60_000),
        order(5, at(&[19], &[0]), Manner { late: Late::Join, ..NORMAL }, 45 * 60_000),
        order(6, at(&[23], &[0]), NORMAL, 60_000),
    ]
}

#[test]
fn a_year_of_an_ordinary_timetable_leaves_one_proof_for_each_cue() {
    let end = BEGIN + 365 * 24 * HOUR;
    let mut world = World::new(vec![Table::of(&year(), night(), end)], Vec::new());
    let began = std::time::Instant::now();
    world.run(end + HOUR);
    let took = began.elapsed();
    assert_eq!(world.disk.closed.len(), 365 * 7);
    assert_eq!(world.disk.still_open(), 0);
    let count = |outcome| world.disk.closed.iter().filter(|closed| closed.outcome == outcome).count();
    // Each day: 17:20 cuts the evening news for good, 23:00 lies in quiet hours.
    assert_eq!(count(Outcome::Played), 365 * 5);
    assert_eq!(count(Outcome::Interrupted), 365);
    assert_eq!(count(Outcome::Missed), 365);
    assert!(took.as_secs() < 20, "a year took {took:?}; on a quiet machine it takes about one second");
    std::println!("a year: {} calls in {took:?}", world.polls);
}

#[test]
fn a_player_without_a_timetable_only_waits() {
    let mut player = Player::start(Due::default(), [], None, Now { mono_ms: 0, utc: UtcMs(BEGIN) }, &mut |_| {});
    let mut acts = 0;
    assert_eq!(player.poll(Now { mono_ms: 5, utc: UtcMs(BEGIN) }, None, &mut |_| acts += 1), 5 + IDLE_MS);
    assert_eq!(acts, 0);
}

#[test]
fn a_new_store_under_an_old_release_plays_on() {
    let table = Table::of(&year(), night(), BEGIN + 48 * HOUR);
    let view = table.view();
    let start = Now { mono_ms: 0, utc: UtcMs(BEGIN) };
    let mut player = Player::start(Due::default(), [], Some(&view), start, &mut |_| {});
    let mut opened = Vec::new();
    let five = Now { mono_ms: 5 * HOUR as u64, utc: UtcMs(BEGIN + 5 * HOUR) };
    player.poll(start, Some(&view), &mut |_| {});
    player.poll(five, Some(&view), &mut |act| opened.extend(matches!(act, Act::Open(_)).then_some(act)));
    assert_eq!(opened.len(), 1, "{opened:?}");
}

#[test]
fn a_clock_from_before_the_release_makes_nothing_due_until_it_is_right() {
    let end = BEGIN + 24 * HOUR;
    let mut world = World::new(
        vec![Table::of(&year(), night(), end)],
        vec![
            (BEGIN + HOUR, Trouble::Step(-BEGIN)),
            (BEGIN + HOUR + 1_000, Trouble::Cut { dark_ms: 60_000, survive: 9 }),
            (BEGIN + 6 * HOUR, Trouble::Step(BEGIN)),
        ],
    );
    world.run(BEGIN + 6 * HOUR);
    assert!(world.disk.closed.is_empty());
    world.run(end + HOUR);
    assert_eq!(world.disk.closed.len(), 7);
    let dark = world.disk.closed.iter().filter(|closed| closed.why == Some(Reason::PowerOff.into())).count();
    assert_eq!(dark, 2, "05:00 and 05:30");
}

#[test]
fn the_dark_is_missed_for_want_of_power_in_small_batches() {
    let every_minute: Vec<u32> = (0..60).collect();
    let all_day: Vec<u32> = (0..24).collect();
    let orders = [order(1, at(&all_day, &every_minute), NORMAL, 10_000)];
    let end = BEGIN + 24 * HOUR;
    let mut world = World::new(
        vec![Table::of(&orders, QuietHours::NONE, end)],
        vec![(BEGIN + HOUR + 30_000, Trouble::Cut { dark_ms: 20 * HOUR, survive: 9 })],
    );
    world.run(end + HOUR);
    let missed = world.disk.closed.iter().filter(|closed| closed.why == Some(Reason::PowerOff.into()));
    assert_eq!(missed.count(), 20 * 60);
    assert_eq!(world.disk.closed.len(), 24 * 60);
}

#[test]
fn a_power_cut_while_it_sounds_makes_it_partial_or_lets_it_join() {
    for (late, outcome) in [(Late::Skip, 1), (Late::Restart, 1), (Late::Join, 2)] {
        let manner = Manner { late, late_limit_ms: 3_600_000, ..NORMAL };
        let orders = [order(1, at(&[5], &[0]), manner, 30 * 60_000)];
        let mut world = World::new(
            vec![Table::of(&orders, QuietHours::NONE, BEGIN + 24 * HOUR)],
            vec![(BEGIN + 5 * HOUR + 5 * MINUTE, Trouble::Cut { dark_ms: 2 * MINUTE, survive: 9 })],
        );
        world.run(BEGIN + 7 * HOUR);
        let [closed] = world.disk.closed[..] else { panic!("one proof: {:?}", world.disk.closed) };
        assert_eq!((closed.outcome, closed.why), (Outcome::Partial, Some(Reason::PowerOff.into())));
        assert_eq!(world.heard.len(), outcome);
        let heard_ms = i64::from(closed.heard_ms);
        let whole = if late == Late::Join { 28 * MINUTE } else { 5 * MINUTE };
        // A power cut loses at most what was not written down yet.
        assert!((whole - 11_000..=whole).contains(&heard_ms), "{heard_ms}");
    }
}

#[test]
fn a_slow_disk_delays_a_play_and_what_follows_it() {
    let orders = [
        order(1, once(&[BEGIN + HOUR]), NORMAL, 60_000),
        order(2, once(&[BEGIN + HOUR + 30_000]), Manner { wait_ms: 60_000, ..NORMAL }, 60_000),
    ];
    let mut world = World::new(
        vec![Table::of(&orders, QuietHours::NONE, BEGIN + 24 * HOUR)],
        vec![(BEGIN + 1_000, Trouble::Disk(5_000))],
    );
    world.run(BEGIN + 2 * HOUR);
    let began: Vec<i64> = world.heard.iter().map(|heard| heard.at.0 - BEGIN - HOUR).collect();
    assert_eq!(began, [2_500, 62_500]);
    assert!(world.disk.closed.iter().all(|closed| closed.outcome == Outcome::Played), "{:?}", world.disk.closed);
}

#[test]
fn a_full_house_of_normal_cues_does_not_keep_an_emergency_out() {
    let start = BEGIN + HOUR;
    let mut orders: Vec<InForce> =
        (0..40_u8).map(|n| order(n + 1, once(&[start]), Manner { wait_ms: 3_600_000, ..NORMAL }, 600_000)).collect();
    orders.push(order(99, once(&[start]), Manner { class: Class::Emergency, ..NORMAL }, 60_000));
    orders.push(order(
        98,
        once(&[start + 30_000]),
        Manner { class: Class::Priority, wait_ms: 60_000, ..NORMAL },
        60_000,
    ));
    let mut world = World::new(vec![Table::of(&orders, QuietHours::NONE, BEGIN + 24 * HOUR)], Vec::new());
    world.run(BEGIN + 20 * HOUR);
    assert_eq!(world.heard[0].cue.order, Hash([99; 32]));
    assert_eq!(world.heard[1].cue.order, Hash([98; 32]));
    assert_eq!(world.disk.closed.len(), 42);
    assert_eq!(world.disk.still_open(), 0);
    let overlaps = world.disk.closed.iter().filter(|c| c.why.is_some_and(|why| why.reason == Reason::Overlap)).count();
    assert!(overlaps >= 42 - limits::LIVE, "{overlaps}");
}
