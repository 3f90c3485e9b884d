//! Decides how soon a broken card is tried again, and when trying is over. Pure: the time is handed in.

use std::collections::VecDeque;

/// Pauses before each try in a row. The first costs nothing: most faults are gone at once.
const PAUSES_MS: [u64; 8] = [0, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// So many failures within [`WINDOW_NS`] and the process had better start afresh: about 90 s of trying
/// with nothing plugged in, or a card that dies as often as it is opened.
const FAILURES_MAX: usize = 15;
const WINDOW_NS: u64 = 180_000_000_000;
/// A stream that lived this long was healed: the next failure is a new story.
const STEADY_NS: u64 = 10_000_000_000;

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again after a pause.
    Again {
        /// The pause, in milliseconds.
        after_ms: u64,
    },
    /// Leave it to whoever supervises the process.
    GiveUp,
}

/// The history of a card's failures.
#[derive(Default)]
pub struct Healing {
    failures_ns: VecDeque<u64>,
    in_a_row: usize,
}

impl Healing {
    /// An opening failed, or a stream that sounded for `lived_ns` died, at `now_ns` (raw monotonic).
    pub fn failed(&mut self, now_ns: u64, lived_ns: u64) -> Next {
        if lived_ns >= STEADY_NS {
            self.in_a_row = 0;
        }
        self.failures_ns.push_back(now_ns);
        self.failures_ns.retain(|failed_ns| now_ns.saturating_sub(*failed_ns) < WINDOW_NS);
        if self.failures_ns.len() >= FAILURES_MAX {
            return Next::GiveUp;
        }
        let after_ms = PAUSES_MS[self.in_a_row.min(PAUSES_MS.len() - 1)];
        self.in_a_row += 1;
        Next::Again { after_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn the_first_try_is_at_once_and_later_ones_wait_longer_and_longer() {
        let mut healing = Healing::default();
        let pauses: Vec<Next> = (0..9).map(|n| healing.failed(n * SECOND_NS, 0)).collect();
        assert_eq!(pauses[0], Next::Again { after_ms: 0 });
        assert_eq!(pauses[3], Next::Again { after_ms: 500 });
        assert_eq!(pauses[8], Next::Again { after_ms: 10_000 });
    }

    #[test]
    fn a_card_that_sounded_a_while_is_tried_at_once_again() {
        let mut healing = Healing::default();
        for n in 0..5 {
            healing.failed(n * SECOND_NS, 0);
        }
        assert_eq!(healing.failed(60 * SECOND_NS, STEADY_NS), Next::Again { after_ms: 0 });
        assert_eq!(healing.failed(61 * SECOND_NS, SECOND_NS), Next::Again { after_ms: 100 });
    }

    #[test]
    fn an_absent_card_is_given_up_within_two_minutes_but_not_within_one() {
        let mut healing = Healing::default();
        let mut now_ms = 0;
        while let Next::Again { after_ms } = healing.failed(now_ms * 1_000_000, 0) {
            now_ms += after_ms + 30;
        }
        assert!((60_000..120_000).contains(&now_ms), "{now_ms} ms");
    }

    #[test]
    fn a_card_unplugged_once_an_hour_is_never_given_up() {
        let mut healing = Healing::default();
        for hour in 0..100 {
            let next = healing.failed(hour * 3_600 * SECOND_NS, 3_599 * SECOND_NS);
            assert_eq!(next, Next::Again { after_ms: 0 });
        }
    }
}
