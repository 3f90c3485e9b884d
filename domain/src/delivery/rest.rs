//! How long a refused release rests before it is fetched again: long by itself, short when the desk announces it anew.
//!
//! A person who has mended a file must not wait; a file that stays bad must not be fetched in a loop, whoever announces
//! it how often: an announcement ends the first rest at once and each later one after twice as much of it. Why a release
//! is refused is `intake.rs`.

/// The first rest, in milliseconds: time to clear a full disk.
pub const REST_MS: u64 = 10 * 60_000;
/// The longest rest, in milliseconds.
const REST_MAX_MS: u64 = 8 * REST_MS;
/// How much of the second rest an announcement cannot end, in milliseconds; of the third twice as much, and so on.
const LEAST_MS: u64 = 15_000;

/// The rests of one release. Times are monotonic milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    refusals: u32,
    refused_ms: u64,
    until_ms: Option<u64>,
}

impl Rest {
    /// The release was refused.
    pub fn refused(&mut self, now_ms: u64) {
        let rest_ms = REST_MS.saturating_mul(doubled(self.refusals)).min(REST_MAX_MS);
        self.refusals = self.refusals.saturating_add(1);
        self.refused_ms = now_ms;
        self.until_ms = Some(now_ms.saturating_add(rest_ms));
    }

    /// How often it was refused.
    #[must_use]
    pub fn refusals(&self) -> u32 {
        self.refusals
    }

    /// The desk announces the same release anew, or the link is new.
    pub fn announced(&mut self) {
        let least_ms = match self.refusals {
            0 | 1 => 0,
            more => LEAST_MS.saturating_mul(doubled(more - 2)).min(REST_MAX_MS),
        };
        let may_ms = self.refused_ms.saturating_add(least_ms);
        self.until_ms = self.until_ms.map(|until_ms| until_ms.min(may_ms));
    }

    /// Whether it rests now.
    #[must_use]
    pub fn rests(&self, now_ms: u64) -> bool {
        self.until_ms.is_some_and(|until_ms| now_ms < until_ms)
    }

    /// When its rest ends, if it ends after `now_ms`.
    #[must_use]
    pub fn ends_ms(&self, now_ms: u64) -> Option<u64> {
        self.until_ms.filter(|until_ms| now_ms < *until_ms)
    }
}

fn doubled(times: u32) -> u64 {
    1_u64.checked_shl(times).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_that_nobody_announces_rests_ten_minutes_and_longer_each_time() {
        let mut rest = Rest::default();
        assert!(!rest.rests(0));
        for (now_ms, minutes) in [(0, 10), (1_000_000, 20), (9_000_000, 40), (90_000_000, 80), (900_000_000, 80)] {
            rest.refused(now_ms);
            let ends_ms = now_ms + minutes * 60_000;
            assert_eq!(rest.ends_ms(now_ms), Some(ends_ms));
            assert!(rest.rests(ends_ms - 1) && !rest.rests(ends_ms));
        }
    }

    #[test]
    fn the_first_announcement_after_a_refusal_ends_the_rest_at_once() {
        let mut rest = Rest::default();
        rest.refused(5_000);
        rest.announced();
        assert!(!rest.rests(5_000));
    }

    #[test]
    fn a_bad_file_announced_every_second_for_a_day_is_fetched_only_some_dozen_times() {
        let mut rest = Rest::default();
        let mut fetched = 0;
        for now_ms in (0..86_400_000).step_by(1_000) {
            rest.announced();
            if !rest.rests(now_ms) {
                fetched += 1;
                rest.refused(now_ms);
            }
        }
        assert!((10..32).contains(&fetched), "{fetched}");
    }

    #[test]
    fn no_count_of_refusals_overflows() {
        let mut rest = Rest { refusals: u32::MAX, ..Rest::default() };
        rest.refused(u64::MAX);
        rest.announced();
        assert!(!rest.rests(u64::MAX));
    }
}
