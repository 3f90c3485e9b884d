//! The speaker against a virtual sound card: what the card was given, frame by frame, and when it played it.
//!
//! The card is `tests/card/virtual_card.c`. ALSA reads the name of its configuration from the environment
//! of the process, so each test runs itself again in a process of its own. Where a C compiler or ALSA's
//! headers are missing the tests say so and do nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use flacenc::component::BitRepr;
use flacenc::error::Verify;
use loa_agent::play::RATE;
use loa_agent::play::ahead::Ahead;
use loa_agent::play::sink::{SinkEvent, Source, Speaker, Target};
use loa_host::clock::{Clock, UtcNs};

/// Set in the process that has the card; names the card's directory.
const DIR: &str = "LOA_VIRTUAL_CARD";
const MS: i64 = 1_000_000;
/// The project's promise: a voice is heard within this of its time.
const ERROR_MAX_NS: i64 = 2 * MS;
/// A click: this many frames at half of full scale.
const CLICK_FRAMES: usize = 96;

/// Runs `body` in a process that has a card named "loa" with the given faults.
fn on_card(test: &str, fields: &[&str], body: fn(&Bench)) {
    if let Ok(dir) = std::env::var(DIR) {
        return body(&Bench::new(PathBuf::from(dir)));
    }
    let dir = tempfile::tempdir().unwrap();
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/card/build.sh");
    for name in ["loa", "!default"] {
        let built = Command::new(&build).arg(dir.path()).arg(name).args(fields).status().unwrap();
        if built.code() == Some(77) {
            println!("{test}: skipped, there is no C compiler or no libasound2-dev");
            return;
        }
        assert!(built.success());
    }
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("ALSA_CONFIG_PATH", dir.path().join("asound.conf"))
        .env(DIR, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    for line in said.lines().filter(|line| line.starts_with("  ")) {
        println!("{line}");
    }
    let log = std::fs::read_to_string(dir.path().join("loa.log")).unwrap_or_default();
    assert!(run.status.success(), "{said}\n{}\n{log}", String::from_utf8_lossy(&run.stderr));
}

struct Bench {
    dir: PathBuf,
    clock: Clock,
}

/// A stretch of frames the card played without a break.
struct Run {
    stream: u32,
    first: u64,
    utc_ns: UtcNs,
}

impl Bench {
    fn new(dir: PathBuf) -> Bench {
        Bench { dir, clock: Clock::machine() }
    }

    fn now(&self) -> UtcNs {
        self.clock.now().utc_ns
    }

    fn open(&self, target: Target) -> (Speaker, Receiver<SinkEvent>) {
        let (events, receiver) = channel();
        (Speaker::open(target, self.clock.clone(), events), receiver)
    }

    fn card(&self) -> (Speaker, Receiver<SinkEvent>) {
        self.open(Target::Card(Some("loa".into())))
    }

    fn runs(&self) -> Vec<Run> {
        let log = std::fs::read_to_string(self.dir.join("loa.log")).unwrap();
        let field = |line: &str, name: &str| -> i64 {
            let word = line.split(' ').find_map(|word| word.strip_prefix(name)).unwrap();
            word.parse().unwrap()
        };
        log.lines()
            .filter(|line| line.starts_with("start "))
            .map(|line| Run {
                stream: field(line, "stream=") as u32,
                first: field(line, "first=") as u64,
                utc_ns: field(line, "utc="),
            })
            .collect()
    }

    /// When each click was heard, by the card's own account.
    fn clicks(&self, ppm: f64) -> Vec<UtcNs> {
        let runs = self.runs();
        let mut clicks = Vec::new();
        let mut streams: Vec<u32> = runs.iter().map(|run| run.stream).collect();
        streams.dedup();
        for stream in streams {
            let bytes = std::fs::read(self.dir.join(format!("loa.{stream}"))).unwrap();
            let frames: Vec<i16> = bytes.chunks_exact(4).map(|f| i16::from_le_bytes([f[0], f[1]])).collect();
            let mut silent = 0;
            for (at, frame) in frames.iter().enumerate() {
                if frame.abs() > 8_000 && silent > 2_000 {
                    let run = runs.iter().rfind(|r| r.stream == stream && r.first <= at as u64).unwrap();
                    let rate = f64::from(RATE) * (1.0 + ppm * 1e-6);
                    let since_ns = (at as f64 - run.first as f64) / rate * 1e9;
                    clicks.push(run.utc_ns + since_ns as i64);
                }
                silent = if frame.abs() > 8_000 { 0 } else { silent + 1 };
            }
        }
        clicks
    }
}

/// A click every `every_frames`, `clicks` times, the first at once.
struct Clicks {
    at: usize,
    every_frames: usize,
    clicks: usize,
}

fn clicks(every_ms: usize, clicks: usize) -> Box<Clicks> {
    Box::new(Clicks { at: 0, every_frames: every_ms * 48, clicks })
}

impl Source for Clicks {
    fn read(&mut self, out: &mut [f32]) -> usize {
        let frames = out.len().min(self.every_frames * self.clicks - self.at);
        for sample in &mut out[..frames] {
            *sample = if self.at % self.every_frames < CLICK_FRAMES { 0.5 } else { 0.0 };
            self.at += 1;
        }
        frames
    }

    fn is_end(&self) -> bool {
        self.at == self.every_frames * self.clicks
    }
}

/// Every event up to one that `last` accepts; a speaker that falls silent fails the test.
fn until(events: &Receiver<SinkEvent>, last: impl Fn(&SinkEvent) -> bool) -> Vec<SinkEvent> {
    let mut seen = Vec::new();
    loop {
        let event = events
            .recv_timeout(Duration::from_secs(40))
            .unwrap_or_else(|_| panic!("nothing more came after {seen:?}"));
        let done = last(&event);
        seen.push(event);
        if done {
            return seen;
        }
    }
}

fn is_opened(event: &SinkEvent) -> bool {
    matches!(event, SinkEvent::Opened { .. })
}

fn is_over(voice: u64) -> impl Fn(&SinkEvent) -> bool {
    move |event| matches!(event, SinkEvent::Ended { voice: ended, .. } if *ended == voice)
}

fn silent_ms(events: &[SinkEvent]) -> u64 {
    let back = events.iter().find_map(|event| match event {
        SinkEvent::Back { silent_ms } => Some(*silent_ms),
        _ => None,
    });
    back.unwrap_or_else(|| panic!("sound never came back: {events:?}"))
}

/// Processor time of this process so far, in seconds, and its largest size in memory, in MB.
fn cost() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks: f64 = after_name.split(' ').skip(12).take(2).map(|t| t.parse::<f64>().unwrap()).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let peak_kb: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    (ticks / 100.0, peak_kb / 1024.0)
}

#[test]
fn every_voice_starts_within_two_milliseconds_of_its_time() {
    on_card("every_voice_starts_within_two_milliseconds_of_its_time", &["ppm", "80"], |bench| {
        let (speaker, events) = bench.card();
        until(&events, is_opened);
        let first = bench.now() + 500 * MS + 123_456;
        let starts: Vec<i64> = (0..12).map(|n| first + n * 230 * MS + n * 77_777).collect();
        for (voice, start) in starts.iter().enumerate() {
            speaker.play(voice as u64, clicks(50, 1), *start, 1.0);
        }
        let seen = until(&events, is_over(11));
        speaker.close();
        let heard = bench.clicks(80.0);
        assert_eq!(heard.len(), starts.len());
        let errors_us: Vec<i64> = heard.iter().zip(&starts).map(|(h, s)| (h - s) / 1_000).collect();
        println!("  start errors: {errors_us:?} µs");
        assert!(errors_us.iter().all(|us| us.abs() * 1_000 < ERROR_MAX_NS), "{errors_us:?}");
        for event in seen {
            if let SinkEvent::Started { error_ns, .. } = event {
                assert!(error_ns.abs() < ERROR_MAX_NS, "{event:?}");
            }
        }
    });
}

#[test]
fn items_that_follow_each_other_leave_not_one_silent_frame() {
    on_card("items_that_follow_each_other_leave_not_one_silent_frame", &[], |bench| {
        let (speaker, events) = bench.card();
        until(&events, is_opened);
        // Each is one long click; 4,801 frames are no whole number of nanoseconds.
        let tone = || Box::new(Clicks { at: 0, every_frames: 96, clicks: 50 });
        let start = bench.now() + 300 * MS;
        speaker.play(1, tone(), start, 1.0);
        speaker.follow(2, tone(), 1, 1.0);
        speaker.play(3, tone(), start + 200_000_000, 1.0);
        until(&events, is_over(3));
        speaker.close();
        let bytes = std::fs::read(bench.dir.join("loa.1")).unwrap();
        let loud: Vec<bool> = bytes.chunks_exact(4).map(|f| i16::from_le_bytes([f[0], f[1]]) > 8_000).collect();
        let begin = loud.iter().position(|loud| *loud).unwrap();
        let length = loud[begin..].iter().position(|loud| !loud).unwrap();
        // A frame more or less is the card's drift being followed.
        assert!(length.abs_diff(3 * 4_800) <= 2, "{length}");
    });
}

#[test]
fn a_fast_crystal_is_followed_for_twenty_seconds() {
    on_card("a_fast_crystal_is_followed_for_twenty_seconds", &["ppm", "80"], |bench| {
        let mut train = clicks(500, 40);
        let mut frames = vec![0.0; 20 * RATE as usize];
        assert_eq!(train.read(&mut frames), frames.len());
        let samples: Vec<i32> = frames.iter().map(|s| (s * 32_767.0) as i32).collect();
        let config = flacenc::config::Encoder::default().into_verified().unwrap();
        let source = flacenc::source::MemSource::from_samples(&samples, 1, 16, RATE as usize);
        let flac = flacenc::encode_with_fixed_block_size(&config, source, 4_000).unwrap();
        let mut bytes = flacenc::bitsink::ByteSink::new();
        flac.write(&mut bytes).unwrap();
        let path = bench.dir.join("train.flac");
        std::fs::write(&path, bytes.as_slice()).unwrap();

        let (speaker, events) = bench.card();
        until(&events, is_opened);
        let (cpu_before_s, _) = cost();
        let start = bench.now() + 500 * MS;
        speaker.play(1, Box::new(Ahead::open(&path, 0).unwrap()), start, 1.0);
        let seen = until(&events, is_over(1));
        let (cpu_s, peak_mb) = cost();
        speaker.close();
        let heard = bench.clicks(80.0);
        assert_eq!(heard.len(), 40);
        let skews_us: Vec<i64> =
            heard.iter().zip(0..).map(|(h, n)| (h - start - n * 500 * MS) / 1_000).collect();
        println!("  skew over 20 s at +80 ppm: {skews_us:?} µs (uncorrected it would reach -1600)");
        println!("  playing FLAC: {:.2} % of a core, at most {peak_mb:.1} MB", (cpu_s - cpu_before_s) / 20.5 * 100.0);
        assert!(skews_us.iter().all(|us| us.abs() < 400), "{skews_us:?}");
        let Some(SinkEvent::Ended { heard_ms, .. }) = seen.last() else { panic!("{seen:?}") };
        assert_eq!(*heard_ms, 20_000);
    });
}

/// Plays a click every 250 ms for `seconds` on a card that fails; the clicks heard must all be on time.
fn play_through(bench: &Bench, seconds: usize) -> (Vec<SinkEvent>, u64) {
    let (speaker, events) = bench.card();
    until(&events, is_opened);
    let start = bench.now() + 300 * MS;
    speaker.play(1, clicks(250, seconds * 4), start, 1.0);
    let seen = until(&events, is_over(1));
    speaker.close();
    let heard = bench.clicks(0.0);
    let errors_us: Vec<i64> = heard
        .iter()
        .map(|h| (h - start + 125 * MS).rem_euclid(250 * MS) / 1_000 - 125_000)
        .collect();
    println!("  {} of {} clicks; errors {errors_us:?} µs", heard.len(), seconds * 4);
    assert!(errors_us.iter().all(|us| us.abs() * 1_000 < ERROR_MAX_NS), "{errors_us:?}");
    let Some(SinkEvent::Ended { heard_ms, .. }) = seen.last() else { panic!("{seen:?}") };
    let (heard_ms, silent_ms) = (*heard_ms, silent_ms(&seen));
    println!("  silent for {silent_ms} ms; {heard_ms} of {} ms counted as heard", seconds * 1_000);
    assert!(heard_ms + silent_ms <= seconds as u64 * 1_000 + 100, "more counted than can have been heard");
    assert!(heard_ms + silent_ms + 700 >= seconds as u64 * 1_000, "sound was lost that was not told");
    (seen, silent_ms)
}

#[test]
fn an_unplugged_card_is_opened_again_and_the_voice_goes_on_in_its_place() {
    on_card(
        "an_unplugged_card_is_opened_again_and_the_voice_goes_on_in_its_place",
        &["fail_after_ms", "2000"],
        |bench| {
            let (seen, silent_ms) = play_through(bench, 6);
            assert!(silent_ms < 3_000);
            assert_eq!(seen.iter().filter(|e| matches!(e, SinkEvent::Lost { .. })).count(), 1);
        },
    );
}

#[test]
fn a_frozen_card_is_noticed_and_opened_again() {
    on_card("a_frozen_card_is_noticed_and_opened_again", &["stall_after_ms", "2000"], |bench| {
        let (_, silent_ms) = play_through(bench, 6);
        assert!(silent_ms < 1_500);
    });
}

#[test]
fn a_storm_of_errors_costs_no_core_and_is_survived_three_times() {
    on_card(
        "a_storm_of_errors_costs_no_core_and_is_survived_three_times",
        &["storm_after_ms", "1500", "faulty_streams", "3"],
        |bench| {
            let (before_s, _) = cost();
            let (seen, _) = play_through(bench, 10);
            let (after_s, _) = cost();
            println!("  {:.2} s of processor for 10 s with three storms", after_s - before_s);
            assert_eq!(seen.iter().filter(|e| matches!(e, SinkEvent::Back { .. })).count(), 3);
            assert!(after_s - before_s < 1.0);
        },
    );
}

#[test]
fn no_card_of_that_name_is_said_and_closing_does_not_wait_for_one() {
    on_card("no_card_of_that_name_is_said_and_closing_does_not_wait_for_one", &[], |bench| {
        let (speaker, events) = bench.open(Target::Card(Some("elsewhere".into())));
        let seen = until(&events, |event| matches!(event, SinkEvent::Lost { .. }));
        assert_eq!(seen, [SinkEvent::Lost { why: "there is no sound card named elsewhere".into() }]);
        speaker.play(1, clicks(100, 1), bench.now(), 1.0);
        until(&events, is_over(1));
        let before = bench.now();
        speaker.close();
        assert!(bench.now() - before < 2_000 * MS);
    });
}

#[test]
fn left_to_itself_the_speaker_takes_the_card_there_is() {
    on_card("left_to_itself_the_speaker_takes_the_card_there_is", &[], |bench| {
        let (speaker, events) = bench.open(Target::Auto(bench.dir.join("recording")));
        let seen = until(&events, is_opened);
        assert!(matches!(&seen[0], SinkEvent::Opened { is_file: false, .. }), "{seen:?}");
        speaker.close();
        assert!(!bench.dir.join("recording").exists());
    });
}

#[test]
fn without_a_card_the_speaker_records_and_says_so() {
    on_card("without_a_card_the_speaker_records_and_says_so", &["fail_here", "1"], |bench| {
        let dir = bench.dir.join("recording");
        let (speaker, events) = bench.open(Target::Auto(dir.clone()));
        let seen = until(&events, is_opened);
        assert!(matches!(&seen[0], SinkEvent::Opened { is_file: true, .. }), "{seen:?}");
        let start = bench.now() + 200 * MS;
        speaker.play(1, clicks(100, 2), start, 1.0);
        until(&events, is_over(1));
        speaker.close();
        let mut wav = hound::WavReader::open(dir.join("heard.wav")).unwrap();
        let frames: Vec<i16> = wav.samples().map(Result::unwrap).collect();
        let at = frames.iter().position(|frame| *frame > 8_000).unwrap();
        let sidecar = std::fs::read_to_string(dir.join("heard.json")).unwrap();
        let sidecar: serde_json::Value = serde_json::from_str(&sidecar).unwrap();
        let zero_ns = sidecar["anchors"][0]["utc_ns"].as_i64().unwrap();
        let error_ns = zero_ns + at as i64 * 1_000_000_000 / i64::from(RATE) - start;
        println!("  start error in the recording: {} µs", error_ns / 1_000);
        assert!(error_ns.abs() < ERROR_MAX_NS);
    });
}
