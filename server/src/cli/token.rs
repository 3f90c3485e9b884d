//! `loa token`: tokens of programs, made, listed and taken back at the desk's machine.

use std::io::Write;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_host::text::Words;
use serde_json::json;

use super::account::{DESK, open, place};
use super::moment::Clocks;
use super::show::{self, Row, Sheet};
use super::told::told;
use super::{Context, Failure, dressed, said, wait_for};
use crate::accounts::token::{PREFIX, Wanted};
use crate::accounts::{AccountError, Accounts, Action};
use crate::serve::now;
use crate::timetable::kept;

const KEYS: &[&str] =
    &["id", "account", "title", "actions", "place", "made_ms", "ends_ms", "used_ms", "revoked_ms", "state"];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let about = |name: &'static str| Command::new(name).about(words.say(&format!("token-{name}-about")));
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("token-help-{name}")))
    };
    let argument = |name: &'static str, value: &'static str| {
        Arg::new(name).value_name(value).required(true).help(words.say(&format!("token-help-{name}")))
    };
    let days = option("days", "N").default_value("90");
    let new = about("new").arg(argument("account", "ACCOUNT")).args([
        option("title", "TEXT").required(true),
        option("action", "ACTION").required(true).action(ArgAction::Append),
        option("place", "CODE"),
        days.value_parser(clap::value_parser!(i64).range(1..=366)),
    ]);
    let commands = [new, about("list").arg(show::format_argument(words)), about("revoke").arg(argument("id", "ID"))];
    let command = Command::new("token").about(words.say("token-about")).subcommand_required(true);
    command.subcommands(commands.map(|one| dressed(one, words)))
}

/// Runs it.
///
/// # Errors
/// When the desk's folder cannot be used, or what is asked may not be done.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(write(context, found, &mut std::io::stdout().lock()))??;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn write(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let Some((what, found)) = found.subcommand() else { return Ok(()) };
    let accounts = open(context).await?;
    match what {
        "new" => make(context, &accounts, found, out).await?,
        "revoke" => {
            let id = found.get_one::<String>("id").cloned().unwrap_or_default();
            let revoked = accounts.revoke_token(DESK, &id, now(&context.clock)).await;
            revoked.map_err(told::<AccountError>(words))?;
            writeln!(out, "{}", words.with("token-revoked", &[("id", &id)])).map_err(said)?;
        }
        _ => list(context, &accounts, found, out).await?,
    }
    accounts.store().close().await;
    Ok(())
}

async fn make(context: &Context, accounts: &Accounts, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let text = |name: &str| found.get_one::<String>(name).cloned().unwrap_or_default();
    let action = |name: &String| {
        Action::of(name).ok_or_else(|| {
            let known = Action::ALL.into_iter().filter(|action| action.is_for_tokens()).map(Action::name);
            let expected = words.with("expected-action", &[("known", &known.collect::<Vec<_>>().join(", "))]);
            words.with("bad-value", &[("option", "--action"), ("value", name), ("expected", &expected)])
        })
    };
    let actions = found.get_many::<String>("action").into_iter().flatten();
    let actions: Vec<Action> = actions.map(action).collect::<Result<_, _>>()?;
    let place = place(accounts, found, words).await?;
    let days = found.get_one::<i64>("days").copied().unwrap_or(90);
    let wanted = Wanted { title: &text("title"), actions: &actions, place: place.as_ref(), days };
    let made = accounts.make_token(DESK, &text("account"), &wanted, now(&context.clock)).await;
    let (id, secret) = made.map_err(told::<AccountError>(words))?;
    let token = format!("{PREFIX}{}", secret.text());
    writeln!(out, "{}", words.with("token-made", &[("id", &id), ("token", &token)])).map_err(said)
}

async fn list(context: &Context, accounts: &Accounts, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let (words, at) = (&context.words, now(&context.clock));
    let mut clocks = Clocks::of(&kept::players(accounts.store()).await.map_err(told(words))?.0);
    let titles = ["id", "account", "title", "actions", "place", "ends", "used", "state"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[], KEYS, out).map_err(said)?;
    for token in accounts.store().tokens(None).await.map_err(told(words))? {
        let state = match (token.revoked, token.ends > at) {
            (Some(_), _) => "revoked",
            (None, false) => "ended",
            (None, true) => "open",
        };
        let everywhere = words.say("account-everywhere");
        let used = token.used.map(|used| show::date_time(clocks.local(None, used), words));
        let cells = vec![
            token.id.clone(),
            token.account.clone(),
            token.title.clone(),
            token.actions.clone(),
            if token.place.is_empty() { everywhere } else { token.place.clone() },
            show::date_time(clocks.local(None, token.ends), words),
            used.unwrap_or_default(),
            words.say(&format!("token-state-{state}")),
        ];
        let values = vec![
            json!(token.id),
            json!(token.account),
            json!(token.title),
            json!(token.actions),
            json!(token.place),
            json!(token.made.0),
            json!(token.ends.0),
            json!(token.used.map(|used| used.0)),
            json!(token.revoked.map(|revoked| revoked.0)),
            json!(state),
        ];
        sheet.row(Row { cells, values }).map_err(said)?;
    }
    sheet.end().map_err(said)?;
    Ok(())
}
