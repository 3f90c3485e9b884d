//! The desk's conversation with its players: hellos, releases, manifests, parts.
//!
//! One task. It answers what players say with the difference between what they have and what they should have, and lets
//! `domain/src/delivery/sender.rs` decide which part goes out next; parts travel on a link of their own so that they
//! never stand in the way of answers. What players should have is `roster.rs`; their records, `proof.rs`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use loa_domain::delivery::intake::Fault;
use loa_domain::delivery::receiver::Want;
use loa_domain::delivery::sender::{Act, Sender, To};
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Role, SecretKey};
use loa_domain::message::{DeskTime, Down, Hello, Up, topic};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkEvent, PublishError, Qos};
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::watch;

use crate::audit::receipts::Receipting;
use crate::delivery::blobs::{Blobs, Served};
use crate::delivery::certify::{Certifier, Via};
use crate::delivery::greet::Asks;
use crate::delivery::register::Register;
use crate::store::Store;
use crate::trust::Roots;

/// Parts between the sender and the link: what a stalled broker costs in memory, 1 MiB.
const PARTS_UNDER_WAY: usize = 64;
/// How long to wait for room on the link.
const ROOM_WAIT: Duration = Duration::from_millis(5);
/// Blobs whose files are kept open.
const SERVING_MAX: usize = 64;

/// How often it is asked anew which blobs are urgent, in milliseconds: players of a whole district report at once.
const URGENCY_MS: u64 = 500;
/// Messages that wait for room on the link at most: as many as players that a broker takes.
const OWED_MAX: usize = 10_000;

/// Why the desk looks at its releases. Both rise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// People did something: the timetable, or what it airs, may be another one.
    pub acts: u64,
    /// Time has passed.
    pub renewals: u64,
    /// There is another root document.
    pub roots: u64,
}

/// A part on its way to the link.
struct Part {
    topic: String,
    payload: Vec<u8>,
}

/// The task.
pub struct Dispatch {
    clock: Clock,
    desk: SecretKey,
    blobs: Blobs,
    register: Register,
    sender: Sender,
    link: Link,
    parts: mpsc::Sender<Part>,
    serving: HashMap<Hash, Arc<Served>>,
    /// What the sender said and the link has not taken yet.
    pending: VecDeque<Act>,
    /// Messages that the link had no room for.
    owed: VecDeque<(String, Vec<u8>)>,
    asks: Asks,
    receipting: Receipting,
    /// Where the root documents are that players lack.
    roots: Option<Roots>,
    /// Blobs that the sender was told to send before all others.
    urgent: HashSet<Hash>,
    /// Which blobs are urgent may have changed.
    urgency_changed: bool,
    urgency_ms: u64,
    news: watch::Receiver<News>,
    /// The acts of people that were followed.
    acts: u64,
    /// Who answers requests for certificates, and where that is written down.
    certifier: Option<(Certifier, Store)>,
    /// The root documents that were followed.
    followed_roots: u64,
}

impl Dispatch {
    /// A dispatch that fills at most `bytes_per_s` of the desk's line with parts.
    #[must_use]
    pub fn new(
        clock: Clock,
        desk: SecretKey,
        blobs: Blobs,
        register: Register,
        (link, bulk): (Link, Link),
        bytes_per_s: u64,
        news: watch::Receiver<News>,
    ) -> Self {
        let (parts, outgoing) = mpsc::channel(PARTS_UNDER_WAY);
        tokio::spawn(carry(bulk, outgoing));
        Self::with_parts(clock, desk, blobs, register, (link, parts), bytes_per_s, news)
    }

    fn with_parts(
        clock: Clock,
        desk: SecretKey,
        blobs: Blobs,
        register: Register,
        (link, parts): (Link, mpsc::Sender<Part>),
        bytes_per_s: u64,
        news: watch::Receiver<News>,
    ) -> Self {
        let reading = clock.now();
        let first_transfer = (reading.utc_ns / 1_000_000_000) as u32;
        let sender = Sender::new(bytes_per_s, first_transfer);
        Self {
            clock,
            desk,
            blobs,
            register,
            sender,
            link,
            parts,
            serving: HashMap::new(),
            pending: VecDeque::new(),
            owed: VecDeque::new(),
            asks: Asks::default(),
            receipting: Receipting::default(),
            roots: None,
            urgent: HashSet::new(),
            urgency_changed: true,
            urgency_ms: 0,
            news,
            acts: 0,
            certifier: None,
            followed_roots: 0,
        }
    }

    /// Tells `receipting` what players have seen of the log.
    #[must_use]
    pub fn telling(self, receipting: Receipting) -> Self {
        Self { receipting, ..self }
    }

    /// Answers requests for certificates.
    #[must_use]
    pub fn certifying(self, certifier: Certifier, store: Store) -> Self {
        Self { certifier: Some((certifier, store)), ..self }
    }

    /// Gives players the root documents that they lack.
    #[must_use]
    pub fn trusting(self, roots: Roots) -> Self {
        Self { roots: Some(roots), ..self }
    }

    /// Goes on until the link ends.
    pub async fn run(mut self, mut events: Receiver<LinkEvent>) {
        let mut wait = Duration::from_secs(1);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.linked(event).await,
                    None => return,
                },
                changed = self.news.changed() => match changed {
                    Ok(()) => self.follow_news().await,
                    Err(_) => return,
                },
                () = tokio::time::sleep(wait) => {}
            }
            self.follow_urgency().await;
            let owes = !self.send_owed();
            wait = self.send_parts();
            if owes {
                wait = wait.min(ROOM_WAIT);
            }
        }
    }

    fn now(&self) -> (u64, UtcMs) {
        let reading = self.clock.now();
        (reading.mono_raw_ns / 1_000_000, UtcMs(reading.utc_ns.div_euclid(1_000_000)))
    }

    async fn linked(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up => {
                tracing::info!("the broker is reached");
                let _told = self.compose_all().await;
                // Players that were connected all along do not know that the desk was away.
                let hello = wire::encode(&Down::SayHello);
                self.publish(topic::everyone(), hello);
            }
            LinkEvent::Down { why } => {
                tracing::error!(why, "the broker is not reached");
                // They say hello on the next link, and are told the difference then.
                self.owed.clear();
                self.register.all_gone().await;
            }
            LinkEvent::Refused { filter, why } => tracing::error!(filter, why, "the broker refused a topic"),
            LinkEvent::Message { topic, payload, .. } => {
                let Some((player, _)) = topic::split(&topic) else { return };
                match wire::decode::<Up<'_>>(&payload) {
                    Ok(up) => self.up(&player, &up).await,
                    Err(error) => tracing::warn!(%player, %error, "a message that is none"),
                }
            }
        }
    }

    async fn up(&mut self, player: &PlayerId, up: &Up<'_>) {
        let (now_ms, now) = self.now();
        let speaks_as_known = !matches!(up, Up::Hello { .. } | Up::Gone);
        if speaks_as_known && !self.register.is_online(player).await && self.asks.may(player, now_ms) {
            self.publish(topic::down(player), wire::encode(&Down::SayHello));
        }
        match up {
            Up::Hello { sealed } => self.hello(player, sealed, now).await,
            Up::Want { want } => self.want(player, want, now_ms).await,
            Up::InForce { release } => {
                self.urgency_changed = true;
                if self.register.in_force(player, *release).await {
                    self.compose_one(player, now).await;
                }
            }
            Up::Refused { release, fault } => {
                tracing::error!(%player, release, fault = fault.name(), "a player refused a release");
                if *fault == Fault::Content {
                    self.forget_content();
                }
                self.register.refused(player, *release, *fault).await;
            }
            Up::Incoming { release, blob, held, parts } => {
                tracing::debug!(%player, release, ?blob, held, parts, "fetching");
                self.register.incoming(player, *release).await;
            }
            Up::Certify { sealed } => {
                let Some((certifier, store)) = &self.certifier else { return };
                let answer = certifier.reply(store, sealed, Via::Player(player), now).await;
                answer.into_iter().for_each(|answer| self.publish(topic::down(player), answer));
            }
            Up::LogSeen { size } => self.receipting.seen(player, *size),
            Up::OnAir { cue } => self.register.on_air(player, *cue).await,
            Up::Gone => {
                self.sender.gone(player);
                self.register.gone(player).await;
            }
        }
    }

    async fn hello(&mut self, player: &PlayerId, sealed: &[u8], now: UtcMs) {
        let read = keys::Sealed::read(sealed).ok().and_then(|s| wire::decode::<Hello>(s.body).ok());
        let Some(hello) = read.filter(|hello| hello.player == *player) else {
            return tracing::warn!(%player, "a hello that is none, or another player's");
        };
        if keys::open::<Hello>(sealed, Purpose::Hello, &Role::of_one(hello.key)).is_err() {
            return tracing::warn!(%player, "a hello whose signature does not hold");
        }
        if !self.register.knows(player, hello.key, now).await {
            return;
        }
        tracing::info!(%player, in_force = hello.in_force, outbox = hello.outbox, "hello");
        self.receipting.seen(player, hello.log_size);
        let is_due = self.register.hello(&hello, now).await;
        self.urgency_changed = true;
        if let Some(nonce) = hello.nonce {
            self.tell_time(player, nonce, now);
        }
        self.publish(topic::down(player), wire::encode(&Down::Welcome));
        if let Some(sealed) = self.root_after(hello.root).await {
            tracing::info!(%player, version = hello.root, "gets the root document that follows its own");
            self.publish(topic::down(player), wire::encode(&Down::Root { sealed: &sealed }));
        }
        for sealed in self.register.stops_for(player, now).await {
            self.publish(topic::down(player), wire::encode(&Down::Stop { sealed: &sealed }));
        }
        if is_due && self.compose_one(player, now).await {
            return;
        }
        match self.register.release_for(player).await {
            Some((seq, sealed)) if hello.in_force != Some(seq) => self.send_release(player, &sealed),
            _ => {}
        }
    }

    /// The root document that follows a player's. Nothing is read from the disk for players that have the newest.
    async fn root_after(&self, version: u32) -> Option<Vec<u8>> {
        let newest = self.register.root_version().await?;
        self.roots.as_ref().filter(|_| version < newest)?.after(version)
    }

    /// Tells a player that has no clock what time it is. It goes out first: it is worth what the way takes.
    fn tell_time(&mut self, player: &PlayerId, nonce: u64, now: UtcMs) {
        let time = wire::encode(&DeskTime { player: player.clone(), nonce, now });
        let sealed = keys::seal(&time, Purpose::Time, &[&self.desk]);
        self.publish(topic::down(player), wire::encode(&Down::Time { sealed: &sealed }));
    }

    fn send_release(&mut self, player: &PlayerId, sealed: &[u8]) {
        self.publish(topic::down(player), wire::encode(&Down::Release { sealed }));
    }

    /// Sends a player its next release if one is due. True if it was.
    async fn compose_one(&mut self, player: &PlayerId, now: UtcMs) -> bool {
        let composed = self.register.compose_one(player, now, &self.blobs, &self.desk).await;
        composed.iter().for_each(|sealed| self.send_release(player, sealed));
        composed.is_some()
    }

    /// Sends out the releases that are due. Gives the players that get one.
    async fn compose_all(&mut self) -> HashSet<PlayerId> {
        let (_, now) = self.now();
        let composed = self.register.compose(now, &self.blobs, &self.desk).await;
        for (player, sealed) in &composed {
            self.send_release(player, sealed);
        }
        for player in self.register.no_longer_strangers().await {
            self.publish(topic::down(&player), wire::encode(&Down::SayHello));
        }
        self.urgency_changed = true;
        composed.into_iter().map(|(player, _)| player).collect()
    }

    /// People changed the timetable, or applied it again: then what players refused may have been mended.
    async fn follow_news(&mut self) {
        let news = *self.news.borrow_and_update();
        let is_act = std::mem::replace(&mut self.acts, news.acts) != news.acts;
        if std::mem::replace(&mut self.followed_roots, news.roots) != news.roots {
            // Their hellos say which one they have.
            self.publish(topic::everyone(), wire::encode(&Down::SayHello));
        }
        if is_act {
            self.forget_content();
            // Before anything else, and whatever else there is to say: it goes to the head of what waits for the link.
            for (player, sealed) in self.register.new_stops().await {
                self.owed.push_front((topic::down(&player), wire::encode(&Down::Stop { sealed: &sealed })));
            }
            let _all = self.send_owed();
        }
        let told = self.compose_all().await;
        if is_act {
            let behind = self.register.behind().await;
            for (player, sealed) in behind.iter().filter(|(player, _)| !told.contains(player)) {
                self.send_release(player, sealed);
            }
        }
    }

    /// An open file is the old one even where it was replaced: look at all of it again.
    fn forget_content(&mut self) {
        self.serving.clear();
        self.blobs.forget();
    }

    /// Tells the sender what emergencies need.
    async fn follow_urgency(&mut self) {
        let (now_ms, _) = self.now();
        if !self.urgency_changed || now_ms < self.urgency_ms.saturating_add(URGENCY_MS) {
            return;
        }
        (self.urgency_changed, self.urgency_ms) = (false, now_ms);
        let urgent = self.register.urgent().await;
        for blob in self.urgent.difference(&urgent) {
            self.sender.set_urgent(*blob, false);
        }
        for blob in urgent.difference(&self.urgent) {
            tracing::info!(?blob, "goes before all others: an emergency needs it");
            self.sender.set_urgent(*blob, true);
        }
        self.urgent = urgent;
    }

    fn served(&mut self, hash: &Hash) -> Option<Arc<Served>> {
        if let Some(served) = self.serving.get(hash) {
            return Some(served.clone());
        }
        let served = tokio::task::block_in_place(|| self.blobs.serve(hash, &self.desk));
        let served = served.inspect_err(|error| tracing::error!(?hash, %error, "a blob cannot be served")).ok()?;
        self.serving.insert(*hash, served.clone());
        Some(served)
    }

    async fn want(&mut self, player: &PlayerId, want: &Want, now_ms: u64) {
        let Some(served) = self.served(&want.blob) else { return };
        if want.mask == 0 {
            let sealed = &served.manifest;
            self.publish(topic::down(player), wire::encode(&Down::Manifest { sealed }));
        }
        let pending = &mut self.pending;
        self.sender.want(now_ms, player, want, served.shape.parts(), &mut |act| pending.push_back(act));
    }

    /// Says something that is only for speed: what is not heard is made good by asking.
    fn tell(&self, player: &PlayerId, down: &Down<'_>) {
        if self.link.try_publish(&topic::down(player), Qos::AtLeastOnce, wire::encode(down)).is_err() {
            tracing::debug!(%player, "not told of a shared transfer");
        }
    }

    /// Hands parts to the link as far as pace and room allow. Gives when to come back.
    fn send_parts(&mut self) -> Duration {
        let (now_ms, _) = self.now();
        let next = if self.pending.is_empty() {
            let pending = &mut self.pending;
            self.sender.poll(now_ms, &mut |act| pending.push_back(act))
        } else {
            None
        };
        while let Some(act) = self.pending.pop_front() {
            match act {
                Act::Send { ref to, blob, part } if self.parts.capacity() > 0 => self.send_part(to, &blob, part),
                Act::Send { .. } => {
                    self.pending.push_front(act);
                    return ROOM_WAIT;
                }
                Act::Announce { player, blob, transfer } => self.tell(&player, &Down::Shared { blob, transfer }),
                Act::Over { player, blob, transfer } => self.tell(&player, &Down::SharedOver { blob, transfer }),
            }
        }
        if self.serving.len() > SERVING_MAX {
            self.serving.clear();
        }
        match next {
            Some(next_ms) => Duration::from_millis(next_ms.saturating_sub(now_ms).clamp(1, 1000)),
            None => Duration::from_secs(1),
        }
    }

    fn send_part(&mut self, to: &To, blob: &Hash, part: u32) {
        let Some(served) = self.served(blob) else { return };
        let topic = match to {
            To::Player(player) => topic::parts(player),
            To::Shared(transfer) => topic::shared(*transfer),
        };
        match served.part(part) {
            // There is room: the sender was told how much. A part that is lost all the same is asked for again.
            Ok(payload) => drop(self.parts.try_send(Part { topic, payload })),
            Err(error) => tracing::error!(?blob, part, %error, "a part cannot be read"),
        }
    }

    /// Says something as soon as the link has room for it.
    fn publish(&mut self, topic: String, payload: Vec<u8>) {
        if self.owed.len() < OWED_MAX {
            self.owed.push_back((topic, payload));
        } else {
            // The player's next hello or request brings it.
            tracing::warn!(topic, "not said: too much waits for the broker");
        }
    }

    /// Hands the link what is owed. True if nothing is left.
    fn send_owed(&mut self) -> bool {
        while let Some((topic, payload)) = self.owed.pop_front() {
            match self.link.try_publish(&topic, Qos::AtLeastOnce, payload.clone()) {
                Ok(()) => {}
                Err(PublishError::Busy) => {
                    self.owed.push_front((topic, payload));
                    return false;
                }
                Err(error) => tracing::error!(topic, %error, "not said"),
            }
        }
        true
    }
}

async fn carry(link: Link, mut parts: Receiver<Part>) {
    while let Some(Part { topic, payload }) = parts.recv().await {
        if let Err(error) = link.publish(&topic, Qos::AtMostOnce, payload).await {
            tracing::debug!(%error, "a part was not sent");
        }
    }
    link.close().await;
}

#[cfg(test)]
mod tests;
