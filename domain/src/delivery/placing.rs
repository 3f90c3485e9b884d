//! Placing: the officers' word that a player is who it says, and stands where the desk says.
//!
//! It stands first in every bundle. Without it the desk could call a player by another's name, or say that it stands in
//! another commune, and air there what officers meant for elsewhere. It is what two officers sign when a player is
//! enrolled, and again when it is moved or its card is replaced. Next: `intake.rs`, which asks for it.

use crate::keys::PublicKey;
use crate::time::UtcMs;
use crate::timetable::audience::Placement;
use crate::wire::{Decode, Encode};

/// The first number of its bytes, by which it is told from orders.
pub const MARK: u32 = 5;

/// What a placing begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Mark {
    /// [`MARK`].
    #[default]
    #[n(5)]
    Placing,
}

/// Which player has which key and stands where.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Placing {
    /// What this is.
    #[n(0)]
    pub mark: Mark,
    /// The player's key.
    #[n(1)]
    pub key: PublicKey,
    /// When it was made. A player never goes back to an earlier one.
    #[n(2)]
    pub made: UtcMs,
    /// Who the player is, and where it stands.
    #[n(3)]
    pub placement: Placement,
}

impl Placing {
    /// That a player with this key stands there.
    #[must_use]
    pub fn new(key: PublicKey, made: UtcMs, placement: Placement) -> Self {
        Self { mark: Mark::Placing, key, made, placement }
    }
}
