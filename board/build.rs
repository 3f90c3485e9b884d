//! Packs the letters into tables that the program carries: small ones from Unifont as `u8g2_fonts` has it, with the marks
//! of print that it lacks (`letters/print.txt`), large ones from `letters/b24.txt`.
//!
//! A letter is its rows from the top, each one bit where it is the row of the letter that it is like (the blank one, or
//! an earlier one that is named first), two where it is the row above, else two and the row itself: one bit and its
//! number among the common rows, or one and its lamps. Every eighth letter begins in a byte of its own, whose place is
//! listed. `src/letters/packed.rs` reads it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use embedded_graphics_core::Pixel;
use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{OriginDimensions, Point, Size};
use embedded_graphics_core::pixelcolor::BinaryColor;
use u8g2_fonts::FontRenderer;
use u8g2_fonts::fonts::{
    u8g2_font_unifont_t_extended, u8g2_font_unifont_t_latin, u8g2_font_unifont_t_symbols,
    u8g2_font_unifont_t_vietnamese2,
};
use u8g2_fonts::types::{FontColor, VerticalPosition};

/// Looked through in this order: the first has ASCII and Vietnamese, the others accents, dashes and arrows.
static UNIFONT: [FontRenderer; 4] = [
    FontRenderer::new::<u8g2_font_unifont_t_vietnamese2>(),
    FontRenderer::new::<u8g2_font_unifont_t_latin>(),
    FontRenderer::new::<u8g2_font_unifont_t_extended>(),
    FontRenderer::new::<u8g2_font_unifont_t_symbols>(),
];
/// How many letters one may be like by way of others: so often the reader calls itself.
const LIKE_MOST: u32 = 6;
/// Letters from one listed place to the next.
const GROUP: usize = 8;
/// Bits of the number of a common row, and how many there are.
const COMMON_BITS: u32 = 5;
const COMMON: usize = 1 << COMMON_BITS;

/// The rows of a letter from the top, its leftmost lamp in the highest of sixteen bits.
type Rows = Vec<u16>;
/// Letters of one width and height, by their code points.
type Letters = BTreeMap<u16, Rows>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=letters");
    println!("cargo::rerun-if-changed=build.rs");
    let (mut small, mut wide) = (unifont(8), unifont(16));
    let printed = letters("letters/print.txt", 8)?;
    printed.keys().for_each(|code| drop(wide.remove(code)));
    small.extend(printed);
    let large = letters("letters/b24.txt", 12)?;
    let tables = [table("SMALL", &small, 8, 16)?, table("WIDE", &wide, 16, 16)?, table("LARGE", &large, 12, 24)?];
    fs::write(Path::new(&env::var("OUT_DIR")?).join("letters.rs"), tables.concat())?;
    Ok(())
}

/// Letters of a text: their code points, then their rows, a hexadecimal digit for each four lamps.
fn letters(path: &str, width: u32) -> Result<Letters, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| letter(line, width)).collect()
}

fn letter(line: &str, width: u32) -> Result<(u16, Rows), Box<dyn Error>> {
    let (code, digits) = line.split_once(' ').ok_or_else(|| format!("no letter: {line}"))?;
    let of_row = width as usize / 4;
    let row = |at: usize| u16::from_str_radix(digits.get(at..at + of_row).unwrap_or_default(), 16);
    let rows = (0..digits.len()).step_by(of_row).map(|at| Ok(row(at)? << (16 - width)));
    Ok((u16::from_str_radix(code, 16)?, rows.collect::<Result<_, std::num::ParseIntError>>()?))
}

/// Sixteen rows of sixteen lamps, where a letter of Unifont is drawn on.
struct Drawn(Rows);

impl OriginDimensions for Drawn {
    fn size(&self) -> Size {
        Size::new(16, 16)
    }
}

impl DrawTarget for Drawn {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(Point { x, y }, color) in pixels {
            assert!((0..16).contains(&x) && (0..16).contains(&y), "a lamp outside of its letter");
            if color == BinaryColor::On {
                self.0[y as usize] |= 0x8000 >> x;
            }
        }
        Ok(())
    }
}

/// The letters of Unifont that are so wide.
fn unifont(width: i32) -> Letters {
    // It has combining marks, but as letters of their own beside the one they belong to.
    let codes = (1..=u16::MAX).filter(|code| !(0x300..=0x36f).contains(code));
    let mut letters = Letters::new();
    for code in codes {
        let Some(letter) = char::from_u32(u32::from(code)) else { continue };
        // 14 lamps above the baseline, 2 below.
        let (at, from) = (Point::new(0, 14), VerticalPosition::Baseline);
        let look = |font: &&FontRenderer| font.get_rendered_dimensions(letter, at, from).is_ok();
        let Some(font) = UNIFONT.iter().find(look) else { continue };
        let mut drawn = Drawn(vec![0; 16]);
        let done = font.render(letter, at, from, FontColor::Transparent(BinaryColor::On), &mut drawn);
        if done.is_ok_and(|done| done.advance.x == width) {
            letters.insert(code, drawn.0);
        }
    }
    letters
}

/// Bits in a row, the highest of each byte first.
#[derive(Clone, Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> at & 1) as u8) << (7 - self.used % 8);
            }
            self.used += 1;
        }
    }
}

/// How the letters of a table are said.
struct Manner {
    width: u32,
    number_bits: u32,
    /// Rows that are often said.
    common: Vec<u16>,
}

impl Manner {
    /// A letter, said by the one that it is like; `own` hears of the rows that are said for themselves.
    fn say(&self, rows: &Rows, like: Option<(usize, &Rows)>, own: &mut dyn FnMut(u16)) -> Bits {
        let mut bits = Bits::default();
        bits.put(u32::from(like.is_some()), 1);
        if let Some((number, _)) = like {
            bits.put(number as u32, self.number_bits);
        }
        for (y, row) in rows.iter().enumerate() {
            let above = if y > 0 { rows[y - 1] } else { 0 };
            if *row == like.map_or(0, |(_, rows)| rows[y]) {
                bits.put(1, 1);
            } else if *row == above {
                bits.put(0b01, 2);
            } else {
                own(*row);
                match self.common.binary_search(row) {
                    Ok(number) => bits.put(number as u32, 3 + COMMON_BITS),
                    Err(_) => bits.put(1 << self.width | u32::from(*row >> (16 - self.width)), 3 + self.width),
                }
            }
        }
        bits
    }

    /// All letters, each by the one by which it is said in the fewest bits: the bits, and the places that are listed.
    fn pack(&self, letters: &[&Rows], own: &mut dyn FnMut(u16)) -> (Bits, Vec<usize>) {
        let (mut packed, mut places, mut ways) = (Bits::default(), Vec::new(), Vec::<u32>::new());
        for (number, rows) in letters.iter().enumerate() {
            let mut best = (self.say(rows, None, &mut |_| ()), None);
            for like in (0..number).filter(|like| ways[*like] < LIKE_MOST) {
                let bits = self.say(rows, Some((like, letters[like])), &mut |_| ());
                if bits.used < best.0.used {
                    best = (bits, Some(like));
                }
            }
            let (bits, like) = best;
            self.say(rows, like.map(|like| (like, letters[like])), own);
            if number.is_multiple_of(GROUP) {
                packed.used = packed.bytes.len() * 8;
                places.push(packed.bytes.len());
            }
            for at in 0..bits.used {
                packed.put(u32::from(bits.bytes[at / 8] >> (7 - at % 8) & 1), 1);
            }
            ways.push(like.map_or(0, |like| ways[like] + 1));
        }
        (packed, places)
    }
}

/// Letters as a table of the program.
fn table(name: &str, letters: &Letters, width: u32, height: usize) -> Result<String, Box<dyn Error>> {
    let all: Vec<&Rows> = letters.values().collect();
    assert!(all.iter().all(|rows| rows.len() == height), "the letters of {name} are {height} high");
    let number_bits = letters.len().next_power_of_two().ilog2();
    let mut manner = Manner { width, number_bits, common: Vec::new() };
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    manner.pack(&all, &mut |row| *counts.entry(row).or_default() += 1);
    let mut often: Vec<(usize, u16)> = counts.into_iter().map(|(row, count)| (count, row)).collect();
    often.sort_by(|one, other| other.cmp(one));
    manner.common = often.into_iter().take(COMMON).map(|(_, row)| row).collect();
    manner.common.sort_unstable();
    let (packed, places) = manner.pack(&all, &mut |_| ());
    if packed.bytes.len() > usize::from(u16::MAX) {
        return Err(format!("the letters of {name} take {} bytes", packed.bytes.len()).into());
    }
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for code in letters.keys() {
        match ranges.last_mut() {
            Some((first, count)) if *first + *count == *code => *count += 1,
            _ => ranges.push((*code, 1)),
        }
    }
    let mut text = format!("static {name}: Packed = Packed {{ width: {width}, height: {height},\n");
    writeln!(text, "number_bits: {number_bits}, common_bits: {COMMON_BITS}, common: &{:?},", manner.common)?;
    writeln!(text, "ranges: &{ranges:?},\nplaces: &{places:?},\nbits: &{:?} }};", packed.bytes)?;
    Ok(text)
}
