//! A day of an LED board: slides as they were drawn, none that was tampered with, a broker and a line that go away, a
//! power cut in the middle of a slide, a day without a network in half a minute, and a proof of every cue, once.

mod hostile;

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use loa_board::When;
use loa_domain::play::slide::Slide;
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, Text};
use loa_tests::world::board::{Board, Drawn, Frame, Pace};
use loa_tests::world::desk::Desk;
use loa_tests::world::evidence::Proof;
use loa_tests::world::programs::until;

pub use hostile::a_night_of_a_board;

const ID: &str = "bang-cho";
/// Cues in a day of the timetable that is run fast: two an hour.
const DAY: usize = 48;

/// The whole day; gives its figures.
pub fn a_day_of_a_board(home: &Path) -> String {
    let mut desk = Desk::start(home);
    let mut board = Board::set_up(home, ID, &desk.root(), desk.address().port());
    board.start(Pace::Real, false);
    board.until_shown("a board that nobody told the time", &board.waiting(), 30);
    let begun = Instant::now();
    desk.apply(&timetable(home, "A", "0,20,40 * * * * *"));
    board.until_shown("the slide", &slide("A"), 60);
    let shown_s = begun.elapsed().as_secs();
    let alike = super::alike::what_all_draw(home, &desk, &board, ID);
    desk.apply(&timetable(home, "A", "0,20,40 * * * * *"));
    board.until_shown("the slide again", &slide("A"), 90);
    tampered(home, &mut desk, &board);
    away(&mut desk, &board);
    cut(&desk, &mut board);
    let fast_s = fast(home, &mut desk, &mut board);
    delivered(&desk, &mut board);
    format!(
        "board: a slide {shown_s} s after it was ordered, pixel for pixel; {alike}; a tampered one refused; broker and line \
         away and back; a power cut told; 24 hours in {fast_s} s, {DAY} cues, each proven once"
    )
}

/// One slide of twelve seconds under this title, by this cron text. Its order is not begun late.
fn timetable(home: &Path, title: &str, at: &str) -> PathBuf {
    let folder = home.join("timetable");
    std::fs::create_dir_all(&folder).expect("a folder for the timetable");
    let text = format!(
        "[[place]]\ncode = \"xa\"\nvalid_from = \"2025-07-01\"\nname = \"Xã\"\nzone = \"Asia/Ho_Chi_Minh\"\nquiet = []\n\
         [[player]]\nid = \"{ID}\"\nname = \"{ID}\"\nkind = \"board\"\nplace = \"xa\"\nlanguages = [\"vi\"]\n\
         board = \"128x64\"\n\
         [[slide]]\nid = \"trang\"\ntitle = \"{title}\"\nbody = \"{title} {title}\"\nseconds = 12\nlanguage = \"vi\"\n\
         [[programme]]\nid = \"bang\"\ntitle = \"bang\"\nitems = [\"slide:trang\"]\n\
         [[order]]\nid = \"bang\"\nprogramme = \"bang\"\nclass = \"normal\"\nto = {{ places = [\"xa\"] }}\n\
         at = \"{at}\"\nlate = \"skip\"\ntitle = \"bang\"\n"
    );
    let path = folder.join("story.toml");
    std::fs::write(&path, text).expect("the timetable can be written");
    path
}

/// The slide's bytes, as the desk makes them.
fn bytes(title: &str) -> Vec<u8> {
    let body = format!("{title} {title}");
    wire::encode(&Slide::of_text(Text::cut(title), Text::cut(&body), Text::cut("vi")))
}

fn slide(title: &str) -> Frame {
    let drawn = Drawn::read(bytes(title)).expect("a slide");
    let when = When { position_ms: 0, length_ms: 12_000, utc: UtcMs(0), offset_s: None };
    Frame::of(&drawn.lamps(drawn.moment(when), None))
}

/// The desk's copy of a slide goes bad behind its back: the board refuses the release, and shows what it showed.
fn tampered(home: &Path, desk: &mut Desk, board: &Board) {
    let skip = desk.said().len();
    board.tell("set_link n0 off");
    desk.apply(&timetable(home, "B", "0,20,40 * * * * *"));
    let path = desk.blob(&loa_domain::id::Hash::of(&bytes("B")));
    let file = File::options().read(true).write(true).open(&path).expect("the slide's file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, 3).expect("a byte");
    file.write_all_at(&[byte[0] ^ 1], 3).expect("the byte, turned");
    board.tell("set_link n0 on");
    let refused = || {
        let said = desk.said();
        let said = said.get(skip..).unwrap_or_default();
        ["a player refused a release", "a blob cannot be served"].iter().any(|words| said.contains(words)).then_some(())
    };
    until("the desk hears of the slide that is bad", 180, refused);
    board.until_shown("the slide before", &slide("A"), 60);
    desk.apply(&timetable(home, "C", "0,20,40 * * * * *"));
    board.until_shown("the next slide", &slide("C"), 180);
}

/// The broker dies, then the line is cut: the board shows what is due, and comes back.
fn away(desk: &mut Desk, board: &Board) {
    desk.kill();
    board.until_shown("a slide without a broker", &slide("C"), 60);
    desk.restart();
    let skip = desk.said().len();
    desk.until_said(&["hello", ID], skip, 150);
    board.tell("set_link n0 off");
    board.until_shown("a slide without a line", &slide("C"), 60);
    board.tell("set_link n0 on");
    let proofs = desk.evidence().proofs().len();
    until("a proof after the line is back", 180, || (desk.evidence().proofs().len() > proofs).then_some(()));
}

/// The power goes in the middle of a slide: its proof says so, and how much was seen.
fn cut(desk: &Desk, board: &mut Board) {
    board.until_hidden("the end of a slide", &slide("C"), 60);
    board.until_shown("the next slide's beginning", &slide("C"), 60);
    board.kill();
    let before = partial(desk);
    board.start(Pace::Real, true);
    until("the proof of the slide that was cut", 120, || (partial(desk) > before).then_some(()));
}

fn partial(desk: &Desk) -> usize {
    let is_cut = |proof: &&Proof| {
        proof.player == ID && proof.outcome == "partial" && proof.reason.as_deref() == Some("power-off")
    };
    desk.evidence().proofs().iter().filter(is_cut).count()
}

/// A day passes without a network. Gives how many seconds it took here.
fn fast(home: &Path, desk: &mut Desk, board: &mut Board) -> u64 {
    let before = in_force(desk);
    desk.apply(&timetable(home, "D", "*/30 * * * *"));
    until("the timetable of the day on the board", 120, || (in_force(desk) > before).then_some(()));
    board.kill();
    let begun = Instant::now();
    board.start(Pace::Fast, true);
    until("the end of the day", 300, || board.said().contains("up 25 h").then_some(()));
    board.kill();
    begun.elapsed().as_secs()
}

fn in_force(desk: &Desk) -> usize {
    desk.evidence().in_force(ID)
}

/// All of it reaches the desk, each proof once, with none missing between two.
fn delivered(desk: &Desk, board: &mut Board) {
    board.start(Pace::Real, true);
    let day = || {
        let proofs = desk.evidence().proofs();
        let is_own = |proof: &&Proof| proof.player == ID && proof.outcome == "played";
        let far = |proof: &&Proof| is_own(proof) && proof.planned_ms % 1_800_000 == 0;
        proofs.iter().filter(far).map(|proof| proof.planned_ms).collect::<Vec<_>>()
    };
    until("the proofs of the day", 240, || (day().len() >= DAY).then_some(()));
    // Two versions of an order may each have a cue at one time: the first is then missed, for it was revoked.
    let mut cues: BTreeMap<(String, i64), usize> = BTreeMap::new();
    let own = desk.evidence().proofs().into_iter().filter(|proof| proof.player == ID);
    own.for_each(|proof| *cues.entry((proof.version, proof.planned_ms)).or_default() += 1);
    assert!(cues.values().all(|count| *count == 1), "a cue with two proofs: {cues:?}");
    let kept = desk.evidence().kept(ID);
    assert!((0..).zip(&kept).all(|(seq, record)| record.1 == seq), "a gap in the chain");
    assert_eq!(desk.evidence().conflicts(), 0);
}
