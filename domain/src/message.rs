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
    /// Entries of the desk's log under the newest checkpoint that it has checked.
    #[n(11)]
    pub log_size: u64,
    /// A number used once, where the player asks what time it is: a board without a clock of its own.
    #[n(12)]
    pub nonce: Option<u64>,
    /// The version of the root document that it trusts. The desk answers with the next one, where there is one.
    #[n(13)]
    pub root: u32,
}

/// What time it is at the desk; sealed with its online key. It is worth what the way to the player took.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeskTime {
    /// Who asked.
    #[n(0)]
    pub player: PlayerId,
    /// The number of the hello that asked.
    #[n(1)]
    pub nonce: u64,
    /// The desk's wall clock.
    #[n(2)]
    pub now: UtcMs,
}

/// Player to desk, on its `up` topic.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Up<'b> {
    /// A sealed [`Hello`].
    #[n(0)]
    Hello {
        /// The sealed bytes.
        #[b(0)]
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
    /// Receipts did not lead on from what the player has seen of the log: they are asked for from there.
    #[n(7)]
    LogSeen {
        /// Entries under the newest checkpoint that it has checked.
        #[n(0)]
        size: u64,
    },
    /// A sealed [`crate::delivery::certificate::Request`]: a certificate of the transport is asked for.
    #[n(20)]
    Certify {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
}

/// Desk to player, on its `dn` topic.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Down<'b> {
    /// A sealed release.
    #[n(0)]
    Release {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
    /// A sealed manifest.
    #[n(1)]
    Manifest {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
    /// Records are in the log.
    #[n(2)]
    Receipts {
        /// The bytes of [`crate::audit::receipt::Receipts`]; the checkpoint in them is signed.
        #[b(0)]
        receipts: &'b [u8],
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
    /// A sealed [`DeskTime`], for a hello that asked.
    #[n(7)]
    Time {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
    /// The root document that follows the player's, sealed under both.
    #[n(8)]
    Root {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
    /// A sealed [`crate::timetable::stop::Stop`]: off at once.
    #[n(9)]
    Stop {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
    /// A sealed [`crate::delivery::certificate::Certified`].
    #[n(20)]
    Certificate {
        /// The sealed bytes.
        #[b(0)]
        sealed: &'b [u8],
    },
    /// The desk does not know the key that asked for a certificate: people have to enrol the player.
    #[n(21)]
    Waiting,
}

/// Topics, all under `loa1/`.
pub mod topic {
    #[cfg(feature = "alloc")]
    use alloc::string::{String, ToString};
    use core::fmt;

    use crate::id::PlayerId;
    use crate::wire::Text;
    use crate::written::Written;

    /// One topic.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Topic<'p> {
        /// Desk to player.
        Down(&'p PlayerId),
        /// Parts that the player asked for.
        Parts(&'p PlayerId),
        /// Player to desk.
        Up(&'p PlayerId),
        /// The player's records.
        Proofs(&'p PlayerId),
        /// Parts of a shared transfer.
        Shared(u32),
        /// What concerns every player at once.
        Everyone,
        /// Desk to a visitor, which has no certificate yet.
        VisitorDown(&'p str),
        /// A visitor to the desk.
        VisitorUp(&'p str),
    }

    impl Topic<'_> {
        /// Its text, without an allocation.
        #[must_use]
        pub fn text(self) -> Text<48> {
            let mut text = Written::new();
            match self {
                Self::Down(player) => text.say("loa1/p/").say(player.as_str()).say("/dn"),
                Self::Parts(player) => text.say("loa1/p/").say(player.as_str()).say("/ck"),
                Self::Up(player) => text.say("loa1/p/").say(player.as_str()).say("/up"),
                Self::Proofs(player) => text.say("loa1/p/").say(player.as_str()).say("/pop"),
                Self::Shared(transfer) => text.say("loa1/x/").hex(transfer).say("/ck"),
                Self::Everyone => text.say("loa1/g/all/dn"),
                Self::VisitorDown(visitor) => text.say("loa1/n/").say(visitor).say("/dn"),
                Self::VisitorUp(visitor) => text.say("loa1/n/").say(visitor).say("/up"),
            };
            text.done()
        }
    }

    impl fmt::Display for Topic<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.text().fmt(f)
        }
    }

    /// Desk to player.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn down(player: &PlayerId) -> String {
        Topic::Down(player).to_string()
    }

    /// Parts that the player asked for.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn parts(player: &PlayerId) -> String {
        Topic::Parts(player).to_string()
    }

    /// Player to desk.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn up(player: &PlayerId) -> String {
        Topic::Up(player).to_string()
    }

    /// The player's records.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn proofs(player: &PlayerId) -> String {
        Topic::Proofs(player).to_string()
    }

    /// Parts of a shared transfer.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn shared(transfer: u32) -> String {
        Topic::Shared(transfer).to_string()
    }

    /// What concerns every player at once.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn everyone() -> String {
        Topic::Everyone.to_string()
    }

    /// Desk to a visitor of this client id.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn visitor_down(visitor: &str) -> String {
        Topic::VisitorDown(visitor).to_string()
    }

    /// A visitor of this client id to the desk.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn visitor_up(visitor: &str) -> String {
        Topic::VisitorUp(visitor).to_string()
    }

    /// The visitor that speaks on a topic.
    #[must_use]
    pub fn visitor(topic: &str) -> Option<&str> {
        topic.strip_prefix("loa1/n/")?.strip_suffix("/up")
    }

    /// Everything that visitors say.
    pub const ALL_VISITORS: &str = "loa1/n/+/up";
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
