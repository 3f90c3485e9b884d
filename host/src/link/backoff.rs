//! How long to wait before the next attempt to connect: longer after each failure, never the same for two players.
//!
//! It reads no clock and sleeps nowhere. Next: `driver.rs`, which waits.

use std::hash::{BuildHasher, RandomState};

/// Waiting times between attempts. After a power cut a whole district comes back in one second; spread over the
/// full width of each step, its players do not all reconnect in one second too.
#[derive(Debug, Clone)]
pub struct Backoff {
    shortest_ms: u64,
    longest_ms: u64,
    failures: u32,
    random: u64,
}

impl Backoff {
    /// Waits of `shortest_ms` to `longest_ms`. Equal seeds give equal waits; `None` takes a seed from the system.
    #[must_use]
    pub fn new(shortest_ms: u64, longest_ms: u64, seed: Option<u64>) -> Self {
        // The standard library's hash keys come from the system's random source: good enough to spread players.
        let random = seed.unwrap_or_else(|| RandomState::new().hash_one(0_u8));
        Self { shortest_ms, longest_ms: longest_ms.max(shortest_ms), failures: 0, random }
    }

    /// The wait before the next attempt, in milliseconds.
    pub fn next_ms(&mut self) -> u64 {
        let doubled = self.shortest_ms.saturating_mul(1 << (self.failures + 1).min(20));
        self.failures = self.failures.saturating_add(1);
        let width = doubled.min(self.longest_ms) - self.shortest_ms;
        self.shortest_ms + self.random() % (width + 1)
    }

    /// The connection proved good: the next failure starts from the shortest wait again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): small, and any seed will do.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_between_the_shortest_and_the_longest() {
        for seed in 0..200 {
            let mut backoff = Backoff::new(500, 30_000, Some(seed));
            let waits: Vec<u64> = (0..40).map(|_| backoff.next_ms()).collect();
            assert!(waits.iter().all(|ms| (500..=30_000).contains(ms)), "{waits:?}");
            assert!(waits[0] <= 1_000 && waits[1] <= 2_000, "{waits:?}");
            assert!(waits[10..].iter().any(|&ms| ms > 10_000), "{waits:?}");
        }
    }

    #[test]
    fn two_players_do_not_wait_alike_and_a_seed_repeats_itself() {
        let waits = |seed| {
            let mut backoff = Backoff::new(500, 30_000, seed);
            (0..8).map(|_| backoff.next_ms()).collect::<Vec<_>>()
        };
        assert_eq!(waits(Some(7)), waits(Some(7)));
        assert_ne!(waits(Some(7)), waits(Some(8)));
        assert_ne!(waits(None), waits(None));
    }

    #[test]
    fn a_good_connection_makes_the_next_wait_short_again() {
        let mut backoff = Backoff::new(500, 30_000, Some(1));
        for _ in 0..20 {
            backoff.next_ms();
        }
        backoff.reset();
        assert!(backoff.next_ms() <= 1_000);
    }
}
