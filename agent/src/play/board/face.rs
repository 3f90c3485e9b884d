//! A board's face: its lamps, on or off, and what their pattern is called (its hash).
//!
//! The only file that names `embedded_graphics`: a face is a target for it, and the two shapes drawn besides letters
//! are drawn through it. What is drawn where is decided in `layout.rs`. Next: `font.rs`.

use std::convert::Infallible;

pub(super) use embedded_graphics::pixelcolor::BinaryColor;
pub(super) use embedded_graphics::prelude::Point;
use embedded_graphics::prelude::{DrawTarget, OriginDimensions, Pixel, Primitive, Size};
use embedded_graphics::primitives::{PrimitiveStyle, Rectangle, StyledDrawable};
use loa_domain::id::Hash;

/// The lowest board that one line of the smallest letters fits on, in lamps.
const HEIGHT_MIN_PX: u32 = 16;
/// The narrowest board: two letters.
const WIDTH_MIN_PX: u32 = 16;
/// The largest board either way, in lamps: far above any that one small computer drives.
const SIDE_MAX_PX: u32 = 2_048;

/// How many lamps a board has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardSize {
    width_px: u32,
    height_px: u32,
}

/// A size that no board has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a board of {width_px} by {height_px} lamps: from {WIDTH_MIN_PX} by {HEIGHT_MIN_PX} to {SIDE_MAX_PX} by \
     {SIDE_MAX_PX} are possible"
)]
pub struct BadSize {
    /// Lamps in a row.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
}

impl BoardSize {
    /// A board of `width_px` by `height_px` lamps.
    ///
    /// # Errors
    /// Below 16 by 16 no letter fits; above 2048 by 2048 it is a mistake.
    pub fn new(width_px: u32, height_px: u32) -> Result<Self, BadSize> {
        let fits =
            (WIDTH_MIN_PX..=SIDE_MAX_PX).contains(&width_px) && (HEIGHT_MIN_PX..=SIDE_MAX_PX).contains(&height_px);
        if fits { Ok(Self { width_px, height_px }) } else { Err(BadSize { width_px, height_px }) }
    }

    /// Lamps in a row.
    #[must_use]
    pub fn width_px(self) -> u32 {
        self.width_px
    }

    /// Rows.
    #[must_use]
    pub fn height_px(self) -> u32 {
        self.height_px
    }
}

/// All lamps of a board.
#[derive(Clone, PartialEq, Eq)]
pub struct Face {
    size: BoardSize,
    rows: Vec<u8>,
}

impl Face {
    /// A dark board.
    #[must_use]
    pub fn dark(size: BoardSize) -> Self {
        let bytes = size.width_px.div_ceil(8) * size.height_px;
        Self { size, rows: vec![0; bytes as usize] }
    }

    /// How many lamps.
    #[must_use]
    pub fn size(&self) -> BoardSize {
        self.size
    }

    /// Row after row from the top, each in whole bytes, the leftmost lamp in the highest bit; what is left of a row's
    /// last byte is zero.
    #[must_use]
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }

    /// The SHA-256 of [`Face::rows`].
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&self.rows)
    }

    /// Whether the lamp is lit; outside of the board none is.
    #[must_use]
    pub fn is_lit(&self, x: i32, y: i32) -> bool {
        self.place(x, y).is_some_and(|(byte, bit)| self.rows[byte] & bit != 0)
    }

    /// Lights a lamp or puts it out; outside of the board nothing happens.
    pub fn set(&mut self, x: i32, y: i32, lit: bool) {
        if let Some((byte, bit)) = self.place(x, y) {
            if lit {
                self.rows[byte] |= bit;
            } else {
                self.rows[byte] &= !bit;
            }
        }
    }

    /// Lights a rectangle, cut at the board's edges.
    pub(super) fn bar(&mut self, left_px: i32, top_px: i32, width_px: u32, height_px: u32) {
        self.rectangle(left_px, top_px, width_px, height_px, PrimitiveStyle::with_fill(BinaryColor::On));
    }

    /// Lights the outline of a rectangle, one lamp thick, within it.
    pub(super) fn outline(&mut self, left_px: i32, top_px: i32, width_px: u32, height_px: u32) {
        let style = PrimitiveStyle::with_stroke(BinaryColor::On, 1);
        self.rectangle(left_px, top_px, width_px, height_px, style);
    }

    fn rectangle(&mut self, left: i32, top: i32, width: u32, height: u32, style: PrimitiveStyle<BinaryColor>) {
        let shape = Rectangle::new(Point::new(left, top), Size::new(width, height)).into_styled(style);
        let Ok(()) = shape.primitive.draw_styled(&shape.style, self);
    }

    /// Lights every lamp that is lit on `small`, each as a square of `scale` lamps, from `left_px`, `top_px` on.
    pub(super) fn enlarge(&mut self, small: &Face, left_px: i32, top_px: i32, scale: u32) {
        let step = scale as i32;
        for y in 0..small.size.height_px as i32 {
            for x in (0..small.size.width_px as i32).filter(|x| small.is_lit(*x, y)) {
                self.bar(left_px + x * step, top_px + y * step, scale, scale);
            }
        }
    }

    fn place(&self, x: i32, y: i32) -> Option<(usize, u8)> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        let inside = x < self.size.width_px && y < self.size.height_px;
        let byte = y as usize * self.size.width_px.div_ceil(8) as usize + x as usize / 8;
        inside.then_some((byte, 0x80 >> (x % 8)))
    }
}

impl OriginDimensions for Face {
    fn size(&self) -> Size {
        Size::new(self.size.width_px, self.size.height_px)
    }
}

impl DrawTarget for Face {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, color) in pixels {
            self.set(at.x, at.y, color.is_on());
        }
        Ok(())
    }
}

/// Rows of `#` (lit) and `.` (dark).
impl std::fmt::Display for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for y in 0..self.size.height_px as i32 {
            let row = (0..self.size.width_px as i32).map(|x| if self.is_lit(x, y) { '#' } else { '.' });
            writeln!(f, "{}", row.collect::<String>())?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a face of {} x {}:\n{self}", self.size.width_px, self.size.height_px)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_on_which_no_letter_fits_is_refused() {
        assert!(BoardSize::new(16, 16).is_ok());
        for (width, height) in [(15, 16), (16, 15), (0, 0), (2_049, 16), (64, 1 << 31)] {
            assert!(BoardSize::new(width, height).is_err(), "{width} x {height}");
        }
    }

    #[test]
    fn lamps_outside_of_the_board_are_not_lit_and_do_not_wrap_around() {
        let mut face = Face::dark(BoardSize::new(20, 16).unwrap());
        for (x, y) in [(-1, 0), (20, 0), (0, -1), (0, 16), (i32::MIN, i32::MAX)] {
            face.set(x, y, true);
            assert!(!face.is_lit(x, y));
        }
        assert!(face.rows().iter().all(|byte| *byte == 0));
        face.bar(18, 14, 100, 100);
        assert_eq!(face.rows()[14 * 3..], [0, 0, 0x30, 0, 0, 0x30]);
    }

    #[test]
    fn the_hash_names_the_pattern_of_the_lamps() {
        let mut face = Face::dark(BoardSize::new(16, 16).unwrap());
        assert_eq!(face.hash(), Hash::of(&[0; 32]));
        face.set(15, 0, true);
        let mut rows = [0; 32];
        rows[1] = 1;
        assert_eq!(face.hash(), Hash::of(&rows));
    }
}
