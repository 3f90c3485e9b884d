//! `loa acts`: what people did at this desk, latest first.

use std::io::Write;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use loa_host::text::Words;
use serde_json::json;

use super::moment::Clocks;
use super::show::{self, Row, Sheet};
use super::told::told;
use super::{Context, Failure, said, wait_for};
use crate::timetable::kept;

/// Acts read at a time.
const PAGE: u32 = 500;
const KEYS: &[&str] = &["number", "at_ms", "who", "what", "subject", "detail"];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let limit = Arg::new("limit").long("limit").value_name("N").default_value("50");
    Command::new("acts")
        .about(words.say("acts-about"))
        .arg(limit.value_parser(clap::value_parser!(u64).range(1..)).help(words.say("acts-help-limit")))
        .arg(show::format_argument(words))
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
    let mut clocks = Clocks::of(&kept::players(&store).await.map_err(told(words))?.0);
    let titles = ["number", "time", "who", "what", "subject", "detail"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[0], KEYS, out).map_err(said)?;
    let mut left = found.get_one::<u64>("limit").copied().unwrap_or(50);
    let (mut before, mut more) = (None, false);
    loop {
        let page = store.acts(before, PAGE).await.map_err(told(words))?;
        for (number, act) in &page {
            if left == 0 {
                more = true;
                break;
            }
            left -= 1;
            let time = show::date_time(clocks.local(None, act.at), words);
            let cells = [&number.to_string(), &time, &act.who, &act.what, &act.subject, &act.detail];
            let values = vec![
                json!(number),
                json!(act.at.0),
                json!(act.who),
                json!(act.what),
                json!(act.subject),
                json!(act.detail),
            ];
            sheet.row(Row { cells: cells.map(Clone::clone).to_vec(), values }).map_err(said)?;
        }
        before = page.last().map(|(number, _)| *number);
        if more || page.len() < PAGE as usize {
            break;
        }
    }
    let rows = sheet.end().map_err(said)?;
    store.close().await;
    if more {
        eprintln!("{}", words.with("acts-cut", &[("limit", &rows.to_string())]));
    }
    Ok(())
}
