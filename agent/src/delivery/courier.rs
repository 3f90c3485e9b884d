//! Speaks with the desk: says hello, takes in releases, sends records, verifies receipts.
//!
//! One task that owns the link. Everything that changes what the player does is verified here before the loop in
//! `run.rs` hears of it, and is complete on disk. A lost link changes nothing but the wait. The rules are the machines
//! of `domain/src/delivery` and `domain/src/proof/outbox.rs`. Next: `courier/incoming.rs`, the release on its way.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use loa_domain::delivery::greeting::Greeting;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::rest::Rest;
use loa_domain::delivery::signed;
use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Root, SecretKey};
use loa_domain::limits;
use loa_domain::message::{Down, Hello, Up, topic};
use loa_domain::proof::outbox::{Key, Outbox};
use loa_domain::time::{QuietHours, UtcMs};
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkEvent, Qos, Subscription};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};

use crate::delivery::fetch::Fetch;
use crate::delivery::ledger::{Ledger, Verdict};
use crate::delivery::listening::{Listening, Wish};
use crate::delivery::pass::Pass;
use crate::delivery::shelf::Shelf;
use crate::event::{Event, Told};
use crate::proof;
use crate::store::Store;
use crate::timetable::Table;

mod incoming;

use incoming::Incoming;

/// Who the player is and what it trusts.
#[derive(Clone)]
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

/// Hands a message for a topic to the link; false if the link has no room for it now.
pub type Post = Box<dyn Fn(&str, Vec<u8>) -> bool + Send>;

/// What a courier works with.
#[derive(Clone)]
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

/// The task.
pub struct Courier {
    identity: Identity,
    clock: Clock,
    store: Store,
    shelf: Shelf,
    data: PathBuf,
    post: Post,
    loop_: Sender<Event>,
    greeting: Greeting,
    outbox: Outbox,
    ledger: Ledger,
    on_disk: BTreeSet<Key>,
    chain: (u64, u64),
    in_force: Option<u64>,
    /// That release: stops are held against it.
    release: Option<Box<Release>>,
    /// The stops that were passed on, newest last: playing one back a thousand times costs no more than a hash.
    stops: VecDeque<Hash>,
    /// When the placing of that release was made.
    placed: Option<UtcMs>,
    /// Content of the release in force.
    in_use: HashSet<Hash>,
    incoming: Option<Incoming>,
    /// The shared transfer that is under way, and of what.
    shared: Option<(Hash, u32)>,
    listening: Listening,
    /// Rests between repairs: a dying disk must not fetch its content all day.
    repairs: Rest,
    /// What sounds now.
    on_air: Option<CueId>,
    reported_ms: u64,
    /// When the desk was told last from where its receipts must lead on.
    log_asked_ms: Option<u64>,
    /// Its certificate, where the link is over TLS.
    pass: Option<Arc<Pass>>,
}

impl Courier {
    /// A courier for a player whose timetable in force is `table`. What it says goes to `post`.
    #[must_use]
    pub fn new(identity: Identity, means: Means, post: Post, table: Option<&Table>) -> Self {
        let Means { clock, store, shelf, data, events: loop_ } = means;
        let on_disk = store.scan(proof::OUTBOX).iter().filter_map(|(key, _)| proof::place_of(key)).collect();
        let ledger = Ledger::load(&store, &identity.root);
        let mut courier = Self {
            identity,
            clock,
            store,
            shelf,
            data,
            post,
            loop_,
            greeting: Greeting::default(),
            outbox: Outbox::default(),
            ledger,
            on_disk,
            chain: (0, 0),
            in_force: table.map(|table| table.release.seq),
            release: table.map(|table| Box::new(table.release.clone())),
            stops: VecDeque::new(),
            placed: table.map(|table| table.placed),
            in_use: table.map(used_by).unwrap_or_default(),
            incoming: None,
            shared: None,
            listening: Listening::default(),
            repairs: Rest::default(),
            on_air: None,
            reported_ms: 0,
            log_asked_ms: None,
            pass: None,
        };
        let missing: Vec<Hash> = courier.in_use.iter().filter(|hash| !courier.shelf.has(hash)).copied().collect();
        courier.repair(&missing);
        courier
    }

    /// Renews this certificate over its link.
    #[must_use]
    pub fn renewing(self, pass: Option<Arc<Pass>>) -> Self {
        Self { pass, ..self }
    }

    /// Goes on until the loop ends.
    pub async fn run(mut self, link: Link, mut events: Receiver<LinkEvent>, told: &mut UnboundedReceiver<Told>) {
        loop {
            let wait = Duration::from_millis(self.next_ms().saturating_sub(self.now_ms()));
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => tokio::task::block_in_place(|| self.linked(event)),
                    None => return,
                },
                told = told.recv() => match told {
                    Some(told) => tokio::task::block_in_place(|| self.told(told)),
                    None => break,
                },
                () = tokio::time::sleep(wait) => {}
            }
            tokio::task::block_in_place(|| self.work());
            self.follow_shared(&link).await;
        }
        if let Some(incoming) = self.incoming.take() {
            incoming.pause();
        }
        self.say(&Up::Gone);
        link.close().await;
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().mono_raw_ns / 1_000_000
    }

    fn next_ms(&self) -> u64 {
        let now_ms = self.now_ms();
        let incoming = self.incoming.as_ref().and_then(|incoming| incoming.next_ms(now_ms));
        // A lost link asks for nothing, whatever is due.
        let due =
            if self.greeting.is_up() { [incoming, self.greeting.due_ms(), self.outbox.next_ms()] } else { [None; 3] };
        let idle_ms = now_ms + 60_000;
        due.into_iter().flatten().min().unwrap_or(idle_ms).min(idle_ms)
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Recorded(records) => self.on_disk.extend(records.iter().map(|(key, _)| *key)),
            Told::InForce(release) => {
                self.in_force = Some(release);
                self.say(&Up::InForce { release });
            }
            Told::Head(epoch, next) => self.chain = (epoch, next),
            Told::OnAir(cue) => {
                self.on_air = cue;
                self.say(&Up::OnAir { cue });
            }
            // What was refused for its time may be right by the new one: the desk offers it again.
            Told::Stepped => self.greeting.ask(),
            Told::Spoilt(content) => self.repair(&content),
        }
    }

    fn linked(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up => {
                tracing::info!("the desk's broker is reached");
                self.greeting.link(true);
                self.shared = None;
                if let Some(incoming) = &mut self.incoming {
                    incoming.rest.announced();
                    incoming.fetch.iter_mut().for_each(Fetch::link_up);
                }
            }
            LinkEvent::Down { why } => {
                tracing::warn!(why, "the broker is not reached; the timetable goes on");
                self.greeting.link(false);
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
            Ok(Down::Receipts { receipts }) => self.receipts(receipts),
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
            // It is not asked for: the system keeps the clock.
            Ok(Down::Time { .. }) => {}
            Ok(Down::Root { sealed }) => self.root(sealed),
            Ok(Down::Stop { sealed }) => self.stop(sealed),
            Ok(Down::Certificate { sealed }) => self.certified(sealed),
            // Said to visitors alone.
            Ok(Down::Waiting) => {}
            Ok(Down::SayHello) => self.greeting.ask(),
            Ok(Down::Welcome) => {
                self.greeting.answered();
                // What was sent before the desk knew this player is lost.
                self.outbox.link(true);
                if self.on_air.is_some() {
                    self.say(&Up::OnAir { cue: self.on_air });
                }
            }
            Err(error) => tracing::warn!(%error, topic, "a message that is none"),
        }
    }

    /// An officer stops orders. It is held against the release in force, so it never waits for one on its way.
    fn stop(&mut self, sealed: &[u8]) {
        let (hash, Some(release)) = (Hash::of(sealed), &self.release) else { return };
        if self.stops.contains(&hash) {
            return;
        }
        match signed::stop(sealed, release.here(&self.identity.root)) {
            Ok(stop) => {
                self.stops.push_back(hash);
                self.stops.drain(..self.stops.len().saturating_sub(limits::STOPS_TOLD));
                self.tell(Event::Stopped(Box::new(stop)));
            }
            Err(fault) => tracing::warn!(fault = fault.name(), "a stop does not count here"),
        }
    }

    fn receipts(&mut self, bytes: &[u8]) {
        match self.ledger.take(&self.identity.player, bytes, &self.store) {
            Verdict::Logged { news, records, ops } => {
                self.log_asked_ms = None;
                for place in &records {
                    self.on_disk.remove(place);
                    self.outbox.receipted(*place);
                }
                self.store.commit(ops, |result| {
                    if let Err(error) = result {
                        tracing::warn!(%error, "records that are in the log stay a while longer");
                    }
                });
                news.into_iter().for_each(|seen| self.tell(Event::LogSeen(seen)));
            }
            Verdict::Ask(size) => {
                // Many may be on their way that lead on from elsewhere, and each question brings more.
                let now_ms = self.now_ms();
                if self.log_asked_ms.is_none_or(|asked_ms| now_ms >= asked_ms + limits::RESEND_MS) {
                    self.log_asked_ms = Some(now_ms);
                    self.say(&Up::LogSeen { size });
                }
            }
            Verdict::Split(shown) => self.tell(Event::LogSplit(shown)),
            Verdict::Nothing => {}
        }
    }

    fn tell(&self, event: Event) {
        // The loop ends only with the program.
        let _ended = self.loop_.send(event);
    }

    /// The shared transfer that brings what is being fetched.
    fn listens_to(&mut self) -> Option<u32> {
        let (blob, transfer) = self.shared?;
        let (fetch, _) = self.fetch()?;
        (fetch.hash() == blob && fetch.is_shared()).then_some(transfer)
    }

    /// Listens to a shared transfer while there is one, and no longer.
    async fn follow_shared(&mut self, link: &Link) {
        let wanted = self.listens_to();
        while let Some(wish) = self.listening.next(wanted) {
            let done = match wish {
                Wish::Subscribe(filter) => link.subscribe(Subscription { filter, qos: Qos::AtMostOnce }).await,
                Wish::Unsubscribe(filter) => {
                    // Without a connection it is gone already.
                    let _gone = link.unsubscribe(&filter).await;
                    Ok(())
                }
            };
            if let Err(error) = done {
                tracing::warn!(%error, "no shared transfer; the blob is pulled");
                self.shared = None;
                if let Some((fetch, _)) = self.fetch() {
                    fetch.shared_over();
                }
            }
        }
    }

    fn certified(&self, sealed: &[u8]) {
        let Some(pass) = &self.pass else { return };
        match pass.take(sealed, &self.identity.root, false) {
            Ok(ends) => tracing::info!(ends_ms = ends.0, "the player's certificate is renewed"),
            Err(error) => tracing::error!(%error, "the desk's answer is not taken"),
        }
    }

    fn renew_certificate(&self, now_ms: u64) {
        let now = UtcMs(self.clock.now().utc_ns.div_euclid(1_000_000));
        let wish = self.pass.as_ref().filter(|_| self.greeting.is_up()).and_then(|pass| pass.renewal(now, now_ms));
        wish.iter().for_each(|sealed| self.say(&Up::Certify { sealed }));
    }

    /// Brings the incoming release forward and sends what waits.
    fn work(&mut self) {
        let now_ms = self.now_ms();
        if self.greeting.poll(now_ms) {
            self.hello();
        }
        self.advance();
        self.renew_certificate(now_ms);
        if self.greeting.is_up() {
            let want = self.fetch().and_then(|(fetch, _)| fetch.ask(now_ms));
            if let Some(want) = want {
                self.say(&Up::Want { want });
            }
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
            if !(self.post)(&to, sealed) {
                self.outbox.not_sent(key, now_ms);
                return;
            }
        }
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
            log_size: self.ledger.size(),
            // The system keeps its clock.
            nonce: None,
            root: self.identity.root.version,
        };
        let sealed = keys::seal(&wire::encode(&hello), Purpose::Hello, &[&self.identity.key]);
        self.say(&Up::Hello { sealed: &sealed });
    }

    fn say(&self, up: &Up<'_>) {
        // What waits for a link is stale when it comes up, and would fill the room that the hello needs.
        if self.greeting.is_up() && !(self.post)(&topic::up(&self.identity.player), wire::encode(up)) {
            tracing::debug!("not said: the link has no room");
        }
    }
}

fn used_by(table: &Table) -> HashSet<Hash> {
    table.content().chain(table.release.bundle.map(|blob| blob.hash)).collect()
}

#[cfg(test)]
mod tests;
