//! Which cues come due: each once, none forgotten, whatever the clock does.
//!
//! Everything up to a cursor is settled. A step forward leaves a gap behind the cursor; what can still be aired late is
//! aired, the rest waits in doubt, because clocks that jump forward often jump back. If the clock does step back into
//! the gap, its cues come due at their times after all, and those that were aired ahead of time are not aired again.
//! What is done with a cue that came due is `player.rs`.

use crate::id::CueId;
use crate::time::{Offsets, UtcMs};
use crate::timetable::Timing;
use crate::timetable::order::Manner;
use crate::wire::{Decode, Encode, List};
use crate::{id::Hash, limits, plan::Reason};

/// An order as the player holds it: when it fires, how it behaves, how long it plays here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The hash of the signed order.
    pub order: Hash,
    /// When it fires.
    pub timing: Timing,
    /// How it behaves.
    pub manner: Manner,
    /// How long it plays on this player, in milliseconds.
    pub length_ms: u32,
}

/// A stretch of time, `from` excluded, `to` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Stretch {
    /// Its beginning.
    #[n(0)]
    pub from: UtcMs,
    /// Its end.
    #[n(1)]
    pub to: UtcMs,
}

impl Stretch {
    fn holds(&self, at: UtcMs) -> bool {
        self.from < at && at <= self.to
    }
}

/// How many stretches aired ahead of time are kept: a clock that jumps oftener than this is not believed.
const AHEAD: usize = 4;
/// Cues of a gap that were aired late, at most.
const AIRED: usize = 16;

/// Which cues are settled. The shell keeps it on disk, in the same batch as what it settles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Due {
    /// Everything up to here is settled, but for the gap. None before the first release.
    #[n(0)]
    cursor: Option<UtcMs>,
    /// What a forward step jumped over.
    #[n(1)]
    gap: Option<Stretch>,
    /// What was settled ahead of a backward step.
    #[n(2)]
    ahead: List<Stretch, AHEAD>,
    /// Cues of the gap that were aired all the same.
    #[n(3)]
    aired: List<CueId, AIRED>,
}

/// A cue that comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueCue {
    /// The cue.
    pub cue: CueId,
    /// Which rule.
    pub rule: usize,
    /// Why it comes late, if it does.
    pub cause: Option<Reason>,
}

impl Due {
    /// Up to where everything is settled.
    #[must_use]
    pub fn cursor(&self) -> Option<UtcMs> {
        self.cursor
    }

    /// The cues that a forward step jumped over and that nobody has decided about yet.
    #[must_use]
    pub fn gap(&self) -> Option<Stretch> {
        self.gap
    }

    /// A timetable takes effect at `now`: nothing before it is due under it.
    pub fn begin(&mut self, now: UtcMs) {
        self.cursor = Some(self.cursor.map_or(now, |cursor| cursor.max(now)));
    }

    /// The next instant after the cursor at which a cue comes due.
    #[must_use]
    pub fn next(&self, rules: &[Rule], offsets: &Offsets) -> Option<UtcMs> {
        let mut after = self.cursor?;
        loop {
            let next = rules.iter().filter_map(|rule| rule.timing.next_after(after, offsets)).min()?;
            match self.ahead.iter().find(|stretch| stretch.holds(next)) {
                Some(stretch) => after = stretch.to,
                None => return Some(next),
            }
        }
    }

    /// Hands `out` every cue due at exactly `at`, and moves the cursor there.
    pub fn take(
        &mut self,
        at: UtcMs,
        rules: &[Rule],
        offsets: &Offsets,
        cause: Option<Reason>,
        out: &mut impl FnMut(DueCue),
    ) {
        self.cursor = Some(self.cursor.map_or(at, |cursor| cursor.max(at)));
        self.ahead.retain(|stretch| stretch.to > at);
        for (rule, held) in rules.iter().enumerate() {
            let cue = CueId { order: held.order, planned: at };
            let fires = held.timing.next_after(at.plus_ms(-1), offsets) == Some(at);
            if fires && !self.aired.contains(&cue) {
                out(DueCue { cue, rule, cause });
            }
        }
    }

    /// The clock stepped forward: what lies between the cursor and `now` becomes a gap. Hands `late` each of its cues;
    /// where that answers true, the cue is aired late and is settled.
    ///
    /// The caller must have settled an earlier gap with [`Due::settle_gap`].
    pub fn stepped_forward(
        &mut self,
        now: UtcMs,
        rules: &[Rule],
        offsets: &Offsets,
        late: &mut impl FnMut(DueCue) -> bool,
    ) {
        let Some(cursor) = self.cursor.filter(|cursor| *cursor < now) else { return };
        let gap = Stretch { from: cursor, to: now };
        self.aired.clear();
        let mut aired: List<CueId, AIRED> = List::new();
        self.each(gap, rules, offsets, &mut |due| {
            if !aired.is_full() && late(due) {
                // There is room: just asked.
                let _fits = aired.push(due.cue);
            }
        });
        self.aired = aired;
        self.gap = Some(gap);
        self.cursor = Some(now);
    }

    /// The clock stepped back to `now`. Cues of the gap come due at their times again; those aired since do not.
    /// Gives whether anything changed.
    pub fn stepped_back(&mut self, now: UtcMs) -> bool {
        let (Some(cursor), Some(gap)) = (self.cursor, self.gap) else { return false };
        let into_gap = now < gap.to && !self.ahead.is_full();
        if into_gap {
            if cursor > gap.to {
                // There is room: just asked.
                let _fits = self.ahead.push(Stretch { from: gap.to, to: cursor });
            }
            self.cursor = Some(gap.from);
            self.gap = None;
        }
        into_gap
    }

    /// Nobody doubts the clock any more: hands `missed` every cue of the gap that was not aired.
    pub fn settle_gap(&mut self, rules: &[Rule], offsets: &Offsets, missed: &mut impl FnMut(DueCue)) {
        if let Some(gap) = self.gap.take() {
            let aired = core::mem::take(&mut self.aired);
            self.each(gap, rules, offsets, &mut |due| {
                if !aired.contains(&due.cue) {
                    missed(due);
                }
            });
        }
    }

    fn each(&self, stretch: Stretch, rules: &[Rule], offsets: &Offsets, out: &mut impl FnMut(DueCue)) {
        for (rule, held) in rules.iter().enumerate() {
            let mut after = stretch.from;
            while let Some(planned) = held.timing.next_after(after, offsets).filter(|at| *at <= stretch.to) {
                after = planned;
                if !self.ahead.iter().any(|ahead| ahead.holds(planned)) {
                    let cue = CueId { order: held.order, planned };
                    out(DueCue { cue, rule, cause: Some(Reason::ClockStep) });
                }
            }
        }
    }
}

/// Whether a cue this late may still begin, in the sense of its order.
#[must_use]
pub fn may_begin(rule: &Rule, late_ms: i64) -> bool {
    use crate::timetable::order::Late;
    late_ms <= limits::ON_TIME_MS
        || match rule.manner.late {
            Late::Join => late_ms < i64::from(rule.length_ms),
            Late::Restart => late_ms <= i64::from(rule.manner.late_limit_ms),
            Late::Skip => false,
        }
}
