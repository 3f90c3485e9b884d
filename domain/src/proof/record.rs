//! A record of a player's chain: its fields, its bytes, its place after the one before.
//!
//! One chain per player and epoch. An epoch begins with each new store; within it numbers rise by one and each record
//! names the hash of the one before, so that nothing can be taken out, added or moved unseen. A record is sealed by the
//! player's own key. What became of a cue is decided in `play/live.rs`; who checks a chain, in `audit`.

use crate::id::{Hash, PlayerId};
use crate::keys::{self, Purpose, Refusal, Role, Sealed, SecretKey};
use crate::play::player::Closed;
use crate::time::UtcMs;
use crate::wire::{self, Decode, Encode, WireError};

/// Room for one sealed record, in bytes; the longest is under 600.
pub const RECORD_BYTES: usize = 1024;

/// What a claim rests on. Levels are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Evidence {
    /// E0: the player was told to.
    #[n(0)]
    Commanded,
    /// E1: decoded and handed to the card, or drawn.
    #[n(1)]
    Decoded,
    /// E2: the line to the horn was driven.
    #[n(2)]
    LineDriven,
    /// E3: a microphone heard it.
    #[n(3)]
    Heard,
}

impl Evidence {
    /// Its short name: E0 to E3.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commanded => "E0",
            Self::Decoded => "E1",
            Self::LineDriven => "E2",
            Self::Heard => "E3",
        }
    }
}

/// Where a player has its time from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ClockSource {
    /// Nobody knows.
    #[n(0)]
    Unknown,
    /// A battery-backed clock or the system's own, not disciplined.
    #[n(1)]
    Free,
    /// Disciplined over the network (the kernel says that it is synchronised).
    #[n(2)]
    Network,
}

impl ClockSource {
    /// A stable name for files and the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Free => "free",
            Self::Network => "network",
        }
    }
}

/// When a record was made, by every clock the player has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Stamp {
    /// Wall clock.
    #[n(0)]
    pub utc: UtcMs,
    /// Where the wall clock comes from.
    #[n(1)]
    pub source: ClockSource,
    /// How wrong the wall clock may be, in milliseconds, as far as the system knows.
    #[n(2)]
    pub error_ms: u32,
    /// Monotonic clock, in milliseconds.
    #[n(3)]
    pub mono_ms: u64,
    /// The system start that the monotonic clock counts from.
    #[n(4)]
    pub boot: [u8; 16],
}

/// The newest checkpoint of the desk's log that the player has checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Seen {
    /// Leaves of the log.
    #[n(0)]
    pub size: u64,
    /// Root hash (RFC 6962).
    #[n(1)]
    pub root: Hash,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Body {
    /// The player's program began; `rebuilt` when its store had to be made anew.
    #[n(0)]
    Started {
        /// Whether the store is new.
        #[n(0)]
        rebuilt: bool,
    },
    /// A release took effect.
    #[n(1)]
    InForce {
        /// Its number.
        #[n(0)]
        release: u64,
    },
    /// The wall clock stepped.
    #[n(2)]
    Stepped {
        /// By how many milliseconds.
        #[n(0)]
        by_ms: i64,
        /// To which time.
        #[n(1)]
        to: UtcMs,
    },
    /// The proof of one cue.
    #[n(3)]
    Cue {
        /// What became of it.
        #[n(0)]
        closed: Closed,
        /// Hash over the hashes of the content that the order names for this kind of player, in order.
        #[n(1)]
        content: Hash,
        /// What the claim rests on.
        #[n(2)]
        evidence: Evidence,
        /// The SHA-256 of the lamps that a board showed last of it (`board/src/canvas.rs`); none for what has no face.
        #[n(3)]
        face: Option<Hash>,
    },
    /// The desk showed a checkpoint of its log that contradicts the one seen before.
    #[n(4)]
    LogSplit {
        /// What it showed.
        #[n(0)]
        shown: Seen,
    },
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Record {
    /// Whose.
    #[n(0)]
    pub player: PlayerId,
    /// Which of the player's chains: the time, in milliseconds since 1970, at which its store was made.
    #[n(1)]
    pub epoch: u64,
    /// Its number in the chain, from zero.
    #[n(2)]
    pub seq: u64,
    /// The hash of the record before; zeros for the first.
    #[n(3)]
    pub previous: Hash,
    /// When it was made.
    #[n(4)]
    pub stamp: Stamp,
    /// The release in force, zero for none.
    #[n(5)]
    pub release: u64,
    /// The newest checkpoint seen.
    #[n(6)]
    pub seen: Option<Seen>,
    /// What it says.
    #[n(7)]
    pub body: Body,
}

/// Who writes a record, and under what.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// The player.
    pub player: &'a PlayerId,
    /// Its key.
    pub key: &'a SecretKey,
    /// The release in force, zero for none.
    pub release: u64,
    /// The newest checkpoint seen.
    pub seen: Option<Seen>,
}

/// Where a chain stands: what the next record must follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Head {
    /// The epoch.
    #[n(0)]
    pub epoch: u64,
    /// The next record's number.
    #[n(1)]
    pub next: u64,
    /// The last record's hash.
    #[n(2)]
    pub last: Hash,
}

impl Head {
    /// The head of a chain that holds nothing.
    #[must_use]
    pub const fn new(epoch: u64) -> Self {
        Self { epoch, next: 0, last: Hash::ZERO }
    }

    /// Makes, signs and writes the next record; moves on. Gives its length in bytes.
    pub fn append(
        &mut self,
        writer: &Writer<'_>,
        stamp: Stamp,
        body: Body,
        buffer: &mut [u8; RECORD_BYTES],
    ) -> Result<usize, WireError> {
        let Writer { player, key, release, seen } = *writer;
        let (player, previous) = (player.clone(), self.last);
        let record = Record { player, epoch: self.epoch, seq: self.next, previous, stamp, release, seen, body };
        let mut bytes = [0; RECORD_BYTES];
        let length = wire::encode_into(&record, &mut bytes)?;
        let body = &bytes[..length];
        let length = keys::seal_into(body, Purpose::Record, key, buffer)?;
        self.last = Hash::of(body);
        self.next += 1;
        Ok(length)
    }
}

/// Opens a sealed record with the key of the player that it is from. Gives its hash too.
pub fn open(sealed: &[u8], key: &Role) -> Result<(Record, Hash), Refusal> {
    let sealed = Sealed::read(sealed)?;
    Ok((sealed.open(Purpose::Record, key)?, sealed.hash()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::CueId;
    use crate::play::player::Outcome;

    fn stamp() -> Stamp {
        Stamp { utc: UtcMs(1_000), source: ClockSource::Free, error_ms: 5, mono_ms: 9, boot: [7; 16] }
    }

    #[test]
    fn records_follow_one_another_by_hash() {
        let key = SecretKey::from_seed(&[1; 32]);
        let player: PlayerId = "loa-1".parse().expect("a good id");
        let mut head = Head::new(42);
        let mut buffer = [0; RECORD_BYTES];
        let mut before = Hash::ZERO;
        for seq in 0..3 {
            let body = Body::Started { rebuilt: false };
            let length = head
                .append(&Writer { player: &player, key: &key, release: 3, seen: None }, stamp(), body, &mut buffer)
                .expect("fits");
            let (record, hash) = open(&buffer[..length], &Role::of_one(key.public())).expect("its own key opens it");
            assert_eq!((record.epoch, record.seq, record.previous), (42, seq, before));
            before = hash;
        }
        assert_eq!(head.last, before);
    }

    #[test]
    fn the_longest_record_fits_its_room() {
        let key = SecretKey::from_seed(&[1; 32]);
        let player: PlayerId = "abcdefghijabcdefghijabcdefghij12".parse().expect("a good id");
        let cue = CueId { order: Hash([255; 32]), planned: UtcMs(i64::MAX) };
        let why = Some(crate::plan::Why { reason: crate::plan::Reason::OutputLost, by: Some(cue) });
        let far = Some(UtcMs(i64::MAX));
        let closed = Closed {
            cue,
            outcome: Outcome::Missed,
            why,
            began: far,
            ended: far,
            length_ms: u32::MAX,
            heard_ms: u32::MAX,
            volume: 100,
        };
        let (content, face) = (Hash([255; 32]), Some(Hash([255; 32])));
        let body = Body::Cue { closed, content, evidence: Evidence::Heard, face };
        let mut head = Head { epoch: u64::MAX, next: u64::MAX - 1, last: Hash([255; 32]) };
        let seen = Some(Seen { size: u64::MAX, root: Hash([255; 32]) });
        let mut buffer = [0; RECORD_BYTES];
        let length = head
            .append(&Writer { player: &player, key: &key, release: u64::MAX, seen }, stamp(), body, &mut buffer)
            .expect("fits");
        assert!(length < 600, "{length}");
    }
}
