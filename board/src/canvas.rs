//! A canvas: the lamps of a board in memory, as many bits each as the board's lamps have.
//!
//! Row after row from the top, each in whole bytes, the leftmost lamp in the highest bits; what is left of a row's last
//! byte is zero. So equal faces are equal bytes, and their SHA-256 is the face's name in proofs. Who owns the bytes is
//! up to the program. What is drawn is decided in `draw.rs`. Next: `ink.rs`.

use core::convert::Infallible;
use core::fmt;

use loa_domain::id::Hash;
use loa_domain::play::class::Depth;

use crate::ink;
use crate::shape::{DrawTarget, OriginDimensions, Pixel, Point, Rectangle, Rgb888, RgbColor, Size};

/// A canvas over bytes that lie somewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Canvas<B> {
    width_px: u32,
    height_px: u32,
    depth: Depth,
    bytes: B,
}

/// How many bytes a canvas takes.
#[must_use]
pub const fn bytes_of(width_px: u32, height_px: u32, depth: Depth) -> usize {
    depth.row_bytes(width_px) as usize * height_px as usize
}

impl<B: AsRef<[u8]>> Canvas<B> {
    /// A canvas over `bytes`, with whatever stands there; none when they are not just as many as it takes.
    #[must_use]
    pub fn over(width_px: u32, height_px: u32, depth: Depth, bytes: B) -> Option<Self> {
        let fits = bytes.as_ref().len() == bytes_of(width_px, height_px, depth);
        fits.then_some(Self { width_px, height_px, depth, bytes })
    }

    /// Lamps in a row.
    #[must_use]
    pub fn width_px(&self) -> u32 {
        self.width_px
    }

    /// Rows.
    #[must_use]
    pub fn height_px(&self) -> u32 {
        self.height_px
    }

    /// What a lamp can show.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// All lamps.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The SHA-256 of [`Canvas::bytes`].
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.bytes.as_ref())
    }

    /// What a lamp is told ([`ink::level`]); zero outside of the board.
    #[must_use]
    pub fn level(&self, x: i32, y: i32) -> u32 {
        let Some((byte, shift)) = self.place(x, y) else { return 0 };
        let at = |ahead: usize| u32::from(self.bytes.as_ref().get(byte + ahead).copied().unwrap_or_default());
        match self.depth {
            Depth::Mono => at(0) >> shift & 1,
            Depth::RedGreen => at(0) >> shift & 3,
            Depth::Grey16 => at(0) >> shift & 15,
            Depth::Rgb565 => at(0) << 8 | at(1),
            Depth::Rgb888 => at(0) << 16 | at(1) << 8 | at(2),
        }
    }

    /// The colour of a lamp: red, green, blue; black outside of the board.
    #[must_use]
    pub fn rgb(&self, x: i32, y: i32) -> [u8; 3] {
        let colour = ink::colour(self.level(x, y), self.depth);
        [colour.r(), colour.g(), colour.b()]
    }

    /// Whether a lamp shows anything.
    #[must_use]
    pub fn is_lit(&self, x: i32, y: i32) -> bool {
        self.level(x, y) != 0
    }

    /// The first byte of a lamp, and by how much its bits are shifted there.
    fn place(&self, x: i32, y: i32) -> Option<(usize, u32)> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        let bits = self.depth.bits();
        let first_bit = x * bits;
        let shift = if bits < 8 { 8 - bits - first_bit % 8 } else { 0 };
        let inside = x < self.width_px && y < self.height_px;
        inside.then_some(((y * self.depth.row_bytes(self.width_px) + first_bit / 8) as usize, shift))
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Canvas<B> {
    /// Puts out every lamp.
    pub fn clear(&mut self) {
        self.bytes.as_mut().fill(0);
    }

    /// Tells a lamp what to show ([`ink::level`]); outside of the board nothing happens.
    pub fn set(&mut self, x: i32, y: i32, level: u32) {
        let Some((byte, shift)) = self.place(x, y) else { return };
        let (depth, bits) = (self.depth, self.depth.bits());
        let Some(bytes) = self.bytes.as_mut().get_mut(byte..byte + bits.div_ceil(8) as usize) else { return };
        match (depth, bytes) {
            (Depth::Rgb565, [high, low]) => (*high, *low) = ((level >> 8) as u8, level as u8),
            (Depth::Rgb888, [r, g, b]) => (*r, *g, *b) = ((level >> 16) as u8, (level >> 8) as u8, level as u8),
            (_, [packed]) => {
                let mask = ((1_u32 << bits) - 1) << shift;
                *packed = (u32::from(*packed) & !mask | level << shift & mask) as u8;
            }
            _ => {}
        }
    }
}

impl<B> OriginDimensions for Canvas<B> {
    fn size(&self) -> Size {
        Size::new(self.width_px, self.height_px)
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> DrawTarget for Canvas<B> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, color) in pixels {
            self.set(at.x, at.y, ink::level(color, self.depth));
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let Point { x, y } = area.top_left;
        let (right, bottom) = (x.saturating_add_unsigned(area.size.width), y.saturating_add_unsigned(area.size.height));
        let level = ink::level(color, self.depth);
        for y in y.max(0)..bottom.min(self.height_px as i32) {
            for x in x.max(0)..right.min(self.width_px as i32) {
                self.set(x, y, level);
            }
        }
        Ok(())
    }
}

/// Rows of characters: `.` is dark; boards of one colour have `#`, of two `r`, `g` and `y`, others a hexadecimal digit for
/// the brightness.
impl<B: AsRef<[u8]>> fmt::Display for Canvas<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for y in 0..self.height_px as i32 {
            for x in 0..self.width_px as i32 {
                let level = self.level(x, y);
                let letter = match (self.depth, level) {
                    (_, 0) => '.',
                    (Depth::Mono, _) => '#',
                    (Depth::RedGreen, level) => ['.', 'g', 'r', 'y'][level as usize % 4],
                    (depth, level) => {
                        let bright = u32::from(ink::brightness(ink::colour(level, depth))) * 15 / 255;
                        char::from_digit(bright, 16).unwrap_or('?')
                    }
                };
                fmt::Write::write_char(f, letter)?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

impl<B: AsRef<[u8]>> fmt::Debug for Canvas<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} {}:\n{self}", self.width_px, self.height_px, self.depth.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::rectangle;
    use std::vec;
    use std::vec::Vec;

    fn dark(width_px: u32, height_px: u32, depth: Depth) -> Canvas<Vec<u8>> {
        Canvas::over(width_px, height_px, depth, vec![0; bytes_of(width_px, height_px, depth)]).expect("as many")
    }

    #[test]
    fn lamps_outside_of_the_board_are_not_lit_and_do_not_wrap_around() {
        for depth in Depth::ALL {
            let mut canvas = dark(20, 16, depth);
            for (x, y) in [(-1, 0), (20, 0), (0, -1), (0, 16), (i32::MIN, i32::MAX)] {
                canvas.set(x, y, 1);
                assert!(!canvas.is_lit(x, y));
            }
            assert!(canvas.bytes().iter().all(|byte| *byte == 0));
        }
        let mut canvas = dark(20, 16, Depth::Mono);
        let Ok(()) = canvas.fill_solid(&rectangle(18, 14, 100, 100), Rgb888::WHITE);
        assert_eq!(canvas.bytes()[14 * 3..], [0, 0, 0x30, 0, 0, 0x30]);
    }

    #[test]
    fn a_lamp_keeps_what_it_is_told_and_its_neighbours_keep_theirs() {
        for depth in Depth::ALL {
            let mut canvas = dark(17, 16, depth);
            let most = (1_u64 << depth.bits()) - 1;
            let told = |x: i32, y: i32| (x as u64 * 7 + y as u64 * 31 + 1).wrapping_mul(0x9e37_79b9) & most;
            for (x, y) in (0..17).flat_map(|x| (0..16).map(move |y| (x, y))) {
                canvas.set(x, y, told(x, y) as u32);
            }
            for (x, y) in (0..17).flat_map(|x| (0..16).map(move |y| (x, y))) {
                assert_eq!(u64::from(canvas.level(x, y)), told(x, y), "{depth:?} {x} {y}");
            }
        }
    }

    #[test]
    fn filling_and_setting_lamp_by_lamp_are_the_same() {
        for depth in Depth::ALL {
            let (mut filled, mut set) = (dark(21, 16, depth), dark(21, 16, depth));
            let area = rectangle(3, -2, 15, 9);
            let Ok(()) = filled.fill_solid(&area, Rgb888::new(200, 90, 220));
            let lamps = (3..18).flat_map(|x| (-2..7).map(move |y| Pixel(Point::new(x, y), Rgb888::new(200, 90, 220))));
            let Ok(()) = set.draw_iter(lamps);
            assert_eq!(filled, set);
        }
    }

    #[test]
    fn the_hash_names_the_pattern_of_the_lamps() {
        let mut canvas = dark(16, 16, Depth::Mono);
        assert_eq!(canvas.hash(), Hash::of(&[0; 32]));
        canvas.set(15, 0, 1);
        let mut rows = [0; 32];
        rows[1] = 1;
        assert_eq!(canvas.hash(), Hash::of(&rows));
        assert!(Canvas::over(16, 16, Depth::Mono, [0; 33]).is_none());
    }
}
