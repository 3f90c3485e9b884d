//! A recurrence in English.
//! Decides the words only; `vietnamese.rs` is the first language and its twin. Next: `docs/cron.md` for the rules.

use super::reading::{Clock, Days, Hours, Reading, Unit, is_every_other, listed, number_list, runs, time, times};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const AND: &str = "and";

pub fn sentence(reading: &Reading) -> String {
    let clock = clock(&reading.clock);
    let comma = if matches!(reading.clock, Clock::Times(_)) { "" } else { "," };
    match (&reading.days, days(reading)) {
        (Days::Every, days) if days.is_empty() && reading.names_hours() => {
            format!("{clock}{comma} every day")
        }
        (_, days) if days.is_empty() => clock,
        (Days::Every, days) => format!("{clock}{comma} {days}"),
        (_, days) => format!("{clock}, {days}"),
    }
}

fn clock(clock: &Clock) -> String {
    match clock {
        Clock::Times(list) => format!("At {}", times(list, AND)),
        Clock::Rhythm { every, unit, spans, minute, restarts } => {
            let (unit_name, whole) = match unit {
                Unit::Second => ("second", "minute"),
                Unit::Minute => ("minute", "hour"),
                Unit::Hour => ("hour", "day"),
            };
            let often = match every {
                1 => format!("Every {unit_name}"),
                _ => format!("Every {every} {unit_name}s"),
            };
            let restart = if *restarts { format!(", starting again with each {whole}") } else { String::new() };
            match (&spans[..], unit, minute) {
                ([], Unit::Hour, 0) => format!("{often}, on the hour"),
                ([], Unit::Hour, 1) => format!("{often}, at 1 minute past"),
                ([], Unit::Hour, minute) => format!("{often}, at {minute} minutes past"),
                ([], ..) => format!("{often}{restart}"),
                ([(from, to)], ..) if from == to => {
                    format!("{often} in the minute {}{restart}", time(*from))
                }
                _ => format!("{often} {}{restart}", within(spans)),
            }
        }
        Clock::Numbers { seconds, minutes, hours } => bare(seconds, minutes, hours),
    }
}

fn bare(seconds: &[u32], minutes: &[u32], hours: &Hours) -> String {
    let list = |numbers: &[u32]| number_list(numbers, AND, |number| number.to_string());
    let plural = |word: &str, numbers: &[u32]| match numbers {
        [only] => format!("{word} {only}"),
        _ => format!("{word}s {}", list(numbers)),
    };
    let minute = if minutes.is_empty() { "every minute".to_owned() } else { plural("minute", minutes) };
    let at = match seconds {
        [0] if minutes.is_empty() => "Every minute".to_owned(),
        [0] => format!("At {minute}"),
        [] => format!("Every second of {minute}"),
        seconds => format!("At {} of {minute}", plural("second", seconds)),
    };
    match hours {
        Hours::Every if minutes.is_empty() => at,
        Hours::Every => format!("{at} of every hour"),
        Hours::Spans(spans) if minutes.is_empty() => format!("{at}, {}", within(spans)),
        Hours::Spans(spans) => format!("{at} of every hour, {}", within(spans)),
        Hours::Scattered(hours) => format!("{at}, in hours {}", list(hours)),
    }
}

fn within(spans: &[(u32, u32)]) -> String {
    let spans: Vec<String> = spans.iter().map(|(from, to)| format!("from {} to {}", time(*from), time(*to))).collect();
    listed(&spans, AND)
}

fn days(reading: &Reading) -> String {
    let tail = months(&reading.months);
    let in_months = |days: String| {
        if tail.is_empty() { days } else { format!("{days}, {tail}") }
    };
    match &reading.days {
        Days::Every if tail.is_empty() => String::new(),
        Days::Every => format!("every day {tail}"),
        Days::Weekdays(weekdays) => in_months(self::weekdays(weekdays)),
        Days::Dates(_) if reading.is_leap_day() => "on 29 February (leap years only)".to_owned(),
        Days::Dates(dates) => match (&reading.months[..], dates.as_slice()) {
            ([month], [date]) => format!("on {date} {} every year{}", name_of(*month), rare(reading, dates)),
            ([], _) => format!("{} of every month{}", on(dates), rare(reading, dates)),
            _ if tail.starts_with("from") => {
                format!("{} of each month {tail}{}", on(dates), rare(reading, dates))
            }
            _ => format!("{} of {}{}", on(dates), tail.trim_start_matches("in "), rare(reading, dates)),
        },
        Days::Either(dates, weekdays) => {
            let each = if tail.is_empty() { " of every month" } else { "" };
            in_months(format!("{}{each} or {}", on(dates), self::weekdays(weekdays)))
        }
        Days::Both(dates, weekdays) => {
            in_months(format!("{}, but only {} of the month", self::weekdays(weekdays), on(dates)))
        }
    }
}

/// Said after dates that some months do not have.
fn rare(reading: &Reading, dates: &[u32]) -> &'static str {
    match dates {
        [_] if reading.some_month_lacks(dates) => " (only in months that have it)",
        _ if reading.some_month_lacks(dates) => " (only in months that have them)",
        _ => "",
    }
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn on(dates: &[u32]) -> String {
    match runs(dates)[..] {
        _ if is_every_other(dates, true) => "on odd days".to_owned(),
        _ if is_every_other(dates, false) => "on even days".to_owned(),
        [(from, to)] if to > from + 1 => {
            format!("from the {} to the {}", ordinal(from), ordinal(to))
        }
        _ => format!("on the {}", number_list(dates, AND, ordinal)),
    }
}

fn weekdays(weekdays: &[u32]) -> String {
    let name = |day: u32| WEEKDAYS[day as usize - 1].to_owned();
    match runs(weekdays)[..] {
        [(from, to)] if to > from + 1 => format!("{} to {}", name(from), name(to)),
        _ if weekdays.len() == 6 => {
            let missing = (1..=7).find(|day| !weekdays.contains(day)).map(name).unwrap_or_default();
            format!("every day except {missing}")
        }
        _ => {
            let names: Vec<String> = weekdays.iter().map(|day| format!("{}s", name(*day))).collect();
            format!("on {}", listed(&names, AND))
        }
    }
}

fn name_of(month: u32) -> String {
    MONTHS[month as usize - 1].to_owned()
}

fn months(months: &[u32]) -> String {
    match runs(months)[..] {
        [] => String::new(),
        [(from, to)] if to > from + 1 => format!("from {} to {}", name_of(from), name_of(to)),
        _ => format!("in {}", listed(&months.iter().copied().map(name_of).collect::<Vec<_>>(), AND)),
    }
}
