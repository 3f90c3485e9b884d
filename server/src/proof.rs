//! Stage 5 at the desk: records come in, are verified, stored once, and receipted.
//!
//! A message is acknowledged to the broker only after its record is in the store; a receipt is signed only for what is
//! in the store. A record that comes twice is stored once and receipted twice. It judges no chain: gaps and doubles are
//! kept and told (`loa proofs`). A player whose key the desk does not know is asked to say hello; its records come again. What a record holds is `domain/src/proof/record.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Role, SecretKey};
use loa_domain::limits::OUTBOX_WINDOW;
use loa_domain::message::{Down, topic};
use loa_domain::proof::record::{self, Receipt, Receipts, Record};
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, List};
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkEvent, Qos};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use crate::delivery::greet::Asks;
use crate::delivery::register::Register;
use crate::store::{Added, NewRecord, Store};

/// Records stored in one transaction at most.
const BATCH: usize = 200;
/// How long a batch waits for more records.
const GATHER: Duration = Duration::from_millis(20);

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
    desk: SecretKey,
    clock: Clock,
) {
    let mut asks = Asks::default();
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
        let now = UtcMs(clock.now().utc_ns.div_euclid(1_000_000));
        if !batch.is_empty() {
            let new: Vec<NewRecord> =
                batch.iter().map(|a| NewRecord::new(&a.record, a.hash, a.sealed.clone(), now)).collect();
            let added = store.add_records(&new).await;
            if let Err(error) = &added {
                // Without acknowledgement and receipt the players send them again.
                tracing::error!(%error, records = batch.len(), "records could not be stored; they will come again");
                continue;
            }
            for (arrived, _) in
                batch.iter().zip(added.unwrap_or_default()).filter(|(_, added)| *added == Added::Conflict)
            {
                let Record { player, epoch, seq, .. } = &arrived.record;
                tracing::error!(%player, epoch, seq, "two different records under one number: both are kept as evidence");
            }
            receipt(&link, &batch, &desk);
        }
        acks.into_iter().for_each(|ack| link.ack(ack));
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

fn receipt(link: &Link, batch: &[Arrived], desk: &SecretKey) {
    let mut players: BTreeMap<&PlayerId, Vec<Receipt>> = BTreeMap::new();
    for Arrived { record, hash, .. } in batch {
        let receipt = Receipt { epoch: record.epoch, seq: record.seq, hash: *hash };
        players.entry(&record.player).or_default().push(receipt);
    }
    for (player, receipts) in players {
        for some in receipts.chunks(OUTBOX_WINDOW) {
            let records = List::collect(some.iter().copied()).unwrap_or_default();
            let receipts = Receipts { player: player.clone(), records };
            let sealed = keys::seal(&wire::encode(&receipts), Purpose::Receipt, &[desk]);
            let message = wire::encode(&Down::Receipts { sealed: &sealed });
            if link.try_publish(&topic::down(player), Qos::AtLeastOnce, message).is_err() {
                tracing::debug!(%player, "receipts were not sent; the records will come again");
            }
        }
    }
}

#[cfg(test)]
mod tests;
