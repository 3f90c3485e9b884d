//! Every letter that people here write, whole and told apart.

use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use loa_domain::play::class::Depth;

use super::*;
use crate::canvas::{Canvas, bytes_of};
use crate::shape::{RgbColor, onto};

type Face = Canvas<Vec<u8>>;

/// Twelve vowels with six tones, and đ, in both cases.
pub const VIETNAMESE: &str = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ\
                              AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬEÈÉẺẼẸÊỀẾỂỄỆIÌÍỈĨỊOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢUÙÚỦŨỤƯỪỨỬỮỰYỲÝỶỸỴĐ";
/// What the Latin scripts of the Tày, the Nùng and the Mông (RPA and the script of 1961) have besides.
const MINORITY: &str = "bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZâăêôơưđÂĂÊÔƠƯĐ";
const PRINT: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~–—‘’“”…•°₫€±×÷½←↑→↓";

fn dark() -> Face {
    Canvas::over(40, 40, Depth::Mono, vec![0; bytes_of(40, 40, Depth::Mono)]).expect("as many")
}

fn picture(font: Font, letter: char) -> Face {
    let mut face = dark();
    let Ok(()) = onto(&mut face, |lamps| {
        Letters { font, scale: 1 }.draw(&mut [letter].into_iter(), (8, 4), Rgb888::WHITE, lamps);
    });
    face
}

fn lamps_apart(one: &Face, other: &Face) -> u32 {
    one.bytes().iter().zip(other.bytes()).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[test]
fn every_vietnamese_letter_is_in_both_fonts_and_within_its_line() {
    assert_eq!(VIETNAMESE.chars().count(), 146);
    for font in [Font::Small, Font::Large] {
        for letter in VIETNAMESE.chars().chain(MINORITY.chars()).chain('a'..='z').chain('A'..='Z') {
            assert!(font.has(letter), "{font:?} {letter}");
            let face = picture(font, letter);
            let (right, bottom) = (8 + font.advance_px(letter) as i32, 4 + font.line_px() as i32);
            for (x, y) in (0..40).flat_map(|y| (0..40).map(move |x| (x, y))) {
                let inside = (8..right).contains(&x) && (4..bottom).contains(&y);
                assert!(inside || !face.is_lit(x, y), "{font:?} {letter} {x} {y}");
            }
        }
    }
}

#[test]
fn the_marks_of_ordinary_print_are_in_both_fonts() {
    for font in [Font::Small, Font::Large] {
        let without: String = missing(PRINT, font).collect();
        assert_eq!(without, "", "{font:?}");
    }
}

/// The pairs of letters with the same base that differ by at most so many lamps.
fn alike(font: Font, most: u32) -> Vec<(char, char, u32)> {
    let letters: Vec<(char, Face)> = VIETNAMESE.chars().map(|letter| (letter, picture(font, letter))).collect();
    let mut pairs = Vec::new();
    for (at, (one, first)) in letters.iter().enumerate() {
        for (other, second) in &letters[at + 1..] {
            let apart = lamps_apart(first, second);
            if apart <= most {
                pairs.push((*one, *other, apart));
            }
        }
    }
    pairs
}

#[test]
fn no_two_vietnamese_letters_look_the_same() {
    assert_eq!(alike(Font::Small, 0), []);
    assert_eq!(alike(Font::Large, 3), [], "in the large font none can be mistaken");
}

/// The table of legibility in `docs/boards.md`, written anew with `UPDATE_GOLDEN=1`.
#[test]
fn the_table_of_letters_that_are_alike_is_the_one_in_the_manual() {
    let mut table = String::from(
        "| font | letters there | pairs that differ by 1 lamp | by 2 lamps | least |\n|---|---|---|---|---|\n",
    );
    for (name, font) in [("small (16)", Font::Small), ("large (24)", Font::Large)] {
        let there = VIETNAMESE.chars().filter(|letter| font.has(*letter)).count();
        let pairs = alike(font, 40);
        let of = |apart| {
            let pairs: Vec<String> =
                pairs.iter().filter(|pair| pair.2 == apart).map(|(a, b, _)| std::format!("{a}/{b}")).collect();
            if pairs.is_empty() { "none".to_string() } else { std::format!("{}: {}", pairs.len(), pairs.join(" ")) }
        };
        let least = pairs.iter().map(|pair| pair.2).min().unwrap_or(0);
        table += &std::format!("| {name} | {there} of 146 | {} | {} | {least} |\n", of(1), of(2));
    }
    crate::golden::check("legibility.md", &table);
}

#[test]
fn a_letter_without_a_picture_is_a_box() {
    for font in [Font::Small, Font::Large] {
        for letter in ['\u{301}', '語', '\u{200b}', '\u{7}', '😀'] {
            assert!(!font.has(letter), "{font:?} {letter:?}");
            let face = picture(font, letter);
            let (right, bottom) = (8 + font.advance_px(letter) as i32 - 2, 4 + font.line_px() as i32 - 3);
            for (x, y) in (0..40).flat_map(|y| (0..40).map(move |x| (x, y))) {
                let inside = (8..=right).contains(&x) && (6..=bottom).contains(&y);
                let edge = inside && (x == 8 || x == right || y == 6 || y == bottom);
                assert_eq!(face.is_lit(x, y), edge, "{font:?} {letter:?} {x} {y}");
            }
        }
    }
}

#[test]
fn an_enlarged_letter_has_the_same_lamps_each_as_a_square() {
    for font in [Font::Small, Font::Large] {
        for letter in ['Ễ', 'g', '…', '語'] {
            let small = picture(font, letter);
            let mut large = Canvas::over(80, 80, Depth::Mono, vec![0; 800]).expect("as many");
            let Ok(()) = onto(&mut large, |lamps| {
                Letters { font, scale: 2 }.draw(&mut [letter].into_iter(), (16, 8), Rgb888::WHITE, lamps);
            });
            for (x, y) in (0..80).flat_map(|y| (0..80).map(move |x| (x, y))) {
                assert_eq!(large.is_lit(x, y), small.is_lit(x / 2, y / 2), "{letter} {x} {y}");
            }
        }
    }
}

/// All letters are as they were drawn: which ones there are, and every lamp of them.
#[test]
fn every_letter_is_as_it_was_drawn() {
    let of = |font: Font| {
        let mut said = Vec::new();
        let mut count = 0;
        for letter in ('\u{1}'..='\u{ffff}').filter(|letter| font.has(*letter)) {
            count += 1;
            said.extend(u32::from(letter).to_be_bytes());
            said.push(font.advance_px(letter) as u8);
            said.extend(picture(font, letter).bytes());
        }
        (count, loa_domain::id::Hash::of(&said).to_string())
    };
    assert_eq!(
        [of(Font::Small), of(Font::Large)],
        [
            (1241, "78d29e3e80f238317f96fc1a81190cedd7daad4da73d1ecdffa381968b79cf11".to_string()),
            (306, "56dc64641f2123e062be01c76668767b2a97d3e80c9be80375a0c66c6da48f16".to_string()),
        ]
    );
}
