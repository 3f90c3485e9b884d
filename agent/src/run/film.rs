//! The loop with a real board: a video from its place in the timetable to the signed record of it.

use std::io;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use loa_domain::keys::Role;
use loa_domain::play::class::{BoardClass, Depth};
use loa_domain::play::player::Outcome;
use loa_domain::proof::record;
use loa_domain::timetable::audience::Kind;
use loa_domain::timetable::order::Item;
use loa_host::text::{Language, Words};
use tempfile::TempDir;

use super::tests::{key, me, table_of};
use super::*;
use crate::play::board::output::{Frame, Output};
use crate::play::board::outputs::Outputs;
use crate::play::board::{Board, Content};
use crate::play::video::{Setup, Videos};

/// Tells of each face that is of a video and not dark.
struct Wall(Sender<()>);

impl Output for Wall {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        (0..frame.pixels.height_px()).for_each(|y| frame.pixels.row(y, &mut bytes));
        if frame.voice.is_some() && bytes.iter().any(|byte| *byte != 0) {
            let _nobody_looks = self.0.send(());
        }
        Ok(())
    }
}

struct Bench {
    run: Run<Board>,
    clock: Clock,
    inbox: Receiver<Event>,
    lit: Receiver<()>,
    records: Arc<Mutex<Vec<Vec<u8>>>>,
    _dir: TempDir,
}

fn bench(video: &[u8], setup: Setup) -> Bench {
    let dir = TempDir::new().expect("a folder");
    let file = dir.path().join(Hash::of(video).to_string());
    std::fs::write(&file, video).expect("written");
    let (clock, (events, inbox), (light, lit)) = (Clock::manual(), channel(), channel());
    let (store, _) = Store::open(&dir.path().join("store"), 0);
    let chain = Chain::load(&store, me(), key(7), [0; 16], 1);
    let heard = events.clone();
    let board = Board::open(
        BoardClass::new(64, 32, Depth::Mono).expect("a board"),
        clock.clone(),
        Outputs::new(vec![Box::new(Wall(light))], 100),
        Content {
            shelf: Box::new(|_| None),
            videos: Videos::new(setup, Box::new(move |hash| file.ends_with(hash.to_string()).then(|| file.clone()))),
        },
        Box::new(move |said| drop(heard.send(Event::Heard(said)))),
        Words::new(Language::English),
    );
    let records: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let kept = records.clone();
    let tell = Box::new(move |told| {
        if let Told::Recorded(new) = told {
            kept.lock().expect("whole").extend(new.into_iter().map(|(_, sealed)| sealed));
        }
    });
    let run = Run::start(clock.clone(), store, chain, board.expect("a board"), None, events, tell);
    Bench { run, clock, inbox, lit, records, _dir: dir }
}

impl Bench {
    fn hear(&mut self) {
        let event = self.inbox.recv_timeout(Duration::from_secs(30)).expect("something happens");
        self.run.happens(event);
    }

    /// Lets time pass, and the disk write what it is given.
    fn pass_ms(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.clock.advance_ns(100_000_000);
            self.run.round();
            while !self.run.unsettled.is_empty() {
                self.hear();
            }
        }
        self.run.sequence.stage().look();
    }

    /// The proof of the cue, once it is on disk.
    fn proof(&mut self) -> (loa_domain::play::player::Closed, Option<Hash>, Evidence) {
        let role = Role::of_one(key(7).public());
        loop {
            for sealed in self.records.lock().expect("whole").iter() {
                let (record, _) = record::open(sealed, &role).expect("signed by the player");
                if let Body::Cue { closed, evidence, face, .. } = record.body {
                    return (closed, face, evidence);
                }
            }
            self.hear();
            self.run.round();
        }
    }
}

fn item(video: &[u8]) -> Item {
    Item { kind: Kind::Board, content: Hash::of(video), size: video.len() as u32, length_ms: 2_000 }
}

#[test]
fn a_video_in_the_timetable_becomes_a_signed_record_as_anything_else() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("clip.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=2:size=64x32:rate=25"]);
    if !command.args(["-c:v", "mpeg4"]).arg(&path).stdin(Stdio::null()).status().is_ok_and(|made| made.success()) {
        eprintln!("skipped: ffmpeg is missing");
        return;
    }
    let video = std::fs::read(path).expect("a clip");
    let mut bench = bench(&video, Setup::default());
    let now = super::now(bench.clock.now()).utc;
    bench.run.happens(Event::Table(table_of(now, now.plus_ms(10_000), item(&video))));
    bench.pass_ms(10_000);
    bench.lit.recv_timeout(Duration::from_secs(30)).expect("the first frame");
    bench.pass_ms(2_000);
    let (closed, face, evidence) = bench.proof();
    assert!(face.is_some(), "what it looked like last");
    assert_eq!((closed.outcome, closed.why, closed.length_ms), (Outcome::Played, None, 2_000));
    assert_eq!((closed.heard_ms, evidence), (2_000, Evidence::Decoded));
}

#[test]
fn a_player_without_a_decoder_signs_that_it_has_none() {
    let video = [&b"\0\0\0\x20ftypisom"[..], &[7; 100]].concat();
    let setup = Setup { ffmpeg: "loa-no-such-decoder".into(), ..Setup::default() };
    let mut bench = bench(&video, setup);
    let now = super::now(bench.clock.now()).utc;
    bench.run.happens(Event::Table(table_of(now, now.plus_ms(10_000), item(&video))));
    bench.pass_ms(12_500);
    let (closed, face, _) = bench.proof();
    assert_eq!(face, None);
    assert_eq!((closed.outcome, closed.heard_ms), (Outcome::Missed, 0));
    assert_eq!(closed.why.map(|why| why.reason), Some(Reason::DecoderMissing));
}
