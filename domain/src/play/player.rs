//! The player: carries each cue from the opening of its proof, before sound, to its end.
//!
//! It is told the time and what the loudspeaker or board does; it answers with what to write down, what to play and
//! when to be called again. All that one call says to write belongs into one atomic batch on disk. A cue's proof is
//! opened `PREPARE_MS` ahead, its start is given to the card `ADVANCE_MS` ahead, and never before its opening is
//! durable. Which cues come due is `due.rs`; who has the air is `plan/air.rs`; what becomes of one is `live.rs`.

use crate::id::{CueId, Hash};
use crate::limits::{self, ADVANCE_MS, ON_TIME_MS, PREPARE_MS, PROGRESS_MS, STEP_DOUBT_MS};
use crate::plan::air::{Air, Firing, Step};
use crate::plan::{Reason, Why};
use crate::play::due::{Due, DueCue, Rule, may_begin};
pub use crate::play::live::{Closed, Opened, Outcome};
use crate::play::live::{Ending, Live};
pub use crate::play::surface::{Act, FADE_MS, Now, Sound, Timetable};
use crate::time::{Soonest, UtcMs};
use crate::timetable::order::Late;
use crate::wire::List;

mod change;
mod clock;

/// How long after a cue's end the shell may take to say what was heard, in milliseconds.
const CLOSE_PATIENCE_MS: u64 = 5_000;
/// Instants of dark time worked off in one call: a batch on disk stays small.
const CATCH_UP: usize = 16;
/// How long a call may be put off at most, in milliseconds: a clock step is seen within this time.
const IDLE_MS: u64 = 10_000;

/// The player's state.
#[derive(Debug, Default)]
pub struct Player {
    due: Due,
    air: Air,
    air_at: Option<UtcMs>,
    live: List<Live, { limits::LIVE }>,
    last: Option<Now>,
    /// Why cues before now were not played: no power until told otherwise.
    dark: Option<Reason>,
    doubt_until_ms: Option<u64>,
    progress_ms: u64,
    /// [`Due::next`], which takes a walk over every rule's calendar; none when it must be asked anew.
    next_due: Option<Option<UtcMs>>,
}

impl Player {
    /// A player that starts, with what the last run settled and left open.
    ///
    /// A cue that was sounding goes on where it would be by now, if its order joins late; others are over.
    pub fn start(
        due: Due,
        open: impl IntoIterator<Item = Opened>,
        table: Option<&Timetable<'_>>,
        now: Now,
        out: &mut impl FnMut(Act),
    ) -> Self {
        let mut player = Self::default();
        player.take_up(&due, open, table, now, out);
        player
    }

    /// As [`Player::start`], for a player that was just made and is too large to be moved.
    pub fn take_up(
        &mut self,
        due: &Due,
        open: impl IntoIterator<Item = Opened>,
        table: Option<&Timetable<'_>>,
        now: Now,
        out: &mut impl FnMut(Act),
    ) {
        self.due.clone_from(due);
        (self.dark, self.last) = (Some(Reason::PowerOff), Some(now));
        match (self.due.cursor(), self.due.gap(), table) {
            // A new store under a release from before: what was due until now is lost with the old store.
            (None, _, Some(table)) => self.due.begin(now.utc.max(table.issued), &mut core::iter::empty()),
            // The clock may have been set right while the power was off.
            (_, Some(_), _) if self.due.stepped_back(now.utc) => {}
            (_, Some(_), _) => self.doubt_until_ms = Some(now.mono_ms.saturating_add(STEP_DOUBT_MS)),
            _ => {}
        }
        out(Act::KeepDue);
        for opened in open {
            self.reopen(&opened, table, now, out);
        }
    }

    fn reopen(&mut self, opened: &Opened, table: Option<&Timetable<'_>>, now: Now, out: &mut impl FnMut(Act)) {
        let rules = table.map_or(&[][..], |table| table.rules);
        let found = rules.iter().enumerate().find(|(_, rule)| rule.order == opened.cue.order);
        let goes_on = found.filter(|(_, rule)| {
            let late_ms = now.utc.since_ms(opened.cue.planned);
            let may_rejoin = opened.began.is_none() || rule.manner.late == Late::Join;
            may_rejoin && may_begin(rule, late_ms)
        });
        if let Some((index, rule)) = goes_on {
            let cause = (now.utc.since_ms(opened.cue.planned) > ON_TIME_MS).then_some(Reason::PowerOff);
            let live = Live::reopened(firing(rule, index, opened.cue, cause), opened);
            if self.live.push(live).is_ok() {
                return out(Act::Prepare(opened.cue));
            }
        }
        let (outcome, ended) = match opened.began {
            Some(began) => (Outcome::Partial, Some(began.plus_ms(i64::from(opened.heard_ms)))),
            None => (Outcome::Missed, None),
        };
        out(Act::Close(Closed {
            cue: opened.cue,
            outcome,
            why: Some(Reason::PowerOff.into()),
            began: opened.began,
            ended,
            length_ms: opened.length_ms,
            heard_ms: opened.heard_ms,
            volume: table.map_or(0, |table| table.volume),
        }));
    }

    /// What is settled, for the disk.
    #[must_use]
    pub fn due(&self) -> &Due {
        &self.due
    }

    /// The cue on the air.
    #[must_use]
    pub fn on_air(&self) -> Option<CueId> {
        self.air.on_air()
    }

    /// When the next cue is to begin, for people to read: nobody knows yet who will have the air then.
    #[must_use]
    pub fn next_cue(&mut self, now: UtcMs, table: &Timetable<'_>) -> Option<UtcMs> {
        let due = self.next_due(table).filter(|at| *at < table.expires);
        let waits = self.live.iter().filter(|live| !live.in_air && live.ending.is_none());
        let mut next = Soonest::new();
        next.or(due.filter(|at| *at > now));
        waits.map(|live| live.firing.cue.planned).filter(|at| *at > now).for_each(|at| next.at(at));
        next.get()
    }

    /// Whether a cue is open: its content must be kept.
    #[must_use]
    pub fn holds(&self, order: &Hash) -> bool {
        self.live.iter().any(|live| live.firing.cue.order == *order)
    }

    /// The opening of a cue is on disk. [`Player::poll`] must follow.
    pub fn durable(&mut self, cue: CueId, table: &Timetable<'_>, now: Now, out: &mut impl FnMut(Act)) {
        if let Some(live) = self.live.iter_mut().find(|live| live.firing.cue == cue) {
            live.durable = true;
            if let Some((at, position_ms)) = live.start.take() {
                // A slow disk: it begins now, all of it, and what comes after waits.
                let late_ms = now.utc.since_ms(at).max(0);
                self.air.delay(cue, late_ms);
                play(live, at.plus_ms(late_ms), position_ms, volume_of(table.volume, &live.firing), out);
            }
        }
        self.close_ended(table.volume, now, out);
    }

    /// The loudspeaker or board says something. [`Player::poll`] must follow.
    pub fn sound(&mut self, sound: Sound, volume: u8, now: Now, out: &mut impl FnMut(Act)) {
        let cue = match sound {
            Sound::Began { cue, .. } | Sound::Heard { cue, .. } | Sound::Over { cue, .. } => cue,
        };
        let Some(live) = self.live.iter_mut().find(|live| live.firing.cue == cue) else { return };
        match sound {
            Sound::Began { at, .. } => {
                if live.began.is_none() {
                    live.began = Some(at);
                    out(Act::Progress(live.opened()));
                }
            }
            Sound::Heard { heard_ms, .. } => {
                live.current_ms = heard_ms;
                if now.mono_ms >= self.progress_ms + PROGRESS_MS {
                    self.progress_ms = now.mono_ms;
                    out(Act::Progress(live.opened()));
                }
            }
            Sound::Over { heard_ms, flaw, .. } => {
                live.base_ms = live.base_ms.saturating_add(heard_ms);
                live.current_ms = 0;
                live.plays = live.plays.saturating_sub(1);
                live.flaw = live.flaw.or(flaw);
                let fails = live.ending.is_none().then_some(flaw).flatten();
                if let Some(flaw) = fails.filter(|_| self.air.on_air() == Some(cue)) {
                    self.abandon(cue, flaw.into(), volume, now, out);
                }
            }
        }
        self.close_ended(volume, now, out);
    }

    /// Time has passed. Gives when to call again at the latest, in monotonic milliseconds.
    pub fn poll(&mut self, now: Now, table: Option<&Timetable<'_>>, out: &mut impl FnMut(Act)) -> u64 {
        self.see_step(now, table, out);
        let idle = now.mono_ms.saturating_add(IDLE_MS);
        let Some(table) = table else {
            return idle;
        };
        let mut more = false;
        if is_believed(now, table) {
            if self.doubt_until_ms.is_some_and(|until| now.mono_ms >= until) {
                more = self.settle_gap(table, out);
            }
            more |= self.prepare(now.utc.plus_ms(PREPARE_MS), now, table, out);
            if !more {
                self.dark = None;
            }
        } else {
            // Nothing comes due, but what sounds comes to its end.
            self.dark.get_or_insert(Reason::ClockUnknown);
        }
        self.run_air(now, table, out);
        self.stop_cut(now, out);
        self.close_ended(table.volume, now, out);
        if more { now.mono_ms } else { self.deadline(now, table).min(idle) }
    }

    /// Opens what is due up to `until`. True if there is more to work off.
    fn prepare(&mut self, until: UtcMs, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) -> bool {
        for _ in 0..CATCH_UP {
            let next = self.next_due(table);
            let Some(at) = next.filter(|at| *at <= until && *at < table.expires) else { return false };
            let late_ms = now.utc.since_ms(at);
            let cause = self.dark.filter(|_| late_ms > ON_TIME_MS);
            let mut due = core::mem::take(&mut self.due);
            due.take(at, table.rules, table.offsets, cause, &mut |cue| {
                self.open_or_miss(cue, cause.unwrap_or(Reason::Late), now, table, out);
            });
            self.due = due;
            self.next_due = None;
            out(Act::KeepDue);
        }
        true
    }

    fn next_due(&mut self, table: &Timetable<'_>) -> Option<UtcMs> {
        *self.next_due.get_or_insert_with(|| self.due.next(table.rules, table.offsets))
    }

    fn open_or_miss(
        &mut self,
        due: DueCue,
        too_late: Reason,
        now: Now,
        table: &Timetable<'_>,
        out: &mut impl FnMut(Act),
    ) {
        let rule = &table.rules[due.rule];
        let late = !may_begin(rule, now.utc.since_ms(due.cue.planned));
        if late || !self.open(due, rule, now, table, out) {
            let reason = if late { too_late } else { Reason::Overlap };
            miss(&firing(rule, due.rule, due.cue, due.cause), reason.into(), table, out);
        }
    }

    /// Opens the proof of a cue; false if there is no room among the live ones.
    fn open(&mut self, due: DueCue, rule: &Rule, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) -> bool {
        let live = Live::new(firing(rule, due.rule, due.cue, due.cause));
        if self.live.is_full() {
            self.make_room(&live.firing, now, table, out);
        }
        let fits = self.live.push(live).is_ok();
        if fits {
            out(Act::Open(live.opened()));
            out(Act::Prepare(due.cue));
        }
        fits
    }

    /// Gives up one cue of a lower class that has not sounded, if there is one: the last that came due.
    fn make_room(&mut self, firing: &Firing, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) {
        let on_air = self.air.on_air();
        let class = firing.manner.class;
        let candidates = self
            .live
            .iter()
            .enumerate()
            .filter(|(_, live)| live.ending.is_none() && live.began.is_none() && Some(live.firing.cue) != on_air);
        let lower = candidates.filter(|(_, live)| live.firing.manner.class < class && !live.is_sounding());
        let Some((index, _)) = lower.min_by_key(|(_, live)| {
            (live.firing.manner.class, core::cmp::Reverse((live.firing.cue.planned, live.firing.order)))
        }) else {
            return;
        };
        let given_up = self.live.remove(index);
        let why = Why { reason: Reason::Overlap, by: Some(firing.cue) };
        self.air.abort(given_up.firing.cue, now.utc, why, &mut |_, _| {});
        out(Act::Close(given_up.close(now.utc, Ending::Missed(why), volume_of(table.volume, &given_up.firing))));
    }

    /// When a prepared cue goes to the air; none while a clock that jumped ahead is in doubt about it.
    fn goes_on_at(&self, live: &Live, now: Now, table: &Timetable<'_>) -> Option<UtcMs> {
        if !is_believed(now, table) {
            return None;
        }
        let planned = live.firing.cue.planned;
        let late_ms = now.utc.since_ms(planned);
        let rule_says_no = late_ms > ON_TIME_MS && live.firing.manner.late == Late::Skip;
        if live.in_air || live.ending.is_some() || (self.doubt_until_ms.is_some() && rule_says_no) {
            return None;
        }
        let at = if late_ms > ON_TIME_MS { now.utc } else { planned };
        Some(self.air_at.map_or(at, |air_at| at.max(air_at)))
    }

    fn run_air(&mut self, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) {
        let until = now.utc.plus_ms(ADVANCE_MS);
        loop {
            let Some(at) = self.air_moves(now, table).filter(|at| *at <= until) else { return };
            let mut due: List<Firing, { limits::LIVE }> = List::new();
            for index in 0..self.live.len() {
                if self.goes_on_at(&self.live[index], now, table).is_some_and(|goes| goes <= at) {
                    self.live[index].in_air = true;
                    // As many fit as there are live cues.
                    let _fits = due.push(self.live[index].firing);
                }
            }
            in_turn(&mut due);
            self.air_at = Some(at);
            let live = &mut self.live;
            self.air.step(at, due.iter().copied(), table.hours(), &mut |at, step| {
                follow(live, (at, step), table.volume, now, out);
            });
        }
    }

    /// When the air moves, by itself or because a cue goes on.
    fn air_moves(&self, now: Now, table: &Timetable<'_>) -> Option<UtcMs> {
        let mut next = Soonest::new();
        self.live.iter().for_each(|live| next.or(self.goes_on_at(live, now, table)));
        next.or(self.air_next(now, table));
        next.get()
    }

    /// When the air moves by itself. What should have happened while nobody called happens now.
    fn air_next(&self, now: Now, table: &Timetable<'_>) -> Option<UtcMs> {
        let next = self.air.next(self.air_at.unwrap_or(now.utc), table.hours())?;
        Some(if now.utc.since_ms(next) > ON_TIME_MS { now.utc } else { next })
    }

    /// Stops what was cut, when its time has come.
    fn stop_cut(&mut self, now: Now, out: &mut impl FnMut(Act)) {
        for live in self.live.iter_mut() {
            if live.stop.is_some_and(|at| at <= now.utc) {
                live.stop = None;
                out(Act::Stop { cue: live.firing.cue });
            }
        }
    }

    fn close_ended(&mut self, volume: u8, now: Now, out: &mut impl FnMut(Act)) {
        self.live.retain(|live| {
            let Some((at, ending)) = live.ending else { return true };
            let silent = !live.is_sounding() || live.patience_ms.is_some_and(|until| now.mono_ms >= until);
            // Its opening goes to disk before its end does: else a power cut between them could leave it open.
            if !silent || !live.durable {
                return true;
            }
            out(Act::Close(live.close(at, ending, volume_of(volume, &live.firing))));
            false
        });
    }

    fn deadline(&mut self, now: Now, table: &Timetable<'_>) -> u64 {
        let believed = is_believed(now, table);
        let due = self.next_due(table).filter(|at| believed && *at < table.expires);
        let in_ms = |at: UtcMs, ahead_ms: i64| {
            let wait_ms = at.since_ms(now.utc).saturating_sub(ahead_ms);
            now.mono_ms.saturating_add(u64::try_from(wait_ms).unwrap_or_default())
        };
        let mut next = Soonest::new();
        next.or(due.map(|at| in_ms(at, PREPARE_MS)));
        next.or(self.air_moves(now, table).map(|at| in_ms(at, ADVANCE_MS)));
        for live in &self.live {
            next.or(live.stop.map(|at| in_ms(at, 0)));
            next.or(live.patience_ms.filter(|_| live.is_sounding()));
        }
        next.or(self.doubt_until_ms.filter(|_| believed));
        next.get().unwrap_or(u64::MAX)
    }
}

/// A wall clock from before the timetable was made is wrong.
fn is_believed(now: Now, table: &Timetable<'_>) -> bool {
    now.utc >= table.issued
}

/// What a step of the air means for the cue that it concerns.
fn follow(live: &mut [Live], (at, step): (UtcMs, Step), volume: u8, now: Now, out: &mut impl FnMut(Act)) {
    let cue = concerns(&step);
    let Some(live) = live.iter_mut().find(|live| live.firing.cue == cue) else { return };
    let ending = match step {
        Step::Start { firing, position_ms } => {
            live.joined |= position_ms > 0 && live.began.is_none();
            if live.stop.take().is_some() {
                // It goes on before its stop was due.
                out(Act::Stop { cue });
            }
            if live.durable {
                play(live, at, position_ms, volume_of(volume, &firing), out);
            } else {
                live.start = Some((at, position_ms));
            }
            return;
        }
        Step::Cut { why, resumes, .. } => {
            live.start = None;
            if live.is_sounding() {
                live.stop = Some(at);
            }
            if resumes {
                return;
            }
            Ending::Cut(why)
        }
        Step::Dropped { why, .. } => Ending::Cut(why),
        Step::Missed { why, .. } => Ending::Missed(why),
        Step::End { .. } => Ending::Whole,
    };
    // A start that still waits for the disk waits in vain.
    live.start = None;
    live.ending = Some((at, ending));
    let ahead_ms = u64::try_from(at.since_ms(now.utc)).unwrap_or_default();
    live.patience_ms = Some(now.mono_ms.saturating_add(CLOSE_PATIENCE_MS).saturating_add(ahead_ms));
}

fn concerns(step: &Step) -> CueId {
    match *step {
        Step::Start { firing, .. } => firing.cue,
        Step::Cut { cue, .. } | Step::Dropped { cue, .. } | Step::End { cue } | Step::Missed { cue, .. } => cue,
    }
}

fn firing(rule: &Rule, index: usize, cue: CueId, cause: Option<Reason>) -> Firing {
    let order = u8::try_from(index).unwrap_or(u8::MAX);
    Firing { cue, order, manner: rule.manner, length_ms: rule.length_ms, cause }
}

fn miss(firing: &Firing, why: Why, table: &Timetable<'_>, out: &mut impl FnMut(Act)) {
    let planned = firing.cue.planned;
    out(Act::Close(Live::new(*firing).close(planned, Ending::Missed(why), volume_of(table.volume, firing))));
}

/// An order's volume is a share of the player's; both in percent.
fn volume_of(volume: u8, firing: &Firing) -> u8 {
    let share = firing.manner.volume.map_or(100, u32::from);
    (u32::from(volume) * share / 100).min(100) as u8
}

fn play(live: &mut Live, at: UtcMs, position_ms: u32, volume: u8, out: &mut impl FnMut(Act)) {
    live.plays = live.plays.saturating_add(1);
    out(Act::Play { cue: live.firing.cue, at, position_ms, volume });
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
/// Sorts what comes due at once: the earlier planned first, then by order. For sixteen cues the library's sort, with
/// a second one behind it for long lists, would be 700 bytes of a board's flash.
fn in_turn(due: &mut [Firing]) {
    let key = |firing: &Firing| (firing.cue.planned, firing.order);
    for end in 1..due.len() {
        let mut at = end;
        while at > 0 && key(&due[at]) < key(&due[at - 1]) {
            due.swap(at, at - 1);
            at -= 1;
        }
    }
}
