//! Decides how a timetable writes days and hours: `2026-12-10`, `11-30`, `2026-12-10T19:00`, `21:30-04:45`.
//!
//! These are wall-clock values without a zone and without a calendar library: a place's zone turns them into
//! instants later (`zone.rs`). Nothing here reads a clock. Next: `model.rs`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::limits;

/// The text is not in the form its type asks for, or names a day or hour that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATime;

impl fmt::Display for NotATime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("no day, hour or span of hours")
    }
}

/// In JSON these values stand as they are written in a timetable.
macro_rules! written_as_text {
    ($($kind:ty),*) => {$(
        impl TryFrom<String> for $kind {
            type Error = NotATime;

            fn try_from(text: String) -> Result<Self, NotATime> {
                text.parse()
            }
        }

        impl From<$kind> for String {
            fn from(value: $kind) -> Self {
                value.to_string()
            }
        }
    )*};
}

written_as_text!(Date, DayOfYear, LocalTime, QuietHours);

/// A day of the Gregorian calendar, as a local wall calendar shows it.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is one: `2026-02-29` is refused, and so is a year outside [`limits::YEARS`].
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = limits::YEARS.contains(&year) && (1..=days_in(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Year, four digits.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month, 1–12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1–31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }
}

/// How many days a month has; 0 for a month that does not exist.
fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Exactly `digits` decimal digits: `+1`, ` 1` and `1` for two digits are refused.
fn number(text: &str, digits: usize) -> Result<u16, NotATime> {
    if text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| NotATime)
    } else {
        Err(NotATime)
    }
}

fn small(text: &str) -> Result<u8, NotATime> {
    number(text, 2)?.try_into().map_err(|_| NotATime)
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let mut parts = text.splitn(3, '-');
        let mut part = || parts.next().ok_or(NotATime);
        let (year, month, day) = (number(part()?, 4)?, small(part()?)?, small(part()?)?);
        Self::new(year, month, day).ok_or(NotATime)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A day that comes back every year, `MM-DD`: when a campaign's report is due.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct DayOfYear {
    month: u8,
    day: u8,
}

impl DayOfYear {
    /// Month, 1–12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1–31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }
}

impl FromStr for DayOfYear {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let (month, day) = text.split_once('-').ok_or(NotATime)?;
        let (month, day) = (small(month)?, small(day)?);
        // 2027 has no 29 February: a day that does not come back every year is no yearly day.
        Date::new(2027, month, day).map(|_| Self { month, day }).ok_or(NotATime)
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}-{:02}", self.month, self.day)
    }
}

/// A local day and time of day, without a zone: `2026-12-10T19:00` or `2026-12-10T19:00:30`.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime {
    /// The local day.
    pub date: Date,
    /// Seconds since local midnight by the wall clock, 0–86 399.
    pub second_of_day: u32,
}

impl FromStr for LocalTime {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let (date, time) = text.split_once(['T', ' ']).ok_or(NotATime)?;
        let (minute, second) = match time.get(5..) {
            None => return Err(NotATime),
            Some("") => (minute_of_day(time)?, 0),
            Some(rest) => {
                let second = small(rest.strip_prefix(':').ok_or(NotATime)?)?;
                (minute_of_day(time.get(..5).ok_or(NotATime)?)?, second)
            }
        };
        if second > 59 || minute >= MINUTES_A_DAY {
            return Err(NotATime);
        }
        let second_of_day = u32::from(minute) * 60 + u32::from(second);
        Ok(Self { date: date.parse()?, second_of_day })
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minute, second) = (self.second_of_day / 60, self.second_of_day % 60);
        write!(out, "{}T{:02}:{:02}:{second:02}", self.date, minute / 60, minute % 60)
    }
}

const MINUTES_A_DAY: u16 = 24 * 60;

/// `HH:MM` in minutes since midnight; `24:00` is the end of the day.
pub(super) fn minute_of_day(text: &str) -> Result<u16, NotATime> {
    let (hour, minute) = text.split_once(':').ok_or(NotATime)?;
    let (hour, minute) = (u16::from(small(hour)?), u16::from(small(minute)?));
    let total = hour * 60 + minute;
    if minute < 60 && total <= MINUTES_A_DAY { Ok(total) } else { Err(NotATime) }
}

/// Hours of the local day in which only an emergency may sound. Starts are inside, ends outside.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    /// First quiet minute of the local day, 0–1439.
    pub from_minute: u16,
    /// First minute that is loud again, 0–1440. Less than `from_minute`: the hours run past midnight.
    pub until_minute: u16,
}

impl FromStr for QuietHours {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let (from, until) = text.split_once('-').ok_or(NotATime)?;
        let from_minute = minute_of_day(from.trim())?;
        let until_minute = minute_of_day(until.trim())?;
        if from_minute == MINUTES_A_DAY {
            return Err(NotATime);
        }
        Ok(Self { from_minute, until_minute })
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from_minute, self.until_minute);
        write!(out, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_and_writes_the_same_text() {
        for text in ["2026-12-10", "2028-02-29", "1997-01-01"] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_day_that_no_calendar_shows_is_refused() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "26-04-01",
            "2026-4-1",
            "2026-04-01x",
            "+026-04-01",
            "1492-01-01",
            "",
            "2026-04",
            "２０２６-04-01",
        ] {
            assert_eq!(text.parse::<Date>(), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn a_moment_takes_minutes_or_seconds() {
        let moment: LocalTime = "2026-12-10T19:00".parse().unwrap();
        assert_eq!(moment.second_of_day, 19 * 3600);
        assert_eq!("2026-12-10 19:00:30".parse::<LocalTime>().unwrap().second_of_day, 19 * 3600 + 30);
        for text in [
            "2026-12-10T24:00",
            "2026-12-10T19:60",
            "2026-12-10T19:00:60",
            "2026-12-10",
            "2026-12-10T7:00",
            "2026-12-10T19:00Z",
            "2026-12-10Tđ9:00",
        ] {
            assert_eq!(text.parse::<LocalTime>(), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn quiet_hours_may_run_past_midnight_and_to_the_end_of_the_day() {
        let night: QuietHours = "21:30-04:45".parse().unwrap();
        assert_eq!((night.from_minute, night.until_minute), (1290, 285));
        assert_eq!("12:00 - 24:00".parse::<QuietHours>().unwrap().until_minute, 1440);
        for text in ["24:00-05:00", "21:30", "21h30-4h45", "25:00-26:00", "9:00-10:00"] {
            assert_eq!(text.parse::<QuietHours>(), Err(NotATime), "{text}");
        }
    }

    #[test]
    fn a_yearly_day_comes_back_every_year() {
        assert_eq!("11-30".parse::<DayOfYear>().unwrap().to_string(), "11-30");
        assert_eq!("02-29".parse::<DayOfYear>(), Err(NotATime));
    }
}
