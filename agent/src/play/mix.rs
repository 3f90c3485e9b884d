//! Decides which frames of which voice sound in a block whose first frame is heard at a given time.
//!
//! No clock, no card, no thread: the time is handed in, and so is the news of what was really heard.
//! It does not decide what a frame's time *is*; that is [`super::timeline`]. Both sinks use it through
//! [`super::engine`].
//!
//! A voice waits, sounds frame after frame, and is over. Its position follows frames, never the wall
//! clock, so a clock step cannot tear it. When time passes without sound (the card is gone, the decoder
//! is late) a sounding voice runs up a *debt*: frames to throw away, so that it goes on where it would
//! have been. Notes (started, ended …) carry the number of the frame they belong to, and are let out
//! only when that frame has been heard: frames lost inside a dead card were never played.

mod voice;

use std::collections::VecDeque;

use loa_host::clock::UtcNs;

use self::voice::{Fade, Voice};
pub use self::voice::{Source, Start};
use super::{RATE, frames_to_ns, ns_to_frames};

/// Voices that may wait or sound at once: an item, its follower, a cut-in and its follower, with room.
pub const VOICES_MAX: usize = 16;
/// The most frames mixed in one call; longer stretches are done in pieces.
pub const BLOCK_FRAMES_MAX: usize = 8_192;
/// A voice due this soon after another ends (0.5 ms) begins on its very next frame. It hides the rounding
/// of "start plus length" in nanoseconds, which would otherwise be a click of one silent frame.
const JOIN_FRAMES: i64 = 24;
/// Notes waiting to be heard before the queue has to grow.
const NOTES_CAPACITY: usize = 64;

/// What became of a voice. Times are those at which it was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are what their names say
pub enum Note {
    /// The first frame was heard. `error_ns`: later than asked for (0 for a follower).
    Started { voice: u64, at_utc_ns: UtcNs, error_ns: i64 },
    /// It played to its end. `heard_ms` counts only what came out.
    Ended { voice: u64, heard_ms: u64, at_utc_ns: UtcNs },
    /// It was stopped, or refused because [`VOICES_MAX`] were there.
    Stopped { voice: u64, heard_ms: u64 },
    /// Its source had nothing ready for this long; the time was silence.
    Starved { voice: u64, ms: u64 },
}

/// One stretch of time to be mixed.
#[derive(Clone, Copy, Default)]
struct Span {
    first_frame: u64,
    first_utc_ns: UtcNs,
    frames: usize,
}

/// An entry of the note queue: let out once frame `due` has been heard.
struct Pending {
    due: u64,
    note: Note,
    /// For `Ended` and `Stopped`: frames mixed, and the run they end with.
    played: u64,
    run_from: u64,
}

/// The mixing desk: voices in, one mono block out.
pub struct Mixer {
    voices: Vec<Voice>,
    notes: VecDeque<Pending>,
    span: Span,
    /// Ends inside the current span: voice, and frame within the span (negative: before it).
    ends: Vec<(u64, i64)>,
    last_end_frame: Option<u64>,
    /// Sources of voices that are over, to be dropped off the card's thread.
    retired: Vec<Box<dyn Source>>,
    scratch: Vec<f32>,
    next_frame: u64,
}

impl Default for Mixer {
    fn default() -> Self {
        Mixer {
            voices: Vec::with_capacity(VOICES_MAX),
            notes: VecDeque::with_capacity(NOTES_CAPACITY),
            span: Span::default(),
            ends: Vec::with_capacity(2 * VOICES_MAX),
            last_end_frame: None,
            retired: Vec::with_capacity(2 * VOICES_MAX),
            scratch: vec![0.0; BLOCK_FRAMES_MAX],
            next_frame: 0,
        }
    }
}

impl Mixer {
    /// Adds a voice. `gain` is a factor on the samples.
    pub fn play(&mut self, id: u64, source: Box<dyn Source>, start: Start, gain: f32) {
        if self.voices.len() == VOICES_MAX {
            self.retired.push(source);
            self.note(self.next_frame, Note::Stopped { voice: id, heard_ms: 0 });
            return;
        }
        self.voices.push(Voice::new(id, source, start, gain));
    }

    /// Fades a voice out over `fade_ms` from the next block on; one that still waits is dropped at
    /// once. Its followers begin when it is over: stop them first if they shall not.
    pub fn stop(&mut self, id: u64, fade_ms: u32) {
        let total = (u64::from(fade_ms) * u64::from(RATE) / 1_000).min(u64::from(u32::MAX)) as u32;
        for index in 0..self.voices.len() {
            let voice = &mut self.voices[index];
            if voice.id != id || voice.fade.is_some() {
                continue;
            }
            if voice.sounding && total > 0 {
                voice.fade = Some(Fade { left: total, total });
            } else {
                self.finish(index, self.span.frames as i64, true);
            }
        }
        self.clear_over();
    }

    /// Ends every voice where it is.
    pub fn stop_all(&mut self) {
        for index in 0..self.voices.len() {
            self.finish(index, self.span.frames as i64, true);
        }
        self.clear_over();
    }

    /// True when no voice waits or sounds.
    pub fn is_idle(&self) -> bool {
        self.voices.is_empty()
    }

    /// True when a voice sounds.
    pub fn is_sounding(&self) -> bool {
        self.voices.iter().any(|voice| voice.sounding)
    }

    /// Number of the next frame to be mixed. Frame numbers only grow.
    pub fn next_frame(&self) -> u64 {
        self.next_frame
    }

    /// Mixes the frames heard from `first_utc_ns` on into `out`, silence included.
    pub fn mix(&mut self, first_utc_ns: UtcNs, out: &mut [f32]) {
        let mut done = 0;
        while done < out.len() {
            let frames = (out.len() - done).min(BLOCK_FRAMES_MAX);
            self.begin_span(first_utc_ns + frames_to_ns(done as i64), frames);
            let block = &mut out[done..done + frames];
            block.fill(0.0);
            self.run(Some(block));
            guard(&mut out[done..done + frames]);
            done += frames;
        }
    }

    /// Lets `frames` frames of time pass without sound.
    pub fn pass(&mut self, first_utc_ns: UtcNs, frames: u64) {
        let mut done = 0;
        while done < frames {
            // A day without a card must not take a day's worth of blocks when nobody waits for it.
            let piece =
                if self.voices.is_empty() { frames - done } else { (frames - done).min(BLOCK_FRAMES_MAX as u64) };
            self.begin_span(first_utc_ns + frames_to_ns(done as i64), piece as usize);
            self.run(None);
            done += piece;
        }
    }

    /// Nothing from frame `heard_until` on was heard: takes it out of the accounts.
    pub fn unheard_from(&mut self, heard_until: u64) {
        let next = self.next_frame;
        for voice in self.voices.iter_mut().filter(|voice| voice.sounding) {
            let lost = next - heard_until.max(voice.run_from).min(next);
            voice.played -= lost.min(voice.played);
            voice.run_from = next;
        }
        for pending in self.notes.iter_mut().filter(|p| p.due > heard_until) {
            match &mut pending.note {
                Note::Started { voice: id, .. } => {
                    // It will be announced when it is heard after all.
                    for voice in self.voices.iter_mut().filter(|voice| voice.id == *id) {
                        voice.announced = false;
                    }
                }
                Note::Ended { heard_ms, .. } | Note::Stopped { heard_ms, .. } => {
                    let lost = pending.due - heard_until.max(pending.run_from).min(pending.due);
                    pending.played -= lost.min(pending.played);
                    *heard_ms = to_ms(pending.played);
                }
                Note::Starved { .. } => {}
            }
        }
        self.notes.retain(|p| p.due <= heard_until || !matches!(p.note, Note::Started { .. }));
        for pending in &mut self.notes {
            pending.due = pending.due.min(heard_until);
        }
    }

    /// Lets out the notes of what was heard before frame `heard_until`, as long as `take` accepts them.
    pub fn release(&mut self, heard_until: u64, mut take: impl FnMut(Note) -> bool) {
        while let Some(first) = self.notes.front() {
            if first.due > heard_until || !take(first.note) {
                return;
            }
            self.notes.pop_front();
        }
    }

    /// A source no longer needed, to be dropped where freeing memory does no harm.
    pub fn take_retired(&mut self) -> Option<Box<dyn Source>> {
        self.retired.pop()
    }

    fn begin_span(&mut self, first_utc_ns: UtcNs, frames: usize) {
        self.span = Span { first_frame: self.next_frame, first_utc_ns, frames };
        self.next_frame += frames as u64;
        self.ends.clear();
    }

    /// Runs the current span: `out` is `None` while there is no sound to be had.
    fn run(&mut self, mut out: Option<&mut [f32]>) {
        for index in 0..self.voices.len() {
            if self.voices[index].sounding {
                self.go_on(index, 0, out.as_deref_mut());
            }
        }
        // A voice that ends may let a follower in, which may itself be short: go on until nothing moves.
        loop {
            let begin = (0..self.voices.len())
                .filter(|&index| !self.voices[index].sounding)
                .find_map(|index| Some((index, self.begin_of(&self.voices[index])?)));
            let Some((index, at)) = begin else { break };
            self.voices[index].sounding = true;
            self.voices[index].debt = at.min(0).unsigned_abs();
            self.go_on(index, at.max(0) as usize, out.as_deref_mut());
        }
        self.clear_over();
    }

    /// The frame of the span at which a waiting voice begins, if it does; negative: before the span.
    fn begin_of(&self, voice: &Voice) -> Option<i64> {
        let begin = match voice.start {
            Start::At(start) => {
                let due = ns_to_frames(start.saturating_sub(self.span.first_utc_ns)).max(0);
                let end = self.last_end_frame.map_or(i64::MAX, |end| end as i64 - self.span.first_frame as i64);
                if (0..=JOIN_FRAMES).contains(&due.saturating_sub(end)) { end.max(0) } else { due }
            }
            Start::After(id) => match self.ends.iter().find(|(ended, _)| *ended == id) {
                Some((_, at)) => *at,
                None if self.voices.iter().any(|v| v.id == id) => return None,
                None => 0,
            },
        };
        (begin < self.span.frames as i64).then_some(begin)
    }

    /// Lets one voice sound from frame `at` of the span to the span's end, or its own.
    fn go_on(&mut self, index: usize, at: usize, out: Option<&mut [f32]>) {
        let rest = self.span.frames - at;
        let voice = &mut self.voices[index];
        if out.is_none() {
            voice.debt += rest as u64;
        }
        if voice.pay(&mut self.scratch, &mut self.retired) {
            let owed = voice.debt as i64;
            let now = if out.is_none() { self.span.frames } else { at };
            return self.finish(index, now as i64 - owed, false);
        }
        let Some(out) = out else {
            voice.run_from = self.next_frame;
            if voice.fade.is_some() {
                self.finish(index, at as i64, true);
            }
            return;
        };
        let wanted = voice.fade.as_ref().map_or(rest, |fade| rest.min(fade.left as usize));
        let mut filled = 0;
        while filled < wanted && voice.debt == 0 {
            let got = voice.read(&mut self.scratch[filled..wanted], &mut self.retired);
            if got == 0 {
                break;
            }
            filled += got;
        }
        voice.add(&mut out[at..at + filled], &self.scratch[..filled]);
        let is_end = voice.debt == 0 && voice.is_end();
        self.count(index, at, filled);
        let voice = &mut self.voices[index];
        if filled < wanted && !is_end {
            let missing = (rest - filled) as u64;
            voice.debt += missing;
            voice.starved += missing;
            voice.run_from = self.next_frame;
            if let Some(fade) = &mut voice.fade {
                fade.left -= ((wanted - filled) as u32).min(fade.left);
            }
        }
        let faded = voice.fade.as_ref().is_some_and(|fade| fade.left == 0);
        if is_end || faded {
            self.finish(index, (at + filled) as i64, faded);
        }
    }

    /// Takes `filled` frames of a voice, mixed from frame `at` of the span on, into its account.
    fn count(&mut self, index: usize, at: usize, filled: usize) {
        if filled == 0 {
            return;
        }
        let frame = self.span.first_frame + at as u64;
        let at_utc_ns = self.span.first_utc_ns + frames_to_ns(at as i64);
        let voice = &mut self.voices[index];
        voice.run_from = if voice.played == 0 { frame } else { voice.run_from };
        voice.played += filled as u64;
        let id = voice.id;
        let starved = std::mem::take(&mut voice.starved);
        let announced = std::mem::replace(&mut voice.announced, true);
        let error_ns = match voice.start {
            Start::At(start) => at_utc_ns - start,
            Start::After(_) => 0,
        };
        if starved > 0 {
            self.note(frame, Note::Starved { voice: id, ms: to_ms(starved) });
        }
        if !announced {
            // Due one frame later: what is heard *until* a frame does not include that frame.
            self.note(frame + 1, Note::Started { voice: id, at_utc_ns, error_ns });
        }
    }

    /// The voice is over at frame `at` of the current span.
    fn finish(&mut self, index: usize, at: i64, stopped: bool) {
        let frame = self.span.first_frame.saturating_add_signed(at);
        let at_utc_ns = self.span.first_utc_ns + frames_to_ns(at);
        let voice = &mut self.voices[index];
        if voice.over {
            return;
        }
        voice.over = true;
        let (id, played, run_from) = (voice.id, voice.played, voice.run_from);
        let starved = std::mem::take(&mut voice.starved);
        self.ends.push((id, at));
        self.last_end_frame = Some(frame);
        if starved > 0 {
            self.note(frame, Note::Starved { voice: id, ms: to_ms(starved) });
        }
        let heard_ms = to_ms(played);
        let note = if stopped {
            Note::Stopped { voice: id, heard_ms }
        } else {
            Note::Ended { voice: id, heard_ms, at_utc_ns }
        };
        self.note(frame, note);
        if let Some(pending) = self.notes.back_mut() {
            (pending.played, pending.run_from) = (played, run_from);
        }
    }

    fn note(&mut self, due: u64, note: Note) {
        self.notes.push_back(Pending { due, note, played: 0, run_from: 0 });
    }

    fn clear_over(&mut self) {
        let mut index = 0;
        while index < self.voices.len() {
            if self.voices[index].over {
                let voice = self.voices.remove(index);
                self.retired.push(voice.source);
            } else {
                index += 1;
            }
        }
    }
}

/// The sum of several voices may pass full scale, and a broken file may hold anything.
fn guard(block: &mut [f32]) {
    for sample in block {
        *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
    }
}

fn to_ms(frames: u64) -> u64 {
    frames * 1_000 / u64::from(RATE)
}

#[cfg(test)]
mod tests;
