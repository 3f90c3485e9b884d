//! Why a player refuses a release, or an order in it: by one number to the desk, by one name in logs and the catalogue.
//!
//! Nothing is decided here; `intake.rs` and `signed.rs` do.

use crate::wire::{Decode, Encode};

/// Why a release, or an order in it, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Fault {
    /// The signatures do not suffice, or the bytes are bent.
    #[n(0)]
    Signature,
    /// It is for another player.
    #[n(1)]
    NotForMe,
    /// It is not newer than the one in force.
    #[n(2)]
    Old,
    /// It has ended already, or the root document has.
    #[n(3)]
    Expired,
    /// The bundle does not hold just the orders that the release names.
    #[n(4)]
    Bundle,
    /// An order in it is not meant for this player.
    #[n(5)]
    Audience,
    /// An order in it is more than a player can hold, or says something impossible.
    #[n(6)]
    Order,
    /// Content arrives wrong again and again.
    #[n(7)]
    Content,
    /// The disk is full.
    #[n(8)]
    DiskFull,
    /// Those who signed an order may not order here, in this class, or for as long.
    #[n(9)]
    Office,
    /// Officers do not say that this player has this key and stands there.
    #[n(10)]
    Placing,
}

impl Fault {
    /// A stable name for logs and the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::NotForMe => "not-for-me",
            Self::Old => "old",
            Self::Expired => "expired",
            Self::Bundle => "bundle",
            Self::Audience => "audience",
            Self::Order => "order",
            Self::Content => "content",
            Self::DiskFull => "disk-full",
            Self::Office => "office",
            Self::Placing => "placing",
        }
    }
}
