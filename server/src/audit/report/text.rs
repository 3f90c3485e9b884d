//! A report as text: CSV that Excel opens with its Vietnamese whole, and JSON for programs.
//!
//! CSV: UTF-8 with a byte order mark (without it Excel takes the bytes for another code page), CRLF, plain numbers with
//! a point, times as `2026-12-10 05:15`. All four levels of evidence have their columns, whether they occur or not, so
//! that files of different years fit under one another. What the columns are is decided in `tables.rs`.

use serde_json::{Map, Value, json};

use super::tables::{Cell, Table};
use super::{Report, Written};
use crate::audit::account::LEVELS;

const ALL_LEVELS: [usize; LEVELS] = [0, 1, 2, 3];

/// Places × campaigns, and a second file of failures.
pub(super) fn csv(report: &Report<'_>) -> Vec<Written> {
    let mut coverage = report.coverage(&ALL_LEVELS);
    // Sums are for people; in a file for counting they would be counted.
    coverage.rows.pop();
    let failures = report.failures(usize::MAX);
    let file = |part, table: &Table| Written { part, bytes: sheet(report, table).into_bytes() };
    vec![file("", &coverage), file("failures", &failures)]
}

fn sheet(report: &Report<'_>, table: &Table) -> String {
    let titles: Vec<String> = table.columns.iter().map(|column| quoted(&column.title)).collect();
    let mut text = format!("\u{feff}{}\r\n", titles.join(","));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(&plain(report, cell))).collect();
        text += &cells.join(",");
        text += "\r\n";
    }
    text
}

fn quoted(text: &str) -> String {
    // A spreadsheet runs a cell that begins like a formula; a place or an order can be named by anyone who writes files.
    let tamed = text.starts_with(['=', '+', '-', '@', '\t', '\r']).then(|| format!("'{text}"));
    let text = tamed.as_deref().unwrap_or(text);
    if text.contains(['"', ',', ';', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn plain(report: &Report<'_>, cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Minutes(ms) => format!("{}.{:03}", ms / 60_000, ms % 60_000 / 60),
        Cell::Share(share) => share.map_or_else(String::new, |share| format!("{}.{}", share / 10, share % 10)),
        Cell::Moment(at) => at.map_or_else(String::new, |at| {
            let local = (report.local)(at);
            let second = local.second_of_day();
            format!("{} {:02}:{:02}:{:02}", local.date(), second / 3600, second / 60 % 60, second % 60)
        }),
    }
}

/// Every table, with the question, the log and the completeness.
pub(super) fn json(report: &Report<'_>) -> Vec<u8> {
    let (question, subject) = (report.question, &report.subject);
    let tables = [
        report.coverage(&ALL_LEVELS),
        report.months(&ALL_LEVELS),
        report.languages(&ALL_LEVELS),
        report.categories(&ALL_LEVELS),
        report.reasons(),
        report.evidence(),
        report.failures(usize::MAX),
        report.players(|_| true),
    ];
    let tables: Map<String, Value> = tables.iter().map(|table| (table.name.to_owned(), rows(table))).collect();
    let log = report
        .log
        .as_ref()
        .map(|log| json!({ "origin": log.origin, "size": log.size, "root": log.root.to_string(), "note": log.note }));
    let whole = json!({
        "from_ms": question.from.0,
        "until_ms": question.until.0,
        "as_of_ms": question.as_of.0,
        "zone": question.zone,
        "place": question.place,
        "campaign": question.campaign,
        "player": question.player,
        "clip": question.clip,
        "decision": subject.decision,
        "log": log,
        "newest_received_ms": report.account.newest_received().map(|at| at.0),
        "completeness": report.completeness(),
        "tables": tables,
    });
    // Plain data with text keys: it always has a JSON form.
    let mut bytes = serde_json::to_vec_pretty(&whole).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn rows(table: &Table) -> Value {
    let row = |cells: &Vec<Cell>| -> Map<String, Value> {
        let named = table.columns.iter().zip(cells);
        named.map(|(column, cell)| (key(&column.name, cell), value(cell))).collect()
    };
    let count = table.rows.len() - usize::from(table.has_total);
    Value::from_iter(table.rows[..count].iter().map(row))
}

/// Units last: what programs read is exact.
fn key(name: &str, cell: &Cell) -> String {
    match cell {
        Cell::Minutes(_) if name == "minutes_due" => "due_ms".to_owned(),
        Cell::Minutes(_) => format!("{}_ms", name.replace("minutes_", "heard_").replace("_minutes", "")),
        Cell::Share(_) => format!("{name}_per_mille"),
        Cell::Moment(_) => format!("{name}_at_ms"),
        Cell::Text(_) | Cell::Number(_) => name.to_owned(),
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => json!(text),
        Cell::Number(number) | Cell::Minutes(number) => json!(number),
        Cell::Share(share) => json!(share),
        Cell::Moment(at) => json!(at.map(|at| at.0)),
    }
}
