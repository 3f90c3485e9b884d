//! A clip of 20 MB over a line that is cut thirty times: it arrives, and hardly a byte twice.

use std::path::Path;

use loa_tests::world::cutter::{Cutter, Way};
use loa_tests::world::desk::Desk;
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

/// Cuts of the line.
const CUTS: u64 = 30;
/// Of the bytes that passed to the player, so many are of the clip.
const USEFUL_MIN: f64 = 0.95;
/// The line's speed in bytes per second: a good mobile network.
const LINE_BYTES_PER_S: u64 = 180_000;
/// Length of the clip: noise of the whole band is about 85,000 bytes per second.
const CLIP_SECONDS: u32 = 245;

/// Cuts come in threes, after few bytes each; then the line holds long enough to be trusted again (10 s).
fn bytes_before(cut: u64) -> std::ops::RangeInclusive<u64> {
    if cut % 4 == 3 { 2_000_000..=2_300_000 } else { 20_000..=120_000 }
}

/// Cuts the line until it has been cut often enough.
pub fn a_large_clip_arrives_over_a_line_that_is_cut_again_and_again(home: &Path) -> String {
    let desk = Desk::start(home);
    let timetable =
        timetable::make(home, &["loa-1"], &[Clip::large("dai", CLIP_SECONDS, 9)], &[Order::new("dai", "dai", &[0])]);
    desk.apply(&timetable);
    let bytes = std::fs::metadata(desk.rendition("dai")).expect("the rendition").len();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let line = runtime.block_on(Cutter::start(desk.address())).expect("a line");
    line.limit(LINE_BYTES_PER_S);
    let mut player = Player::start(home, "loa-1", &desk.root(), line.address());
    for cut in 0..CUTS {
        line.cut_at_random(cut, 1, bytes_before(cut));
        until("the next cut", 120, || (line.cuts_left() == 0).then_some(()));
        assert!(!player.said().contains("a release takes effect"), "the clip was there after {cut} cuts");
    }
    player.until_said(&["a release takes effect"], 0, 120);
    let passed = line.passed(Way::Down);
    let useful = bytes as f64 / passed as f64;
    let figures = format!(
        "{bytes} bytes over {CUTS} cuts and {} connections: {passed} bytes passed, {:.2} % useful",
        line.connections(),
        useful * 100.0
    );
    assert!(useful >= USEFUL_MIN, "{figures}");
    drop(player);
    figures
}
