//! A process with a virtual sound card, and what that card was given. The tests are in `card.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use loa_agent::play::RATE;
use loa_agent::play::sink::{SinkEvent, Source, Speaker, Target};
use loa_host::clock::{Clock, UtcNs};

/// Set in the process that has the card; names the card's directory.
pub const DIR: &str = "LOA_VIRTUAL_CARD";
pub const MS: i64 = 1_000_000;
/// The project's promise: a voice is heard within this of its time.
pub const ERROR_MAX_NS: i64 = 2 * MS;
/// A click: this many frames at half of full scale.
pub const CLICK_FRAMES: usize = 96;

/// Runs `body` in a process that has a card named "loa" with the given faults.
pub fn on_card(test: &str, fields: &[&str], body: fn(&Bench)) {
    if let Ok(dir) = std::env::var(DIR) {
        // Ends the line the test harness has begun, so that what follows stands on lines of its own.
        println!();
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

pub struct Bench {
    pub dir: PathBuf,
    pub clock: Clock,
}

/// A stretch of frames the card played without a break.
pub struct Run {
    pub stream: u32,
    pub first: u64,
    pub utc_ns: UtcNs,
}

impl Bench {
    pub fn new(dir: PathBuf) -> Bench {
        Bench { dir, clock: Clock::machine() }
    }

    pub fn now(&self) -> UtcNs {
        self.clock.now().utc_ns
    }

    pub fn open(&self, target: Target) -> (Speaker, Receiver<SinkEvent>) {
        let (events, receiver) = channel();
        (Speaker::open(target, self.clock.clone(), events), receiver)
    }

    pub fn card(&self) -> (Speaker, Receiver<SinkEvent>) {
        self.open(Target::Card(Some("loa".into())))
    }

    pub fn runs(&self) -> Vec<Run> {
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

    /// The most sound that underruns can have cost: a machine shared with others may make a few.
    pub fn dropped_ms(&self) -> u64 {
        let log = std::fs::read_to_string(self.dir.join("loa.log")).unwrap();
        500 * log.lines().filter(|line| line.starts_with("underrun")).count() as u64
    }

    /// How far each click was from the nearest of its possible times, in microseconds.
    pub fn errors_us(&self, ppm: f64, start: UtcNs, every_ms: i64) -> Vec<i64> {
        let every_ns = every_ms * MS;
        let error = |heard: &UtcNs| (heard - start + every_ns / 2).rem_euclid(every_ns) - every_ns / 2;
        self.clicks(ppm).iter().map(|heard| error(heard) / 1_000).collect()
    }

    /// When each click was heard, by the card's own account.
    pub fn clicks(&self, ppm: f64) -> Vec<UtcNs> {
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
pub struct Clicks {
    pub at: usize,
    pub every_frames: usize,
    pub clicks: usize,
}

pub fn clicks(every_ms: usize, clicks: usize) -> Box<Clicks> {
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
pub fn until(events: &Receiver<SinkEvent>, last: impl Fn(&SinkEvent) -> bool) -> Vec<SinkEvent> {
    let mut seen = Vec::new();
    loop {
        let event =
            events.recv_timeout(Duration::from_secs(40)).unwrap_or_else(|_| panic!("nothing more came after {seen:?}"));
        let done = last(&event);
        seen.push(event);
        if done {
            return seen;
        }
    }
}

pub fn is_opened(event: &SinkEvent) -> bool {
    matches!(event, SinkEvent::Opened { .. })
}

pub fn is_over(voice: u64) -> impl Fn(&SinkEvent) -> bool {
    move |event| matches!(event, SinkEvent::Ended { voice: ended, .. } if *ended == voice)
}

/// For how long there was no card, in all.
pub fn silent_ms(events: &[SinkEvent]) -> u64 {
    events
        .iter()
        .map(|event| match event {
            SinkEvent::Back { silent_ms } => *silent_ms,
            _ => 0,
        })
        .sum()
}

/// Processor time of this process so far, in seconds, and its largest size in memory, in MB.
pub fn cost() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks: f64 = after_name.split(' ').skip(12).take(2).map(|t| t.parse::<f64>().unwrap()).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let peak_kb: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    (ticks / 100.0, peak_kb / 1024.0)
}
