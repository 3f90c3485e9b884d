//! What bounds a record's time from below: whatever its player had already seen was there before.
//!
//! Two tracks, kept apart: times that witnesses signed, and the desk's own word. A point a minute is kept, 16 bytes each.
//! The bound from above is when the record was taken in, and the desk's word for that is held against the witnesses in
//! `desk.rs`. Next: `clocks.rs`.

use loa_domain::time::UtcMs;

use crate::finding::Bound;

/// How far apart the points of a track are kept, in milliseconds.
const APART_MS: i64 = 60_000;

/// Times at leaves, both rising.
#[derive(Debug, Default)]
struct Track(Vec<(u64, i64)>);

impl Track {
    fn add(&mut self, position: u64, at: UtcMs) {
        if self.0.last().is_none_or(|(_, last)| at.0 >= last.saturating_add(APART_MS)) {
            self.0.push((position, at.0));
        }
    }

    /// The newest point among the first `size` leaves.
    fn within(&self, size: u64) -> Option<UtcMs> {
        let behind = self.0.partition_point(|(position, _)| *position < size);
        self.0[..behind].last().map(|(_, at)| UtcMs(*at))
    }
}

/// Times along a log.
#[derive(Debug, Default)]
pub struct Times {
    witnessed: Track,
    desk: Track,
}

impl Times {
    /// The entry at `position` holds what witnesses signed at this time.
    pub fn witnessed(&mut self, position: u64, at: UtcMs) {
        self.witnessed.add(position, at);
    }

    /// The desk says that it wrote the entry at `position` at this time.
    pub fn desk(&mut self, position: u64, at: UtcMs) {
        self.desk.add(position, at);
    }

    /// Whoever saw `size` leaves did so later than these times.
    #[must_use]
    pub fn seen(&self, size: u64) -> [Option<(UtcMs, Bound)>; 2] {
        let of = |track: &Track, bound| track.within(size).map(|at| (at, bound));
        [of(&self.witnessed, Bound::Witnessed), of(&self.desk, Bound::Desk)]
    }

    /// The desk's time of the newest of the first `size` leaves, as far as it is kept.
    #[must_use]
    pub fn taken_in(&self, size: u64) -> Option<UtcMs> {
        self.desk.within(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_time_in_a_tree_that_was_seen_bounds_from_below() {
        let mut times = Times::default();
        for position in 0..10 {
            times.desk(position * 5, UtcMs(position as i64 * 40_000));
        }
        assert_eq!(times.seen(0), [None, None]);
        // Points are kept at 0 s, 80 s, 160 s: positions 0, 10, 20.
        assert_eq!(times.seen(11)[1], Some((UtcMs(80_000), Bound::Desk)));
        assert_eq!(times.seen(10)[1], Some((UtcMs(0), Bound::Desk)));
        times.witnessed(3, UtcMs(5));
        assert_eq!(times.seen(4)[0], Some((UtcMs(5), Bound::Witnessed)));
    }
}
