//! `loa authority`: whose certificates the desk and its players believe: shown, renewed, let go.
//!
//! What an authority is stands in `authority.rs`. The running desk follows within ten seconds.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use loa_host::text::Words;

use super::claim::note;
use super::told::told;
use super::{Context, Failure, dressed};
use crate::authority::{self, Authority};
use crate::serve::now;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let show = Command::new("show").about(words.say("authority-show-about"));
    let renew = Command::new("renew").about(words.say("authority-renew-about"));
    let number = Arg::new("number").value_name("N").required(true).value_parser(clap::value_parser!(u32));
    let drop = Command::new("drop")
        .about(words.say("authority-drop-about"))
        .arg(number.help(words.say("authority-help-number")));
    let command = Command::new("authority").about(words.say("authority-about")).subcommand_required(true);
    command.subcommands([show, renew, drop].map(|one| dressed(one, words)))
}

/// Runs it.
///
/// # Errors
/// When the desk's folder cannot be used.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    context.has_desk()?;
    let words = &context.words;
    let (keys, now) = (context.folder.keys(), now(&context.clock));
    match found.subcommand() {
        Some(("show", _)) => {}
        Some(("renew", _)) => {
            let number = authority::roll(&keys, now).map_err(told(words))?;
            note(context, "authority-new", &number.to_string(), "")?;
        }
        Some(("drop", found)) => {
            let number = found.get_one::<u32>("number").copied().unwrap_or(0);
            if !authority::drop_authority(&keys, number).map_err(told(words))? {
                return Err(words.with("authority-unknown", &[("number", &number.to_string())]));
            }
            note(context, "authority-drop", &number.to_string(), "")?;
        }
        _ => return Ok(ExitCode::from(2)),
    }
    let authority = Authority::open(&keys, now).map_err(told(words))?;
    let file = authority.authorities_file().map_err(told(words))?.display().to_string();
    let numbers: Vec<String> = authority.numbers().iter().map(u32::to_string).collect();
    println!("{}", words.with("authority-told", &[("numbers", &numbers.join(", ")), ("file", &file)]));
    Ok(ExitCode::SUCCESS)
}
