//! The report on paper: which parts follow one another, from the heading of an official letter to the three signatures.
//!
//! The words are `words.rs`, the tables `tables.rs`, the page `paper.rs`. No rows are left out without a sentence that
//! says so and where they are.

use loa_domain::time::LocalTime;
use loa_host::text::Language;

use super::font::Fonts;
use super::ink::{self, About, Mark};
use super::paper::{LEFT, Look, Paper, Side, WIDTH};
use super::{Report, ReportError, chart, code, grid};
use crate::audit::account::PlayerAccount;

/// Rows of failures on paper; the rest is in the workbook.
const FAILURES: usize = 200;
/// The side of the code to scan, in points: 35 mm.
const CODE: f32 = 99.0;
const TEXT: f32 = 9.5;

/// The report as a PDF.
pub(super) fn write(report: &Report<'_>) -> Result<Vec<u8>, ReportError> {
    made(report, true)
}

fn made(report: &Report<'_>, compressed: bool) -> Result<Vec<u8>, ReportError> {
    let fonts = Fonts::read().ok_or_else(|| ReportError::Pdf("the font is damaged".into()))?;
    let mut paper = Paper::new(&fonts);
    compose(&mut paper, report);
    let at = LocalTime::from_seconds(report.question.as_of.seconds());
    let ((year, month, day), second) = (at.date().year_month_day(), at.second_of_day());
    // Each is in range by what it counts.
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    let about = About {
        title: format!("{} {}", report.title(), report.subject.campaign.clone().unwrap_or_default()).trim().to_owned(),
        language: if report.words.language() == Language::Vietnamese { "vi-VN" } else { "en" },
        made: (
            u16::try_from(year).unwrap_or(0),
            small(month),
            small(day),
            small(second / 3600),
            small(second / 60 % 60),
            small(second % 60),
        ),
        seed: format!("{:?}", report.question),
    };
    ink::pdf(&paper.pages, &fonts, &about, compressed)
}

fn compose(paper: &mut Paper<'_>, report: &Report<'_>) {
    heading(paper, report);
    about(paper, report);
    let levels = report.levels();
    let mut coverage = report.coverage(&levels);
    // On paper the place's code stands in the workbook, and a campaign that all rows share in the heading.
    drop_columns(&mut coverage, &["code"]);
    if report.question.campaign.is_some() {
        drop_columns(&mut coverage, &["campaign"]);
    }
    paper.table(&coverage, report, 6.6);
    paper.skip(3.0);
    paper.paragraph(&report.words.say("report-share-means"), Look::new(7.2, false));
    chart::draw(paper, report);
    grid::draw(paper, report);
    paper.table(&report.languages(&levels), report, 6.6);
    paper.table(&report.categories(&levels), report, 6.6);
    evidence(paper, report);
    failures(paper, report);
    let silent = |player: &PlayerAccount| player.silent_since.is_some();
    if report.account.players.values().any(silent) {
        let mut players = report.players(silent);
        players.title = report.words.say("report-table-silent");
        paper.table(&players, report, 6.6);
    }
    paper.heading(&report.words.say("report-completeness"), 40.0);
    for sentence in report.completeness() {
        paper.paragraph(&format!("– {sentence}"), Look::new(TEXT, false));
    }
    log(paper, report);
    signatures(paper, report);
    let title = report.title();
    let as_of = report.moment(report.question.as_of);
    paper.feet(|number, count| {
        let numbers = [("number", number.to_string()), ("count", count.to_string())];
        let numbers: Vec<(&str, &str)> = numbers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        (format!("{title} · {as_of}"), report.words.with("report-page", &numbers))
    });
}

fn drop_columns(table: &mut super::tables::Table, names: &[&str]) {
    let keep: Vec<bool> = table.columns.iter().map(|column| !names.contains(&column.name.as_str())).collect();
    let mut kept = keep.iter();
    table.columns.retain(|_| kept.next().copied().unwrap_or(true));
    for row in &mut table.rows {
        let mut kept = keep.iter();
        row.retain(|_| kept.next().copied().unwrap_or(true));
    }
}

/// The head of an official letter: who writes at the left, the state and its motto at the right.
fn heading(paper: &mut Paper<'_>, report: &Report<'_>) {
    let words = report.words;
    let (y, half) = (paper.y, WIDTH * 0.42);
    let office = report.subject.office.clone().unwrap_or_else(|| "………………………………".to_owned());
    let left = paper.write(&office, Look::new(9.5, true).on(Side::Middle), (LEFT, y), half);
    paper.write(&words.say("report-number"), Look::new(9.5, false).on(Side::Middle), (LEFT, y + left + 4.0), half);
    let (x, width) = (LEFT + half + 8.0, WIDTH - half - 8.0);
    let middle = |size, bold| Look::new(size, bold).on(Side::Middle);
    let mut down = paper.write(&words.say("report-state"), middle(9.0, true), (x, y), width);
    down += paper.write(&words.say("report-motto"), middle(9.5, true), (x, y + down), width);
    paper.mark(Mark::Line {
        from: (x + width * 0.3, y + down + 2.0),
        to: (x + width * 0.7, y + down + 2.0),
        thick: 0.6,
    });
    down += 8.0;
    down += paper.write(&words.say("report-place-and-day"), middle(9.0, false), (x, y + down), width);
    paper.y = y + down.max(left + 20.0) + 16.0;
    paper.paragraph(&report.title().to_uppercase(), middle(14.0, true));
    if let Some(campaign) = &report.subject.campaign {
        paper.paragraph(campaign, middle(11.0, true));
    }
    paper.skip(8.0);
}

fn about(paper: &mut Paper<'_>, report: &Report<'_>) {
    for (name, value) in report.about() {
        let height = paper.lines(&value, Look::new(TEXT, false), WIDTH - 120.0).len() as f32 * TEXT * 1.36;
        paper.need(height);
        let y = paper.y;
        paper.write(&format!("{name}:"), Look::new(TEXT, true), (LEFT, y), 120.0);
        paper.y += paper.write(&value, Look::new(TEXT, false), (LEFT + 120.0, y), WIDTH - 120.0).max(TEXT * 1.36);
    }
}

fn evidence(paper: &mut Paper<'_>, report: &Report<'_>) {
    paper.table(&report.evidence(), report, 6.6);
    paper.skip(3.0);
    paper.paragraph(&report.words.say("report-levels-mean"), Look::new(7.2, false));
}

fn failures(paper: &mut Paper<'_>, report: &Report<'_>) {
    if report.account.failures.is_empty() {
        paper.heading(&report.words.say("report-table-failures"), 20.0);
        paper.paragraph(&report.words.say("report-no-failures"), Look::new(TEXT, false));
        return;
    }
    paper.table(&report.reasons(), report, 7.2);
    let mut failures = report.failures(FAILURES);
    drop_columns(&mut failures, &["code"]);
    paper.table(&failures, report, 6.4);
    let left = report.account.failures.len().saturating_sub(FAILURES);
    if left > 0 {
        let (shown, left) = (FAILURES.to_string(), left.to_string());
        let sentence = report.words.with("report-failures-cut", &[("shown", &shown), ("left", &left)]);
        paper.skip(3.0);
        paper.paragraph(&sentence, Look::new(7.2, false));
    }
}

/// What the report can be checked against, with the checkpoint as a code to scan.
fn log(paper: &mut Paper<'_>, report: &Report<'_>) {
    let squares = report.log.as_ref().map(|log| code::of(&log.note));
    paper.heading(&report.words.say("report-log"), if squares.is_some() { CODE + 30.0 } else { 30.0 });
    for line in report.log_lines() {
        paper.paragraph(&line, Look::new(TEXT, false));
    }
    let Some(squares) = squares else { return };
    let Some(squares) = squares else {
        paper.paragraph(&report.words.say("report-log-too-long"), Look::new(TEXT, false));
        return;
    };
    paper.skip(10.0);
    paper.need(CODE + 12.0);
    let side = CODE / squares.across as f32;
    let (x, y) = (LEFT + 10.0, paper.y);
    let at = |place: usize| (x + (place % squares.across) as f32 * side, y + (place / squares.across) as f32 * side);
    let dark = squares.dark.iter().enumerate().filter(|(_, dark)| **dark);
    paper.mark(Mark::Squares { at: dark.map(|(place, _)| at(place)).collect(), side });
    paper.write(
        &report.words.say("report-log-scan"),
        Look::new(8.0, false),
        (x + CODE + 16.0, y + 4.0),
        WIDTH - CODE - 40.0,
    );
    paper.skip(CODE + 12.0);
}

/// Three names side by side, with room to sign; never torn from one another.
fn signatures(paper: &mut Paper<'_>, report: &Report<'_>) {
    paper.skip(16.0);
    paper.need(120.0);
    let (y, step) = (paper.y, WIDTH / 3.0);
    for (number, who) in ["preparer", "checker", "head"].into_iter().enumerate() {
        let x = LEFT + step * number as f32;
        let middle = |size, bold| Look::new(size, bold).on(Side::Middle);
        let down = paper.write(&report.words.say(&format!("report-sign-{who}")), middle(9.5, true), (x, y), step);
        paper.write(&report.words.say(&format!("report-sign-how-{who}")), middle(7.5, false), (x, y + down), step);
        paper.mark(Mark::Line { from: (x + 18.0, y + 104.0), to: (x + step - 18.0, y + 104.0), thick: 0.4 });
    }
    paper.skip(110.0);
}

#[cfg(test)]
pub(super) mod tests;
