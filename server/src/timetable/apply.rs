//! What would change if a timetable were applied, and the change itself: all of it or nothing.
//!
//! An entry is known by its id. What was applied from a file earlier and no longer stands in it is taken away; what came
//! from other files stays. An order whose content or text changed is signed anew and supersedes the one before; one
//! that is taken away is revoked. What needs signing is handed out ([`prepare`]) and taken back signed ([`commit`]): who signs
//! is the caller's. How clips become content is `delivery/media.rs`; what players get, `roster.rs`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Refusal, Role, Sealed, SecretKey};
use loa_domain::time::UtcMs;
use loa_domain::timetable::activation::Is;
use loa_domain::timetable::order::Order;
use loa_domain::wire;

use crate::officer::short;
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
    /// Too few officers signed an order.
    #[error("{0}")]
    Officers(Refusal),
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

/// An order that officers have yet to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// The order.
    pub order: Order,
    /// Its bytes.
    pub body: Vec<u8>,
    /// The orders in force that it would stand in place of.
    pub replaces: Vec<Hash>,
}

/// A timetable made ready to be applied: all but the signatures.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    changes: Vec<Change>,
    /// What officers have to sign.
    pub unsigned: Vec<Unsigned>,
    /// Orders that are taken off the air, which nobody has to sign: name and hash.
    pub taken_off: Vec<(String, Hash)>,
}

/// Makes a timetable ready: which orders are new or say something else, which stand in place of which, which go. An
/// order in force that `officers` no longer vouch for is asked for anew.
///
/// # Errors
/// When players could not take it, or the store cannot be read.
pub async fn prepare(
    store: &Store,
    timetable: &Timetable,
    contents: &Contents,
    differences: &Differences,
    officers: &Role,
    (made, now): (UtcMs, UtcMs),
) -> Result<Prepared, ApplyError> {
    compile::players(timetable)?;
    let orders = compile::orders(timetable, contents, made)?;
    let changes = differences.entries.iter().map(|entry| change(entry, differences, now)).collect();
    let mut prepared = Prepared { changes, ..Prepared::default() };
    let mut in_force: HashMap<String, Vec<InForce>> = HashMap::new();
    for held in store.orders_in_force().await? {
        let order = in_force_of(held.order.hash, &held.order.sealed, officers);
        in_force.entry(held.order.id).or_default().extend(order);
    }
    for order in orders {
        let earlier = in_force.remove(order.id.as_str()).unwrap_or_default();
        let says_the_same = |held: &InForce| Order { made: order.made, ..held.order.clone() } == order;
        if earlier.iter().any(|held| held.is_vouched_for && says_the_same(held)) {
            continue;
        }
        let body = wire::encode(&order);
        let hash = Hash::of(&body);
        let replaces = earlier.iter().map(|held| held.hash).filter(|held| *held != hash).collect();
        prepared.unsigned.push(Unsigned { order, body, replaces });
    }
    let gone = differences.entries.iter().filter(|e| e.sign == Sign::Removed && e.kind == DefinitionKind::Order);
    let gone: HashSet<&str> = gone.map(|entry| entry.id.as_str()).collect();
    for (id, held) in in_force.into_iter().filter(|(id, _)| gone.contains(id.as_str())) {
        prepared.taken_off.extend(held.iter().map(|held| (id.clone(), held.hash)));
    }
    prepared.taken_off.sort();
    Ok(prepared)
}

/// What the bytes of an order must be signed for.
#[must_use]
pub fn purpose(body: &[u8]) -> Purpose {
    Is::of(body).map_or(Purpose::Order, Is::purpose)
}

/// An order in force.
struct InForce {
    hash: Hash,
    order: Order,
    is_vouched_for: bool,
}

fn in_force_of(hash: Hash, sealed: &[u8], officers: &Role) -> Option<InForce> {
    let sealed = Sealed::read(sealed).ok()?;
    let order = wire::decode::<Order>(sealed.body).ok()?;
    Some(InForce { hash, order, is_vouched_for: sealed.check(purpose(sealed.body), officers).is_ok() })
}

/// How many orders in force too few of these officers signed: players that trust these alone will not play them.
///
/// # Errors
/// When the store cannot be read.
pub async fn not_vouched_for(store: &Store, officers: &Role) -> Result<usize, StoreError> {
    let in_force = store.orders_in_force().await?;
    let held = in_force.iter().filter_map(|held| in_force_of(held.order.hash, &held.order.sealed, officers));
    Ok(held.filter(|held| !held.is_vouched_for).count())
}

/// Applies what was made ready: definitions, orders sealed by `seal` (by their place and bytes), revocations, in one
/// transaction.
///
/// # Errors
/// When too few of `officers` signed an order, or the store cannot be written; nothing has changed then.
pub async fn commit(
    store: &Store,
    prepared: Prepared,
    officers: &Role,
    seal: impl Fn(usize, &[u8]) -> Vec<u8>,
    who: &str,
    now: UtcMs,
) -> Result<Applied, ApplyError> {
    let Prepared { mut changes, unsigned, taken_off } = prepared;
    let mut applied = Applied::default();
    for (index, Unsigned { order, body, replaces }) in unsigned.into_iter().enumerate() {
        let (hash, sealed) = (Hash::of(&body), seal(index, &body));
        Sealed::read(&sealed)
            .and_then(|sealed| sealed.check(purpose(sealed.body), officers))
            .map_err(ApplyError::Officers)?;
        changes.push(Change::PutOrder(NewOrder {
            hash,
            id: order.id.to_string(),
            campaign: order.campaign.to_string(),
            programme: order.programme.to_string(),
            made: order.made,
            sealed,
        }));
        changes.extend(replaces.iter().map(|held| Change::Supersede { order: *held, by: hash }));
        applied.signed.push(order.id.to_string());
    }
    changes.extend(taken_off.iter().map(|(_, order)| Change::Revoke { order: *order }));
    applied.revoked = taken_off.into_iter().map(|(id, _)| id).collect();
    applied.revoked.dedup();
    store.replace(changes, now, who).await?;
    Ok(applied)
}

/// Applies a timetable of which one officer signs the orders.
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
    let officers = Role::of_one(officer.public());
    let prepared = prepare(store, timetable, contents, differences, &officers, (now, now)).await?;
    let seal = |_: usize, body: &[u8]| keys::seal(body, purpose(body), &[officer]);
    commit(store, prepared, &officers, seal, &short(&officer.public()), now).await
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
