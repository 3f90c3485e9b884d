//! Firings against a clock watched second by second, and the gaps and folds by name.

use super::*;
use crate::time::{DAY_S, OffsetChange};
use proptest::prelude::*;

fn date(year: i32, month: u32, day: u32) -> LocalDate {
    LocalDate::new(year, month, day).unwrap()
}

fn utc(date: LocalDate, hour: i64, minute: i64) -> UtcMs {
    UtcMs::from_seconds(i64::from(date.0) * DAY_S + hour * 3600 + minute * 60)
}

fn at(minutes: u64, hours: u32) -> Recurrence {
    Recurrence { second: 1, minute: minutes, hour: hours, ..Recurrence::ALWAYS }
}

/// Berlin's two changes of 2026: 29 March 01:00 UTC forward, 25 October 01:00 UTC back.
fn berlin() -> Offsets {
    let change = |month, day, offset_s| OffsetChange { at: utc(date(2026, month, day), 1, 0), offset_s };
    Offsets::new(3600, [change(3, 29, 7200), change(10, 25, 3600)]).unwrap()
}

/// The UTC hours and minutes at which a recurrence fires on one UTC date.
fn firings(line: &Recurrence, offsets: &Offsets, day: LocalDate) -> std::vec::Vec<(i64, i64)> {
    let (start, end) = (utc(day, 0, 0), utc(day.plus_days(1), 0, 0));
    let next = |at: &UtcMs| line.next_after(*at, offsets).filter(|next| *next < end);
    let minutes = |at: UtcMs| (at.since_ms(start) / 3_600_000, at.since_ms(start) / 60_000 % 60);
    core::iter::successors(next(&start.plus_ms(-1)), next).map(minutes).collect()
}

extern crate std;

#[test]
fn a_time_in_a_gap_fires_once_right_after_it() {
    let spring = date(2026, 3, 29);
    assert_eq!(firings(&at(1 << 30, 1 << 2), &berlin(), spring), [(1, 0)], "02:30 fires at 03:00");
    assert_eq!(firings(&at(1 | 1 << 30, 1 << 2), &berlin(), spring), [(1, 0)], "02:00 and 02:30 fire together");
    assert_eq!(firings(&at(1, 1 << 2 | 1 << 3), &berlin(), spring), [(1, 0)], "02:00 joins 03:00");
}

#[test]
fn a_time_shown_twice_fires_the_first_time_only() {
    let autumn = date(2026, 10, 25);
    assert_eq!(firings(&at(1 << 30, 1 << 2), &berlin(), autumn), [(0, 30)]);
    assert_eq!(firings(&at(1, 0b11110), &berlin(), autumn), [(0, 0), (2, 0), (3, 0)], "hours 1-4 are named hours");
}

#[test]
fn a_rhythm_for_every_hour_goes_on_through_gap_and_fold() {
    let every = Recurrence::ALWAYS.hour;
    let spring = firings(&at(1 << 15, every), &berlin(), date(2026, 3, 29));
    assert_eq!(spring[..3], [(0, 15), (1, 15), (2, 15)], "nothing at 03:00");
    assert_eq!(spring.len(), 24);
    let autumn = firings(&at(1 | 1 << 30, every), &berlin(), date(2026, 10, 25));
    assert_eq!(autumn[..5], [(0, 0), (0, 30), (1, 0), (1, 30), (2, 0)]);
    assert_eq!(autumn.len(), 48);
}

#[test]
fn a_day_the_calendar_dropped_is_not_made_up_for() {
    // Samoa went from 29 December 2011 to the 31st.
    let jump = utc(date(2011, 12, 30), 10, 0);
    let samoa = Offsets::new(-10 * 3600, [OffsetChange { at: jump, offset_s: 14 * 3600 }]).unwrap();
    let morning = at(1, 1 << 8);
    let last = morning.last_before(jump, &samoa).unwrap();
    assert_eq!(last, utc(date(2011, 12, 29), 18, 0));
    assert_eq!(morning.next_after(last, &samoa), Some(utc(date(2011, 12, 30), 18, 0)), "08:00 on the 31st");
}

#[test]
fn a_firing_moved_over_midnight_belongs_to_the_date_it_was_written_for() {
    // Scoresbysund, 30 March 2024: 23:00-24:00 was skipped, so the jump lands on the 31st.
    let jump = utc(date(2024, 3, 31), 1, 0);
    let offsets = Offsets::new(-2 * 3600, [OffsetChange { at: jump, offset_s: -3600 }]).unwrap();
    let late = at(1 << 30, 1 << 23);
    let eve = date(2024, 3, 30);
    let firing = Firing { at: jump, date: eve };
    assert_eq!(late.next_firing(jump.plus_ms(-1), &offsets, &Dates::ANY), Some(firing));
    assert_eq!(late.last_firing(jump.plus_ms(1), &offsets, &Dates::ANY), Some(firing));
    let except_eve = Dates { excepted: &[eve], ..Dates::ANY };
    assert_ne!(late.next_firing(jump.plus_ms(-1), &offsets, &except_eve).unwrap().at, jump);
    let except_landing = Dates { excepted: &[date(2024, 3, 31)], ..Dates::ANY };
    assert_eq!(late.next_firing(jump.plus_ms(-1), &offsets, &except_landing), Some(firing));
}

#[test]
fn day_of_month_or_weekday_fires_on_either() {
    let both = Recurrence { day: 1 << 1, weekday: 1 << 1, ..at(1, 1 << 5) };
    let either = Recurrence { either_day: true, ..both };
    let june = |line: &Recurrence| {
        (1..=30).filter(|day| line.matches(LocalTime::new(date(2026, 6, *day), 5 * 3600))).collect::<std::vec::Vec<_>>()
    };
    assert_eq!(june(&either), [1, 8, 15, 22, 29]);
    assert_eq!(june(&both), [1], "1 June 2026 is a Monday");
}

/// A full cycle of the calendar is 400 years; every date on every weekday must be found from the one before it.
#[test]
fn forty_years_reach_the_next_29_february_on_any_weekday() {
    let zero = Offsets::fixed(0);
    let mut longest_days = 0;
    for weekday in 0..7 {
        for (month, day) in [(2, 29), (1, 31), (2, 28), (12, 31), (6, 1)] {
            let line = Recurrence { day: 1 << day, month: 1 << month, weekday: 1 << weekday, ..at(1, 1) };
            let expected = (1800..2300).filter_map(|year| LocalDate::new(year, month, day));
            let expected = expected.filter(|date| date.weekday() == weekday);
            let found = core::iter::successors(line.next_after(utc(date(1800, 1, 1), 0, -1), &zero), |at| {
                line.next_after(*at, &zero).filter(|at| *at < utc(date(2300, 1, 1), 0, 0))
            });
            let found: std::vec::Vec<_> = found.map(|at| zero.to_local(at).date()).collect();
            assert!(expected.eq(found.iter().copied()), "{day}/{month} on weekday {weekday}");
            longest_days = longest_days.max(found.windows(2).map(|w| w[1].0 - w[0].0).max().unwrap());
            // The same, backwards.
            let back = line.last_before(utc(*found.last().unwrap(), 0, 0), &zero).unwrap();
            assert_eq!(zero.to_local(back).date(), found[found.len() - 2]);
        }
    }
    assert_eq!(longest_days, 40 * 365 + 9, "forty years with nine leap days: the bound is needed in full");
}

#[test]
fn what_never_fires_is_known_and_does_not_hang() {
    let never = Recurrence { day: 1 << 31, month: 1 << 2 | 1 << 4, ..at(1, 1) };
    assert!(never.never_fires());
    assert_eq!(never.next_after(UtcMs(0), &berlin()), None);
    assert_eq!(never.last_before(UtcMs(0), &berlin()), None);
    assert!(!Recurrence { day: 1 << 29, month: 1 << 2, weekday: 1 << 3, ..at(1, 1) }.never_fires());
    assert!(Recurrence { minute: 1 << 60, ..Recurrence::ALWAYS }.never_fires(), "no such minute");
}

/// The rules again, told as someone who watches the clock second by second would tell them.
fn watched(line: &Recurrence, offsets: &Offsets, from_s: i64, until_s: i64) -> std::vec::Vec<i64> {
    let mut fired = std::vec::Vec::new();
    let mut furthest: Option<i64> = None;
    // Begins well before the window, so that what the clock has already shown is known.
    for second in from_s - 4 * DAY_S..until_s {
        let shows = second + i64::from(offsets.offset_at(UtcMs::from_seconds(second)));
        let matches = |local_s: i64| line.matches(LocalTime::from_seconds(local_s));
        let reached = furthest.map_or(shows, |f| f + 1);
        let fires = if line.is_every_hour() || shows + 1 - reached > LONGEST_CARRIED_GAP_S + 1 {
            matches(shows)
        } else {
            (reached..=shows).any(matches)
        };
        if fires && second >= from_s {
            fired.push(second);
        }
        furthest = Some(furthest.map_or(shows, |f| f.max(shows)));
    }
    fired
}

fn bits(width: u32) -> impl Strategy<Value = u64> {
    let all = (1u64 << width) - 1;
    prop_oneof![Just(all), (0..width).prop_map(|bit| 1 << bit), (0..=all)]
}

prop_compose! {
    fn recurrences()(second in (0u32..60).prop_map(|bit| 1u64 << bit), minute in bits(60), hour in bits(24),
                     day in bits(31), month in bits(12), weekday in bits(7), either_day in any::<bool>())
        -> Recurrence {
        Recurrence { second, minute, hour: hour as u32, day: (day << 1) as u32, month: (month << 1) as u16,
                     weekday: weekday as u8, either_day }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn firings_are_those_a_watcher_of_the_clock_sees(
        line in recurrences(),
        start in 0i64..4_000_000_000,
        first_s in -50_000i32..50_000,
        changes in prop::collection::vec((1i64..40_000, -50_000i32..50_000), 0..4),
    ) {
        let mut at = start;
        let changes = changes.into_iter().map(|(after_s, offset_s)| {
            at += after_s;
            OffsetChange { at: UtcMs::from_seconds(at), offset_s }
        });
        let offsets = Offsets::new(first_s, changes.collect::<std::vec::Vec<_>>()).unwrap();
        let (from_s, until_s) = (start - 3600, start + 2 * DAY_S);
        let expected = watched(&line, &offsets, from_s, until_s);
        let end = UtcMs::from_seconds(until_s);
        let next = |at: &UtcMs| line.next_after(*at, &offsets).filter(|at| *at < end);
        let found = core::iter::successors(next(&UtcMs::from_seconds(from_s).plus_ms(-1)), next);
        prop_assert_eq!(found.map(UtcMs::seconds).collect::<std::vec::Vec<_>>(), expected.clone());
        let begin = UtcMs::from_seconds(from_s);
        let last = |at: &UtcMs| line.last_before(*at, &offsets).filter(|at| *at >= begin);
        let mut back: std::vec::Vec<_> = core::iter::successors(last(&end), last).map(UtcMs::seconds).collect();
        back.reverse();
        prop_assert_eq!(back, expected);
    }

    #[test]
    fn any_bits_at_any_instant_give_an_answer_in_order(
        sets in any::<(u64, u64, u32, u32, u16, u8, bool)>(), at in any::<i64>(), first_s in any::<i32>(),
    ) {
        let (second, minute, hour, day, month, weekday, either_day) = sets;
        let line = Recurrence { second, minute, hour, day, month, weekday, either_day };
        let offsets = Offsets::fixed(first_s);
        prop_assert!(line.next_after(UtcMs(at), &offsets).is_none_or(|next| next > UtcMs(at)));
        prop_assert!(line.last_before(UtcMs(at), &offsets).is_none_or(|last| last < UtcMs(at)));
    }
}
