//! The player's chain of records: made, signed and numbered here, kept in the store until receipted.
//!
//! It decides the store's keys for records and the chain's head. What a record holds is `domain/src/proof/record.rs`;
//! when it is sent, `domain/src/proof/outbox.rs`. Next: `delivery/courier.rs`, which sends.

use loa_domain::id::PlayerId;
use loa_domain::keys::SecretKey;
use loa_domain::proof::outbox::Key;
use loa_domain::proof::record::{Body, ClockSource, Head, RECORD_BYTES, Seen, Stamp, Writer};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Reading;

use crate::store::{Op, Store};

const HEAD: &[u8] = b"head";
/// The store's prefix of records without a receipt.
pub const OUTBOX: &[u8] = b"out/";

/// The store's key of the newest checkpoint of the desk's log that was checked.
pub const SEEN: &[u8] = b"seen";

/// The newest checkpoint of the desk's log that was checked, as the store has it.
#[must_use]
pub fn seen(store: &Store) -> Option<Seen> {
    wire::decode(&store.get(SEEN)?).ok()
}

/// The store's key of a record.
#[must_use]
pub fn record_key((epoch, seq): Key) -> Vec<u8> {
    [OUTBOX, &epoch.to_be_bytes(), &seq.to_be_bytes()].concat()
}

/// The place of a record, from its key in the store.
#[must_use]
pub fn place_of(key: &[u8]) -> Option<Key> {
    let rest = key.strip_prefix(OUTBOX)?;
    let (epoch, seq) = rest.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*epoch), u64::from_be_bytes(seq.try_into().ok()?)))
}

/// Where the player has its time from, as the system tells: files that the usual time services leave.
#[must_use]
pub fn clock_source() -> (ClockSource, u32) {
    let network = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.sock", "/var/lib/ntp/ntp.drift"];
    if network.iter().any(|path| std::path::Path::new(path).exists()) {
        // What NTP over a mobile network holds, and a synchronised flag cannot better.
        (ClockSource::Network, 50)
    } else {
        // 100 ppm, an ordinary crystal, is 8.6 s a day: said as one day of running free.
        (ClockSource::Free, 8_640)
    }
}

/// The chain of this player.
pub struct Chain {
    player: PlayerId,
    key: SecretKey,
    head: Head,
    boot: [u8; 16],
    /// The number of the release in force, zero for none.
    pub release: u64,
    /// The newest checkpoint of the desk's log that was checked: what no record of this chain can be older than.
    pub seen: Option<Seen>,
}

impl Chain {
    /// The chain as the store has it, or a new one whose epoch is `now_ms`. True with it if it is new.
    #[must_use]
    pub fn load(store: &Store, player: PlayerId, key: SecretKey, boot: [u8; 16], now_ms: i64) -> (Self, bool) {
        let head: Option<Head> = store.get(HEAD).and_then(|bytes| wire::decode(&bytes).ok());
        let fresh = Head::new(u64::try_from(now_ms).unwrap_or_default());
        (Self { player, key, head: head.unwrap_or(fresh), boot, release: 0, seen: seen(store) }, head.is_none())
    }

    /// Where it stands.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Makes the next record; gives what to write, in one batch with what it reports, and the record.
    pub fn append(&mut self, body: Body, reading: Reading, ops: &mut Vec<Op>) -> Option<(Key, Vec<u8>)> {
        let (source, error_ms) = clock_source();
        let stamp = Stamp {
            utc: UtcMs(reading.utc_ns.div_euclid(1_000_000)),
            source,
            error_ms,
            mono_ms: reading.mono_raw_ns / 1_000_000,
            boot: self.boot,
        };
        let place = (self.head.epoch, self.head.next);
        let writer = Writer { player: &self.player, key: &self.key, release: self.release, seen: self.seen };
        let mut buffer = [0; RECORD_BYTES];
        let made = self.head.append(&writer, stamp, body, &mut buffer);
        // The longest record fits (tested beside RECORD_BYTES); a record that did not would be a fault to see, not to die of.
        let length = made.inspect_err(|error| tracing::error!(%error, "a record was not made")).ok()?;
        let sealed = buffer[..length].to_vec();
        ops.push(Op::Put(record_key(place), sealed.clone()));
        ops.push(Op::Put(HEAD.to_vec(), wire::encode(&self.head)));
        Some((place, sealed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_records_sort_by_epoch_and_number() {
        assert_eq!(place_of(&record_key((7, 300))), Some((7, 300)));
        assert!(record_key((1, 256)) > record_key((1, 255)));
        assert!(record_key((2, 0)) > record_key((1, u64::MAX)));
        assert_eq!(place_of(b"out/short"), None);
        assert_eq!(place_of(b"head"), None);
    }
}
