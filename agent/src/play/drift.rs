//! Both resamplers, and the only file that names `rubato`: a fixed one for files that are not at
//! 48 kHz, and the slip that follows a card whose crystal runs a little fast or slow.
//!
//! How far off the card is, is decided in [`super::timeline`]; here only how hard to steer.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Adjustable, Fft, FixedAsync, FixedSync, Indexing, Resampler, Resizable, Slip};

use super::RATE;

/// Steering per frame of error. With 48,000 frames a second this halves an error in 0.7 s.
const PROPORTIONAL_PER_FRAME: f64 = 2e-5;
/// How fast the card's own rate is learnt, per frame of error and second; slower than the
/// proportional part by enough never to swing past.
const INTEGRAL_PER_FRAME_S: f64 = 1.5e-6;
/// A crystal is within 100 ppm, and a slewed wall clock moves by at most 500.
const LEARNT_MAX: f64 = 700e-6;
/// No steering beyond this: 2 frames in a thousand is the most that stays unheard in speech.
const STEER_MAX: f64 = 2_000e-6;
/// The shortest block: a frame slipped needs a few frames to hide in.
pub const BLOCK_FRAMES_MIN: usize = 64;
/// Frames of file handed to the fixed resampler at a time.
const FILE_CHUNK_FRAMES: usize = 1_024;

/// Stretches the mix by single frames, each hidden in a crossfade, to follow the card.
pub struct Follower {
    slip: Slip<f32>,
    chunk_frames: usize,
    learnt: f64,
}

impl Follower {
    /// A follower for blocks of at most `block_frames_max` frames.
    pub fn new(block_frames_max: usize) -> Follower {
        let chunk_frames = block_frames_max.max(BLOCK_FRAMES_MIN);
        let slip = Slip::new(chunk_frames, 1, FixedAsync::Output)
            // Refused only for chunks under 4 frames.
            .expect("the chunk is long enough to slip in");
        Follower { slip, chunk_frames, learnt: 0.0 }
    }

    /// Steers by the card's error in frames (positive: late), to fill a block of `out_frames`; says how
    /// many frames must be mixed for it. `out_frames` is between [`BLOCK_FRAMES_MIN`] and the maximum.
    pub fn steer(&mut self, error_frames: f64, out_frames: usize) -> usize {
        if out_frames != self.chunk_frames && self.slip.set_chunk_size(out_frames).is_ok() {
            self.chunk_frames = out_frames;
        }
        let block_s = out_frames as f64 / f64::from(RATE);
        let learnt = self.learnt + INTEGRAL_PER_FRAME_S * error_frames * block_s;
        self.learnt = learnt.clamp(-LEARNT_MAX, LEARNT_MAX);
        let steer = PROPORTIONAL_PER_FRAME * error_frames + self.learnt;
        // A late card has to swallow more mixed frames per frame of its own: ratio under one.
        let ratio = 1.0 - steer.clamp(-STEER_MAX, STEER_MAX);
        // Out of range is clamped by the library, which is what is wanted.
        let _ = self.slip.set_resample_ratio(ratio, false);
        self.slip.input_frames_next()
    }

    /// Fills `out` from exactly the number of mixed frames asked for.
    pub fn fill(&mut self, mixed: &[f32], out: &mut [f32]) {
        let frames = out.len();
        let copied = InterleavedSlice::new(mixed, 1, mixed.len())
            .ok()
            .zip(InterleavedSlice::new_mut(&mut *out, 1, frames).ok())
            .and_then(|(input, mut output)| self.slip.process_into_buffer(&input, &mut output, None).ok());
        if copied.is_none() {
            // A block of another size than steered for: unslipped sound is better than none.
            let common = mixed.len().min(frames);
            out[..common].copy_from_slice(&mixed[..common]);
            out[common..].fill(0.0);
        }
    }

    /// The card's rate against nominal, in parts per million, as learnt so far (positive: slow).
    pub fn learnt_ppm(&self) -> f64 {
        self.learnt * 1e6
    }
}

/// Turns a file's rate into 48 kHz, without the start-up delay such filters have.
pub struct ToRate {
    fft: Fft<f32>,
    pending: Vec<f32>,
    chunk_out: Vec<f32>,
    delay_frames: usize,
    taken: u64,
    given: u64,
    from: u32,
}

/// The rate is none a recording has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OddRate;

impl ToRate {
    /// From `from` frames per second.
    pub fn new(from: u32) -> Result<ToRate, OddRate> {
        // Outside this range the filter would need absurd lengths.
        if !(4_000..=768_000).contains(&from) {
            return Err(OddRate);
        }
        let (rate_in, rate_out) = (from as usize, RATE as usize);
        let fft = Fft::new(rate_in, rate_out, FILE_CHUNK_FRAMES, 1, FixedSync::Input).map_err(|_| OddRate)?;
        Ok(ToRate {
            pending: Vec::new(),
            chunk_out: vec![0.0; fft.output_frames_max()],
            delay_frames: fft.output_delay(),
            fft,
            taken: 0,
            given: 0,
            from,
        })
    }

    /// Takes frames at the file's rate and appends what is ready at 48 kHz to `out`.
    pub fn push(&mut self, frames: &[f32], out: &mut Vec<f32>) {
        self.taken += frames.len() as u64;
        self.pending.extend_from_slice(frames);
        let mut pending = std::mem::take(&mut self.pending);
        let mut used = 0;
        loop {
            let need = self.fft.input_frames_next();
            if pending.len() - used < need {
                break;
            }
            self.chunk(&pending[used..used + need], None, u64::MAX, out);
            used += need;
        }
        pending.drain(..used);
        self.pending = pending;
    }

    /// The file is over: appends the rest, so that the length comes out right.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let due = (self.taken * u64::from(RATE)).div_ceil(u64::from(self.from));
        let mut rest = std::mem::take(&mut self.pending);
        let mut valid = rest.len();
        // Bounded: each round yields a chunk, and only the filter's delay is still inside.
        while self.given < due {
            let need = self.fft.input_frames_next();
            rest.resize(need, 0.0);
            self.chunk(&rest, Some(valid), due, out);
            valid = 0;
        }
    }

    fn chunk(&mut self, frames: &[f32], valid: Option<usize>, due: u64, out: &mut Vec<f32>) {
        let room = self.chunk_out.len();
        let indexing = Indexing::new();
        let indexing = match valid {
            Some(valid) => indexing.partial_len(valid),
            None => indexing,
        };
        let made = InterleavedSlice::new(frames, 1, frames.len())
            .ok()
            .zip(InterleavedSlice::new_mut(&mut self.chunk_out[..], 1, room).ok())
            .and_then(|(input, mut output)| self.fft.process_into_buffer(&input, &mut output, Some(&indexing)).ok())
            .map_or(0, |(_, made)| made);
        let skip = self.delay_frames.min(made);
        self.delay_frames -= skip;
        let keep = ((made - skip) as u64).min(due.saturating_sub(self.given)) as usize;
        out.extend_from_slice(&self.chunk_out[skip..skip + keep]);
        self.given += keep as u64;
        if made == 0 {
            // Cannot happen with whole chunks; never loop on it.
            self.given = self.given.max(due.min(u64::MAX - 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frames: usize, rate: f64, hz: f64) -> Vec<f32> {
        let turn = std::f64::consts::TAU * hz / rate;
        (0..frames).map(|i| (turn * i as f64).sin() as f32 * 0.5).collect()
    }

    #[test]
    fn a_file_at_44100_keeps_its_length_and_its_place_in_time() {
        let mut rate = ToRate::new(44_100).unwrap();
        let mut out = Vec::new();
        for piece in sine(44_100, 44_100.0, 440.0).chunks(777) {
            rate.push(piece, &mut out);
        }
        rate.finish(&mut out);
        assert_eq!(out.len(), 48_000);
        let wanted = sine(48_000, 48_000.0, 440.0);
        let worst =
            out[2_000..46_000].iter().zip(&wanted[2_000..46_000]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 0.005, "{worst}");
    }

    #[test]
    fn the_shortest_files_come_out_whole() {
        for frames in [1, 2, 100, 1_023, 1_024, 1_025] {
            let mut rate = ToRate::new(8_000).unwrap();
            let mut out = Vec::new();
            rate.push(&vec![0.1; frames], &mut out);
            rate.finish(&mut out);
            assert_eq!(out.len(), frames * 6);
        }
        assert!(ToRate::new(0).is_err());
        assert!(ToRate::new(u32::MAX).is_err());
    }

    #[test]
    fn without_error_the_sound_is_copied_bit_for_bit() {
        let mut follower = Follower::new(960);
        let mixed = sine(960, 48_000.0, 1_000.0);
        let mut out = vec![0.0; 960];
        assert_eq!(follower.steer(0.0, 960), 960);
        follower.fill(&mixed, &mut out);
        assert_eq!(mixed, out);
    }

    #[test]
    fn a_card_that_is_late_is_fed_more_frames_and_one_that_is_early_fewer() {
        for (error, more) in [(200.0, true), (-200.0, false)] {
            let mut follower = Follower::new(4_096);
            let taken: usize = (0..100)
                .map(|_| {
                    let need = follower.steer(error, 4_096);
                    follower.fill(&vec![0.0; need], &mut [0.0; 4_096]);
                    need
                })
                .sum();
            assert_eq!(taken > 409_600, more, "{taken}");
            assert!(taken.abs_diff(409_600) <= 820, "at most 2,000 ppm: {taken}");
        }
    }

    #[test]
    fn the_loop_learns_a_crystal_of_eighty_ppm_and_holds_it_within_a_tenth_of_a_millisecond() {
        for ppm in [80.0, -120.0] {
            let mut follower = Follower::new(2_048);
            let (mut card, mut mixed) = (0.0_f64, 0.0_f64);
            let mut worst_late = 0.0_f64;
            for block in 0..1_400 {
                let error = card - mixed;
                if block > 470 {
                    worst_late = worst_late.max(error.abs());
                }
                let need = follower.steer(error, 2_048);
                follower.fill(&vec![0.0; need], &mut [0.0; 2_048]);
                mixed += need as f64;
                card += 2_048.0 * (1.0 + ppm * 1e-6);
            }
            assert!(worst_late < 4.8, "{worst_late} frames");
            assert!((follower.learnt_ppm() - ppm).abs() < 10.0, "{}", follower.learnt_ppm());
        }
    }
}
