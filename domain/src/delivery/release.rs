//! A release: for one player, the set of orders in force. It adds freshness; it can never add content.
//!
//! Signed by the desk's online key. The orders themselves travel in a bundle, each with its officers' signatures.
//! When a release takes effect is decided in `intake.rs`.

use crate::class::BoardClass;
use crate::delivery::blob::BlobRef;
use crate::id::Hash;
use crate::limits;
use crate::time::{Offsets, QuietHours, UtcMs};
use crate::timetable::audience::Placement;
use crate::wire::{Decode, Encode, List, Text};

/// The set of orders in force on one player.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Release {
    /// Rises with each release to this player; a player never goes back.
    #[n(0)]
    pub seq: u64,
    /// When the desk made it. A clock that shows less is wrong.
    #[n(1)]
    pub issued: UtcMs,
    /// When it ends: after it the player is silent and says so.
    #[n(2)]
    pub expires: UtcMs,
    /// The player it is for, and where that stands.
    #[n(3)]
    pub placement: Placement,
    /// The zone's offsets until the end.
    #[n(4)]
    pub offsets: Offsets,
    /// The place's quiet hours. The player adds those of its own configuration.
    #[n(5)]
    pub quiet: QuietHours,
    /// Volume in percent.
    #[n(6)]
    pub volume: u8,
    /// The orders, as one blob; none when there are none.
    #[n(7)]
    pub bundle: Option<BlobRef>,
    /// The hashes of the orders in force, in the order in which ties are broken.
    #[n(8)]
    pub orders: List<Hash, { limits::ORDERS }>,
    /// Hashes of orders that are off at once, whatever sounds.
    #[n(9)]
    pub revoked: List<Hash, { limits::REVOKED }>,
    /// The name of its place for people, for boards that say where they stand.
    #[n(10)]
    pub place_name: Option<Text<{ limits::PLACE_NAME_BYTES }>>,
    /// What kind of board it is; none for loudspeakers.
    #[n(11)]
    pub board: Option<BoardClass>,
}
