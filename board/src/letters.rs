//! The letters: two fonts, each with every Vietnamese letter, at any whole enlargement, and a box for what neither has.
//!
//! Small is GNU Unifont (16 lamps high: stacked marks on capitals and the dot below fill all of them), large is a
//! 24-lamp font in which no two Vietnamese letters can be mistaken. The only file that names `u8g2_fonts`. Text is
//! expected in NFC: a combining mark on its own has no letter here, and is drawn as a box. Next: `wrap.rs`.

use u8g2_fonts::FontRenderer;
use u8g2_fonts::fonts::{
    u8g2_font_unifont_t_extended, u8g2_font_unifont_t_latin, u8g2_font_unifont_t_symbols,
    u8g2_font_unifont_t_vietnamese2,
};
use u8g2_fonts::types::{FontColor, VerticalPosition};

use crate::shape::{DrawTarget, Enlarged, Pixel, Point, Rgb888};
use crate::text;

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
const LARGE_ADVANCE_PX: u32 = 12;

// The large letters of `letters/b24.txt`, sorted by code point, a bit for each lamp from the twelfth on.
include!(concat!(env!("OUT_DIR"), "/b24.rs"));

/// A font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// 16 lamps high, most letters 8 wide.
    Small,
    /// 24 lamps high, 12 wide.
    Large,
}

impl Font {
    const fn line_px(self) -> u32 {
        match self {
            Self::Small => 16,
            Self::Large => 24,
        }
    }

    /// Whether there is a picture of the letter.
    #[must_use]
    pub fn has(self, letter: char) -> bool {
        match self {
            Self::Small => small_advance_px(letter).is_some(),
            Self::Large => large(letter).is_some(),
        }
    }

    fn advance_px(self, letter: char) -> u32 {
        match self {
            Self::Small => small_advance_px(letter).unwrap_or(8),
            Self::Large => LARGE_ADVANCE_PX,
        }
    }
}

/// Letters of a font, each lamp of which is a square of `scale` lamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letters {
    /// The font.
    pub font: Font,
    /// How much it is enlarged: one and more.
    pub scale: u8,
}

impl Letters {
    /// The smallest there are.
    pub const SMALL: Self = Self { font: Font::Small, scale: 1 };
    /// The larger font as it is.
    pub const LARGE: Self = Self { font: Font::Large, scale: 1 };

    /// The height of a line, in lamps; lines may touch.
    #[must_use]
    pub const fn line_px(self) -> u32 {
        self.font.line_px() * self.scale as u32
    }

    /// How far the next letter is from this one, in lamps. A letter without a picture takes the room of its box.
    #[must_use]
    pub fn advance_px(self, letter: char) -> u32 {
        self.font.advance_px(letter) * u32::from(self.scale)
    }

    /// The width of a line of letters, in lamps.
    #[must_use]
    pub fn width_px(self, letters: impl Iterator<Item = char>) -> u32 {
        letters.map(|letter| self.advance_px(letter)).fold(0, u32::saturating_add)
    }

    /// The width of a line of text, in lamps.
    #[must_use]
    pub fn text_px(self, line: &str) -> u32 {
        self.width_px(text::letters(line))
    }

    /// Whether these letters are no worse than the small ones: what neither font has is a box in both.
    #[must_use]
    pub fn suits(self, text: &str) -> bool {
        self.font == Font::Small || missing(text, self.font).next().is_none()
    }

    /// Draws letters from a top left corner on, cut at the target's edges.
    ///
    /// # Errors
    /// Those of the target.
    pub fn draw<D: DrawTarget<Color = Rgb888>>(
        self,
        letters: impl Iterator<Item = char>,
        (left_px, top_px): (i32, i32),
        ink: Rgb888,
        target: &mut D,
    ) -> Result<(), D::Error> {
        let board = target.bounding_box();
        let (first_px, end_px) = (board.top_left.x, board.top_left.x.saturating_add_unsigned(board.size.width));
        let mut x = left_px;
        for letter in letters {
            let next = x.saturating_add_unsigned(self.advance_px(letter));
            if x >= end_px {
                break;
            }
            if next > first_px {
                let mut at = Enlarged::new(target, x, top_px, u32::from(self.scale));
                draw_letter(self.font, letter, ink, &mut at)?;
            }
            x = next;
        }
        Ok(())
    }
}

/// The letters of `text` that `font` has no picture of; blanks and line breaks need none.
pub fn missing(text: &str, font: Font) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(move |letter| *letter != '\n' && !text::is_blank(*letter) && !font.has(*letter))
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

/// Draws a letter with its top left corner at the origin.
fn draw_letter<D: DrawTarget<Color = Rgb888>>(
    font: Font,
    letter: char,
    ink: Rgb888,
    target: &mut D,
) -> Result<(), D::Error> {
    match font {
        Font::Small => draw_small(letter, ink, target),
        Font::Large => draw_large(letter, ink, target),
    }
}

fn draw_small<D: DrawTarget<Color = Rgb888>>(letter: char, ink: Rgb888, target: &mut D) -> Result<(), D::Error> {
    if let Some((first, rows)) = small_print(letter) {
        let lamps = rows.iter().zip(first..).flat_map(|(row, y)| {
            (0..8).filter(move |x| row & (0x80 >> x) != 0).map(move |x| Pixel(Point::new(x, y), ink))
        });
        return target.draw_iter(lamps);
    }
    if small_advance_px(letter).is_some() {
        // 14 lamps above the baseline, 2 below.
        let baseline = Point::new(0, 14);
        for font in &SMALL {
            match font.render(letter, baseline, VerticalPosition::Baseline, FontColor::Transparent(ink), target) {
                Ok(_) => return Ok(()),
                Err(u8g2_fonts::Error::DisplayError(error)) => return Err(error),
                Err(_) => {}
            }
        }
    }
    draw_box(Font::Small, letter, ink, target)
}

fn draw_large<D: DrawTarget<Color = Rgb888>>(letter: char, ink: Rgb888, target: &mut D) -> Result<(), D::Error> {
    let Some(rows) = large(letter) else { return draw_box(Font::Large, letter, ink, target) };
    let lamps = rows.iter().zip(0..).flat_map(|(row, y)| {
        let lit = (0..LARGE_ADVANCE_PX as i32).filter(move |x| row & (0x800 >> x) != 0);
        lit.map(move |x| Pixel(Point::new(x, y), ink))
    });
    target.draw_iter(lamps)
}

/// A letter that has no picture: the outline of a box.
fn draw_box<D: DrawTarget<Color = Rgb888>>(
    font: Font,
    letter: char,
    ink: Rgb888,
    target: &mut D,
) -> Result<(), D::Error> {
    let (right, bottom) = (font.advance_px(letter) as i32 - 2, font.line_px() as i32 - 3);
    let is_edge = move |x, y| x == 0 || x == right || y == 2 || y == bottom;
    let lamps = (2..=bottom).flat_map(move |y| (0..=right).map(move |x| (x, y)));
    let lamps = lamps.filter(move |(x, y)| is_edge(*x, *y)).map(|(x, y)| Pixel(Point::new(x, y), ink));
    target.draw_iter(lamps)
}

fn large(letter: char) -> Option<&'static [u16; 24]> {
    let code = u16::try_from(u32::from(letter)).ok()?;
    LARGE.binary_search_by_key(&code, |(code, _)| *code).ok().map(|at| &LARGE[at].1)
}

#[cfg(test)]
mod tests;
