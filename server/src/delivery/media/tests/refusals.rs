//! Every reason to refuse a file, and that no bytes at all can bring the ingest down.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Refuses, with nothing left on the shelf.
fn refused(path: &Path) -> Reason {
    let desk = Desk::new();
    let verdict = desk.ingest(path).map(|rendition| format!("{rendition:?}")).expect_err("it was taken");
    assert_eq!(verdict.path, path);
    assert_eq!(desk.files(), 0, "something was left behind after {verdict}");
    verdict.reason
}

fn refused_bytes(bytes: &[u8]) -> Reason {
    let desk = Desk::new();
    refused(&desk.upload("upload", bytes))
}

fn bytes_of(name: &str) -> Vec<u8> {
    std::fs::read(testdata(name)).unwrap()
}

fn made(write: impl Fn(File)) -> Vec<u8> {
    let desk = Desk::new();
    let (path, file) = desk.create("made");
    write(file);
    std::fs::read(path).unwrap()
}

fn wav_bytes(rate_hz: u32, channels: &[Vec<f32>]) -> Vec<u8> {
    made(|file| wav(file, rate_hz, channels))
}

fn floats(samples: &[f32]) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    made(|file| {
        let mut writer = hound::WavWriter::new(file, spec).unwrap();
        samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
        writer.finalize().unwrap();
    })
}

#[test]
fn what_cannot_be_read_is_told_apart() {
    let desk = Desk::new();
    assert_eq!(refused(&desk.path("none.mp3")).code(), "clip-not-found");
    assert_eq!(refused(desk.dir.path()).code(), "clip-not-a-file");
    assert_eq!(refused(&desk.upload("empty.mp3", b"")).code(), "clip-empty");
}

#[test]
fn what_is_not_sound_is_refused_by_what_it_is() {
    let pdf = refused_bytes(b"%PDF-1.7 and so on");
    assert!(matches!(pdf, Reason::NotAudio { looks_like: Some("a PDF document") }));
    let text: Vec<u8> = "Thông báo lịch cắt điện ".repeat(5_000).into_bytes();
    assert_eq!(refused_bytes(&text).code(), "clip-not-audio");
    assert_eq!(refused_bytes(&vec![0; 3_000_000]).code(), "clip-not-audio");
    assert_eq!(refused(&testdata("film-without-sound.mp4")).code(), "clip-no-audio-track");
}

#[test]
fn sound_that_is_not_decoded_here_is_refused_by_its_name() {
    for (reason, name) in [
        (refused(&testdata("opus-48000-1.opus")), "Opus"),
        (refused(&testdata("alac-8000-1.m4a")), "Apple Lossless"),
        (refused(&testdata("mp2-32000-1.mp2")), "MPEG layer 1 or 2"),
        (refused_bytes(b"#!AMR\n\x3c\x91\x17\x16\xbe\x66\x79\xe1\xe0\x01\xe7\xaf\xf0"), "AMR"),
    ] {
        assert!(matches!(&reason, Reason::Unsupported { codec, .. } if codec == name), "{name}: {reason}");
        assert!(reason.advice().contains("convert"));
    }
}

#[test]
fn vorbis_with_more_than_two_channels_is_refused_because_it_would_come_out_garbled() {
    for channels in [3, 6] {
        let ogg = made(|file| sources::ogg(file, 44_100, &vec![sampled(44_100, 1.0); channels]));
        assert_eq!(refused_bytes(&ogg).code(), "clip-codec-unsupported");
    }
}

/// The same M4A with its AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) rewritten to say HE-AAC.
#[test]
fn he_aac_is_refused_by_its_name() {
    let mut bytes = bytes_of("m4a-48000-1.m4a");
    let at = bytes.windows(4).position(|window| window == [0x05, 0x80, 0x80, 0x80]).unwrap();
    let config = at + 5;
    assert_eq!(bytes[config] >> 3, 2, "object type AAC-LC");
    // Object type 5 (SBR), core rate index 6 (24 kHz), mono, output rate index 3 (48 kHz), core type 2 (LC).
    let bits: u32 = 5 << 27 | 6 << 23 | 1 << 19 | 3 << 15 | 2 << 10;
    let room = usize::from(bytes[at + 4]).min(4);
    bytes[config..config + room].copy_from_slice(&bits.to_be_bytes()[..room]);
    let reason = refused_bytes(&bytes);
    assert!(matches!(&reason, Reason::Unsupported { codec, .. } if codec == "HE-AAC"), "{reason}");
}

#[test]
fn a_file_cut_off_anywhere_is_never_taken_for_whole_where_its_length_is_declared() {
    let flac = made(|file| sources::flac(file, 44_100, &[sampled(44_100, 1.0)]));
    let ogg = made(|file| sources::ogg(file, 44_100, &[sampled(44_100, 2.0)]));
    let files = [
        ("wav", wav_bytes(16_000, &[sampled(16_000, 1.0)])),
        ("flac", flac),
        ("ogg", ogg),
        ("mp3", bytes_of("mp3-44100-2.mp3")),
        ("m4a", bytes_of("m4a-44100-2.m4a")),
        ("m4a, table first", bytes_of("m4a-48000-1.m4a")),
    ];
    for (name, whole) in &files {
        let desk = Desk::new();
        assert!(desk.ingest(&desk.upload("whole", whole)).is_ok(), "{name}");
        // 150 bytes of the smallest stream here are over 20 ms.
        for step in 1..40 {
            let cut = (whole.len() - 600) * step / 40;
            let reason = refused_bytes(&whole[..cut.max(1)]);
            let expected = ["clip-truncated", "clip-corrupt", "clip-not-audio", "clip-too-short"];
            assert!(expected.contains(&reason.code()), "{name} cut at {cut} of {}: {reason}", whole.len());
        }
        let half = refused_bytes(&whole[..whole.len() / 2]);
        assert_eq!(half.code(), "clip-truncated", "{name}: {half}");
    }
}

#[test]
fn a_cut_off_file_says_how_much_of_it_there_is() {
    let whole = wav_bytes(16_000, &[sampled(16_000, 2.0)]);
    let reason = refused_bytes(&whole[..44 + 16_000]);
    assert!(matches!(reason, Reason::Truncated { declared_ms: Some(2000), found_ms: 500 }), "{reason}");
}

#[test]
fn a_wav_from_a_pipe_with_no_true_length_is_taken_whole() {
    for unknown in [0xffff_ffffu32, 0x7fff_f000] {
        let mut bytes = wav_bytes(16_000, &[sampled(16_000, 1.0)]);
        bytes[4..8].copy_from_slice(&unknown.saturating_add(36).to_le_bytes());
        bytes[40..44].copy_from_slice(&unknown.to_le_bytes());
        let desk = Desk::new();
        let rendition = desk.ingest(&desk.upload("tts.wav", &bytes)).unwrap_or_else(|verdict| panic!("{verdict}"));
        assert_eq!(rendition.duration_ms, 1000);
    }
}

#[test]
fn files_glued_together_are_refused_instead_of_playing_half() {
    let twice = |bytes: Vec<u8>| [bytes.clone(), bytes].concat();
    let mp3 = refused_bytes(&twice(bytes_of("mp3-44100-2.mp3")));
    assert!(matches!(mp3, Reason::LengthMismatch { declared_ms: 600, found_ms: 1200.. }), "{mp3}");
    let wav = refused_bytes(&twice(wav_bytes(16_000, &[sampled(16_000, 1.0)])));
    assert_eq!(wav.code(), "clip-joined");
    let ogg = refused_bytes(&twice(made(|file| sources::ogg(file, 44_100, &[sampled(44_100, 1.0)]))));
    assert_eq!(ogg.code(), "clip-joined", "{ogg}");
    let flac = refused_bytes(&twice(made(|file| sources::flac(file, 44_100, &[sampled(44_100, 1.0)]))));
    assert_eq!(flac.code(), "clip-joined", "{flac}");
}

#[test]
fn mp3_without_a_declared_length_is_decoded_to_its_end_even_when_glued() {
    let bytes = bytes_of("mp3-bare-44100-1.mp3");
    let desk = Desk::new();
    let once = desk.ingest(&desk.upload("once.mp3", &bytes)).unwrap();
    let twice = desk.ingest(&desk.upload("twice.mp3", &[bytes.clone(), bytes].concat())).unwrap();
    assert!(twice.duration_ms.abs_diff(2 * once.duration_ms) <= 1);
}

#[test]
fn damage_in_the_middle_is_refused_with_its_place() {
    let mut flac = made(|file| sources::flac(file, 44_100, &[sampled(44_100, 4.0)]));
    let middle = flac.len() / 2;
    flac[middle..middle + 4_000].fill(0x55);
    let reason = refused_bytes(&flac);
    assert!(matches!(reason, Reason::Corrupt { at_ms: 1500..2500, lost_ms: 90.., .. }), "{reason}");
    let mut ogg = made(|file| sources::ogg(file, 44_100, &[sampled(44_100, 30.0)]));
    let middle = ogg.len() / 2;
    ogg[middle] ^= 0x40;
    assert_eq!(refused_bytes(&ogg).code(), "clip-corrupt");
}

#[test]
fn a_short_drop_out_is_filled_so_that_the_rest_stays_in_its_place() {
    let whole = made(|file| sources::flac(file, 48_000, &[sampled(48_000, 4.0)]));
    let mut hurt = whole.clone();
    let middle = hurt.len() / 2;
    hurt[middle] ^= 0x10;
    let desk = Desk::new();
    let rendition = desk.ingest(&desk.upload("hurt.flac", &hurt)).unwrap_or_else(|verdict| panic!("{verdict}"));
    assert!(matches!(rendition.notes[..], [Note::Mended { at_ms: 1500..2500, lost_ms: 85 }]), "{:?}", rendition.notes);
    assert_eq!(rendition.duration_ms, 4000);
    let heard = desk.heard(&rendition);
    let likeness = correlation(&heard[144_000..190_000], &sampled(48_000, 4.0)[144_000..190_000]);
    assert!(likeness > 0.99, "{likeness}");
}

#[test]
fn a_wrong_checksum_over_the_whole_flac_is_damage() {
    let mut flac = made(|file| sources::flac(file, 44_100, &[sampled(44_100, 1.0)]));
    flac[4 + 4 + 18] ^= 1; // the first byte of the MD5 in STREAMINFO
    assert_eq!(refused_bytes(&flac).code(), "clip-corrupt");
}

#[test]
fn silence_is_refused_and_whispering_is_not() {
    let level = |db: f64| sampled(48_000, 2.0).iter().map(|s| s * loudness::amplitude(db) as f32).collect::<Vec<_>>();
    assert!(matches!(refused_bytes(&floats(&vec![0.0; 96_000])), Reason::Silent { loudness_lufs: None, .. }));
    assert!(matches!(refused_bytes(&floats(&level(-55.0))), Reason::Silent { loudness_lufs: Some(_), .. }));
    let desk = Desk::new();
    let whisper = desk.ingest(&desk.upload("whisper.wav", &floats(&level(-40.0)))).unwrap();
    assert!((whisper.loudness_after_lufs + 16.0).abs() <= 0.3);
}

#[test]
fn channels_that_cancel_each_other_are_named_as_the_reason() {
    let left = sampled(48_000, 1.0);
    let right = left.iter().map(|sample| -sample).collect();
    assert_eq!(refused_bytes(&wav_bytes(48_000, &[left, right])).code(), "clip-channels-cancel");
}

#[test]
fn lengths_outside_the_limits_are_refused() {
    let short = refused_bytes(&wav_bytes(48_000, &[sampled(48_000, 0.29)]));
    assert!(matches!(short, Reason::TooShort { duration_ms: 290, shortest_ms: 300 }));
    let desk = Desk::new();
    let path = desk.upload("long.wav", &wav_bytes(8_000, &[sampled(8_000, 2.0)]));
    let options = Options { longest_ms: 1_999, ..Options::default() };
    let verdict = ingest(&path, &options, &desk.shelf, &mut |_| panic!("refused before any work")).unwrap_err();
    assert_eq!(verdict.code(), "clip-too-long");
    let options = Options { longest_ms: 2_000, ..options };
    assert!(ingest(&path, &options, &desk.shelf, &mut |_| {}).is_ok());
}

#[test]
fn a_three_hour_file_is_refused_by_its_header_and_one_without_header_on_the_way() {
    let mut bytes = wav_bytes(8_000, &[sampled(8_000, 1.0)]);
    let three_hours = 3 * 3600 * 16_000u32;
    bytes[4..8].copy_from_slice(&(three_hours + 36).to_le_bytes());
    bytes[40..44].copy_from_slice(&three_hours.to_le_bytes());
    assert!(matches!(refused_bytes(&bytes), Reason::TooLong { duration_ms: 10_800_000, .. }));
    let desk = Desk::new();
    let path = desk.upload("bare.mp3", &bytes_of("mp3-bare-44100-1.mp3"));
    let options = Options { longest_ms: 500, ..Options::default() };
    assert_eq!(ingest(&path, &options, &desk.shelf, &mut |_| {}).unwrap_err().code(), "clip-too-long");
}

#[test]
fn more_than_eight_channels_are_refused() {
    for channels in [9, 12, 64] {
        let reason = refused_bytes(&wav_bytes(8_000, &vec![sampled(8_000, 0.5); channels]));
        assert!(
            matches!(reason, Reason::TooManyChannels { channels: found, most: 8 } if found == channels),
            "{reason}"
        );
    }
}

#[test]
fn sample_values_that_are_no_sound_are_found_where_they_are() {
    for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut samples = sampled(48_000, 1.0);
        samples[24_000] = bad;
        assert!(matches!(refused_bytes(&floats(&samples)), Reason::NotNumbers { at_ms: 500 }), "{bad}");
    }
}

#[test]
fn a_disk_that_cannot_be_written_is_not_blamed_on_the_file() {
    let desk = Desk::new();
    std::fs::remove_dir_all(desk.path("shelf/draft")).unwrap();
    let verdict = desk.ingest(&testdata("mp3-16000-1.mp3")).unwrap_err();
    assert_eq!(verdict.code(), "clip-desk-failed");
}

/// Small files of each kind, for breaking.
static VICTIMS: LazyLock<[Vec<u8>; 6]> = LazyLock::new(|| {
    [
        bytes_of("mp3-8000-1.mp3"),
        bytes_of("m4a-8000-1.m4a"),
        bytes_of("adts-16000-1.aac"),
        made(|file| sources::flac(file, 8_000, &[sampled(8_000, 0.4)])),
        made(|file| sources::ogg(file, 8_000, &[sampled(8_000, 0.4)])),
        wav_bytes(8_000, &[sampled(8_000, 0.4)]),
    ]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_broken_file_brings_the_ingest_down_or_leaves_anything_behind(
        kind in 0usize..6,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
        head_only in any::<bool>(),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        insert in proptest::option::of((any::<prop::sample::Index>(), proptest::collection::vec(any::<u8>(), 1..64))),
    ) {
        let mut bytes = VICTIMS[kind].clone();
        for (at, value) in changes {
            let range = if head_only { bytes.len().min(256) } else { bytes.len() };
            bytes[at.index(range)] = value;
        }
        if let Some((at, noise)) = insert {
            let at = at.index(bytes.len());
            bytes.splice(at..at, noise);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let desk = Desk::new();
        match desk.ingest(&desk.upload("broken", &bytes)) {
            Ok(rendition) => {
                prop_assert!(rendition.true_peak_after_dbtp <= -1.0);
                prop_assert_eq!(desk.files(), 2);
            }
            Err(verdict) => {
                prop_assert_eq!(desk.files(), 0);
                prop_assert_ne!(verdict.code(), "clip-desk-failed", "{}", verdict);
                prop_assert!(!verdict.to_string().contains("the decoder failed on it"), "a panic was caught");
            }
        }
    }
}
