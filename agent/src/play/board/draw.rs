//! Puts a page, a moment of a ticker, or the quiet face between programmes onto a board.
//!
//! Where words stand is decided in `layout.rs`, when they do in `show.rs`. Next: `show.rs`.

use loa_domain::time::UtcMs;

use super::face::{BoardSize, Face};
use super::font::Font;
use super::layout::{Layout, Page, TICKER_PX_PER_S, TICKER_STANDS_MS, chunks, wrap};

/// What a board says when it holds no timetable.
const NO_TIMETABLE: &str = "Chưa có lịch";

/// What the board knows while nothing is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The time of day is known.
    pub clock_known: bool,
    /// A timetable is held.
    pub has_timetable: bool,
}

/// Which picture of a slide is due: faces of equal moments are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// This page.
    Page(usize),
    /// The ticker, moved to the left by so many lamps.
    Run(u32),
}

impl Moment {
    /// The moment `position_ms` into a slide of `length_ms`.
    #[must_use]
    pub fn at(layout: &Layout, position_ms: u64, length_ms: u64) -> Self {
        match layout {
            Layout::Pages(pages) => {
                let count = pages.len() as u64;
                let page = position_ms.saturating_mul(count) / length_ms.max(1);
                Self::Page(page.min(count.saturating_sub(1)) as usize)
            }
            Layout::Ticker { period_px, .. } => {
                let runs_ms = position_ms.saturating_sub(TICKER_STANDS_MS);
                let moved_px = runs_ms.saturating_mul(TICKER_PX_PER_S) / 1_000;
                Self::Run((moved_px % u64::from(*period_px)) as u32)
            }
        }
    }
}

/// The face of a slide at a moment.
#[must_use]
pub fn draw_slide(layout: &Layout, moment: Moment, size: BoardSize) -> Face {
    let mut face = Face::dark(size);
    match (layout, moment) {
        (Layout::Pages(pages), Moment::Page(page)) => {
            if let Some(page) = pages.get(page) {
                draw_page(page, &mut face);
            }
        }
        (Layout::Ticker { line, period_px }, Moment::Run(moved_px)) => {
            for start in [0, *period_px as i32] {
                line.font.draw(&line.text, start - moved_px as i32, line.top_px as i32, &mut face);
            }
        }
        (Layout::Pages(_), Moment::Run(_)) | (Layout::Ticker { .. }, Moment::Page(_)) => {}
    }
    face
}

fn draw_page(page: &Page, face: &mut Face) {
    for line in &page.lines {
        line.font.draw(&line.text, line.left_px as i32, line.top_px as i32, face);
    }
    if let Some(rule_px) = page.rule_px {
        let width_px = face.size().width_px();
        face.bar(0, rule_px as i32, width_px, 1);
    }
}

/// The time of day at the place as `HH:MM`, or `--:--`.
#[must_use]
pub fn time_text(now: UtcMs, offset_s: i32, clock_known: bool) -> String {
    if !clock_known {
        return "--:--".to_owned();
    }
    let minutes = now.seconds().saturating_add(i64::from(offset_s)).div_euclid(60);
    format!("{:02}:{:02}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
}

/// The face while nothing is due: the time, and what is missing below it; where there is no room for both, they take
/// turns, and `turn` says whose it is.
#[must_use]
pub fn draw_quiet(time: &str, standing: Standing, turn: u64, size: BoardSize) -> Face {
    let font = Font::Small;
    let rows = (size.height_px() / font.line_px()) as usize;
    let notice = if standing.has_timetable { "" } else { NO_TIMETABLE };
    let notice = wrap(notice, font, size.width_px());
    let mut face = Face::dark(size);
    if notice.len() < rows {
        let room_px = size.height_px() - notice.len() as u32 * font.line_px();
        draw_time(time, room_px, &mut face);
        draw_middle(&notice, room_px, &mut face);
        return face;
    }
    let pages: Vec<Vec<String>> = chunks(&notice, rows).collect();
    match (turn % (pages.len() as u64 + 1)) as usize {
        0 => draw_time(time, size.height_px(), &mut face),
        page => {
            let lines = &pages[page - 1];
            let spare_px = size.height_px() - lines.len() as u32 * font.line_px();
            draw_middle(lines, spare_px / 2, &mut face);
        }
    }
    face
}

fn draw_middle(lines: &[String], top_px: u32, face: &mut Face) {
    for (text, top_px) in lines.iter().zip((top_px..).step_by(Font::Small.line_px() as usize)) {
        let left_px = face.size().width_px().saturating_sub(Font::Small.width_px(text)) / 2;
        Font::Small.draw(text, left_px as i32, top_px as i32, face);
    }
}

/// The time, as large as three quarters of the board's width allow, in the middle of its upper `room_px`.
fn draw_time(time: &str, room_px: u32, face: &mut Face) {
    let (width_px, line_px) = (Font::Small.width_px(time), Font::Small.line_px());
    let scale = (face.size().width_px() * 3 / 4 / width_px).min(room_px / line_px).max(1);
    // At least 16 lamps either way, as a board is: five digits are 40 wide.
    let Ok(size) = BoardSize::new(width_px, line_px) else { return };
    let mut small = Face::dark(size);
    Font::Small.draw(time, 0, 0, &mut small);
    let left_px = (face.size().width_px() as i32 - (width_px * scale) as i32) / 2;
    let top_px = (room_px - line_px * scale) / 2;
    face.enlarge(&small, left_px, top_px as i32, scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::layout::lay_out;

    #[test]
    fn the_slides_time_is_divided_evenly_among_its_pages() {
        let layout = Layout::Pages(vec![Page::default(), Page::default(), Page::default()]);
        let pages: Vec<Moment> = [0, 3_333, 3_334, 6_666, 6_667, 9_999, 10_000, 99_999]
            .map(|position_ms| Moment::at(&layout, position_ms, 10_000))
            .to_vec();
        assert_eq!(pages, [0, 0, 1, 1, 2, 2, 2, 2].map(Moment::Page));
    }

    #[test]
    fn a_ticker_stands_then_runs_six_letters_a_second_and_begins_again() {
        let size = BoardSize::new(64, 16).unwrap();
        let layout = lay_out("", "mười hai chữ!", size);
        let run = |position_ms| Moment::at(&layout, position_ms, 60_000);
        assert_eq!([run(0), run(1_000), run(2_000)], [Moment::Run(0), Moment::Run(0), Moment::Run(48)]);
        let Layout::Ticker { period_px, .. } = layout else { panic!("no ticker") };
        let round_ms = u64::from(period_px) * 1_000 / TICKER_PX_PER_S;
        assert_eq!(run(1_000 + round_ms + 1), Moment::Run(0));
        let again = draw_slide(&layout, Moment::Run(period_px), size);
        assert_eq!(again, draw_slide(&layout, Moment::Run(0), size));
    }

    #[test]
    fn the_time_is_that_of_the_place_on_both_sides_of_midnight_and_of_1970() {
        let evening = UtcMs::from_seconds(1_767_225_600 - 1);
        assert_eq!(time_text(evening, 7 * 3_600, true), "06:59");
        assert_eq!(time_text(evening, 0, true), "23:59");
        assert_eq!(time_text(UtcMs(-1), -3_600, true), "22:59");
        assert_eq!(time_text(evening, 0, false), "--:--");
    }

    #[test]
    fn the_quiet_face_says_when_there_is_no_timetable_and_never_leaves_out_the_time() {
        for (width, height) in [(64, 32), (64, 16), (128, 64), (192, 96), (40, 16)] {
            let size = BoardSize::new(width, height).unwrap();
            let with = Standing { clock_known: true, has_timetable: true };
            let without = Standing { has_timetable: false, ..with };
            let faces = |time, standing| (0..20).map(|turn| draw_quiet(time, standing, turn, size)).collect::<Vec<_>>();
            assert_ne!(faces("05:00", with), faces("05:00", without), "{width} x {height}");
            assert_ne!(faces("05:00", without), faces("05:01", without), "{width} x {height}");
        }
    }

    #[test]
    fn any_text_is_shown_on_any_board_without_a_panic_and_a_letter_is_never_left_out() {
        let letters: Vec<char> = "aẾđ .,\n\t\r–語\u{301}\u{0}\u{200b}😀W".chars().collect();
        let mut seed: u64 = 1;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..1_500 {
            let size = BoardSize::new(16 + next(200) as u32, 16 + next(120) as u32).unwrap();
            let title_letters = next(20);
            let body_letters = next(120);
            let mut text = |count| (0..count).map(|_| letters[next(letters.len() as u64) as usize]).collect::<String>();
            let (title, body) = (text(title_letters), text(body_letters));
            let layout = lay_out(&title, &body, size);
            let shown: String = match &layout {
                Layout::Ticker { line, .. } => line.text.clone(),
                Layout::Pages(pages) => {
                    pages.iter().flat_map(|page| &page.lines).map(|line| line.text.as_str()).collect()
                }
            };
            let count = |text: &str| text.chars().filter(|letter| *letter == 'Ế').count();
            assert!(count(&shown) >= count(&title) + count(&body), "{title:?} {body:?} {size:?}");
            for position_ms in [0, 1, 4_999, 10_000, u64::MAX] {
                let moment = Moment::at(&layout, position_ms, 10_000);
                let face = draw_slide(&layout, moment, size);
                let begins_with_ink = shown.starts_with(|letter: char| !letter.is_whitespace());
                assert!(position_ms > 1 || !begins_with_ink || face.rows().iter().any(|row| *row != 0), "{size:?}");
            }
        }
    }
}
