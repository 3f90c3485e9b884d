//! Opening: new files, bad files, newer schemas, two at once.

use std::fs;

use super::Desk;
use crate::store::sql::{Address, Database, statement};
use crate::store::{Change, DefinitionKind, Store, StoreError, schema};
use loa_domain::time::UtcMs;

async fn opened(path: &std::path::Path) -> Result<Store, StoreError> {
    Store::open(path.to_str().expect("UTF-8")).await
}

#[tokio::test]
async fn an_empty_file_becomes_a_store_and_opens_again() {
    let desk = Desk::new();
    fs::write(desk.path("desk.db"), b"").expect("written");
    for _ in 0..2 {
        let store = desk.open().await;
        assert_eq!(store.changes().await.expect("read"), 0);
        store.close().await;
    }
}

#[tokio::test]
async fn a_path_may_hold_spaces_marks_and_vietnamese() {
    let desk = Desk::new();
    let directory = desk.path("Đài xã Bình Định #1?mode=ro 100%");
    fs::create_dir(&directory).expect("a directory");
    let store = opened(&directory.join("dữ liệu.db")).await.expect("a store");
    store.replace(vec![super::put(DefinitionKind::Place, "1", "{}")], UtcMs(1), "an").await.expect("written");
    store.close().await;
    assert!(directory.join("dữ liệu.db").exists());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named_and_left_alone() {
    let desk = Desk::new();
    let text = "không phải cơ sở dữ liệu\n".repeat(200);
    fs::write(desk.path("note.txt"), &text).expect("written");
    let error = opened(&desk.path("note.txt")).await.expect_err("not a database");
    assert!(matches!(&error, StoreError::NotADatabase { path } if path.ends_with("note.txt")), "{error:?}");
    assert_eq!(fs::read_to_string(desk.path("note.txt")).expect("read"), text);
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_said_at_once() {
    let desk = Desk::new();
    let error = opened(&desk.path("no/such/desk.db")).await.expect_err("no directory");
    assert!(matches!(error, StoreError::CannotOpen { .. }), "{error:?}");
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_left_alone() {
    let desk = Desk::new();
    let path = desk.path("other.db");
    make_foreign(&path).await;
    let before = fs::read(&path).expect("read");
    let error = opened(&path).await.expect_err("foreign");
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert_eq!(fs::read(&path).expect("read"), before);
}

/// Makes a database with one table that is not the desk's.
async fn make_foreign(path: &std::path::Path) {
    let database = Database::open(Address::file(path).expect("an address")).await.expect("opened");
    database.run_alone(statement("CREATE TABLE songs (title TEXT)")).await.expect("made");
    database.close().await;
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_both_numbers() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let newer = statement("INSERT INTO desk_schema (version) VALUES ($1)").with(schema::KNOWN + 1);
    store.database.run_alone(newer).await.expect("written");
    store.close().await;
    let error = Store::open(&desk.address).await.expect_err("newer");
    let expected = (schema::KNOWN + 1, schema::KNOWN);
    assert!(matches!(error, StoreError::TooNew { found, known } if (found, known) == expected), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_an_empty_store_at_the_same_moment() {
    let desk = Desk::either().await;
    let path = desk.address.clone();
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { Store::open(&path).await })
        })
        .collect();
    for one in opening {
        let store = one.await.expect("no panic").expect("a store");
        assert_eq!(store.changes().await.expect("read"), 0);
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_write_at_once_and_neither_loses_a_change() {
    let desk = Desk::either().await;
    let writers: Vec<_> = [desk.open().await, desk.open().await].into_iter().zip(["serve", "apply"]).collect();
    let tasks: Vec<_> = writers
        .into_iter()
        .map(|(store, who)| {
            tokio::spawn(async move {
                for number in 0..40_i64 {
                    let change = super::put(DefinitionKind::Place, &format!("{who}-{number}"), "{}");
                    store.replace(vec![change], UtcMs(number), who).await.expect("written");
                }
                store.close().await;
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let store = desk.open().await;
    assert_eq!(store.changes().await.expect("read"), 80);
    assert_eq!(store.definitions(DefinitionKind::Place).await.expect("read").len(), 80);
}

#[tokio::test]
async fn a_change_by_another_process_shows_in_the_counter() {
    let desk = Desk::either().await;
    let (serve, apply) = (desk.open().await, desk.open().await);
    let before = serve.changes().await.expect("read");
    apply.replace(vec![super::put(DefinitionKind::Place, "1", "{}")], UtcMs(1), "an").await.expect("written");
    assert_eq!(serve.changes().await.expect("read"), before + 1);
    let nothing: Vec<Change> = vec![super::put(DefinitionKind::Place, "1", "{}")];
    assert_eq!(apply.replace(nothing, UtcMs(2), "an").await.expect("nothing to do"), None);
    assert_eq!(serve.changes().await.expect("read"), before + 1, "what was so already is no change");
}

#[tokio::test]
async fn a_closed_store_says_that_it_is_closed() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    store.close().await;
    assert!(matches!(store.changes().await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn the_journal_is_written_ahead_and_synced_in_full() {
    let desk = Desk::new();
    let store = desk.open().await;
    for (pragma, expected) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 10_000)] {
        let row = store.database.optional(statement(pragma)).await.expect("read").expect("a row");
        assert_eq!(row.get::<i64>(0).expect("a number"), expected, "{pragma}");
    }
    let row = store.database.optional(statement("PRAGMA journal_mode")).await.expect("read").expect("a row");
    assert_eq!(row.get::<String>(0).expect("text"), "wal");
}
