//! What would change if a timetable were applied, and the change itself: all of it or nothing.
//!
//! An entry is known by its id. What was applied from a file earlier and no longer stands in it is taken away; what came
//! from other files stays. An order whose content or text changed is signed anew and supersedes the one before; one
//! that is taken away is revoked. How clips become content is `delivery/media.rs`; what players get, `roster.rs`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Sealed, SecretKey};
use loa_domain::time::UtcMs;
use loa_domain::timetable::order::Order;
use loa_domain::wire;

use crate::store::{Change, Definition, DefinitionKind, NewOrder, Store, StoreError};
use crate::timetable::compile::{self, CompileError, Contents};
use crate::timetable::kept;
use crate::timetable::model::Timetable;

/// How an entry would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It is taken away.
    Removed,
}

/// One entry that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How.
    pub sign: Sign,
    /// What it is.
    pub kind: DefinitionKind,
    /// Its id.
    pub id: String,
    /// What stood there, as JSON.
    pub was: Option<String>,
    /// What stands there then, as JSON.
    pub is: Option<String>,
}

/// What applying a timetable would change.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    /// The entries that would change, by kind and id.
    pub entries: Vec<Difference>,
    /// How many stay as they are.
    pub unchanged: usize,
    sources: BTreeMap<(DefinitionKind, String), String>,
}

/// A timetable that cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It says something that players cannot take.
    #[error(transparent)]
    Compile(#[from] CompileError),
}

fn full_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn sources(timetable: &Timetable) -> BTreeMap<(DefinitionKind, String), String> {
    use DefinitionKind::{Board, Campaign, Clip, Order, Place, Player, Programme, Slide, Template};
    let mut full: HashMap<&str, String> = HashMap::new();
    let mut found = BTreeMap::new();
    let origins = (timetable.places.iter().map(|e| (Place, e.key.to_string(), &e.origin)))
        .chain(timetable.boards.iter().map(|e| (Board, e.id.clone(), &e.origin)))
        .chain(timetable.players.iter().map(|e| (Player, e.id.clone(), &e.origin)))
        .chain(timetable.campaigns.iter().map(|e| (Campaign, e.id.clone(), &e.origin)))
        .chain(timetable.clips.iter().map(|e| (Clip, e.id.clone(), &e.origin)))
        .chain(timetable.templates.iter().map(|e| (Template, e.id.clone(), &e.origin)))
        .chain(timetable.slides.iter().map(|e| (Slide, e.id.clone(), &e.origin)))
        .chain(timetable.programmes.iter().map(|e| (Programme, e.id.clone(), &e.origin)))
        .chain(timetable.orders.iter().map(|e| (Order, e.id.clone(), &e.origin)));
    for (kind, id, origin) in origins {
        let file: &str = &origin.file;
        let full = full.entry(file).or_insert_with(|| full_path(Path::new(file)).display().to_string());
        found.insert((kind, id), full.clone());
    }
    found
}

/// What would change if `timetable`, read from `paths`, were applied.
///
/// # Errors
/// When the store cannot be read.
pub async fn differences(store: &Store, timetable: &Timetable, paths: &[PathBuf]) -> Result<Differences, ApplyError> {
    let roots: Vec<PathBuf> = paths.iter().map(|path| full_path(path)).collect();
    let mut differences = Differences { sources: sources(timetable), ..Differences::default() };
    let mut before: BTreeMap<(DefinitionKind, String), Definition> = BTreeMap::new();
    for kind in DefinitionKind::ALL {
        let all = store.definitions(kind).await?;
        before.extend(all.into_iter().map(|definition| ((kind, definition.id.clone()), definition)));
    }
    for (kind, id, document) in kept::definitions(timetable) {
        let was = before.remove(&(kind, id.clone())).map(|definition| definition.document);
        let sign = match &was {
            None => Sign::Added,
            Some(was) if *was != document => Sign::Changed,
            Some(_) => {
                differences.unchanged += 1;
                continue;
            }
        };
        differences.entries.push(Difference { sign, kind, id, was, is: Some(document) });
    }
    for ((kind, id), definition) in before {
        let source = Path::new(&definition.source);
        if roots.iter().any(|root| source.starts_with(root)) {
            differences.entries.push(Difference {
                sign: Sign::Removed,
                kind,
                id,
                was: Some(definition.document),
                is: None,
            });
        }
    }
    differences.entries.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    Ok(differences)
}

/// What became of the orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Orders signed, by name.
    pub signed: Vec<String>,
    /// Orders revoked, by name.
    pub revoked: Vec<String>,
}

/// Applies a timetable: definitions, signed orders and revocations in one transaction.
///
/// # Errors
/// When players could not take it, or the store cannot be written; nothing has changed then.
pub async fn apply(
    store: &Store,
    timetable: &Timetable,
    contents: &Contents,
    differences: &Differences,
    officer: &SecretKey,
    now: UtcMs,
) -> Result<Applied, ApplyError> {
    compile::players(timetable)?;
    let orders = compile::orders(timetable, contents, now)?;
    let mut changes: Vec<Change> = differences.entries.iter().map(|entry| change(entry, differences, now)).collect();
    let mut applied = Applied::default();
    let mut in_force: HashMap<String, Vec<(Hash, Order)>> = HashMap::new();
    for held in store.orders_in_force().await? {
        let order = Sealed::read(&held.order.sealed).ok().and_then(|sealed| wire::decode::<Order>(sealed.body).ok());
        in_force.entry(held.order.id).or_default().extend(order.map(|order| (held.order.hash, order)));
    }
    for order in orders {
        let earlier = in_force.remove(order.id.as_str()).unwrap_or_default();
        if earlier.iter().any(|(_, held)| Order { made: order.made, ..held.clone() } == order) {
            continue;
        }
        let body = wire::encode(&order);
        let hash = Hash::of(&body);
        changes.push(Change::PutOrder(NewOrder {
            hash,
            id: order.id.to_string(),
            campaign: order.campaign.to_string(),
            programme: order.programme.to_string(),
            made: order.made,
            sealed: keys::seal(&body, Purpose::Order, &[officer]),
        }));
        changes.extend(earlier.iter().map(|(held, _)| Change::Supersede { order: *held, by: hash }));
        applied.signed.push(order.id.to_string());
    }
    let gone = differences.entries.iter().filter(|e| e.sign == Sign::Removed && e.kind == DefinitionKind::Order);
    let gone: HashSet<&str> = gone.map(|entry| entry.id.as_str()).collect();
    for (id, held) in in_force.into_iter().filter(|(id, _)| gone.contains(id.as_str())) {
        changes.extend(held.iter().map(|(order, _)| Change::Revoke { order: *order }));
        applied.revoked.push(id);
    }
    applied.revoked.sort();
    let public = officer.public().to_string();
    store.replace(changes, now, &format!("officer:{}", &public[..8])).await?;
    Ok(applied)
}

fn change(entry: &Difference, differences: &Differences, now: UtcMs) -> Change {
    let (kind, id) = (entry.kind, entry.id.clone());
    match &entry.is {
        Some(document) => {
            let source = differences.sources.get(&(kind, id.clone())).cloned().unwrap_or_default();
            Change::Put(Definition { kind, id, document: document.clone(), source, applied: now })
        }
        None => Change::Remove { kind, id },
    }
}
