//! The same slides on the microcontroller's board, on a board with Linux, at the desk and in a browser: the same lamps.
//!
//! Text with stacked marks, a code, a picture, a slide that enters, a clock, a countdown, a ticker. What stands still is
//! held against the desk's previews; what moves, against the moments that it has, drawn here. The preview for browsers is
//! compared where `LOA_PREVIEW` names it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use loa_board::When;
use loa_domain::class::Depth;
use loa_domain::play::slide::Shows;
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_tests::world::board::{Board, Drawn, Frame};
use loa_tests::world::desk::Desk;
use loa_tests::world::faces::{Picture, Player, in_browser, previews, raw, slides};
use loa_tests::world::programs::until;

/// The board that has Linux.
const LINUX: &str = "bang-linux";
const CLASS: &str = "128x64:grey16";
/// How long each slide stands, in milliseconds; the programme is seven of them.
const STANDS_MS: u64 = 4_000;
/// How long the panel is looked at: two programmes at least.
const LOOK: Duration = Duration::from_secs(95);
/// The place's offset from UTC, in seconds.
const VIETNAM_S: i32 = 7 * 3_600;
/// Those that have one face, whenever they are looked at.
const STILL: [&str; 3] = ["anh", "ma", "chu"];

const TIMETABLE: &str = r##"
[[place]]
code = "xa"
valid_from = "2025-07-01"
name = "Xã"
zone = "Asia/Ho_Chi_Minh"
quiet = []

[[board]]
id = "xam"
size = "128x64"
colours = "grey16"

[[slide]]
id = "gio"
title = "UBND xã Phượng Mao"
body = ""
clock = true
seconds = 4

[[slide]]
id = "dem"
title = "Bầu cử"
body = ""
countdown = "@TOMORROW@"
seconds = 4

[[slide]]
id = "chay"
title = "Tin"
body = "Ngày 12 tháng 3 cắt điện toàn xã từ 7 giờ đến 11 giờ để sửa đường dây."
ticker = true
seconds = 4

[[slide]]
id = "anh"
title = ""
body = ""
picture = "anh.png"
seconds = 4

[[slide]]
id = "vao"
title = "ĐẠI HỘI"
body = "Nhiệt liệt chào mừng"
enter = "rise"
seconds = 4

[[slide]]
id = "ma"
title = "Tin bão"
code = "https://xa.vn/bao"
seconds = 4

[[slide]]
id = "chu"
title = "THÔNG BÁO"
body = "Kính mời bà con họp tổ dân phố lúc 19:30 tại nhà văn hóa ấp Ễnh Ương."
seconds = 4

[[programme]]
id = "trang"
title = "Trang"
items = ["slide:gio", "slide:dem", "slide:chay", "slide:anh", "slide:vao", "slide:ma", "slide:chu"]

[[order]]
id = "bang"
programme = "trang"
class = "normal"
to = { places = ["xa"], kinds = ["board"] }
at = "0,30 * * * * *"
late = "skip"
title = "bang"
"##;

/// What was seen while the programme ran.
struct Seen {
    /// On the microcontroller's panel.
    panel: BTreeSet<Frame>,
    /// The desk's previews of the clock meanwhile.
    clocks: Vec<Picture>,
    /// From when to when, in milliseconds since 1970.
    from_ms: i64,
    to_ms: i64,
}

impl Seen {
    /// How many of these faces were on the panel, each exactly.
    fn count<'f>(&self, faces: impl Iterator<Item = &'f Frame>) -> usize {
        faces.filter(|face| self.panel.contains(*face)).collect::<BTreeSet<_>>().len()
    }
}

/// Runs the programme on both boards and compares. Gives its figures.
pub fn what_all_draw(home: &Path, desk: &Desk, board: &Board, id: &str) -> String {
    let folder = home.join("alike");
    std::fs::create_dir_all(&folder).expect("a folder");
    raw::write_slope(&folder.join("anh.png"), 120, 80);
    let begun_ms = unix_ms();
    // Within two days, so that it counts seconds.
    let tomorrow = UtcMs(begun_ms + 30 * 3_600_000 + i64::from(VIETNAM_S) * 1_000);
    let mut text = TIMETABLE.replace("@TOMORROW@", &tomorrow.to_string()[..16]);
    for player in [id, LINUX] {
        text += &format!(
            "\n[[player]]\nid = \"{player}\"\nname = \"{player}\"\nkind = \"board\"\nplace = \"xa\"\nlanguages = [\"vi\"]\nboard = \"xam\"\n"
        );
    }
    let file = folder.join("bang.toml");
    std::fs::write(&file, text).expect("a timetable");
    let before = desk.evidence().in_force(id);
    desk.apply(&file);
    let linux = Player::start(home, LINUX, CLASS, &desk.root(), desk.address());
    let ready = || desk.evidence().in_force(id) > before && desk.evidence().in_force(LINUX) > 0;
    until("the programme on both boards", 180, || ready().then_some(()));
    let seen = look(home, desk, board);
    let shown = linux.faces();
    let still = still(home, desk, &seen, &shown);
    let moving = moving(desk, &seen, &shown);
    proofs(desk, id, begun_ms);
    format!("{still} faces the same at the desk and on both boards; {moving}")
}

fn unix_ms() -> i64 {
    Clock::machine().now().utc_ns / 1_000_000
}

/// Looks at the panel again and again.
fn look(home: &Path, desk: &Desk, board: &Board) -> Seen {
    let (begun, from_ms) = (Instant::now(), unix_ms());
    let (mut panel, mut clocks) = (BTreeSet::new(), Vec::new());
    let mut minute = 0;
    while begun.elapsed() < LOOK {
        panel.insert(board.screen());
        let now = unix_ms() / 60_000;
        if std::mem::replace(&mut minute, now) != now {
            clocks.extend(previews(desk, &home.join("preview-clock"), "gio", CLASS));
        }
    }
    Seen { panel, clocks, from_ms, to_ms: unix_ms() }
}

/// Faces that stand still: each preview of the desk is seen on both boards, and drawn by a browser's program.
fn still(home: &Path, desk: &Desk, seen: &Seen, linux: &BTreeSet<Picture>) -> usize {
    let panel: BTreeSet<Picture> = seen.panel.iter().map(Frame::picture).collect();
    let mut faces = 0;
    for slide in STILL {
        for (page, expected) in previews(desk, &home.join("preview-still"), slide, CLASS).iter().enumerate() {
            assert!(panel.contains(expected), "{slide}, page {}, was not seen on the panel", page + 1);
            assert!(linux.contains(expected), "{slide}, page {}, was not seen on the board with Linux", page + 1);
            faces += 1;
        }
    }
    let clock = |face: &&Picture| panel.contains(*face) && linux.contains(*face);
    let clocks = seen.clocks.iter().filter(clock).count();
    assert!(clocks > 0, "no clock that the desk previewed was seen on both boards");
    if let Some(program) = std::env::var_os("LOA_PREVIEW") {
        let drawn = slides(desk).into_iter().map(|file| in_browser(&program, &file, (128, 64), Depth::Grey16));
        let also = drawn.filter(|face| panel.contains(face)).count();
        assert!(also >= STILL.len(), "a browser's program drew {also} of the faces on the panel");
    }
    faces + clocks
}

/// The slides of the programme, as they are to be drawn: clock, countdown, ticker, picture, the one that enters.
fn drawn(desk: &Desk, is_it: impl Fn(&Drawn) -> bool) -> Drawn {
    let mut all = slides(desk).into_iter().filter_map(|file| Drawn::read(std::fs::read(file).ok()?));
    all.find(is_it).expect("a slide that the desk made")
}

/// Faces that move: what is seen on the panel is one of their moments, lamp by lamp.
fn moving(desk: &Desk, seen: &Seen, linux: &BTreeSet<Picture>) -> String {
    let at = |position_ms: u64, utc_ms: i64| When {
        position_ms,
        length_ms: STANDS_MS,
        utc: UtcMs(utc_ms),
        offset_s: Some(VIETNAM_S),
    };
    let count = drawn(desk, |drawn| matches!(drawn.slide().shows, Some(Shows::Countdown { .. })));
    let seconds = (seen.from_ms / 1_000..=seen.to_ms / 1_000).map(|second| at(0, second * 1_000));
    let counted: Vec<Frame> = seconds.map(|when| Frame::of(&count.lamps(count.moment(when), None))).collect();
    let both = counted.iter().filter(|face| linux.contains(&face.picture()));
    let counted = seen.count(both);
    let ticker = drawn(desk, |drawn| drawn.slide().look.and_then(|look| look.runs) == Some(true));
    let runs: Vec<Frame> = (0..STANDS_MS / 40)
        .map(|step| Frame::of(&ticker.lamps(ticker.moment(at(step * 40, seen.from_ms)), None)))
        .collect();
    let (begins, ran) = (seen.count(runs[..1].iter()), seen.count(runs[26..].iter()));
    let picture = drawn(desk, |drawn| matches!(drawn.slide().shows, Some(Shows::Picture { .. })));
    let below = picture.lamps(picture.moment(at(0, 0)), None);
    let enters = drawn(desk, |drawn| drawn.slide().look.and_then(|look| look.enters).is_some());
    let steps: Vec<Frame> =
        (0..15).map(|step| Frame::of(&enters.lamps(enters.moment(at(step * 40, 0)), Some(&below)))).collect();
    let entered = seen.count(steps.iter());
    let told =
        format!("{counted} seconds counted, {ran} faces of a ticker on its way, {entered} of a slide that enters");
    assert!(counted > 1 && begins == 1 && ran > 2 && entered > 0, "{told}, its beginning {begins} times");
    told
}

/// The proofs of both boards name the same face for the same cue: the last slide's.
fn proofs(desk: &Desk, id: &str, begun_ms: i64) {
    let last = drawn(desk, |drawn| drawn.slide().title.as_str() == "THÔNG BÁO");
    let pages = 1_000_000;
    let when = When { position_ms: pages - 1, length_ms: pages, utc: UtcMs(0), offset_s: None };
    let face = Frame::of(&last.lamps(last.moment(when), None)).hash();
    let named = |player: &str| {
        let faces = desk.evidence().faces(player).into_iter().filter(|(planned_ms, _)| *planned_ms > begun_ms);
        faces.filter(|(_, named)| *named == Some(face)).map(|(planned_ms, _)| planned_ms).collect::<BTreeSet<_>>()
    };
    let both = || named(id).intersection(&named(LINUX)).count() > 0;
    until("proofs of both boards that name the same face", 60, || both().then_some(()));
}
