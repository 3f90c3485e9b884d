//! Which slide is up, when it turns, and for how long it was really seen.
//!
//! A cue is given up to `ADVANCE_MS` before it begins, so one may be up while the next one waits. A picture stays up,
//! uncounted, while the next one waits: the board does not go dark between two cues. Everything here goes by the
//! monotonic clock. Who has the air is decided in `loa_domain`, what a slide looks like nowhere here. Next: `board.rs`.

use loa_domain::id::{CueId, Hash};
use loa_domain::limits;
use loa_domain::plan::Reason;
use loa_domain::play::player::{Now, Sound};
use loa_domain::time::{Soonest, UtcMs};
use loa_domain::wire::List;

use crate::table::Table;

/// What the panel has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Show this slide.
    Show {
        /// What it is shown for.
        cue: CueId,
        /// Its SHA-256.
        slide: Hash,
        /// How much of it is over, in milliseconds.
        position_ms: u32,
        /// How long all of it is, in milliseconds.
        length_ms: u32,
    },
    /// Show no slide.
    Rest,
}

/// One cue that is up or waits to be.
#[derive(Clone, Copy, Debug)]
struct Showing {
    cue: CueId,
    /// When it begins or began, in monotonic milliseconds.
    begins_ms: u64,
    /// From where in its programme, in milliseconds.
    from_ms: u32,
    /// How long its programme is, in milliseconds.
    length_ms: u32,
}

impl Showing {
    fn seen_ms(&self, now: Now) -> u32 {
        let passed = u32::try_from(now.mono_ms.saturating_sub(self.begins_ms)).unwrap_or(u32::MAX);
        passed.min(self.length_ms.saturating_sub(self.from_ms))
    }

    fn position_ms(&self, now: Now) -> u32 {
        self.from_ms.saturating_add(self.seen_ms(now))
    }
}

/// The panel's state.
#[derive(Debug, Default)]
pub struct Screen {
    up: Option<Showing>,
    next: Option<Showing>,
    /// The cue and the number of the slide that the panel shows.
    lit: Option<(CueId, usize)>,
    /// What the player has not been told yet.
    untold: List<Sound, { 2 * limits::LIVE }>,
}

impl Screen {
    /// A cue of `length_ms` is to begin at the wall-clock time `at`, from a position of its programme.
    pub fn play(&mut self, cue: CueId, at: UtcMs, from_ms: u32, length_ms: u32, now: Now) {
        if let Some(unseen) = self.next.take() {
            self.over(unseen.cue, 0, None);
        }
        let in_ms = u64::try_from(at.since_ms(now.utc)).unwrap_or(0);
        self.next = Some(Showing { cue, begins_ms: now.mono_ms + in_ms, from_ms, length_ms });
    }

    /// A cue is to go, whether it is up or waits.
    pub fn stop(&mut self, cue: CueId, now: Now) {
        if self.next.is_some_and(|next| next.cue == cue) {
            self.next = None;
            self.over(cue, 0, None);
        }
        if let Some(up) = self.up.take_if(|up| up.cue == cue) {
            self.over(cue, up.seen_ms(now), None);
        }
    }

    /// The panel shows nothing any more, and this is why.
    pub fn fail(&mut self, flaw: Reason, now: Now) {
        self.lit = None;
        if let Some(up) = self.up.take() {
            self.over(up.cue, up.seen_ms(now), Some(flaw));
        }
    }

    /// Time has passed: begins, turns and ends what is due.
    pub fn turn<const ORDERS: usize, const PAGES: usize>(
        &mut self,
        table: Option<&Table<ORDERS, PAGES>>,
        now: Now,
        out: &mut impl FnMut(Turn),
    ) {
        if let Some(next) = self.next.take_if(|next| next.begins_ms <= now.mono_ms) {
            if let Some(up) = self.up.take() {
                self.over(up.cue, up.seen_ms(now), None);
            }
            // It counts from when it is really up.
            self.up = Some(Showing { begins_ms: now.mono_ms, ..next });
            if next.length_ms > 0 {
                self.say(Sound::Began { cue: next.cue, at: now.utc });
            }
        }
        if let Some(up) = self.up {
            let page = table.and_then(|table| table.page_at(&up.cue.order, up.position_ms(now)));
            let is_whole = up.position_ms(now) >= up.length_ms;
            match page.filter(|_| !is_whole) {
                Some((number, page, end_ms)) => {
                    if self.lit.replace((up.cue, number)) != Some((up.cue, number)) {
                        let begin_ms = end_ms.saturating_sub(page.length_ms);
                        let position_ms = up.position_ms(now).saturating_sub(begin_ms);
                        let (cue, length_ms) = (up.cue, page.length_ms);
                        out(Turn::Show { cue, slide: page.slide, position_ms, length_ms });
                    }
                    self.say(Sound::Heard { cue: up.cue, heard_ms: up.seen_ms(now) });
                }
                None => {
                    self.up = None;
                    let flaw = (!is_whole || up.length_ms == 0).then_some(Reason::ContentMissing);
                    self.over(up.cue, up.seen_ms(now), flaw);
                }
            }
        }
        if self.up.is_none() && self.next.is_none() && self.lit.take().is_some() {
            out(Turn::Rest);
        }
    }

    /// When [`Screen::turn`] has something to do again, in monotonic milliseconds.
    #[must_use]
    pub fn next_ms<const ORDERS: usize, const PAGES: usize>(
        &self,
        table: Option<&Table<ORDERS, PAGES>>,
        now: Now,
    ) -> Option<u64> {
        let turns = self.up.map(|up| {
            let page = table.and_then(|table| table.page_at(&up.cue.order, up.position_ms(now)));
            let until_ms = page.map_or(up.length_ms, |(_, _, end_ms)| end_ms.min(up.length_ms));
            let in_ms = u64::from(until_ms.saturating_sub(up.position_ms(now)));
            // Often enough that what was seen is written down in time.
            now.mono_ms + in_ms.min(limits::PROGRESS_MS)
        });
        let mut next = Soonest::new();
        next.or(turns);
        next.or(self.next.map(|next| next.begins_ms));
        next.get()
    }

    /// What the player has not been told yet, oldest first.
    pub fn tell(&mut self) -> Option<Sound> {
        (!self.untold.is_empty()).then(|| self.untold.remove(0))
    }

    fn over(&mut self, cue: CueId, heard_ms: u32, flaw: Option<Reason>) {
        self.say(Sound::Over { cue, heard_ms, flaw });
    }

    fn say(&mut self, sound: Sound) {
        // Were it ever full: the player waits some seconds for an end and then writes down what it knows.
        let _full = self.untold.push(sound);
    }
}
