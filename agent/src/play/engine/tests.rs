//! The whole of a block on a made-up card: what it would have put into the air, against the wall clock.

use std::sync::mpsc::{self, Sender, SyncSender};

use super::*;
use crate::play::{RATE, frames_to_ns};

const START: Reading = Reading { mono_raw_ns: 50_000_000_000, utc_ns: 1_767_225_600_000_000_000 };
const PERIOD: usize = 4_096;

struct Ramp(u32, u32);

impl Source for Ramp {
    fn read(&mut self, out: &mut [f32]) -> usize {
        let frames = out.len().min((self.1 - self.0) as usize);
        for sample in &mut out[..frames] {
            *sample = (self.0 % 4_096 + 1) as f32 / 8_192.0;
            self.0 += 1;
        }
        frames
    }

    fn is_end(&self) -> bool {
        self.0 == self.1
    }
}

/// A card with a buffer of two periods, whose crystal is `ppm` fast.
struct Card {
    engine: Engine,
    orders: SyncSender<Command>,
    words: mpsc::Receiver<Word>,
    rate: f64,
    mono_ns: f64,
    offset_ns: i64,
    /// Every non-silent frame: when it was heard by the wall clock, and its sample.
    air: Vec<(f64, f32)>,
}

impl Card {
    fn new(ppm: f64) -> Card {
        let (orders, receiver) = mpsc::sync_channel(64);
        let (sender, words) = mpsc::sync_channel(256);
        Card {
            engine: Engine::new(receiver, sender),
            orders,
            words,
            rate: f64::from(RATE) * (1.0 + ppm * 1e-6),
            mono_ns: START.mono_raw_ns as f64,
            offset_ns: START.offset_ns(),
            air: Vec::new(),
        }
    }

    fn now(&self) -> Reading {
        Reading { mono_raw_ns: self.mono_ns as u64, utc_ns: self.mono_ns as i64 + self.offset_ns }
    }

    fn run(&mut self, seconds: f64) {
        let until = self.mono_ns + seconds * 1e9;
        while self.mono_ns < until {
            let heard_ns = self.mono_ns + PERIOD as f64 / self.rate * 1e9;
            let mut out = vec![0.0; PERIOD];
            self.engine.render(heard_ns as u64, self.now(), &mut out);
            for (index, sample) in out.into_iter().enumerate().filter(|(_, s)| *s != 0.0) {
                let mono_ns = heard_ns + index as f64 / self.rate * 1e9;
                self.air.push((mono_ns + self.offset_ns as f64, sample));
            }
            self.mono_ns += PERIOD as f64 / self.rate * 1e9;
        }
    }

    fn play(&self, voice: u64, frames: u32, in_ms: i64) -> UtcNs {
        let at = self.now().utc_ns + in_ms * 1_000_000;
        let source = Box::new(Ramp(0, frames));
        let order = Command::Play { voice, source, start: Start::At(at), gain: 1.0 };
        self.orders.send(order).unwrap();
        at
    }

    fn notes(&self) -> Vec<Note> {
        self.words
            .try_iter()
            .filter_map(|word| match word {
                Word::Note(note) => Some(note),
                Word::Retired(_) | Word::Wake => None,
            })
            .collect()
    }
}

#[test]
fn a_voice_is_heard_within_a_tenth_of_a_millisecond_on_any_crystal() {
    for ppm in [0.0, 80.0, -120.0] {
        let mut card = Card::new(ppm);
        card.run(20.0);
        let at = card.play(1, 48_000, 500);
        card.run(2.0);
        let error_ns = card.air[0].0 - at as f64;
        assert!(error_ns.abs() < 100_000.0, "{ppm} ppm: {error_ns} ns");
    }
}

#[test]
fn after_a_minute_on_a_bad_crystal_the_end_is_where_the_wall_clock_wants_it() {
    for ppm in [80.0, -120.0] {
        let mut card = Card::new(ppm);
        let at = card.play(1, 60 * RATE, 200);
        card.run(62.0);
        let ideal_ns = at as f64 + frames_to_ns(60 * i64::from(RATE) - 1) as f64;
        let error_ns = card.air.last().unwrap().0 - ideal_ns;
        assert!(error_ns.abs() < 200_000.0, "{ppm} ppm: {error_ns} ns");
        assert!((card.engine.learnt_ppm() + ppm).abs() < 20.0, "{}", card.engine.learnt_ppm());
    }
}

#[test]
fn a_clock_step_does_not_tear_what_sounds_but_moves_what_waits() {
    let mut card = Card::new(0.0);
    card.run(1.0);
    card.play(1, RATE, 100);
    card.run(0.5);
    card.offset_ns += 3_600_000_000_000;
    let later = card.play(2, 10, 5_000);
    card.run(8.0);
    let first: Vec<f32> = card.air.iter().take(RATE as usize).map(|(_, s)| *s).collect();
    let whole = (0..RATE).all(|i| first[i as usize] == (i % 4_096 + 1) as f32 / 8_192.0);
    assert!(whole, "every frame once and in order");
    assert!((card.air[RATE as usize].0 - later as f64).abs() < 100_000.0);
}

#[test]
fn after_an_outage_the_voice_is_where_it_would_have_been_and_only_sound_is_counted() {
    let mut card = Card::new(0.0);
    card.run(1.0);
    let at = card.play(1, 10 * RATE, 100);
    card.run(2.1);
    card.engine.lost();
    for _ in 0..30 {
        card.mono_ns += 100e6;
        let now = card.now();
        card.engine.silence(now);
    }
    let heard_before = card.air.len();
    card.run(10.0);
    let (heard_ns, sample) = card.air[heard_before];
    let position = ((heard_ns - at as f64) / 1e9 * f64::from(RATE)).round() as i64;
    let got = (sample * 8_192.0) as i64 - 1;
    assert!((position.rem_euclid(4_096) - got).abs() <= 4, "{position} {got}");
    let Some(Note::Ended { heard_ms, at_utc_ns, .. }) = card.notes().pop() else { panic!() };
    assert!((at_utc_ns - at - 10_000_000_000).abs() < 100_000_000, "{at_utc_ns}");
    // 10 s, less 3 s of outage, less what was in the buffer when the card died.
    assert!((6_800..=7_000).contains(&heard_ms), "{heard_ms}");
}

#[test]
fn an_underrun_costs_the_time_it_took_and_no_more() {
    let mut card = Card::new(0.0);
    let at = card.play(1, 4 * RATE, 100);
    card.run(1.0);
    card.mono_ns += 0.25e9;
    card.engine.restarted();
    card.run(5.0);
    let end_ns = card.air.last().unwrap().0 - at as f64;
    assert!((end_ns - 4e9).abs() < 200_000.0, "{end_ns}");
}

#[test]
fn news_is_told_when_it_is_heard_not_when_it_is_mixed() {
    let mut card = Card::new(0.0);
    card.run(0.1);
    let at = card.play(1, 100, 60);
    while card.notes().is_empty() {
        card.run(0.001);
        assert!(card.now().utc_ns < at + 200_000_000);
    }
    assert!(card.now().utc_ns >= at);
}

#[test]
fn nobody_listening_is_no_reason_to_stop_playing() {
    let mut card = Card::new(0.0);
    let (dead, _): (Sender<Word>, _) = mpsc::channel();
    drop(dead);
    card.words = mpsc::sync_channel(1).1;
    card.play(1, 1_000, 0);
    card.run(1.0);
    assert_eq!(card.air.len(), 1_000);
}

#[test]
fn at_the_end_every_voice_is_told_with_what_was_heard_of_it() {
    let mut card = Card::new(0.0);
    card.run(0.5);
    card.play(1, 10 * RATE, 100);
    card.play(2, 10 * RATE, 60_000);
    card.run(1.1);
    card.engine.end();
    let notes = card.notes();
    let heard = notes.iter().find_map(|note| match note {
        Note::Stopped { voice: 1, heard_ms } => Some(*heard_ms),
        _ => None,
    });
    // A second, less the block that was still inside the card.
    assert!((900..=1_000).contains(&heard.unwrap()), "{notes:?}");
    assert!(notes.contains(&Note::Stopped { voice: 2, heard_ms: 0 }), "{notes:?}");
}
