//! Decides how single values are written: ids, titles, durations, volumes, languages, keys, items.
//!
//! Each function takes the text between the quotes and gives the value or the fault; it knows neither files nor
//! tables. Texts are normalised to NFC, so that "Bắc" typed on a Mac equals "Bắc" typed on Windows. Next: `area.rs`.

use std::ops::Range;
use std::str::FromStr;

use super::nearest::nearest;
use crate::text::{composed, decomposed};
use crate::timetable::date::{Date, DayOfYear, LocalTime, QuietHours};
use crate::timetable::limits;
use crate::timetable::model::Item;

/// What is wrong with one value.
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) suggestion: Option<String>,
    /// Which bytes of the value are meant; `None`: all.
    pub(super) within: Option<Range<usize>>,
}

impl Fault {
    pub(super) fn new(code: &'static str) -> Self {
        Self { code, fields: Vec::new(), suggestion: None, within: None }
    }

    /// A fault that quotes the value.
    pub(super) fn of(code: &'static str, value: &str) -> Self {
        Self::new(code).with("value", shown(value))
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    pub(super) fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }

    pub(super) fn within(mut self, range: Range<usize>) -> Self {
        self.within = Some(range);
        self
    }
}

/// A value as a message quotes it: at most a line of it, control characters made visible.
pub(super) fn shown(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars().take(60) {
        if letter.is_control() {
            text += &format!("<U+{:04X}>", u32::from(letter));
        } else {
            text.push(letter);
        }
    }
    if value.chars().nth(60).is_some() {
        text.push('…');
    }
    text
}

/// An id, tag or code: `[a-z0-9-]`, because it becomes part of MQTT topics, file names and addresses.
pub(super) fn id(text: &str) -> Result<String, Fault> {
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if letters && !text.is_empty() && text.len() <= limits::ID {
        return Ok(text.to_owned());
    }
    let plain: String = decomposed(text).filter_map(plain_letter).collect();
    let plain = plain.trim_matches('-').to_owned();
    let usable = !plain.is_empty() && plain.len() <= limits::ID;
    Err(Fault::of("bad-id", text).with("limit", limits::ID).suggest(usable.then_some(plain)))
}

/// The letter an id would use instead: "Loa Chợ" is probably `loa-cho`.
fn plain_letter(letter: char) -> Option<char> {
    match letter.to_ascii_lowercase() {
        letter @ ('a'..='z' | '0'..='9') => Some(letter),
        'đ' | 'Đ' => Some('d'),
        ' ' | '_' | '-' | '.' | '/' => Some('-'),
        _ => None,
    }
}

/// A text for people of at most `limit` characters, in NFC; line ends only where `lines` allows them.
pub(super) fn text(text: &str, limit: usize, lines: bool) -> Result<String, Fault> {
    let text = composed(text.trim());
    let length = text.chars().count();
    if text.is_empty() {
        Err(Fault::new("text-empty"))
    } else if length > limit {
        Err(Fault::new("text-too-long").with("length", length).with("limit", limit))
    } else if text.chars().any(|letter| letter.is_control() && !(lines && letter == '\n')) {
        Err(Fault::of("text-control", &text))
    } else {
        Ok(text)
    }
}

/// One line for people.
pub(super) fn title(line: &str) -> Result<String, Fault> {
    text(line, limits::TITLE, false)
}

/// One of several words.
pub(super) fn choice<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Fault> {
    let found = choices.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let suggestion = nearest(text, words.iter().copied());
        Fault::of("bad-choice", text).with("choices", words.join(", ")).suggest(suggestion)
    })
}

/// A day.
pub(super) fn date(text: &str) -> Result<Date, Fault> {
    // "10/12/2026" is how people write it; which of the two is the month nobody can tell, so it is not guessed.
    parsed(text, "bad-date")
}

/// A moment.
pub(super) fn moment(text: &str) -> Result<LocalTime, Fault> {
    parsed(text, "bad-moment")
}

/// A day of every year.
pub(super) fn day_of_year(text: &str) -> Result<DayOfYear, Fault> {
    parsed(text, "bad-day-of-year")
}

/// Quiet hours. The same start and end could mean nothing or the whole day, so it is refused.
pub(super) fn quiet(text: &str) -> Result<QuietHours, Fault> {
    let hours: QuietHours = parsed(text, "bad-quiet-hours")?;
    if hours.from_minute == hours.until_minute { Err(Fault::of("quiet-hours-empty", text)) } else { Ok(hours) }
}

fn parsed<T: FromStr>(text: &str, code: &'static str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::of(code, text))
}

/// A duration such as `90s`, `10m` or `1h30m`, in seconds; never zero.
pub(super) fn duration(text: &str) -> Result<u32, Fault> {
    let seconds = seconds(text).ok_or_else(|| Fault::of("bad-duration", text))?;
    if seconds == 0 {
        return Err(Fault::of("duration-zero", text));
    }
    let fits = u32::try_from(seconds).ok().filter(|_| seconds <= limits::WAIT_SECONDS);
    fits.ok_or_else(|| Fault::of("duration-too-long", text).with("limit", limits::WAIT_SECONDS / 3_600))
}

/// Hours, minutes, seconds in this order, each at most once, at least one.
fn seconds(text: &str) -> Option<u64> {
    let (mut rest, mut total) = (text, 0_u64);
    for (unit, length) in [('h', 3_600), ('m', 60), ('s', 1)] {
        if let Some((digits, after)) = rest.split_once(unit) {
            if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            total += digits.parse::<u64>().ok()? * length;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}

/// What people write for a language that has another tag. `vn` is well formed, but names a country.
const MISTAKEN_LANGUAGES: [(&str, &str); 8] = [
    ("vn", "vi"),
    ("vi_vn", "vi-VN"),
    ("kinh", "vi"),
    ("tiếng việt", "vi"),
    ("tày", "tyz"),
    ("nùng", "nut"),
    ("nung", "nut"),
    ("eng", "en"),
];

/// A language tag of BCP 47: a two- or three-letter language and perhaps subtags. `vi`, `tyz`, `nut`, `zh-Hant`.
pub(super) fn language(text: &str) -> Result<String, Fault> {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let language = matches!(first.len(), 2 | 3) && first.bytes().all(|byte| byte.is_ascii_lowercase());
    let subtags =
        parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let lower = text.to_lowercase();
    let mistaken = MISTAKEN_LANGUAGES.iter().find(|(name, _)| *name == lower).map(|(_, tag)| *tag);
    if language && subtags && mistaken.is_none() && text.len() <= limits::ID {
        return Ok(text.to_owned());
    }
    Err(Fault::of("bad-language", text).suggest(mistaken.map(str::to_owned)))
}

/// `ed25519:` and the 32 bytes of a public key in Base64 (RFC 4648 §4), with or without padding.
pub(super) fn public_key(text: &str) -> Result<String, Fault> {
    let body = text.strip_prefix("ed25519:").unwrap_or_default();
    let body = body.strip_suffix('=').unwrap_or(body);
    let letters = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    // 43 letters carry 258 bits: the last letter's lowest two bits must be zero.
    let last = body.bytes().last().is_some_and(|byte| b"AEIMQUYcgkosw048".contains(&byte));
    if letters && last && body.len() == 43 {
        Ok(format!("ed25519:{body}="))
    } else {
        Err(Fault::of("bad-public-key", text))
    }
}

/// `clip:id` or `slide:id`.
pub(super) fn item(text: &str) -> Result<Item, Fault> {
    let (kind, name) = text.split_once(':').ok_or_else(|| Fault::of("bad-item", text))?;
    match kind {
        _ if name.is_empty() => Err(Fault::of("bad-item", text)),
        "clip" => id(name).map(Item::Clip),
        "slide" => id(name).map(Item::Slide),
        _ => {
            let suggestion = nearest(kind, ["clip", "slide"]).map(|kind| format!("{kind}:{name}"));
            Err(Fault::of("bad-item", text).suggest(suggestion))
        }
    }
}

/// A place's code, and its first day if it is given: `24` or `24@2025-07-01`.
pub(super) fn place(text: &str) -> Result<(String, Option<Date>), Fault> {
    let (code, valid_from) = match text.split_once('@') {
        None => (text, None),
        Some((code, day)) => {
            (code, Some(parsed(day, "bad-date").map_err(|fault: Fault| fault.within(code.len() + 1..text.len()))?))
        }
    };
    Ok((id(code)?, valid_from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_hours_minutes_and_seconds_in_this_order() {
        assert_eq!(duration("90s").ok(), Some(90));
        assert_eq!(duration("1h30m").ok(), Some(5_400));
        assert_eq!(duration("24h").ok(), Some(86_400));
        for text in ["", "90", "m", "1m1h", "1h1h", "-5m", "1.5h", "1 h", "99999999999h", "٣m", "1m "] {
            assert_eq!(duration(text).err().map(|fault| fault.code), Some("bad-duration"), "{text}");
        }
        assert_eq!(duration("0h0m").err().map(|fault| fault.code), Some("duration-zero"));
        assert_eq!(duration("24h1s").err().map(|fault| fault.code), Some("duration-too-long"));
    }

    #[test]
    fn the_same_letters_typed_on_two_machines_are_the_same_text() {
        assert_eq!(title("Ba\u{306}\u{301}c Ninh").ok(), title("Bắc Ninh").ok());
    }

    #[test]
    fn an_id_with_vietnamese_letters_is_offered_without_them() {
        assert_eq!(id("Loa Chợ Đông").err().and_then(|fault| fault.suggestion).as_deref(), Some("loa-cho-dong"));
        assert_eq!(id("..").err().and_then(|fault| fault.suggestion), None);
        assert!(id("a/../b").is_err() && id("a+").is_err() && id("#").is_err());
    }

    #[test]
    fn a_key_is_thirty_two_bytes_and_no_bit_more() {
        let zeros = "A".repeat(43);
        assert_eq!(public_key(&format!("ed25519:{zeros}=")).ok(), public_key(&format!("ed25519:{zeros}")).ok());
        assert!(public_key(&format!("ed25519:{}B", &zeros[1..])).is_err());
        assert!(public_key(&zeros).is_err() && public_key("ed25519:").is_err());
    }
}
