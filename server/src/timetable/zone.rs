//! A zone name to the table of offset changes that travels to a player. The only file that names `chrono_tz`.
//! Decides which names are known and what is suggested for one that is not. Does not decide for how long a table
//! is made: the caller gives the window (a release's life). Next: `sentence.rs`.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use loa_domain::time::{OffsetChange, Offsets, OffsetsError, UtcMs};
use std::fmt;

/// How far apart the offset is looked at. Measured over all zones, hour by hour from 1970 to 2098: no two changes
/// of one zone come within a week of each other. A test looks every ten minutes in the five oddest zones.
const LOOK_EVERY_S: i64 = 6 * 3600;

/// The longest window: a table holds 16 changes, so a zone with two a year fits eight years.
const LONGEST_WINDOW_S: i64 = 20 * 366 * 86_400;

/// A zone name, or a window of it, that cannot be turned into offsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneError {
    /// Not an IANA name.
    Unknown {
        /// As given.
        name: String,
        /// Up to three known names, the likeliest first.
        nearest: Vec<&'static str>,
    },
    /// The window ends before it begins, is longer than 20 years, or reaches outside the calendar.
    Window,
    /// The zone changes more often in the window than a table can hold.
    Changes(OffsetsError),
}

/// An instant as other libraries write it.
#[must_use]
pub fn date_time(at: UtcMs) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ZoneError::Unknown { name, nearest } if nearest.is_empty() => {
                write!(f, "no time zone is called {name:?}")
            }
            ZoneError::Unknown { name, nearest } => {
                write!(f, "no time zone is called {name:?}; perhaps {}", nearest.join(", "))
            }
            ZoneError::Window => write!(f, "a window for time zone offsets that ends before it begins or is too long"),
            ZoneError::Changes(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ZoneError {}

/// What people write for Việt Nam instead of the IANA name.
const VIETNAM: [&str; 12] = [
    "hanoi",
    "ha noi",
    "hà nội",
    "saigon",
    "asia/hanoi",
    "vietnam",
    "việt nam",
    "viet nam",
    "vn",
    "ict",
    "se asia standard time",
    "+7",
];

/// Whether `name` is an IANA zone name.
pub fn check(name: &str) -> Result<(), ZoneError> {
    find(name).map(|_| ())
}

/// The offsets of an IANA zone from `from` (inclusive) to `until` (exclusive). Outside the window the first and
/// the last offset go on, so the window must hold all instants that will be asked about.
pub fn offsets(name: &str, from: UtcMs, until: UtcMs) -> Result<Offsets, ZoneError> {
    let zone = find(name)?;
    let (from_s, until_s) = (from.seconds(), until.plus_ms(-1).seconds());
    if until <= from || until_s - from_s > LONGEST_WINDOW_S {
        return Err(ZoneError::Window);
    }
    let offset_s = |second: i64| offset_at(zone, second).ok_or(ZoneError::Window);
    let first_s = offset_s(from_s)?;
    let mut changes = Vec::new();
    let (mut seen_s, mut seen_offset_s) = (from_s, first_s);
    while seen_s < until_s {
        let look_s = (seen_s + LOOK_EVERY_S).min(until_s);
        let look_offset_s = offset_s(look_s)?;
        if look_offset_s != seen_offset_s {
            // The first second of the new offset lies after `before` and not after `at`.
            let (mut before, mut at) = (seen_s, look_s);
            while at - before > 1 {
                let middle = before + (at - before) / 2;
                if offset_s(middle)? == seen_offset_s { before = middle } else { at = middle }
            }
            changes.push(OffsetChange { at: UtcMs::from_seconds(at), offset_s: look_offset_s });
        }
        (seen_s, seen_offset_s) = (look_s, look_offset_s);
    }
    Offsets::new(first_s, changes).map_err(ZoneError::Changes)
}

fn offset_at(zone: Tz, second: i64) -> Option<i32> {
    let at = DateTime::from_timestamp(second, 0)?;
    Some(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc())
}

fn find(name: &str) -> Result<Tz, ZoneError> {
    name.parse().map_err(|_| ZoneError::Unknown { name: name.to_owned(), nearest: nearest(name) })
}

fn nearest(name: &str) -> Vec<&'static str> {
    let wanted = name.trim().to_lowercase();
    let offset = wanted.trim_start_matches("utc").trim_start_matches("gmt");
    if VIETNAM.contains(&wanted.as_str()) || matches!(offset, "+7" | "+07" | "+07:00" | "+0700") {
        return vec![Tz::Asia__Ho_Chi_Minh.name()];
    }
    // Names are short; anything far longer is not one, and comparing it would cost its length 600 times over.
    if wanted.is_empty() || wanted.len() > 64 {
        return Vec::new();
    }
    let wanted = wanted.replace(' ', "_");
    let distance = |zone: &Tz| {
        let known = zone.name().to_lowercase();
        let city = known.rsplit('/').next().unwrap_or(&known);
        edits(&wanted, &known).min(edits(&wanted, city))
    };
    let mut names: Vec<(usize, &'static str)> = TZ_VARIANTS.iter().map(|zone| (distance(zone), zone.name())).collect();
    names.sort_unstable();
    let bearable = 1 + wanted.chars().count() / 4;
    names.into_iter().filter(|(edits, _)| *edits <= bearable).take(3).map(|(_, name)| name).collect()
}

/// How many letters must be changed, added or left out to turn one word into the other (Levenshtein).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut corner = above;
        row[0] = above + 1;
        for (place, other) in to.iter().enumerate() {
            let change = corner + usize::from(letter != *other);
            corner = row[place + 1];
            row[place + 1] = change.min(row[place] + 1).min(corner + 1);
        }
    }
    row[to.len()]
}

/// An instant in a zone as the libraries know it, to compare their firings with ours.
#[cfg(test)]
pub(super) fn in_zone(name: &str, at: UtcMs) -> DateTime<Tz> {
    let zone: Tz = name.parse().expect("a known zone");
    zone.from_utc_datetime(&DateTime::from_timestamp_millis(at.0).expect("in the calendar").naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_domain::time::LocalDate;

    fn utc(text: &str) -> UtcMs {
        UtcMs::from_seconds(i64::from(LocalDate::parse(text).unwrap().0) * 86_400)
    }

    #[test]
    fn vietnam_keeps_one_offset() {
        let table = offsets("Asia/Ho_Chi_Minh", utc("2026-01-01"), utc("2034-01-01")).unwrap();
        assert_eq!(table, Offsets::fixed(7 * 3600));
    }

    #[test]
    fn berlin_changes_at_01_utc_twice_a_year() {
        let table = offsets("Europe/Berlin", utc("2026-01-01"), utc("2027-01-01")).unwrap();
        let change = |text, offset_s| OffsetChange { at: utc(text).plus_ms(3_600_000), offset_s };
        assert_eq!(table, Offsets::new(3600, [change("2026-03-29", 7200), change("2026-10-25", 3600)]).unwrap());
    }

    #[test]
    fn a_window_holds_the_change_it_begins_with_and_not_the_one_it_ends_before() {
        let jump = utc("2026-03-29").plus_ms(3_600_000);
        assert_eq!(offsets("Europe/Berlin", jump, jump.plus_ms(1)).unwrap(), Offsets::fixed(7200));
        assert_eq!(offsets("Europe/Berlin", jump.plus_ms(-1000), jump).unwrap(), Offsets::fixed(3600));
        assert_eq!(offsets("Europe/Berlin", jump.plus_ms(-1000), jump.plus_ms(1)).unwrap().changes().len(), 1);
    }

    #[test]
    fn a_window_that_cannot_be_tabled_is_refused() {
        let (from, until) = (utc("2026-01-01"), utc("2036-01-01"));
        assert_eq!(offsets("Europe/Berlin", from, until), Err(ZoneError::Changes(OffsetsError::TooMany)));
        assert_eq!(offsets("Europe/Berlin", from, from), Err(ZoneError::Window));
        assert_eq!(offsets("Europe/Berlin", from, UtcMs(i64::MAX)), Err(ZoneError::Window));
        assert_eq!(offsets("UTC", UtcMs(i64::MIN), UtcMs(i64::MAX)), Err(ZoneError::Window));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_likeliest() {
        for (name, expected) in [
            ("Asia/Ho_Chi_Min", "Asia/Ho_Chi_Minh"),
            ("asia/ho chi minh", "Asia/Ho_Chi_Minh"),
            ("Hanoi", "Asia/Ho_Chi_Minh"),
            ("UTC+7", "Asia/Ho_Chi_Minh"),
            ("Việt Nam", "Asia/Ho_Chi_Minh"),
            ("berlin", "Europe/Berlin"),
            ("Asia/Vientiene", "Asia/Vientiane"),
        ] {
            let Err(ZoneError::Unknown { nearest, .. }) = check(name) else { panic!("{name}") };
            assert_eq!(nearest.first(), Some(&expected), "{name}: {nearest:?}");
        }
        let Err(ZoneError::Unknown { nearest, .. }) = check("0123456789") else { panic!() };
        assert_eq!(nearest, Vec::<&str>::new());
        assert_eq!(nearest_of_long_name(), Vec::<&str>::new());
    }

    fn nearest_of_long_name() -> Vec<&'static str> {
        nearest(&"Asia/".repeat(10_000))
    }

    #[test]
    fn no_zone_changes_so_often_that_looking_every_six_hours_misses_it() {
        for name in ["Africa/Casablanca", "Pacific/Apia", "Australia/Lord_Howe", "America/St_Johns", "Asia/Gaza"] {
            let zone: Tz = name.parse().unwrap();
            for year in (1971..2040).step_by(3) {
                let day = |year: i32| LocalDate::new(year, 1, 1).unwrap();
                let at = |year| UtcMs::from_seconds(i64::from(day(year).0) * 86_400);
                let table = offsets(name, at(year), at(year + 3)).unwrap();
                for second in (at(year).seconds()..at(year + 3).seconds()).step_by(600) {
                    let at = UtcMs::from_seconds(second);
                    assert_eq!(Some(table.offset_at(at)), offset_at(zone, second), "{name} {at}");
                }
            }
        }
    }
}
