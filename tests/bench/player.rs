//! A player that receives and nothing else: the real link and the real receiver, parts checked and hashed in memory.
//!
//! It does what the agent's courier does between its hello and the moment the release takes effect, without a disk:
//! two hundred of them share the machine with the desk that is measured.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use loa_domain::delivery::blob::{self, BlobRef, Manifest, Part, bits};
use loa_domain::delivery::intake::{self, Me, Needs};
use loa_domain::delivery::receiver::{Act, Held, Receiver, State};
use loa_domain::delivery::release::Release;
use loa_domain::id::{Hash, Hasher, PlayerId};
use loa_domain::keys::{self, Purpose, Root, SecretKey};
use loa_domain::limits::PAGE_HASHES;
use loa_domain::message::{Down, Hello, Up, topic};
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};
use loa_host::link::{BrokerUrl, Link, LinkConfig, LinkEvent, Qos, Subscription};
use tokio::sync::{Barrier, mpsc};

/// A blob up to this size is kept, to be read; a larger one is only hashed.
const KEPT_BYTES: u32 = 1024 * 1024;

/// What all players of a measurement share.
pub struct Group {
    /// What they trust.
    pub root: Root,
    /// Where the broker is.
    pub port: u16,
    /// Holds them back until all are connected.
    pub all: Barrier,
    /// The wall clock of the run's beginning, and the instant it was read.
    pub began: (UtcMs, Instant),
    /// Bytes of payload that arrived, wanted or not.
    pub arrived_bytes: AtomicU64,
    /// Parts that a full queue dropped.
    pub dropped: AtomicU64,
}

/// When what happened to one player.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The first part of the clip was here.
    pub first_part: Instant,
    /// The whole clip was here, and its hash was right.
    pub complete: Instant,
}

/// A blob on its way.
struct Fetch {
    receiver: Receiver,
    manifest: Option<Manifest>,
    bits: Vec<u8>,
    pages: Vec<u8>,
    /// The hash of the bytes up to `next`, and what came ahead of its turn.
    hasher: Hasher,
    next: u32,
    ahead: BTreeMap<u32, Vec<u8>>,
    kept: Vec<u8>,
    first_part: Option<Instant>,
}

impl Fetch {
    fn of(wanted: BlobRef) -> Option<Self> {
        let receiver = Receiver::new(wanted.hash, wanted.size)?;
        let shape = receiver.shape();
        Some(Self {
            bits: vec![0; bits::bytes(shape.parts())],
            pages: vec![0; shape.pages() as usize * PAGE_HASHES * 32],
            receiver,
            manifest: None,
            hasher: Hasher::default(),
            next: 0,
            ahead: BTreeMap::new(),
            kept: Vec::new(),
            first_part: None,
        })
    }

    fn take_part(&mut self, now_ms: u64, part: u32, payload: &[u8]) {
        self.first_part.get_or_insert_with(Instant::now);
        let Self { receiver, manifest, bits, pages, .. } = self;
        let lent = Held { manifest: manifest.as_ref(), bits };
        let shape = receiver.shape();
        let hash_of = |chunk: u32| {
            let is_held = bits::has(lent.bits, chunk / PAGE_HASHES as u32);
            let hash = pages.get(chunk as usize * 32..)?.first_chunk::<32>()?;
            is_held.then_some(Hash(*hash))
        };
        match receiver.take_part(now_ms, part, payload, &lent, hash_of) {
            Act::WritePage { offset } => pages[offset as usize..][..payload.len()].copy_from_slice(payload),
            Act::WriteChunk { .. } => {
                let Some(Part::Chunk { chunk, .. }) = shape.part(part) else { return };
                self.ahead.insert(chunk, payload.to_vec());
                while let Some(bytes) = self.ahead.remove(&self.next) {
                    self.hasher.update(&bytes);
                    if shape.chunks() * 16_128 <= KEPT_BYTES {
                        self.kept.extend(bytes);
                    }
                    self.next += 1;
                }
            }
            Act::Ask(_) | Act::Ignore => return,
        }
        bits::set(&mut self.bits, part);
        let Self { receiver, manifest, bits, .. } = self;
        receiver.wrote(&Held { manifest: manifest.as_ref(), bits });
    }
}

/// One player.
pub struct Player {
    id: PlayerId,
    key: SecretKey,
    group: Arc<Group>,
    link: Link,
    incoming: Option<(Release, Option<Vec<u8>>)>,
    fetch: Option<Fetch>,
    shared: Option<(Hash, u32)>,
    /// The clip, once it is here.
    held: Option<(Hash, Times)>,
}

impl Player {
    /// Connects, waits for the others, says hello, and takes everything the desk has for it.
    pub async fn receive(number: usize, group: Arc<Group>) -> Result<Times, String> {
        let id: PlayerId = format!("loa-{number}").parse().map_err(|error| format!("{error}"))?;
        let mut config = LinkConfig::new(BrokerUrl::new("127.0.0.1", group.port), id.as_str());
        config.user = Some(id.as_str().to_owned());
        let listen = |filter: String, qos| Subscription { filter, qos };
        config.subscriptions =
            vec![listen(topic::down(&id), Qos::AtLeastOnce), listen(topic::parts(&id), Qos::AtMostOnce)];
        let (link, mut events) = Link::start(config);
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let key = SecretKey::from_seed(&seed);
        let mut player = Self { id, key, group, link, incoming: None, fetch: None, shared: None, held: None };
        while !matches!(events.recv().await, None | Some(LinkEvent::Up)) {}
        player.group.all.wait().await;
        player.hello();
        let times = player.take_all(&mut events).await;
        player.group.dropped.fetch_add(player.link.counts().chunks_dropped, Ordering::Relaxed);
        times
    }

    async fn take_all(&mut self, events: &mut mpsc::Receiver<LinkEvent>) -> Result<Times, String> {
        loop {
            let asks_ms = self.fetch.as_ref().and_then(|fetch| fetch.receiver.next_ms());
            let wait =
                Duration::from_millis(asks_ms.map_or(1_000, |at| at.saturating_sub(self.now_ms()).clamp(1, 1_000)));
            if let Ok(event) = tokio::time::timeout(wait, events.recv()).await {
                match event.ok_or("the link ended")? {
                    LinkEvent::Message { topic, payload, .. } => self.message(&topic, &payload).await?,
                    LinkEvent::Up => self.hello(),
                    LinkEvent::Down { why } => eprintln!("{}: {why}", self.id),
                    LinkEvent::Refused { filter, why } => return Err(format!("{filter}: {why}")),
                }
            }
            if let Some(times) = self.advance()? {
                return Ok(times);
            }
            let now_ms = self.now_ms();
            if let Some(Fetch { receiver, manifest, bits, .. }) = &mut self.fetch
                && let Some(want) = receiver.ask(now_ms, &Held { manifest: manifest.as_ref(), bits })
            {
                self.say(&Up::Want { want });
            }
        }
    }

    async fn message(&mut self, topic: &str, payload: &[u8]) -> Result<(), String> {
        self.group.arrived_bytes.fetch_add(payload.len() as u64, Ordering::Relaxed);
        let now_ms = self.now_ms();
        if topic.ends_with("/ck") {
            if let (Some((short, part, payload)), Some(fetch)) = (blob::split(payload), &mut self.fetch)
                && fetch.receiver.hash().short() == short
            {
                fetch.take_part(now_ms, part, payload);
            }
            return Ok(());
        }
        match wire::decode::<Down<'_>>(payload).map_err(|error| error.to_string())? {
            Down::Release { sealed } if self.incoming.is_none() => {
                let release = intake::offer(sealed, &self.group.root, &self.id, None, self.now());
                self.incoming = Some((release.map_err(|fault| format!("release: {}", fault.name()))?, None));
            }
            Down::Manifest { sealed } => {
                let manifest: Manifest = keys::open(sealed, Purpose::Manifest, &self.group.root.desk)
                    .map_err(|refusal| format!("manifest: {refusal}"))?;
                if let Some(fetch) = &mut self.fetch
                    && fetch.receiver.take_manifest(&manifest, &fetch.bits)
                {
                    fetch.manifest = Some(manifest);
                }
            }
            Down::Shared { blob, transfer } => {
                let wanted = self.fetch.as_mut().filter(|fetch| fetch.receiver.hash() == blob);
                if let Some(fetch) = wanted.filter(|_| self.shared != Some((blob, transfer))) {
                    fetch.receiver.shared(now_ms);
                    self.shared = Some((blob, transfer));
                    let wish = Subscription { filter: topic::shared(transfer), qos: Qos::AtMostOnce };
                    self.link.subscribe(wish).await.map_err(|error| error.to_string())?;
                }
            }
            Down::SharedOver { blob, transfer } if self.shared == Some((blob, transfer)) => {
                self.fetch.iter_mut().for_each(|fetch| fetch.receiver.shared_over());
                self.shared = None;
            }
            Down::SayHello => self.hello(),
            Down::Release { .. }
            | Down::Receipts { .. }
            | Down::SharedOver { .. }
            | Down::Welcome
            | Down::Time { .. }
            | Down::Root { .. }
            | Down::Stop { .. }
            | Down::Certificate { .. }
            | Down::Waiting => {}
        }
        Ok(())
    }

    /// Finishes what is complete and begins what is lacking. Gives the times when nothing is.
    fn advance(&mut self) -> Result<Option<Times>, String> {
        if let Some(fetch) = self.fetch.take_if(|fetch| fetch.receiver.state() != State::Fetching) {
            match fetch.receiver.state() {
                State::Complete => self.finish(fetch)?,
                State::Wrong => return Err("wrong parts".into()),
                State::Fetching | State::NeedsManifest => self.fetch = Some(fetch),
            }
        }
        let (Some((release, bundle)), None) = (&self.incoming, &self.fetch) else { return Ok(None) };
        let held = self.held;
        let me = Me { root: &self.group.root, key: Some(&self.key.public()), placed: None };
        let needs = intake::lacks(release, bundle.as_deref(), me, |hash| held.is_some_and(|(clip, _)| clip == *hash));
        match needs.map_err(|fault| format!("release: {}", fault.name()))? {
            Needs::Blob(blob) => self.fetch = Some(Fetch::of(blob).ok_or("no such size")?),
            Needs::Nothing => {
                self.say(&Up::InForce { release: release.seq });
                return Ok(self.held.map(|(_, times)| times));
            }
        }
        Ok(None)
    }

    fn finish(&mut self, fetch: Fetch) -> Result<(), String> {
        let hash = fetch.receiver.hash();
        if fetch.hasher.finish() != hash {
            return Err("all parts are right and the whole is not".into());
        }
        let Some((release, bundle)) = &mut self.incoming else { return Ok(()) };
        if release.bundle.is_some_and(|blob| blob.hash == hash) {
            *bundle = Some(fetch.kept);
        } else if let Some(first_part) = fetch.first_part {
            self.held = Some((hash, Times { first_part, complete: Instant::now() }));
        }
        Ok(())
    }

    fn now_ms(&self) -> u64 {
        // Long after zero, so that nothing is due before the beginning.
        1_000_000 + self.group.began.1.elapsed().as_millis() as u64
    }

    fn now(&self) -> UtcMs {
        let (wall, began) = self.group.began;
        wall.plus_ms(began.elapsed().as_millis() as i64)
    }

    fn hello(&self) {
        let hello = Hello {
            player: self.id.clone(),
            key: self.key.public(),
            kind: Kind::Speaker,
            now: self.now(),
            in_force: None,
            incoming: self.incoming.as_ref().map(|(release, _)| release.seq),
            epoch: 0,
            next: 0,
            outbox: 0,
            free_bytes: 1 << 30,
            version: Text::cut("bench"),
            log_size: 0,
            nonce: None,
            root: 1,
        };
        let sealed = keys::seal(&wire::encode(&hello), Purpose::Hello, &[&self.key]);
        self.say(&Up::Hello { sealed: &sealed });
    }

    fn say(&self, up: &Up<'_>) {
        if let Err(error) = self.link.try_publish(&topic::up(&self.id), Qos::AtLeastOnce, wire::encode(up)) {
            eprintln!("{}: not said: {error}", self.id);
        }
    }
}
