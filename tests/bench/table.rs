//! The one table that the benchmarks print, and what stands below it.
//!
//! It decides how figures are written: ours, the peer's, and the ratio of the two. It measures nothing.

use std::fmt;

/// Why a measurement gives no figure.
pub type Failed = Box<dyn std::error::Error>;

/// One line: what was measured, ours, the peer's, both in `unit`, and who the peer is.
struct Row {
    what: String,
    ours: f64,
    peer: Option<(String, f64)>,
    unit: &'static str,
}

/// Rows, and plain lines for what could not be measured or has no peer.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
    lines: Vec<String>,
}

impl Table {
    /// Adds a figure beside a peer's.
    pub fn beside(&mut self, what: impl Into<String>, ours: f64, peer: &str, theirs: f64, unit: &'static str) {
        self.rows.push(Row { what: what.into(), ours, peer: Some((peer.to_owned(), theirs)), unit });
    }

    /// Adds a figure that has no peer.
    pub fn alone(&mut self, what: impl Into<String>, ours: f64, unit: &'static str) {
        self.rows.push(Row { what: what.into(), ours, peer: None, unit });
    }

    /// Adds a plain line.
    pub fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | unit | loa | peer | peer's | loa ÷ peer |\n|---|---|--:|---|--:|--:|")?;
        for Row { what, ours, peer, unit } in &self.rows {
            let ours_text = figure(*ours);
            match peer {
                Some((name, theirs)) => {
                    let (theirs_text, ratio) = (figure(*theirs), figure(ours / theirs));
                    writeln!(f, "| {what} | {unit} | {ours_text} | {name} | {theirs_text} | {ratio} |")?;
                }
                None => writeln!(f, "| {what} | {unit} | {ours_text} | – | – | – |")?,
            }
        }
        self.lines.iter().try_for_each(|line| writeln!(f, "\n{line}"))
    }
}

/// Three digits that mean something.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        _ => 5,
    };
    format!("{value:.decimals$}")
}

/// The middle one of some figures.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
