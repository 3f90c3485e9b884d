//! Who has the air: the one rule by which cues of one player meet.
//!
//! Pure and without a clock: it is told what comes due at which instant and answers with steps. The desk runs it ahead
//! of time to print a plan, the player runs it as time passes, so a plan and what a player does cannot differ. An item
//! on the air ends when its length says so. The rule:
//!
//! 1. A higher class cuts a lower one at once. The cut one goes on later or is over, as its order says.
//! 2. In one class the earlier start keeps the air; the later waits as long as its order allows, then it is missed.
//! 3. When the air becomes free: the highest class, then what was cut, then the earliest planned, then list order.
//! 4. In quiet hours only emergencies sound: others do not begin, and what sounds when they begin is cut.
//!
//! When orders fire is decided in `timetable/recur.rs`. Next: `build.rs`.

use crate::id::CueId;
use crate::limits;
use crate::plan::{Reason, Why};
use crate::time::{Offsets, QuietHours, Soonest, UtcMs};
use crate::timetable::order::{Class, Late, Manner, WhenCut};
use crate::wire::{Full, List};

/// A cue that has come due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firing {
    /// Which cue.
    pub cue: CueId,
    /// The order's place in its list: the last tie-break.
    pub order: u8,
    /// How its order behaves.
    pub manner: Manner,
    /// How long it plays, in milliseconds.
    pub length_ms: u32,
    /// Why it comes late, where it does.
    pub cause: Option<Reason>,
}

impl Firing {
    /// Whether quiet hours concern it.
    fn can_be_hushed(&self) -> bool {
        self.manner.class < Class::Emergency
    }
}

/// The hours in which only emergencies sound, with the zone they are read in.
#[derive(Clone, Copy, Debug)]
pub struct Hours<'a> {
    /// The hours.
    pub quiet: &'a QuietHours,
    /// The zone's offsets.
    pub offsets: &'a Offsets,
}

impl Hours<'_> {
    fn silence(&self, class: Class, at: UtcMs) -> bool {
        class < Class::Emergency && self.quiet.contains(at, self.offsets)
    }
}

/// What happens on the air, at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A cue begins, or goes on after a cut, from `position_ms` of its programme.
    Start {
        /// The cue.
        firing: Firing,
        /// From where in its programme, in milliseconds.
        position_ms: u32,
    },
    /// A cue was cut. Where `resumes`, it goes on later; else it is over.
    Cut {
        /// The cue.
        cue: CueId,
        /// How far it came, in milliseconds.
        position_ms: u32,
        /// By what.
        why: Why,
        /// Whether it will go on.
        resumes: bool,
    },
    /// A cue that was cut, and would have gone on, is over.
    Dropped {
        /// The cue.
        cue: CueId,
        /// By what.
        why: Why,
    },
    /// A cue came to its end.
    End {
        /// The cue.
        cue: CueId,
    },
    /// A cue will not be aired.
    Missed {
        /// The cue.
        cue: CueId,
        /// Why not.
        why: Why,
    },
}

#[derive(Clone, Copy, Debug)]
struct Airing {
    firing: Firing,
    since: UtcMs,
    position_ms: u32,
}

impl Airing {
    fn end(&self) -> UtcMs {
        self.since.plus_ms(i64::from(self.firing.length_ms.saturating_sub(self.position_ms)))
    }

    fn position_at(&self, at: UtcMs) -> u32 {
        let passed = u32::try_from(at.since_ms(self.since).max(0)).unwrap_or(u32::MAX);
        self.position_ms.saturating_add(passed).min(self.firing.length_ms)
    }
}

/// A cue that wants the air.
#[derive(Clone, Copy, Debug)]
struct Wanting {
    firing: Firing,
    /// When it gives up.
    until: UtcMs,
    /// Where it goes on, if it was cut.
    cut_at_ms: Option<u32>,
    /// Begins where it would be by now.
    joins: bool,
}

impl Wanting {
    fn rank(&self) -> (Class, bool) {
        (self.firing.manner.class, self.cut_at_ms.is_some())
    }

    /// Whether this one goes before `other`.
    fn before(&self, other: &Self) -> bool {
        let key = |w: &Self| (w.firing.cue.planned, w.firing.order);
        self.rank() > other.rank() || (self.rank() == other.rank() && key(self) < key(other))
    }

    fn position_ms(&self, at: UtcMs) -> u32 {
        let joined = u32::try_from(at.since_ms(self.firing.cue.planned).max(0)).unwrap_or(u32::MAX);
        self.cut_at_ms.unwrap_or(if self.joins { joined } else { 0 })
    }
}

/// The air of one player.
#[derive(Clone, Debug, Default)]
pub struct Air {
    on: Option<Airing>,
    wanting: List<Wanting, { limits::WAITING }>,
}

impl Air {
    /// The cue on the air.
    #[must_use]
    pub fn on_air(&self) -> Option<CueId> {
        self.on.map(|airing| airing.firing.cue)
    }

    /// The next instant at which something happens by itself: an end, a wait that is over, quiet hours that begin.
    ///
    /// It is `after` itself when something is overdue: a cue was taken off and others want the air, or the hours are
    /// not those of the last step. Once [`Air::step`] was called for an instant, `next` of that instant lies later.
    #[must_use]
    pub fn next(&self, after: UtcMs, hours: Hours<'_>) -> Option<UtcMs> {
        let can_be_hushed = self.on.is_some_and(|airing| airing.firing.can_be_hushed())
            || self.wanting.iter().any(|wanting| wanting.firing.can_be_hushed());
        let is_free_and_wanted = self.on.is_none() && !self.wanting.is_empty();
        if is_free_and_wanted || (can_be_hushed && hours.quiet.contains(after, hours.offsets)) {
            return Some(after);
        }
        let mut next = Soonest::new();
        if can_be_hushed {
            next.or(hours.quiet.next_start(after, hours.offsets));
        }
        if let Some(airing) = &self.on {
            next.at(airing.end());
        }
        self.wanting.iter().filter(|wanting| wanting.cut_at_ms.is_none()).for_each(|wanting| next.at(wanting.until));
        next.get()
    }

    /// Everything that happens at the instant `at`, with `due` coming due there. Instants must not go back.
    pub fn step(
        &mut self,
        at: UtcMs,
        due: impl IntoIterator<Item = Firing>,
        hours: Hours<'_>,
        out: &mut impl FnMut(UtcMs, Step),
    ) {
        self.end(at, out);
        self.hush(at, hours, out);
        for firing in due {
            self.admit(firing, at, hours, out);
        }
        self.fill(at, out);
        self.give_up(at, out);
    }

    fn end(&mut self, at: UtcMs, out: &mut impl FnMut(UtcMs, Step)) {
        if let Some(airing) = self.on.filter(|airing| airing.end() <= at) {
            self.on = None;
            out(airing.end(), Step::End { cue: airing.firing.cue });
        }
    }

    fn hush(&mut self, at: UtcMs, hours: Hours<'_>, out: &mut impl FnMut(UtcMs, Step)) {
        let why = Why::from(Reason::QuietHours);
        let silenced = |firing: &Firing| hours.silence(firing.manner.class, at);
        if let Some(airing) = self.on.filter(|airing| silenced(&airing.firing)) {
            self.on = None;
            let position_ms = airing.position_at(at);
            out(at, Step::Cut { cue: airing.firing.cue, position_ms, why, resumes: false });
        }
        self.wanting.retain(|wanting| {
            let stays = !silenced(&wanting.firing);
            if !stays {
                out(at, gone(wanting, why));
            }
            stays
        });
    }

    fn admit(&mut self, firing: Firing, at: UtcMs, hours: Hours<'_>, out: &mut impl FnMut(UtcMs, Step)) {
        let Firing { cue, manner, .. } = firing;
        let late_ms = at.since_ms(cue.planned);
        let is_late = late_ms > limits::ON_TIME_MS;
        let too_late = match manner.late {
            _ if !is_late => false,
            Late::Join => late_ms >= i64::from(firing.length_ms),
            Late::Restart => late_ms > i64::from(manner.late_limit_ms),
            Late::Skip => true,
        };
        let missed = if too_late {
            Some(firing.cause.unwrap_or(Reason::Late))
        } else if hours.silence(manner.class, at) {
            Some(Reason::QuietHours)
        } else {
            None
        };
        if let Some(reason) = missed {
            return out(at, Step::Missed { cue, why: reason.into() });
        }
        let joins = is_late && manner.late == Late::Join;
        let until = at.plus_ms(i64::from(manner.wait_ms.min(limits::PROGRAMME_MS)));
        self.queue(Wanting { firing, until, cut_at_ms: None, joins }, at, out);
    }

    /// Lets one more want the air. Where there is no room, the one that would have its turn last gives way: sixteen
    /// waiting news items must not keep an emergency out.
    fn queue(&mut self, newcomer: Wanting, at: UtcMs, out: &mut impl FnMut(UtcMs, Step)) {
        let Err(Full { .. }) = self.wanting.push(newcomer) else { return };
        let last = (1..self.wanting.len())
            .fold(0, |last, index| if self.wanting[last].before(&self.wanting[index]) { index } else { last });
        if newcomer.before(&self.wanting[last]) {
            let by = Some(newcomer.firing.cue);
            let displaced = core::mem::replace(&mut self.wanting[last], newcomer);
            out(at, gone(&displaced, Why { reason: Reason::Overlap, by }));
        } else {
            out(at, gone(&newcomer, Why { reason: Reason::Overlap, by: self.on_air() }));
        }
    }

    fn fill(&mut self, at: UtcMs, out: &mut impl FnMut(UtcMs, Step)) {
        let mut best: Option<usize> = None;
        for (index, wanting) in self.wanting.iter().enumerate() {
            if best.is_none_or(|best| wanting.before(&self.wanting[best])) {
                best = Some(index);
            }
        }
        let Some(best) = best else { return };
        let class = self.wanting[best].firing.manner.class;
        if self.on.is_some_and(|airing| airing.firing.manner.class >= class) {
            return;
        }
        let wanting = self.wanting.remove(best);
        let firing = wanting.firing;
        let position_ms = wanting.position_ms(at);
        if position_ms >= firing.length_ms {
            // It waited until there was nothing left to join.
            out(at, Step::Missed { cue: firing.cue, why: firing.cause.unwrap_or(Reason::Late).into() });
            return self.fill(at, out);
        }
        if let Some(airing) = self.on.take() {
            self.cut(airing, firing.cue, at, out);
        }
        self.on = Some(Airing { firing, since: at, position_ms });
        out(at, Step::Start { firing, position_ms });
    }

    fn cut(&mut self, airing: Airing, by: CueId, at: UtcMs, out: &mut impl FnMut(UtcMs, Step)) {
        let position_ms = airing.position_at(at);
        let firing = airing.firing;
        let why = Why { reason: Reason::Overlap, by: Some(by) };
        let wanting = Wanting { firing, until: airing.end(), cut_at_ms: Some(position_ms), joins: false };
        let resumes = firing.manner.when_cut == WhenCut::Resume && self.wanting.push(wanting).is_ok();
        out(at, Step::Cut { cue: firing.cue, position_ms, why, resumes });
    }

    fn give_up(&mut self, at: UtcMs, out: &mut impl FnMut(UtcMs, Step)) {
        let by = self.on_air();
        self.wanting.retain(|wanting| {
            let stays = wanting.cut_at_ms.is_some() || wanting.until > at;
            if !stays {
                out(at, gone(wanting, Why { reason: Reason::Overlap, by }));
            }
            stays
        });
    }

    /// Takes a cue off, for a reason that lies outside this rule (its order was revoked, its content cannot be played).
    /// Who comes next is decided by the next step, which [`Air::next`] asks for at once.
    pub fn abort(&mut self, cue: CueId, at: UtcMs, why: Why, out: &mut impl FnMut(UtcMs, Step)) {
        if let Some(airing) = self.on.filter(|airing| airing.firing.cue == cue) {
            self.on = None;
            let position_ms = airing.position_at(at);
            return out(at, Step::Cut { cue, position_ms, why, resumes: false });
        }
        self.wanting.retain(|wanting| {
            let stays = wanting.firing.cue != cue;
            if !stays {
                out(at, gone(wanting, why));
            }
            stays
        });
    }

    /// The cue on the air began `by_ms` after its instant (the disk was slow): its end moves along.
    pub fn delay(&mut self, cue: CueId, by_ms: i64) {
        if let Some(airing) = self.on.as_mut().filter(|airing| airing.firing.cue == cue) {
            airing.since = airing.since.plus_ms(by_ms);
        }
    }

    /// The clock stepped by `by_ms`: what sounds goes on sounding, so its end moves along.
    pub fn shift(&mut self, by_ms: i64) {
        if let Some(airing) = &mut self.on {
            airing.since = airing.since.plus_ms(by_ms);
        }
        for wanting in self.wanting.iter_mut() {
            wanting.until = wanting.until.plus_ms(by_ms);
        }
    }
}

fn gone(wanting: &Wanting, why: Why) -> Step {
    let cue = wanting.firing.cue;
    if wanting.cut_at_ms.is_some() { Step::Dropped { cue, why } } else { Step::Missed { cue, why } }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
