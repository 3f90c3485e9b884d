//! Decides what a fault in a timetable says: where it is, what it is, and what to write instead.
//!
//! A problem carries a code and fields, not a sentence: sentences live in the text catalogue, in Vietnamese and in
//! English. `problem/words.rs` makes the English ones that logs need; `problem/render.rs` draws the excerpt with its
//! carets. What counts as a fault is decided in `read/`.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

mod render;
pub(in crate::timetable) mod words;

/// A place in a file, with the line it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file as it was named to the reader.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The line's text, without its end; of a very long line the part around the fault.
    pub excerpt: String,
    /// Which bytes of `excerpt` are meant; never empty unless the excerpt ends there.
    pub marked: Range<usize>,
}

/// Bytes of one line that are worth keeping with a problem; a minified file may be a single line of a megabyte.
const EXCERPT_BYTES: usize = 400;

impl Spot {
    /// The spot of a byte range of `text`. A range that runs over several lines is cut at the first line's end.
    #[must_use]
    pub fn new(file: &Arc<str>, text: &str, span: Range<usize>) -> Self {
        let start = floor(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[..line_start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self::on_line(file, text, (line, line_start), span)
    }

    /// As [`Spot::new`], when the number of the line and the byte it starts at are known: looking for them takes as
    /// long as the file, and a file may have thousands of entries.
    #[must_use]
    pub fn on_line(file: &Arc<str>, text: &str, (line, line_start): (usize, usize), span: Range<usize>) -> Self {
        let rest = &text[floor(text, line_start)..];
        let line_text = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let start = floor(line_text, span.start.saturating_sub(line_start));
        let end = ceil(line_text, span.end.saturating_sub(line_start)).max(start);
        let window = window(line_text, start);
        Self {
            file: Arc::clone(file),
            line: count(line),
            column: count(line_text[..start].chars().count() + 1),
            excerpt: line_text[window.clone()].to_owned(),
            marked: start - window.start..end.min(window.end) - window.start,
        }
    }

    /// The file as a whole, when there is no line to show.
    #[must_use]
    pub fn file(file: &Arc<str>) -> Self {
        Self { file: Arc::clone(file), line: 1, column: 1, excerpt: String::new(), marked: 0..0 }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The part of a line to keep: all of it, or [`EXCERPT_BYTES`] from a little before the fault.
fn window(line: &str, at: usize) -> Range<usize> {
    if line.len() <= EXCERPT_BYTES {
        return 0..line.len();
    }
    let start = floor(line, at.saturating_sub(EXCERPT_BYTES / 4));
    start..floor(line, (start + EXCERPT_BYTES).min(line.len()))
}

/// The nearest character boundary at or below `at`: spans may come from a parser that met broken text.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// One fault. Several are found in one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its name in the catalogue: the messages are `problem-<code>`, `…-expected` and `…-hint`.
    pub code: &'static str,
    /// The catalogue's variables.
    pub fields: Vec<(&'static str, String)>,
    /// Where it is; `None` when it is about no file.
    pub spot: Option<Spot>,
    /// A second spot that belongs to it, such as the first of two definitions.
    pub also: Option<Spot>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// Looks a message up by its id and fills in the variables; `None` when the catalogue has no such message.
pub type Say<'a> = &'a dyn Fn(&str, &[(&'static str, String)]) -> Option<String>;

impl Problem {
    /// A problem at a spot.
    #[must_use]
    pub fn new(code: &'static str, spot: Option<Spot>) -> Self {
        Self { code, fields: Vec::new(), spot, also: None, suggestion: None }
    }

    /// With one more variable for its sentences.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    /// With the second spot.
    #[must_use]
    pub fn also(mut self, spot: Spot) -> Self {
        self.also = Some(spot);
        self
    }

    /// With what was probably meant.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }

    /// What is wrong, as a sentence of the catalogue `say`.
    #[must_use]
    pub fn what(&self, say: Say<'_>) -> String {
        // A catalogue that lacks a message must not hide the problem: the code is better than nothing.
        say(&format!("problem-{}", self.code), &self.fields).unwrap_or_else(|| self.code.to_owned())
    }

    /// What should stand there, in a few words.
    #[must_use]
    pub fn expected(&self, say: Say<'_>) -> Option<String> {
        say(&format!("problem-{}-expected", self.code), &self.fields)
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self, say: Say<'_>) -> Option<String> {
        say(&format!("problem-{}-hint", self.code), &self.fields)
    }

    /// "Did you mean …?"
    #[must_use]
    pub fn did_you_mean(&self, say: Say<'_>) -> Option<String> {
        let suggestion = self.suggestion.clone()?;
        say("problem-did-you-mean", &[("suggestion", suggestion)])
    }

    /// One line, `file:line:column: what`, for editors and logs.
    #[must_use]
    pub fn line(&self, say: Say<'_>) -> String {
        let mut line = String::new();
        if let Some(spot) = &self.spot {
            line = format!("{}:{}:{}: ", spot.file, spot.line, spot.column);
        }
        line += &self.what(say);
        if let Some(question) = self.did_you_mean(say) {
            line = line + " " + &question;
        }
        line
    }

    /// The excerpt with carets, in English; `coloured` for a terminal.
    #[must_use]
    pub fn rendered(&self, coloured: bool) -> String {
        self.rendered_in(&words::english, coloured)
    }

    /// The excerpt with carets, in the words of `say`.
    #[must_use]
    pub fn rendered_in(&self, say: Say<'_>, coloured: bool) -> String {
        render::render(self, say, coloured)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.line(&words::english))
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_counts_characters_not_bytes() {
        let spot = Spot::new(&"a.toml".into(), "# một\r\ntên = \"Đức\"\r\n", 16..20);
        assert_eq!((spot.line, spot.column), (2, 7));
        assert_eq!(&spot.excerpt[spot.marked.clone()], "\"Đứ");
        assert!(!spot.excerpt.ends_with('\r'));
    }

    #[test]
    fn a_spot_keeps_a_piece_of_a_line_of_a_megabyte() {
        let text = "ă".repeat(500_000);
        let spot = Spot::new(&"a.toml".into(), &text, 600_001..600_005);
        assert!(spot.excerpt.len() <= EXCERPT_BYTES);
        assert_eq!(spot.column, 300_001);
        assert_eq!(&spot.excerpt[spot.marked.clone()], "ăăă");
    }

    #[test]
    fn a_spot_past_the_end_of_the_text_is_its_end() {
        let spot = Spot::new(&"a.toml".into(), "a = 1\n", 99..120);
        assert_eq!((spot.line, spot.column, spot.marked), (2, 1, 0..0));
    }

    #[test]
    fn a_catalogue_without_the_message_still_names_the_problem() {
        let problem = Problem::new("bad-date", Some(Spot::file(&"a.toml".into())));
        assert_eq!(problem.line(&|_, _| None), "a.toml:1:1: bad-date");
    }
}
