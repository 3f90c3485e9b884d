//! `loa claim`: codes with which new players may knock: made, listed, ended.
//!
//! What a code is worth stands in `claims.rs`. The running desk follows within ten seconds.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use loa_host::text::Words;

use super::moment::{Clocks, DAY_MS};
use super::told::{Tell, told};
use super::{Context, Failure, dressed, said, show, wait_for};
use crate::claims::{self, Claims};
use crate::serve::now;
use crate::store::Act;
use crate::timetable::kept;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let number = |name: &'static str, default: &'static str| {
        let argument = Arg::new(name).long(name).value_name("N").default_value(default);
        argument.help(words.say(&format!("claim-help-{name}")))
    };
    let new = Command::new("new").about(words.say("claim-new-about")).args([
        number("days", "7").value_parser(clap::value_parser!(i64).range(1..=366)),
        number("uses", "1").value_parser(clap::value_parser!(u32).range(1..=10_000)),
    ]);
    let list = Command::new("list").about(words.say("claim-list-about"));
    let end = Command::new("end")
        .about(words.say("claim-end-about"))
        .arg(Arg::new("name").value_name("NAME").required(true).help(words.say("claim-help-name")));
    let command = Command::new("claim").about(words.say("claim-about")).subcommand_required(true);
    command.subcommands([new, list, end].map(|one| dressed(one, words)))
}

/// Runs it.
///
/// # Errors
/// When the desk's folder cannot be used, or there is no such code.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    context.has_desk()?;
    match found.subcommand() {
        Some(("new", found)) => new(context, found)?,
        Some(("list", _)) => wait_for(list(context))??,
        Some(("end", found)) => end(context, found)?,
        _ => return Ok(ExitCode::from(2)),
    }
    Ok(ExitCode::SUCCESS)
}

fn new(context: &Context, found: &ArgMatches) -> Result<(), Failure> {
    let words = &context.words;
    let days = found.get_one::<i64>("days").copied().unwrap_or(7);
    let uses = found.get_one::<u32>("uses").copied().unwrap_or(1);
    let now = now(&context.clock);
    let made = claims::make(&context.folder.keys(), now, now.plus_ms(days.saturating_mul(DAY_MS)), uses);
    let (code, claim) = made.map_err(told(words))?;
    note(context, "claim-new", &claim.name(), &format!("{days} days, {uses} uses"))?;
    println!("{}", words.with("claim-made", &[("code", &code), ("name", &claim.name())]));
    Ok(())
}

async fn list(context: &Context) -> Result<(), Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let mut clocks = Clocks::of(&kept::players(&store).await.map_err(told(words))?.0);
    let now = now(&context.clock);
    let claims = Claims::load(&context.folder.keys()).map_err(|error| error.tell(words))?;
    for (claim, used) in claims.all() {
        let state = if claim.ends <= now { "claim-has-ended" } else { "claim-ends" };
        let ends = show::date_time(clocks.local(None, claim.ends), words);
        let (used, uses) = (used.to_string(), claim.uses.to_string());
        let values = [("name", claim.name()), ("ends", ends), ("used", used), ("uses", uses)];
        println!("{}", words.with(state, &values.each_ref().map(|(name, value)| (*name, value.as_str()))));
    }
    if claims.all().next().is_none() {
        println!("{}", words.say("claim-none"));
    }
    store.close().await;
    Ok(())
}

fn end(context: &Context, found: &ArgMatches) -> Result<(), Failure> {
    let words = &context.words;
    let name = found.get_one::<String>("name").cloned().unwrap_or_default();
    if !claims::end(&context.folder.keys(), &name).map_err(said)? {
        return Err(words.with("claim-unknown", &[("name", &name)]));
    }
    note(context, "claim-end", &name, "")?;
    println!("{}", words.with("claim-is-ended", &[("name", &name)]));
    Ok(())
}

/// Notes an act at this desk.
pub(super) fn note(context: &Context, what: &str, subject: &str, detail: &str) -> Result<(), Failure> {
    wait_for(async {
        let store = context.open_store().await?;
        let who = std::env::var("USER").unwrap_or_default();
        let (what, subject, detail) = (what.to_owned(), subject.to_owned(), detail.to_owned());
        let act = Act { at: now(&context.clock), who, what, subject, detail };
        store.append_act(&act).await.map_err(told(&context.words))?;
        store.close().await;
        Ok(())
    })?
}
