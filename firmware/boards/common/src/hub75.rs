//! Panels of lamps behind a HUB75 plug: rows as they are drawn, and how bright all of it is.
//!
//! Such a panel lights a row for as long as its output is enabled, while the next one is shifted in. Enabled for a part of
//! that time it is darker, in every plane by the same share, so that colours stay what they are. Frames are those of
//! `hub75_framebuffer::bitplane::plain`: words of 16 bits, one for each column of two rows; their bits are the pins.

use loa_board::shape::{DrawTarget, Pixel, Point, Rgb888};
use loa_firmware::paint::Rows;

/// Puts rows onto a frame, the first of them `top_px` from its top.
pub fn put<F: DrawTarget<Color = Rgb888>>(frame: &mut F, top_px: u32, rows: &Rows<'_>) -> Result<(), F::Error> {
    let places = (0..rows.height_px() as i32).flat_map(|y| (0..rows.width_px() as i32).map(move |x| (x, y)));
    let lamps = places.map(|(x, y)| {
        let [red, green, blue] = rows.rgb(x, y);
        Pixel(Point::new(x, y + top_px as i32), Rgb888::new(red, green, blue))
    });
    frame.draw_iter(lamps)
}

/// How a frame's words are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Words of a row.
    pub across: usize,
    /// So many of them at its beginning never light: the row before fades.
    pub before: usize,
    /// The bit that is set where the output is not enabled.
    pub dark: u16,
}

impl Words {
    /// Makes a frame so bright, in percent of the most, whatever is on it. Anything but nothing lights.
    pub fn dim(self, frame: &mut [u16], percent: u8) {
        // With the last word the panel takes the row over.
        let most = self.across.saturating_sub(self.before + 1);
        let lit = (most * usize::from(percent.min(100))).div_ceil(100);
        for row in frame.chunks_mut(self.across.max(1)) {
            for (at, word) in row.iter_mut().enumerate() {
                let is_lit = (self.before..self.before + lit).contains(&at);
                *word = if is_lit { *word & !self.dark } else { *word | self.dark };
            }
        }
    }
}

#[cfg(test)]
#[allow(unsafe_code, reason = "a frame shows its words to nobody but the panel")]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use hub75_framebuffer::bitplane::plain::DmaFrameBuffer;
    use hub75_framebuffer::compute_rows;
    use hub75_framebuffer::pinmap::PINMAP;
    use loa_board::canvas::{Canvas, bytes_of};
    use loa_domain::class::Depth;

    use super::*;

    const ACROSS: usize = 128;
    const PLANES: usize = 6;
    const WORDS: Words = Words { across: ACROSS, before: 4, dark: PINMAP.oe_mask() };

    type Frame = DmaFrameBuffer<{ compute_rows(64) }, ACROSS, PLANES>;

    /// A frame with an orange lamp in its 22nd row, as the panel is given it.
    fn frame() -> Vec<u16> {
        let mut bytes = [0; ACROSS * 4 * 2];
        assert_eq!(bytes.len(), bytes_of(ACROSS as u32, 4, Depth::Rgb565));
        let mut rows = Canvas::over(ACROSS as u32, 4, Depth::Rgb565, &mut bytes[..]).expect("as many bytes");
        let Ok(()) = rows.draw_iter([Pixel(Point::new(9, 1), Rgb888::new(255, 128, 0))]);
        let mut frame = Frame::new();
        let Ok(()) = put(&mut frame, 20, &rows);
        // SAFETY: a frame is words of 16 bits and nothing else (`repr(C)`), as many as fit its size.
        let words = unsafe { core::slice::from_raw_parts((&raw const frame).cast::<u16>(), size_of::<Frame>() / 2) };
        words.to_vec()
    }

    fn colours(frame: &[u16]) -> Vec<u16> {
        frame.iter().map(|word| word & !WORDS.dark).collect()
    }

    /// How many words of each row light, and how many of them there are to each number.
    fn lit(frame: &[u16]) -> Vec<usize> {
        let mut lit: Vec<_> =
            frame.chunks(ACROSS).map(|row| row.iter().filter(|word| **word & WORDS.dark == 0).count()).collect();
        lit.dedup();
        lit
    }

    #[test]
    fn a_lamp_stands_where_it_was_drawn_in_the_planes_of_its_colour() {
        let frame = frame();
        let plane = |plane: usize| frame[(plane * 32 + 21) * ACROSS + 9];
        let red = (0..PLANES).filter(|at| plane(*at) & 1 << PINMAP.red0 != 0).count();
        let green: Vec<_> = (0..PLANES).filter(|at| plane(*at) & 1 << PINMAP.grn0 != 0).collect();
        assert_eq!((red, green.last()), (PLANES, Some(&(PLANES - 1))), "all of red, half of green");
        assert_eq!(frame.iter().filter(|word| **word & 0x3f != 0).count(), PLANES, "and nowhere else");
    }

    #[test]
    fn the_most_is_what_a_new_frame_has() {
        let new = frame();
        let mut full = new.clone();
        WORDS.dim(&mut full, 3);
        assert_ne!(full, new);
        WORDS.dim(&mut full, 100);
        assert_eq!(full, new);
    }

    #[test]
    fn each_row_of_each_plane_is_lit_for_the_share_that_was_asked_and_keeps_its_colours() {
        for (percent, columns) in [(0, 0), (1, 2), (50, 62), (99, 122), (100, 123), (200, 123)] {
            let mut frame = frame();
            let before = colours(&frame);
            WORDS.dim(&mut frame, percent);
            assert_eq!(lit(&frame), [columns], "{percent} %");
            assert_eq!(colours(&frame), before, "{percent} %");
        }
    }

    #[test]
    fn a_row_without_room_for_light_stays_dark() {
        for across in 0..6 {
            let mut frame = [0; 12];
            Words { across, before: 4, dark: 1 }.dim(&mut frame, 100);
            let lit = frame.iter().filter(|word| **word == 0).count();
            assert_eq!(lit, 0, "{across} words in a row");
        }
    }
}
