//! How loud a recording is (EBU R 128 / ITU-R BS.1770) and how much to turn it up or down.
//!
//! The only file that names the loudness library. The turning itself is `limiter.rs`.

use ebur128::{Channel, EbuR128, Mode};

use super::resample::RATE_HZ;

/// The limiter never takes more than this off a peak: beyond it speech begins to sound crushed, so a
/// recording that is mostly peaks stays quieter than the target instead.
pub const MAX_LIMITING_DB: f64 = 12.0;

/// Below this length BS.1770 has no single 400 ms block and so no answer; the recording is then measured
/// as if repeated.
const ONE_BLOCK_FRAMES: u64 = RATE_HZ as u64 * 2 / 5;

/// What a whole recording measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Integrated loudness in LUFS; `None` when nothing passes the absolute gate at −70.
    pub loudness_lufs: Option<f64>,
    /// True peak in dBTP (four times oversampled); `-inf` for digital zero.
    pub true_peak_dbtp: f64,
    /// Highest sample in dBFS; `-inf` for digital zero.
    pub sample_peak_dbfs: f64,
}

/// A meter for mono sound at 48 kHz.
pub struct Meter {
    meter: EbuR128,
    start: Vec<f32>,
    frames: u64,
}

impl Meter {
    /// # Errors
    /// The library's words; not to be expected.
    pub fn new() -> Result<Self, String> {
        let mut meter = EbuR128::new(1, RATE_HZ, Mode::I | Mode::TRUE_PEAK | Mode::SAMPLE_PEAK)
            .map_err(|error| error.to_string())?;
        // One channel alone reads 3 LU lower than the same sound on two loudspeakers. The target is meant
        // for what a stereo file measures, so mono counts as two equal channels.
        meter.set_channel(0, Channel::DualMono).map_err(|error| error.to_string())?;
        Ok(Self { meter, start: Vec::new(), frames: 0 })
    }

    /// Adds the next part of the recording.
    ///
    /// # Errors
    /// The library's words; not to be expected.
    pub fn add(&mut self, block: &[f32]) -> Result<(), String> {
        if self.frames < ONE_BLOCK_FRAMES {
            self.start.extend_from_slice(block);
        }
        self.frames += block.len() as u64;
        self.meter.add_frames_f32(block).map_err(|error| error.to_string())
    }

    /// Reads the meter.
    ///
    /// # Errors
    /// The library's words; not to be expected.
    pub fn finish(mut self) -> Result<Measured, String> {
        let peak = |value: Result<f64, ebur128::Error>| value.map(decibels).map_err(|error| error.to_string());
        let true_peak_dbtp = peak(self.meter.true_peak(0))?;
        let sample_peak_dbfs = peak(self.meter.sample_peak(0))?;
        while (1..=ONE_BLOCK_FRAMES).contains(&self.frames) {
            self.frames += self.start.len() as u64;
            self.meter.add_frames_f32(&self.start).map_err(|error| error.to_string())?;
        }
        let loudness = self.meter.loudness_global().map_err(|error| error.to_string())?;
        Ok(Measured { loudness_lufs: Some(loudness).filter(|lufs| lufs.is_finite()), true_peak_dbtp, sample_peak_dbfs })
    }
}

/// Ten times the decimal logarithm of a power ratio is for power; this is for amplitudes.
#[must_use]
pub fn decibels(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// The inverse of [`decibels`].
#[must_use]
pub fn amplitude(decibels: f64) -> f64 {
    10f64.powf(decibels / 20.0)
}

/// The gain in dB that brings a recording to `target_lufs`, or as near as [`MAX_LIMITING_DB`] lets it come.
#[must_use]
pub fn gain_db(loudness_lufs: f64, true_peak_dbtp: f64, target_lufs: f64, ceiling_dbtp: f64) -> f64 {
    (target_lufs - loudness_lufs).min(ceiling_dbtp - true_peak_dbtp + MAX_LIMITING_DB)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn measured(seconds: f64, peak: f64) -> Measured {
        let frames = (seconds * 48_000.0) as usize;
        let tone: Vec<f32> = (0..frames).map(|n| (TAU * 997.0 * n as f64 / 48_000.0).sin() as f32).collect();
        let mut meter = Meter::new().unwrap();
        for block in tone.chunks(1000) {
            meter.add(&block.iter().map(|sample| sample * peak as f32).collect::<Vec<_>>()).unwrap();
        }
        meter.finish().unwrap()
    }

    /// EBU Tech 3341, case 1: a 1 kHz sine at −23 dBFS on both channels reads −23 LUFS.
    #[test]
    fn a_mono_tone_reads_what_the_same_tone_reads_on_two_channels() {
        let loudness = measured(20.0, amplitude(-23.0)).loudness_lufs.unwrap();
        assert!((loudness + 23.0).abs() < 0.1, "{loudness}");
    }

    #[test]
    fn a_recording_shorter_than_one_block_is_measured_too() {
        let loudness = measured(0.31, amplitude(-23.0)).loudness_lufs.unwrap();
        assert!((loudness + 23.0).abs() < 0.3, "{loudness}");
    }

    #[test]
    fn silence_has_no_loudness() {
        assert_eq!(measured(1.0, 0.0).loudness_lufs, None);
        assert_eq!(measured(1.0, 0.0).sample_peak_dbfs, f64::NEG_INFINITY);
    }

    #[test]
    fn the_gain_stops_where_the_limiter_would_have_to_take_too_much() {
        assert_eq!(gain_db(-20.0, -6.0, -16.0, -1.0), 4.0);
        assert_eq!(gain_db(-40.0, -3.0, -16.0, -1.0), 2.0 + MAX_LIMITING_DB);
    }
}
