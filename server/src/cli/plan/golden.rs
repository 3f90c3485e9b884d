//! The plans of the sample timetables, as pages that were read and approved: overlaps, quiet hours and reasons.
//!
//! `UPDATE_GOLDEN=1` writes them anew; then read the difference.

use std::path::{Path, PathBuf};

use loa_host::text::{Language, Words};

use super::*;

fn page(paths: &[&str], from: &str, length_ms: i64) -> String {
    let words = Words::new(Language::Vietnamese);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules");
    let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
    let timetable = read_timetable(&paths, &words).unwrap_or_else(|problems| panic!("{problems}"));
    let (players, orders) = of_files(&timetable, UtcMs(0), &words).unwrap();
    let pages: Vec<String> = players
        .iter()
        .map(|entry| {
            let from = moment::read("--from", from, &entry.zone, Edge::First, &words).unwrap();
            days::by_day(&plan::work_out(entry, &orders, from, from.plus_ms(length_ms)).unwrap(), &words)
        })
        .collect();
    pages.join("\n")
}

fn is_golden(set: &str, page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules").join(set).join("plan.golden.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, page).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    for (number, (found, golden)) in page.lines().zip(golden.lines()).enumerate() {
        assert_eq!(found, golden, "{} line {}", file.display(), number + 1);
    }
    assert_eq!(page, golden, "{} has more or fewer lines", file.display());
}

#[test]
fn three_minutes_of_the_demonstration_go_as_approved() {
    is_golden("demo", &page(&["demo"], "2026-12-07T08:00", 180_000));
}

#[test]
fn ten_minutes_of_the_sample_boards_go_as_approved() {
    is_golden("boards", &page(&["places", "boards"], "2026-12-07T08:00", 600_000));
}

#[test]
fn an_ordinary_week_goes_as_approved() {
    is_golden("commune-week", &page(&["places", "commune-week"], "2026-12-07", 7 * DAY_MS));
}

#[test]
fn the_campaign_around_human_rights_day_goes_as_approved() {
    let sets = ["places", "commune-week", "campaign-1079"];
    is_golden("campaign-1079", &page(&sets, "2026-12-08", 4 * DAY_MS));
}

#[test]
fn the_days_of_the_storm_go_as_approved() {
    let sets = ["places", "commune-week", "storm-warning"];
    is_golden("storm-warning", &page(&sets, "2027-08-18", 3 * DAY_MS));
}

#[test]
fn a_template_is_never_planned_and_a_drill_says_so() {
    let sets = ["places", "commune-week", "flood-warning"];
    is_golden("flood-warning", &page(&sets, "2026-12-05T08:00", 3 * 3_600_000));
}
