//! Texts put together from words and numbers, in as many bytes as there are.
//!
//! `core::fmt` can do it too, and takes kilobytes of a microcontroller's flash. What is said is decided by whoever calls.

use crate::wire::Text;

/// A text that is written piece by piece, and cut where it has no room.
#[derive(Clone, Copy, Debug)]
pub struct Written<const BYTES: usize> {
    bytes: [u8; BYTES],
    length: usize,
}

impl<const BYTES: usize> Written<BYTES> {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; BYTES], length: 0 }
    }

    /// Words.
    pub fn say(&mut self, text: &str) -> &mut Self {
        put(text, &mut self.bytes, &mut self.length);
        self
    }

    /// A number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        if number >= 10 {
            self.number(number / 10);
        }
        let digit = [b'0' + (number % 10) as u8];
        self.say(core::str::from_utf8(&digit).unwrap_or_default())
    }

    /// A number of two digits at least.
    pub fn pair(&mut self, number: u64) -> &mut Self {
        if number < 10 { self.say("0").number(number) } else { self.number(number) }
    }

    /// A number in eight hexadecimal digits.
    pub fn hex(&mut self, number: u32) -> &mut Self {
        for nibble in (0..8).rev().map(|at| (number >> (4 * at) & 0xf) as u8) {
            let digit = [if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }];
            self.say(core::str::from_utf8(&digit).unwrap_or_default());
        }
        self
    }

    /// All of it.
    #[must_use]
    pub fn done(&self) -> Text<BYTES> {
        Text::cut(core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default())
    }
}

/// Apart from the texts of every length: compiled once.
fn put(text: &str, bytes: &mut [u8], length: &mut usize) {
    for letter in text.chars() {
        let end = *length + letter.len_utf8();
        let Some(room) = bytes.get_mut(*length..end) else { break };
        letter.encode_utf8(room);
        *length = end;
    }
}

impl<const BYTES: usize> Default for Written<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_cut_between_letters() {
        let mut text = Written::<8>::new();
        text.pair(7).say(":").pair(123);
        assert_eq!(text.done().as_str(), "07:123");
        assert_eq!(text.say("ngày").done().as_str(), "07:123ng");
        assert_eq!(Written::<3>::new().say("aế").number(0).done().as_str(), "a0");
    }

    #[test]
    fn hexadecimal_numbers_have_eight_digits() {
        assert_eq!(Written::<16>::new().hex(0x09af_00c1).done().as_str(), "09af00c1");
    }
}
