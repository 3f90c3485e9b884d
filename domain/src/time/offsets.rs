//! From UTC to the wall clock and back, by a short table of offset changes.
//! Decides what a wall time means that a clock change skipped (gap) or showed twice (fold), and which tables
//! are refused. Does not know zone names: the desk works the table out for a release's life, the player only
//! reads it. Next: `time/quiet.rs`; users: `timetable/recur.rs`.

use super::{LocalTime, UtcMs};
use crate::wire::{Decode, Encode, Fields, List, Reader};
use core::fmt;

/// Changes a table holds at most: eight years of two changes each, far beyond a release's life.
pub const MAX_CHANGES: usize = 16;

/// Offsets are less than a day either way; the most seen in the zone database is 15:56 (Manila before 1844).
const MAX_OFFSET_S: i32 = 86_400;

/// From `at` on, the wall clock shows UTC plus `offset_s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OffsetChange {
    /// The first instant of the new offset, a whole second.
    #[n(0)]
    pub at: UtcMs,
    /// Seconds east of UTC.
    #[n(1)]
    pub offset_s: i32,
}

/// The offsets of one place for a span of time: a first one, then up to [`MAX_CHANGES`] changes in order.
/// Before the first change the first offset holds for ever back, after the last change the last one for ever on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub struct Offsets {
    #[n(0)]
    first_s: i32,
    #[n(1)]
    changes: List<OffsetChange, MAX_CHANGES>,
}

/// Why a table of offsets is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetsError {
    /// More than [`MAX_CHANGES`] changes.
    TooMany,
    /// The changes are not strictly later one after the other.
    OutOfOrder,
    /// A change is not on a whole second.
    SplitSecond,
    /// An offset of a day or more.
    TooFar,
}

impl fmt::Display for OffsetsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OffsetsError::TooMany => "more changes of the UTC offset than the table holds",
            OffsetsError::OutOfOrder => "changes of the UTC offset are not in order of time",
            OffsetsError::SplitSecond => "a change of the UTC offset is not on a whole second",
            OffsetsError::TooFar => "a UTC offset of a day or more",
        })
    }
}

impl core::error::Error for OffsetsError {}

/// The instants at which a wall clock shows one given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Exactly one.
    Once(UtcMs),
    /// None: the clock jumped over it at this instant, the first one after the gap.
    Gap(UtcMs),
    /// Two: the clock was set back between them.
    Fold {
        /// The earlier one.
        first: UtcMs,
        /// The later one.
        second: UtcMs,
    },
}

/// A span of UTC with one offset, for rules that walk over the changes themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First second of it (UTC, since 1970); `i64::MIN` if it has no beginning.
    pub from_s: i64,
    /// First second after it; `i64::MAX` if it has no end.
    pub until_s: i64,
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// The furthest the wall clock had come before this piece (exclusive); `i64::MIN` for the first one.
    /// Below the piece's own beginning: a gap. Above it: a fold.
    pub reached_s: i64,
}

impl Piece {
    /// What the wall clock shows at a second of UTC inside the piece, not held inside the calendar.
    pub const fn local_s(&self, utc_s: i64) -> i64 {
        utc_s.saturating_add(self.offset_s as i64)
    }

    /// The second of UTC at which the wall clock shows `local_s`, if that lies in the piece.
    pub fn utc_s(&self, local_s: i64) -> Option<i64> {
        let utc_s = local_s.saturating_sub(i64::from(self.offset_s));
        (self.from_s <= utc_s && utc_s < self.until_s).then_some(utc_s)
    }
}

impl Offsets {
    /// A table from a first offset and its changes; see [`OffsetsError`] for what is refused.
    pub fn new(first_s: i32, changes: impl IntoIterator<Item = OffsetChange>) -> Result<Self, OffsetsError> {
        let changes = List::collect(changes).map_err(|_| OffsetsError::TooMany)?;
        let offsets = Offsets { first_s, changes };
        offsets.check()?;
        Ok(offsets)
    }

    /// One offset for ever, e.g. 25,200 for Việt Nam. Held to less than a day either way.
    pub fn fixed(offset_s: i32) -> Self {
        Offsets { first_s: offset_s.clamp(1 - MAX_OFFSET_S, MAX_OFFSET_S - 1), changes: List::new() }
    }

    fn check(&self) -> Result<(), OffsetsError> {
        let Self { first_s, changes } = self;
        let too_far = |offset_s: i32| offset_s <= -MAX_OFFSET_S || offset_s >= MAX_OFFSET_S;
        if too_far(*first_s) || changes.iter().any(|change| too_far(change.offset_s)) {
            return Err(OffsetsError::TooFar);
        }
        if changes.iter().any(|change| change.at.0 % 1000 != 0) {
            return Err(OffsetsError::SplitSecond);
        }
        if changes.windows(2).any(|pair| pair[0].at >= pair[1].at) {
            return Err(OffsetsError::OutOfOrder);
        }
        Ok(())
    }

    /// The changes, earliest first.
    pub fn changes(&self) -> &[OffsetChange] {
        &self.changes
    }

    /// Seconds east of UTC at an instant.
    pub fn offset_at(&self, at: UtcMs) -> i32 {
        let passed = self.changes.partition_point(|change| change.at <= at);
        passed.checked_sub(1).map_or(self.first_s, |last| self.changes[last].offset_s)
    }

    /// What the wall clock shows at an instant (whole seconds, rounded down).
    pub fn to_local(&self, at: UtcMs) -> LocalTime {
        LocalTime::from_seconds(at.seconds().saturating_add(i64::from(self.offset_at(at))))
    }

    /// When the wall clock shows `local`.
    pub fn to_utc(&self, local: LocalTime) -> Mapping {
        let local_s = local.seconds();
        let mut showing = self.pieces().filter_map(|piece| piece.utc_s(local_s)).map(UtcMs::from_seconds);
        match (showing.next(), showing.next()) {
            (Some(first), Some(second)) => Mapping::Fold { first, second },
            (Some(only), None) => Mapping::Once(only),
            // No piece shows it, so the clock jumped over it: some piece begins beyond it.
            _ => Mapping::Gap(
                self.pieces()
                    .find(|piece| piece.from_s != i64::MIN && piece.local_s(piece.from_s) > local_s)
                    .map_or(UtcMs(i64::MAX), |piece| UtcMs::from_seconds(piece.from_s)),
            ),
        }
    }

    /// The spans of one offset, earliest first.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = Piece> + '_ {
        (0..self.count()).map(|index| self.piece(index))
    }

    /// How many spans there are: one more than there are changes.
    pub(crate) fn count(&self) -> usize {
        self.changes.len() + 1
    }

    /// One of the spans.
    pub(crate) fn piece(&self, index: usize) -> Piece {
        let mut piece = Piece { from_s: i64::MIN, until_s: i64::MAX, offset_s: self.first_s, reached_s: i64::MIN };
        for (number, change) in self.changes.iter().enumerate() {
            let at_s = change.at.seconds();
            if number == index {
                piece.until_s = at_s;
                break;
            }
            let reached_s = at_s.saturating_add(i64::from(piece.offset_s)).max(piece.reached_s);
            piece = Piece { from_s: at_s, until_s: i64::MAX, offset_s: change.offset_s, reached_s };
        }
        piece
    }
}

impl<'b> Decode<'b> for Offsets {
    fn blank() -> Self {
        Self::fixed(0)
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        let mut fields = Fields::of(from);
        fields.read(0, &mut self.first_s);
        fields.read(1, &mut self.changes);
        fields.end();
        if self.check().is_err() {
            from.fail();
        }
    }
}
