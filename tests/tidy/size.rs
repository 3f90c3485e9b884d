//! Lengths: of files, of functions, of the usual file; and the words that every file opens with.
//!
//! Next: `imports.rs`.

use super::finding::Finding;
use super::tree::House;

/// A file that is longer holds two things.
pub const FILE_LINES: usize = 500;
/// A function that is longer cannot be seen at once.
pub const FUNCTION_LINES: usize = 70;
/// Half of all files are at most this long; 150 is what we aim at.
pub const MEDIAN_LINES: usize = 200;
/// Shorter than this, an opening says no more than the file's name does.
const OPENING_CHARS: usize = 40;

/// Files over their budget.
pub fn files(house: &House) -> Vec<Finding> {
    let lengths = house.sources.iter().map(|source| (&source.path, source.text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > FILE_LINES);
    long.map(|(path, lines)| Finding {
        place: path.clone(),
        over: lines - FILE_LINES,
        says: format!("{path}: {lines} lines, at most {FILE_LINES}"),
    })
    .collect()
}

/// Functions over their budget.
pub fn functions(house: &House) -> Vec<Finding> {
    let each = house.sources.iter().flat_map(|source| source.facts.functions.iter().map(move |f| (&source.path, f)));
    each.filter(|(_, function)| function.lines > FUNCTION_LINES)
        .map(|(path, function)| Finding {
            place: format!("{path}#{}", function.name),
            over: function.lines - FUNCTION_LINES,
            says: format!(
                "{path}:{}: fn {} has {} lines, at most {FUNCTION_LINES}",
                function.line, function.name, function.lines
            ),
        })
        .collect()
}

/// The length of the file in the middle.
pub fn median(house: &House) -> usize {
    let mut lengths: Vec<usize> = house.sources.iter().map(|source| source.text.lines().count()).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or(0)
}

/// Files that do not open with `//!` and what they decide.
pub fn openings(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &house.sources {
        let opening: Vec<&str> = source
            .text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .filter(|line| !line.trim().is_empty())
            .collect();
        let chars: usize = opening.iter().map(|line| line.trim().chars().count()).sum();
        let says = match opening.len() {
            0 => "does not open with `//!`",
            1 if chars < OPENING_CHARS && !source.is_test => "opens with less than a sentence: what does it decide?",
            _ => continue,
        };
        findings.push(Finding::at(&source.path, 1, says));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::house;
    use super::*;

    fn places(findings: Vec<Finding>) -> Vec<(String, usize)> {
        findings.into_iter().map(|finding| (finding.place, finding.over)).collect()
    }

    #[test]
    fn what_is_too_long_is_told_with_how_much() {
        let long = format!("fn f() {{\n{}}}\n", "\n".repeat(500));
        let house = house(&[("a/Cargo.toml", ""), ("a/src/lib.rs", &long)]);
        assert_eq!(places(files(&house)), [("a/src/lib.rs".to_owned(), 2)]);
        assert_eq!(places(functions(&house)), [("a/src/lib.rs#f".to_owned(), 432)]);
        assert_eq!(median(&house), 502);
    }

    #[test]
    fn a_file_opens_with_a_sentence_and_a_test_with_a_line() {
        let house = house(&[
            ("a/Cargo.toml", ""),
            ("a/src/lib.rs", "//! Short.\nmod b; mod c; mod d; #[cfg(test)] mod tests;"),
            ("a/src/b.rs", "use x;"),
            ("a/src/c.rs", "//! Two lines, and they\n//! say what it decides."),
            ("a/src/d.rs", "//! What it decides is said here in a sentence of its own."),
            ("a/src/tests.rs", "//! Tests."),
        ]);
        assert_eq!(places(openings(&house)), [("a/src/b.rs".to_owned(), 1), ("a/src/lib.rs".to_owned(), 1)]);
    }
}
