//! A plan as a page that a person reads through: day by day, what repeats on time folded into one line.
//!
//! Everything that does not go as written keeps its own line with the reason. The golden plans are such pages.

use std::collections::BTreeMap;
use std::fmt::Write;

use loa_domain::plan::build::Cue;
use loa_domain::time::LocalDate;
use loa_host::text::Words;

use super::{class, fate, fate_name, minute};
use crate::cli::show;
use crate::plan::Plan;

/// From how many on-time cues of one order on a day they become one line.
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
    // By order and length: an order whose cues last differently says so.
    let mut on_time: BTreeMap<(usize, u32), Vec<&Cue>> = BTreeMap::new();
    for cue in cues.iter().filter(|cue| fate_name(cue) == "plays") {
        on_time.entry((cue.order, cue.airs_ms)).or_default().push(cue);
    }
    for cue in cues {
        let alike = on_time.get(&(cue.order, cue.airs_ms)).filter(|_| fate_name(cue) == "plays");
        let alike = alike.map(Vec::as_slice).filter(|alike| alike.len() >= FOLD);
        match alike {
            None => line(plan, cue, &told(plan, cue, words), words, page),
            Some([first, .., last]) if first.id == cue.id => {
                let until = show::time(plan.offsets.to_local(last.id.planned));
                let count = alike.map_or(0, <[_]>::len).to_string();
                let told = words.with("plan-folded", &[("count", &count), ("until", &until)]);
                line(plan, cue, &told, words, page);
            }
            Some(_) => {}
        }
    }
}

fn line(plan: &Plan, cue: &Cue, told: &str, words: &Words, page: &mut String) {
    let order = &plan.orders[cue.order].order;
    let planned = show::time(plan.offsets.to_local(cue.id.planned));
    let class = words.say(&format!("class-{}", class(order.manner.class)));
    let length = show::length(cue.airs_ms.into());
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
