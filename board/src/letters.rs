//! The letters: two fonts, each with every Vietnamese letter, at any whole enlargement, and a box for what neither has.
//!
//! Small is GNU Unifont (16 lamps high: stacked marks on capitals and the dot below fill all of them), large is a
//! 24-lamp font in which no two Vietnamese letters can be mistaken. Their tables are packed by `build.rs`. Text is
//! expected in NFC: a combining mark on its own has no letter here, and is drawn as a box. Next: `wrap.rs`.

mod packed;

use crate::shape::{Lamps, Rgb888, rectangle};
use crate::text;

use packed::{LARGE_LETTERS, Packed, Rows, SMALL_LETTERS};

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
        self.find(letter).is_some()
    }

    fn find(self, letter: char) -> Option<(&'static Packed, u16)> {
        let tables: &[&Packed] = match self {
            Self::Small => &SMALL_LETTERS,
            Self::Large => &LARGE_LETTERS,
        };
        tables.iter().find_map(|table| Some((*table, table.find(letter)?)))
    }

    /// How far the next letter is from this one, in lamps. A letter without a picture takes the room of its box.
    fn advance_px(self, letter: char) -> u32 {
        let unknown = if self == Self::Small { 8 } else { 12 };
        self.find(letter).map_or(unknown, |(table, _)| u32::from(table.width))
    }

    /// The rows of a letter.
    fn rows(self, letter: char) -> Rows {
        let mut rows = [0; _];
        match self.find(letter) {
            Some((table, number)) => table.rows(number, &mut rows),
            None => self.draw_box(&mut rows),
        }
        rows
    }

    /// A letter that has no picture: the outline of a box.
    fn draw_box(self, rows: &mut Rows) {
        // Seven lamps across of eight, eleven of twelve.
        let (across, ends) = if self == Self::Small { (0xfe00, 0x8200) } else { (0xffe0, 0x8020) };
        let bottom = self.line_px() as usize - 3;
        rows[2..bottom].fill(ends);
        (rows[2], rows[bottom]) = (across, across);
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
    pub fn width_px(self, letters: &mut dyn Iterator<Item = char>) -> u32 {
        letters.map(|letter| self.advance_px(letter)).fold(0, u32::saturating_add)
    }

    /// The width of a line of text, in lamps.
    #[must_use]
    pub fn text_px(self, line: &str) -> u32 {
        self.width_px(&mut text::letters(line))
    }

    /// Whether these letters are no worse than the small ones: what neither font has is a box in both.
    #[must_use]
    pub fn suits(self, text: &str) -> bool {
        self.font == Font::Small || missing(text, self.font).next().is_none()
    }

    /// Draws letters from a top left corner on, cut at the target's edges.
    pub(crate) fn draw(
        self,
        letters: &mut dyn Iterator<Item = char>,
        (left_px, top_px): (i32, i32),
        ink: Rgb888,
        target: &mut dyn Lamps,
    ) {
        let board = target.bounds();
        let (first_px, end_px) = (board.top_left.x, board.top_left.x.saturating_add_unsigned(board.size.width));
        let below_px = board.top_left.y.saturating_add_unsigned(board.size.height);
        if top_px >= below_px || top_px.saturating_add_unsigned(self.line_px()) <= board.top_left.y {
            return;
        }
        let mut x = left_px;
        for letter in letters {
            let next = x.saturating_add_unsigned(self.advance_px(letter));
            if x >= end_px {
                break;
            }
            if next > first_px {
                self.draw_letter(letter, (x, top_px), ink, target);
            }
            x = next;
        }
    }

    #[inline(never)]
    fn draw_letter(self, letter: char, (left_px, top_px): (i32, i32), ink: Rgb888, target: &mut dyn Lamps) {
        let scale = u32::from(self.scale);
        for (row, y) in self.font.rows(letter).into_iter().zip(0_u32..) {
            let mut left = u32::from(row) << 16;
            while left != 0 {
                // Lamps side by side at once.
                let x = left.leading_zeros();
                let count = (left << x).leading_ones();
                let (x_px, y_px) = (left_px + (x * scale) as i32, top_px + (y * scale) as i32);
                target.fill(rectangle(x_px, y_px, count * scale, scale), ink);
                left &= u32::MAX >> (x + count);
            }
        }
    }
}

/// The letters of `text` that `font` has no picture of; blanks and line breaks need none.
pub fn missing(text: &str, font: Font) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(move |letter| *letter != '\n' && !text::is_blank(*letter) && !font.has(*letter))
}

#[cfg(test)]
mod tests;
