//! What the desk knows of one player, and what follows from it: which orders it gets now, what is urgent, what is owed.
//!
//! Pure. An emergency never waits for a download: while content of other new orders is on its way, an emergency goes out
//! in a release of its own with what the player has already. How a release is made is `roster.rs`. Next: `register.rs`.

use std::collections::HashSet;

use loa_domain::delivery::release::Release;
use loa_domain::id::Hash;
use loa_domain::keys::PublicKey;
use loa_domain::timetable::order::Class;

use crate::delivery::roster::SignedOrder;
use crate::store::{PlayerState, SealedPlacing};
use crate::timetable::compile::PlayerEntry;

/// A number that no desk ever gave: a player that claims a higher one has lost its mind.
const NUMBER_MAX: u64 = u32::MAX as u64;

/// A release that was issued.
#[derive(Clone, Debug)]
pub(super) struct Latest {
    pub(super) release: Release,
    pub(super) digest: Hash,
    pub(super) sealed: Vec<u8>,
}

/// What is known of a player.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) entry: Option<PlayerEntry>,
    pub(super) key: Option<PublicKey>,
    /// Where officers say it stands, with which key.
    pub(super) placing: Option<SealedPlacing>,
    pub(super) state: Option<PlayerState>,
    pub(super) latest: Option<Latest>,
    /// The orders of the release in force on it; none while that is not known.
    pub(super) held: Option<HashSet<Hash>>,
    /// The highest number of a release that it has signed to know.
    pub(super) floor: u64,
    /// The latest release leaves out orders that are to follow.
    pub(super) is_interim: bool,
}

/// Whether an order is an emergency.
pub(super) fn is_emergency(order: &SignedOrder) -> bool {
    order.order.manner.class == Class::Emergency
}

impl Known {
    /// Where officers say that it stands, if they mean the key that it has.
    pub(super) fn placed(&self) -> Option<&SealedPlacing> {
        self.placing.as_ref().filter(|placed| Some(placed.placing.key) == self.key)
    }

    /// Whether its link is up, as far as it has said.
    pub(super) fn is_online(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.online)
    }

    /// It says that this release is in force, or none.
    pub(super) fn has_in_force(&mut self, release: Option<u64>) {
        let Some(release) = release else {
            // It has nothing to lose by a release that is not all it will get.
            self.held = Some(HashSet::new());
            return;
        };
        if let Some(latest) = self.latest.as_ref().filter(|latest| latest.release.seq == release) {
            self.held = Some(latest.release.orders.iter().copied().collect());
        }
    }

    /// It has signed that it knows a release of this number.
    pub(super) fn has_seen(&mut self, release: Option<u64>) {
        self.floor = self.floor.max(release.filter(|release| *release <= NUMBER_MAX).unwrap_or_default());
    }

    /// Whether it knows a higher number than the desk gave: the desk's store is an old one.
    pub(super) fn is_outrun(&self) -> bool {
        self.latest.as_ref().is_none_or(|latest| latest.release.seq < self.floor)
    }

    /// Whether the release it should have is not in force on it.
    pub(super) fn is_behind(&self) -> bool {
        let in_force = self.state.as_ref().and_then(|state| state.in_force);
        self.latest.as_ref().is_some_and(|latest| in_force != Some(latest.release.seq))
    }

    /// Of all orders in force, those that its next release leaves out for now. `mine` are those meant for it.
    pub(super) fn later<'o>(&self, mine: impl Iterator<Item = &'o SignedOrder> + Clone) -> HashSet<Hash> {
        let Some(held) = &self.held else { return HashSet::new() };
        let new = mine.filter(|order| !held.contains(&order.hash));
        if !new.clone().any(is_emergency) {
            return HashSet::new();
        }
        new.filter(|order| !is_emergency(order)).map(|order| order.hash).collect()
    }

    /// Adds the blobs that must go before all others so that an emergency is in force on it.
    pub(super) fn urgent<'o>(&self, order: impl Fn(&Hash) -> Option<&'o SignedOrder>, out: &mut HashSet<Hash>) {
        let Some(latest) = self.latest.as_ref().filter(|_| self.is_online() && self.is_behind()) else { return };
        let is_new = |hash: &&Hash| self.held.as_ref().is_none_or(|held| !held.contains(*hash));
        let new = || latest.release.orders.iter().filter(is_new).filter_map(&order);
        if new().any(is_emergency) {
            // It takes effect only with everything else that is new in the release.
            out.extend(latest.release.bundle.map(|bundle| bundle.hash));
            out.extend(new().flat_map(|order| order.order.items.iter().map(|item| item.content)));
        }
    }
}
