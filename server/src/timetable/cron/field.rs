//! The six fields of a cron line and what may stand in one.
//! Decides which numbers and names a field takes and what a mistake in it is called. Does not expand ranges
//! into sets: `cron.rs` has the library do that. Next: `error.rs`, the mistakes and their hints.

use super::error::{CronError, Hint, Problem};
use std::ops::Range;

/// A field of a cron line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 0–59, optional, first.
    Second,
    /// 0–59.
    Minute,
    /// 0–23.
    Hour,
    /// 1–31.
    Day,
    /// 1–12 or a name.
    Month,
    /// 0–7 or a name; both 0 and 7 are Sunday.
    Weekday,
}

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
const WEEKDAYS: [&str; 7] = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"];
/// What Vietnamese calendars print above their columns; not cron, but worth a good hint.
const COLUMNS: [&str; 7] = ["CN", "T2", "T3", "T4", "T5", "T6", "T7"];

impl Field {
    /// In the order they are written.
    pub const ALL: [Field; 6] = [Field::Second, Field::Minute, Field::Hour, Field::Day, Field::Month, Field::Weekday];

    /// Its lowest and highest number.
    pub fn bounds(self) -> (u32, u32) {
        match self {
            Field::Second | Field::Minute => (0, 59),
            Field::Hour => (0, 23),
            Field::Day => (1, 31),
            Field::Month => (1, 12),
            Field::Weekday => (0, 7),
        }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Field::Month => &MONTHS,
            Field::Weekday => &WEEKDAYS,
            _ => &[],
        }
    }

    /// The number a name stands for: three letters or the whole English word, any case.
    fn named(self, word: &str) -> Option<u32> {
        let word = word.to_ascii_uppercase();
        let place = self.names().iter().position(|name| *name == word || name[..3] == word)?;
        Some(place as u32 + self.bounds().0)
    }

    /// The name a wrong word was probably meant to be.
    fn probable(self, word: &str) -> Option<&'static str> {
        let word = word.to_ascii_uppercase();
        if self == Field::Weekday
            && let Some(place) = COLUMNS.iter().position(|column| *column == word)
        {
            return Some(&WEEKDAYS[place][..3]);
        }
        let start: String = word.chars().take(2).collect();
        let alike = |name: &&&str| start.len() == 2 && name.starts_with(&start);
        self.names().iter().find(alike).map(|name| &name[..3])
    }
}

/// One element of a list: `from`–`to` in steps. All inside the field's bounds and in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Lowest number.
    pub from: u32,
    /// Highest number (inclusive).
    pub to: u32,
    /// Every how many.
    pub step: u32,
}

/// A field as written, read into items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which field.
    pub field: Field,
    /// Where it stands in the whole text (bytes).
    pub span: Range<usize>,
    /// Its list.
    pub items: Vec<Item>,
    /// Whether it begins with `*`, which is how Vixie cron tells whether a day field restricts anything.
    pub starts_with_star: bool,
}

/// Reads one field that stands at `at` (byte) in the whole text.
pub fn read(field: Field, word: &str, at: usize) -> Result<Written, CronError> {
    let mut items = Vec::new();
    let mut start = at;
    for part in word.split(',') {
        let span = start..start + part.len();
        items.push(Reader { field, whole: span.clone() }.item(part)?);
        start = span.end + 1;
    }
    let span = at..at + word.len();
    Ok(Written { field, span, items, starts_with_star: word.starts_with('*') })
}

/// Reads one element; `whole` is its place, for errors about all of it.
struct Reader {
    field: Field,
    whole: Range<usize>,
}

impl Reader {
    fn error(&self, span: Range<usize>, problem: Problem, hint: Option<Hint>) -> CronError {
        CronError { field: Some(self.field), span, problem, hint }
    }

    fn item(&self, part: &str) -> Result<Item, CronError> {
        let at = self.whole.start;
        if part.is_empty() {
            return Err(self.error(self.whole.clone(), Problem::EmptyElement, None));
        }
        self.refuse_other_dialects(part)?;
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some((step, at + range.len() + 1))),
            None => (part, None),
        };
        let (from, to) = self.range(range)?;
        let step = match step {
            Some((step, step_at)) => self.step(range, from, step, step_at)?,
            None => 1,
        };
        if from > to {
            let hint = Hint::Write(self.unwrapped(from, to, step));
            return Err(self.error(self.whole.clone(), Problem::RunsBackwards { from, to }, Some(hint)));
        }
        Ok(Item { from, to, step })
    }

    /// `*`, one value, or two with a hyphen.
    fn range(&self, range: &str) -> Result<(u32, u32), CronError> {
        let at = self.whole.start;
        let (first, last) = self.field.bounds();
        if range == "*" {
            // Sunday counts once: 0–6, not 0–7.
            return Ok((first, if self.field == Field::Weekday { 6 } else { last }));
        }
        let Some((from, to)) = range.split_once('-') else {
            let value = self.value(range, at)?;
            return Ok((value, value));
        };
        let from_value = self.value(from, at)?;
        let to_value = self.value(to, at + from.len() + 1)?;
        // Sunday by name ends a week as well as it begins one: FRI-SUN.
        let sunday_last = self.field == Field::Weekday && to_value == 0 && from_value > 0;
        let named = !to.starts_with(|c: char| c.is_ascii_digit());
        Ok((from_value, if sunday_last && named { 7 } else { to_value }))
    }

    fn value(&self, word: &str, at: usize) -> Result<u32, CronError> {
        let span = at..at + word.len();
        let (first, last) = self.field.bounds();
        if word.is_empty() {
            return Err(self.error(self.whole.clone(), Problem::MissingValue, None));
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let value = word.parse().unwrap_or(u32::MAX);
            if value < first || value > last {
                let hint = self.bound_hint(value);
                return Err(self.error(span, Problem::OutOfRange { value, first, last }, hint));
            }
            return Ok(value);
        }
        self.field.named(word).ok_or_else(|| {
            let hint = self.field.probable(word).map(|name| Hint::Write(name.to_owned()));
            self.error(span, Problem::NotAValue, hint)
        })
    }

    fn bound_hint(&self, value: u32) -> Option<Hint> {
        match (self.field, value) {
            (Field::Second | Field::Minute, 60) | (Field::Hour, 24) => Some(Hint::Write("0".to_owned())),
            // A sixth field that looks like a year.
            (Field::Weekday, 1970..=9999) => Some(Hint::DatesBesideCron),
            _ => None,
        }
    }

    fn step(&self, range: &str, from: u32, step: &str, at: usize) -> Result<u32, CronError> {
        let span = at..at + step.len();
        let (_, last) = self.field.bounds();
        if step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.error(span, Problem::NotAStep, None));
        }
        let value = step.parse().unwrap_or(u32::MAX);
        if value == 0 {
            return Err(self.error(span, Problem::StepZero, None));
        }
        if value > last {
            return Err(self.error(span, Problem::StepTooLong { step: value, last }, Some(Hint::StepsStartAgain)));
        }
        if range != "*" && !range.contains('-') {
            // Quartz reads 5/15 as "from 5 on", Vixie cron refuses it: so it is not guessed at.
            let last = if self.field == Field::Weekday { 6 } else { last };
            let hint = Hint::Write(format!("{from}-{last}/{value}"));
            return Err(self.error(self.whole.clone(), Problem::StepWithoutRange, Some(hint)));
        }
        Ok(value)
    }

    /// How to write a range that runs past the end of its field.
    fn unwrapped(&self, from: u32, to: u32, step: u32) -> String {
        let (first, last) = self.field.bounds();
        if self.field == Field::Weekday && to == 0 && step == 1 {
            return format!("{from}-7");
        }
        let last = if self.field == Field::Weekday { 6 } else { last };
        if step > 1 {
            let around = (from..=last).chain(first..=to).step_by(step as usize);
            return around.map(|value| value.to_string()).collect::<Vec<_>>().join(",");
        }
        let range = |from: u32, to: u32| {
            if from == to { from.to_string() } else { format!("{from}-{to}") }
        };
        format!("{},{}", range(from, last), range(first, to))
    }

    /// Signs other schedulers know and crontab does not: each with what to write instead.
    fn refuse_other_dialects(&self, part: &str) -> Result<(), CronError> {
        let at = self.whole.start;
        for (offset, sign) in part.char_indices() {
            let span = at + offset..at + offset + sign.len_utf8();
            let (problem, hint) = match sign {
                '?' => (Problem::NoSpecificValue, Hint::Write("*".to_owned())),
                '#' => (Problem::NthWeekday, Hint::DatesBesideCron),
                '~' => (Problem::Random, Hint::Write(part.replace('~', "-"))),
                '–' | '—' | '−' => (Problem::NotAValue, Hint::Write(part.replace(sign, "-"))),
                _ => continue,
            };
            return Err(self.error(span, problem, Some(hint)));
        }
        let upper = part.to_ascii_uppercase();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (last_day, near) = (upper.strip_suffix('L'), upper.strip_suffix('W'));
        if matches!(self.field, Field::Day | Field::Weekday) {
            if upper.starts_with("L-") || last_day.is_some_and(|rest| rest.is_empty() || is_number(rest)) {
                return Err(self.error(self.whole.clone(), Problem::LastDay, Some(Hint::DatesBesideCron)));
            }
            if near.is_some_and(|rest| rest == "L" || is_number(rest)) {
                return Err(self.error(self.whole.clone(), Problem::NearestWorkday, Some(Hint::DatesBesideCron)));
            }
        }
        Ok(())
    }
}
