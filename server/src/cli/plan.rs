//! `loa plan`: what a player will air and what not, and why, from the store or from files that are not applied.
//!
//! It chooses players and window and writes rows; the plan itself is `crate::plan`, the page by days `plan/days.rs`.

mod days;
#[cfg(test)]
mod golden;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::plan::build::{Cue, Fate, InForce};
use loa_domain::plan::{Reason, Why};
use loa_domain::time::{LocalTime, UtcMs};
use loa_domain::timetable::order::{Class, Form};
use loa_host::text::Words;
use serde_json::json;

use super::apply::{read_timetable, refused};
use super::moment::{self, Clocks, DAY_MS, Edge};
use super::show::{self, Row, Sheet};
use super::told::{Tell, told};
use super::{Context, Failure, said, wait_for};
use crate::delivery::media;
use crate::plan::{self, Plan, Unmeasured};
use crate::play::made;
use crate::play::video;
use crate::play::video::program::Programs;
use crate::serve::now;
use crate::timetable::compile::{self, CompileError, PlayerEntry};
use crate::timetable::kept;
use crate::timetable::model::Timetable;

const KEYS: &[&str] = &[
    "player",
    "planned_ms",
    "begins_ms",
    "ends_ms",
    "airs_ms",
    "order",
    "campaign",
    "programme",
    "class",
    "form",
    "fate",
    "reason",
    "by_order",
    "by_planned_ms",
];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("plan-help-{name}")))
    };
    let number =
        |name: &'static str, most: i64| option(name, "N").value_parser(clap::value_parser!(i64).range(1..=most));
    Command::new("plan")
        .about(words.say("plan-about"))
        .arg(Arg::new("paths").value_name("PATH").num_args(0..).help(words.say("plan-help-paths")))
        .arg(option("player", "ID"))
        .arg(option("from", "DATE"))
        .arg(number("hours", 24 * 400).conflicts_with("days"))
        .arg(number("days", 400))
        .arg(Arg::new("by-day").long("by-day").action(ArgAction::SetTrue).help(words.say("plan-help-by-day")))
        .arg(show::format_argument(words))
}

/// Runs it.
///
/// # Errors
/// When there is no such player, the files are refused, or the store cannot be read.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(write(context, found, &mut std::io::stdout().lock()))??;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn write(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let paths: Vec<PathBuf> = found.get_many::<String>("paths").into_iter().flatten().map(PathBuf::from).collect();
    let (players, orders) = if paths.is_empty() {
        let store = context.open_store().await?;
        let players = kept::players(&store).await.map_err(told(words))?.0;
        let orders = plan::orders_in_force(&store).await.map_err(told(words))?;
        store.close().await;
        (players, orders)
    } else {
        of_files(&read_timetable(&paths, words)?, now(&context.clock), words)?
    };
    let asked = found.get_one::<String>("player");
    let chosen: Vec<&PlayerEntry> =
        players.iter().filter(|entry| asked.is_none_or(|id| entry.placement.player.as_str() == id)).collect();
    if let Some(id) = asked.filter(|_| chosen.is_empty()) {
        let known: Vec<&str> = players.iter().map(|entry| entry.placement.player.as_str()).collect();
        return Err(words.with("no-such-player", &[("player", id), ("known", &known.join(", "))]));
    }
    let mut plans = Vec::new();
    for entry in chosen {
        let (from, until) = window(found, entry, now(&context.clock), words)?;
        plans.push(plan::work_out(entry, &orders, from, until).map_err(told(words))?);
    }
    if found.get_flag("by-day") {
        let text: Vec<String> = plans.iter().map(|plan| days::by_day(plan, words)).collect();
        return out.write_all(text.join("\n").as_bytes()).map_err(said);
    }
    sheet(&plans, show::format(found), words, out)
}

/// Players and orders of files that are not applied.
fn of_files(timetable: &Timetable, at: UtcMs, words: &Words) -> Result<(Vec<PlayerEntry>, Vec<InForce>), Failure> {
    enum Why {
        Compile(CompileError),
        File(Failure),
    }
    impl From<CompileError> for Why {
        fn from(error: CompileError) -> Self {
            Self::Compile(error)
        }
    }
    let players = compile::players(timetable).map_err(told(words))?;
    let orders = plan::drafts::<Why>(timetable, at, &mut |unmeasured| match unmeasured {
        Unmeasured::Clip(clip) => {
            let length_ms = media::length_ms(&clip.file).map_err(|verdict| Why::File(refused(&verdict, words)))?;
            u32::try_from(length_ms).map_err(|error| Why::File(error.to_string()))
        }
        Unmeasured::Video(slide, file) => {
            let seconds = video::seconds_of(file, &Programs::default());
            let seconds = seconds.map_err(|reason| Why::File(made::refused(&slide.id, file, reason).tell(words)))?;
            Ok(seconds * 1_000)
        }
    });
    Ok((
        players,
        orders.map_err(|why| match why {
            Why::Compile(error) => error.tell(words),
            Why::File(told) => told,
        })?,
    ))
}

/// The window: today on the player's clock, unless something else is asked for.
fn window(found: &ArgMatches, entry: &PlayerEntry, now: UtcMs, words: &Words) -> Result<(UtcMs, UtcMs), Failure> {
    let hours = found.get_one::<i64>("hours").map(|hours| hours * 3_600_000);
    let days = found.get_one::<i64>("days").copied();
    let from = match found.get_one::<String>("from") {
        Some(text) => moment::read("--from", text, &entry.zone, Edge::First, words)?,
        None if hours.is_some() => now,
        None => {
            let mut clocks = Clocks::of(std::slice::from_ref(entry));
            let today = clocks.local(Some(&entry.placement.player), now).date().to_string();
            moment::read("--from", &today, &entry.zone, Edge::First, words)?
        }
    };
    Ok((from, from.plus_ms(hours.unwrap_or(days.unwrap_or(1) * DAY_MS))))
}

fn sheet(plans: &[Plan], format: show::Format, words: &Words, out: &mut dyn Write) -> Result<(), Failure> {
    let titles = ["planned", "begins", "ends", "player", "order", "class", "fate", "reason"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(format, titles, &[], KEYS, out).map_err(said)?;
    for plan in plans {
        for cue in &plan.cues {
            sheet.row(row(plan, cue, words)).map_err(said)?;
        }
    }
    if sheet.end().map_err(said)? == 0 {
        eprintln!("{}", words.say("plan-empty"));
    }
    Ok(())
}

fn row(plan: &Plan, cue: &Cue, words: &Words) -> Row {
    let order = &plan.orders[cue.order].order;
    let local = |at: Option<UtcMs>| at.map_or_else(String::new, |at| show::time(plan.offsets.to_local(at)));
    let why = why(plan, cue);
    let by = why.and_then(|why| why.by);
    let (mut fate, reason) = fate(plan, cue, words);
    if order.form == Form::Drill {
        fate = words.with("plan-drill", &[("told", &fate)]);
    }
    let class = class(order.manner.class);
    Row {
        cells: vec![
            show::date_time(plan.offsets.to_local(cue.id.planned), words),
            local(cue.starts),
            local(cue.ends),
            plan.player.placement.player.to_string(),
            order.id.to_string(),
            words.say(&format!("class-{class}")),
            fate,
            reason,
        ],
        values: vec![
            json!(plan.player.placement.player.as_str()),
            json!(cue.id.planned.0),
            json!(cue.starts.map(|at| at.0)),
            json!(cue.ends.map(|at| at.0)),
            json!(cue.airs_ms),
            json!(order.id.to_string()),
            json!(order.campaign.to_string()),
            json!(order.programme.to_string()),
            json!(class),
            json!(form(order.form)),
            json!(fate_name(cue)),
            json!(why.map(|why| why.reason.name())),
            json!(by.map(|by| order_name(plan, &by.order))),
            json!(by.map(|by| by.planned.0)),
        ],
    }
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Normal => "normal",
        Class::Priority => "priority",
        Class::Emergency => "emergency",
    }
}

/// A stable name of what an order counts as.
fn form(form: Form) -> &'static str {
    match form {
        Form::Live => "live",
        Form::Drill => "drill",
        Form::Template => "template",
    }
}

/// A stable name of what becomes of a cue.
fn fate_name(cue: &Cue) -> &'static str {
    match cue.fate {
        Fate::Plays if cue.cut_by.is_some() => "resumes",
        Fate::Plays if cue.starts > Some(cue.id.planned) => "waits",
        Fate::Plays => "plays",
        Fate::Interrupted(_) => "interrupted",
        Fate::Missed(_) => "missed",
        Fate::Open => "open",
    }
}

/// What stood in the way of a cue: what cut it or kept it off the air, or what it waited for.
fn why(plan: &Plan, cue: &Cue) -> Option<Why> {
    match cue.fate {
        Fate::Interrupted(why) | Fate::Missed(why) => Some(why),
        Fate::Plays | Fate::Open => cue.cut_by.or_else(|| {
            // Whatever it waited for last ends where it begins.
            let begins = cue.starts.filter(|begins| *begins > cue.id.planned)?;
            let before = plan.cues.iter().find(|other| other.ends == Some(begins) && other.id != cue.id)?;
            Some(Why { reason: Reason::Overlap, by: Some(before.id) })
        }),
    }
}

/// What becomes of a cue and why, in words; the reason may be empty.
fn fate(plan: &Plan, cue: &Cue, words: &Words) -> (String, String) {
    let reason = why(plan, cue).map(|why| {
        let reason = words.say(&format!("reason-{}", why.reason.name()));
        let Some(by) = why.by else { return reason };
        let at = plan.offsets.to_local(by.planned);
        let same_day = at.date() == plan.offsets.to_local(cue.id.planned).date();
        let time = if same_day { show::time(at) } else { show::date_time(at, words) };
        words.with("plan-reason", &[("reason", &reason), ("order", &order_name(plan, &by.order)), ("time", &time)])
    });
    (words.say(&format!("fate-{}", fate_name(cue))), reason.unwrap_or_default())
}

fn order_name(plan: &Plan, hash: &loa_domain::id::Hash) -> String {
    let held = plan.orders.iter().find(|held| held.hash == *hash);
    held.map_or_else(|| hash.to_string(), |held| held.order.id.to_string())
}

/// Minutes of a day as a time.
fn minute(minute: u16) -> String {
    show::time(LocalTime::from_seconds(i64::from(minute) * 60))[..5].to_owned()
}
