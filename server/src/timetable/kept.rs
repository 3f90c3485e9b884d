//! The timetable as the store keeps it: definitions as JSON, read back into what was written.
//!
//! It decides how an entry of a timetable becomes a definition and which id it has. What changes when a timetable is
//! applied is `apply.rs`.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Definition, DefinitionKind, Store, StoreError};
use crate::timetable::compile::{self, PlayerEntry};
use crate::timetable::model::Timetable;

/// A definition: kind, id, JSON.
pub type Kept = (DefinitionKind, String, String);

fn json(value: &impl Serialize) -> String {
    // Plain data with text keys: it always has a JSON form.
    serde_json::to_string(value).unwrap_or_default()
}

/// Every entry of a timetable as a definition.
#[must_use]
pub fn definitions(timetable: &Timetable) -> Vec<Kept> {
    let mut kept: Vec<Kept> = Vec::new();
    kept.extend(timetable.places.iter().map(|e| (DefinitionKind::Place, e.key.to_string(), json(e))));
    kept.extend(timetable.boards.iter().map(|e| (DefinitionKind::Board, e.id.clone(), json(e))));
    kept.extend(timetable.players.iter().map(|e| (DefinitionKind::Player, e.id.clone(), json(e))));
    kept.extend(timetable.campaigns.iter().map(|e| (DefinitionKind::Campaign, e.id.clone(), json(e))));
    kept.extend(timetable.clips.iter().map(|e| (DefinitionKind::Clip, e.id.clone(), json(e))));
    kept.extend(timetable.templates.iter().map(|e| (DefinitionKind::Template, e.id.clone(), json(e))));
    kept.extend(timetable.slides.iter().map(|e| (DefinitionKind::Slide, e.id.clone(), json(e))));
    kept.extend(timetable.programmes.iter().map(|e| (DefinitionKind::Programme, e.id.clone(), json(e))));
    kept.extend(timetable.orders.iter().map(|e| (DefinitionKind::Order, e.id.clone(), json(e))));
    kept
}

fn read<T: DeserializeOwned>(definition: &Definition, wrong: &mut Vec<String>) -> Option<T> {
    let read = serde_json::from_str(&definition.document);
    read.inspect_err(|error| wrong.push(format!("{} {}: {error}", definition.kind.name(), definition.id))).ok()
}

/// The timetable that is kept, with what of it cannot be read.
///
/// # Errors
/// When the store cannot be read.
pub async fn timetable(store: &Store) -> Result<(Timetable, Vec<String>), StoreError> {
    let mut timetable = Timetable::default();
    let mut wrong = Vec::new();
    for kind in DefinitionKind::ALL {
        for definition in store.definitions(kind).await? {
            match kind {
                DefinitionKind::Place => timetable.places.extend(read(&definition, &mut wrong)),
                DefinitionKind::Board => timetable.boards.extend(read(&definition, &mut wrong)),
                DefinitionKind::Player => timetable.players.extend(read(&definition, &mut wrong)),
                DefinitionKind::Campaign => timetable.campaigns.extend(read(&definition, &mut wrong)),
                DefinitionKind::Clip => timetable.clips.extend(read(&definition, &mut wrong)),
                DefinitionKind::Template => timetable.templates.extend(read(&definition, &mut wrong)),
                DefinitionKind::Slide => timetable.slides.extend(read(&definition, &mut wrong)),
                DefinitionKind::Programme => timetable.programmes.extend(read(&definition, &mut wrong)),
                DefinitionKind::Order => timetable.orders.extend(read(&definition, &mut wrong)),
            }
        }
    }
    Ok((timetable, wrong))
}

/// The players that are kept, with what of them cannot be used.
///
/// # Errors
/// When the store cannot be read.
pub async fn players(store: &Store) -> Result<(Vec<PlayerEntry>, Vec<String>), StoreError> {
    let (timetable, mut wrong) = timetable(store).await?;
    let mut entries = Vec::new();
    for player in &timetable.players {
        match compile::player(&timetable, player) {
            Ok(entry) => entries.push(entry),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    Ok((entries, wrong))
}
