//! The budgets of this repository as tests: how long, who imports whom, and what is said in one place only.
//!
//! Each test below is one rule over every Rust file that git tracks; what breaks a rule today is listed in
//! `tidy/waivers.txt`, which may only shrink. Read on in `tidy/facts.rs` (a file as facts), `tree.rs` (the files as
//! modules of crates), `finding.rs` (findings and waivers), then the rules: `size.rs`, `imports.rs`, `crates.rs`,
//! `words.rs`. Every rule has its own tests on small wrong examples.

#[path = "tidy/crates.rs"]
mod crates;
#[path = "tidy/facts.rs"]
mod facts;
#[path = "tidy/finding.rs"]
mod finding;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/size.rs"]
mod size;
#[path = "tidy/tree.rs"]
mod tree;
#[path = "tidy/words.rs"]
mod words;

use finding::{Finding, settle};
use tree::{HOUSE, House};

/// A rule: its name, and what finds where it is broken.
type Rule = (&'static str, fn(&House) -> Vec<Finding>);

/// Every rule by the name it has in the list of waivers.
const RULES: [Rule; 14] = [
    ("file-lines", size::files),
    ("function-lines", size::functions),
    ("opening", size::openings),
    ("cycle", imports::cycles),
    ("stage-order", imports::stages),
    ("unread", imports::unread),
    ("crate-direction", crates::direction),
    ("library", crates::libraries),
    ("clock", words::clock),
    ("unfinished", words::unfinished),
    ("panics", words::gambles),
    ("idle-test", words::idle_tests),
    ("place", words::places),
    ("told-test", words::told_tests),
];

/// Settles some of the rules, all of them before it fails.
fn hold(names: &[&str]) {
    let mut wrong = Vec::new();
    for (rule, find) in RULES.iter().filter(|(rule, _)| names.contains(rule)) {
        wrong.extend(settle(rule, &find(&HOUSE)).err());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_and_functions_are_short_and_files_say_what_they_decide() {
    hold(&["file-lines", "function-lines", "opening"]);
}

#[test]
fn the_usual_file_is_short() {
    let (median, files) = (size::median(&HOUSE), HOUSE.sources.len());
    println!("{files} files, the one in the middle has {median} lines");
    assert!(
        files > 0 && median <= size::MEDIAN_LINES,
        "median of {files} files: {median}, at most {}",
        size::MEDIAN_LINES
    );
}

#[test]
fn modules_never_need_one_another_and_no_stage_looks_ahead() {
    hold(&["cycle", "stage-order", "unread"]);
}

#[test]
fn crates_point_one_way_and_a_library_is_named_in_one_file() {
    hold(&["crate-direction", "library"]);
}

#[test]
fn the_firmware_needs_no_allocator() {
    let found = crates::features_of_std();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_clock_is_read_in_one_file() {
    hold(&["clock"]);
}

#[test]
fn nothing_is_left_undone_and_no_call_panics_without_a_reason() {
    hold(&["unfinished", "panics"]);
}

#[test]
fn every_test_runs_and_none_sleeps() {
    hold(&["idle-test"]);
}

#[test]
fn a_test_that_a_document_names_is_there() {
    hold(&["told-test"]);
}

#[test]
fn no_text_names_a_machine_or_a_registry() {
    hold(&["place"]);
}

#[test]
fn the_list_of_waivers_shrinks() {
    finding::the_list_shrinks(&RULES.map(|(rule, _)| rule));
}
