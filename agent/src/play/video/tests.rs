//! Which frame is due, and real clips through the real decoder.

use super::*;
use loa_domain::timetable::audience::Kind;
use std::process::{Command, Stdio};

const SIZE: (u32, u32) = (32, 16);

/// Frames that are one byte each: their number. `None` is one that is late once.
struct Listed(Vec<Option<u8>>);

impl Frames for Listed {
    fn take(&mut self) -> Taken {
        if self.0.is_empty() {
            return Taken::Over;
        }
        self.0.remove(0).map_or(Taken::Late, |number| Taken::Frame(vec![number]))
    }
}

fn report(length_ms: u32) -> Report {
    let setup = Setup::default();
    let (path, content, container) = (PathBuf::new(), Hash([0; 32]), Container::Mp4);
    Report::new(&Wanted { path, content, container, offset_ms: 0, length_ms, size: SIZE, setup })
}

fn listed(frames: impl IntoIterator<Item = Option<u8>>) -> Video {
    Video::of(Listed(frames.into_iter().collect()), 25, report(10_000))
}

#[test]
fn a_video_is_told_by_its_first_bytes() {
    assert_eq!(Container::of(b"\0\0\0\x20ftypisom"), Some(Container::Mp4));
    assert_eq!(Container::of(b"\x1a\x45\xdf\xa3\x01"), Some(Container::Webm));
    for other in [&b""[..], b"\0\0\0\x20fty", b"\x83\x63Tin", b"RIFF....AVI ", b"ftyp"] {
        assert_eq!(Container::of(other), None);
    }
}

#[test]
fn each_frame_is_due_at_its_time_since_the_beginning() {
    let mut video = listed((0..50).map(Some));
    assert!(!video.look(5_000_000_000), "it has not begun");
    assert_eq!(video.next_ns(5_000_000_000), u64::MAX);
    video.begin(5_000_000_000);
    let mut now_ns = 5_000_000_000;
    for number in 0..50 {
        assert!(video.look(now_ns) && !video.look(now_ns + 39_999_999));
        assert_eq!(video.frame(), Some(&[number][..]));
        assert_eq!(video.is_first(), number == 0);
        now_ns += video.next_ns(now_ns);
        assert_eq!(now_ns, 5_000_000_000 + (u64::from(number) + 1) * 40_000_000);
    }
    assert_eq!(video.dropped(), 0);
    assert!(!video.look(now_ns));
    assert_eq!((video.frame(), video.next_ns(now_ns)), (Some(&[49][..]), u64::MAX), "the last one stays");
}

#[test]
fn frames_whose_time_has_passed_are_left_out() {
    let mut video = listed((0..50).map(Some));
    video.begin(0);
    assert!(video.look(0));
    assert!(video.look(1_000_000_000));
    assert_eq!((video.frame(), video.dropped()), (Some(&[25][..]), 24));
}

#[test]
fn a_frame_that_is_not_there_yet_leaves_the_one_before_and_is_looked_for_again() {
    let mut video = listed([Some(0), None, Some(1), Some(2)]);
    video.begin(0);
    assert!(video.look(0));
    assert!(!video.look(40_000_000));
    assert_eq!((video.frame(), video.next_ns(40_000_000)), (Some(&[0][..]), 10_000_000));
    assert!(video.look(50_000_000));
    assert_eq!((video.frame(), video.next_ns(50_000_000)), (Some(&[1][..]), 30_000_000));
}

#[test]
fn what_was_wrong_is_told_by_how_the_decoder_ended() {
    let flaw = |frames, failed, said: &str| {
        let report = report(10_000);
        report.told().ended = Some(Ended { frames, failed, said: said.to_owned() });
        report.flaw()
    };
    assert_eq!(flaw(250, false, ""), None);
    assert_eq!(flaw(226, false, "a frame was concealed"), None);
    assert_eq!(flaw(50, false, ""), None, "a short video whose last frame stays");
    assert_eq!(flaw(50, false, "partial file"), Some(Reason::ContentCorrupt));
    assert_eq!(flaw(0, false, ""), Some(Reason::ContentCorrupt));
    assert_eq!(flaw(250, true, ""), Some(Reason::ContentCorrupt));
    assert_eq!(flaw(0, true, "Decoder (codec h264) not found for input stream #0:0"), Some(Reason::DecoderMissing));
    let silent = report(10_000);
    assert_eq!(silent.flaw(), None, "it was stopped before it began");
    silent.told().began = true;
    assert_eq!(silent.flaw(), Some(Reason::ContentCorrupt));
}

/// A clip of `seconds`, and none where this machine cannot make one.
fn clip(end: &str, codec: &str, seconds: u32) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("clip.{end}"));
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"]);
    command.arg(format!("testsrc=duration={seconds}:size=64x32:rate=25")).args(["-c:v", codec, "-pix_fmt", "yuv420p"]);
    let made = command.arg(&path).stdin(Stdio::null()).status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("skipped: ffmpeg is missing or has no encoder {codec}");
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

struct Bench {
    dir: tempfile::TempDir,
    videos: Videos,
}

fn bench(content: &[&[u8]], setup: Setup) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    for bytes in content {
        std::fs::write(dir.path().join(Hash::of(bytes).to_string()), bytes).unwrap();
    }
    let folder = dir.path().to_owned();
    let paths = move |hash: &Hash| Some(folder.join(hash.to_string())).filter(|path| path.is_file());
    Bench { dir, videos: Videos::new(setup, Box::new(paths)) }
}

fn item(content: Hash, length_ms: u32) -> Item {
    Item { kind: Kind::Board, content, size: 1, length_ms }
}

/// All frames of a video, without regard to their time.
fn all(video: &mut Video) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    loop {
        match video.frames.take() {
            Taken::Frame(frame) => {
                video.frames.give_back(frame.clone());
                frames.push(frame);
            }
            Taken::Late => std::thread::yield_now(),
            Taken::Over => return frames,
        }
    }
}

#[test]
fn mp4_and_webm_become_frames_of_the_boards_size_from_any_place_on() {
    for (end, codec) in [("mp4", "mpeg4"), ("webm", "libvpx")] {
        let Some(bytes) = clip(end, codec, 2) else { continue };
        let mut bench = bench(&[&bytes], Setup::default());
        let item = item(Hash::of(&bytes), 2_000);
        let frames = all(&mut bench.videos.open(1, &item, 0, SIZE).unwrap().unwrap());
        assert_eq!(frames.len(), 50, "{end}");
        assert!(frames.iter().all(|frame| frame.len() == 32 * 16 * 3));
        assert!(frames[0].iter().any(|byte| *byte > 128), "{end}: colours");
        assert_ne!(frames[0], frames[30], "{end}");
        assert_eq!(bench.videos.over(1), None);
        let late = all(&mut bench.videos.open(2, &item, 1_200, SIZE).unwrap().unwrap());
        assert_eq!(late.len(), 20, "{end}");
        let tall = all(&mut bench.videos.open(3, &item, 1_960, (16, 32)).unwrap().unwrap());
        assert_eq!(tall[0][..16 * 3], [0; 48], "{end}: black above a picture of another shape");
        assert_eq!(bench.videos.over(3), None);
    }
}

#[test]
fn a_decoder_that_is_not_wanted_any_more_leaves_nothing_behind() {
    let Some(bytes) = clip("mp4", "mpeg4", 60) else { return };
    let bench = bench(&[&bytes], Setup::default());
    let (content, container) = (Hash::of(&bytes), Container::Mp4);
    let path = bench.dir.path().join(content.to_string());
    let setup = Setup::default();
    let wanted = Wanted { path, content, container, offset_ms: 0, length_ms: 60_000, size: SIZE, setup };
    let report = Report::new(&wanted);
    let mut decoder = Decoder::start(wanted, report.clone()).unwrap();
    while decoder.take() == Taken::Late {
        std::thread::yield_now();
    }
    let about = format!("/proc/{}", decoder.id());
    assert!(Path::new(&about).exists(), "it waits: its pipe is full");
    decoder.close();
    assert!(!Path::new(&about).exists(), "killed, and collected");
    report.told().began = true;
    report.told().shown = 1;
    assert_eq!(report.flaw(), None, "that it was stopped is no fault of the file");
}

#[test]
fn what_is_broken_missing_or_no_video_is_told_apart() {
    let Some(bytes) = clip("mp4", "mpeg4", 4) else { return };
    let cut = clip("webm", "libvpx", 4).map(|bytes| bytes[..bytes.len() / 2].to_vec());
    let junk = [&b"\0\0\0\x20ftypisom"[..], &[7; 5_000]].concat();
    let slide = b"\x83\x63Tin".to_vec();
    let mut bench = bench(&[&bytes, &junk, &slide], Setup::default());
    assert!(bench.videos.open(1, &item(Hash::of(&slide), 1_000), 0, SIZE).unwrap().is_none());
    assert!(bench.videos.open(2, &item(Hash([9; 32]), 1_000), 0, SIZE).unwrap().is_none());
    assert_eq!(all(&mut bench.videos.open(3, &item(Hash::of(&junk), 1_000), 0, SIZE).unwrap().unwrap()).len(), 0);
    assert_eq!(bench.videos.over(3), Some(Reason::ContentCorrupt));
    // A disk that lost a byte: the name stays, and the decoder would not notice.
    let mut worn = bytes.clone();
    let last = worn.len() - 1;
    worn[last] ^= 1;
    std::fs::write(bench.dir.path().join(Hash::of(&bytes).to_string()), &worn).unwrap();
    assert_eq!(all(&mut bench.videos.open(4, &item(Hash::of(&bytes), 4_000), 0, SIZE).unwrap().unwrap()).len(), 0);
    assert_eq!(bench.videos.over(4), Some(Reason::ContentCorrupt));
    if let Some(cut) = cut {
        std::fs::write(bench.dir.path().join(Hash::of(&cut).to_string()), &cut).unwrap();
        let frames = all(&mut bench.videos.open(5, &item(Hash::of(&cut), 4_000), 0, SIZE).unwrap().unwrap());
        assert!((1..100).contains(&frames.len()), "{}", frames.len());
        assert_eq!(bench.videos.over(5), Some(Reason::ContentCorrupt));
    }
}

#[test]
fn a_decoder_that_is_not_installed_is_no_fault_of_the_file() {
    let video = [&b"\0\0\0\x20ftypisom"[..], &[7; 100]].concat();
    let setup = Setup { ffmpeg: "loa-no-such-decoder".into(), ..Setup::default() };
    let mut bench = bench(&[&video], setup);
    let refused = bench.videos.open(1, &item(Hash::of(&video), 1_000), 0, SIZE);
    assert_eq!(refused.err(), Some(Reason::DecoderMissing));
    assert_eq!(bench.videos.over(1), None);
}
