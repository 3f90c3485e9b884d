//! What a player knows while nothing is due, for stages that can show it.
//!
//! It decides when the time of day is to be believed and which timetable counts. How it looks is the stage's:
//! `board/quiet.rs`.

use loa_domain::play::class::BoardClass;
use loa_domain::time::{LocalDate, Offsets, UtcMs};

use crate::timetable::Table;

/// Whether there is a timetable to play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lease {
    /// None has ever arrived whole.
    #[default]
    Missing,
    /// One is in force.
    InForce,
    /// The one that is held has ended, and the desk sent no other.
    Ended,
}

/// What is known while nothing is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The timetable.
    pub lease: Lease,
    /// The zone of the place; none while the time of day is not to be believed.
    pub offsets: Option<Offsets>,
    /// Which day it is there; none while that is not to be believed.
    pub today: Option<LocalDate>,
    /// The place's name, empty if the desk did not tell it.
    pub place_name: String,
    /// When the next cue begins.
    pub next: Option<UtcMs>,
    /// What kind of board the desk takes it for.
    pub board: Option<BoardClass>,
}

impl Standing {
    /// What a player with this timetable knows at `now`.
    #[must_use]
    pub fn of(table: Option<&Table>, next: Option<UtcMs>, now: UtcMs) -> Self {
        let Some(table) = table else { return Self::default() };
        let release = &table.release;
        // A clock that shows a time before the release was made is wrong: no cue comes due by it either.
        let is_believed = now >= release.issued;
        let lease = if now >= release.expires { Lease::Ended } else { Lease::InForce };
        Self {
            lease,
            offsets: is_believed.then(|| release.offsets.clone()),
            today: is_believed.then(|| release.offsets.to_local(now).date()),
            place_name: release.place_name.as_ref().map(ToString::to_string).unwrap_or_default(),
            next: next.filter(|_| is_believed && lease == Lease::InForce),
            board: release.board.clone(),
        }
    }
}
