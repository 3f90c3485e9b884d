//! Where a passphrase comes from: typed without echo, from a file, or the next line of standard input.
//!
//! The only file that names the library that turns the echo off. What a passphrase is stands in `officer/sealed.rs`.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;

use clap::{Arg, ArgMatches};
use loa_host::text::Words;

use super::super::told::file;
use super::{Failure, too_short};
use crate::officer::Passphrase;

/// The option that names a file.
pub(super) fn argument(words: &Words) -> Arg {
    Arg::new("passphrase-file").long("passphrase-file").value_name("FILE").help(words.say("key-help-passphrase-file"))
}

/// The passphrase of a key that there is.
///
/// # Errors
/// When none can be read.
pub(super) fn known(found: &ArgMatches, key: &Path, words: &Words) -> Result<Passphrase, Failure> {
    let prompt = words.with("passphrase-ask", &[("file", &key.display().to_string())]);
    read(named(found, "passphrase-file"), &prompt, words)
}

/// The passphrase of a new key: on a terminal it is asked for twice.
///
/// # Errors
/// When none can be read, the two differ, or it is too short.
pub(super) fn new(found: &ArgMatches, option: &str, words: &Words) -> Result<Passphrase, Failure> {
    let from = named(found, option);
    let phrase = read(from, &words.say("passphrase-new"), words)?;
    if !phrase.is_long_enough() {
        return Err(too_short(words));
    }
    let is_typed = from.is_none() && io::stdin().is_terminal();
    if is_typed && read(None, &words.say("passphrase-again"), words)? != phrase {
        return Err(words.say("passphrase-differs"));
    }
    Ok(phrase)
}

fn named<'f>(found: &'f ArgMatches, option: &str) -> Option<&'f str> {
    found.try_get_one::<String>(option).ok().flatten().map(String::as_str)
}

fn read(from: Option<&str>, prompt: &str, words: &Words) -> Result<Passphrase, Failure> {
    if let Some(path) = from {
        let path = Path::new(path);
        let text = std::fs::read_to_string(path).map_err(|error| file(path, &error, words))?;
        return Ok(Passphrase::new(text.lines().next().unwrap_or_default().to_owned()));
    }
    let unread = |error: io::Error| words.with("passphrase-unread", &[("why", &error.to_string())]);
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Passphrase::new).map_err(unread);
    }
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line).map_err(unread)? == 0 {
        return Err(words.say("passphrase-none"));
    }
    Ok(Passphrase::new(line))
}
