//! What the store promises: all or nothing, exactly once, two processes at a time, nothing lost.
//!
//! Here: what the tests share. Opening and schemas are in `tests/opening.rs`, what people write in `tests/planned.rs`,
//! players and proofs in `tests/proofs.rs`, copies in `tests/copies.rs`, what goes wrong in `tests/faults.rs`,
//! speed (run by hand) in `tests/speed.rs`.

mod copies;
mod faults;
mod opening;
mod planned;
mod proofs;
mod speed;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Record, Stamp};
use loa_domain::time::UtcMs;
use tempfile::TempDir;

use super::sql::{Address, Database, statement};
use super::{Change, Definition, DefinitionKind, NewOrder, NewRecord, Store};

/// Names the schemas of this run's stores on a database server.
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// Room for a store.
struct Desk {
    directory: TempDir,
    address: String,
}

impl Desk {
    /// Room for a store in a file.
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let address = directory.path().join("desk.db").to_str().expect("UTF-8").to_owned();
        Self { directory, address }
    }

    /// Room for a store in a file or, where `LOA_TEST_POSTGRES` holds the URL of an empty database, in a schema of its
    /// own there: what must hold on both is tested with this.
    async fn either() -> Self {
        let mut desk = Self::new();
        if let Ok(url) = std::env::var("LOA_TEST_POSTGRES") {
            let schema = format!("desk_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
            let database = Database::open(Address::parse(&url).expect("an address")).await.expect("a server");
            database.run_alone(statement(format!("CREATE SCHEMA {schema}"))).await.expect("a schema");
            database.close().await;
            desk.address = format!("{url}?options=-c%20search_path%3D{schema}");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Opens the store with one connection, which does not wait for a lock.
    async fn open_impatient(&self) -> Store {
        let mut address = Address::parse(&self.address).expect("an address");
        (address.busy_ms, address.connections) = (0, 1);
        Store::open_at(address).await.expect("a store")
    }

    /// Opens the store as one more process would: with connections of its own.
    async fn open(&self) -> Store {
        Store::open(&self.address).await.expect("a store")
    }
}

fn player(id: &str) -> PlayerId {
    id.parse().expect("a good id")
}

fn put(kind: DefinitionKind, id: &str, document: &str) -> Change {
    let (id, document, source) = (id.to_owned(), document.to_owned(), "demo.toml".to_owned());
    Change::Put(Definition { kind, id, document, source, applied: UtcMs(0) })
}

fn order(id: &str, version: i64, campaign: &str) -> NewOrder {
    let sealed = format!("{id} {version}").into_bytes();
    let (id, campaign, programme) = (id.to_owned(), campaign.to_owned(), "bản tin sáng".to_owned());
    NewOrder { hash: Hash::of(&sealed), id, campaign, programme, made: UtcMs(version), sealed }
}

/// The proof of a cue of `order`, due at `planned_ms`; `sealed` stands for its signed bytes.
fn proof(who: &str, seq: u64, order: Hash, planned_ms: i64, outcome: Outcome) -> NewRecord {
    let closed = Closed {
        cue: CueId { order, planned: UtcMs(planned_ms) },
        outcome,
        why: None,
        began: Some(UtcMs(planned_ms)),
        ended: Some(UtcMs(planned_ms + 60_000)),
        length_ms: 60_000,
        heard_ms: 60_000,
        volume: 70,
    };
    let content = Hash::of(b"clip");
    record(who, seq, planned_ms + 60_000, Body::Cue { closed, content, evidence: Evidence::Decoded, face: None })
}

fn record(who: &str, seq: u64, made_ms: i64, body: Body) -> NewRecord {
    let stamp = Stamp { utc: UtcMs(made_ms), source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
    let record =
        Record { player: player(who), epoch: 7, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
    let sealed = format!("{record:?}").into_bytes();
    NewRecord::new(&record, Hash::of(&sealed), sealed, UtcMs(made_ms + 500))
}
