//! `loa explain CRON`: a cron line read back as a sentence, with its next firings; or where it is wrong and why.
//!
//! It owns how faults of cron lines and zone names become sentences of the catalogue; `apply.rs` uses them too. What a
//! line means is decided in `timetable/cron.rs`.

use std::fmt::Write;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use loa_domain::time::UtcMs;
use loa_host::text::{Language, Words};

use super::moment::{DAY_MS, HOME};
use super::{Context, Failure, show};
use crate::serve::now;
use crate::timetable::cron::{self, CronError};
use crate::timetable::sentence::{self, next_firings};
use crate::timetable::zone::{self, ZoneError};

/// How far ahead firings are looked for, in days: over a leap day, and within the 16 changes of a table of offsets.
const AHEAD_DAYS: i64 = 7 * 365;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    Command::new("explain")
        .about(words.say("explain-about"))
        .arg(Arg::new("cron").value_name("CRON").required(true).help(words.say("explain-help-cron")))
        .arg(Arg::new("zone").long("zone").value_name("ZONE").default_value(HOME).help(words.say("explain-help-zone")))
        .arg(
            Arg::new("count")
                .long("count")
                .value_name("N")
                .default_value("10")
                .value_parser(clap::value_parser!(u32).range(1..=1000))
                .help(words.say("explain-help-count")),
        )
}

/// Runs it.
///
/// # Errors
/// When the line is not understood.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    print!("{}", explained(found, now(&context.clock), &context.words)?);
    Ok(ExitCode::SUCCESS)
}

/// The sentence and the firings after `at`.
fn explained(found: &ArgMatches, at: UtcMs, words: &Words) -> Result<String, Failure> {
    let text = |name: &str| found.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let (line, zone_name) = (text("cron"), text("zone"));
    let recurrence = cron::parse(line).map_err(|error| pointed(line, &error, words))?;
    let table = zone::offsets(zone_name, at.plus_ms(-DAY_MS), at.plus_ms(AHEAD_DAYS * DAY_MS));
    let table = table.map_err(|error| {
        let (what, hint) = zone_told(&error, words);
        format!("--zone: {what} {hint}").trim_end().to_owned()
    })?;
    let language = match words.language() {
        Language::Vietnamese => sentence::Language::Vietnamese,
        Language::English => sentence::Language::English,
    };
    let mut told = format!("{}.\n", sentence::sentence(&recurrence, language));
    let count = found.get_one::<u32>("count").copied().unwrap_or(10);
    let _infallible = writeln!(told, "\n{}", words.with("explain-next", &[("zone", zone_name)]));
    for firing in next_firings(&recurrence, &table, at, count as usize) {
        let local = table.to_local(firing);
        let weekday = show::weekday(local, words);
        let _infallible = writeln!(told, "  {weekday:9} {}", show::date_time(local, words));
    }
    Ok(told)
}

/// A refused line, with carets under what is wrong.
fn pointed(line: &str, error: &CronError, words: &Words) -> Failure {
    let (what, hint) = cron_told(error, words);
    let before = line.get(..error.span.start).unwrap_or_default().chars().count();
    let under = line.get(error.span.clone()).unwrap_or_default().chars().count().max(1);
    // A tab or line break in the text would shift the carets.
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut told = format!("  {line}\n  {}{}\n{what}", " ".repeat(before), "^".repeat(under));
    if !hint.is_empty() {
        told = format!("{told}\n{hint}");
    }
    told
}

/// What is wrong with a cron line, and what to write instead (may be empty).
pub(crate) fn cron_told(error: &CronError, words: &Words) -> (String, String) {
    let fields = error.problem.fields();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut what = words.with(error.problem.code(), &fields);
    if let Some(field) = error.field {
        let field = words.say(&format!("cron-field-{}", field.name()));
        what = words.with("cron-in-field", &[("field", &field), ("what", &what)]);
    }
    let hint = error.hint.as_ref().map(|hint| match hint {
        cron::Hint::Write(text) => words.with(hint.code(), &[("text", text)]),
        other => words.say(other.code()),
    });
    (what, hint.unwrap_or_default())
}

/// What is wrong with a zone's name, and what to write instead (may be empty).
pub(crate) fn zone_told(error: &ZoneError, words: &Words) -> (String, String) {
    match error {
        ZoneError::Unknown { name, nearest } => {
            let hint = if nearest.is_empty() {
                String::new()
            } else {
                words.with("zone-hint", &[("names", &nearest.join(", "))])
            };
            (words.with("zone-unknown", &[("name", name)]), hint)
        }
        ZoneError::Window => (words.say("zone-window"), String::new()),
        ZoneError::Changes(error) => (words.with("zone-changes", &[("why", &error.to_string())]), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(language: Language, arguments: &[&str]) -> Result<String, Failure> {
        let words = Words::new(language);
        let found = command(&words).try_get_matches_from([&["explain"], arguments].concat()).unwrap();
        // Monday 7 December 2026, 00:00 UTC.
        explained(&found, UtcMs(1_796_601_600_000), &words)
    }

    #[test]
    fn a_line_is_read_back_with_its_next_firings_on_the_wall_clock() {
        let vietnamese = told(Language::Vietnamese, &["30 5 * * 1-5", "--count", "3"]).unwrap();
        assert!(vietnamese.contains("Asia/Ho_Chi_Minh"), "{vietnamese}");
        let lines: Vec<&str> = vietnamese.lines().skip(3).collect();
        assert_eq!(
            lines,
            ["  thứ ba    08/12/2026 05:30:00", "  thứ tư    09/12/2026 05:30:00", "  thứ năm   10/12/2026 05:30:00"]
        );
        let english = told(Language::English, &["30 5 * * 1-5", "--count", "1", "--zone", "Europe/Berlin"]).unwrap();
        assert!(english.ends_with("  Monday    2026-12-07 05:30:00\n"), "{english}");
    }

    #[test]
    fn a_refused_line_shows_where_what_and_what_instead() {
        let vietnamese = told(Language::Vietnamese, &["61 5 * * *"]).unwrap_err();
        assert_eq!(vietnamese, "  61 5 * * *\n  ^^\nở ô phút: 61 không nằm trong khoảng từ 0 đến 59");
        let english = told(Language::English, &["0 5 * * FRI-MON"]).unwrap_err();
        assert!(english.starts_with("  0 5 * * FRI-MON\n          ^^^^^^^\nin the weekday field: "), "{english}");
        assert!(told(Language::English, &["0 5 * *"]).unwrap_err().contains("30 5 * * 1-5"));
        assert!(
            told(Language::Vietnamese, &["0 5 * * *", "--zone", "Hanoi"]).unwrap_err().contains("Asia/Ho_Chi_Minh")
        );
    }

    #[test]
    fn every_fault_of_a_cron_line_has_its_words_in_both_languages() {
        let lines = [
            "",
            "0 5 * *",
            "0 0 5 * * * 2027",
            "@fortnightly",
            "@reboot",
            "0 5 1,,2 * *",
            "0 5 1- * *",
            "0 5 x * *",
            "61 5 * * *",
            "*/x 5 * * *",
            "*/0 5 * * *",
            "*/90 5 * * *",
            "5/15 5 * * *",
            "0 22-2 * * *",
            "0 5 ? * 1",
            "0 5 L * *",
            "0 5 15W * *",
            "0 5 * * 1#2",
            "~ 5 * * *",
            "0 5 31 2 *",
        ];
        let codes: std::collections::BTreeSet<_> =
            lines.iter().map(|line| cron::parse(line).unwrap_err().problem.code()).collect();
        assert_eq!(codes.len(), lines.len(), "{codes:?}");
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            for line in lines {
                let (what, hint) = cron_told(&cron::parse(line).unwrap_err(), &words);
                assert!(what.contains(' ') && !format!("{what}{hint}").contains("cron-"), "{line}: {what} {hint}");
            }
        }
    }
}
