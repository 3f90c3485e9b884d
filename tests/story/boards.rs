//! The same slides on boards of three kinds: what the desk previews is what the player's board shows, lamp for lamp, and
//! what a browser draws.
//!
//! The preview for browsers is compared where `LOA_PREVIEW` names it (`make e2e-board` builds it) and says so.

use std::collections::BTreeSet;
use std::path::Path;

use loa_domain::play::class::Depth;
use loa_tests::world::desk::Desk;
use loa_tests::world::faces::{Picture, Player, in_browser, previews, raw, slides};
use loa_tests::world::programs::until;

/// The boards: name, size, colours.
const BOARDS: [(&str, (u32, u32), Depth); 3] =
    [("mot-mau", (64, 32), Depth::Mono), ("xam", (128, 64), Depth::Grey16), ("mau", (192, 96), Depth::Rgb565)];
/// The slides, each with one face on every board here but for pages.
const SLIDES: [&str; 3] = ["chu", "ma", "anh"];

const TIMETABLE: &str = r##"
[[place]]
code = "xa"
valid_from = "2025-01-01"
name = "Xã Bảng"
zone = "Asia/Ho_Chi_Minh"
quiet = []

[[slide]]
id = "chu"
title = "ỦY BAN"
body = "Họp lúc 19 giờ tại nhà văn hóa thôn Phượng Mao, kính mời bà con đến dự đông đủ."
colours = { title = "#ff4000", body = "#ffffff", ground = "#000060" }
seconds = 8

[[slide]]
id = "ma"
title = "Tin bão"
code = "https://xa.vn/bao"
seconds = 8

[[slide]]
id = "anh"
title = ""
body = ""
picture = "anh.png"
seconds = 8

[[programme]]
id = "trang"
title = "Trang"
items = ["slide:chu", "slide:ma", "slide:anh"]

[[order]]
id = "trang"
programme = "trang"
class = "normal"
to = { places = ["xa"], kinds = ["board"] }
at = "0,30 * * * * *"
late = "skip"
"##;

/// Three boards show three slides; every face that the desk previews is seen on them.
pub fn what_the_desk_previews_is_what_boards_and_browsers_show(home: &Path) -> String {
    let desk = Desk::start(home);
    let timetable = home.join("timetable");
    std::fs::create_dir_all(&timetable).expect("a folder");
    raw::write_slope(&timetable.join("anh.png"), 120, 80);
    let mut text = TIMETABLE.to_owned();
    for (name, (width, height), depth) in BOARDS {
        text += &format!("\n[[board]]\nid = \"{name}\"\nsize = \"{width}x{height}\"\ncolours = \"{}\"\n", depth.name());
        text += &format!(
            "\n[[player]]\nid = \"bang-{name}\"\nname = \"{name}\"\nkind = \"board\"\nplace = \"xa\"\nboard = \"{name}\"\n"
        );
    }
    std::fs::write(timetable.join("bang.toml"), text).expect("a timetable");
    desk.apply(&timetable);
    let players = BOARDS.map(|(name, (width, height), depth)| {
        let board = format!("{width}x{height}:{}", depth.name());
        Player::start(home, &format!("bang-{name}"), &board, &desk.root(), desk.address())
    });
    let aired = || desk.evidence().proofs().iter().filter(|proof| proof.outcome == "played").count();
    until("a proof of every board", 120, || (aired() >= 3).then_some(()));
    let (mut faces, mut drawn) = (0, 0);
    for ((name, size, depth), player) in BOARDS.iter().zip(&players) {
        let seen = player.faces();
        for slide in SLIDES {
            let (board, folder) = (format!("{}x{}:{}", size.0, size.1, depth.name()), home.join("previews"));
            for (page, expected) in previews(&desk, &folder, slide, &board).iter().enumerate() {
                assert!(seen.contains(expected), "{slide}, page {}, was not seen on {name}", page + 1);
                faces += 1;
            }
        }
        drawn += browser(&desk, *size, *depth, &seen);
    }
    let browser = if std::env::var_os("LOA_PREVIEW").is_some() { "also" } else { "not" };
    format!(
        "{faces} faces previewed by the desk and seen on {} boards; {drawn} slides {browser} drawn by a browser's program",
        BOARDS.len()
    )
}

/// Lets the browser's program draw the first face of every slide that the desk has made; each must have been seen.
fn browser(desk: &Desk, size: (u32, u32), depth: Depth, seen: &BTreeSet<Picture>) -> usize {
    let Some(program) = std::env::var_os("LOA_PREVIEW") else { return 0 };
    let slides = slides(desk);
    for slide in &slides {
        let face = in_browser(&program, slide, size, depth);
        assert!(seen.contains(&face), "{} as a browser draws it was not seen", slide.display());
    }
    assert_eq!(slides.len(), SLIDES.len(), "slides of the desk");
    slides.len()
}
