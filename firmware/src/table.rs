//! The timetable in force, with the slides of its orders, in a space whose size is fixed when the program is built.
//!
//! Whether an order may be put in (signatures, content on flash) is decided before. Next: `screen.rs`.

use loa_domain::id::{Hash, Hasher};
use loa_domain::limits;
use loa_domain::play::due::Rule;
use loa_domain::play::player::Timetable;
use loa_domain::time::{Offsets, QuietHours, UtcMs};
use loa_domain::timetable::audience::Kind;
use loa_domain::timetable::order::Order;
use loa_domain::wire::{Full, List};

/// Volume in percent that proofs of a board name: it has none of its own.
const VOLUME: u8 = 100;

/// One slide of an order's programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The order, by the hash it is known by.
    pub order: Hash,
    /// The slide's SHA-256, by which the flash finds it.
    pub slide: Hash,
    /// How long it shows, in milliseconds.
    pub length_ms: u32,
}

/// A timetable of at most `ORDERS` orders with at most `PAGES` slides together.
#[derive(Clone, Debug, Default)]
pub struct Table<const ORDERS: usize, const PAGES: usize> {
    rules: List<Rule, ORDERS>,
    pages: List<Page, PAGES>,
    /// The zone, for the time the timetable lasts.
    pub offsets: Offsets,
    /// When only emergencies show.
    pub quiet: QuietHours,
    /// A wall clock before this is wrong.
    pub issued: UtcMs,
    /// Nothing is due from here on.
    pub expires: UtcMs,
    /// When officers said where the board stands.
    pub placed: Option<UtcMs>,
}

impl<const ORDERS: usize, const PAGES: usize> Table<ORDERS, PAGES> {
    /// Takes all orders out.
    pub fn clear(&mut self) {
        self.rules.clear();
        self.pages.clear();
    }

    /// The hash over the hashes of an order's slides, which proofs name.
    #[must_use]
    pub fn content(&self, order: &Hash) -> Hash {
        let mut hasher = Hasher::default();
        self.pages_of(order).for_each(|page| hasher.update(&page.slide.0));
        hasher.finish()
    }

    /// The hashes of all slides it shows.
    pub fn slides(&self) -> impl Iterator<Item = Hash> {
        self.pages.iter().map(|page| page.slide)
    }

    /// Puts an order in. Gives whether it has slides; one that has none is left out.
    ///
    /// # Errors
    /// When it does not fit; the timetable is then as it was.
    pub fn add(&mut self, hash: Hash, order: &Order) -> Result<bool, Full> {
        let length_ms = order.length_ms(Kind::Board);
        if length_ms == 0 {
            return Ok(false);
        }
        if order.items_for(Kind::Board).count() > PAGES - self.pages.len() {
            return Err(Full { most: PAGES });
        }
        self.rules.push(Rule { order: hash, timing: order.timing.clone(), manner: order.manner, length_ms })?;
        for item in order.items_for(Kind::Board) {
            self.pages.push(Page { order: hash, slide: item.content, length_ms: item.length_ms })?;
        }
        Ok(true)
    }

    /// As the player reads it.
    #[must_use]
    pub fn view(&self) -> Timetable<'_> {
        let Self { rules, offsets, quiet, issued, expires, .. } = self;
        Timetable { rules, offsets, quiet, issued: *issued, expires: *expires, volume: VOLUME }
    }

    /// How long an order's slides show together, in milliseconds; zero when they are not here.
    #[must_use]
    pub fn length_ms(&self, order: &Hash) -> u32 {
        let sum = self.pages_of(order).fold(0_u32, |sum, page| sum.saturating_add(page.length_ms));
        sum.min(limits::PROGRAMME_MS)
    }

    /// The slide that is up at a position of an order's programme: its number, itself and when in the programme it ends.
    #[must_use]
    pub fn page_at(&self, order: &Hash, position_ms: u32) -> Option<(usize, Page, u32)> {
        let mut end_ms = 0_u32;
        self.pages_of(order).enumerate().find_map(|(number, page)| {
            end_ms = end_ms.saturating_add(page.length_ms);
            (position_ms < end_ms).then_some((number, *page, end_ms))
        })
    }

    fn pages_of<'t>(&'t self, order: &Hash) -> impl Iterator<Item = &'t Page> + use<'t, ORDERS, PAGES> {
        let order = *order;
        self.pages.iter().filter(move |page| page.order == order)
    }

    /// Takes over the slides of orders that are not in force any more and still `held` by the player, as many as fit.
    pub fn inherit(&mut self, old: &Self, held: impl Fn(&Hash) -> bool) {
        for page in &old.pages {
            let is_known = self.rules.iter().any(|rule| rule.order == page.order);
            if !is_known && held(&page.order) {
                // One that does not fit is missing when it is its turn, and its proof says so.
                let _full = self.pages.push(*page);
            }
        }
    }
}
