//! `loa enrol`: which players wait for officers to say who they are and where they stand; asks for it and takes it in.
//!
//! An operator compares the fingerprint that the player shows with the one here; officers sign it with the place. What
//! is signed is `domain/src/delivery/placing.rs`; whether it counts is asked here and by the player itself. Where one
//! officer's key lies at the desk, the desk enrols by itself (`delivery/register.rs`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::delivery::placing::Placing;
use loa_domain::id::PlayerId;
use loa_domain::keys::request::{self, Hint, Placed, RequestFile, Signer, SigningRequest, Tally};
use loa_domain::keys::{self, PublicKey, Purpose, Root};
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, Many};
use loa_host::durable;
use loa_host::text::Words;

use super::apply::{own_key, unsignable};
use super::key::{self, Files, grouped, signer_told};
use super::show::{self, Row, Sheet};
use super::told::{file, told};
use super::{Context, Failure, said, wait_for};
use crate::officer::short;
use crate::serve::now;
use crate::store::{Act, SealedPlacing, Store};
use crate::timetable::compile::PlayerEntry;
use crate::timetable::kept;
use crate::trust;

const KEYS: &[&str] = &["id", "name", "place", "key", "fingerprint", "state"];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("enrol-help-{name}")))
    };
    Command::new("enrol")
        .about(words.say("enrol-about"))
        .arg(Arg::new("players").value_name("PLAYER").num_args(0..).help(words.say("enrol-help-players")))
        .arg(option("fingerprint", "DIGITS").requires("players"))
        .arg(option("request", "FILE").conflicts_with("signed"))
        .arg(option("officer", "FILE").conflicts_with_all(["request", "signed"]))
        .arg(
            Arg::new("sign")
                .long("sign")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["request", "signed"])
                .help(words.say("enrol-help-sign")),
        )
        .arg(key::passphrase_argument(words))
        .arg(option("signed", "FILE").num_args(1..).conflicts_with_all(["players", "fingerprint"]))
        .arg(show::format_argument(words))
}

/// Runs it.
///
/// # Errors
/// When the store or a file cannot be used, or a request does not count.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    if let Some(files) = found.get_many::<String>("signed") {
        let paths: Vec<PathBuf> = files.map(PathBuf::from).collect();
        return wait_for(accept(context, &paths))?;
    }
    if found.get_flag("sign") || found.contains_id("officer") {
        return wait_for(sign(context, found))?;
    }
    match found.get_one::<String>("request") {
        Some(path) => wait_for(ask(context, found, &PathBuf::from(path)))?,
        None => wait_for(list(context, found))?,
    }
}

/// How a player stands with the officers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// They said who it is and where it stands, and it is so.
    Enrolled,
    /// Nobody said anything of this key.
    Waiting,
    /// It announces another key than the one that they know: a replaced device, or somebody who would like to be it.
    OtherKey,
    /// The timetable says that it stands elsewhere by now.
    Moved,
    /// Other officers signed than those of today.
    Lapsed,
    /// It has not been heard of.
    Silent,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Waiting => "waiting",
            Self::OtherKey => "other-key",
            Self::Moved => "moved",
            Self::Lapsed => "lapsed",
            Self::Silent => "silent",
        }
    }
}

/// A player of the timetable with one key that it has or would like to have.
struct Standing {
    entry: PlayerEntry,
    key: Option<PublicKey>,
    before: Option<SealedPlacing>,
    state: State,
}

async fn standing(store: &Store, root: Option<&Root>, words: &Words) -> Result<Vec<Standing>, Failure> {
    let (entries, _) = kept::players(store).await.map_err(told(words))?;
    let mut waiting: BTreeMap<PlayerId, Vec<PublicKey>> = BTreeMap::new();
    for one in store.waiting().await.map_err(told(words))? {
        waiting.entry(one.id).or_default().push(one.key);
    }
    let mut all = Vec::new();
    for entry in entries {
        let id = &entry.placement.player;
        let before = store.placing(id).await.map_err(told(words))?;
        let pinned = store.pinned_key(id).await.map_err(told(words))?.or(entry.key);
        let others = waiting.remove(id).unwrap_or_default();
        let known = before.as_ref().map(|placed| placed.placing.key).or(pinned);
        let state = match (&before, known) {
            (Some(placed), _) if root.is_some_and(|root| !placed.is_vouched_for(root)) => State::Lapsed,
            (Some(placed), _) if placed.placing.placement != entry.placement => State::Moved,
            (Some(_), _) => State::Enrolled,
            (None, Some(_)) => State::Waiting,
            (None, None) => State::Silent,
        };
        if known.is_some() || others.is_empty() {
            all.push(Standing { entry: entry.clone(), key: known, before: before.clone(), state });
        }
        for key in others.into_iter().filter(|key| Some(*key) != known) {
            let state = if known.is_some() { State::OtherKey } else { State::Waiting };
            all.push(Standing { entry: entry.clone(), key: Some(key), before: before.clone(), state });
        }
    }
    Ok(all)
}

async fn list(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let root = trust::in_force(&context.folder).map_err(told(words))?.map(|(root, _)| root);
    let all = standing(&store, root.as_ref(), words).await?;
    let titles = ["id", "place", "fingerprint", "enrolled"].map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut out = std::io::stdout().lock();
    let mut sheet = Sheet::begin(show::format(found), titles, &[], KEYS, &mut out).map_err(said)?;
    let wanted: Vec<&String> = found.get_many::<String>("players").into_iter().flatten().collect();
    for one in &all {
        let id = one.entry.placement.player.to_string();
        if !wanted.is_empty() && !wanted.contains(&&id) {
            continue;
        }
        let state = one.state.name();
        let fingerprint = one.key.map(|key| key.fingerprint().to_string()).unwrap_or_default();
        let key = one.key.map(|key| key.to_string());
        let cells = vec![
            id.clone(),
            one.entry.place_name.clone(),
            fingerprint.clone(),
            words.say(&format!("enrol-state-{state}")),
        ];
        let place = one.entry.place_name.as_str();
        let values =
            vec![id.into(), one.entry.name.as_str().into(), place.into(), key.into(), fingerprint.into(), state.into()];
        sheet.row(Row { cells, values }).map_err(said)?;
    }
    sheet.end().map_err(said)?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Those that officers are to sign: the players named, or all that wait and show but one key.
fn chosen<'s>(all: &'s [Standing], found: &ArgMatches, words: &Words) -> Result<Vec<&'s Standing>, Failure> {
    let named: Vec<&str> = found.get_many::<String>("players").into_iter().flatten().map(String::as_str).collect();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let wanted = found.get_one::<String>("fingerprint").map(|text| digits(text));
    let is_open = |one: &&Standing| one.key.is_some() && one.state != State::Enrolled;
    if named.is_empty() {
        // Who would like to be a player that is enrolled already is asked for by name.
        return Ok(all.iter().filter(|one| is_open(one) && one.state != State::OtherKey).collect());
    }
    named
        .into_iter()
        .map(|id| {
            let of: Vec<&Standing> = all.iter().filter(|one| one.entry.placement.player.as_str() == id).collect();
            if of.is_empty() {
                return Err(words.with("enrol-unknown", &[("player", id)]));
            }
            let fits = |one: &&&Standing| {
                let own = one.key.map(|key| digits(&key.fingerprint().to_string())).unwrap_or_default();
                wanted.as_ref().map_or_else(|| is_open(one), |wanted| !wanted.is_empty() && own.starts_with(wanted))
            };
            let mut fitting = of.iter().filter(fits);
            match (fitting.next(), fitting.next()) {
                (Some(one), None) => Ok(*one),
                (None, _) => Err(words.with("enrol-none", &[("player", id)])),
                (Some(_), Some(_)) => Err(words.with("enrol-several", &[("player", id)])),
            }
        })
        .collect()
}

/// What would be signed of one player.
fn placing(one: &Standing, made: UtcMs) -> Option<Placing> {
    let before = one.before.as_ref().map(|placed| &placed.placing);
    // A second one within a millisecond must still be the later one.
    let made = before.map_or(made, |before| made.max(before.made.plus_ms(1)));
    Some(Placing::new(one.key?, made, one.entry.placement.clone()))
}

/// Signs with one officer's key, where that is enough.
async fn sign(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let Some((root, _)) = trust::in_force(&context.folder).map_err(told(words))? else {
        return Err(words.say("root-none"));
    };
    let file = found.get_one::<String>("officer").map(PathBuf::from);
    let key = own_key(context, file.as_deref(), &root.officers, found)?;
    let key = key.ok_or_else(|| unsignable(&root.officers, words))?;
    let store = context.open_store().await?;
    let all = standing(&store, Some(&root), words).await?;
    let made = now(&context.clock);
    let placings: Vec<SealedPlacing> = chosen(&all, found, words)?
        .into_iter()
        .filter_map(|one| placing(one, made))
        .map(|placing| {
            let sealed = keys::seal(&wire::encode(&placing), Purpose::Placing, &[&key]);
            SealedPlacing { placing, sealed }
        })
        .collect();
    if placings.is_empty() {
        return Err(words.say("enrol-nobody"));
    }
    take_in(context, &store, &placings, &short(&key.public())).await
}

/// Keeps what officers signed, and notes it.
async fn take_in(context: &Context, store: &Store, placings: &[SealedPlacing], who: &str) -> Result<ExitCode, Failure> {
    let words = &context.words;
    store.place(placings, now(&context.clock)).await.map_err(told(words))?;
    for placed in placings {
        let placing = &placed.placing;
        let place = placing.placement.places.first().map(|place| place.code.to_string()).unwrap_or_default();
        let detail = format!("key {}, at {place}", placing.key.fingerprint());
        note(context, store, who, "enrol", placing.placement.player.as_str(), detail).await?;
    }
    store.clone().close().await;
    println!("{}", words.with("enrol-done", &[("count", &placings.len().to_string())]));
    Ok(ExitCode::SUCCESS)
}

async fn ask(context: &Context, found: &ArgMatches, path: &Path) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let Some((root, hash)) = trust::in_force(&context.folder).map_err(told(words))? else {
        return Err(words.say("root-none"));
    };
    let all = standing(&store, Some(&root), words).await?;
    let chosen = chosen(&all, found, words)?;
    if chosen.is_empty() {
        return Err(words.say("enrol-nobody"));
    }
    let made = now(&context.clock);
    let mut names = BTreeMap::new();
    let bodies: Vec<(Vec<u8>, Option<PublicKey>)> = chosen
        .iter()
        .filter_map(|one| Some((one, placing(one, made)?)))
        .map(|(one, placing)| {
            names.insert(("player", one.entry.placement.player.to_string()), one.entry.name.clone());
            if let Some(place) = one.entry.placement.places.first() {
                let key = format!("{}@{}", place.code.as_str(), place.valid_from);
                names.insert(("place", key), one.entry.place_name.clone());
            }
            let before = one.before.as_ref().map(|placed| placed.placing.key);
            (wire::encode(&placing), before.filter(|before| *before != placing.key))
        })
        .collect();
    let full = |full: wire::Full| words.with("request-too-large", &[("most", &full.most.to_string())]);
    let placings = bodies.iter().map(|(body, before)| Placed { body, before: *before });
    let hints = names.iter().map(|((kind, key), name)| Hint { kind, key, name });
    let asked = SigningRequest {
        placings: Many::collect(placings).map_err(full)?,
        hints: Many::collect(hints).map_err(full)?,
        ..empty(&root, hash, made)
    };
    let bytes = wire::encode(&asked);
    let whole = RequestFile::new(&bytes);
    durable::write(path, &wire::encode(&whole)).map_err(|error| file(path, &error, words))?;
    let (hash, shown) = (grouped(&whole.hash().to_string()[..16]), path.display().to_string());
    note(context, &store, "desk", "enrol-request", &shown, format!("{} players, {hash}", bodies.len())).await?;
    store.close().await;
    let fields = [("path", shown.as_str()), ("hash", hash.as_str()), ("count", &bodies.len().to_string())];
    println!("{}", words.with("enrol-request-written", &fields));
    Ok(ExitCode::SUCCESS)
}

fn empty<'b>(root: &Root, hash: loa_domain::id::Hash, made: UtcMs) -> SigningRequest<'b> {
    SigningRequest {
        root_version: root.version,
        root: hash,
        made,
        orders: Many::new(),
        taken_off: Many::new(),
        hints: Many::new(),
        new_root: None,
        placings: Many::new(),
        new_office: None,
        office: None,
        stop: None,
    }
}

async fn accept(context: &Context, paths: &[PathBuf]) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let files = Files::read(paths, words)?;
    let (asked, copies) = key::carried(&files, words)?;
    let Some((root, hash)) = trust::in_force(&context.folder).map_err(told(words))? else {
        return Err(words.say("root-none"));
    };
    if asked.placings.is_empty() || !asked.orders.is_empty() {
        return Err(words.say("enrol-other-request"));
    }
    if (asked.root_version, asked.root) != (root.version, hash) {
        let (asked, known) = (asked.root_version.to_string(), root.version.to_string());
        return Err(words.with("request-other-root", &[("asked", &asked), ("known", &known)]));
    }
    let tally = Tally::of(&asked, &copies, &root.officers);
    for (id, signers) in
        [("signers-stranger", &tally.strangers), ("signers-spoilt", &tally.spoilt), ("signers-counted", &tally.counted)]
    {
        signers.iter().for_each(|signer| println!("{}", words.with(id, &[("signer", &signer_told(signer))])));
    }
    let missing = tally.missing(&root.officers);
    if missing > 0 {
        return Err(words.with("enrol-signers-missing", &[("missing", &missing.to_string())]));
    }
    let given: Vec<&Signer<'_>> = tally.counted.iter().collect();
    let sealed = asked.placings.iter().enumerate();
    let sealed = sealed.map(|(index, placed)| request::sealed(placed.body, index, &given, None));
    let placings: Option<Vec<SealedPlacing>> = sealed.map(|sealed| SealedPlacing::read(&sealed)).collect();
    let placings = placings.filter(|placings| placings.iter().all(|placed| placed.is_vouched_for(&root)));
    let placings = placings.ok_or_else(|| words.say("enrol-other-request"))?;
    let store = context.open_store().await?;
    let who: Vec<String> = tally.counted.iter().map(|signer| short(&signer.key)).collect();
    take_in(context, &store, &placings, &who.join("+")).await
}

async fn note(
    context: &Context,
    store: &Store,
    who: &str,
    what: &str,
    subject: &str,
    detail: String,
) -> Result<(), Failure> {
    let (who, what, subject) = (who.to_owned(), what.to_owned(), subject.to_owned());
    let act = Act { at: now(&context.clock), who, what, subject, detail };
    store.append_act(&act).await.map(drop).map_err(told(&context.words))
}
