//! Makes the rendition, decodes it again, and does it over until what comes out of a player is right.
//!
//! Lossy coding moves peaks by up to a decibel and limiting takes a little loudness, so the ceiling and the
//! target are checked on the *decoded* rendition and corrected, a few times at most. The gain comes from
//! `loudness.rs`, the limiting from `limiter.rs`, the bytes from `encode.rs`.

use std::fs::File;

use super::decode;
use super::encode::{Encoder, Format};
use super::limiter::Limiter;
use super::loudness::{self, Measured, Meter};
use super::report::{Reporter, Stage};
use super::scratch::Scratch;
use super::shelf::{Draft, Shelf};
use super::verdict::Reason;
use super::{Options, hundredths};

/// Tries before giving up; two are usual.
const ATTEMPTS: u32 = 8;
/// Near enough to the target, in LU: the meter itself is specified to ±0.1.
const LOUDNESS_TOLERANCE: f64 = 0.15;
/// How far below the ceiling the first try of a lossy rendition stays, dB.
const LOSSY_HEADROOM_DB: f64 = 0.4;
/// How much further below than measured necessary the next try goes, dB.
const STEP_DB: f64 = 0.05;

/// A rendition that fits, not yet on the shelf.
pub struct Rendered {
    /// Its bytes.
    pub draft: Draft,
    /// The gain that was applied, dB.
    pub gain_db: f64,
    /// The most the limiter took off, dB.
    pub limited_db: f64,
    /// Loudness as decoded, LUFS.
    pub loudness_lufs: f64,
    /// True peak as decoded, dBTP.
    pub true_peak_dbtp: f64,
}

/// Renders `sound`, which measures `before`.
///
/// # Errors
/// The desk's disk or encoder failed.
pub fn render(
    sound: &mut Scratch,
    before: Measured,
    options: &Options,
    shelf: &Shelf,
    report: &mut Reporter<'_>,
) -> Result<Rendered, Reason> {
    let Measured { loudness_lufs: Some(loudness), true_peak_dbtp: peak, .. } = before else {
        return Err(Reason::Silent { loudness_lufs: None, peak_dbfs: before.sample_peak_dbfs });
    };
    let format = options.format();
    let most_db = options.ceiling_dbtp - peak + loudness::MAX_LIMITING_DB;
    let mut gain_db = hundredths(loudness::gain_db(loudness, peak, options.target_lufs, options.ceiling_dbtp));
    let mut ceiling_dbtp = options.ceiling_dbtp - headroom_db(format);
    let mut best: Option<Rendered> = None;
    let miss = |rendered: &Rendered| (options.target_lufs - rendered.loudness_lufs).abs();
    for _ in 0..ATTEMPTS {
        let draft = shelf.draft()?;
        let limited_db = encode(sound, gain_db, ceiling_dbtp, format, draft.file()?, report)?;
        let after = check(draft.file()?, sound.frames(), report)?;
        let loudness_lufs = after.loudness_lufs.unwrap_or(f64::NEG_INFINITY);
        let over_db = after.true_peak_dbtp - options.ceiling_dbtp;
        let rendered = Rendered { draft, gain_db, limited_db, loudness_lufs, true_peak_dbtp: after.true_peak_dbtp };
        let missing_db = options.target_lufs - loudness_lufs;
        let next_gain_db = hundredths((gain_db + missing_db.clamp(-6.0, 6.0)).min(most_db));
        let near = missing_db.abs() <= LOUDNESS_TOLERANCE || (next_gain_db - gain_db).abs() < STEP_DB;
        if over_db <= 0.0 {
            if best.as_ref().is_none_or(|best| miss(&rendered) < miss(best)) {
                best = Some(rendered);
            }
            if near {
                break;
            }
        } else {
            ceiling_dbtp -= over_db + STEP_DB;
        }
        gain_db = next_gain_db;
    }
    best.ok_or_else(|| Reason::Desk {
        step: "keep the peaks under the ceiling",
        cause: format!("{ATTEMPTS} tries were not enough"),
    })
}

fn headroom_db(format: Format) -> f64 {
    match format {
        Format::OggVorbis => LOSSY_HEADROOM_DB,
        Format::Flac => 0.0,
    }
}

/// One try: gain, limiter, encoder. Gives what the limiter took off.
fn encode(
    sound: &mut Scratch,
    gain_db: f64,
    ceiling_dbtp: f64,
    format: Format,
    file: File,
    report: &mut Reporter<'_>,
) -> Result<f64, Reason> {
    let mut limiter = Limiter::new(gain_db, ceiling_dbtp);
    let mut encoder = Encoder::new(format, file)?;
    let total = sound.frames() * 4;
    let mut done = 0;
    sound.read(&mut |block: &mut Vec<f32>| -> Result<(), Reason> {
        done += block.len() as u64 * 4;
        limiter.process(block);
        encoder.add(block)?;
        report.at(Stage::Encoding, done, total);
        Ok(())
    })?;
    encoder.add(&limiter.finish())?;
    encoder.finish()?;
    Ok(limiter.taken_off_db())
}

/// Decodes a rendition as a player would, and measures it.
fn check(file: File, frames: u64, report: &mut Reporter<'_>) -> Result<Measured, Reason> {
    let wrong = |cause: String| Reason::Desk { step: "decode its own rendition", cause };
    let mut recording = decode::open(file).map_err(|reason| wrong(reason.to_string()))?;
    let mut meter = Meter::new()?;
    let mut mono = Vec::new();
    while recording.next(&mut mono).map_err(|reason| wrong(reason.to_string()))? {
        meter.add(&mono)?;
        report.at(Stage::Checking, recording.timeline().given_frames(), frames);
    }
    recording.finish().map_err(|reason| wrong(reason.to_string()))?;
    if recording.timeline().given_frames() != frames {
        return Err(wrong(format!("{} of {frames} samples came back", recording.timeline().given_frames())));
    }
    Ok(meter.finish()?)
}
