//! `loa key sign REQUEST`: shows what would be signed, asks whether that is meant, and signs.
//!
//! It decides what has to be typed before a key is opened, and which requests are refused. How a request reads in words is
//! `words.rs`; who counts is decided where it is taken in.

use std::cmp::Ordering;
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;
use loa_domain::delivery::placing::Placing;
use loa_domain::id::Hash;
use loa_domain::keys::request::{RequestFault, RequestFile, Signer, SigningRequest};
use loa_domain::keys::{Root, Sealed};
use loa_domain::timetable::activation::{Activation, Is};
use loa_domain::timetable::order::{Class, Order};
use loa_domain::timetable::stop::Stop;
use loa_domain::wire;
use loa_host::text::Words;
use loa_host::{durable, keyfile};

use super::super::told::{file, told};
use super::words::{self, Page, Understood, places_named};
use super::{Context, Failure, note, passphrase, path};
use crate::officer::KeyFile;
use crate::timetable::zone;

/// Largest request that is read, in bytes: a thousand full orders with all their names.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// The bytes of request files, which what is read of them borrows.
pub(in crate::cli) struct Files(Vec<(PathBuf, Vec<u8>)>);

impl Files {
    /// Reads the files.
    ///
    /// # Errors
    /// The first that cannot be read, or is too long to be a request.
    pub(in crate::cli) fn read(paths: &[PathBuf], words: &Words) -> Result<Self, Failure> {
        let read = paths.iter().map(|path| {
            let length = std::fs::metadata(path).map_err(|error| file(path, &error, words))?.len();
            if length > MOST_BYTES {
                return Err(refused(path, RequestFault::Foreign, words));
            }
            let bytes = std::fs::read(path).map_err(|error| file(path, &error, words))?;
            Ok((path.clone(), bytes))
        });
        read.collect::<Result<_, _>>().map(Self)
    }
}

/// Copies of one request: what it asks for, and the copies with their signers.
///
/// # Errors
/// When one is no request, or asks for something else than the first.
pub(in crate::cli) fn carried<'f>(
    files: &'f Files,
    words: &Words,
) -> Result<(SigningRequest<'f>, Vec<RequestFile<'f>>), Failure> {
    let mut first: Option<SigningRequest<'f>> = None;
    let mut copies: Vec<RequestFile<'f>> = Vec::new();
    for (path, bytes) in &files.0 {
        let (copy, asked) = RequestFile::read(bytes).map_err(|fault| refused(path, fault, words))?;
        if copies.first().is_some_and(|first| first.request != copy.request) {
            return Err(words.with("request-differs", &[("path", &path.display().to_string())]));
        }
        first.get_or_insert(asked);
        copies.push(copy);
    }
    first.map(|first| (first, copies)).ok_or_else(|| words.say("request-nothing"))
}

/// Why a file is no request, as a sentence.
fn refused(path: &Path, fault: RequestFault, words: &Words) -> Failure {
    let id = match fault {
        RequestFault::Foreign => "request-foreign",
        RequestFault::Damaged(_) => "request-damaged",
        RequestFault::Nothing => "request-empty",
    };
    words.with(id, &[("path", &path.display().to_string())])
}

/// Runs it.
///
/// # Errors
/// When the request is refused or not confirmed, or the key does not open.
pub(super) fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let (request, key_path) = (path(found, "request"), path(found, "key"));
    let key = KeyFile::read(&key_path).map_err(told(words))?;
    let files = Files::read(std::slice::from_ref(&request), words)?;
    let (asked, copies) = carried(&files, words)?;
    // There is one copy for the one file.
    let Some(copy) = copies.first() else { return Err(words.say("request-nothing")) };
    let root = found.get_one::<String>("root").map(PathBuf::from);
    let root = root.map(|path| keyfile::root(&path).map_err(told(words))).transpose()?;
    is_for(&asked, root.as_ref(), words)?;
    let read = understood(&asked, &request, words)?;
    let zone_name = found.get_one::<String>("zone").map(String::as_str).unwrap_or_default();
    let span = (asked.made.plus_ms(-DAY_MS), asked.made.plus_ms(4 * 366 * DAY_MS));
    let clock =
        zone::offsets(zone_name, span.0, span.1).map_err(|error| super::super::explain::zone_told(&error, words).0)?;
    let page = Page { words, asked: &asked, root: root.as_ref(), clock: &clock, zone: zone_name };
    print!("{}", page.told(copy, &read));
    if !found.get_flag("yes") {
        confirm(&read, words)?;
    }
    let secret = key.open(&passphrase::known(found, &key_path, words)?, &key_path).map_err(told(words))?;
    let signed = copy.with(Signer::of(&asked, &secret, &key.public.name));
    let signed = signed.map_err(|full| words.with("request-full", &[("most", &full.most.to_string())]))?;
    let out = found.get_one::<String>("out").map_or(request, PathBuf::from);
    durable::write(&out, &wire::encode(&signed)).map_err(|error| file(&out, &error, words))?;
    note(context, "sign", &key.public, &out)?;
    let fields = [("path", out.display().to_string()), ("count", asked.bodies().count().to_string())];
    println!("{}", words.with("request-signed", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))));
    Ok(ExitCode::SUCCESS)
}

/// The request is made under the root document that this officer holds, where one is named.
pub(super) fn is_for(asked: &SigningRequest<'_>, root: Option<&Root>, words: &Words) -> Result<(), Failure> {
    let Some(root) = root else { return Ok(()) };
    let id = match asked.root_version.cmp(&root.version) {
        Ordering::Less => "request-older-root",
        Ordering::Greater => "request-newer-root",
        Ordering::Equal if asked.root == Hash::of(&wire::encode(root)) => return Ok(()),
        Ordering::Equal => "request-forged-root",
    };
    Err(words.with(id, &[("asked", &asked.root_version.to_string()), ("known", &root.version.to_string())]))
}

/// What a request asks for, if all of it is understood.
pub(super) fn understood(asked: &SigningRequest<'_>, path: &Path, words: &Words) -> Result<Understood, Failure> {
    let unknown = || words.with("request-unknown", &[("path", &path.display().to_string())]);
    let orders = asked.orders.iter().map(|one| {
        let is = Is::of(one.body).ok_or_else(unknown)?;
        let order = Order::read(one.body).map_err(|_| unknown())?;
        // A newer desk may have written fields that this program would sign unseen.
        if is_shown(one.body, is) && order.made == asked.made { Ok((is, order)) } else { Err(unknown()) }
    });
    let orders = orders.collect::<Result<_, _>>()?;
    let stop = asked.stop.map(|body| {
        let stop: Stop = wire::decode(body).map_err(|_| unknown())?;
        if wire::encode(&stop) == body { Ok(stop) } else { Err(unknown()) }
    });
    let root = asked.new_root.map(|body| {
        let root: Root = wire::decode(body).map_err(|_| unknown())?;
        if wire::encode(&root) == body { Ok(root) } else { Err(unknown()) }
    });
    let placings = asked.placings.iter().map(|placed| {
        let placing: Placing = wire::decode(placed.body).map_err(|_| unknown())?;
        if wire::encode(&placing) == placed.body { Ok((placing, placed.before)) } else { Err(unknown()) }
    });
    let placings = placings.collect::<Result<_, _>>()?;
    if asked.new_office.is_some() {
        return Err(unknown());
    }
    Ok(Understood { orders, stop: stop.transpose()?, placings, root: root.transpose()? })
}

/// Whether these bytes say just what this program reads of them.
fn is_shown(body: &[u8], is: Is) -> bool {
    match is {
        Is::Order(_) => wire::decode::<Order>(body).is_ok_and(|order| wire::encode(&order) == body),
        Is::Activation(_) => wire::decode::<Activation<'_>>(body).is_ok_and(|activation| {
            let template = Sealed::read(activation.template);
            let known = |sealed: Sealed<'_>| Is::of(sealed.body).is_some_and(|is| is_shown(sealed.body, is));
            wire::encode(&activation) == body && template.is_ok_and(known)
        }),
    }
}

/// Has the officer type what shows that the page was read: for each emergency the number of places, then a word.
fn confirm(read: &Understood, words: &Words) -> Result<(), Failure> {
    let mut lines = io::stdin().lock();
    let mut ask = |prompt: String| -> Result<String, Failure> {
        print!("{prompt} ");
        let _shown_later = io::stdout().flush();
        let mut line = String::new();
        lines.read_line(&mut line).map_err(|error| error.to_string())?;
        Ok(crate::text::composed(line.trim()).to_lowercase())
    };
    let emergencies = read.orders.iter().map(|(_, order)| order);
    for order in emergencies.filter(|order| order.manner.class == Class::Emergency) {
        let expected = match places_named(order) {
            0 => words.say("sign-all-word"),
            some => some.to_string(),
        };
        if ask(words.with("sign-ask-places", &[("order", &words::clean(&order.id))]))? != expected {
            return Err(words.say("sign-not-confirmed"));
        }
    }
    let answer = ask(words.say("sign-ask"))?;
    // Vietnamese keyboards are not everywhere.
    if [words.say("sign-word"), "ky".to_owned()].contains(&answer) {
        Ok(())
    } else {
        Err(words.say("sign-not-confirmed"))
    }
}
