//! Decides the English of a problem, which logs and tests use: the catalogue's own English file, filled in.
//!
//! It reads the few lines of Fluent syntax that file keeps to (one line per message, `{ $name }` for a variable), so
//! that each sentence is written once. People get their sentences from the catalogue itself, in their language.

/// The English fragment of the catalogue.
const ENGLISH: &str = include_str!("../../../../host/src/text/timetable.en.ftl");

/// The English message of that id, filled in.
pub(in crate::timetable) fn english(id: &str, fields: &[(&'static str, String)]) -> Option<String> {
    say(ENGLISH, id, fields)
}

fn say(catalogue: &str, id: &str, fields: &[(&'static str, String)]) -> Option<String> {
    let pattern = catalogue.lines().find_map(|line| line.strip_prefix(id)?.strip_prefix(" = "))?;
    Some(fill(pattern, fields))
}

/// The Vietnamese message, so that the golden files show both languages.
#[cfg(test)]
pub(in crate::timetable) fn vietnamese(id: &str, fields: &[(&'static str, String)]) -> Option<String> {
    say(VIETNAMESE, id, fields)
}

#[cfg(test)]
const VIETNAMESE: &str = include_str!("../../../../host/src/text/timetable.vi.ftl");

/// The ids of all problems there are words for.
#[cfg(test)]
pub(in crate::timetable) fn codes() -> Vec<&'static str> {
    let ids = ENGLISH.lines().filter_map(|line| line.strip_prefix("problem-")?.split_once(" = "));
    let words = ["error", "help", "also", "did-you-mean"];
    let part = |id: &str| id.ends_with("-expected") || id.ends_with("-hint") || words.contains(&id);
    ids.map(|(id, _)| id).filter(|id| !part(id)).collect()
}

/// Puts the fields where the pattern names them, in one pass: a value that looks like a variable stays as it is.
fn fill(pattern: &str, fields: &[(&'static str, String)]) -> String {
    let mut parts = pattern.split("{ $");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" }").unwrap_or((part, ""));
        match fields.iter().find(|(field, _)| *field == name) {
            Some((_, value)) => text += value,
            None => text = text + "{" + name + "}",
        }
        text += rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids and, for each, the variables it names.
    fn messages(file: &str) -> Vec<(&str, Vec<&str>)> {
        let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut messages: Vec<_> = lines
            .map(|line| {
                let (id, pattern) = line.split_once(" = ").expect("one message a line");
                let mut names: Vec<_> =
                    pattern.split("{ $").skip(1).map(|part| part.split_once(" }").expect("closed").0).collect();
                names.sort_unstable();
                names.dedup();
                (id, names)
            })
            .collect();
        messages.sort();
        messages
    }

    #[test]
    fn both_languages_say_the_same_messages_with_the_same_variables() {
        assert_eq!(messages(ENGLISH), messages(VIETNAMESE));
    }

    #[test]
    fn no_message_is_written_twice() {
        let mut ids: Vec<_> = messages(ENGLISH).into_iter().map(|(id, _)| id).collect();
        let written = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), written);
    }

    #[test]
    fn a_value_that_looks_like_a_variable_stays_as_it_is() {
        let fields = [("a", "{ $b }".to_owned()), ("b", "no".to_owned())];
        assert_eq!(fill("<{ $a }> { $c }", &fields), "<{ $b }> {c}");
    }
}
