//! `loa report`: the account of a period as a file that officials can sign, count with, or feed to other programs.
//!
//! It reads the question, asks `audit/account`, hands it to `audit/report` and writes the files; each appears whole or
//! not at all. What a report says is decided there.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use loa_domain::time::{LocalTime, UtcMs};
use loa_host::durable;
use loa_host::text::Words;

use super::moment::{self, Clocks, Edge};
use super::told::{Tell as _, told};
use super::{Context, Failure, said, wait_for};
use crate::audit::account::{self, Account, AccountError, Question};
use crate::audit::log::{Log, LogError};
use crate::audit::report::{Form, LogStamp, Report, Subject, Written};
use crate::serve::now;
use crate::store::{DefinitionKind, Store};
use crate::timetable::kept;
use crate::timetable::model::{Campaign, Timetable};

const FORMS: [(&str, Form); 4] = [("csv", Form::Csv), ("xlsx", Form::Xlsx), ("pdf", Form::Pdf), ("json", Form::Json)];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("report-help-{name}")))
    };
    let forms = FORMS.map(|(name, _)| name);
    Command::new("report")
        .about(words.say("report-about"))
        .arg(option("campaign", "ID"))
        .arg(option("place", "CODE"))
        .arg(option("player", "ID"))
        .arg(option("clip", "ID"))
        .arg(option("from", "DATE").required(true))
        .arg(option("to", "DATE").required(true))
        .arg(option("as-of", "TIME"))
        .arg(option("silent-days", "N").default_value("7").value_parser(clap::value_parser!(u32).range(1..=366)))
        .arg(option("office", "NAME"))
        .arg(option("format", "csv|xlsx|pdf|json").value_parser(forms).hide_possible_values(true).required(true))
        .arg(option("output", "FILE").short('o').required(true).value_parser(clap::value_parser!(PathBuf)))
}

/// Runs it.
///
/// # Errors
/// When the question cannot be understood or answered, or a file cannot be written; no part of a file is left then.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some(path) = found.get_one::<PathBuf>("output") else { return Ok(ExitCode::from(2)) };
    let files = wait_for(made(context, found))??;
    for written in files {
        let path = named(path, written.part);
        durable::write(&path, &written.bytes).map_err(|error| {
            let values = [("file", path.display().to_string()), ("error", error.to_string())];
            context.words.with("report-unwritable", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
        })?;
        eprintln!("{}", context.words.with("report-written", &[("file", &path.display().to_string())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// The file of a part: `-failures` goes before the ending.
fn named(path: &Path, part: &str) -> PathBuf {
    if part.is_empty() {
        return path.to_owned();
    }
    let text = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = (text(path.file_stem()), text(path.extension()));
    let ending = if ending.is_empty() { ending } else { format!(".{ending}") };
    path.with_file_name(format!("{stem}-{part}{ending}"))
}

/// The files of the report, whole in memory.
pub(super) async fn made(context: &Context, found: &ArgMatches) -> Result<Vec<Written>, Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let (players, _) = kept::players(&store).await.map_err(told(words))?;
    let clocks = Clocks::of(&players);
    let campaigns = campaigns(&store, words).await?;
    let question = question(found, &clocks, now(&context.clock), &campaigns, words)?;
    let account = account::account(&store, &question).await;
    let account = account.map_err(|error| sentence(&error, &campaigns, words))?;
    let (timetable, _) = kept::timetable(&store).await.map_err(told(words))?;
    store.close().await;
    let clocks = RefCell::new(clocks);
    let local = |at: UtcMs| -> LocalTime { clocks.borrow_mut().local(None, at) };
    let subject = subject(found, &question, &campaigns, &timetable, &account);
    let report = Report { account: &account, question: &question, subject, log: stamp(context)?, words, local: &local };
    let name = found.get_one::<String>("format").map_or("pdf", String::as_str);
    let form = FORMS.iter().find(|(known, _)| *known == name).map_or(Form::Pdf, |(_, form)| *form);
    report.write(form).map_err(said)
}

/// Which state of the log the report can be held against: the newest published one, which has all that was counted but
/// what came in the last seconds.
fn stamp(context: &Context) -> Result<Option<LogStamp>, Failure> {
    let log = match Log::read(&context.folder) {
        Ok(log) => log,
        Err(LogError::NotYet) => return Ok(None),
        Err(error) => return Err(error.tell(&context.words)),
    };
    let published = log.published().borrow().clone();
    Ok(published.map(|published| {
        let origin = published.note.lines().next().unwrap_or_default().to_owned();
        LogStamp { origin, size: published.head.size, root: published.head.root, note: published.note.clone() }
    }))
}

/// All campaigns there ever were, each as it last stood.
async fn campaigns(store: &Store, words: &Words) -> Result<Vec<Campaign>, Failure> {
    let changes = store.definition_changes(DefinitionKind::Campaign).await.map_err(told(words))?;
    let mut campaigns: Vec<Campaign> = Vec::new();
    for campaign in changes.iter().filter_map(|change| serde_json::from_str::<Campaign>(change.is.as_ref()?).ok()) {
        campaigns.retain(|earlier| earlier.id != campaign.id);
        campaigns.push(campaign);
    }
    campaigns.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(campaigns)
}

fn question(
    found: &ArgMatches,
    clocks: &Clocks,
    now: UtcMs,
    campaigns: &[Campaign],
    words: &Words,
) -> Result<Question, Failure> {
    let text = |name: &str| found.get_one::<String>(name).cloned();
    let zone = clocks.zone(None);
    let read = |option, text: &str, edge| moment::read(option, text, &zone, edge, words);
    let (from_text, to_text) = (text("from").unwrap_or_default(), text("to").unwrap_or_default());
    let (mut from, mut until) = (read("--from", &from_text, Edge::First)?, read("--to", &to_text, Edge::Last)?);
    if until <= from {
        return Err(words.with("report-empty-period", &[("from", &from_text), ("to", &to_text)]));
    }
    let as_of = text("as-of").map(|text| read("--as-of", &text, Edge::First)).transpose()?.unwrap_or(now);
    if as_of > now {
        return Err(words.say("report-later-than-now"));
    }
    let campaign = text("campaign");
    if let Some(known) = campaign.as_ref().and_then(|asked| campaigns.iter().find(|known| known.id == *asked)) {
        // What is aired outside its days does not count towards a campaign.
        let [first, last] = [known.from, known.until].map(|day| day.map(|day| day.to_string()));
        if let Some(first) = &first {
            from = from.max(read("--from", first, Edge::First)?);
        }
        if let Some(last) = &last {
            until = until.min(read("--to", last, Edge::Last)?);
        }
        if until <= from {
            let [first, last] = [first, last].map(Option::unwrap_or_default);
            let values = [("campaign", known.id.as_str()), ("from", &first), ("until", &last)];
            return Err(words.with("report-outside-campaign", &values));
        }
    }
    let (place, player, clip) = (text("place"), text("player"), text("clip"));
    let silent_days = found.get_one::<u32>("silent-days").copied().unwrap_or(7);
    Ok(Question { from, until, as_of, zone, place, campaign, clip, player, silent_days })
}

fn sentence(error: &AccountError, campaigns: &[Campaign], words: &Words) -> Failure {
    let asked = |id: &str, asked: &str| words.with(id, &[("asked", asked)]);
    match error {
        AccountError::NoPlace(place) => asked("report-no-place", place),
        AccountError::NoPlayer(player) => asked("report-no-player", player),
        AccountError::NoClip(clip) => asked("report-no-clip", clip),
        AccountError::NoCampaign(campaign) => {
            let known: Vec<&str> = campaigns.iter().map(|known| known.id.as_str()).collect();
            words.with("report-no-campaign-known", &[("asked", campaign), ("known", &known.join(", "))])
        }
        AccountError::Store(_) | AccountError::EmptyPeriod | AccountError::Zone { .. } | AccountError::Order(_) => {
            said(error)
        }
    }
}

fn subject(
    found: &ArgMatches,
    question: &Question,
    campaigns: &[Campaign],
    timetable: &Timetable,
    account: &Account,
) -> Subject {
    let campaign = campaigns.iter().find(|known| Some(&known.id) == question.campaign.as_ref());
    let place = question.place.as_ref().map(|asked| {
        let found = timetable.places.iter().rfind(|place| place.key.code == *asked || place.key.to_string() == *asked);
        found.map_or_else(|| asked.clone(), |place| format!("{} ({})", place.name, place.key))
    });
    let player = question.player.as_ref().map(|asked| {
        let named = account.players.iter().find(|(id, _)| id.as_str() == asked);
        named.map_or_else(|| asked.clone(), |(_, player)| format!("{} ({asked})", player.name))
    });
    let clip = question.clip.as_ref().map(|asked| {
        let named = timetable.clips.iter().find(|clip| clip.id == *asked);
        named.map_or_else(|| asked.clone(), |clip| format!("{} ({asked})", clip.title))
    });
    Subject {
        office: found.get_one::<String>("office").cloned(),
        campaign: campaign.map(|campaign| campaign.name.clone()),
        decision: campaign.and_then(|campaign| campaign.decision.clone()),
        place,
        player,
        clip,
    }
}

#[cfg(test)]
mod tests;
