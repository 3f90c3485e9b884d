//! Decides which names exist, before any entry is read: so a file may name what a later file defines, and an entry
//! with a fault still counts as defined and does not make every reference to it look wrong too.
//!
//! It also finds names that are defined twice. Next: `fields.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::nearest::nearest;
use super::syntax::{Entry, Node, Value};
use super::values::Fault;
use super::{Report, Table};
use crate::timetable::date::Date;
use crate::timetable::model::PlaceKey;
use crate::timetable::problem::{Problem, Spot};

/// The names that the files define.
#[derive(Default)]
pub(super) struct Index {
    /// By table and id; places by `code@date`.
    spots: BTreeMap<(&'static str, String), Spot>,
    /// The days from which each code means a place.
    codes: BTreeMap<String, BTreeSet<Date>>,
    /// The code of each place's name.
    names: BTreeMap<String, String>,
    tags: BTreeSet<String>,
}

/// Why a place's name does not name one place.
pub(super) enum NoPlace {
    /// Nothing has the code.
    Unknown,
    /// The code has other days.
    OtherDays(Vec<PlaceKey>),
    /// No day was given and the code has several.
    Several(Vec<PlaceKey>),
}

impl Index {
    /// Collects the names of all tables.
    pub(super) fn of(tables: &[Table<'_>], report: &Report) -> Self {
        let mut index = Self::default();
        for table in tables {
            index.add(table, report);
        }
        index
    }

    fn add(&mut self, table: &Table<'_>, report: &Report) {
        let text = |key: &str| find(table.entries, key).and_then(|node| Some((text_of(node)?, node)));
        if table.name == "player"
            && let Some(Value::List(tags)) = find(table.entries, "tags").map(|node| &node.value)
        {
            self.tags.extend(tags.iter().filter_map(text_of).map(str::to_owned));
        }
        let (name, node) = if table.name == "place" {
            let (Some((code, node)), Some(Ok(date))) = (text("code"), text("valid_from").map(|(date, _)| date.parse()))
            else {
                return;
            };
            self.codes.entry(code.to_owned()).or_default().insert(date);
            if let Some((name, _)) = text("name") {
                self.names.insert(name.to_owned(), code.to_owned());
            }
            (PlaceKey { code: code.to_owned(), valid_from: date }.to_string(), node)
        } else {
            let Some((id, node)) = text("id") else { return };
            (id.to_owned(), node)
        };
        let spot = table.source.spot(node.span.clone());
        if let Some(first) = self.spots.get(&(table.name, name.clone())) {
            let problem = Problem::new("defined-twice", Some(spot)).with("table", table.name).with("name", name);
            let problem = problem.with("first", format!("{}:{}", first.file, first.line));
            report.add(problem.also(first.clone()));
        } else {
            self.spots.insert((table.name, name), spot);
        }
    }

    /// Whether a table defines that id.
    pub(super) fn has(&self, table: &'static str, id: &str) -> bool {
        self.spots.contains_key(&(table, id.to_owned()))
    }

    /// An id that its table must define.
    pub(super) fn known(&self, table: &'static str, id: &str) -> Result<String, Fault> {
        if self.has(table, id) {
            return Ok(id.to_owned());
        }
        Err(Fault::of("unknown-name", id).with("table", table).suggest(self.nearest(table, id)))
    }

    /// How many names a table defines.
    pub(super) fn count(&self, table: &'static str) -> usize {
        self.names(table).count()
    }

    /// The id of that table that was probably meant.
    pub(super) fn nearest(&self, table: &'static str, id: &str) -> Option<String> {
        nearest(id, self.names(table))
    }

    fn names(&self, table: &'static str) -> impl Iterator<Item = &str> {
        let from = (table, String::new());
        self.spots.range(from..).take_while(move |((name, _), _)| *name == table).map(|((_, id), _)| id.as_str())
    }

    /// Whether some player carries the tag.
    pub(super) fn has_tag(&self, tag: &str) -> bool {
        self.tags.contains(tag)
    }

    /// The tag that was probably meant.
    pub(super) fn nearest_tag(&self, tag: &str) -> Option<String> {
        nearest(tag, self.tags.iter().map(String::as_str))
    }

    /// The one place that a code, with or without its first day, names. A code with several days needs the day: an
    /// order must not move to another area because a file about a merger was read.
    pub(super) fn place(&self, code: &str, valid_from: Option<Date>) -> Result<PlaceKey, NoPlace> {
        let dates = self.codes.get(code).ok_or(NoPlace::Unknown)?;
        let key = |date: &Date| PlaceKey { code: code.to_owned(), valid_from: *date };
        let all = || dates.iter().map(key).collect();
        match valid_from {
            Some(date) if dates.contains(&date) => Ok(key(&date)),
            Some(_) => Err(NoPlace::OtherDays(all())),
            None if dates.len() > 1 => Err(NoPlace::Several(all())),
            None => dates.first().map(key).ok_or(NoPlace::Unknown),
        }
    }

    /// The code of the place with that name, or nearly that name.
    pub(super) fn code_of(&self, name: &str) -> Option<String> {
        let name = nearest(name, self.names.keys().map(String::as_str))?;
        self.names.get(&name).cloned()
    }

    /// The code that was probably meant.
    pub(super) fn nearest_code(&self, code: &str) -> Option<String> {
        nearest(code, self.codes.keys().map(String::as_str))
    }
}

fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Node> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
}

fn text_of(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) | Value::Date(text) => Some(text),
        _ => None,
    }
}
