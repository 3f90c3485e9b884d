//! The player's wall clock is an hour wrong for a while, first ahead, then behind.
//!
//! The clock is faked by `libfaketime` in the player alone; its monotonic clock goes on.

use std::path::Path;

use loa_tests::world::desk::Desk;
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

use super::power::{each_once, now_ms};

/// Where Debian puts it.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/// How long the clock is wrong, in milliseconds.
const WRONG_MS: i64 = 20_000;
/// How much later than it is set a step may be seen: the fake is looked up once a second.
const SEEN_MS: i64 = 4_000;

/// Steps the clock four times.
pub fn a_clock_that_is_an_hour_wrong_for_a_while_costs_that_while(home: &Path) -> String {
    if !Path::new(LIBRARY).is_file() {
        return "skipped: libfaketime is not installed (apt-get install faketime)".to_owned();
    }
    let desk = Desk::start(home);
    let order = Order::new("gio", "gio", &[0, 6, 12, 18, 24, 30, 36, 42, 48, 54]);
    desk.apply(&timetable::make(home, &["loa-1"], &[Clip::speech("gio", 2, 8)], std::slice::from_ref(&order)));
    let fake = home.join("clock");
    // A new file in the old one's place, so that the player never reads half of it.
    let set = |text: &str| {
        let new = home.join("clock.new");
        std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &fake)).expect("the clock can be set");
    };
    set("+0");
    let environment = [
        ("LD_PRELOAD", LIBRARY.to_owned()),
        ("FAKETIME_TIMESTAMP_FILE", fake.display().to_string()),
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let mut player = Player::start_with(home, "loa-1", &desk.root(), desk.address(), environment);
    let proofs = || desk.evidence().proofs();
    let first = until("a first proof", 60, || proofs().first().map(|proof| proof.planned_ms));
    let mut wrong: Vec<(i64, i64)> = Vec::new();
    for offset in ["+3600", "-3600"] {
        let skip = player.said().len();
        let from = now_ms();
        set(offset);
        player.until_said(&["the wall clock stepped"], skip, 15);
        until("the end of the wrong time", 60, || (now_ms() > from + WRONG_MS).then_some(()));
        let skip = player.said().len();
        set("+0");
        player.until_said(&["the wall clock stepped"], skip, 15);
        wrong.push((from, now_ms()));
        let right = now_ms() + SEEN_MS;
        until("plays at the right time again", 60, || {
            let again = proofs().iter().filter(|p| p.planned_ms > right && p.planned_ms < right + 60_000).count();
            (again >= 2).then_some(())
        });
    }
    let last = proofs().iter().map(|proof| proof.planned_ms).filter(|planned_ms| *planned_ms < now_ms()).max();
    let due = order.due(first, last.unwrap_or_default());
    let (mut played, mut not_played) = (0, 0);
    each_once(&proofs(), "loa-1", &due, |proof| {
        let at = proof.planned_ms;
        let is_played = proof.outcome == "played" && proof.began_ms.is_some_and(|began| (began - at).abs() <= 500);
        (played, not_played) = (played + i32::from(is_played), not_played + i32::from(!is_played));
        // A cue that sounds as the clock steps, or is prepared then, may carry the wrong time or be late.
        is_played || wrong.iter().any(|(from, to)| (from - 5_000..to + SEEN_MS).contains(&at))
    });
    let steps =
        until("four steps on record", 30, || Some(desk.evidence().steps("loa-1")).filter(|steps| steps.len() >= 4));
    let hours: Vec<i64> = steps.iter().map(|by_ms| (by_ms + 1_800_000).div_euclid(3_600_000)).collect();
    assert_eq!(hours, [1, -1, -1, 1], "{steps:?}");
    drop(player);
    format!(
        "{} cues of true time, each one proof: {played} played, {not_played} in the two wrong stretches not; steps {steps:?} ms",
        due.len()
    )
}
