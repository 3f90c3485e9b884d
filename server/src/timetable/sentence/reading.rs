//! What there is to say about a recurrence, before any language says it.
//! Decides when a set is a rhythm ("every 15 minutes"), a list of times, or bare numbers, and which day fields
//! say anything at all. Next: `vietnamese.rs` and `english.rs`, which put it into words.

use loa_domain::timetable::Recurrence;

/// Up to this many times of day are listed one by one.
const MOST_TIMES: usize = 6;
/// Up to this many spans of hours are told as spans.
const MOST_SPANS: usize = 3;

/// The parts of a sentence.
#[derive(Debug)]
pub struct Reading {
    pub clock: Clock,
    pub days: Days,
    /// Empty if every month counts.
    pub months: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Second,
    Minute,
    Hour,
}

/// The times of a day.
#[derive(Debug)]
pub enum Clock {
    /// Seconds of the day, few enough to list.
    Times(Vec<u32>),
    /// Every `every` units.
    Rhythm {
        every: u32,
        unit: Unit,
        /// First and last second of the day of each span; empty: all day.
        spans: Vec<(u32, u32)>,
        /// An hourly rhythm all day long strikes at this minute.
        minute: u32,
        /// The rhythm does not fit the minute or hour, so it begins anew with each.
        restarts: bool,
    },
    /// Numbers as they stand. Empty: every one of them.
    Numbers { seconds: Vec<u32>, minutes: Vec<u32>, hours: Hours },
}

/// The hours beside bare numbers.
#[derive(Debug)]
pub enum Hours {
    Every,
    /// First and last second of the day.
    Spans(Vec<(u32, u32)>),
    /// Too scattered for spans.
    Scattered(Vec<u32>),
}

/// The days.
#[derive(Debug)]
pub enum Days {
    Every,
    /// Numbers in the month.
    Dates(Vec<u32>),
    /// 1 = Monday … 7 = Sunday, the order of a printed calendar.
    Weekdays(Vec<u32>),
    Either(Vec<u32>, Vec<u32>),
    Both(Vec<u32>, Vec<u32>),
}

impl Reading {
    /// Whether the clock's part leaves out some hours, so that "every day" is worth saying.
    pub fn names_hours(&self) -> bool {
        match &self.clock {
            Clock::Times(_) => true,
            Clock::Rhythm { spans, .. } => !spans.is_empty(),
            Clock::Numbers { hours, .. } => !matches!(hours, Hours::Every),
        }
    }

    pub fn of(recurrence: &Recurrence) -> Self {
        let months = numbers(u64::from(recurrence.month), 1, 12);
        let months = if months.len() == 12 { Vec::new() } else { months };
        Reading { clock: clock(recurrence), days: days(recurrence), months }
    }

    /// Whether the only date is 29 February.
    pub fn is_leap_day(&self) -> bool {
        self.months == [2] && matches!(&self.days, Days::Dates(dates) if *dates == [29])
    }

    /// Whether some month of the sentence lacks all of these dates, as with "the 31st".
    pub fn some_month_lacks(&self, dates: &[u32]) -> bool {
        let length = |month: &u32| match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let months = if self.months.is_empty() { &[2][..] } else { &self.months };
        dates.first() > months.iter().map(length).min().as_ref()
    }
}

fn numbers(bits: u64, first: u32, last: u32) -> Vec<u32> {
    (first..=last).filter(|number| bits >> number & 1 == 1).collect()
}

/// Neighbouring numbers joined: 1 2 3 7 becomes (1, 3) (7, 7).
pub fn runs(numbers: &[u32]) -> Vec<(u32, u32)> {
    numbers.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run[run.len() - 1])).collect()
}

/// The step between numbers, if it is always the same and there are three or more.
fn step(numbers: &[u32]) -> Option<u32> {
    let step = numbers.get(1)? - numbers[0];
    (numbers.len() > 2 && numbers.windows(2).all(|pair| pair[1] - pair[0] == step)).then_some(step)
}

/// The step of `*/n` in a field of sixty.
fn rhythm_of_sixty(numbers: &[u32]) -> Option<u32> {
    let every = if numbers == [0, 30] { 30 } else { step(numbers)? };
    (numbers[0] == 0 && numbers[numbers.len() - 1] + every > 59).then_some(every)
}

fn clock(recurrence: &Recurrence) -> Clock {
    let seconds = numbers(recurrence.second, 0, 59);
    let minutes = numbers(recurrence.minute, 0, 59);
    let hours = numbers(u64::from(recurrence.hour), 0, 23);
    let times = || {
        let minutes = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 3600 + minute * 60));
        minutes.flat_map(|at| seconds.iter().map(move |second| at + second)).collect()
    };
    // "Every 10 seconds in the minute 05:30" says more than six times to the second.
    let few = seconds.len() * minutes.len() * hours.len() <= MOST_TIMES;
    if few && seconds.len() <= 2 {
        return Clock::Times(times());
    }
    rhythm_of_seconds(&seconds, &minutes, &hours)
        .or_else(|| rhythm_of_minutes(&seconds, &minutes, &hours))
        .or_else(|| rhythm_of_hours(&seconds, &minutes, &hours))
        .unwrap_or_else(|| {
            if seconds.len() == 1 && minutes.len() == 1 && hours.len() < 24 {
                return Clock::Times(times());
            }
            bare(seconds.clone(), minutes.clone(), &hours)
        })
}

fn rhythm_of_seconds(seconds: &[u32], minutes: &[u32], hours: &[u32]) -> Option<Clock> {
    let every = rhythm_of_sixty(seconds)?;
    let spans = match (&runs(minutes)[..], hours) {
        ([(0, 59)], hours) => hour_spans(hours, 59)?,
        ([(first, last)], [hour]) => vec![(hour * 3600 + first * 60, hour * 3600 + last * 60)],
        _ => return None,
    };
    Some(Clock::Rhythm { every, unit: Unit::Second, spans, minute: 0, restarts: 60 % every != 0 })
}

fn rhythm_of_minutes(seconds: &[u32], minutes: &[u32], hours: &[u32]) -> Option<Clock> {
    if seconds != [0] {
        return None;
    }
    if let (Some(1), 0..60, 1..=MOST_SPANS) = (step(minutes), minutes.len(), hours.len()) {
        let (first, last) = (minutes[0], minutes[minutes.len() - 1]);
        let span = |hour: &u32| (hour * 3600 + first * 60, hour * 3600 + last * 60);
        let spans = hours.iter().map(span).collect();
        return Some(Clock::Rhythm { every: 1, unit: Unit::Minute, spans, minute: 0, restarts: false });
    }
    let every = rhythm_of_sixty(minutes)?;
    let spans = hour_spans(hours, minutes[minutes.len() - 1])?;
    // Within a single hour there is nothing to begin anew.
    let restarts = 60 % every != 0 && hours.len() > 1;
    Some(Clock::Rhythm { every, unit: Unit::Minute, spans, minute: 0, restarts })
}

fn rhythm_of_hours(seconds: &[u32], minutes: &[u32], hours: &[u32]) -> Option<Clock> {
    let ([second], [minute], Some(every)) = (seconds, minutes, step(hours)) else {
        return None;
    };
    let at = |hour: u32| hour * 3600 + minute * 60 + second;
    if *second > 0 {
        return None;
    }
    let spans = match hours.len() {
        24 => Vec::new(),
        _ => vec![(at(hours[0]), at(hours[hours.len() - 1]))],
    };
    Some(Clock::Rhythm { every, unit: Unit::Hour, spans, minute: *minute, restarts: false })
}

fn bare(seconds: Vec<u32>, minutes: Vec<u32>, hours: &[u32]) -> Clock {
    let hours = match hour_spans(hours, 59) {
        Some(spans) if spans.is_empty() => Hours::Every,
        Some(spans) => Hours::Spans(spans),
        None => Hours::Scattered(hours.to_vec()),
    };
    let unless_all = |numbers: Vec<u32>| {
        if numbers.len() == 60 { Vec::new() } else { numbers }
    };
    Clock::Numbers { seconds: unless_all(seconds), minutes: unless_all(minutes), hours }
}

/// Spans of whole hours, each up to `last_minute` of its last hour; empty for all day, `None` if too scattered.
fn hour_spans(hours: &[u32], last_minute: u32) -> Option<Vec<(u32, u32)>> {
    if hours.len() == 24 {
        return Some(Vec::new());
    }
    let runs = runs(hours);
    let span = |(from, to): &(u32, u32)| (from * 3600, to * 3600 + last_minute * 60);
    (runs.len() <= MOST_SPANS).then(|| runs.iter().map(span).collect())
}

fn days(recurrence: &Recurrence) -> Days {
    let dates = numbers(u64::from(recurrence.day), 1, 31);
    // Sunday's bit 0 is repeated as 7, so that the week begins on Monday.
    let week = u64::from(recurrence.weekday) | u64::from(recurrence.weekday) << 7;
    let weekdays = numbers(week, 1, 7);
    match (dates.len() == 31, weekdays.len() == 7, recurrence.either_day) {
        (true, true, _) | (true, _, true) | (_, true, true) => Days::Every,
        (true, false, false) => Days::Weekdays(weekdays),
        (false, true, false) => Days::Dates(dates),
        (false, false, true) => Days::Either(dates, weekdays),
        (false, false, false) => Days::Both(dates, weekdays),
    }
}

/// `odd` or even dates, all of them.
pub fn is_every_other(dates: &[u32], odd: bool) -> bool {
    dates.iter().copied().eq((2 - u32::from(odd)..=31).step_by(2))
}

/// 05:30
pub fn time(second_of_day: u32) -> String {
    format!("{:02}:{:02}", second_of_day / 3600, second_of_day / 60 % 60)
}

/// "05:30 và 17:30", all to the second if one of them needs it.
pub fn times(times: &[u32], and: &str) -> String {
    let seconds = times.iter().any(|at| at % 60 != 0);
    let write = |at: &u32| {
        if seconds { format!("{}:{:02}", time(*at), at % 60) } else { time(*at) }
    };
    listed(&times.iter().map(write).collect::<Vec<_>>(), and)
}

/// "a, b và c".
pub fn listed(parts: &[String], and: &str) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

/// Numbers with runs of three or more drawn together: "1, 5–10 và 20".
pub fn number_list(numbers: &[u32], and: &str, write: impl Fn(u32) -> String) -> String {
    let parts = runs(numbers).into_iter().flat_map(|(from, to)| match to - from {
        0 => vec![write(from)],
        1 => vec![write(from), write(to)],
        _ => vec![format!("{}–{}", write(from), write(to))],
    });
    listed(&parts.collect::<Vec<_>>(), and)
}
