//! What is wrong with the words typed after `loa`, in the language asked for: the parser's own sentences are English.
//!
//! It decides the sentence by the kind of mistake; which arguments there are is each command's. Help and version are the
//! parser's own pages and no mistakes.

use std::error::Error as _;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use loa_domain::id::PlayerId;
use loa_host::text::{Language, Words};

use super::Failure;

/// The player's id that stands behind `--option`.
pub(super) fn player(option: &str, id: &str, words: &Words) -> Result<PlayerId, Failure> {
    let bad = || {
        let (option, expected) = (format!("--{option}"), words.say("expected-player-id"));
        words.with("bad-value", &[("option", &option), ("value", id), ("expected", &expected)])
    };
    id.parse().map_err(|_| bad())
}

/// The sentence for a mistake in the line `typed`, and where to read on. `None` for pages that were asked for.
#[must_use]
pub fn told(error: &Error, typed: &[String], words: &Words) -> Option<Failure> {
    let what = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return None;
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => value(error, words),
        ErrorKind::UnknownArgument => {
            words.with("arguments-unknown", &[("argument", &context(error, ContextKind::InvalidArg))])
        }
        ErrorKind::InvalidSubcommand => {
            words.with("arguments-no-such-command", &[("command", &context(error, ContextKind::InvalidSubcommand))])
        }
        ErrorKind::MissingSubcommand => {
            words.with("arguments-which-command", &[("commands", &context(error, ContextKind::ValidSubcommand))])
        }
        ErrorKind::MissingRequiredArgument => {
            words.with("arguments-missing", &[("what", &context(error, ContextKind::InvalidArg))])
        }
        ErrorKind::ArgumentConflict => {
            let (one, other) = (context(error, ContextKind::InvalidArg), context(error, ContextKind::PriorArg));
            words.with("arguments-conflict", &[("one", &bare(&one)), ("other", &bare(&other))])
        }
        ErrorKind::InvalidUtf8 => words.say("arguments-not-utf8"),
        _ => words.with("arguments-other", &[("why", &error.kind().to_string())]),
    };
    let meant = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .map(|kind| match error.get(kind) {
            // The likeliest comes last.
            Some(ContextValue::Strings(texts)) => texts.last().cloned().unwrap_or_default(),
            _ => context(error, kind),
        })
        .find(|meant| !meant.is_empty());
    let meant = meant.map(|meant| words.with("problem-did-you-mean", &[("suggestion", &meant)]));
    let more = words.with("arguments-help", &[("command", &command(typed))]);
    Some([Some(what), meant, Some(more)].into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn value(error: &Error, words: &Words) -> Failure {
    let (option, value) = (context(error, ContextKind::InvalidArg), context(error, ContextKind::InvalidValue));
    if value.is_empty() {
        return words.with("arguments-no-value", &[("option", &option)]);
    }
    let valid = context(error, ContextKind::ValidValue);
    let why = error.source().map(ToString::to_string).unwrap_or_default();
    let expected = if !valid.is_empty() {
        valid
    } else if let Some((_, range)) = why.split_once(" is not in ") {
        let (least, most) = range.split_once("..").unwrap_or((range, ""));
        // Without an upper bound of ours the parser names the greatest number of the machine.
        match most.strip_prefix('=') {
            Some(most) => words.with("expected-range", &[("least", least), ("most", most)]),
            None => words.with("expected-at-least", &[("least", least)]),
        }
    } else if option.starts_with("--lang") {
        "vi, en".to_owned()
    } else {
        words.say("expected-number")
    };
    words.with("bad-value", &[("option", &bare(&option)), ("value", &value), ("expected", &expected)])
}

/// What the parser noted under `kind`, as one text.
fn context(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    }
}

/// An option without the sign for its value.
fn bare(option: &str) -> String {
    option.split(' ').next().unwrap_or_default().to_owned()
}

/// The command that was being typed, as far as it is one.
fn command(typed: &[String]) -> String {
    let words = Words::new(Language::default());
    let root = super::command(&words);
    let names: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
    let found = typed.iter().skip(1).find(|word| names.contains(&word.as_str()));
    found.map_or_else(|| "loa".to_owned(), |name| format!("loa {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(language: Language, line: &str) -> String {
        let words = Words::new(language);
        let typed: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let error = super::super::command(&words).try_get_matches_from(&typed).unwrap_err();
        told(&error, &typed, &words).unwrap()
    }

    #[test]
    fn a_mistyped_line_is_answered_in_the_language_asked_for() {
        let page = |language| {
            let lines = [
                "loa plan --days 0",
                "loa plan --days x",
                "loa plan --days",
                "loa plan --playr loa-cho",
                "loa plan --days 1 --hours 1",
                "loa proofs --outcome done",
                "loa proofs --limit 0",
                "loa proofs --format xml",
                "loa players --lang fr",
                "loa aply x",
                "loa clip",
                "loa explain",
                "loa",
            ];
            lines.map(|line| format!("$ {line}\n{}\n", refused(language, line))).concat()
        };
        for (language, file, golden) in [
            (Language::Vietnamese, "vi", include_str!("arguments/vi.golden.txt")),
            (Language::English, "en", include_str!("arguments/en.golden.txt")),
        ] {
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/arguments");
                std::fs::write(folder.join(format!("{file}.golden.txt")), page(language)).unwrap();
                continue;
            }
            assert_eq!(page(language), golden);
        }
    }

    #[test]
    fn help_is_no_mistake() {
        let words = Words::new(Language::Vietnamese);
        let error = super::super::command(&words).try_get_matches_from(["loa", "--help"]).unwrap_err();
        assert_eq!(told(&error, &[], &words), None);
    }
}
