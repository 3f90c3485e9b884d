//! `loa proofs`: what players have proven, line by line, or for other programs.
//!
//! It lists and leaves nothing out unasked; where `--limit` cuts, it says so. Whether chains are whole and what a report
//! says is decided elsewhere.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::id::PlayerId;
use loa_domain::plan::Reason;
use loa_domain::play::player::Outcome;
use loa_host::text::Words;
use serde_json::{Value, json};

use super::moment::{self, Clocks, Edge};
use super::show::{self, Row, Sheet};
use super::told::told;
use super::{Context, Failure, arguments, said, wait_for};
use crate::store::{CueProof, DefinitionKind, FoundRecord, RecordFilter, RecordKind, Store};
use crate::timetable::compile::PlayerEntry;
use crate::timetable::kept;

/// Records read at a time.
const PAGE: u32 = 1_000;
const KEYS: &[&str] = &[
    "player",
    "epoch",
    "seq",
    "kind",
    "detail",
    "order",
    "campaign",
    "programme",
    "planned_ms",
    "outcome",
    "reason",
    "began_ms",
    "ended_ms",
    "heard_ms",
    "length_ms",
    "volume",
    "evidence",
    "clock_source",
    "clock_error_ms",
    "made_ms",
    "received_ms",
    "order_hash",
    "record_hash",
];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("proofs-help-{name}")))
    };
    Command::new("proofs")
        .about(words.say("proofs-about"))
        .arg(option("player", "ID"))
        .arg(option("from", "DATE"))
        .arg(option("until", "DATE"))
        .arg(
            option("outcome", "played|partial|interrupted|missed")
                .value_parser(Outcome::ALL.map(Outcome::name))
                .hide_possible_values(true),
        )
        .arg(option("campaign", "ID"))
        .arg(option("order", "ID"))
        .arg(option("limit", "N").value_parser(clap::value_parser!(u64).range(1..)))
        .arg(Arg::new("records").long("records").action(ArgAction::SetTrue).help(words.say("proofs-help-records")))
        .arg(show::format_argument(words))
}

/// Runs it.
///
/// # Errors
/// When the store cannot be read, or an argument is not understood.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(write(context, found, &mut std::io::stdout().lock()))??;
    Ok(ExitCode::SUCCESS)
}

/// Writes what was asked for.
pub(super) async fn write(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let (players, _) = kept::players(&store).await.map_err(told(words))?;
    let mut clocks = Clocks::of(&players);
    let filter = filter(found, &clocks, words)?;
    if let Some(id) = &filter.player {
        is_known(id, &players, &store, words).await?;
    }
    are_known(&filter, &store, words).await?;
    let limit = found.get_one::<u64>("limit").copied().unwrap_or(u64::MAX);
    let titles = ["planned", "player", "order", "outcome", "reason", "heard", "start", "clock", "evidence"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[5, 6], KEYS, out).map_err(said)?;
    let cut = pages(&store, filter, limit, words, &mut |record| {
        let row = Row { cells: cells(record, &mut clocks, words), values: values(record) };
        sheet.row(row).map_err(said)
    })
    .await?;
    let rows = sheet.end().map_err(said)?;
    store.close().await;
    if cut {
        eprintln!("{}", words.with("proofs-cut", &[("limit", &limit.to_string())]));
    } else if show::format(found) == show::Format::Table {
        eprintln!("{}", words.with("proofs-count", &[("count", &rows.to_string())]));
    }
    Ok(())
}

fn filter(found: &ArgMatches, clocks: &Clocks, words: &Words) -> Result<RecordFilter, Failure> {
    let text = |name: &str| found.get_one::<String>(name).cloned();
    let player = text("player").map(|name| arguments::player("player", &name, words)).transpose()?;
    let zone = clocks.zone(player.as_ref());
    let from = text("from").map(|from| moment::read("--from", &from, &zone, Edge::First, words)).transpose()?;
    let until = text("until").map(|until| moment::read("--until", &until, &zone, Edge::Last, words)).transpose()?;
    if let (Some(from_at), Some(until_at)) = (from, until)
        && until_at <= from_at
    {
        let (from, until) = (text("from").unwrap_or_default(), text("until").unwrap_or_default());
        return Err(words.with("window-backwards", &[("from", &from), ("until", &until)]));
    }
    let outcome = text("outcome").and_then(|name| Outcome::ALL.into_iter().find(|outcome| outcome.name() == name));
    let kind = (!found.get_flag("records")).then_some(RecordKind::Cue);
    let (campaign, order) = (text("campaign"), text("order"));
    Ok(RecordFilter { player, from, until, kind, outcome, campaign, order, ..RecordFilter::default() })
}

/// The order and the campaign that were asked for, now or ever: an id typed wrong must not look like nothing aired.
async fn are_known(filter: &RecordFilter, store: &Store, words: &Words) -> Result<(), Failure> {
    if let Some(order) = &filter.order
        && store.order_versions(order).await.map_err(told(words))?.is_empty()
    {
        return Err(words.with("no-such-order", &[("order", order)]));
    }
    if let Some(campaign) = &filter.campaign {
        let changes = store.definition_changes(DefinitionKind::Campaign).await.map_err(told(words))?;
        let known: BTreeSet<&str> = changes.iter().map(|change| change.id.as_str()).collect();
        if !known.contains(campaign.as_str()) {
            let known: Vec<&str> = known.into_iter().collect();
            return Err(words.with("report-no-campaign-known", &[("asked", campaign), ("known", &known.join(", "))]));
        }
    }
    Ok(())
}

/// A player of the timetable, or one that ever spoke: an id typed wrong must not look like a player without proofs.
async fn is_known(id: &PlayerId, players: &[PlayerEntry], store: &Store, words: &Words) -> Result<(), Failure> {
    let states = store.player_states().await.map_err(told(words))?;
    let planned = players.iter().map(|entry| &entry.placement.player);
    let known: BTreeSet<&str> = planned.chain(states.iter().map(|state| &state.id)).map(PlayerId::as_str).collect();
    if known.contains(id.as_str()) {
        return Ok(());
    }
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    Err(words.with("no-such-player", &[("player", id.as_str()), ("known", &known)]))
}

/// Hands `each` every record up to `limit`; says whether there are more.
async fn pages(
    store: &Store,
    mut filter: RecordFilter,
    limit: u64,
    words: &Words,
    each: &mut impl FnMut(&FoundRecord) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut left = limit;
    loop {
        let page = store.records(&filter, PAGE).await.map_err(told(words))?;
        for record in &page {
            if left == 0 {
                return Ok(true);
            }
            left -= 1;
            each(record)?;
        }
        let Some(last) = page.last().filter(|_| page.len() == PAGE as usize) else { return Ok(false) };
        filter.after = Some(last.entry.clone());
    }
}

fn cells(found: &FoundRecord, clocks: &mut Clocks, words: &Words) -> Vec<String> {
    let entry = &found.entry;
    let local = clocks.local(Some(&entry.player), entry.when);
    let order = found.order.as_ref().map_or_else(String::new, |order| order.id.clone());
    let order = match &entry.cue {
        Some(proof) if order.is_empty() => proof.cue.order.to_string()[..8].to_owned(),
        _ => order,
    };
    let clock =
        words.with(&format!("clock-{}", entry.clock_source.name()), &[("error_ms", &entry.clock_error_ms.to_string())]);
    let [outcome, reason, heard, start, evidence] = match &entry.cue {
        Some(proof) => about_cue(proof, words),
        None => {
            let detail = entry.detail.map(|detail| detail.to_string()).unwrap_or_default();
            let what = words.with(&format!("record-{}", entry.kind.name()), &[("detail", &detail)]);
            [what, String::new(), String::new(), String::new(), String::new()]
        }
    };
    vec![show::date_time(local, words), entry.player.to_string(), order, outcome, reason, heard, start, clock, evidence]
}

fn about_cue(proof: &CueProof, words: &Words) -> [String; 5] {
    let reason = proof.reason.map(|reason| words.say(&format!("reason-{}", reason.name())));
    let heard = format!("{} / {}", show::length(proof.heard_ms.into()), show::length(proof.length_ms.into()));
    let start = proof.began.map(|began| format!("{:+}", began.since_ms(proof.cue.planned)));
    [
        words.say(&format!("outcome-{}", proof.outcome.name())),
        reason.unwrap_or_default(),
        heard,
        start.unwrap_or_default(),
        proof.evidence.name().to_owned(),
    ]
}

fn values(found: &FoundRecord) -> Vec<Value> {
    let entry = &found.entry;
    let order = found.order.as_ref();
    let cue = entry.cue.as_ref();
    vec![
        json!(entry.player.as_str()),
        json!(entry.epoch),
        json!(entry.seq),
        json!(entry.kind.name()),
        json!(entry.detail),
        json!(order.map(|order| &order.id)),
        json!(order.map(|order| &order.campaign)),
        json!(order.map(|order| &order.programme)),
        json!(cue.map(|proof| proof.cue.planned.0)),
        json!(cue.map(|proof| proof.outcome.name())),
        json!(cue.and_then(|proof| proof.reason).map(Reason::name)),
        json!(cue.and_then(|proof| proof.began).map(|at| at.0)),
        json!(cue.and_then(|proof| proof.ended).map(|at| at.0)),
        json!(cue.map(|proof| proof.heard_ms)),
        json!(cue.map(|proof| proof.length_ms)),
        json!(cue.map(|proof| proof.volume)),
        json!(cue.map(|proof| proof.evidence.name())),
        json!(entry.clock_source.name()),
        json!(entry.clock_error_ms),
        json!(entry.made.0),
        json!(entry.received.0),
        json!(cue.map(|proof| proof.cue.order.to_string())),
        json!(entry.hash.to_string()),
    ]
}
