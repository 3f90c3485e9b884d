//! How values become bytes: into a buffer, without an error on the way.
//!
//! A [`Writer`] counts on when its buffer is full, so that only the end tells whether all fitted. What each structure
//! writes is written by `#[derive(Encode)]` (`domain/derive`); the heads of items are those of RFC 8949 §3, always the
//! shortest (§4.2.1). Next: `read.rs`, the other way.

use super::{Bytes, List, Text, WireError};

/// A value that can be written.
pub trait Encode {
    /// Writes the value behind what was written.
    fn write(&self, to: &mut Writer<'_>);

    /// Whether the value is nothing, which is left out at the end of a structure.
    fn is_nothing(&self) -> bool {
        false
    }
}

/// What is being written.
#[derive(Debug)]
pub struct Writer<'w> {
    buffer: &'w mut [u8],
    length: usize,
}

impl<'w> Writer<'w> {
    /// A writer to the front of `buffer`.
    pub fn new(buffer: &'w mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// How many bytes all of it takes, whether they fit or not.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// How many bytes were written.
    ///
    /// # Errors
    /// [`WireError::TooLong`] when they did not all fit.
    pub fn end(self) -> Result<usize, WireError> {
        if self.length <= self.buffer.len() { Ok(self.length) } else { Err(WireError::TooLong) }
    }

    /// The head of an array of so many values, which follow.
    pub fn array(&mut self, length: u32) {
        self.head(4, u64::from(length));
    }

    /// A number.
    pub fn unsigned(&mut self, number: u64) {
        self.head(0, number);
    }

    /// A number that may be negative.
    #[inline(never)]
    pub fn signed(&mut self, number: i64) {
        // Below zero, what is written is how far below -1.
        self.head(u8::from(number < 0), if number < 0 { !number } else { number }.cast_unsigned());
    }

    /// A byte string.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.put(bytes);
    }

    /// A text.
    #[inline(never)]
    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.put(text.as_bytes());
    }

    /// Nothing.
    pub fn nothing(&mut self) {
        self.put(&[0xf6]);
    }

    #[inline(never)]
    fn head(&mut self, major: u8, number: u64) {
        let (bytes, first) = (number.to_be_bytes(), major << 5);
        let (small, length) = match number {
            0..24 => (number as u8, 0),
            24..0x100 => (24, 1),
            0x100..0x1_0000 => (25, 2),
            0x1_0000..0x1_0000_0000 => (26, 4),
            _ => (27, 8),
        };
        self.put(&[first | small]);
        self.put(&bytes[8 - length..]);
    }

    /// Bytes as they are.
    #[inline(never)]
    pub fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(room) = self.buffer.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
        }
        self.length = end;
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn write(&self, to: &mut Writer<'_>) {
        T::write(self, to);
    }

    fn is_nothing(&self) -> bool {
        T::is_nothing(self)
    }
}

macro_rules! numbers {
    ($write:ident: $($number:ty)*) => {$(
        impl Encode for $number {
            fn write(&self, to: &mut Writer<'_>) {
                to.$write((*self).into());
            }
        }
    )*};
}
numbers!(unsigned: u8 u16 u32 u64);
numbers!(signed: i8 i16 i32 i64);

impl Encode for bool {
    fn write(&self, to: &mut Writer<'_>) {
        to.put(&[0xf4 | u8::from(*self)]);
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn write(&self, to: &mut Writer<'_>) {
        to.bytes(self);
    }
}

impl Encode for [u8] {
    fn write(&self, to: &mut Writer<'_>) {
        to.bytes(self);
    }
}

impl Encode for str {
    fn write(&self, to: &mut Writer<'_>) {
        to.text(self);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn write(&self, to: &mut Writer<'_>) {
        match self {
            Some(value) => value.write(to),
            None => to.nothing(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.is_none()
    }
}

impl<T: Encode, const N: usize> Encode for List<T, N> {
    fn write(&self, to: &mut Writer<'_>) {
        to.array(self.len() as u32);
        self.iter().for_each(|value| value.write(to));
    }
}

impl<const N: usize> Encode for Text<N> {
    fn write(&self, to: &mut Writer<'_>) {
        to.text(self);
    }
}

impl<const N: usize> Encode for Bytes<N> {
    fn write(&self, to: &mut Writer<'_>) {
        to.bytes(self);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::read::Decode;
    use super::super::{Reader, decode, encode_into};
    use super::*;

    fn bytes_of(value: &impl Encode) -> std::vec::Vec<u8> {
        let mut buffer = [0; 128];
        let length = encode_into(value, &mut buffer).expect("fits");
        buffer[..length].to_vec()
    }

    #[test]
    fn numbers_take_their_shortest_form() {
        // RFC 8949, appendix A.
        let unsigned: [(u64, &[u8]); 8] = [
            (0, &[0x00]),
            (23, &[0x17]),
            (24, &[0x18, 0x18]),
            (100, &[0x18, 0x64]),
            (1000, &[0x19, 0x03, 0xe8]),
            (1_000_000, &[0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (1_000_000_000_000, &[0x1b, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00]),
            (u64::MAX, &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ];
        unsigned.iter().for_each(|(number, bytes)| assert_eq!(bytes_of(number), *bytes, "{number}"));
        let signed: [(i64, &[u8]); 4] =
            [(-1, &[0x20]), (-10, &[0x29]), (-100, &[0x38, 0x63]), (-1000, &[0x39, 0x03, 0xe7])];
        signed.iter().for_each(|(number, bytes)| assert_eq!(bytes_of(number), *bytes, "{number}"));
        assert_eq!(bytes_of(&i64::MIN), [0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(bytes_of(&None::<u8>), [0xf6]);
        assert_eq!([bytes_of(&false), bytes_of(&true)], [[0xf4], [0xf5]]);
        assert_eq!(bytes_of(&[1_u8, 2, 3, 4]), [0x44, 1, 2, 3, 4]);
        assert_eq!(bytes_of(&"ü"), [0x62, 0xc3, 0xbc]);
    }

    #[test]
    fn what_does_not_fit_is_told_and_counted() {
        let mut buffer = [0; 4];
        let mut writer = Writer::new(&mut buffer);
        writer.bytes(&[7; 4]);
        assert_eq!(writer.length(), 5);
        assert_eq!(writer.end(), Err(WireError::TooLong));
        assert_eq!(encode_into(&[7_u8; 3], &mut buffer), Ok(4));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(number in any::<u64>(), signed in any::<i64>(), text in "\\PC{0,20}") {
            prop_assert_eq!(decode::<u64>(&bytes_of(&number)), Ok(number));
            prop_assert_eq!(decode::<i64>(&bytes_of(&signed)), Ok(signed));
            let written = bytes_of(&text.as_str());
            prop_assert_eq!(decode::<&str>(&written), Ok(text.as_str()));
            let mut list = List::<i64, 4>::new();
            list.read(&mut Reader::new(&bytes_of(&List::<i64, 4>::collect([signed, 0]).expect("two"))));
            prop_assert_eq!(&list[..], [signed, 0]);
        }
    }
}
