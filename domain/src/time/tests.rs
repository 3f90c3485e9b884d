//! The calendar, the table of offsets and quiet hours.

use super::*;
use proptest::prelude::*;

use crate::wire;

const HOUR_MS: i64 = 3_600_000;

fn utc(text: &str, hour: i64, minute: i64) -> UtcMs {
    UtcMs((i64::from(LocalDate::parse(text).unwrap().0) * 24 + hour) * HOUR_MS + minute * 60_000)
}

fn berlin() -> Offsets {
    let change = |text, offset_s| OffsetChange { at: utc(text, 1, 0), offset_s };
    Offsets::new(3600, [change("2026-03-29", 7200), change("2026-10-25", 3600)]).unwrap()
}

fn local(text: &str, hour: u32, minute: u32) -> LocalTime {
    LocalTime::new(LocalDate::parse(text).unwrap(), hour * 3600 + minute * 60)
}

#[test]
fn a_date_is_read_strictly_and_written_back() {
    assert_eq!(LocalDate::parse("1970-01-01"), Ok(LocalDate(0)));
    assert_eq!(LocalDate::parse("2026-02-29"), Err(DateError::NoSuchDay));
    for bad in ["2026-2-1", "26-02-01", "2026-02-01 ", "2026/02/01", "+026-02-01", "", "２026-02-1"] {
        assert_eq!(LocalDate::parse(bad), Err(DateError::Shape), "{bad}");
    }
    assert_eq!(LocalDate::new(0, 1, 1), Some(LocalDate::FIRST));
    assert_eq!(LocalDate::new(9999, 12, 31), Some(LocalDate::LAST));
    assert_eq!(LocalDate::new(10_000, 1, 1), None);
    assert_eq!(LocalDate::parse("2026-09-02").unwrap().weekday(), 3, "National Day 2026 is a Wednesday");
}

#[test]
fn instants_stop_at_the_ends_instead_of_wrapping() {
    assert_eq!(UtcMs(i64::MAX).plus_ms(1), UtcMs(i64::MAX));
    assert_eq!(UtcMs(i64::MIN).since_ms(UtcMs(1)), i64::MIN);
    assert_eq!(UtcMs(-1).seconds(), -1);
    assert_eq!(std::format!("{}", UtcMs(-1)), "1969-12-31T23:59:59.999Z");
    assert_eq!(LocalDate(i32::MAX).year_month_day(), (9999, 12, 31));
    assert_eq!(Offsets::fixed(i32::MAX).to_local(UtcMs(i64::MAX)).date(), LocalDate::LAST);
}

#[test]
fn the_wall_clock_shows_nothing_in_a_gap_and_everything_twice_in_a_fold() {
    let offsets = berlin();
    let jump = utc("2026-03-29", 1, 0);
    assert_eq!(offsets.to_utc(local("2026-03-29", 2, 0)), Mapping::Gap(jump));
    assert_eq!(offsets.to_utc(local("2026-03-29", 2, 59)), Mapping::Gap(jump));
    assert_eq!(offsets.to_utc(local("2026-03-29", 3, 0)), Mapping::Once(jump));
    let (first, second) = (utc("2026-10-25", 0, 30), utc("2026-10-25", 1, 30));
    assert_eq!(offsets.to_utc(local("2026-10-25", 2, 30)), Mapping::Fold { first, second });
    assert_eq!(offsets.to_utc(local("2026-10-25", 3, 0)), Mapping::Once(utc("2026-10-25", 2, 0)));
    assert_eq!(offsets.offset_at(jump.plus_ms(-1)), 3600);
    assert_eq!(offsets.offset_at(jump), 7200);
}

#[test]
fn a_table_of_offsets_out_of_bounds_is_refused_in_memory_and_on_the_wire() {
    let change = |at, offset_s| OffsetChange { at: UtcMs(at), offset_s };
    let refused = |changes: &[OffsetChange]| Offsets::new(0, changes.iter().copied()).unwrap_err();
    assert_eq!(refused(&[change(0, 0); 17]), OffsetsError::TooMany);
    assert_eq!(refused(&[change(2000, 0), change(2000, 1)]), OffsetsError::OutOfOrder);
    assert_eq!(refused(&[change(1, 0)]), OffsetsError::SplitSecond);
    assert_eq!(refused(&[change(0, 86_400)]), OffsetsError::TooFar);
    // [0, [[1, 0]]]: a change in the middle of a second.
    assert!(wire::decode::<Offsets>(&[0x82, 0, 0x81, 0x82, 1, 0]).is_err());
    let mut bytes = [0u8; 64];
    let length = wire::encode_into(&berlin(), &mut bytes).unwrap();
    assert_eq!(wire::decode::<Offsets>(&bytes[..length]).unwrap(), berlin());
}

fn quiet(ranges: &[(u16, u16)]) -> QuietHours {
    QuietHours::new(ranges.iter().map(|&(from_minute, to_minute)| MinuteRange { from_minute, to_minute })).unwrap()
}

#[test]
fn quiet_hours_run_over_midnight_and_join_where_they_touch() {
    let hanoi = Offsets::fixed(7 * 3600);
    // 21:30-04:30 and, touching it, 04:30-05:00; noon apart.
    let hours = quiet(&[(1290, 270), (270, 300), (690, 780)]);
    let midnight = utc("2026-01-01", 17, 0);
    assert!(hours.contains(midnight, &hanoi));
    assert_eq!(hours.next_end(midnight, &hanoi), Some(utc("2026-01-01", 22, 0)), "05:00, not 04:30");
    assert_eq!(hours.next_start(midnight, &hanoi), Some(utc("2026-01-02", 4, 30)), "11:30");
    assert!(!hours.contains(utc("2026-01-01", 22, 0), &hanoi), "the end is not quiet");
    assert!(hours.contains(utc("2026-01-01", 14, 30), &hanoi), "the beginning is");
}

#[test]
fn quiet_begins_and_ends_with_the_clock_when_it_jumps() {
    // 02:00-03:00 does not exist on this night; 02:30-04:00 begins at 03:00.
    assert_eq!(quiet(&[(150, 240)]).next_start(utc("2026-03-29", 0, 0), &berlin()), Some(utc("2026-03-29", 1, 0)),);
    // In the fold 02:00-02:30 is quiet twice.
    let twice = quiet(&[(120, 150)]);
    let first_end = twice.next_end(utc("2026-10-24", 23, 0), &berlin()).unwrap();
    assert_eq!(first_end, utc("2026-10-25", 0, 30));
    assert_eq!(twice.next_start(first_end, &berlin()), Some(utc("2026-10-25", 1, 0)));
}

#[test]
fn quiet_hours_that_are_never_or_always_in_force_have_no_turn() {
    let always = quiet(&[(0, 720), (720, 0)]);
    assert!(always.contains(UtcMs(0), &berlin()));
    assert_eq!(always.next_end(UtcMs(0), &berlin()), None);
    assert_eq!(QuietHours::NONE.next_start(UtcMs(0), &berlin()), None);
    assert_eq!(always.next_start(UtcMs(i64::MAX), &berlin()), None);
    let range = |from_minute, to_minute| QuietHours::new([MinuteRange { from_minute, to_minute }]);
    assert_eq!(range(60, 60), Err(QuietError::Ambiguous(60)));
    assert_eq!(range(60, 1440), Err(QuietError::NoSuchMinute(1440)));
    assert!(wire::decode::<QuietHours>(&[0x81, 0x82, 0x18, 60, 0x18, 60]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn quiet_turns_where_a_watcher_of_the_clock_sees_it_turn(
        ranges in prop::collection::vec((0u16..48, 1u16..48), 0..=4),
        start_minute in 0i64..1_000_000,
        jump in (0i64..2000, -30_000i32..30_000),
    ) {
        let ranges = ranges.iter().map(|&(from, length)| (from * 30, (from + length) % 48 * 30));
        let hours = quiet(&ranges.filter(|(from, to)| from != to).collect::<std::vec::Vec<_>>());
        let start = UtcMs(start_minute * 60_000);
        let jump = OffsetChange { at: start.plus_ms(jump.0 * 60_000), offset_s: jump.1 / 60 * 60 };
        let offsets = Offsets::new(0, [jump]).unwrap();
        let turn = |into_quiet: bool| {
            (1..4000).map(|minute| start.plus_ms(minute * 60_000)).find(|&at| {
                hours.contains(at, &offsets) == into_quiet && hours.contains(at.plus_ms(-1), &offsets) != into_quiet
            })
        };
        prop_assert_eq!(hours.next_start(start, &offsets), turn(true));
        prop_assert_eq!(hours.next_end(start, &offsets), turn(false));
    }

    #[test]
    fn every_wall_time_maps_to_instants_that_show_it(minute in 0i64..525_600) {
        let offsets = berlin();
        let local = LocalTime::from_seconds(utc("2026-01-01", 0, 0).seconds() + minute * 60);
        match offsets.to_utc(local) {
            Mapping::Once(at) => prop_assert_eq!(offsets.to_local(at), local),
            Mapping::Fold { first, second } => {
                prop_assert!(first < second);
                prop_assert_eq!((offsets.to_local(first), offsets.to_local(second)), (local, local));
            }
            Mapping::Gap(at) => {
                prop_assert!(offsets.to_local(at) > local && offsets.to_local(at.plus_ms(-1)) < local);
            }
        }
    }
}

extern crate std;
