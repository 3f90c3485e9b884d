//! Decides where everything of a slide stands on a board, and what is left for the next page.
//!
//! The largest letters that let the whole text stand on one page are taken; else a short title stands large (or small, on
//! up to half of the lines) above every page of the text; on boards of two lines the title is simply read first; on a
//! board of one line, or where the slide asks for it, everything runs through as a ticker. A picture or a code stands
//! beside the text where both have room, else on a page of its own before it. Words break between words, and within a
//! word only when it is wider than its area. Nothing is copied: a layout is a few numbers, and goes with its slide.
//! Next: `moment.rs`.

use loa_domain::play::class::{BoardClass, Depth};
use loa_domain::play::slide::{Rendition, Shows, Slide};

use crate::code;
use crate::letters::{Font, Letters};
use crate::pages::count_pages;
use crate::picture;
use crate::shape::Area;
use crate::text::{self, in_one_line, trimmed, words};
use crate::wrap::Lines;

/// How far a ticker of the smallest letters runs in a second, in lamps: six letters, about the pace of reading aloud.
pub const TICKER_PX_PER_S: u64 = 48;
/// How long the beginning of a ticker stands before it runs, in milliseconds, so that it can be found.
pub const TICKER_STANDS_MS: u64 = 1_000;
/// How long a page must stand to be read, in milliseconds.
const PAGE_READ_MS: u64 = 2_000;
/// Lamps between a title and the text below it, for a rule in the middle.
pub(crate) const RULE_PX: u32 = 3;
/// Lamps between a picture and the text beside it.
const GAP_PX: u32 = 4;
/// The narrowest area for text beside something else, in lamps: eight small letters.
const BESIDE_PX: u32 = 64;
/// Between the title and the text of a ticker.
pub(crate) const DOT: &str = " • ";
/// The most by which letters are enlarged.
const SCALE_MAX: u32 = 40;

/// How a text stands in its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// There is none.
    Nothing,
    /// In one line, which runs through if it is wider than the area.
    Line { letters: Letters, width_px: u32 },
    /// All at once, in the middle.
    Whole { letters: Letters, rows: [u32; 2], parted: bool },
    /// The text in pages of `rows` lines below the title.
    Under { head: Letters, head_rows: u32, letters: Letters, rows: u32, ruled: bool },
    /// First the title, then the text, in pages of `rows` lines.
    After { letters: Letters, rows: u32 },
}

/// Where everything of a slide stands on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub(crate) board: Area,
    pub(crate) depth: Depth,
    /// Where the picture or the code stands.
    pub(crate) piece: Option<Area>,
    /// The piece has a page of its own, the first.
    pub(crate) is_alone: bool,
    pub(crate) flow: Flow,
    /// Where the text stands.
    pub(crate) area: Area,
    pub(crate) text_pages: u32,
    /// What the slide should show and this board cannot.
    lacks: Option<Lack>,
}

/// What a board cannot show of a slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The code has more squares than the board has lamps.
    Code {
        /// Lamps that it needs either way.
        needs_px: u32,
    },
    /// No picture was made for this kind of board.
    Picture,
}

impl Layout {
    /// How many pages it has; a ticker is one.
    #[must_use]
    pub fn pages(&self) -> u32 {
        (self.text_pages + u32::from(self.is_alone)).max(1)
    }

    /// Lamps by which the beginnings of a ticker are apart; none where nothing runs.
    #[must_use]
    pub fn period_px(&self) -> Option<u32> {
        match self.flow {
            Flow::Line { width_px, .. } if width_px > self.area.width_px => Some(width_px + self.area.width_px / 2),
            _ => None,
        }
    }

    /// How far a ticker runs in a second, in lamps.
    #[must_use]
    pub fn px_per_s(&self) -> u64 {
        match self.flow {
            Flow::Line { letters, .. } => TICKER_PX_PER_S * u64::from(letters.line_px()) / 16,
            _ => TICKER_PX_PER_S,
        }
    }

    /// How long the slide must stand to be read once, in milliseconds.
    #[must_use]
    pub fn read_ms(&self) -> u64 {
        let run_ms = |period_px| TICKER_STANDS_MS + u64::from(period_px) * 1_000 / self.px_per_s();
        let standing = u64::from(self.pages()) - u64::from(self.period_px().is_some());
        standing * PAGE_READ_MS + self.period_px().map_or(0, run_ms)
    }

    /// The size in which the picture or the code stands, in lamps: across and down.
    #[must_use]
    pub fn piece_px(&self) -> Option<(u32, u32)> {
        self.piece.map(|piece| (piece.width_px, piece.height_px))
    }

    /// The rendition of a picture that it shows.
    pub(crate) fn rendition<'r>(&self, renditions: &'r [Rendition]) -> Option<&'r Rendition> {
        picture::nearest(renditions, (self.board.width_px, self.board.height_px), self.depth)
    }

    /// What the slide should show and this board cannot.
    #[must_use]
    pub fn lacks(&self) -> Option<Lack> {
        self.lacks
    }
}

/// Lays out a slide on a kind of board.
#[must_use]
pub fn lay_out(slide: &Slide, class: &BoardClass) -> Layout {
    let board = Area::of(u32::from(class.width_px), u32::from(class.height_px));
    let mut layout = Layout {
        board,
        depth: class.depth,
        piece: None,
        is_alone: false,
        flow: Flow::Nothing,
        area: board,
        text_pages: 0,
        lacks: None,
    };
    if slide.shows_time() {
        return layout;
    }
    layout.place_piece(slide, class);
    if layout.piece.is_some() && !layout.is_alone && layout.area.width_px == 0 {
        return layout;
    }
    (layout.flow, layout.text_pages) = flow(slide, layout.area);
    layout
}

impl Layout {
    /// Finds a place for the picture or the code, and leaves the rest to the text.
    fn place_piece(&mut self, slide: &Slide, class: &BoardClass) {
        let has_text = !text::is_empty(&slide.title) || !text::is_empty(&slide.body);
        let board = self.board;
        let beside_px = board.width_px.saturating_sub(BESIDE_PX + GAP_PX);
        let (own, beside) = match &slide.shows {
            Some(Shows::Code { squares }) => {
                let squares = squares.side().into();
                let side_px = |room_px: u32| code::side_px(squares, room_px.min(board.height_px));
                let own = side_px(board.width_px);
                if own.is_none() {
                    self.lacks = Some(Lack::Code { needs_px: code::least_px(squares) });
                }
                (own.map(|px| (px, px)), side_px(beside_px).map(|px| (px, px)))
            }
            Some(Shows::Picture { renditions }) => {
                let found = picture::best(renditions, class);
                if found.is_none() {
                    self.lacks = Some(Lack::Picture);
                }
                let fitted = |width_px| found.map(|found| picture::fitted(found, width_px, board.height_px));
                // Beside text a picture is not made smaller than half of what it could be.
                let own = fitted(board.width_px);
                (own, fitted(beside_px).filter(|(px, _)| own.is_some_and(|(own, _)| px * 2 >= own)))
            }
            _ => return,
        };
        match (has_text, own, beside.filter(|(width_px, _)| *width_px > 0 && board.width_px >= BESIDE_PX + GAP_PX)) {
            (true, _, Some((width_px, height_px))) => {
                let left = Area { width_px, ..board };
                self.piece = Some(left.middle(width_px, height_px));
                let left_px = width_px + GAP_PX;
                self.area = Area { left_px, width_px: board.width_px - left_px, ..board };
            }
            (_, Some((width_px, height_px)), _) => {
                self.piece = Some(board.middle(width_px, height_px));
                self.is_alone = has_text;
                if !has_text {
                    self.area = Area::default();
                }
            }
            _ => {}
        }
    }
}

/// How the text of a slide stands in an area, and in how many pages.
fn flow(slide: &Slide, area: Area) -> (Flow, u32) {
    let (title, body) = (trimmed(&slide.title), trimmed(&slide.body));
    if title.is_empty() && body.is_empty() {
        return (Flow::Nothing, 0);
    }
    let runs = slide.look.and_then(|look| look.runs).unwrap_or(false);
    if area.height_px < 2 * Letters::SMALL.line_px() || runs {
        return (in_line(title, body, area), 1);
    }
    let whole = sizes(area).find_map(|letters| whole(title, body, letters, area));
    if let Some(whole) = whole {
        return (whole, 1);
    }
    let flow = under(title, body, area).unwrap_or_else(|| {
        let letters = ordinary(area, title).filter(|letters| letters.suits(body)).unwrap_or(Letters::SMALL);
        Flow::After { letters, rows: area.height_px / letters.line_px() }
    });
    let pages = match flow {
        Flow::Under { letters, rows, .. } => count_pages(lines(body, letters, area), rows),
        Flow::After { letters, rows } => count_pages(both(title, body, letters, area), rows),
        _ => 1,
    };
    (flow, pages.max(1))
}

/// Letters that stand on boards of this size, the largest first.
fn sizes(area: Area) -> impl Iterator<Item = Letters> {
    // Each third of an enlarged small letter's height is eight lamps.
    let most = (area.height_px / 8).min(SCALE_MAX * 3);
    (2..=most).rev().filter_map(|eights| {
        if eights == 2 {
            return Some(Letters::SMALL);
        }
        let large = eights.is_multiple_of(3).then_some(Letters { font: Font::Large, scale: (eights / 3) as u8 });
        large.or((eights == 4).then_some(Letters { font: Font::Small, scale: 2 }))
    })
}

/// The letters of ordinary text on boards of this size: the smallest there are, except on screens.
fn ordinary(area: Area, text: &str) -> Option<Letters> {
    let scale = (area.width_px / 320).min(area.height_px / 160).min(SCALE_MAX);
    let large = Letters { font: Font::Large, scale: (scale * 2 / 3).max(1) as u8 };
    match scale {
        0 | 1 => Some(Letters::SMALL),
        scale => Some(if large.suits(text) { large } else { Letters { font: Font::Small, scale: scale as u8 } }),
    }
}

/// The lines of a text in an area.
pub(crate) fn lines(text: &str, letters: Letters, area: Area) -> Lines<'_> {
    Lines::new(text, area.width_px, letters)
}

/// The lines of the title, then those of the text; of each, whether it is the title's.
pub(crate) fn both<'t>(
    title: &'t str,
    body: &'t str,
    letters: Letters,
    area: Area,
) -> impl Iterator<Item = (bool, &'t str)> + Clone {
    let titles = lines(title, letters, area).map(|line| (true, line));
    titles.chain(lines(body, letters, area).map(|line| (false, line)))
}

/// All of a slide's words in one line.
pub(crate) fn line_letters(slide: &Slide) -> impl Iterator<Item = char> + Clone + '_ {
    let dot = if text::is_empty(&slide.title) || text::is_empty(&slide.body) { "" } else { DOT };
    in_one_line(&slide.title).chain(dot.chars()).chain(in_one_line(&slide.body))
}

fn in_line(title: &str, body: &str, area: Area) -> Flow {
    let dot = if title.is_empty() || body.is_empty() { "" } else { DOT };
    let all = || in_one_line(title).chain(dot.chars()).chain(in_one_line(body));
    // The largest letters with which it stands still; else, as it runs, as large as the area is high.
    let mut best: Option<Letters> = None;
    for letters in sizes(Area { height_px: area.height_px.max(16), ..area }) {
        let suits = letters.suits(title) && letters.suits(body);
        if suits && letters.width_px(&mut all()) <= area.width_px {
            best = Some(letters);
            break;
        }
        if suits && best.is_none() {
            best = Some(letters);
        }
    }
    let still = best.filter(|letters| letters.width_px(&mut all()) <= area.width_px);
    let running = if area.height_px >= 48 { best } else { Some(Letters::SMALL) };
    let letters = still.or(running).unwrap_or(Letters::SMALL);
    Flow::Line { letters, width_px: letters.width_px(&mut all()) }
}

/// The whole text in letters of one size, if it fits without breaking a word.
fn whole(title: &str, body: &str, letters: Letters, area: Area) -> Option<Flow> {
    let fits = |text: &str| letters.suits(text) && words(text).all(|word| letters.text_px(word) <= area.width_px);
    if !fits(title) || !fits(body) {
        return None;
    }
    let rows = [title, body].map(|text| lines(text, letters, area).count() as u32);
    let spare_px = area.height_px.checked_sub((rows[0] + rows[1]) * letters.line_px())?;
    let parted = rows[0] > 0 && rows[1] > 0 && spare_px >= RULE_PX;
    Some(Flow::Whole { letters, rows, parted })
}

/// The text on pages below the title, if the title leaves half of the area to it.
fn under(title: &str, body: &str, area: Area) -> Option<Flow> {
    let letters = ordinary(area, body)?;
    let larger = match letters {
        Letters::SMALL => Letters::LARGE,
        Letters { font, scale } => Letters { font, scale: scale + scale.div_ceil(2) },
    };
    if area.height_px < 3 * letters.line_px() {
        return None;
    }
    let (head, head_rows) = [larger, letters].into_iter().find_map(|head| {
        let rows = lines(title, head, area).count() as u32;
        let most = if head == larger { 1 } else { area.height_px / head.line_px() / 2 };
        let fits = rows <= most && head.line_px() * 2 <= area.height_px;
        (fits && head.suits(title)).then_some((head, rows))
    })?;
    let below_px = area.height_px - head_rows * head.line_px();
    let ruled = head_rows > 0 && below_px % letters.line_px() >= RULE_PX;
    Some(Flow::Under { head, head_rows, letters, rows: below_px / letters.line_px(), ruled })
}

#[cfg(test)]
mod tests;
