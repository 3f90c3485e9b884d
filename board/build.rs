//! Turns the large letters (`letters/b24.txt`) into a table that the program carries, sorted by their code points.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const ROWS: usize = 24;

fn main() {
    println!("cargo::rerun-if-changed=letters/b24.txt");
    let text = fs::read_to_string("letters/b24.txt").expect("letters/b24.txt beside the crate");
    let mut letters: Vec<(u16, Vec<u16>)> = text.lines().filter_map(letter).collect();
    letters.sort();
    let mut table = format!("static LARGE: [(u16, [u16; {ROWS}]); {}] = [\n", letters.len());
    for (code, rows) in letters {
        writeln!(table, "({code}, {rows:?}),").expect("a string takes all");
    }
    table.push_str("];\n");
    let folder = env::var("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&folder).join("b24.rs"), table).expect("a table to write");
}

/// A line is a letter (its code point, then its rows, three digits each) or a remark.
fn letter(line: &str) -> Option<(u16, Vec<u16>)> {
    let (code, digits) = line.split_once(' ').filter(|_| !line.starts_with('#'))?;
    let code = u16::from_str_radix(code, 16).expect("a code point of four digits");
    let row = |at: usize| u16::from_str_radix(&digits[at * 3..at * 3 + 3], 16).expect("three digits");
    Some((code, (0..ROWS).map(row).collect()))
}
