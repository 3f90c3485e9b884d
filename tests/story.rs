//! The stories: the built programs on hard days, each in a folder and on ports of its own, all at once.
//!
//! It decides which stories run (`E2E_ONLY`, names with commas between them), where their folders are and what is told
//! of them. What happens on each day is under `story/`; what they are made of, under `world/`.
//!
//!     cargo build -p loa-server -p loa-agent && cargo test -p loa-tests --test story
//!
//! `E2E_OUTAGE_SECONDS` (60) is how long the desk is away. A story that fails leaves its folder, with every log.

mod story {
    pub mod audit;
    pub mod boards;
    pub mod broker;
    pub mod clock;
    pub mod corrupt;
    pub mod cuts;
    pub mod emergency;
    pub mod heard;
    pub mod ingest;
    pub mod outage;
    pub mod power;
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use loa_tests::world::programs;

/// A story: told its folder, it gives its figures; it panics where something is not as it should be.
type Story = fn(&Path) -> String;

const STORIES: [(&str, Story); 12] = [
    ("heard", story::heard::every_cue_sounds_as_it_was_made_and_on_time),
    ("outage", story::outage::the_timetable_goes_on_without_the_desk),
    ("power", story::power::a_power_cut_in_mid_clip_is_told_and_the_next_cue_airs),
    ("cuts", story::cuts::a_large_clip_arrives_over_a_line_that_is_cut_again_and_again),
    ("corrupt", story::corrupt::a_release_whose_content_is_damaged_never_airs),
    ("clock", story::clock::a_clock_that_is_an_hour_wrong_for_a_while_costs_that_while),
    ("embedded", story::broker::proofs_come_over_the_desks_own_broker),
    ("mosquitto", story::broker::proofs_come_over_mosquitto),
    ("audit", story::audit::a_stranger_checks_what_was_aired_and_nothing_can_be_taken_back),
    ("boards", story::boards::what_the_desk_previews_is_what_boards_and_browsers_show),
    ("emergency", story::emergency::a_false_alarm_is_stopped_and_corrected_and_a_drill_says_that_it_is_one),
    ("ingest", story::ingest::a_desk_that_dies_while_it_stores_keeps_what_it_receipted),
];

fn main() -> ExitCode {
    if let Err(why) = programs::folder() {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    let only = std::env::var("E2E_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|wanted| wanted == name);
    let begun = Instant::now();
    let running: Vec<_> = STORIES
        .into_iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, story)| std::thread::spawn(move || tell(name, story)))
        .collect();
    let told: Vec<bool> = running.into_iter().map(|story| story.join().unwrap_or(false)).collect();
    let failed = told.iter().filter(|passed| !**passed).count();
    println!("{} stories, {failed} failed, {} s", told.len(), begun.elapsed().as_secs());
    if failed == 0 && !told.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one story. True if it went well.
fn tell(name: &'static str, story: Story) -> bool {
    let begun = Instant::now();
    let folder = match tempfile::Builder::new().prefix(&format!("loa-{name}-")).tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            println!("{name}: FAILED: no folder: {error}");
            return false;
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| story(folder.path())));
    let seconds = begun.elapsed().as_secs();
    match &outcome {
        Ok(figures) => println!("{name}: {figures} ({seconds} s)"),
        Err(why) => {
            let text = why.downcast_ref::<String>().map(String::as_str).or_else(|| why.downcast_ref::<&str>().copied());
            let kept = folder.keep();
            println!("{name}: FAILED after {seconds} s: {} (logs in {})", text.unwrap_or("?"), kept.display());
        }
    }
    outcome.is_ok()
}
