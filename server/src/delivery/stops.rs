//! What officers stopped, as the desk tells it: at once to those who are there, again to those who come back.
//!
//! Pure. It decides which orders a release leaves out for a player, and which stops a player hears of. Whether a stop's
//! signature counts was asked when it was taken in (`emergency.rs`), and each player asks again. Next: `known.rs`.

use std::collections::HashSet;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::limits;
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Placement;
use loa_domain::timetable::order::Form;

use crate::delivery::roster::SignedOrder;
use crate::store::SealedStop;

/// Stops that a desk goes by at most: the newest ones.
pub const STOPS_MAX: usize = 10_000;
/// A player that was away for longer than this is told nothing of what was stopped before, in milliseconds: its release
/// has ended, and its next one leaves out what is off.
const LATELY_MS: i64 = 30 * 86_400_000;

/// The stops of a desk.
#[derive(Debug, Default)]
pub struct Stops {
    /// The newest first.
    all: Vec<SealedStop>,
    /// Those that players who were there have been told of; nothing before the first reading.
    told: Option<HashSet<Hash>>,
}

impl Stops {
    /// Takes what the store holds, the newest first. What is there at the start was told before.
    pub fn set(&mut self, all: Vec<SealedStop>) {
        self.told.get_or_insert_with(|| all.iter().map(|stop| stop.hash).collect());
        self.all = all;
    }

    /// Whether an order is off for a player that stands here. Templates never are: what is activated of one afterwards,
    /// such as a correction, was not stopped.
    #[must_use]
    pub fn is_off(&self, placement: &Placement, order: &SignedOrder) -> bool {
        let covers = |stop: &SealedStop| match stop.stop.orders.is_empty() {
            true => order.order.stoppable_since() <= stop.stop.made,
            false => stop.stop.orders.contains(&order.hash),
        };
        order.order.form != Form::Template && self.all.iter().any(|stop| covers(stop) && stop.stop.concerns(placement))
    }

    /// Whether any of these is.
    #[must_use]
    pub fn stops_any(&self, placement: &Placement, orders: &[SignedOrder]) -> bool {
        !self.all.is_empty() && orders.iter().any(|order| self.is_off(placement, order))
    }

    /// The stops that nobody was told of yet, for those of `online` whom they concern, oldest first. They are told then.
    pub fn tell_new(&mut self, online: &[(&PlayerId, &Placement)]) -> Vec<(PlayerId, Vec<u8>)> {
        let told = self.told.get_or_insert_default();
        let mut messages = Vec::new();
        for stop in self.all.iter().rev().filter(|stop| told.insert(stop.hash)) {
            let concerned = online.iter().filter(|(_, placement)| stop.stop.concerns(placement));
            messages.extend(concerned.map(|(player, _)| ((*player).clone(), stop.sealed.clone())));
        }
        messages
    }

    /// What a player is told when it comes back, oldest first.
    #[must_use]
    pub fn lately(&self, placement: &Placement, now: UtcMs) -> Vec<Vec<u8>> {
        let lately = |stop: &&SealedStop| stop.stop.made >= now.plus_ms(-LATELY_MS) && stop.stop.concerns(placement);
        let mut told: Vec<Vec<u8>> =
            self.all.iter().filter(lately).take(limits::STOPS_TOLD).map(|stop| stop.sealed.clone()).collect();
        told.reverse();
        told
    }
}
