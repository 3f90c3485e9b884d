//! The letters: two fonts, each with every Vietnamese letter, and a box for what neither has.
//!
//! Small is GNU Unifont (16 lamps high: stacked marks on capitals and the dot below fill all of them), large is a
//! 24-lamp font in which no two Vietnamese letters can be mistaken. The only file that names `u8g2_fonts`. Text is
//! expected in NFC: a combining mark on its own has no letter here, and is drawn as a box. Next: `layout.rs`.

use std::collections::HashMap;
use std::sync::OnceLock;

use u8g2_fonts::FontRenderer;
use u8g2_fonts::fonts::{
    u8g2_font_unifont_t_extended, u8g2_font_unifont_t_latin, u8g2_font_unifont_t_symbols,
    u8g2_font_unifont_t_vietnamese2,
};
use u8g2_fonts::types::{FontColor, VerticalPosition};

use super::face::{BinaryColor, Face, Point};

/// Looked through in this order: the first has ASCII and Vietnamese, the others accents, dashes and arrows.
static SMALL: [FontRenderer; 4] = [
    FontRenderer::new::<u8g2_font_unifont_t_vietnamese2>(),
    FontRenderer::new::<u8g2_font_unifont_t_latin>(),
    FontRenderer::new::<u8g2_font_unifont_t_extended>(),
    FontRenderer::new::<u8g2_font_unifont_t_symbols>(),
];
/// Marks of ordinary print that none of them has, 8 lamps wide: the first row, and the rows from there on.
const SMALL_PRINT: [(char, i32, &[u8]); 8] = [
    ('–', 9, &[0b0111_1110]),
    ('—', 9, &[0b1111_1111]),
    ('‘', 2, &[0b0000_1000, 0b0001_0000, 0b0001_1000, 0b0001_1000]),
    ('’', 2, &[0b0001_1000, 0b0001_1000, 0b0000_1000, 0b0001_0000]),
    ('“', 2, &[0b0010_0100, 0b0100_1000, 0b0110_1100, 0b0110_1100]),
    ('”', 2, &[0b0110_1100, 0b0110_1100, 0b0010_0100, 0b0100_1000]),
    ('…', 12, &[0b1001_0010, 0b1001_0010]),
    ('•', 7, &[0b0001_1000, 0b0011_1100, 0b0011_1100, 0b0001_1000]),
];
/// The large letters, with their licence.
const LARGE: &str = include_str!("letters/b24.txt");
const LARGE_ROWS: usize = 24;
const LARGE_ADVANCE_PX: u32 = 12;

/// A font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// 16 lamps high, most letters 8 wide.
    Small,
    /// 24 lamps high, 12 wide.
    Large,
}

impl Font {
    /// The height of a line, in lamps; lines may touch.
    #[must_use]
    pub const fn line_px(self) -> u32 {
        match self {
            Self::Small => 16,
            Self::Large => LARGE_ROWS as u32,
        }
    }

    /// Whether there is a picture of the letter.
    #[must_use]
    pub fn has(self, letter: char) -> bool {
        match self {
            Self::Small => small_advance_px(letter).is_some(),
            Self::Large => large().contains_key(&letter),
        }
    }

    /// How far the next letter is from this one, in lamps. A letter without a picture takes the room of its box.
    #[must_use]
    pub fn advance_px(self, letter: char) -> u32 {
        match self {
            Self::Small => small_advance_px(letter).unwrap_or(8),
            Self::Large => LARGE_ADVANCE_PX,
        }
    }

    /// The width of a line of text, in lamps.
    #[must_use]
    pub fn width_px(self, text: &str) -> u32 {
        text.chars().map(|letter| self.advance_px(letter)).sum()
    }

    /// Draws a line of text whose top left corner is at `left_px`, `top_px`, cut at the board's edges.
    pub fn draw(self, text: &str, left_px: i32, top_px: i32, face: &mut Face) {
        let right_px = face.size().width_px() as i32;
        let mut x = left_px;
        for letter in text.chars() {
            let advance_px = self.advance_px(letter);
            if x + advance_px as i32 > 0 && x < right_px {
                self.draw_letter(letter, x, top_px, face);
            }
            x += advance_px as i32;
        }
    }

    fn draw_letter(self, letter: char, left_px: i32, top_px: i32, face: &mut Face) {
        let drawn = match self {
            Self::Small => draw_small(letter, left_px, top_px, face),
            Self::Large => draw_large(letter, left_px, top_px, face),
        };
        if !drawn {
            let (width_px, height_px) = (self.advance_px(letter) - 1, self.line_px() - 4);
            face.outline(left_px, top_px + 2, width_px, height_px);
        }
    }
}

/// The letters of `text` that `font` has no picture of; line breaks are none.
pub fn missing(text: &str, font: Font) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(move |letter| *letter != '\n' && !font.has(*letter))
}

fn small_advance_px(letter: char) -> Option<u32> {
    // The font has combining marks, but as letters of their own beside the one they belong to.
    if ('\u{300}'..='\u{36f}').contains(&letter) {
        return None;
    }
    if small_print(letter).is_some() {
        return Some(8);
    }
    let look = |font: &FontRenderer| font.get_rendered_dimensions(letter, Point::zero(), VerticalPosition::Baseline);
    let found = SMALL.iter().find_map(|font| look(font).ok())?;
    u32::try_from(found.advance.x).ok().filter(|advance_px| *advance_px > 0)
}

fn small_print(letter: char) -> Option<(i32, &'static [u8])> {
    SMALL_PRINT.iter().find(|(mark, ..)| *mark == letter).map(|(_, first, rows)| (*first, *rows))
}

fn draw_small(letter: char, left_px: i32, top_px: i32, face: &mut Face) -> bool {
    if let Some((first, rows)) = small_print(letter) {
        for (row, y) in rows.iter().zip(top_px + first..) {
            (0..8).filter(|x| row & (0x80 >> x) != 0).for_each(|x| face.set(left_px + x, y, true));
        }
        return true;
    }
    // 14 lamps above the baseline, 2 below.
    let baseline = Point::new(left_px, top_px + 14);
    let color = FontColor::Transparent(BinaryColor::On);
    small_advance_px(letter).is_some()
        && SMALL.iter().any(|font| font.render(letter, baseline, VerticalPosition::Baseline, color, face).is_ok())
}

fn draw_large(letter: char, left_px: i32, top_px: i32, face: &mut Face) -> bool {
    let Some(rows) = large().get(&letter) else { return false };
    for (y, row) in rows.iter().enumerate() {
        for x in (0..LARGE_ADVANCE_PX).filter(|x| row & (0x800 >> x) != 0) {
            face.set(left_px + x as i32, top_px + y as i32, true);
        }
    }
    true
}

fn large() -> &'static HashMap<char, [u16; LARGE_ROWS]> {
    static TABLE: OnceLock<HashMap<char, [u16; LARGE_ROWS]>> = OnceLock::new();
    // The table is part of the program, and a test reads all of it: a line that does not parse is a comment.
    TABLE.get_or_init(|| LARGE.lines().filter_map(parse_letter).collect())
}

fn parse_letter(line: &str) -> Option<(char, [u16; LARGE_ROWS])> {
    let (code, digits) = line.split_once(' ')?;
    let letter = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
    let mut rows = [0; LARGE_ROWS];
    for (at, row) in rows.iter_mut().enumerate() {
        *row = u16::from_str_radix(digits.get(at * 3..at * 3 + 3)?, 16).ok()?;
    }
    Some((letter, rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::face::BoardSize;

    /// Twelve vowels with six tones, and đ, in both cases.
    const VIETNAMESE: &str = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ\
                              AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬEÈÉẺẼẸÊỀẾỂỄỆIÌÍỈĨỊOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢUÙÚỦŨỤƯỪỨỬỮỰYỲÝỶỸỴĐ";
    const PRINT: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~–—‘’“”…•°₫€±×÷½←↑→↓";

    fn picture(font: Font, letter: char) -> Face {
        let mut face = Face::dark(BoardSize::new(32, 32).unwrap());
        font.draw(&letter.to_string(), 8, 4, &mut face);
        face
    }

    fn lamps_apart(one: &Face, other: &Face) -> u32 {
        one.rows().iter().zip(other.rows()).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    #[test]
    fn every_vietnamese_letter_is_in_both_fonts_and_within_its_line() {
        assert_eq!(VIETNAMESE.chars().count(), 146);
        for font in [Font::Small, Font::Large] {
            for letter in VIETNAMESE.chars().chain('a'..='z').chain('A'..='Z') {
                assert!(font.has(letter), "{font:?} {letter}");
                let face = picture(font, letter);
                let (right, bottom) = (8 + font.advance_px(letter) as i32, 4 + font.line_px() as i32);
                for (x, y) in (0..32).flat_map(|y| (0..32).map(move |x| (x, y))) {
                    let inside = (8..right).contains(&x) && (4..bottom).contains(&y);
                    assert!(inside || !face.is_lit(x, y), "{font:?} {letter} {x} {y}");
                }
            }
        }
    }

    #[test]
    fn the_marks_of_ordinary_print_are_in_both_fonts() {
        for font in [Font::Small, Font::Large] {
            let without: String = missing(PRINT, font).collect();
            assert_eq!(without, "", "{font:?}");
        }
    }

    #[test]
    fn no_two_vietnamese_letters_look_the_same() {
        for (font, least) in [(Font::Small, 1), (Font::Large, 4)] {
            let letters: Vec<(char, Face)> = VIETNAMESE.chars().map(|l| (l, picture(font, l))).collect();
            for (at, (one, first)) in letters.iter().enumerate() {
                for (other, second) in &letters[at + 1..] {
                    let apart = lamps_apart(first, second);
                    assert!(apart >= least, "{font:?}: {one} and {other} differ by {apart} lamps");
                }
            }
        }
    }

    #[test]
    fn a_letter_without_a_picture_is_a_box() {
        for font in [Font::Small, Font::Large] {
            for letter in ['\u{301}', '語', '\u{200b}', '\u{7}', '😀'] {
                assert!(!font.has(letter), "{font:?} {letter:?}");
                let mut box_alone = Face::dark(BoardSize::new(32, 32).unwrap());
                box_alone.outline(8, 6, font.advance_px(letter) - 1, font.line_px() - 4);
                assert_eq!(picture(font, letter), box_alone, "{letter:?}");
            }
        }
    }

    #[test]
    fn every_line_of_the_large_letters_is_read() {
        let lines = LARGE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(large().len(), lines);
        assert!(LARGE.lines().all(|line| line.starts_with('#') || line.len() == 5 + 3 * LARGE_ROWS));
    }
}
