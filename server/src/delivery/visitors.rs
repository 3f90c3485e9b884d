//! Who came without a certificate and is not known: remembered for people to look at, in a bounded table in memory.
//!
//! It lets nobody in. Who enrols a player reads [`Visitors::waiting`], compares fingerprints with what the player shows,
//! and pins its key; the player asks again every minute and is known then. Next: `certify.rs`, which fills it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Kind;

/// Those that are remembered at most.
pub const WAITING_MAX: usize = 1_000;

/// Somebody who was not heard of for so long gives way to another, in milliseconds.
const FRESH_MS: i64 = 60 * 60_000;

/// A key that asked for a certificate and is pinned to no player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The player's own key. It signed the request.
    pub key: PublicKey,
    /// What it says it is.
    pub kind: Kind,
    /// The id it would like to have.
    pub proposed: PlayerId,
    /// The hash of the claim code that it showed.
    pub claim: Hash,
    /// From where it came last, where the desk's own broker saw it.
    pub address: Option<IpAddr>,
    /// When it was heard first.
    pub first_seen: UtcMs,
    /// When it was heard last.
    pub last_seen: UtcMs,
}

/// The table. Clones share it.
#[derive(Clone, Default)]
pub struct Visitors {
    inner: Arc<Mutex<HashMap<PublicKey, Waiting>>>,
}

impl Visitors {
    fn locked(&self) -> MutexGuard<'_, HashMap<PublicKey, Waiting>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everybody who waits, oldest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let mut all: Vec<Waiting> = self.locked().values().cloned().collect();
        all.sort_by_key(|waiting| (waiting.first_seen, waiting.key));
        all
    }

    /// Somebody asked. False if there is no room for another.
    pub fn asked(&self, waiting: Waiting) -> bool {
        let mut all = self.locked();
        if let Some(before) = all.get_mut(&waiting.key) {
            *before = Waiting { first_seen: before.first_seen, ..waiting };
            return true;
        }
        if all.len() >= WAITING_MAX {
            let stale = all.values().min_by_key(|waiting| waiting.last_seen);
            let stale = stale.filter(|stale| stale.last_seen.plus_ms(FRESH_MS) < waiting.last_seen);
            let Some(key) = stale.map(|stale| stale.key) else { return false };
            all.remove(&key);
        }
        all.insert(waiting.key, waiting);
        true
    }

    /// Forgets a key: it is enrolled, or refused.
    pub fn forget(&self, key: &PublicKey) -> bool {
        self.locked().remove(key).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(n: u32, now: UtcMs) -> Waiting {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&n.to_be_bytes());
        Waiting {
            key: PublicKey(key),
            kind: Kind::Speaker,
            proposed: "loa-moi".parse().expect("an id"),
            claim: Hash([0; 32]),
            address: None,
            first_seen: now,
            last_seen: now,
        }
    }

    #[test]
    fn whoever_asks_again_waits_once_and_since_the_first_time() {
        let visitors = Visitors::default();
        assert!(visitors.asked(waiting(2, UtcMs(20))) && visitors.asked(waiting(1, UtcMs(10))));
        assert!(visitors.asked(waiting(1, UtcMs(90))));
        let seen: Vec<_> = visitors.waiting().iter().map(|w| (w.first_seen.0, w.last_seen.0)).collect();
        assert_eq!(seen, [(10, 90), (20, 20)]);
        assert!(visitors.forget(&waiting(1, UtcMs(0)).key) && !visitors.forget(&waiting(1, UtcMs(0)).key));
    }

    #[test]
    fn a_full_table_takes_another_only_for_one_not_heard_of_lately() {
        let visitors = Visitors::default();
        for n in 0..WAITING_MAX as u32 {
            assert!(visitors.asked(waiting(n, UtcMs(i64::from(n)))));
        }
        assert!(!visitors.asked(waiting(9_999, UtcMs(FRESH_MS))), "nobody is stale yet");
        assert!(visitors.asked(waiting(9_999, UtcMs(FRESH_MS + 1))));
        assert_eq!(visitors.waiting().len(), WAITING_MAX);
        assert!(!visitors.forget(&waiting(0, UtcMs(0)).key), "the stalest gave way");
    }
}
