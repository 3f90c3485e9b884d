//! Puts a page or a moment of a ticker onto a board.
//!
//! Where words stand is decided in `layout.rs`, when they do in `show.rs`; the face between programmes is `quiet.rs`.
//! Next: `show.rs`.

use super::face::{BoardSize, Face};
use super::layout::{Layout, Page, TICKER_PX_PER_S, TICKER_STANDS_MS};

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
