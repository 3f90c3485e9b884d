//! Slides looked at from files, as pages that were read and approved: `UPDATE_GOLDEN=1` writes them anew.

use loa_host::clock::{Clock, Reading};
use loa_host::text::Language;

use super::*;
use crate::config::Folder;

/// 2026-12-07 08:00:00 in Việt Nam.
const NOW_MS: i64 = 1_796_605_200_000;

fn tried(language: Language, arguments: &[&str]) -> Result<String, Failure> {
    let clock = Clock::manual();
    clock.set(Reading { mono_raw_ns: 1, utc_ns: NOW_MS * 1_000_000 });
    let context = Context { words: Words::new(language), folder: Folder::at("no-such-desk"), clock };
    let line = [&["loa", "slide"], arguments].concat();
    let found = super::super::command(&context.words).try_get_matches_from(line).unwrap_or_else(|e| panic!("{e}"));
    let mut out = Vec::new();
    wait_for(write(&context, found.subcommand().unwrap().1, &mut out, false)).unwrap()?;
    Ok(String::from_utf8(out).unwrap())
}

fn told(language: Language, arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules");
    let sets = ["places", "boards"].map(|set| root.join(set).display().to_string());
    let arguments = [arguments, &sets.each_ref().map(String::as_str)].concat();
    tried(language, &arguments).unwrap_or_else(|failure| panic!("{failure}"))
}

fn is_golden(name: &str, page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/slide").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, page).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap_or_default() == page, "{} is otherwise now:\n{page}", file.display());
}

#[test]
fn the_sample_slides_look_on_boards_as_approved() {
    let small =
        |id: &str| told(Language::Vietnamese, &["show", id, "--board", "p10-mot-mau", "--board", "128x64:grey16"]);
    let ids = ["hop-thon-cho", "gio", "dem-tet", "dich-vu-cong", "que-huong", "loi-di", "tin-chay"];
    let pages: Vec<String> = ids.iter().map(|id| format!("$ loa slide show {id}\n{}", small(id))).collect();
    is_golden("faces.golden.txt", &pages.join("\n"));
}

#[test]
fn the_list_says_on_which_boards_a_slide_is_and_whether_it_can_be_read() {
    let lists = [Language::Vietnamese, Language::English].map(|language| told(language, &["list"]));
    let lists: Vec<&str> = lists.iter().flat_map(|list| list.lines().map(str::trim_end)).collect();
    is_golden("list.golden.txt", &(lists.join("\n") + "\n"));
}

#[test]
fn pictures_are_written_a_file_for_each_face_lamp_by_lamp() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("tet.png");
    told(Language::English, &["show", "dem-tet", "--board", "led-mau", "--png", one.to_str().unwrap()]);
    assert_eq!(size(&one), (192, 96));
    let all = folder.path().join("anh");
    let page = told(Language::English, &["show", "hop-thon-cho", "--png", all.to_str().unwrap(), "--zoom", "2"]);
    let mut files: Vec<_> = std::fs::read_dir(&all).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 4 && page.matches("Wrote ").count() == files.len(), "{page}");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let wanted =
            [("64x32", (128, 64)), ("128x64", (256, 128)), ("192x96", (384, 192)), ("1920x1080", (1_920, 1_080))];
        let wanted = wanted.iter().find(|(board, _)| name.starts_with(&format!("hop-thon-cho-{board}-"))).unwrap().1;
        assert_eq!(size(&file), wanted, "{name}");
    }
}

/// The size that a PNG says it has.
fn size(file: &Path) -> (u32, u32) {
    let bytes = std::fs::read(file).unwrap();
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules/demo").display().to_string();
    let refused = |language, arguments: &[&str]| tried(language, &[arguments, &[&root]].concat()).unwrap_err();
    let unknown = refused(Language::Vietnamese, &["show", "chao"]);
    assert_eq!(unknown, "Không có trang nào mã “chao”. Hiện có: demo-chao, demo-mot-cua");
    for board in ["128x", "128x8", "128x32:blue", "led"] {
        let bad = refused(Language::English, &["show", "demo-chao", "--board", board]);
        assert!(
            bad.starts_with(&format!("--board: “{board}” cannot be used; expected the id of a [[board]] (–)")),
            "{bad}"
        );
    }
    assert!(tried(Language::English, &["list"]).is_err(), "there is no desk");
}

#[test]
fn every_reason_to_refuse_a_picture_has_its_words() {
    let codes: Vec<&str> =
        include_str!("../../play/verdict.rs").split('"').filter(|text| text.starts_with("picture-")).collect();
    assert!(codes.len() >= 8, "{codes:?}");
    for language in [Language::Vietnamese, Language::English] {
        let words = Words::new(language);
        let bare: Vec<&&str> = codes.iter().filter(|code| !words.has(code)).collect();
        assert!(bare.is_empty(), "{bare:?}");
    }
}
