//! Cron text to bit sets, with the meaning people know from crontab. The only file that names the `cron` crate.
//! Decides how our lines are translated to the crate's dialect (six fields, days 1 = Sunday, both day fields
//! must match) and what is refused. Which instants fire is `loa_domain::timetable`, not the crate: its own
//! iterator skips days in a gap and goes back in time in a fold. Next: `cron/field.rs`, `cron/error.rs`.
//!
//! A day field counts as restricting unless it begins with `*`, so `*/2` does not restrict and is ANDed with the
//! other day field, exactly as in Vixie cron (whose DOM_STAR and DOW_STAR look at the first character alone).

mod error;
mod field;

pub use error::{CronError, Hint, Problem};
pub use field::Field;

use ::cron::{Schedule, TimeUnitSpec};
use field::Written;
use loa_domain::timetable::Recurrence;
use std::str::FromStr;

/// The longest line that is read. The longest sensible one, every field a full list, has about 450 bytes.
pub const MAX_TEXT_BYTES: usize = 512;

/// Reads a cron line: five fields, or six with seconds first, or one of `@hourly`, `@daily`, `@midnight`,
/// `@weekly`, `@monthly`, `@yearly`, `@annually`.
pub fn parse(text: &str) -> Result<Recurrence, CronError> {
    let fields = read(text)?;
    let [.., day, month, weekday] = &fields;
    // Vixie's rule; see the head of this file.
    let either_day = !day.starts_with_star && !weekday.starts_with_star;
    let recurrence = Recurrence { either_day, ..expand(&fields, text)? };
    if recurrence.never_fires() {
        return Err(CronError {
            field: Some(Field::Day),
            span: day.span.start..month.span.end,
            problem: Problem::NeverFires,
            hint: None,
        });
    }
    Ok(recurrence)
}

/// The six fields, each checked and in numbers.
fn read(text: &str) -> Result<[Written; 6], CronError> {
    let whole = |problem, hint| CronError { field: None, span: 0..text.len(), problem, hint };
    if text.len() > MAX_TEXT_BYTES {
        return Err(whole(Problem::TooLong { most_bytes: MAX_TEXT_BYTES }, None));
    }
    let words = words(text);
    let words: Vec<(usize, &str)> = match words.as_slice() {
        [] => return Err(whole(Problem::Empty, Some(Hint::FiveFields))),
        [(at, nickname)] if nickname.starts_with('@') => {
            // The long form's offsets mean nothing in the short text, but it holds no mistake to point at.
            words_of_nickname(nickname, *at)?
        }
        // Without seconds, they are 0. The field stands nowhere in the text.
        five @ [_, _, _, _, _] => std::iter::once((0, "0")).chain(five.iter().copied()).collect(),
        six @ [_, _, _, _, _, _] => six.to_vec(),
        [_, _, _, _, _, _, (at, year)] => {
            let span = *at..at + year.len();
            return Err(CronError { span, ..whole(Problem::Years, Some(Hint::DatesBesideCron)) });
        }
        other => {
            return Err(whole(Problem::FieldCount { found: other.len() }, Some(Hint::FiveFields)));
        }
    };
    let mut written = Vec::with_capacity(6);
    for (field, (at, word)) in Field::ALL.into_iter().zip(words) {
        written.push(field::read(field, word, at)?);
    }
    written.try_into().map_err(|_| whole(Problem::FieldCount { found: 0 }, Some(Hint::FiveFields)))
}

/// The words of a text with the byte each begins at. Any blank parts them, also the no-break space that comes
/// along when a line is copied out of a document.
fn words(text: &str) -> Vec<(usize, &str)> {
    let begin = text.as_ptr() as usize;
    text.split_whitespace().map(|word| (word.as_ptr() as usize - begin, word)).collect()
}

fn words_of_nickname(nickname: &str, at: usize) -> Result<Vec<(usize, &'static str)>, CronError> {
    let span = at..at + nickname.len();
    let long = match nickname.to_ascii_lowercase().as_str() {
        "@hourly" => "0 0 * * * *",
        "@daily" | "@midnight" => "0 0 0 * * *",
        "@weekly" => "0 0 0 * * 0",
        "@monthly" => "0 0 0 1 * *",
        "@yearly" | "@annually" => "0 0 0 1 1 *",
        "@reboot" => {
            return Err(CronError { field: None, span, problem: Problem::Reboot, hint: None });
        }
        _ => {
            let problem = Problem::UnknownNickname;
            return Err(CronError { field: None, span, problem, hint: Some(Hint::FiveFields) });
        }
    };
    Ok(words(long))
}

/// One field in the crate's dialect. Weekdays are listed one by one: the crate counts from 1 = Sunday, and a
/// range up to Sunday as 7 would run backwards there.
fn translated(field: &Written) -> String {
    let weekday = field.field == Field::Weekday;
    let items = field.items.iter().flat_map(|item| {
        let days = (item.from..=item.to).step_by(item.step as usize).map(|day| (day % 7 + 1).to_string());
        let range = format!("{}-{}/{}", item.from, item.to, item.step);
        if weekday { days.collect() } else { vec![range] }
    });
    items.collect::<Vec<_>>().join(",")
}

/// The translation as the crate's own schedules, which together fire on the same days: the crate wants both day
/// fields to match, so "either" takes two. Only the comparison with the crate's firings uses them.
#[cfg(test)]
fn library_schedules(text: &str) -> Vec<Schedule> {
    let fields = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let either_day = !fields[3].starts_with_star && !fields[5].starts_with_star;
    let words = fields.each_ref().map(translated);
    let without = |left_out: usize| {
        let word = |(place, word): (usize, &String)| {
            if place == left_out { "*".to_owned() } else { word.clone() }
        };
        let line = words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ");
        Schedule::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    if either_day { vec![without(5), without(3)] } else { vec![without(usize::MAX)] }
}

/// Has the crate read the translation, and reads its sets back as bits.
fn expand(fields: &[Written; 6], text: &str) -> Result<Recurrence, CronError> {
    let line = fields.each_ref().map(translated).join(" ");
    let schedule = Schedule::from_str(&line).map_err(|error| CronError {
        field: None,
        span: 0..text.len(),
        problem: Problem::Library(error.to_string()),
        hint: None,
    })?;
    let (seconds, minutes, hours) = (schedule.seconds(), schedule.minutes(), schedule.hours());
    let (days, months, weekdays) = (schedule.days_of_month(), schedule.months(), schedule.days_of_week());
    let weekday = bits(weekdays.iter()) >> 1;
    Ok(Recurrence {
        second: bits(seconds.iter()),
        minute: bits(minutes.iter()),
        hour: bits(hours.iter()) as u32,
        day: bits(days.iter()) as u32,
        month: bits(months.iter()) as u16,
        weekday: weekday as u8,
        either_day: false,
    })
}

fn bits(numbers: impl Iterator<Item = u32>) -> u64 {
    numbers.fold(0, |bits, number| bits | 1u64.checked_shl(number).unwrap_or(0))
}

#[cfg(test)]
mod against;
#[cfg(test)]
mod tests;
