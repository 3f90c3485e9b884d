//! What was due: every version of every order for as long as it was in force, and the moments at which it fired.
//!
//! A version is in force after the moment the desk had it, up to the moment it was revoked or replaced; so a cue that
//! was due at the very moment of a replacement still belongs to the old version, and never to both. Whether a player is
//! meant is asked where its life is known (`gather.rs`). Next: `matching.rs`.

use std::collections::{BTreeSet, HashMap};

use loa_domain::id::Hash;
use loa_domain::keys::Sealed;
use loa_domain::time::{Offsets, UtcMs};
use loa_domain::timetable::activation::Is;
use loa_domain::timetable::order::Order;

use super::Question;
use super::past::Past;
use crate::store::SignedOrder;
use crate::timetable::model::{Clip, Item, Programme};
use crate::timetable::zone::{self, ZoneError};

/// A version of an order.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub hash: Hash,
    pub order: Order,
    /// In force after this moment.
    pub since: UtcMs,
    /// In force up to this moment.
    pub until: UtcMs,
    /// Whether the question is about it.
    pub asked: bool,
    /// What its programme is in, by BCP 47; empty where nothing says it, or its clips differ.
    pub language: String,
    /// What its programme counts as; empty likewise.
    pub category: String,
}

/// An order of the store that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub Hash);

/// The versions of all orders, as they were known at the question's `as_of`.
pub(super) fn versions(orders: &[SignedOrder], past: &Past, question: &Question) -> Result<Vec<Version>, Unreadable> {
    let known = |at: UtcMs| at <= question.as_of;
    let stored: HashMap<Hash, UtcMs> = orders.iter().map(|held| (held.order.hash, held.stored)).collect();
    let mut versions = Vec::new();
    for held in orders.iter().filter(|held| known(held.stored)) {
        let unreadable = Unreadable(held.order.hash);
        let sealed = Sealed::read(&held.order.sealed).map_err(|_| unreadable)?;
        let order = Order::read(sealed.body).map_err(|_| unreadable)?;
        let replaced = held.superseded_by.and_then(|by| stored.get(&by).copied());
        let until = [held.revoked, replaced].into_iter().flatten().filter(|at| known(*at)).min();
        let programme = past.programmes.at(order.programme.as_str(), held.stored);
        let clips = clips(programme, past, held.stored);
        let in_campaign = question.campaign.as_ref().is_none_or(|campaign| order.campaign.as_str() == campaign);
        let has_clip = question.clip.as_ref().is_none_or(|asked| airs(programme, asked));
        versions.push(Version {
            hash: held.order.hash,
            since: in_force_after(held.stored, &order, sealed.body),
            until: until.unwrap_or(UtcMs(i64::MAX)),
            asked: in_campaign && has_clip,
            language: said(programme.and_then(|it| it.language.clone()), clips.iter().map(|clip| &clip.language)),
            category: said(programme.and_then(|it| it.category.clone()), clips.iter().map(|clip| &clip.category)),
            order,
        });
    }
    Ok(versions)
}

/// A version is in force after the desk had it; an activation that was signed for a moment before, from then on.
fn in_force_after(stored: UtcMs, order: &Order, body: &[u8]) -> UtcMs {
    let is_activation = matches!(Is::of(body), Some(Is::Activation(_)));
    let at = order.timing.once.first().filter(|_| is_activation);
    at.map_or(stored, |at| stored.min(at.plus_ms(-1)))
}

fn clips<'p>(programme: Option<&Programme>, past: &'p Past, at: UtcMs) -> Vec<&'p Clip> {
    let items = programme.into_iter().flat_map(|programme| &programme.items);
    let ids = items.filter_map(|item| if let Item::Clip(id) = item { Some(id) } else { None });
    ids.filter_map(|id| past.clips.at(id, at)).collect()
}

fn airs(programme: Option<&Programme>, clip: &str) -> bool {
    let mut items = programme.into_iter().flat_map(|programme| &programme.items);
    items.any(|item| matches!(item, Item::Clip(id) if id == clip))
}

/// What the programme says, else what all its clips that say anything agree on.
fn said<'c>(own: Option<String>, clips: impl Iterator<Item = &'c Option<String>>) -> String {
    let of_clips: BTreeSet<&String> = clips.flatten().collect();
    let agreed = of_clips.first().filter(|_| of_clips.len() == 1);
    own.or_else(|| agreed.map(|agreed| (*agreed).clone())).unwrap_or_default()
}

/// When orders fire in one span of time, worked out once for all players of a zone.
pub(super) struct Firings<'v> {
    versions: &'v [Version],
    from: UtcMs,
    until: UtcMs,
    offsets: HashMap<String, Offsets>,
    of: HashMap<(usize, String), Vec<UtcMs>>,
}

impl<'v> Firings<'v> {
    /// Of these orders in `[from, until)`.
    pub fn new(versions: &'v [Version], from: UtcMs, until: UtcMs) -> Self {
        Self { versions, from, until, offsets: HashMap::new(), of: HashMap::new() }
    }

    /// When an order fires on the clock of a zone, after `since` and up to `until`.
    pub fn of(&mut self, version: usize, zone: &str, since: UtcMs, until: UtcMs) -> Result<&[UtcMs], ZoneError> {
        const DAY_MS: i64 = 86_400_000;
        if !self.offsets.contains_key(zone) {
            let table = zone::offsets(zone, self.from.plus_ms(-3 * DAY_MS), self.until.plus_ms(3 * DAY_MS))?;
            self.offsets.insert(zone.to_owned(), table);
        }
        let key = (version, zone.to_owned());
        let all = self.of.entry(key).or_insert_with(|| {
            let version = &self.versions[version];
            let mut after = self.from.plus_ms(-1).max(version.since);
            let next = || {
                let offsets = self.offsets.get(zone)?;
                let at = version.order.timing.next_after(after, offsets)?;
                after = at;
                (at < self.until && at <= version.until).then_some(at)
            };
            std::iter::from_fn(next).collect()
        });
        let begin = all.partition_point(|at| *at <= since);
        let end = all.partition_point(|at| *at <= until);
        Ok(&all[begin..end.max(begin)])
    }
}
