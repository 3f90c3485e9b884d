//! What officers have to sign before a timetable is applied: written down for them, counted when it comes back.
//!
//! It decides which signed copies are for this desk and this timetable, and tells who is missing. How a request reads and
//! is signed is `key/sign.rs`; what counts as a signature, `loa_domain::keys::request`.

use std::collections::BTreeSet;
use std::path::Path;

use loa_domain::id::Hash;
use loa_domain::keys::Role;
use loa_domain::keys::request::{Asked, Hint, RequestFile, Signer, SigningRequest, TakenOff, Tally};
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, Full, Many};
use loa_host::durable;
use loa_host::text::Words;

use super::super::key::{key_told, signer_told};
use super::super::told::file;
use super::Failure;
use crate::timetable::apply::Prepared;
use crate::timetable::compile::Contents;
use crate::timetable::model::Timetable;

/// Under which root document a request is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Under {
    pub version: u32,
    pub hash: Hash,
}

/// Writes down what officers have to sign; gives the request's hash.
pub(super) fn write(
    path: &Path,
    (prepared, timetable, contents): (&Prepared, &Timetable, &Contents),
    under: Under,
    made: UtcMs,
    words: &Words,
) -> Result<Hash, Failure> {
    if prepared.unsigned.is_empty() {
        return Err(words.say("request-needless"));
    }
    let names = names(prepared, timetable, contents);
    let request = request(prepared, &names, under, made);
    let request = request.map_err(|full| words.with("request-too-large", &[("most", &full.most.to_string())]))?;
    let bytes = wire::encode(&request);
    let whole = RequestFile::new(&bytes);
    durable::write(path, &wire::encode(&whole)).map_err(|error| file(path, &error, words))?;
    Ok(whole.hash())
}

fn request<'p>(
    prepared: &'p Prepared,
    names: &'p BTreeSet<(&'static str, String, String)>,
    under: Under,
    made: UtcMs,
) -> Result<SigningRequest<'p>, Full> {
    let mut orders = Many::new();
    for unsigned in &prepared.unsigned {
        orders.push(Asked { body: &unsigned.body, replaces: Many::collect(unsigned.replaces.iter().copied())? })?;
    }
    let taken_off = prepared.taken_off.iter().map(|(id, order)| TakenOff { order: *order, id });
    let hints = names.iter().map(|(kind, key, name)| Hint { kind, key, name });
    Ok(SigningRequest {
        root_version: under.version,
        root: under.hash,
        made,
        orders,
        taken_off: Many::collect(taken_off)?,
        hints: Many::collect(hints)?,
        new_root: None,
        placings: Many::new(),
        new_office: None,
        office: None,
    })
}

/// What people call the things that the orders name: kind, name in the order, name for people.
fn names(prepared: &Prepared, timetable: &Timetable, contents: &Contents) -> BTreeSet<(&'static str, String, String)> {
    let mut names = BTreeSet::new();
    for order in prepared.unsigned.iter().map(|unsigned| &unsigned.order) {
        for place in &order.audience.places {
            let key = format!("{}@{}", place.code.as_str(), place.valid_from);
            let known = timetable.places.iter().find(|known| known.key.to_string() == key);
            names.extend(known.map(|known| ("place", key, known.name.clone())));
        }
        for player in &order.audience.players {
            let known = timetable.players.iter().find(|known| known.id == player.as_str());
            names.extend(known.map(|known| ("player", known.id.clone(), known.name.clone())));
        }
        let programme = timetable.programmes.iter().find(|known| known.id == order.programme.as_str());
        names.extend(programme.map(|known| ("programme", known.id.clone(), known.title.clone())));
        let campaign = timetable.campaigns.iter().find(|known| known.id == order.campaign.as_str());
        names.extend(campaign.map(|known| ("campaign", known.id.clone(), known.name.clone())));
        let aired: BTreeSet<Hash> = order.items.iter().map(|item| item.content).collect();
        for (name, content) in contents.iter().filter(|(_, content)| aired.contains(&content.blob.hash)) {
            let (_, id) = name.split_once(':').unwrap_or(("", name));
            let clip = timetable.clips.iter().find(|clip| name.starts_with("clip:") && clip.id == id);
            let title = clip.map_or_else(|| id.to_owned(), |clip| clip.title.clone());
            names.insert(("content", content.blob.hash.to_string(), title));
        }
    }
    names
}

/// The request is for orders, and made under this root document.
pub(super) fn is_ours(asked: &SigningRequest<'_>, under: Under, words: &Words) -> Result<(), Failure> {
    if asked.new_root.is_some() {
        return Err(words.say("request-is-root"));
    }
    if (Under { version: asked.root_version, hash: asked.root }) == under {
        return Ok(());
    }
    let (asked, known) = (asked.root_version.to_string(), under.version.to_string());
    Err(words.with("request-other-root", &[("asked", &asked), ("known", &known)]))
}

/// The signers that count, when what they signed is what would be applied and they are enough.
pub(super) fn counted<'b>(
    asked: &SigningRequest<'b>,
    copies: &[RequestFile<'b>],
    prepared: &Prepared,
    officers: &Role,
    words: &Words,
) -> Result<Vec<Signer<'b>>, Failure> {
    is_the_same(asked, prepared, words)?;
    let tally = Tally::of(asked, copies, officers);
    let mut told: Vec<String> = Vec::new();
    let mut tell = |id: &str, signers: &[Signer<'_>]| {
        told.extend(signers.iter().map(|signer| words.with(id, &[("signer", &signer_told(signer))])));
    };
    tell("signers-stranger", &tally.strangers);
    tell("signers-spoilt", &tally.spoilt);
    tell("signers-counted", &tally.counted);
    let missing = tally.missing(officers);
    if missing == 0 {
        told.iter().for_each(|line| println!("{line}"));
        return Ok(tally.counted);
    }
    let fields = [
        ("valid", tally.counted.len().to_string()),
        ("needed", officers.threshold.max(1).to_string()),
        ("missing", missing.to_string()),
    ];
    told.push(words.with("signers-missing", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))));
    let waiting = officers.keys.iter().filter(|key| !tally.counted.iter().any(|signer| signer.key == **key));
    told.extend(waiting.map(|key| words.with("signers-may", &[("key", &key_told(key))])));
    Err(told.join("\n"))
}

/// What would be applied is what was asked for, order by order; else the first that differs is named.
fn is_the_same(asked: &SigningRequest<'_>, prepared: &Prepared, words: &Words) -> Result<(), Failure> {
    let differs = |order: &str| Err(words.with("request-stale", &[("order", order)]));
    for unsigned in &prepared.unsigned {
        let same = asked.orders.iter().find(|one| one.body == unsigned.body);
        if same.is_none_or(|one| *one.replaces != *unsigned.replaces) {
            return differs(&unsigned.order.id);
        }
    }
    if asked.orders.len() != prepared.unsigned.len() {
        return Err(words.say("request-stale-more"));
    }
    let off: BTreeSet<Hash> = asked.taken_off.iter().map(|off| off.order).collect();
    match prepared.taken_off.iter().find(|(_, order)| !off.contains(order)) {
        Some((id, _)) => differs(id),
        None if off.len() != prepared.taken_off.len() => Err(words.say("request-stale-more")),
        None => Ok(()),
    }
}
