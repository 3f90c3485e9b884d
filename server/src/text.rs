//! Texts that people wrote: the same letters as the same bytes.
//!
//! Vietnamese keyboards write one letter in several ways; everything is kept, compared and drawn in composed letters
//! (Unicode NFC). The only file that names its library.

use unicode_normalization::UnicodeNormalization as _;

/// The text in composed letters.
#[must_use]
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The letters of the text, each before its marks: `ế` gives `e` first.
pub fn decomposed(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfd()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_and_its_marks_become_one_letter() {
        assert_eq!(composed("e\u{302}\u{323}"), "ệ");
    }
}
