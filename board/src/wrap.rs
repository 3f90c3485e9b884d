//! Breaks text into lines that fit, as parts of the text itself: nothing is copied.
//!
//! A line breaks between words, where the text says so, and within a word only when the word is wider than the board.
//! How wide a letter is says the font; what is done with the lines, the layout.

use crate::letters::Letters;
use crate::text::{is_blank, trimmed};

/// The lines of a text, none wider than the board unless a single letter is.
///
/// Blanks at either end of a line are left out. An empty text has no line; an empty line within stays.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    rest: Option<&'t str>,
    width_px: u32,
    letters: Letters,
}

impl<'t> Lines<'t> {
    /// The lines of `text` on a board of `width_px` lamps.
    #[must_use]
    pub fn new(text: &'t str, width_px: u32, letters: Letters) -> Self {
        let text = trimmed(text);
        Self { rest: (!text.is_empty()).then_some(text), width_px, letters }
    }

    /// How many bytes of a paragraph without leading blanks stand on its first line.
    fn first_line(&self, paragraph: &str) -> usize {
        let (mut end, mut from) = (0, 0);
        while let Some(word) = paragraph[from..].split(is_blank).next() {
            let until = from + word.len();
            if !word.is_empty() && self.letters.text_px(&paragraph[..until]) > self.width_px {
                break;
            }
            if !word.is_empty() {
                end = until;
            }
            if until == paragraph.len() {
                break;
            }
            from = until + 1;
        }
        if end > 0 || paragraph.is_empty() { end } else { self.letters_that_fit(paragraph) }
    }

    /// How many bytes of a word that is wider than the board stand on one line: a letter at least.
    fn letters_that_fit(&self, word: &str) -> usize {
        let mut used_px = 0_u32;
        for (at, letter) in word.char_indices() {
            used_px = used_px.saturating_add(self.letters.advance_px(letter));
            if used_px > self.width_px && at > 0 {
                return at;
            }
        }
        word.len()
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest?.trim_start_matches(is_blank);
        let (paragraph, after) = match rest.split_once('\n') {
            Some((paragraph, after)) => (paragraph, Some(after)),
            None => (rest, None),
        };
        let end = self.first_line(paragraph);
        let (line, left) = paragraph.split_at(end);
        self.rest = if left.trim_start_matches(is_blank).is_empty() { after } else { Some(&rest[end..]) };
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    /// On a board of so many letters, each eight lamps wide.
    fn wrapped(text: &str, letters: u32) -> Vec<&str> {
        Lines::new(text, letters * 8, Letters::SMALL).collect()
    }

    #[test]
    fn lines_break_between_words_and_where_the_text_says_so() {
        assert_eq!(wrapped("Kính mời bà con", 8), ["Kính mời", "bà con"]);
        assert_eq!(wrapped("một\n\nhai ba", 8), ["một", "", "hai ba"]);
        assert_eq!(wrapped("  một  \r\nhai", 8), ["một", "hai"]);
        assert_eq!(wrapped("hai \t ba", 6), ["hai \t ba"]);
        assert_eq!(wrapped("", 8), [""; 0]);
    }

    #[test]
    fn a_word_wider_than_the_board_breaks_within_and_no_letter_is_lost() {
        assert_eq!(wrapped("ở www.thongbao.vn nhé", 6), ["ở", "www.th", "ongbao", ".vn", "nhé"]);
        assert_eq!(wrapped("ăâđ", 2), ["ăâ", "đ"]);
        assert_eq!(wrapped("ă", 0), ["ă"]);
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_and_no_line_is_too_wide(text in "[aệ \n.]{0,60}", letters in 1_u32..12) {
            let lines = wrapped(&text, letters);
            let plain = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(plain(&lines.concat()), plain(&text));
            for line in &lines {
                prop_assert!(crate::text::letters(line).count() as u32 <= letters, "{:?}", line);
            }
        }
    }
}
