//! Passwords of people: which are refused as too easily guessed, and how hard a guess is made.
//!
//! How many may be looked at in one moment is decided in `work.rs`, how often somebody may try in `throttle.rs`. The
//! only file that names the library that estimates guesses. Next: `work.rs`.

use loa_domain::id::Hash;
use loa_host::keyfile::{self, KeyError};

use crate::store::Stretched;
use crate::stretch::{Hardness, Zeroize as _, Zeroizing, stretched};
use crate::text::{composed, decomposed};

/// Fewest characters of a password.
pub const LEAST_CHARACTERS: usize = 10;
/// Most characters of a password: longer ones cost the desk time and nobody types them.
pub const MOST_CHARACTERS: usize = 128;
/// Fewest guesses of somebody who knows what people choose, as a power of ten. With the store in hand and a hundred
/// guesses a second, ten to the eighth take eleven days on one core; over the network they take centuries.
const LEAST_GUESSES_LOG10: f64 = 8.0;
/// For logging in: the least of OWASP's Password Storage Cheat Sheet, so that many may log in at once on a small machine.
pub const LOGIN: Hardness = Hardness { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

/// Words that people here choose, beside those that the library knows.
const USUAL: &[&str] = &[
    "matkhau",
    "anhyeuem",
    "emyeuanh",
    "yeuem",
    "tinhyeu",
    "giadinh",
    "vietnam",
    "hanoi",
    "saigon",
    "danang",
    "huyen",
    "tinh",
    "ubnd",
    "truyenthanh",
    "loaphuong",
    "daitruyenthanh",
    "phatthanh",
    "xinchao",
    "quantri",
    "quantrivien",
    "nguyen",
    "tran",
    "hoang",
    "pham",
    "chucmung",
    "namsomay",
    "khongbiet",
    "conmeo",
    "concho",
    "thanhpho",
    "loa",
];

/// What was typed. It never prints, and leaves no copy of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// What was typed, in composed letters: Vietnamese keyboards write the same letter in several ways.
    #[must_use]
    pub fn new(mut typed: String) -> Self {
        let password = Self(Zeroizing::new(composed(&typed)));
        typed.zeroize();
        password
    }

    /// A one-time password: eighty random bits as sixteen letters and digits that are not mistaken for one another.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, KeyError> {
        const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567899";
        let random = Zeroizing::new(keyfile::random()?);
        let mut text = String::with_capacity(19);
        for (at, byte) in random.iter().take(16).enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(SIGNS[usize::from(byte & 31)].into());
        }
        Ok(Self(Zeroizing::new(text)))
    }

    /// The text, to be shown once.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.0
    }

    /// Whether anything was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it may become the password of the account called `name`.
    ///
    /// # Errors
    /// Why not.
    pub fn judge(&self, name: &str, display: &str) -> Result<(), Weak> {
        let characters = self.0.chars().count();
        if characters < LEAST_CHARACTERS {
            return Err(Weak::Short);
        }
        if characters > MOST_CHARACTERS {
            return Err(Weak::Long);
        }
        let mut beside: Vec<String> = USUAL.iter().map(|word| (*word).to_owned()).collect();
        beside.extend([name.to_owned(), bare(display)]);
        beside.extend(display.split_whitespace().map(bare));
        let beside: Vec<&str> = beside.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        // Without marks and spaces too: `mật khẩu` is guessed as easily as `matkhau`.
        let plain = Zeroizing::new(bare(&self.0));
        let guesses = |text: &str| zxcvbn::zxcvbn(text, &beside).guesses_log10();
        let least = if plain.is_empty() { guesses(&self.0) } else { guesses(&self.0).min(guesses(&plain)) };
        if least < LEAST_GUESSES_LOG10 { Err(Weak::Guessed) } else { Ok(()) }
    }

    /// Stretches it with a salt of its own.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn stretch(&self, hardness: Hardness) -> Result<Option<Stretched>, KeyError> {
        let salt = keyfile::random()?;
        let hash = stretched(self.0.as_bytes(), &salt, hardness);
        let Hardness { memory_kib, passes, lanes } = hardness;
        Ok(hash.map(|hash| Stretched { salt: Hash(salt), hash: Hash(*hash), memory_kib, passes, lanes }))
    }

    /// Whether it is the one that was stretched.
    #[must_use]
    pub fn is(&self, kept: &Stretched) -> bool {
        let Some(hash) = stretched(self.0.as_bytes(), &kept.salt.0, hardness(kept)) else { return false };
        // All bytes are looked at, wherever the first difference is.
        hash.iter().zip(&kept.hash.0).fold(0, |different, (a, b)| different | (a ^ b)) == 0
    }
}

/// A text as somebody writes it who has neither marks nor spaces.
fn bare(text: &str) -> String {
    let lower = text.to_lowercase();
    let letters = decomposed(&lower).map(|letter| if letter == 'đ' { 'd' } else { letter });
    letters.filter(char::is_ascii_alphanumeric).collect()
}

/// How a kept password was stretched.
#[must_use]
pub const fn hardness(kept: &Stretched) -> Hardness {
    Hardness { memory_kib: kept.memory_kib, passes: kept.passes, lanes: kept.lanes }
}

/// Whether a password was stretched less than is wanted today.
#[must_use]
pub const fn is_behind(kept: &Stretched, wanted: Hardness) -> bool {
    kept.memory_kib < wanted.memory_kib || kept.passes < wanted.passes
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// It is shorter than [`LEAST_CHARACTERS`].
    #[error("expected at least {LEAST_CHARACTERS} characters")]
    Short,
    /// It is longer than [`MOST_CHARACTERS`].
    #[error("expected at most {MOST_CHARACTERS} characters")]
    Long,
    /// It is one of those that are tried first.
    #[error("it would be guessed soon: take four words that do not belong together")]
    Guessed,
    /// It is the old one.
    #[error("it is the one there was before")]
    Same,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<(), Weak> {
        Password::new(text.to_owned()).judge("hoa.tran", "Trần Thị Hoa")
    }

    #[test]
    fn what_people_choose_first_is_refused_and_four_words_are_taken() {
        for text in ["", "ngắn quá", "123456789", "aB3$kf9!x"] {
            assert_eq!(judged(text), Err(Weak::Short), "{text}");
        }
        for text in [
            "1234567890",
            "password123",
            "qwertyuiop",
            "matkhau123",
            "mật khẩu 123",
            "Anh yêu em 1",
            "aaaaaaaaaaaaaaaa",
            "trần thị hoa",
            "hoa.tran2026",
            "vietnam2025",
            "loaphuong1",
        ] {
            assert_eq!(judged(text), Err(Weak::Guessed), "{text}");
        }
        assert_eq!(judged(&"ô".repeat(129)), Err(Weak::Long));
        for text in ["bốn từ tiếng Việt", "cái chum xanh bên hiên", "correct horse staple", "K7#mQ2!vXe9z"] {
            assert_eq!(judged(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_one_time_password_is_new_each_time_and_passes_the_judge() {
        let (one, other) = (Password::random().unwrap(), Password::random().unwrap());
        assert_ne!(one.shown(), other.shown());
        assert_eq!((one.shown().len(), one.judge("hoa", "Hoa")), (19, Ok(())));
    }

    #[test]
    fn a_password_typed_in_two_ways_is_one_and_another_is_not_taken() {
        let light = Hardness { memory_kib: 1024, passes: 1, lanes: 1 };
        let kept = Password::new("tiê\u{301}ng Việt".to_owned()).stretch(light).unwrap().unwrap();
        assert!(Password::new("tiếng Việt".to_owned()).is(&kept));
        assert!(!Password::new("tiếng việt".to_owned()).is(&kept));
        assert!(is_behind(&kept, LOGIN) && !is_behind(&kept, light));
        let refused = Stretched { memory_kib: u32::MAX, ..kept };
        assert!(!Password::new("tiếng Việt".to_owned()).is(&refused), "a row cannot ask for all memory");
    }
}
