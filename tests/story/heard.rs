//! What was planned, made by the desk and sent is what sounds, at its instant, and nothing else does.

use std::collections::HashMap;
use std::path::Path;

use loa_tests::world::desk::Desk;
use loa_tests::world::heard::decoded;
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

/// How long is listened, in milliseconds.
const RUN_MS: i64 = 65_000;

/// Three clips in turn for more than a minute.
pub fn every_cue_sounds_as_it_was_made_and_on_time(home: &Path) -> String {
    let desk = Desk::start(home);
    let lengths = HashMap::from([("mot", 3), ("hai", 4), ("ba", 2)]);
    let clips = [Clip::speech("mot", 3, 1), Clip::speech("hai", 4, 2), Clip::speech("ba", 2, 3)];
    let orders = [
        Order::new("mot", "mot", &[0, 20, 40]),
        Order::new("hai", "hai", &[5, 25, 45]),
        Order::new("ba", "ba", &[12, 15, 32, 35, 52, 55]),
    ];
    desk.apply(&timetable::make(home, &["loa-1"], &clips, &orders));
    let player = Player::start(home, "loa-1", &desk.root(), desk.address());
    let proofs = || desk.evidence().proofs();
    // The timetable may have come to the player just as its first cue was due, and then that one begins when it can.
    let first = until("a first proof", 60, || proofs().first().map(|proof| proof.planned_ms + 1));
    until("the last proof", 120, || proofs().iter().any(|proof| proof.planned_ms > first + RUN_MS).then_some(()));
    let last = first + RUN_MS;
    let recording = player.heard();
    let clips: HashMap<&str, Vec<f32>> = lengths.keys().map(|id| (*id, decoded(&desk.rendition(id)))).collect();
    let mut due: Vec<(i64, &str)> = Vec::new();
    for order in &orders {
        due.extend(order.due(first, last).into_iter().map(|planned_ms| (planned_ms, order.id.as_str())));
    }
    due.sort_unstable();
    let (mut worst, mut latest) = (1.0_f64, 0.0_f64);
    // Before the first cue nothing is known to end.
    let mut silent_from = i64::MAX;
    for (planned_ms, clip) in &due {
        let found = recording.find(&clips[clip], *planned_ms).expect("the recording holds it");
        assert!(found.correlation > 0.99, "{clip} at {planned_ms}: {found:?}");
        assert!(found.late_ms.abs() <= 2.0, "{clip} at {planned_ms}: {found:?}");
        (worst, latest) =
            (worst.min(found.correlation), if found.late_ms.abs() > latest.abs() { found.late_ms } else { latest });
        let peak = recording.peak(silent_from.min(planned_ms - 3), planned_ms - 3);
        assert!(peak < 0.001, "before {planned_ms} something else sounds: {peak}");
        silent_from = planned_ms + lengths[clip] * 1000 + 100;
    }
    format!(
        "{} cues in {} s: worst correlation {worst:.5}, farthest from its time {latest:.3} ms",
        due.len(),
        RUN_MS / 1000
    )
}
