//! Stage 5 at the desk: records come in, are verified, stored once, and receipted.
//!
//! A message is acknowledged to the broker only after its record is in the store, or is put off and will come again; a
//! receipt is owed from then on, and paid when the log shows the record (`audit/receipts.rs`). A record that comes twice
//! is stored once and receipted twice. `turns` keeps the order of each chain; gaps and doubles are kept and told
//! (`loa proofs`). A player whose key the desk does not know is asked to say hello; its records come again. What a record
//! holds is `domain/src/proof/record.rs`.

mod turns;

use std::collections::BTreeSet;
use std::time::Duration;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::Role;
use loa_domain::message::{Down, topic};
use loa_domain::proof::record::{self, Record};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkEvent, Qos};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use turns::Turns;

use crate::audit::receipts::{Logged, Receipting};
use crate::delivery::greet::Asks;
use crate::delivery::register::Register;
use crate::store::{Added, NewRecord, Store};

/// Records stored in one transaction at most.
const BATCH: usize = 200;
/// How long a batch waits for more records.
const GATHER: Duration = Duration::from_millis(20);
/// So far back a clock that is set right may step without the times of records stepping back, in milliseconds. A larger
/// step shows in the log: nobody should have to guess which of the times were right.
const SMALL_STEP_MS: i64 = 60_000;

/// A record that was verified.
pub struct Arrived {
    /// What it says.
    pub record: Record,
    /// Its hash.
    pub hash: Hash,
    /// Its bytes as signed.
    pub sealed: Vec<u8>,
}

/// Takes in records until the link ends.
pub async fn ingest(
    link: Link,
    mut events: Receiver<LinkEvent>,
    store: Store,
    register: Register,
    receipting: Receipting,
    clock: Clock,
) {
    let (mut asks, mut turns, mut newest) = (Asks::default(), Turns::default(), UtcMs(i64::MIN));
    while let Some(first) = events.recv().await {
        let (mut batch, mut acks, mut strangers) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut event = Some(first);
        while let Some(LinkEvent::Message { topic, payload, ack }) = event.take() {
            acks.extend(ack);
            match verified(&topic, payload, &register).await {
                Ok(arrived) => batch.push(arrived),
                Err(Unfit::Stranger(player)) => drop(strangers.insert(player)),
                Err(Unfit::Bad(why)) => tracing::warn!(topic, why, "a record is refused"),
            }
            if batch.len() < BATCH {
                event = timeout(GATHER, events.recv()).await.ok().flatten();
            }
        }
        let now_ms = clock.now().mono_raw_ns / 1_000_000;
        for player in strangers.iter().filter(|player| asks.may(player, now_ms)) {
            tracing::info!(%player, "sends records and is not known; it is asked to say hello");
            let hello = wire::encode(&Down::SayHello);
            if link.try_publish(&topic::down(player), Qos::AtLeastOnce, hello).is_err() {
                tracing::debug!(%player, "not asked; its records will come again");
            }
        }
        let now = received(&mut newest, UtcMs(clock.now().utc_ns.div_euclid(1_000_000)));
        in_turn(&mut batch, &mut turns, &store, now_ms).await;
        if !batch.is_empty() {
            let new: Vec<NewRecord> =
                batch.iter().map(|a| NewRecord::new(&a.record, a.hash, a.sealed.clone(), now)).collect();
            let added = store.add_records(&new).await;
            if let Err(error) = &added {
                // Without acknowledgement and receipt the players send them again.
                tracing::error!(%error, records = batch.len(), "records could not be stored; they will come again");
                turns.forget();
                continue;
            }
            for (arrived, _) in
                batch.iter().zip(added.unwrap_or_default()).filter(|(_, added)| *added == Added::Conflict)
            {
                let Record { player, epoch, seq, .. } = &arrived.record;
                tracing::error!(%player, epoch, seq, "two different records under one number: both are kept as evidence");
            }
            owe(&batch, &store, &receipting).await;
        }
        acks.into_iter().for_each(|ack| link.ack(ack));
    }
}

/// The time at which records are taken in: the clock's, but no small step back.
fn received(newest: &mut UtcMs, now: UtcMs) -> UtcMs {
    let back = newest.0.saturating_sub(now.0);
    if (1..=SMALL_STEP_MS).contains(&back) {
        return *newest;
    }
    if back > SMALL_STEP_MS && newest.0 != i64::MIN {
        tracing::error!(by_ms = back, "the desk's clock stepped back; the log will show it");
    }
    *newest = now;
    now
}

/// Leaves what is next in its chain; the rest comes again.
async fn in_turn(batch: &mut Vec<Arrived>, turns: &mut Turns, store: &Store, now_ms: u64) {
    for chain in batch.iter().map(Arrived::chain).collect::<BTreeSet<_>>() {
        if turns.knows(&chain) {
            continue;
        }
        match store.last_record(&chain.0, chain.1).await {
            Ok(last) => turns.learn(chain, last),
            Err(error) => tracing::error!(%error, "a chain cannot be looked up; its records will come again"),
        }
    }
    let before = batch.len();
    batch.retain(|arrived| {
        let chain = arrived.chain();
        turns.knows(&chain) && turns.is_next(&chain, arrived.record.seq, now_ms)
    });
    if batch.len() < before {
        tracing::info!(records = before - batch.len(), "came ahead of others; they will come again");
    }
}

/// Why a record is not taken in.
#[derive(Debug, PartialEq, Eq)]
enum Unfit {
    /// Its player stands in the timetable, and its key is not known.
    Stranger(PlayerId),
    /// It is no record of that player.
    Bad(String),
}

impl Arrived {
    fn chain(&self) -> turns::Chain {
        (self.record.player.clone(), self.record.epoch)
    }
}

async fn verified(topic: &str, sealed: Vec<u8>, register: &Register) -> Result<Arrived, Unfit> {
    let (player, _) = topic::split(topic).ok_or_else(|| Unfit::Bad("no player's topic".to_owned()))?;
    let Some(key) = register.key_of(&player).await else {
        let why = || Unfit::Bad("its player stands in no timetable".to_owned());
        return Err(if register.names(&player).await { Unfit::Stranger(player) } else { why() });
    };
    let (record, hash) =
        record::open(&sealed, &Role::of_one(key)).map_err(|refusal| Unfit::Bad(refusal.to_string()))?;
    if record.player != player {
        return Err(Unfit::Bad("it names another player".to_owned()));
    }
    Ok(Arrived { record, hash, sealed })
}

/// Owes each player receipts for what is in the store, at the places that the log will have it.
async fn owe(batch: &[Arrived], store: &Store, receipting: &Receipting) {
    for Arrived { record, hash, .. } in batch {
        let key = (record.epoch, record.seq);
        match store.logged(&record.player, key, *hash).await {
            Ok(Some((position, received))) => {
                let seen = record.seen.map_or(0, |seen| seen.size);
                receipting.owe(&record.player, key, Logged { position, received }, seen);
            }
            // A record from before there was a log has no place in it and no receipt; it stays at its player.
            Ok(None) => {
                tracing::warn!(player = %record.player, seq = record.seq, "a record that the log does not have")
            }
            Err(error) => tracing::error!(%error, "no receipt; the record will come again"),
        }
    }
}

#[cfg(test)]
mod tests;
