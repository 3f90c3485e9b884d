//! The board: the player's rules joined to the screen and the timetable. What goes in and what comes out is all here.
//!
//! What is to be written comes before anything is shown that rests on it: a cue begins only after [`Board::written`]
//! said that its opening is on flash. All that one call says to write belongs into one batch. It reads no clock and
//! touches no pin. Next: `board/tests.rs`, a board on a bench.

use loa_domain::id::{CueId, Hash};
use loa_domain::plan::Reason;
use loa_domain::play::due::Due;
use loa_domain::play::player::{Act, Closed, Now, Opened, Player, Timetable};
use loa_domain::time::UtcMs;

use crate::screen::{Screen, Turn};
use crate::table::Table;

/// What a board's program has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Write: this cue's proof is open. When it is on flash, call [`Board::written`].
    Open(Opened),
    /// Write: so much of an open cue was seen by now.
    Progress(Opened),
    /// Write: what became of a cue; its opening goes.
    Close {
        /// What became of it.
        closed: Closed,
        /// The hash over the hashes of the order's slides.
        content: Hash,
    },
    /// Write: the clock stepped.
    Stepped {
        /// By how many milliseconds.
        by_ms: i64,
        /// To which time.
        to: UtcMs,
    },
    /// Write: what is settled changed ([`Board::due`]).
    KeepDue,
    /// The panel has to do something.
    Turn(Turn),
}

/// A board with a timetable of at most `ORDERS` orders and `PAGES` slides.
#[derive(Debug)]
pub struct Board<const ORDERS: usize, const PAGES: usize> {
    player: Player,
    table: Table<ORDERS, PAGES>,
    has_table: bool,
    screen: Screen,
}

// One kind of closure each way: a player is compiled once, not once for each call, which halves the flash it takes.

/// Splits what the player says into what the program writes and what the screen does.
fn act<const ORDERS: usize, const PAGES: usize>(
    act: Act,
    table: Option<&Table<ORDERS, PAGES>>,
    screen: &mut Screen,
    now: Now,
    out: &mut dyn FnMut(Output),
) {
    match act {
        Act::Open(opened) => out(Output::Open(opened)),
        Act::Progress(opened) => out(Output::Progress(opened)),
        Act::Close(closed) => {
            let content = table.map_or(Hash::ZERO, |table| table.content(&closed.cue.order));
            out(Output::Close { closed, content });
        }
        Act::Stepped { by_ms, to } => out(Output::Stepped { by_ms, to }),
        Act::KeepDue => out(Output::KeepDue),
        // Slides are drawn from flash as they are.
        Act::Prepare(_) => {}
        Act::Play { cue, at, position_ms, .. } => {
            let length_ms = table.map_or(0, |table| table.length_ms(&cue.order));
            screen.play(cue, at, position_ms, length_ms, now);
        }
        Act::Stop { cue } => screen.stop(cue, now),
    }
}

impl<const ORDERS: usize, const PAGES: usize> Board<ORDERS, PAGES> {
    /// A board that has not started.
    #[must_use]
    pub fn new() -> Self {
        Self { player: Player::default(), table: Table::default(), has_table: false, screen: Screen::default() }
    }

    /// Puts in the timetable of the last run, before the board starts. Without an error it is in force.
    pub fn put<E>(&mut self, fill: impl FnOnce(&mut Table<ORDERS, PAGES>) -> Result<(), E>) -> Result<(), E> {
        let filled = fill(&mut self.table);
        self.has_table = filled.is_ok();
        filled
    }

    /// Starts, with what its flash holds of the last run. It is large: it starts where it lies, once.
    pub fn start(&mut self, due: &Due, open: impl IntoIterator<Item = Opened>, now: Now, out: &mut dyn FnMut(Output)) {
        let (held, screen) = (self.has_table.then_some(&self.table), &mut self.screen);
        let mut acts: &mut dyn FnMut(Act) = &mut |said| act(said, held, screen, now, out);
        self.player.take_up(due, open, held.map(Table::view).as_ref(), now, &mut acts);
    }

    /// What is settled, for the flash.
    #[must_use]
    pub fn due(&self) -> &Due {
        self.player.due()
    }

    /// A timetable takes effect. Cues of revoked orders end at once; others that are up go on to their end.
    /// [`Board::poll`] must follow. `table` holds the old timetable afterwards: two of them are all that fits.
    pub fn change(
        &mut self,
        table: &mut Table<ORDERS, PAGES>,
        revoked: &[Hash],
        now: Now,
        out: &mut dyn FnMut(Output),
    ) {
        let old = self.has_table.then_some(&self.table);
        old.into_iter().for_each(|old| table.inherit(old, |order| self.player.holds(order)));
        let (view, screen) = (old.map(Table::view), &mut self.screen);
        let mut acts: &mut dyn FnMut(Act) = &mut |said| act(said, Some(table), screen, now, out);
        self.player.change(view.as_ref(), &table.view(), revoked, now, &mut acts);
        core::mem::swap(&mut self.table, table);
        self.has_table = true;
        self.tell(now, out);
    }

    /// The timetable in force.
    #[must_use]
    pub fn table(&self) -> Option<&Table<ORDERS, PAGES>> {
        self.has_table.then_some(&self.table)
    }

    /// The cue on the air.
    #[must_use]
    pub fn on_air(&self) -> Option<CueId> {
        self.player.on_air()
    }

    /// When the next cue is to begin.
    #[must_use]
    pub fn next_cue(&mut self, now: UtcMs) -> Option<UtcMs> {
        self.has_table.then(|| self.player.next_cue(now, &self.table.view())).flatten()
    }

    /// A cue's opening is on flash.
    pub fn written(&mut self, cue: CueId, now: Now, out: &mut dyn FnMut(Output)) {
        let (Some(table), screen) = (self.has_table.then_some(&self.table), &mut self.screen) else { return };
        let mut acts: &mut dyn FnMut(Act) = &mut |said| act(said, Some(table), screen, now, out);
        self.player.durable(cue, &table.view(), now, &mut acts);
    }

    /// What was up is over: the panel does not work, or its slide is missing or spoilt.
    pub fn failed(&mut self, flaw: Reason, now: Now, out: &mut dyn FnMut(Output)) {
        self.screen.fail(flaw, now);
        self.tell(now, out);
    }

    /// Time has passed. Gives when to call again at the latest, in monotonic milliseconds.
    pub fn poll(&mut self, now: Now, out: &mut dyn FnMut(Output)) -> u64 {
        let table = self.has_table.then_some(&self.table);
        let screen = &mut self.screen;
        let mut acts: &mut dyn FnMut(Act) = &mut |said| act(said, table, screen, now, out);
        let view: Option<Timetable<'_>> = table.map(Table::view);
        let player_ms = self.player.poll(now, view.as_ref(), &mut acts);
        self.screen.turn(table, now, &mut |turn| out(Output::Turn(turn)));
        let screen_ms = self.screen.next_ms(table, now);
        // What the player heard may change what it wants next.
        if self.tell(now, out) { now.mono_ms } else { screen_ms.map_or(player_ms, |at_ms| at_ms.min(player_ms)) }
    }

    /// Tells the player what the screen did. True if something ended.
    fn tell(&mut self, now: Now, out: &mut dyn FnMut(Output)) -> bool {
        let mut ended = false;
        while let Some(sound) = self.screen.tell() {
            ended |= matches!(sound, loa_domain::play::player::Sound::Over { .. });
            let (table, screen) = (self.has_table.then_some(&self.table), &mut self.screen);
            let mut acts: &mut dyn FnMut(Act) = &mut |said| act(said, table, screen, now, out);
            self.player.sound(sound, table.map_or(0, |table| table.view().volume), now, &mut acts);
        }
        ended
    }
}

impl<const ORDERS: usize, const PAGES: usize> Default for Board<ORDERS, PAGES> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
