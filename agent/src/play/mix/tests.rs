//! The mixer, driven by hand: voices of known samples, times of our choosing.

use super::*;

const T0: UtcNs = 1_767_225_600_000_000_000;

/// `left` frames of a constant, with holes where nothing is ready.
struct Tone {
    level: f32,
    left: usize,
    /// Reads to come that find nothing ready.
    dry_reads: usize,
}

impl Source for Tone {
    fn read(&mut self, out: &mut [f32]) -> usize {
        if self.dry_reads > 0 && self.left > 0 {
            self.dry_reads -= 1;
            return 0;
        }
        let frames = out.len().min(self.left);
        out[..frames].fill(self.level);
        self.left -= frames;
        frames
    }

    fn is_end(&self) -> bool {
        self.left == 0
    }
}

/// Counts up, so that a position can be read off a sample.
struct Ramp {
    at: usize,
    end: usize,
}

impl Source for Ramp {
    fn read(&mut self, out: &mut [f32]) -> usize {
        let frames = out.len().min(self.end - self.at);
        for (index, sample) in out[..frames].iter_mut().enumerate() {
            *sample = (self.at + index) as f32 / 1e6;
        }
        self.at += frames;
        frames
    }

    fn is_end(&self) -> bool {
        self.at == self.end
    }
}

struct Bomb;

impl Source for Bomb {
    fn read(&mut self, _out: &mut [f32]) -> usize {
        panic!("a decoder's bug");
    }

    fn is_end(&self) -> bool {
        false
    }
}

fn tone(level: f32, left: usize) -> Box<dyn Source> {
    Box::new(Tone { level, left, dry_reads: 0 })
}

fn ramp(end: usize) -> Box<dyn Source> {
    Box::new(Ramp { at: 0, end })
}

fn at(frames: i64) -> UtcNs {
    T0 + frames_to_ns(frames)
}

fn notes(mixer: &mut Mixer, heard_until: u64) -> Vec<Note> {
    let mut notes = Vec::new();
    mixer.release(heard_until, |note| {
        notes.push(note);
        true
    });
    notes
}

#[test]
fn a_voice_begins_on_the_frame_heard_at_its_start_whatever_the_block_size() {
    for block in [64, 441, 960, 2_048] {
        let mut mixer = Mixer::default();
        mixer.play(1, tone(0.5, 3_000), Start::At(at(10_000)), 1.0);
        let mut heard = Vec::new();
        while heard.len() < 20_000 {
            let mut out = vec![9.0; block];
            mixer.mix(at(heard.len() as i64), &mut out);
            heard.extend(out);
        }
        assert!(heard[..10_000].iter().all(|&s| s == 0.0));
        assert!(heard[10_000..13_000].iter().all(|&s| s == 0.5));
        assert!(heard[13_000..].iter().all(|&s| s == 0.0));
        let [
            Note::Started { voice: 1, at_utc_ns: started_ns, error_ns },
            Note::Ended { voice: 1, heard_ms: 62, at_utc_ns: ended_ns },
        ] = notes(&mut mixer, 20_000)[..]
        else {
            panic!("not once started and once ended");
        };
        // Times are told to the nanosecond, rounded.
        assert!((started_ns - at(10_000)).abs() <= 1 && error_ns.abs() <= 1);
        assert!((ended_ns - at(13_000)).abs() <= 1);
        assert!(mixer.is_idle());
        assert!(mixer.take_retired().is_some());
    }
}

#[test]
fn a_voice_whose_start_is_past_begins_at_once_and_says_how_late() {
    let mut mixer = Mixer::default();
    mixer.play(7, ramp(100), Start::At(at(-4_800)), 1.0);
    let mut out = [0.0; 128];
    mixer.mix(T0, &mut out);
    assert_eq!(out[1], 1e-6, "from its first frame on");
    assert_eq!(notes(&mut mixer, 128)[0], Note::Started { voice: 7, at_utc_ns: T0, error_ns: 100_000_000 });
}

#[test]
fn items_follow_each_other_without_a_gap_by_time_and_by_name() {
    // 1001 frames is no whole number of nanoseconds: the start below is rounded.
    let mut mixer = Mixer::default();
    mixer.play(1, tone(0.1, 1_001), Start::At(at(7)), 1.0);
    mixer.play(2, tone(0.2, 1_001), Start::At(at(7) + frames_to_ns(1_001) + 21_000), 1.0);
    mixer.play(3, tone(0.3, 5), Start::After(2), 1.0);
    mixer.play(4, tone(0.4, 5), Start::After(3), 1.0);
    let mut heard = Vec::new();
    while heard.len() < 3_000 {
        let mut out = vec![0.0; 1_008];
        mixer.mix(at(heard.len() as i64), &mut out);
        heard.extend(out);
    }
    assert!(heard[7..1_008].iter().all(|&s| s == 0.1));
    assert!(heard[1_008..2_009].iter().all(|&s| s == 0.2), "{:?}", &heard[1_005..1_012]);
    assert!(heard[2_009..2_014].iter().all(|&s| s == 0.3));
    assert!(heard[2_014..2_019].iter().all(|&s| s == 0.4));
    assert!(heard[2_019..].iter().all(|&s| s == 0.0));
}

#[test]
fn voices_add_up_and_the_sum_never_passes_full_scale_nor_carries_rubbish() {
    let mut mixer = Mixer::default();
    mixer.play(1, tone(0.25, 10), Start::At(T0), 2.0);
    mixer.play(2, tone(0.25, 10), Start::At(T0), 1.0);
    mixer.play(3, tone(-9.0, 10), Start::At(at(10)), 1.0);
    mixer.play(4, tone(f32::NAN, 10), Start::At(at(20)), 1.0);
    let mut out = [0.0; 30];
    mixer.mix(T0, &mut out);
    assert_eq!(out[9], 0.75);
    assert_eq!(out[19], -1.0);
    assert_eq!(out[29], 0.0);
}

#[test]
fn a_clock_step_while_a_voice_sounds_does_not_tear_it() {
    let mut mixer = Mixer::default();
    mixer.play(1, ramp(1_000), Start::At(T0), 1.0);
    let mut out = [0.0; 500];
    mixer.mix(T0, &mut out);
    mixer.mix(T0 - 3_600_000_000_000, &mut out);
    assert_eq!(out[0], 500e-6);
}

#[test]
fn a_stopped_voice_fades_to_silence_and_counts_what_was_heard() {
    let mut mixer = Mixer::default();
    mixer.play(1, tone(1.0, 48_000), Start::At(T0), 1.0);
    let mut out = [0.0; 4_800];
    mixer.mix(T0, &mut out);
    mixer.stop(1, 50);
    mixer.mix(at(4_800), &mut out);
    assert_eq!(out[0], 1.0);
    assert!((out[1_200] - 0.5).abs() < 0.001);
    assert_eq!(out[2_400], 0.0);
    assert_eq!(notes(&mut mixer, 9_600).last(), Some(&Note::Stopped { voice: 1, heard_ms: 150 }));
}

#[test]
fn a_waiting_voice_is_stopped_unheard() {
    let mut mixer = Mixer::default();
    mixer.play(1, tone(1.0, 48), Start::At(at(1_000_000)), 1.0);
    mixer.stop(1, 50);
    assert_eq!(notes(&mut mixer, 0), [Note::Stopped { voice: 1, heard_ms: 0 }]);
    assert!(mixer.is_idle());
}

#[test]
fn a_late_decoder_leaves_silence_and_the_voice_is_in_its_place_afterwards() {
    let mut mixer = Mixer::default();
    let source = Tone { level: 0.5, left: 4_000, dry_reads: 2 };
    mixer.play(1, Box::new(source), Start::At(T0), 1.0);
    let mut out = [0.0; 960];
    for block in 0..5 {
        mixer.mix(at(block * 960), &mut out);
        assert_eq!(out[0], if block < 2 { 0.0 } else { 0.5 }, "block {block}");
    }
    // 4,000 frames long, the first 1,920 of them in silence: it ends when it would have ended.
    assert_eq!(
        notes(&mut mixer, 4_800),
        [
            Note::Starved { voice: 1, ms: 40 },
            Note::Started { voice: 1, at_utc_ns: at(1_920), error_ns: 40_000_000 },
            Note::Ended { voice: 1, heard_ms: 43, at_utc_ns: at(4_000) },
        ]
    );
}

#[test]
fn while_there_is_no_card_a_voice_moves_on_unheard() {
    let mut mixer = Mixer::default();
    mixer.play(1, ramp(96_000), Start::At(T0), 1.0);
    let mut out = [0.0; 4_800];
    mixer.mix(T0, &mut out);
    mixer.pass(at(4_800), 20_000);
    mixer.mix(at(24_800), &mut out);
    assert_eq!(out[0], 24_800.0 / 1e6);
    mixer.pass(at(29_600), 100_000);
    assert_eq!(
        notes(&mut mixer, 200_000).last(),
        Some(&Note::Ended { voice: 1, heard_ms: 200, at_utc_ns: at(96_000) })
    );
}

#[test]
fn what_fell_due_while_there_was_no_card_is_joined_where_it_would_have_been() {
    let mut mixer = Mixer::default();
    mixer.play(1, ramp(10_000), Start::At(at(1_000)), 1.0);
    mixer.play(2, ramp(10_000), Start::After(1), 1.0);
    mixer.play(3, ramp(50), Start::At(at(2_000)), 1.0);
    mixer.pass(T0, 15_000);
    let mut out = [0.0; 100];
    mixer.mix(at(15_000), &mut out);
    assert_eq!(out[0], 4_000.0 / 1e6, "1 ended at 11,000; 2 is 4,000 frames in");
    let notes = notes(&mut mixer, 15_100);
    assert!(notes.contains(&Note::Ended { voice: 1, heard_ms: 0, at_utc_ns: at(11_000) }));
    assert!(notes.contains(&Note::Ended { voice: 3, heard_ms: 0, at_utc_ns: at(2_050) }));
    assert!(notes.contains(&Note::Started { voice: 2, at_utc_ns: at(15_000), error_ns: 0 }));
}

#[test]
fn frames_that_died_inside_the_card_are_not_counted_as_heard() {
    let mut mixer = Mixer::default();
    mixer.play(1, ramp(4_800), Start::At(T0), 1.0);
    mixer.play(2, ramp(48_000), Start::After(1), 1.0);
    let mut out = [0.0; 9_600];
    mixer.mix(T0, &mut out);
    assert_eq!(notes(&mut mixer, 2_400).len(), 1, "only the start of 1 was heard");
    mixer.unheard_from(2_400);
    assert_eq!(
        notes(&mut mixer, 2_400),
        [Note::Ended { voice: 1, heard_ms: 50, at_utc_ns: at(4_800) }],
        "2 has not started for the listener"
    );
    mixer.mix(at(9_600), &mut out);
    mixer.stop(2, 0);
    assert_eq!(
        notes(&mut mixer, 19_200),
        [Note::Started { voice: 2, at_utc_ns: at(9_600), error_ns: 0 }, Note::Stopped { voice: 2, heard_ms: 200 },]
    );
}

#[test]
fn a_source_that_panics_is_over_and_the_others_sound_on() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut mixer = Mixer::default();
    mixer.play(1, Box::new(Bomb), Start::At(T0), 1.0);
    mixer.play(2, tone(0.5, 1_000), Start::At(T0), 1.0);
    let mut out = [0.0; 100];
    mixer.mix(T0, &mut out);
    std::panic::set_hook(hook);
    assert!(out.iter().all(|&s| s == 0.5));
    assert!(notes(&mut mixer, 100).contains(&Note::Ended { voice: 1, heard_ms: 0, at_utc_ns: T0 }));
}

#[test]
fn the_seventeenth_voice_is_refused_in_so_many_words() {
    let mut mixer = Mixer::default();
    for id in 0..=VOICES_MAX as u64 {
        mixer.play(id, tone(0.0, 1), Start::At(T0), 1.0);
    }
    assert_eq!(notes(&mut mixer, 0), [Note::Stopped { voice: 16, heard_ms: 0 }]);
}

#[test]
fn notes_nobody_takes_are_kept() {
    let mut mixer = Mixer::default();
    mixer.play(1, tone(0.0, 1), Start::At(T0), 1.0);
    mixer.mix(T0, &mut [0.0; 10]);
    mixer.release(10, |_| false);
    assert_eq!(notes(&mut mixer, 10).len(), 2);
}
