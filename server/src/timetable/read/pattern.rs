//! Decides how a template's texts are written: `{field}` is filled in, `{{` and `}}` are the braces themselves.
//!
//! It knows neither tables nor files: ranges of bytes say where something is wrong. Next: `slide.rs`.

use std::collections::BTreeMap;
use std::ops::Range;

/// Characters in a field's name.
const NAME: usize = 32;

/// A part of a template's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Letters as they stand.
    Text(String),
    /// A field, by its name.
    Field(String),
}

/// The parts of a text, or the bytes of it that are no field.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, Range<usize>> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            plain.push(letter);
            at += 2;
        } else if letter == '{' {
            let end = rest.find('}').ok_or(at..text.len())?;
            let name = &rest[1..end];
            if !is_name(name) {
                return Err(at..at + end + 1);
            }
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Field(name.to_owned()));
            at += end + 1;
        } else if letter == '}' {
            return Err(at..at + 1);
        } else {
            plain.push(letter);
            at += letter.len_utf8();
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// Whether a field can have this name: what TOML takes as a key without quotes.
pub(super) fn is_name(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    letters && !name.is_empty() && name.len() <= NAME
}

/// The names of all fields of a text; none of one that is wrong.
pub(super) fn names(text: &str) -> Vec<String> {
    let fields = parts(text).unwrap_or_default().into_iter();
    let names = fields.filter_map(|part| if let Part::Field(name) = part { Some(name) } else { None });
    names.collect()
}

/// The text with its fields filled in; what is not given is left out.
pub(super) fn filled(text: &str, fields: &BTreeMap<String, String>) -> String {
    let part = |part| match part {
        Part::Text(text) => text,
        Part::Field(name) => fields.get(&name).cloned().unwrap_or_default(),
    };
    parts(text).unwrap_or_default().into_iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_filled_in_and_doubled_braces_are_braces() {
        let fields = [("gio", "19:00"), ("noi", "{noi} nhà văn hóa")];
        let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        assert_eq!(filled("Họp lúc {gio}, {noi} {{thôn}}", &fields), "Họp lúc 19:00, {noi} nhà văn hóa {thôn}");
        assert_eq!(names("{a}{b-c} {{d}} {a}"), ["a", "b-c", "a"]);
    }

    #[test]
    fn what_is_no_field_is_pointed_at() {
        for (text, wrong) in [("a {", 2..3), ("a }", 2..3), ("ă {giờ}", 3..10), ("{}", 0..2), ("{a b}", 0..5)] {
            assert_eq!(parts(text), Err(wrong), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_pointed_at_inside_of_it(text in "[a{}ộ _-]{0,20}") {
            match parts(&text) {
                Ok(_) => prop_assert_eq!(filled(&text, &BTreeMap::new()).contains("{{"), text.contains("{{{{")),
                Err(wrong) => prop_assert!(text.get(wrong).is_some_and(|wrong| !wrong.is_empty())),
            }
        }
    }
}
