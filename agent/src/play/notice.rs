//! What a loudspeaker says before and after every drill: decoded once at the start, so that it never depends on a disk.
//!
//! It decides how loud and how long the notice is, nothing else; where it stands in a programme is [`crate::piece`]. How
//! the recording was made stands beside it, in `agent/assets`.

use std::io::Cursor;
use std::sync::Arc;

use loa_domain::limits::DRILL_NOTICE_MS;

use super::RATE;
use super::decode::{DecodeError, Decoder};
use super::mix::Source;

/// "Đây là diễn tập", twice, and "This is a drill".
const RECORDING: &[u8] = include_bytes!("../../assets/drill.ogg");
/// As long as the rules count it.
const FRAMES: usize = DRILL_NOTICE_MS as usize * RATE as usize / 1_000;
/// The quietest that a notice may be at its loudest: silence is no notice.
const LEAST_PEAK: f32 = 0.3;

/// The notice, ready to sound.
#[derive(Clone)]
pub struct Notice(Arc<[f32]>);

impl Notice {
    /// Decodes it.
    ///
    /// # Errors
    /// When the program was built with a recording that is none.
    pub fn decode() -> Result<Self, DecodeError> {
        Self::of(RECORDING)
    }

    fn of(recording: &'static [u8]) -> Result<Self, DecodeError> {
        let mut decoder = Decoder::read(Box::new(Cursor::new(recording)))?;
        let mut frames = Vec::with_capacity(FRAMES);
        while decoder.next(&mut frames)? {}
        let peak = frames.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak < LEAST_PEAK || frames.len() > FRAMES + RATE as usize / 10 {
            return Err(DecodeError::Corrupt("silent, or too long"));
        }
        frames.resize(FRAMES, 0.0);
        Ok(Self(frames.into()))
    }

    /// It, without its first milliseconds.
    #[must_use]
    pub fn from(&self, offset_ms: u32) -> Spoken {
        let next = (offset_ms as usize).saturating_mul(RATE as usize) / 1_000;
        Spoken { frames: self.0.clone(), next: next.min(FRAMES) }
    }
}

/// The notice as it sounds.
pub struct Spoken {
    frames: Arc<[f32]>,
    next: usize,
}

impl Source for Spoken {
    fn read(&mut self, out: &mut [f32]) -> usize {
        let rest = &self.frames[self.next..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.next += count;
        count
    }

    fn is_end(&self) -> bool {
        self.next >= self.frames.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_is_there_is_loud_and_lasts_as_long_as_the_rules_count_it() {
        let notice = Notice::decode().expect("a recording that can be decoded");
        let mut spoken = notice.from(0);
        let (mut out, mut heard) = (vec![0.0; 4_800], Vec::new());
        while !spoken.is_end() {
            let count = spoken.read(&mut out);
            heard.extend_from_slice(&out[..count]);
        }
        assert_eq!(heard.len(), FRAMES);
        // Both languages: something is said in every second but the last.
        for second in heard.chunks(RATE as usize).take(5) {
            let loud = second.iter().filter(|sample| sample.abs() > 0.05).count();
            assert!(loud > RATE as usize / 50, "{loud}");
        }
        assert!(notice.from(DRILL_NOTICE_MS).is_end() && notice.from(u32::MAX).is_end());
    }

    #[test]
    fn a_recording_that_is_damaged_silent_or_missing_is_no_notice() {
        assert!(Notice::of(b"").is_err());
        assert!(Notice::of(&RECORDING[..2_000]).is_err());
    }
}
