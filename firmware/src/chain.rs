//! The board's chain of records: made, signed and numbered here, kept in the store until receipted.
//!
//! A chain begins when the board first knows what time it is, for its epoch is that time. What a record holds is
//! `domain/src/proof/record.rs`; when it is sent, `domain/src/proof/outbox.rs`. Next: `courier.rs`, which sends.

use loa_domain::id::{Hasher, PlayerId};
use loa_domain::keys::SecretKey;
use loa_domain::proof::record::{Body, Head, Seen, Stamp, Writer};
use loa_domain::time::UtcMs;

use crate::flash::Flash;
use crate::store::Store;
use crate::wall::Wall;

/// The chain.
#[derive(Debug)]
pub struct Chain {
    head: Option<Head>,
    boot: [u8; 16],
    /// The number of the release in force, zero for none.
    pub release: u64,
    /// The newest checkpoint of the desk's log that was checked.
    pub seen: Option<Seen>,
}

impl Chain {
    /// The chain as the store has it, of the board's start number `starts`.
    #[must_use]
    pub fn new(head: Option<Head>, seen: Option<Seen>, key: &SecretKey, starts: u32) -> Self {
        Self { head, boot: boot(key, starts), release: 0, seen }
    }

    /// Where it stands; nothing before its first record.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Goes on from where the store has it.
    pub fn resume(&mut self, head: Option<Head>) {
        self.head = head;
    }

    /// The number of this start.
    #[must_use]
    pub fn boot(&self) -> [u8; 16] {
        self.boot
    }

    /// Begins it, if it has not begun. True if it did.
    pub fn begin(&mut self, now: UtcMs) -> bool {
        let is_new = self.head.is_none();
        self.head.get_or_insert(Head::new(u64::try_from(now.0).unwrap_or_default()));
        is_new
    }

    /// Makes the next record and writes it behind the others. Before the chain has begun nothing happens.
    pub fn append<F: Flash>(
        &mut self,
        (player, key): (&PlayerId, &SecretKey),
        body: Body,
        (wall, mono_ms): (&Wall, u64),
        store: &mut Store<'_, F>,
    ) {
        let Some(head) = &mut self.head else { return };
        let (source, error_ms) = wall.trust(mono_ms);
        let stamp = Stamp { utc: wall.now(mono_ms).utc, source, error_ms, mono_ms, boot: self.boot };
        let writer = Writer { player, key, release: self.release, seen: self.seen };
        let place = (head.epoch, head.next);
        // The longest record fits (tested beside RECORD_BYTES). One that is not written leaves a gap that is seen.
        if store.push_with(place, |room| head.append(&writer, stamp, body, room)).is_err() {
            store.lost = store.lost.saturating_add(1);
        }
    }
}

/// A number for each start that a stranger cannot guess: the board has no other source of chance than its key.
#[must_use]
pub fn chance(key: &SecretKey, what: &[u8], number: u64) -> [u8; 32] {
    let mut hasher = Hasher::default();
    hasher.update(b"loa1 chance\n");
    hasher.update(&key.seed());
    hasher.update(what);
    hasher.update(&number.to_be_bytes());
    hasher.finish().0
}

fn boot(key: &SecretKey, starts: u32) -> [u8; 16] {
    let mut boot = [0; 16];
    boot.copy_from_slice(&chance(key, b"boot", u64::from(starts))[..16]);
    boot
}
