//! The desk dies and comes back: every cue airs meanwhile, and its proof arrives once.

use std::path::Path;
use std::time::Duration;

use loa_tests::world::desk::Desk;
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

use super::power::{each_once, now_ms};

/// Kills the desk for `E2E_OUTAGE_SECONDS`.
pub fn the_timetable_goes_on_without_the_desk(home: &Path) -> String {
    let outage_s: u64 = std::env::var("E2E_OUTAGE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut desk = Desk::start(home);
    let order = Order::new("gio", "gio", &[0, 6, 12, 18, 24, 30, 36, 42, 48, 54]);
    desk.apply(&timetable::make(home, &["loa-1", "loa-2"], &[Clip::speech("gio", 2, 4)], std::slice::from_ref(&order)));
    let players = ["loa-1", "loa-2"];
    let running = players.map(|id| Player::start(home, id, &desk.root(), desk.address()));
    let proven = |desk: &Desk, id: &str| {
        desk.evidence().proofs().into_iter().filter(|p| p.player == id).map(|p| p.planned_ms).max()
    };
    let first =
        players.map(|id| until("a first proof", 60, || proven(&desk, id))).into_iter().max().unwrap_or_default();
    desk.kill();
    let (gone, before) = (now_ms(), desk.evidence().proofs().len());
    // The outage is wall-clock time, which is what the story is about.
    std::thread::sleep(Duration::from_secs(outage_s));
    let back = now_ms();
    desk.restart();
    for id in players {
        until("the proofs of the outage", 120, || proven(&desk, id).filter(|last| *last > back + 6_000));
    }
    let proofs = desk.evidence().proofs();
    let due = order.due(first, back);
    for id in players {
        each_once(&proofs, id, &due, |proof| proof.outcome == "played");
    }
    assert_eq!(desk.evidence().conflicts(), 0);
    drop(running);
    let away = order.due(gone, back).len();
    format!(
        "desk away {outage_s} s, {away} cues on each of two players meanwhile, all played, {before} proofs before it, each proof once"
    )
}
