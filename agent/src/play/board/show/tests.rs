//! What is up when, by a clock set by hand.

use super::*;
use loa_domain::play::class::Depth;
use loa_domain::play::slide::Slide;
use loa_domain::time::Offsets;
use loa_domain::wire::{self, Text};
use loa_host::clock::Clock;

const MS: u64 = NS_PER_MS;

fn board() -> BoardClass {
    BoardClass::new(64, 32, Depth::Mono).unwrap()
}

struct Bench {
    clock: Clock,
    start_ms: i64,
    shows: Shows,
    said: Vec<Heard>,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::manual();
        let start_ms = clock.now().utc_ns / MS as i64;
        Self { clock, start_ms, shows: Shows::new(board()), said: Vec::new() }
    }

    fn begin(&mut self, voice: Voice, at_ms: i64, offset_ms: u32, length_ms: u32) {
        let body = Text::new("một hai ba bốn năm sáu").unwrap();
        let slide = Slide::of_text(Text::default(), body, Text::new("vi").unwrap());
        let laid = Laid::read(wire::encode(&slide), &board()).unwrap();
        let at = UtcMs(self.start_ms + at_ms);
        self.shows.begin(Show { voice, at, offset_ms, length_ms, laid, part: Part::Plain });
    }

    /// Lets time pass as the thread does: from look to look.
    fn pass(&mut self, ms: u64) {
        let until_ns = self.clock.now().mono_raw_ns + ms * MS;
        loop {
            let now = self.clock.now();
            self.shows.look(now, &mut |heard| self.said.push(heard));
            if now.mono_raw_ns >= until_ns {
                return;
            }
            let wait_ns = self.shows.next_ns(now);
            assert!(wait_ns > 0, "no time would pass");
            self.clock.advance_ns(wait_ns.min(until_ns - now.mono_raw_ns));
        }
    }

    fn end(&mut self, voice: Voice) {
        self.shows.end(voice, self.clock.now(), &mut |heard| self.said.push(heard));
    }

    fn step_ms(&mut self, ms: i64) {
        self.clock.step_utc_ns(ms * MS as i64);
    }

    fn began(&self, voice: Voice, at_ms: i64) -> Heard {
        Heard::Began { voice, at: UtcMs(self.start_ms + at_ms) }
    }

    fn page(&self) -> Option<(Voice, u32)> {
        match self.shows.subject(self.clock.now()) {
            Subject::Slide { voice, moment } => Some((voice, moment.page)),
            Subject::Quiet { .. } => None,
        }
    }
}

fn over(voice: Voice, heard_ms: u32) -> Heard {
    Heard::Over { voice, heard_ms }
}

#[test]
fn a_slide_begins_at_its_instant_and_lasts_its_length() {
    let mut bench = Bench::new();
    bench.begin(1, 1_730, 0, 2_000);
    bench.pass(1_729);
    assert_eq!((bench.page(), bench.said.len()), (None, 0));
    bench.pass(1);
    assert_eq!(bench.said, [bench.began(1, 1_730)]);
    bench.pass(1_999);
    assert_eq!(bench.page(), Some((1, 1)));
    bench.pass(1);
    assert_eq!((bench.page(), bench.said[1]), (None, over(1, 2_000)));
}

#[test]
fn pages_turn_at_even_parts_of_the_slide_also_when_it_begins_within() {
    let mut bench = Bench::new();
    bench.begin(1, 0, 500, 2_000);
    bench.pass(499);
    assert_eq!(bench.page(), Some((1, 0)));
    assert_eq!(bench.shows.next_ns(bench.clock.now()), MS);
    bench.pass(1);
    assert_eq!(bench.page(), Some((1, 1)));
    bench.pass(1_000);
    assert_eq!(bench.said[1], over(1, 1_500));
}

#[test]
fn slides_of_a_programme_follow_without_a_gap() {
    let mut bench = Bench::new();
    bench.begin(1, 100, 0, 1_000);
    bench.begin(2, 1_100, 0, 1_000);
    bench.pass(3_000);
    let said = [bench.began(1, 100), over(1, 1_000), bench.began(2, 1_100), over(2, 1_000)];
    assert_eq!(bench.said, said);
}

#[test]
fn what_is_ended_is_down_at_once_and_what_was_never_up_counts_nothing() {
    let mut bench = Bench::new();
    bench.begin(1, 0, 0, 10_000);
    bench.begin(2, 5_000, 0, 1_000);
    bench.pass(1_234);
    bench.end(1);
    bench.end(2);
    bench.end(3);
    assert_eq!(bench.page(), None);
    bench.pass(20_000);
    assert_eq!(bench.said, [bench.began(1, 0), over(1, 1_234), over(2, 0)]);
}

#[test]
fn a_step_of_the_clock_moves_what_waits_to_its_time_by_the_new_clock() {
    let mut bench = Bench::new();
    bench.begin(1, 5_000, 0, 1_000);
    bench.pass(1_000);
    bench.step_ms(-60_000);
    bench.pass(63_999);
    assert_eq!(bench.said, []);
    bench.pass(1);
    assert_eq!(bench.said, [bench.began(1, 5_000)]);

    let mut bench = Bench::new();
    bench.begin(1, 5_000, 0, 1_000);
    bench.pass(1_000);
    bench.step_ms(60_000);
    bench.pass(TICK_MS);
    assert_eq!(bench.said, [bench.began(1, 61_000)]);
}

#[test]
fn a_step_of_the_clock_does_not_tear_what_is_up_nor_the_programme_it_belongs_to() {
    for step_ms in [-3_600_000, 3_600_000, 700] {
        let mut bench = Bench::new();
        bench.begin(1, 0, 0, 4_000);
        bench.pass(3_000);
        bench.begin(2, 4_000, 0, 1_000);
        bench.pass(200);
        bench.step_ms(step_ms);
        bench.pass(5_000);
        let said = [bench.began(1, 0), over(1, 4_000), bench.began(2, 4_000 + step_ms), over(2, 1_000)];
        assert_eq!(bench.said, said, "{step_ms}");
    }
}

#[test]
fn a_slewed_clock_makes_no_flicker_between_two_slides_and_adds_no_time() {
    let mut bench = Bench::new();
    bench.begin(1, 0, 0, 1_000);
    bench.begin(2, 1_000, 0, 1_000);
    bench.pass(500);
    bench.step_ms(-4);
    bench.pass(502);
    assert_eq!(bench.page(), Some((1, 1)));
    bench.pass(2);
    assert_eq!(bench.said, [bench.began(1, 0), over(1, 1_000), bench.began(2, 1_000)]);
}

#[test]
fn a_slide_that_begins_takes_the_place_of_the_one_that_is_up() {
    let mut bench = Bench::new();
    bench.begin(1, 0, 0, 60_000);
    bench.begin(2, 900, 0, 1_000);
    bench.pass(10_000);
    assert_eq!(bench.said, [bench.began(1, 0), over(1, 900), bench.began(2, 900), over(2, 1_000)]);
}

#[test]
fn a_thread_that_was_held_up_shows_what_is_due_now_and_counts_only_that() {
    let mut bench = Bench::new();
    bench.begin(1, 100, 0, 1_000);
    bench.begin(2, 1_100, 0, 1_000);
    bench.clock.advance_ns(1_500 * MS);
    bench.pass(1_000);
    assert_eq!(bench.said, [over(1, 0), bench.began(2, 1_500), over(2, 1_000)]);
}

#[test]
fn time_counts_as_shown_only_while_an_output_takes_the_faces() {
    let mut bench = Bench::new();
    bench.begin(1, 0, 0, 3_000);
    bench.pass(1_000);
    bench.shows.lit(false, bench.clock.now());
    bench.pass(700);
    bench.shows.lit(true, bench.clock.now());
    bench.pass(5_000);
    assert_eq!(bench.said[1], over(1, 2_300));
}

#[test]
fn the_quiet_face_follows_the_minute_the_place_and_what_is_known() {
    let mut bench = Bench::new();
    let quiet = |bench: &Bench| match bench.shows.subject(bench.clock.now()) {
        Subject::Quiet { time, turn, .. } => (time, turn),
        slide => panic!("{slide:?}"),
    };
    assert_eq!(quiet(&bench).0, "--:--");
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let offsets = Some(Offsets::fixed(7 * 3_600));
    bench.shows.set_quiet(Quiet { offsets: offsets.clone(), lines: Vec::new() });
    bench.pass(59_999);
    assert_eq!(quiet(&bench), ("07:00".to_owned(), 0));
    assert_eq!(bench.shows.next_ns(bench.clock.now()), MS);
    bench.pass(1);
    assert_eq!(quiet(&bench), ("07:01".to_owned(), 0));
    bench.shows.set_quiet(Quiet { offsets, lines: lines(&["Chưa có lịch", "Thôn Phượng Mao"]) });
    let first = quiet(&bench);
    bench.pass(4_000);
    assert_ne!(quiet(&bench), first);
}
