//! Which cues come due: each once, none forgotten, whatever the clock does.
//!
//! Everything up to a cursor is settled. A step forward leaves a gap behind the cursor; what can still be aired late is
//! aired, the rest waits in doubt, because clocks that jump forward often jump back. If the clock does step back into
//! the gap, its cues come due at their times after all, and those that were aired ahead of time are not aired again.
//! What is done with a cue that came due is `player.rs`.

use crate::id::CueId;
use crate::time::{Offsets, Soonest, UtcMs};
use crate::timetable::Timing;
use crate::timetable::order::{Late, Manner};
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
const AIRED: usize = limits::WAITING;
/// Orders that left the timetable and are remembered, at most.
const LEFT: usize = limits::WAITING;
/// How far back an order that has just come in force may begin late, in milliseconds: a day. Beyond it an alarm is news.
const LATE_ORDER_MS: i64 = 24 * 60 * 60 * 1000;

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
    /// Orders that were in force a while ago, and until when.
    #[n(4)]
    left: List<Left, LEFT>,
    /// No order that comes in force goes back behind this.
    #[n(5)]
    floor: Option<UtcMs>,
}

/// An order that is in force no more. Should it come again, what was settled under it stays settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
struct Left {
    #[n(0)]
    order: Hash,
    #[n(1)]
    until: UtcMs,
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

    /// A timetable takes effect at `now`: nothing before it is due under it, but what an order that is new says may
    /// begin late. `left` are the orders that are in force no more.
    pub fn begin(&mut self, now: UtcMs, left: &mut dyn Iterator<Item = Hash>) {
        let cursor = self.cursor.map_or(now, |cursor| cursor.max(now));
        let until = self.ahead.iter().map(|stretch| stretch.to).fold(cursor, UtcMs::max);
        self.cursor = Some(cursor);
        self.left.retain(|left| now.since_ms(left.until) <= LATE_ORDER_MS);
        for order in left {
            self.left.retain(|left| left.order != order);
            if self.left.push(Left { order, until }).is_err() {
                // More than can be remembered: no order may reach back behind this moment.
                self.floor = Some(until);
            }
        }
    }

    /// The cue with which an order that has just come in force begins late, if its manner lets it: an alarm that
    /// reaches the player a minute after its time is an alarm all the same. An order that was in force before does
    /// not go back behind the time it left.
    #[must_use]
    pub fn late_start(&self, rule: &Rule, now: UtcMs, offsets: &Offsets) -> Option<CueId> {
        let planned = rule.timing.last_before(now.plus_ms(1), offsets)?;
        let cue = CueId { order: rule.order, planned };
        let late_ms = now.since_ms(planned);
        let in_reach = late_ms <= LATE_ORDER_MS && may_begin(rule, late_ms);
        (in_reach && rule.length_ms > 0 && !self.was_settled(&cue)).then_some(cue)
    }

    /// Hands `out` the cues to come of an order that has just come in force, which the cursor or what was settled ahead
    /// of a backward step would pass over.
    pub fn passed_over(&self, rule: &Rule, now: UtcMs, offsets: &Offsets, out: &mut impl FnMut(CueId)) {
        let Some(cursor) = self.cursor.filter(|_| rule.length_ms > 0) else { return };
        let ahead = self.ahead.iter().map(|stretch| Stretch { from: stretch.from.max(cursor).max(now), ..*stretch });
        for stretch in core::iter::once(Stretch { from: now, to: cursor }).chain(ahead) {
            let mut after = stretch.from;
            while let Some(planned) = rule.timing.next_after(after, offsets).filter(|at| *at <= stretch.to) {
                after = planned;
                let cue = CueId { order: rule.order, planned };
                if !self.was_settled(&cue) {
                    out(cue);
                }
            }
        }
    }

    /// Whether the cue was settled when its order was in force before.
    fn was_settled(&self, cue: &CueId) -> bool {
        let left = self.left.iter().find(|left| left.order == cue.order).map(|left| left.until);
        left.max(self.floor).is_some_and(|until| cue.planned <= until)
    }

    /// The next instant after the cursor at which a cue comes due.
    #[must_use]
    pub fn next(&self, rules: &[Rule], offsets: &Offsets) -> Option<UtcMs> {
        self.unsettled_after(self.cursor?, rules, offsets)
    }

    fn unsettled_after(&self, mut after: UtcMs, rules: &[Rule], offsets: &Offsets) -> Option<UtcMs> {
        loop {
            let mut next = Soonest::new();
            let sounding = rules.iter().filter(|rule| rule.length_ms > 0);
            sounding.for_each(|rule| next.or(rule.timing.next_after(after, offsets)));
            let next = next.get()?;
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
        self.at(at, rules, offsets, cause, out);
        // What lies in a gap that is still in doubt must be known as settled when the doubt ends.
        let gap = self.gap;
        self.ahead.retain(|stretch| stretch.to > at || gap.is_some_and(|gap| stretch.to > gap.from));
        self.aired.retain(|cue| cue.planned > at || gap.is_some_and(|gap| gap.holds(cue.planned)));
    }

    /// The cues of exactly this instant that were not aired ahead of it.
    fn at(&self, at: UtcMs, rules: &[Rule], offsets: &Offsets, cause: Option<Reason>, out: &mut impl FnMut(DueCue)) {
        for (rule, held) in rules.iter().enumerate().filter(|(_, rule)| rule.length_ms > 0) {
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
        let mut aired = self.aired.clone();
        aired.retain(|cue| cue.planned > gap.from);
        // What is too old to begin late need not be looked at one by one: a wild clock may jump by years.
        let reach_ms = rules.iter().map(reach_ms).max().unwrap_or_default();
        let mut after = gap.from.max(now.plus_ms(-reach_ms - 1));
        while let Some(at) = self.unsettled_after(after, rules, offsets).filter(|at| *at <= now && !aired.is_full()) {
            after = at;
            self.at(at, rules, offsets, Some(Reason::ClockStep), &mut |due| {
                if !aired.is_full() && late(due) {
                    // There is room: just asked.
                    let _fits = aired.push(due.cue);
                }
            });
        }
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

    /// Nobody doubts the clock any more: hands `missed` the cues of the gap that were not aired, at most `instants`
    /// different times of them. True if there are more.
    pub fn settle_gap(
        &mut self,
        rules: &[Rule],
        offsets: &Offsets,
        instants: usize,
        missed: &mut impl FnMut(DueCue),
    ) -> bool {
        for _ in 0..instants {
            let Some(gap) = self.gap else { return false };
            match self.unsettled_after(gap.from, rules, offsets).filter(|at| *at <= gap.to) {
                Some(at) => {
                    self.at(at, rules, offsets, Some(Reason::ClockStep), missed);
                    self.gap = Some(Stretch { from: at, to: gap.to });
                }
                None => {
                    self.gap = None;
                    self.aired.retain(|cue| cue.planned > gap.to);
                }
            }
        }
        self.gap.is_some()
    }
}

/// How late a cue of this order may begin at most, in milliseconds.
fn reach_ms(rule: &Rule) -> i64 {
    let limit_ms = match rule.manner.late {
        Late::Join => i64::from(rule.length_ms) - 1,
        Late::Restart => i64::from(rule.manner.late_limit_ms),
        Late::Skip => 0,
    };
    limit_ms.max(limits::ON_TIME_MS)
}

/// Whether a cue this late may still begin, in the sense of its order.
#[must_use]
pub fn may_begin(rule: &Rule, late_ms: i64) -> bool {
    late_ms <= reach_ms(rule)
}
