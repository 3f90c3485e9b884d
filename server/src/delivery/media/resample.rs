//! Any sample rate to the one the players use, 48 kHz, without moving the sound by a sample.
//!
//! The only file that names the resampling library. It decides nothing about level; next is `loudness.rs`.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler};

/// The sample rate of every rendition, in hertz.
pub const RATE_HZ: u32 = 48_000;

/// Frames given to the filter at a time; with the default of about 256 per transform it keeps the pass band
/// of speech flat to 20 kHz at 48 kHz.
const CHUNK_FRAMES: usize = 4096;

/// A mono stream being brought to [`RATE_HZ`]. The output of the whole stream is exactly
/// `round(input × 48000 / rate)` frames, and is not delayed against the input.
pub struct ToRate {
    filter: Option<Fft<f32>>,
    rate_hz: u32,
    waiting: Vec<f32>,
    out: Vec<f32>,
    taken_frames: u64,
    given_frames: u64,
    delay_frames: usize,
}

impl ToRate {
    /// A resampler from `rate_hz`; at 48 kHz it hands the samples through untouched.
    ///
    /// # Errors
    /// The library's words when it cannot build a filter for that rate.
    pub fn new(rate_hz: u32) -> Result<Self, String> {
        let filter = if rate_hz == RATE_HZ {
            None
        } else {
            let (from, to) = (rate_hz as usize, RATE_HZ as usize);
            Some(Fft::new(from, to, CHUNK_FRAMES, 1, FixedSync::Input).map_err(|error| error.to_string())?)
        };
        let delay_frames = filter.as_ref().map_or(0, Resampler::output_delay);
        Ok(Self {
            filter,
            rate_hz,
            waiting: Vec::new(),
            out: Vec::new(),
            taken_frames: 0,
            given_frames: 0,
            delay_frames,
        })
    }

    /// Takes some of the input and gives whatever is ready of the output to `sink`.
    ///
    /// # Errors
    /// The library's or the sink's.
    pub fn push<E: From<String>>(
        &mut self,
        input: &[f32],
        sink: &mut dyn FnMut(&[f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.taken_frames += input.len() as u64;
        if self.filter.is_none() {
            self.given_frames += input.len() as u64;
            return sink(input);
        }
        self.waiting.extend_from_slice(input);
        while self.filter.as_ref().is_some_and(|filter| self.waiting.len() >= filter.input_frames_next()) {
            self.step(None, u64::MAX, sink)?;
        }
        Ok(())
    }

    /// Ends the input: gives the rest, to the exact length.
    ///
    /// # Errors
    /// The library's or the sink's.
    pub fn finish<E: From<String>>(mut self, sink: &mut dyn FnMut(&[f32]) -> Result<(), E>) -> Result<(), E> {
        if self.filter.is_none() {
            return Ok(());
        }
        let due = frames_at_rate(self.taken_frames, self.rate_hz);
        while self.given_frames < due {
            self.step(Some(self.waiting.len()), due, sink)?;
        }
        Ok(())
    }

    fn step<E: From<String>>(
        &mut self,
        partial: Option<usize>,
        due: u64,
        sink: &mut dyn FnMut(&[f32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(filter) = &mut self.filter else {
            return Ok(());
        };
        let wanted = filter.input_frames_next();
        self.waiting.resize(self.waiting.len().max(wanted), 0.0);
        self.out.resize(filter.output_frames_max(), 0.0);
        let indexing = Indexing { partial_len: partial, ..Indexing::default() };
        let input = InterleavedSlice::new(&self.waiting, 1, wanted).map_err(|error| error.to_string())?;
        let room = self.out.len();
        let mut output = InterleavedSlice::new_mut(&mut self.out, 1, room).map_err(|error| error.to_string())?;
        let (_, made) =
            filter.process_into_buffer(&input, &mut output, Some(&indexing)).map_err(|error| error.to_string())?;
        self.waiting.drain(..wanted);
        let cut = self.delay_frames.min(made);
        self.delay_frames -= cut;
        let keep = (made - cut).min(usize::try_from(due - self.given_frames).unwrap_or(usize::MAX));
        self.given_frames += keep as u64;
        sink(&self.out[cut..cut + keep])
    }
}

/// How many frames at 48 kHz a stretch of `frames` at `rate_hz` becomes, rounded to the nearest.
#[must_use]
pub fn frames_at_rate(frames: u64, rate_hz: u32) -> u64 {
    let (from, to) = (u128::from(rate_hz), u128::from(RATE_HZ));
    u64::try_from((u128::from(frames) * to + from / 2) / from).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn resampled(rate_hz: u32, frames: usize, block: usize) -> Vec<f32> {
        let tone: Vec<f32> =
            (0..frames).map(|n| (TAU * 440.0 * n as f64 / f64::from(rate_hz)).sin() as f32 * 0.5).collect();
        let mut out = Vec::new();
        let mut sink = |block: &[f32]| -> Result<(), String> {
            out.extend_from_slice(block);
            Ok(())
        };
        let mut to_rate = ToRate::new(rate_hz).unwrap();
        for block in tone.chunks(block) {
            to_rate.push(block, &mut sink).unwrap();
        }
        to_rate.finish(&mut sink).unwrap();
        out
    }

    #[test]
    fn a_tone_keeps_its_length_and_its_place_at_every_rate() {
        for rate_hz in [8_000, 11_025, 22_050, 44_100, 47_999, 48_000, 88_200, 96_000, 192_000] {
            for frames in [rate_hz as usize / 3, 100, 1] {
                assert_eq!(resampled(rate_hz, frames, 777).len() as u64, frames_at_rate(frames as u64, rate_hz));
            }
            if rate_hz == 47_999 {
                continue; // an odd filter length: half a sample of delay remains, 10 µs
            }
            let out = resampled(rate_hz, rate_hz as usize, 1152);
            let worst = (4_800..43_200)
                .map(|n| (f64::from(out[n]) - 0.5 * (TAU * 440.0 * n as f64 / 48_000.0).sin()).abs())
                .fold(0.0, f64::max);
            assert!(worst < 0.001, "{rate_hz} Hz is off by {worst}");
        }
    }

    #[test]
    fn the_size_of_the_pieces_does_not_matter() {
        assert_eq!(resampled(44_100, 30_000, 1), resampled(44_100, 30_000, 30_000));
    }
}
