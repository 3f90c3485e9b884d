//! A slide as it travels: what is to be seen, for boards to draw.
//!
//! Laid out by the board that shows it: how, is decided in the crate `board`. Texts are in NFC: boards' fonts have no
//! combining marks. A slide's bytes are its CBOR, and behind it the rows of its pictures, which nothing has to hold in
//! memory at once. What kind of board it is shown on is `class.rs`.

use crate::class::Depth;
use crate::time::UtcMs;
use crate::timetable::audience::Language;
use crate::wire::{Bytes, Decode, Encode, List, Reader, Text, WireError};

/// Bytes of a title at most.
pub const TITLE_BYTES: usize = 120;
/// Bytes of a text at most.
pub const BODY_BYTES: usize = 600;
/// Bytes in a code to scan at most: version 10 with medium correction.
pub const CODE_BYTES: usize = 213;
/// Squares of such a code either way.
pub const CODE_SIDE: u8 = 57;
const CODE_BITS_BYTES: usize = (CODE_SIDE as usize * CODE_SIDE as usize).div_ceil(8);
/// Kinds of boards that one picture is made for at most.
pub const RENDITIONS: usize = 4;
/// Frames of a moving picture at most.
pub const FRAMES: u16 = 64;
/// Bytes of a slide's CBOR at most, its pictures not counted.
pub const HEAD_BYTES: usize = TITLE_BYTES + BODY_BYTES + CODE_BITS_BYTES + RENDITIONS * 24 + 64;

/// A slide. For how long it shows stands in the order that airs it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Slide {
    /// A short line above; may be empty.
    #[n(0)]
    pub title: Text<TITLE_BYTES>,
    /// The text; lines are broken where they must be, and where it says so.
    #[n(1)]
    pub body: Text<BODY_BYTES>,
    /// Its language.
    #[n(2)]
    pub language: Language,
    /// Its looks; none for those of the board.
    #[n(3)]
    pub look: Option<Look>,
    /// What it shows besides its text.
    #[n(4)]
    pub shows: Option<Shows>,
}

/// How a slide looks, as far as the board can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Look {
    /// Colour of the title.
    #[n(0)]
    pub title: Option<Colour>,
    /// Colour of the text.
    #[n(1)]
    pub body: Option<Colour>,
    /// Colour behind both.
    #[n(2)]
    pub ground: Option<Colour>,
    /// At which side lines stand; none for what suits the layout.
    #[n(3)]
    pub side: Option<Side>,
    /// Whether all of it runs through in one line, on boards of more than one line too.
    #[n(4)]
    pub runs: Option<bool>,
    /// How it takes the place of what was up before; none for at once.
    #[n(5)]
    pub enters: Option<Enters>,
}

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Colour {
    /// Red.
    #[n(0)]
    pub red: u8,
    /// Green.
    #[n(1)]
    pub green: u8,
    /// Blue.
    #[n(2)]
    pub blue: u8,
}

/// At which side of its area a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Side {
    /// At the left.
    #[n(0)]
    Left,
    /// In the middle.
    #[n(1)]
    Middle,
    /// At the right.
    #[n(2)]
    Right,
}

/// How a slide takes the place of what was up before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Enters {
    /// From left to right, column by column.
    #[n(0)]
    Wipe,
    /// From below, row by row.
    #[n(1)]
    Rise,
    /// Lamp by lamp, evenly spread.
    #[n(2)]
    Dissolve,
}

/// What a slide shows besides its text.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[expect(clippy::large_enum_variant, reason = "there is no allocator to put the squares of a code elsewhere")]
pub enum Shows {
    /// A picture, made for some kinds of boards; boards take the one that suits them best.
    #[n(0)]
    Picture {
        /// At least one.
        #[n(0)]
        renditions: List<Rendition, RENDITIONS>,
    },
    /// The time of day.
    #[n(1)]
    Clock,
    /// How long it is until an instant.
    #[n(2)]
    Countdown {
        /// The instant.
        #[n(0)]
        to: UtcMs,
    },
    /// A code to scan (ISO/IEC 18004).
    #[n(3)]
    Code {
        /// Its squares.
        #[n(0)]
        squares: Squares,
    },
}

/// The squares of a code to scan. The desk makes them: a board would need 6 KB of program for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Squares {
    /// How many there are either way, 21 to [`CODE_SIDE`].
    #[n(0)]
    side: u8,
    /// Row after row from the top left, a bit for each, the highest first.
    #[n(1)]
    bits: Bytes<CODE_BITS_BYTES>,
}

impl Squares {
    /// The squares of a code with so many either way, of which `is_dark` tells by column and row. None when it is larger
    /// than may be.
    #[must_use]
    pub fn of(side: u8, is_dark: impl Fn(u8, u8) -> bool) -> Option<Self> {
        let mut bits = [0; CODE_BITS_BYTES];
        for (at, (row, column)) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))).enumerate() {
            *bits.get_mut(at / 8)? |= u8::from(is_dark(column, row)) << (7 - at % 8);
        }
        let length = (usize::from(side) * usize::from(side)).div_ceil(8);
        Some(Self { side, bits: Bytes::new(bits.get(..length)?)? })
    }

    /// How many there are either way.
    #[must_use]
    pub fn side(&self) -> u8 {
        self.side
    }

    /// Whether the one in this column of this row is dark. Outside there is light.
    #[must_use]
    pub fn is_dark(&self, column: u8, row: u8) -> bool {
        let at = usize::from(row) * usize::from(self.side) + usize::from(column);
        column < self.side && self.bits.get(at / 8).is_some_and(|bits| bits << (at % 8) & 0x80 != 0)
    }
}

/// A picture made for a kind of board. Its data stand behind the slide's CBOR: first how long each frame stands, in
/// milliseconds (two bytes each, big-endian), then frame after frame its rows, as a canvas of that depth has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rendition {
    /// Lamps in a row.
    #[n(0)]
    pub width_px: u16,
    /// Rows.
    #[n(1)]
    pub height_px: u16,
    /// What a lamp can show.
    #[n(2)]
    pub depth: Depth,
    /// Frames: one for a still picture.
    #[n(3)]
    pub frames: u16,
    /// Where its data begin, in bytes from the end of the CBOR.
    #[n(4)]
    pub offset: u32,
}

impl Rendition {
    /// Bytes of one frame.
    #[must_use]
    pub fn frame_bytes(&self) -> u32 {
        self.depth.row_bytes(u32::from(self.width_px)).saturating_mul(u32::from(self.height_px))
    }

    /// Bytes of all of its data.
    #[must_use]
    pub fn bytes(&self) -> u32 {
        let frames = u32::from(self.frames);
        frames.saturating_mul(self.frame_bytes()).saturating_add(frames.saturating_mul(2))
    }

    /// Whether it has a lamp and a frame, and not more frames than a picture may have.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.width_px > 0 && self.height_px > 0 && (1..=FRAMES).contains(&self.frames)
    }
}

impl Slide {
    /// A slide of text.
    #[must_use]
    pub fn of_text(title: Text<TITLE_BYTES>, body: Text<BODY_BYTES>, language: Language) -> Self {
        Self { title, body, language, look: None, shows: None }
    }

    /// The slide at the front of `bytes`, which may be cut behind [`HEAD_BYTES`]; gives where its pictures begin.
    ///
    /// # Errors
    /// When it is no slide.
    pub fn read(bytes: &[u8]) -> Result<(Self, usize), WireError> {
        let mut reader = Reader::new(bytes);
        let mut slide = Self::blank();
        slide.read(&mut reader);
        Ok((slide, reader.end()?))
    }

    /// Whether it is a clock or a countdown: its face is the time.
    #[must_use]
    pub fn shows_time(&self) -> bool {
        matches!(self.shows, Some(Shows::Clock | Shows::Countdown { .. }))
    }

    /// Whether `data_bytes` bytes behind the CBOR are exactly the data of its pictures.
    #[must_use]
    pub fn fits(&self, data_bytes: u32) -> bool {
        let Some(Shows::Picture { renditions }) = &self.shows else { return data_bytes == 0 };
        let mut end = 0;
        let in_order = renditions.iter().all(|rendition| {
            let follows = rendition.offset == end && rendition.is_sound();
            end = end.saturating_add(rendition.bytes());
            follows
        });
        in_order && !renditions.is_empty() && end == data_bytes
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire;

    fn text() -> Slide {
        let words = |words| Text::new(words).expect("short");
        Slide::of_text(Text::new("Tin").expect("short"), Text::new("mời họp").expect("short"), words("vi"))
    }

    fn rendition(offset: u32) -> Rendition {
        Rendition { width_px: 10, height_px: 3, depth: Depth::Mono, frames: 2, offset }
    }

    #[test]
    fn a_slide_of_text_alone_has_the_bytes_that_it_always_had() {
        let bytes = wire::encode(&text());
        assert_eq!(bytes[0], 0x83, "an array of three");
        assert_eq!(Slide::read(&bytes), Ok((text(), bytes.len())));
    }

    #[test]
    fn the_longest_slide_fits_the_bytes_that_a_board_reads_at_once() {
        let long = |bytes: usize| "a".repeat(bytes);
        let colour = Some(Colour { red: 255, green: 255, blue: 255 });
        let look = Look {
            title: colour,
            body: colour,
            ground: colour,
            side: Some(Side::Right),
            runs: Some(true),
            enters: Some(Enters::Dissolve),
        };
        let largest =
            Rendition { width_px: u16::MAX, height_px: u16::MAX, depth: Depth::Rgb888, frames: 64, offset: u32::MAX };
        let shows = [
            Shows::Picture { renditions: List::collect([largest; RENDITIONS]).expect("as many as may be") },
            Shows::Code { squares: Squares::of(CODE_SIDE, |_, _| true).expect("the largest") },
        ];
        for shows in shows {
            let slide = Slide {
                title: Text::new(&long(TITLE_BYTES)).expect("fits"),
                body: Text::new(&long(BODY_BYTES)).expect("fits"),
                language: Text::new(&long(12)).expect("fits"),
                look: Some(look),
                shows: Some(shows),
            };
            let mut bytes = wire::encode(&slide);
            assert!(bytes.len() <= HEAD_BYTES, "{}", bytes.len());
            let head = bytes.len();
            bytes.extend([7; 99]);
            assert_eq!(Slide::read(&bytes), Ok((slide, head)));
        }
    }

    #[test]
    fn a_code_has_the_squares_that_it_was_made_of() {
        for side in [21, 25, CODE_SIDE] {
            let is_dark = |column: u8, row: u8| (u32::from(column) * 7 + u32::from(row) * 3) % 5 < 2;
            let squares = Squares::of(side, is_dark).expect("not too large");
            let all = (0..side).flat_map(|row| (0..side).map(move |column| (column, row)));
            assert!(all.clone().all(|(column, row)| squares.is_dark(column, row) == is_dark(column, row)));
            assert!(!squares.is_dark(side, 0) && !squares.is_dark(0, side.max(CODE_SIDE)));
        }
        assert_eq!(Squares::of(CODE_SIDE + 1, |_, _| true), None);
    }

    #[test]
    fn pictures_stand_one_behind_the_other_and_nothing_behind_them() {
        let with = |renditions: &[Rendition]| Slide {
            shows: Some(Shows::Picture { renditions: List::collect(renditions.iter().copied()).expect("few") }),
            ..text()
        };
        let one = rendition(0).bytes();
        assert_eq!((rendition(0).frame_bytes(), one), (6, 16));
        assert!(with(&[rendition(0), rendition(one)]).fits(2 * one) && text().fits(0));
        let bent: Vec<(Vec<Rendition>, u32)> = std::vec![
            (std::vec![], 0),
            (std::vec![rendition(0)], one + 1),
            (std::vec![rendition(0), rendition(one + 1)], 2 * one + 1),
            (std::vec![Rendition { frames: 0, ..rendition(0) }], 0),
            (std::vec![Rendition { frames: FRAMES + 1, ..rendition(0) }], 8 * u32::from(FRAMES + 1)),
            (std::vec![Rendition { width_px: 0, ..rendition(0) }], 4),
        ];
        for (renditions, bytes) in bent {
            assert!(!with(&renditions).fits(bytes), "{renditions:?}");
        }
        assert!(!text().fits(1));
    }
}
