//! Who and what there was at a given moment: places, players, campaigns, programmes and clips, from their history.
//!
//! It reads nothing and changes nothing: it is built from the lines of history and asked by time. What was due from it
//! is decided in `due.rs`.

use std::collections::{BTreeMap, BTreeSet};

use loa_domain::time::UtcMs;
use serde::de::DeserializeOwned;

use crate::store::Replaced;
use crate::timetable::compile::{self, PlayerEntry};
use crate::timetable::model::{Campaign, Clip, Kind, Place, PlaceKey, Player, Programme, Timetable};

/// What stood under each id over time.
#[derive(Clone, Debug)]
pub(super) struct Versions<T>(BTreeMap<String, Vec<(UtcMs, Option<T>)>>);

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: DeserializeOwned> Versions<T> {
    /// From lines of history, earliest first; what is later than `as_of` has not happened.
    pub fn of(history: &[Replaced], as_of: UtcMs) -> Self {
        let mut versions: BTreeMap<String, Vec<(UtcMs, Option<T>)>> = BTreeMap::new();
        for line in history.iter().filter(|line| line.at <= as_of) {
            // The history of a clip holds what people wrote and what its sound is, two documents under one id: each
            // reader passes over the other's.
            let is = match line.is.as_ref().map(|document| serde_json::from_str(document)) {
                None => None,
                Some(Ok(is)) => Some(is),
                Some(Err(_)) => continue,
            };
            versions.entry(line.id.clone()).or_default().push((line.at, is));
        }
        Self(versions)
    }
}

impl<T> Versions<T> {
    /// What stood under an id at a moment. What was written at that very moment counts.
    pub fn at(&self, id: &str, at: UtcMs) -> Option<&T> {
        let versions = self.0.get(id)?;
        versions[..versions.partition_point(|(since, _)| *since <= at)].last()?.1.as_ref()
    }

    /// The last that ever stood under an id.
    pub fn last(&self, id: &str) -> Option<&T> {
        self.0.get(id)?.iter().rev().find_map(|(_, version)| version.as_ref())
    }

    /// Every version of everything.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.0.values().flatten().filter_map(|(_, version)| version.as_ref())
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn moments(&self, id: &str) -> impl Iterator<Item = UtcMs> {
        self.0.get(id).into_iter().flatten().map(|(at, _)| *at)
    }
}

/// Everything that was ever written.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    pub places: Versions<Place>,
    pub players: Versions<Player>,
    pub campaigns: Versions<Campaign>,
    pub programmes: Versions<Programme>,
    pub clips: Versions<Clip>,
}

/// A stretch of a player's life in which it stood at one place and was one thing: after `since`, up to `until`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stretch {
    pub since: UtcMs,
    pub until: UtcMs,
    pub entry: PlayerEntry,
    pub place: PlaceKey,
    pub kind: Kind,
    /// Its own place's name and those above.
    pub names: Vec<String>,
}

/// A player's whole life.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub id: String,
    pub stretches: Vec<Stretch>,
}

impl Past {
    /// The lives of all players, but for what lies outside `[from, until)`.
    pub fn lives(&self, from: UtcMs, until: UtcMs) -> Vec<Life> {
        // Places change rarely; when one does, every player may have moved under another.
        let moved: BTreeSet<UtcMs> = self.places.0.values().flatten().map(|(at, _)| *at).collect();
        self.players.ids().map(|id| self.life(id, &moved, from, until)).collect()
    }

    fn life(&self, id: &str, moved: &BTreeSet<UtcMs>, from: UtcMs, until: UtcMs) -> Life {
        let mut moments: BTreeSet<UtcMs> = self.players.moments(id).collect();
        moments.extend(moved);
        let mut moments: Vec<UtcMs> = moments.into_iter().filter(|at| *at < until).collect();
        moments.push(until);
        let mut stretches: Vec<Stretch> = Vec::new();
        for pair in moments.windows(2).filter(|pair| pair[1] > from) {
            let Some(stretch) = self.stretch(id, pair[0], pair[1]) else { continue };
            match stretches.last_mut() {
                Some(last) if last.until == stretch.since && same(last, &stretch) => last.until = stretch.until,
                _ => stretches.push(stretch),
            }
        }
        Life { id: id.to_owned(), stretches }
    }

    fn stretch(&self, id: &str, since: UtcMs, until: UtcMs) -> Option<Stretch> {
        let player = self.players.at(id, since)?;
        let find = |key: &PlaceKey| self.places.at(&key.to_string(), since);
        // As in the timetable: the bound keeps a circle from hanging.
        let above: Vec<Place> =
            std::iter::successors(find(&player.place), |place| place.parent.as_ref().and_then(find))
                .take(64)
                .cloned()
                .collect();
        let names = above.iter().map(|place| place.name.clone()).collect();
        let around = Timetable { places: above, ..Timetable::default() };
        let entry = compile::player(&around, player).ok()?;
        Some(Stretch { since, until, entry, place: player.place.clone(), kind: player.kind, names })
    }

    /// The places that a code means, with or without its first day, and those they were made from.
    pub fn meant(&self, asked: &str) -> BTreeSet<PlaceKey> {
        let mut meant: BTreeSet<PlaceKey> = BTreeSet::new();
        let mut next: Vec<PlaceKey> = self.places.all().map(|place| &place.key).cloned().collect();
        next.retain(|key| key.code == asked || key.to_string() == asked);
        while let Some(key) = next.pop() {
            if !meant.insert(key.clone()) {
                continue;
            }
            let versions = self.places.0.get(&key.to_string()).into_iter().flatten();
            next.extend(versions.filter_map(|(_, place)| place.as_ref()).flat_map(|place| place.predecessors.clone()));
        }
        meant
    }
}

fn same(one: &Stretch, other: &Stretch) -> bool {
    one.entry == other.entry && one.place == other.place && one.names == other.names
}

impl Stretch {
    /// Whether the player stood at one of these places or below one.
    pub fn is_under(&self, meant: &BTreeSet<PlaceKey>) -> bool {
        let above = &self.entry.placement.places;
        above.iter().any(|key| meant.iter().any(|place| same_place(key, place)))
    }
}

/// The two crates write a place's first day each in its own type; their texts are the same.
fn same_place(key: &loa_domain::id::PlaceKey, place: &PlaceKey) -> bool {
    key.code.as_str() == place.code && key.valid_from.to_string() == place.valid_from.to_string()
}
