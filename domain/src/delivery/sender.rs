//! The desk's side of delivery: which part goes to whom next, at a pace the desk's line can carry.
//!
//! Parts asked for are pulled, in turn, player by player. When enough players want the same blob and hold little of
//! it, one shared transfer brings it to all of them; holes are pulled afterwards. It does no I/O and keeps no bytes:
//! it says "this part to this player" and the shell reads and sends it.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

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
    budget_bytes: i64,
    filled_ms: u64,
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
            budget_bytes: 0,
            filled_ms: 0,
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

    /// A player asks for parts of a blob that has `parts` in all.
    pub fn want(&mut self, now_ms: u64, player: &PlayerId, want: &Want, parts: u32, out: &mut impl FnMut(Act)) {
        if let Some(shared) = self.shared.get_mut(&want.blob) {
            // A latecomer listens to the rest, and pulls the beginning afterwards.
            if want.held * 2 < parts && shared.next_part * 2 < parts && shared.players.insert(player.clone()) {
                out(Act::Announce { player: player.clone(), blob: want.blob, transfer: shared.transfer });
                return;
            }
        }
        if want.held * 2 < parts && self.gather(now_ms, player, want, parts, out) {
            return;
        }
        let queue = self.queues.entry(player.clone()).or_default();
        let asked = (0..WANT_CHUNKS).filter(|bit| want.mask & (1 << bit) != 0).map(|bit| want.first + bit);
        for part in asked.filter(|part| *part < parts) {
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
        let passed_ms = now_ms.saturating_sub(self.filled_ms).min(BURST_MS);
        self.filled_ms = now_ms;
        let burst = (self.bytes_per_s * BURST_MS / 1000) as i64;
        self.budget_bytes = (self.budget_bytes + (self.bytes_per_s * passed_ms / 1000) as i64).min(burst);
        let mut waits = None;
        loop {
            if self.budget_bytes <= 0 {
                let short_ms = (-self.budget_bytes as u64 * 1000).div_ceil(self.bytes_per_s) + 1;
                return self.is_busy(now_ms).then_some(now_ms + short_ms.max(1)).or(waits);
            }
            // In turns: a part for one player, a part of each shared transfer.
            let pulled = self.pull(out);
            let (shared, next) = self.share(now_ms, out);
            waits = next;
            if !pulled && !shared {
                return waits;
            }
        }
    }

    fn is_busy(&self, now_ms: u64) -> bool {
        !self.turn.is_empty() || self.shared.values().any(|shared| shared.starts_ms <= now_ms)
    }

    fn pull(&mut self, out: &mut impl FnMut(Act)) -> bool {
        let Some(player) = self.turn.pop_front() else { return false };
        let Some(queue) = self.queues.get_mut(&player) else { return true };
        if let Some((blob, part)) = queue.pop_front() {
            self.budget_bytes -= CHUNK_BYTES as i64;
            self.sent.pulled_bytes += CHUNK_BYTES as u64;
            out(Act::Send { to: To::Player(player.clone()), blob, part });
        }
        if queue.is_empty() {
            self.queues.remove(&player);
        } else {
            self.turn.push_back(player);
        }
        true
    }

    fn share(&mut self, now_ms: u64, out: &mut impl FnMut(Act)) -> (bool, Option<u64>) {
        let mut sent = false;
        let mut next: Option<u64> = None;
        let mut over: Vec<Hash> = Vec::new();
        for (blob, shared) in &mut self.shared {
            if shared.starts_ms > now_ms {
                next = Some(next.map_or(shared.starts_ms, |next| next.min(shared.starts_ms)));
                continue;
            }
            sent = true;
            if shared.next_part >= shared.parts || shared.players.is_empty() {
                for player in &shared.players {
                    out(Act::Over { player: player.clone(), blob: *blob, transfer: shared.transfer });
                }
                over.push(*blob);
                continue;
            }
            let egress = CHUNK_BYTES as u64 * shared.players.len() as u64;
            self.budget_bytes -= egress as i64;
            self.sent.shared_bytes += CHUNK_BYTES as u64;
            self.sent.shared_egress_bytes += egress;
            out(Act::Send { to: To::Shared(shared.transfer), blob: *blob, part: shared.next_part });
            shared.next_part += 1;
        }
        for blob in over {
            self.shared.remove(&blob);
        }
        (sent, next)
    }
}

#[cfg(test)]
mod tests;
