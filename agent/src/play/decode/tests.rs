//! Files made here with the same encoders the desk uses, whole and damaged.

use std::num::{NonZeroU8, NonZeroU32};
use std::path::PathBuf;

use flacenc::component::BitRepr;
use flacenc::error::Verify;

use super::*;

struct Shelf(tempfile::TempDir);

impl Shelf {
    fn new() -> Shelf {
        Shelf(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Speech-like enough: a slow sweep with a syllable rhythm, never silent for long.
fn signal(frames: usize) -> Vec<f32> {
    (0..frames)
        .map(|i| {
            let t = i as f64 / f64::from(RATE);
            let pitch = std::f64::consts::TAU * (200.0 * t + 40.0 * t * t);
            (pitch.sin() * (0.3 + 0.2 * (12.0 * t).sin())) as f32
        })
        .collect()
}

fn flac(frames: &[f32]) -> Vec<u8> {
    let samples: Vec<i32> = frames.iter().map(|s| (s * 32_767.0) as i32).collect();
    let config = flacenc::config::Encoder::default().into_verified().unwrap();
    let source = flacenc::source::MemSource::from_samples(&samples, 1, 16, RATE as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, 4_096).unwrap();
    // The encoder counts the short last block as the smallest; the format does not (RFC 9639 §8.2),
    // and the decoder takes such a file for one of variable block size.
    stream.stream_info_mut().set_block_sizes(4_096, 4_096).unwrap();
    let mut sink = flacenc::bitsink::ByteSink::new();
    stream.write(&mut sink).unwrap();
    sink.as_slice().to_vec()
}

fn vorbis(frames: &[f32]) -> Vec<u8> {
    let (rate, one) = (NonZeroU32::new(RATE).unwrap(), NonZeroU8::new(1).unwrap());
    let mut encoder = vorbis_rs::VorbisEncoderBuilder::new_with_serial(rate, one, Vec::new(), 7).build().unwrap();
    for block in frames.chunks(4_096) {
        encoder.encode_audio_block([block]).unwrap();
    }
    encoder.finish().unwrap()
}

fn wav(rate: u32, channels: u16, frames: usize) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for _ in 0..frames {
        for channel in 0..channels {
            writer.write_sample(8_000 * channel as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn all(path: &Path, seek_ms: u64) -> (Vec<f32>, Damage) {
    let mut decoder = Decoder::open(path, seek_ms).unwrap();
    let mut frames = Vec::new();
    while decoder.next(&mut frames).unwrap() {}
    (frames, decoder.damage())
}

/// Whatever it takes, without a panic; how many frames came.
fn survive(path: &Path, seek_ms: u64) -> Result<usize, DecodeError> {
    let mut decoder = Decoder::open(path, seek_ms)?;
    let mut frames = Vec::new();
    while decoder.next(&mut frames)? {
        assert!(frames.len() < 60 * RATE as usize, "a short file must not fill the air");
    }
    Ok(frames.len())
}

#[test]
fn lossless_comes_out_as_it_went_in() {
    let shelf = Shelf::new();
    let wanted = signal(100_003);
    let (frames, damage) = all(&shelf.put("a.flac", &flac(&wanted)), 0);
    assert_eq!(frames.len(), wanted.len());
    let worst = frames.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst}");
    assert_eq!(damage, Damage::default());
}

#[test]
fn vorbis_comes_out_in_its_place_and_at_its_length() {
    let shelf = Shelf::new();
    let wanted = signal(100_003);
    let path = shelf.put("a.ogg", &vorbis(&wanted));
    let (frames, damage) = all(&path, 0);
    assert_eq!(frames.len(), wanted.len());
    let noise: f32 = frames.iter().zip(&wanted).map(|(a, b)| (a - b).powi(2)).sum();
    let power: f32 = wanted.iter().map(|a| a * a).sum();
    assert!(noise < power / 100.0, "a frame off and the noise is as loud as the sound");
    assert_eq!(damage, Damage::default());
    assert_eq!(Decoder::open(&path, 0).unwrap().length_ms(), Some(2_083));
}

#[test]
fn joining_late_gives_the_very_frames_that_playing_from_the_start_gives() {
    let shelf = Shelf::new();
    let frames = signal(10 * RATE as usize);
    for path in [
        shelf.put("a.flac", &flac(&frames)),
        shelf.put("a.ogg", &vorbis(&frames)),
        shelf.put("a.wav", &wav(RATE, 1, frames.len())),
    ] {
        let (whole, _) = all(&path, 0);
        for seek_ms in [1, 10, 249, 251, 1_000, 1_337, 5_000, 9_999] {
            let (late, damage) = all(&path, seek_ms);
            let from = (seek_ms * 48) as usize;
            assert_eq!(late.len(), whole.len() - from, "{path:?} at {seek_ms} ms");
            let worst = late.iter().zip(&whole[from..]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-6, "{path:?} at {seek_ms} ms is off by {worst}");
            assert_eq!(damage.silent_frames, 0);
        }
        assert_eq!(all(&path, 10_500).0.len(), 0, "{path:?} beyond the end");
    }
}

#[test]
fn any_rate_and_any_number_of_channels_become_mono_at_48000() {
    let shelf = Shelf::new();
    for (rate, channels, level) in [(44_100, 2, 4_000.0), (8_000, 1, 0.0), (48_000, 2, 4_000.0), (96_000, 4, 12_000.0)]
    {
        let path = shelf.put("a.wav", &wav(rate, channels, 2 * rate as usize));
        let (frames, _) = all(&path, 500);
        assert_eq!(frames.len(), 72_000, "{rate} Hz");
        let middle = frames[36_000] * 32_768.0;
        assert!((middle - level).abs() < 40.0, "{rate} Hz, {channels} channels: {middle}");
    }
}

#[test]
fn a_damaged_middle_is_silent_and_the_rest_comes_on_time() {
    let shelf = Shelf::new();
    let wanted = signal(20 * RATE as usize);
    for (name, mut bytes) in [("a.flac", flac(&wanted)), ("a.ogg", vorbis(&wanted))] {
        let middle = bytes.len() * 2 / 3;
        for byte in &mut bytes[middle..middle + 200] {
            *byte ^= 0x5a;
        }
        let (frames, damage) = all(&shelf.put(name, &bytes), 0);
        assert_eq!(frames.len(), wanted.len(), "{name}: {damage:?}");
        assert!(damage.silent_frames > 0, "{name}: {damage:?}");
        let tail = wanted.len() - 20_000;
        let noise: f32 = frames[tail..].iter().zip(&wanted[tail..]).map(|(a, b)| (a - b).powi(2)).sum();
        let power: f32 = wanted[tail..].iter().map(|a| a * a).sum();
        assert!(noise < power / 50.0, "{name}: the tail is not where it was");
    }
}

#[test]
fn a_damaged_last_page_does_not_cost_the_whole_programme() {
    let shelf = Shelf::new();
    let mut bytes = vorbis(&signal(5 * RATE as usize));
    let last = bytes.len() - 30;
    bytes[last] ^= 0xff;
    let frames = survive(&shelf.put("a.ogg", &bytes), 0).unwrap();
    assert!(frames > 3 * RATE as usize, "{frames}");
    let late = survive(&shelf.put("a.ogg", &bytes), 1_000).unwrap();
    assert_eq!(late, frames - RATE as usize);
}

#[test]
fn a_file_cut_short_plays_to_the_cut() {
    let shelf = Shelf::new();
    let bytes = vorbis(&signal(5 * RATE as usize));
    let frames = survive(&shelf.put("a.ogg", &bytes[..bytes.len() * 2 / 3]), 0).unwrap();
    assert!((2 * RATE as usize..4 * RATE as usize).contains(&frames), "{frames}");
}

#[test]
fn what_cannot_be_played_says_what_to_do_about_it() {
    let shelf = Shelf::new();
    let why = |path: &Path| survive(path, 0).unwrap_err();
    assert_eq!(why(&shelf.0.path().join("none.ogg")), DecodeError::Missing);
    assert_eq!(why(shelf.0.path()), DecodeError::Missing);
    let text = "Thông báo số 7 của Ủy ban nhân dân xã.\n".repeat(100);
    assert!(matches!(why(&shelf.put("a.txt", text.as_bytes())), DecodeError::Unsupported(_)));
    let headers = &vorbis(&signal(48_000))[..200];
    let early = why(&shelf.put("a.ogg", headers));
    assert!(matches!(early, DecodeError::Corrupt(_)), "{early:?}");
    assert!(matches!(why(&shelf.put("a.flac", &flac(&[])[..])), DecodeError::Corrupt(_) | DecodeError::Unsupported(_)));
    let nothing = why(&shelf.put("b.ogg", b""));
    assert!(matches!(nothing, DecodeError::Corrupt(_) | DecodeError::Unsupported(_)), "{nothing:?}");
}

#[test]
fn no_damage_makes_it_panic_or_run_on() {
    let shelf = Shelf::new();
    let frames = signal(RATE as usize);
    let mut state = 0x9e37_79b9_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut played = 0;
    for whole in [flac(&frames), vorbis(&frames), wav(44_100, 2, 44_100)] {
        for round in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(8) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            if round % 5 == 0 {
                bytes.truncate(random(bytes.len()));
            }
            let seek_ms = if round % 3 == 0 { random(1_500) as u64 } else { 0 };
            played += usize::from(survive(&shelf.put("x", &bytes), seek_ms).is_ok());
        }
    }
    assert!(played > 100, "most small damage is survivable: {played} of 450");
}
