//! Whom an order is for: places with all below them, tags, players, kinds, languages.
//!
//! Lists within one field are alternatives; fields are conditions that must all hold. The player asks this itself, of
//! the signed bytes, so that a release can never make it play what was meant for others. Next: `order.rs`.

use crate::id::{Name, PlaceKey, PlayerId};
use crate::limits;
use crate::wire::{Decode, Encode, List, Text};

/// What a player is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// Plays clips.
    #[n(0)]
    Speaker,
    /// Shows slides.
    #[n(1)]
    Board,
}

/// A language by its BCP 47 tag, such as `vi` or `tyz`.
pub type Language = Text<12>;

/// Where a player stands and what it is: what audiences are held against.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Placement {
    /// The player.
    #[n(0)]
    pub player: PlayerId,
    /// What it is.
    #[n(1)]
    pub kind: Kind,
    /// Its place and all places above it, own place first.
    #[n(2)]
    pub places: List<PlaceKey, { limits::PLACE_DEPTH }>,
    /// Its tags.
    #[n(3)]
    pub tags: List<Name, { limits::TAGS }>,
    /// The languages spoken around it.
    #[n(4)]
    pub languages: List<Language, { limits::LANGUAGES }>,
}

/// Whom an order is for. An empty field is no condition; all fields empty reaches nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Audience {
    /// Any of these places or a place below one.
    #[n(0)]
    pub places: List<PlaceKey, { limits::AUDIENCE }>,
    /// Any of these tags.
    #[n(1)]
    pub tags: List<Name, { limits::AUDIENCE }>,
    /// Any of these players.
    #[n(2)]
    pub players: List<PlayerId, { limits::AUDIENCE }>,
    /// Any of these kinds.
    #[n(3)]
    pub kinds: List<Kind, 2>,
    /// Any of these languages.
    #[n(4)]
    pub languages: List<Language, { limits::LANGUAGES }>,
}

impl Audience {
    /// Whether the player is one of those meant.
    #[must_use]
    pub fn includes(&self, player: &Placement) -> bool {
        let any = |empty: bool, hit: bool| empty || hit;
        let by_where = !self.places.is_empty() || !self.tags.is_empty() || !self.players.is_empty();
        let names_someone = by_where || !self.kinds.is_empty() || !self.languages.is_empty();
        names_someone
            && any(self.places.is_empty(), player.places.iter().any(|place| self.places.contains(place)))
            && any(self.tags.is_empty(), player.tags.iter().any(|tag| self.tags.contains(tag)))
            && any(self.players.is_empty(), self.players.contains(&player.player))
            && any(self.kinds.is_empty(), self.kinds.contains(&player.kind))
            && any(self.languages.is_empty(), player.languages.iter().any(|l| self.languages.contains(l)))
    }
}
