//! How rows reach people and programs: as a table, as CSV, as JSON; and how times and lengths are written.
//!
//! The only file that names the table and CSV libraries. Which rows there are is each command's. Tables are for people,
//! in the language asked for; CSV and JSON have stable keys, UTC milliseconds and stable names in every language.
//! Next: `moment.rs`, the other way round: times that people type.

use std::io::{self, Write};

use clap::{Arg, ArgMatches};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use loa_domain::time::LocalTime;
use loa_host::text::{Language, Words};
use serde_json::Value;

/// What rows are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// RFC 4180.
    Csv,
    /// One array.
    Json,
}

/// The argument that chooses.
pub(crate) fn format_argument(words: &Words) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("table|csv|json")
        .value_parser(["table", "csv", "json"])
        .hide_possible_values(true)
        .default_value("table")
        .hide_default_value(true)
        .help(words.say("show-help-format"))
}

/// What was chosen.
pub(crate) fn format(found: &ArgMatches) -> Format {
    match found.get_one::<String>("format").map(String::as_str) {
        Some("csv") => Format::Csv,
        Some("json") => Format::Json,
        _ => Format::Table,
    }
}

/// One row: what people see, and what programs read.
pub(crate) struct Row {
    /// One text per column of the table.
    pub cells: Vec<String>,
    /// One value per key.
    pub values: Vec<Value>,
}

/// A sheet that rows are written to one by one.
pub(crate) struct Sheet<'o> {
    keys: &'static [&'static str],
    rows: u64,
    kind: Kind<'o>,
}

enum Kind<'o> {
    Table(Box<Table>, &'o mut dyn Write),
    Csv(Box<csv::Writer<&'o mut dyn Write>>),
    Json(&'o mut dyn Write),
}

impl<'o> Sheet<'o> {
    /// A sheet with the titles of its table and the keys of its values; `right` are the columns of numbers.
    pub(crate) fn begin(
        format: Format,
        titles: Vec<String>,
        right: &[usize],
        keys: &'static [&'static str],
        out: &'o mut dyn Write,
    ) -> io::Result<Self> {
        let kind = match format {
            Format::Table => {
                let mut table = Table::new();
                table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
                table.set_header(titles);
                for column in right {
                    if let Some(column) = table.column_mut(*column) {
                        column.set_cell_alignment(CellAlignment::Right);
                    }
                }
                Kind::Table(Box::new(table), out)
            }
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(keys)?;
                Kind::Csv(Box::new(writer))
            }
            Format::Json => {
                out.write_all(b"[")?;
                Kind::Json(out)
            }
        };
        Ok(Self { keys, rows: 0, kind })
    }

    /// Writes a row.
    pub(crate) fn row(&mut self, row: Row) -> io::Result<()> {
        self.rows += 1;
        match &mut self.kind {
            Kind::Table(table, _) => {
                table.add_row(row.cells);
                Ok(())
            }
            Kind::Csv(writer) => Ok(writer.write_record(row.values.iter().map(plain))?),
            Kind::Json(out) => {
                out.write_all(if self.rows == 1 { b"\n{" } else { b",\n{" })?;
                for (index, (key, value)) in self.keys.iter().zip(&row.values).enumerate() {
                    write!(out, "{}{key:?}:{value}", if index == 0 { "" } else { "," })?;
                }
                out.write_all(b"}")
            }
        }
    }

    /// Writes what is left, and gives how many rows there were.
    pub(crate) fn end(self) -> io::Result<u64> {
        match self.kind {
            Kind::Table(table, out) if self.rows > 0 => {
                for line in table.lines() {
                    writeln!(out, "{}", line.trim_end())?;
                }
            }
            Kind::Table(..) => {}
            Kind::Csv(mut writer) => writer.flush()?,
            Kind::Json(out) => out.write_all(b"\n]\n")?,
        }
        Ok(self.rows)
    }
}

/// A value as CSV has it: nothing for null, text without quotes of its own.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A date as it is written in the language.
pub(crate) fn date(at: LocalTime, words: &Words) -> String {
    let (year, month, day) = at.date().year_month_day();
    match words.language() {
        Language::Vietnamese => format!("{day:02}/{month:02}/{year:04}"),
        Language::English => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// A time of day to the second.
pub(crate) fn time(at: LocalTime) -> String {
    let second = at.second_of_day();
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// Date and time.
pub(crate) fn date_time(at: LocalTime, words: &Words) -> String {
    format!("{} {}", date(at, words), time(at))
}

/// The day of the week.
pub(crate) fn weekday(at: LocalTime, words: &Words) -> String {
    words.say(&format!("weekday-{}", at.date().weekday()))
}

/// A length of sound: minutes and seconds, with tenths where it is no whole second.
pub(crate) fn length(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    let (minutes, seconds) = (tenths / 600, tenths / 10 % 60);
    match tenths % 10 {
        0 => format!("{minutes}:{seconds:02}"),
        part => format!("{minutes}:{seconds:02}.{part}"),
    }
}

/// A size in bytes, rounded.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} kB", (bytes + 500) / 1000),
        _ => format!("{} MB", (bytes + 500_000) / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_order_of_its_keys_and_csv_quotes_what_needs_it() {
        let write = |format| {
            let mut out = Vec::new();
            let mut sheet = Sheet::begin(format, vec!["A".into(), "B".into()], &[], &["b", "a"], &mut out).unwrap();
            let values = vec![Value::from("một, hai"), Value::Null];
            sheet.row(Row { cells: vec!["1".into(), "2".into()], values }).unwrap();
            sheet.end().unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(write(Format::Json), "[\n{\"b\":\"một, hai\",\"a\":null}\n]\n");
        assert_eq!(write(Format::Csv), "b,a\n\"một, hai\",\n");
    }

    #[test]
    fn lengths_and_sizes_are_rounded_to_what_people_read() {
        assert_eq!(length(61_000), "1:01");
        assert_eq!(length(61_449), "1:01.4");
        assert_eq!(length(59_960), "1:00");
        assert_eq!(size(9_999), "9999 B");
        assert_eq!(size(1_234_567), "1235 kB");
    }
}
