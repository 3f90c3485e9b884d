//! Turns a recording up or down and holds its true peaks under a ceiling, with 5 ms of look-ahead.
//!
//! It decides the shape of the gain curve only. How much gain there should be is `loudness.rs`; whether
//! the ceiling held after encoding is checked by the front page, by decoding the result.

use std::collections::VecDeque;

use super::loudness::{amplitude, decibels};

/// 5 ms at 48 kHz: long enough that the gain moves without a click, short enough to leave words alone.
const LOOK_AHEAD_FRAMES: usize = 240;
/// Half the length of the interpolation filter, in frames.
const REACH: usize = 8;
/// Points looked at between two samples: BS.1770-4 Annex 2 asks for four times oversampling.
const PHASES: usize = 4;
/// The gain comes back by 63 % in this many frames (60 ms).
const RELEASE_FRAMES: f32 = 2_880.0;

/// A gain with a ceiling. What goes in comes out [`Limiter::finish`]ed to the same length, not delayed.
pub struct Limiter {
    gain: f32,
    ceiling: f32,
    taps: [[f32; 2 * REACH]; PHASES - 1],
    /// The newest `2 × REACH` samples, for the interpolation.
    recent: VecDeque<f32>,
    /// Since when all of `recent` has been too quiet to need interpolation, in frames.
    quiet_frames: usize,
    /// The peak between the last two samples looked at.
    last_between: f32,
    /// Samples whose gain is not known yet.
    waiting: VecDeque<f32>,
    /// (frame, needed gain), rising: the front is the least within the look-ahead.
    least: VecDeque<(u64, f32)>,
    frame: u64,
    released: f32,
    smoothing: VecDeque<f32>,
    sum: f64,
    skip: usize,
    lowest: f32,
}

impl Limiter {
    /// `gain_db` is applied first, then everything is held under `ceiling_dbtp`.
    #[must_use]
    pub fn new(gain_db: f64, ceiling_dbtp: f64) -> Self {
        Self {
            gain: amplitude(gain_db) as f32,
            ceiling: amplitude(ceiling_dbtp) as f32,
            taps: interpolation_taps(),
            recent: VecDeque::from(vec![0.0; 2 * REACH]),
            quiet_frames: 2 * REACH,
            last_between: 0.0,
            waiting: VecDeque::new(),
            least: VecDeque::new(),
            frame: 0,
            released: 1.0,
            smoothing: VecDeque::from(vec![1.0; LOOK_AHEAD_FRAMES]),
            sum: LOOK_AHEAD_FRAMES as f64,
            // What comes out first belongs to frames before the recording.
            skip: REACH + LOOK_AHEAD_FRAMES - 1,
            lowest: 1.0,
        }
    }

    /// Replaces `block` by what is ready; it may be shorter than what was given.
    pub fn process(&mut self, block: &mut Vec<f32>) {
        let mut kept = 0;
        for at in 0..block.len() {
            if let Some(sample) = self.step(block[at]) {
                block[kept] = sample;
                kept += 1;
            }
        }
        block.truncate(kept);
    }

    /// The end of the recording that was still held back.
    #[must_use]
    pub fn finish(&mut self) -> Vec<f32> {
        (0..REACH + LOOK_AHEAD_FRAMES - 1).filter_map(|_| self.step(0.0)).collect()
    }

    /// The most that was taken off any peak so far, in dB (0 or more).
    #[must_use]
    pub fn taken_off_db(&self) -> f64 {
        -decibels(f64::from(self.lowest))
    }

    fn step(&mut self, input: f32) -> Option<f32> {
        let sample = input * self.gain;
        self.recent.pop_front();
        self.recent.push_back(sample);
        self.waiting.push_back(sample);
        let needed = self.needed_gain(sample);
        let gain = self.smoothed(needed);
        // `needed_gain` speaks of the sample REACH frames ago, and the average reaches back further by the
        // look-ahead, so that every value averaged has already seen the peak.
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        let ready = self.waiting.pop_front()?;
        Some(ready * gain)
    }

    /// The gain that the sample in the middle of `recent`, and the curve on both its sides, would need.
    fn needed_gain(&mut self, newest: f32) -> f32 {
        // The taps of one phase sum up to less than 2.5 in magnitude, so nothing can be above the ceiling
        // while all samples are this far below it. Most of a recording is skipped by this.
        self.quiet_frames = if newest.abs() > self.ceiling / 2.5 { 0 } else { self.quiet_frames + 1 };
        let peak = if self.quiet_frames > 2 * REACH {
            self.last_between = 0.0;
            0.0
        } else {
            let recent = self.recent.make_contiguous();
            let between = self
                .taps
                .iter()
                .map(|taps| taps.iter().zip(recent.iter()).map(|(tap, sample)| tap * sample).sum::<f32>().abs())
                .fold(0.0, f32::max);
            let here = recent[REACH - 1].abs();
            let peak = here.max(between).max(self.last_between);
            self.last_between = between;
            peak
        };
        if peak > self.ceiling { self.ceiling / peak } else { 1.0 }
    }

    /// Least over the look-ahead, let go slowly, then averaged over the look-ahead: never above any of the
    /// needed gains, and without a corner.
    fn smoothed(&mut self, needed: f32) -> f32 {
        while self.least.back().is_some_and(|(_, gain)| *gain >= needed) {
            self.least.pop_back();
        }
        self.least.push_back((self.frame, needed));
        if self.least.front().is_some_and(|(frame, _)| frame + LOOK_AHEAD_FRAMES as u64 <= self.frame) {
            self.least.pop_front();
        }
        self.frame += 1;
        let least = self.least.front().map_or(1.0, |(_, gain)| *gain);
        self.released = least.min(self.released + (1.0 - self.released) / RELEASE_FRAMES);
        self.sum += f64::from(self.released) - f64::from(self.smoothing.pop_front().unwrap_or(1.0));
        self.smoothing.push_back(self.released);
        let gain = (self.sum / LOOK_AHEAD_FRAMES as f64).min(1.0) as f32;
        self.lowest = self.lowest.min(gain);
        gain
    }
}

/// Windowed-sinc taps for the points ¼, ½ and ¾ of the way between the two middle samples.
fn interpolation_taps() -> [[f32; 2 * REACH]; PHASES - 1] {
    let mut taps = [[0.0; 2 * REACH]; PHASES - 1];
    for (phase, row) in taps.iter_mut().enumerate() {
        let point = (REACH - 1) as f64 + (phase + 1) as f64 / PHASES as f64;
        for (at, tap) in row.iter_mut().enumerate() {
            let distance = at as f64 - point;
            let angle = std::f64::consts::PI * distance;
            let window = (angle / (2.0 * REACH as f64 + 1.0)).cos().powi(2);
            *tap = (angle.sin() / angle * window) as f32;
        }
    }
    taps
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::super::loudness::Meter;
    use super::*;

    fn limited(input: &[f32], gain_db: f64, ceiling_dbtp: f64, piece: usize) -> (Vec<f32>, f64) {
        let mut limiter = Limiter::new(gain_db, ceiling_dbtp);
        let mut out = Vec::new();
        for piece in input.chunks(piece) {
            let mut block = piece.to_vec();
            limiter.process(&mut block);
            out.extend(block);
        }
        out.extend(limiter.finish());
        (out, limiter.taken_off_db())
    }

    fn true_peak_dbtp(sound: &[f32]) -> f64 {
        let mut meter = Meter::new().unwrap();
        meter.add(sound).unwrap();
        meter.finish().unwrap().true_peak_dbtp
    }

    #[test]
    fn what_stays_under_the_ceiling_is_only_multiplied() {
        let tone: Vec<f32> = (0..4_800).map(|n| (TAU * 300.0 * f64::from(n) / 48_000.0).sin() as f32 * 0.1).collect();
        let (out, taken_off) = limited(&tone, 6.0, -1.0, 333);
        let factor = amplitude(6.0) as f32;
        assert_eq!(out.len(), tone.len());
        assert!(out.iter().zip(&tone).all(|(out, sample)| (out - sample * factor).abs() < 1e-6));
        assert_eq!(taken_off, 0.0);
    }

    /// A sine at a quarter of the rate, 45° off: its samples stay 3 dB below its true peak.
    #[test]
    fn a_peak_between_the_samples_is_held_too() {
        let tone: Vec<f32> = (0..48_000).map(|n| (TAU * (f64::from(n) / 4.0 + 0.125)).sin() as f32 * 1.2).collect();
        let (out, _) = limited(&tone, 0.0, -1.0, 480);
        let peak = true_peak_dbtp(&out[480..47_000]);
        assert!((-1.2..=-0.85).contains(&peak), "{peak}");
    }

    #[test]
    fn a_click_is_turned_down_before_it_comes_and_the_rest_is_left_alone() {
        let mut sound = vec![0.05f32; 48_000];
        sound[24_000] = 1.0;
        let (out, taken_off) = limited(&sound, 12.0, -1.0, 1000);
        assert!(out.iter().all(|sample| sample.abs() <= amplitude(-1.0) as f32 + 1e-6));
        assert!((taken_off - 13.0).abs() < 0.2, "{taken_off}");
        let plain = 0.05 * amplitude(12.0) as f32;
        assert!((out[20_000] - plain).abs() < 1e-6 && (out[45_000] - plain).abs() < 1e-3);
        assert!((out[23_990] - plain).abs() > 0.05, "the gain is already down before the click");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_sample_ever_passes_the_ceiling_and_none_is_lost(
            sound in proptest::collection::vec(-1.5f32..1.5, 1..2_000), gain_db in -20.0f64..30.0, piece in 1usize..700,
        ) {
            let (out, _) = limited(&sound, gain_db, -1.0, piece);
            prop_assert_eq!(out.len(), sound.len());
            prop_assert!(out.iter().all(|sample| sample.abs() <= amplitude(-1.0) as f32 * 1.0001));
        }
    }
}
