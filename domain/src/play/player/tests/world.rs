//! A player in a world that can be seeded: a disk with atomic batches, a loudspeaker, a wall clock that steps, a plug
//! that can be pulled. It checks at each moment what must hold at each moment; what must hold of a whole life is
//! checked by the tests.

use std::collections::{BTreeMap, VecDeque};
use std::vec::Vec;

use super::super::*;
use crate::plan::build::InForce;
use crate::time::{Offsets, QuietHours};
use crate::timetable::order::Class;

/// 2026-01-05 00:00 UTC, a Monday. Every world begins half a minute before, with nothing due yet.
pub const BEGIN: i64 = 1_767_571_200_000;
/// A minute, an hour, in milliseconds.
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;

/// A timetable that owns what it shows.
#[derive(Clone, Debug)]
pub struct Table {
    pub rules: Vec<Rule>,
    pub quiet: QuietHours,
    pub offsets: Offsets,
    pub issued: UtcMs,
    pub expires: UtcMs,
}

impl Table {
    pub fn new(rules: Vec<Rule>, quiet: QuietHours, expires: i64) -> Self {
        let (issued, expires) = (UtcMs(BEGIN - 24 * HOUR), UtcMs(expires));
        Self { rules, quiet, offsets: Offsets::fixed(0), issued, expires }
    }

    pub fn of(orders: &[InForce], quiet: QuietHours, expires: i64) -> Self {
        let kind = crate::timetable::audience::Kind::Speaker;
        let rule = |held: &InForce| {
            let (timing, manner) = (held.order.timing.clone(), held.order.manner);
            Rule { order: held.hash, timing, manner, length_ms: held.order.length_ms(kind) }
        };
        Self::new(orders.iter().map(rule).collect(), quiet, expires)
    }

    pub fn view(&self) -> Timetable<'_> {
        let Self { rules, quiet, offsets, issued, expires } = self;
        Timetable { rules, offsets, quiet, issued: *issued, expires: *expires, volume: 80 }
    }

    pub fn class(&self, cue: &CueId) -> Option<Class> {
        self.rules.iter().find(|rule| rule.order == cue.order).map(|rule| rule.manner.class)
    }
}

/// What happens to a player from outside.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The wall clock steps by so many milliseconds.
    Step(i64),
    /// No power for so long, in milliseconds; so many of the batches under way reach the disk.
    Cut { dark_ms: i64, survive: usize },
    /// Another timetable takes effect; `revoke` names rules of the one in force.
    Change { table: usize, revoke: bool },
    /// From now on the disk takes so long for a batch, in milliseconds.
    Disk(i64),
    /// From now on each call comes so much later than asked for, in milliseconds.
    Late(i64),
    /// What sounds stops, with a flaw.
    Flaw,
}

#[derive(Clone, Debug, Default)]
struct Batch {
    due: Option<Due>,
    put: Vec<Opened>,
    closed: Vec<Closed>,
    /// More than one where two take effect before either is written.
    changes: Vec<(UtcMs, usize)>,
    opened: Vec<CueId>,
}

/// What survives a power cut.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    due: Due,
    open: BTreeMap<CueId, Opened>,
    /// Every proof.
    pub closed: Vec<Closed>,
    /// Which timetable took effect when, by the wall clock.
    pub changes: Vec<(UtcMs, usize)>,
}

#[derive(Clone, Debug)]
struct Play {
    cue: CueId,
    /// True times.
    from: i64,
    until: i64,
    length_ms: i64,
    began: bool,
    stopped: bool,
}

/// One stretch of sound.
#[derive(Clone, Debug)]
pub struct Heard {
    pub cue: CueId,
    /// By the wall clock of the player.
    pub at: UtcMs,
}

pub struct World {
    /// True time.
    pub now: i64,
    boot: i64,
    /// How much the player's wall clock is ahead of the true time.
    pub ahead_ms: i64,
    pub tables: Vec<Table>,
    pub disk: Disk,
    /// Every beginning of sound.
    pub heard: Vec<Heard>,
    pub polls: u64,
    /// How late each sound begins, in milliseconds.
    pub jitter_ms: i64,
    player: Player,
    table: usize,
    /// Whether a timetable is in force at all.
    active: bool,
    waiting: VecDeque<(i64, Batch)>,
    batch: Batch,
    plays: Vec<Play>,
    troubles: VecDeque<(i64, Trouble)>,
    disk_ms: i64,
    late_ms: i64,
    wake: i64,
    quiet_since: Option<i64>,
}

impl World {
    pub fn new(tables: Vec<Table>, mut troubles: Vec<(i64, Trouble)>) -> Self {
        troubles.sort_by_key(|(at, _)| *at);
        let mut world = Self {
            now: BEGIN - 30_000,
            boot: BEGIN - 30_000,
            ahead_ms: 0,
            tables,
            disk: Disk::default(),
            heard: Vec::new(),
            polls: 0,
            jitter_ms: 0,
            player: Player::default(),
            table: 0,
            active: false,
            waiting: VecDeque::new(),
            batch: Batch::default(),
            plays: Vec::new(),
            troubles: troubles.into(),
            disk_ms: 30,
            late_ms: 0,
            wake: BEGIN - 30_000,
            quiet_since: None,
        };
        world.boot();
        world.change(0, false);
        world
    }

    pub fn utc(&self) -> UtcMs {
        UtcMs(self.now + self.ahead_ms)
    }

    fn at(&self) -> Now {
        Now { mono_ms: (self.now - self.boot) as u64, utc: self.utc() }
    }

    fn boot(&mut self) {
        (self.boot, self.plays) = (self.now, Vec::new());
        self.waiting.clear();
        self.batch = Batch::default();
        let in_force = self.disk.changes.last().map(|(_, table)| *table);
        self.table = in_force.unwrap_or_default();
        self.active = in_force.is_some();
        let table = in_force.map(|table| self.tables[table].clone());
        let view = table.as_ref().map(Table::view);
        let mut acts = Vec::new();
        let open: Vec<Opened> = self.disk.open.values().copied().collect();
        let due = self.disk.due.clone();
        self.player = Player::start(due, open, view.as_ref(), self.at(), &mut |act| acts.push(act));
        self.follow(acts);
        self.flush();
        self.wake = self.now;
    }

    fn change(&mut self, table: usize, revoke: bool) {
        let old = self.active.then(|| self.tables[self.table].clone());
        let new = self.tables[table].clone();
        let gone = |rule: &&Rule| !new.rules.iter().any(|other| other.order == rule.order);
        let rules = old.as_ref().map(|old| old.rules.clone()).unwrap_or_default();
        let revoked: Vec<Hash> = rules.iter().filter(|rule| revoke && gone(rule)).map(|rule| rule.order).collect();
        let view = old.as_ref().map(Table::view);
        let at = self.at();
        let mut acts = Vec::new();
        self.player.change(view.as_ref(), &new.view(), &revoked, at, &mut |act| acts.push(act));
        (self.table, self.active) = (table, true);
        self.batch.changes.push((at.utc, table));
        self.follow(acts);
    }

    /// Runs until the true time `until`.
    pub fn run(&mut self, until: i64) {
        let mut at_once = 0;
        while self.now < until {
            let before = self.now;
            let disk = self.waiting.front().map(|(at, _)| *at);
            let trouble = self.troubles.front().map(|(at, _)| *at);
            let sound =
                self.plays.iter().map(|play| if play.began { play.until } else { play.from.min(play.until) }).min();
            let next = [disk, trouble, sound].into_iter().flatten().min().unwrap_or(i64::MAX).min(self.wake).min(until);
            self.now = next.max(self.now);
            at_once = if self.now == before { at_once + 1 } else { 0 };
            assert!(at_once < 20_000, "the player does not let time pass");
            self.speak();
            self.store();
            self.suffer();
            self.poll();
            self.flush();
            self.check_quiet();
        }
    }

    fn poll(&mut self) {
        self.polls += 1;
        let mut acts = Vec::new();
        let at = self.at();
        let view = self.active.then(|| self.tables[self.table].view());
        let deadline = self.player.poll(at, view.as_ref(), &mut |act| acts.push(act));
        assert!(deadline <= at.mono_ms + 10_000, "nobody looks at the clock for too long");
        self.wake = self.boot + deadline as i64 + if deadline > at.mono_ms { self.late_ms } else { 0 };
        self.follow(acts);
    }

    fn speak(&mut self) {
        let now = self.now;
        let mut said = Vec::new();
        for play in &mut self.plays {
            if !play.began && play.from <= now && !play.stopped {
                play.began = true;
                let at = UtcMs(play.from + self.ahead_ms);
                said.push(Sound::Began { cue: play.cue, at });
                self.heard.push(Heard { cue: play.cue, at });
            }
            if play.until <= now {
                let heard = (play.until - play.from).clamp(0, play.length_ms) as u32;
                said.push(Sound::Over { cue: play.cue, heard_ms: heard, flaw: None });
            } else if play.began {
                said.push(Sound::Heard { cue: play.cue, heard_ms: (now - play.from) as u32 });
            }
        }
        self.plays.retain(|play| play.until > now);
        self.say(&said);
    }

    fn say(&mut self, said: &[Sound]) {
        let mut acts = Vec::new();
        for sound in said {
            self.player.sound(*sound, 80, self.at(), &mut |act| acts.push(act));
        }
        self.follow(acts);
    }

    fn store(&mut self) {
        while self.waiting.front().is_some_and(|(at, _)| *at <= self.now) {
            let Some((_, batch)) = self.waiting.pop_front() else { return };
            let opened = batch.opened.clone();
            self.disk.take(batch);
            let table = self.tables[self.table].clone();
            let mut acts = Vec::new();
            for cue in opened {
                self.player.durable(cue, &table.view(), self.at(), &mut |act| acts.push(act));
            }
            self.follow(acts);
        }
    }

    fn suffer(&mut self) {
        while self.troubles.front().is_some_and(|(at, _)| *at <= self.now) {
            let Some((_, trouble)) = self.troubles.pop_front() else { return };
            match trouble {
                Trouble::Step(by_ms) => self.ahead_ms += by_ms,
                Trouble::Disk(disk_ms) => self.disk_ms = disk_ms,
                Trouble::Late(late_ms) => self.late_ms = late_ms,
                Trouble::Change { table, revoke } => self.change(table % self.tables.len(), revoke),
                Trouble::Flaw => {
                    let plays = core::mem::take(&mut self.plays);
                    let over = |play: &Play| Sound::Over {
                        cue: play.cue,
                        heard_ms: (self.now - play.from).clamp(0, play.length_ms) as u32,
                        flaw: Some(Reason::OutputLost),
                    };
                    let said: Vec<Sound> = plays.iter().map(over).collect();
                    self.say(&said);
                }
                Trouble::Cut { dark_ms, survive } => {
                    self.flush();
                    let change = self.batch_with_change(survive);
                    for (_, batch) in core::mem::take(&mut self.waiting).into_iter().take(survive) {
                        self.disk.take(batch);
                    }
                    self.now += dark_ms;
                    self.boot();
                    // A release whose taking effect did not reach the disk takes effect after the start.
                    if let Some(table) = change {
                        self.troubles.push_front((self.now + 3_000, Trouble::Change { table, revoke: false }));
                    }
                }
            }
        }
    }

    fn batch_with_change(&self, survive: usize) -> Option<usize> {
        self.waiting.iter().skip(survive).flat_map(|(_, batch)| &batch.changes).map(|(_, table)| *table).next_back()
    }

    fn follow(&mut self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Open(opened) => {
                    self.batch.put.push(opened);
                    self.batch.opened.push(opened.cue);
                }
                Act::Progress(opened) => self.batch.put.push(opened),
                Act::Close(closed) => {
                    self.batch.put.retain(|opened| opened.cue != closed.cue);
                    self.batch.closed.push(closed);
                }
                Act::KeepDue => self.batch.due = Some(self.player.due().clone()),
                Act::Prepare(_) | Act::Stepped { .. } => {}
                Act::Stop { cue } => {
                    for play in self.plays.iter_mut().filter(|play| play.cue == cue && !play.stopped) {
                        play.stopped = true;
                        let fade_ms = if play.began { i64::from(FADE_MS) } else { 0 };
                        play.until = play.until.min(self.now + fade_ms);
                    }
                }
                Act::Play { cue, at, position_ms, .. } => self.play(cue, at, position_ms),
            }
        }
    }

    fn play(&mut self, cue: CueId, at: UtcMs, position_ms: u32) {
        let opened = self.disk.open.get(&cue).expect("a play whose opening is not on disk");
        assert!(self.plays.iter().all(|play| play.cue != cue || play.stopped), "a cue plays twice at once");
        let length_ms = i64::from(opened.length_ms - position_ms);
        assert!(length_ms > 0, "a play of nothing");
        let from = (at.0 - self.ahead_ms).max(self.now) + self.jitter_ms;
        self.plays.push(Play { cue, from, until: from + length_ms, length_ms, began: false, stopped: false });
    }

    fn flush(&mut self) {
        let batch = core::mem::take(&mut self.batch);
        let is_empty = batch.due.is_none() && batch.put.is_empty() && batch.closed.is_empty();
        if !is_empty || !batch.changes.is_empty() {
            self.waiting.push_back((self.now + self.disk_ms, batch));
        }
    }

    /// Only an emergency sounds in quiet hours, but for the time it takes to notice a step of the clock.
    fn check_quiet(&mut self) {
        let table = &self.tables[self.table];
        let loud = |play: &&Play| play.began && table.class(&play.cue).is_some_and(|class| class < Class::Emergency);
        let sounds = self.plays.iter().filter(loud).count() > 0;
        if !(sounds && table.quiet.contains(self.utc(), &table.offsets)) {
            self.quiet_since = None;
            return;
        }
        let since = *self.quiet_since.get_or_insert(self.now);
        assert!(self.now - since <= 10_000 + 2 * self.late_ms + 100, "sound in quiet hours");
    }
}

impl Disk {
    fn take(&mut self, batch: Batch) {
        if let Some(due) = batch.due {
            self.due = due;
        }
        for opened in batch.put {
            self.open.insert(opened.cue, opened);
        }
        for closed in &batch.closed {
            self.open.remove(&closed.cue);
        }
        self.closed.extend(batch.closed);
        self.changes.extend(batch.changes);
    }

    /// The cues whose proof is open.
    pub fn still_open(&self) -> usize {
        self.open.len()
    }
}
