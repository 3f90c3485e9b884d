//! The desk's side of delivery: which part goes to whom next, at a pace the desk's line can carry.
//!
//! Parts asked for are pulled, in turn, player by player. When enough players want the same blob and hold little of
//! it, one shared transfer brings it to all of them; holes are pulled afterwards. It does no I/O and keeps no bytes:
//! it says "this part to this player" and the shell reads and sends it.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::delivery::receiver::Want;
use crate::id::{Hash, PlayerId};
use crate::limits::{CHUNK_BYTES, WANT_CHUNKS};

/// How many players must want a blob before it is shared. Two pulls cost what a shared transfer costs.
const SHARE_PLAYERS: usize = 3;
/// Wants of one blob count together for this long, in milliseconds.
const GATHER_MS: u64 = 10_000;
/// Between announcing a shared transfer and its first part, in milliseconds: time to subscribe over a slow link.
const OPEN_MS: u64 = 1_500;
/// Parts that one player may have queued: what it may ask for in one go.
const QUEUE_PARTS: usize = WANT_CHUNKS as usize;
/// The longest stretch of unused pace that may be caught up on, in milliseconds.
const BURST_MS: u64 = 250;

/// Where a part goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// To one player's own topic.
    Player(PlayerId),
    /// To the topic of a shared transfer.
    Shared(u32),
}

/// What the shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Send a part.
    Send {
        /// Where to.
        to: To,
        /// Of which blob.
        blob: Hash,
        /// Which part.
        part: u32,
    },
    /// Tell a player that a shared transfer begins.
    Announce {
        /// Who.
        player: PlayerId,
        /// Of which blob.
        blob: Hash,
        /// Its number.
        transfer: u32,
    },
    /// Tell a player that a shared transfer is over.
    Over {
        /// Who.
        player: PlayerId,
        /// Of which blob.
        blob: Hash,
        /// Its number.
        transfer: u32,
    },
}

#[derive(Debug)]
struct Shared {
    transfer: u32,
    players: BTreeSet<PlayerId>,
    starts_ms: u64,
    next_part: u32,
    parts: u32,
}

/// Bytes that went out, for the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// To single players.
    pub pulled_bytes: u64,
    /// On shared topics, once each.
    pub shared_bytes: u64,
    /// On shared topics, times the players that listened.
    pub shared_egress_bytes: u64,
}

/// The desk's sender. Times are monotonic milliseconds.
#[derive(Debug)]
pub struct Sender {
    bytes_per_s: u64,
    /// What may be sent, in thousandths of a byte, so that no millisecond's share is rounded away.
    budget: i64,
    filled_ms: u64,
    purged_ms: u64,
    /// Blobs that go before all others.
    urgent: BTreeSet<Hash>,
    /// The shared transfer that had its turn last.
    last_shared: Option<Hash>,
    /// Pulled parts that have their turn before the next shared one.
    owed: usize,
    next_transfer: u32,
    queues: BTreeMap<PlayerId, VecDeque<(Hash, u32)>>,
    turn: VecDeque<PlayerId>,
    interest: BTreeMap<Hash, BTreeMap<PlayerId, u64>>,
    shared: BTreeMap<Hash, Shared>,
    sent: Sent,
}

impl Sender {
    /// A sender that fills at most `bytes_per_s` of the desk's line. `first_transfer` must differ from run to run, so
    /// that a player never takes an old transfer for a new one.
    #[must_use]
    pub fn new(bytes_per_s: u64, first_transfer: u32) -> Self {
        Self {
            bytes_per_s: bytes_per_s.max(1),
            budget: 0,
            filled_ms: 0,
            purged_ms: 0,
            urgent: BTreeSet::new(),
            last_shared: None,
            owed: 0,
            next_transfer: first_transfer,
            queues: BTreeMap::new(),
            turn: VecDeque::new(),
            interest: BTreeMap::new(),
            shared: BTreeMap::new(),
            sent: Sent::default(),
        }
    }

    /// What was sent so far.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// A blob of an emergency goes before all others, or does so no more.
    pub fn set_urgent(&mut self, blob: Hash, urgent: bool) {
        if urgent {
            self.urgent.insert(blob);
        } else {
            self.urgent.remove(&blob);
        }
    }

    /// A player asks for parts of a blob that has `parts` in all.
    pub fn want(&mut self, now_ms: u64, player: &PlayerId, want: &Want, parts: u32, out: &mut impl FnMut(Act)) {
        let holds_little = u64::from(want.held) * 2 < u64::from(parts);
        let mut until = parts;
        if let Some(shared) = self.shared.get_mut(&want.blob) {
            // A latecomer listens to the rest, and pulls the beginning afterwards; but for what it asks for now, which is
            // the pages: without them it could not check what it hears.
            if holds_little && shared.next_part * 2 < parts && shared.players.insert(player.clone()) {
                out(Act::Announce { player: player.clone(), blob: want.blob, transfer: shared.transfer });
                until = shared.next_part;
            }
        }
        if until == parts && holds_little && self.gather(now_ms, player, want, parts, out) {
            return;
        }
        let queue = self.queues.entry(player.clone()).or_default();
        let asked =
            (0..WANT_CHUNKS).filter(|bit| want.mask & (1 << bit) != 0).filter_map(|bit| want.first.checked_add(bit));
        for part in asked.filter(|part| *part < until) {
            if queue.len() < QUEUE_PARTS && !queue.contains(&(want.blob, part)) {
                queue.push_back((want.blob, part));
            }
        }
        if !queue.is_empty() && !self.turn.contains(player) {
            self.turn.push_back(player.clone());
        }
    }

    /// Counts a want; true if a shared transfer now takes care of it.
    fn gather(&mut self, now_ms: u64, player: &PlayerId, want: &Want, parts: u32, out: &mut impl FnMut(Act)) -> bool {
        if parts < 2 * SHARE_PLAYERS as u32 {
            return false;
        }
        let interest = self.interest.entry(want.blob).or_default();
        interest.retain(|_, since| now_ms < *since + GATHER_MS);
        interest.insert(player.clone(), now_ms);
        if interest.len() < SHARE_PLAYERS || self.shared.contains_key(&want.blob) {
            return false;
        }
        let players: BTreeSet<PlayerId> = interest.keys().cloned().collect();
        self.interest.remove(&want.blob);
        let transfer = self.next_transfer;
        self.next_transfer = transfer.wrapping_add(1);
        for player in &players {
            if let Some(queue) = self.queues.get_mut(player) {
                queue.retain(|(blob, _)| *blob != want.blob);
            }
            out(Act::Announce { player: player.clone(), blob: want.blob, transfer });
        }
        let shared = Shared { transfer, players, starts_ms: now_ms + OPEN_MS, next_part: 0, parts };
        self.shared.insert(want.blob, shared);
        true
    }

    /// A player is gone: nothing more for it.
    pub fn gone(&mut self, player: &PlayerId) {
        self.queues.remove(player);
        self.turn.retain(|waiting| waiting != player);
        self.interest.values_mut().for_each(|interest| {
            interest.remove(player);
        });
        self.shared.values_mut().for_each(|shared| {
            shared.players.remove(player);
        });
    }

    /// Sends what the pace allows by now. Gives when to call again, in monotonic milliseconds, if there is more.
    pub fn poll(&mut self, now_ms: u64, out: &mut impl FnMut(Act)) -> Option<u64> {
        let rate = i64::try_from(self.bytes_per_s).unwrap_or(i64::MAX);
        let passed_ms = i64::try_from(now_ms.saturating_sub(self.filled_ms)).unwrap_or(i64::MAX);
        self.filled_ms = now_ms;
        // The time of a long pause is not caught up on; a debt made by one large part is paid in full.
        let burst = rate.saturating_mul(BURST_MS as i64);
        self.budget = self.budget.saturating_add(rate.saturating_mul(passed_ms)).min(burst);
        self.purge(now_ms);
        loop {
            let is_urgent = self.has_urgent(now_ms);
            if self.budget <= 0 {
                let short_ms = self.budget.unsigned_abs() / self.bytes_per_s + 1;
                let busy = !self.turn.is_empty() || self.starts().any(|starts| starts <= now_ms);
                return if busy { Some(now_ms + short_ms) } else { self.starts().min() };
            }
            // In turns: a part for each player that pulls, then a part of a shared transfer.
            if self.owed > 0 && self.pull(is_urgent, out) {
                self.owed -= 1;
            } else if let Some(listeners) = self.share(now_ms, is_urgent, out) {
                self.owed = listeners.min(self.turn.len()).max(1);
            } else if !self.pull(is_urgent, out) {
                return self.starts().min();
            }
        }
    }

    fn starts(&self) -> impl Iterator<Item = u64> {
        self.shared.values().map(|shared| shared.starts_ms)
    }

    /// Whether something urgent can go out now.
    fn has_urgent(&self, now_ms: u64) -> bool {
        let mut shared = self.shared.iter();
        !self.urgent.is_empty()
            && (shared.any(|(blob, shared)| shared.starts_ms <= now_ms && self.urgent.contains(blob))
                || self.queues.values().flatten().any(|(blob, _)| self.urgent.contains(blob)))
    }

    /// Forgets wants that no others came to in time.
    fn purge(&mut self, now_ms: u64) {
        if now_ms >= self.purged_ms.saturating_add(GATHER_MS) {
            self.purged_ms = now_ms;
            self.interest.retain(|_, interest| {
                interest.retain(|_, since| now_ms < *since + GATHER_MS);
                !interest.is_empty()
            });
        }
    }

    fn pull(&mut self, urgent_only: bool, out: &mut impl FnMut(Act)) -> bool {
        let Self { turn, queues, urgent, .. } = self;
        let may_go = |blob: &Hash| !urgent_only || urgent.contains(blob);
        let place = |player: &PlayerId| queues.get(player).and_then(|q| q.iter().position(|(blob, _)| may_go(blob)));
        let Some((index, part)) = turn.iter().enumerate().find_map(|(index, player)| Some((index, place(player)?)))
        else {
            if !urgent_only {
                turn.clear();
            }
            return false;
        };
        let Some(player) = turn.remove(index) else { return false };
        let Some(queue) = queues.get_mut(&player) else { return false };
        if let Some((blob, part)) = queue.remove(part) {
            self.budget -= CHUNK_BYTES as i64 * 1000;
            self.sent.pulled_bytes += CHUNK_BYTES as u64;
            out(Act::Send { to: To::Player(player.clone()), blob, part });
        }
        if queue.is_empty() {
            queues.remove(&player);
        } else {
            turn.push_back(player);
        }
        true
    }

    /// Sends one part of the shared transfer whose turn it is. Gives to how many; none if no transfer is under way.
    fn share(&mut self, now_ms: u64, urgent_only: bool, out: &mut impl FnMut(Act)) -> Option<usize> {
        let goes =
            |blob: &Hash, shared: &Shared| shared.starts_ms <= now_ms && (!urgent_only || self.urgent.contains(blob));
        let mut ready = self.shared.iter().filter(|(blob, shared)| goes(blob, shared)).map(|(blob, _)| *blob);
        let first = ready.next()?;
        let last = self.last_shared;
        let blob = core::iter::once(first).chain(ready).find(|blob| last.is_none_or(|last| *blob > last));
        let blob = blob.unwrap_or(first);
        self.last_shared = Some(blob);
        let shared = self.shared.get_mut(&blob)?;
        if shared.next_part >= shared.parts || shared.players.is_empty() {
            for player in &shared.players {
                out(Act::Over { player: player.clone(), blob, transfer: shared.transfer });
            }
            self.shared.remove(&blob);
            return Some(0);
        }
        let listeners = shared.players.len();
        let egress = CHUNK_BYTES as u64 * listeners as u64;
        self.budget -= egress as i64 * 1000;
        self.sent.shared_bytes += CHUNK_BYTES as u64;
        self.sent.shared_egress_bytes += egress;
        out(Act::Send { to: To::Shared(shared.transfer), blob, part: shared.next_part });
        shared.next_part += 1;
        Some(listeners)
    }
}

#[cfg(test)]
mod tests;
