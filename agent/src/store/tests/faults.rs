//! Engines that misbehave on command: what is promised when writing, syncing or opening fails.
//! Next file: `disks.rs`, with real disks.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use super::super::engine::{Engine, EngineError, Loaded, Opener, View};
use super::{EngineKind, Op, Opened, Settings, Store, StoreError, keys, put, settings};

/// What happened, in order, and what is to fail next.
#[derive(Default)]
struct Script {
    steps: Vec<String>,
    disk: View,
    unsynced: Vec<Op>,
    failures: Vec<(&'static str, EngineError)>,
    panics: Vec<&'static str>,
}

type Shared = Arc<Mutex<Script>>;

fn step(script: &Shared, name: &'static str) -> Result<(), EngineError> {
    let mut held = script.lock().unwrap();
    held.steps.push(name.to_owned());
    if let Some(at) = held.panics.iter().position(|panic| *panic == name) {
        held.panics.remove(at);
        drop(held);
        panic!("the engine's own mistake");
    }
    match held.failures.iter().position(|(failing, _)| *failing == name) {
        Some(at) => Err(held.failures.remove(at).1),
        None => Ok(()),
    }
}

/// An engine that keeps what is synced in the script, as if that were the disk.
struct Fake {
    script: Shared,
    /// When there is one, each sync waits for a word from the test.
    gate: Option<Arc<Mutex<Receiver<()>>>>,
}

impl Engine for Fake {
    fn write(&mut self, batch: &[Op]) -> Result<(), EngineError> {
        step(&self.script, "write")?;
        self.script.lock().unwrap().unsynced.extend_from_slice(batch);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), EngineError> {
        if let Some(gate) = &self.gate {
            gate.lock().unwrap().recv().unwrap();
        }
        step(&self.script, "sync")?;
        let mut script = self.script.lock().unwrap();
        let unsynced = std::mem::take(&mut script.unsynced);
        unsynced.iter().for_each(|op| op.apply(&mut script.disk));
        Ok(())
    }
}

fn opener(script: &Shared, gate: Option<Receiver<()>>) -> Opener {
    let script = script.clone();
    let gate = gate.map(|gate| Arc::new(Mutex::new(gate)));
    Box::new(move |dir: &Path| -> Result<Loaded, EngineError> {
        step(&script, "open")?;
        let marker = dir.join("marker");
        let mut held = script.lock().unwrap();
        held.unsynced.clear();
        if !marker.exists() {
            // The directory is new: what was on the disk was set aside.
            held.disk.clear();
            std::fs::write(marker, b"x").unwrap();
        }
        let found = held.disk.clone();
        Ok((Box::new(Fake { script: script.clone(), gate: gate.clone() }), found))
    })
}

fn open(dir: &Path, script: &Shared) -> (Store, Opened) {
    Store::open_on(dir, 7, &settings(EngineKind::Log), opener(script, None))
}

fn fail(script: &Shared, name: &'static str, error: EngineError) {
    script.lock().unwrap().failures.push((name, error));
}

fn damaged() -> EngineError {
    EngineError::Damaged("bad sector".to_owned())
}

fn full() -> EngineError {
    EngineError::Full("no space".to_owned())
}

#[test]
fn no_commit_is_answered_before_the_sync_that_covers_it_and_waiting_ones_share_one() {
    let dir = tempfile::tempdir().unwrap();
    let script = Shared::default();
    let (open_gate, gate) = mpsc::channel();
    // Two syncs belong to the making of the store.
    (0..2).for_each(|_| open_gate.send(()).unwrap());
    let (store, _) = Store::open_on(dir.path(), 7, &settings(EngineKind::Log), opener(&script, Some(gate)));
    script.lock().unwrap().steps.clear();
    let (answer, answers) = mpsc::channel();
    let commit = |name: &'static str| {
        let (script, answer): (Shared, Sender<()>) = (script.clone(), answer.clone());
        store.commit(vec![put(name, "x")], move |result| {
            assert_eq!(result, Ok(()));
            script.lock().unwrap().steps.push(format!("done {name}"));
            answer.send(()).unwrap();
        });
    };
    commit("a");
    // The writer is at its first sync, which waits for us, when "a" was written.
    while script.lock().unwrap().steps.is_empty() {
        std::thread::yield_now();
    }
    ["b", "c", "d"].into_iter().for_each(commit);
    assert!(answers.try_recv().is_err());
    assert_eq!(keys(&store, ""), [""; 0], "nobody sees what is not yet synced");
    open_gate.send(()).unwrap();
    open_gate.send(()).unwrap();
    (0..4).for_each(|_| answers.recv().unwrap());
    let steps = script.lock().unwrap().steps.join(", ");
    assert_eq!(steps, "write, sync, done a, write, write, write, sync, done b, done c, done d");
}

#[test]
fn damage_in_use_is_healed_by_a_new_store_with_all_records_and_the_commit_is_kept() {
    for failing in ["write", "sync"] {
        let dir = tempfile::tempdir().unwrap();
        let script = Shared::default();
        let (store, _) = open(dir.path(), &script);
        store.commit_wait(vec![put("a", "1")]).unwrap();
        fail(&script, failing, damaged());
        store.commit_wait(vec![put("b", "2")]).unwrap();
        assert!(store.health().durable);
        assert_eq!(store.health().last_error.unwrap(), "the store is damaged: bad sector");
        assert_eq!(super::set_aside_in(dir.path()).len(), 1);
        store.close();
        let (store, opened) = open(dir.path(), &script);
        assert_eq!(opened, Opened::Clean);
        assert_eq!(keys(&store, ""), ["a", "b"]);
    }
}

#[test]
fn a_panic_of_the_engine_is_damage_and_not_the_end() {
    for panicking in ["write", "sync", "open"] {
        let dir = tempfile::tempdir().unwrap();
        let script = Shared::default();
        let (store, _) = open(dir.path(), &script);
        store.commit_wait(vec![put("a", "1")]).unwrap();
        store.export(&[b""]).unwrap();
        if panicking == "open" {
            store.close();
            script.lock().unwrap().panics.push(panicking);
            let (store, opened) = open(dir.path(), &script);
            assert!(matches!(opened, Opened::Rebuilt { restored: 1, .. }), "{opened:?}");
            store.commit_wait(vec![put("b", "2")]).unwrap();
            assert_eq!(keys(&store, ""), ["a", "b"]);
        } else {
            script.lock().unwrap().panics.push(panicking);
            store.commit_wait(vec![put("b", "2")]).unwrap();
            assert_eq!(keys(&store, ""), ["a", "b"]);
        }
    }
}

#[test]
fn a_full_disk_costs_the_ballast_first_and_the_commit_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let script = Shared::default();
    let (store, _) = open(dir.path(), &script);
    store.tend();
    assert!(store.health().ballast);
    fail(&script, "write", full());
    fail(&script, "open", full());
    store.commit_wait(vec![put("a", "1")]).unwrap();
    assert!(store.health().durable);
    assert!(!store.health().ballast);
    assert!(super::set_aside_in(dir.path()).is_empty(), "a full disk is no damage");
    store.tend();
    assert!(store.health().ballast, "there is room again");
}

#[test]
fn without_a_disk_in_use_the_store_goes_on_in_memory_and_returns_to_the_disk_with_everything() {
    let dir = tempfile::tempdir().unwrap();
    let script = Shared::default();
    let (store, _) = open(dir.path(), &script);
    store.commit_wait(vec![put("a", "1"), put("b", "1")]).unwrap();
    fail(&script, "write", EngineError::Unavailable("pulled out".to_owned()));
    fail(&script, "open", EngineError::Unavailable("pulled out".to_owned()));
    let why = "the disk cannot be used now: pulled out".to_owned();
    let memory_only = Err(StoreError::MemoryOnly { why });
    assert_eq!(store.commit_wait(vec![put("c", "2")]), memory_only);
    assert_eq!(store.commit_wait(vec![super::delete("b")]), memory_only);
    assert_eq!(keys(&store, ""), ["a", "c"]);
    assert!(!store.health().durable);
    store.tend();
    assert!(store.health().durable);
    assert!(super::set_aside_in(dir.path()).is_empty());
    store.close();
    let (store, opened) = open(dir.path(), &script);
    assert_eq!(opened, Opened::Clean);
    assert_eq!(keys(&store, ""), ["a", "c"]);
}

#[test]
fn a_busy_store_in_memory_tries_the_disk_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let script = Shared::default();
    fail(&script, "open", EngineError::Unavailable("not yet".to_owned()));
    let (store, opened) = open(dir.path(), &script);
    assert!(matches!(opened, Opened::Memory { .. }));
    let results: Vec<_> = (0..70).map(|n| store.commit_wait(vec![put(&format!("{n:02}"), "x")])).collect();
    assert!(results.first().unwrap().is_err());
    assert!(results.last().unwrap().is_ok());
    assert_eq!(script.lock().unwrap().disk.len(), 70 + 1);
}

#[test]
fn a_disk_that_damages_everything_does_not_push_out_the_first_broken_store() {
    let dir = tempfile::tempdir().unwrap();
    let script = Shared::default();
    let (store, _) = open(dir.path(), &script);
    store.commit_wait(vec![put("a", "1")]).unwrap();
    (0..20).for_each(|_| fail(&script, "sync", damaged()));
    assert!(store.commit_wait(vec![put("b", "2")]).is_err());
    (0..5).for_each(|_| store.tend());
    assert!(!store.health().durable);
    assert_eq!(super::set_aside_in(dir.path()).len(), 1);
    script.lock().unwrap().failures.clear();
    store.tend();
    assert!(store.health().durable);
    assert_eq!(keys(&store, ""), ["a", "b"]);
}

#[test]
fn a_new_store_cut_off_while_it_was_filled_is_filled_again_and_keeps_what_is_newer() {
    let dir = tempfile::tempdir().unwrap();
    let script = Shared::default();
    let (store, _) = open(dir.path(), &script);
    store.commit_wait(vec![put("plan/1", "old"), put("plan/2", "old")]).unwrap();
    store.export(&[b"plan/"]).unwrap();
    store.close();
    {
        let mut script = script.lock().unwrap();
        script.disk.clear();
        put("plan/2", "new").apply(&mut script.disk);
    }
    let (store, opened) = open(dir.path(), &script);
    assert!(matches!(opened, Opened::Rebuilt { set_aside: None, restored: 2, .. }), "{opened:?}");
    assert_eq!(super::text(&store, "plan/1").unwrap(), "old");
    assert_eq!(super::text(&store, "plan/2").unwrap(), "new");
}

#[test]
fn the_defaults_are_those_a_player_needs() {
    let settings = Settings::default();
    assert_eq!(settings.ballast_bytes, 16 * 1024 * 1024);
    assert_eq!(settings.engine, EngineKind::default());
}
