//! A plan as a page that a person reads through: day by day, what repeats alike folded into one line.
//!
//! What waits or is cut keeps its own line with the reason; what is not aired folds where one order is in the way again
//! and again, as a board's warning is all day. The golden plans are such pages.

use std::collections::BTreeMap;
use std::fmt::Write;

use loa_domain::plan::build::{Cue, Fate};
use loa_domain::time::LocalDate;
use loa_domain::timetable::order::Form;
use loa_host::text::Words;

use super::{class, fate, fate_name, minute, order_name};
use crate::cli::show;
use crate::plan::Plan;

/// From how many like cues of one order on a day they become one line.
const FOLD: usize = 4;

/// The page of one player.
pub(super) fn by_day(plan: &Plan, words: &Words) -> String {
    let entry = &plan.player;
    let ranges = entry.quiet.ranges().iter();
    let quiet: Vec<String> = ranges.map(|r| format!("{}-{}", minute(r.from_minute), minute(r.to_minute))).collect();
    let quiet = if quiet.is_empty() { words.say("plan-no-quiet") } else { quiet.join(", ") };
    let fields = [("player", entry.placement.player.as_str()), ("name", &entry.name), ("quiet", &quiet)];
    let mut page = format!("{}\n", words.with("plan-player", &fields));
    let mut days: BTreeMap<LocalDate, Vec<&Cue>> = BTreeMap::new();
    for cue in &plan.cues {
        days.entry(plan.offsets.to_local(cue.id.planned).date()).or_default().push(cue);
    }
    for cues in days.values() {
        day(plan, cues, words, &mut page);
    }
    page
}

fn day(plan: &Plan, cues: &[&Cue], words: &Words, page: &mut String) {
    let Some(first) = cues.first() else { return };
    let at = plan.offsets.to_local(first.id.planned);
    let _infallible = writeln!(page, "\n{} {}", show::weekday(at, words), show::date(at, words));
    let mut alike: BTreeMap<Alike<'_>, Vec<&Cue>> = BTreeMap::new();
    for cue in cues {
        if let Some(key) = key(cue) {
            alike.entry(key).or_default().push(cue);
        }
    }
    for cue in cues {
        let same = key(cue).and_then(|key| alike.get(&key)).map(Vec::as_slice);
        match same.filter(|same| same.len() >= FOLD) {
            None => line(plan, cue, &told(plan, cue, words), words, page),
            Some([first, .., last]) if first.id == cue.id => {
                let count = same.map_or(0, <[_]>::len);
                line(plan, cue, &folded(plan, cue, (last, count), words), words, page);
            }
            Some(_) => {}
        }
    }
}

/// What cues have in common that may become one line: order and length (an order whose cues last differently says so)
/// and, of those that are not aired, the reason and whose cue was in the way.
type Alike<'a> = (usize, u32, Option<(&'static str, Option<&'a [u8]>)>);

fn key(cue: &Cue) -> Option<Alike<'_>> {
    let reason = match &cue.fate {
        Fate::Missed(why) => Some((why.reason.name(), why.by.as_ref().map(|by| by.order.0.as_slice()))),
        _ if fate_name(cue) == "plays" => None,
        _ => return None,
    };
    Some((cue.order, cue.airs_ms, reason))
}

fn folded(plan: &Plan, cue: &Cue, (last, count): (&Cue, usize), words: &Words) -> String {
    let until = show::time(plan.offsets.to_local(last.id.planned));
    let fate = words.say(&format!("fate-{}", fate_name(cue)));
    let told = words.with("plan-folded", &[("told", &fate), ("count", &count.to_string()), ("until", &until)]);
    let Fate::Missed(why) = cue.fate else { return told };
    let mut reason = words.say(&format!("reason-{}", why.reason.name()));
    if let Some(by) = why.by {
        reason = words.with("plan-reason-order", &[("reason", &reason), ("order", &order_name(plan, &by.order))]);
    }
    format!("{told}: {reason}")
}

fn line(plan: &Plan, cue: &Cue, told: &str, words: &Words, page: &mut String) {
    let order = &plan.orders[cue.order].order;
    let planned = show::time(plan.offsets.to_local(cue.id.planned));
    let class = words.say(&format!("class-{}", class(order.manner.class)));
    let length = show::length(cue.airs_ms.into());
    let told = if order.form == Form::Drill { words.with("plan-drill", &[("told", told)]) } else { told.to_owned() };
    let _infallible = writeln!(page, "  {planned}  {:20} {class:9} {length:>7}  {told}", order.id.to_string());
}

fn told(plan: &Plan, cue: &Cue, words: &Words) -> String {
    let (fate, reason) = fate(plan, cue, words);
    let time = |at| show::time(plan.offsets.to_local(at));
    let mut told = fate;
    if let Some(begins) = cue.starts.filter(|at| *at != cue.id.planned) {
        told = words.with("plan-begins", &[("told", &told), ("time", &time(begins))]);
    }
    if let Some(ends) = cue.ends.filter(|_| fate_name(cue) != "plays") {
        told = words.with("plan-ends", &[("told", &told), ("time", &time(ends))]);
    }
    if reason.is_empty() { told } else { format!("{told}: {reason}") }
}
