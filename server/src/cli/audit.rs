//! `loa audit`: a copy of the log for others, the proof of one record, the store made again from the log, and checks.
//!
//! What the log is and how a copy is checked is decided in `audit`; here are arguments, progress and exit codes.

mod findings;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::id::PlayerId;
use loa_host::durable;
use loa_host::text::Words;

use super::bar::Bar;
use super::told::told;
use super::{Context, Failure, arguments, dressed, wait_for};
use crate::audit::export;
use crate::audit::log::Log;
use crate::audit::rebuild;
use crate::serve::now;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("audit-help-{name}")))
    };
    let number = |name| option(name, "N").value_parser(clap::value_parser!(u64));
    let export = Command::new("export")
        .about(words.say("audit-export-about"))
        .arg(Arg::new("dir").value_name("DIR").required(true).help(words.say("audit-help-dir")));
    let proof = Command::new("proof")
        .about(words.say("audit-proof-about"))
        .arg(option("player", "ID").required(true))
        .arg(number("seq").required(true))
        .arg(number("epoch"))
        .arg(option("output", "FILE").short('o').required(true));
    let rebuild = Command::new("rebuild")
        .about(words.say("audit-rebuild-about"))
        .arg(Arg::new("replace").long("replace").action(ArgAction::SetTrue).help(words.say("audit-help-replace")));
    let command = Command::new("audit").about(words.say("audit-about")).subcommand_required(true);
    let command = command.subcommands([export, proof, rebuild].map(|one| dressed(one, words)));
    command.subcommands(verify::commands(words))
}

/// Runs it.
///
/// # Errors
/// When the log cannot be read, or what was asked for cannot be written.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    match found.subcommand() {
        Some(("export", found)) => run_export(context, found),
        Some(("proof", found)) => wait_for(run_proof(context, found))?,
        Some(("rebuild", found)) => wait_for(run_rebuild(context, found.get_flag("replace")))?,
        Some(("verify", found)) => verify::run(context, found),
        Some(("verify-log", found)) => verify::run_log(context, found),
        Some(("verify-proof", found)) => verify::run_proof(context, found),
        _ => Ok(ExitCode::from(2)),
    }
}

fn run_export(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    context.has_desk()?;
    let to = Path::new(found.get_one::<String>("dir").map_or("", String::as_str));
    let bar = Bar::new(&words.say("audit-export-bar"));
    let exported = export::export(&context.folder, to, &mut |done, all| bar.of(done, all)).map_err(told(words))?;
    drop(bar);
    let (dir, size, root) = (to.display().to_string(), exported.head.size.to_string(), exported.head.root.to_string());
    println!("{}", words.with("audit-export-done", &[("dir", &dir), ("size", &size), ("root", &root)]));
    Ok(ExitCode::SUCCESS)
}

async fn run_proof(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let text = |name: &str| found.get_one::<String>(name).map_or("", String::as_str);
    let player: PlayerId = arguments::player("player", text("player"), words)?;
    let seq = found.get_one::<u64>("seq").copied().unwrap_or_default();
    let store = context.open_store().await?;
    let epoch = match found.get_one::<u64>("epoch") {
        Some(epoch) => Some(*epoch),
        None => store.newest_epoch(&player, seq).await.map_err(told(words))?,
    };
    let position = match epoch {
        Some(epoch) => store.record_position(&player, epoch, seq).await.map_err(told(words))?,
        None => None,
    };
    store.close().await;
    let missing = || words.with("audit-proof-none", &[("player", player.as_str()), ("seq", &seq.to_string())]);
    let position = position.ok_or_else(missing)?;
    let proof = Log::read(&context.folder).and_then(|log| log.proof(position)).map_err(told(words))?;
    let file = text("output");
    durable::write(Path::new(file), proof.text(true).as_bytes()).map_err(told(words))?;
    let (position, size) = (position.to_string(), proof.published.head.size.to_string());
    println!("{}", words.with("audit-proof-done", &[("file", file), ("position", &position), ("size", &size)]));
    Ok(ExitCode::SUCCESS)
}

async fn run_rebuild(context: &Context, replace: bool) -> Result<ExitCode, Failure> {
    let words = &context.words;
    // A folder without a desk is told as such.
    context.open_store().await?.close().await;
    let mark = replace.then(|| now(&context.clock).seconds().to_string());
    let bar = Bar::new(&words.say("audit-rebuild-bar"));
    let progress = &mut |done: u64, all: u64| bar.of(done as usize, all as usize);
    let rebuilt = rebuild::rebuild(&context.folder, mark.as_deref(), progress).await.map_err(told(words))?;
    drop(bar);
    for difference in &rebuilt.differences {
        println!("{difference}");
    }
    let entries = rebuilt.entries.to_string();
    let counts = [("behind", rebuilt.behind.to_string()), ("refused", rebuilt.refused.to_string())];
    if rebuilt.behind > 0 || rebuilt.refused > 0 {
        let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
        println!("{}", words.with("audit-rebuild-older", &counts));
    }
    if let Some(aside) = &rebuilt.aside {
        let aside = aside.display().to_string();
        println!("{}", words.with("audit-rebuild-replaced", &[("entries", &entries), ("path", &aside)]));
        return Ok(ExitCode::SUCCESS);
    }
    let same = rebuilt.differences.is_empty() && rebuilt.behind == 0 && rebuilt.refused == 0;
    let (id, count) = (if same { "audit-rebuild-same" } else { "audit-rebuild-differs" }, rebuilt.differences.len());
    println!("{}", words.with(id, &[("entries", &entries), ("count", &count.to_string())]));
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests;
