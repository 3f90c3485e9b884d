//! `loa account`: accounts of those who use the desk, made and changed at its machine.
//!
//! Whoever can run this here owns the desk's folder, so nobody is asked who he is; the log says `desk`. What is allowed to
//! whom is `accounts/role.rs`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_host::text::Words;
use serde_json::json;

use super::moment::Clocks;
use super::show::{self, Row, Sheet};
use super::told::{Tell, system, told};
use super::{Context, Failure, dressed, said, wait_for};
use crate::accounts::password::Password;
use crate::accounts::provider::{ProviderError, Settings};
use crate::accounts::session::Rules;
use crate::accounts::{AccountError, Accounts, Grant, Role};
use crate::serve::now;
use crate::timetable::kept;
use crate::timetable::model::PlaceKey;

/// Who did it, in the log.
pub(super) const DESK: &str = "desk";
const KEYS: &[&str] = &["account", "display", "roles", "state", "second_factor", "last_login_ms"];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let about = |name: &'static str| Command::new(name).about(words.say(&format!("account-{name}-about")));
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("account-help-{name}")))
    };
    let argument = |name: &'static str, value: &'static str| {
        Arg::new(name).value_name(value).required(true).help(words.say(&format!("account-help-{name}")))
    };
    let on = |name| about(name).arg(argument("name", "NAME"));
    let role = || argument("role", "ROLE");
    let new = on("new").args([
        option("display", "TEXT"),
        option("role", "ROLE").action(ArgAction::Append),
        option("place", "CODE"),
    ]);
    let second = on("second")
        .arg(option("code", "CODE").conflicts_with("off"))
        .arg(Arg::new("off").long("off").action(ArgAction::SetTrue).help(words.say("account-help-off")));
    let link = on("link")
        .arg(option("subject", "SUBJECT").conflicts_with("off").required_unless_present("off"))
        .arg(Arg::new("off").long("off").action(ArgAction::SetTrue).help(words.say("account-help-unlink")));
    let commands = [
        new,
        about("list").arg(show::format_argument(words)),
        on("give").arg(role()).arg(option("place", "CODE")),
        on("take").arg(role()).arg(option("place", "CODE")),
        on("disable"),
        on("enable"),
        on("rename").arg(argument("display", "TEXT")),
        on("reset"),
        second,
        link,
    ];
    let command = Command::new("account").about(words.say("account-about")).subcommand_required(true);
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

/// The accounts of the desk, for a command.
pub(super) async fn open(context: &Context) -> Result<Accounts, Failure> {
    let store = context.open_store().await?;
    Accounts::open(&context.folder, store, Rules::default()).map_err(told(&context.words))
}

/// The place that was typed behind `--place`, if any.
pub(super) async fn place(accounts: &Accounts, found: &ArgMatches, words: &Words) -> Result<Option<PlaceKey>, Failure> {
    let Some(typed) = found.get_one::<String>("place") else { return Ok(None) };
    let mut known = accounts.places().await.map_err(told(words))?.named(typed);
    match (known.pop(), known.is_empty()) {
        (Some(place), true) => Ok(Some(place)),
        (None, _) => Err(words.with("account-no-place", &[("place", typed)])),
        (Some(last), false) => {
            let known: Vec<String> = known.iter().chain([&last]).map(ToString::to_string).collect();
            Err(words.with("account-places", &[("place", typed), ("known", &known.join(", "))]))
        }
    }
}

pub(super) async fn write(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let Some((what, found)) = found.subcommand() else { return Ok(()) };
    let accounts = open(context).await?;
    let (name, at) = (text(found, "name"), now(&context.clock));
    let tell = told::<AccountError>(words);
    let done = |changed: bool| words.with(if changed { "account-done" } else { "account-nothing" }, &[("name", &name)]);
    let said_back = match what {
        "list" => return list(context, &accounts, found, out).await,
        "new" => {
            let place = place(&accounts, found, words).await?;
            let roles = found.get_many::<String>("role").into_iter().flatten();
            let grant = |typed: &String| Ok(Grant { role: role(typed, words)?, place: place.clone() });
            let grants: Vec<Grant> = roles.map(grant).collect::<Result<_, Failure>>()?;
            let made = accounts.make(DESK, &name, &text(found, "display"), &grants, at).await.map_err(tell)?;
            once("account-made", &name, &made, words)
        }
        "give" | "take" => {
            let role = role(&text(found, "role"), words)?;
            let grant = Grant { role, place: place(&accounts, found, words).await? };
            done(accounts.change_role(DESK, &name, &grant, what == "give", at).await.map_err(tell)?)
        }
        "disable" | "enable" => {
            accounts.disable(DESK, &name, what == "disable", at).await.map_err(tell)?;
            done(true)
        }
        "rename" => {
            accounts.rename(DESK, &name, &text(found, "display"), at).await.map_err(tell)?;
            done(true)
        }
        "reset" => once("account-reset", &name, &accounts.reset(DESK, &name, at).await.map_err(tell)?, words),
        "link" => link(context, &accounts, &name, found).await?,
        _ => second(context, &accounts, &name, found).await?,
    };
    writeln!(out, "{said_back}").map_err(said)?;
    accounts.store().close().await;
    Ok(())
}

fn role(typed: &str, words: &Words) -> Result<Role, Failure> {
    let fields = [("option", "ROLE"), ("value", typed), ("expected", &*words.say("expected-role"))];
    Role::of(typed).ok_or_else(|| words.with("bad-value", &fields))
}

fn text(found: &ArgMatches, name: &str) -> String {
    found.try_get_one::<String>(name).ok().flatten().cloned().unwrap_or_default()
}

fn once(id: &str, name: &str, password: &Password, words: &Words) -> String {
    let once = words.with("account-once", &[("password", password.shown())]);
    format!("{}\n{once}", words.with(id, &[("name", name)]))
}

async fn link(context: &Context, accounts: &Accounts, name: &str, found: &ArgMatches) -> Result<String, Failure> {
    let (words, at) = (&context.words, now(&context.clock));
    let changed = match found.get_one::<String>("subject") {
        None => accounts.unlink(DESK, name, at).await.map_err(told(words))?,
        Some(subject) => {
            let settings = Settings::read(&context.folder.provider()).map_err(told(words))?;
            accounts.link(DESK, name, &settings.issuer, subject, at).await.map_err(told(words))?;
            true
        }
    };
    Ok(words.with(if changed { "account-done" } else { "account-nothing" }, &[("name", name)]))
}

async fn second(context: &Context, accounts: &Accounts, name: &str, found: &ArgMatches) -> Result<String, Failure> {
    let (words, at) = (&context.words, now(&context.clock));
    let fields = [("name", name)];
    if found.get_flag("off") {
        accounts.end_second(DESK, name, None, at).await.map_err(told(words))?;
        return Ok(words.with("account-done", &fields));
    }
    if let Some(code) = found.get_one::<String>("code") {
        return match accounts.confirm_second(DESK, name, code, None, at).await {
            Ok(()) => Ok(words.with("account-done", &fields)),
            Err(AccountError::Wrong) => Err(words.say("account-second-wrong")),
            Err(other) => Err(other.tell(words)),
        };
    }
    match accounts.begin_second(name).await {
        Ok(address) => Ok(words.with("account-second-begun", &[("name", name), ("address", &address)])),
        Err(AccountError::Exists { .. }) => Err(words.with("account-second-exists", &fields)),
        Err(other) => Err(other.tell(words)),
    }
}

async fn list(context: &Context, accounts: &Accounts, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let mut clocks = Clocks::of(&kept::players(accounts.store()).await.map_err(told(words))?.0);
    let titles = ["account", "display", "roles", "state", "second", "last-login"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[], KEYS, out).map_err(said)?;
    for account in accounts.store().accounts().await.map_err(told(words))? {
        let grants = accounts.grants(&account.name).await.map_err(told(words))?;
        let roles = |everywhere: &str| {
            let role = |grant: &Grant| {
                let place = grant.place.as_ref().map_or_else(|| everywhere.to_owned(), ToString::to_string);
                format!("{} ({place})", grant.role.name())
            };
            grants.iter().map(role).collect::<Vec<_>>().join(", ")
        };
        let has_second = account.second.is_some_and(|second| second.is_confirmed);
        let login = account.last_login.map(|at| show::date_time(clocks.local(None, at), words));
        let cells = vec![
            account.name.clone(),
            account.display.clone(),
            roles(&words.say("account-everywhere")),
            words.say(&format!("account-state-{}", account.state().name())),
            words.say(if has_second { "account-yes" } else { "account-no" }),
            login.unwrap_or_default(),
        ];
        let values = vec![
            json!(account.name),
            json!(account.display),
            json!(roles("*")),
            json!(account.state().name()),
            json!(has_second),
            json!(account.last_login.map(|at| at.0)),
        ];
        sheet.row(Row { cells, values }).map_err(said)?;
    }
    sheet.end().map_err(said)?;
    if !accounts.has_admin().await.map_err(told(words))? {
        eprintln!("{}", words.say("account-no-admin"));
    }
    accounts.store().close().await;
    Ok(())
}

impl Tell for ProviderError {
    fn tell(&self, words: &Words) -> Failure {
        let in_file = |id: &str, path: &Path, what: &str| {
            words.with(id, &[("file", &path.display().to_string()), ("what", what)])
        };
        match self {
            Self::File { path, source } => in_file("provider-file", path, &system(source, words)),
            Self::Settings { path, what } => in_file("provider-settings", path, what),
            Self::Key(error) => error.tell(words),
            Self::Away(what) | Self::Unbelieved(what) => words.with("provider-away", &[("what", what)]),
            Self::Busy => words.say("problem-busy"),
        }
    }
}

impl Tell for AccountError {
    fn tell(&self, words: &Words) -> Failure {
        let with = |id: &str, name: &str, value: &str| words.with(id, &[(name, value)]);
        match self {
            Self::Store(error) => error.tell(words),
            Self::Key(error) => error.tell(words),
            Self::Busy => words.say("problem-busy"),
            Self::Name { name } => with("account-bad-name", "name", name),
            Self::Exists { name } => with("account-exists", "name", name),
            Self::Unknown { name } => with("account-unknown", "name", name),
            Self::Weak(_) | Self::Wrong | Self::Wait { .. } => words.say("problem-wrong-password"),
            Self::NotForTokens { action } => with("token-action", "action", action),
            Self::Days { days } => with("token-days", "days", &days.to_string()),
            Self::Subject { subject } => with("account-bad-subject", "subject", subject),
            Self::NoToken { id } => with("token-none", "id", id),
        }
    }
}
