//! What the store promises: all or nothing, exactly once, two processes at a time, nothing lost.
//!
//! Here: what the tests share. Opening and schemas are in `tests/opening.rs`, what people write in `tests/planned.rs`,
//! players and proofs in `tests/proofs.rs`, copies in `tests/copies.rs`, speed (run by hand) in `tests/speed.rs`.

mod copies;
mod opening;
mod planned;
mod proofs;
mod speed;

use std::path::PathBuf;

use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Record, Stamp};
use loa_domain::time::UtcMs;
use tempfile::TempDir;

use super::{Change, Definition, DefinitionKind, NewOrder, NewRecord, Store};

/// A directory with room for a store.
struct Desk {
    directory: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { directory: TempDir::new().expect("a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Opens the store as one more process would: with connections of its own.
    async fn open(&self) -> Store {
        Store::open(self.path("desk.db").to_str().expect("UTF-8")).await.expect("a store")
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
    record(who, seq, planned_ms + 60_000, Body::Cue { closed, content, evidence: Evidence::Decoded })
}

fn record(who: &str, seq: u64, made_ms: i64, body: Body) -> NewRecord {
    let stamp = Stamp { utc: UtcMs(made_ms), source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
    let record =
        Record { player: player(who), epoch: 7, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
    let sealed = format!("{record:?}").into_bytes();
    NewRecord::new(&record, Hash::of(&sealed), sealed, UtcMs(made_ms + 500))
}
