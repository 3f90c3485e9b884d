//! A board on a bench: the test is its clock, its flash and its panel, and writes down what it saw.

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;
use std::{format, println, vec};

use loa_domain::plan::Why;
use loa_domain::play::player::Outcome;
use loa_domain::time::LocalDate;
use loa_domain::timetable::audience::{Audience, Kind};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::timetable::{Recurrence, Timing};
use loa_domain::wire::{Full, List, Text};

use super::*;

type Small = Board<8, 16>;
type Orders = Table<8, 16>;

const HOUR_MS: i64 = 3_600_000;
/// 2026-03-02, a Monday, 00:00 UTC; the boards here keep UTC.
const MIDNIGHT: UtcMs = UtcMs(1_772_409_600_000);
const NORMAL: Manner = Manner {
    class: Class::Normal,
    late: Late::Skip,
    late_limit_ms: 0,
    wait_ms: 0,
    when_cut: WhenCut::Drop,
    volume: None,
};

fn hash(number: u8) -> Hash {
    Hash([number; 32])
}

fn daily(hour: u32, minute: u32) -> Timing {
    let line = Recurrence { second: 1, minute: 1 << minute, hour: 1 << hour, ..Recurrence::ALWAYS };
    let from = LocalDate::new(2026, 3, 2);
    Timing { recurrences: List::collect([line]).expect("one fits"), from, ..Timing::default() }
}

/// An order whose slides have these numbers and lengths in seconds.
fn order(timing: Timing, manner: Manner, slides: &[(u8, u32)]) -> Order {
    let name = |text| Text::new(text).expect("short");
    let item =
        |(number, s): &(u8, u32)| Item { kind: Kind::Board, content: hash(*number), size: 9, length_ms: s * 1000 };
    Order {
        form: Form::Live,
        id: name("order"),
        campaign: name(""),
        programme: name(""),
        made: MIDNIGHT,
        audience: Audience::default(),
        timing,
        manner,
        items: List::collect(slides.iter().map(item)).expect("few slides"),
    }
}

fn table(orders: &[(u8, Order)]) -> Orders {
    let expires = MIDNIGHT.plus_ms(48 * HOUR_MS);
    let mut table = Orders::default();
    (table.issued, table.expires) = (MIDNIGHT, expires);
    for (number, order) in orders {
        assert_eq!(table.add(hash(*number), order), Ok(true));
    }
    table
}

/// The board, and what a flash and a panel would hold.
struct Bench {
    board: Small,
    mono_ms: u64,
    open: BTreeMap<CueId, Opened>,
    closed: Vec<Closed>,
    due: Due,
    seen: Vec<String>,
    /// Openings take until somebody calls `settle`.
    slow_flash: bool,
    unsettled: Vec<CueId>,
}

fn clock(mono_ms: u64) -> Now {
    Now { mono_ms, utc: MIDNIGHT.plus_ms(i64::try_from(mono_ms).expect("some days")) }
}

fn wall(at: UtcMs) -> String {
    let ms = at.since_ms(MIDNIGHT);
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

impl Bench {
    fn new(mut table: Orders) -> Self {
        let mut board = Small::new();
        board.start(&Due::default(), [], clock(0), &mut |_| {});
        let mut due = Due::default();
        board.change(&mut table, &[], clock(0), &mut |_| {});
        due.clone_from(board.due());
        let (open, closed, seen, unsettled) = (BTreeMap::new(), Vec::new(), Vec::new(), Vec::new());
        Self { board, mono_ms: 0, open, closed, due, seen, slow_flash: false, unsettled }
    }

    fn now(&self) -> Now {
        clock(self.mono_ms)
    }

    fn take(&mut self, outputs: Vec<Output>) {
        let at = wall(self.now().utc);
        for output in outputs {
            match output {
                Output::Open(opened) => {
                    self.seen.push(format!("{at} open {}", opened.cue.order.0[0]));
                    self.open.insert(opened.cue, opened);
                    self.unsettled.push(opened.cue);
                }
                Output::Progress(opened) => drop(self.open.insert(opened.cue, opened)),
                Output::Close { closed, .. } => {
                    let Closed { cue, outcome, why, heard_ms, .. } = closed;
                    let why = why.map_or("", |why: Why| why.reason.name());
                    self.seen.push(format!("{at} close {} {} {why} {heard_ms}", cue.order.0[0], outcome.name()));
                    self.open.remove(&cue);
                    self.closed.push(closed);
                }
                Output::KeepDue => self.due.clone_from(self.board.due()),
                Output::Stepped { by_ms, .. } => self.seen.push(format!("{at} stepped {by_ms}")),
                Output::Turn(Turn::Show { slide, position_ms, .. }) => {
                    self.seen.push(format!("{at} show {} +{position_ms}", slide.0[0]))
                }
                Output::Turn(Turn::Rest) => self.seen.push(format!("{at} rest")),
            }
        }
        if !self.slow_flash {
            self.settle();
        }
    }

    fn settle(&mut self) {
        for cue in std::mem::take(&mut self.unsettled) {
            let mut outputs = vec![];
            self.board.written(cue, self.now(), &mut |output| outputs.push(output));
            self.take(outputs);
        }
    }

    /// Runs to a time of the day, from deadline to deadline.
    fn run_to(&mut self, hour: i64, minute: i64, second: i64) {
        let until_ms = u64::try_from(((hour * 60 + minute) * 60 + second) * 1000).expect("later than midnight");
        loop {
            let mut outputs = vec![];
            let next_ms = self.board.poll(self.now(), &mut |output| outputs.push(output));
            self.take(outputs);
            assert!(next_ms >= self.mono_ms, "a deadline in the past");
            if self.mono_ms >= until_ms {
                return;
            }
            self.mono_ms = next_ms.min(until_ms);
        }
    }

    /// The power goes, and comes back some time later.
    fn cut_power(&mut self, table: Orders, dark_ms: u64) {
        self.mono_ms += dark_ms;
        let mut outputs = vec![];
        let open: Vec<Opened> = self.open.values().copied().collect();
        let now = self.now();
        self.board = Small::new();
        let put: Result<(), ()> = self.board.put(|held| {
            *held = table;
            Ok(())
        });
        put.expect("taken");
        self.board.start(&self.due, open, now, &mut |output| outputs.push(output));
        self.take(outputs);
    }

    fn outcomes(&self) -> Vec<(u8, Outcome, u32)> {
        self.closed.iter().map(|closed| (closed.cue.order.0[0], closed.outcome, closed.heard_ms)).collect()
    }
}

#[test]
fn slides_turn_at_their_times_and_leave_one_proof() {
    let mut bench = Bench::new(table(&[(1, order(daily(8, 0), NORMAL, &[(11, 10), (12, 20)]))]));
    bench.run_to(9, 0, 0);
    let expected = [
        "07:59:57.500 open 1",
        "08:00:00.000 show 11 +0",
        "08:00:10.000 show 12 +0",
        "08:00:30.000 rest",
        "08:00:30.000 close 1 played  30000",
    ];
    assert_eq!(bench.seen, expected);
}

#[test]
fn nothing_is_shown_before_its_opening_is_on_flash() {
    let mut bench = Bench::new(table(&[(1, order(daily(8, 0), NORMAL, &[(11, 30)]))]));
    bench.slow_flash = true;
    bench.run_to(8, 0, 2);
    assert_eq!(bench.seen, ["07:59:57.500 open 1"]);
    bench.settle();
    bench.run_to(8, 0, 40);
    assert_eq!(bench.seen[1], "08:00:02.000 show 11 +0");
}

#[test]
fn an_emergency_takes_the_board_without_a_dark_moment() {
    let alarm = Manner { class: Class::Emergency, ..NORMAL };
    let mut bench = Bench::new(table(&[
        (1, order(daily(8, 0), NORMAL, &[(11, 600)])),
        (2, order(daily(8, 5), alarm, &[(21, 60)])),
    ]));
    bench.run_to(9, 0, 0);
    let shown: Vec<&String> = bench.seen.iter().filter(|line| line.contains("show") || line.contains("rest")).collect();
    assert_eq!(shown, ["08:00:00.000 show 11 +0", "08:05:00.000 show 21 +0", "08:06:00.000 rest"]);
    let [first, second] = bench.outcomes()[..] else { panic!("{:?}", bench.outcomes()) };
    assert_eq!((first.0, first.1, second), (1, Outcome::Interrupted, (2, Outcome::Played, 60_000)));
    // The stop comes up to ADVANCE_MS early.
    assert!((299_600..=300_000).contains(&first.2), "{first:?}");
}

#[test]
fn a_slide_show_that_was_cut_goes_on_where_it_was() {
    let long = Manner { when_cut: WhenCut::Resume, ..NORMAL };
    let first = Manner { class: Class::Priority, ..NORMAL };
    let mut bench = Bench::new(table(&[
        (1, order(daily(8, 0), long, &[(11, 90), (12, 90)])),
        (2, order(daily(8, 1), first, &[(21, 60)])),
    ]));
    bench.run_to(9, 0, 0);
    let shown: Vec<&str> = bench.seen.iter().filter(|line| line.contains("show")).map(|line| &line[13..]).collect();
    assert_eq!(shown, ["show 11 +0", "show 21 +0", "show 11 +60000", "show 12 +0"]);
    let outcomes = bench.outcomes();
    assert_eq!((outcomes[1].0, outcomes[1].1), (1, Outcome::Played), "{outcomes:?}");
}

#[test]
fn after_a_power_cut_what_was_up_is_partial_and_what_fell_into_the_dark_is_missed() {
    let orders =
        || table(&[(1, order(daily(8, 0), NORMAL, &[(11, 300)])), (2, order(daily(8, 10), NORMAL, &[(21, 30)]))]);
    let mut bench = Bench::new(orders());
    bench.run_to(8, 1, 5);
    bench.cut_power(orders(), 30 * 60_000);
    bench.run_to(9, 0, 0);
    let outcomes: Vec<_> = bench.closed.iter().map(|c| (c.outcome, c.why.map(|why| why.reason))).collect();
    let dark = Some(Reason::PowerOff);
    assert_eq!(outcomes, [(Outcome::Partial, dark), (Outcome::Missed, dark)]);
    let heard_ms = bench.closed[0].heard_ms;
    assert!((50_000..=65_000).contains(&heard_ms), "{heard_ms} of 65 s were written down");
}

#[test]
fn a_panel_that_fails_ends_the_cue_and_the_proof_says_so() {
    let mut bench = Bench::new(table(&[(1, order(daily(8, 0), NORMAL, &[(11, 300)]))]));
    bench.run_to(8, 1, 0);
    let mut outputs = vec![];
    bench.board.failed(Reason::OutputLost, bench.now(), &mut |output| outputs.push(output));
    bench.take(outputs);
    assert_eq!(bench.outcomes(), [(1, Outcome::Partial, 60_000)]);
    assert_eq!(bench.closed[0].why, Some(Reason::OutputLost.into()));
}

#[test]
fn a_new_timetable_lets_what_is_up_end_and_takes_revoked_orders_off_at_once() {
    for (revoked, outcome) in [(vec![], Outcome::Played), (vec![hash(1)], Outcome::Interrupted)] {
        let mut bench = Bench::new(table(&[(1, order(daily(8, 0), NORMAL, &[(11, 30), (12, 30)]))]));
        bench.run_to(8, 0, 20);
        let mut outputs = vec![];
        let mut new = table(&[(3, order(daily(8, 30), NORMAL, &[(31, 10)]))]);
        bench.board.change(&mut new, &revoked, bench.now(), &mut |output| outputs.push(output));
        bench.take(outputs);
        bench.run_to(9, 0, 0);
        let ends: Vec<Outcome> = bench.closed.iter().map(|closed| closed.outcome).collect();
        assert_eq!(ends, [outcome, Outcome::Played], "{:?}", bench.seen);
    }
}

#[test]
fn an_order_that_does_not_fit_leaves_the_timetable_as_it_was() {
    let mut table = table(&[(1, order(daily(8, 0), NORMAL, &[(11, 1); 10]))]);
    assert_eq!(table.add(hash(2), &order(daily(9, 0), NORMAL, &[(21, 1); 7])), Err(Full { most: 16 }));
    assert_eq!((table.length_ms(&hash(1)), table.length_ms(&hash(2))), (10_000, 0));
    for number in 2..=7 {
        assert_eq!(table.add(hash(number), &order(daily(9, 0), NORMAL, &[(number, 1)])), Ok(true));
    }
    assert_eq!(table.view().rules.len(), 7);
    assert_eq!(table.add(hash(9), &order(daily(9, 0), NORMAL, &[])), Ok(false), "nothing to show");
}

#[test]
fn a_whole_day_leaves_one_proof_for_every_cue() {
    let orders: Vec<(u8, Order)> = (1..=6)
        .map(|number| (number, order(daily(u32::from(number) * 3, 7), NORMAL, &[(number, 15), (100, 45)])))
        .collect();
    let mut bench = Bench::new(table(&orders));
    bench.run_to(24, 0, 0);
    let played = bench.closed.iter().filter(|closed| closed.outcome == Outcome::Played).count();
    assert_eq!((played, bench.closed.len(), bench.open.len()), (6, 6, 0), "{:#?}", bench.seen);
}

#[test]
fn a_board_fits_a_small_microcontroller() {
    let bytes = size_of::<Board<16, 64>>();
    println!("a board of 16 orders with 64 slides: {bytes} bytes");
    // The smallest boards have 64 KiB; network, signatures and the picture were measured to leave about 28 of them.
    assert!(bytes <= 28 * 1024, "{bytes} bytes");
}
