//! The letters of a report: their numbers in the font and how wide they are.
//!
//! DejaVu Serif, compiled in: it has every Vietnamese letter precomposed, and the same report is the same bytes on every
//! machine. One letter is one glyph, with no kerning and no ligatures, so that what is measured is what is drawn and
//! what is drawn can be copied out again. Who draws is `ink.rs`.

use ttf_parser::Face;

use crate::text::composed;

/// What stands for a letter that the font does not have.
const UNKNOWN: char = '\u{fffd}';

/// A font in one weight.
pub(super) struct Font {
    face: Face<'static>,
    /// The whole file.
    pub bytes: &'static [u8],
    units: f32,
}

/// A letter to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Letter {
    /// Its number in the font.
    pub glyph: u16,
    /// How far it moves on, in parts of the size.
    pub advance: f32,
    /// Where it begins in its text.
    pub at: usize,
    /// How many bytes of the text it stands for.
    pub bytes: usize,
}

/// Both weights.
pub(super) struct Fonts {
    regular: Font,
    bold: Font,
}

impl Fonts {
    /// Reads them; none where the files that were compiled in are no fonts.
    pub fn read() -> Option<Self> {
        Some(Self { regular: Font::read(dejavu::serif::regular())?, bold: Font::read(dejavu::serif::bold())? })
    }

    /// The one of a weight.
    pub fn of(&self, bold: bool) -> &Font {
        if bold { &self.bold } else { &self.regular }
    }
}

/// A text in composed letters, each of which the fonts have.
pub(super) fn clean(text: &str, fonts: &Fonts) -> String {
    let known = |letter: char| fonts.regular.has(letter) && fonts.bold.has(letter);
    let letter = |letter: char| match letter {
        _ if letter.is_control() => ' ',
        _ if known(letter) => letter,
        _ => UNKNOWN,
    };
    composed(text).chars().map(letter).collect()
}

impl Font {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let face = Face::parse(bytes, 0).ok()?;
        let units = f32::from(face.units_per_em());
        Some(Self { face, bytes, units })
    }

    fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    /// The letters of a clean text.
    pub fn letters(&self, text: &str) -> Vec<Letter> {
        let letter = |(at, letter): (usize, char)| {
            let glyph = self.face.glyph_index(letter)?;
            let advance = f32::from(self.face.glyph_hor_advance(glyph)?) / self.units;
            Some(Letter { glyph: glyph.0, advance, at, bytes: letter.len_utf8() })
        };
        text.char_indices().filter_map(letter).collect()
    }

    /// How wide a clean text is, in points.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        self.letters(text).iter().map(|letter| letter.advance).sum::<f32>() * size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_is_there_in_both_weights() {
        let fonts = Fonts::read().unwrap();
        let vowels = "aăâeêioôơuưy";
        let tones = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
        let mut letters: String = vowels.chars().flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}"))).collect();
        letters += "đ";
        let text = composed(&letters);
        let text = format!("{text}{}", text.to_uppercase());
        assert_eq!(text.chars().count(), 146, "every one of them is a single letter");
        assert_eq!(clean(&text, &fonts), text);
        for bold in [false, true] {
            assert_eq!(fonts.of(bold).letters(&text).len(), 146);
        }
    }

    #[test]
    fn what_the_font_does_not_have_is_seen_as_missing_and_marks_are_composed() {
        let fonts = Fonts::read().unwrap();
        assert_eq!(clean("Nguye\u{302}\u{303}n 漢\n", &fonts), "Nguyễn \u{fffd} ");
    }
}
