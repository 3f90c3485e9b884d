//! One voice: where its frames come from, and what it owes and has given.
//!
//! It knows nothing of time or of other voices; when it begins and ends is decided in [`super`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use loa_host::clock::UtcNs;

/// Where the frames of a voice come from: mono, 48 kHz, full scale ±1.
pub trait Source: Send {
    /// Fills the front of `out` with what is ready and says how many frames that was. Never blocks;
    /// a short read means "over" if [`Source::is_end`], else "not decoded yet".
    fn read(&mut self, out: &mut [f32]) -> usize;
    /// True when every frame has been read.
    fn is_end(&self) -> bool;
}

/// When a voice begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At this instant; at once if it is past.
    At(UtcNs),
    /// On the frame after this voice ends; at once if there is no such voice.
    After(u64),
}

/// A fade-out under way.
pub struct Fade {
    /// Frames still to be heard.
    pub left: u32,
    /// Frames of the whole fade.
    pub total: u32,
}

/// A voice: its source, and its account.
pub struct Voice {
    /// The caller's number for it.
    pub id: u64,
    /// Its frames.
    pub source: Box<dyn Source>,
    /// Factor on the samples.
    pub gain: f32,
    /// When it begins.
    pub start: Start,
    /// It has begun.
    pub sounding: bool,
    /// Its start has been noted.
    pub announced: bool,
    /// Source frames to throw away before the next one is heard.
    pub debt: u64,
    /// Frames mixed.
    pub played: u64,
    /// Frame number since which it has sounded without a break.
    pub run_from: u64,
    /// Frames of silence since its source last had something.
    pub starved: u64,
    /// Its end, if it is being stopped.
    pub fade: Option<Fade>,
    /// It only waits to be cleared away.
    pub over: bool,
}

/// What is left of a voice whose source panicked.
struct Nothing;

impl Source for Nothing {
    fn read(&mut self, _out: &mut [f32]) -> usize {
        0
    }

    fn is_end(&self) -> bool {
        true
    }
}

impl Voice {
    /// A voice that waits.
    pub fn new(id: u64, source: Box<dyn Source>, start: Start, gain: f32) -> Voice {
        Voice {
            id,
            source,
            gain,
            start,
            sounding: false,
            announced: false,
            debt: 0,
            played: 0,
            run_from: 0,
            starved: 0,
            fade: None,
            over: false,
        }
    }

    /// Throws away what the voice owes; true when that used its source up.
    pub fn pay(&mut self, scratch: &mut [f32], retired: &mut Vec<Box<dyn Source>>) -> bool {
        while self.debt > 0 {
            let piece = self.debt.min(scratch.len() as u64) as usize;
            let got = self.read(&mut scratch[..piece], retired);
            if got == 0 {
                return self.is_end();
            }
            self.debt -= got as u64;
        }
        false
    }

    /// Reads from the source. One that panics is over, and takes no other voice with it.
    pub fn read(&mut self, out: &mut [f32], retired: &mut Vec<Box<dyn Source>>) -> usize {
        let source = &mut self.source;
        match catch_unwind(AssertUnwindSafe(|| source.read(out))) {
            Ok(got) => got.min(out.len()),
            Err(_) => {
                // A box of nothing is no allocation.
                retired.push(std::mem::replace(source, Box::new(Nothing)));
                0
            }
        }
    }

    /// True when the source has given everything.
    pub fn is_end(&self) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.source.is_end())).unwrap_or(true)
    }

    /// Adds `samples` of the voice to `out`, as loud as it is at this point of its fade.
    pub fn add(&mut self, out: &mut [f32], samples: &[f32]) {
        let gain = self.gain;
        let Some(fade) = &mut self.fade else {
            for (sum, sample) in out.iter_mut().zip(samples) {
                *sum += sample * gain;
            }
            return;
        };
        for (sum, sample) in out.iter_mut().zip(samples) {
            *sum += sample * gain * (fade.left as f32 / fade.total as f32);
            fade.left = fade.left.saturating_sub(1);
        }
    }
}
