//! The air's rule as a table of cases that a person can read (`cases.golden.txt`), and its laws (`laws.rs`).
//!
//! The golden file holds both the orders of a case and what comes of them. To add a case, write its title and orders
//! there; `UPDATE_GOLDEN=1 cargo test` writes the timelines anew, to be read before they are committed.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::id::Hash;
use crate::time::MinuteRange;

mod laws;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

struct Entry {
    name: String,
    comes: UtcMs,
    firing: Firing,
}

#[derive(Default)]
struct Case {
    quiet: Vec<MinuteRange>,
    entries: Vec<Entry>,
    aborts: Vec<(UtcMs, String, Reason)>,
}

/// `05:10` or `05:10:30` as an instant; hours go on past 24.
fn instant(text: &str) -> UtcMs {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().unwrap_or_else(|_| panic!("no time: {text}")));
    let (hour, minute, second) = (parts.next(), parts.next(), parts.next());
    UtcMs((hour.unwrap() * 3600 + minute.unwrap() * 60 + second.unwrap_or(0)) * 1000)
}

/// `90s`, `5m` or `1h` in milliseconds.
fn span(text: &str) -> i64 {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1_000,
        "m" => MINUTE,
        "h" => 60 * MINUTE,
        _ => panic!("no span: {text}"),
    };
    number.parse::<i64>().unwrap_or_else(|_| panic!("no span: {text}")) * unit
}

fn class(text: &str) -> Class {
    match text {
        "normal" => Class::Normal,
        "priority" => Class::Priority,
        "emergency" => Class::Emergency,
        _ => panic!("no class: {text}"),
    }
}

/// `news normal 05:00 30m [wait 10m] [resume] [join|restart 1h] [comes 05:07] [power-off]`
fn entry(text: &str, index: usize) -> Entry {
    let mut words = text.split_whitespace();
    let mut word = || words.next().unwrap_or_else(|| panic!("too short: {text}"));
    let (name, class, planned, length) = (word().to_string(), class(word()), instant(word()), span(word()));
    let order = Hash([index as u8 + 1; 32]);
    let manner =
        Manner { class, late: Late::Skip, late_limit_ms: 0, wait_ms: 0, when_cut: WhenCut::Drop, volume: None };
    let cue = CueId { order, planned };
    let mut firing = Firing { cue, order: index as u8, manner, length_ms: length as u32, cause: None };
    let mut comes = planned;
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("nothing after {word}: {text}"));
        match word {
            "wait" => firing.manner.wait_ms = span(value()) as u32,
            "resume" => firing.manner.when_cut = WhenCut::Resume,
            "join" => firing.manner.late = Late::Join,
            "restart" => (firing.manner.late, firing.manner.late_limit_ms) = (Late::Restart, span(value()) as u32),
            "comes" => comes = instant(value()),
            "power-off" => firing.cause = Some(Reason::PowerOff),
            _ => panic!("unknown word {word}: {text}"),
        }
    }
    Entry { name, comes, firing }
}

fn minutes(text: &str) -> MinuteRange {
    let (from, to) = text.split_once('-').expect("a range of quiet hours");
    let minute = |text| (instant(text).0 / MINUTE) as u16;
    MinuteRange { from_minute: minute(from), to_minute: minute(to) }
}

fn read(lines: &[&str]) -> Case {
    let mut case = Case::default();
    for line in lines {
        let (what, rest) = line.split_once(' ').unwrap_or_else(|| panic!("not a line of a case: {line}"));
        match what {
            "quiet" => case.quiet.push(minutes(rest)),
            "abort" => {
                let (at, name) = rest.split_once(' ').expect("abort TIME NAME");
                case.aborts.push((instant(at), name.to_string(), Reason::Revoked));
            }
            "order" => {
                let index = case.entries.len();
                case.entries.push(entry(rest, index));
            }
            _ => panic!("unknown line of a case: {line}"),
        }
    }
    case
}

fn clock(at: UtcMs) -> String {
    let seconds = at.0 / 1000;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn reach(position_ms: u32) -> String {
    format!("{}:{:02}", position_ms / 60_000, position_ms / 1000 % 60)
}

impl Case {
    fn name(&self, cue: CueId) -> &str {
        self.entries.iter().find(|entry| entry.firing.cue == cue).map_or("?", |entry| &entry.name)
    }

    fn why(&self, why: Why) -> String {
        why.by.map_or(why.reason.name().to_string(), |by| format!("{} with {}", why.reason.name(), self.name(by)))
    }

    fn line(&self, at: UtcMs, step: Step) -> String {
        let text = match step {
            Step::Start { firing, position_ms: 0 } => format!("{} begins", self.name(firing.cue)),
            Step::Start { firing, position_ms } => {
                format!("{} goes on from {}", self.name(firing.cue), reach(position_ms))
            }
            Step::Cut { cue, position_ms, why, resumes } => {
                let then = if resumes { "will go on" } else { "is over" };
                format!("{} is cut at {} ({}) and {then}", self.name(cue), reach(position_ms), self.why(why))
            }
            Step::Dropped { cue, why } => format!("{} will not go on ({})", self.name(cue), self.why(why)),
            Step::End { cue } => format!("{} ends", self.name(cue)),
            Step::Missed { cue, why } => format!("{} is missed ({})", self.name(cue), self.why(why)),
        };
        format!("  {} {text}", clock(at))
    }

    fn timeline(&self) -> Vec<String> {
        let quiet = QuietHours::new(self.quiet.iter().copied()).expect("fair quiet hours");
        let offsets = Offsets::fixed(0);
        let hours = Hours { quiet: &quiet, offsets: &offsets };
        let mut air = Air::default();
        let mut lines = Vec::new();
        let mut now = UtcMs(-1);
        let mut aborts = self.aborts.clone();
        let mut waiting: Vec<&Entry> = self.entries.iter().collect();
        loop {
            let comes = waiting.iter().map(|entry| entry.comes).min();
            let abort = aborts.iter().map(|(at, ..)| *at).min();
            let Some(at) = [comes, abort, air.next(now, hours)].into_iter().flatten().min() else { return lines };
            now = at;
            let mut note = |at, step| lines.push(self.line(at, step));
            for (at, name, reason) in aborts.extract_if(.., |(when, ..)| *when == now) {
                let cue = self.entries.iter().find(|entry| entry.name == name).expect("a known order").firing.cue;
                air.abort(cue, at, reason.into(), &mut note);
            }
            let due: Vec<Firing> =
                waiting.extract_if(.., |entry| entry.comes == now).map(|entry| entry.firing).collect();
            air.step(at, due, hours, &mut note);
        }
    }
}

#[test]
fn every_case_of_the_table_comes_out_as_written() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/plan/air/cases.golden.txt");
    let golden = std::fs::read_to_string(path).expect("the table of cases");
    let mut written = String::new();
    let mut cases = 0;
    for part in golden.split("\n## ") {
        let mut lines: Vec<&str> = part.lines().filter(|line| !line.starts_with("  ")).collect();
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
        if cases > 0 {
            written += "\n\n## ";
            written += &lines.join("\n");
            for line in read(&lines[1..]).timeline() {
                written += "\n";
                written += &line;
            }
        } else {
            written += &lines.join("\n");
        }
        cases += 1;
    }
    written += "\n";
    assert!(cases > 30, "only {cases} cases");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        // What was written stands for review in the difference.
        return std::fs::write(path, &written).expect("the table can be written");
    }
    assert!(written == golden, "the table is not what comes out; run with UPDATE_GOLDEN=1 and read the difference");
}
