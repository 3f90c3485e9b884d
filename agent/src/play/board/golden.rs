//! Faces as pictures made of `#` and `.`, in `golden/`. With `UPDATE_GOLDEN=1` they are written anew: look at them.

use std::fmt::Write as _;
use std::path::Path;

use super::draw::{Moment, draw_slide};
use super::face::{BoardSize, Face};
use super::layout::{Layout, lay_out};
use super::quiet::{count_turns, draw_quiet};

const STORM: &str = "Bão số 3 đổ bộ tối nay, gió giật cấp 12. Đề nghị bà con chằng chống nhà cửa, không ra đường, \
                     nghe loa của xã để biết nơi sơ tán.";

fn check(name: &str, faces: &[(String, Face)]) {
    let mut drawn = String::new();
    for (caption, face) in faces {
        writeln!(drawn, "{caption}\n{face}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/play/board/golden").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "{name} looks different from {}:\n{drawn}", path.display());
}

fn size(width: u32, height: u32) -> BoardSize {
    BoardSize::new(width, height).unwrap()
}

/// All pages of a slide, or its ticker at some instants.
fn faces(title: &str, body: &str, width: u32, height: u32) -> Vec<(String, Face)> {
    let size = size(width, height);
    let layout = lay_out(title, body, size);
    let moments: Vec<(String, Moment)> = match &layout {
        Layout::Pages(pages) => {
            let count = pages.len();
            (0..count).map(|page| (format!("page {} of {count}", page + 1), Moment::Page(page))).collect()
        }
        Layout::Ticker { period_px, .. } => {
            let ends_ms = layout.read_ms();
            let instants_ms = [0, 2_000, ends_ms - 2_000, ends_ms];
            let moment =
                |at_ms: u64| (format!("{at_ms} ms, all {period_px} lamps"), Moment::at(&layout, at_ms, 60_000));
            instants_ms.into_iter().map(moment).collect()
        }
    };
    let draw = |(caption, moment): (String, Moment)| {
        (format!("{width} x {height}, {caption}"), draw_slide(&layout, moment, size))
    };
    moments.into_iter().map(draw).collect()
}

fn on_boards(title: &str, body: &str, boards: &[(u32, u32)]) -> Vec<(String, Face)> {
    boards.iter().flat_map(|(width, height)| faces(title, body, *width, *height)).collect()
}

#[test]
fn stacked_marks_are_whole_on_every_board() {
    let boards = [(64, 32), (128, 32), (128, 64), (192, 96)];
    check("stacked_marks", &on_boards("ẤẦẨẪẬ ỐỒỔỖỘ", "ẾỀỂỄỆ ứừửữự Đđ ỹ", &boards));
}

#[test]
fn a_notice_adapts_to_the_board() {
    let boards = [(64, 32), (128, 32), (128, 64), (192, 96)];
    check("notice", &on_boards("Cúp điện", "Thứ Bảy 7:30 đến 11:00, thôn Đông và thôn Hạ.", &boards));
}

#[test]
fn a_long_text_is_shown_in_pages() {
    check("pages", &on_boards("TIN BÃO KHẨN CẤP", STORM, &[(128, 32), (128, 64), (192, 96)]));
}

#[test]
fn a_slide_without_a_title_or_without_a_text_fills_the_board() {
    let mut drawn = on_boards("", "Họp thôn 19:00", &[(64, 32), (128, 64)]);
    drawn.extend(on_boards("Chào mừng Quốc khánh 2/9", "", &[(128, 64), (192, 96)]));
    drawn.extend(on_boards("", "", &[(64, 32)]));
    check("empty_parts", &drawn);
}

#[test]
fn a_word_wider_than_the_board_is_broken_and_unknown_letters_are_boxes() {
    let mut drawn = on_boards("", "Xem www.thongbaothienTai.vn nhé", &[(64, 32), (128, 64)]);
    drawn.extend(on_boards("Mưa ☂ 😀", "語 và e\u{302}", &[(128, 64)]));
    check("hard_words", &drawn);
}

#[test]
fn a_board_of_one_line_runs_the_text_through() {
    let mut drawn = on_boards("Cúp điện", "Thứ Bảy 7:30 đến 11:00.\nThôn Đông.", &[(96, 16)]);
    drawn.extend(on_boards("", "Họp 19:00", &[(96, 16), (96, 24)]));
    check("ticker", &drawn);
}

#[test]
fn between_programmes_the_time_stands() {
    let mut drawn = Vec::new();
    for (width, height) in [(64, 16), (64, 32), (128, 32), (128, 64), (192, 96)] {
        let size = size(width, height);
        let states: [(&str, &[&str]); 4] = [
            ("17:59", &[]),
            ("--:--", &[]),
            ("05:00", &["Chưa có lịch"]),
            ("17:59", &["Thôn Phượng Mao", "Phát lúc 18:30"]),
        ];
        for (time, lines) in states {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            for turn in 0..count_turns(&lines, size) {
                let caption = format!("{width} x {height}, {time}, {}, turn {turn}", lines.join(" / "));
                drawn.push((caption, draw_quiet(time, &lines, turn, size)));
            }
        }
    }
    check("quiet", &drawn);
}
