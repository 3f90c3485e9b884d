//! Which keys that wait to be enrolled were written down when: a flood of hellos must not become a flood of writing.
//!
//! Who waits is `register.rs`; where it is written down, `store/waiting.rs`.

use std::collections::HashMap;

use loa_domain::id::PlayerId;
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;

/// Keys remembered at most; of more, some are written down later.
const KEYS: usize = 10_000;

/// How long the same key is not written down again, in milliseconds.
const WAIT_AGAIN_MS: i64 = 10 * 60_000;

/// Which waiting keys were written down when: a flood of hellos must not become a flood of writing.
#[derive(Debug, Default)]
pub(super) struct Waits(HashMap<(PlayerId, PublicKey), UtcMs>);

impl Waits {
    /// Whether to write this key down now. If so it counts as written.
    pub(super) fn may(&mut self, player: &PlayerId, key: PublicKey, now: UtcMs) -> bool {
        let place = (player.clone(), key);
        if self.0.get(&place).is_some_and(|at| now.since_ms(*at).abs() < WAIT_AGAIN_MS) {
            return false;
        }
        if self.0.len() >= KEYS {
            self.0.retain(|_, at| now.since_ms(*at).abs() < WAIT_AGAIN_MS);
        }
        if self.0.len() >= KEYS {
            return false;
        }
        self.0.insert(place, now);
        true
    }
}
