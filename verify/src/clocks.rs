//! The clocks of one chain: each record's wall clock against what bounds it, and against the monotonic clock.
//!
//! A record claims how wrong its clock may be; only what goes beyond is a finding. A clock that was wrong and that a step
//! on record put right is told, and is no finding: so a violation waits until the system start that it fell in is over.
//! Where the program of a player began anew within one system start, the clock may have stepped unseen in between.
//! Next: `chain.rs`.

use loa_domain::limits::STEP_MS;
use loa_domain::proof::record::{Body, ClockSource, Record, Stamp};
use loa_domain::time::UtcMs;

use crate::finding::{At, Bound, Finding, Wrong};
use crate::report::{Report, Told};

/// How far the desk's and the witnesses' own clocks may be off, in milliseconds: theirs are held to the second.
pub const ALLOWED_MS: i64 = 5_000;
/// How fast the wall clock may drift against the monotonic one, in parts per million: a crystal's 100, and the 500 by
/// which clocks are slewed, and as much again for a cold board.
const DRIFT_PPM: i64 = 1_000;
/// Violations of one system start that are kept one by one.
const KEPT: usize = 64;

/// What bounds a record's time: the desk took it in at `received`, and what its player had seen was there before.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// When it was taken in.
    pub received: UtcMs,
    /// Not before these.
    pub seen: [Option<(UtcMs, Bound)>; 2],
}

/// Violations since the last step of the clock, and by how much a step must move the clock to explain all of them.
#[derive(Debug)]
struct Doubt {
    kept: Vec<(At, Wrong)>,
    more: u64,
    least_ms: i64,
    most_ms: i64,
    stepped_ms: i64,
}

/// The clocks of a chain so far.
#[derive(Debug, Default)]
pub struct Clocks {
    last: Option<Stamp>,
    /// Where the wall clock stood against the monotonic one before it moved unexplained: it may come back.
    before: Option<i64>,
    doubts: Vec<Doubt>,
}

const fn offset(stamp: &Stamp) -> i64 {
    stamp.utc.0.saturating_sub(stamp.mono_ms as i64)
}

/// By how much the record breaks its bounds, and how far its clock would have to be moved: at least, at most.
fn broken(stamp: &Stamp, bounds: &Bounds) -> Option<(Wrong, i64, i64)> {
    if stamp.source == ClockSource::Unknown {
        return None;
    }
    let (utc, slack) = (stamp.utc.0, ALLOWED_MS + i64::from(stamp.error_ms));
    let most_ms = bounds.received.0.saturating_add(slack).saturating_sub(utc);
    let least = |(at, _): &(UtcMs, Bound)| at.0.saturating_sub(slack).saturating_sub(utc);
    let early = bounds.seen.iter().flatten().find(|bound| least(bound) > 0);
    let least_ms = bounds.seen.iter().flatten().map(least).max().unwrap_or(i64::MIN);
    if let Some(bound) = early {
        return Some((Wrong::Early { than: bound.1, by_ms: least(bound).unsigned_abs() }, least_ms, most_ms));
    }
    (most_ms < 0).then(|| (Wrong::Late { by_ms: most_ms.unsigned_abs() }, least_ms, most_ms))
}

impl Clocks {
    /// The next record of the chain; `follows` when it is the very next one, so that no step can be missing.
    pub fn next(&mut self, record: &Record, at: &At, bounds: &Bounds, follows: bool, report: &mut Report) {
        let stamp = record.stamp;
        match self.last.filter(|last| last.boot == stamp.boot) {
            Some(last) => self.same_start(&last, record, at, follows, report),
            None => {
                self.end(report);
                self.before = None;
            }
        }
        if let Some((wrong, least_ms, most_ms)) = broken(&stamp, bounds) {
            self.doubt(at, wrong, (least_ms, most_ms), report);
        }
        self.last = Some(stamp);
    }

    fn same_start(&mut self, last: &Stamp, record: &Record, at: &At, follows: bool, report: &mut Report) {
        let stamp = &record.stamp;
        if stamp.mono_ms < last.mono_ms {
            let by_ms = last.mono_ms - stamp.mono_ms;
            report.add(Finding::Clock { at: at.clone(), wrong: Wrong::Backwards { by_ms } });
            return;
        }
        let moved = offset(stamp).saturating_sub(offset(last));
        match record.body {
            Body::Stepped { by_ms, .. } => self.stepped(by_ms, report),
            // Where records are missing a step may be among them; where the program began anew nobody watched.
            _ if !follows || matches!(record.body, Body::Started { .. }) => self.stepped(moved, report),
            _ => {}
        }
        let explained = match record.body {
            Body::Stepped { by_ms, .. } => by_ms,
            _ => 0,
        };
        let elapsed = i64::try_from(stamp.mono_ms - last.mono_ms).unwrap_or(i64::MAX);
        let drift = (elapsed / 1_000_000).saturating_mul(DRIFT_PPM) + DRIFT_PPM;
        let slack = drift.saturating_add(STEP_MS + i64::from(stamp.error_ms) + i64::from(last.error_ms));
        let fits = |moved: i64| moved.saturating_sub(explained).saturating_abs() <= slack;
        let back = self.before.is_some_and(|before| fits(offset(stamp).saturating_sub(before)));
        let unknown = stamp.source == ClockSource::Unknown || last.source == ClockSource::Unknown;
        if matches!(record.body, Body::Started { .. }) || !follows || unknown || fits(moved) {
            return;
        }
        if back {
            self.before = None;
            return;
        }
        self.before = Some(offset(last));
        let wrong = Wrong::Unexplained { by_ms: moved.saturating_sub(explained) };
        report.add(Finding::Clock { at: at.clone(), wrong });
    }

    /// A record that was out of its place: its bounds count, its neighbours do not.
    pub fn misplaced(&mut self, record: &Record, at: &At, bounds: &Bounds, report: &mut Report) {
        if let Some((wrong, ..)) = broken(&record.stamp, bounds) {
            report.add(Finding::Clock { at: at.clone(), wrong });
        }
    }

    fn doubt(&mut self, at: &At, wrong: Wrong, (least_ms, most_ms): (i64, i64), report: &mut Report) {
        if least_ms > most_ms {
            // No step can explain it.
            report.add(Finding::Clock { at: at.clone(), wrong });
            return;
        }
        if let Some(doubt) = self.doubts.last_mut().filter(|doubt| doubt.stepped_ms == 0) {
            doubt.least_ms = doubt.least_ms.max(least_ms);
            doubt.most_ms = doubt.most_ms.min(most_ms);
            if doubt.kept.len() < KEPT {
                doubt.kept.push((at.clone(), wrong));
            } else {
                doubt.more += 1;
            }
            return;
        }
        self.doubts.push(Doubt { kept: vec![(at.clone(), wrong)], more: 0, least_ms, most_ms, stepped_ms: 0 });
    }

    fn stepped(&mut self, by_ms: i64, report: &mut Report) {
        self.doubts.retain_mut(|doubt| {
            doubt.stepped_ms = doubt.stepped_ms.saturating_add(by_ms);
            let right = (doubt.least_ms..=doubt.most_ms).contains(&doubt.stepped_ms);
            if right {
                for (At { position, place }, _) in doubt.kept.drain(..) {
                    place.into_iter().for_each(|place| report.tell(Told::SteppedRight { place, position }));
                }
            }
            !right
        });
    }

    /// The system start is over, or the log: what no step explained is wrong.
    pub fn end(&mut self, report: &mut Report) {
        for doubt in self.doubts.drain(..) {
            for (at, wrong) in doubt.kept {
                report.add(Finding::Clock { at, wrong });
            }
        }
    }
}
