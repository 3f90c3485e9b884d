//! The ear: what a loudspeaker's recording holds, at which instant of the wall clock, compared with a clip.
//!
//! The only file here that names `hound`, to read recordings and to write clips, and `loa_agent`, whose decoder turns a
//! rendition into the samples that should be heard. Clips are made by `timetable.rs`, next.

use std::path::Path;

use loa_agent::play::decode::Decoder;

/// Frames per second, everywhere.
pub const RATE: i64 = 48_000;
/// How far from its time a clip is looked for, in frames: 20 ms.
const REACH: i64 = RATE / 50;
/// Frames by which a clip is looked for; all of it is then compared where it was found.
const LOOKED_FOR: usize = 24_000;

/// What a loudspeaker sounded, and when.
pub struct Recording {
    samples: Vec<f32>,
    /// Frame, and when it sounded in nanoseconds since 1970.
    anchors: Vec<(i64, i64)>,
}

/// A clip found in a recording.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Correlation of all its samples with what was heard: 1 is the same up to volume.
    pub correlation: f64,
    /// How much later than planned it began, in milliseconds.
    pub late_ms: f64,
}

impl Recording {
    /// The newest recording in a player's folder of recordings.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        let mut reader = hound::WavReader::open(folder.join("heard.wav")).expect("a recording");
        // While it is being written the last second may be missing from it.
        let samples = reader.samples::<i16>().map_while(Result::ok).map(f32::from).collect();
        let text = std::fs::read_to_string(folder.join("heard.json")).expect("the recording's times");
        let told: serde_json::Value = serde_json::from_str(&text).expect("times that can be read");
        let number = |value: &serde_json::Value| value.as_i64().expect("a number");
        let anchors = told["anchors"].as_array().expect("a list of anchors");
        let anchors = anchors.iter().map(|anchor| (number(&anchor["frame"]), number(&anchor["utc_ns"]))).collect();
        Self { samples, anchors }
    }

    /// The frame that sounded at `utc_ms`.
    fn frame_at(&self, utc_ms: i64) -> i64 {
        let utc_ns = utc_ms * 1_000_000;
        let before = self.anchors.iter().rev().find(|(_, at_ns)| *at_ns <= utc_ns).unwrap_or(&self.anchors[0]);
        before.0 + ((utc_ns - before.1) as f64 * RATE as f64 / 1e9).round() as i64
    }

    /// Looks for a clip around the time it was planned for. None where the recording does not hold all of it.
    #[must_use]
    pub fn find(&self, clip: &[f32], planned_ms: i64) -> Option<Found> {
        let planned = self.frame_at(planned_ms);
        let first = usize::try_from(planned - REACH).ok()?;
        let held = self.samples.get(first..first + clip.len() + 2 * REACH as usize)?;
        // A piece from the middle: beginnings may be silent.
        let from = clip.len().saturating_sub(LOOKED_FOR) / 2;
        let piece = &clip[from..clip.len().min(from + LOOKED_FOR)];
        let at = |lag: usize| correlation(piece, &held[lag + from..lag + from + piece.len()]);
        let (lag, _) = (0..2 * REACH as usize).map(|lag| (lag, at(lag))).max_by(|a, b| a.1.total_cmp(&b.1))?;
        let correlation = correlation(clip, &held[lag..lag + clip.len()]);
        Some(Found { correlation, late_ms: (lag as i64 - REACH) as f64 * 1000.0 / RATE as f64 })
    }

    /// The loudest sample between two instants, as a share of full scale.
    #[must_use]
    pub fn peak(&self, from_ms: i64, to_ms: i64) -> f32 {
        let index = |utc_ms| usize::try_from(self.frame_at(utc_ms)).unwrap_or_default().min(self.samples.len());
        self.samples[index(from_ms)..index(to_ms)].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()))
            / 32_768.0
    }
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let (mut ab, mut aa, mut bb) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (a, b) in a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b))) {
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// The samples of a rendition.
///
/// # Panics
/// When it cannot be decoded.
#[must_use]
pub fn decoded(rendition: &Path) -> Vec<f32> {
    let mut decoder = Decoder::open(rendition, 0).expect("a rendition can be decoded");
    let mut samples = Vec::new();
    while decoder.next(&mut samples).expect("all of it can") {}
    samples
}

/// Writes mono samples, full scale being 1, as a WAV file.
///
/// # Panics
/// When it cannot be written.
pub fn write(path: &Path, samples: impl Iterator<Item = f32>) {
    let format = hound::SampleFormat::Int;
    let spec = hound::WavSpec { channels: 1, sample_rate: RATE as u32, bits_per_sample: 16, sample_format: format };
    let mut writer = hound::WavWriter::create(path, spec).expect("a clip can be written");
    for sample in samples {
        writer.write_sample((sample.clamp(-1.0, 1.0) * 32_767.0) as i16).expect("a sample can be written");
    }
    writer.finalize().expect("a clip can be finished");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::timetable::{Clip, sound};

    fn recording(clip: &[f32], at: usize) -> Recording {
        let mut samples = vec![0.0; at];
        samples.extend(clip.iter().map(|sample| sample * 9_000.0));
        samples.resize(at + clip.len() + RATE as usize, 0.0);
        Recording { samples, anchors: vec![(0, 1_000_000_000_000)] }
    }

    #[test]
    fn a_clip_is_found_where_it_sounds_and_another_is_not() {
        let made = |seed| sound(&Clip::speech("x", 1, seed)).collect::<Vec<f32>>();
        let heard = recording(&made(1), 96_048);
        let found = heard.find(&made(1), 1_002_000).expect("it is there");
        assert!(found.correlation > 0.999 && (found.late_ms - 1.0).abs() < 0.03, "{found:?}");
        let other = heard.find(&made(2), 1_002_000).expect("something is there");
        assert!(other.correlation < 0.2, "{other:?}");
        assert!(heard.peak(1_000_000, 1_001_990) == 0.0 && heard.peak(1_002_000, 1_002_500) > 0.05);
    }
}
