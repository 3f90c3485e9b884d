//! Decides what only the whole timetable shows: circles in the area tree, players without a zone, orders that reach
//! nobody or whose programme has nothing for whom they reach, and orders that their campaign cannot count.
//!
//! Checks that need entries are left out when one of these entries was faulty, so that one slip does not make ten
//! messages. The audience rule itself, for planning, is the audience's; here it only has to find nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::fields::Written;
use super::index::Index;
use crate::timetable::model::{
    Audience, BoardClass, Campaign, Clip, Kind, Order, Place, PlaceKey, Player, Programme, Shows, Slide, Template,
    Timetable,
};
use crate::timetable::problem::Problem;

/// An entry that was read, and where its keys stand.
pub(super) struct Draft<'a, T> {
    item: T,
    written: Written<'a>,
}

impl<'a, T> Draft<'a, T> {
    pub(super) fn new(item: T, written: Written<'a>) -> Self {
        Self { item, written }
    }

    pub(super) fn item(&self) -> &T {
        &self.item
    }

    fn problem(&self, code: &'static str, key: &str) -> Problem {
        Problem::new(code, Some(self.written.spot(key)))
    }
}

/// All entries without a fault.
#[derive(Default)]
pub(super) struct Drafts<'a> {
    pub(super) places: Vec<Draft<'a, Place>>,
    pub(super) boards: Vec<Draft<'a, BoardClass>>,
    pub(super) players: Vec<Draft<'a, Player>>,
    pub(super) campaigns: Vec<Draft<'a, Campaign>>,
    pub(super) clips: Vec<Draft<'a, Clip>>,
    pub(super) templates: Vec<Draft<'a, Template>>,
    pub(super) slides: Vec<Draft<'a, Slide>>,
    pub(super) programmes: Vec<Draft<'a, Programme>>,
    pub(super) orders: Vec<Draft<'a, Order>>,
}

impl Drafts<'_> {
    pub(super) fn into_timetable(self) -> Timetable {
        fn items<T>(drafts: Vec<Draft<'_, T>>) -> Vec<T> {
            drafts.into_iter().map(|draft| draft.item).collect()
        }
        Timetable {
            places: items(self.places),
            boards: items(self.boards),
            players: items(self.players),
            campaigns: items(self.campaigns),
            clips: items(self.clips),
            templates: items(self.templates),
            slides: items(self.slides),
            programmes: items(self.programmes),
            orders: items(self.orders),
        }
    }
}

/// Reports what is wrong with the whole.
pub(super) fn check(drafts: &Drafts<'_>, index: &Index, report: &Report) {
    let tree: Tree<'_> = drafts.places.iter().map(|place| (&place.item.key, &place.item)).collect();
    // Fewer entries than names: one had a fault. More: a name was defined twice, and which counts is not known.
    let whole = drafts.places.len() == index.count("place");
    let mut round = BTreeSet::new();
    for place in &drafts.places {
        predecessors(place, report);
        circle(place, &tree, &mut round, report);
    }
    if !whole || !round.is_empty() {
        return;
    }
    zones(drafts, &tree, report);
    countdowns(drafts, report);
    campaigns(drafts, report);
    if drafts.players.len() == index.count("player") && drafts.programmes.len() == index.count("programme") {
        let programmes: BTreeMap<_, _> =
            drafts.programmes.iter().map(|programme| (programme.item.id.as_str(), &programme.item)).collect();
        for order in &drafts.orders {
            if let Some(programme) = programmes.get(order.item.programme.as_str()) {
                reach(order, programme, drafts, &tree, report);
            }
        }
    }
}

type Tree<'a> = BTreeMap<&'a PlaceKey, &'a Place>;

/// The place, its parent, the parent's parent and so on; ends at the root, or before it would come round.
fn line<'a>(key: &'a PlaceKey, tree: &'a Tree<'a>) -> impl Iterator<Item = &'a Place> {
    let mut left = tree.len();
    let mut next = tree.get(key).copied();
    std::iter::from_fn(move || {
        let place = next?;
        next = place.parent.as_ref().and_then(|parent| tree.get(parent).copied()).filter(|_| left > 0);
        left = left.saturating_sub(1);
        Some(place)
    })
}

/// Reports a circle once, at the first of its places in the files.
fn circle<'a>(place: &'a Draft<'_, Place>, tree: &'a Tree<'a>, round: &mut BTreeSet<&'a PlaceKey>, report: &Report) {
    let key = &place.item.key;
    if round.contains(key) {
        return;
    }
    let above: Vec<_> = line(key, tree).skip(1).take_while(|above| above.key != *key).map(|above| &above.key).collect();
    let closes = above.last().unwrap_or(&key);
    let comes_back = tree.get(closes).is_some_and(|last| last.parent.as_ref() == Some(key));
    if comes_back {
        let path = [key].into_iter().chain(above.iter().copied()).chain([key]);
        let path = path.map(|key| key.code.as_str()).collect::<Vec<_>>().join(" → ");
        report.add(place.problem("place-circle", "parent").with("path", path));
        round.insert(key);
        round.extend(above);
    }
}

fn predecessors(place: &Draft<'_, Place>, report: &Report) {
    for before in &place.item.predecessors {
        if before.valid_from >= place.item.key.valid_from {
            let problem = place.problem("predecessor-not-older", "predecessors");
            report.add(problem.with("place", &place.item.key).with("predecessor", before));
        }
    }
}

fn zones(drafts: &Drafts<'_>, tree: &Tree<'_>, report: &Report) {
    for player in &drafts.players {
        if !line(&player.item.place, tree).any(|place| place.zone.is_some()) {
            let problem = player.problem("player-without-zone", "place").with("player", &player.item.id);
            report.add(problem.with("place", &player.item.place));
        }
    }
}

/// A countdown without an offset is read in the zone of the places; where they have several, it must say its own.
fn countdowns(drafts: &Drafts<'_>, report: &Report) {
    let zones: BTreeSet<&str> = drafts.places.iter().filter_map(|place| place.item.zone.as_deref()).collect();
    for slide in &drafts.slides {
        let Some(Shows::Countdown(countdown)) = &slide.item.shows else { continue };
        // Without any zone no player has one, which is reported there.
        if countdown.offset_minutes.is_some() || zones.len() < 2 {
            continue;
        }
        let problem = slide.problem("countdown-zone-unclear", "countdown").with("value", countdown.to);
        report.add(problem.with("zones", zones.iter().copied().collect::<Vec<_>>().join(", ")));
    }
}

/// What a report of the campaign would leave out: days outside it, categories it does not know.
fn campaigns(drafts: &Drafts<'_>, report: &Report) {
    for order in &drafts.orders {
        let named = order.item.campaign.as_deref();
        let Some(campaign) =
            drafts.campaigns.iter().map(|draft| &draft.item).find(|item| Some(item.id.as_str()) == named)
        else {
            continue;
        };
        let before = order.item.until.is_some_and(|until| campaign.from.is_some_and(|from| until < from));
        let after = order.item.from.is_some_and(|from| campaign.until.is_some_and(|until| until < from));
        if before || after {
            report.add(order.problem("order-outside-campaign", "campaign").with("campaign", &campaign.id));
        }
        let programme = drafts.programmes.iter().find(|programme| programme.item.id == order.item.programme);
        let Some(programme) = programme.filter(|_| !campaign.categories.is_empty()) else { continue };
        let category = programme.item.category.as_deref();
        if !category.is_some_and(|category| campaign.categories.iter().any(|known| known == category)) {
            let nearest = category
                .and_then(|category| super::nearest::nearest(category, campaign.categories.iter().map(String::as_str)));
            let problem = programme.problem("category-not-in-campaign", "category").with("campaign", &campaign.id);
            let problem = problem.with("programme", &programme.item.id).with("order", &order.item.id);
            report.add(problem.with("choices", campaign.categories.join(", ")).suggest(nearest));
        }
    }
}

/// A loudspeaker takes a programme's clips and a board its slides. An order to a whole commune may therefore carry
/// clips alone and leave out its board; but a board that is named, as kind or as player, must get something.
fn reach(order: &Draft<'_, Order>, programme: &Programme, drafts: &Drafts<'_>, tree: &Tree<'_>, report: &Report) {
    let to = &order.item.to;
    let reached: Vec<_> =
        drafts.players.iter().map(|player| &player.item).filter(|player| hears(to, player, tree)).collect();
    let kinds = |kind| reached.iter().filter(move |player| player.kind == kind);
    for (kind, code) in [(Kind::Speaker, "order-without-clip"), (Kind::Board, "order-without-slide")] {
        let named = kinds(kind).find(|player| to.kinds.contains(&kind) || to.players.contains(&player.id));
        let alone = kinds(kind).next().filter(|_| kinds(kind).count() == reached.len());
        if let Some(player) = named.or(alone).filter(|_| !programme.has_for(kind)) {
            let problem = order.problem(code, "programme").with("order", &order.item.id);
            report.add(problem.with("programme", &programme.id).with("player", &player.id));
        }
    }
    if reached.is_empty() {
        report.add(order.problem("order-reaches-nobody", "to").with("order", &order.item.id));
    }
}

fn hears(to: &Audience, player: &Player, tree: &Tree<'_>) -> bool {
    fn any<T>(list: &[T], test: impl Fn(&T) -> bool) -> bool {
        list.is_empty() || list.iter().any(test)
    }
    any(&to.players, |id| *id == player.id)
        && any(&to.kinds, |kind| *kind == player.kind)
        && any(&to.tags, |tag| player.tags.contains(tag))
        && any(&to.languages, |language| player.languages.contains(language))
        && any(&to.places, |key| line(&player.place, tree).any(|place| place.key == *key))
}
