//! Several channels to one, for a single loudspeaker; and whether they can be added up at all.
//!
//! It decides the weights, and notices samples that are no sound and channels that cancel each other.
//! Where the samples come from is `decode.rs`.

/// Float files may exceed full scale (1.0); by 48 dB they are not sound but a wrong sample format.
const MAX_AMPLITUDE: f32 = 256.0;
/// How much weaker than its channels a mix may be, as a ratio of energies (13 dB). Two unrelated channels
/// lose 3 dB, a wide stereo recording about 6.
const MOST_CANCELLED: f64 = 20.0;

/// Adds channels up and remembers how well they agree.
#[derive(Debug, Default)]
pub struct Mixdown {
    channels_energy: f64,
    mix_energy: f64,
}

impl Mixdown {
    /// Appends the mix of interleaved samples of `channels` channels to `mono`. `low` are channels for low
    /// frequency effects: small loudspeakers cannot play them, and a film's rumble would eat the level of
    /// its speech, so they are left out.
    ///
    /// # Errors
    /// The number of the first frame in this block that holds no sound but NaN or absurd values.
    pub fn add(&mut self, interleaved: &[f32], channels: usize, low: &[usize], mono: &mut Vec<f32>) -> Result<(), u64> {
        let heard = (0..channels).filter(|at| !low.contains(at)).collect::<Vec<_>>();
        let heard = if heard.is_empty() { (0..channels).collect() } else { heard };
        let share = 1.0 / heard.len().max(1) as f32;
        for (frame, samples) in interleaved.chunks_exact(channels.max(1)).enumerate() {
            // Written so that NaN, which compares false with everything, is caught.
            if !samples.iter().all(|sample| sample.abs() <= MAX_AMPLITUDE) {
                return Err(frame as u64);
            }
            let (mut sum, mut squares) = (0.0, 0.0);
            for at in &heard {
                sum += samples[*at];
                squares += samples[*at] * samples[*at];
            }
            let mixed = sum * share;
            self.channels_energy += f64::from(squares * share);
            self.mix_energy += f64::from(mixed * mixed);
            mono.push(mixed);
        }
        Ok(())
    }

    /// How many dB the mix lost against its channels, if that is so much that they cancel each other.
    #[must_use]
    pub fn cancelled_db(&self) -> Option<f64> {
        let cancelled = self.channels_energy > 0.0 && self.mix_energy < self.channels_energy / MOST_CANCELLED;
        cancelled.then(|| -10.0 * (self.mix_energy / self.channels_energy).max(1e-9).log10())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_count_alike_and_the_low_frequency_channel_not_at_all() {
        let mut mono = Vec::new();
        Mixdown::default().add(&[0.3, 0.6, 0.9, 0.5, 0.0, 0.2], 6, &[3], &mut mono).unwrap();
        assert!((mono[0] - 0.4).abs() < 1e-6, "{mono:?}");
    }

    #[test]
    fn opposite_channels_are_noticed_and_unrelated_ones_are_not() {
        let (mut opposite, mut unrelated, mut mono) = (Mixdown::default(), Mixdown::default(), Vec::new());
        for n in 0..1000 {
            let (a, b) = ((n as f32 * 0.1).sin(), (n as f32 * 0.17).sin());
            opposite.add(&[a, -a], 2, &[], &mut mono).unwrap();
            unrelated.add(&[a, b], 2, &[], &mut mono).unwrap();
        }
        assert_eq!(unrelated.cancelled_db(), None);
        assert!(opposite.cancelled_db().is_some_and(|loss| loss > 80.0));
    }

    #[test]
    fn what_is_no_number_is_found_where_it_is() {
        for bad in [f32::NAN, f32::INFINITY, -1e30] {
            assert_eq!(Mixdown::default().add(&[0.1, 0.2, 0.1, bad], 2, &[], &mut Vec::new()), Err(1));
        }
    }
}
