//! A key as people compare it: twenty-five digits in five groups, read aloud over a telephone.
//!
//! Digits, because they sound alike in every language and need no spelling. Who holds the key is not decided here.

use core::fmt;

use super::PublicKey;
use crate::id::Hash;

/// Ten to the twenty-fifth: 83 bits, which nobody finds a second key for.
const DIGITS: u128 = 10_u128.pow(25);

/// What two people read to each other to know that they mean the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u128);

impl PublicKey {
    /// Its fingerprint: the first 16 bytes of its SHA-256 as a number, of that the last 25 decimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let hash = Hash::of(&self.0).0;
        let number = hash[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        Fingerprint(number % DIGITS)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in (0..5).rev() {
            let digits = self.0 / 100_000_u128.pow(group) % 100_000;
            write!(f, "{digits:05}{}", if group > 0 { " " } else { "" })?;
        }
        Ok(())
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
        assert_eq!(zero.0, 0x6668_7aad_f862_bd77_6c8f_c18b_8e9f_8e20 % DIGITS);
        assert_eq!(zero.to_string().len(), 29);
        assert_eq!(Fingerprint(7).to_string(), "00000 00000 00000 00000 00007");
        assert_ne!(PublicKey([1; 32]).fingerprint(), zero);
    }
}
