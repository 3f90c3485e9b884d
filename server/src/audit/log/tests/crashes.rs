//! A crash at every step of writing, in every shape that a power cut leaves behind; a full disk.

use std::io::ErrorKind;

use super::*;
use crate::audit::log::disk::fault::{Fault, Leaves};

/// What every desk of these tests writes, in two goes: the second crosses the border of a tile.
async fn write(store: &Store, go: u32) {
    let range = if go == 0 { 0..200 } else { 200..330 };
    store.replace(places(range), UtcMs(2), "an").await.expect("written");
}

fn faulty(at: u64, leaves: Leaves, kind: ErrorKind) -> Disk {
    Disk { fault: Some(Fault::new(at, leaves, kind)) }
}

#[tokio::test]
async fn after_a_crash_at_any_step_nothing_is_lost_and_nothing_is_there_twice() {
    let whole = Desk::new();
    let store = whole.store().await;
    write(&store, 0).await;
    write(&store, 1).await;
    let head = whole.log(&store).await;
    let expected = all(&whole.tree(), head);
    let mut steps = 0;
    for leaves in [Leaves::Nothing, Leaves::All, Leaves::Half, Leaves::Zeros, Leaves::Unfinished] {
        for at in 0.. {
            let desk = Desk::new();
            let store = desk.store().await;
            write(&store, 0).await;
            desk.log(&store).await;
            write(&store, 1).await;
            let disk = faulty(at, leaves, ErrorKind::Other);
            let mut started = desk.start_on(disk, &store).await.expect("nothing is written at start");
            let crashed = started.sequencer.finish().await.is_err();
            drop(started);
            match desk.start(&store).await {
                Ok(mut started) => {
                    started.sequencer.finish().await.expect("it goes on");
                    let found = told(&all(&desk.tree(), started.sequencer.head()));
                    assert!(found == expected, "{leaves:?} at {at}");
                }
                // Of the one file that says what was signed there is no second copy.
                Err(LogError::ForeignCheckpoint { .. }) => assert!(matches!(leaves, Leaves::Half | Leaves::Zeros)),
                Err(error) => panic!("{leaves:?} at {at}: {error}"),
            }
            steps += 1;
            if !crashed {
                break;
            }
        }
    }
    assert!(steps > 40, "{steps} steps were broken");
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing_half_done() {
    let desk = Desk::new();
    let store = desk.store().await;
    desk.log(&store).await;
    write(&store, 0).await;
    let disk = faulty(0, Leaves::Nothing, ErrorKind::StorageFull);
    let mut started = desk.start_on(disk, &store).await.expect("it starts");
    let before = started.sequencer.head();
    let error = started.sequencer.finish().await.expect_err("full");
    assert!(matches!(&error, LogError::File(file) if loa_host::durable::is_full(file)), "{error:?}");
    assert_eq!(started.sequencer.head(), before, "nothing of it counts");
    assert_eq!(started.log.published().borrow().as_ref().expect("one").head, before);
    drop(started);
    assert_eq!(desk.log(&store).await.size, 201, "there is room again");
}

#[tokio::test]
async fn a_damaged_file_at_the_edge_is_written_anew_from_the_store() {
    for file in ["tile/entries/000.p/201", "tile/0/000.p/201"] {
        for damage in [&b""[..], &[0; 6_432], b"nonsense"] {
            let desk = Desk::new();
            let store = desk.store().await;
            write(&store, 0).await;
            let head = desk.log(&store).await;
            let path = desk.folder.log().join(file);
            let good = std::fs::read(&path).expect("it is there");
            std::fs::write(&path, damage).expect("damaged");
            assert_eq!(desk.start(&store).await.expect("it heals").sequencer.head(), head);
            assert_eq!(std::fs::read(&path).expect("it is there"), good, "{file}");
        }
    }
}

#[tokio::test]
async fn a_damaged_file_that_the_store_no_longer_has_is_told() {
    let desk = Desk::new();
    let store = desk.store().await;
    write(&store, 0).await;
    write(&store, 1).await;
    desk.log(&store).await;
    let path = desk.folder.log().join("tile/1/000.p/1");
    let mut bytes = std::fs::read(&path).expect("it is there");
    bytes[7] ^= 1;
    std::fs::write(&path, bytes).expect("altered");
    let error = desk.start(&store).await.expect_err("altered");
    assert!(matches!(error, LogError::Torn { .. }), "{error:?}");
    std::fs::remove_file(&path).expect("removed");
    let error = desk.start(&store).await.expect_err("gone");
    assert!(matches!(error, LogError::Short { signed: 331, .. }), "{error:?}");
}
