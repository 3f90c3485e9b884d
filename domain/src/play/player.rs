//! The player: carries each cue from the opening of its proof, before sound, to its end.
//!
//! It is told the time and what the loudspeaker or board does; it answers with what to write down, what to play and
//! when to be called again. All that one call says to write belongs into one atomic batch on disk. A cue's proof is
//! opened `PREPARE_MS` ahead, its start is given to the card `ADVANCE_MS` ahead, and never before its opening is
//! durable. Which cues come due is `due.rs`; who has the air is `plan/air.rs`; what becomes of one is `live.rs`.

use crate::id::{CueId, Hash};
use crate::limits::{self, ADVANCE_MS, ON_TIME_MS, PREPARE_MS, PROGRESS_MS, STEP_DOUBT_MS, STEP_MS};
use crate::plan::air::{Air, Firing, Hours, Step};
use crate::plan::{Reason, Why};
use crate::play::due::{Due, DueCue, Rule, may_begin};
pub use crate::play::live::{Closed, Opened, Outcome};
use crate::play::live::{Ending, Live};
use crate::time::{Offsets, QuietHours, UtcMs};
use crate::timetable::order::Late;
use crate::wire::List;

/// How long after a cue's end the shell may take to say what was heard, in milliseconds.
const CLOSE_PATIENCE_MS: u64 = 5_000;
/// Instants of dark time worked off in one call: a batch on disk stays small.
const CATCH_UP: usize = 16;
/// How long a call may be put off at most, in milliseconds: a clock step is seen within this time.
const IDLE_MS: u64 = 10_000;
/// How long a cut fades, in milliseconds: no click, and an emergency is not kept waiting.
pub const FADE_MS: u32 = 50;

/// The time, read once for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never steps.
    pub mono_ms: u64,
    /// The wall clock.
    pub utc: UtcMs,
}

/// The timetable in force.
#[derive(Clone, Copy, Debug)]
pub struct Timetable<'a> {
    /// Its orders, in the order that breaks ties.
    pub rules: &'a [Rule],
    /// The zone.
    pub offsets: &'a Offsets,
    /// Quiet hours, the place's and the player's own.
    pub quiet: &'a QuietHours,
    /// A wall clock before this is wrong.
    pub issued: UtcMs,
    /// Nothing is due from here on.
    pub expires: UtcMs,
    /// Volume in percent, for orders that set none.
    pub volume: u8,
}

impl Timetable<'_> {
    fn hours(&self) -> Hours<'_> {
        Hours { quiet: self.quiet, offsets: self.offsets }
    }
}

/// What the loudspeaker or board says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A play began, at this wall-clock time.
    Began {
        /// The cue.
        cue: CueId,
        /// When.
        at: UtcMs,
    },
    /// So much of the present play was heard.
    Heard {
        /// The cue.
        cue: CueId,
        /// Milliseconds.
        heard_ms: u32,
    },
    /// The play is over: ended, stopped, or given up.
    Over {
        /// The cue.
        cue: CueId,
        /// Milliseconds heard in this play.
        heard_ms: u32,
        /// What went wrong, if something did.
        flaw: Option<Reason>,
    },
}

/// What the shell must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Write: this cue's proof is open. When the batch is durable, call [`Player::durable`].
    Open(Opened),
    /// Get this cue's content ready.
    Prepare(CueId),
    /// Write: so much was heard by now.
    Progress(Opened),
    /// Play, from this position of the programme, beginning at this wall-clock time.
    Play {
        /// The cue.
        cue: CueId,
        /// When the first sample sounds.
        at: UtcMs,
        /// From where in the programme, in milliseconds.
        position_ms: u32,
        /// Volume in percent.
        volume: u8,
    },
    /// Stop it, fading over [`FADE_MS`], then say that it is over.
    Stop {
        /// The cue.
        cue: CueId,
    },
    /// Write: what became of a cue; its opening goes.
    Close(Closed),
    /// Write: the clock stepped.
    Stepped {
        /// By how many milliseconds.
        by_ms: i64,
        /// To which time.
        to: UtcMs,
    },
    /// Write: what is settled changed ([`Player::due`]).
    KeepDue,
}

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
        let mut player = Self { due, dark: Some(Reason::PowerOff), ..Self::default() };
        for opened in open {
            player.reopen(&opened, table, now, out);
        }
        player
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

    /// Whether a cue is open: its content must be kept.
    #[must_use]
    pub fn holds(&self, order: &Hash) -> bool {
        self.live.iter().any(|live| live.firing.cue.order == *order)
    }

    /// A timetable takes effect; `old` was in force. Cues of revoked orders end at once.
    pub fn change(
        &mut self,
        old: Option<&Timetable<'_>>,
        revoked: &[Hash],
        volume: u8,
        now: Now,
        out: &mut impl FnMut(Act),
    ) {
        if let Some(old) = old {
            self.settle_gap(old, out);
        }
        self.due.begin(now.utc);
        out(Act::KeepDue);
        let at = self.air_at.map_or(now.utc, |at| at.max(now.utc));
        let off: List<CueId, { limits::LIVE }> =
            List::collect(self.live.iter().map(|live| live.firing.cue).filter(|cue| revoked.contains(&cue.order)))
                .unwrap_or_default();
        for cue in &off {
            let why = Why::from(Reason::Revoked);
            let mut steps: List<(UtcMs, Step), 8> = List::new();
            self.air.abort(*cue, at, why, &mut |at, step| {
                let _few = steps.push((at, step));
            });
            // One that was prepared and not yet on the air.
            if !steps.iter().any(|(_, step)| concerns(step) == *cue) {
                let _few = steps.push((at, Step::Missed { cue: *cue, why }));
            }
            for (at, step) in &steps {
                self.follow(*at, *step, volume, now, out);
            }
        }
        self.close_ended(volume, now, out);
    }

    /// The opening of a cue is on disk.
    pub fn durable(&mut self, cue: CueId, table: &Timetable<'_>, now: Now, out: &mut impl FnMut(Act)) {
        if let Some(live) = self.live.iter_mut().find(|live| live.firing.cue == cue) {
            live.durable = true;
            if let Some((at, position_ms)) = live.start.take() {
                play(live, at, position_ms, volume_of(table.volume, &live.firing), out);
            }
        }
        self.close_ended(table.volume, now, out);
    }

    /// The loudspeaker or board says something.
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
                live.sounding = false;
                live.flaw = live.flaw.or(flaw);
                let fails = live.ending.is_none().then_some(flaw).flatten();
                if let Some(flaw) = fails.filter(|_| self.air.on_air() == Some(cue)) {
                    self.abandon(cue, flaw, volume, now, out);
                }
            }
        }
        self.close_ended(volume, now, out);
    }

    /// A cue on the air cannot be played: the air is free for others.
    fn abandon(&mut self, cue: CueId, flaw: Reason, volume: u8, now: Now, out: &mut impl FnMut(Act)) {
        let at = self.air_at.map_or(now.utc, |at| at.max(now.utc));
        let mut steps: List<(UtcMs, Step), 8> = List::new();
        self.air.abort(cue, at, flaw.into(), &mut |at, step| {
            let _few = steps.push((at, step));
        });
        for (at, step) in &steps {
            self.follow(*at, *step, volume, now, out);
        }
    }

    /// Time has passed. Gives when to call again at the latest, in monotonic milliseconds.
    pub fn poll(&mut self, now: Now, table: Option<&Timetable<'_>>, out: &mut impl FnMut(Act)) -> u64 {
        self.see_step(now, table, out);
        let idle = now.mono_ms + IDLE_MS;
        let Some(table) = table else {
            return idle;
        };
        if now.utc < table.issued {
            self.dark = Some(Reason::ClockUnknown);
            self.close_ended(table.volume, now, out);
            return idle;
        }
        if self.doubt_until_ms.is_some_and(|until| now.mono_ms >= until) {
            self.settle_gap(table, out);
        }
        let more = self.prepare(now, table, out);
        if !more {
            self.dark = None;
        }
        self.run_air(now, table, out);
        self.close_ended(table.volume, now, out);
        if more { now.mono_ms } else { self.deadline(now, table).min(idle) }
    }

    fn see_step(&mut self, now: Now, table: Option<&Timetable<'_>>, out: &mut impl FnMut(Act)) {
        let Some(last) = self.last.replace(now) else { return };
        let passed = i64::try_from(now.mono_ms.saturating_sub(last.mono_ms)).unwrap_or(i64::MAX);
        let by_ms = now.utc.since_ms(last.utc.plus_ms(passed));
        if by_ms.abs() < STEP_MS {
            return;
        }
        out(Act::Stepped { by_ms, to: now.utc });
        self.air.shift(by_ms);
        self.air_at = self.air_at.map(|at| at.plus_ms(by_ms));
        for live in self.live.iter_mut() {
            live.start = live.start.map(|(at, position_ms)| (at.plus_ms(by_ms), position_ms));
        }
        let Some(table) = table.filter(|table| now.utc >= table.issued) else { return };
        if by_ms < 0 {
            if self.due.stepped_back(now.utc) {
                self.doubt_until_ms = None;
                self.dark = Some(Reason::ClockStep);
            }
        } else {
            self.settle_gap(table, out);
            let mut due = core::mem::take(&mut self.due);
            due.stepped_forward(now.utc, table.rules, table.offsets, &mut |cue| {
                let rule = &table.rules[cue.rule];
                may_begin(rule, now.utc.since_ms(cue.cue.planned)) && self.open(cue, rule, out)
            });
            self.due = due;
            self.doubt_until_ms = self.due.gap().map(|_| now.mono_ms + STEP_DOUBT_MS);
        }
        out(Act::KeepDue);
    }

    fn settle_gap(&mut self, table: &Timetable<'_>, out: &mut impl FnMut(Act)) {
        self.doubt_until_ms = None;
        if self.due.gap().is_some() {
            let mut due = core::mem::take(&mut self.due);
            due.settle_gap(table.rules, table.offsets, &mut |due| {
                let rule = &table.rules[due.rule];
                let why = due.cause.unwrap_or(Reason::ClockStep).into();
                miss(&firing(rule, due.rule, due.cue, due.cause), why, table, out);
            });
            self.due = due;
            out(Act::KeepDue);
        }
    }

    /// Opens what comes due within `PREPARE_MS`, and what already should have. True if there is more to work off.
    fn prepare(&mut self, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) -> bool {
        let until = now.utc.plus_ms(PREPARE_MS);
        for _ in 0..CATCH_UP {
            let next = self.due.next(table.rules, table.offsets);
            let Some(at) = next.filter(|at| *at <= until && *at < table.expires) else { return false };
            let late_ms = now.utc.since_ms(at);
            let cause = self.dark.filter(|_| late_ms > ON_TIME_MS);
            let mut due = core::mem::take(&mut self.due);
            due.take(at, table.rules, table.offsets, cause, &mut |cue| {
                let rule = &table.rules[cue.rule];
                let late = !may_begin(rule, late_ms);
                if late || !self.open(cue, rule, out) {
                    let reason = if late { cause.unwrap_or(Reason::Late) } else { Reason::Overlap };
                    miss(&firing(rule, cue.rule, cue.cue, cause), reason.into(), table, out);
                }
            });
            self.due = due;
            out(Act::KeepDue);
        }
        true
    }

    fn open(&mut self, due: DueCue, rule: &Rule, out: &mut impl FnMut(Act)) -> bool {
        let live = Live::new(firing(rule, due.rule, due.cue, due.cause));
        let fits = rule.length_ms > 0 && self.live.push(live).is_ok();
        if fits {
            out(Act::Open(live.opened()));
            out(Act::Prepare(due.cue));
        }
        fits
    }

    /// When a prepared cue goes to the air; none while a clock that jumped ahead is in doubt about it.
    fn goes_on_at(&self, live: &Live, now: Now) -> Option<UtcMs> {
        let planned = live.firing.cue.planned;
        let late_ms = now.utc.since_ms(planned);
        let rule_says_no = late_ms > ON_TIME_MS && live.firing.manner.late == Late::Skip;
        if live.in_air || (self.doubt_until_ms.is_some() && rule_says_no) {
            return None;
        }
        let at = if late_ms > ON_TIME_MS { now.utc } else { planned };
        Some(self.air_at.map_or(at, |air_at| at.max(air_at)))
    }

    fn run_air(&mut self, now: Now, table: &Timetable<'_>, out: &mut impl FnMut(Act)) {
        let until = now.utc.plus_ms(ADVANCE_MS);
        loop {
            let fires = self.live.iter().filter_map(|live| self.goes_on_at(live, now)).min();
            let happens = self.air_next(now, table);
            let Some(at) = fires.into_iter().chain(happens).min().filter(|at| *at <= until) else { return };
            let mut due: List<Firing, { limits::LIVE }> = List::new();
            for index in 0..self.live.len() {
                if self.goes_on_at(&self.live[index], now).is_some_and(|goes| goes <= at) {
                    self.live[index].in_air = true;
                    // As many fit as there are live cues.
                    let _fits = due.push(self.live[index].firing);
                }
            }
            due.sort_unstable_by_key(|firing| (firing.cue.planned, firing.order));
            let mut steps: List<(UtcMs, Step), 64> = List::new();
            self.air.step(at, due.iter().copied(), table.hours(), &mut |at, step| {
                // Each live cue is concerned by at most two steps of one instant, besides the one on the air.
                let _fits = steps.push((at, step));
            });
            self.air_at = Some(at);
            for (at, step) in &steps {
                self.follow(*at, *step, table.volume, now, out);
            }
        }
    }

    /// When the air moves by itself. What should have happened while nobody called happens now.
    fn air_next(&self, now: Now, table: &Timetable<'_>) -> Option<UtcMs> {
        let next = self.air.next(self.air_at.unwrap_or(now.utc), table.hours())?;
        Some(if now.utc.since_ms(next) > ON_TIME_MS { now.utc } else { next })
    }

    fn follow(&mut self, at: UtcMs, step: Step, volume: u8, now: Now, out: &mut impl FnMut(Act)) {
        let cue = concerns(&step);
        let Some(live) = self.live.iter_mut().find(|live| live.firing.cue == cue) else { return };
        let patience = Some(now.mono_ms + CLOSE_PATIENCE_MS + at.since_ms(now.utc).max(0) as u64);
        match step {
            Step::Start { firing, position_ms } => {
                live.joined |= position_ms > 0 && live.began.is_none();
                if live.durable {
                    play(live, at, position_ms, volume_of(volume, &firing), out);
                } else {
                    live.start = Some((at, position_ms));
                }
            }
            Step::Cut { why, resumes, .. } => {
                live.start = None;
                if live.sounding {
                    out(Act::Stop { cue });
                }
                if !resumes {
                    live.ending = Some((at, Ending::Cut(why)));
                    live.patience_ms = patience;
                }
            }
            Step::Dropped { why, .. } => live.ending = Some((at, Ending::Cut(why))),
            Step::Missed { why, .. } => live.ending = Some((at, Ending::Missed(why))),
            Step::End { .. } => {
                live.ending = Some((at, Ending::Whole));
                live.patience_ms = patience;
            }
        }
    }

    fn close_ended(&mut self, volume: u8, now: Now, out: &mut impl FnMut(Act)) {
        self.live.retain(|live| {
            let Some((at, ending)) = live.ending else { return true };
            let silent = !live.sounding || live.patience_ms.is_some_and(|until| now.mono_ms >= until);
            // A start that still waits for the disk has not sounded; its end waits for nothing.
            if !silent || !live.durable {
                return true;
            }
            out(Act::Close(live.close(at, ending, volume_of(volume, &live.firing))));
            false
        });
    }

    fn deadline(&self, now: Now, table: &Timetable<'_>) -> u64 {
        let due = self.due.next(table.rules, table.offsets).filter(|at| *at < table.expires);
        let in_ms =
            |at: UtcMs, ahead_ms: i64| now.mono_ms + at.since_ms(now.utc).saturating_sub(ahead_ms).max(0) as u64;
        let prepare = due.map(|at| in_ms(at, PREPARE_MS));
        let fires =
            self.live.iter().filter_map(|live| self.goes_on_at(live, now)).min().map(|at| in_ms(at, ADVANCE_MS));
        let happens = self.air_next(now, table).map(|at| in_ms(at, ADVANCE_MS));
        let patience = self.live.iter().filter_map(|live| live.patience_ms.filter(|_| live.sounding)).min();
        let all = [prepare, fires, happens, patience, self.doubt_until_ms];
        all.into_iter().flatten().min().unwrap_or(u64::MAX)
    }
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
    live.sounding = true;
    out(Act::Play { cue: live.firing.cue, at, position_ms, volume });
}

#[cfg(test)]
mod tests;
