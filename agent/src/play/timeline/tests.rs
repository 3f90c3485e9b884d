//! The timeline against cards that drift, stall, stutter, and against clocks that are set.

use super::*;

const OFFSET: i64 = 1_767_000_000_000_000_000;
const BLOCK: u64 = 2_048;

/// A card that hears block after block, mixed one to one.
struct Card {
    timeline: Timeline,
    next_frame: u64,
    heard_ns: f64,
    ppm: f64,
    offset: i64,
    idle: bool,
}

impl Card {
    fn new() -> Card {
        Card { timeline: Timeline::default(), next_frame: 0, heard_ns: 5e9, ppm: 0.0, offset: OFFSET, idle: false }
    }

    fn block(&mut self, jitter_ns: i64, fresh: bool) -> Move {
        let heard = (self.heard_ns as i64 + jitter_ns) as u64;
        let todo = self.timeline.block(self.next_frame, heard, self.offset, fresh, self.idle);
        if let Move::Pass { frames } = todo {
            self.next_frame += frames;
        }
        self.next_frame += BLOCK;
        self.timeline.took(BLOCK as usize);
        self.heard_ns += frames_to_ns(BLOCK as i64) as f64 * (1.0 + self.ppm * 1e-6);
        todo
    }

    fn heard_utc_ns(&self) -> i64 {
        self.heard_ns as i64 + self.offset
    }
}

#[test]
fn the_first_block_sets_the_dial() {
    let mut card = Card::new();
    assert_eq!(card.timeline.utc_of(0), None);
    assert_eq!(card.block(0, true), Move::Go);
    assert_eq!(card.timeline.utc_of(0), Some(5_000_000_000 + OFFSET));
    assert_eq!(card.timeline.utc_of(48_000), Some(6_000_000_000 + OFFSET));
}

#[test]
fn a_slow_card_shows_up_as_a_growing_positive_error() {
    let mut card = Card::new();
    card.ppm = 80.0;
    for _ in 0..200 {
        assert_eq!(card.block(0, false), Move::Go);
    }
    // 200 blocks of 80 ppm are 32.8 frames; the median looks 7 blocks back.
    assert!((card.timeline.error_frames() - 31.5).abs() < 0.5, "{}", card.timeline.error_frames());
}

#[test]
fn a_card_that_tells_its_delay_in_grains_of_ten_milliseconds_is_not_chased() {
    let mut card = Card::new();
    card.block(0, true);
    for block in 0..300 {
        let grain = [0, 9_000_000, 0, 4_000_000, -1_000_000][block % 5];
        assert_eq!(card.block(grain, false), Move::Go);
        assert!(card.timeline.error_frames().abs() < 1.0);
    }
}

#[test]
fn time_lost_in_a_restart_is_passed_to_the_frame() {
    let mut card = Card::new();
    card.block(0, true);
    card.heard_ns += 1e9;
    assert_eq!(card.block(0, true), Move::Pass { frames: 48_000 });
    assert_eq!(card.timeline.utc_of(card.next_frame), Some(card.heard_utc_ns()));
}

#[test]
fn a_stream_that_is_back_before_its_time_holds_its_breath() {
    let mut card = Card::new();
    card.block(0, true);
    card.heard_ns -= 0.05e9;
    assert_eq!(card.block(0, true), Move::Hold { frames: 2_400 });
}

#[test]
fn a_jump_the_card_does_not_own_up_to_is_passed_once_it_is_certain() {
    let mut card = Card::new();
    for _ in 0..40 {
        card.block(0, false);
    }
    card.heard_ns += 0.2e9;
    let moves: Vec<Move> = (0..30).map(|_| card.block(0, false)).collect();
    let passed: Vec<&Move> = moves.iter().filter(|m| **m != Move::Go).collect();
    assert_eq!(passed, [&Move::Pass { frames: 9_600 }]);
}

#[test]
fn a_single_mad_timestamp_changes_nothing() {
    let mut card = Card::new();
    for block in 0..60 {
        let jitter = if block == 30 { 400_000_000 } else { 0 };
        assert_eq!(card.block(jitter, false), Move::Go);
    }
    assert!(card.timeline.error_frames().abs() < 0.01);
}

#[test]
fn a_clock_that_is_set_moves_the_dial_and_nothing_else() {
    for step in [3_600_000_000_000, -3_600_000_000_000, 6_000_000] {
        let mut card = Card::new();
        for _ in 0..20 {
            card.block(0, false);
        }
        card.offset += step;
        for _ in 0..40 {
            assert_eq!(card.block(0, false), Move::Go);
        }
        assert!(card.timeline.error_frames().abs() < 0.01);
        let due = card.timeline.utc_of(card.next_frame).unwrap();
        assert!((due - card.heard_utc_ns()).abs() < 1_000, "{step}");
    }
}

#[test]
fn a_slewed_clock_is_an_error_to_steer_out() {
    let mut card = Card::new();
    for _ in 0..100 {
        card.offset += 20_000;
        assert_eq!(card.block(0, false), Move::Go);
    }
    assert!(card.timeline.error_frames() > 80.0);
}

#[test]
fn a_clock_slewed_faster_than_steering_may_follow_moves_the_dial_without_tearing() {
    let mut card = Card::new();
    for _ in 0..1_000 {
        card.offset += 1_000_000;
        assert_eq!(card.block(0, false), Move::Go);
    }
    let due = card.timeline.utc_of(card.next_frame).unwrap();
    assert!((due - card.heard_utc_ns()).abs() < 40_000_000);
}

#[test]
fn while_nothing_sounds_the_dial_is_simply_set_right() {
    let mut card = Card::new();
    card.idle = true;
    for _ in 0..20 {
        card.block(0, false);
    }
    card.heard_ns += 0.004e9;
    for _ in 0..40 {
        assert_eq!(card.block(0, false), Move::Go);
    }
    assert!(card.timeline.error_frames().abs() < 0.01);
}

#[test]
fn without_a_card_time_is_counted_from_where_sound_stopped() {
    let mut timeline = Timeline::default();
    assert_eq!(timeline.silent(0, 1_000_000_000, OFFSET), 0);
    assert_eq!(timeline.silent(0, 1_500_000_000, OFFSET), 24_000);
    assert_eq!(timeline.silent(24_000, 1_500_000_000, OFFSET), 0);
    assert_eq!(timeline.silent(24_000, 1_600_000_000, OFFSET - 99_000_000_000), 4_800, "a step is no time");
    assert_eq!(timeline.silent(24_000, 1_400_000_000, OFFSET - 99_000_000_000), 0, "not yet heard out");
}

#[test]
fn the_origin_is_the_smallest_difference_of_the_last_seconds() {
    let mut origin = Origin::default();
    let first = origin.observe(1_000_050, 0);
    assert_eq!(first, 1_000_050);
    assert_eq!(origin.observe(2_000_007, 1_000_000), 1_000_007);
    assert_eq!(origin.observe(3_000_900, 2_000_000), 1_000_007);
    // A card stamped by a clock that loses 30 ns a block: the origin must follow it up.
    let mut best = 0;
    for block in 0..1_000_u64 {
        let stamp = 3_000_000 + block * 42_666_667;
        best = origin.observe(stamp + 1_000_007 + block * 30, stamp);
    }
    assert!(best >= 1_000_007 + 740 * 30, "{best}");
}
