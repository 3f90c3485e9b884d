//! The whole ingest, from files of every kind to decoded renditions. Refusals are in `tests/refusals.rs`.

mod refusals;

use std::f64::consts::TAU;
use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::encode::sources;
use super::*;

/// A desk with an empty shelf and a folder for uploads.
struct Desk {
    dir: TempDir,
    shelf: Shelf,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&dir.path().join("shelf")).unwrap();
        Self { dir, shelf }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn create(&self, name: &str) -> (PathBuf, File) {
        let path = self.path(name);
        let file = File::create(&path).unwrap();
        (path, file)
    }

    fn upload(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn ingest(&self, path: &Path) -> Result<Rendition, Verdict> {
        ingest(path, &Options::default(), &self.shelf, &mut |_| {})
    }

    /// What a player hears of a rendition.
    fn heard(&self, rendition: &Rendition) -> Vec<f32> {
        decoded(&self.shelf.path(&rendition.sha256))
    }

    /// Everything on the shelf besides its lock.
    fn files(&self) -> usize {
        fn count(dir: &Path) -> usize {
            std::fs::read_dir(dir)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .map(|path| if path.is_dir() { count(&path) } else { 1 })
                .sum()
        }
        count(&self.path("shelf")) - 1
    }
}

/// The sound of the fixtures (`testdata/make.sh`), at `t` seconds.
fn sound(t: f64) -> f64 {
    (0.6 + 0.4 * (TAU * 3.0 * t).sin())
        * (0.3 * (TAU * 220.0 * t).sin() + 0.2 * (TAU * 550.0 * t).sin() + 0.15 * (TAU * 1300.0 * t).sin())
}

fn sampled(rate_hz: u32, seconds: f64) -> Vec<f32> {
    (0..(f64::from(rate_hz) * seconds).round() as usize).map(|n| sound(n as f64 / f64::from(rate_hz)) as f32).collect()
}

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

fn decoded(path: &Path) -> Vec<f32> {
    let mut recording = decode::open(File::open(path).unwrap()).unwrap();
    let (mut all, mut block) = (Vec::new(), Vec::new());
    while recording.next(&mut block).unwrap() {
        all.extend_from_slice(&block);
    }
    recording.finish().unwrap();
    all
}

fn wav(file: File, rate_hz: u32, channels: &[Vec<f32>]) {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(file, spec).unwrap();
    for frame in 0..channels[0].len() {
        channels.iter().for_each(|channel| writer.write_sample((channel[frame] * 32_767.0) as i16).unwrap());
    }
    writer.finalize().unwrap();
}

/// Likeness of two stretches of sound, 1 for the same up to loudness.
fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Checks a rendition against the formula; `late` is by how many seconds the source itself begins late.
fn assert_sounds_right(desk: &Desk, rendition: &Rendition, seconds: f64, late: f64) {
    let heard = desk.heard(rendition);
    let name = format!("{:?}", rendition.source);
    assert!((rendition.loudness_after_lufs + 16.0).abs() <= 0.3, "{name}: {} LUFS", rendition.loudness_after_lufs);
    assert!(rendition.true_peak_after_dbtp <= -1.0, "{name}: {} dBTP", rendition.true_peak_after_dbtp);
    let mut meter = Meter::new().unwrap();
    meter.add(&heard).unwrap();
    let again = meter.finish().unwrap();
    assert!((again.loudness_lufs.unwrap() - rendition.loudness_after_lufs).abs() < 0.01, "{name}");
    assert!((again.true_peak_dbtp - rendition.true_peak_after_dbtp).abs() < 0.01, "{name}");
    assert_eq!((heard.len() as u64 + 24) / 48, rendition.duration_ms, "{name}");
    let start = (late * 48_000.0).round() as usize;
    let frames = (seconds * 48_000.0) as usize;
    let likeness = correlation(&heard[start..start + frames.min(heard.len() - start)], &sampled(48_000, seconds));
    assert!(likeness > 0.99, "{name}: correlation {likeness}");
}

#[test]
fn every_rate_and_channel_count_of_wav_flac_and_vorbis_becomes_the_same_clip_to_the_ear() {
    type Write = fn(File, u32, &[Vec<f32>]);
    let writers: [(&str, Write); 3] = [("wav", wav), ("flac", sources::flac), ("ogg", sources::ogg)];
    for rate_hz in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
        for channels in [1, 2, 6] {
            for (ending, write) in writers {
                let desk = Desk::new();
                let (path, file) = desk.create(&format!("{rate_hz}-{channels}.{ending}"));
                let out_of_range = match ending {
                    "flac" => rate_hz > 96_000,
                    "ogg" => !(11_025..=96_000).contains(&rate_hz) || channels > 2,
                    _ => false,
                };
                if out_of_range {
                    continue; // the encoders of this test go no further; six-channel Vorbis is refused
                }
                write(file, rate_hz, &vec![sampled(rate_hz, 0.6); channels]);
                let rendition = desk.ingest(&path).unwrap_or_else(|verdict| panic!("{verdict}"));
                assert!(rendition.duration_ms.abs_diff(600) <= 1, "{path:?}: {} ms", rendition.duration_ms);
                assert_eq!((rendition.source.rate_hz, rendition.source.channels), (rate_hz, channels), "{path:?}");
                assert_eq!(rendition.notes, []);
                assert_sounds_right(&desk, &rendition, 0.6, 0.0);
            }
        }
    }
}

#[test]
fn mp3_and_m4a_lose_the_encoders_warm_up_and_padding() {
    for name in [
        "mp3-8000-1.mp3",
        "mp3-16000-1.mp3",
        "mp3-22050-2.mp3",
        "mp3-32000-1.mp3",
        "mp3-44100-2.mp3",
        "mp3-48000-1.mp3",
        "m4a-8000-1.m4a",
        "m4a-44100-2.m4a",
        "m4a-48000-1.m4a",
    ] {
        let desk = Desk::new();
        let rendition = desk.ingest(&testdata(name)).unwrap_or_else(|verdict| panic!("{verdict}"));
        assert!(rendition.duration_ms.abs_diff(600) <= 1, "{name}: {} ms", rendition.duration_ms);
        assert_sounds_right(&desk, &rendition, 0.6, 0.0);
    }
}

#[test]
fn streams_without_a_header_keep_the_warm_up_that_they_do_not_declare() {
    // AAC streams are one packet (1024 samples) late; LAME's MP3 1105 = 576 + 529 samples.
    for (name, rate_hz, late, packet) in [
        ("adts-16000-1.aac", 16_000.0, 1024.0, 1024.0),
        ("adts-44100-2.aac", 44_100.0, 1024.0, 1024.0),
        ("mp3-bare-44100-1.mp3", 44_100.0, 1105.0, 1152.0),
    ] {
        let desk = Desk::new();
        let rendition = desk.ingest(&testdata(name)).unwrap_or_else(|verdict| panic!("{verdict}"));
        let longest = 600.0 + (late + packet) / rate_hz * 1000.0 + 1.0;
        assert!((600.0..longest).contains(&(rendition.duration_ms as f64)), "{name}: {} ms", rendition.duration_ms);
        assert_sounds_right(&desk, &rendition, 0.6, late / rate_hz);
    }
}

#[test]
fn lossless_keeps_every_sample_to_half_a_step_of_16_bits() {
    let desk = Desk::new();
    let (path, file) = desk.create("a.wav");
    wav(file, 48_000, &[sampled(48_000, 1.0)]);
    let options = Options { lossless: true, ..Options::default() };
    let rendition = ingest(&path, &options, &desk.shelf, &mut |_| {}).unwrap();
    assert_eq!((rendition.format, rendition.limited_db), (Format::Flac, 0.0));
    let factor = loudness::amplitude(rendition.gain_db) as f32;
    let worst = decoded(&path)
        .iter()
        .zip(desk.heard(&rendition))
        .map(|(before, after)| (before * factor - after).abs())
        .fold(0.0, f32::max);
    assert!(worst <= 0.51 / 32_768.0, "{worst}");
}

/// Bursts with pauses: the peaks stand far above the loudness, as in a shouted announcement.
fn bursts(seconds: f64) -> Vec<f32> {
    sampled(48_000, seconds)
        .iter()
        .enumerate()
        .map(|(n, sample)| if n % 12_000 < 300 { sample * 1.4 } else { sample * 0.12 })
        .collect()
}

#[test]
fn peaks_that_stand_in_the_way_are_limited_and_the_ceiling_holds_after_coding() {
    for lossless in [false, true] {
        let desk = Desk::new();
        let (path, file) = desk.create("bursts.wav");
        wav(file, 48_000, &[bursts(3.0)]);
        let options = Options { lossless, ..Options::default() };
        let rendition = ingest(&path, &options, &desk.shelf, &mut |_| {}).unwrap();
        assert!(rendition.limited_db > 3.0 && rendition.limited_db <= loudness::MAX_LIMITING_DB + 1.0, "{rendition:?}");
        assert!(rendition.true_peak_after_dbtp <= -1.0, "{rendition:?}");
        assert!((rendition.loudness_after_lufs + 16.0).abs() <= 0.3, "{rendition:?}");
    }
}

#[test]
fn a_recording_of_nothing_but_clicks_stays_quieter_and_says_so() {
    let desk = Desk::new();
    let (path, file) = desk.create("clicks.wav");
    let clicks: Vec<f32> = (0..96_000).map(|n| if n % 24_000 == 0 { 0.9 } else { 0.0 }).collect();
    wav(file, 48_000, &[clicks]);
    let rendition = desk.ingest(&path).unwrap();
    assert!(rendition.true_peak_after_dbtp <= -1.0);
    assert!(matches!(rendition.notes[..], [Note::QuieterThanTarget { by_db }] if by_db > 3.0), "{rendition:?}");
}

#[test]
fn the_same_sound_gives_the_same_bytes_on_every_desk() {
    for lossless in [false, true] {
        let options = Options { lossless, ..Options::default() };
        let hashes: Vec<_> = (0..2)
            .map(|_| {
                let desk = Desk::new();
                ingest(&testdata("mp3-44100-2.mp3"), &options, &desk.shelf, &mut |_| {}).unwrap().sha256
            })
            .collect();
        assert_eq!(hashes[0], hashes[1]);
    }
}

#[test]
fn the_same_file_twice_is_one_clip_and_a_lost_note_only_costs_time() {
    let desk = Desk::new();
    let path = testdata("mp3-16000-1.mp3");
    let first = desk.ingest(&path).unwrap();
    assert!(!first.was_present);
    let files = desk.files();
    let mut stages = Vec::new();
    let second = ingest(&path, &Options::default(), &desk.shelf, &mut |told| stages.push(told.stage)).unwrap();
    assert!(stages.iter().all(|stage| *stage == Stage::Reading), "nothing is decoded again: {stages:?}");
    assert_eq!(second, Rendition { was_present: true, ..first.clone() });
    std::fs::remove_dir_all(desk.path("shelf/known")).unwrap();
    std::fs::create_dir(desk.path("shelf/known")).unwrap();
    let third = desk.ingest(&path).unwrap();
    assert_eq!(third, second);
    assert_eq!(desk.files(), files);
}

#[test]
fn a_clip_that_went_bad_on_disk_is_made_again() {
    let desk = Desk::new();
    let path = testdata("mp3-16000-1.mp3");
    let first = desk.ingest(&path).unwrap();
    std::fs::write(desk.shelf.path(&first.sha256), b"rot").unwrap();
    assert_eq!(desk.ingest(&path).unwrap(), first);
}

#[test]
fn other_wishes_make_another_clip_of_the_same_upload() {
    let desk = Desk::new();
    let path = testdata("mp3-16000-1.mp3");
    let usual = desk.ingest(&path).unwrap();
    let quiet = Options { target_lufs: -23.0, ..Options::default() };
    let quiet = ingest(&path, &quiet, &desk.shelf, &mut |_| {}).unwrap();
    assert!(quiet.sha256 != usual.sha256 && (quiet.loudness_after_lufs + 23.0).abs() <= 0.3);
}

#[test]
fn the_content_counts_and_a_wrong_ending_is_only_noted() {
    let desk = Desk::new();
    let path = desk.upload("Bản tin.WAV", &std::fs::read(testdata("mp3-16000-1.mp3")).unwrap());
    let rendition = desk.ingest(&path).unwrap();
    assert_eq!(rendition.source.container, "MP3");
    assert_eq!(rendition.notes, [Note::Mislabelled { content: "MP3".into(), ending: "wav".into() }]);
    let rightly = desk.ingest(&testdata("mp3-16000-1.mp3")).unwrap();
    assert_eq!(rightly.notes, [], "the note belongs to the name, not to the bytes");
}

#[test]
fn the_bar_starts_at_nothing_never_goes_back_and_ends_full() {
    let desk = Desk::new();
    let (path, file) = desk.create("bursts.wav");
    wav(file, 44_100, &[bursts(2.0)]);
    let mut told = Vec::new();
    ingest(&path, &Options::default(), &desk.shelf, &mut |progress| told.push(progress)).unwrap();
    assert!(told[0].fraction < 0.1 && told.last().unwrap().fraction == 1.0);
    assert!(told.windows(2).all(|pair| pair[0].fraction <= pair[1].fraction));
    for stage in [Stage::Reading, Stage::Decoding, Stage::Encoding, Stage::Checking] {
        assert!(told.iter().any(|progress| progress.stage == stage), "{stage:?}");
    }
}

#[test]
fn a_rendition_is_about_64_kbit_per_second() {
    let desk = Desk::new();
    let (path, file) = desk.create("long.wav");
    wav(file, 48_000, &[sampled(48_000, 10.0)]);
    let rendition = desk.ingest(&path).unwrap();
    let kbit = rendition.size_bytes as f64 * 8.0 / rendition.duration_ms as f64;
    assert!((20.0..80.0).contains(&kbit), "{kbit}");
}
