//! A full disk, a lock that is held, a process that is killed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use loa_domain::id::Hash;
use loa_domain::play::player::Outcome;
use loa_domain::time::UtcMs;

use super::{Desk, player, proof, put};
use crate::store::sql::statement;
use crate::store::{Added, DefinitionKind, NewRecord, RecordFilter, Store, StoreError};

fn proofs(numbers: std::ops::Range<u64>) -> Vec<NewRecord> {
    numbers.map(|seq| proof("loa-1", seq, Hash::ZERO, 0, Outcome::Played)).collect()
}

#[tokio::test]
async fn a_full_disk_is_named_loses_nothing_and_heals() {
    let desk = Desk::new();
    let store = desk.open_impatient().await;
    store.add_records(&proofs(0..10)).await.expect("written");
    // SQLite says the same of a database that may not grow as of a disk that is full.
    store.database.run_alone(statement("PRAGMA max_page_count = 1")).await.expect("set to the present size");
    let batch = proofs(10..400);
    let error = store.add_records(&batch).await.expect_err("full");
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert_eq!(store.records(&RecordFilter::default(), 1_000).await.expect("read").len(), 10, "all or nothing");
    store.database.run_alone(statement("PRAGMA max_page_count = 1000000")).await.expect("there is room again");
    assert_eq!(store.add_records(&batch).await.expect("written"), vec![Added::New; 390]);
}

#[tokio::test]
async fn a_lock_that_another_process_holds_too_long_is_busy_and_nobody_else_is_stopped_from_reading() {
    let desk = Desk::new();
    let (serve, apply) = (desk.open_impatient().await, desk.open_impatient().await);
    let held = apply.database.write().await.expect("begun");
    let change = || vec![put(DefinitionKind::Place, "1", "{}")];
    let error = serve.replace(change(), UtcMs(1), "an").await.expect_err("held");
    assert!(matches!(error, StoreError::Busy), "{error:?}");
    assert_eq!(serve.changes().await.expect("reading goes on"), 0);
    drop(held);
    // What was dropped is rolled back by its own connection before that does anything else.
    apply.changes().await.expect("read");
    serve.replace(change(), UtcMs(1), "an").await.expect("free again");
}

const CHILD: &str = "LOA_TEST_STORE_TO_FILL";

#[tokio::test]
#[ignore = "the process that the next test kills"]
async fn fills_a_store_until_killed() {
    let Ok(path) = std::env::var(CHILD) else { panic!("{CHILD} names the store") };
    let store = Store::open(&path).await.expect("a store");
    for batch in 0.. {
        store.add_records(&proofs(batch * 3..batch * 3 + 3)).await.expect("written");
        println!("kept {batch}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_killed_process_and_batches_stay_whole() {
    let desk = Desk::new();
    for round in 1..=3_usize {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "store::tests::faults::fills_a_store_until_killed", "--ignored", "--nocapture"])
            .env(CHILD, desk.path("desk.db"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let kept = lines.filter(|line| line.contains("kept")).take(17 * round).count();
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert_eq!(kept, 17 * round, "the process did its work");
        let store = desk.open().await;
        let found = store.records(&RecordFilter::default(), u32::MAX).await.expect("read").len();
        assert!(found >= 3 * kept, "{found} of {kept} batches");
        assert_eq!(found % 3, 0);
        assert!(store.chain_gaps(&player("loa-1")).await.expect("read").is_empty());
        store.close().await;
    }
}
