//! A night of an LED board: somebody on the line bends a slide, the time server lies, the chip is reset in the middle of a
//! slide, and its program hangs.
//!
//! Everything is right when it leaves the desk, and the board alone finds out what is not. Next: `world/board.rs`.

use std::path::Path;
use std::time::{Duration, Instant};

use loa_domain::time::UtcMs;
use loa_tests::world::board::{Board, Pace};
use loa_tests::world::debugger;
use loa_tests::world::desk::Desk;
use loa_tests::world::programs::{free_port, program, until};
use loa_tests::world::tamperer::Tamperer;
use loa_tests::world::time_server::TimeServer;

use super::{ID, bytes, partial, slide, timetable};

const EVERY_20_S: &str = "0,20,40 * * * * *";
/// Two questions of a board that does not know the time fit into this.
const NO_MORE: Duration = Duration::from_secs(50);
/// The watchdog bites a program that hangs at its second time-out of 20 s. In seconds, less than that by what looking takes.
const BITES_S: u64 = 30;

/// The whole night; gives its figures.
pub fn a_night_of_a_board(home: &Path) -> String {
    let home = &home.join("night");
    std::fs::create_dir_all(home).expect("a folder for the night");
    let mut desk = Desk::start(home);
    let asked = told_by_a_time_server(home, &desk);
    let line = Tamperer::start(desk.address());
    let mut board = Board::set_up(home, ID, &desk.root(), line.address().port());
    board.start(Pace::Real, true);
    desk.apply(&timetable(home, "A", EVERY_20_S));
    board.until_shown("the first slide", &slide("A"), 90);
    let bent = bent_on_the_line(home, &mut desk, &board, &line);
    reset(&desk, &board);
    let hung_s = hung(home, &desk, &board);
    assert_eq!(desk.evidence().conflicts(), 0);
    let kept = desk.evidence().kept(ID);
    assert!((0..).zip(&kept).all(|(seq, record)| record.1 == seq), "a gap in the chain");
    format!(
        "board: a time server believed after {asked} questions answered wrongly; a slide bent {bent} times on its way \
         refused by the board itself; a reset in the middle of a slide told; a program that hung started anew by the watchdog \
         after {hung_s} s"
    )
}

/// A board without a battery and without a broker learns what time it is from a time server alone, and from no liar.
fn told_by_a_time_server(home: &Path, desk: &Desk) -> usize {
    let server = TimeServer::start(|| UtcMs(1_800_000_000_000));
    let mut board = Board::set_up(home, "bang-gio", &desk.root(), free_port());
    set_up_with_time(home, "bang-gio", &desk.root(), server.address().port());
    board.start(Pace::Real, false);
    // While it does not know the time it asks every 20 seconds, afterwards every hour; without a timetable it knows no
    // zone, and shows no time of day.
    until("it to go on asking, for it believes no liar", 120, || (server.asked() > 3).then_some(()));
    let lies = server.asked();
    server.tell_the_truth();
    until("an honest answer", 60, || (server.asked() > lies).then_some(()));
    let mut last = (server.asked(), Instant::now());
    until("it to ask no more, for it believes the answer", 150, || {
        if server.asked() != last.0 {
            last = (server.asked(), Instant::now());
        }
        (last.1.elapsed() >= NO_MORE).then_some(())
    });
    assert_eq!(board.starts(), 1, "it never started anew: {}", board.said());
    board.kill();
    lies
}

/// The same board, with a time server on its page.
fn set_up_with_time(home: &Path, id: &str, root: &Path, port: u16) {
    let flash = home.join(id).join("flash.bin");
    std::fs::remove_file(&flash).expect("a flash to replace");
    let mut command = program("loa-board-page");
    command.args(["--id", id, "--flash", "--broker", &format!("10.0.2.2:{}", free_port())]);
    command.args(["--time", &format!("10.0.2.2:{port}"), "--root"]).arg(root).arg("--out").arg(&flash);
    let done = command.output().expect("loa-board-page runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Each copy of a slide is bent between the broker and the board, behind the desk's own check: the board refuses the
/// release and shows what it showed. When the line is clean again, the same order takes effect.
fn bent_on_the_line(home: &Path, desk: &mut Desk, board: &Board, line: &Tamperer) -> usize {
    let skip = desk.said().len();
    let content = bytes("B");
    // Enough of it to be found nowhere else.
    line.look_for(Some(&content[content.len() / 2..]));
    desk.apply(&timetable(home, "B", EVERY_20_S));
    let said = desk.until_said(&["a player refused a release", "content"], skip, 240);
    let bent = line.bent();
    assert!(bent >= 16, "bent {bent} times only, but refused: {said}");
    board.until_shown("the slide before", &slide("A"), 60);
    line.look_for(None);
    // Applied again: what players refused may have been mended.
    desk.apply(&timetable(home, "B", EVERY_20_S));
    board.until_shown("the slide that came whole", &slide("B"), 240);
    assert!(!desk.said()[skip..].contains("a blob cannot be served"), "the desk's copy was right all along");
    bent
}

/// The chip is reset in the middle of a slide: its proof says what was seen.
fn reset(desk: &Desk, board: &Board) {
    board.until_hidden("the end of a slide", &slide("B"), 60);
    board.until_shown("the next slide's beginning", &slide("B"), 60);
    let before = partial(desk);
    board.tell("system_reset");
    until("the proof of the slide that was cut", 120, || (partial(desk) > before).then_some(()));
    board.until_shown("a slide after the reset", &slide("B"), 90);
}

/// The program hangs in the middle of a slide: the watchdog starts it anew, and it tells what was seen. Gives after how
/// many seconds.
fn hung(home: &Path, desk: &Desk, board: &Board) -> u64 {
    board.until_hidden("the end of a slide", &slide("B"), 60);
    board.until_shown("the next slide's beginning", &slide("B"), 60);
    let (starts, before) = (board.starts(), partial(desk));
    board.tell("gdbserver unix:debugger,server=on,wait=off");
    debugger::hang(&home.join(ID).join("debugger"));
    let begun = Instant::now();
    // A program that goes round takes it away after twelve seconds.
    board.until_hidden("the end of the hang", &slide("B"), 120);
    let hung_s = begun.elapsed().as_secs();
    assert!(hung_s >= BITES_S, "it hung for {hung_s} s: that was not the watchdog");
    until("the program to start anew", 60, || (board.starts() > starts).then_some(()));
    until("the proof of the slide that was cut", 120, || (partial(desk) > before).then_some(()));
    board.until_shown("a slide after the watchdog", &slide("B"), 90);
    hung_s
}
