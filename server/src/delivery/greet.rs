//! Whom the desk asks to say hello, and how often: a player that speaks and is not known here.
//!
//! A desk forgets its players when it is started anew, more so on a new store or a restored backup; they go on as if
//! nothing had happened. Who is known is `register.rs`. Next: `dispatch.rs`.

use std::collections::HashMap;

use loa_domain::id::PlayerId;

/// One player is asked at most so often, in milliseconds: it may have sent a whole window of records.
const ASK_MS: u64 = 5_000;
/// Players remembered; beyond that some are asked twice.
const PLAYERS: usize = 10_000;

/// Who was asked when. Times are monotonic milliseconds.
#[derive(Debug, Default)]
pub struct Asks {
    asked: HashMap<PlayerId, u64>,
}

impl Asks {
    /// Whether to ask this player now. If so it counts as asked.
    pub fn may(&mut self, player: &PlayerId, now_ms: u64) -> bool {
        if self.asked.get(player).is_some_and(|asked_ms| now_ms < asked_ms.saturating_add(ASK_MS)) {
            return false;
        }
        if self.asked.len() >= PLAYERS {
            self.asked.clear();
        }
        self.asked.insert(player.clone(), now_ms);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_that_sends_a_hundred_records_is_asked_once_and_again_after_a_while() {
        let (player, other) = ("loa-1".parse().expect("a good id"), "loa-2".parse().expect("a good id"));
        let mut asks = Asks::default();
        assert_eq!((0..100).filter(|n| asks.may(&player, 7_000 + n)).count(), 1);
        assert!(asks.may(&other, 7_050));
        assert!(!asks.may(&player, 11_999));
        assert!(asks.may(&player, 12_000));
    }
}
