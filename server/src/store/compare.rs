//! Two stores side by side, row by row: what the log gives back against what the desk works with.
//!
//! Only tables that the log tells of are compared. It finds differences and judges none. Next: `schema.rs`.

use std::fmt;

use super::error::StoreError;
use super::open::Store;
use super::sql::statement;
use super::value::{Row, Value};

/// Rows read at a time.
const PAGE: usize = 1_000;
/// Differences that are named at most.
const MOST: usize = 100;

/// Tables made from the log, and the columns of their keys.
const TABLES: [(&str, &[&str]); 11] = [
    ("log_origin", &["origin"]),
    ("definition", &["kind", "id"]),
    ("definition_history", &["change", "line"]),
    ("clip", &["id"]),
    ("signed_order", &["hash"]),
    ("player_key", &["id"]),
    ("player_placing", &["id"]),
    ("issued_release", &["player", "seq"]),
    ("proof_record", &["player", "epoch", "seq"]),
    ("record_conflict", &["player", "epoch", "seq", "hash"]),
    ("act", &["number"]),
];

/// A row in which two stores differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row's key, as text.
    pub row: String,
    /// What is different about it.
    pub kind: DifferenceKind,
}

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The log has it, the store does not.
    Missing,
    /// The store has it, the log does not.
    Added,
    /// Both have it, and a column is different.
    Altered {
        /// Which column of the table, from zero.
        column: usize,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row, kind } = self;
        match kind {
            DifferenceKind::Missing => write!(f, "{table} [{row}]: in the log, not in the store"),
            DifferenceKind::Added => write!(f, "{table} [{row}]: in the store, not in the log"),
            DifferenceKind::Altered { column } => write!(f, "{table} [{row}]: column {column} differs"),
        }
    }
}

/// A table's rows in the order of its key, read page by page.
struct Rows<'s> {
    store: &'s Store,
    table: &'static str,
    key: &'static [&'static str],
    page: std::vec::IntoIter<Row>,
    last: Option<Vec<Value>>,
    ended: bool,
}

impl<'s> Rows<'s> {
    fn of(store: &'s Store, (table, key): (&'static str, &'static [&'static str])) -> Self {
        Self { store, table, key, page: Vec::new().into_iter(), last: None, ended: false }
    }

    async fn next(&mut self) -> Result<Option<(Vec<Value>, Row)>, StoreError> {
        if self.page.len() == 0 && !self.ended {
            self.read().await?;
        }
        let Some(row) = self.page.next() else { return Ok(None) };
        let key = row.values()[..self.key.len()].to_vec();
        self.last = Some(key.clone());
        Ok(Some((key, row)))
    }

    async fn read(&mut self) -> Result<(), StoreError> {
        let (table, columns) = (self.table, self.key.join(", "));
        let beyond = match &self.last {
            None => String::new(),
            Some(_) => {
                let places: Vec<String> = (1..=self.key.len()).map(|n| format!("${n}")).collect();
                format!("WHERE ({columns}) > ({})", places.join(", "))
            }
        };
        // The key first, whatever the order of the table's columns.
        let list = format!("SELECT {columns}, {table}.* FROM {table} {beyond} ORDER BY {columns} LIMIT {PAGE}");
        let list = statement(list).with_all(self.last.clone().unwrap_or_default());
        let page = self.store.database.all(list).await?;
        self.ended = page.len() < PAGE;
        self.page = page.into_iter();
        Ok(())
    }
}

impl Store {
    /// Where this store differs from `truth`, the one made from the log: at most a hundred differences.
    ///
    /// # Errors
    /// When either cannot be read.
    pub async fn differences(&self, truth: &Self) -> Result<Vec<Difference>, StoreError> {
        let mut found = Vec::new();
        for table in TABLES {
            compare(table, self, truth, &mut found).await?;
        }
        for counter in ["changes", "acts", "log"] {
            let get = || statement("SELECT name, value FROM counter WHERE name = $1").with(counter);
            let (mine, theirs) = (self.database.optional(get()).await?, truth.database.optional(get()).await?);
            if mine.as_ref().map(Row::values) != theirs.as_ref().map(Row::values) {
                let kind = DifferenceKind::Altered { column: 1 };
                found.push(Difference { table: "counter", row: counter.to_owned(), kind });
            }
        }
        Ok(found)
    }
}

async fn compare(
    table: (&'static str, &'static [&'static str]),
    store: &Store,
    truth: &Store,
    found: &mut Vec<Difference>,
) -> Result<(), StoreError> {
    let (mut mine, mut theirs) = (Rows::of(store, table), Rows::of(truth, table));
    let (mut a, mut b) = (mine.next().await?, theirs.next().await?);
    while found.len() < MOST {
        let (kind, key) = match (&a, &b) {
            (None, None) => break,
            (Some((key, row)), Some((other, truth))) if key == other => {
                let pair = row.values().iter().zip(truth.values()).skip(key.len());
                let altered = pair.into_iter().position(|(mine, theirs)| mine != theirs);
                (altered.map(|column| DifferenceKind::Altered { column }), key.clone())
            }
            (Some((key, _)), other) if other.as_ref().is_none_or(|(other, _)| before(key, other)) => {
                (Some(DifferenceKind::Added), key.clone())
            }
            (_, Some((key, _))) => (Some(DifferenceKind::Missing), key.clone()),
            (Some(_), None) => break,
        };
        if let Some(kind) = kind {
            found.push(Difference { table: table.0, row: shown(&key), kind });
        }
        if kind != Some(DifferenceKind::Missing) {
            a = mine.next().await?;
        }
        if kind != Some(DifferenceKind::Added) {
            b = theirs.next().await?;
        }
    }
    Ok(())
}

/// Whether a key comes before another in the order of the database: numbers by size, text and bytes by bytes.
fn before(one: &[Value], other: &[Value]) -> bool {
    for pair in one.iter().zip(other) {
        let order = match pair {
            (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
            _ => continue,
        };
        if order.is_ne() {
            return order.is_lt();
        }
    }
    false
}

fn shown(key: &[Value]) -> String {
    let parts = key.iter().map(|value| match value {
        Value::Integer(number) => number.unwrap_or_default().to_string(),
        Value::Text(text) => text.clone().unwrap_or_default(),
        Value::Bytes(bytes) => bytes.iter().flatten().map(|byte| format!("{byte:02x}")).collect(),
    });
    parts.collect::<Vec<_>>().join(" ")
}
