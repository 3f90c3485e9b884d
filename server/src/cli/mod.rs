//! What people type: `loa <command>`, one file per command.
//!
//! This page is the table of commands and what they share: the desk's folder, the language, the look of the help. The
//! only files that name the argument parser are these. Output for people goes to standard output, what went wrong to
//! standard error; the exit code says which: 0 done, 1 refused or failed, 2 not understood.

pub mod account;
pub mod acts;
pub mod apply;
pub mod arguments;
pub mod audit;
pub mod authority;
pub mod backup;
mod bar;
pub mod broker;
mod checked;
pub mod claim;
pub mod clip;
pub mod emergency;
mod enrol;
pub mod explain;
pub mod key;
mod moment;
pub mod plan;
pub mod players;
pub mod proofs;
pub mod report;
pub mod root;
pub mod serve;
mod show;
pub mod slide;
pub mod token;
mod told;
mod video;
pub mod watch;
pub mod witness;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_host::clock::Clock;
use loa_host::text::{Language, Words};

use crate::config::Folder;
use crate::store::Store;

/// What every command is given.
pub struct Context {
    /// The words of the language asked for.
    pub words: Words,
    /// The desk's folder.
    pub folder: Folder,
    /// The clock.
    pub clock: Clock,
}

impl Context {
    /// A folder without a desk is told as such.
    pub(crate) fn has_desk(&self) -> Result<(), Failure> {
        let no_desk = || self.words.with("no-desk", &[("dir", &self.folder.dir().display().to_string())]);
        self.folder.store().is_file().then_some(()).ok_or_else(no_desk)
    }

    /// The desk's store; a folder without one is told as such, and nothing is made.
    pub(crate) async fn open_store(&self) -> Result<Store, Failure> {
        self.has_desk()?;
        let file = self.folder.store();
        Store::open(&file.display().to_string()).await.map_err(told::told(&self.words))
    }
}

/// An error in its own words.
pub(crate) fn said(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}

/// Why a command did not do what it was asked, as a sentence for people.
pub type Failure = String;

/// A command: its name, its arguments, what it does.
struct Entry {
    command: fn(&Words) -> Command,
    run: fn(&Context, &ArgMatches) -> Result<ExitCode, Failure>,
}

const COMMANDS: &[Entry] = &[
    Entry { command: serve::command, run: serve::run },
    Entry { command: apply::command, run: apply::run },
    Entry { command: emergency::activate::command, run: emergency::activate::run },
    Entry { command: emergency::stop::command, run: emergency::stop::run },
    Entry { command: key::command, run: key::run },
    Entry { command: root::command, run: root::run },
    Entry { command: enrol::command, run: enrol::run },
    Entry { command: claim::command, run: claim::run },
    Entry { command: authority::command, run: authority::run },
    Entry { command: broker::command, run: broker::run },
    Entry { command: watch::command, run: watch::run },
    Entry { command: clip::command, run: clip::run },
    Entry { command: slide::command, run: slide::run },
    Entry { command: plan::command, run: plan::run },
    Entry { command: explain::command, run: explain::run },
    Entry { command: proofs::command, run: proofs::run },
    Entry { command: report::command, run: report::run },
    Entry { command: players::command, run: players::run },
    Entry { command: account::command, run: account::run },
    Entry { command: token::command, run: token::run },
    Entry { command: acts::command, run: acts::run },
    Entry { command: audit::command, run: audit::run },
    Entry { command: witness::command, run: witness::run },
    Entry { command: backup::command, run: backup::run },
    Entry { command: backup::restore_command, run: backup::run_restore },
];

/// The look of a help page in the language of `words`.
pub(crate) fn dressed(command: Command, words: &Words) -> Command {
    let name = command.get_name().to_owned();
    let (arguments, has_commands) = (command.get_positionals().count(), command.has_subcommands());
    let mut template = format!("{{about}}\n\n{}: {{usage}}\n", words.say("help-usage"));
    if has_commands {
        template += &format!("\n{}:\n{{subcommands}}\n", words.say("help-commands"));
    }
    if arguments > 0 {
        template += &format!("\n{}:\n{{positionals}}\n", words.say("help-arguments"));
    }
    template += &format!("\n{}:\n{{options}}\n{{after-help}}", words.say("help-options"));
    let examples = format!("{name}-examples");
    let command =
        if words.has(&examples) { command.after_help(format!("\n{}", words.say(&examples))) } else { command };
    command
        .help_template(template)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help(words.say("help-help")))
}

/// The whole command line in the language of `words`.
#[must_use]
pub fn command(words: &Words) -> Command {
    let mut root = Command::new("loa")
        .version(env!("CARGO_PKG_VERSION"))
        .about(words.say("loa-about"))
        .subcommand_required(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("data")
                .long("data")
                .value_name("DIR")
                .env("LOA_DESK")
                .default_value("loa-desk")
                .global(true)
                .help(words.say("help-data")),
        )
        .arg(language_argument(words))
        .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).help(words.say("help-version")));
    for entry in COMMANDS {
        root = root.subcommand(dressed((entry.command)(words), words));
    }
    dressed(root, words)
}

fn language_argument(words: &Words) -> Arg {
    let known = |text: &str| text.parse::<Language>().map(|_| text.to_owned());
    Arg::new("lang").long("lang").value_name("vi|en").value_parser(known).global(true).help(words.say("help-lang"))
}

/// Does what the arguments ask. What cannot be done is told on standard error.
#[must_use]
pub fn run(found: &ArgMatches, words: Words) -> ExitCode {
    let folder = Folder::at(found.get_one::<String>("data").map_or("loa-desk", String::as_str));
    let context = Context { words, folder, clock: Clock::machine() };
    let Some((name, arguments)) = found.subcommand() else { return ExitCode::from(2) };
    let entry = COMMANDS.iter().find(|entry| (entry.command)(&context.words).get_name() == name);
    let done = entry.map_or(Ok(ExitCode::from(2)), |entry| (entry.run)(&context, arguments));
    done.unwrap_or_else(|failure| {
        eprintln!("{failure}");
        ExitCode::FAILURE
    })
}

/// Runs what waits for the network or the store.
pub(crate) fn wait_for<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    Ok(runtime.map_err(|error| error.to_string())?.block_on(work))
}

#[cfg(test)]
mod tests;
