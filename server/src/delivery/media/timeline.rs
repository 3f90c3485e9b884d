//! Where in a recording the decoding is: what is cut off at both ends, what was lost on the way, and at the
//! end whether the length is right.
//!
//! All in frames of the recording's own rate. It decides how much damage is too much and how exact a
//! declared length must be. The frames come from `decode.rs`.

use super::edits::Edit;
use super::verdict::Reason;

/// Damage up to this long is filled with silence and reported; more is refused. A tenth of a second is a
/// drop-out one may overhear; more may be a word.
pub const MAX_LOST_MS: u64 = 100;
/// A header may be this far off before the length counts as wrong; exporters round.
const TOLERANCE_MS: u64 = 10;
/// MP3 headers count whole packets, and tools differ on whether the header's own packet counts.
const MP3_TOLERANCE_FRAMES: u64 = 2 * 1152;

/// What the headers say about length.
#[derive(Debug, Clone, Copy, Default)]
pub struct Declared {
    /// Frames per second.
    pub rate_hz: u32,
    /// The length without warm-up and padding; `None` when there is none, or only a guess.
    pub frames: Option<u64>,
    /// Warm-up that the decoder hands out and that must be cut off.
    pub skip_frames: u64,
    /// Padding that the decoder hands out after the end.
    pub padding_frames: u64,
    /// The decoder does not stop at the declared end by itself.
    pub cut_end: bool,
    /// MP3: lengths are coarse, and more than declared means that something was glued on.
    pub mp3: bool,
}

impl Declared {
    /// Applies an M4A's edit list.
    #[must_use]
    pub fn edited(self, edit: Edit) -> Self {
        let Some(total) = self.frames else {
            return self;
        };
        let skip_frames = edit.skip_frames.min(total);
        // The table of packets counts single samples and the edit whole ticks: where they agree within a
        // tick, the packets are exact; otherwise the edit cuts padding that they do not know of.
        let after = total - skip_frames;
        let exact = after.abs_diff(edit.keep_frames) <= edit.tick_frames;
        let frames = if exact { after } else { edit.keep_frames.min(after) };
        Self { frames: Some(frames), skip_frames, padding_frames: after - frames, ..self }
    }
}

/// The state of one decoding.
#[derive(Debug)]
pub struct Timeline {
    declared: Declared,
    decoded_frames: u64,
    given_frames: u64,
    lost_frames: u64,
    first_loss: Option<(u64, String)>,
    expected_start: Option<i64>,
}

impl Timeline {
    /// A decoding about to begin.
    #[must_use]
    pub fn new(declared: Declared) -> Self {
        Self { declared, decoded_frames: 0, given_frames: 0, lost_frames: 0, first_loss: None, expected_start: None }
    }

    /// Frames handed out so far.
    #[must_use]
    pub fn given_frames(&self) -> u64 {
        self.given_frames
    }

    /// `frames` as milliseconds.
    #[must_use]
    pub fn milliseconds(&self, frames: u64) -> u64 {
        frames.saturating_mul(1000) / u64::from(self.declared.rate_hz.max(1))
    }

    /// Where the decoding is, in milliseconds, `frames` further on.
    #[must_use]
    pub fn now_ms(&self, frames: u64) -> u64 {
        self.milliseconds(self.decoded_frames.saturating_sub(self.declared.skip_frames) + frames)
    }

    /// Where damage was mended and how much, in milliseconds.
    #[must_use]
    pub fn mended(&self) -> Option<(u64, u64)> {
        self.first_loss.as_ref().map(|(at_ms, _)| (*at_ms, self.milliseconds(self.lost_frames)))
    }

    /// A packet that says when it starts; fills the hole when that is later than the last one ended.
    ///
    /// # Errors
    /// Too large a hole, or times that begin again: a second recording behind the first.
    pub fn packet_at(&mut self, start: i64, frames: u64, mono: &mut Vec<f32>) -> Result<(), Reason> {
        match self.expected_start {
            Some(expected) if start > expected => self.lose(start.abs_diff(expected), "a part is missing", mono)?,
            Some(expected) if start + i64::from(self.declared.rate_hz) / 10 < expected => {
                return Err(Reason::Joined { at_ms: self.now_ms(0) });
            }
            _ => {}
        }
        self.expected_start = start.checked_add(i64::try_from(frames).unwrap_or(i64::MAX));
        Ok(())
    }

    /// `frames` were decoded and put at the end of the block.
    pub fn decoded(&mut self, frames: usize) {
        self.decoded_frames += frames as u64;
    }

    /// Takes note of a loss and puts as much silence in its place.
    ///
    /// # Errors
    /// More than [`MAX_LOST_MS`] in all.
    pub fn lose(&mut self, frames: u64, detail: &str, mono: &mut Vec<f32>) -> Result<(), Reason> {
        let now_ms = self.now_ms(0);
        let (at_ms, detail) = self.first_loss.get_or_insert_with(|| (now_ms, detail.to_owned())).clone();
        self.lost_frames = self.lost_frames.saturating_add(frames);
        let lost_ms = self.milliseconds(self.lost_frames);
        if lost_ms > MAX_LOST_MS {
            return Err(Reason::Corrupt { at_ms, lost_ms, detail });
        }
        mono.resize(mono.len() + frames as usize, 0.0);
        self.decoded_frames += frames;
        Ok(())
    }

    /// Drops from the newest block what belongs to the encoder: warm-up and padding.
    pub fn cut(&mut self, mono: &mut Vec<f32>) {
        let length = mono.len() as u64;
        let start = self.decoded_frames - length;
        let skip = self.declared.skip_frames;
        let end =
            self.declared.frames.filter(|_| self.declared.cut_end).map_or(u64::MAX, |keep| skip.saturating_add(keep));
        mono.truncate(end.saturating_sub(start).min(length) as usize);
        mono.drain(..skip.saturating_sub(start).min(mono.len() as u64) as usize);
        self.given_frames += mono.len() as u64;
    }

    /// Judges the length after the last block; `cut_off` when the file itself broke off.
    ///
    /// # Errors
    /// Shorter or, for MP3, longer than declared.
    pub fn judge(&self, cut_off: bool) -> Result<(), Reason> {
        let found = self.decoded_frames.saturating_sub(self.declared.skip_frames);
        let found_ms = self.milliseconds(found.min(self.declared.frames.unwrap_or(u64::MAX)));
        let Some(frames) = self.declared.frames else {
            return if cut_off { Err(Reason::Truncated { declared_ms: None, found_ms }) } else { Ok(()) };
        };
        let tolerance = match self.declared.mp3 {
            true => MP3_TOLERANCE_FRAMES,
            false => u64::from(self.declared.rate_hz) * TOLERANCE_MS / 1000,
        };
        let declared_ms = self.milliseconds(frames);
        let padded = frames + if self.declared.mp3 { self.declared.padding_frames } else { 0 };
        if cut_off || found + tolerance < padded {
            return Err(Reason::Truncated { declared_ms: Some(declared_ms), found_ms });
        }
        if self.declared.mp3 && found > padded + tolerance {
            return Err(Reason::LengthMismatch { declared_ms, found_ms: self.milliseconds(found) });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(frames: u64) -> Declared {
        Declared { rate_hz: 48_000, frames: Some(frames), ..Declared::default() }
    }

    fn decode(timeline: &mut Timeline, frames: usize) -> usize {
        let mut block = vec![0.5; frames];
        timeline.decoded(frames);
        timeline.cut(&mut block);
        block.len()
    }

    #[test]
    fn warm_up_and_padding_are_cut_across_packets() {
        let declared = Declared { skip_frames: 1500, cut_end: true, padding_frames: 572, ..declared(1000) };
        let mut timeline = Timeline::new(declared);
        let given: Vec<_> = (0..3).map(|_| decode(&mut timeline, 1024)).collect();
        assert_eq!(given, [0, 548, 452]);
        assert!(timeline.judge(false).is_ok());
    }

    #[test]
    fn an_edit_that_agrees_with_the_packets_within_a_tick_leaves_them_exact() {
        let edit = Edit { skip_frames: 1024, keep_frames: 26_470, tick_frames: 45 };
        assert_eq!(declared(1024 + 26_460).edited(edit).frames, Some(26_460));
        assert_eq!(declared(1024 + 27_000).edited(edit).frames, Some(26_470));
    }

    #[test]
    fn a_hole_is_filled_and_the_second_one_too_many_is_refused_with_the_place_of_the_first() {
        let mut timeline = Timeline::new(declared(100_000));
        let mut block = Vec::new();
        timeline.packet_at(0, 4096, &mut block).unwrap();
        timeline.decoded(4096);
        timeline.packet_at(8192, 4096, &mut block).unwrap();
        assert_eq!((block.len(), timeline.mended()), (4096, Some((85, 85))));
        timeline.decoded(4096);
        let refused = timeline.packet_at(16_384, 4096, &mut block).unwrap_err();
        assert!(matches!(refused, Reason::Corrupt { at_ms: 85, lost_ms: 170, .. }), "{refused}");
    }

    #[test]
    fn times_that_begin_again_are_a_second_recording() {
        let mut timeline = Timeline::new(declared(100_000));
        timeline.packet_at(0, 48_000, &mut Vec::new()).unwrap();
        timeline.decoded(48_000);
        let refused = timeline.packet_at(0, 4096, &mut Vec::new()).unwrap_err();
        assert!(matches!(refused, Reason::Joined { at_ms: 1000 }));
    }
}
