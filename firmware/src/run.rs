//! The whole board but its drivers: what happened goes in, what to write is written, what to show comes out.
//!
//! Its program calls [`Device::round`] when time has passed, [`Device::heard`] when bytes came, [`Device::work`] after
//! either, and draws [`Device::face`]. All that one round changes is written as one, before anything is shown that rests
//! on it; should the flash fail, the board shows what is due all the same. It reads no clock and touches no pin. Next:
//! `board.rs`.

use loa_domain::delivery::release::Release;
use loa_domain::id::{CueId, Hash};
use loa_domain::keys::{Purpose, Sealed};
use loa_domain::limits;
use loa_domain::message::Up;
use loa_domain::message::topic::Topic;
use loa_domain::plan::Reason;
use loa_domain::play::player::Now;
use loa_domain::proof::record::{Body, ClockSource, Evidence, Seen};
use loa_domain::time::{LocalTime, UtcMs};
use loa_domain::wire::{self, List, Text};

use crate::board::{Board, Output};
use crate::bundle::{self, ORDERS, PAGES};
use crate::chain::{Chain, chance};
use crate::courier::{Courier, Line, Means};
use crate::flash::Flash;
use crate::inbox::{Inbox, ROOM};
use crate::incoming::Incoming;
use crate::link::{Broken, Event, Link, Login, Wire};
use crate::page::{Address, Given};
use crate::shelf::Shelf;
use crate::sntp;
use crate::store::{Name, Open, SCRATCH, Settled, Settling, Store};
use crate::wall::{ASK_MS, ASK_UNKNOWN_MS, FREE_ERROR_MS, Wall};

/// Rounds of openings in one call at most.
const ROUNDS: usize = 8;

/// What the panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// A slide.
    Slide {
        /// Its SHA-256; [`Device::slide`] gives its bytes.
        slide: Hash,
        /// When it would have begun at its beginning, in monotonic milliseconds.
        begun_ms: u64,
    },
    /// Nothing is due: the time of the place.
    Clock(LocalTime),
    /// There is no timetable, or it has ended.
    NoPlan,
    /// Nobody has said what time it is.
    ClockUnknown,
}

/// What a round writes, and what it found out.
struct Notes<'m, F> {
    store: Store<'m, F>,
    chain: Chain,
    open: Open,
    is_dirty: bool,
    opened: List<CueId, { limits::LIVE }>,
    /// What is up, and since when.
    up: Option<(Hash, u64)>,
    has_stepped: bool,
    /// When the time was known last.
    knew: Option<Now>,
    /// The sealed release in force, by its hash.
    release: Option<Hash>,
}

/// Who writes and when.
#[derive(Clone, Copy)]
struct Pen<'p> {
    given: &'p Given,
    wall: &'p Wall,
    now: Now,
}

impl<F: Flash> Notes<'_, F> {
    #[inline(never)]
    fn record(&mut self, body: Body, pen: Pen<'_>) {
        let who = (&pen.given.player, &pen.given.key);
        self.chain.append(who, body, (pen.wall, pen.now.mono_ms), &mut self.store);
        self.is_dirty = true;
    }

    /// The wall clock stepped. From 1970, which it shows while nobody knows the time, and back to there is no step: it
    /// stepped from what was known last to what is known now, if it is wrong by that.
    fn step(&mut self, pen: Pen<'_>) {
        let Some(knew) = self.knew.filter(|_| pen.wall.is_known()) else { return };
        let passed = i64::try_from(pen.now.mono_ms.saturating_sub(knew.mono_ms)).unwrap_or(i64::MAX);
        let (to, by_ms) = (pen.now.utc, pen.now.utc.since_ms(knew.utc.plus_ms(passed)));
        if by_ms.saturating_abs() >= limits::STEP_MS {
            self.has_stepped = true;
            self.record(Body::Stepped { by_ms, to }, pen);
        }
    }

    fn take(&mut self, output: Output, pen: Pen<'_>) {
        match output {
            Output::Open(opened) => {
                self.is_dirty = true;
                // As many fit as a player holds.
                let _fits = self.open.push(opened);
                let _fits = self.opened.push(opened.cue);
            }
            Output::Progress(opened) => {
                self.is_dirty = true;
                self.open.iter_mut().filter(|open| open.cue == opened.cue).for_each(|open| *open = opened);
            }
            Output::Close { closed, content } => {
                self.open.retain(|open| open.cue != closed.cue);
                let evidence = if closed.heard_ms > 0 { Evidence::Decoded } else { Evidence::Commanded };
                self.record(Body::Cue { closed, content, evidence, face: None }, pen);
            }
            Output::Stepped { .. } => self.step(pen),
            Output::KeepDue => self.is_dirty = true,
            Output::Show { slide, position_ms } => {
                self.up = Some((slide, pen.now.mono_ms.saturating_sub(u64::from(position_ms))));
            }
            Output::Rest => self.up = None,
        }
    }
}

/// Where the largest parts of a board lie.
pub struct Space<'m> {
    /// Who the board is ([`crate::page::load`]).
    pub given: &'m Given,
    /// The rules, the timetable, the screen.
    pub board: &'m mut Board<ORDERS, PAGES>,
    /// What arrives.
    pub inbox: &'m mut Inbox,
    /// What is said.
    pub courier: &'m mut Courier,
    /// Room for one value of the store.
    pub scratch: &'m mut [u8; SCRATCH],
}

/// An empty timetable for a release, where the board has it.
#[inline(never)]
fn make_room(board: &mut Board<ORDERS, PAGES>, release: &Release, given: &Given) {
    *board.table_mut() = Some(bundle::empty(release, &given.quiet));
}

/// A board. What is largest of it lies elsewhere, because nothing that large may pass over a small stack.
pub struct Device<'m, F> {
    given: &'m Given,
    wall: Wall,
    shelf: Shelf,
    notes: Notes<'m, F>,
    board: &'m mut Board<ORDERS, PAGES>,
    courier: &'m mut Courier,
    inbox: &'m mut Inbox,
    link: Link,
    place: Option<Text<{ limits::PLACE_NAME_BYTES }>>,
    /// The number that the time server was asked with and when; when to ask again.
    time_asked: Option<(u64, u64)>,
    time_ask_ms: u64,
}

impl<'m, F: Flash> Device<'m, F> {
    /// Reads what the flash holds. `battery` is what a battery-backed clock shows, where there is one.
    #[must_use]
    pub fn start(flash: F, space: Space<'m>, mono_ms: u64, battery: Option<UtcMs>) -> Self {
        let Space { given, board, inbox, courier, scratch } = space;
        let mut store = Store::new(flash, scratch);
        let starts = store.get::<u32>(Name::Starts).unwrap_or_default().saturating_add(1);
        // A flash that takes nothing is told by the records it loses; the board shows what it has.
        let _kept = store.put(Name::Starts, &starts);
        let seen: Option<Seen> = store.get(Name::Seen);
        let chain = Chain::new(None, seen, &given.key, starts);
        let shelf = Shelf::load(&mut store);
        let mut wall = Wall::default();
        let notes = Notes {
            store,
            chain,
            open: Open::new(),
            is_dirty: true,
            opened: List::new(),
            up: None,
            has_stepped: false,
            knew: None,
            release: None,
        };
        if let Some(utc) = battery {
            let _early = wall.set(mono_ms, utc, ClockSource::Free, FREE_ERROR_MS);
        }
        let (link, place, time_asked, time_ask_ms) = (Link::default(), None, None, 0);
        Self { given, wall, shelf, notes, board, courier, inbox, link, place, time_asked, time_ask_ms }
    }

    /// Takes up where the last run ended. To be called once, when the board lies where it stays.
    pub fn take_up(&mut self, mono_ms: u64) {
        self.take_up_release(mono_ms);
        self.take_up_cues(mono_ms);
        self.settle();
    }

    /// Puts the kept release in force again.
    #[inline(never)]
    fn take_up_release(&mut self, mono_ms: u64) {
        self.notes.release = self.settled_release();
        let Some((release, sealed)) = self.kept() else { return };
        self.wall.not_before(release.issued, mono_ms);
        let Self { given, shelf, notes, inbox, board, .. } = self;
        let Some(room) = inbox.spare() else { return };
        make_room(board, &release, given);
        let Some(table) = board.table_mut() else { return };
        let filled = bundle::fill(table, (&release, false), &given.root, (shelf, notes.store.flash()), room);
        if filled.is_ok() {
            self.courier.puts_in_force(Some((release.seq, sealed, release.bundle.map(|blob| blob.hash))));
            notes.chain.release = release.seq;
            self.place = release.place_name;
        } else {
            *board.table_mut() = None;
            self.courier.repair(Incoming::new(release, sealed, false), mono_ms);
        }
    }

    #[inline(never)]
    fn settled_release(&mut self) -> Option<Hash> {
        self.notes.store.get::<Settled>(Name::Settled)?.release
    }

    /// Says what became of what was open.
    #[inline(never)]
    fn take_up_cues(&mut self, mono_ms: u64) {
        let Self { given, wall, notes, board, .. } = self;
        let Settled { due, open, head, .. } = notes.store.get(Name::Settled).unwrap_or_default();
        let _rolled = notes.store.roll_back(head);
        notes.chain.resume(head);
        let pen = Pen { given, wall, now: wall.now(mono_ms) };
        notes.open.clone_from(&open);
        if head.is_some() || wall.is_known() {
            let rebuilt = notes.chain.begin(pen.now.utc);
            notes.record(Body::Started { rebuilt }, pen);
        }
        board.start(due, open.iter().copied(), pen.now, &mut |output| notes.take(output, pen));
    }

    /// The release that was put in force last, and its sealed bytes' hash.
    #[inline(never)]
    fn kept(&mut self) -> Option<(Release, Hash)> {
        let Self { given, shelf, notes, inbox, .. } = self;
        let hash = notes.release?;
        let lies = shelf.find(&hash)?;
        let room = inbox.spare()?.get_mut(..lies.size as usize)?;
        lies.read(notes.store.flash(), 0, room).ok()?;
        let release: Release = Sealed::read(room).ok()?.open(Purpose::Release, &given.root.desk).ok()?;
        (release.placement.player == given.player).then_some((release, hash))
    }

    /// Writes all that this round changed.
    #[inline(never)]
    fn settle(&mut self) {
        let Self { notes, board, .. } = self;
        if core::mem::take(&mut notes.is_dirty) {
            let (open, head, release) = (&notes.open, notes.chain.head(), notes.release);
            let settling = Settling { due: board.due(), open, head, release };
            // What is not written is written with the next round.
            notes.is_dirty = notes.store.put(Name::Settled, &settling).is_err();
        }
    }

    /// Time has passed. Gives when to call again at the latest, in monotonic milliseconds.
    #[inline(never)]
    pub fn round(&mut self, mono_ms: u64) -> u64 {
        let now = self.wall.now(mono_ms);
        if self.notes.chain.head().is_none() && self.wall.is_known() {
            let Self { given, wall, notes, .. } = self;
            let rebuilt = notes.chain.begin(now.utc);
            notes.record(Body::Started { rebuilt }, Pen { given, wall, now });
        }
        let mut next_ms = mono_ms;
        for _ in 0..ROUNDS {
            let Self { given, wall, notes, board, .. } = self;
            let pen = Pen { given, wall, now };
            next_ms = board.poll(now, &mut |output| notes.take(output, pen));
            let opened = core::mem::take(&mut notes.opened);
            self.settle();
            if opened.is_empty() && next_ms > mono_ms {
                break;
            }
            let Self { given, wall, notes, board, .. } = self;
            let pen = Pen { given, wall, now };
            opened.iter().for_each(|cue| board.written(*cue, now, &mut |output| notes.take(output, pen)));
        }
        if core::mem::take(&mut self.notes.has_stepped) {
            self.courier.stepped();
        }
        if self.wall.is_known() {
            self.notes.knew = Some(now);
        }
        next_ms
    }

    /// What to show.
    #[must_use]
    pub fn face(&self, mono_ms: u64) -> Face {
        let utc = self.wall.now(mono_ms).utc;
        match (self.notes.up, self.board.table()) {
            (Some((slide, begun_ms)), _) => Face::Slide { slide, begun_ms },
            (None, _) if !self.wall.is_known() => Face::ClockUnknown,
            (None, Some(table)) if utc < table.issued => Face::ClockUnknown,
            (None, Some(table)) if utc < table.expires => Face::Clock(table.offsets.to_local(utc)),
            (None, _) => Face::NoPlan,
        }
    }

    /// The name of the place the board stands at, for people.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Copies a slide's bytes; gives how many they are. What is wrong if they are not what their name says: then call
    /// [`Device::spoilt`].
    #[inline(never)]
    pub fn slide(&mut self, slide: Hash, into: &mut [u8]) -> Result<usize, Reason> {
        let Self { shelf, notes, .. } = self;
        let lies = shelf.find(&slide).ok_or(Reason::ContentMissing)?;
        let room = into.get_mut(..lies.size as usize).ok_or(Reason::ContentCorrupt)?;
        let read = lies.read(notes.store.flash(), 0, room);
        read.ok().filter(|_| Hash::of(room) == slide).ok_or(Reason::ContentCorrupt)
    }

    /// What is up cannot be shown.
    pub fn failed(&mut self, flaw: Reason, mono_ms: u64) {
        let Self { given, wall, notes, board, .. } = self;
        let pen = Pen { given, wall, now: wall.now(mono_ms) };
        notes.up = None;
        board.failed(flaw, pen.now, &mut |output| notes.take(output, pen));
        self.settle();
    }

    /// A slide cannot be shown as it is: its cue ends, and it is fetched again.
    #[inline(never)]
    pub fn spoilt(&mut self, slide: Hash, flaw: Reason, mono_ms: u64) {
        self.failed(flaw, mono_ms);
        self.shelf.forget(&slide, &mut self.notes.store);
        if let Some((release, sealed)) = self.kept() {
            self.courier.repair(Incoming::new(release, sealed, true), mono_ms);
        }
    }

    /// Where the broker is.
    #[must_use]
    pub fn broker(&self) -> Address {
        self.given.broker
    }

    /// A connection to the broker is open.
    pub fn opened(&mut self, mono_ms: u64, wire: &mut impl Wire) {
        let Self { given, inbox, link, .. } = self;
        inbox.clear();
        let mut gone = [0; 8];
        let length = wire::encode_into(&Up::Gone, &mut gone).unwrap_or_default();
        let topic = Topic::Up(&given.player).text();
        let client = given.player.as_str();
        // The desk's own broker knows players by their ids.
        let (user, password) = (given.user.as_deref().unwrap_or(client), given.password.as_deref());
        let login = Login { client, user, password, will: (&topic, &gone[..length]) };
        link.open(&login, mono_ms, wire);
    }

    /// Whether the broker took the board in.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// The connection is gone.
    pub fn lost(&mut self) {
        self.link.close();
        self.inbox.clear();
        self.courier.link_down();
    }

    /// Bytes came from the broker.
    ///
    /// # Errors
    /// When the connection must end; [`Device::lost`] must follow.
    #[inline(never)]
    pub fn heard<W: Wire>(&mut self, mono_ms: u64, bytes: &[u8], wire: &mut W) -> Result<(), Broken> {
        let on_air = self.board.on_air();
        let Self { given, wall, shelf, notes, board, courier, inbox, link, .. } = self;
        let Notes { store, chain, .. } = notes;
        let table = board.table();
        let mut means = Means { given, store, shelf, wall, chain, table, on_air, now_ms: mono_ms };
        link.take(mono_ms, bytes, wire, &mut |link, wire, event| {
            let mut line = Line { link, wire };
            if event == Event::Up {
                courier.link_up(&mut means, &mut line);
            }
            inbox.take(event, |came| courier.came(came, &mut means, &mut line));
        })
    }

    /// Brings what is said forward, whether the link is up or not. Gives when to call again at the latest.
    ///
    /// # Errors
    /// When the connection must end; [`Device::lost`] must follow.
    #[inline(never)]
    pub fn work<W: Wire>(&mut self, mono_ms: u64, wire: &mut W) -> Result<u64, Broken> {
        self.link.poll(mono_ms, wire)?;
        let on_air = self.board.on_air();
        let Self { given, wall, shelf, notes, board, courier, inbox, link, .. } = self;
        let Notes { store, chain, .. } = notes;
        let table = board.table();
        let mut means = Means { given, store, shelf, wall, chain, table, on_air, now_ms: mono_ms };
        courier.work(inbox, &mut means, &mut Line { link, wire });
        if let Some(shown) = courier.split.take() {
            let now = wall.now(mono_ms);
            notes.record(Body::LogSplit { shown }, Pen { given, wall, now });
            self.settle();
        }
        if self.courier.ready().is_some() {
            self.put_in_force(mono_ms, wire);
        }
        Ok(self.courier.next_ms(mono_ms))
    }

    /// The release on its way is complete.
    #[inline(never)]
    fn put_in_force<W: Wire>(&mut self, mono_ms: u64, wire: &mut W) {
        // What was due until this moment is due under the old timetable.
        self.round(mono_ms);
        let is_repair = self.courier.ready().is_some_and(|incoming| incoming.is_repair);
        let change = if is_repair { Ok(()) } else { self.change(mono_ms) };
        self.settle();
        let on_air = self.board.on_air();
        let Self { given, wall, shelf, notes, board, courier, link, .. } = self;
        let Notes { store, chain, .. } = notes;
        let table = board.table();
        let mut means = Means { given, store, shelf, wall, chain, table, on_air, now_ms: mono_ms };
        let mut line = Line { link, wire };
        match change {
            Ok(()) => courier.in_force(&mut means, &mut line),
            Err(fault) => courier.refuse(fault, &mut means, &mut line),
        }
    }

    #[inline(never)]
    fn change(&mut self, mono_ms: u64) -> Result<(), loa_domain::delivery::intake::Fault> {
        let Self { given, wall, shelf, notes, board, courier, inbox, place, .. } = self;
        let (Some(incoming), Some(room)) = (courier.ready(), inbox.spare()) else { return Ok(()) };
        let release = &incoming.release;
        let mut table = bundle::empty(release, &given.quiet);
        bundle::fill(&mut table, (release, true), &given.root, (shelf, notes.store.flash()), room)?;
        wall.not_before(release.issued, mono_ms);
        let pen = Pen { given, wall, now: wall.now(mono_ms) };
        // Written with its record and with what it changes: a cut leaves the old timetable or the new one.
        notes.release = Some(incoming.sealed);
        notes.chain.begin(pen.now.utc.max(release.issued));
        notes.chain.release = release.seq;
        place.clone_from(&release.place_name);
        board.change(&mut table, &release.revoked, pen.now, &mut |output| notes.take(output, pen));
        notes.record(Body::InForce { release: release.seq }, pen);
        Ok(())
    }

    /// The question for the time server, if one is due: where to send it, and the packet.
    pub fn ask_time(&mut self, mono_ms: u64) -> Option<(Address, [u8; sntp::BYTES])> {
        let server = self.given.time.filter(|_| mono_ms >= self.time_ask_ms)?;
        let wait_ms = if self.wall.is_known() { ASK_MS } else { ASK_UNKNOWN_MS };
        self.time_ask_ms = mono_ms + wait_ms;
        let chance = chance(&self.given.key, &self.notes.chain.boot(), mono_ms | 1 << 63);
        let number = chance.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        self.time_asked = Some((number, mono_ms));
        Some((server, sntp::question(number)))
    }

    /// A packet came from the time server's port. True if it set the clock.
    pub fn time_answer(&mut self, packet: &[u8], mono_ms: u64) -> bool {
        let asked = self.time_asked;
        let told = asked.and_then(|(number, asked_ms)| Some((asked_ms, sntp::answer(packet, number)?)));
        told.is_some_and(|(asked_ms, utc)| {
            self.time_asked = None;
            self.wall.answered(asked_ms, mono_ms, utc)
        })
    }

    /// Records that wait for their receipts, and those that the flash did not take.
    #[must_use]
    pub fn records(&self) -> (u32, u32) {
        (self.notes.store.records(), self.notes.store.lost)
    }
}

/// The page of a board must fit what it is read into.
const _: () = assert!(ROOM >= 4096);
