//! Faces as pictures made of characters, in `golden/`. With `UPDATE_GOLDEN=1` they are written anew: look at them, all at
//! once on `golden/contact-sheet.png`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use loa_domain::play::class::{BoardClass, Depth};
use loa_domain::play::slide::{Colour, Enters, Look, Rendition, Shows, Side, Slide};
use loa_domain::time::UtcMs;
use loa_domain::wire::{List, Text};

use crate::canvas::{Canvas, bytes_of};
use crate::layout::lay_out;
use crate::moment::Moment;
use crate::when::When;
use crate::{count_turns, draw_drill_notice, draw_drill_strip, draw_quiet, draw_slide, drill_room};

pub type Face = Canvas<Vec<u8>>;

const STORM: &str = "Bão số 3 đổ bộ tối nay, gió giật cấp 12. Đề nghị bà con chằng chống nhà cửa, không ra đường, \
                     nghe loa của xã để biết nơi sơ tán.";
/// 2026-12-10, Human Rights Day, 05:30 in Vietnam.
const NOW: UtcMs = UtcMs(1_796_855_400_000);
/// Vietnam's offset from UTC, in seconds.
const VIETNAM_S: i32 = 7 * 3_600;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Holds a text against the one that is kept.
pub fn check(name: &str, text: &str) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).expect("a golden file to write");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} looks different from {}:\n{text}", path.display());
}

pub fn dark(class: &BoardClass) -> Face {
    let (width, height) = (u32::from(class.width_px), u32::from(class.height_px));
    Canvas::over(width, height, class.depth, vec![0; bytes_of(width, height, class.depth)]).expect("as many")
}

pub fn slide(title: &str, body: &str) -> Slide {
    let language = Text::new("vi").expect("short");
    Slide::of_text(Text::new(title).expect("short"), Text::new(body).expect("short"), language)
}

pub fn board(width: u16, height: u16, depth: Depth) -> BoardClass {
    BoardClass::new(width, height, depth).expect("a board")
}

fn when(position_ms: u64) -> When {
    When { position_ms, length_ms: 60_000, utc: NOW.plus_ms(position_ms as i64), offset_s: Some(VIETNAM_S) }
}

/// Faces with what is said of each.
#[derive(Default)]
pub struct Sheet {
    pub faces: Vec<(String, Face)>,
}

impl Sheet {
    /// A slide at some instants; without any, all of its pages, or its ticker on its way.
    fn add(&mut self, slide: &Slide, data: &[u8], class: &BoardClass, instants_ms: &[u64]) {
        let layout = lay_out(slide, class);
        let own: Vec<u64> = match layout.period_px() {
            Some(_) => vec![0, 2_000, layout.read_ms() - 2_000, layout.read_ms()],
            None => {
                (0..u64::from(layout.pages())).map(|page| (page * 60_000).div_ceil(layout.pages().into())).collect()
            }
        };
        let (width, height) = (class.width_px, class.height_px);
        for at_ms in if instants_ms.is_empty() { &own } else { instants_ms } {
            let moment = Moment::at(slide, &layout, &data, when(*at_ms));
            let mut face = dark(class);
            let Ok(()) = draw_slide(slide, &layout, &data, moment, &mut face);
            let caption = match layout.period_px() {
                Some(px) => std::format!("{at_ms} ms, all {px} lamps"),
                None if instants_ms.is_empty() => std::format!("page {} of {}", moment.page + 1, layout.pages()),
                None => std::format!("{at_ms} ms"),
            };
            let depth = if class.depth == Depth::Mono { "" } else { class.depth.name() };
            let gap = if depth.is_empty() { "" } else { " " };
            self.faces.push((std::format!("{width} x {height}{gap}{depth}, {caption}"), face));
        }
    }

    fn texts(&mut self, title: &str, body: &str, boards: &[(u16, u16)]) {
        for (width, height) in boards {
            self.add(&slide(title, body), &[], &board(*width, *height, Depth::Mono), &[]);
        }
    }

    fn check(&self, name: &str) {
        let mut drawn = String::new();
        for (caption, face) in &self.faces {
            writeln!(drawn, "{caption}\n{face}").expect("a string takes all");
        }
        check(&std::format!("{name}.txt"), &drawn);
    }
}

fn stacked_marks_are_whole_on_every_board() -> Sheet {
    let mut sheet = Sheet::default();
    sheet.texts("ẤẦẨẪẬ ỐỒỔỖỘ", "ẾỀỂỄỆ ứừửữự Đđ ỹ", &[(64, 32), (128, 32), (128, 64), (192, 96)]);
    sheet
}

fn a_notice_adapts_to_the_board() -> Sheet {
    let mut sheet = Sheet::default();
    let boards = [(64, 32), (128, 32), (128, 64), (192, 96)];
    sheet.texts("Cúp điện", "Thứ Bảy 7:30 đến 11:00, thôn Đông và thôn Hạ.", &boards);
    sheet
}

fn a_long_text_is_shown_in_pages() -> Sheet {
    let mut sheet = Sheet::default();
    sheet.texts("TIN BÃO KHẨN CẤP", STORM, &[(128, 32), (128, 64), (192, 96)]);
    sheet
}

fn a_slide_without_a_title_or_without_a_text_fills_the_board() -> Sheet {
    let mut sheet = Sheet::default();
    sheet.texts("", "Họp thôn 19:00", &[(64, 32), (128, 64)]);
    sheet.texts("Chào mừng Quốc khánh 2/9", "", &[(128, 64), (192, 96)]);
    sheet.texts("", "", &[(64, 32)]);
    sheet
}

fn a_word_wider_than_the_board_is_broken_and_unknown_letters_are_boxes() -> Sheet {
    let mut sheet = Sheet::default();
    sheet.texts("", "Xem www.thongbaothienTai.vn nhé", &[(64, 32), (128, 64)]);
    sheet.texts("Mưa ☂ 😀", "語 và e\u{302}", &[(128, 64)]);
    sheet
}

fn a_board_of_one_line_runs_the_text_through() -> Sheet {
    let mut sheet = Sheet::default();
    sheet.texts("Cúp điện", "Thứ Bảy 7:30 đến 11:00.\nThôn Đông.", &[(96, 16)]);
    sheet.texts("", "Họp 19:00", &[(96, 16), (96, 24)]);
    sheet
}

fn between_programmes_the_time_stands() -> Sheet {
    let mut sheet = Sheet::default();
    for (width, height) in [(64, 16), (64, 32), (128, 32), (128, 64), (192, 96)] {
        let class = board(width, height, Depth::Mono);
        let states: [(&str, &[&str]); 4] = [
            ("17:59", &[]),
            ("--:--", &[]),
            ("05:00", &["Chưa có lịch"]),
            ("17:59", &["Thôn Phượng Mao", "Phát lúc 18:30"]),
        ];
        for (time, lines) in states {
            for turn in 0..count_turns(lines, &class) {
                let caption = std::format!("{width} x {height}, {time}, {}, turn {turn}", lines.join(" / "));
                let mut face = dark(&class);
                let Ok(()) = draw_quiet(time, lines, turn, &class, &mut face);
                sheet.faces.push((caption, face));
            }
        }
    }
    sheet
}

fn with(slide: Slide, shows: Shows) -> Slide {
    Slide { shows: Some(shows), ..slide }
}

fn the_same_slide_is_on_every_kind_of_board() -> Sheet {
    let mut sheet = Sheet::default();
    let look = Look {
        title: Some(Colour { red: 255, green: 40, blue: 0 }),
        body: Some(Colour { red: 255, green: 255, blue: 255 }),
        ground: Some(Colour { red: 0, green: 0, blue: 96 }),
        ..Look::default()
    };
    let slide = Slide {
        look: Some(look),
        ..slide("Ngày Nhân quyền", "10/12 – Mọi người sinh ra đều tự do và bình đẳng.")
    };
    for (width, height, depth) in
        [(64, 32, Depth::Mono), (96, 48, Depth::RedGreen), (128, 64, Depth::Grey16), (192, 96, Depth::Rgb565)]
    {
        sheet.add(&slide, &[], &board(width, height, depth), &[]);
    }
    sheet
}

fn a_code_stands_beside_the_text_or_on_its_own_page_with_a_light_margin() -> Sheet {
    let mut sheet = Sheet::default();
    let code = Shows::Code { squares: crate::code::squares("https://xa.vn/bao").expect("short") };
    for (width, height) in [(64, 32), (128, 64), (192, 96)] {
        sheet.add(
            &with(slide("Tin bão", "Quét mã để xem nơi sơ tán"), code.clone()),
            &[],
            &board(width, height, Depth::Mono),
            &[],
        );
    }
    sheet.add(&with(slide("", ""), code), &[], &board(64, 32, Depth::Mono), &[]);
    sheet
}

fn clocks_and_countdowns_show_the_time_as_large_as_they_can() -> Sheet {
    let mut sheet = Sheet::default();
    for (width, height) in [(64, 16), (64, 32), (128, 64)] {
        let class = board(width, height, Depth::Mono);
        sheet.add(&with(slide("Xã Phượng Mao", ""), Shows::Clock), &[], &class, &[0]);
        for days in [0, 17] {
            let to = NOW.plus_ms(days * 86_400_000 + 3 * 3_600_000);
            sheet.add(&with(slide("Đến Tết Đinh Mùi", ""), Shows::Countdown { to }), &[], &class, &[0, 1_000]);
        }
    }
    sheet
}

/// A slope of greys in the upper half and columns in the lower one, in two frames.
fn moving(width: u16, height: u16, depth: Depth, offset: u32) -> (Rendition, Vec<u8>) {
    let rendition = Rendition { width_px: width, height_px: height, depth, frames: 2, offset };
    let mut data = [1_000_u16, 500].iter().flat_map(|ms| ms.to_be_bytes()).collect::<Vec<u8>>();
    for frame in 0..2_i32 {
        let mut canvas = dark(&BoardClass { width_px: width, height_px: height, ..board(16, 16, depth) });
        for (x, y) in (0..i32::from(width)).flat_map(|x| (0..i32::from(height)).map(move |y| (x, y))) {
            let most = (1_u64 << depth.bits()) - 1;
            let slope = (x as u64 * most / u64::from(width - 1)) as u32;
            let columns = if (x + frame) % 4 < 2 { most as u32 } else { 0 };
            canvas.set(x, y, if y < i32::from(height) / 2 { slope } else { columns });
        }
        data.extend_from_slice(canvas.bytes());
    }
    (rendition, data)
}

fn a_picture_is_shown_as_it_was_made_and_on_other_boards_as_well_as_they_can() -> Sheet {
    let (small, mut data) = moving(32, 24, Depth::Mono, 0);
    let (large, more) = moving(64, 48, Depth::Grey16, data.len() as u32);
    data.extend(more);
    let renditions = List::collect([small, large]).expect("two");
    let shows = Shows::Picture { renditions };
    let mut sheet = Sheet::default();
    for (width, height, depth) in
        [(32, 24, Depth::Mono), (24, 16, Depth::Mono), (64, 48, Depth::Grey16), (16, 48, Depth::Grey16)]
    {
        sheet.add(&with(slide("", ""), shows.clone()), &data, &board(width, height, depth), &[0, 1_100]);
    }
    let captioned = with(slide("Chợ phiên", "Chủ nhật"), shows);
    assert!(captioned.fits(data.len() as u32));
    sheet.add(&captioned, &data, &board(128, 48, Depth::Grey16), &[]);
    sheet.add(&captioned, &data, &board(64, 32, Depth::Mono), &[]);
    sheet
}

fn a_slide_can_enter_stand_at_a_side_and_run_on_any_board() -> Sheet {
    let mut sheet = Sheet::default();
    let look = |look: Look| Slide { look: Some(look), ..slide("Họp thôn", "19:00 nhà văn hóa") };
    for enters in [Enters::Wipe, Enters::Rise, Enters::Dissolve] {
        let slide = look(Look { enters: Some(enters), ..Look::default() });
        sheet.add(&slide, &[], &board(128, 32, Depth::Mono), &[0, 200, 400, 640]);
    }
    for side in [Side::Left, Side::Middle, Side::Right] {
        sheet.add(&look(Look { side: Some(side), ..Look::default() }), &[], &board(128, 64, Depth::Mono), &[]);
    }
    sheet.add(&look(Look { runs: Some(true), ..Look::default() }), &[], &board(128, 64, Depth::Mono), &[0, 3_000]);
    let light = Look { ground: Some(Colour { red: 255, green: 255, blue: 255 }), ..Look::default() };
    sheet.add(&look(light), &[], &board(128, 64, Depth::Mono), &[]);
    sheet
}

fn a_drill_is_marked_before_and_all_through() -> Sheet {
    let mut sheet = Sheet::default();
    let slide = slide("LŨ KHẨN CẤP", "Nước sông dâng nhanh. Lên chỗ cao ngay.");
    let boards = [(64, 16), (96, 16), (64, 32), (128, 32), (128, 64), (192, 96)].map(|(w, h)| (w, h, Depth::Mono));
    for (width, height, depth) in boards.into_iter().chain([(96, 48, Depth::RedGreen)]) {
        let class = board(width, height, depth);
        let mut face = dark(&class);
        let Ok(()) = draw_drill_notice(&class, &mut face);
        sheet.faces.push((std::format!("{width} x {height}, before and after"), face));
        let mut face = dark(&class);
        if let Some(room) = drill_room(&class) {
            let (layout, data): (_, &[u8]) = (lay_out(&slide, &room), &[]);
            let moment = Moment::at(&slide, &layout, &data, when(0));
            let Ok(()) = draw_slide(&slide, &layout, &data, moment, &mut face);
        }
        let Ok(()) = draw_drill_strip(&class, &mut face);
        sheet.faces.push((std::format!("{width} x {height}, all through"), face));
    }
    sheet
}

/// Draws faces.
type Draw = fn() -> Sheet;

/// Every golden file, and what is on it.
const SHEETS: [(&str, Draw); 13] = [
    ("stacked_marks", stacked_marks_are_whole_on_every_board),
    ("notice", a_notice_adapts_to_the_board),
    ("pages", a_long_text_is_shown_in_pages),
    ("empty_parts", a_slide_without_a_title_or_without_a_text_fills_the_board),
    ("hard_words", a_word_wider_than_the_board_is_broken_and_unknown_letters_are_boxes),
    ("ticker", a_board_of_one_line_runs_the_text_through),
    ("quiet", between_programmes_the_time_stands),
    ("classes", the_same_slide_is_on_every_kind_of_board),
    ("code", a_code_stands_beside_the_text_or_on_its_own_page_with_a_light_margin),
    ("time", clocks_and_countdowns_show_the_time_as_large_as_they_can),
    ("picture", a_picture_is_shown_as_it_was_made_and_on_other_boards_as_well_as_they_can),
    ("drill", a_drill_is_marked_before_and_all_through),
    ("looks", a_slide_can_enter_stand_at_a_side_and_run_on_any_board),
];

#[test]
fn every_face_is_the_one_that_was_looked_at() {
    for (name, sheet) in SHEETS {
        sheet().check(name);
    }
}

#[test]
fn the_contact_sheet_has_all_of_them() {
    let faces: Vec<(String, Face)> = SHEETS.iter().flat_map(|(_, sheet)| sheet().faces).collect();
    let sheet = contact::sheet(&faces);
    let path = folder().join("contact-sheet.png");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, contact::written(&sheet)).expect("a picture to write");
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    assert!(
        contact::read(&kept) == Some(sheet),
        "{} shows other faces; UPDATE_GOLDEN=1 writes it anew",
        path.display()
    );
}

#[test]
fn an_information_screen_shows_the_whole_text_in_large_letters() {
    let slide = slide("TIN BÃO KHẨN CẤP", STORM);
    let class = board(1_920, 1_080, Depth::Rgb888);
    let layout = lay_out(&slide, &class);
    assert_eq!(layout.pages(), 1);
    let mut face = dark(&class);
    let data: &[u8] = &[];
    let Ok(()) = draw_slide(&slide, &layout, &data, Moment::at(&slide, &layout, &data, when(0)), &mut face);
    check("screen.txt", &std::format!("1920 x 1080 rgb888: {:?} {}\n", layout, face.hash()).to_string());
}

mod contact;
