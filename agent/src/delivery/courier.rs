//! Speaks with the desk: says hello, takes in releases, fetches what they need, sends records, verifies receipts.
//!
//! One task that owns the link. Everything that changes what the player does is verified here before the loop in
//! `run.rs` hears of it, and is complete on disk. A lost link changes nothing but the wait. The rules are the machines
//! of `domain/src/delivery` and `domain/src/proof/outbox.rs`.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::Duration;

use loa_domain::delivery::blob::{self, BlobRef};
use loa_domain::delivery::intake::{self, Fault, Needs};
use loa_domain::delivery::receiver::State;
use loa_domain::delivery::release::Release;
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Root, SecretKey};
use loa_domain::message::{Down, Hello, Up, topic};
use loa_domain::proof::outbox::{Key, Outbox};
use loa_domain::proof::record::Receipts;
use loa_domain::time::{QuietHours, UtcMs};
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkEvent, Qos, Subscription};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};

use crate::delivery::fetch::Fetch;
use crate::delivery::shelf::{SPARE_BYTES, Shelf};
use crate::event::{Event, Told};
use crate::proof;
use crate::store::{Op, Store};
use crate::timetable::Table;

/// How often a fetch is reported, in milliseconds.
const REPORT_MS: u64 = 5_000;
/// How long a refused release rests before it is tried again, in milliseconds: a full disk may have been cleared.
const REST_MS: u64 = 10 * 60 * 1000;

/// Who the player is and what it trusts.
pub struct Identity {
    /// Its id.
    pub player: PlayerId,
    /// What it is.
    pub kind: Kind,
    /// Its key.
    pub key: SecretKey,
    /// The root document it pinned.
    pub root: Root,
    /// Quiet hours of its own configuration.
    pub quiet: QuietHours,
}

/// What a courier works with.
pub struct Means {
    /// The clock.
    pub clock: Clock,
    /// The player's records.
    pub store: Store,
    /// The player's content.
    pub shelf: Shelf,
    /// The player's folder.
    pub data: PathBuf,
    /// The way to the loop.
    pub events: Sender<Event>,
}

/// A release on its way.
struct Incoming {
    release: Release,
    sealed: Vec<u8>,
    bundle: Option<Vec<u8>>,
    fetch: Option<Fetch>,
    rests_until_ms: Option<u64>,
}

/// The task.
pub struct Courier {
    identity: Identity,
    clock: Clock,
    store: Store,
    shelf: Shelf,
    data: PathBuf,
    link: Link,
    loop_: Sender<Event>,
    outbox: Outbox,
    on_disk: BTreeSet<Key>,
    chain: (u64, u64),
    in_force: Option<u64>,
    /// Content of the release in force.
    in_use: HashSet<Hash>,
    incoming: Option<Incoming>,
    shared: Option<(Hash, u32)>,
    /// The shared topic that the link listens to.
    listen: Option<String>,
    reported_ms: u64,
}

impl Courier {
    /// A courier for a player whose timetable in force is `table`.
    #[must_use]
    pub fn new(identity: Identity, means: Means, link: Link, table: Option<&Table>) -> Self {
        let Means { clock, store, shelf, data, events: loop_ } = means;
        let on_disk = store.scan(proof::OUTBOX).iter().filter_map(|(key, _)| proof::place_of(key)).collect();
        let in_force = table.map(|table| table.release.seq);
        let in_use = table.map(used_by).unwrap_or_default();
        Self {
            identity,
            clock,
            store,
            shelf,
            data,
            link,
            loop_,
            outbox: Outbox::default(),
            on_disk,
            chain: (0, 0),
            in_force,
            in_use,
            incoming: None,
            shared: None,
            listen: None,
            reported_ms: 0,
        }
    }

    /// Goes on until the loop ends.
    pub async fn run(mut self, mut events: Receiver<LinkEvent>, mut told: UnboundedReceiver<Told>) {
        loop {
            let wait = Duration::from_millis(self.next_ms().saturating_sub(self.now_ms()));
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => tokio::task::block_in_place(|| self.linked(event)),
                    None => return,
                },
                told = told.recv() => match told {
                    Some(told) => self.told(told),
                    None => break,
                },
                () = tokio::time::sleep(wait) => {}
            }
            self.follow_shared().await;
            tokio::task::block_in_place(|| self.work());
        }
        if let Some(fetch) = self.incoming.take().and_then(|incoming| incoming.fetch) {
            let _lost = fetch.pause();
        }
        self.say(&Up::Gone);
        self.link.close().await;
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().mono_raw_ns / 1_000_000
    }

    fn next_ms(&self) -> u64 {
        let incoming = self.incoming.as_ref();
        let fetch = incoming.and_then(|incoming| incoming.fetch.as_ref()).and_then(Fetch::next_ms);
        let rest = incoming.and_then(|incoming| incoming.rests_until_ms);
        let idle = self.now_ms() + 60_000;
        [fetch, rest, self.outbox.next_ms(), Some(idle)].into_iter().flatten().min().unwrap_or(idle)
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Recorded(records) => self.on_disk.extend(records.iter().map(|(key, _)| *key)),
            Told::InForce(release) => {
                self.in_force = Some(release);
                self.say(&Up::InForce { release });
            }
            Told::Head(epoch, next) => self.chain = (epoch, next),
            Told::OnAir(cue) => self.say(&Up::OnAir { cue }),
        }
    }

    fn linked(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up => {
                tracing::info!("the desk's broker is reached");
                self.outbox.link(true);
                self.shared = None;
                if let Some(incoming) = &mut self.incoming {
                    incoming.rests_until_ms = None;
                    incoming.fetch.iter_mut().for_each(Fetch::link_up);
                }
                self.hello();
            }
            LinkEvent::Down { why } => {
                tracing::warn!(why, "the broker is not reached; the timetable goes on");
                self.outbox.link(false);
            }
            LinkEvent::Refused { filter, why } => tracing::error!(filter, why, "the broker refused a topic"),
            LinkEvent::Message { topic, payload, .. } => self.message(&topic, &payload),
        }
    }

    fn message(&mut self, topic: &str, payload: &[u8]) {
        if topic.ends_with("/ck") {
            return self.part(payload);
        }
        match wire::decode::<Down<'_>>(payload) {
            Ok(Down::Release { sealed }) => self.release(sealed),
            Ok(Down::Manifest { sealed }) => {
                if let Some((fetch, root)) = self.fetch() {
                    let _for_another_blob = fetch.take_manifest(sealed, root);
                }
            }
            Ok(Down::Receipts { sealed }) => self.receipts(sealed),
            Ok(Down::Shared { blob, transfer }) => {
                let now_ms = self.now_ms();
                if let Some((fetch, _)) = self.fetch().filter(|(fetch, _)| fetch.hash() == blob) {
                    fetch.shared(now_ms);
                    self.shared = Some((blob, transfer));
                }
            }
            Ok(Down::SharedOver { blob, transfer }) => {
                if self.shared == Some((blob, transfer)) {
                    if let Some((fetch, _)) = self.fetch() {
                        fetch.shared_over();
                    }
                    self.shared = None;
                }
            }
            Ok(Down::SayHello) => self.hello(),
            Err(error) => tracing::warn!(%error, topic, "a message that is none"),
        }
    }

    /// The fetch under way, with the root.
    fn fetch(&mut self) -> Option<(&mut Fetch, &Root)> {
        let Self { incoming, identity, .. } = self;
        let fetch = incoming.as_mut().and_then(|incoming| incoming.fetch.as_mut());
        fetch.map(|fetch| (fetch, &identity.root))
    }

    fn part(&mut self, message: &[u8]) {
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

    fn release(&mut self, sealed: &[u8]) {
        let now = UtcMs(self.clock.now().utc_ns.div_euclid(1_000_000));
        let on_its_way = self.incoming.as_ref().map(|incoming| incoming.release.seq);
        if let Some(incoming) = self.incoming.as_mut().filter(|incoming| incoming.sealed == sealed) {
            incoming.rests_until_ms = None;
            return;
        }
        let newest = self.in_force.max(on_its_way);
        match intake::offer(sealed, &self.identity.root, &self.identity.player, newest, now) {
            Ok(release) => {
                tracing::info!(release = release.seq, orders = release.orders.len(), "a release arrives");
                if let Some(fetch) = self.incoming.take().and_then(|incoming| incoming.fetch) {
                    let _lost = fetch.pause();
                }
                let sealed = sealed.to_vec();
                self.incoming = Some(Incoming { release, sealed, bundle: None, fetch: None, rests_until_ms: None });
            }
            Err(Fault::Old) => self.in_force.iter().for_each(|release| self.say(&Up::InForce { release: *release })),
            Err(fault) => {
                tracing::error!(fault = fault.name(), "a release is refused");
                self.say(&Up::Refused { release: None, fault });
            }
        }
    }

    fn receipts(&mut self, sealed: &[u8]) {
        let opened = keys::open::<Receipts>(sealed, Purpose::Receipt, &self.identity.root.desk);
        let Ok(receipts) = opened.inspect_err(|why| tracing::warn!(%why, "receipts are refused")) else { return };
        if receipts.player != self.identity.player {
            return;
        }
        let mut ops = Vec::new();
        for receipt in &receipts.records {
            let place = (receipt.epoch, receipt.seq);
            let key = proof::record_key(place);
            // Only a receipt for the very bytes that lie here lets them go.
            let held = self.store.get(&key).and_then(|sealed| keys::Sealed::read(&sealed).ok().map(|s| s.hash()));
            if held == Some(receipt.hash) {
                self.on_disk.remove(&place);
                ops.push(Op::Delete(key));
            }
            self.outbox.receipted(place);
        }
        self.store.commit(ops, |result| {
            if let Err(error) = result {
                tracing::warn!(%error, "receipted records stay a while longer");
            }
        });
    }

    /// Listens to a shared transfer while there is one.
    async fn follow_shared(&mut self) {
        // Asked for once: the link keeps the wish. Ended transfers are silent topics, given up with the connection.
        if let Some((blob, transfer)) = self.shared {
            let filter = topic::shared(transfer);
            if !self.listening(&filter) {
                let wish = Subscription { filter: filter.clone(), qos: Qos::AtMostOnce };
                if let Err(error) = self.link.subscribe(wish).await {
                    tracing::warn!(%error, ?blob, "no shared transfer; the blob is pulled");
                    self.shared = None;
                    if let Some((fetch, _)) = self.fetch() {
                        fetch.shared_over();
                    }
                }
                self.listen = Some(filter);
            }
        } else if let Some(filter) = self.listen.take() {
            let _already_gone = self.link.unsubscribe(&filter).await;
        }
    }

    fn listening(&self, filter: &str) -> bool {
        self.listen.as_deref() == Some(filter)
    }

    /// Brings the incoming release forward and sends what waits.
    fn work(&mut self) {
        self.advance();
        let now_ms = self.now_ms();
        let want = self.fetch().and_then(|(fetch, _)| fetch.ask(now_ms));
        if let Some(want) = want {
            self.say(&Up::Want { want });
        }
        self.report(now_ms);
        loop {
            let on_disk = &self.on_disk;
            let after = |after: Option<Key>| match after {
                Some(after) => on_disk.range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded)).next(),
                None => on_disk.first(),
            };
            let Some(key) = self.outbox.next(now_ms, |place| after(place).copied()) else { return };
            let Some(sealed) = self.store.get(&proof::record_key(key)) else {
                self.outbox.receipted(key);
                continue;
            };
            let to = topic::proofs(&self.identity.player);
            if self.link.try_publish(&to, Qos::AtLeastOnce, sealed).is_err() {
                self.outbox.not_sent(key, now_ms);
                return;
            }
        }
    }

    fn report(&mut self, now_ms: u64) {
        let Some(incoming) = &self.incoming else { return };
        let Some(fetch) = &incoming.fetch else { return };
        if now_ms >= self.reported_ms + REPORT_MS {
            self.reported_ms = now_ms;
            let (held, parts) = fetch.progress();
            tracing::info!(blob = ?fetch.hash(), held, parts, "fetching");
            self.say(&Up::Incoming { release: incoming.release.seq, blob: fetch.hash(), held, parts });
        }
    }

    fn advance(&mut self) {
        let now_ms = self.now_ms();
        loop {
            let Some(incoming) = &mut self.incoming else { return };
            if incoming.rests_until_ms.is_some_and(|until| now_ms < until) {
                return;
            }
            incoming.rests_until_ms = None;
            match incoming.fetch.as_ref().map(Fetch::state) {
                Some(State::NeedsManifest | State::Fetching) => return,
                Some(State::Complete) => {
                    let finished = incoming.fetch.take().map(Fetch::finish);
                    if !matches!(finished, Some(Ok(true))) {
                        return self.refuse(Fault::Content);
                    }
                }
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
        match intake::lacks(&incoming.release, bundle, &identity.root, |hash| shelf.has(hash)) {
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
        let Some(incoming) = self.incoming.take() else { return };
        let Incoming { release, sealed, bundle, .. } = incoming;
        let seq = release.seq;
        let built = Table::build(release, &bundle.unwrap_or_default(), &self.identity.root, &self.identity.quiet);
        match built {
            Ok(table) => {
                if let Err(error) = Table::keep(&self.data, &sealed) {
                    tracing::error!(%error, "the release is in force, but only until the next restart");
                }
                self.in_use = used_by(&table);
                self.in_force = Some(seq);
                self.shelf.tidy(&self.in_use);
                // The loop ends only with the program.
                let _ended = self.loop_.send(Event::Table(Box::new(table)));
            }
            Err(fault) => self.say(&Up::Refused { release: Some(seq), fault }),
        }
    }

    /// The release on its way cannot take effect; the one in force stays. It is tried again after a rest.
    fn refuse(&mut self, fault: Fault) {
        let rests_until_ms = Some(self.now_ms() + REST_MS);
        let Some(incoming) = &mut self.incoming else { return };
        let release = incoming.release.seq;
        tracing::error!(release, fault = fault.name(), "a release is refused; the old one stays");
        if let Some(fetch) = incoming.fetch.take() {
            fetch.discard();
        }
        if fault == Fault::Bundle || fault == Fault::Signature {
            incoming.bundle = None;
        }
        incoming.rests_until_ms = rests_until_ms;
        self.say(&Up::Refused { release: Some(release), fault });
    }

    fn hello(&self) {
        let reading = self.clock.now();
        let hello = Hello {
            player: self.identity.player.clone(),
            key: self.identity.key.public(),
            kind: self.identity.kind,
            now: UtcMs(reading.utc_ns.div_euclid(1_000_000)),
            in_force: self.in_force,
            incoming: self.incoming.as_ref().map(|incoming| incoming.release.seq),
            epoch: self.chain.0,
            next: self.chain.1,
            outbox: u32::try_from(self.on_disk.len()).unwrap_or(u32::MAX),
            free_bytes: self.shelf.free_bytes(),
            version: Text::cut(env!("CARGO_PKG_VERSION")),
        };
        let sealed = keys::seal(&wire::encode(&hello), Purpose::Hello, &[&self.identity.key]);
        self.say(&Up::Hello { sealed: &sealed });
    }

    fn say(&self, up: &Up<'_>) {
        let to = topic::up(&self.identity.player);
        if let Err(error) = self.link.try_publish(&to, Qos::AtLeastOnce, wire::encode(up)) {
            tracing::debug!(%error, "not said");
        }
    }
}

fn used_by(table: &Table) -> HashSet<Hash> {
    table.content().chain(table.release.bundle.map(|blob| blob.hash)).collect()
}
