//! Reads letters out of the tables that `build.rs` packs, and says there how: rows that are like those of another
//! letter, or like the row above, take a bit or two.

/// The rows of a letter from the top, the leftmost lamp in the highest bit.
pub(super) type Rows = [u16; 24];

/// Letters of one width and height.
pub(super) struct Packed {
    pub(super) width: u8,
    height: u8,
    /// Bits of a letter's number.
    number_bits: u32,
    /// Rows that are often said, and bits of a number among them.
    common_bits: u32,
    common: &'static [u16],
    /// Code points that follow one another, in order: the first, and how many.
    ranges: &'static [(u16, u16)],
    /// In which byte every eighth letter begins.
    places: &'static [u16],
    bits: &'static [u8],
}

// Small letters 8 wide, small letters 16 wide, large letters.
include!(concat!(env!("OUT_DIR"), "/letters.rs"));

pub(super) static SMALL_LETTERS: [&Packed; 2] = [&SMALL, &WIDE];
pub(super) static LARGE_LETTERS: [&Packed; 1] = [&LARGE];

/// A place among bits.
struct Bits {
    bytes: &'static [u8],
    at: u32,
}

impl Bits {
    /// The next bits as a number. There are zeros behind the end.
    fn take(&mut self, count: u32) -> u16 {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get((self.at >> 3) as usize).copied().unwrap_or_default();
            value = value << 1 | u16::from(byte >> (7 - (self.at & 7)) & 1);
            self.at += 1;
        }
        value
    }
}

impl Packed {
    /// The number of a letter in this table.
    pub(super) fn find(&self, letter: char) -> Option<u16> {
        let code = u32::from(letter);
        let mut before = 0;
        for (first, count) in self.ranges {
            let ahead = code.wrapping_sub(u32::from(*first));
            if ahead < u32::from(*count) {
                return Some(before + ahead as u16);
            }
            before += count;
        }
        None
    }

    /// The rows of the letter of this number.
    pub(super) fn rows(&self, number: u16, rows: &mut Rows) {
        let place = self.places.get(usize::from(number >> 3)).copied().unwrap_or_default();
        let mut bits = Bits { bytes: self.bits, at: u32::from(place) << 3 };
        for before in (0..=number & 7).rev() {
            self.read(&mut bits, before == 0, rows);
        }
    }

    /// Reads a letter; its rows are right only where it `follows` to the letter that it is like.
    fn read(&self, bits: &mut Bits, follows: bool, rows: &mut Rows) {
        *rows = [0; _];
        if bits.take(1) == 1 {
            let like = bits.take(self.number_bits);
            if follows {
                // A letter is like one before it, by way of six others at most.
                self.rows(like, rows);
            }
        }
        let mut above = 0;
        for row in &mut rows[..usize::from(self.height)] {
            if bits.take(1) == 0 {
                *row = match (bits.take(1), self.width) {
                    (1, _) => above,
                    (_, width) if bits.take(1) == 1 => bits.take(u32::from(width)) << (16 - width),
                    _ => self.common.get(usize::from(bits.take(self.common_bits))).copied().unwrap_or_default(),
                };
            }
            above = *row;
        }
    }
}
