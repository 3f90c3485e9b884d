//! `loa audit` on a small desk whose log is written: what it says, and the exit code.

use std::sync::Arc;

use loa_domain::audit::evidence::LogProof;
use loa_domain::audit::policy::Policy;
use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, SecretKey};
use loa_domain::proof::record::{Body, ClockSource, Record, Stamp};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_host::text::Language;
use tempfile::TempDir;

use super::*;
use crate::audit::log::{NoWitnesses, Witnessing, start};
use crate::config::Folder;
use crate::store::{NewRecord, Store};

fn record(seq: u64) -> NewRecord {
    let stamp = Stamp { utc: UtcMs(5), source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
    let player = "loa-1".parse().expect("an id");
    let body = Body::Started { rebuilt: false };
    let record = Record { player, epoch: 7, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
    let body = wire::encode(&record);
    let sealed = keys::seal(&body, Purpose::Record, &[&SecretKey::from_seed(&[5; 32])]);
    NewRecord::new(&record, Hash::of(&body), sealed, UtcMs(6))
}

/// A desk that has run: two records in the log.
fn desk(room: &TempDir) -> Context {
    let folder = Folder::at(room.path().join("desk"));
    folder.prepare(UtcMs(1)).expect("made");
    let file = folder.store().display().to_string();
    wait_for(async {
        let store = Store::open(&file).await.expect("a store");
        let witnessing = Witnessing::new(Policy::default(), Arc::new(NoWitnesses));
        let mut started = start(&folder, &store, None, witnessing, Clock::manual()).await.expect("a log");
        store.add_records(&[record(0), record(1)]).await.expect("written");
        started.sequencer.finish().await.expect("logged");
        store.close().await;
    })
    .expect("a runtime");
    Context { words: Words::new(Language::English), folder, clock: Clock::manual() }
}

fn audit(context: &Context, arguments: &[&str]) -> Result<ExitCode, Failure> {
    let found = command(&context.words).try_get_matches_from([&["audit"], arguments].concat());
    run(context, &found.unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn a_record_is_proven_in_a_file_that_stands_alone() {
    let room = TempDir::new().expect("a folder");
    let context = desk(&room);
    let file = room.path().join("proof.txt");
    let name = file.to_str().expect("UTF-8");
    audit(&context, &["proof", "--player", "loa-1", "--seq", "1", "-o", name]).expect("proven");
    let text = std::fs::read_to_string(&file).expect("written");
    let proof = LogProof::read(&text).expect("a tlog-proof");
    let entry = proof.entry.clone().expect("with its entry");
    let (_, checkpoint) = proof.check(&entry).expect("it holds");
    assert_eq!((proof.index, checkpoint.head.size), (2, 3));
    let failure = audit(&context, &["proof", "--player", "loa-1", "--seq", "2", "-o", name]).expect_err("none");
    assert!(failure.contains("no record 2 of loa-1"), "{failure}");
}

#[test]
fn the_exit_code_says_whether_the_store_is_what_the_log_gives_back() {
    let room = TempDir::new().expect("a folder");
    let context = desk(&room);
    assert_eq!(audit(&context, &["rebuild"]), Ok(ExitCode::SUCCESS));
    wait_for(async {
        let store = context.open_store().await.expect("a store");
        store.bend("UPDATE proof_record SET made_ms = made_ms + 1 WHERE seq = 1").await;
        store.close().await;
    })
    .expect("a runtime");
    assert_eq!(audit(&context, &["rebuild"]), Ok(ExitCode::FAILURE));
    assert_eq!(audit(&context, &["rebuild", "--replace"]), Ok(ExitCode::SUCCESS));
    assert_eq!(audit(&context, &["rebuild"]), Ok(ExitCode::SUCCESS), "what was bent is straight again");
}

#[test]
fn a_copy_holds_all_that_an_auditor_needs() {
    let room = TempDir::new().expect("a folder");
    let context = desk(&room);
    let to = room.path().join("copy");
    let name = to.to_str().expect("UTF-8");
    audit(&context, &["export", name]).expect("copied");
    for file in ["checkpoint", "policy", "root", "README.md", "tile/entries/000.p/3", "tile/0/000.p/3"] {
        assert!(to.join(file).is_file(), "{file}");
    }
    assert!(audit(&context, &["export", name]).is_err(), "a copy is never written over");
}
