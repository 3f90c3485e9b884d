//! Backups made while in use, and what may take a store's place.

use std::fs;

use loa_domain::id::Hash;
use loa_domain::play::player::Outcome;
use loa_domain::time::UtcMs;

use super::{Desk, player, proof, put};
use crate::store::sql::{Address, Database, statement};
use crate::store::{Blob, DefinitionKind, RecordFilter, Store, StoreError};

const PLACE: DefinitionKind = DefinitionKind::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_made_while_proofs_come_in_is_whole_and_restores() {
    let desk = Desk::new();
    let store = desk.open().await;
    let blob = Blob { hash: Hash::of(b"clip"), size_bytes: 4, kind: "clip".to_owned(), chunk_hashes: vec![0; 32] };
    store.put_blob(blob.clone()).await.expect("written");
    let first = proof("loa-1", 0, Hash::ZERO, 0, Outcome::Played);
    store.add_records(&[first]).await.expect("written");
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for seq in 1..120 {
            let pair = [2 * seq - 1, 2 * seq].map(|seq| proof("loa-1", seq, Hash::ZERO, 0, Outcome::Played));
            writer.add_records(&pair).await.expect("written");
        }
    });
    let backup = store.backup(&desk.path("copy.db")).await.expect("a copy");
    writing.await.expect("no panic");
    assert_eq!(backup.blobs, [blob.hash]);
    store.close().await;

    let aside = Store::restore(&backup.file, &desk.path("desk.db"), "1700").await.expect("restored");
    let store = desk.open().await;
    let found = store.records(&RecordFilter::default(), 1_000).await.expect("read");
    assert_eq!(found.len() % 2, 1, "a pair is there wholly or not at all");
    assert!(store.chain_gaps(&player("loa-1")).await.expect("read").is_empty());
    let aside = Store::open(aside.expect("there was one").to_str().expect("UTF-8")).await.expect("still good");
    assert_eq!(aside.records(&RecordFilter::default(), 1_000).await.expect("read").len(), 239);
}

#[tokio::test]
async fn a_backup_never_overwrites_a_file() {
    let desk = Desk::new();
    let store = desk.open().await;
    fs::write(desk.path("copy.db"), b"mine").expect("written");
    let error = store.backup(&desk.path("copy.db")).await.expect_err("taken");
    assert!(matches!(error, StoreError::Exists { .. }), "{error:?}");
    assert_eq!(fs::read(desk.path("copy.db")).expect("read"), b"mine");
}

#[tokio::test]
async fn no_bad_file_takes_the_place_of_a_good_store() {
    let desk = Desk::new();
    let store = desk.open().await;
    let many = (0..400).map(|n| put(PLACE, &n.to_string(), &"x".repeat(300))).collect();
    store.replace(many, UtcMs(1), "an").await.expect("written");
    let good = store.backup(&desk.path("good.db")).await.expect("a copy").file;
    store.close().await;

    let bytes = fs::read(&good).expect("read");
    let mut spoilt = bytes.clone();
    let half = spoilt.len() / 2;
    spoilt[half..half + 8_192].fill(0xA5);
    fs::write(desk.path("text.db"), "không phải cơ sở dữ liệu".repeat(100)).expect("written");
    fs::write(desk.path("empty.db"), b"").expect("written");
    fs::write(desk.path("spoilt.db"), spoilt).expect("written");
    fs::write(desk.path("short.db"), &bytes[..half]).expect("written");
    fs::write(desk.path("in-use.db"), &bytes).expect("written");
    fs::write(desk.path("in-use.db-wal"), b"more").expect("written");
    let before = fs::read(desk.path("desk.db")).expect("read");
    for name in ["text.db", "empty.db", "spoilt.db", "short.db", "in-use.db", "nowhere.db"] {
        let error = Store::restore(&desk.path(name), &desk.path("desk.db"), "1").await.expect_err(name);
        let expected = match name {
            "text.db" => matches!(error, StoreError::NotADatabase { .. }),
            "empty.db" => matches!(error, StoreError::Foreign { .. }),
            "spoilt.db" | "short.db" => matches!(error, StoreError::Damaged { .. }),
            "in-use.db" => matches!(error, StoreError::CopiedInUse { .. }),
            _ => matches!(error, StoreError::CannotOpen { .. }),
        };
        assert!(expected, "{name}: {error:?}");
        assert_eq!(fs::read(desk.path("desk.db")).expect("read"), before, "{name}");
    }
}

#[tokio::test]
async fn a_newer_backup_is_refused() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.database.run_alone(statement("INSERT INTO desk_schema (version) VALUES (99)")).await.expect("written");
    let error = store.backup(&desk.path("copy.db")).await.expect_err("newer");
    assert!(matches!(error, StoreError::TooNew { found: 99, .. }), "{error:?}");
    assert!(!desk.path("copy.db").exists(), "what was not good leaves nothing behind");
}

#[tokio::test]
async fn a_store_that_somebody_has_open_is_not_replaced() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.replace(vec![put(PLACE, "1", "{}")], UtcMs(1), "an").await.expect("written");
    let copy = store.backup(&desk.path("copy.db")).await.expect("a copy").file;
    let error = Store::restore(&copy, &desk.path("desk.db"), "1").await.expect_err("in use");
    assert!(matches!(error, StoreError::Busy), "{error:?}");
    store.replace(vec![put(PLACE, "2", "{}")], UtcMs(2), "an").await.expect("it goes on");
    assert_eq!(store.definitions(PLACE).await.expect("read").len(), 2);
}

#[tokio::test]
async fn another_programs_database_is_not_replaced() {
    let desk = Desk::new();
    let copy = desk.open().await.backup(&desk.path("copy.db")).await.expect("a copy").file;
    let other = Database::open(Address::file(&desk.path("other.db")).expect("an address")).await.expect("opened");
    other.run_alone(statement("CREATE TABLE songs (title TEXT)")).await.expect("made");
    other.close().await;
    let error = Store::restore(&copy, &desk.path("other.db"), "1").await.expect_err("not ours");
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
}

#[tokio::test]
async fn a_store_with_damaged_pages_gives_way_to_its_backup() {
    let desk = Desk::new();
    let store = desk.open().await;
    let many = (0..400).map(|n| put(PLACE, &n.to_string(), &"x".repeat(300))).collect();
    store.replace(many, UtcMs(1), "an").await.expect("written");
    let copy = store.backup(&desk.path("copy.db")).await.expect("a copy").file;
    store.close().await;
    let mut bytes = fs::read(desk.path("desk.db")).expect("read");
    bytes[4_096..].fill(0xA5);
    fs::write(desk.path("desk.db"), bytes).expect("written");

    let error = Store::open(&desk.address).await.expect_err("damaged");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    Store::restore(&copy, &desk.path("desk.db"), "1").await.expect("restored").expect("the wreck is kept");
    assert_eq!(desk.open().await.definitions(PLACE).await.expect("read").len(), 400);
}

#[tokio::test]
async fn a_store_that_is_damaged_or_gone_is_restored_and_the_wreck_kept() {
    let desk = Desk::new();
    let store = desk.open().await;
    store.replace(vec![put(PLACE, "1", "{}")], UtcMs(1), "an").await.expect("written");
    let copy = store.backup(&desk.path("copy.db")).await.expect("a copy").file;
    store.close().await;

    fs::write(desk.path("desk.db"), "wreck ".repeat(1_000)).expect("written");
    fs::write(desk.path("desk.db-wal"), b"old journal").expect("written");
    let aside = Store::restore(&copy, &desk.path("desk.db"), "7").await.expect("restored").expect("kept");
    assert_eq!(fs::read(&aside).expect("read"), "wreck ".repeat(1_000).as_bytes());
    let store = desk.open().await;
    assert_eq!(store.definitions(PLACE).await.expect("read").len(), 1);
    store.close().await;

    fs::remove_file(desk.path("desk.db")).expect("removed");
    assert_eq!(Store::restore(&copy, &desk.path("desk.db"), "8").await.expect("restored"), None);
    assert_eq!(desk.open().await.definitions(PLACE).await.expect("read").len(), 1);
}
