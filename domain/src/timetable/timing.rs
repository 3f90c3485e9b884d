//! `Timing`: all the times of one order: cron lines, single instants, a span of dates and exceptions to it.
//! Decides which of them fires next and which fired last. Does not decide what a player does late or in quiet
//! hours (that is `play`). Next: `plan`, which turns firings into cues.

use super::recur::{Dates, Firing, Recurrence};
use crate::time::{LocalDate, Offsets, UtcMs};
use crate::wire::{Decode, Encode, List};

/// Cron lines in one order: enough for weekdays, Saturday, Sunday and holidays apart.
pub const MAX_RECURRENCES: usize = 4;
/// Single instants in one order.
pub const MAX_ONCE: usize = 16;
/// Dates left out of one order: the public holidays of two years.
pub const MAX_EXCEPTIONS: usize = 32;

/// When one order fires. Nothing fires outside `from`–`until` or on an excepted date, wherever it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Timing {
    /// Cron lines; the order fires when any of them does.
    #[n(0)]
    pub recurrences: List<Recurrence, MAX_RECURRENCES>,
    /// Single instants, in any order.
    #[n(1)]
    pub once: List<UtcMs, MAX_ONCE>,
    /// First date, on the wall calendar of the player's place.
    #[n(2)]
    pub from: Option<LocalDate>,
    /// Last date, inclusive.
    #[n(3)]
    pub until: Option<LocalDate>,
    /// Dates left out. A firing that a gap moved belongs to the date it was written for.
    #[n(4)]
    pub excepted: List<LocalDate, MAX_EXCEPTIONS>,
}

impl Timing {
    /// Takes all times out: it never fires.
    pub fn clear(&mut self) {
        self.recurrences.clear();
        self.once.clear();
        self.excepted.clear();
        (self.from, self.until) = (None, None);
    }

    /// The dates on which it may fire.
    pub fn dates(&self) -> Dates<'_> {
        Dates { from: self.from, until: self.until, excepted: &self.excepted }
    }

    /// The first firing strictly later than `after`. Several lines that fire together fire once.
    pub fn next_firing(&self, after: UtcMs, offsets: &Offsets) -> Option<Firing> {
        let dates = self.dates();
        let mut next: Option<Firing> = None;
        let mut consider = |firing: Option<Firing>| {
            if let Some(firing) = firing.filter(|firing| next.is_none_or(|next| *firing < next)) {
                next = Some(firing);
            }
        };
        self.recurrences.iter().for_each(|line| consider(line.next_firing(after, offsets, &dates)));
        self.once.iter().for_each(|at| consider(single(*at, offsets, &dates).filter(|firing| firing.at > after)));
        next
    }

    /// The last firing strictly earlier than `before`.
    pub fn last_firing(&self, before: UtcMs, offsets: &Offsets) -> Option<Firing> {
        let dates = self.dates();
        let mut last: Option<Firing> = None;
        let mut consider = |firing: Option<Firing>| {
            if let Some(firing) = firing.filter(|firing| last.is_none_or(|last| *firing > last)) {
                last = Some(firing);
            }
        };
        self.recurrences.iter().for_each(|line| consider(line.last_firing(before, offsets, &dates)));
        self.once.iter().for_each(|at| consider(single(*at, offsets, &dates).filter(|firing| firing.at < before)));
        last
    }

    /// The instant of [`next_firing`](Self::next_firing).
    pub fn next_after(&self, after: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        self.next_firing(after, offsets).map(|firing| firing.at)
    }

    /// The instant of [`last_firing`](Self::last_firing).
    pub fn last_before(&self, before: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        self.last_firing(before, offsets).map(|firing| firing.at)
    }
}

/// The firing at one instant, on the dates allowed.
fn single(at: UtcMs, offsets: &Offsets, dates: &Dates<'_>) -> Option<Firing> {
    let firing = Firing { at, date: offsets.to_local(at).date() };
    dates.allow(firing.date).then_some(firing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    const DAY_MS: i64 = 86_400_000;

    fn daily_at(hour: u32) -> Recurrence {
        Recurrence { second: 1, minute: 1, hour: 1 << hour, ..Recurrence::ALWAYS }
    }

    fn date(text: &str) -> LocalDate {
        LocalDate::parse(text).unwrap()
    }

    /// 00:00 UTC of a date, plus hours.
    fn utc(text: &str, hour: i64) -> UtcMs {
        UtcMs(i64::from(date(text).0) * DAY_MS + hour * 3_600_000)
    }

    #[test]
    fn the_earliest_of_all_lines_and_instants_fires_next() {
        let timing = Timing {
            recurrences: List::collect([daily_at(17), daily_at(5)]).unwrap(),
            once: List::collect([utc("2026-09-02", 8)]).unwrap(),
            ..Timing::default()
        };
        let offsets = Offsets::fixed(0);
        let mut at = utc("2026-09-01", 12);
        for expected in [utc("2026-09-01", 17), utc("2026-09-02", 5), utc("2026-09-02", 8), utc("2026-09-02", 17)] {
            at = timing.next_after(at, &offsets).unwrap();
            assert_eq!(at, expected);
        }
        assert_eq!(timing.last_before(utc("2026-09-02", 9), &offsets), Some(utc("2026-09-02", 8)));
        assert_eq!(timing.last_before(utc("2026-09-02", 8), &offsets), Some(utc("2026-09-02", 5)));
    }

    #[test]
    fn nothing_fires_outside_the_dates_or_on_an_exception() {
        let timing = Timing {
            recurrences: List::collect([daily_at(5)]).unwrap(),
            once: List::collect([utc("2026-01-03", 6), utc("2026-01-09", 6)]).unwrap(),
            from: Some(date("2026-01-02")),
            until: Some(date("2026-01-04")),
            excepted: List::collect([date("2026-01-03")]).unwrap(),
        };
        let offsets = Offsets::fixed(0);
        let first = timing.next_after(utc("2025-12-01", 0), &offsets).unwrap();
        assert_eq!(first, utc("2026-01-02", 5));
        let second = timing.next_after(first, &offsets).unwrap();
        assert_eq!(second, utc("2026-01-04", 5));
        assert_eq!(timing.next_after(second, &offsets), None);
        assert_eq!(timing.last_before(utc("2027-01-01", 0), &offsets), Some(second));
        assert_eq!(timing.last_before(first, &offsets), None);
    }

    #[test]
    fn a_timing_that_is_full_comes_back_from_its_bytes() {
        let timing = Timing {
            recurrences: List::collect([daily_at(5); MAX_RECURRENCES]).unwrap(),
            once: List::collect([utc("2026-01-03", 6); MAX_ONCE]).unwrap(),
            from: Some(date("2026-01-02")),
            until: None,
            excepted: List::collect([date("2026-01-03"); MAX_EXCEPTIONS]).unwrap(),
        };
        let mut bytes = [0u8; 1024];
        let length = wire::encode_into(&timing, &mut bytes).unwrap();
        assert_eq!(wire::decode::<Timing>(&bytes[..length]).unwrap(), timing);
        assert!(wire::decode::<Timing>(&bytes[..length - 1]).is_err());
    }
}
