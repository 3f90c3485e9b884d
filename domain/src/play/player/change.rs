//! What a new timetable does to a player: what was due stays due, what is off ends, what is new may begin late.
//!
//! Whether a release may take effect at all is decided in `delivery/intake.rs`. Next: `clock.rs`.

use super::{Player, concerns, firing, follow, miss};
use crate::id::{CueId, Hash};
use crate::limits::{self, PREPARE_MS};
use crate::plan::air::Step;
use crate::plan::{Reason, Why};
use crate::play::due::{DueCue, Rule};
use crate::play::surface::{Act, Now, Timetable};
use crate::wire::List;

impl Player {
    /// The timetable `new` takes effect; `old` was in force. All of it is one decision, so it belongs into one batch.
    ///
    /// - What was due until now under the old one is opened, or missed for the reason it was missed for.
    /// - Cues of revoked orders end at once. Those prepared for a time to come, of orders that are in force no more,
    ///   are missed(superseded). What sounds or waits already, goes on.
    /// - An order that is new begins late where its manner lets it, as after a power cut: a storm warning planned for
    ///   "now" reaches a commune a minute later.
    ///
    /// [`Player::poll`] with the new timetable must follow.
    pub fn change(
        &mut self,
        old: Option<&Timetable<'_>>,
        new: &Timetable<'_>,
        revoked: &[Hash],
        now: Now,
        out: &mut impl FnMut(Act),
    ) {
        self.replace((old, new), revoked, Reason::Revoked, now, out);
    }

    /// An officer stops orders: `new` is the timetable in force without them. What sounds of them ends now.
    ///
    /// [`Player::poll`] with the new timetable must follow.
    pub fn stop(
        &mut self,
        old: &Timetable<'_>,
        new: &Timetable<'_>,
        stopped: &[Hash],
        now: Now,
        out: &mut impl FnMut(Act),
    ) {
        self.replace((Some(old), new), stopped, Reason::Stopped, now, out);
    }

    fn replace(
        &mut self,
        (old, new): (Option<&Timetable<'_>>, &Timetable<'_>),
        off: &[Hash],
        why: Reason,
        now: Now,
        out: &mut impl FnMut(Act),
    ) {
        self.see_step(now, old, out);
        if let Some(old) = old {
            while self.settle_gap(old, out) {}
            if now.utc >= old.issued {
                while self.prepare(now.utc, now, old, out) {}
                self.dark = None;
            }
        }
        let old_rules = old.map_or(&[][..], |old| old.rules);
        self.take_off(new, (off, why), now, out);
        self.due.begin(
            now.utc.max(new.issued),
            &mut old_rules.iter().filter(|rule| !holds(new.rules, rule)).map(|rule| rule.order),
        );
        if now.utc >= new.issued {
            for (index, rule) in new.rules.iter().enumerate().filter(|(_, rule)| !holds(old_rules, rule)) {
                self.bring_in(index, rule, now, new, out);
            }
        }
        self.next_due = None;
        out(Act::KeepDue);
        self.stop_cut(now, out);
        self.close_ended(new.volume, now, out);
    }

    /// Ends what the new timetable does not let begin, or go on.
    #[inline(never)]
    fn take_off(
        &mut self,
        new: &Timetable<'_>,
        (off_at_once, why): (&[Hash], Reason),
        now: Now,
        out: &mut impl FnMut(Act),
    ) {
        let mut off: List<(CueId, Reason), { limits::LIVE }> = List::new();
        for live in self.live.iter().filter(|live| live.ending.is_none()) {
            let cue = live.firing.cue;
            // It may be handed to the card already, which has not come to it.
            let is_to_come = live.began.is_none() && cue.planned > now.utc;
            let reason = if off_at_once.contains(&cue.order) {
                why
            } else if is_to_come && !new.rules.iter().any(|rule| rule.order == cue.order) {
                Reason::Superseded
            } else {
                continue;
            };
            // As many fit as there are live cues.
            let _fits = off.push((cue, reason));
        }
        for (cue, reason) in &off {
            self.abandon(*cue, (*reason).into(), new.volume, now, out);
        }
    }

    /// A cue that has begun, or waits, or is prepared, is over: the air is free for others.
    pub(super) fn abandon(&mut self, cue: CueId, why: Why, volume: u8, now: Now, out: &mut impl FnMut(Act)) {
        // One that is not in the air yet.
        let mut step = Step::Missed { cue, why };
        self.air.abort(cue, now.utc, why, &mut |_, told| {
            if concerns(&told) == cue {
                step = told;
            }
        });
        follow(&mut self.live, (now.utc, step), volume, now, out);
    }

    #[inline(never)]
    fn bring_in(&mut self, index: usize, rule: &Rule, now: Now, new: &Timetable<'_>, out: &mut impl FnMut(Act)) {
        let late = self.due.late_start(rule, now.utc, new.offsets).filter(|cue| cue.planned < new.expires);
        if let Some(cue) = late {
            self.open_or_miss(DueCue { cue, rule: index, cause: None }, Reason::Late, now, new, out);
        }
        // What is settled ahead of the clock is so for the orders that were in force, not for this one.
        let due = self.due.clone();
        due.passed_over(rule, now.utc, new.offsets, &mut |cue| {
            let due = DueCue { cue, rule: index, cause: None };
            if cue.planned >= new.expires {
                // Not due at all.
            } else if cue.planned <= now.utc.plus_ms(PREPARE_MS) {
                self.open_or_miss(due, Reason::Late, now, new, out);
            } else {
                // The clock was set back by more than a moment. What it ran through stays settled.
                miss(&firing(rule, index, cue, None), Reason::ClockStep.into(), new, out);
            }
        });
    }
}

fn holds(rules: &[Rule], rule: &Rule) -> bool {
    rules.iter().any(|other| other.order == rule.order)
}
