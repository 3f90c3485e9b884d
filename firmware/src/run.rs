//! The whole board but its drivers: what happened goes in, what to write is written, what to show comes out.
//!
//! Its program calls [`Device::round`] when time has passed, [`Device::heard`] when bytes came, [`Device::work`] after
//! either, and lets [`crate::paint::Painter`] draw what is due. All that one round changes is written as one, before anything is shown that rests
//! on it; should the flash fail, the board shows what is due all the same. It reads no clock and touches no pin. Next:
//! `board.rs`.

use loa_domain::class::BoardClass;
use loa_domain::delivery::release::Release;
use loa_domain::id::{CueId, Hash};
use loa_domain::keys;
use loa_domain::limits;
use loa_domain::message::Up;
use loa_domain::message::topic::Topic;
use loa_domain::play::player::Now;
use loa_domain::proof::record::{Body, ClockSource, Evidence, Seen};
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, List, Text};

use crate::board::{Board, Output};
use crate::bundle::{self, ORDERS, Orders, PAGES};
use crate::chain::{Chain, chance};
use crate::courier::{Courier, Line, Means, Said};
use crate::flash::Flash;
use crate::inbox::{Inbox, ROOM};
use crate::incoming::Why;
use crate::link::{Broken, Event, Link, Login, Wire};
use crate::page::{Address, Given};
use crate::screen::Turn;
use crate::shelf::Shelf;
use crate::sntp;
use crate::store::{Name, Open, SCRATCH, Settling, Store};
use crate::wall::{ASK_MS, ASK_UNKNOWN_MS, FREE_ERROR_MS, Wall};

/// Cues that are remembered with what was seen of them, at most: one is up, and one that it cut in on.
const FACES: usize = 2;
/// Rounds of openings in one call at most.
const ROUNDS: usize = 8;

/// A slide that is up.
#[derive(Clone, Copy)]
struct Lit {
    cue: CueId,
    slide: Hash,
    /// When it would have begun at its beginning, in monotonic milliseconds.
    begun_ms: u64,
    length_ms: u32,
}

/// What a round writes, and what it found out.
struct Notes<'m, F> {
    store: Store<'m, F>,
    chain: Chain,
    open: Open,
    is_dirty: bool,
    opened: List<CueId, { limits::LIVE }>,
    /// What is up.
    up: Option<Lit>,
    /// What the panel showed last of cues, the newest one last.
    faces: List<(CueId, Hash), FACES>,
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
                let face = self.faces.iter().find(|(cue, _)| *cue == closed.cue).map(|(_, face)| *face);
                self.faces.retain(|(cue, _)| *cue != closed.cue);
                self.record(Body::Cue { closed, content, evidence, face }, pen);
            }
            Output::Stepped { .. } => self.step(pen),
            Output::KeepDue => self.is_dirty = true,
            Output::Turn(Turn::Show { cue, slide, position_ms, length_ms }) => {
                let begun_ms = pen.now.mono_ms.saturating_sub(u64::from(position_ms));
                self.up = Some(Lit { cue, slide, begun_ms, length_ms });
            }
            Output::Turn(Turn::Rest) => self.up = None,
        }
    }
}

/// Where the largest parts of a board lie.
pub struct Space<'m> {
    /// Who the board is ([`crate::page::load`]).
    pub given: &'m mut Given,
    /// The rules, the timetable, the screen.
    pub board: &'m mut Board<ORDERS, PAGES>,
    /// What arrives.
    pub inbox: &'m mut Inbox,
    /// What is said.
    pub courier: &'m mut Courier,
    /// Room for one value of the store.
    pub scratch: &'m mut [u8; SCRATCH],
}

/// A board. What is largest of it lies elsewhere, because nothing that large may pass over a small stack.
pub struct Device<'m, F> {
    given: &'m mut Given,
    wall: Wall,
    shelf: Shelf,
    notes: Notes<'m, F>,
    board: &'m mut Board<ORDERS, PAGES>,
    courier: &'m mut Courier,
    inbox: &'m mut Inbox,
    link: Link,
    place: Option<Text<{ limits::PLACE_NAME_BYTES }>>,
    /// How bright the board is to be at which hour.
    class: Option<BoardClass>,
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
            faces: List::new(),
            has_stepped: false,
            knew: None,
            release: None,
        };
        if let Some(utc) = battery {
            let _early = wall.set(mono_ms, utc, ClockSource::Free, FREE_ERROR_MS);
        }
        let (link, place, class, time_asked, time_ask_ms) = (Link::default(), None, None, None, 0);
        Self { given, wall, shelf, notes, board, courier, inbox, link, place, class, time_asked, time_ask_ms }
    }

    /// Takes up where the last run ended. To be called once, when the board lies where it stays.
    pub fn take_up(&mut self, mono_ms: u64) {
        self.take_up_officers();
        self.take_up_release(mono_ms);
        self.take_up_cues(mono_ms);
        self.settle();
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
        if self.courier.said_by_officers.is_some() {
            self.heed();
        }
        if self.courier.ready().is_some() {
            self.put_in_force(mono_ms, wire);
        }
        let next_ms = self.courier.next_ms(mono_ms);
        // Where there was no room to heed it, or it is heeded in two steps.
        Ok(if self.courier.said_by_officers.is_some() { next_ms.min(mono_ms + 1_000) } else { next_ms })
    }

    /// Officers said something that changes what is in force.
    #[inline(never)]
    fn heed(&mut self) {
        let Self { shelf, notes, inbox, courier, .. } = self;
        // While a message comes in there is no room; what is left of it comes at once.
        let (Some(said), Some(room)) = (courier.said_by_officers, inbox.spare()) else { return };
        let was_asking = courier.is_asking();
        courier.said_by_officers = None;
        let Some(sealed) = notes.release else {
            return if said == Said::Root {
                self.take_up_officers()
            };
        };
        if !kept(sealed, (shelf, notes.store.flash()), room, courier.release_mut()) {
            // Spoilt: it is put right when it is missed, and nothing new shows until then.
            courier.give_up();
        } else if said == Said::Stop {
            courier.again(sealed, true);
            // What was being asked of the others is asked from the beginning.
            courier.said_by_officers = was_asking.then_some(Said::Root);
            return;
        } else {
            courier.again(sealed, false);
        }
        self.take_up_officers();
        // The desk may have the next one.
        self.courier.stepped();
    }

    /// The release on its way is complete.
    #[inline(never)]
    fn put_in_force<W: Wire>(&mut self, mono_ms: u64, wire: &mut W) {
        // What was due until this moment is due under the old timetable.
        self.round(mono_ms);
        let is_repair = self.courier.ready().is_some_and(|incoming| incoming.why == Why::Repair);
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
        let Self { given, wall, shelf, notes, board, courier, inbox, place, class, .. } = self;
        let (Some((incoming, stopped)), Some(room)) = (courier.ready_and_stopped(), inbox.spare()) else {
            return Ok(());
        };
        let release = &incoming.release;
        let mut table = Orders::default();
        bundle::empty(&mut table, release, &given.quiet);
        bundle::fill(&mut table, release, (incoming.off, stopped), (shelf, notes.store.flash()), room)?;
        wall.not_before(release.issued, mono_ms);
        let is_new = incoming.why == Why::New;
        let pen = Pen { given, wall, now: wall.now(mono_ms) };
        if is_new {
            // Written with its record and with what it changes: a cut leaves the old timetable or the new one.
            notes.release = Some(incoming.sealed);
            notes.chain.begin(pen.now.utc.max(release.issued));
            notes.chain.release = release.seq;
            place.clone_from(&release.place_name);
            class.clone_from(&release.board);
        }
        // There is room for them where the slides of a new one are listed.
        let off = &mut incoming.slides;
        if !is_new {
            off.clear();
        }
        // What was stopped, or has nobody who answers for it, ends as what the desk revokes. So does what was superseded and
        // is still up: nobody knows any more who signed it.
        let shown = board.table().into_iter().flat_map(Orders::orders).filter(|order| !is_new && !table.has(order));
        for order in shown {
            if !off.contains(&order) {
                // As many fit as there are slides.
                let _fits = off.push(order);
            }
        }
        let revoked = if is_new { &release.revoked[..] } else { &off[..] };
        board.change(&mut table, revoked, pen.now, &mut |output| notes.take(output, pen));
        if is_new {
            notes.record(Body::InForce { release: release.seq }, pen);
        }
        Ok(())
    }

    /// The question for the time server, if one is due: where to send it, and the packet.
    pub fn ask_time(&mut self, mono_ms: u64) -> Option<(Address, [u8; sntp::BYTES])> {
        if !self.wall.is_known() {
            // It was known, and turned out to be wrong.
            self.time_ask_ms = self.time_ask_ms.min(mono_ms + ASK_UNKNOWN_MS);
        }
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

/// Reads the sealed release with this hash to where it stays. It was verified when it came, maybe under another root
/// document; now it need only be those bytes.
#[inline(never)]
fn kept<F: Flash>(sealed: Hash, (shelf, flash): (&Shelf, &mut F), room: &mut [u8], release: &mut Release) -> bool {
    let Some(lies) = shelf.find(&sealed) else { return false };
    let Some(room) = room.get_mut(..lies.size as usize) else { return false };
    let is_whole = lies.read(flash, 0, room).is_ok() && Hash::of(room) == sealed;
    is_whole && keys::body(room).is_ok_and(|body| wire::decode_into(body, release).is_ok())
}

mod begin;
mod panel;

pub use panel::{Face, Next, Notice};

/// The page of a board must fit what it is read into.
const _: () = assert!(ROOM >= 4096);
