//! Recordings made on a clock moved by hand.

use std::sync::mpsc::{SyncSender, sync_channel};

use loa_host::clock::Clock;

use super::*;
use crate::play::engine::{Command, Word};
use crate::play::mix::{Source, Start};

struct Tone(usize);

impl Source for Tone {
    fn read(&mut self, out: &mut [f32]) -> usize {
        let frames = out.len().min(self.0);
        out[..frames].fill(0.5);
        self.0 -= frames;
        frames
    }

    fn is_end(&self) -> bool {
        self.0 == 0
    }
}

struct Bench {
    dir: tempfile::TempDir,
    clock: Clock,
    engine: Engine,
    orders: SyncSender<Command>,
    _news: std::sync::mpsc::Receiver<Word>,
}

impl Bench {
    fn new() -> Bench {
        let (orders, receiver) = sync_channel(8);
        let (words, news) = sync_channel(8);
        Bench {
            dir: tempfile::tempdir().unwrap(),
            clock: Clock::manual(),
            engine: Engine::new(receiver, words),
            orders,
            _news: news,
        }
    }

    fn begin(&self) -> Recording {
        Recording::begin(self.dir.path(), self.clock.now()).unwrap()
    }

    fn run(&mut self, recording: &mut Recording, ms: u64) {
        for _ in 0..ms / 20 {
            self.clock.advance_ns(20_000_000);
            recording.write(self.clock.now(), &mut self.engine).unwrap();
        }
    }

    fn play_in(&self, ms: i64, frames: usize) {
        let start = Start::At(self.clock.now().utc_ns + ms * 1_000_000);
        let source = Box::new(Tone(frames));
        let order = Command::Play { voice: 1, source, start, gain: 1.0 };
        self.orders.send(order).unwrap();
    }

    fn samples(&self, name: &str) -> Vec<i16> {
        let mut wav = hound::WavReader::open(self.dir.path().join(name)).unwrap();
        assert_eq!(wav.spec(), WAV);
        wav.samples().map(Result::unwrap).collect()
    }

    /// Pairs of frame and wall clock in the sidecar.
    fn anchors(&self, name: &str) -> Vec<(u64, i64)> {
        let text = std::fs::read_to_string(self.dir.path().join(name)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["rate"], 48_000);
        let list = json["anchors"].as_array().unwrap();
        list.iter().map(|a| (a["frame"].as_u64().unwrap(), a["utc_ns"].as_i64().unwrap())).collect()
    }
}

#[test]
fn what_is_heard_stands_at_the_frame_of_its_time() {
    let mut bench = Bench::new();
    let mut recording = bench.begin();
    let begun = bench.clock.now();
    bench.play_in(500, 4_800);
    bench.run(&mut recording, 1_000);
    recording.finish().unwrap();
    let samples = bench.samples("heard.wav");
    assert_eq!(samples.len(), 48_000);
    assert!(samples[..24_000].iter().all(|&s| s == 0));
    assert!(samples[24_000..28_800].iter().all(|&s| s == 16_384));
    assert!(samples[28_800..].iter().all(|&s| s == 0));
    assert_eq!(bench.anchors("heard.json"), [(0, begun.utc_ns)]);
}

#[test]
fn a_clock_step_is_written_down_where_it_happened() {
    let mut bench = Bench::new();
    let mut recording = bench.begin();
    let begun = bench.clock.now();
    bench.run(&mut recording, 400);
    bench.clock.step_utc_ns(7_000_000_000);
    bench.play_in(100, 480);
    bench.run(&mut recording, 400);
    recording.finish().unwrap();
    assert_eq!(bench.anchors("heard.json"), [(0, begun.utc_ns), (19_200, begun.utc_ns + 7_400_000_000)]);
    assert_eq!(bench.samples("heard.wav").iter().position(|&s| s != 0), Some(24_000));
}

#[test]
fn killed_at_any_moment_the_file_is_a_whole_wav_but_for_the_last_second() {
    let mut bench = Bench::new();
    let mut recording = bench.begin();
    assert_eq!(bench.samples("heard.wav").len(), 0);
    bench.run(&mut recording, 3_500);
    let frames = bench.samples("heard.wav").len();
    assert!((2 * 48_000..=168_000).contains(&frames), "{frames}");
    std::mem::forget(recording);
}

#[test]
fn the_recording_before_is_kept_and_the_one_before_that_is_not() {
    let mut bench = Bench::new();
    for run in 1..=3 {
        let mut recording = bench.begin();
        bench.run(&mut recording, run * 100);
        recording.finish().unwrap();
    }
    assert_eq!(bench.samples("heard.wav").len(), 14_400);
    assert_eq!(bench.samples("heard.1.wav").len(), 9_600);
    assert_eq!(std::fs::read_dir(bench.dir.path()).unwrap().count(), 4);
}

#[test]
fn a_full_file_is_followed_by_another_without_losing_a_frame() {
    let mut bench = Bench::new();
    let mut recording = bench.begin();
    recording.frames_max = 48_000;
    let begun = bench.clock.now();
    bench.play_in(990, 4_800);
    bench.run(&mut recording, 1_200);
    recording.finish().unwrap();
    let (old, new) = (bench.samples("heard.1.wav"), bench.samples("heard.wav"));
    assert_eq!((old.len(), new.len()), (48_000, 9_600));
    assert_eq!(old.iter().filter(|&&s| s != 0).count(), 480);
    assert!(new[..4_320].iter().all(|&s| s != 0) && new[4_320..].iter().all(|&s| s == 0));
    assert_eq!(bench.anchors("heard.json"), [(0, begun.utc_ns + 1_000_000_000)]);
    assert_eq!(FILE_FRAMES_MAX, 3_600 * 48_000);
}
