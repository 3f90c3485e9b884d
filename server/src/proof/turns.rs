//! Whose turn it is: a player's records go into the log in the order of its chain.
//!
//! A record that comes ahead of a gap is put off. Its player keeps it and sends it again, oldest first, so what was lost
//! on the way comes before it then. A gap that stays open is a true one: what should be there is gone, and the record is
//! taken in behind it, for auditors to see. The rule is for the log's sake (`docs/log.md`, records); the store keeps
//! records in any order.

use std::collections::BTreeMap;

use loa_domain::id::PlayerId;
use loa_domain::limits::RESEND_MS;

/// How long a gap may stay open, in milliseconds: three rounds of what a player sends again.
const GAP_MS: u64 = 3 * RESEND_MS;
/// Chains and put-off records that are remembered; beyond that all are forgotten, which costs reading and time only.
const REMEMBERED: usize = 100_000;

/// A chain: its player and epoch.
pub type Chain = (PlayerId, u64);

/// What is known of the chains.
#[derive(Debug, Default)]
pub struct Turns {
    /// The newest number taken in; nothing for a chain that has not begun.
    last: BTreeMap<Chain, Option<u64>>,
    /// When a record was first put off, in monotonic milliseconds.
    put_off: BTreeMap<(Chain, u64), u64>,
}

impl Turns {
    /// Whether the newest number of a chain has to be looked up first ([`Turns::learn`]).
    #[must_use]
    pub fn knows(&self, chain: &Chain) -> bool {
        self.last.contains_key(chain)
    }

    /// The newest number of a chain, as the store has it.
    pub fn learn(&mut self, chain: Chain, last: Option<u64>) {
        if self.last.len() >= REMEMBERED {
            self.last.clear();
        }
        let _before = self.last.insert(chain, last);
    }

    /// Nothing is known any more: what was let in may not have been stored.
    pub fn forget(&mut self) {
        self.last.clear();
    }

    /// Whether this record is taken in now. Ask in the order in which records came.
    pub fn is_next(&mut self, chain: &Chain, seq: u64, now_ms: u64) -> bool {
        let last = self.last.get(chain).copied().flatten();
        let next = last.map_or(0, |last| last.saturating_add(1));
        if seq > next {
            if self.put_off.len() >= REMEMBERED {
                self.put_off.clear();
            }
            let first = *self.put_off.entry((chain.clone(), seq)).or_insert(now_ms);
            if now_ms.saturating_sub(first) < GAP_MS {
                return false;
            }
            tracing::warn!(player = %chain.0, epoch = chain.1, first = next, count = seq - next, "records of a chain are missing");
        }
        let _first = self.put_off.remove(&(chain.clone(), seq));
        if seq >= next {
            let _before = self.last.insert(chain.clone(), Some(seq));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Chain {
        ("loa-1".parse().expect("a good id"), 7)
    }

    #[test]
    fn a_chain_goes_in_from_its_beginning_and_what_is_known_may_come_again() {
        let mut turns = Turns::default();
        turns.learn(chain(), None);
        assert!(!turns.is_next(&chain(), 1, 0), "ahead of the first");
        assert!([0, 1, 1, 0, 2].into_iter().all(|seq| turns.is_next(&chain(), seq, 5)));
    }

    #[test]
    fn what_comes_ahead_waits_for_what_was_lost() {
        let mut turns = Turns::default();
        turns.learn(chain(), Some(3));
        assert!(!turns.is_next(&chain(), 5, 0));
        assert!(!turns.is_next(&chain(), 6, 1));
        assert!(!turns.is_next(&chain(), 5, RESEND_MS), "sent again, and 4 still did not come");
        assert!([4, 5, 6].into_iter().all(|seq| turns.is_next(&chain(), seq, 2 * RESEND_MS)));
    }

    #[test]
    fn a_gap_that_stays_open_is_a_true_one() {
        let mut turns = Turns::default();
        turns.learn(chain(), Some(3));
        assert!(!turns.is_next(&chain(), 9, 100));
        assert!(!turns.is_next(&chain(), 9, 100 + GAP_MS - 1));
        assert!(turns.is_next(&chain(), 9, 100 + GAP_MS));
        assert!(turns.is_next(&chain(), 10, 100 + GAP_MS), "the chain goes on behind it");
    }

    #[test]
    fn what_was_not_stored_is_looked_up_again() {
        let mut turns = Turns::default();
        turns.learn(chain(), Some(3));
        assert!(turns.is_next(&chain(), 4, 0));
        turns.forget();
        assert!(!turns.knows(&chain()));
        turns.learn(chain(), Some(3));
        assert!(!turns.is_next(&chain(), 5, 1), "4 was lost");
    }
}
