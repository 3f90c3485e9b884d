//! `loa root`: the root document of this desk: shown, asked for before the first start, changed with its officers' signatures.
//!
//! It decides arguments and words; which document may stand is decided in `domain/src/keys/change.rs`, what the desk does
//! with it in `trust.rs`. Officers sign with `loa key sign`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::keys::change::{Part, RootFault, Side};
use loa_domain::keys::request::{Hint, RequestFile, SigningRequest};
use loa_domain::keys::{Role, Root};
use loa_domain::wire::{self, List, Many};
use loa_host::durable;
use loa_host::text::Words;

use super::key::{self, Files, grouped, root_told, signer_told};
use super::moment::DAY_MS;
use super::told::{Tell, file, told};
use super::{Context, Failure, dressed, wait_for};
use crate::officer::{Public, short};
use crate::serve::now;
use crate::store::{Act, Store};
use crate::timetable::apply::not_vouched_for;
use crate::trust::{self, TrustError, Wanted};

/// For how many days a document is good where nothing is said: ten years.
const DAYS: &str = "3660";

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("root-help-{name}")))
    };
    let number = |name| option(name, "N").value_parser(clap::value_parser!(u8).range(1..=4));
    let officers = || option("officer", "FILE").num_args(1..).action(ArgAction::Append);
    let days = || option("days", "N").value_parser(clap::value_parser!(i64).range(1..=36_600));
    let request = || option("request", "FILE").required(true);
    let show = Command::new("show").about(words.say("root-show-about"));
    let new = Command::new("new").about(words.say("root-new-about")).arg(officers().required(true)).args([
        number("threshold").required(true),
        number("root-threshold"),
        days().default_value(DAYS),
        request(),
    ]);
    let change = Command::new("change").about(words.say("root-change-about")).args([
        officers(),
        number("threshold"),
        number("root-threshold"),
        days(),
        request(),
    ]);
    let accept = Command::new("accept")
        .about(words.say("root-accept-about"))
        .arg(Arg::new("files").value_name("FILE").num_args(1..).required(true).help(words.say("root-help-files")));
    let command = Command::new("root").about(words.say("root-about")).subcommand_required(true);
    command.subcommands([show, new, change, accept].map(|one| dressed(one, words)))
}

/// Runs it.
///
/// # Errors
/// When the desk's folder or a file cannot be used, or the document may not stand.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    match found.subcommand() {
        Some(("show", _)) => show(context),
        Some(("new", found)) => new(context, found),
        Some(("change", found)) => change(context, found),
        Some(("accept", found)) => wait_for(accept(context, found))?,
        _ => Ok(ExitCode::from(2)),
    }
}

fn in_force(context: &Context) -> Result<Root, Failure> {
    let words = &context.words;
    let root = trust::in_force(&context.folder).map_err(told(words))?;
    root.map(|(root, _)| root).ok_or_else(|| words.say("root-none"))
}

fn show(context: &Context) -> Result<ExitCode, Failure> {
    let words = &context.words;
    print!("{}", root_told(&in_force(context)?, None, &|_| String::new(), words));
    Ok(ExitCode::SUCCESS)
}

/// The officers named, each from the file with the public half of the key.
fn officers(found: &ArgMatches, words: &Words) -> Result<Vec<Public>, Failure> {
    let files = found.get_many::<String>("officer").into_iter().flatten();
    let officers: Vec<Public> =
        files.map(|file| Public::read(&PathBuf::from(file)).map_err(told(words))).collect::<Result<_, _>>()?;
    let twice = (1..officers.len()).find(|at| officers[..*at].iter().any(|other| other.key == officers[*at].key));
    match twice {
        Some(at) => Err(words.with("root-officer-twice", &[("name", &key::clean(&officers[at].name))])),
        None => Ok(officers),
    }
}

fn role(threshold: u8, officers: &[Public], words: &Words) -> Result<Role, Failure> {
    let keys = List::collect(officers.iter().map(|officer| officer.key));
    let keys = keys.map_err(|full| words.with("root-too-many", &[("most", &full.most.to_string())]))?;
    let role = Role { threshold, keys };
    let fields = [("needed", threshold.to_string()), ("of", officers.len().to_string())];
    let unfilled = || words.with("root-unfilled", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
    if role.is_sound() { Ok(role) } else { Err(unfilled()) }
}

fn new(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    if trust::in_force(&context.folder).map_err(told(words))?.is_some() {
        return Err(words.say("root-exists"));
    }
    let officers = officers(found, words)?;
    let number = |name: &str| found.get_one::<u8>(name).copied();
    let threshold = number("threshold").unwrap_or(1);
    let (role, root) =
        (role(threshold, &officers, words)?, role(number("root-threshold").unwrap_or(threshold), &officers, words)?);
    let days = found.get_one::<i64>("days").copied().unwrap_or(1);
    let expires = now(&context.clock).plus_ms(days * DAY_MS);
    let path = ask(context, found, Wanted { officers: role, root, expires }, &officers)?;
    // Until it comes back signed, the first start makes no officer's key of its own.
    let awaited = context.folder.awaited_root();
    let copy = std::fs::read(&path).map_err(|error| file(&path, &error, words))?;
    durable::write(&awaited, &copy).map_err(|error| file(&awaited, &error, words))?;
    Ok(ExitCode::SUCCESS)
}

fn change(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let old = in_force(context)?;
    let officers = officers(found, words)?;
    let number = |name: &str, before: u8| found.get_one::<u8>(name).copied().unwrap_or(before);
    let changed = |role: &Role, threshold: u8| match officers.is_empty() {
        true => Role { threshold, keys: role.keys.clone() },
        false => {
            Role { threshold, keys: List::collect(officers.iter().map(|officer| officer.key)).unwrap_or_default() }
        }
    };
    let wanted = Wanted {
        officers: changed(&old.officers, number("threshold", old.officers.threshold)),
        root: changed(&old.root, number("root-threshold", old.root.threshold)),
        expires: found.get_one::<i64>("days").map_or(old.expires, |days| now(&context.clock).plus_ms(days * DAY_MS)),
    };
    for role in [&wanted.officers, &wanted.root] {
        if !role.is_sound() {
            let fields = [("needed", role.threshold.to_string()), ("of", role.keys.len().to_string())];
            let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
            return Err(words.with("root-unfilled", &fields));
        }
    }
    ask(context, found, wanted, &officers)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the request, notes it, and says where it goes from here.
fn ask(context: &Context, found: &ArgMatches, wanted: Wanted, officers: &[Public]) -> Result<PathBuf, Failure> {
    let words = &context.words;
    let (body, root_version, root) = trust::next(&context.folder, wanted).map_err(told(words))?;
    let names: Vec<(String, &str)> =
        officers.iter().map(|officer| (officer.key.to_string(), officer.name.as_str())).collect();
    let hints = names.iter().map(|(key, name)| Hint { kind: "officer", key, name });
    let asked = SigningRequest {
        root_version,
        root,
        made: now(&context.clock),
        orders: Many::new(),
        taken_off: Many::new(),
        // As many fit as a role has keys.
        hints: Many::collect(hints).unwrap_or_default(),
        new_root: Some(&body),
        placings: Many::new(),
        new_office: None,
        office: None,
    };
    let bytes = wire::encode(&asked);
    let whole = RequestFile::new(&bytes);
    let path = found.get_one::<String>("request").map(PathBuf::from).unwrap_or_default();
    durable::write(&path, &wire::encode(&whole)).map_err(|error| file(&path, &error, words))?;
    let hash = grouped(&whole.hash().to_string()[..16]);
    let detail = format!("version {}, {hash}", root_version.saturating_add(1));
    let shown = path.display().to_string();
    wait_for(async {
        let store = Store::open(&context.folder.store().display().to_string()).await.map_err(told(words))?;
        note(context, &store, "desk", "root-request", &shown, detail).await?;
        store.close().await;
        Ok::<_, Failure>(())
    })??;
    println!("{}", words.with("root-request-written", &[("path", &shown), ("hash", &hash)]));
    Ok(path)
}

async fn accept(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let paths: Vec<PathBuf> = found.get_many::<String>("files").into_iter().flatten().map(PathBuf::from).collect();
    let files = Files::read(&paths, words)?;
    let (asked, copies) = key::carried(&files, words)?;
    let (root, signers) = trust::accept(&context.folder, &asked, &copies, now(&context.clock)).map_err(told(words))?;
    for signer in &signers {
        println!("{}", words.with("signers-counted", &[("signer", &signer_told(signer))]));
    }
    let store = Store::open(&context.folder.store().display().to_string()).await.map_err(told(words))?;
    let who: Vec<String> = signers.iter().map(|signer| short(&signer.key)).collect();
    let hash = loa_domain::id::Hash::of(asked.new_root.unwrap_or_default());
    let subject = format!("root {}", root.version);
    note(context, &store, &who.join("+"), "root-accept", &subject, hash.to_string()).await?;
    let orders = not_vouched_for(&store, &root.officers).await.map_err(told(words))?;
    store.close().await;
    let fields = [("version", root.version.to_string()), ("path", context.folder.root_file().display().to_string())];
    println!("{}", words.with("root-accepted", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))));
    if orders > 0 {
        println!("{}", words.with("root-orders-left", &[("count", &orders.to_string())]));
    }
    Ok(ExitCode::SUCCESS)
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

impl Tell for TrustError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Key(error) => error.tell(words),
            Self::Fault(fault) => fault.tell(words),
            Self::Orders => words.say("root-is-orders"),
            Self::OtherDesk => words.say("root-other-desk"),
        }
    }
}

impl Tell for RootFault {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Wire(_) => words.say("root-unreadable"),
            Self::Version { expected, found } => {
                words.with("root-version", &[("expected", &expected.to_string()), ("found", &found.to_string())])
            }
            Self::Expired => words.say("root-expired"),
            Self::Role(part) => {
                let role = match part {
                    Part::Root => "root-part-root",
                    Part::Officers => "root-part-officers",
                    Part::Desk => "root-part-desk",
                };
                words.with("root-role", &[("role", &words.say(role))])
            }
            Self::Signatures { side, valid, needed } => {
                let id = if *side == Side::Old { "root-signatures-old" } else { "root-signatures-new" };
                words.with(id, &[("valid", &valid.to_string()), ("needed", &needed.to_string())])
            }
        }
    }
}
