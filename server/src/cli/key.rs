//! `loa key`: an officer's key on the officer's own machine: made, looked at, its passphrase changed, signed with.
//!
//! What a key file is stands in `officer.rs`; what signing shows and asks, in `key/sign.rs`. None of these needs a desk;
//! where there is one in the folder, what is done with keys there is noted as an act.

mod passphrase;
mod sign;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::keys::SecretKey;
use loa_host::keyfile;
use loa_host::text::Words;

use super::told::{Tell, told};
use super::{Context, Failure, dressed, wait_for};
use crate::officer::{Hardness, KeyFile, LEAST_CHARACTERS, NAME_BYTES, OfficerError, Public, short};
use crate::serve::now;
use crate::store::Act;
pub(super) use sign::{Files, carried};
pub(super) use words::{clean, grouped, key_told, root_told, signer_told};

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let file = || Arg::new("file").value_name("FILE").required(true).help(words.say("key-help-file"));
    let from = || passphrase::argument(words);
    let new = Command::new("new")
        .about(words.say("key-new-about"))
        .arg(file())
        .arg(from())
        .arg(Arg::new("name").long("name").value_name("NAME").help(words.say("key-help-name")));
    let show = Command::new("show").about(words.say("key-show-about")).arg(file());
    let change = Command::new("passphrase").about(words.say("key-passphrase-about")).arg(file()).arg(from()).arg(
        Arg::new("new-passphrase-file")
            .long("new-passphrase-file")
            .value_name("FILE")
            .help(words.say("key-help-new-passphrase-file")),
    );
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("key-help-{name}")))
    };
    let sign = Command::new("sign")
        .about(words.say("key-sign-about"))
        .arg(Arg::new("request").value_name("REQUEST").required(true).help(words.say("key-help-request")))
        .arg(option("key", "FILE").required(true))
        .arg(option("root", "FILE"))
        .arg(option("out", "FILE"))
        .arg(option("zone", "ZONE").default_value(super::moment::HOME))
        .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).help(words.say("key-help-yes")))
        .arg(from());
    let command = Command::new("key").about(words.say("key-about")).subcommand_required(true);
    command.subcommands([new, show, change, sign].map(|one| dressed(one, words)))
}

/// Runs it.
///
/// # Errors
/// When the key or the request cannot be used, or is not confirmed.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    match found.subcommand() {
        Some(("new", found)) => run_new(context, found),
        Some(("show", found)) => run_show(context, found),
        Some(("passphrase", found)) => run_passphrase(context, found),
        Some(("sign", found)) => sign::run(context, found),
        _ => Ok(ExitCode::from(2)),
    }
}

fn path(found: &ArgMatches, name: &str) -> PathBuf {
    found.get_one::<String>(name).map(PathBuf::from).unwrap_or_default()
}

fn run_new(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let file = path(found, "file");
    if file.symlink_metadata().is_ok() {
        // Before anybody has thought of a passphrase.
        return Err(OfficerError::Exists { path: file }.tell(words));
    }
    let stem = || file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = found.get_one::<String>("name").cloned().unwrap_or_else(stem);
    let phrase = passphrase::new(found, "passphrase-file", words)?;
    let seed = keyfile::random().map_err(told(words))?;
    let made = KeyFile::make(&seed, &crate::text::composed(&name), &phrase, Hardness::NEW).map_err(told(words))?;
    let public = made.write_new(&file).map_err(told(words))?;
    note(context, "key-new", &made.public, &file)?;
    print!("{}", shown(&made.public, words));
    let fields = [("file", file.display().to_string()), ("public", public.display().to_string())];
    println!("{}", words.with("key-made", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))));
    Ok(ExitCode::SUCCESS)
}

fn run_show(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let public = Public::read(&path(found, "file")).map_err(told(&context.words))?;
    print!("{}", shown(&public, &context.words));
    Ok(ExitCode::SUCCESS)
}

fn run_passphrase(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let file = path(found, "file");
    let known = KeyFile::read(&file).map_err(told(words))?;
    let secret = known.open(&passphrase::known(found, &file, words)?, &file).map_err(told(words))?;
    let phrase = passphrase::new(found, "new-passphrase-file", words)?;
    let made = KeyFile::make(&secret.seed(), &known.public.name, &phrase, Hardness::NEW).map_err(told(words))?;
    made.replace(&file).map_err(told(words))?;
    note(context, "key-passphrase", &made.public, &file)?;
    println!("{}", words.with("key-passphrase-changed", &[("file", &file.display().to_string())]));
    Ok(ExitCode::SUCCESS)
}

/// A key for people: name, fingerprint, the key itself.
fn shown(public: &Public, words: &Words) -> String {
    let fields = [
        ("name", public.name.clone()),
        ("fingerprint", public.key.fingerprint().to_string()),
        ("key", public.key.to_string()),
    ];
    format!("{}\n", words.with("key-shown", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

/// Notes what was done with a key, if that was at a desk.
fn note(context: &Context, what: &str, public: &Public, file: &Path) -> Result<(), Failure> {
    if context.has_desk().is_err() {
        return Ok(());
    }
    let act = Act {
        at: now(&context.clock),
        who: short(&public.key),
        what: what.to_owned(),
        subject: file.display().to_string(),
        detail: format!("{}, {}", public.name, public.key.fingerprint()),
    };
    wait_for(async {
        let store = context.open_store().await?;
        store.append_act(&act).await.map_err(told(&context.words))?;
        store.close().await;
        Ok(())
    })?
}

/// The option that names the file a passphrase is read from.
pub(super) fn passphrase_argument(words: &Words) -> Arg {
    passphrase::argument(words)
}

/// An officer's key: from a file behind a passphrase, or from one of 64 digits as the desk's first start makes it.
///
/// # Errors
/// When it cannot be used.
pub(super) fn officer(context: &Context, file: &Path, found: &ArgMatches) -> Result<SecretKey, Failure> {
    let words = &context.words;
    if !KeyFile::is_at(file) {
        return context.folder.officer_key(Some(file)).map_err(told(words));
    }
    let known = KeyFile::read(file).map_err(told(words))?;
    known.open(&passphrase::known(found, file, words)?, file).map_err(told(words))
}

impl Tell for OfficerError {
    fn tell(&self, words: &Words) -> Failure {
        let with = |id: &str, path: &Path, more: &[(&str, &str)]| {
            let path = path.display().to_string();
            words.with(id, &[&[("path", path.as_str())], more].concat())
        };
        match self {
            Self::File { path, source } => super::told::file(path, source, words),
            Self::Malformed { path, line, expected } => {
                with("officer-malformed", path, &[("line", &line.to_string()), ("expected", expected)])
            }
            Self::Kind { path, kind } => with("officer-kind", path, &[("kind", &clean(kind))]),
            Self::Bounds { path } => with("officer-bounds", path, &[]),
            Self::Passphrase { path } => with("officer-passphrase", path, &[]),
            Self::Exists { path } => with("officer-exists", path, &[]),
            Self::Name => words.with("officer-name", &[("most", &NAME_BYTES.to_string())]),
            Self::Memory => words.say("officer-memory"),
            Self::Key(error) => error.tell(words),
        }
    }
}

/// The sentence for a passphrase that is too short.
fn too_short(words: &Words) -> Failure {
    words.with("passphrase-short", &[("least", &LEAST_CHARACTERS.to_string())])
}

#[cfg(test)]
mod tests;
