//! A false alarm, its stop and its correction on three loudspeakers; then a drill that says it is one.
//!
//! Everything goes the way an officer's word goes: `loa activate` and `loa stop` beside a running desk, its own broker,
//! players that record what they sound.

use std::fmt::Write as _;
use std::path::Path;

use loa_host::clock::Clock;
use loa_tests::world::desk::Desk;
use loa_tests::world::heard::{Recording, decoded};
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip};

const PLAYERS: [&str; 3] = ["loa-1", "loa-2", "loa-3"];
/// Louder than this, of full scale, is sound.
const LOUD: f32 = 0.01;
/// The promise: an alarm is corrected on every player that is there within this, in milliseconds.
const CORRECTED_MS: i64 = 60_000;
/// The promise: a stop is silence within this, in milliseconds.
const SILENT_MS: i64 = 2_000;

/// See the file's first lines.
pub fn a_false_alarm_is_stopped_and_corrected_and_a_drill_says_that_it_is_one(home: &Path) -> String {
    let desk = Desk::start(home);
    let clips = [Clip::speech("coi", 30, 1), Clip::speech("dinh-chinh", 4, 2)];
    let path = timetable::make(home, &PLAYERS, &clips, &[]);
    let mut text = std::fs::read_to_string(&path).expect("the timetable");
    for (id, clip) in [("bao-dong", "coi"), ("dinh-chinh", "dinh-chinh")] {
        let _ = write!(
            text,
            "[[order]]\nid = \"{id}\"\nprogramme = \"{clip}\"\nclass = \"emergency\"\nto = {{ places = [\"xa\"] }}\ntemplate = true\n"
        );
    }
    std::fs::write(&path, text).expect("the timetable can be written");
    desk.apply(&path);
    let players = PLAYERS.map(|id| Player::start(home, id, &desk.root(), desk.address()));
    until("templates on every player", 90, || PLAYERS.iter().all(|id| desk.evidence().in_force(id) > 0).then_some(()));
    let clock = Clock::machine();
    let now_ms = || clock.now().utc_ns / 1_000_000;
    let alarm_ms = now_ms();
    loa(&desk, &["activate", "bao-dong", "--yes"]);
    until("the alarm on every player", 30, || {
        players.iter().all(|player| plays(player, "bao-dong-") > 0).then_some(())
    });
    // Long enough to be heard everywhere.
    until("some of it", 30, || (now_ms() > alarm_ms + 8_000).then_some(()));
    let stop_ms = now_ms();
    loa(&desk, &["stop", "--everywhere"]);
    until("silence", 30, || (now_ms() > stop_ms + 5_000).then_some(()));
    let correct_ms = now_ms();
    loa(&desk, &["activate", "dinh-chinh", "--yes"]);
    until("the correction", 30, || players.iter().all(|player| plays(player, "dinh-chinh-") > 0).then_some(()));
    until("all of it", 60, || proofs(&desk, "dinh-chinh-", "played", PLAYERS.len()));
    let (mut silent_ms, mut corrected_ms, mut begun_ms) = (0, 0, 0);
    for player in &players {
        let heard = player.heard();
        let alarm = first_loud(&heard, alarm_ms, stop_ms).expect("the alarm sounded");
        let last = last_loud(&heard, alarm, correct_ms).expect("and ended");
        let correction = first_loud(&heard, correct_ms, correct_ms + 30_000).expect("the correction sounded");
        begun_ms = begun_ms.max(alarm - alarm_ms);
        silent_ms = silent_ms.max(last - stop_ms);
        corrected_ms = corrected_ms.max(correction - stop_ms);
    }
    assert!(silent_ms < SILENT_MS, "{silent_ms} ms from loa stop to silence");
    assert!(corrected_ms < CORRECTED_MS, "{corrected_ms} ms");
    until("proofs of what was stopped", 30, || proofs(&desk, "bao-dong-", "interrupted", PLAYERS.len()));
    let stopped = desk.evidence().proofs().into_iter().filter(|proof| proof.order.starts_with("bao-dong-"));
    assert!(
        stopped.clone().all(|proof| proof.reason.as_deref() == Some("stopped")),
        "{:?}",
        stopped.collect::<Vec<_>>()
    );

    a_drill_says_that_it_is_one(&desk, &players);
    format!(
        "3 players: the alarm sounded {begun_ms} ms after loa activate, was silent {silent_ms} ms after loa stop, and the \
         correction sounded {corrected_ms} ms after that; the drill said so before and after"
    )
}

/// On one of the players, by the words that are part of its program.
fn a_drill_says_that_it_is_one(desk: &Desk, players: &[Player]) {
    loa(desk, &["activate", "bao-dong", "--drill", "--player", "loa-1", "--yes"]);
    until("the drill", 90, || proofs(desk, "bao-dong-", "played", 1));
    let drill = desk
        .evidence()
        .proofs()
        .into_iter()
        .find(|proof| proof.outcome == "played" && proof.order.starts_with("bao-dong-"));
    let drill = drill.expect("it is there");
    let began_ms = drill.began_ms.expect("it sounded");
    let notice = decoded(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../agent/assets/drill.ogg"));
    // What is looked for reaches a moment beyond its end.
    let clock = Clock::machine();
    let end_ms = began_ms + 2 * 6_000 + 30_000;
    until("the recording's end", 30, || (clock.now().utc_ns / 1_000_000 > end_ms + 3_000).then_some(()));
    let heard = players[0].heard();
    for at in [began_ms, began_ms + 6_000 + 30_000] {
        let found = heard.find(&notice, at).expect("the recording holds it");
        assert!(found.correlation > 0.95, "{found:?}");
    }
    assert!(players[1..].iter().all(|player| plays(player, "bao-dong-") == 1), "the drill was for one player");
}

fn loa(desk: &Desk, arguments: &[&str]) {
    let (code, said) = desk.loa(arguments);
    assert_eq!(code, 0, "{said}");
}

/// How often a player began to play orders whose names begin so.
fn plays(player: &Player, name: &str) -> usize {
    player.said().lines().filter(|line| line.contains("plays") && line.contains(name)).count()
}

fn proofs(desk: &Desk, name: &str, outcome: &str, count: usize) -> Option<()> {
    let all = desk.evidence().proofs();
    let found = all.iter().filter(|proof| proof.order.starts_with(name) && proof.outcome == outcome);
    (found.count() >= count).then_some(())
}

/// The first hundredth of a second in which something sounded, in milliseconds.
fn first_loud(heard: &Recording, from_ms: i64, until_ms: i64) -> Option<i64> {
    (from_ms..until_ms).step_by(10).find(|at| heard.peak(*at, at + 10) > LOUD)
}

fn last_loud(heard: &Recording, from_ms: i64, until_ms: i64) -> Option<i64> {
    (from_ms..until_ms).step_by(10).filter(|at| heard.peak(*at, at + 10) > LOUD).last()
}
