//! Stage 5 at the desk: records come in, are verified, stored once, and receipted.
//!
//! A message is acknowledged to the broker only after its record is in the store; a receipt is signed only for what is
//! in the store. A record that comes twice is stored once and receipted twice. It judges no chain: gaps and doubles are
//! kept and told (`loa proofs`). What a record holds is `domain/src/proof/record.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Role, SecretKey};
use loa_domain::limits::OUTBOX_WINDOW;
use loa_domain::message::{Down, topic};
use loa_domain::proof::record::{self, Receipt, Receipts, Record};
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, List};
use loa_host::clock::Clock;
use loa_host::link::{AckToken, Link, LinkEvent, Qos};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

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
    while let Some(first) = events.recv().await {
        let mut batch = Vec::new();
        let mut acks = Vec::new();
        take(first, &register, &mut batch, &mut acks).await;
        while batch.len() < BATCH {
            match timeout(GATHER, events.recv()).await {
                Ok(Some(event)) => take(event, &register, &mut batch, &mut acks).await,
                Ok(None) | Err(_) => break,
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

async fn take(event: LinkEvent, register: &Register, batch: &mut Vec<Arrived>, acks: &mut Vec<AckToken>) {
    let LinkEvent::Message { topic, payload, ack } = event else { return };
    acks.extend(ack);
    let Some((player, _)) = topic::split(&topic) else { return };
    match verified(&player, payload, register).await {
        Ok(arrived) => batch.push(arrived),
        Err(why) => tracing::warn!(%player, why, "a record is refused"),
    }
}

async fn verified(player: &PlayerId, sealed: Vec<u8>, register: &Register) -> Result<Arrived, String> {
    let key = register.key_of(player).await.ok_or("its player has never said hello")?;
    let (record, hash) = record::open(&sealed, &Role::of_one(key)).map_err(|refusal| refusal.to_string())?;
    if record.player != *player {
        return Err("it names another player".into());
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
