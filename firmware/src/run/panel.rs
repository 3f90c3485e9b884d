//! What the board says of itself to whoever draws its face: which slide is up, or what is known while none is.
//!
//! How it looks is decided in `paint.rs`.

use loa_domain::delivery::release::Release;
use loa_domain::id::Hash;
use loa_domain::plan::Reason;
use loa_domain::time::UtcMs;
use loa_domain::wire::Decode;

use super::{Device, FACES, Pen, kept};
use crate::flash::Flash;
use crate::shelf::Lies;

/// What the panel is to show. Equal faces may still look different at other times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// A slide.
    Slide {
        /// Its SHA-256; [`Device::slide`] says where its bytes are.
        slide: Hash,
        /// When it would have begun at its beginning, in monotonic milliseconds.
        begun_ms: u64,
        /// How long all of it is, in milliseconds.
        length_ms: u32,
    },
    /// Nothing is due: the time, the place, [`Device::notice`].
    Quiet {
        /// The number of the release in force.
        release: u64,
        /// Whether the time of day is to be believed.
        is_timed: bool,
    },
}

/// What is to be said while nothing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// No timetable has ever arrived whole.
    Missing,
    /// The timetable has ended.
    Ended,
    /// A timetable is in force: when its next cue begins, if one does and the time is known.
    InForce(Option<Next>),
}

/// When the next cue begins, by the clocks of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// The minute of the day.
    pub minute: u16,
    /// Day and month, where that is not today.
    pub day: Option<(u8, u8)>,
}

impl<F: Flash> Device<'_, F> {
    /// What to show.
    #[must_use]
    pub fn face(&self, mono_ms: u64) -> Face {
        if let Some(up) = self.notes.up {
            return Face::Slide { slide: up.slide, begun_ms: up.begun_ms, length_ms: up.length_ms };
        }
        Face::Quiet { release: self.notes.chain.release, is_timed: self.time(mono_ms).1.is_some() }
    }

    /// The time, and the place's offset from UTC in seconds; none while the time is not to be believed.
    #[must_use]
    pub fn time(&self, mono_ms: u64) -> (UtcMs, Option<i32>) {
        let utc = self.wall.now(mono_ms).utc;
        // A clock that shows a time before the release was made is wrong: no cue comes due by it either.
        let table = self.board.table().filter(|table| self.wall.is_known() && utc >= table.issued);
        (utc, table.map(|table| table.offsets.offset_at(utc)))
    }

    /// The name of the place the board stands at, for people.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// How bright the panel is to be, in percent of the most; noon's while the time is not known.
    #[must_use]
    pub fn brightness_percent(&self, mono_ms: u64) -> u8 {
        let (utc, offset_s) = self.time(mono_ms);
        let day_s = |offset_s: i32| (utc.seconds() + i64::from(offset_s)).rem_euclid(86_400) as u32;
        self.class.as_ref().map_or(100, |class| class.brightness_at(offset_s.map_or(12 * 3_600, day_s)))
    }

    /// What is known while nothing is due.
    #[inline(never)]
    pub fn notice(&mut self, mono_ms: u64) -> Notice {
        let (utc, offset_s) = self.time(mono_ms);
        let Some(table) = self.board.table() else { return Notice::Missing };
        if utc >= table.expires {
            return Notice::Ended;
        }
        let next = offset_s.and_then(|_| self.board.next_cue(utc));
        let (Some(next), Some(table)) = (next, self.board.table()) else { return Notice::InForce(None) };
        let (today, next) = (table.offsets.to_local(utc), table.offsets.to_local(next));
        let (_, month, day) = next.date().year_month_day();
        let day = (today.date() != next.date()).then_some((day as u8, month as u8));
        Notice::InForce(Some(Next { minute: (next.second_of_day() / 60) as u16, day }))
    }

    /// Where a slide's bytes lie, and the flash. What is wrong if it is not there: then call [`Device::spoilt`].
    pub fn slide(&mut self, slide: Hash) -> Result<(Lies, &mut F), Reason> {
        let lies = self.shelf.find(&slide).ok_or(Reason::ContentMissing)?;
        Ok((lies, self.notes.store.flash()))
    }

    /// The panel shows this, by the SHA-256 of its lamps: the cue that is up has been seen.
    pub fn shown(&mut self, face: Hash) {
        let Some(up) = self.notes.up else { return };
        let faces = &mut self.notes.faces;
        faces.retain(|(cue, _)| *cue != up.cue);
        if faces.len() == FACES {
            faces.remove(0);
        }
        let _fits = faces.push((up.cue, face));
    }

    /// What is up cannot be shown.
    pub fn failed(&mut self, flaw: Reason, mono_ms: u64) {
        let Self { given, wall, notes, board, .. } = self;
        let pen = Pen { given, wall, now: wall.now(mono_ms) };
        notes.up = None;
        board.failed(flaw, pen.now, &mut |output| notes.take(output, pen));
        self.settle();
    }

    /// A slide cannot be shown as it is: its cue ends, and it is fetched again.
    #[inline(never)]
    pub fn spoilt(&mut self, slide: Hash, flaw: Reason, mono_ms: u64) {
        self.failed(flaw, mono_ms);
        self.shelf.forget(&slide, &mut self.notes.store);
        let Self { shelf, notes, inbox, courier, .. } = self;
        let (Some(sealed), Some(room)) = (notes.release, inbox.spare()) else { return };
        let mut release = Release::blank();
        if kept(sealed, (shelf, notes.store.flash()), room, &mut release) {
            courier.repair(&release, (sealed, true), mono_ms);
        }
    }
}

#[cfg(test)]
mod tests;
