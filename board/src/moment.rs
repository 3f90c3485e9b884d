//! Decides which of a slide's faces is due at an instant, and until when: its page, how far its ticker has run, which
//! frame of its picture, what its clock says, how far it has entered.
//!
//! Faces of equal moments are equal. No clock is read. Next: `draw.rs`.

use loa_domain::play::slide::{Enters, Shows, Slide};
use loa_domain::time::Soonest;

use crate::layout::{Layout, TICKER_STANDS_MS};
use crate::picture::{self, Data};
use crate::quiet;
use crate::when::When;

/// How long a slide takes to enter, in milliseconds.
pub const ENTER_MS: u64 = 640;
/// In how many steps it does.
pub const ENTER_STEPS: u8 = 16;
/// The least time between two faces of a ticker, in milliseconds: two lamps at its pace.
pub const RUN_MS: u64 = 40;

/// Which face of a slide is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The page, from zero.
    pub page: u32,
    /// How far the ticker has run, in lamps.
    pub run_px: u32,
    /// The picture's frame, from zero.
    pub frame: u16,
    /// What the clock or the countdown says.
    pub time: quiet::Shown,
    /// How many of [`ENTER_STEPS`] it has entered.
    pub entered: u8,
}

impl Moment {
    /// The moment of a slide at an instant. `data` are its pictures.
    #[must_use]
    pub fn at(slide: &Slide, layout: &Layout, data: &impl Data, when: When) -> Self {
        let time = quiet::shown(slide, layout.board, when);
        let pages = if slide.shows_time() { 1 } else { layout.pages() };
        let page = when.position_ms.saturating_mul(u64::from(pages)) / when.length_ms.max(1);
        let page = page.min(u64::from(pages) - 1) as u32;
        let run_px = layout.period_px().map_or(0, |period_px| {
            // A ticker moves in steps, so that slow outputs are not flooded.
            let runs_ms = (when.position_ms / RUN_MS * RUN_MS).saturating_sub(TICKER_STANDS_MS);
            (runs_ms.saturating_mul(layout.px_per_s()) / 1_000 % u64::from(period_px)) as u32
        });
        let frame = match &slide.shows {
            Some(Shows::Picture { renditions }) => {
                let used = layout.rendition(renditions);
                used.map_or(0, |used| picture::frame_at(used, data, when.position_ms).0)
            }
            _ => 0,
        };
        let entered = match slide.look.and_then(|look| look.enters) {
            Some(_) => (when.position_ms * u64::from(ENTER_STEPS) / ENTER_MS + 1).min(u64::from(ENTER_STEPS)) as u8,
            None => ENTER_STEPS,
        };
        Self { page, run_px, frame, time, entered }
    }

    /// Whether one of many faces on its way: an output that is slow may leave some out.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.run_px > 0 || self.entered < ENTER_STEPS || self.frame > 0
    }
}

/// How long until the next face of a slide at the earliest, in milliseconds; none if this one stays.
#[must_use]
pub fn next_ms(slide: &Slide, layout: &Layout, data: &impl Data, when: When) -> Option<u64> {
    let position_ms = when.position_ms;
    let pages = u64::from(if slide.shows_time() { 1 } else { layout.pages() });
    let page = position_ms.saturating_mul(pages) / when.length_ms.max(1);
    let turns = (page + 1 < pages).then(|| ((page + 1) * when.length_ms).div_ceil(pages) - position_ms);
    let runs = layout.period_px().map(|_| RUN_MS - position_ms % RUN_MS);
    let enters = slide.look.and_then(|look| look.enters).filter(|_| position_ms < ENTER_MS);
    let step_ms = ENTER_MS / u64::from(ENTER_STEPS);
    let enters = enters.map(|_: Enters| step_ms - position_ms % step_ms);
    let frame = match &slide.shows {
        Some(Shows::Picture { renditions }) => layout
            .rendition(renditions)
            .filter(|used| used.frames > 1)
            .map(|used| picture::frame_at(used, data, position_ms).1),
        _ => None,
    };
    let ticks = slide.shows_time().then(|| 1_000 - when.utc.0.rem_euclid(1_000) as u64);
    let mut next = Soonest::new();
    [turns, runs, enters, frame, ticks].into_iter().for_each(|ms| next.or(ms));
    next.get().map(|ms| ms.max(1))
}
