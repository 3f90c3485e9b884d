//! The release on its way: offered, fetched piece by piece, put in force or refused.
//!
//! What may be taken and what is lacking is decided in `domain/src/delivery/intake.rs`, how long a refused one rests in
//! `rest.rs` beside it. Content of the release in force that has gone bad is fetched again the same way. Next:
//! `../fetch.rs`.

use loa_domain::delivery::blob::{self, BlobRef};
use loa_domain::delivery::intake::{self, Fault, Me, Needs};
use loa_domain::delivery::receiver::State;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::rest::Rest;
use loa_domain::id::Hash;
use loa_domain::keys::{Root, Sealed};
use loa_domain::message::Up;
use loa_domain::time::UtcMs;

use super::{Courier, used_by};
use crate::delivery::fetch::Fetch;
use crate::delivery::ledger::Ledger;
use crate::delivery::shelf::SPARE_BYTES;
use crate::event::Event;
use crate::timetable::Table;
use crate::trust;

/// How often a fetch is reported, in milliseconds.
const REPORT_MS: u64 = 5_000;

/// A release on its way.
pub(super) struct Incoming {
    pub(super) release: Release,
    pub(super) sealed: Vec<u8>,
    bundle: Option<Vec<u8>>,
    pub(super) fetch: Option<Fetch>,
    pub(super) rest: Rest,
}

impl Incoming {
    fn new(release: Release, sealed: Vec<u8>) -> Self {
        Self { release, sealed, bundle: None, fetch: None, rest: Rest::default() }
    }

    /// When there is something to do for it if nothing is heard.
    pub(super) fn next_ms(&self, now_ms: u64) -> Option<u64> {
        self.rest.ends_ms(now_ms).or_else(|| self.fetch.as_ref().and_then(Fetch::next_ms))
    }

    /// Keeps what is here of it for later.
    pub(super) fn pause(self) {
        if let Some(Err(error)) = self.fetch.map(Fetch::pause) {
            tracing::warn!(%error, "some of what was fetched will be fetched again");
        }
    }
}

impl Courier {
    /// The fetch under way, with the root.
    pub(super) fn fetch(&mut self) -> Option<(&mut Fetch, &Root)> {
        let Self { incoming, identity, .. } = self;
        let fetch = incoming.as_mut().and_then(|incoming| incoming.fetch.as_mut());
        fetch.map(|fetch| (fetch, &identity.root))
    }

    pub(super) fn part(&mut self, message: &[u8]) {
        let now_ms = self.now_ms();
        let Some((short, part, payload)) = blob::split(message) else { return };
        let Some((fetch, _)) = self.fetch() else { return };
        if fetch.hash().short() == short
            && let Err(error) = fetch.take_part(now_ms, part, payload)
        {
            tracing::error!(%error, "a part could not be written");
            self.refuse(Fault::DiskFull);
        }
    }

    /// The desk offers a release.
    pub(super) fn release(&mut self, sealed: &[u8]) {
        let now = UtcMs(self.clock.now().utc_ns.div_euclid(1_000_000));
        if let Some(incoming) = self.incoming.as_mut().filter(|incoming| incoming.sealed == sealed) {
            incoming.rest.announced();
            // The desk may have what it lacked when it did not answer.
            incoming.fetch.iter_mut().for_each(Fetch::retry);
            return;
        }
        let on_its_way = self.incoming.as_ref().map(|incoming| incoming.release.seq);
        let newest = self.in_force.max(on_its_way);
        match intake::offer(sealed, &self.identity.root, &self.identity.player, newest, now) {
            Ok(release) => {
                tracing::info!(release = release.seq, orders = release.orders.len(), "a release arrives");
                self.begin_release(Incoming::new(release, sealed.to_vec()));
            }
            Err(Fault::Old) => self.in_force.iter().for_each(|release| self.say(&Up::InForce { release: *release })),
            Err(fault) => {
                tracing::error!(fault = fault.name(), "a release is refused");
                self.say(&Up::Refused { release: None, fault });
            }
        }
    }

    /// The desk has the root document that follows this player's.
    pub(super) fn root(&mut self, sealed: &[u8]) {
        let now = UtcMs(self.clock.now().utc_ns.div_euclid(1_000_000));
        let Ok(read) = Sealed::read(sealed) else { return };
        let next = match self.identity.root.succeeded_by(&read, now) {
            Ok(next) => next,
            Err(fault) => return tracing::error!(%fault, "a root document is refused"),
        };
        if let Err(error) = trust::follow(&self.data, sealed) {
            return tracing::error!(%error, "the new root document could not be kept; the one before stays");
        }
        tracing::info!(version = next.version, "a new root document is in force");
        self.identity.root = next;
        self.ledger = Ledger::load(&self.store, &self.identity.root);
        // What is on its way was looked at under the one before.
        if let Some(incoming) = self.incoming.take() {
            incoming.pause();
        }
        let quiet = &self.identity.quiet;
        if let Some(table) = Table::load(&self.data, &self.identity.root, quiet, |hash| self.shelf.read(hash)) {
            self.tell(Event::Table(Box::new(table)));
        }
        // The desk may have the one after it, and what its officers signed anew.
        self.greeting.ask();
    }

    fn begin_release(&mut self, incoming: Incoming) {
        if let Some(before) = self.incoming.replace(incoming) {
            before.pause();
        }
    }

    /// Fetches again what of the release in force is not, or no longer, on the shelf as it should be.
    pub(super) fn repair(&mut self, suspects: &[Hash]) {
        let bad: Vec<&Hash> = suspects.iter().filter(|hash| !self.shelf.verify(hash)).collect();
        if bad.is_empty() || self.incoming.is_some() || self.repairs.rests(self.now_ms()) {
            return;
        }
        tracing::error!(?bad, "content on the disk is missing or damaged; it is fetched again");
        self.repairs.refused(self.now_ms());
        if let Some((release, sealed)) = Table::kept(&self.data, &self.identity.root) {
            self.incoming = Some(Incoming::new(release, sealed));
        }
    }

    pub(super) fn report(&mut self, now_ms: u64) {
        let Some(incoming) = &self.incoming else { return };
        let Some(fetch) = &incoming.fetch else { return };
        if now_ms >= self.reported_ms.saturating_add(REPORT_MS) {
            let (held, parts) = fetch.progress();
            tracing::info!(blob = ?fetch.hash(), held, parts, "fetching");
            self.say(&Up::Incoming { release: incoming.release.seq, blob: fetch.hash(), held, parts });
            self.reported_ms = now_ms;
        }
    }

    /// Brings the release on its way as far forward as what is here allows.
    pub(super) fn advance(&mut self) {
        let now_ms = self.now_ms();
        loop {
            let Some(incoming) = &mut self.incoming else { return };
            if incoming.rest.rests(now_ms) {
                return;
            }
            match incoming.fetch.as_ref().map(Fetch::state) {
                Some(State::NeedsManifest | State::Fetching) => return,
                Some(State::Complete) => match incoming.fetch.take().map(Fetch::finish) {
                    Some(Ok(true)) | None => {}
                    Some(Ok(false)) => return self.refuse(Fault::Content),
                    Some(Err(error)) => {
                        tracing::error!(%error, "a blob could not be put on the shelf");
                        return self.refuse(Fault::DiskFull);
                    }
                },
                Some(State::Wrong) => return self.refuse(Fault::Content),
                None => {}
            }
            if !self.next_need() {
                return;
            }
        }
    }

    /// Looks what the release lacks. True if something was begun that may be complete already.
    fn next_need(&mut self) -> bool {
        let Self { incoming: Some(incoming), shelf, identity, .. } = self else { return false };
        if incoming.bundle.is_none() {
            incoming.bundle = incoming.release.bundle.and_then(|blob| shelf.read(&blob.hash));
        }
        let bundle = incoming.bundle.as_deref();
        let me = Me { root: &identity.root, key: Some(&identity.key.public()), placed: self.placed };
        match intake::lacks(&incoming.release, bundle, me, |hash| shelf.has(hash)) {
            Ok(Needs::Nothing) => {
                self.put_in_force();
                false
            }
            Ok(Needs::Blob(blob)) => self.begin(blob),
            Err(fault) => {
                self.refuse(fault);
                false
            }
        }
    }

    fn begin(&mut self, blob: BlobRef) -> bool {
        if self.shelf.free_bytes() < SPARE_BYTES + u64::from(blob.size) {
            let mut wanted = self.in_use.clone();
            wanted.insert(blob.hash);
            self.shelf.tidy(&wanted);
            if self.shelf.free_bytes() < SPARE_BYTES + u64::from(blob.size) {
                self.refuse(Fault::DiskFull);
                return false;
            }
        }
        let Some(incoming) = &mut self.incoming else { return false };
        match Fetch::start(blob, &self.shelf, &self.identity.root) {
            Ok(fetch) => {
                incoming.fetch = Some(fetch);
                true
            }
            Err(error) => {
                tracing::error!(%error, "a blob cannot be fetched");
                self.refuse(Fault::DiskFull);
                false
            }
        }
    }

    fn put_in_force(&mut self) {
        let Some(incoming) = &self.incoming else { return };
        let (seq, bundle) = (incoming.release.seq, incoming.bundle.as_deref().unwrap_or_default());
        if self.in_force == Some(seq) {
            tracing::info!(release = seq, "its content is whole again");
            self.incoming = None;
            return;
        }
        let me = Me { root: &self.identity.root, key: Some(&self.identity.key.public()), placed: self.placed };
        let table = match Table::build(incoming.release.clone(), bundle, me, &self.identity.quiet) {
            Ok(table) => table,
            Err(fault) => return self.refuse(fault),
        };
        if let Err(error) = Table::keep(&self.data, &incoming.sealed) {
            tracing::error!(%error, "the release is in force, but only until the next restart");
        }
        self.incoming = None;
        (self.in_force, self.placed) = (Some(seq), Some(table.placed));
        // What sounds under the release before still needs its pieces.
        let before = std::mem::replace(&mut self.in_use, used_by(&table));
        self.shelf.tidy(&before.union(&self.in_use).copied().collect());
        // The loop ends only with the program.
        self.tell(Event::Table(Box::new(table)));
    }

    /// The release on its way cannot take effect; the one in force stays. It is tried again after a rest.
    pub(super) fn refuse(&mut self, fault: Fault) {
        let now_ms = self.now_ms();
        let Some(incoming) = &mut self.incoming else { return };
        let release = incoming.release.seq;
        tracing::error!(release, fault = fault.name(), "a release is refused; the old one stays");
        match incoming.fetch.take() {
            // Each part was checked by itself, so the good ones are worth keeping, once: should the manifest be bad, they
            // are as bad.
            Some(fetch) if fault == Fault::Content && incoming.rest.refusals() > 0 => fetch.discard(),
            Some(fetch) => {
                if let Err(error) = fetch.pause() {
                    tracing::warn!(%error, "some of what was fetched will be fetched again");
                }
            }
            None => {}
        }
        if fault == Fault::Bundle || fault == Fault::Signature {
            incoming.bundle = None;
        }
        incoming.rest.refused(now_ms);
        self.say(&Up::Refused { release: Some(release), fault });
    }
}
