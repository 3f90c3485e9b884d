//! Our firings against those of the `cron` crate and of `croner`, in zones with unusual clocks.
//! Decides which differences are meant: every one found must belong to a named class, the classes are those of
//! docs/cron.md, and each is shown by an example below. Next: `tests.rs`, what a line means at all.

use super::*;
use crate::timetable::zone;
use croner::parser::{CronParser, Seconds, Year};
use loa_domain::time::{LocalDate, LocalTime, Offsets, UtcMs};
use proptest::prelude::*;
use std::collections::BTreeSet;

const DAY_MS: i64 = 86_400_000;

/// Why one of the libraries fires where we do not, or the other way about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// We fire a time that a gap skipped, at its end; the library drops it.
    CarriedOverGap,
    /// The library fires a named hour again when the clock shows it again; we do not.
    SecondPass,
}

/// A line in a zone between two instants, each at least three days from any change of the clock.
struct Case<'a> {
    text: &'a str,
    zone: &'a str,
    from: UtcMs,
    until: UtcMs,
    offsets: Offsets,
}

impl<'a> Case<'a> {
    fn new(text: &'a str, zone: &'a str, from: UtcMs, until: UtcMs) -> Option<Self> {
        let offsets = zone::offsets(zone, from.plus_ms(-3 * DAY_MS), until.plus_ms(3 * DAY_MS)).ok()?;
        let quiet = from.plus_ms(3 * DAY_MS)..until.plus_ms(-3 * DAY_MS);
        let calm = offsets.changes().iter().all(|change| quiet.contains(&change.at));
        calm.then_some(Case { text, zone, from, until, offsets })
    }

    fn ours(&self) -> BTreeSet<i64> {
        let line = parse(self.text).unwrap_or_else(|error| panic!("{}: {error}", self.text));
        let next = |at: &UtcMs| line.next_after(*at, &self.offsets).filter(|at| *at < self.until);
        std::iter::successors(next(&self.from), next).map(UtcMs::seconds).collect()
    }

    fn crates(&self) -> BTreeSet<i64> {
        let from = zone::in_zone(self.zone, self.from);
        let until_s = self.until.seconds();
        let schedules = library_schedules(self.text);
        let firings = schedules
            .iter()
            .flat_map(|schedule| schedule.after(&from).map(|at| at.timestamp()).take_while(|at| *at < until_s));
        firings.collect()
    }

    /// `croner` and whether it gave up before the end of the window, and where.
    fn croners(&self) -> (BTreeSet<i64>, bool) {
        let cron = croner_of(self.text);
        let mut at = zone::in_zone(self.zone, self.from);
        let mut firings = BTreeSet::new();
        loop {
            match cron.find_next_occurrence(&at, false) {
                Ok(next) if next.timestamp() < self.until.seconds() => {
                    assert!(next > at, "{}: croner went back in time", self.text);
                    firings.insert(next.timestamp());
                    at = next;
                }
                Ok(_) => return (firings, false),
                Err(_) => return (firings, true),
            }
        }
    }

    /// The class a difference at `at_s` belongs to, if there is one.
    fn class(&self, at_s: i64, ours: bool) -> Option<Difference> {
        let line = parse(self.text).ok()?;
        if line.is_every_hour() {
            return None;
        }
        let piece = self.offsets.pieces().find(|piece| piece.from_s <= at_s && at_s < piece.until_s)?;
        let shown_before = piece.reached_s != i64::MIN && piece.local_s(at_s) < piece.reached_s;
        let gap = piece.from_s == at_s && piece.reached_s < piece.local_s(at_s);
        match ours {
            true if gap => Some(Difference::CarriedOverGap),
            false if shown_before => Some(Difference::SecondPass),
            _ => None,
        }
    }

    /// The classes of all differences between our firings and theirs up to `until_s`; an unknown one panics.
    fn differences(&self, theirs: &BTreeSet<i64>, until_s: i64) -> BTreeSet<Difference> {
        let ours: BTreeSet<i64> = self.ours().into_iter().filter(|at| *at < until_s).collect();
        let class = |at: &i64| {
            let instant = UtcMs::from_seconds(*at);
            let local = self.offsets.to_local(instant);
            self.class(*at, ours.contains(at)).unwrap_or_else(|| {
                let whose = if ours.contains(at) { "ours alone" } else { "theirs alone" };
                panic!("{} in {}: {instant} (there {local}) is {whose}", self.text, self.zone)
            })
        };
        ours.symmetric_difference(theirs).map(class).collect()
    }
}

/// Croner's POSIX mode, told to AND the day fields where Vixie cron does: it knows only a bare `*` as a star.
fn croner_of(text: &str) -> croner::Cron {
    let fields = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let both = fields[3].starts_with_star || fields[5].starts_with_star;
    let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).dom_and_dow(both).build();
    parser.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Whether croner takes the line for a single time of day, which it carries over gaps and does not repeat.
fn is_single_time(text: &str) -> bool {
    matches!(croner_of(text).determine_job_type(), croner::JobType::FixedTime)
}

/// Compares all three and answers the classes met: the crate's, then croner's.
fn compare(case: &Case<'_>) -> (BTreeSet<Difference>, BTreeSet<Difference>) {
    let until_s = case.until.seconds();
    let crates = case.differences(&case.crates(), until_s);
    let (croners, gave_up) = case.croners();
    if gave_up {
        let abolished = |piece: &loa_domain::time::Piece| {
            piece.reached_s != i64::MIN && piece.local_s(piece.from_s) - piece.reached_s > 7200
        };
        assert!(
            is_single_time(case.text) && case.offsets.pieces().any(|piece| abolished(&piece)),
            "{} in {}: croner gave up for no known reason",
            case.text,
            case.zone
        );
    }
    let compared_s = if gave_up { croners.last().map_or(case.from.seconds(), |last| last + 1) } else { until_s };
    let croners = case.differences(&croners, compared_s);
    assert!(croners.is_empty() || !is_single_time(case.text), "{} in {}: {croners:?}", case.text, case.zone);
    (crates, croners)
}

fn utc(text: &str) -> UtcMs {
    UtcMs(i64::from(LocalDate::parse(text).unwrap().0) * DAY_MS)
}

/// The wall times on one date at which each of the three fires: ours, the crate's, croner's.
fn on_date(text: &str, zone: &str, date: &str) -> [String; 3] {
    let (from, until) = (utc(date).plus_ms(-5 * DAY_MS), utc(date).plus_ms(6 * DAY_MS));
    let case = Case::new(text, zone, from, until).unwrap();
    compare(&case);
    let told = |firings: BTreeSet<i64>| {
        let local = |at: i64| case.offsets.to_local(UtcMs::from_seconds(at));
        let there = firings.into_iter().map(local).filter(|local| local.date().to_string() == date);
        let time = |local: LocalTime| local.to_string()[11..16].to_owned();
        there.map(time).collect::<Vec<_>>().join(" ")
    };
    [told(case.ours()), told(case.crates()), told(case.croners().0)]
}

/// The table of docs/cron.md: line | zone | date | ours | the crate | croner.
const EXAMPLES: &str = "\
30 2 * * * | Europe/Berlin | 2026-03-29 | 03:00 |  | 03:00
30 2,14 * * * | Europe/Berlin | 2026-03-29 | 03:00 14:30 | 14:30 | 14:30
0,30 2 * * * | Europe/Berlin | 2026-03-29 | 03:00 |  | 
0 2,3 * * * | Europe/Berlin | 2026-03-29 | 03:00 | 03:00 | 03:00
30 2 * * * | Europe/Berlin | 2026-10-25 | 02:30 | 02:30 02:30 | 02:30
*/30 2 * * * | Europe/Berlin | 2026-10-25 | 02:00 02:30 | 02:00 02:30 02:00 02:30 | 02:00 02:30 02:00 02:30
0 1-4 * * * | Europe/Berlin | 2026-10-25 | 01:00 02:00 03:00 04:00 | 01:00 02:00 02:00 03:00 04:00 | 01:00 02:00 02:00 03:00 04:00
10 2 * * * | Australia/Lord_Howe | 2026-10-04 | 02:30 |  | 02:30
45 1 * * * | Australia/Lord_Howe | 2026-04-05 | 01:45 | 01:45 01:45 | 01:45
0 0 * * * | America/St_Johns | 2006-10-29 | 00:00 | 00:00 00:00 | 00:00
30 23 * * * | America/St_Johns | 2006-10-28 | 23:30 | 23:30 23:30 | 23:30
0 8,20 * * * | Pacific/Apia | 2011-12-31 | 08:00 20:00 | 08:00 20:00 | 08:00 20:00
0 8 * * * | Pacific/Apia | 2011-12-31 | 08:00 | 08:00 | 
30 2 * * * | Africa/Casablanca | 2026-03-22 | 03:00 |  | 03:00
0 5 */2 * 1 | Asia/Ho_Chi_Minh | 2026-06-02 |  |  | 
0 5 1 * 1 | Asia/Ho_Chi_Minh | 2026-06-08 | 05:00 | 05:00 | 05:00";

#[test]
fn each_difference_is_the_one_in_the_table() {
    for line in EXAMPLES.lines() {
        let [text, zone, date, expected @ ..] = &line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        assert_eq!(on_date(text, zone, date)[..], *expected, "{line}");
    }
    let page = include_str!("../../../../docs/cron.md");
    for line in EXAMPLES.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let cells = cells.iter().map(|cell| if cell.is_empty() { "–" } else { cell });
        let row = cells.collect::<Vec<_>>().join(" | ").replacen(" |", "` |", 1);
        assert!(page.contains(&format!("| `{row} |")), "docs/cron.md lacks | `{row} |");
    }
}

/// Why the crate's own iterator is not what players run on.
#[test]
fn the_crate_goes_back_in_time_in_a_fold_and_we_do_not() {
    let line = "*/30 2 * * *";
    let from = utc("2026-10-24").plus_ms(12 * 3_600_000);
    let schedules = library_schedules(line);
    let theirs = schedules[0].after(&zone::in_zone("Europe/Berlin", from)).map(|at| at.timestamp());
    assert!(!theirs.take(4).is_sorted(), "02:00 02:00 02:30 02:30, each pair an hour apart");
    let offsets = zone::offsets("Europe/Berlin", from, from.plus_ms(10 * DAY_MS)).unwrap();
    let next = |at: &UtcMs| parse(line).unwrap().next_after(*at, &offsets);
    assert!(std::iter::successors(next(&from), next).take(8).is_sorted_by(|a, b| a < b));
}

#[test]
fn a_rhythm_for_every_hour_fires_alike_everywhere() {
    for (zone, date) in
        [("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("Australia/Lord_Howe", "2026-04-05")]
    {
        let (from, until) = (utc(date).plus_ms(-5 * DAY_MS), utc(date).plus_ms(6 * DAY_MS));
        let case = Case::new("*/20 * * * *", zone, from, until).unwrap();
        assert_eq!(compare(&case), (BTreeSet::new(), BTreeSet::new()), "{zone} {date}");
    }
}

const ZONES: [&str; 6] = [
    "Asia/Ho_Chi_Minh",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
];

/// One field as people write it; `to` counts for steps and ranges.
fn field(first: u32, last: u32, stars: u32) -> impl Strategy<Value = String> {
    let range = move |(a, b): (u32, u32)| format!("{}-{}", a.min(b), a.max(b));
    let one = first..=last;
    prop_oneof![
        stars => Just("*".to_owned()),
        4 => one.clone().prop_map(|number| number.to_string()),
        1 => (1..=last).prop_map(|step| format!("*/{step}")),
        2 => (one.clone(), one.clone()).prop_map(range),
        1 => (one.clone(), one.clone(), 1..=last).prop_map(move |(a, b, step)| format!("{}/{step}", range((a, b)))),
        1 => prop::collection::vec(one.clone(), 2..4)
            .prop_map(|list| list.iter().map(u32::to_string).collect::<Vec<_>>().join(",")),
        1 => (one.clone(), one.clone(), one).prop_map(move |(a, b, c)| format!("{},{c}", range((a, b)))),
    ]
}

prop_compose! {
    fn lines()(minute in field(0, 59, 1), hour in field(0, 23, 4), day in field(1, 31, 6),
               month in field(1, 12, 12), weekday in field(0, 7, 6), second in 0u32..120) -> String {
        let line = format!("{minute} {hour} {day} {month} {weekday}");
        if second < 60 { format!("{second} {line}") } else { line }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_difference_from_the_libraries_is_a_named_one(
        text in lines(), zone in prop::sample::select(&ZONES[..]), year in 1971i32..2099,
        day in 0i64..365, at_change in any::<bool>(), which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(parse(&text).is_ok());
        let january = UtcMs(i64::from(LocalDate::new(year, 1, 1).unwrap().0) * DAY_MS);
        let changes = zone::offsets(zone, january, january.plus_ms(365 * DAY_MS)).unwrap();
        let changes = changes.changes();
        let from = match changes.is_empty() || !at_change {
            true => january.plus_ms(day * DAY_MS),
            false => changes[which.index(changes.len())].at.plus_ms(-5 * DAY_MS),
        };
        // A dense line gets a short window.
        let line = parse(&text).unwrap();
        let a_day = line.minute.count_ones() * line.hour.count_ones();
        let days = if a_day > 24 { 11 } else { 40 };
        let case = Case::new(&text, zone, from, from.plus_ms(days * DAY_MS));
        prop_assume!(case.is_some());
        compare(&case.unwrap());
    }
}
