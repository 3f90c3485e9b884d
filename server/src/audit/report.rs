//! An account on paper, as a workbook, as text and for programs: the same tables in four forms.
//!
//! What is in a report is decided in `report/tables.rs` and `report/words.rs`; how it looks, in `pdf.rs`, `workbook.rs`
//! and `text.rs`. A report says what it rests on: period, as of when, levels of evidence, and which log it can be
//! checked against, or plainly that none was given. Same account, same words: same bytes. Nothing here reads a clock,
//! a store or a disk.

mod chart;
mod code;
mod font;
mod grid;
mod ink;
mod paper;
mod pdf;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod words;
mod workbook;

use loa_domain::id::Hash;
use loa_domain::time::{LocalTime, UtcMs};
use loa_host::text::Words;

use super::account::{Account, Question};

/// Which state of the log a report can be checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStamp {
    /// The log's name.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// The hash at the root of its tree.
    pub root: Hash,
    /// The whole checkpoint with its signatures, as the log published it.
    pub note: String,
}

/// What a report is about, in names for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Who reports; a line to fill in where there is none.
    pub office: Option<String>,
    /// The campaign's name.
    pub campaign: Option<String>,
    /// The decision that the campaign rests on.
    pub decision: Option<String>,
    /// The place with those above it.
    pub place: Option<String>,
    /// The player.
    pub player: Option<String>,
    /// The clip.
    pub clip: Option<String>,
}

/// A report to be written.
pub struct Report<'r> {
    /// What it says.
    pub account: &'r Account,
    /// What was asked.
    pub question: &'r Question,
    /// What it is about.
    pub subject: Subject,
    /// The log, if one was given.
    pub log: Option<LogStamp>,
    /// The words of its language.
    pub words: &'r Words,
    /// What the clock of the question's zone shows.
    pub local: &'r dyn Fn(UtcMs) -> LocalTime,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text for spreadsheets, UTF-8 with a byte order mark: one file of places, one of failures.
    Csv,
    /// A workbook.
    Xlsx,
    /// For print and archive: A4, PDF/A-2u.
    Pdf,
    /// For programs.
    Json,
}

/// One file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What follows the name asked for, before its ending; empty for the main file.
    pub part: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The PDF could not be made.
    #[error("the PDF cannot be made: {0}")]
    Pdf(String),
    /// The workbook could not be made.
    #[error("the workbook cannot be made: {0}")]
    Workbook(String),
}

impl Report<'_> {
    /// The files of the report in a form.
    ///
    /// # Errors
    /// When a library refuses what it was given; the text says what.
    pub fn write(&self, form: Form) -> Result<Vec<Written>, ReportError> {
        let whole = |bytes| vec![Written { part: "", bytes }];
        match form {
            Form::Csv => Ok(text::csv(self)),
            Form::Json => Ok(whole(text::json(self))),
            Form::Xlsx => workbook::write(self).map(whole),
            Form::Pdf => pdf::write(self).map(whole),
        }
    }
}
