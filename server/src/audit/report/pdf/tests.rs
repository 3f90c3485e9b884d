//! The PDF: nothing outside the page, every word in it to be taken out again.

use std::collections::BTreeMap;

use loa_host::text::{Language, Words};

use super::super::font::clean;
use super::super::ink::{A4, Mark};
use super::*;
use crate::audit::account::account;
use crate::audit::world::{World, local, question};

/// Objects of a PDF whose streams are not compressed, by number.
fn objects(pdf: &str) -> BTreeMap<usize, &str> {
    let numbered = |part: &'_ str| part.rsplit_once('\n').and_then(|(_, number)| number.trim().parse().ok());
    let starts: Vec<usize> = pdf.match_indices(" 0 obj").map(|(at, _)| at).collect();
    let object = |start: &usize| {
        let number = numbered(&format!("\n{}", &pdf[pdf[..*start].rfind('\n')? + 1..*start]))?;
        let end = pdf[*start..].find("endobj")?;
        Some((number, &pdf[*start..*start + end]))
    };
    starts.iter().filter_map(object).collect()
}

fn reference(object: &str, key: &str) -> Option<usize> {
    let rest = &object[object.find(key)? + key.len()..];
    rest.split_whitespace().next()?.trim_start_matches('[').parse().ok()
}

fn hexes(line: &str) -> Vec<u32> {
    let parts = line.split('<').skip(1).filter_map(|part| part.split_once('>'));
    parts.filter_map(|(hex, _)| u32::from_str_radix(hex, 16).ok()).collect()
}

/// Which letter each glyph of a font stands for.
fn letters(cmap: &str) -> BTreeMap<u32, char> {
    let lines = cmap.lines().map(hexes);
    lines.filter(|pair| pair.len() == 2).filter_map(|pair| Some((pair[0], char::from_u32(pair[1])?))).collect()
}

/// What a font that a page names stands for: its map from glyphs to letters.
fn fonts(objects: &BTreeMap<usize, &str>) -> BTreeMap<String, BTreeMap<u32, char>> {
    let mut fonts = BTreeMap::new();
    for object in objects.values() {
        let Some((_, named)) = object.split_once("/Font<<") else { continue };
        let named = named.split(">>").next().unwrap_or_default();
        for font in named.split('/').filter(|font| !font.is_empty()) {
            let mut words = font.split_whitespace();
            let (name, number) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
            let map = reference(objects[&number], "/ToUnicode").map(|map| letters(objects[&map]));
            fonts.insert(name.to_owned(), map.expect("every font says what its glyphs stand for"));
        }
    }
    fonts
}

/// The bytes of the strings in `[(…) 12 <…>]TJ`.
fn strings(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Parentheses that balance stand in a string unescaped.
    let (mut depth, mut rest) = (0, text.chars().map(|letter| u8::try_from(letter).unwrap()).peekable());
    while let Some(byte) = rest.next() {
        match byte {
            b'(' | b')' => {
                let opens = byte == b'(';
                if (opens && depth > 0) || (!opens && depth > 1) {
                    bytes.push(byte);
                }
                depth = if opens { depth + 1 } else { depth - 1 };
            }
            b'\\' if depth > 0 => {
                let escaped = rest.next().unwrap();
                let number = |digit: u8| u32::from(digit - b'0');
                bytes.push(match escaped {
                    b'0'..=b'7' => {
                        let mut code = number(escaped);
                        for _ in 0..2 {
                            let Some(digit) = rest.next_if(|next| (b'0'..=b'7').contains(next)) else { break };
                            code = code * 8 + number(digit);
                        }
                        u8::try_from(code).unwrap()
                    }
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    other => other,
                });
            }
            _ if depth > 0 => bytes.push(byte),
            // What is not all ASCII stands in hexadecimal.
            b'<' => {
                let digits: Vec<u8> = rest.by_ref().take_while(|digit| *digit != b'>').collect();
                let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
                bytes.extend(digits.chunks(2).map(pair));
            }
            _ => {}
        }
    }
    bytes
}

/// The texts of a PDF, taken out as a reader would: glyphs to letters by the maps that the fonts carry.
fn taken_out(pdf: &[u8]) -> Vec<String> {
    let pdf: String = pdf.iter().map(|byte| char::from(*byte)).collect();
    let objects = objects(&pdf);
    let fonts = fonts(&objects);
    let mut texts = Vec::new();
    for object in objects.values().filter(|object| object.contains("\nBT ")) {
        for part in object.split("\nBT ").skip(1) {
            let part = part.split("\nET").next().unwrap_or_default();
            let (before, shown) = part.split_once(" Tf").expect("a font is chosen");
            let name = before.rsplit_once('/').unwrap().1.split(' ').next().unwrap();
            let glyphs = strings(shown);
            let letter = |pair: &[u8]| fonts[name][&(u32::from(pair[0]) << 8 | u32::from(pair[1]))];
            texts.push(glyphs.chunks(2).map(letter).collect());
        }
    }
    texts
}

/// The texts of a report's PDF, line by line.
pub(in crate::audit::report) fn text_of(report: &Report<'_>) -> Vec<String> {
    taken_out(&made(report, false).unwrap())
}

async fn pages<T>(language: Language, use_it: impl FnOnce(&Report<'_>) -> T) -> T {
    let world = World::lived().await;
    let question = question();
    let account = account(&world.store, &question).await.unwrap();
    let words = Words::new(language);
    let subject = Default::default();
    use_it(&Report { account: &account, question: &question, subject, log: None, words: &words, local: &local })
}

#[tokio::test]
async fn no_mark_stands_outside_the_page_and_no_text_runs_out_of_it() {
    for language in [Language::Vietnamese, Language::English] {
        pages(language, |report| {
            let fonts = Fonts::read().unwrap();
            let mut paper = Paper::new(&fonts);
            compose(&mut paper, report);
            assert!(paper.pages.len() > 1);
            for mark in paper.pages.iter().flatten() {
                let (left, top, right, bottom) = match mark {
                    Mark::Text { x, y, size, bold, text, .. } => {
                        (*x, y - size, x + fonts.of(*bold).width(text, *size), y + size * 0.3)
                    }
                    Mark::Box { x, y, width, height, .. } => (*x, *y, x + width, y + height),
                    Mark::Line { from, to, .. } => {
                        (from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1))
                    }
                    Mark::Squares { at, side } => (at[0].0, at[0].1, at[0].0 + side, at[0].1 + side),
                };
                let inside = left >= LEFT - 1.0 && right <= LEFT + WIDTH + 1.0 && top >= 40.0 && bottom <= A4.1 - 20.0;
                assert!(inside, "{mark:?}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn every_text_of_the_pages_can_be_taken_out_of_the_file() {
    pages(Language::Vietnamese, |report| {
        let fonts = Fonts::read().unwrap();
        let mut paper = Paper::new(&fonts);
        compose(&mut paper, report);
        let written = paper.pages.iter().flatten().filter_map(|mark| match mark {
            Mark::Text { text, .. } => Some(clean(text, &fonts)),
            _ => None,
        });
        let written: Vec<String> = written.filter(|text| !text.is_empty()).collect();
        let taken = text_of(report);
        assert_eq!(taken, written);
        let whole = taken.join(" ");
        for words in ["Xã Thủ Ộ Ứ Ẵ", "Người lập", "Người kiểm tra", "Thủ trưởng đơn vị", "Xã Nguyễn Huệ"]
        {
            assert!(whole.contains(words), "{words}");
        }
    })
    .await;
}
