//! Decodes ahead of the card on a thread of its own: a file in, a [`Source`] that never blocks out.
//!
//! Between the two is a ring with one writer and one reader and no lock, because the reader runs on
//! the card's thread. What is decoded how is decided in [`super::decode`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::RATE;
use super::decode::{Damage, DecodeError, Decoder};
use super::mix::Source;

/// Decoded ahead: 2 s, so that a slow card of memory may think for a while. 384 KB a voice.
const RING_FRAMES: usize = 2 * RATE as usize;
/// Decoded before [`Ahead::open`] returns, so that the first block is never late.
const PREFILL_FRAMES: u64 = RATE as u64 / 2;
/// How often the thread looks for room; the ring holds twenty times as much.
const LOOK: Duration = Duration::from_millis(100);

/// How the decoding went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Every frame has been decoded, or decoding has failed.
    pub is_over: bool,
    /// What was wrong with the file.
    pub damage: Damage,
    /// Why it stopped before the end of the file.
    pub failed: Option<DecodeError>,
}

/// Tells how the decoding of a file goes, also after its [`Ahead`] has been given away.
#[derive(Clone)]
pub struct Report(Arc<Mutex<Outcome>>);

impl Report {
    /// The outcome so far.
    pub fn outcome(&self) -> Outcome {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, change: impl FnOnce(&mut Outcome)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A file being decoded ahead of its listener.
pub struct Ahead {
    ring: Arc<Ring>,
    report: Report,
}

impl Ahead {
    /// Opens a file at `seek_ms` and decodes its first half second. Blocks for as long as that takes.
    pub fn open(path: &Path, seek_ms: u64) -> Result<Ahead, DecodeError> {
        let decoder = Decoder::open(path, seek_ms)?;
        let ring = Arc::new(Ring::new(RING_FRAMES));
        let report = Report(Arc::default());
        let mut writer = Writer { decoder, ring: ring.clone(), report: report.clone(), block: Vec::new(), done: 0 };
        let mut more = true;
        while more && ring.written() < PREFILL_FRAMES {
            more = writer.step()?;
        }
        if !more {
            writer.finish(None);
        } else {
            std::thread::Builder::new()
                .name("loa-decode".into())
                .spawn(move || writer.run())
                .map_err(|error| DecodeError::Unreadable(error.kind()))?;
        }
        Ok(Ahead { ring, report })
    }

    /// A handle on how the decoding goes.
    pub fn report(&self) -> Report {
        self.report.clone()
    }
}

impl Source for Ahead {
    fn read(&mut self, out: &mut [f32]) -> usize {
        self.ring.read(out)
    }

    fn is_end(&self) -> bool {
        self.ring.is_end()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // Not joined: this may run where nothing may wait. The thread sees it within 100 ms.
        self.ring.abandoned.store(true, Ordering::Release);
    }
}

struct Writer {
    decoder: Decoder,
    ring: Arc<Ring>,
    report: Report,
    block: Vec<f32>,
    /// Frames of `block` already in the ring.
    done: usize,
}

impl Writer {
    fn run(mut self) {
        loop {
            if self.ring.abandoned.load(Ordering::Acquire) {
                return self.finish(None);
            }
            match catch_unwind(AssertUnwindSafe(|| self.step())) {
                Ok(Ok(true)) if self.done < self.block.len() => std::thread::sleep(LOOK),
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return self.finish(None),
                Ok(Err(error)) => return self.finish(Some(error)),
                Err(_) => {
                    return self.finish(Some(DecodeError::Corrupt("the decoder broke on it")));
                }
            }
        }
    }

    /// Decodes a block if the last one found room, and puts what fits into the ring; `false` at the end.
    fn step(&mut self) -> Result<bool, DecodeError> {
        if self.done == self.block.len() {
            self.block.clear();
            self.done = 0;
            if !self.decoder.next(&mut self.block)? {
                return Ok(false);
            }
        }
        self.done += self.ring.write(&self.block[self.done..]);
        Ok(true)
    }

    fn finish(&mut self, failed: Option<DecodeError>) {
        let damage = self.decoder.damage();
        self.report.set(|outcome| *outcome = Outcome { is_over: true, damage, failed });
        // Only now: who sees the end must find the outcome.
        self.ring.complete.store(true, Ordering::Release);
    }
}

/// One writer, one reader. Samples travel as bits, since there is no atomic float.
struct Ring {
    samples: Vec<AtomicU32>,
    written: AtomicU64,
    read: AtomicU64,
    complete: AtomicBool,
    abandoned: AtomicBool,
}

impl Ring {
    fn new(frames: usize) -> Ring {
        Ring {
            samples: (0..frames).map(|_| AtomicU32::new(0)).collect(),
            written: AtomicU64::new(0),
            read: AtomicU64::new(0),
            complete: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
        }
    }

    fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Takes as much of `frames` as there is room for.
    fn write(&self, frames: &[f32]) -> usize {
        let written = self.written.load(Ordering::Relaxed);
        let used = written - self.read.load(Ordering::Acquire);
        let fits = frames.len().min(self.samples.len() - used as usize);
        for (frame, at) in frames[..fits].iter().zip(written..) {
            self.slot(at).store(frame.to_bits(), Ordering::Relaxed);
        }
        // Publishes the samples stored above.
        self.written.store(written + fits as u64, Ordering::Release);
        fits
    }

    fn read(&self, out: &mut [f32]) -> usize {
        let read = self.read.load(Ordering::Relaxed);
        let ready = self.written.load(Ordering::Acquire) - read;
        let got = out.len().min(ready as usize);
        for (frame, at) in out[..got].iter_mut().zip(read..) {
            *frame = f32::from_bits(self.slot(at).load(Ordering::Relaxed));
        }
        self.read.store(read + got as u64, Ordering::Release);
        got
    }

    fn is_end(&self) -> bool {
        // In this order: what was written before completion is seen.
        self.complete.load(Ordering::Acquire)
            && self.read.load(Ordering::Relaxed) == self.written.load(Ordering::Acquire)
    }

    fn slot(&self, at: u64) -> &AtomicU32 {
        &self.samples[(at % self.samples.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_hands_every_frame_over_once_and_in_order() {
        let ring = Arc::new(Ring::new(1_000));
        let writer = ring.clone();
        let thread = std::thread::spawn(move || {
            let frames: Vec<f32> = (0..100_000).map(|i| i as f32).collect();
            let mut done = 0;
            while done < frames.len() {
                done += writer.write(&frames[done..frames.len().min(done + 333)]);
                std::thread::yield_now();
            }
            writer.complete.store(true, Ordering::Release);
        });
        let mut next = 0.0;
        let mut out = [0.0; 77];
        while !ring.is_end() {
            let got = ring.read(&mut out);
            for frame in &out[..got] {
                assert_eq!(*frame, next);
                next += 1.0;
            }
            if got == 0 {
                std::thread::yield_now();
            }
        }
        thread.join().unwrap();
        assert_eq!(next, 100_000.0);
    }

    #[test]
    fn a_full_ring_takes_no_more_and_an_empty_one_gives_nothing() {
        let ring = Ring::new(10);
        assert_eq!(ring.write(&[1.0; 25]), 10);
        assert_eq!(ring.write(&[2.0]), 0);
        let mut out = [0.0; 4];
        assert_eq!(ring.read(&mut out), 4);
        assert_eq!(ring.write(&[2.0; 9]), 4);
        let mut rest = [0.0; 20];
        assert_eq!(ring.read(&mut rest), 10);
        assert_eq!(rest[..10], [1., 1., 1., 1., 1., 1., 2., 2., 2., 2.]);
        assert_eq!(ring.read(&mut rest), 0);
        assert!(!ring.is_end());
        ring.complete.store(true, Ordering::Release);
        assert!(ring.is_end());
    }

    #[test]
    fn a_whole_file_comes_through_and_its_report_outlives_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("long.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        for frame in 0..5 * RATE {
            wav.write_sample((frame % 30_000) as i16).unwrap();
        }
        wav.finalize().unwrap();
        let mut ahead = Ahead::open(&path, 1_000).unwrap();
        let report = ahead.report();
        assert!(!report.outcome().is_over, "5 s do not fit into the ring");
        let (mut frames, mut out) = (0_u32, [0.0; 960]);
        while !ahead.is_end() {
            let got = ahead.read(&mut out);
            for sample in &out[..got] {
                let wanted = ((RATE + frames) % 30_000) as f32 / 32_768.0;
                assert_eq!(*sample, wanted, "frame {frames}");
                frames += 1;
            }
            if got == 0 {
                std::thread::yield_now();
            }
        }
        drop(ahead);
        assert_eq!(frames, 4 * RATE);
        let outcome = report.outcome();
        assert!(outcome.is_over && outcome.failed.is_none());
        assert_eq!(outcome.damage, Damage::default());
    }
}
