//! Laws of layouts: nothing lost, nothing off the board, nothing on top of another.

use std::string::String;
use std::vec::Vec;

use loa_domain::play::class::Depth;
use proptest::prelude::*;

use super::*;
use crate::golden::{board, slide};
use crate::pages::page_of;

fn laid_out(title: &str, body: &str, width: u16, height: u16) -> Layout {
    lay_out(&slide(title, body), &board(width, height, Depth::Mono))
}

/// All lines that a slide shows on a board, page after page; what stands on each page only once.
fn shown(slide: &Slide, layout: &Layout) -> String {
    let (title, body, area) = (trimmed(&slide.title), trimmed(&slide.body), layout.area);
    match layout.flow {
        Flow::Nothing => String::new(),
        Flow::Line { .. } => line_letters(slide).collect::<String>().replace('•', ""),
        Flow::Whole { letters, .. } => both(title, body, letters, area).map(|(_, line)| line).collect(),
        Flow::Under { head, letters, rows, .. } => {
            let pages = (0..layout.text_pages).flat_map(|page| page_of(lines(body, letters, area), rows, page));
            lines(title, head, area).chain(pages).collect()
        }
        Flow::After { letters, rows } => {
            let pages = (0..layout.text_pages).flat_map(|page| page_of(both(title, body, letters, area), rows, page));
            pages.map(|(_, line)| line).collect()
        }
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn no_word_is_lost_on_any_board() {
    let (title, body) = ("Cấm đường", "Từ 7 giờ đến 11 giờ, ngã ba Nguyễn Huệ.\nXin đi đường khác để bảo đảm an toàn.");
    for (width, height) in
        [(16, 16), (64, 32), (96, 48), (128, 32), (128, 64), (192, 96), (320, 160), (640, 480), (1_920, 1_080)]
    {
        let layout = laid_out(title, body, width, height);
        let expected = plain(&std::format!("{title}{body}"));
        assert_eq!(plain(&shown(&slide(title, body), &layout)), expected, "{width} x {height} {layout:?}");
    }
}

#[test]
fn a_board_of_one_line_runs_what_is_wider_and_lets_stand_what_is_not() {
    let runs = laid_out("Tin", "mời họp", 64, 16);
    assert_eq!((runs.period_px(), runs.pages()), (Some(13 * 8 + 32), 1));
    let stands = laid_out("", "mời họp", 64, 16);
    assert_eq!((stands.period_px(), stands.pages()), (None, 1));
}

#[test]
fn large_letters_are_not_taken_where_they_lack_what_the_small_have() {
    let font = |body: &str| match laid_out("", body, 128, 64).flow {
        Flow::Whole { letters, .. } => letters.font,
        flow => panic!("{flow:?}"),
    };
    assert_eq!((font("Mưa to lắm rồi bà con"), font("Mưa to lắm rồi bà ☂")), (Font::Large, Font::Small));
}

#[test]
fn the_time_to_read_a_slide_grows_with_its_length() {
    assert_eq!(laid_out("Tin", "mời họp", 64, 16).read_ms(), 1_000 + 136 * 1_000 / 48);
    assert_eq!(laid_out("", "một hai ba bốn năm sáu", 64, 32).read_ms(), 4_000);
}

#[test]
fn a_code_that_has_no_room_is_told_with_the_lamps_that_it_needs() {
    let lacks = |width, height| {
        let shows = Some(Shows::Code { squares: code::squares("https://xa.vn").expect("short") });
        lay_out(&Slide { shows, ..slide("Tin", "") }, &board(width, height, Depth::Mono)).lacks()
    };
    assert_eq!([lacks(64, 32), lacks(128, 16)], [None, Some(Lack::Code { needs_px: 25 })]);
}

proptest! {
    #[test]
    fn whatever_is_written_is_shown_whole_and_in_order(
        title in "[aệW \n]{0,24}",
        body in "[aệW.\n\t ]{0,120}",
        width in 16_u16..330,
        height in 16_u16..200,
    ) {
        let layout = laid_out(&title, &body, width, height);
        let all = slide(&title, &body);
        prop_assert_eq!(plain(&shown(&all, &layout)), plain(&std::format!("{title}{body}")));
        let area = layout.area;
        let within = |letters: Letters, rows: u32| rows * letters.line_px() <= area.height_px;
        match layout.flow {
            Flow::Nothing => prop_assert!(plain(&title).is_empty() && plain(&body).is_empty()),
            Flow::Line { letters, .. } => prop_assert!(letters.line_px() <= area.height_px),
            Flow::Whole { letters, rows, .. } => prop_assert!(within(letters, rows[0] + rows[1])),
            Flow::Under { head, head_rows, letters, rows, .. } => {
                prop_assert!(head_rows * head.line_px() + rows * letters.line_px() <= area.height_px && rows > 0);
            }
            Flow::After { letters, rows } => prop_assert!(within(letters, rows) && rows > 0),
        }
        let lines: Vec<&str> = match layout.flow {
            Flow::Whole { letters, .. } | Flow::After { letters, .. } => {
                both(&title, &body, letters, area).map(|(_, line)| line).filter(|l| letters.text_px(l) > area.width_px).collect()
            }
            _ => Vec::new(),
        };
        prop_assert!(lines.iter().all(|line| line.chars().count() == 1), "{:?}", lines);
    }
}
