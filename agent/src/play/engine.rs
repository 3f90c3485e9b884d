//! One block of sound: takes orders, asks the timeline what time it is, mixes, follows the card.
//!
//! It runs on the card's own thread, so nothing here waits, decodes or (but for a queue that outgrew
//! its room) allocates. It outlives the card: while there is none, [`Engine::silence`] lets time pass.
//! Opening, watching and healing a card is decided in [`super::sink`].

use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

use loa_host::clock::{Reading, UtcNs};

use super::drift::Follower;
use super::mix::{BLOCK_FRAMES_MAX, Mixer, Note, Source, Start};
use super::ns_to_frames;
use super::timeline::{Move, Timeline};

/// An order to the engine.
pub enum Command {
    /// Let a voice sound.
    Play {
        /// The caller's number for it.
        voice: u64,
        /// Its frames.
        source: Box<dyn Source>,
        /// When.
        start: Start,
        /// Factor on the samples.
        gain: f32,
    },
    /// Fade a voice out.
    Stop {
        /// Which.
        voice: u64,
        /// Over how long.
        fade_ms: u32,
    },
}

/// What the engine has to say.
pub enum Word {
    /// News of a voice.
    Note(Note),
    /// A source to be dropped off the card's thread.
    Retired(Box<dyn Source>),
    /// Nothing: somebody wants the listener to look around.
    Wake,
}

/// Mixer, timeline and follower behind one door.
pub struct Engine {
    orders: Receiver<Command>,
    words: SyncSender<Word>,
    mixer: Mixer,
    timeline: Timeline,
    follower: Follower,
    scratch: Vec<f32>,
    /// Frames of silence still to go before the next mixed frame is due.
    hold_frames: u64,
    /// Every frame before this one was heard.
    heard_frames: u64,
    fresh: bool,
}

impl Engine {
    /// An engine that takes `orders` and tells `words`; a full `words` makes it keep its news a while.
    pub fn new(orders: Receiver<Command>, words: SyncSender<Word>) -> Engine {
        Engine {
            orders,
            words,
            mixer: Mixer::default(),
            timeline: Timeline::default(),
            follower: Follower::new(BLOCK_FRAMES_MAX),
            scratch: vec![0.0; BLOCK_FRAMES_MAX * 2],
            hold_frames: 0,
            heard_frames: 0,
            fresh: true,
        }
    }

    /// The stream was started anew (opened, or recovered from an underrun): the next block's time says
    /// how long nothing was heard.
    pub fn restarted(&mut self) {
        self.fresh = true;
    }

    /// The stream died. What it had not yet played is not counted as heard.
    pub fn lost(&mut self) {
        self.mixer.unheard_from(self.heard_frames);
        self.hold_frames = 0;
        self.fresh = true;
    }

    /// Fills `out` (at most [`BLOCK_FRAMES_MAX`] frames are steered as one block), whose first frame
    /// will be heard at `heard_mono_ns`; `now` is when that was found out.
    pub fn render(&mut self, heard_mono_ns: u64, now: Reading, out: &mut [f32]) {
        let mut heard_mono_ns = heard_mono_ns;
        for block in out.chunks_mut(BLOCK_FRAMES_MAX) {
            self.block(heard_mono_ns, now, block);
            heard_mono_ns += super::frames_to_ns(block.len() as i64) as u64;
        }
        let ahead = ns_to_frames(heard_mono_ns as i64 - now.mono_raw_ns as i64).max(0) as u64;
        let heard = self.mixer.next_frame().saturating_sub(ahead);
        self.heard_frames = self.heard_frames.max(heard);
        self.tell();
    }

    /// There is no card: time passes all the same.
    pub fn silence(&mut self, now: Reading) {
        self.obey();
        let next = self.mixer.next_frame();
        let frames = self.timeline.silent(next, now.mono_raw_ns, now.offset_ns());
        if frames > 0 {
            self.mixer.pass(self.utc_of(next), frames);
        }
        self.heard_frames = self.mixer.next_frame();
        self.tell();
    }

    /// There will be no more sound: ends every voice and says how much of it was heard.
    pub fn end(&mut self) {
        self.lost();
        self.obey();
        self.mixer.stop_all();
        self.heard_frames = self.mixer.next_frame();
        self.tell();
    }

    /// True when no voice waits or sounds.
    pub fn is_idle(&self) -> bool {
        self.mixer.is_idle()
    }

    /// The card's rate against the wall clock, in parts per million, as learnt so far (positive: slow).
    pub fn learnt_ppm(&self) -> f64 {
        self.follower.learnt_ppm()
    }

    fn block(&mut self, heard_mono_ns: u64, now: Reading, out: &mut [f32]) {
        self.obey();
        if self.hold_frames == 0 {
            let fresh = std::mem::take(&mut self.fresh);
            let (next, idle) = (self.mixer.next_frame(), self.mixer.is_idle());
            match self.timeline.block(next, heard_mono_ns, now.offset_ns(), fresh, idle) {
                Move::Go => {}
                Move::Pass { frames } => self.mixer.pass(self.utc_of(next), frames),
                Move::Hold { frames } => self.hold_frames = frames,
            }
        }
        let need = self.follower.steer(self.timeline.error_frames(), out.len());
        let held = self.hold_frames.min(need as u64) as usize;
        self.hold_frames -= held as u64;
        let first_utc_ns = self.utc_of(self.mixer.next_frame());
        // Steering is limited to 2 in 1,000, so twice a block is always enough.
        let mixed = &mut self.scratch[..need];
        mixed[..held].fill(0.0);
        self.mixer.mix(first_utc_ns, &mut mixed[held..]);
        self.follower.fill(&self.scratch[..need], out);
        self.timeline.took(out.len());
    }

    fn obey(&mut self) {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Command::Play { voice, source, start, gain } => self.mixer.play(voice, source, start, gain),
                Command::Stop { voice, fade_ms } => self.mixer.stop(voice, fade_ms),
            }
        }
    }

    fn tell(&mut self) {
        let words = &self.words;
        self.mixer.release(self.heard_frames, |note| words.try_send(Word::Note(note)).is_ok());
        while let Some(source) = self.mixer.take_retired() {
            if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = words.try_send(Word::Retired(source)) {
                // Dropped right here: freeing memory now and then is better than keeping it.
                break;
            }
        }
    }

    fn utc_of(&self, frame: u64) -> UtcNs {
        // Only called once a block or a silence has set the dial.
        self.timeline.utc_of(frame).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
