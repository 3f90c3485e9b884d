//! Instants, the wall clock and the calendar: the ground that every rule about time stands on.
//! Decides how milliseconds since 1970 become a date and a time of day, and where the calendar ends. Does not
//! read a clock and does not know any time zone by name. The only file that names `time`, the library.
//! Next: `time/offsets.rs` (from UTC to the wall clock and back), then `time/quiet.rs`.

mod offsets;
mod quiet;
mod soonest;

pub use offsets::{MAX_CHANGES, Mapping, OffsetChange, Offsets, OffsetsError, Piece};
pub use quiet::{MAX_QUIET_RANGES, MinuteRange, QuietError, QuietHours};
pub use soonest::Soonest;

use crate::wire::{Decode, Encode};
use core::fmt;
use time::Date;

/// Seconds in a civil day.
pub const DAY_S: i64 = 86_400;
/// The Julian day number of 1970-01-01.
const JULIAN_1970: i32 = 2_440_588;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (as POSIX does).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct UtcMs(#[n(0)] pub i64);

impl UtcMs {
    /// The instant `seconds` after 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        UtcMs(seconds.saturating_mul(1000))
    }

    /// Whole seconds since 1970, rounded down (also before 1970).
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved by `delay_ms`, stopping at the ends of the type.
    #[must_use]
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub const fn plus_ms(self, delay_ms: i64) -> Self {
        UtcMs(self.0.saturating_add(delay_ms))
    }

    /// Milliseconds from `earlier` to this instant; negative if `earlier` is in fact later.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub const fn since_ms(self, earlier: UtcMs) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// ISO 8601 in UTC, with milliseconds: for logs.
impl fmt::Display for UtcMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = LocalTime::from_seconds(self.seconds());
        write!(f, "{}.{:03}Z", local, self.0.rem_euclid(1000))
    }
}

/// A calendar date without a zone: days since 1970-01-01 in the Gregorian calendar.
/// Dates outside 0000–9999 can be held but behave as the nearest end of that span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct LocalDate(#[n(0)] pub i32);

/// Why a text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// Not four digits, two digits and two digits with a hyphen between.
    Shape,
    /// The calendar has no such day, e.g. 2026-02-29.
    NoSuchDay,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DateError::Shape => "a date is written YYYY-MM-DD",
            DateError::NoSuchDay => "the calendar has no such day",
        })
    }
}

impl core::error::Error for DateError {}

impl LocalDate {
    /// 0000-01-01, the first date Loa reckons with (four digits of year).
    pub const FIRST: LocalDate = LocalDate(-719_528);
    /// 9999-12-31, the last date Loa reckons with.
    pub const LAST: LocalDate = LocalDate(2_932_896);

    /// The date of year 0–9999, month 1–12 and day 1–31, if the calendar has it.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
        let date = LocalDate(date.to_julian_day() - JULIAN_1970);
        (Self::FIRST..=Self::LAST).contains(&date).then_some(date)
    }

    /// Reads exactly `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError::Shape);
        }
        let number = |part: &[u8]| {
            part.iter().try_fold(0u32, |sum, digit| match digit {
                b'0'..=b'9' => Ok(sum * 10 + u32::from(digit - b'0')),
                _ => Err(DateError::Shape),
            })
        };
        let (year, month, day) = (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?);
        Self::new(year as i32, month, day).ok_or(DateError::NoSuchDay)
    }

    fn calendar(self) -> Date {
        let within = self.clamp(Self::FIRST, Self::LAST);
        // The library's years are -9999 to 9999, so the other end is never taken.
        Date::from_julian_day(within.0 + JULIAN_1970).unwrap_or(Date::MIN)
    }

    /// Year, month 1–12, day 1–31.
    pub fn year_month_day(self) -> (i32, u32, u32) {
        let (year, month, day) = self.calendar().to_calendar_date();
        (year, u8::from(month).into(), day.into())
    }

    /// 0 = Sunday … 6 = Saturday, as in crontab.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday (4).
        (i64::from(self.0) + 4).rem_euclid(7) as u8
    }

    /// The date `days` later (earlier if negative).
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        LocalDate(self.0.saturating_add(days))
    }

    /// The month this date lies in.
    pub fn month(self) -> Month {
        let (year, number, _) = self.year_month_day();
        Month { year, number }
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.year_month_day();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// 0–9999.
    pub year: i32,
    /// 1–12.
    pub number: u32,
}

impl Month {
    /// Its first day, unless it lies outside the years 0–9999.
    pub fn first_day(self) -> Option<LocalDate> {
        LocalDate::new(self.year, self.number, 1)
    }

    /// 28–31.
    pub fn length_days(self) -> u32 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.number {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// The month after.
    #[must_use]
    pub const fn next(self) -> Month {
        match self.number {
            12 => Month { year: self.year + 1, number: 1 },
            number => Month { year: self.year, number: number + 1 },
        }
    }

    /// The month before.
    #[must_use]
    pub const fn previous(self) -> Month {
        match self.number {
            1 => Month { year: self.year - 1, number: 12 },
            number => Month { year: self.year, number: number - 1 },
        }
    }
}

/// What the clock on the wall shows, to the second: seconds since 1970-01-01 00:00:00 *on that clock*.
/// Always between 0000-01-01 00:00:00 and 9999-12-31 23:59:59.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(i64);

impl LocalTime {
    /// The wall clock `seconds` after 1970-01-01 00:00:00, held inside the calendar.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub const fn from_seconds(seconds: i64) -> Self {
        let first = LocalDate::FIRST.0 as i64 * DAY_S;
        let last = LocalDate::LAST.0 as i64 * DAY_S + DAY_S - 1;
        LocalTime(if seconds < first {
            first
        } else if seconds > last {
            last
        } else {
            seconds
        })
    }

    /// `second_of_day` (0–86,399) on `date`.
    pub const fn new(date: LocalDate, second_of_day: u32) -> Self {
        Self::from_seconds(date.0 as i64 * DAY_S + second_of_day as i64)
    }

    /// Seconds since 1970-01-01 00:00:00 on the wall clock.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The date on the calendar beside the clock.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub const fn date(self) -> LocalDate {
        // In range for i32: the constructor holds it inside the calendar.
        LocalDate(self.0.div_euclid(DAY_S) as i32)
    }

    /// 0–86,399.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub const fn second_of_day(self) -> u32 {
        self.0.rem_euclid(DAY_S) as u32
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.second_of_day();
        write!(f, "{}T{:02}:{:02}:{:02}", self.date(), second / 3600, second / 60 % 60, second % 60)
    }
}

#[cfg(test)]
mod tests;
