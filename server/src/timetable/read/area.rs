//! Decides what a `[[place]]` and a `[[player]]` say.
//!
//! Zones that come from a parent, and circles in the tree, are seen only in the whole: `links.rs`. Next: `board.rs`.

use super::fields::Fields;
use super::index::NoPlace;
use super::links::Draft;
use super::values::{self, Fault};
use crate::timetable::limits;
use crate::timetable::model::{Kind, Place, PlaceKey, Player};

/// What kinds of players are called in files.
pub(super) const KINDS: [(&str, Kind); 2] = [("speaker", Kind::Speaker), ("board", Kind::Board)];

pub(super) fn place<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Place>> {
    let context = fields.context;
    let code = fields.need("code", values::id);
    let valid_from = fields.need("valid_from", values::date);
    let name = fields.need("name", values::title);
    let parent = fields.text("parent", |text| place_key(context.index, text));
    let zone = fields.text("zone", |text| match (context.checks.zone)(text) {
        Ok(()) => Ok(text.to_owned()),
        Err((range, message, hint)) => {
            Err(Fault::of("bad-zone", text).with("detail", message).with("advice", hint).within(range))
        }
    });
    let quiet = fields.list("quiet", limits::LIST, values::quiet);
    // No `quiet` means the parent's hours, an empty one means none: the two differ.
    let quiet = fields.node("quiet").map(|_| quiet);
    let predecessors = fields.list("predecessors", limits::PREDECESSORS, |text| place_key(context.index, text));
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let key = PlaceKey { code: code?, valid_from: valid_from? };
    Some(Draft::new(Place { key, name: name?, parent, zone, quiet, predecessors, origin }, written))
}

pub(super) fn player<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Player>> {
    let context = fields.context;
    let id = fields.need("id", values::id);
    let name = fields.need("name", values::title);
    let kind = fields.need("kind", |text| values::choice(text, &KINDS));
    let place = fields.need("place", |text| place_key(context.index, text));
    let tags = fields.list("tags", limits::LIST, values::id);
    let languages = fields.list("languages", limits::LIST, values::language);
    let volume = volume(&mut fields);
    let board = fields.text("board", |text| super::board::choice(context, text));
    let key = fields.text("key", values::public_key);
    let quiet = fields.list("quiet", limits::LIST, values::quiet);
    match kind {
        Some(Kind::Board) => {
            if fields.node("board").is_none() {
                fields.fault_at("kind", Fault::new("board-without-size"));
            }
            refuse(&mut fields, "volume", "board");
        }
        Some(Kind::Speaker) => refuse(&mut fields, "board", "speaker"),
        None => {}
    }
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let player =
        Player { id: id?, name: name?, kind: kind?, place: place?, tags, languages, volume, board, key, quiet, origin };
    Some(Draft::new(player, written))
}

/// A key that only the other kind of player has.
fn refuse(fields: &mut Fields<'_>, key: &'static str, kind: &str) {
    if fields.node(key).is_some() {
        fields.fault_at(key, Fault::new("not-for-this-kind").with("kind", kind));
    }
}

/// `volume`, in per cent.
pub(super) fn volume(fields: &mut Fields<'_>) -> Option<u8> {
    fields.number("volume", limits::VOLUME).and_then(|volume| u8::try_from(volume).ok())
}

/// The place a text names.
pub(super) fn place_key(index: &super::Index, text: &str) -> Result<PlaceKey, Fault> {
    // People write the name they know; the code it has can be offered.
    let (code, valid_from) = values::place(text).map_err(|fault| match fault.code {
        "bad-id" => Fault::of("unknown-place", text).suggest(index.code_of(text)),
        _ => fault,
    })?;
    let listed = |keys: &[PlaceKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    index.place(&code, valid_from).map_err(|reason| match reason {
        NoPlace::Unknown => Fault::of("unknown-place", text).suggest(index.nearest_code(&code)),
        NoPlace::OtherDays(keys) => Fault::of("unknown-place", text).suggest(keys.first().map(ToString::to_string)),
        NoPlace::Several(keys) => Fault::of("place-ambiguous", text)
            .with("choices", listed(&keys))
            .with("newest", keys.last().map(ToString::to_string).unwrap_or_default()),
    })
}
