//! A key as people compare it: twenty-five digits in five groups, read aloud over a telephone.
//!
//! Digits, because they sound alike in every language and need no spelling. Who holds the key is not decided here.

use core::fmt;

use super::PublicKey;
use crate::id::Hash;
use crate::wire::Text;

/// Groups of digits. Twenty-five digits are 83 bits, which nobody finds a second key for.
const GROUPS: usize = 5;
/// One more than the largest number of a group.
const GROUP: u32 = 100_000;

/// What two people read to each other to know that they mean the same key: five numbers of five digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u32; GROUPS]);

impl PublicKey {
    /// Its fingerprint: the first 16 bytes of its SHA-256 as a number, of that the last 25 decimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut number = Hash::of(&self.0).0;
        let mut groups = [0; GROUPS];
        // Divided as on paper, byte by byte: a board has no program for longer numbers.
        for group in groups.iter_mut().rev() {
            for byte in &mut number[..16] {
                let all = *group << 8 | u32::from(*byte);
                // What was left is less than the divisor, so this is less than 256.
                (*byte, *group) = ((all / GROUP) as u8, all % GROUP);
            }
        }
        Fingerprint(groups)
    }
}

impl Fingerprint {
    /// Its digits in groups, with a space between two.
    #[must_use]
    pub fn text(&self) -> Text<32> {
        let mut text = [b' '; 6 * GROUPS];
        for (digits, group) in text.chunks_exact_mut(6).zip(self.0) {
            let mut left = group;
            for digit in digits[..5].iter_mut().rev() {
                (*digit, left) = (b'0' + (left % 10) as u8, left / 10);
            }
        }
        Text::cut(core::str::from_utf8(&text[..text.len() - 1]).unwrap_or_default())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_fingerprint_is_five_groups_of_five_digits() {
        // SHA-256 of 32 zero bytes begins 66687aadf862bd776c8fc18b8e9f8e20.
        let zero = PublicKey([0; 32]).fingerprint();
        let number = 0x6668_7aad_f862_bd77_6c8f_c18b_8e9f_8e20 % 10_u128.pow(25);
        assert_eq!(zero.to_string().replace(' ', ""), alloc::format!("{number:025}"));
        assert_eq!(zero.to_string().len(), 29);
        assert_eq!(Fingerprint([0, 0, 0, 0, 7]).to_string(), "00000 00000 00000 00000 00007");
        assert_ne!(PublicKey([1; 32]).fingerprint(), zero);
    }
}
