//! Videos on the board: real clips, from a programme to what was heard of it.

use super::outputs::Outputs;
use super::*;
use crate::piece::Piece;
use crate::play::board::output::Output;
use crate::play::sequence::Sequence;
use crate::play::video::Setup;
use loa_domain::id::CueId;
use loa_domain::play::class::Depth;
use loa_domain::play::player::Sound;
use loa_domain::play::slide::Slide;
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};
use loa_host::text::Language;
use std::process::{Command, Stdio};

/// What was put out: the slide or video, whether it is one of many, the picture.
type Put = (Option<Voice>, bool, Vec<u8>);

struct Wall(Sender<Put>);

impl Output for Wall {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        (0..frame.pixels.height_px()).for_each(|y| frame.pixels.row(y, &mut bytes));
        let _nobody_looks = self.0.send((frame.voice, frame.is_running, bytes));
        Ok(())
    }
}

struct Bench {
    clock: Clock,
    sequence: Sequence<Board>,
    heard: Receiver<Heard>,
    faces: Receiver<Put>,
    said: Vec<Sound>,
    _dir: tempfile::TempDir,
}

/// A second of colours, 64 x 32; none where this machine cannot make one.
fn clip() -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clip.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=1:size=64x32:rate=25"]);
    let made = command.args(["-c:v", "mpeg4"]).arg(&path).stdin(Stdio::null()).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: ffmpeg is missing");
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

fn bench(content: &[&[u8]], setup: Setup) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    for bytes in content {
        std::fs::write(dir.path().join(Hash::of(bytes).to_string()), bytes).unwrap();
    }
    let (folder, clock) = (dir.path().to_owned(), Clock::manual());
    let paths = move |hash: &Hash| Some(folder.join(hash.to_string())).filter(|path| path.is_file());
    let shelf = paths.clone();
    let (tell, heard) = mpsc::channel();
    let (put, faces) = mpsc::channel();
    let board = Board::open(
        BoardClass::new(64, 32, Depth::Mono).unwrap(),
        clock.clone(),
        Outputs::new(vec![Box::new(Wall(put))], 100),
        Content {
            shelf: Box::new(move |hash| std::fs::read(shelf(hash)?).ok()),
            videos: Videos::new(setup, Box::new(paths)),
        },
        Box::new(move |heard| tell.send(heard).unwrap()),
        Words::new(Language::Vietnamese),
    );
    Bench { clock, sequence: Sequence::new(board.unwrap()), heard, faces, said: Vec::new(), _dir: dir }
}

fn cue() -> CueId {
    CueId { order: Hash([1; 32]), planned: UtcMs(0) }
}

fn item(bytes: &[u8], length_ms: u32) -> Item {
    Item { kind: Kind::Board, content: Hash::of(bytes), size: bytes.len() as u32, length_ms }
}

impl Bench {
    /// A programme that begins now.
    fn play(&mut self, items: &[Item]) {
        let now = UtcMs(self.clock.now().utc_ns / 1_000_000);
        let pieces: Vec<Piece> = items.iter().copied().map(Piece::from).collect();
        self.sequence.play(cue(), &pieces, now, 0, 100);
        self.sequence.poll(now, &mut |sound| self.said.push(sound));
    }

    /// The next picture that is as asked.
    fn face(&self, is_it: impl Fn(&Put) -> bool) -> Put {
        let mut faces = std::iter::from_fn(|| self.faces.recv_timeout(Duration::from_secs(30)).ok());
        faces.find(is_it).expect("the board shows it")
    }

    /// Lets time pass until the board has told so many things.
    fn pass(&mut self, ms: u64, count: usize) {
        self.clock.advance_ns(ms * 1_000_000);
        self.sequence.stage().look();
        for _ in 0..count {
            let heard = self.heard.recv_timeout(Duration::from_secs(30)).expect("the board says something");
            self.sequence.heard(heard, &mut |sound| self.said.push(sound));
        }
    }

    fn over(&self) -> (u32, Option<Reason>) {
        match self.said.last() {
            Some(Sound::Over { heard_ms, flaw, .. }) => (*heard_ms, *flaw),
            other => panic!("not over: {other:?}"),
        }
    }
}

#[test]
fn a_video_runs_between_slides_and_is_proven_as_they_are() {
    let Some(video) = clip() else { return };
    let text = |text: &str| Text::new(text).unwrap();
    let slide = Slide::of_text(Text::new("Tin").unwrap(), Text::new("Hết").unwrap(), text("vi"));
    let slide = wire::encode(&slide);
    let mut bench = bench(&[&video, &slide], Setup::default());
    bench.play(&[item(&video, 1_000), item(&slide, 500)]);
    bench.pass(0, 1);
    let first = bench.face(|(voice, _, bytes)| *voice == Some(1) && bytes.iter().any(|byte| *byte != 0));
    assert!(!first.1, "the first frame is a face of its own");
    bench.pass(500, 0);
    let later = bench.face(|(_, is_running, _)| *is_running);
    assert_eq!((later.0, later.2.len()), (Some(1), 64 * 32 * 3));
    assert_ne!(later.2, first.2);
    bench.pass(500, 2);
    bench.face(|(voice, ..)| *voice == Some(2));
    let faces = bench.sequence.stage().faces.clone();
    bench.pass(500, 1);
    assert_eq!(bench.over(), (1_500, None));
    bench.sequence.close();
    assert_ne!(faces.lock().unwrap().last, Some(Hash::of(&first.2)));
}

#[test]
fn a_video_that_is_stopped_is_counted_as_far_as_it_was_seen() {
    let Some(video) = clip() else { return };
    let mut bench = bench(&[&video], Setup::default());
    bench.play(&[item(&video, 60_000)]);
    bench.pass(0, 1);
    let first = bench.face(|(voice, _, bytes)| *voice == Some(1) && bytes.iter().any(|byte| *byte != 0));
    bench.pass(700, 0);
    bench.face(|(_, is_running, _)| *is_running);
    bench.sequence.stop(cue());
    bench.pass(0, 1);
    let (heard_ms, flaw) = bench.over();
    assert_eq!((heard_ms, flaw), (700, None), "a short video whose last frame stays is no damage");
    let last = bench.sequence.stage().faces.lock().unwrap().last;
    assert!(last.is_some() && last != Some(Hash::of(&first.2)), "the hash of the last frame");
}

#[test]
fn a_video_that_cannot_be_decoded_is_missed_and_says_why() {
    let junk = [&b"\0\0\0\x20ftypisom"[..], &[7; 500]].concat();
    let missing = Setup { ffmpeg: "loa-no-such-decoder".into(), ..Setup::default() };
    let mut without = bench(&[&junk], missing);
    without.play(&[item(&junk, 1_000)]);
    assert_eq!(without.over(), (0, Some(Reason::DecoderMissing)));
    if Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: ffmpeg is missing");
        return;
    }
    let mut bench = bench(&[&junk], Setup::default());
    bench.play(&[item(&junk, 1_000)]);
    bench.pass(0, 1);
    bench.pass(1_000, 1);
    assert_eq!(bench.over(), (0, Some(Reason::ContentCorrupt)));
}
