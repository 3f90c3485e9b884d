//! `Recurrence`: one cron line as bit sets, and its firings on a wall clock that may jump.
//! Decides which instants fire, before and after any given one, and what gaps and folds of the clock do to
//! them (the table is in docs/cron.md). Does not read cron text. Next: `timing.rs`, which joins several.
//!
//! A recurrence that names hours is about the clock: each of its times fires when the clock *first* reaches or
//! passes it. So a time inside a gap fires once, at the first instant after the gap; a time shown twice fires
//! the first time only. A recurrence for every hour (`*/30 * * * *`) is about the rhythm: it fires whenever the
//! clock shows one of its times, in both passes of a fold, and a gap adds nothing. Otherwise an hourly chime
//! would fall silent for an hour in a fold, and `15 * * * *` would strike at 03:00 and at 03:15 after a gap.

use crate::time::{LocalDate, LocalTime, Month, Offsets, Piece, UtcMs};
use crate::wire::{Decode, Encode};

/// How many years a search for the next or last day looks over: no date that exists on some weekday is ever
/// further from the next one. The worst is 29 February on one given weekday across a century without a leap
/// day (e.g. Monday 29 Feb 2088 to 2128). A test checks it over the 400 years after which the calendar repeats.
pub const SEARCH_YEARS: i32 = 40;

/// Times skipped by a jump of up to three hours fire after it; times skipped by a longer one were abolished, not
/// moved. (Three hours is Vixie cron's own bound. Samoa dropped 30 December 2011 whole: its morning bulletin
/// must not be heard at midnight.)
pub const LONGEST_CARRIED_GAP_S: i64 = 3 * 3600;

/// One cron line: the sets of seconds, minutes … that match, one bit each. Bits outside a field's bounds count
/// for nothing, and an empty set never matches, so any value that arrives can be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Recurrence {
    /// Bits 0–59.
    #[n(0)]
    pub second: u64,
    /// Bits 0–59.
    #[n(1)]
    pub minute: u64,
    /// Bits 0–23.
    #[n(2)]
    pub hour: u32,
    /// Days of the month: bits 1–31.
    #[n(3)]
    pub day: u32,
    /// Bits 1–12.
    #[n(4)]
    pub month: u16,
    /// Bits 0 (Sunday) to 6 (Saturday).
    #[n(5)]
    pub weekday: u8,
    /// A day matches if *either* its number or its weekday does; otherwise both must. Crontab's rule when
    /// neither field begins with `*`.
    #[n(6)]
    pub either_day: bool,
}

/// One firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firing {
    /// When.
    pub at: UtcMs,
    /// The date it was written for. After a gap over midnight that is the day before the one on the wall.
    pub date: LocalDate,
}

/// The dates on which anything may fire at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dates<'a> {
    /// First date, if there is one.
    pub from: Option<LocalDate>,
    /// Last date (inclusive), if there is one.
    pub until: Option<LocalDate>,
    /// Dates left out.
    pub excepted: &'a [LocalDate],
}

impl Dates<'_> {
    /// Every date.
    pub const ANY: Dates<'static> = Dates { from: None, until: None, excepted: &[] };

    /// Whether anything may fire on `date`.
    pub fn allow(&self, date: LocalDate) -> bool {
        self.first() <= date && date <= self.last() && !self.excepted.contains(&date)
    }

    fn first(&self) -> LocalDate {
        self.from.map_or(LocalDate::FIRST, |from| from.max(LocalDate::FIRST))
    }

    fn last(&self) -> LocalDate {
        self.until.map_or(LocalDate::LAST, |until| until.min(LocalDate::LAST))
    }
}

impl Recurrence {
    /// Every second.
    pub const ALWAYS: Recurrence = Recurrence {
        second: (1 << 60) - 1,
        minute: (1 << 60) - 1,
        hour: (1 << 24) - 1,
        day: !1,
        month: ((1 << 12) - 1) << 1,
        weekday: (1 << 7) - 1,
        either_day: false,
    };

    /// Whether the wall clock shows one of its times.
    pub fn matches(&self, local: LocalTime) -> bool {
        let set = self.within_bounds();
        let (date, second) = (local.date(), local.second_of_day());
        let (_, _, day) = date.year_month_day();
        set.days_of(date.month()) >> day & 1 == 1
            && u64::from(set.hour) >> (second / 3600) & 1 == 1
            && set.minute >> (second / 60 % 60) & 1 == 1
            && set.second >> (second % 60) & 1 == 1
    }

    /// Whether it names no hour in particular, so that a fold of the clock repeats it (see the head of this file).
    pub fn is_every_hour(&self) -> bool {
        self.within_bounds().hour == Self::ALWAYS.hour
    }

    /// Whether no day or no time of day ever matches, as with 31 February.
    pub fn never_fires(&self) -> bool {
        // 2000 to 2400 holds every pair of date and weekday that can occur.
        let start = LocalDate::new(2000, 1, 1).unwrap_or_default();
        let set = self.within_bounds();
        set.first_second_of_day().is_none() || set.next_day(start, &Dates::ANY).is_none()
    }

    /// The first firing strictly later than `after`.
    pub fn next_after(&self, after: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        self.next_firing(after, offsets, &Dates::ANY).map(|firing| firing.at)
    }

    /// The last firing strictly earlier than `before`.
    pub fn last_before(&self, before: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        self.last_firing(before, offsets, &Dates::ANY).map(|firing| firing.at)
    }

    /// The first firing strictly later than `after`, on the dates allowed.
    pub fn next_firing(&self, after: UtcMs, offsets: &Offsets, dates: &Dates<'_>) -> Option<Firing> {
        let set = self.within_bounds();
        let from_s = after.seconds().saturating_add(1);
        for index in 0..offsets.count() {
            let piece = offsets.piece(index);
            let first = if piece.until_s > from_s { set.first_in(&piece, from_s, dates) } else { None };
            if first.is_some() {
                // Beyond the end of the calendar the wall clock stands still; nothing fires there.
                return first.filter(|firing| firing.at > after);
            }
        }
        None
    }

    /// The last firing strictly earlier than `before`, on the dates allowed.
    pub fn last_firing(&self, before: UtcMs, offsets: &Offsets, dates: &Dates<'_>) -> Option<Firing> {
        let set = self.within_bounds();
        // The last whole second before `before`, which may itself lie inside a second.
        let until_s = UtcMs(before.0.saturating_sub(1)).seconds();
        for index in (0..offsets.count()).rev() {
            let piece = offsets.piece(index);
            let last = if piece.from_s <= until_s { set.last_in(&piece, until_s, dates) } else { None };
            if last.is_some() {
                return last.filter(|firing| firing.at < before);
            }
        }
        None
    }

    /// The first firing inside `piece` at or after `from_s`.
    fn first_in(&self, piece: &Piece, from_s: i64, dates: &Dates<'_>) -> Option<Firing> {
        let start_s = piece.local_s(from_s.max(piece.from_s));
        let from_s = match self.lowest_fresh(piece) {
            Some(fresh_s) if piece.from_s >= from_s => {
                if let Some(carried) = self.next_local(fresh_s, dates).filter(|l| is_in_gap(*l, piece)) {
                    return Some(Firing { at: UtcMs::from_seconds(piece.from_s), date: carried.date() });
                }
                start_s.max(fresh_s)
            }
            Some(fresh_s) => start_s.max(fresh_s),
            None => start_s,
        };
        fired(self.next_local(from_s, dates)?, piece)
    }

    /// The last firing inside `piece` at or before `until_s`.
    fn last_in(&self, piece: &Piece, until_s: i64, dates: &Dates<'_>) -> Option<Firing> {
        let end_s = piece.local_s(until_s.min(piece.until_s.saturating_sub(1)));
        let fresh_s = self.lowest_fresh(piece);
        let shown = self.last_local(end_s, dates).and_then(|local| fired(local, piece));
        let shown = shown.filter(|firing| fresh_s.is_none_or(|low| piece.local_s(firing.at.seconds()) >= low));
        if shown.is_some_and(|firing| firing.at.seconds() > piece.from_s) {
            return shown;
        }
        // At the jump itself a carried firing was written earlier than one for that very second, and goes first.
        let carried = fresh_s.and_then(|low| self.next_local(low, dates)).filter(|local| is_in_gap(*local, piece));
        carried.map(|local| Firing { at: UtcMs::from_seconds(piece.from_s), date: local.date() }).or(shown)
    }

    /// The lowest wall time that still counts in `piece`; below it the clock shows times again that it has shown
    /// before. `None` if all of them count, whatever was shown before.
    fn lowest_fresh(&self, piece: &Piece) -> Option<i64> {
        let abolished = piece.local_s(piece.from_s).saturating_sub(piece.reached_s) > LONGEST_CARRIED_GAP_S;
        (!self.is_every_hour() && piece.reached_s != i64::MIN && !abolished).then_some(piece.reached_s)
    }

    /// The first matching wall time at or after `from_s`.
    fn next_local(&self, from_s: i64, dates: &Dates<'_>) -> Option<LocalTime> {
        let from = LocalTime::from_seconds(from_s);
        let mut day = self.next_day(from.date(), dates)?;
        if day == from.date() {
            match self.next_second_of_day(from.second_of_day()) {
                Some(second) => return Some(LocalTime::new(day, second)),
                None => day = self.next_day(day.plus_days(1), dates)?,
            }
        }
        Some(LocalTime::new(day, self.first_second_of_day()?))
    }

    /// The last matching wall time at or before `until_s`.
    fn last_local(&self, until_s: i64, dates: &Dates<'_>) -> Option<LocalTime> {
        let until = LocalTime::from_seconds(until_s);
        let mut day = self.last_day(until.date(), dates)?;
        if day == until.date() {
            match self.last_second_of_day(until.second_of_day()) {
                Some(second) => return Some(LocalTime::new(day, second)),
                None => day = self.last_day(day.plus_days(-1), dates)?,
            }
        }
        Some(LocalTime::new(day, self.last_second_of_day(86_399)?))
    }

    /// The first allowed day at or after `from`.
    fn next_day(&self, from: LocalDate, dates: &Dates<'_>) -> Option<LocalDate> {
        let mut from = from.max(dates.first());
        loop {
            let day = self.next_matching_day(from, dates.last())?;
            if !dates.excepted.contains(&day) {
                return Some(day);
            }
            from = day.plus_days(1);
        }
    }

    /// The last allowed day at or before `until`.
    fn last_day(&self, until: LocalDate, dates: &Dates<'_>) -> Option<LocalDate> {
        let mut until = until.min(dates.last());
        loop {
            let day = self.last_matching_day(until, dates.first())?;
            if !dates.excepted.contains(&day) {
                return Some(day);
            }
            until = day.plus_days(-1);
        }
    }

    fn next_matching_day(&self, from: LocalDate, last: LocalDate) -> Option<LocalDate> {
        let (_, _, first) = from.year_month_day();
        let mut month = from.month();
        let mut wanted = u32::MAX << first;
        for _ in 0..=SEARCH_YEARS * 12 {
            if self.month >> month.number & 1 == 1 {
                let first_day = month.first_day()?;
                if let Some(day) = lowest(self.days_from(month, first_day) & wanted) {
                    return Some(first_day.plus_days(day as i32 - 1)).filter(|day| from <= *day && *day <= last);
                }
            }
            month = month.next();
            wanted = u32::MAX;
        }
        None
    }

    fn last_matching_day(&self, until: LocalDate, first: LocalDate) -> Option<LocalDate> {
        let (_, _, last) = until.year_month_day();
        let mut month = until.month();
        let mut wanted = u32::MAX >> (31 - last);
        for _ in 0..=SEARCH_YEARS * 12 {
            if self.month >> month.number & 1 == 1 {
                let first_day = month.first_day()?;
                if let Some(day) = highest(self.days_from(month, first_day) & wanted) {
                    return Some(first_day.plus_days(day as i32 - 1)).filter(|day| first <= *day && *day <= until);
                }
            }
            month = month.previous();
            wanted = u32::MAX;
        }
        None
    }

    /// The matching days of `month`: bits 1–31.
    fn days_of(&self, month: Month) -> u32 {
        match month.first_day() {
            Some(first_day) if self.month >> month.number & 1 == 1 => self.days_from(month, first_day),
            _ => 0,
        }
    }

    /// The matching days of a month whose number is in the set.
    fn days_from(&self, month: Month, first_day: LocalDate) -> u32 {
        let existing = u32::MAX >> (31 - month.length_days()) & !1;
        // The seven weekday bits turned so that bit 0 is the weekday of the 1st, then laid out five weeks long.
        let week = u64::from(self.weekday);
        let turned = (week >> first_day.weekday() | week << (7 - first_day.weekday())) & 0x7f;
        let by_weekday = ((turned * 0x1020_4081) << 1) as u32;
        existing & if self.either_day { self.day | by_weekday } else { self.day & by_weekday }
    }

    fn first_second_of_day(&self) -> Option<u32> {
        self.next_second_of_day(0)
    }

    fn next_second_of_day(&self, from: u32) -> Option<u32> {
        let (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
        let (hours, first_minute, first_second) =
            (u64::from(self.hour), self.minute.trailing_zeros(), self.second.trailing_zeros());
        if self.minute == 0 || self.second == 0 {
            return None;
        }
        if hours >> hour & 1 == 1 {
            if self.minute >> minute & 1 == 1
                && let Some(second) = at_or_above(self.second, second)
            {
                return Some(hour * 3600 + minute * 60 + second);
            }
            if let Some(minute) = at_or_above(self.minute, minute + 1) {
                return Some(hour * 3600 + minute * 60 + first_second);
            }
        }
        at_or_above(hours, hour + 1).map(|hour| hour * 3600 + first_minute * 60 + first_second)
    }

    fn last_second_of_day(&self, until: u32) -> Option<u32> {
        let (hour, minute, second) = (until / 3600, until / 60 % 60, until % 60);
        let hours = u64::from(self.hour);
        let (last_minute, last_second) = (below(self.minute, 60)?, below(self.second, 60)?);
        if hours >> hour & 1 == 1 {
            if self.minute >> minute & 1 == 1
                && let Some(second) = below(self.second, second + 1)
            {
                return Some(hour * 3600 + minute * 60 + second);
            }
            if let Some(minute) = below(self.minute, minute) {
                return Some(hour * 3600 + minute * 60 + last_second);
            }
        }
        below(hours, hour).map(|hour| hour * 3600 + last_minute * 60 + last_second)
    }

    /// The same without the bits that count for nothing.
    fn within_bounds(&self) -> Recurrence {
        let all = Self::ALWAYS;
        Recurrence {
            second: self.second & all.second,
            minute: self.minute & all.minute,
            hour: self.hour & all.hour,
            day: self.day & all.day,
            month: self.month & all.month,
            weekday: self.weekday & all.weekday,
            either_day: self.either_day,
        }
    }
}

/// Whether the clock jumped over `local` when `piece` began.
fn is_in_gap(local: LocalTime, piece: &Piece) -> bool {
    local.seconds() >= piece.reached_s && local.seconds() < piece.local_s(piece.from_s)
}

fn fired(local: LocalTime, piece: &Piece) -> Option<Firing> {
    Some(Firing { at: UtcMs::from_seconds(piece.utc_s(local.seconds())?), date: local.date() })
}

fn lowest(bits: u32) -> Option<u32> {
    (bits != 0).then(|| bits.trailing_zeros())
}

fn highest(bits: u32) -> Option<u32> {
    bits.checked_ilog2()
}

/// The lowest bit at or above `from`.
fn at_or_above(bits: u64, from: u32) -> Option<u32> {
    let rest = bits.checked_shr(from)?;
    (rest != 0).then(|| from + rest.trailing_zeros())
}

/// The highest bit below `until`.
fn below(bits: u64, until: u32) -> Option<u32> {
    (bits & ((1u64 << until) - 1)).checked_ilog2()
}

#[cfg(test)]
mod tests;
