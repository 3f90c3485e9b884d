//! Decides nothing about timetables: turns TOML text into a plain tree that remembers where each part stood.
//!
//! The one file of the desk that names `toml`. The tree keeps the order of the file, so that problems come in it.
//! Next: `index.rs`, `fields.rs`.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and the bytes of the text it was written in.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: Range<usize>,
}

/// What a value can be.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Boolean(bool),
    /// TOML's own dates and times, as text: `2026-12-10` without quotes is as good as with them.
    Date(String),
    /// Fractions, infinities, numbers beyond 64 bits: nothing in a timetable is one.
    Odd,
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) node: Node,
}

/// The text's top-level entries, or every fault of its syntax.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, Vec<(Range<usize>, String)>> {
    let (table, faults) = DeTable::parse_recoverable(text);
    if faults.is_empty() {
        return Ok(entries(table.into_inner()));
    }
    Err(faults.into_iter().map(|fault| (fault.span().unwrap_or(0..0), fault.message().to_owned())).collect())
}

/// Settings that are no timetable: all of the text as one value, or what is wrong, with its line.
///
/// # Errors
/// What is wrong.
pub fn settings<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

fn entries(table: DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<_> = table
        .into_iter()
        .map(|(key, value)| Entry { key_span: key.span(), key: key.into_inner().into_owned(), node: node(value) })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Odd, Value::Number)
        }
        DeValue::Float(_) => Value::Odd,
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Value::Table(entries(table)),
    };
    Node { value, span }
}
