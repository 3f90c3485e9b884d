//! Decides which slide is on the board at an instant, for how long it really was, and when to look again.
//!
//! A slide begins by the wall clock and lasts by the monotonic one. A wall clock that steps moves what has not begun;
//! once a slide is shown, neither it nor what is to follow it is torn: that begins after as much time as before. A
//! slide that begins takes the place of the one that is shown. Time counts as shown only while an output takes the
//! faces. No clock is read here and nothing is put out. Next: `mod.rs`.

use std::sync::Arc;

use loa_board::{Moment, When, count_turns, draw_drill_notice, draw_drill_strip, draw_quiet, drill_room};
use loa_domain::play::class::BoardClass;
use loa_domain::time::UtcMs;
use loa_host::clock::Reading;

use super::face::{Face, Laid};
use super::quiet::Quiet;
use crate::piece::Part;
use crate::play::sequence::{Heard, Voice};

/// A look at least this often while a slide waits: so soon a step of the wall clock is seen, in milliseconds.
pub const TICK_MS: u64 = 100;
/// A look at least this often while nothing waits, in milliseconds.
const IDLE_MS: u64 = 1_000;
/// The wall clock moved this far between two looks: it was set, not slewed.
const STEP_NS: i64 = 5_000_000;
/// A slide that is over stays up, uncounted, when the next begins this soon: a slewed clock makes no flicker.
const LINGER_NS: i64 = 50_000_000;
/// How long each quiet face stands where some take turns, in seconds.
const TURN_S: i64 = loa_board::quiet::TURN_S as i64;

const NS_PER_MS: u64 = 1_000_000;

/// A slide to be shown.
#[derive(Debug)]
pub struct Show {
    /// Its number.
    pub voice: Voice,
    /// When it begins, by the wall clock; at once if that is past.
    pub at: UtcMs,
    /// How much of it is over before it begins, in milliseconds.
    pub offset_ms: u32,
    /// How long the whole slide is, in milliseconds.
    pub length_ms: u32,
    /// What it looks like; a piece of a drill in the room that the strip leaves.
    pub laid: Laid,
    /// What it is in its programme.
    pub part: Part,
}

#[derive(Debug)]
struct Shown {
    show: Show,
    began_mono_ns: u64,
    /// For how long it was really seen, up to `counted_mono_ns`.
    seen_ns: u64,
    counted_mono_ns: u64,
}

impl Shown {
    fn ends_mono_ns(&self) -> u64 {
        let left_ms = u64::from(self.show.length_ms.saturating_sub(self.show.offset_ms));
        self.began_mono_ns + left_ms * NS_PER_MS
    }

    fn is_over(&self, now: Reading) -> bool {
        self.ends_mono_ns() <= now.mono_raw_ns
    }

    fn count(&mut self, until_mono_ns: u64, lit: bool) {
        let until = until_mono_ns.min(self.ends_mono_ns());
        if lit {
            self.seen_ns += until.saturating_sub(self.counted_mono_ns);
        }
        self.counted_mono_ns = self.counted_mono_ns.max(until);
    }

    fn position_ms(&self, mono_ns: u64) -> u64 {
        u64::from(self.show.offset_ms) + mono_ns.saturating_sub(self.began_mono_ns) / NS_PER_MS
    }

    fn when(&self, now: Reading, quiet: &Quiet) -> When {
        let utc = UtcMs(now.utc_ns.div_euclid(NS_PER_MS as i64));
        When {
            position_ms: self.position_ms(now.mono_raw_ns),
            length_ms: u64::from(self.show.length_ms),
            utc,
            offset_s: quiet.offsets.as_ref().map(|offsets| offsets.offset_at(utc)),
        }
    }

    /// How long until the next face of this slide, or its end, in nanoseconds.
    fn changes_in_ns(&self, now: Reading, quiet: &Quiet) -> u64 {
        let end_ns = self.ends_mono_ns().saturating_sub(now.mono_raw_ns);
        // A part of a millisecond is over already.
        let over_ns = now.mono_raw_ns.saturating_sub(self.began_mono_ns) % NS_PER_MS;
        let next_ms = self.show.laid.next_ms(self.when(now, quiet));
        end_ns.min(next_ms.map_or(u64::MAX, |next_ms| (next_ms * NS_PER_MS).saturating_sub(over_ns)))
    }

    fn over(&self) -> Heard {
        let heard_ms = (self.seen_ns + NS_PER_MS / 2) / NS_PER_MS;
        Heard::Over { voice: self.show.voice, heard_ms: u32::try_from(heard_ms).unwrap_or(u32::MAX) }
    }
}

/// What is to be seen. Equal subjects look the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A moment of a slide.
    Slide {
        /// Which.
        voice: Voice,
        /// Which of its faces.
        moment: Moment,
    },
    /// Nothing is due.
    Quiet {
        /// The time of day, as shown.
        time: String,
        /// What is said beside it.
        lines: Arc<[String]>,
        /// Whose turn it is.
        turn: u64,
    },
}

/// All slides that are shown or wait.
#[derive(Debug)]
pub struct Shows {
    class: BoardClass,
    quiet: Quiet,
    /// Those of `quiet`, and how many turns they take.
    lines: Arc<[String]>,
    turns: u64,
    waiting: Vec<Show>,
    shown: Option<Shown>,
    clock_offset_ns: Option<i64>,
    /// An output took the last face.
    lit: bool,
}

impl Shows {
    /// A board with nothing to show.
    #[must_use]
    pub fn new(class: BoardClass) -> Self {
        let (quiet, lines) = (Quiet::default(), Arc::default());
        Self { class, quiet, lines, turns: 1, waiting: Vec::new(), shown: None, clock_offset_ns: None, lit: true }
    }

    /// What is to be said while nothing is due.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        self.lines = quiet.lines.as_slice().into();
        self.turns = count_turns(&self.lines, &self.class).max(1);
        self.quiet = quiet;
    }

    /// A slide waits for its time.
    pub fn begin(&mut self, show: Show) {
        let after = self.waiting.partition_point(|other| other.at <= show.at);
        self.waiting.insert(after, show);
    }

    /// A slide is taken down, or never shown.
    pub fn end(&mut self, voice: Voice, now: Reading, out: &mut impl FnMut(Heard)) {
        if self.waiting.iter().any(|show| show.voice == voice) {
            self.waiting.retain(|show| show.voice != voice);
            out(Heard::Over { voice, heard_ms: 0 });
        }
        if let Some(mut shown) = self.shown.take_if(|shown| shown.show.voice == voice) {
            shown.count(now.mono_raw_ns, self.lit);
            out(shown.over());
        }
    }

    /// Time has come this far: what is over is taken down, what is due begins.
    pub fn look(&mut self, now: Reading, out: &mut impl FnMut(Heard)) {
        self.follow_steps(now);
        if let Some(shown) = &mut self.shown {
            shown.count(now.mono_raw_ns, self.lit);
        }
        let follows = self.waiting.first().is_some_and(|show| utc_ns(show.at) - now.utc_ns <= LINGER_NS);
        let ended = self.shown.take_if(|shown| shown.is_over(now) && !follows);
        if let Some(ended) = ended {
            out(ended.over());
        }
        let due = self.waiting.partition_point(|show| utc_ns(show.at) <= now.utc_ns);
        let mut due: Vec<Show> = self.waiting.drain(..due).collect();
        let Some(newest) = due.pop() else { return };
        for passed in due {
            // The look came so late that the next one is due already.
            out(Heard::Over { voice: passed.voice, heard_ms: 0 });
        }
        if let Some(replaced) = self.shown.take() {
            out(replaced.over());
        }
        out(Heard::Began { voice: newest.voice, at: UtcMs(now.utc_ns.div_euclid(NS_PER_MS as i64)) });
        let mono_ns = now.mono_raw_ns;
        self.shown = Some(Shown { show: newest, began_mono_ns: mono_ns, seen_ns: 0, counted_mono_ns: mono_ns });
    }

    /// Whether an output took the face that is due since the look at `now`.
    pub fn lit(&mut self, lit: bool, now: Reading) {
        if let Some(shown) = &mut self.shown {
            shown.count(now.mono_raw_ns, self.lit);
        }
        self.lit = lit;
    }

    /// What is to be seen.
    #[must_use]
    pub fn subject(&self, now: Reading) -> Subject {
        match &self.shown {
            Some(shown) => {
                Subject::Slide { voice: shown.show.voice, moment: shown.show.laid.moment(shown.when(now, &self.quiet)) }
            }
            None => {
                let utc = UtcMs(now.utc_ns.div_euclid(NS_PER_MS as i64));
                let turn = utc.seconds().div_euclid(TURN_S).rem_euclid(i64::try_from(self.turns).unwrap_or(1)) as u64;
                Subject::Quiet { time: self.quiet.time_text(utc), lines: Arc::clone(&self.lines), turn }
            }
        }
    }

    /// The second of the day at the place; noon while it is not known, when boards are bright.
    #[must_use]
    pub fn second_of_day(&self, now: Reading) -> u32 {
        let utc = UtcMs(now.utc_ns.div_euclid(NS_PER_MS as i64));
        self.quiet.offsets.as_ref().map_or(12 * 3_600, |offsets| offsets.to_local(utc).second_of_day())
    }

    /// Pixels across and down that the strip leaves, while a piece of a drill is up.
    #[must_use]
    pub fn drill_room_px(&self) -> Option<(u32, u32)> {
        let _drill = self.shown.as_ref().filter(|shown| shown.show.part == Part::OfDrill)?;
        let room = drill_room(&self.class);
        Some(room.map_or((0, 0), |room| (u32::from(room.width_px), u32::from(room.height_px))))
    }

    /// Draws it over what is up.
    pub fn draw(&self, subject: &Subject, face: &mut Face) {
        match (subject, &self.shown) {
            (Subject::Slide { .. }, Some(shown)) if shown.show.part == Part::Notice => {
                let Ok(()) = draw_drill_notice(&self.class, face);
            }
            (Subject::Slide { moment, .. }, Some(shown)) => {
                shown.show.laid.draw(*moment, face);
                if shown.show.part == Part::OfDrill {
                    let Ok(()) = draw_drill_strip(&self.class, face);
                }
            }
            (Subject::Quiet { time, lines, turn }, _) => {
                let Ok(()) = draw_quiet(time, lines, *turn, &self.class, face);
            }
            (Subject::Slide { .. }, None) => face.clear(),
        }
    }

    /// How long until the next look at the latest, in nanoseconds.
    #[must_use]
    pub fn next_ns(&self, now: Reading) -> u64 {
        let idle_ms = if self.waiting.is_empty() { IDLE_MS } else { TICK_MS };
        let begins = self.waiting.first().map(|show| utc_ns(show.at).saturating_sub(now.utc_ns).max(0) as u64);
        let changing = self.shown.as_ref().filter(|shown| !shown.is_over(now));
        let changes = changing.map(|shown| shown.changes_in_ns(now, &self.quiet));
        let second = 1_000 * NS_PER_MS - now.utc_ns.rem_euclid(1_000 * NS_PER_MS as i64) as u64;
        let least = begins.into_iter().chain(changes).min();
        (idle_ms * NS_PER_MS).min(second).min(least.unwrap_or(u64::MAX))
    }

    fn follow_steps(&mut self, now: Reading) {
        let before_ns = self.clock_offset_ns.replace(now.offset_ns());
        let step_ns = before_ns.map_or(0, |before_ns| now.offset_ns().saturating_sub(before_ns));
        if step_ns.abs() > STEP_NS && self.shown.is_some() {
            for show in &mut self.waiting {
                show.at = show.at.plus_ms(div_round(step_ns, NS_PER_MS as i64));
            }
        }
    }
}

fn div_round(value: i64, by: i64) -> i64 {
    (value + by / 2).div_euclid(by)
}

fn utc_ns(at: UtcMs) -> i64 {
    at.0.saturating_mul(NS_PER_MS as i64)
}

#[cfg(test)]
mod tests;
