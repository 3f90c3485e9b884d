//! The log as a whole: what it holds, what it survives, what it refuses. Each kind of entry is in `tests/everything.rs`,
//! crashes are in `tests/crashes.rs`, restored copies in `tests/restored.rs`, publishing in `tests/publishing.rs`.

mod crashes;
mod everything;
mod publishing;
mod restored;

use std::sync::Arc;

use loa_domain::audit::entry::Entry;
use loa_domain::audit::evidence::LogProof;
use loa_domain::audit::merkle::{self, Edge, Head};
use loa_domain::audit::policy::Policy;
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use proptest::prelude::*;
use tempfile::TempDir;

use super::disk::Disk;
use super::start::start_on;
use super::{LogError, NoWitnesses, Started, Tiles, Tree, Witnessing};
use crate::config::Folder;
use crate::store::{Act, Change, Definition, DefinitionKind, Store};

/// Room for a desk's log.
struct Desk {
    _room: TempDir,
    folder: Folder,
    clock: Clock,
}

fn nobody() -> Witnessing {
    Witnessing::new(Policy::default(), Arc::new(NoWitnesses))
}

impl Desk {
    fn new() -> Self {
        let room = TempDir::new().expect("a folder");
        let folder = Folder::at(room.path().join("desk"));
        std::fs::create_dir_all(folder.keys()).expect("made");
        // One key for all, so that two desks that log the same make the same files.
        std::fs::write(folder.keys().join("log.key"), "11".repeat(32)).expect("written");
        Self { _room: room, folder, clock: Clock::manual() }
    }

    async fn store(&self) -> Store {
        Store::open(&self.folder.store().display().to_string()).await.expect("a store")
    }

    async fn start(&self, store: &Store) -> Result<Started, LogError> {
        self.start_on(Disk::default(), store).await
    }

    async fn start_on(&self, disk: Disk, store: &Store) -> Result<Started, LogError> {
        start_on(disk, &self.folder, store, Some("desk.example/log"), nobody(), self.clock.clone()).await
    }

    fn tree(&self) -> Tree {
        Tree::of(Tiles::at(self.folder.log()))
    }

    /// Brings all that is in the store into the log, as a desk that is started and stopped.
    async fn log(&self, store: &Store) -> Head {
        let mut started = self.start(store).await.expect("it starts");
        started.sequencer.finish().await.expect("it writes");
        started.sequencer.head()
    }
}

fn act(what: &str) -> Act {
    let [who, what, subject, detail] = ["chị Hoa", what, "x", ""].map(str::to_owned);
    Act { at: UtcMs(1), who, what, subject, detail }
}

/// Definitions numbered in `range`, one line of a change each.
fn places(range: std::ops::Range<u32>) -> Vec<Change> {
    let place = |n: u32| Definition {
        kind: DefinitionKind::Place,
        id: n.to_string(),
        document: format!("{{\"n\":{n}}}"),
        source: "demo.toml".to_owned(),
        applied: UtcMs(0),
    };
    range.map(|n| Change::Put(place(n))).collect()
}

/// All entries of the log, with its root recomputed from them alone.
fn all(tree: &Tree, head: Head) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while (entries.len() as u64) < head.size {
        entries.extend(tree.entries(entries.len() as u64, head.size).expect("entries"));
    }
    assert_eq!(head_of(&entries), head);
    entries
}

fn head_of(entries: &[Vec<u8>]) -> Head {
    let mut edge = Edge::default();
    entries.iter().for_each(|entry| edge.push(merkle::leaf_hash(entry), |_, _, _| {}));
    edge.head()
}

/// Entries that tell of the desk, without the checkpoints that are noted among them.
fn told(entries: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_told = |entry: &&Vec<u8>| !matches!(wire::decode(entry), Ok(Entry::Checkpoint { .. }));
    entries.iter().filter(is_told).cloned().collect()
}

#[tokio::test]
async fn what_the_store_notes_is_in_the_log_in_its_order_and_can_be_proven() {
    let desk = Desk::new();
    let store = desk.store().await;
    store.append_act(&act("before the log was opened")).await.expect("written");
    let mut started = desk.start(&store).await.expect("it starts");
    store.replace(places(0..600), UtcMs(2), "an").await.expect("written");
    store.append_act(&act("after")).await.expect("written");
    assert!(matches!(started.log.proof(0), Err(LogError::NotYet)));
    started.sequencer.finish().await.expect("it writes");

    let head = started.sequencer.head();
    assert_eq!(head.size, 603);
    let entries = all(&desk.tree(), head);
    let read = |at: usize| wire::decode::<Entry<'_>>(&entries[at]).expect("an entry");
    assert!(matches!(read(0), Entry::Opened { origin: "desk.example/log", .. }));
    assert!(matches!(read(1), Entry::Act { what: "before the log was opened", .. }));
    assert!(matches!(read(2), Entry::Change { line: 1, lines: 600, .. }));
    assert!(matches!(read(602), Entry::Act { what: "after", .. }));
    for (position, entry) in entries.iter().enumerate() {
        let text = started.log.proof(position as u64).expect("a proof").text(true);
        LogProof::read(&text).expect("a tlog-proof").check(entry).expect("it holds");
    }
    assert!(matches!(started.log.proof(603), Err(LogError::NotYet)));
    for old in [0, 1, 255, 256, 257, 602, 603] {
        let was = head_of(&entries[..old as usize]);
        assert!(merkle::extends(&was, &head, &started.log.consistency(old, 603).expect("a proof")), "{old}");
    }
}

#[tokio::test]
async fn a_second_desk_is_refused_as_long_as_the_first_one_runs() {
    let desk = Desk::new();
    let store = desk.store().await;
    let first = desk.start(&store).await.expect("it starts");
    let error = desk.start(&store).await.expect_err("taken");
    assert!(matches!(error, LogError::InUse { .. }), "{error:?}");
    drop(first);
    desk.start(&store).await.expect("it is free again");
}

#[tokio::test]
async fn a_full_tile_takes_the_place_of_its_parts() {
    let desk = Desk::new();
    let store = desk.store().await;
    desk.log(&store).await;
    store.replace(places(0..200), UtcMs(2), "an").await.expect("written");
    let part = desk.log(&store).await;
    assert!(desk.folder.log().join("tile/entries/000.p/201").is_file());
    store.replace(places(200..300), UtcMs(2), "an").await.expect("written");
    desk.log(&store).await;
    assert!(desk.folder.log().join("tile/entries/000").is_file());
    assert!(!desk.folder.log().join("tile/entries/000.p").exists());
    assert_eq!(desk.tree().head(201).expect("from the full tile"), part);
    assert!(store.log_entries(0, 1).await.expect("read")[0].0 == 256, "what is signed for is dropped tile by tile");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn however_entries_come_and_the_desk_is_restarted_the_log_is_their_list(
        steps in proptest::collection::vec((0_u32..400, any::<bool>()), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let desk = Desk::new();
            let store = desk.store().await;
            let (mut expected, mut next) = (1, 0);
            let mut started = desk.start(&store).await.expect("it starts");
            for (count, restart) in steps {
                store.replace(places(next..next + count), UtcMs(2), "an").await.expect("written");
                (next, expected) = (next + count, expected + u64::from(count));
                started.sequencer.finish().await.expect("it writes");
                if restart {
                    drop(started);
                    started = desk.start(&store).await.expect("it starts again");
                }
            }
            let head = started.sequencer.head();
            let entries = told(&all(&desk.tree(), head));
            assert_eq!(entries.len() as u64, expected);
            let lines = entries.iter().skip(1).map(|entry| match wire::decode::<Entry<'_>>(entry) {
                Ok(Entry::Change { what: loa_domain::audit::entry::Change::Put { id, .. }, .. }) => id.to_owned(),
                other => panic!("{other:?}"),
            });
            assert!(lines.eq((0..next).map(|n| n.to_string())));
        });
    }
}
