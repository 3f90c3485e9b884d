//! What time it is on a board: from where, how wrong at most, and when a new time is taken.
//!
//! A board may start without knowing. Time comes from a battery-backed clock, over SNTP, or from the desk, sealed, in
//! answer to a number used once; it is worth half of what the way there and back took. A time before the release in
//! force was made is wrong whoever says it. It reads no clock: monotonic milliseconds are handed in. Next: `sntp.rs`.

use loa_domain::play::player::Now;
use loa_domain::proof::record::ClockSource;
use loa_domain::time::UtcMs;

/// Way there and back of an answer that is taken, in milliseconds at most: a slow mobile link.
pub const WAY_MS: u64 = 3_000;
/// What a crystal of 100 ppm loses: one millisecond in so many.
const DRIFT: u64 = 10_000;
/// How wrong a battery-backed clock may be when nobody has set it, in milliseconds: a day of 100 ppm, as on Linux.
pub const FREE_ERROR_MS: u32 = 8_640;
/// How often time is asked for again, in milliseconds: in an hour a crystal loses 360 ms.
pub const ASK_MS: u64 = 3_600_000;
/// How often while it is not known, in milliseconds.
pub const ASK_UNKNOWN_MS: u64 = 20_000;

/// The wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wall {
    set: Option<Set>,
    /// No time before this is taken.
    floor: UtcMs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    mono_ms: u64,
    utc: UtcMs,
    source: ClockSource,
    error_ms: u32,
}

impl Wall {
    /// Both clocks at one instant. While the time is not known the wall clock shows 1970, which nothing believes.
    #[must_use]
    pub fn now(&self, mono_ms: u64) -> Now {
        let passed = |since_ms: u64| i64::try_from(mono_ms.saturating_sub(since_ms)).unwrap_or(i64::MAX);
        let utc = self.set.map_or(UtcMs(passed(0)), |set| set.utc.plus_ms(passed(set.mono_ms)));
        Now { mono_ms, utc }
    }

    /// Whether somebody said what time it is.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.set.is_some()
    }

    /// Where the time is from, and how wrong it may be, in milliseconds.
    #[must_use]
    pub fn trust(&self, mono_ms: u64) -> (ClockSource, u32) {
        self.set.map_or((ClockSource::Unknown, u32::MAX), |set| {
            let drift = mono_ms.saturating_sub(set.mono_ms) / DRIFT;
            (set.source, set.error_ms.saturating_add(u32::try_from(drift).unwrap_or(u32::MAX)))
        })
    }

    /// A release says when it was made: what is earlier by more than it may be wrong is wrong.
    pub fn not_before(&mut self, issued: UtcMs, mono_ms: u64) {
        self.floor = self.floor.max(issued);
        let (_, error_ms) = self.trust(mono_ms);
        if self.now(mono_ms).utc.plus_ms(i64::from(error_ms)) < self.floor {
            self.set = None;
        }
    }

    /// Somebody says that it was `utc` at `mono_ms`, give or take `error_ms`. True if it is taken: it is not too early,
    /// and not worse than what is known.
    pub fn set(&mut self, mono_ms: u64, utc: UtcMs, source: ClockSource, error_ms: u32) -> bool {
        let (_, known_ms) = self.trust(mono_ms);
        let is_better = error_ms <= known_ms;
        let taken = utc >= self.floor && utc.0 > 0 && is_better;
        if taken {
            self.set = Some(Set { mono_ms, utc, source, error_ms });
        }
        taken
    }

    /// An answer from the network: asked at `asked_ms`, here at `mono_ms`. True if it is taken.
    pub fn answered(&mut self, asked_ms: u64, mono_ms: u64, utc: UtcMs) -> bool {
        let way_ms = mono_ms.saturating_sub(asked_ms);
        if way_ms > WAY_MS {
            return false;
        }
        // Anywhere on the way it may have stood.
        let half = (way_ms / 2) as u32;
        self.set(mono_ms, utc.plus_ms(i64::from(half)), ClockSource::Network, half.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: UtcMs = UtcMs(1_800_000_000_000);

    #[test]
    fn a_board_that_nobody_told_shows_1970_and_says_that_it_does_not_know() {
        let wall = Wall::default();
        assert_eq!(wall.now(5_000).utc, UtcMs(5_000));
        assert_eq!(wall.trust(5_000), (ClockSource::Unknown, u32::MAX));
        assert!(!wall.is_known());
    }

    #[test]
    fn an_answer_is_worth_what_its_way_took_and_a_slow_one_nothing() {
        let mut wall = Wall::default();
        assert!(!wall.answered(1_000, 1_000 + WAY_MS + 1, NOON));
        assert!(wall.answered(1_000, 1_400, NOON));
        assert_eq!(wall.now(1_400).utc, NOON.plus_ms(200));
        assert_eq!(wall.trust(1_400), (ClockSource::Network, 200));
        assert_eq!(wall.trust(1_400 + 10_000_000), (ClockSource::Network, 1_200), "a crystal drifts");
    }

    #[test]
    fn a_worse_answer_does_not_spoil_a_better_one_and_a_later_one_is_taken_when_the_crystal_has_drifted() {
        let mut wall = Wall::default();
        assert!(wall.answered(0, 100, NOON));
        assert!(!wall.answered(1_000, 2_000, NOON.plus_ms(9_000)));
        assert!(wall.answered(20_000_000, 20_001_000, NOON.plus_ms(20_000_500)));
        let set = wall.now(20_001_000).utc;
        assert!(!wall.set(20_001_000, set, ClockSource::Free, FREE_ERROR_MS), "a battery knows less");
    }

    #[test]
    fn a_time_before_the_release_in_force_was_made_is_wrong_whoever_says_it() {
        let mut wall = Wall::default();
        wall.not_before(NOON, 0);
        assert!(!wall.answered(0, 10, NOON.plus_ms(-60_000)));
        assert!(wall.answered(0, 10, NOON));
        wall.not_before(NOON.plus_ms(60_000), 60_000);
        assert!(wall.is_known(), "made while it ran");
        wall.not_before(NOON.plus_ms(3_600_000), 60_000);
        assert!(!wall.is_known(), "what is known turns out to be wrong");
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic_or_go_below_the_floor(
            answers in proptest::collection::vec(any::<(u64, u64, i64)>(), 0..20), floor in any::<i64>(),
        ) {
            let mut wall = Wall::default();
            wall.not_before(UtcMs(floor), 0);
            for (asked_ms, mono_ms, utc) in answers {
                if wall.answered(asked_ms, mono_ms, UtcMs(utc)) {
                    prop_assert!(wall.now(mono_ms).utc >= UtcMs(floor));
                }
                let _any = wall.trust(mono_ms);
            }
        }
    }
}
