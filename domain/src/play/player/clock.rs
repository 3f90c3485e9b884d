//! What a step of the wall clock does to a player.
//!
//! What sounds goes on sounding. A step forward leaves a gap in doubt, one back may end the doubt; which cues that
//! concerns is decided in `play/due.rs`. Next: `proof/mod.rs`.

use super::{CATCH_UP, Player, firing, miss};
use crate::limits::{ON_TIME_MS, STEP_DOUBT_MS, STEP_MS};
use crate::plan::Reason;
use crate::play::due::may_begin;
use crate::play::surface::{Act, Now, Timetable};

impl Player {
    pub(super) fn see_step(&mut self, now: Now, table: Option<&Timetable<'_>>, out: &mut impl FnMut(Act)) {
        let Some(last) = self.last.replace(now) else { return };
        let passed = i64::try_from(now.mono_ms.saturating_sub(last.mono_ms)).unwrap_or(i64::MAX);
        let by_ms = now.utc.since_ms(last.utc.plus_ms(passed));
        if by_ms.saturating_abs() < STEP_MS {
            return;
        }
        out(Act::Stepped { by_ms, to: now.utc });
        self.air.shift(by_ms);
        self.air_at = self.air_at.map(|at| at.plus_ms(by_ms));
        for live in self.live.iter_mut() {
            live.start = live.start.map(|(at, position_ms)| (at.plus_ms(by_ms), position_ms));
            live.stop = live.stop.map(|at| at.plus_ms(by_ms));
        }
        self.next_due = None;
        let Some(table) = table.filter(|table| now.utc >= table.issued) else { return };
        if by_ms < 0 {
            if self.due.stepped_back(now.utc) {
                self.doubt_until_ms = None;
                self.dark = Some(Reason::ClockStep);
            }
        } else if self.dark.is_none() {
            self.stepped_forward(now, table, out);
        }
        out(Act::KeepDue);
    }

    fn stepped_forward(&mut self, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) {
        while self.settle_gap(table, out) {}
        for live in self.live.iter_mut().filter(|live| !live.in_air && live.firing.cause.is_none()) {
            let is_late = now.utc.since_ms(live.firing.cue.planned) > ON_TIME_MS;
            live.firing.cause = is_late.then_some(Reason::ClockStep);
        }
        let mut due = core::mem::take(&mut self.due);
        due.stepped_forward(now.utc, table.rules, table.offsets, &mut |cue| {
            let rule = &table.rules[cue.rule];
            let planned = cue.cue.planned;
            planned < table.expires
                && may_begin(rule, now.utc.since_ms(planned))
                && self.open(cue, rule, now, table, out)
        });
        self.due = due;
        self.doubt_until_ms = self.due.gap().map(|_| now.mono_ms.saturating_add(STEP_DOUBT_MS));
    }

    /// Closes cues of the gap, if there is one. True if there are more of them.
    pub(super) fn settle_gap(&mut self, table: &Timetable<'_>, out: &mut impl FnMut(Act)) -> bool {
        if self.due.gap().is_none() {
            self.doubt_until_ms = None;
            return false;
        }
        let mut due = core::mem::take(&mut self.due);
        let more = due.settle_gap(table.rules, table.offsets, CATCH_UP, &mut |due| {
            let rule = &table.rules[due.rule];
            if due.cue.planned >= table.expires {
                return;
            }
            let why = due.cause.unwrap_or(Reason::ClockStep).into();
            miss(&firing(rule, due.rule, due.cue, due.cause), why, table, out);
        });
        self.due = due;
        self.next_due = None;
        if !more {
            self.doubt_until_ms = None;
        }
        out(Act::KeepDue);
        more
    }
}
