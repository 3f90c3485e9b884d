//! What takes the faces of a board, and the one form in which they are given: rows of red, green and blue.
//!
//! It decides how lamps that know no colour look in colour, and what brightness does to a colour; nothing else. The
//! outputs are `picture.rs`, `terminal.rs` and those in `out/`, which is next.

use std::io;

use loa_domain::play::class::{Depth, Rotation};
use loa_host::clock::Reading;

use super::face::Face;
use crate::play::sequence::Voice;

/// The colour of a lit lamp on a board whose lamps have one colour: the amber of most of them.
pub const LAMP_RGB: [u8; 3] = [255, 176, 32];

/// A picture of red, green and blue, whoever drew it.
pub trait Pixels {
    /// Pixels in a row.
    fn width_px(&self) -> u32;
    /// Rows.
    fn height_px(&self) -> u32;
    /// The colour of a pixel; black outside of the picture.
    fn rgb(&self, x: u32, y: u32) -> [u8; 3];
    /// How bright the board is to be, 0 to 100. The colours are given at full brightness.
    fn brightness_percent(&self) -> u8 {
        100
    }
    /// Appends a row, three bytes a pixel: one call in place of many.
    fn row(&self, y: u32, to: &mut Vec<u8>) {
        for x in 0..self.width_px() {
            to.extend_from_slice(&self.rgb(x, y));
        }
    }
}

/// The lamps of a face as a picture: in their colours, or amber where they have only one; turned as the board hangs.
#[derive(Clone, Copy, Debug)]
pub struct Lamps<'a> {
    /// The lamps, as they are read.
    pub face: &'a Face,
    /// How the board hangs.
    pub rotation: Rotation,
    /// 0 to 100.
    pub brightness_percent: u8,
}

impl Lamps<'_> {
    /// Whether rows of the picture are columns of the face.
    fn is_on_its_side(&self) -> bool {
        matches!(self.rotation, Rotation::Quarter | Rotation::ThreeQuarters)
    }
}

impl Pixels for Lamps<'_> {
    fn width_px(&self) -> u32 {
        if self.is_on_its_side() { self.face.height_px() } else { self.face.width_px() }
    }

    fn height_px(&self) -> u32 {
        if self.is_on_its_side() { self.face.width_px() } else { self.face.height_px() }
    }

    fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
        // No board is larger than an i32.
        let (x, y) = (x as i32, y as i32);
        let (last_x, last_y) = (self.face.width_px() as i32 - 1, self.face.height_px() as i32 - 1);
        let (x, y) = match self.rotation {
            Rotation::None => (x, y),
            Rotation::Quarter => (y, last_y - x),
            Rotation::Half => (last_x - x, last_y - y),
            Rotation::ThreeQuarters => (last_x - y, x),
        };
        match self.face.depth() {
            Depth::Mono if self.face.is_lit(x, y) => LAMP_RGB,
            Depth::Mono => [0; 3],
            _ => self.face.rgb(x, y),
        }
    }

    fn brightness_percent(&self) -> u8 {
        self.brightness_percent
    }
}

/// A picture of three bytes a pixel, row after row, such as a frame of a video.
#[derive(Clone, Copy, Debug)]
pub struct Rgb24<'a> {
    /// Pixels in a row.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
    /// All rows; what is missing at the end is black.
    pub bytes: &'a [u8],
    /// 0 to 100.
    pub brightness_percent: u8,
}

impl Pixels for Rgb24<'_> {
    fn width_px(&self) -> u32 {
        self.width_px
    }

    fn height_px(&self) -> u32 {
        self.height_px
    }

    fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
        let start = (y as usize * self.width_px as usize + x as usize) * 3;
        let inside = x < self.width_px && y < self.height_px;
        let found = self.bytes.get(start..start + 3).filter(|_| inside);
        found.map_or([0; 3], |rgb| [rgb[0], rgb[1], rgb[2]])
    }

    fn brightness_percent(&self) -> u8 {
        self.brightness_percent
    }

    fn row(&self, y: u32, to: &mut Vec<u8>) {
        let length = self.width_px as usize * 3;
        let end = to.len() + length;
        let start = y as usize * length;
        let found = self.bytes.get(start..start + length).filter(|_| y < self.height_px);
        to.extend_from_slice(found.unwrap_or_default());
        to.resize(end, 0);
    }
}

/// A frame of a video in a drill: beside the room that is left for it stands the strip that says so.
#[derive(Clone, Copy, Debug)]
pub struct Marked<'a> {
    /// The frame.
    pub picture: Rgb24<'a>,
    /// The strip, where it stands.
    pub face: &'a Face,
    /// Pixels across and down, from the top left, that the strip leaves.
    pub room_px: (u32, u32),
}

impl Pixels for Marked<'_> {
    fn width_px(&self) -> u32 {
        self.picture.width_px
    }

    fn height_px(&self) -> u32 {
        self.picture.height_px
    }

    fn rgb(&self, x: u32, y: u32) -> [u8; 3] {
        if x < self.room_px.0 && y < self.room_px.1 {
            return self.picture.rgb(x, y);
        }
        // Videos are given as they are read, however the board hangs.
        let brightness_percent = self.picture.brightness_percent;
        Lamps { face: self.face, rotation: Rotation::None, brightness_percent }.rgb(x, y)
    }

    fn brightness_percent(&self) -> u8 {
        self.picture.brightness_percent
    }
}

/// A colour at a brightness of 0 to 100 percent.
#[must_use]
pub fn dimmed(value: u8, brightness_percent: u8) -> u8 {
    (u16::from(value) * u16::from(brightness_percent.min(100)) / 100) as u8
}

/// Whether a picture has one colour besides black at most, and so can be told as lit and dark.
#[must_use]
pub fn is_plain(pixels: &dyn Pixels) -> bool {
    let (mut row, mut lit) = (Vec::new(), None);
    (0..pixels.height_px()).all(|y| {
        row.clear();
        pixels.row(y, &mut row);
        row.chunks_exact(3).all(|rgb| rgb == [0; 3] || *lit.get_or_insert([rgb[0], rgb[1], rgb[2]]) == *rgb)
    })
}

/// A face that is due now.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// What it looks like.
    pub pixels: &'a dyn Pixels,
    /// The slide it is of; none for the quiet face.
    pub voice: Option<Voice>,
    /// When.
    pub now: Reading,
    /// One of the many faces of a ticker or a video on its way: an output that is slow may leave some out.
    pub is_running: bool,
}

/// Takes faces.
pub trait Output: Send {
    /// Shows the face until the next one.
    ///
    /// # Errors
    /// When it cannot be seen. The board asks again at least once a second, and does not count the time as shown.
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()>;

    /// Whether a face must be given again once a second although it is the same: what is behind the output forgets it,
    /// or may not have got it.
    fn forgets(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::face::dark;
    use loa_domain::play::class::BoardClass;

    fn face(depth: Depth) -> Face {
        let mut face = dark(&BoardClass::new(17, 16, depth).unwrap());
        face.set(3, 1, 1);
        face
    }

    #[test]
    fn a_face_of_one_colour_is_amber_on_black_and_its_rows_say_the_same_as_its_pixels() {
        let face = face(Depth::Mono);
        let lamps = Lamps { face: &face, rotation: Rotation::None, brightness_percent: 40 };
        assert_eq!((lamps.rgb(3, 1), lamps.rgb(2, 1), lamps.rgb(99, 1)), (LAMP_RGB, [0; 3], [0; 3]));
        let mut row = vec![7];
        lamps.row(1, &mut row);
        assert_eq!((row.len(), &row[10..13]), (1 + 51, &LAMP_RGB[..]));
        assert!(is_plain(&lamps));
    }

    #[test]
    fn a_face_of_colours_keeps_them() {
        let face = face(Depth::RedGreen);
        let lamps = Lamps { face: &face, rotation: Rotation::None, brightness_percent: 100 };
        assert_eq!(lamps.rgb(3, 1), [0, 255, 0]);
    }

    #[test]
    fn a_board_that_hangs_otherwise_is_told_each_lamp_where_it_then_is() {
        let face = face(Depth::Mono);
        let place = |rotation| {
            let lamps = Lamps { face: &face, rotation, brightness_percent: 100 };
            let all = (0..lamps.height_px()).flat_map(|y| (0..lamps.width_px()).map(move |x| (x, y)));
            let lit: Vec<_> = all.filter(|(x, y)| lamps.rgb(*x, *y) == LAMP_RGB).collect();
            (lamps.width_px(), lamps.height_px(), lit)
        };
        assert_eq!(place(Rotation::None), (17, 16, vec![(3, 1)]));
        assert_eq!(place(Rotation::Quarter), (16, 17, vec![(14, 3)]));
        assert_eq!(place(Rotation::Half), (17, 16, vec![(13, 14)]));
        assert_eq!(place(Rotation::ThreeQuarters), (16, 17, vec![(1, 13)]));
    }

    #[test]
    fn a_frame_of_a_video_that_is_cut_short_ends_in_black_and_has_nothing_beside_it() {
        let bytes: Vec<u8> = (1..=10).collect();
        let frame = Rgb24 { width_px: 2, height_px: 2, bytes: &bytes, brightness_percent: 100 };
        assert_eq!((frame.rgb(1, 0), frame.rgb(0, 1), frame.rgb(1, 1)), ([4, 5, 6], [7, 8, 9], [0; 3]));
        assert_eq!(frame.rgb(2, 0), [0; 3]);
        let mut rows = Vec::new();
        (0..3).for_each(|y| frame.row(y, &mut rows));
        assert_eq!((rows.len(), &rows[..6], &rows[6..]), (18, &bytes[..6], &[0; 12][..]));
        assert!(!is_plain(&frame));
    }

    #[test]
    fn a_video_in_a_drill_leaves_the_strip_alone() {
        let bytes = [200; 17 * 16 * 3];
        let picture = Rgb24 { width_px: 17, height_px: 16, bytes: &bytes, brightness_percent: 100 };
        let mut face = face(Depth::Mono);
        face.set(3, 9, 1);
        let marked = Marked { picture, face: &face, room_px: (17, 8) };
        assert_eq!((marked.rgb(3, 1), marked.rgb(3, 9), marked.rgb(4, 9)), ([200; 3], LAMP_RGB, [0; 3]));
        let mut row = Vec::new();
        marked.row(9, &mut row);
        assert_eq!(row[9..12], LAMP_RGB);
    }

    #[test]
    fn brightness_takes_its_share_of_a_colour_and_never_adds_to_it() {
        assert_eq!([dimmed(255, 100), dimmed(255, 50), dimmed(10, 0), dimmed(200, 255)], [255, 127, 0, 200]);
    }
}
