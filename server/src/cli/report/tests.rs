//! What `loa report` refuses, and that nothing is left when it does.

use loa_host::clock::{Clock, Reading};
use loa_host::text::Language;
use tempfile::TempDir;

use super::*;
use crate::config::Folder;

/// 2026-12-07 08:00:00 in Việt Nam.
const NOW_MS: i64 = 1_796_605_200_000;

fn refused(room: &TempDir, arguments: &[&str]) -> String {
    let clock = Clock::manual();
    clock.set(Reading { mono_raw_ns: 1, utc_ns: NOW_MS * 1_000_000 });
    let context = Context { words: Words::new(Language::English), folder: Folder::at(room.path()), clock };
    let whole = super::super::command(&context.words);
    let found = whole.try_get_matches_from([&["loa", "report", "--format", "pdf"], arguments].concat());
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    run(&context, found.subcommand().unwrap().1).expect_err("it is refused")
}

#[test]
fn what_cannot_be_answered_or_written_is_said_in_a_sentence_and_leaves_nothing() {
    let room = TempDir::new().unwrap();
    let folder = Folder::at(room.path());
    wait_for(async { Store::open(&folder.store().display().to_string()).await.unwrap().close().await }).unwrap();
    let file = room.path().join("r.pdf");
    let output = file.to_str().unwrap();
    let december = ["--from", "2026-11-01", "--to", "2026-11-30"];
    for (arguments, expected) in [
        (vec!["--campaign", "khong-co"], "There never was a campaign “khong-co”"),
        (vec!["--place", "99999"], "There never was a place with the code “99999”"),
        (vec!["--player", "khong-co"], "There never was a player “khong-co”"),
        (vec!["--clip", "khong-co"], "There never was a clip “khong-co”"),
        (vec!["--as-of", "2027-01-01"], "--as-of lies in the future"),
    ] {
        let said = refused(&room, &[&december[..], &["-o", output], &arguments].concat());
        assert!(said.contains(expected), "{said}");
    }
    let said = refused(&room, &["--from", "2026-12-02", "--to", "2026-12-01", "-o", output]);
    assert!(said.contains("--to (2026-12-01) comes before --from (2026-12-02)"), "{said}");
    let said = refused(&room, &["--from", "2026-02-30", "--to", "2026-12-01", "-o", output]);
    assert!(said.contains("--from"), "{said}");
    assert!(!file.exists());

    let no_folder = room.path().join("khong-co").join("r.pdf");
    let said = refused(&room, &[&december[..], &["-o", no_folder.to_str().unwrap()]].concat());
    assert!(said.contains("cannot be written") && said.contains("Nothing half-written"), "{said}");
    assert!(!no_folder.exists());
}

#[test]
fn the_second_file_is_named_after_the_first() {
    assert_eq!(named(Path::new("a/thang-12.csv"), "failures"), Path::new("a/thang-12-failures.csv"));
    assert_eq!(named(Path::new("thang-12"), "failures"), Path::new("thang-12-failures"));
    assert_eq!(named(Path::new("thang-12.csv"), ""), Path::new("thang-12.csv"));
}
