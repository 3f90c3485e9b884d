//! One byte of a new release's content goes bad at the desk: the release does not take effect, the old timetable airs
//! on, and once the file is whole again the new one takes over.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use loa_tests::world::cutter::Cutter;
use loa_tests::world::desk::Desk;
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

use super::power::now_ms;

/// Length of the new clip: some 80 chunks.
const CLIP_SECONDS: u32 = 15;
/// The line's speed in bytes per second, so that there is time to do damage while the clip is under way.
const LINE_BYTES_PER_S: u64 = 60_000;

/// Damages the file before the desk looks at it, and another while it is being sent.
pub fn a_release_whose_content_is_damaged_never_airs(home: &Path) -> String {
    let mut desk = Desk::start(home);
    let clips = [Clip::speech("cu", 2, 20), Clip::large("moi", CLIP_SECONDS, 21), Clip::large("nua", CLIP_SECONDS, 22)];
    let old = Order::new("cu", "cu", &[0, 10, 20, 30, 40, 50]);
    let [new, another] = ["moi", "nua"].map(|id| Order::new(id, id, &[5, 35]));
    desk.apply(&timetable::make(home, &["loa-1"], &clips[..1], std::slice::from_ref(&old)));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let line = runtime.block_on(Cutter::start(desk.address())).expect("a line");
    line.limit(LINE_BYTES_PER_S);
    let mut player = Player::start(home, "loa-1", &desk.root(), line.address());
    player.until_said(&["a release takes effect", "release=1"], 0, 30);

    // Before: the desk does not serve what it can see is bad.
    desk.kill();
    desk.apply(&timetable::make(home, &["loa-1"], &clips[..2], &[old.clone(), new.clone()]));
    flip(&desk.rendition("moi"));
    desk.restart();
    desk.until_said(&["a blob cannot be served"], 0, 60);
    old_airs(&desk, &player);
    let (skip, begun) = (player.said().len(), now_ms());
    desk.apply(&timetable::make(home, &["loa-1"], &clips[..2], &[old.clone(), new.clone()]));
    player.until_said(&["a release takes effect", "release=2"], skip, 60);
    let first_s = (now_ms() - begun) / 1000;

    // While it is being sent: the player sees that it is bad, and says so.
    let skip = player.said().len();
    let desk_skip = desk.said().len();
    desk.apply(&timetable::make(home, &["loa-1"], &clips, &[old.clone(), new.clone(), another]));
    until("parts of the clip at the player", 60, || {
        let said = player.said();
        said[skip..].lines().any(|line| line.contains("fetching") && !line.contains("held=0")).then_some(())
    });
    flip(&desk.rendition("nua"));
    player.until_said(&["a release is refused", "release=3"], skip, 60);
    desk.until_said(&["a player refused a release"], desk_skip, 30);
    old_airs(&desk, &player);
    let (skip, begun) = (player.said().len(), now_ms());
    let later = Order::new("nua", "nua", &[5, 36]);
    desk.apply(&timetable::make(home, &["loa-1"], &clips, &[old.clone(), new, later]));
    player.until_said(&["a release takes effect", "release=4"], skip, 90);
    let then_s = (now_ms() - begun) / 1000;
    format!(
        "damaged before it was served and while it was sent: not aired; in force {first_s} s and {then_s} s after it was applied again"
    )
}

/// Turns one bit in the last chunks of a file.
fn flip(path: &Path) {
    let file = File::options().read(true).write(true).open(path).expect("the content's file");
    let at = file.metadata().expect("its length").len() - 5_000;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("a byte");
    byte[0] ^= 1;
    file.write_all_at(&byte, at).expect("the byte, turned");
}

/// Waits until a cue of the old timetable has been aired after now.
fn old_airs(desk: &Desk, player: &Player) {
    let from = now_ms();
    until("a cue of the old timetable", 40, || {
        let proofs = desk.evidence().proofs();
        proofs
            .iter()
            .any(|proof| proof.order == "cu" && proof.planned_ms > from && proof.outcome == "played")
            .then_some(())
    });
    let said = player.said();
    assert!(!said.lines().any(|line| line.contains(" plays ") && line.contains("nua")), "what is damaged was aired");
}
