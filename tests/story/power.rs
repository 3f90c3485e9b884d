//! The power goes in the middle of a clip and comes back at once.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use loa_tests::world::desk::Desk;
use loa_tests::world::evidence::Proof;
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

/// A later cue may begin this late, in milliseconds.
const LATE_MS_MAX: i64 = 500;
/// How often the power goes.
const CUTS: usize = 3;

/// The wall clock in milliseconds since 1970.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Checks that `player` has exactly one proof for each due cue, and that it is as it should be; and no cue twice at all.
pub fn each_once(proofs: &[Proof], player: &str, due_ms: &[i64], mut good: impl FnMut(&Proof) -> bool) {
    for planned_ms in due_ms {
        let found: Vec<&Proof> = proofs.iter().filter(|p| p.player == player && p.planned_ms == *planned_ms).collect();
        assert_eq!(found.len(), 1, "{player} at {planned_ms}: {found:?}");
        assert!(good(found[0]), "{:?}", found[0]);
    }
    let mut cues: Vec<(&str, i64)> =
        proofs.iter().filter(|p| p.player == player).map(|p| (p.order.as_str(), p.planned_ms)).collect();
    cues.sort_unstable();
    let twice = cues.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(twice, None, "a cue with two proofs");
}

/// Kills the player while it plays, again and again.
pub fn a_power_cut_in_mid_clip_is_told_and_the_next_cue_airs(home: &Path) -> String {
    let desk = Desk::start(home);
    let order = Order::new("tin", "tin", &[0, 15, 30, 45]);
    desk.apply(&timetable::make(home, &["loa-1"], &[Clip::speech("tin", 9, 5)], std::slice::from_ref(&order)));
    let mut player = Player::start(home, "loa-1", &desk.root(), desk.address());
    let mut cut = Vec::new();
    let mut skip = 0;
    for _ in 0..CUTS {
        player.until_said(&[" sounds "], skip, 60);
        let planned_ms = now_ms() / 15_000 * 15_000;
        until("the middle of the clip", 10, || (now_ms() > planned_ms + 4_000).then_some(()));
        player.kill();
        skip = player.said().len();
        player.restart();
        cut.push(planned_ms);
    }
    let proofs = || desk.evidence().proofs();
    let last = cut[CUTS - 1] + 30_000;
    until("a proof after the last cut", 60, || proofs().iter().any(|p| p.planned_ms == last).then_some(()));
    let proofs = proofs();
    let mut latest_ms = 0;
    each_once(&proofs, "loa-1", &order.due(cut[0], last + 1), |proof| {
        if cut.contains(&proof.planned_ms) {
            return proof.outcome == "partial" && proof.reason.as_deref() == Some("power-off");
        }
        let late_ms = proof.began_ms.map_or(i64::MAX, |began| began - proof.planned_ms);
        latest_ms = latest_ms.max(late_ms);
        proof.outcome == "played" && late_ms.abs() <= LATE_MS_MAX
    });
    format!("{CUTS} power cuts, each one partial(power-off) proof; later cues at most {latest_ms} ms late")
}
