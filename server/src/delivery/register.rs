//! What the desk knows of its players while it runs: where they stand, their keys, what they have, what they should have.
//!
//! Shared by the tasks of the desk. Everything that must outlive the program is in the store; of the rest, what players
//! said is written there every moment, not at every word, so that a fleet that comes back at once costs one sync of the
//! disk. What follows from it for one player is `known.rs`, which release it should have `roster.rs`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use loa_domain::delivery::intake::Fault;
use loa_domain::delivery::placing::Placing;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::signed;
use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::keys::{self, PublicKey, Purpose, Role, Root, Sealed, SecretKey};
use loa_domain::message::Hello;
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Placement;
use loa_domain::wire;
use tokio::sync::Mutex;

use crate::delivery::blobs::Blobs;
use crate::delivery::known::{self, Known, Latest};
use crate::delivery::roster::{self, Before, Composed, SignedOrder};
use crate::delivery::stops::{STOPS_MAX, Stops};
use crate::delivery::waits::Waits;
use crate::store::{Issued, Pinned, PlayerState, SealedPlacing, Store, StoreError, StoredRelease, WaitingKey};
use crate::timetable::kept;

#[derive(Debug, Default)]
struct Inner {
    players: HashMap<PlayerId, Known>,
    orders: Vec<SignedOrder>,
    stops: Stops,
    unsaved: HashSet<PlayerId>,
    /// Players that said hello and stood in no timetable.
    strangers: HashSet<PlayerId>,
    /// The root document that players are to trust.
    root: Option<Root>,
    /// Whose keys were written down when.
    waiting: Waits,
    /// An officer's key that lies at the desk and is enough alone: a desk on trial.
    notary: Option<SecretKey>,
}

/// How many strangers are remembered: as many as a broker takes connections.
const STRANGERS: usize = 10_000;

/// A handle on the register.
#[derive(Clone)]
pub struct Register {
    inner: Arc<Mutex<Inner>>,
    store: Store,
    life_ms: i64,
}

impl Register {
    /// The register of a store; releases last `life_ms`.
    #[must_use]
    pub fn new(store: Store, life_ms: i64) -> Self {
        Self { inner: Arc::default(), store, life_ms }
    }

    /// The root document that players are to trust. With `notary`, an officer's key that is enough alone, players are
    /// placed where the timetable says, without asking anybody. What counts is seen at the next [`Register::load`].
    pub async fn trust(&self, root: Root, notary: Option<SecretKey>) {
        let mut inner = self.inner.lock().await;
        inner.notary = notary.filter(|key| root.officers.is_filled_by(&key.public()));
        inner.root = Some(root);
    }

    /// The version of that document.
    pub async fn root_version(&self) -> Option<u32> {
        self.inner.lock().await.root.as_ref().map(|root| root.version)
    }

    /// Reads players and orders anew. Gives what is wrong with single players, for the log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(&self, desk: &SecretKey) -> Result<Vec<String>, StoreError> {
        let (entries, mut wrong) = kept::players(&self.store).await?;
        let root = self.inner.lock().await.root.clone();
        let mut orders = Vec::new();
        for held in self.store.orders_in_force().await? {
            let vouched = |root: &Root| Sealed::read(&held.order.sealed).is_ok_and(|s| signed::counts(&s, root));
            if !root.as_ref().is_none_or(vouched) {
                // Players would refuse a release that holds it.
                wrong.push(format!(
                    "order {}: too few of today's officers signed it; have it signed anew",
                    held.order.id
                ));
                continue;
            }
            match SignedOrder::read(held.order.sealed) {
                Some(order) => orders.push(order),
                None => wrong.push(format!("order {}: its stored bytes cannot be read", held.order.id)),
            }
        }
        let states = self.store.player_states().await?;
        let stops = self.store.stops(UtcMs(0), STOPS_MAX).await?;
        let mut inner = self.inner.lock().await;
        inner.orders = orders;
        inner.stops.set(stops);
        for known in inner.players.values_mut() {
            known.entry = None;
        }
        for entry in entries {
            let id = entry.placement.player.clone();
            let key = self.store.pinned_key(&id).await?;
            let known = inner.players.entry(id.clone()).or_default();
            known.key = key.or(entry.key);
            let vouched = |placed: &SealedPlacing| root.as_ref().is_none_or(|root| placed.is_vouched_for(root));
            known.placing = self.store.placing(&id).await?.filter(vouched);
            if known.latest.is_none() {
                known.latest = self.store.latest_release(&id).await?.and_then(|stored| latest(stored, desk));
            }
            known.entry = Some(entry);
        }
        for state in states {
            // What a desk before this one heard; the player is not there until it says hello to this one.
            let known = inner.players.entry(state.id.clone()).or_default();
            if known.state.is_none() {
                known.has_in_force(state.in_force);
                known.state = Some(PlayerState { online: false, on_air: None, ..state });
            }
        }
        Ok(wrong)
    }

    /// Whether a player that says hello with this key is the one the desk knows. Its first key is pinned.
    pub async fn knows(&self, player: &PlayerId, key: PublicKey, now: UtcMs) -> bool {
        let mut inner = self.inner.lock().await;
        let Inner { players, strangers, root, notary, waiting, .. } = &mut *inner;
        let Some(known) = players.get_mut(player).filter(|known| known.entry.is_some()) else {
            tracing::warn!(%player, "said hello, and stands in no timetable");
            if strangers.len() < STRANGERS {
                strangers.insert(player.clone());
            }
            return false;
        };
        // Where officers' keys lie elsewhere, they say whose key it is; on trial the first one is taken at its word.
        let needs_officers = !takes_first_key(root.as_ref(), notary.as_ref());
        if !key.is_sound() || known.key.map_or(needs_officers, |pinned| pinned != key) {
            if known.key.is_some() {
                tracing::error!(%player, "said hello with another key than its own; it is not served");
            } else {
                tracing::info!(%player, fingerprint = %key.fingerprint(), "waits to be enrolled");
            }
            if strangers.len() < STRANGERS {
                strangers.insert(player.clone());
            }
            if waiting.may(player, key, now) {
                self.write_down(player, key, now).await;
            }
            return false;
        }
        match self.store.pin_key(player, key, now).await {
            Ok(Pinned::First) => tracing::info!(%player, %key, "first hello: its key is pinned"),
            Ok(Pinned::Same) => {}
            Ok(Pinned::Other { .. }) => {
                tracing::error!(%player, "said hello with another key than its own; it is not served");
                return false;
            }
            Err(error) => tracing::error!(%player, %error, "its key could not be pinned"),
        }
        known.key = Some(key);
        true
    }

    /// A key that has no certificate yet says that it is this player's: officers see it, where the timetable has such a
    /// player.
    pub async fn waits(&self, player: &PlayerId, key: PublicKey, said: UtcMs) {
        let mut inner = self.inner.lock().await;
        let Inner { players, waiting, .. } = &mut *inner;
        let is_named = players.get(player).is_some_and(|known| known.entry.is_some() && known.key != Some(key));
        if is_named && waiting.may(player, key, said) {
            self.write_down(player, key, said).await;
        }
    }

    async fn write_down(&self, player: &PlayerId, key: PublicKey, said: UtcMs) {
        if let Err(error) = self.store.wait(&WaitingKey { id: player.clone(), key, said }).await {
            tracing::error!(%player, %error, "that it waits was not written down");
        }
    }

    /// The players that said hello before the timetable named them, and that it names now: they should say it again.
    pub async fn no_longer_strangers(&self) -> Vec<PlayerId> {
        let mut inner = self.inner.lock().await;
        let Inner { players, strangers, root, notary, .. } = &mut *inner;
        let takes_first = takes_first_key(root.as_ref(), notary.as_ref());
        let named = |id: &PlayerId| {
            players.get(id).is_some_and(|known| known.entry.is_some() && (takes_first || known.key.is_some()))
        };
        strangers.extract_if(named).collect()
    }

    /// The key of a player that has said hello, ever.
    pub async fn key_of(&self, player: &PlayerId) -> Option<PublicKey> {
        self.inner.lock().await.players.get(player).and_then(|known| known.key)
    }

    /// The players of the timetable whose key is known, with their keys.
    pub async fn keys(&self) -> Vec<(PlayerId, PublicKey)> {
        let inner = self.inner.lock().await;
        let known = inner.players.iter().filter(|(_, known)| known.entry.is_some());
        known.filter_map(|(id, known)| Some((id.clone(), known.key?))).collect()
    }

    /// Whether a player stands in the timetable.
    pub async fn names(&self, player: &PlayerId) -> bool {
        self.inner.lock().await.players.get(player).is_some_and(|known| known.entry.is_some())
    }

    /// Whether a player has said hello since it was last gone.
    pub async fn is_online(&self, player: &PlayerId) -> bool {
        self.inner.lock().await.players.get(player).is_some_and(Known::is_online)
    }

    /// A player said hello. True if a new release may be due because of what it says.
    pub async fn hello(&self, hello: &Hello, now: UtcMs) -> bool {
        let mut inner = self.inner.lock().await;
        let known = inner.players.entry(hello.player.clone()).or_default();
        // It was asked before whether this is its key (`knows`).
        known.key.get_or_insert(hello.key);
        let before = known.state.take().filter(|before| before.in_force == hello.in_force);
        known.state = Some(PlayerState {
            id: hello.player.clone(),
            key: hello.key,
            last_hello: now,
            in_force: hello.in_force,
            incoming: hello.incoming,
            epoch: hello.epoch,
            next: hello.next,
            outbox: hello.outbox,
            free_bytes: hello.free_bytes,
            version: hello.version.to_string(),
            online: true,
            // A new link does not mend what was refused.
            refused: before.and_then(|before| before.refused),
            on_air: None,
        });
        known.has_seen(hello.in_force.max(hello.incoming));
        known.has_in_force(hello.in_force);
        let is_due = known.is_outrun() || (known.is_interim && !known.is_behind());
        inner.unsaved.insert(hello.player.clone());
        is_due
    }

    async fn change(&self, player: &PlayerId, change: impl FnOnce(&mut PlayerState)) {
        let mut inner = self.inner.lock().await;
        if let Some(state) = inner.players.get_mut(player).and_then(|known| known.state.as_mut()) {
            change(state);
            inner.unsaved.insert(player.clone());
        }
    }

    /// A release is in force on a player. True if another one is to follow it now.
    pub async fn in_force(&self, player: &PlayerId, release: u64) -> bool {
        let mut inner = self.inner.lock().await;
        let Some(known) = inner.players.get_mut(player) else { return false };
        known.has_in_force(Some(release));
        let Some(state) = &mut known.state else { return false };
        (state.in_force, state.incoming, state.refused) = (Some(release), None, None);
        let follows = known.is_interim && !known.is_behind();
        inner.unsaved.insert(player.clone());
        follows
    }

    /// A release is on its way.
    pub async fn incoming(&self, player: &PlayerId, release: u64) {
        self.change(player, |state| state.incoming = Some(release)).await;
    }

    /// A player refused a release.
    pub async fn refused(&self, player: &PlayerId, release: Option<u64>, fault: Fault) {
        let number = release.map_or_else(String::new, |release| format!("{release}: "));
        self.change(player, |state| state.refused = Some(format!("{number}{}", fault.name()))).await;
    }

    /// A player's link is down.
    pub async fn gone(&self, player: &PlayerId) {
        self.change(player, |state| {
            state.online = false;
            state.on_air = None;
        })
        .await;
    }

    /// Nobody is reached.
    pub async fn all_gone(&self) {
        let mut inner = self.inner.lock().await;
        let online: Vec<PlayerId> = inner
            .players
            .iter_mut()
            .filter_map(|(id, known)| known.state.as_mut().filter(|state| state.online).map(|state| (id, state)))
            .map(|(id, state)| {
                state.online = false;
                id.clone()
            })
            .collect();
        inner.unsaved.extend(online);
    }

    /// What a player airs now.
    pub async fn on_air(&self, player: &PlayerId, cue: Option<CueId>) {
        self.change(player, |state| state.on_air = cue).await;
    }

    /// Writes what players said since the last time.
    ///
    /// # Errors
    /// When the store cannot be written; it is tried again the next time.
    pub async fn save(&self) -> Result<(), StoreError> {
        let mut inner = self.inner.lock().await;
        let states: Vec<PlayerState> =
            inner.unsaved.iter().filter_map(|id| inner.players.get(id)?.state.clone()).collect();
        if !states.is_empty() {
            self.store.put_player_states(&states).await?;
            inner.unsaved.clear();
        }
        Ok(())
    }

    /// The release that a player should have: number and signed bytes.
    pub async fn release_for(&self, player: &PlayerId) -> Option<(u64, Vec<u8>)> {
        let inner = self.inner.lock().await;
        inner.players.get(player)?.latest.as_ref().map(|latest| (latest.release.seq, latest.sealed.clone()))
    }

    /// The players that are there and lack the release that they should have, with its signed bytes.
    pub async fn behind(&self) -> Vec<(PlayerId, Vec<u8>)> {
        let inner = self.inner.lock().await;
        let behind = inner.players.iter().filter(|(_, known)| known.is_online() && known.is_behind());
        behind.filter_map(|(id, known)| Some((id.clone(), known.latest.as_ref()?.sealed.clone()))).collect()
    }

    /// The stops that nobody was told of yet, for those concerned who are there; once.
    pub async fn new_stops(&self) -> Vec<(PlayerId, Vec<u8>)> {
        let mut inner = self.inner.lock().await;
        let Inner { players, stops, .. } = &mut *inner;
        let online = players.iter().filter(|(_, known)| known.is_online());
        let placed: Vec<(&PlayerId, &Placement)> =
            online.filter_map(|(id, known)| Some((id, known.placement()?))).collect();
        stops.tell_new(&placed)
    }

    /// What a player that comes back is told of: the newest stops of the last 30 days that concern it, oldest first.
    pub async fn stops_for(&self, player: &PlayerId, now: UtcMs) -> Vec<Vec<u8>> {
        let inner = self.inner.lock().await;
        let placement = inner.players.get(player).and_then(Known::placement);
        placement.map(|placement| inner.stops.lately(placement, now)).unwrap_or_default()
    }

    /// The blobs that go before all others: what emergencies need that are not in force everywhere.
    pub async fn urgent(&self) -> HashSet<Hash> {
        let inner = self.inner.lock().await;
        let mut urgent = HashSet::new();
        if !inner.orders.iter().any(known::is_emergency) {
            return urgent;
        }
        let orders: HashMap<Hash, &SignedOrder> = inner.orders.iter().map(|order| (order.hash, order)).collect();
        for known in inner.players.values() {
            known.urgent(|hash| orders.get(hash).copied(), &mut urgent);
        }
        urgent
    }

    /// Makes the releases that are due. Gives those that are new, for players that are there to hear of them.
    pub async fn compose(&self, now: UtcMs, blobs: &Blobs, desk: &SecretKey) -> Vec<(PlayerId, Vec<u8>)> {
        let mut inner = self.inner.lock().await;
        let Inner { players, orders, notary, stops, .. } = &mut *inner;
        let mut sent = Vec::new();
        for (id, known) in players.iter_mut() {
            self.place(known, notary.as_ref(), now).await;
            if self.compose_for(id, known, (orders, stops), (now, blobs, desk)).await && known.is_online() {
                sent.extend(known.latest.as_ref().map(|latest| (id.clone(), latest.sealed.clone())));
            }
        }
        sent
    }

    /// Makes the release of one player, if one is due, and gives it.
    pub async fn compose_one(&self, player: &PlayerId, now: UtcMs, blobs: &Blobs, desk: &SecretKey) -> Option<Vec<u8>> {
        let mut inner = self.inner.lock().await;
        let Inner { players, orders, notary, stops, .. } = &mut *inner;
        let known = players.get_mut(player)?;
        self.place(known, notary.as_ref(), now).await;
        let is_new = self.compose_for(player, known, (orders, stops), (now, blobs, desk)).await;
        known.latest.as_ref().filter(|_| is_new).map(|latest| latest.sealed.clone())
    }

    /// Makes a player's release, if one is due. True if it is a new one.
    async fn compose_for(
        &self,
        id: &PlayerId,
        known: &mut Known,
        (orders, stops): (&[SignedOrder], &Stops),
        (now, blobs, desk): (UtcMs, &Blobs, &SecretKey),
    ) -> bool {
        let (Some(entry), Some(placed)) = (&known.entry, known.placed()) else { return false };
        let placement = &placed.placing.placement;
        // What is stopped here is not sent here; players would not air it anyway.
        let kept: Vec<SignedOrder>;
        let orders = if stops.stops_any(placement, orders) {
            kept = orders.iter().filter(|order| !stops.is_off(placement, order)).cloned().collect();
            &kept
        } else {
            orders
        };
        let later = known.later(roster::mine(placement, orders, now));
        let last = known.latest.as_ref().map(|latest| (&latest.release, latest.digest));
        let before = Before { last, floor: known.floor };
        let composed = match roster::compose((entry, placed), (orders, &later), before, now, self.life_ms, desk) {
            Ok(composed) => composed,
            Err(error) => {
                tracing::error!(player = %id, %error, "no release can be made");
                return false;
            }
        };
        known.is_interim = !later.is_empty();
        let Some(composed) = composed else { return false };
        match self.issue(id, composed, blobs).await {
            Ok(latest) => {
                known.latest = Some(latest);
                true
            }
            Err(why) => {
                tracing::error!(player = %id, why, "no new release");
                false
            }
        }
    }

    /// On a desk on trial: has the officer's key that lies there say where a player stands.
    async fn place(&self, known: &mut Known, notary: Option<&SecretKey>, now: UtcMs) {
        let (Some(notary), Some(entry), Some(key)) = (notary, &known.entry, known.key) else { return };
        let stands = |placed: &SealedPlacing| placed.placing.placement == entry.placement;
        if known.placed().is_some_and(stands) {
            return;
        }
        // A second one within a millisecond must still be the later one.
        let made = known.placing.as_ref().map_or(now, |before| now.max(before.placing.made.plus_ms(1)));
        let placing = Placing::new(key, made, entry.placement.clone());
        let sealed = keys::seal(&wire::encode(&placing), Purpose::Placing, &[notary]);
        let placing = SealedPlacing { placing, sealed };
        match self.store.place(std::slice::from_ref(&placing), now).await {
            Ok(()) => known.placing = Some(placing),
            Err(error) => tracing::error!(player = %entry.placement.player, %error, "its placing was not kept"),
        }
    }

    async fn issue(&self, player: &PlayerId, composed: Composed, blobs: &Blobs) -> Result<Latest, String> {
        let Composed { release, sealed, bundle, digest } = composed;
        if !bundle.is_empty() {
            tokio::task::block_in_place(|| blobs.put(&bundle)).map_err(|error| error.to_string())?;
        }
        let stored = StoredRelease {
            player: player.clone(),
            seq: release.seq,
            sealed: sealed.clone(),
            issued: release.issued,
            expires: release.expires,
            digest,
        };
        match self.store.issue_release(&stored).await.map_err(|error| error.to_string())? {
            Issued::Kept => {
                tracing::info!(%player, release = release.seq, orders = release.orders.len(), "a release is issued");
                Ok(Latest { release, digest, sealed })
            }
            Issued::Outrun { .. } => Err("another desk process issued one".to_owned()),
        }
    }
}

/// Whether the desk takes a player's first key at its word.
fn takes_first_key(root: Option<&Root>, notary: Option<&SecretKey>) -> bool {
    root.is_none() || notary.is_some()
}

fn latest(stored: StoredRelease, desk: &SecretKey) -> Option<Latest> {
    let role = Role::of_one(desk.public());
    // One that another key signed, before a change of keys, is no base to go on from.
    let release = Sealed::read(&stored.sealed).ok()?.open::<Release>(Purpose::Release, &role).ok()?;
    Some(Latest { release, digest: stored.digest, sealed: stored.sealed })
}

#[cfg(test)]
mod tests;
