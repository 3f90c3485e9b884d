//! Videos from files to what people are told and to the content of orders; where ffmpeg is missing they are skipped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use loa_domain::time::UtcMs;
use loa_host::text::{Language, Words};

use super::super::checked::{self, Checked, Shown};
use super::super::{Context, Failure, slide, wait_for};
use crate::config::Folder;
use crate::plan::{self, Unmeasured};
use crate::play::made::Sent;
use crate::play::video::program::Programs;
use crate::play::video::seconds_of;
use crate::timetable::compile::{self, CompileError};
use crate::timetable::model::Timetable;
use crate::timetable::read::{Checks, read};

/// A folder with a clip of 1.4 seconds and a timetable that airs it; none where ffmpeg is missing.
fn folder(slide: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=1.4:size=64x32:rate=25"]);
    command.args(["-c:v", "libx264", "-pix_fmt", "yuv420p"]).arg(folder.path().join("gioi-thieu.mp4"));
    if !command.stdin(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: ffmpeg is missing or has no encoder for H.264");
        return None;
    }
    let base = std::fs::read_to_string("testdata/timetable/base.toml").unwrap();
    let text = format!(
        "[[slide]]\nid = \"phim\"\n{slide}\n\
         [[programme]]\nid = \"phim\"\ntitle = \"Phim\"\nitems = [\"slide:phim\"]\n\
         [[order]]\nid = \"phim\"\nprogramme = \"phim\"\nclass = \"normal\"\nto = {{ kinds = [\"board\"] }}\nat = \"0 5 * * *\"\n"
    );
    let file = folder.path().join("trang.toml");
    std::fs::write(&file, base.replace("clips/chuong.wav", "trang.toml") + &text).unwrap();
    Some((folder, file))
}

fn timetable(file: &Path) -> Timetable {
    let fine = |_: &str| Ok(());
    read(&[file.to_path_buf()], &Checks { cron: &fine, zone: &fine, letter: &|_| true })
        .unwrap_or_else(|found| panic!("{found:?}"))
}

fn checked(timetable: &Timetable, language: Language) -> Result<Checked, Failure> {
    let players = compile::players(timetable).unwrap();
    let shown = Shown { utc: UtcMs(0), offset_s: None, coloured: false };
    checked::slides(timetable, &players, shown, &Words::new(language))
}

#[test]
fn a_video_is_sent_as_it_is_for_as_long_as_it_lasts_and_small_boards_are_warned_of() {
    let Some((folder, file)) = folder("video = \"gioi-thieu.mp4\"") else { return };
    let checked = checked(&timetable(&file), Language::English).unwrap();
    let [aired] = &checked.aired[..] else { panic!("one slide") };
    let Sent::Video(video) = &aired.sent else { panic!("a video") };
    assert_eq!(aired.stands_ms, 2_000);
    assert_eq!(video.bytes().unwrap(), std::fs::read(folder.path().join("gioi-thieu.mp4")).unwrap());
    let page = checked.page(true);
    assert!(page.lines().count() == 1 && page.contains("at least 320 lamps wide (128x32 mono)"), "{page}");
}

#[test]
fn seconds_shorten_a_video_or_leave_its_last_picture_up() {
    for (seconds, told) in [(1, false), (2, false), (9, true)] {
        let slide = format!("video = \"gioi-thieu.mp4\"\nseconds = {seconds}");
        let Some((_folder, file)) = folder(&slide) else { return };
        let checked = checked(&timetable(&file), Language::English).unwrap();
        assert_eq!(checked.aired[0].stands_ms, seconds * 1_000);
        let page = checked.page(false);
        assert_eq!(page.contains("“phim” lasts 1.4 s, but seconds = 9"), told, "{page}");
    }
}

#[test]
fn a_video_that_is_none_stops_the_order_at_its_line() {
    let Some((_folder, file)) = folder("video = \"trang.toml\"") else { return };
    for (language, told) in
        [(Language::English, "no video that players play"), (Language::Vietnamese, "không phải video")]
    {
        let failure = checked(&timetable(&file), language).err().unwrap();
        assert!(failure.contains("trang.toml:") && failure.contains(told), "{failure}");
    }
}

#[test]
fn the_first_picture_of_a_video_is_shown_and_written_with_what_it_is() {
    let Some((folder, file)) = folder("video = \"gioi-thieu.mp4\"") else { return };
    let context = Context {
        words: Words::new(Language::English),
        folder: Folder::at("no-such-desk"),
        clock: loa_host::clock::Clock::manual(),
    };
    let looked = |arguments: &[&str]| {
        let line = [&["loa", "slide"], arguments, &[file.to_str().unwrap()]].concat();
        let found = slide::command(&context.words);
        let found = found.try_get_matches_from(&line[1..]).unwrap_or_else(|error| panic!("{error}"));
        let mut out = Vec::new();
        wait_for(slide::write(&context, &found, &mut out, false)).unwrap().unwrap();
        String::from_utf8(out).unwrap()
    };
    let page = looked(&["show", "phim", "--board", "64x32:mono", "--board", "320x160:rgb888"]);
    assert!(page.starts_with("64x32 mono (64 x 32 mono): video, its first picture\n┌────"), "{page}");
    assert!(
        page.contains("The slide “phim” is a video: 1.4 s, ") && page.contains("64 x 32 dots, MP4 (h264)"),
        "{page}"
    );
    assert!(!page.contains("Warning"), "one of them is a screen: {page}");
    let picture = folder.path().join("hinh.png");
    looked(&["show", "phim", "--board", "320x160:rgb888", "--png", picture.to_str().unwrap()]);
    let png = std::fs::read(picture).unwrap();
    assert_eq!(png[16..24], [0, 0, 1, 64, 0, 0, 0, 160], "its size stands in its head");
    let list = looked(&["list", "--format", "csv"]);
    assert!(list.lines().any(|line| line.starts_with("phim,,") && line.contains(",video,2,")), "{list}");
}

#[test]
fn a_plan_made_from_files_has_a_video_for_as_long_as_it_lasts() {
    for (seconds, length_ms) in [("", 2_000), ("seconds = 7", 7_000)] {
        let Some((_folder, file)) = folder(&format!("video = \"gioi-thieu.mp4\"\n{seconds}")) else { return };
        let orders = plan::drafts::<CompileError>(&timetable(&file), UtcMs(0), &mut |unmeasured| match unmeasured {
            Unmeasured::Clip(_) => Ok(1_000),
            Unmeasured::Video(slide, file) => {
                assert_eq!(slide.id, "phim");
                Ok(seconds_of(file, &Programs::default()).unwrap() * 1_000)
            }
        });
        let orders = orders.unwrap();
        let order = &orders.iter().find(|held| held.order.id.as_str() == "phim").unwrap().order;
        assert_eq!(order.items.iter().map(|item| item.length_ms).collect::<Vec<_>>(), [length_ms]);
    }
}

#[test]
fn every_reason_to_refuse_a_video_has_its_words() {
    let source = include_str!("../../play/video/verdict.rs");
    let codes: Vec<&str> = source.split('"').filter(|text| text.starts_with("video-")).collect();
    assert_eq!(codes.len(), 13, "{codes:?}");
    for language in [Language::Vietnamese, Language::English] {
        let words = Words::new(language);
        let bare: Vec<&&str> = codes.iter().filter(|code| !words.has(code)).collect();
        assert!(bare.is_empty(), "{bare:?}");
    }
}
