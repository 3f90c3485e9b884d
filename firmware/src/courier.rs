//! Speaks with the desk: says hello, takes in releases, sends records, verifies receipts, sets the clock.
//!
//! The same rules as on Linux (`agent/src/delivery/courier.rs`), in a fixed space and without a task of its own: it is
//! called when something came and when time has passed. Everything that changes what the board shows is verified here and
//! complete on flash before `run.rs` hears of it. Next: `courier/say.rs`.

mod officers;
mod records;
mod say;

use loa_domain::delivery::blob::BlobRef;
use loa_domain::delivery::greeting::Greeting;
use loa_domain::delivery::intake::{self, Fault, Me};
use loa_domain::delivery::receiver::State;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::rest::Rest;
use loa_domain::id::{CueId, Hash};
use loa_domain::keys::{self, Purpose};
use loa_domain::message::topic::Topic;
use loa_domain::message::{DeskTime, Down, Up};
use loa_domain::proof::outbox::Outbox;
use loa_domain::proof::record::Seen;
use loa_domain::time::Soonest;
use loa_domain::timetable::audience::Placement;
use loa_domain::timetable::stop::Stopped;
use loa_domain::wire::{self, Decode};

use crate::bundle::Orders;
use crate::chain::Chain;
use crate::fetch::Fetch;
use crate::flash::Flash;
use crate::inbox::{Came, Inbox};
use crate::incoming::{Incoming, Needs, Why};
use crate::link::{Link, Wire};
use crate::page::Given;
use crate::shelf::Shelf;
use crate::store::Store;
use crate::wall::{ASK_MS, ASK_UNKNOWN_MS, Wall};

/// How often a fetch is reported, in milliseconds.
const REPORT_MS: u64 = 5_000;
/// Room on the wire for the longest record, with its topic, in bytes.
const SEND_BYTES: usize = 700;

/// What a courier works with.
pub struct Means<'m, 's, F> {
    /// Who the board is.
    pub given: &'m Given,
    /// Its records.
    pub store: &'m mut Store<'s, F>,
    /// Its content.
    pub shelf: &'m mut Shelf,
    /// Its wall clock.
    pub wall: &'m mut Wall,
    /// Its chain.
    pub chain: &'m mut Chain,
    /// The timetable in force.
    pub table: Option<&'m Orders>,
    /// The cue on the air.
    pub on_air: Option<CueId>,
    /// Monotonic milliseconds.
    pub now_ms: u64,
}

/// The way to the desk: the session and what carries it.
pub struct Line<'l, W> {
    /// The session.
    pub link: &'l mut Link,
    /// The bytes.
    pub wire: &'l mut W,
}

/// What officers said that changes what is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// Orders are off.
    Stop,
    /// There is a new root document, which the store has.
    Root,
}

/// The courier.
pub struct Courier {
    greeting: Greeting,
    outbox: Outbox,
    /// The number of the release in force.
    in_force: Option<u64>,
    /// The sealed release in force and its bundle.
    in_use: [Option<Hash>; 2],
    incoming: Option<Incoming>,
    fetch: Option<Fetch>,
    /// The shared transfer that is under way, and of what.
    shared: Option<(Hash, u32)>,
    listening: Option<u32>,
    /// The number that the time was asked with, and when.
    asked: Option<(u64, u64)>,
    /// When the time is asked for again.
    ask_ms: u64,
    wants_time: bool,
    said: u64,
    reported_ms: u64,
    on_air: Option<CueId>,
    /// A part under way is of the blob that is fetched.
    is_ours: bool,
    /// Rests between repairs.
    repairs: Rest,
    /// A contradiction of the log was told. The record of it makes the other log grow: were each growth told, there
    /// would be no end of records.
    has_told: bool,
    /// When the desk was told last from where its receipts must lead on.
    log_asked_ms: Option<u64>,
    /// The log contradicts the one seen before; `run.rs` takes it away.
    pub split: Option<Seen>,
    /// What officers said; `run.rs` takes it away.
    pub said_by_officers: Option<Said>,
    /// What they stopped.
    pub stopped: Stopped,
    /// Orders in force that are not shown, one bit for each: nobody answers for them any more.
    pub off: u64,
    /// Where the board stands by the release in force.
    placement: Placement,
    /// Officers are not listened to until then: somebody only says to be one.
    deaf_ms: u64,
    is_ready: bool,
}

impl Default for Courier {
    #[inline]
    fn default() -> Self {
        Self {
            greeting: Greeting::default(),
            outbox: Outbox::default(),
            in_force: None,
            in_use: [None; 2],
            incoming: None,
            fetch: None,
            shared: None,
            listening: None,
            asked: None,
            ask_ms: 0,
            wants_time: false,
            said: 0,
            reported_ms: 0,
            on_air: None,
            is_ours: false,
            repairs: Rest::default(),
            has_told: false,
            log_asked_ms: None,
            split: None,
            said_by_officers: None,
            stopped: Stopped::default(),
            off: 0,
            placement: Placement::blank(),
            deaf_ms: 0,
            is_ready: false,
        }
    }
}

impl Courier {
    /// This release is in force, whose sealed bytes have this hash, but for some of its orders.
    pub fn puts_in_force(&mut self, release: &mut Release, sealed: Hash, off: u64) {
        self.in_force = Some(release.seq);
        self.in_use = [Some(sealed), release.bundle.map(|blob| blob.hash)];
        core::mem::swap(&mut self.placement, &mut release.placement);
        self.off = off;
    }

    /// The release that can take effect now.
    #[must_use]
    pub fn ready(&self) -> Option<&Incoming> {
        self.incoming.as_ref().filter(|_| self.is_ready)
    }

    /// As [`Courier::ready`], with what officers stopped.
    pub fn ready_and_stopped(&mut self) -> Option<(&mut Incoming, &Stopped)> {
        self.incoming.as_mut().filter(|_| self.is_ready).map(|incoming| (incoming, &self.stopped))
    }

    /// The release that was ready is in force, or its content is whole again.
    #[inline(never)]
    pub fn in_force<F: Flash, W: Wire>(&mut self, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        self.is_ready = false;
        let Some(incoming) = &mut self.incoming else { return };
        let (release, why) = (incoming.release.seq, incoming.why);
        if why != Why::Repair {
            self.in_force = Some(release);
            self.in_use = [Some(incoming.sealed), incoming.release.bundle.map(|blob| blob.hash)];
            core::mem::swap(&mut self.placement, &mut incoming.release.placement);
            self.off = incoming.off;
        }
        self.incoming = None;
        match why {
            Why::New => self.say(&Up::InForce { release }, means, line),
            // What was on its way is offered anew.
            Why::Again => self.greeting.ask(),
            Why::Repair => {}
        }
    }

    /// The broker took the board in.
    pub fn link_up<F: Flash, W: Wire>(&mut self, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let player = &means.given.player;
        for (topic, quality) in [(Topic::Down(player), 1), (Topic::Parts(player), 0), (Topic::Everyone, 1)] {
            // A connection that has just begun has room.
            let _room = line.link.subscribe(&topic.text(), quality, line.wire);
        }
        self.greeting.link(true);
        (self.shared, self.listening) = (None, None);
        if let Some(incoming) = &mut self.incoming {
            incoming.rest.announced();
        }
        self.fetch.iter_mut().for_each(Fetch::link_up);
    }

    /// The connection is gone.
    pub fn link_down(&mut self) {
        self.greeting.link(false);
        self.outbox.link(false);
        self.is_ours = false;
    }

    /// The wall clock stepped: what was refused for its time may be right by the new one.
    pub fn stepped(&mut self) {
        self.greeting.ask();
    }

    /// Something came.
    pub fn came<F: Flash, W: Wire>(&mut self, came: Came<'_>, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        match came {
            Came::Message(bytes) => self.message(bytes, means, line),
            // It was a release, which is for a larger player, or receipts of too many records at a time.
            Came::TooLong(_) => {
                self.outbox.narrow();
                self.say(&Up::Refused { release: None, fault: Fault::Order }, means, line);
            }
            Came::Part(short, part, length) => {
                let fetch = self.fetch.as_mut().filter(|fetch| fetch.lies().hash.short() == short);
                self.is_ours = fetch.is_some();
                let begun = fetch.map_or(Ok(()), |fetch| fetch.begin_part(part, length, means.store.flash()));
                self.unless_broken(begun.is_err(), means, line);
            }
            Came::Piece(bytes) => {
                let fetch = self.fetch.as_mut().filter(|_| self.is_ours);
                let written = fetch.map_or(Ok(()), |fetch| fetch.piece(bytes, means.store.flash()));
                self.unless_broken(written.is_err(), means, line);
            }
            Came::PartEnd => {
                if let Some(fetch) = self.fetch.as_mut().filter(|_| self.is_ours) {
                    fetch.end_part(means.now_ms);
                }
            }
        }
    }

    fn unless_broken<F: Flash, W: Wire>(
        &mut self,
        is_broken: bool,
        means: &mut Means<'_, '_, F>,
        line: &mut Line<'_, W>,
    ) {
        if is_broken {
            self.is_ours = false;
            self.refuse(Fault::DiskFull, means, line);
        }
    }

    #[inline(never)]
    fn message<F: Flash, W: Wire>(&mut self, bytes: &[u8], means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        match wire::decode::<Down<'_>>(bytes) {
            Ok(Down::Release { sealed }) => self.release(sealed, means, line),
            Ok(Down::Manifest { sealed }) => {
                if let Some(fetch) = &mut self.fetch {
                    let _for_another_blob = fetch.take_manifest(sealed, &means.given.root);
                }
            }
            Ok(Down::Receipts { receipts }) => self.receipts(receipts, means, line),
            Ok(Down::Shared { blob, transfer }) => {
                if let Some(fetch) = self.fetch.as_mut().filter(|fetch| fetch.lies().hash == blob) {
                    fetch.shared(means.now_ms);
                    self.shared = Some((blob, transfer));
                }
            }
            Ok(Down::SharedOver { blob, transfer }) => {
                if self.shared == Some((blob, transfer)) {
                    self.fetch.iter_mut().for_each(Fetch::shared_over);
                    self.shared = None;
                }
            }
            Ok(Down::SayHello) => self.greeting.ask(),
            Ok(Down::Welcome) => {
                self.greeting.answered();
                // What was sent before the desk knew this board is lost.
                self.outbox.link(true);
                self.on_air = None;
            }
            Ok(Down::Time { sealed }) => self.time(sealed, means),
            Ok(Down::Root { sealed }) => self.officers(Said::Root, sealed, means),
            Ok(Down::Stop { sealed }) => self.officers(Said::Stop, sealed, means),
            // Boards have no TLS.
            Ok(Down::Certificate { .. } | Down::Waiting) => {}
            // Nothing that any desk says.
            Err(_) => {}
        }
    }

    #[inline(never)]
    fn time<F>(&mut self, sealed: &[u8], means: &mut Means<'_, '_, F>) {
        let Some((nonce, asked_ms)) = self.asked else { return };
        let told = keys::open::<DeskTime>(sealed, Purpose::Time, &means.given.root.desk);
        let Ok(told) = told.map_err(drop) else { return };
        if told.player == means.given.player && told.nonce == nonce {
            // One answer for one question.
            self.asked = None;
            if means.wall.answered(asked_ms, means.now_ms, told.now) {
                self.wants_time = false;
                self.ask_ms = means.now_ms + ASK_MS;
            }
        }
    }

    /// The desk offers a release.
    #[inline(never)]
    fn release<F: Flash, W: Wire>(&mut self, sealed: &[u8], means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        if self.incoming.as_ref().is_some_and(|incoming| incoming.why == Why::Again) {
            // Not before it is known what may be shown at all. It is asked for then.
            return;
        }
        let hash = Hash::of(sealed);
        if let Some(incoming) = self.incoming.as_mut().filter(|incoming| incoming.sealed == hash) {
            incoming.rest.announced();
            // The desk may have what it lacked when it did not answer.
            self.fetch.iter_mut().for_each(Fetch::retry);
            return;
        }
        let on_its_way = self.incoming.as_ref().map(|incoming| incoming.release.seq);
        let newest = self.in_force.max(on_its_way);
        let now = means.wall.now(means.now_ms).utc;
        let Given { root, player, .. } = means.given;
        let mut release = Release::blank();
        match intake::offer_into(sealed, (root, player), newest, now, &mut release) {
            Ok(()) => {}
            Err(Fault::Old) => {
                if let Some(release) = self.in_force {
                    self.say(&Up::InForce { release }, means, line);
                }
                return;
            }
            Err(fault) => return self.say(&Up::Refused { release: None, fault }, means, line),
        }
        // The one that was on its way is not wanted any more.
        (self.incoming, self.fetch, self.is_ready) = (None, None, false);
        let seq = release.seq;
        let kept = {
            let (in_use, table) = (self.in_use, means.table);
            let wanted = |hash: &Hash| {
                in_use.contains(&Some(*hash)) || table.is_some_and(|table| table.slides().any(|slide| slide == *hash))
            };
            means.shelf.put(sealed, wanted, means.store)
        };
        match kept {
            Ok(hash) => self.take_in(&release, hash, Why::New),
            Err(_) => self.say(&Up::Refused { release: Some(seq), fault: Fault::DiskFull }, means, line),
        }
    }

    #[inline(never)]
    fn take_in(&mut self, release: &Release, sealed: Hash, why: Why) {
        self.incoming.get_or_insert_default().begin(release, sealed, why);
    }

    /// Content of the release in force is missing or spoilt: it is fetched again. Where the sealed release lies, and
    /// whether it is in force already.
    pub fn repair(&mut self, release: &Release, (sealed, is_in_force): (Hash, bool), now_ms: u64) {
        if self.incoming.is_none() && !self.repairs.rests(now_ms) {
            self.repairs.refused(now_ms);
            self.take_in(release, sealed, if is_in_force { Why::Repair } else { Why::New });
        }
    }

    /// Brings everything forward. One step of a release, at most, in one call.
    pub fn work<F: Flash, W: Wire>(&mut self, inbox: &mut Inbox, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let now_ms = means.now_ms;
        if !means.wall.is_known() {
            // It was known, and turned out to be wrong.
            self.ask_ms = self.ask_ms.min(now_ms + ASK_UNKNOWN_MS);
        }
        if now_ms >= self.ask_ms && self.greeting.is_up() {
            // The hello asks for the time.
            self.wants_time = true;
            self.ask_ms = now_ms + if means.wall.is_known() { ASK_MS } else { ASK_UNKNOWN_MS };
            self.greeting.ask();
        }
        if self.greeting.poll(now_ms) {
            self.hello(means, line);
        }
        if let Some(room) = inbox.spare() {
            self.advance(room, means, line);
        }
        if self.greeting.is_up() {
            if let Some(want) = self.fetch.as_mut().and_then(|fetch| fetch.ask(now_ms)) {
                self.say(&Up::Want { want }, means, line);
            }
            if self.on_air != means.on_air {
                self.on_air = means.on_air;
                self.say(&Up::OnAir { cue: self.on_air }, means, line);
            }
            self.report(means, line);
            self.follow_shared(line);
            self.send(means, line);
        }
    }

    /// When there is something to do again if nothing comes, in monotonic milliseconds.
    #[must_use]
    pub fn next_ms(&self, now_ms: u64) -> u64 {
        let rests = self.incoming.as_ref().is_some_and(|incoming| incoming.rest.rests(now_ms));
        let looks = self.incoming.is_some() && self.fetch.is_none() && !self.is_ready && !rests;
        let mut next = Soonest::new();
        next.or(self.incoming.as_ref().and_then(|incoming| incoming.rest.ends_ms(now_ms)));
        if self.greeting.is_up() {
            next.or(self.greeting.due_ms());
            next.or(self.outbox.next_ms());
            next.or(self.fetch.as_ref().and_then(Fetch::next_ms));
            next.at(self.ask_ms);
        }
        if looks { now_ms } else { next.get().unwrap_or(u64::MAX) }
    }

    /// One step of the release on its way.
    #[inline(never)]
    fn advance<F: Flash, W: Wire>(&mut self, room: &mut [u8], means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let Some(incoming) = &mut self.incoming else { return };
        if incoming.rest.rests(means.now_ms) || self.is_ready {
            return;
        }
        match self.fetch.as_ref().map(Fetch::state) {
            Some(State::NeedsManifest | State::Fetching) => return,
            Some(State::Wrong) => return self.refuse(Fault::Content, means, line),
            Some(State::Complete) => return self.finish(means, line),
            None => {}
        }
        let (key, placed) = (means.given.key.public(), means.table.and_then(|table| table.placed));
        let me = Me { root: &means.given.root, key: Some(&key), placed };
        match incoming.needs(me, means.shelf, means.store.flash(), room) {
            Ok(Needs::Look) => {}
            Ok(Needs::Nothing) => self.is_ready = true,
            Ok(Needs::Blob(blob)) => self.begin(blob, means, line),
            Err(fault) => self.refuse(fault, means, line),
        }
    }

    #[inline(never)]
    fn begin<F: Flash, W: Wire>(&mut self, blob: BlobRef, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let (table, in_use, incoming) = (means.table, self.in_use, &self.incoming);
        let wanted = |hash: &Hash| {
            in_use.contains(&Some(*hash))
                || table.is_some_and(|table| table.slides().any(|slide| slide == *hash))
                || incoming.as_ref().is_some_and(|incoming| incoming.uses(hash))
        };
        let lies = means.shelf.make_room(blob.hash, blob.size, wanted, means.store);
        match lies.and_then(Fetch::start) {
            Some(fetch) => self.fetch = Some(fetch),
            None => self.refuse(Fault::DiskFull, means, line),
        }
    }

    #[inline(never)]
    fn finish<F: Flash, W: Wire>(&mut self, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let Some(lies) = self.fetch.take().map(|fetch| fetch.lies()) else { return };
        match lies.is_right(means.store.flash()) {
            Ok(true) if means.shelf.add(lies, means.store).is_ok() => {}
            Ok(false) => self.refuse(Fault::Content, means, line),
            Ok(true) | Err(_) => self.refuse(Fault::DiskFull, means, line),
        }
    }

    /// The release on its way cannot take effect; the one in force stays. It is tried again after a rest.
    #[inline(never)]
    pub fn refuse<F: Flash, W: Wire>(&mut self, fault: Fault, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        (self.fetch, self.is_ready) = (None, false);
        let Some(incoming) = &mut self.incoming else { return };
        let release = incoming.release.seq;
        incoming.refused(means.now_ms);
        if let (Fault::Bundle | Fault::Signature, Some(blob)) = (fault, incoming.release.bundle) {
            means.shelf.forget(&blob.hash, means.store);
        }
        self.say(&Up::Refused { release: Some(release), fault }, means, line);
    }
}
