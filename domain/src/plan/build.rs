//! A player's plan for a window of time: the air's rule run ahead of the clock, every cue with what becomes of it.
//!
//! It assumes a player that works; what really happened is in its proofs. Next: `delivery/mod.rs`.

use alloc::vec::Vec;

use crate::id::{CueId, Hash};
use crate::limits;
use crate::plan::Why;
use crate::plan::air::{Air, Firing, Hours, Step};
use crate::time::UtcMs;
use crate::timetable::audience::Placement;
use crate::timetable::order::Order;

/// An order in force, with the hash it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The hash of its signed bytes.
    pub hash: Hash,
    /// The order.
    pub order: Order,
}

/// What becomes of a cue, if the player works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Played to the end.
    Plays,
    /// Begun, and cut for good.
    Interrupted(Why),
    /// Not begun.
    Missed(Why),
    /// Still on the air, or waiting, when the window ends.
    Open,
}

/// A cue of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Its id; `id.planned` is when it is due.
    pub id: CueId,
    /// Which of the orders given.
    pub order: usize,
    /// When it begins, if it does.
    pub starts: Option<UtcMs>,
    /// When it ends.
    pub ends: Option<UtcMs>,
    /// How long it sounds, in milliseconds.
    pub airs_ms: u32,
    /// What cut it for a while.
    pub cut_by: Option<Why>,
    /// What becomes of it.
    pub fate: Fate,
}

/// The cues due on `player` in `[from, until)`, in the order of their planned times.
///
/// Orders that do not include the player, or hold nothing for it, have none. The rule is run from long enough before
/// the window that what began earlier, and still sounds or waits, is there; cues due before it are not returned.
#[must_use]
pub fn cues(orders: &[InForce], player: &Placement, hours: Hours<'_>, from: UtcMs, until: UtcMs) -> Vec<Cue> {
    // A cue sounds at most PROGRAMME_MS and waits at most as long; twice that settles any chain that matters.
    let run_up = from.plus_ms(-2 * i64::from(limits::PROGRAMME_MS));
    let mut plan = Building { cues: Vec::new() };
    let mut air = Air::default();
    let mut sources: Vec<Source<'_>> = orders
        .iter()
        .enumerate()
        .filter(|(_, held)| held.order.audience.includes(player))
        .map(|(index, held)| Source::new(index, held, player, run_up, hours))
        .filter(|source| source.length_ms > 0)
        .collect();
    let mut now = run_up;
    loop {
        let firing = sources.iter().filter_map(|source| source.next).min().filter(|at| *at < until);
        let happening = air.next(now, hours).filter(|at| *at < until);
        let Some(at) = [firing, happening].into_iter().flatten().min() else { break };
        now = at;
        let mut due = Vec::new();
        for source in sources.iter_mut().filter(|source| source.next == Some(at)) {
            let firing = source.fire(at, hours);
            plan.add(source.index, &firing);
            due.push(firing);
        }
        air.step(at, due, hours, &mut |at, step| plan.note(at, step));
    }
    plan.cues.retain(|cue| cue.id.planned >= from);
    plan.cues.sort_by_key(|cue| (cue.id.planned, cue.order));
    plan.cues
}

struct Source<'a> {
    index: usize,
    held: &'a InForce,
    length_ms: u32,
    next: Option<UtcMs>,
}

impl<'a> Source<'a> {
    fn new(index: usize, held: &'a InForce, player: &Placement, from: UtcMs, hours: Hours<'_>) -> Self {
        let next = held.order.timing.next_after(from.plus_ms(-1), hours.offsets);
        Self { index, held, length_ms: held.order.length_ms(player.kind), next }
    }

    fn fire(&mut self, at: UtcMs, hours: Hours<'_>) -> Firing {
        self.next = self.held.order.timing.next_after(at, hours.offsets);
        Firing {
            cue: CueId { order: self.held.hash, planned: at },
            order: u8::try_from(self.index).unwrap_or(u8::MAX),
            manner: self.held.order.manner,
            length_ms: self.length_ms,
            cause: None,
        }
    }
}

struct Building {
    cues: Vec<Cue>,
}

impl Building {
    fn add(&mut self, order: usize, firing: &Firing) {
        self.cues.push(Cue {
            id: firing.cue,
            order,
            starts: None,
            ends: None,
            airs_ms: 0,
            cut_by: None,
            fate: Fate::Open,
        });
    }

    fn note(&mut self, at: UtcMs, step: Step) {
        let id = match step {
            Step::Start { firing, .. } => firing.cue,
            Step::Cut { cue, .. } | Step::Dropped { cue, .. } | Step::End { cue } | Step::Missed { cue, .. } => cue,
        };
        // From the end: what happens now concerns cues that came due a moment ago.
        let Some(cue) = self.cues.iter_mut().rev().find(|cue| cue.id == id) else { return };
        match step {
            Step::Start { firing, .. } => {
                cue.starts.get_or_insert(at);
                cue.airs_ms = firing.length_ms;
            }
            Step::Cut { position_ms, why, resumes, .. } => {
                cue.airs_ms = position_ms;
                cue.ends = Some(at);
                cue.cut_by = Some(why);
                cue.fate = if resumes { Fate::Open } else { Fate::Interrupted(why) };
            }
            Step::Dropped { why, .. } => cue.fate = Fate::Interrupted(why),
            Step::End { .. } => (cue.ends, cue.fate) = (Some(at), Fate::Plays),
            Step::Missed { why, .. } => cue.fate = Fate::Missed(why),
        }
    }
}
