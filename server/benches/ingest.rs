//! How many signed records a second the desk takes in until they are in its published log, beside what the machine could
//! do at most: strict checks of the signatures alone, and appending the same bytes with one fsync per batch.
//!
//!     cargo bench -p loa-server --bench ingest -- 20000
//!
//! Without a number nothing is measured. Everything in it is the desk's own code but the broker.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use loa_domain::audit::policy::Policy;
use loa_domain::id::PlayerId;
use loa_domain::keys::{Role, SecretKey};
use loa_domain::proof::record::{self, Body, ClockSource, Head, RECORD_BYTES, Stamp, Writer};
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_server::audit::log::{NoWitnesses, Started, Witnessing, start};
use loa_server::config::Folder;
use loa_server::store::{NewRecord, Store};

/// Players whose records come in turn.
const PLAYERS: u64 = 200;
/// Records in one transaction, as in `server/src/proof.rs`.
const BATCH: usize = 200;

fn main() {
    let Some(records) = std::env::args().skip(1).find_map(|word| word.parse::<usize>().ok()) else { return };
    let made = made(records);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (checks, appended) = (checks_per_s(&made), appended_per_s(&made));
    let (stored, logged) = runtime.block_on(taken_in(&made));
    println!("| {records} records | records/s | share |\n|---|--:|--:|");
    println!("| in the published log | {logged:.0} | 1.00 |");
    println!("| in the store, acknowledged | {stored:.0} | {:.2} |", logged / stored);
    println!("| floor: strict checks alone, one core | {checks:.0} | {:.3} |", logged / checks);
    println!("| floor: the same bytes appended, one fsync per {BATCH} | {appended:.0} | {:.3} |", logged / appended);
}

fn key(player: u64) -> SecretKey {
    SecretKey::from_seed(&[u8::try_from(player).unwrap_or(255); 32])
}

fn id(player: u64) -> PlayerId {
    format!("loa-{player}").parse().expect("a good id")
}

/// Signed records of all players in turn, in the order of their chains.
fn made(records: usize) -> Vec<(u64, Vec<u8>)> {
    let mut heads: Vec<Head> = (0..PLAYERS).map(|_| Head::new(1)).collect();
    let ids: Vec<PlayerId> = (0..PLAYERS).map(id).collect();
    let keys: Vec<SecretKey> = (0..PLAYERS).map(key).collect();
    let one = |number: usize| {
        let player = number as u64 % PLAYERS;
        let at = player as usize;
        let mono_ms = number as u64;
        let utc = UtcMs(i64::try_from(number).expect("small"));
        let stamp = Stamp { utc, source: ClockSource::Network, error_ms: 9, mono_ms, boot: [1; 16] };
        let writer = Writer { player: &ids[at], key: &keys[at], release: 1, seen: None };
        let mut buffer = [0; RECORD_BYTES];
        let length = heads[at].append(&writer, stamp, Body::InForce { release: 1 }, &mut buffer).expect("it fits");
        (player, buffer[..length].to_vec())
    };
    (0..records).map(one).collect()
}

fn checks_per_s(made: &[(u64, Vec<u8>)]) -> f64 {
    let roles: Vec<Role> = (0..PLAYERS).map(|player| Role::of_one(key(player).public())).collect();
    let begun = Instant::now();
    for (player, sealed) in made {
        std::hint::black_box(record::open(sealed, &roles[*player as usize])).expect("just signed");
    }
    made.len() as f64 / begun.elapsed().as_secs_f64()
}

fn appended_per_s(made: &[(u64, Vec<u8>)]) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = File::create(folder.path().join("bytes")).expect("a file");
    let begun = Instant::now();
    for batch in made.chunks(BATCH) {
        let bytes: Vec<u8> = batch.iter().flat_map(|(_, sealed)| sealed.iter().copied()).collect();
        file.write_all(&bytes).and_then(|()| file.sync_data()).expect("written");
    }
    made.len() as f64 / begun.elapsed().as_secs_f64()
}

/// Records per second until acknowledged, and until published.
async fn taken_in(made: &[(u64, Vec<u8>)]) -> (f64, f64) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Folder::at(dir.path().join("desk"));
    folder.prepare(UtcMs(1)).expect("keys");
    let store = Store::open(&folder.store().display().to_string()).await.expect("a store");
    let witnessing = Witnessing::new(Policy::default(), Arc::new(NoWitnesses));
    let started = start(&folder, &store, None, witnessing, Clock::machine()).await.expect("a log");
    let Started { log, mut sequencer } = started;
    let mut roles = Vec::new();
    for player in 0..PLAYERS {
        let _first = store.pin_key(&id(player), key(player).public(), UtcMs(1)).await.expect("written");
        roles.push(Role::of_one(key(player).public()));
    }
    let begun = Instant::now();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let logging = tokio::spawn(async move {
        // As `Sequencer::run` does, without its pauses: the last step publishes what is left.
        while !*stopped.borrow() {
            if !sequencer.step().await.expect("logged") {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        sequencer.finish().await.expect("logged");
    });
    for batch in made.chunks(BATCH) {
        let new = batch.iter().map(|(player, sealed)| {
            let (record, hash) = record::open(sealed, &roles[*player as usize]).expect("just signed");
            NewRecord::new(&record, hash, sealed.clone(), UtcMs(5))
        });
        store.add_records(&new.collect::<Vec<_>>()).await.expect("written");
    }
    let stored = begun.elapsed().as_secs_f64();
    stop.send_replace(true);
    logging.await.expect("the log's task");
    let logged = begun.elapsed().as_secs_f64();
    let size = log.published().borrow().as_ref().map_or(0, |one| one.head.size);
    assert!(size > made.len() as u64, "{size} entries are published");
    (made.len() as f64 / stored, made.len() as f64 / logged)
}
