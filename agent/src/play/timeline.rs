//! Decides at which wall-clock time the next frame is heard, and when that has to change.
//!
//! The sound card counts its own time. Each block comes with two measured facts: when its first frame
//! will be heard by the raw monotonic clock, and how far the wall clock is from that clock. From these
//! three different things are told apart: *drift* (small, handed on as an error for [`super::drift`] to
//! steer out), a *gap* (the card lost time: the voices must skip) and a *step* (the wall clock was set:
//! nothing that sounds may be torn, only the dial is moved). No clock is read here.

use loa_host::clock::UtcNs;

use super::{RATE, frames_to_ns, ns_to_frames};

/// Errors looked at together. A median of 15 shrugs off a card that reports its delay in 10 ms grains.
const WINDOW: usize = 15;
/// The wall clock moved this far between two blocks: it was set, not slewed (slewing is 0.04 ms a block).
const STEP_NS: i64 = 5_000_000;
/// The median error may not pass this: it is beyond what steering should hide.
const ERROR_MAX_NS: i64 = 20_000_000;
/// While nothing sounds the dial is simply set right when it is off by more than this.
const IDLE_ERROR_MAX_NS: i64 = 500_000;
/// Timestamps looked at to find a stream's origin: about 10 s of blocks, in two halves.
const ORIGIN_HALF: u32 = 128;

/// What to do before the coming block is mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Mix it.
    Go,
    /// This many frames of time passed unheard: let the voices skip them, then mix.
    Pass {
        /// Frames of 1/48000 s.
        frames: u64,
    },
    /// It would be heard before its time: this many frames of silence first.
    Hold {
        /// Frames of 1/48000 s.
        frames: u64,
    },
}

/// Maps frame numbers to wall-clock time.
#[derive(Default)]
pub struct Timeline {
    /// A frame, and when it is heard.
    anchor: Option<(u64, UtcNs)>,
    offset_ns: i64,
    /// Frames the card took since the stream started.
    card_frames: u64,
    window: Window,
}

/// The last few blocks: error, and heard time minus card frames (constant on a card that loses none).
#[derive(Default)]
struct Window {
    errors_ns: [i64; WINDOW],
    card_ns: [i64; WINDOW],
    filled: usize,
    at: usize,
}

impl Timeline {
    /// When `frame` is heard; `None` before the first block.
    pub fn utc_of(&self, frame: u64) -> Option<UtcNs> {
        let (anchor_frame, anchor_ns) = self.anchor?;
        let distance = frame as i64 - anchor_frame as i64;
        Some(anchor_ns + frames_to_ns(distance))
    }

    /// The median error in frames: positive when the card is late. Zero until there is enough to judge.
    pub fn error_frames(&self) -> f64 {
        self.window.median().unwrap_or(0) as f64 * f64::from(RATE) / 1e9
    }

    /// A block whose first frame is number `next_frame` will be heard at `heard_mono_ns`; `offset_ns`
    /// is wall clock minus raw monotonic clock now; `fresh` is the first block of a (re)started stream.
    pub fn block(&mut self, next_frame: u64, heard_mono_ns: u64, offset_ns: i64, fresh: bool, idle: bool) -> Move {
        self.follow_steps(offset_ns);
        let heard_ns = heard_mono_ns as i64 + self.offset_ns;
        let Some(due_ns) = self.utc_of(next_frame) else {
            self.anchor = Some((next_frame, heard_ns));
            return Move::Go;
        };
        let error_ns = heard_ns - due_ns;
        if fresh {
            self.window.clear();
            self.card_frames = 0;
            return self.make_up(next_frame, error_ns, idle);
        }
        let card_ns = heard_mono_ns as i64 - frames_to_ns(self.card_frames as i64);
        self.window.push(error_ns, card_ns);
        let Some(median_ns) = self.window.median() else {
            return Move::Go;
        };
        if idle && median_ns.abs() > IDLE_ERROR_MAX_NS {
            self.window.clear();
            return self.make_up(next_frame, median_ns, true);
        }
        if median_ns.abs() <= ERROR_MAX_NS {
            return Move::Go;
        }
        // Far off. If the card itself jumped within the window it lost (or doubled) time; if it ran
        // evenly, the wall clock is being slewed faster than the steering may follow.
        let jumped_ns = self.window.card_jump_ns();
        self.window.clear();
        let by_card = jumped_ns.abs() > median_ns.abs() / 2;
        self.make_up(next_frame, median_ns, !by_card)
    }

    /// The card took `card_frames` frames.
    pub fn took(&mut self, card_frames: usize) {
        self.card_frames += card_frames as u64;
    }

    /// There is no card: returns how many frames of time have passed until `now_mono_ns`.
    pub fn silent(&mut self, next_frame: u64, now_mono_ns: u64, offset_ns: i64) -> u64 {
        self.follow_steps(offset_ns);
        let now_ns = now_mono_ns as i64 + self.offset_ns;
        let Some(due_ns) = self.utc_of(next_frame) else {
            self.anchor = Some((next_frame, now_ns));
            return 0;
        };
        ns_to_frames(now_ns - due_ns).max(0) as u64
    }

    fn follow_steps(&mut self, offset_ns: i64) {
        let step_ns = offset_ns.wrapping_sub(self.offset_ns);
        if let Some((_, anchor_ns)) = &mut self.anchor {
            if step_ns.abs() <= STEP_NS {
                // A slew is not a step: it shows up as an error, which steering takes out.
                self.offset_ns = offset_ns;
                return;
            }
            *anchor_ns += step_ns;
        }
        self.offset_ns = offset_ns;
    }

    /// Sets the dial right. `quietly`: without making the voices skip or wait.
    fn make_up(&mut self, next_frame: u64, error_ns: i64, quietly: bool) -> Move {
        let due_ns = self.utc_of(next_frame).unwrap_or_default();
        if quietly {
            self.anchor = Some((next_frame, due_ns + error_ns));
            return Move::Go;
        }
        let frames = ns_to_frames(error_ns);
        // What is left is less than a frame.
        let rest_ns = error_ns - frames_to_ns(frames);
        self.anchor = Some((next_frame, due_ns + rest_ns));
        match frames {
            0 => Move::Go,
            1.. => Move::Pass { frames: frames as u64 },
            _ => Move::Hold { frames: frames.unsigned_abs() },
        }
    }
}

impl Window {
    fn clear(&mut self) {
        (self.filled, self.at) = (0, 0);
    }

    fn push(&mut self, error_ns: i64, card_ns: i64) {
        self.errors_ns[self.at] = error_ns;
        self.card_ns[self.at] = card_ns;
        self.at = (self.at + 1) % WINDOW;
        self.filled = (self.filled + 1).min(WINDOW);
    }

    fn median(&self) -> Option<i64> {
        if self.filled < WINDOW {
            return None;
        }
        let mut sorted = self.errors_ns;
        sorted.sort_unstable();
        Some(sorted[WINDOW / 2])
    }

    /// How much card time was lost over the (full) window.
    fn card_jump_ns(&self) -> i64 {
        let newest = self.card_ns[(self.at + WINDOW - 1) % WINDOW];
        newest - self.card_ns[self.at]
    }
}

/// Finds the raw monotonic time of a stream's zero: the library tells callback times relative to the
/// stream's creation but not when that was. The thread is always woken *after* the stamp was taken,
/// never before, so the smallest difference seen is the truest. Only the last few seconds count, lest
/// a card stamped by another clock walk away from it.
#[derive(Default)]
pub struct Origin {
    this_half: Option<u64>,
    last_half: Option<u64>,
    seen: u32,
}

impl Origin {
    /// A callback stamped `stamp_ns` by the stream ran at `now_mono_ns`: the best origin so far.
    pub fn observe(&mut self, now_mono_ns: u64, stamp_ns: u64) -> u64 {
        if self.seen == ORIGIN_HALF {
            self.last_half = self.this_half.take();
            self.seen = 0;
        }
        self.seen += 1;
        let here = now_mono_ns.saturating_sub(stamp_ns);
        let this = self.this_half.map_or(here, |best| best.min(here));
        self.this_half = Some(this);
        self.last_half.map_or(this, |last| last.min(this))
    }
}

#[cfg(test)]
mod tests;
