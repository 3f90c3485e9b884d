//! Decides what a `[[campaign]]`, `[[clip]]` and `[[programme]]` say.
//!
//! It looks whether a clip's file is there, not what is in it: that is the studio's work when it is taken in.
//! Next: `pattern.rs`, `slide.rs`.

use std::path::{Path, PathBuf};

use super::Context;
use super::fields::Fields;
use super::links::Draft;
use super::values::{self, Fault};
use crate::timetable::limits;
use crate::timetable::model::{Campaign, Clip, Item, Programme};

pub(super) fn campaign<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Campaign>> {
    let id = fields.need("id", values::id);
    let name = fields.need("name", values::title);
    let decision = fields.text("decision", values::title);
    let from = fields.text("from", values::date);
    let until = fields.text("until", values::date);
    let report_due = fields.text("report_due", values::day_of_year);
    let categories = fields.list("categories", limits::LIST, values::title);
    super::order::refuse_backwards(&mut fields, from, until);
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let campaign = Campaign { id: id?, name: name?, decision, from, until, report_due, categories, origin };
    Some(Draft::new(campaign, written))
}

pub(super) fn clip<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Clip>> {
    let (context, folder) = (fields.context, fields.source().folder.clone());
    let id = fields.need("id", values::id);
    let file = fields.need("file", |text| clip_file(context, &folder, text));
    let title = fields.need("title", values::title);
    let language = fields.text("language", values::language);
    let category = fields.text("category", values::title);
    let lossless = fields.flag("lossless");
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    Some(Draft::new(Clip { id: id?, file: file?, title: title?, language, category, lossless, origin }, written))
}

/// The file a clip names.
fn clip_file(context: &Context<'_>, folder: &Path, text: &str) -> Result<PathBuf, Fault> {
    file(context, folder, text, ("clip-file-missing", "clips/tin.mp3"))
}

/// A file that an entry names. Absolute paths are refused: a folder of timetables must work wherever it is copied to.
pub(super) fn file(
    context: &Context<'_>,
    folder: &Path,
    text: &str,
    (missing, example): (&'static str, &str),
) -> Result<PathBuf, Fault> {
    let text = values::text(text, limits::PATH, false)?;
    if Path::new(&text).is_absolute() || text.contains('\\') {
        return Err(Fault::of("clip-path-not-relative", &text).with("example", example));
    }
    let file = folder.join(&text);
    if (context.has_file)(&file) { Ok(file) } else { Err(Fault::of(missing, &text)) }
}

pub(super) fn programme<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Programme>> {
    let context = fields.context;
    let id = fields.need("id", values::id);
    let title = fields.need("title", values::title);
    fields.require("items");
    let items = fields.list("items", limits::ITEMS, |text| known_item(context, text));
    if let Some(node) = fields.node("items")
        && matches!(&node.value, super::Value::List(list) if list.is_empty())
    {
        fields.fault_at("items", Fault::new("programme-empty"));
    }
    let language = fields.text("language", values::language);
    let category = fields.text("category", values::title);
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    Some(Draft::new(Programme { id: id?, title: title?, items, language, category, origin }, written))
}

fn known_item(context: &Context<'_>, text: &str) -> Result<Item, Fault> {
    let item = values::item(text)?;
    let (table, id) = match &item {
        Item::Clip(id) => ("clip", id),
        Item::Slide(id) => ("slide", id),
    };
    context.index.known(table, id).map_err(|fault| {
        let suggestion = fault.suggestion.as_ref().map(|id| format!("{table}:{id}"));
        fault.suggest(suggestion)
    })?;
    Ok(item)
}
