//! `loa stop`: orders are off, at once, by any one officer's word. Stopping is always easy, so nothing is asked.
//!
//! It decides which orders and players are meant; what then happens is `crate::emergency`.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Sealed};
use loa_domain::limits;
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Audience;
use loa_domain::timetable::order::{Form, Order};
use loa_domain::timetable::stop::Stop;
use loa_domain::wire::{self, List};
use loa_host::text::Words;

use super::super::key::{Files, carried, clean, grouped};
use super::super::told::told;
use super::super::{Context, Failure, wait_for};
use super::{Body, Way};
use crate::emergency;
use crate::officer::short;
use crate::serve::now;
use crate::store::{Act, Store};
use crate::timetable::kept;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let everywhere = Arg::new("everywhere").long("everywhere").action(ArgAction::SetTrue);
    let command = Command::new("stop")
        .about(words.say("stop-about"))
        .arg(Arg::new("orders").value_name("ORDER").num_args(0..).help(words.say("stop-help-orders")))
        .arg(everywhere.conflicts_with_all(["place", "player", "signed"]).help(words.say("stop-help-everywhere")));
    super::with_options(command, words)
}

/// Runs it.
///
/// # Errors
/// When it is not said what to stop, there is no such order, or no officer signed.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(work(context, found))?
}

async fn work(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let (root, hash) = super::root(context)?;
    let at_desk = now(&context.clock);
    let way = super::way(found);
    let files = Files::read(if let Way::Signed(paths) = &way { paths } else { &[] }, words)?;
    let carried = if let Way::Signed(_) = &way { Some(carried(&files, words)?) } else { None };
    let body = match &carried {
        Some((asked, _)) => asked.stop.map(<[u8]>::to_vec).unwrap_or_default(),
        None => {
            let (timetable, _) = kept::timetable(&store).await.map_err(told(words))?;
            let to = super::audience(found, &timetable, words)?;
            let stop = stop(found, &store, to, at_desk, words).await?;
            let body = wire::encode(&stop);
            if let Way::Ask(file) = &way {
                let under = (&root, hash, at_desk);
                let hash = super::ask(file, Body::Stop(&body), under, (&stop.audience, "", &timetable), words)?;
                let fields = [("path", file.display().to_string()), ("hash", grouped(&hash.to_string()[..16]))];
                let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
                println!("{}", words.with("emergency-asked", &fields));
                return Ok(ExitCode::SUCCESS);
            }
            body
        }
    };
    let (sealed, who) = match (&carried, &way) {
        (Some((asked, copies)), _) => super::sealed_by_one(asked, copies, &body, &root, words)?,
        (None, Way::Own(file)) => {
            let key = super::own_key(context, file.as_deref(), &root, found)?;
            (keys::seal(&body, Purpose::Stop, &[&key]), short(&key.public()))
        }
        (None, _) => return Err(words.say("emergency-unsigned")),
    };
    let (_, names) = emergency::stop(&store, &sealed, &root, &who, at_desk).await.map_err(told(words))?;
    let names = names.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
    let act = Act { at: at_desk, who, what: "stop".to_owned(), subject: names.clone(), detail: String::new() };
    store.append_act(&act).await.map_err(told(words))?;
    store.close().await;
    let names = if names.is_empty() { "–".to_owned() } else { names };
    println!("{}", words.with("stop-done", &[("orders", &names)]));
    Ok(ExitCode::SUCCESS)
}

/// What is to stop, from what was typed.
async fn stop(
    found: &ArgMatches,
    store: &Store,
    audience: Audience,
    made: UtcMs,
    words: &Words,
) -> Result<Stop, Failure> {
    let asked: Vec<&String> = found.get_many::<String>("orders").into_iter().flatten().collect();
    if asked.is_empty() && audience == Audience::default() && !found.get_flag("everywhere") {
        return Err(words.say("stop-what"));
    }
    let mut hashes: Vec<Hash> = Vec::new();
    let held = store.orders_in_force().await.map_err(told(words))?;
    for name in asked {
        let of_name = held.iter().filter(|held| held.order.id == *name);
        let airs = of_name.filter(|held| {
            let read = Sealed::read(&held.order.sealed).ok().and_then(|sealed| Order::read(sealed.body).ok());
            read.is_some_and(|order| order.form != Form::Template)
        });
        let before = hashes.len();
        hashes.extend(airs.map(|held| held.order.hash));
        if hashes.len() == before {
            return Err(words.with("stop-no-order", &[("order", name)]));
        }
    }
    let too_many = |_| words.with("stop-too-many", &[("most", &limits::STOPPED.to_string())]);
    Ok(Stop { made, audience, orders: List::collect(hashes).map_err(too_many)? })
}
