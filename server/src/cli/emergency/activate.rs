//! `loa activate ID`: a template that officers approved in advance is aired now, by one officer's word.
//!
//! It decides what has to be typed before anything is aired, and how unlike a drill and what counts look. Next: `stop.rs`.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::keys;
use loa_domain::time::UtcMs;
use loa_domain::timetable::activation::{Activation, As, Is};
use loa_domain::timetable::audience::{Audience, Kind};
use loa_domain::timetable::order::Order;
use loa_domain::wire;
use loa_host::text::Words;

use super::super::key::{Files, carried, clean, grouped};
use super::super::moment::{self, Clocks, Edge};
use super::super::told::told;
use super::super::{Context, Failure, checked, show, wait_for};
use super::{Body, Way};
use crate::emergency::{self, Template};
use crate::officer::short;
use crate::serve::now;
use crate::store::{Act, Store};
use crate::timetable::compile::PlayerEntry;
use crate::timetable::kept;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let flag = |name: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(words.say(&format!("activate-help-{name}")))
    };
    let command = Command::new("activate")
        .about(words.say("activate-about"))
        .arg(
            Arg::new("template").value_name("ID").required_unless_present("signed").help(words.say("activate-help-id")),
        )
        .arg(flag("drill").conflicts_with("signed"))
        .arg(Arg::new("at").long("at").value_name("TIME").conflicts_with("signed").help(words.say("activate-help-at")))
        .arg(flag("yes"));
    super::with_options(command, words)
}

/// Runs it.
///
/// # Errors
/// When there is no such template, nobody confirms, or no officer signed.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(work(context, found))?
}

/// What is about to be aired, to be confirmed.
struct Page<'p> {
    form: As,
    template: &'p str,
    order: &'p Order,
    at: UtcMs,
    reached: Reached,
}

/// Whom it reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    pub players: usize,
    pub online: usize,
    pub longest_ms: u32,
}

async fn work(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let (root, hash) = super::root(context)?;
    let (timetable, _) = kept::timetable(&store).await.map_err(told(words))?;
    let (players, _) = kept::players(&store).await.map_err(told(words))?;
    let templates = emergency::templates(&store).await.map_err(told(words))?;
    let at_desk = now(&context.clock);
    let way = super::way(found);
    let files = Files::read(if let Way::Signed(paths) = &way { paths } else { &[] }, words)?;
    let carried = if let Way::Signed(_) = &way { Some(carried(&files, words)?) } else { None };
    let body = match &carried {
        Some((asked, _)) => asked.orders.first().map(|one| one.body.to_vec()).unwrap_or_default(),
        None => body(found, &templates, (&players, &super::audience(found, &timetable, words)?), at_desk, words)?,
    };
    let (form, template, order) = read(&body, &templates, words)?;
    let at = order.timing.once.first().copied().unwrap_or(at_desk);
    let within = |entry: &PlayerEntry| template.order.audience.includes(&entry.placement);
    let reached = reached(&order, players.iter().filter(|entry| within(entry)), &store, words).await?;
    let page = Page { form, template: &template.order.id, order: &order, at, reached };
    print!("{}", told_page(&page, &players, words));
    if let Way::Ask(file) = &way {
        let under = (&root, hash, order.made);
        let hash =
            super::ask(file, Body::Activation(&body), under, (&order.audience, &order.programme, &timetable), words)?;
        let fields = [("path", file.display().to_string()), ("hash", grouped(&hash.to_string()[..16]))];
        println!("{}", words.with("emergency-asked", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))));
        return Ok(ExitCode::SUCCESS);
    }
    if !found.get_flag("yes") {
        confirm(&page, words)?;
    }
    let (sealed, who) = match (&carried, &way) {
        (Some((asked, copies)), _) => super::sealed_by_one(asked, copies, &body, &root, words)?,
        (None, Way::Own(file)) => {
            let key = super::own_key(context, file.as_deref(), &root, found)?;
            let purpose = Is::of(&body).map_or(keys::Purpose::Activation, Is::purpose);
            (keys::seal(&body, purpose, &[&key]), short(&key.public()))
        }
        (None, _) => return Err(words.say("emergency-unsigned")),
    };
    let taken = emergency::activate(&store, sealed, &root, &who, at_desk).await.map_err(told(words))?;
    let detail = format!("{} players, {}", reached.players, taken.1);
    let what = if form == As::Drill { "activate-drill" } else { "activate" };
    let act = Act { at: at_desk, who, what: what.to_owned(), subject: order.id.to_string(), detail };
    store.append_act(&act).await.map_err(told(words))?;
    store.close().await;
    let done = if form == As::Drill { "activate-done-drill" } else { "activate-done-live" };
    println!("{}", words.with(done, &[("order", &clean(&order.id)), ("players", &reached.players.to_string())]));
    Ok(ExitCode::SUCCESS)
}

/// The bytes to sign, from what was typed.
fn body(
    found: &ArgMatches,
    templates: &[Template],
    (players, to): (&[PlayerEntry], &Audience),
    made: UtcMs,
    words: &Words,
) -> Result<Vec<u8>, Failure> {
    let asked = found.get_one::<String>("template").map(String::as_str).unwrap_or_default();
    let template = templates.iter().rfind(|template| template.order.id.as_str() == asked).ok_or_else(|| {
        let known: Vec<&str> = templates.iter().map(|template| template.order.id.as_str()).collect();
        words.with("activate-no-template", &[("template", asked), ("known", &known.join(", "))])
    })?;
    let mut clocks = Clocks::of(players);
    let at = match found.get_one::<String>("at") {
        Some(text) => moment::read("--at", text, &clocks.zone(None), Edge::First, words)?,
        None => made,
    };
    let form = if found.get_flag("drill") { As::Drill } else { As::Live };
    let to = if *to == Audience::default() { template.order.audience.clone() } else { to.clone() };
    let name = emergency::name(asked, clocks.local(None, made));
    Ok(emergency::activation(template, form, name, to, (made, at)))
}

/// What the bytes say, and of which template in force.
fn read<'t>(body: &[u8], templates: &'t [Template], words: &Words) -> Result<(As, &'t Template, Order), Failure> {
    let foreign = || words.say("emergency-foreign");
    let activation: Activation<'_> = wire::decode(body).map_err(|_| foreign())?;
    let order = Order::read(body).map_err(|_| foreign())?;
    let template = templates.iter().find(|template| template.sealed == activation.template);
    let template = template.ok_or_else(|| words.say("emergency-template-gone"))?;
    Ok((activation.form, template, order))
}

async fn reached(
    order: &Order,
    players: impl Iterator<Item = &PlayerEntry>,
    store: &Store,
    words: &Words,
) -> Result<Reached, Failure> {
    let states = store.player_states().await.map_err(told(words))?;
    let mut reached = Reached::default();
    for entry in players.filter(|entry| order.audience.includes(&entry.placement)) {
        let length_ms = order.length_ms(entry.placement.kind);
        if length_ms > 0 {
            let is_online = states.iter().any(|state| state.id == entry.placement.player && state.online);
            reached.players += 1;
            reached.online += usize::from(is_online);
            reached.longest_ms = reached.longest_ms.max(length_ms);
        }
    }
    Ok(reached)
}

/// What is about to be aired: of what counts in red, of a drill in amber, so that nobody takes one for the other.
fn told_page(page: &Page<'_>, players: &[PlayerEntry], words: &Words) -> String {
    let (head, colour) = match page.form {
        As::Live => ("activate-head-live", "\x1b[1;37;41m"),
        As::Drill => ("activate-head-drill", "\x1b[1;30;43m"),
    };
    let head = words.say(head);
    let head = if checked::is_coloured() { format!("{colour} {head} \x1b[0m") } else { head };
    let mut clocks = Clocks::of(players);
    let to = &page.order.audience;
    let places: Vec<String> = to.places.iter().map(|place| place.code.to_string()).collect();
    let named: Vec<String> = to.players.iter().map(ToString::to_string).collect();
    let place = [places, named].concat().join(", ");
    let fields = [
        ("template", clean(page.template)),
        ("order", clean(&page.order.id)),
        ("place", if place.is_empty() { words.say("activate-all-of-template") } else { place }),
        ("players", page.reached.players.to_string()),
        ("online", page.reached.online.to_string()),
        ("length", show::length(page.reached.longest_ms.into())),
        ("clips", page.order.items_for(Kind::Speaker).count().to_string()),
        ("slides", page.order.items_for(Kind::Board).count().to_string()),
        ("at", show::date_time(clocks.local(None, page.at), words)),
    ];
    let told = words.with("activate-page", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
    format!("{head}\n{told}\n")
}

/// Has the officer type what shows that the page was read: for what counts the number of players and a word, for a drill
/// another word.
fn confirm(page: &Page<'_>, words: &Words) -> Result<(), Failure> {
    let not_confirmed = || words.say("activate-not-confirmed");
    match page.form {
        As::Live => {
            let players = page.reached.players.to_string();
            if super::asked(&words.say("activate-ask-players"))? != players {
                return Err(not_confirmed());
            }
            let length = show::length(page.reached.longest_ms.into());
            let prompt = words.with("activate-ask-live", &[("players", &players), ("length", &length)]);
            let answer = super::asked(&prompt)?;
            if answer == words.say("activate-word-live") || answer == "that" { Ok(()) } else { Err(not_confirmed()) }
        }
        As::Drill => {
            let answer = super::asked(&words.say("activate-ask-drill"))?;
            let is_meant = answer == words.say("activate-word-drill") || answer == "dien tap";
            if is_meant { Ok(()) } else { Err(not_confirmed()) }
        }
    }
}
