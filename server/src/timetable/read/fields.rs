//! Decides how the keys of one table are taken: missing, unknown and mistyped ones are reported, each where it stands.
//!
//! The readers of places, orders and so on ask for the keys they know; whatever nobody asked for is unknown, so there
//! is no second list of keys to keep in step. Next: `values.rs`.

use std::ops::{Range, RangeInclusive};

use super::nearest::nearest;
use super::source::Source;
use super::syntax::{Entry, Node, Value};
use super::values::{self, Fault};
use super::{Context, Report};
use crate::timetable::model::Origin;
use crate::timetable::problem::{Problem, Spot};

/// One table while its keys are being taken.
pub(super) struct Fields<'a> {
    pub(super) context: &'a Context<'a>,
    table: &'static str,
    written: Written<'a>,
    span: Range<usize>,
    asked: Vec<&'static str>,
    faulty: bool,
}

/// Where a table's keys stand, kept beside what was read from it for the checks that need the whole.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    source: &'a Source,
    entries: &'a [Entry],
}

impl Written<'_> {
    /// Where the value of a key stands; if the table lacks it, where its first key does.
    pub(super) fn spot(&self, key: &str) -> Spot {
        let entry = self.entries.iter().find(|entry| entry.key == key).or(self.entries.first());
        self.source.spot(entry.map_or(0..0, |entry| entry.node.span.clone()))
    }
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        table: &'static str,
        source: &'a Source,
        span: Range<usize>,
        entries: &'a [Entry],
        context: &'a Context<'a>,
    ) -> Self {
        let written = Written { source, entries };
        Self { context, table, written, span, asked: Vec::new(), faulty: false }
    }

    pub(super) fn written(&self) -> Written<'a> {
        self.written
    }

    pub(super) fn source(&self) -> &'a Source {
        self.written.source
    }

    /// Where the entry starts.
    pub(super) fn origin(&self) -> Origin {
        self.written.source.origin(self.span.clone())
    }

    /// The value of a key, if it is there.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        self.written.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// A text, if it is there and right.
    pub(super) fn text<T>(&mut self, key: &'static str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let node = self.node(key)?;
        self.read(key, node, &read)
    }

    /// A text that must be there.
    pub(super) fn need<T>(&mut self, key: &'static str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        self.require(key);
        self.text(key, read)
    }

    /// Reports a key that is not there.
    pub(super) fn require(&mut self, key: &'static str) {
        if !self.written.entries.iter().any(|entry| entry.key == key) {
            let fault = Fault::new("missing-key").with("table", self.table);
            self.fault(key, self.span.clone(), fault);
        }
    }

    /// One text of a value.
    fn read<T>(&mut self, key: &'static str, node: &Node, read: &impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let (Value::Text(text) | Value::Date(text)) = &node.value else {
            self.fault(key, node.span.clone(), Fault::new("expect-text"));
            return None;
        };
        match read(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                let span = self.within(node, text, fault.within.clone());
                self.fault(key, span, fault);
                None
            }
        }
    }

    /// Texts, each with its origin; empty if the key is not there. `single` also takes one text for a list of one.
    pub(super) fn texts<T>(
        &mut self,
        key: &'static str,
        limit: usize,
        single: bool,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Vec<(T, Origin)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Text(_) if single => std::slice::from_ref(node),
            _ => {
                let code = if single { "expect-text-or-list" } else { "expect-list" };
                self.fault(key, node.span.clone(), Fault::new(code));
                return Vec::new();
            }
        };
        if items.len() > limit {
            let fault = Fault::new("list-too-long").with("count", items.len()).with("limit", limit);
            self.fault(key, node.span.clone(), fault);
            return Vec::new();
        }
        let mut values = Vec::new();
        for (at, item) in items.iter().enumerate() {
            self.refuse_repeats(key, &items[..at], item);
            let origin = self.written.source.origin(item.span.clone());
            values.extend(self.read(key, item, &read).map(|value| (value, origin)));
        }
        values
    }

    /// As [`Fields::texts`], for lists whose items need no origin.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        limit: usize,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Vec<T> {
        self.texts(key, limit, false, read).into_iter().map(|(value, _)| value).collect()
    }

    /// A programme may air the same jingle twice; every other list means each thing once.
    fn refuse_repeats(&mut self, key: &'static str, before: &[Node], item: &Node) {
        let Value::Text(text) = &item.value else { return };
        let same = |node: &Node| matches!(&node.value, Value::Text(other) if other == text);
        if key != "items" && before.iter().any(same) {
            self.fault(key, item.span.clone(), Fault::of("listed-twice", text));
        }
    }

    /// The texts of a table whose keys are up to the person: key, where it stands, and its text if that is right.
    pub(super) fn pairs<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Vec<(String, Range<usize>, Option<T>)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Value::Table(entries) = &node.value else {
            self.fault(key, node.span.clone(), Fault::new("expect-table"));
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for entry in entries {
            let value = self.read(key, &entry.node, &read);
            pairs.push((entry.key.clone(), entry.key_span.clone(), value));
        }
        pairs
    }

    /// A whole number in a range, if it is there.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let node = self.node(key)?;
        match node.value {
            Value::Number(number) if range.contains(&number) => return Some(number),
            Value::Number(number) => {
                let fault = Fault::new("number-out-of-range").with("value", number);
                let fault = fault.with("least", range.start()).with("most", range.end());
                self.fault(key, node.span.clone(), fault);
            }
            _ => self.fault(key, node.span.clone(), Fault::new("expect-number")),
        }
        None
    }

    /// `true` or `false`; `false` if it is not there.
    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        match self.node(key).map(|node| (&node.value, node.span.clone())) {
            None => false,
            Some((Value::Boolean(value), _)) => *value,
            Some((_, span)) => {
                self.fault(key, span, Fault::new("expect-boolean"));
                false
            }
        }
    }

    /// A table inside the table, read by `read`.
    pub(super) fn table<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        let node = self.node(key)?;
        let Value::Table(entries) = &node.value else {
            self.fault(key, node.span.clone(), Fault::new("expect-table"));
            return None;
        };
        let mut inner = Fields::new(key, self.written.source, node.span.clone(), entries, self.context);
        let value = read(&mut inner);
        self.faulty |= inner.finish().is_none();
        Some(value)
    }

    /// Reports a fault at a span of the file; its sentences may name the key.
    pub(super) fn fault(&mut self, key: &'static str, span: Range<usize>, fault: Fault) {
        self.faulty = true;
        let mut problem = Problem::new(fault.code, Some(self.written.source.spot(span)));
        problem.fields.push(("key", key.to_owned()));
        problem.fields.extend(fault.fields);
        self.report().add(problem.suggest(fault.suggestion));
    }

    /// Reports a fault at the value of a key, or at the entry's start if the key is not there.
    pub(super) fn fault_at(&mut self, key: &'static str, fault: Fault) {
        let entry = self.written.entries.iter().find(|entry| entry.key == key);
        let span = entry.map_or(self.span.clone(), |entry| entry.node.span.clone());
        self.fault(key, span, fault);
    }

    fn report(&self) -> &'a Report {
        self.context.report
    }

    /// The part of a quoted text that a fault means. With escapes or before normalisation the bytes of the value are
    /// not the bytes of the file; then the whole value is marked.
    fn within(&self, node: &Node, text: &str, part: Option<Range<usize>>) -> Range<usize> {
        let whole = node.span.clone();
        let inside = whole.start + 1..whole.end.saturating_sub(1);
        match (part, self.written.source.text.get(inside.clone())) {
            (Some(part), Some(raw)) if raw == text && part.end <= raw.len() && part.start < part.end => {
                inside.start + part.start..inside.start + part.end
            }
            _ => whole,
        }
    }

    /// Reports what nobody asked for. `None` if anything was wrong with the table.
    pub(super) fn finish(mut self) -> Option<()> {
        for entry in self.written.entries {
            if !self.asked.contains(&entry.key.as_str()) {
                let fault = Fault::new("unknown-key").with("name", values::shown(&entry.key)).with("table", self.table);
                let fault = fault.suggest(nearest(&entry.key, self.asked.iter().copied()));
                self.fault("", entry.key_span.clone(), fault);
            }
        }
        (!self.faulty).then_some(())
    }
}
