//! What one leaf of the log says: deterministic CBOR, a list of a number and the fields.
//!
//! The log is the truth about what was planned, signed, aired and done; the desk's tables are made again from these
//! entries and nothing else. A record stands here exactly as its player signed it. An entry proves that the desk wrote
//! it down, no more: who may sign orders and records is checked by whoever reads. Longest entry: `tiles::ENTRY_BYTES`.

use crate::id::{Hash, PlayerId};
use crate::keys::PublicKey;
use crate::time::UtcMs;
use crate::wire::{Decode, Encode};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Entry<'b> {
    /// The log begins; its first entry and no other.
    #[n(0)]
    Opened {
        /// When.
        #[n(0)]
        at: UtcMs,
        /// The log's name.
        #[b(1)]
        origin: &'b str,
    },
    /// A record of a player's chain came in.
    #[n(1)]
    Record {
        /// The record as its player sealed it (`proof/record.rs`).
        #[b(0)]
        sealed: &'b [u8],
        /// When the desk took it in.
        #[n(1)]
        received: UtcMs,
    },
    /// From here on a player's records are signed by this key.
    #[n(2)]
    Key {
        /// Which player.
        #[n(0)]
        player: PlayerId,
        /// Its key.
        #[n(1)]
        key: PublicKey,
        /// When the desk took it.
        #[n(2)]
        at: UtcMs,
    },
    /// A release was issued to a player.
    #[n(3)]
    Release {
        /// For whom.
        #[n(0)]
        player: PlayerId,
        /// Its number.
        #[n(1)]
        seq: u64,
        /// The release as the desk sealed it.
        #[b(2)]
        sealed: &'b [u8],
        /// When it was issued.
        #[n(3)]
        issued: UtcMs,
        /// When it ends.
        #[n(4)]
        expires: UtcMs,
        /// Hash over what it was composed of, so that an unchanged one is not issued twice.
        #[n(5)]
        digest: Hash,
    },
    /// A person did something.
    #[n(4)]
    Act {
        /// Its number.
        #[n(0)]
        number: u64,
        /// When.
        #[n(1)]
        at: UtcMs,
        /// Who.
        #[b(2)]
        who: &'b str,
        /// What: upload, approval, login…
        #[b(3)]
        what: &'b str,
        /// To what.
        #[b(4)]
        subject: &'b str,
        /// More of it.
        #[b(5)]
        detail: &'b str,
    },
    /// One line of a change of what is planned. The lines of a change follow one another.
    #[n(5)]
    Change {
        /// The change's number.
        #[n(0)]
        change: u64,
        /// The line's number in it, from 1.
        #[n(1)]
        line: u64,
        /// Of how many.
        #[n(2)]
        lines: u64,
        /// When.
        #[n(3)]
        at: UtcMs,
        /// Who.
        #[b(4)]
        who: &'b str,
        /// What changed.
        #[b(5)]
        what: Change<'b>,
    },
    /// A checkpoint of this very log with what witnesses signed under it: what stands behind was written later than
    /// their times, what stands before, earlier.
    #[n(6)]
    Checkpoint {
        /// The signed note.
        #[b(0)]
        note: &'b str,
    },
    /// Officers said which key a player has and where it stands.
    #[n(7)]
    Placing {
        /// The placing as they sealed it (`delivery/placing.rs`).
        #[b(0)]
        sealed: &'b [u8],
        /// When the desk took it in.
        #[n(1)]
        at: UtcMs,
    },
}

/// One line of a change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Change<'b> {
    /// Something was written, or written anew.
    #[n(0)]
    Put {
        /// Of what kind: place, player, campaign, slide, programme, order.
        #[b(0)]
        kind: &'b str,
        /// Its name.
        #[b(1)]
        id: &'b str,
        /// What it says now.
        #[b(2)]
        document: &'b str,
        /// The file it came from.
        #[b(3)]
        source: &'b str,
    },
    /// Something was taken out.
    #[n(1)]
    Remove {
        /// Of what kind.
        #[b(0)]
        kind: &'b str,
        /// Its name.
        #[b(1)]
        id: &'b str,
    },
    /// A clip was taken in.
    #[n(2)]
    Clip {
        /// Its name.
        #[b(0)]
        id: &'b str,
        /// Hash of what is aired.
        #[n(1)]
        rendition: Hash,
        /// Hash of the file it was made from.
        #[n(2)]
        source: Hash,
        /// Size of the rendition in bytes.
        #[n(3)]
        size_bytes: u64,
        /// Its length in milliseconds.
        #[n(4)]
        duration_ms: u64,
        /// When it was taken in.
        #[n(5)]
        added: UtcMs,
        /// What else is known of it.
        #[b(6)]
        document: &'b str,
    },
    /// An order was signed.
    #[n(3)]
    Order {
        /// The order as its officers sealed it.
        #[b(0)]
        sealed: &'b [u8],
        /// Its name.
        #[b(1)]
        id: &'b str,
        /// Its campaign, empty for none.
        #[b(2)]
        campaign: &'b str,
        /// Its programme.
        #[b(3)]
        programme: &'b str,
        /// When it was made.
        #[n(4)]
        made: UtcMs,
    },
    /// A later version took an order's place.
    #[n(4)]
    Superseded {
        /// Which order.
        #[n(0)]
        order: Hash,
        /// By which.
        #[n(1)]
        by: Hash,
    },
    /// An order was revoked.
    #[n(5)]
    Revoked {
        /// Which.
        #[n(0)]
        order: Hash,
    },
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use crate::wire;

    #[test]
    fn an_entry_is_a_list_of_its_number_and_its_fields() {
        let entry = Entry::Record { sealed: &[1, 2], received: UtcMs(1_000) };
        let bytes = wire::encode(&entry);
        assert_eq!(bytes, [0x82, 1, 0x82, 0x42, 1, 2, 0x19, 0x03, 0xe8]);
        assert_eq!(wire::decode(&bytes), Ok(entry));
        let change = Entry::Change {
            change: 7,
            line: 1,
            lines: 1,
            at: UtcMs(5),
            who: "chị Hoa",
            what: Change::Revoked { order: Hash([3; 32]) },
        };
        assert_eq!(wire::decode(&wire::encode(&change)), Ok(change));
    }
}
