//! `loa players`: every player of the timetable and every one that ever spoke, and how it is.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use loa_domain::id::PlayerId;
use loa_host::text::Words;
use serde_json::json;

use super::moment::Clocks;
use super::show::{self, Row, Sheet};
use super::told::told;
use super::{Context, Failure, said, wait_for};
use crate::store::{PlayerState, Store, StoreError};
use crate::timetable::compile::PlayerEntry;
use crate::timetable::kept;
use crate::timetable::model::Timetable;

const KEYS: &[&str] = &[
    "id",
    "name",
    "place",
    "board",
    "online",
    "in_force",
    "wanted",
    "incoming",
    "outbox",
    "last_hello_ms",
    "refused",
    "version",
    "free_bytes",
    "in_timetable",
];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    Command::new("players").about(words.say("players-about")).arg(show::format_argument(words))
}

/// Runs it.
///
/// # Errors
/// When the store cannot be read.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(write(context, found, &mut std::io::stdout().lock()))??;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn write(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let (timetable, _) = kept::timetable(&store).await.map_err(told(words))?;
    let (entries, wrong) = kept::players(&store).await.map_err(told(words))?;
    let states = store.player_states().await.map_err(told(words))?;
    let mut clocks = Clocks::of(&entries);
    let titles = ["id", "place", "board", "online", "release", "outbox", "hello", "refused"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[5], KEYS, out).map_err(said)?;
    let planned = entries.iter().map(|entry| &entry.placement.player);
    let ids: BTreeSet<&PlayerId> = planned.chain(states.iter().map(|state| &state.id)).collect();
    for id in ids {
        let entry = entries.iter().find(|entry| entry.placement.player == *id);
        let state = states.iter().find(|state| state.id == *id);
        let line = Line {
            id,
            entry,
            state,
            place: place(entry, &timetable),
            wanted: wanted(&store, id).await.map_err(told(words))?,
        };
        sheet.row(line.row(&mut clocks, words)).map_err(said)?;
    }
    if sheet.end().map_err(said)? == 0 {
        eprintln!("{}", words.say("players-empty"));
    }
    wrong.iter().for_each(|why| eprintln!("{why}"));
    store.close().await;
    Ok(())
}

async fn wanted(store: &Store, id: &PlayerId) -> Result<Option<u64>, StoreError> {
    Ok(store.latest_release(id).await?.map(|release| release.seq))
}

/// The name of the place a player stands in.
fn place(entry: Option<&PlayerEntry>, timetable: &Timetable) -> String {
    let id = entry.map(|entry| entry.placement.player.as_str());
    let written = timetable.players.iter().find(|player| Some(player.id.as_str()) == id);
    let place = written.and_then(|player| timetable.places.iter().find(|place| place.key == player.place));
    place.map_or_else(String::new, |place| place.name.clone())
}

struct Line<'a> {
    id: &'a PlayerId,
    entry: Option<&'a PlayerEntry>,
    state: Option<&'a PlayerState>,
    place: String,
    wanted: Option<u64>,
}

impl Line<'_> {
    fn row(self, clocks: &mut Clocks, words: &Words) -> Row {
        let Self { id, entry, state, place, wanted } = self;
        let online = match state {
            None => "never",
            Some(state) if state.online => "up",
            Some(_) => "down",
        };
        let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
        let in_force = state.and_then(|state| state.in_force);
        let release = match (in_force, wanted) {
            (held, wanted) if held == wanted => number(held),
            (held, wanted) => words.with("players-behind", &[("held", &number(held)), ("wanted", &number(wanted))]),
        };
        let hello = state.map(|state| show::date_time(clocks.local(Some(id), state.last_hello), words));
        let refused = state.and_then(|state| state.refused.clone());
        let shown = if entry.is_some() { place.clone() } else { words.say("players-not-planned") };
        let board = entry.and_then(|entry| entry.board.as_ref()).map(|board| board.name.clone());
        Row {
            cells: vec![
                id.to_string(),
                shown,
                board.clone().unwrap_or_default(),
                words.say(&format!("players-{online}")),
                release,
                state.map_or_else(String::new, |state| state.outbox.to_string()),
                hello.unwrap_or_default(),
                refused.clone().unwrap_or_default(),
            ],
            values: vec![
                json!(id.as_str()),
                json!(entry.map(|entry| &entry.name)),
                json!(entry.map(|_| &place)),
                json!(board),
                json!(state.is_some_and(|state| state.online)),
                json!(in_force),
                json!(wanted),
                json!(state.and_then(|state| state.incoming)),
                json!(state.map(|state| state.outbox)),
                json!(state.map(|state| state.last_hello.0)),
                json!(refused),
                json!(state.map(|state| &state.version)),
                json!(state.map(|state| state.free_bytes)),
                json!(entry.is_some()),
            ],
        }
    }
}
