//! Decides where the words of a slide stand on a board of a given size, and what is left for the next page.
//!
//! The largest letters that let the whole slide stand on one page are taken; else a short title stands large (or small,
//! on up to half of the lines) above every page of the text; on boards of two lines the title is simply read first; on
//! a board of one line everything runs through as a ticker. Words break between words, and within a word only when it
//! is wider than the board. Next: `draw.rs`.

use super::face::BoardSize;
use super::font::{Font, missing};

/// How far a ticker runs in a second, in lamps: six small letters, about the pace of reading aloud.
pub const TICKER_PX_PER_S: u64 = 48;
/// How long the beginning of a ticker stands before it runs, in milliseconds, so that it can be found.
pub const TICKER_STANDS_MS: u64 = 1_000;
/// How long a page must stand to be read, in milliseconds.
const PAGE_READ_MS: u64 = 2_000;
/// Lamps between a title and the text below it, for a rule in the middle.
const RULE_PX: u32 = 3;

/// A line of text and where its top left corner is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// Its font.
    pub font: Font,
    /// Lamps from the left.
    pub left_px: u32,
    /// Lamps from the top.
    pub top_px: u32,
}

/// What stands on the board at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines from the top.
    pub lines: Vec<Line>,
    /// Where a rule one lamp thick parts the title from the text, in lamps from the top.
    pub rule_px: Option<u32>,
}

/// How a slide is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One page after the other, each equally long. At least one.
    Pages(Vec<Page>),
    /// A line that runs through from right to left, again and again.
    Ticker {
        /// The line; its place is where it begins.
        line: Line,
        /// How far its beginnings are apart, in lamps.
        period_px: u32,
    },
}

impl Layout {
    /// How long the slide must stand to be read once, in milliseconds.
    #[must_use]
    pub fn read_ms(&self) -> u64 {
        match self {
            Self::Pages(pages) => pages.len() as u64 * PAGE_READ_MS,
            Self::Ticker { period_px, .. } => TICKER_STANDS_MS + u64::from(*period_px) * 1_000 / TICKER_PX_PER_S,
        }
    }
}

/// Lays out a slide.
#[must_use]
pub fn lay_out(title: &str, body: &str, size: BoardSize) -> Layout {
    let (title, body) = (tidy(title), tidy(body));
    if size.height_px() < 2 * Font::Small.line_px() {
        return in_one_line(&title, &body, size);
    }
    let at_once = [Font::Large, Font::Small].into_iter().find_map(|font| on_one_page(&title, &body, font, size));
    let pages = at_once.map(|page| vec![page]).or_else(|| under_a_title(&title, &body, size));
    Layout::Pages(pages.unwrap_or_else(|| one_after_the_other(&title, &body, size)))
}

/// Line breaks as `\n`, tabs as spaces, no space at either end: what a board has no room for.
fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ").trim().to_owned()
}

fn in_one_line(title: &str, body: &str, size: BoardSize) -> Layout {
    let words = |text: &str| text.split([' ', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let parts = [words(title), words(body)];
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    let text = parts.join(" • ");
    let (font, width_px) = (Font::Small, Font::Small.width_px(&text));
    let top_px = (size.height_px() - font.line_px()) / 2;
    if let Some(spare_px) = size.width_px().checked_sub(width_px) {
        let line = Line { text, font, left_px: spare_px / 2, top_px };
        return Layout::Pages(vec![Page { lines: vec![line], rule_px: None }]);
    }
    let period_px = width_px + size.width_px() / 2;
    Layout::Ticker { line: Line { text, font, left_px: 0, top_px }, period_px }
}

/// The whole slide in one font, in the middle of the board, if it fits without breaking a word.
fn on_one_page(title: &str, body: &str, font: Font, size: BoardSize) -> Option<Page> {
    let words_fit =
        [title, body].iter().all(|text| text.split([' ', '\n']).all(|word| font.width_px(word) <= size.width_px()));
    let has_all = has_all(title, font) && has_all(body, font);
    let (title, body) = (wrap(title, font, size.width_px()), wrap(body, font, size.width_px()));
    let lines = (title.len() + body.len()) as u32;
    let spare_px = size.height_px().checked_sub(lines * font.line_px())?;
    if !words_fit || !has_all {
        return None;
    }
    let parted = !title.is_empty() && !body.is_empty() && spare_px >= RULE_PX;
    let part_px = if parted { RULE_PX } else { 0 };
    let mut page = Page::default();
    let mut top_px = (spare_px - part_px) / 2;
    top_px = page.add(title, font, top_px, size, Side::Middle);
    if parted {
        page.rule_px = Some(top_px + RULE_PX / 2);
    }
    page.add(body, font, top_px + part_px, size, Side::Middle);
    Some(page)
}

/// The text on pages below the title, if the title leaves half of the board to it.
fn under_a_title(title: &str, body: &str, size: BoardSize) -> Option<Vec<Page>> {
    let head = [Font::Large, Font::Small].into_iter().find_map(|font| {
        let lines = wrap(title, font, size.width_px());
        let most = if font == Font::Large { 1 } else { size.height_px() / font.line_px() / 2 };
        let fits = lines.len() as u32 <= most && font.line_px() * 2 <= size.height_px();
        (fits && has_all(title, font)).then_some((lines, font))
    });
    let (head, head_font) = head.filter(|_| size.height_px() >= 3 * Font::Small.line_px())?;
    let font = Font::Small;
    let below_px = size.height_px() - head.len() as u32 * head_font.line_px();
    let rows = below_px / font.line_px();
    let ruled = !head.is_empty() && below_px % font.line_px() >= RULE_PX;
    let text = wrap(body, font, size.width_px());
    let pages = chunks(&text, rows as usize).map(|lines| {
        let mut page = Page::default();
        let top_px = page.add(head.clone(), head_font, 0, size, Side::Middle);
        page.rule_px = ruled.then_some(top_px + RULE_PX / 2);
        // What is left over stands between title and text, so that the last line is at the edge.
        page.add(lines, font, size.height_px() - rows * font.line_px(), size, Side::Left);
        page
    });
    Some(pages.collect())
}

/// First the title, then the text, as many lines to a page as there is room for.
fn one_after_the_other(title: &str, body: &str, size: BoardSize) -> Vec<Page> {
    let font = Font::Small;
    let mut lines = wrap(title, font, size.width_px());
    lines.extend(wrap(body, font, size.width_px()));
    let rows = size.height_px() / font.line_px();
    let top_px = (size.height_px() - rows * font.line_px()) / 2;
    let pages = chunks(&lines, rows as usize).map(|lines| {
        let mut page = Page::default();
        page.add(lines, font, top_px, size, Side::Left);
        page
    });
    pages.collect()
}

/// At most `rows` lines at a time; a page does not begin with an empty line.
pub(super) fn chunks(lines: &[String], rows: usize) -> impl Iterator<Item = Vec<String>> + '_ {
    let mut rest = lines;
    std::iter::from_fn(move || {
        while let [first, later @ ..] = rest
            && first.is_empty()
        {
            rest = later;
        }
        let (page, later) = rest.split_at(rows.min(rest.len()));
        rest = later;
        (!page.is_empty()).then(|| page.to_vec())
    })
}

/// Whether `font` is no worse than the small one: letters that neither has are boxes, and small ones.
fn has_all(text: &str, font: Font) -> bool {
    font == Font::Small || missing(text, font).next().is_none()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Middle,
}

impl Page {
    /// Adds lines from `top_px` on; gives where the next would stand.
    fn add(&mut self, lines: Vec<String>, font: Font, top_px: u32, size: BoardSize, side: Side) -> u32 {
        let mut top_px = top_px;
        for text in lines {
            let spare_px = size.width_px().saturating_sub(font.width_px(&text));
            let left_px = if side == Side::Middle { spare_px / 2 } else { 0 };
            self.lines.push(Line { text, font, left_px, top_px });
            top_px += font.line_px();
        }
        top_px
    }
}

/// Breaks text into lines no wider than `width_px`. Empty text has no line; an empty line within stays.
pub(super) fn wrap(text: &str, font: Font, width_px: u32) -> Vec<String> {
    let mut lines = Vec::new();
    if text.is_empty() {
        return lines;
    }
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let joint = if line.is_empty() { "" } else { " " };
            if font.width_px(&line) + font.width_px(joint) + font.width_px(word) > width_px && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            } else {
                line.push_str(joint);
            }
            for letter in word.chars() {
                if font.width_px(&line) + font.advance_px(letter) > width_px && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, letters: u32) -> Vec<String> {
        wrap(text, Font::Small, letters * 8)
    }

    fn laid_out(title: &str, body: &str, width: u32, height: u32) -> Layout {
        lay_out(title, body, BoardSize::new(width, height).unwrap())
    }

    #[test]
    fn lines_break_between_words_and_where_the_text_says_so() {
        assert_eq!(wrapped("Kính mời bà con", 8), ["Kính mời", "bà con"]);
        assert_eq!(wrapped("một\n\nhai   ba", 8), ["một", "", "hai ba"]);
        assert_eq!(wrapped("", 8), [""; 0]);
    }

    #[test]
    fn a_word_wider_than_the_board_breaks_within_and_no_letter_is_lost() {
        assert_eq!(wrapped("ở www.thongbao.vn nhé", 6), ["ở", "www.th", "ongbao", ".vn", "nhé"]);
        assert_eq!(wrapped("ăâđ", 2), ["ăâ", "đ"]);
    }

    #[test]
    fn no_word_is_lost_on_any_board() {
        let (title, body) =
            ("Cấm đường", "Từ 7 giờ đến 11 giờ, ngã ba Nguyễn Huệ.\nXin đi đường khác để bảo đảm an toàn.");
        for (width, height) in [(16, 16), (64, 32), (96, 48), (128, 32), (128, 64), (192, 96), (320, 160)] {
            let letters: String = match laid_out(title, body, width, height) {
                Layout::Ticker { line, .. } => line.text.replace('•', ""),
                Layout::Pages(pages) => {
                    let mut head = pages[0].lines.clone();
                    head.retain(|line| pages.iter().all(|page| page.lines.contains(line)));
                    let shared = if pages.len() > 1 { head } else { Vec::new() };
                    let rest = pages.iter().flat_map(|page| &page.lines).filter(|line| !shared.contains(line));
                    shared.iter().chain(rest).map(|line| line.text.as_str()).collect()
                }
            };
            let plain = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            assert_eq!(plain(&letters), plain(&format!("{title}{body}")), "{width} x {height}");
        }
    }

    #[test]
    fn every_line_is_on_the_board_and_none_covers_another() {
        let body = "Đề nghị nhân dân không ra đường khi bão vào. ".repeat(12);
        for (width, height) in [(16, 32), (64, 32), (96, 48), (128, 64), (128, 80), (192, 96), (200, 130)] {
            for title in ["", "Bão", "Tin bão khẩn cấp cơn bão số ba", &"Rất dài ".repeat(12)] {
                for text in ["", "Sơ tán ngay", &body] {
                    let Layout::Pages(pages) = laid_out(title, text, width, height) else { panic!("a ticker") };
                    for page in &pages {
                        let mut free_px = 0;
                        for line in &page.lines {
                            assert!(line.top_px >= free_px, "{page:?}");
                            free_px = line.top_px + line.font.line_px();
                            assert!(line.left_px + line.font.width_px(&line.text) <= width, "{page:?}");
                        }
                        assert!(free_px <= height, "{width} x {height} {page:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_board_of_one_line_runs_what_is_wider_and_lets_stand_what_is_not() {
        let Layout::Ticker { line, period_px } = laid_out("Tin", "mời họp", 64, 16) else { panic!("no ticker") };
        assert_eq!((line.text.as_str(), period_px), ("Tin • mời họp", 13 * 8 + 32));
        let Layout::Pages(pages) = laid_out("", "mời họp", 64, 16) else { panic!("a ticker") };
        assert_eq!((pages.len(), pages[0].lines[0].left_px), (1, 4));
    }

    #[test]
    fn large_letters_are_not_taken_where_they_lack_what_the_small_have() {
        let fonts = |body: &str| match laid_out("", body, 128, 64) {
            Layout::Pages(pages) => pages[0].lines[0].font,
            Layout::Ticker { .. } => panic!("a ticker"),
        };
        assert_eq!((fonts("Mưa to"), fonts("Mưa ☂")), (Font::Large, Font::Small));
    }

    #[test]
    fn the_time_to_read_a_slide_grows_with_its_length() {
        assert_eq!(laid_out("Tin", "mời họp", 64, 16).read_ms(), 1_000 + 136 * 1_000 / 48);
        assert_eq!(laid_out("", "một hai ba bốn năm sáu", 64, 32).read_ms(), 4_000);
    }
}
