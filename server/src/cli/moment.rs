//! Times that people type, and the zones they are read in.
//!
//! A date or a date with a time is read on the wall clock of the player asked for, else of the desk's first player.
//! How times are written is `show.rs`.

use std::collections::HashMap;

use loa_domain::id::PlayerId;
use loa_domain::time::{LocalDate, LocalTime, Mapping, Offsets, UtcMs};
use loa_host::text::Words;

use super::Failure;
use crate::timetable::compile::PlayerEntry;
use crate::timetable::zone;

/// A day in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// The zone of a desk that has no player yet.
pub(crate) const HOME: &str = "Asia/Ho_Chi_Minh";

/// Wall clocks by player.
#[derive(Default)]
pub(crate) struct Clocks {
    zones: HashMap<PlayerId, String>,
    home: Option<String>,
    /// Offsets of a zone in a month or so, made when they are first asked for.
    tables: HashMap<(String, i64), Option<Offsets>>,
}

impl Clocks {
    /// The clocks of these players.
    pub(crate) fn of(players: &[PlayerEntry]) -> Self {
        let zones = players.iter().map(|entry| (entry.placement.player.clone(), entry.zone.clone())).collect();
        Self { zones, home: players.first().map(|entry| entry.zone.clone()), tables: HashMap::new() }
    }

    /// The zone of a player, or of the desk's first.
    pub(crate) fn zone(&self, player: Option<&PlayerId>) -> String {
        let own = player.and_then(|player| self.zones.get(player)).or(self.home.as_ref());
        own.cloned().unwrap_or_else(|| HOME.to_owned())
    }

    /// What a player's wall clock shows.
    pub(crate) fn local(&mut self, player: Option<&PlayerId>, at: UtcMs) -> LocalTime {
        let zone = self.zone(player);
        // A table per thirty days: one for all time holds no more changes than a player may be told.
        let span = at.0.div_euclid(30 * DAY_MS);
        let table = self.tables.entry((zone, span)).or_insert_with_key(|(zone, span)| {
            let from = UtcMs(span.saturating_mul(30 * DAY_MS));
            zone::offsets(zone, from, from.plus_ms(31 * DAY_MS)).ok()
        });
        table.as_ref().map_or_else(|| LocalTime::from_seconds(at.seconds()), |table| table.to_local(at))
    }
}

/// Whether a date alone means the beginning of the day or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// 00:00 of the day.
    First,
    /// 00:00 of the day after: the last day is included, as in timetables.
    Last,
}

/// Reads `2026-12-10`, `2026-12-10T19:00` or `2026-12-10T19:00:30` (a blank is as good as the T) in a zone.
///
/// # Errors
/// With a sentence that names the option.
pub(crate) fn read(option: &str, text: &str, zone_name: &str, edge: Edge, words: &Words) -> Result<UtcMs, Failure> {
    let bad = || {
        let expected = words.say("expected-moment");
        words.with("bad-value", &[("option", option), ("value", text), ("expected", &expected)])
    };
    let local = local(text, edge).ok_or_else(bad)?;
    let about = UtcMs::from_seconds(local.seconds());
    let table = zone::offsets(zone_name, about.plus_ms(-2 * DAY_MS), about.plus_ms(2 * DAY_MS)).map_err(|_| bad())?;
    Ok(match table.to_utc(local) {
        Mapping::Once(at) | Mapping::Gap(at) | Mapping::Fold { first: at, .. } => at,
    })
}

fn local(text: &str, edge: Edge) -> Option<LocalTime> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let date = LocalDate::parse(day).ok()?;
    let Some(time) = time else {
        return Some(LocalTime::new(if edge == Edge::Last { date.plus_days(1) } else { date }, 0));
    };
    let part = |text: &str, most: u32| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|number| digits && *number <= most)
    };
    let mut parts = time.split(':');
    let (hour, minute) = (part(parts.next()?, 23)?, part(parts.next()?, 59)?);
    let second = parts.next().map_or(Some(0), |text| part(text, 59))?;
    parts.next().is_none().then(|| LocalTime::new(date, hour * 3600 + minute * 60 + second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_host::text::Language;

    #[test]
    fn a_date_begins_or_ends_a_window_on_the_wall_clock_of_the_place() {
        let words = Words::new(Language::English);
        let read = |text, edge| read("--from", text, HOME, edge, &words).map(|at| at.to_string());
        assert_eq!(read("2026-12-10", Edge::First).unwrap(), "2026-12-09T17:00:00.000Z");
        assert_eq!(read("2026-12-10", Edge::Last).unwrap(), "2026-12-10T17:00:00.000Z");
        assert_eq!(read("2026-12-10 05:15", Edge::Last).unwrap(), "2026-12-09T22:15:00.000Z");
        for wrong in ["10/12/2026", "2026-02-29", "2026-12-10T5:15", "2026-12-10T25:00", "2026-12-10T05:15:00:00", ""] {
            assert!(read(wrong, Edge::First).unwrap_err().contains("--from"), "{wrong}");
        }
    }
}
