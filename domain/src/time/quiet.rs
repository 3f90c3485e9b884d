//! Quiet hours: when a player keeps silent unless an emergency speaks.
//! Decides whether an instant is quiet and when quiet next begins and ends, on the wall clock of the place.
//! Does not decide who may break it (that is `play`). Next: `timetable/recur.rs`.

use super::{DAY_S, Offsets, Soonest, UtcMs};
use crate::wire::{Decode, Encode, Full, List, Reader};
use core::fmt;

/// Ranges a player holds at most: night, noon, and two to spare.
pub const MAX_QUIET_RANGES: usize = 4;

const DAY_MINUTES: u16 = 1440;
const DAY_MS: i64 = DAY_S * 1000;

/// From one minute of the day (inclusive) to another (exclusive), both 0–1439 on the wall clock.
/// A range whose end comes before its beginning runs over midnight: 21:30–04:30 is (1290, 270).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct MinuteRange {
    /// First quiet minute.
    #[n(0)]
    pub from_minute: u16,
    /// First minute no longer quiet.
    #[n(1)]
    pub to_minute: u16,
}

impl MinuteRange {
    fn contains(self, minute: u16) -> bool {
        if self.from_minute < self.to_minute {
            (self.from_minute..self.to_minute).contains(&minute)
        } else {
            minute >= self.from_minute || minute < self.to_minute
        }
    }
}

/// The quiet hours of one player.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
#[cbor(transparent)]
pub struct QuietHours(#[n(0)] List<MinuteRange, MAX_QUIET_RANGES>);

/// Why quiet hours are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuietError {
    /// More than [`MAX_QUIET_RANGES`] ranges.
    TooMany,
    /// A minute above 1439.
    NoSuchMinute(u16),
    /// A range that ends where it begins: it could mean nothing or the whole day, so it is not guessed at.
    Ambiguous(u16),
}

impl fmt::Display for QuietError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuietError::TooMany => write!(f, "more than {MAX_QUIET_RANGES} ranges of quiet hours"),
            QuietError::NoSuchMinute(minute) => write!(f, "a day has no minute {minute}"),
            QuietError::Ambiguous(minute) => {
                write!(f, "quiet hours from {0:02}:{1:02} to {0:02}:{1:02}", minute / 60, minute % 60)
            }
        }
    }
}

impl core::error::Error for QuietError {}

impl QuietHours {
    /// No quiet hours at all.
    pub const NONE: QuietHours = QuietHours(List::new());

    /// Quiet hours from ranges; they may overlap.
    pub fn new(ranges: impl IntoIterator<Item = MinuteRange>) -> Result<Self, QuietError> {
        let ranges = List::collect(ranges).map_err(|Full { .. }| QuietError::TooMany)?;
        check(&ranges)?;
        Ok(QuietHours(ranges))
    }

    /// The ranges as given.
    pub fn ranges(&self) -> &[MinuteRange] {
        &self.0
    }

    /// Whether the place is quiet at an instant.
    pub fn contains(&self, at: UtcMs, offsets: &Offsets) -> bool {
        let minute = (offsets.to_local(at).second_of_day() / 60) as u16;
        self.0.iter().any(|range| range.contains(minute))
    }

    /// The next instant after `after` at which quiet begins. `None` if it never does: no ranges, or ranges that
    /// cover the whole day.
    pub fn next_start(&self, after: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        self.next_turn(after, offsets, true)
    }

    /// The next instant after `after` at which quiet ends. `None` if it never does.
    pub fn next_end(&self, after: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        self.next_turn(after, offsets, false)
    }

    fn next_turn(&self, after: UtcMs, offsets: &Offsets, into_quiet: bool) -> Option<UtcMs> {
        let mut at = after;
        // Two days of boundaries between any two changes of offset: more cannot pass without a turn.
        for _ in 0..(2 * 2 * MAX_QUIET_RANGES + 2) * (super::MAX_CHANGES + 1) {
            at = self.next_boundary(at, offsets)?;
            let before = self.contains(at.plus_ms(-1), offsets);
            if self.contains(at, offsets) == into_quiet && before != into_quiet {
                return Some(at);
            }
        }
        None
    }

    /// The next instant at which quiet could begin or end: a boundary of a range, or a change of the clock.
    fn next_boundary(&self, after: UtcMs, offsets: &Offsets) -> Option<UtcMs> {
        let local_ms = after.0.saturating_add(i64::from(offsets.offset_at(after)) * 1000).rem_euclid(DAY_MS);
        let wait_ms = |minute: u16| match (i64::from(minute) * 60_000 - local_ms).rem_euclid(DAY_MS) {
            0 => DAY_MS,
            wait_ms => wait_ms,
        };
        let mut boundary = Soonest::new();
        for range in &self.0 {
            boundary.at(wait_ms(range.from_minute));
            boundary.at(wait_ms(range.to_minute));
        }
        let at = after.plus_ms(boundary.get()?);
        let change = offsets.changes().iter().map(|change| change.at).find(|&change| change > after);
        let next = change.map_or(at, |change| change.min(at));
        (next > after).then_some(next)
    }
}

fn check(ranges: &[MinuteRange]) -> Result<(), QuietError> {
    for range in ranges {
        let last = range.from_minute.max(range.to_minute);
        if last >= DAY_MINUTES {
            return Err(QuietError::NoSuchMinute(last));
        }
        if range.from_minute == range.to_minute {
            return Err(QuietError::Ambiguous(range.from_minute));
        }
    }
    Ok(())
}

impl<'b> Decode<'b> for QuietHours {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        self.0.read(from);
        if check(&self.0).is_err() {
            from.fail();
        }
    }
}
