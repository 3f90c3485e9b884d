//! Clips that ffmpeg makes here and files that are none; where ffmpeg is missing, clips are skipped.

use std::process::{Command, Stdio};

use super::*;

/// A clip of so many seconds in a file; none where this machine cannot make one.
fn clip(folder: &Path, name: &str, seconds: &str, codec: &[&str]) -> Option<PathBuf> {
    let path = folder.join(name);
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"]);
    command.arg(format!("testsrc=duration={seconds}:size=64x32:rate=25")).args(codec).arg(&path);
    let made = command.stdin(Stdio::null()).status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("skipped: ffmpeg is missing or has no encoder for {codec:?}");
    }
    made.then_some(path)
}

const H264: [&str; 4] = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
const VP9: [&str; 4] = ["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"];

fn refused(path: &Path) -> Reason {
    Video::read(path, &Programs::default()).unwrap_err()
}

#[test]
fn mp4_and_webm_are_measured_and_their_bytes_are_what_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec, known) in [("a.mp4", H264, "h264"), ("b.webm", VP9, "vp9")] {
        let Some(path) = clip(folder.path(), name, "1.4", &codec) else { return };
        let video = Video::read(&path, &Programs::default()).unwrap();
        assert!((1_390..=1_410).contains(&video.length_ms), "{video:?}");
        assert_eq!((video.seconds(), video.size, video.codec.as_str()), (2, (64, 32), known));
        assert_eq!((video.mislabelled(), &video.complaint), (None, &None));
        assert_eq!(seconds_of(&path, &Programs::default()), Ok(2));
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!((Hash::of(&bytes), bytes.len() as u64), (video.hash, video.size_bytes));
        assert_eq!(video.bytes(), Ok(bytes));
        std::fs::write(&path, b"something else").unwrap();
        assert_eq!(video.bytes(), Err(Reason::Changed));
    }
}

#[test]
fn the_first_picture_stands_in_the_middle_of_the_board() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = clip(folder.path(), "a.mov", "0.2", &H264) else { return };
    let video = Video::read(&path, &Programs::default()).unwrap();
    let dots = video.still((128, 96), &Programs::default()).unwrap();
    let lit = |y: usize| dots[y * 384..][..384].iter().filter(|value| **value > 60).count();
    assert_eq!(dots.len(), 128 * 96 * 3);
    assert!(lit(0) == 0 && lit(95) == 0 && lit(48) > 64, "two to one, on four to three");
}

#[test]
fn what_is_cut_off_or_damaged_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let fast = [&H264[..], &["-movflags", "+faststart"]].concat();
    for (name, codec) in [("a.mp4", &H264[..]), ("b.mp4", &fast), ("c.webm", &VP9)] {
        let Some(path) = clip(folder.path(), name, "3", codec) else { return };
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() * 2 / 3]).unwrap();
        assert_eq!(refused(&path), Reason::Truncated, "{name}");
        std::fs::write(&path, [&bytes[..40], &vec![0x5a; bytes.len()]].concat()).unwrap();
        assert!(matches!(refused(&path), Reason::Damaged { .. } | Reason::Truncated), "{name}: {}", refused(&path));
    }
    // The first picture is all wrong, the index is not.
    let Some(path) = clip(folder.path(), "d.mp4", "2", &H264) else { return };
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|box_name| box_name == b"mdat").unwrap() + 4;
    for byte in &mut bytes[at + 720..at + 1_200] {
        *byte ^= 0x5a;
    }
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(refused(&path), Reason::Damaged { .. }), "{}", refused(&path));
}

#[test]
fn sound_alone_and_rare_codecs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(rare) = clip(folder.path(), "a.mov", "0.5", &["-c:v", "prores"]) else { return };
    assert_eq!(refused(&rare), Reason::Codec { codec: "prores".to_owned() });
    let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/m4a-8000-1.m4a");
    assert_eq!(refused(&sound), Reason::NoPicture);
}

#[test]
fn a_file_says_what_it_is_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = clip(folder.path(), "a.mp4", "0.5", &H264) else { return };
    let renamed = folder.path().join("-i a:b.webm");
    std::fs::rename(path, &renamed).unwrap();
    let video = Video::read(&renamed, &Programs::default()).unwrap();
    assert_eq!((video.container, video.mislabelled()), (Container::Mp4, Some("MP4")));
}

#[test]
fn what_is_no_video_is_refused_by_its_first_bytes_without_any_program() {
    let nowhere = Programs { ffmpeg: "loa-none".into(), ffprobe: "loa-none".into(), ..Programs::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("video.mp4");
    let said = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Video::read(&path, &nowhere).unwrap_err()
    };
    assert_eq!(said(b""), Reason::Empty);
    let cases: [(&[u8], &str); 8] = [
        (b"GIF89a....", "GIF"),
        (b"RIFF....AVI LIST", "AVI"),
        (b"RIFF....WEBPVP8 ", "WebP"),
        (b"\0\0\0\x20ftypheic", "HEIC"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (b"\0\0\x01\xba\x44", "MPEG"),
        (b"[[slide]]", "none"),
        (b"\0\0\0\x20fty", "none"),
    ];
    for (bytes, looks_like) in cases {
        assert_eq!(said(bytes), Reason::Unsupported { looks_like });
    }
    let none = "loa-none".to_owned();
    assert_eq!(said(b"\0\0\0\x20ftypisom...."), Reason::NoProgram { program: none.clone() });
    assert_eq!(said(b"\x1a\x45\xdf\xa3"), Reason::NoProgram { program: none });
    assert!(matches!(refused(&folder.path().join("none")), Reason::NotReadable { .. }));
    let large = std::fs::File::create(&path).unwrap();
    large.set_len(BLOB_BYTES + 1).unwrap();
    assert_eq!(refused(&path), Reason::TooManyBytes { bytes: BLOB_BYTES + 1 });
}

#[test]
fn the_length_is_what_the_packets_say() {
    let stream = "stream|codec_name=vp8|width=640|height=360|disposition:attached_pic=0\n";
    let packets = "packet|pts_time=0.500000|dts_time=0.500000|duration_time=0.040000\n\
                   packet|pts_time=N/A|dts_time=N/A|duration_time=N/A\n\
                   packet|pts_time=61.000000|dts_time=0.600000|duration_time=N/A\n\
                   packet|pts_time=N/A|dts_time=60.980000|duration_time=0.040000|side_data|x\n";
    let found = |lines: &str| super::found(lines);
    let whole = found(&[packets, stream].concat()).unwrap();
    assert_eq!((whole.length_ms, whole.size, whole.codec.as_str()), (60_520, (640, 360), "vp8"));
    assert_eq!(found(packets), Err(Reason::NoPicture));
    assert_eq!(found(stream), Err(Reason::NoPicture));
    assert!(matches!(found("format|nb_streams=0\n"), Err(Reason::Damaged { .. })));
    let cover = stream.replace("pic=0", "pic=1");
    assert_eq!(found(&[packets, &cover].concat()), Err(Reason::NoPicture));
    let long = found(&["packet|pts_time=0\npacket|pts_time=1e300\n", stream].concat()).unwrap();
    assert!(long.length_ms > LONGEST_MS);
}

#[test]
fn a_video_of_more_than_an_hour_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=3660:size=16x16:rate=1/60"]);
    let made = command.args(H264).arg(&path).stdin(Stdio::null()).status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("skipped: ffmpeg is missing or has no encoder for {H264:?}");
        return;
    }
    assert!(matches!(refused(&path), Reason::TooLong { length_ms: 3_600_001.. }), "{}", refused(&path));
    assert!(matches!(seconds_of(&path, &Programs::default()), Err(Reason::TooLong { .. })));
}
