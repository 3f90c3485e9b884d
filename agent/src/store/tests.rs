//! What the store promises, on both engines, mostly by what is done to its files.
//! Next file: `tests/faults.rs`, where the engine itself misbehaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use super::*;

mod disks;
mod faults;
#[cfg(feature = "tree-store")]
mod killed;

const KINDS: &[EngineKind] = &[
    #[cfg(feature = "tree-store")]
    EngineKind::Tree,
    EngineKind::Log,
];

/// Small enough for a test's disk, and never in the way of one.
fn settings(engine: EngineKind) -> Settings {
    Settings { engine, ballast_bytes: 1 << 20, spare_bytes: 1 << 20 }
}

fn open(dir: &Path, engine: EngineKind) -> (Store, Opened) {
    Store::open_with(dir, 1_700_000_000_000, &settings(engine))
}

fn put(key: &str, value: &str) -> Op {
    Op::Put(key.into(), value.into())
}

fn delete(key: &str) -> Op {
    Op::Delete(key.into())
}

fn text(store: &Store, key: &str) -> Option<String> {
    store.get(key.as_bytes()).map(|value| String::from_utf8(value).unwrap())
}

fn keys(store: &Store, prefix: &str) -> Vec<String> {
    let records = store.scan(prefix.as_bytes()).into_iter();
    records.map(|(key, _)| String::from_utf8(key).unwrap()).collect()
}

fn set_aside_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.to_string_lossy().contains("set-aside-")).collect();
    found.sort();
    found
}

/// The engine's file that holds the records.
fn data_file(dir: &Path, engine: EngineKind) -> PathBuf {
    dir.join(engine.dir_name()).join(if engine == EngineKind::Log { "records" } else { "db" })
}

#[test]
fn what_was_committed_is_there_after_reopening_and_nothing_else() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, opened) = open(dir.path(), kind);
        assert_eq!(opened, Opened::Fresh);
        store.commit_wait(vec![put("a", "1"), put("b", "2"), put("c", "")]).unwrap();
        store.commit_wait(vec![delete("b"), delete("never there"), put("a", "3")]).unwrap();
        store.close();
        let (store, opened) = open(dir.path(), kind);
        assert_eq!(opened, Opened::Clean);
        assert_eq!(keys(&store, ""), ["a", "c"]);
        assert_eq!(text(&store, "a").unwrap(), "3");
        assert_eq!(text(&store, "c").unwrap(), "");
        assert_eq!(store.health().live_keys, 2);
        assert!(store.health().disk_bytes > 0);
        assert!(store.health().durable);
    }
}

#[test]
fn a_scan_gives_one_prefix_in_the_order_of_bytes() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        let names = ["out/2", "out/10", "out", "ou", "out/1", "out0", "pa"];
        store.commit_wait(names.iter().map(|name| put(name, "x")).collect()).unwrap();
        assert_eq!(keys(&store, "out/"), ["out/1", "out/10", "out/2"]);
        assert_eq!(keys(&store, "q"), [""; 0]);
    }
}

#[test]
fn long_values_and_bad_keys_are_refused_with_the_whole_commit_and_without_the_others() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        let longest = "x".repeat(VALUE_MAX_BYTES);
        store.commit_wait(vec![put("just right", &longest)]).unwrap();
        let too_long = vec![put("in the same commit", "x"), put("k", &format!("{longest}x"))];
        let refused = StoreError::ValueTooLong { len: VALUE_MAX_BYTES + 1, limit: VALUE_MAX_BYTES };
        assert_eq!(store.commit_wait(too_long), Err(refused));
        for bad in ["", "\0own", &"k".repeat(KEY_MAX_BYTES + 1)] {
            let error = store.commit_wait(vec![put(bad, "x")]).unwrap_err();
            assert!(matches!(error, StoreError::KeyRefused { .. }), "{bad:?}");
            assert!(store.commit_wait(vec![delete(bad)]).is_err());
        }
        assert_eq!(keys(&store, ""), ["just right"]);
    }
}

#[test]
fn commits_are_answered_in_the_order_of_the_calls_and_readers_already_see_them() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        let (answer, answers) = mpsc::channel();
        for n in 0..500 {
            let (answer, reader) = (answer.clone(), store.clone());
            store.commit(vec![put("last", &n.to_string())], move |result| {
                let seen: u32 = text(&reader, "last").unwrap().parse().unwrap();
                answer.send((n, result, seen)).unwrap();
            });
        }
        for n in 0..500 {
            let (answered, result, seen) = answers.recv().unwrap();
            assert_eq!((answered, result), (n, Ok(())));
            assert!(seen >= n);
        }
    }
}

#[test]
fn many_threads_commit_at_once_and_all_of_it_is_kept() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let store = &store;
                scope.spawn(move || {
                    for n in 0..50 {
                        store.commit_wait(vec![put(&format!("{thread}/{n}"), "x")]).unwrap();
                    }
                });
            }
        });
        store.close();
        let (store, _) = open(dir.path(), kind);
        assert_eq!(store.health().live_keys, 400);
    }
}

#[test]
fn after_closing_every_commit_is_answered_closed_and_readers_still_read() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        store.commit_wait(vec![put("a", "1")]).unwrap();
        let other = store.clone();
        store.close();
        assert_eq!(other.commit_wait(vec![put("a", "2")]), Err(StoreError::Closed));
        assert_eq!(other.export(&[b""]), Err(StoreError::Closed));
        other.tend();
        assert_eq!(text(&other, "a").unwrap(), "1");
    }
}

#[test]
fn a_panic_in_an_answer_and_a_handle_dropped_in_one_harm_nobody() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        store.commit(vec![put("a", "1")], |_| panic!("a caller's mistake"));
        store.commit_wait(vec![put("b", "2")]).unwrap();
        let (answer, answered) = mpsc::channel();
        let held = store.clone();
        store.commit(vec![put("c", "3")], move |result| {
            drop(held);
            answer.send(result).unwrap();
        });
        drop(store);
        assert_eq!(answered.recv().unwrap(), Ok(()));
    }
}

#[test]
fn garbage_instead_of_the_data_is_set_aside_and_the_export_comes_back() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        store.commit_wait(vec![put("plan/1", "p"), put("outbox/1", "o")]).unwrap();
        store.export(&[b"plan/"]).unwrap();
        store.close();
        let garbage: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(n) >> 3) as u8).collect();
        fs::write(data_file(dir.path(), kind), garbage).unwrap();
        if kind != EngineKind::Log {
            // Garbage in the data alone is taken for an empty log by the tree's library.
            fs::write(dir.path().join("tree/conf"), b"garbage of some length").unwrap();
        }
        let (store, opened) = open(dir.path(), kind);
        let Opened::Rebuilt { set_aside: Some(aside), restored: 1, why } = opened else {
            panic!("{kind:?}: {opened:?}");
        };
        assert!(aside.ends_with("set-aside-0001-1700000000000"), "{aside:?}");
        assert!(!why.is_empty());
        assert_eq!(keys(&store, ""), ["plan/1"]);
        store.commit_wait(vec![put("plan/2", "q")]).unwrap();
        store.close();
        let (store, opened) = open(dir.path(), kind);
        assert_eq!(opened, Opened::Clean);
        assert_eq!(keys(&store, ""), ["plan/1", "plan/2"]);
    }
}

#[test]
fn lost_data_is_no_empty_store_when_there_is_an_export() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        store.commit_wait(vec![put("plan/1", "p")]).unwrap();
        store.export(&[b"plan/"]).unwrap();
        store.close();
        fs::write(data_file(dir.path(), kind), b"").unwrap();
        let (store, opened) = open(dir.path(), kind);
        assert!(matches!(opened, Opened::Rebuilt { restored: 1, .. }), "{kind:?}: {opened:?}");
        assert_eq!(text(&store, "plan/1").unwrap(), "p");
    }
}

#[test]
fn of_many_broken_stores_the_last_two_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        fs::create_dir_all(dir.path().join("log")).unwrap();
        fs::write(data_file(dir.path(), EngineKind::Log), b"not a log at all").unwrap();
        let (store, opened) = open(dir.path(), EngineKind::Log);
        assert!(matches!(opened, Opened::Rebuilt { set_aside: Some(_), .. }), "{opened:?}");
        store.close();
    }
    let kept = set_aside_in(dir.path());
    let numbers: Vec<_> = kept.iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(numbers, ["set-aside-0004-1700000000000", "set-aside-0005-1700000000000"]);
}

#[cfg(feature = "tree-store")]
#[test]
fn torn_and_empty_snapshots_of_the_tree_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), EngineKind::Tree);
    store.commit_wait((0..300).map(|n| put(&format!("k{n}"), "v")).collect()).unwrap();
    store.close();
    let tree = dir.path().join("tree");
    // As a power cut during an open leaves them. Each makes the library's own open fail for ever.
    let torn = [("snap.00000000000A.generating", &b"half a snapshot"[..]), ("snap.FFFF", b"")];
    for (name, bytes) in torn {
        fs::write(tree.join(name), bytes).unwrap();
        let (store, opened) = open(dir.path(), EngineKind::Tree);
        assert_eq!(opened, Opened::Clean, "{name}");
        assert_eq!(store.health().live_keys, 300);
        store.close();
    }
}

#[test]
fn a_second_process_neither_writes_nor_sets_aside_what_the_first_one_holds() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(dir.path(), kind);
        store.commit_wait(vec![put("a", "1")]).unwrap();
        let (second, opened) = open(dir.path(), kind);
        assert!(matches!(opened, Opened::Memory { .. }), "{opened:?}");
        let error = second.commit_wait(vec![put("b", "2")]).unwrap_err();
        assert!(matches!(error, StoreError::MemoryOnly { .. }), "{error:?}");
        store.commit_wait(vec![put("c", "3")]).unwrap();
        store.close();
        // The first one is gone: what the second one kept in memory joins what is on the disk.
        second.tend();
        assert!(second.health().durable);
        assert_eq!(keys(&second, ""), ["a", "b", "c"]);
        second.close();
        assert!(set_aside_in(dir.path()).is_empty());
        let (store, opened) = open(dir.path(), kind);
        assert_eq!(opened, Opened::Clean);
        assert_eq!(keys(&store, ""), ["a", "b", "c"]);
    }
}

#[test]
fn where_no_directory_can_be_made_the_store_runs_in_memory_and_says_so() {
    for &kind in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, b"in the way").unwrap();
        let (store, opened) = open(&file, kind);
        assert!(matches!(opened, Opened::Memory { .. }), "{opened:?}");
        let error = store.commit_wait(vec![put("a", "1")]).unwrap_err();
        assert!(matches!(error, StoreError::MemoryOnly { .. }), "{error:?}");
        assert_eq!(text(&store, "a").unwrap(), "1");
        assert!(!store.health().durable);
        assert!(store.health().last_error.is_some());
        assert!(store.export(&[b""]).is_err());
        // Someone clears the way.
        fs::remove_file(&file).unwrap();
        store.tend();
        assert!(store.health().durable);
        store.commit_wait(vec![put("b", "2")]).unwrap();
        store.close();
        let (store, _) = open(&file, kind);
        assert_eq!(keys(&store, ""), ["a", "b"]);
    }
}

#[test]
fn the_ballast_is_put_in_place_when_there_is_room_and_not_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), EngineKind::Log);
    assert!(!store.health().ballast);
    store.tend();
    assert!(store.health().ballast);
    assert_eq!(fs::metadata(dir.path().join("ballast")).unwrap().len(), 1 << 20);
    store.close();
    fs::remove_file(dir.path().join("ballast")).unwrap();
    let greedy = Settings { spare_bytes: u64::MAX / 2, ..settings(EngineKind::Log) };
    let (store, _) = Store::open_with(dir.path(), 0, &greedy);
    store.tend();
    assert!(!store.health().ballast);
}
