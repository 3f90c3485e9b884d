//! A seed behind a passphrase: argon2id makes a key of it, XChaCha20-Poly1305 seals with that key.
//!
//! The only file that names the cipher's library; argon2id is `stretch.rs`, which also decides which parameters of a
//! file are believed. What a key file looks like is `officer.rs`.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

pub use crate::stretch::Hardness;
use crate::stretch::{Zeroize as _, Zeroizing, stretched};
use crate::text::composed;

/// Fewest characters of a passphrase: four short words, so that guessing costs more than the key is worth.
pub const LEAST_CHARACTERS: usize = 12;
/// A seed and the sixteen bytes by which it is known to be whole.
pub const SEALED_BYTES: usize = 48;

/// A passphrase. It never prints, and leaves no copy of itself.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// What was typed, in composed letters: Vietnamese keyboards write the same letter in several ways.
    #[must_use]
    pub fn new(mut typed: String) -> Self {
        let passphrase = Self(Zeroizing::new(composed(typed.trim_end_matches(['\r', '\n']))));
        typed.zeroize();
        passphrase
    }

    /// Whether it is long enough for a new key.
    #[must_use]
    pub fn is_long_enough(&self) -> bool {
        self.0.chars().count() >= LEAST_CHARACTERS
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

fn cipher(passphrase: &Passphrase, salt: &[u8; 32], hardness: Hardness) -> Option<XChaCha20Poly1305> {
    let key = stretched(passphrase.0.as_bytes(), salt, hardness)?;
    Some(XChaCha20Poly1305::new(&Key::from(*key)))
}

/// The seed, sealed; `beside` is bound to it. `None` when the parameters are out of bounds or there is too little memory.
#[must_use]
pub fn seal(
    seed: &[u8; 32],
    passphrase: &Passphrase,
    (salt, nonce): (&[u8; 32], &[u8; 24]),
    hardness: Hardness,
    beside: &[u8],
) -> Option<Vec<u8>> {
    let payload = Payload { msg: seed, aad: beside };
    cipher(passphrase, salt, hardness)?.encrypt(&XNonce::from(*nonce), payload).ok()
}

/// The seed again. `None` when the passphrase is another, anything was changed, or parameters are out of bounds.
#[must_use]
pub fn open(
    sealed: &[u8],
    passphrase: &Passphrase,
    (salt, nonce): (&[u8; 32], &[u8; 24]),
    hardness: Hardness,
    beside: &[u8],
) -> Option<Zeroizing<[u8; 32]>> {
    let payload = Payload { msg: sealed, aad: beside };
    let seed = Zeroizing::new(cipher(passphrase, salt, hardness)?.decrypt(&XNonce::from(*nonce), payload).ok()?);
    let mut whole = Zeroizing::new([0; 32]);
    (seed.len() == whole.len()).then(|| whole.copy_from_slice(&seed))?;
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIGHT: Hardness = Hardness { memory_kib: 1024, passes: 1, lanes: 1 };
    const NUMBERS: (&[u8; 32], &[u8; 24]) = (&[1; 32], &[2; 24]);

    fn typed(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_is_sealed_opens_with_that_passphrase_alone(
            seed in any::<[u8; 32]>(), words in "\\PC{1,30}", other in "\\PC{1,30}", beside in any::<Vec<u8>>(),
        ) {
            let sealed = seal(&seed, &typed(&words), NUMBERS, LIGHT, &beside).unwrap();
            prop_assert_eq!(sealed.len(), SEALED_BYTES);
            prop_assert!(!sealed.windows(8).any(|part| seed.windows(8).any(|secret| secret == part)));
            prop_assert_eq!(*open(&sealed, &typed(&words), NUMBERS, LIGHT, &beside).unwrap(), seed);
            let is_other = typed(&words) != typed(&other);
            prop_assert_eq!(open(&sealed, &typed(&other), NUMBERS, LIGHT, &beside).is_none(), is_other);
            let longer = [&beside[..], &[0]].concat();
            prop_assert!(open(&sealed, &typed(&words), NUMBERS, LIGHT, &longer).is_none());
        }
    }

    #[test]
    fn another_salt_nonce_or_hardness_opens_nothing() {
        let sealed = seal(&[7; 32], &typed("mat khau dai"), NUMBERS, LIGHT, b"").unwrap();
        let opens = |numbers, hardness| open(&sealed, &typed("mat khau dai"), numbers, hardness, b"").is_some();
        assert!(opens(NUMBERS, LIGHT));
        assert!(!opens((&[9; 32], NUMBERS.1), LIGHT) && !opens((NUMBERS.0, &[9; 24]), LIGHT));
        assert!(!opens(NUMBERS, Hardness { passes: 2, ..LIGHT }));
    }

    #[test]
    fn parameters_that_cost_the_machine_or_are_worthless_are_refused() {
        assert!(Hardness::NEW.is_bounded());
        let refused = [
            Hardness { memory_kib: 4 * 1024 * 1024, ..Hardness::NEW },
            Hardness { memory_kib: u32::MAX, ..Hardness::NEW },
            Hardness { memory_kib: 8, ..Hardness::NEW },
            Hardness { passes: 0, ..Hardness::NEW },
            Hardness { passes: 1_000, ..Hardness::NEW },
            Hardness { lanes: 0, ..Hardness::NEW },
            Hardness { lanes: 255, ..Hardness::NEW },
        ];
        for hardness in refused {
            assert!(open(&[0; SEALED_BYTES], &typed("x"), NUMBERS, hardness, b"").is_none(), "{hardness:?}");
            assert!(!hardness.is_bounded(), "{hardness:?}");
        }
    }

    #[test]
    fn letters_typed_in_two_ways_are_one_passphrase() {
        assert!(typed("tiê\u{301}ng Việt\n") == typed("tiếng Việt"));
        assert!(!typed("ngắn quá").is_long_enough() && typed("bốn từ tiếng Việt").is_long_enough());
    }
}
