//! How often somebody may try a password, so that guessing is hopeless and nobody can lock another out.
//!
//! No account is ever closed by failures. Who fails waits: each pair of account and network on its own, longer each
//! time. An account that many networks fail on is tried by strangers in a slow lane, where every network keeps one turn
//! that comes for certain; devices that logged in before stand outside of all this and have only their own failures to
//! wait for. Pure rules: the time is handed in, tables are bounded. Next: `session.rs`.

use std::collections::HashMap;
use std::net::IpAddr;

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

/// Failures that cost no wait.
const FREE: u32 = 5;
/// Failures of one network over all accounts that cost no wait: many people may sit behind one address.
const FREE_OF_NETWORK: u32 = 30;
/// Longest wait of a network for one account, in milliseconds.
const MOST_MS: i64 = 15 * 60_000;
/// Longest wait of a network for any account, and of a known device: others may use it too.
const MOST_SHARED_MS: i64 = 60_000;
/// Failures are forgotten when none came for so long, in milliseconds.
const FORGET_MS: i64 = 24 * 3_600_000;
/// A failure of strangers fades after so long, in milliseconds.
const FADE_MS: i64 = 180_000;
/// Failures of strangers on one account that have not faded: with more, the slow lane.
const QUIET: i64 = 20;
/// The same over all accounts.
const QUIET_EVERYWHERE: i64 = 500;
/// Between two turns in the slow lane of an account, and in that of the whole desk, in milliseconds.
const TURN_MS: i64 = 250;
const TURN_EVERYWHERE_MS: i64 = 50;
/// How long a turn is kept for who does not come, in milliseconds.
const KEEP_MS: i64 = 300_000;
/// Rows of each table at most.
const ROWS: usize = 65_536;

/// From where somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A device that logged in with this account before, by the hash of its cookie.
    Known(Hash),
    /// A network: one IPv4 address, or the /48 that an IPv6 address is in, as nobody is given less.
    Stranger(IpAddr),
}

impl Origin {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self::Stranger(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
            }
        })
    }
}

/// Whether a password may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Now.
    Go,
    /// Not before; then for certain, if nothing was tried meanwhile.
    Wait(UtcMs),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(Hash, Origin),
    Network(Origin),
}

#[derive(Clone, Copy, Debug)]
struct Track {
    failures: u32,
    last: UtcMs,
    turn: Option<UtcMs>,
}

#[derive(Clone, Copy, Debug)]
struct Lane {
    level: i64,
    faded: UtcMs,
    next: UtcMs,
}

impl Lane {
    const fn new(now: UtcMs) -> Self {
        Self { level: 0, faded: now, next: now }
    }

    fn fade(&mut self, now: UtcMs) {
        if self.faded > now {
            // The clock was set back: nobody waits for a time that was never due.
            (self.faded, self.next) = (now, now);
        }
        let steps = (now.0 - self.faded.0) / FADE_MS;
        self.level = (self.level - steps).max(0);
        self.faded = self.faded.plus_ms(steps * FADE_MS);
    }

    fn turn(&mut self, now: UtcMs, quiet: i64, apart_ms: i64) -> UtcMs {
        self.fade(now);
        if self.level < quiet {
            return now;
        }
        let turn = UtcMs(self.next.0.max(now.0));
        self.next = turn.plus_ms(apart_ms);
        turn
    }
}

/// What is known of failures. Kept in memory: a desk that starts anew forgives.
#[derive(Debug, Default)]
pub struct Throttle {
    tracks: HashMap<Key, Track>,
    lanes: HashMap<Hash, Lane>,
    everywhere: Option<Lane>,
}

impl Throttle {
    /// Whether a password for the account may be tried from there. One that may counts as failed until [`Self::passed`] or
    /// [`Self::returned`] says otherwise: tries that run side by side are all counted.
    pub fn ask(&mut self, account: &str, origin: Origin, now: UtcMs) -> Verdict {
        let (pair, network) = keys(account, origin);
        let known = matches!(origin, Origin::Known(_));
        let own = self.wait(pair, FREE, if known { MOST_SHARED_MS } else { MOST_MS }, now);
        let shared = if known { now } else { self.wait(network, FREE_OF_NETWORK, MOST_SHARED_MS, now) };
        let until = UtcMs(own.0.max(shared.0));
        if until > now {
            return Verdict::Wait(until);
        }
        if !known {
            let turn = self.turn(account, pair, now);
            if turn > now {
                return Verdict::Wait(turn);
            }
            self.charge(network, now);
            self.lane(account, now).level += 1;
            self.everywhere.get_or_insert(Lane::new(now)).level += 1;
        }
        self.charge(pair, now);
        Verdict::Go
    }

    /// The password was right: what this origin failed before is forgotten.
    pub fn passed(&mut self, account: &str, origin: Origin) {
        let (pair, network) = keys(account, origin);
        self.tracks.remove(&pair);
        self.take_back(account, origin, network);
    }

    /// The password was not looked at: it does not count.
    pub fn returned(&mut self, account: &str, origin: Origin) {
        let (pair, network) = keys(account, origin);
        self.uncharge(pair);
        self.take_back(account, origin, network);
    }

    fn take_back(&mut self, account: &str, origin: Origin, network: Key) {
        if matches!(origin, Origin::Known(_)) {
            return;
        }
        self.uncharge(network);
        let lane = self.lanes.get_mut(&Hash::of(account.as_bytes()));
        for lane in [lane, self.everywhere.as_mut()].into_iter().flatten() {
            lane.level = (lane.level - 1).max(0);
        }
    }

    fn wait(&mut self, key: Key, free: u32, most_ms: i64, now: UtcMs) -> UtcMs {
        let Some(track) = self.tracks.get_mut(&key) else { return now };
        if track.last > now {
            // The clock was set back: the wait is counted from here, and no turn is due at a time that was never reached.
            (track.last, track.turn) = (now, None);
        }
        if now.0 - track.last.0 > FORGET_MS {
            self.tracks.remove(&key);
            return now;
        }
        match track.failures.checked_sub(free) {
            None => now,
            Some(beyond) => track.last.plus_ms((1_000_i64 << beyond.min(20)).min(most_ms)),
        }
    }

    /// When the turn of this network comes: kept for it, once it was given.
    fn turn(&mut self, account: &str, pair: Key, now: UtcMs) -> UtcMs {
        let given = self.tracks.get(&pair).and_then(|track| track.turn);
        if let Some(turn) = given.filter(|turn| now.0 - turn.0 < KEEP_MS) {
            return turn;
        }
        let everywhere = self.everywhere.get_or_insert(Lane::new(now)).turn(now, QUIET_EVERYWHERE, TURN_EVERYWHERE_MS);
        let turn = UtcMs(self.lane(account, now).turn(now, QUIET, TURN_MS).0.max(everywhere.0));
        if turn > now {
            self.track(pair, now).turn = Some(turn);
        }
        turn
    }

    fn lane(&mut self, account: &str, now: UtcMs) -> &mut Lane {
        // Those that were failed on least are forgotten first.
        make_room(&mut self.lanes, |lane| (lane.level, lane.faded.0));
        self.lanes.entry(Hash::of(account.as_bytes())).or_insert(Lane::new(now))
    }

    fn track(&mut self, key: Key, now: UtcMs) -> &mut Track {
        make_room(&mut self.tracks, |track| (i64::from(track.failures > FREE), track.last.0));
        self.tracks.entry(key).or_insert(Track { failures: 0, last: now, turn: None })
    }

    fn charge(&mut self, key: Key, now: UtcMs) {
        let track = self.track(key, now);
        *track = Track { failures: track.failures.saturating_add(1), last: now, turn: None };
    }

    fn uncharge(&mut self, key: Key) {
        if let Some(track) = self.tracks.get_mut(&key) {
            track.failures = track.failures.saturating_sub(1);
        }
    }
}

fn keys(account: &str, origin: Origin) -> (Key, Key) {
    (Key::Pair(Hash::of(account.as_bytes()), origin), Key::Network(origin))
}

/// Forgets a quarter of a full table, the least by `worth`: seldom, so that each try costs little.
fn make_room<K: std::hash::Hash + Eq + Copy, V>(table: &mut HashMap<K, V>, worth: impl Fn(&V) -> (i64, i64)) {
    if table.len() < ROWS {
        return;
    }
    let mut rows: Vec<(i64, i64, K)> = table.iter().map(|(key, row)| (worth(row).0, worth(row).1, *key)).collect();
    rows.select_nth_unstable_by_key(ROWS / 4, |(level, at, _)| (*level, *at));
    for (_, _, key) in &rows[..ROWS / 4] {
        table.remove(key);
    }
}

/// Failures worth a line in the log: of an account, within an hour, the fifth, the fiftieth, the five hundredth and so on.
/// However many there are, the log grows by a handful of lines.
#[derive(Debug, Default)]
pub struct Bursts {
    counts: HashMap<String, (UtcMs, u64)>,
}

impl Bursts {
    /// Notes a failure. `account` is a name that exists: what strangers type is never kept, it may be a password. Gives
    /// the number of failures within the hour where it is to be told.
    pub fn failed(&mut self, account: Option<&str>, now: UtcMs) -> Option<u64> {
        let (since, count) = self.counts.entry(account.unwrap_or_default().to_owned()).or_insert((now, 0));
        if now.0 - since.0 >= 3_600_000 {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        let mut told = 5;
        while told < *count {
            told *= 10;
        }
        (told == *count).then_some(told)
    }
}

#[cfg(test)]
mod tests;
