//! What `loa activate` and `loa stop` share: where, by whose one signature, and what is written down for an officer to sign.
//!
//! What counts is decided in `crate::emergency`. The commands are `emergency/activate.rs` and `emergency/stop.rs`.

pub mod activate;
pub mod stop;

use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::id::Hash;
use loa_domain::keys::request::{self, Asked, Hint, RequestFile, Signer, SigningRequest, Tally};
use loa_domain::keys::{Root, SecretKey};
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Audience;
use loa_domain::wire::{self, Many};
use loa_host::durable;
use loa_host::text::Words;

use super::key;
use super::told::{Tell, file, told};
use super::{Context, Failure};
use crate::emergency::EmergencyError;
use crate::timetable::compile;
use crate::timetable::model::{self, PlaceKey, Timetable};
use crate::trust;

/// How it gets its one signature.
pub(super) enum Way {
    /// By the key in this file, or the one in the desk's folder.
    Own(Option<PathBuf>),
    /// It is written down for an officer to sign; nothing is aired or stopped.
    Ask(PathBuf),
    /// An officer gave it in one of these files.
    Signed(Vec<PathBuf>),
}

/// The options that both have.
fn with_options(command: Command, words: &Words) -> Command {
    let many = |name: &'static str, value: &'static str| {
        let help = words.say(&format!("emergency-help-{name}"));
        Arg::new(name).long(name).value_name(value).action(ArgAction::Append).help(help)
    };
    let file = |name: &'static str, others: [&'static str; 2]| {
        let help = words.say(&format!("emergency-help-{name}"));
        Arg::new(name).long(name).value_name("FILE").conflicts_with_all(others).help(help)
    };
    command
        .arg(many("place", "CODE").conflicts_with("signed"))
        .arg(many("player", "ID").conflicts_with("signed"))
        .arg(file("key", ["request", "signed"]))
        .arg(file("request", ["key", "signed"]))
        .arg(file("signed", ["key", "request"]).num_args(1..))
        .arg(key::passphrase_argument(words))
}

fn way(found: &ArgMatches) -> Way {
    let one = |name: &str| found.get_one::<String>(name).map(PathBuf::from);
    let signed = found.get_many::<String>("signed").map(|files| files.map(PathBuf::from).collect());
    match (one("request"), signed) {
        (Some(file), _) => Way::Ask(file),
        (None, Some(files)) => Way::Signed(files),
        (None, None) => Way::Own(one("key")),
    }
}

/// The root document in force, with its hash.
fn root(context: &Context) -> Result<(Root, Hash), Failure> {
    let words = &context.words;
    trust::in_force(&context.folder).map_err(told(words))?.ok_or_else(|| words.say("root-none"))
}

/// The key of one officer: that of the file named, else the one that lies at a desk on trial.
fn own_key(context: &Context, file: Option<&Path>, root: &Root, found: &ArgMatches) -> Result<SecretKey, Failure> {
    let words = &context.words;
    let key = match file {
        Some(file) => Some(key::officer(context, file, found)?),
        None => context.folder.own_officer().map_err(told(words))?,
    };
    let is_officer = |key: &SecretKey| root.officers.keys.contains(&key.public());
    match (key, file) {
        (Some(key), _) if is_officer(&key) => Ok(key),
        (_, Some(file)) => Err(words.with("apply-no-officer", &[("path", &file.display().to_string())])),
        (_, None) => Err(words.say("emergency-needs-officer")),
    }
}

/// The places and players that were named; nothing named is nobody.
fn audience(found: &ArgMatches, timetable: &Timetable, words: &Words) -> Result<Audience, Failure> {
    let mut to = model::Audience::default();
    for asked in found.get_many::<String>("place").into_iter().flatten() {
        to.places.push(place(asked, timetable, words)?);
    }
    for asked in found.get_many::<String>("player").into_iter().flatten() {
        let known = timetable.players.iter().find(|player| player.id == *asked);
        let known = known.ok_or_else(|| {
            let known: Vec<&str> = timetable.players.iter().map(|player| player.id.as_str()).collect();
            words.with("no-such-player", &[("player", asked), ("known", &known.join(", "))])
        })?;
        to.players.push(known.id.clone());
    }
    compile::audience(&to, "--place, --player").map_err(told(words))
}

/// The place of a code, or of a code and its first day; a code that several had is the one that was given last.
fn place(asked: &str, timetable: &Timetable, words: &Words) -> Result<PlaceKey, Failure> {
    let named = |key: &&PlaceKey| key.to_string() == asked || key.code == asked;
    let found = timetable.places.iter().map(|place| &place.key).filter(named).max_by_key(|key| key.valid_from);
    found.cloned().ok_or_else(|| words.with("emergency-no-place", &[("place", asked)]))
}

/// What is signed.
#[derive(Clone, Copy)]
enum Body<'b> {
    Activation(&'b [u8]),
    Stop(&'b [u8]),
}

/// Writes down what an officer has to sign; gives the hash that is compared.
fn ask(
    path: &Path,
    body: Body<'_>,
    (root, hash, made): (&Root, Hash, UtcMs),
    (to, programme, timetable): (&Audience, &str, &Timetable),
    words: &Words,
) -> Result<Hash, Failure> {
    let names = names(to, programme, timetable);
    let hints = names.iter().map(|(kind, key, name)| Hint { kind, key, name });
    let (orders, stop) = match body {
        Body::Activation(body) => (Some(Asked { body, replaces: Many::new() }), None),
        Body::Stop(body) => (None, Some(body)),
    };
    let too_large = |full: wire::Full| words.with("request-too-large", &[("most", &full.most.to_string())]);
    let request = SigningRequest {
        root_version: root.version,
        root: hash,
        made,
        orders: Many::collect(orders).map_err(too_large)?,
        taken_off: Many::new(),
        hints: Many::collect(hints).map_err(too_large)?,
        new_root: None,
        placings: Many::new(),
        new_office: None,
        office: None,
        stop,
    };
    let bytes = wire::encode(&request);
    let whole = RequestFile::new(&bytes);
    durable::write(path, &wire::encode(&whole)).map_err(|error| file(path, &error, words))?;
    Ok(whole.hash())
}

/// What people call the places and players that are named: kind, name in the signed bytes, name for people.
fn names(to: &Audience, programme: &str, timetable: &Timetable) -> Vec<(&'static str, String, String)> {
    let mut names = Vec::new();
    for place in &to.places {
        let key = format!("{}@{}", place.code.as_str(), place.valid_from);
        let known = timetable.places.iter().find(|known| known.key.to_string() == key);
        names.extend(known.map(|known| ("place", key, known.name.clone())));
    }
    for player in &to.players {
        let known = timetable.players.iter().find(|known| known.id == player.as_str());
        names.extend(known.map(|known| ("player", known.id.clone(), known.name.clone())));
    }
    let known = timetable.programmes.iter().find(|known| known.id == programme);
    names.extend(known.map(|known| ("programme", known.id.clone(), known.title.clone())));
    names
}

/// The first officer of the document who signed, and the bytes sealed by that one.
fn sealed_by_one(
    asked: &SigningRequest<'_>,
    copies: &[RequestFile<'_>],
    body: &[u8],
    root: &Root,
    words: &Words,
) -> Result<(Vec<u8>, String), Failure> {
    let tally = Tally::of(asked, copies, &root.officers);
    let signer: &Signer<'_> = tally.counted.first().ok_or_else(|| words.say("emergency-unsigned"))?;
    Ok((request::sealed(body, 0, &[signer], None), crate::officer::short(&signer.key)))
}

/// Asks on the terminal.
fn asked(prompt: &str) -> Result<String, Failure> {
    print!("{prompt} ");
    let _shown_later = io::stdout().flush();
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(crate::text::composed(line.trim()).to_lowercase())
}

impl Tell for EmergencyError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Store(error) => error.tell(words),
            Self::Foreign => words.say("emergency-foreign"),
            Self::Officers(_) => words.say("emergency-unsigned"),
            Self::Template => words.say("emergency-template-unsigned"),
            Self::Gone => words.say("emergency-template-gone"),
        }
    }
}
