//! Turns the large letters (`letters/b24.txt`) into a table that the program carries, sorted by their code points.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const ROWS: usize = 24;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=letters/b24.txt");
    let text = fs::read_to_string("letters/b24.txt")?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut letters = lines.map(letter).collect::<Result<Vec<_>, _>>()?;
    letters.sort();
    let mut table = format!("static LARGE: [(u16, [u16; {ROWS}]); {}] = [\n", letters.len());
    for (code, rows) in letters {
        writeln!(table, "({code}, {rows:?}),")?;
    }
    table.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("b24.rs"), table)?;
    Ok(())
}

/// A letter: its code point, then its rows, three hexadecimal digits each.
fn letter(line: &str) -> Result<(u16, Vec<u16>), Box<dyn Error>> {
    let (code, digits) = line.split_once(' ').ok_or_else(|| format!("no letter: {line}"))?;
    let row = |at: usize| u16::from_str_radix(digits.get(at * 3..at * 3 + 3).unwrap_or_default(), 16);
    let rows = (0..ROWS).map(row).collect::<Result<_, _>>()?;
    Ok((u16::from_str_radix(code, 16)?, rows))
}
