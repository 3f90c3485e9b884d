//! What desk and players say to each other over MQTT, and on which topics.
//!
//! What makes a player do something is sealed inside; the rest can at worst waste bytes. Topics are exact for players;
//! only the desk uses wildcards. The rules behind the messages stand with their stages.

use crate::delivery::intake::Fault;
use crate::delivery::receiver::Want;
use crate::id::{CueId, Hash, PlayerId};
use crate::keys::PublicKey;
use crate::time::UtcMs;
use crate::timetable::audience::Kind;
use crate::wire::{Decode, Encode, Text};

/// What a player says of itself when its link comes up; sealed with its own key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// Who.
    #[n(0)]
    pub player: PlayerId,
    /// Its key.
    #[n(1)]
    pub key: PublicKey,
    /// What it is.
    #[n(2)]
    pub kind: Kind,
    /// Its wall clock.
    #[n(3)]
    pub now: UtcMs,
    /// The number of the release in force.
    #[n(4)]
    pub in_force: Option<u64>,
    /// The number of the release on its way.
    #[n(5)]
    pub incoming: Option<u64>,
    /// Its chain's epoch.
    #[n(6)]
    pub epoch: u64,
    /// Its chain's next number.
    #[n(7)]
    pub next: u64,
    /// Records without a receipt.
    #[n(8)]
    pub outbox: u32,
    /// Free disk space in bytes.
    #[n(9)]
    pub free_bytes: u64,
    /// Version of its program.
    #[n(10)]
    pub version: Text<16>,
}

/// Player to desk, on its `up` topic.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Up<'b> {
    /// A sealed [`Hello`].
    #[n(0)]
    Hello {
        /// The sealed bytes.
        #[cbor(b(0), with = "minicbor::bytes")]
        sealed: &'b [u8],
    },
    /// Parts of a blob are asked for.
    #[n(1)]
    Want {
        /// Which.
        #[n(0)]
        want: Want,
    },
    /// A release is in force.
    #[n(2)]
    InForce {
        /// Its number.
        #[n(0)]
        release: u64,
    },
    /// A release was refused; the one before stays.
    #[n(3)]
    Refused {
        /// Its number, where it could be read.
        #[n(0)]
        release: Option<u64>,
        /// Why.
        #[n(1)]
        fault: Fault,
    },
    /// How far a release has come.
    #[n(4)]
    Incoming {
        /// Its number.
        #[n(0)]
        release: u64,
        /// The blob that is being fetched.
        #[n(1)]
        blob: Hash,
        /// Parts held.
        #[n(2)]
        held: u32,
        /// Parts it has.
        #[n(3)]
        parts: u32,
    },
    /// The player's program ends, or its link broke (as its will).
    #[n(5)]
    Gone,
    /// What sounds or shows now.
    #[n(6)]
    OnAir {
        /// The cue, or nothing.
        #[n(0)]
        cue: Option<CueId>,
    },
}

/// Desk to player, on its `dn` topic.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Down<'b> {
    /// A sealed release.
    #[n(0)]
    Release {
        /// The sealed bytes.
        #[cbor(b(0), with = "minicbor::bytes")]
        sealed: &'b [u8],
    },
    /// A sealed manifest.
    #[n(1)]
    Manifest {
        /// The sealed bytes.
        #[cbor(b(0), with = "minicbor::bytes")]
        sealed: &'b [u8],
    },
    /// Sealed receipts.
    #[n(2)]
    Receipts {
        /// The sealed bytes.
        #[cbor(b(0), with = "minicbor::bytes")]
        sealed: &'b [u8],
    },
    /// A blob goes to many at once on a topic of its own: listen there, ask for holes afterwards.
    #[n(3)]
    Shared {
        /// The blob.
        #[n(0)]
        blob: Hash,
        /// The transfer's number.
        #[n(1)]
        transfer: u32,
    },
    /// That transfer is over.
    #[n(4)]
    SharedOver {
        /// The blob.
        #[n(0)]
        blob: Hash,
        /// The transfer's number.
        #[n(1)]
        transfer: u32,
    },
    /// The desk has started, or does not know the player: say hello.
    #[n(5)]
    SayHello,
    /// The desk heard the player's hello and knows its key: records may come.
    #[n(6)]
    Welcome,
}

/// Topics, all under `loa1/`.
#[cfg(feature = "alloc")]
pub mod topic {
    use alloc::format;
    use alloc::string::String;

    use crate::id::PlayerId;

    /// Desk to player.
    #[must_use]
    pub fn down(player: &PlayerId) -> String {
        format!("loa1/p/{player}/dn")
    }

    /// Parts that the player asked for.
    #[must_use]
    pub fn parts(player: &PlayerId) -> String {
        format!("loa1/p/{player}/ck")
    }

    /// Player to desk.
    #[must_use]
    pub fn up(player: &PlayerId) -> String {
        format!("loa1/p/{player}/up")
    }

    /// The player's records.
    #[must_use]
    pub fn proofs(player: &PlayerId) -> String {
        format!("loa1/p/{player}/pop")
    }

    /// Parts of a shared transfer.
    #[must_use]
    pub fn shared(transfer: u32) -> String {
        format!("loa1/x/{transfer:08x}/ck")
    }

    /// What concerns every player at once.
    #[must_use]
    pub fn everyone() -> String {
        String::from("loa1/g/all/dn")
    }

    /// Everything that players say.
    pub const ALL_UP: &str = "loa1/p/+/up";
    /// Every record.
    pub const ALL_PROOFS: &str = "loa1/p/+/pop";

    /// The player that a topic belongs to, and its last word.
    #[must_use]
    pub fn split(topic: &str) -> Option<(PlayerId, &str)> {
        let (player, last) = topic.strip_prefix("loa1/p/")?.split_once('/')?;
        Some((player.parse().ok()?, last))
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
