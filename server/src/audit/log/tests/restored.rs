//! Copies that are older than what was signed: noticed, told, and healed from the log.

use std::path::Path;

use super::*;
use crate::audit::carry;
use crate::audit::export::{ExportError, export};
use crate::audit::rebuild::rebuild;
use crate::store::DifferenceKind;

/// A desk whose store was put back to an earlier state.
async fn put_back() -> (Desk, Head) {
    let desk = Desk::new();
    let store = desk.store().await;
    store.replace(places(0..40), UtcMs(2), "an").await.expect("written");
    desk.log(&store).await;
    let copy = store.backup(&desk.folder.dir().join("old.db")).await.expect("a copy").file;
    store.replace(places(40..300), UtcMs(3), "an").await.expect("written");
    store.append_act(&act("later")).await.expect("written");
    let head = desk.log(&store).await;
    store.close().await;
    Store::restore(&copy, &desk.folder.store(), "1").await.expect("put back");
    (desk, head)
}

#[tokio::test]
async fn a_store_from_an_older_backup_is_refused_and_made_again_from_the_log() {
    let (desk, head) = put_back().await;
    let store = desk.store().await;
    let error = desk.start(&store).await.expect_err("older");
    assert!(matches!(error, LogError::StoreBehind { store: 41, log } if log == head.size), "{error:?}");
    // It is not enough that somebody writes until the numbers fit.
    store.replace(places(900..1_300), UtcMs(9), "an").await.expect("written");
    let error = desk.start(&store).await.expect_err("another history");
    assert!(matches!(error, LogError::StoreDiffers { position: 41 }), "{error:?}");
    store.close().await;

    let told = rebuild(&desk.folder, None, &mut |_, _| {}).await.expect("compared");
    assert_ne!(told.differences, []);
    let told = rebuild(&desk.folder, Some("2"), &mut |_, _| {}).await.expect("replaced");
    assert!(told.aside.is_some_and(|aside| aside.is_file()));
    let store = desk.store().await;
    assert_eq!(desk.start(&store).await.expect("it goes on").sequencer.head(), head);
    assert_eq!(store.definitions(DefinitionKind::Place).await.expect("read").len(), 300);
    assert_eq!(store.acts(None, 10).await.expect("read")[0].1.what, "later");
    store.append_act(&act("on")).await.expect("written");
    assert!(desk.log(&store).await.size > head.size);
}

#[tokio::test]
async fn a_store_that_is_replaced_must_not_be_in_use() {
    let desk = Desk::new();
    let store = desk.store().await;
    let _started = desk.start(&store).await.expect("it runs");
    let error = rebuild(&desk.folder, Some("1"), &mut |_, _| {}).await.expect_err("in use");
    assert!(matches!(error, LogError::InUse { .. }), "{error:?}");
}

#[tokio::test]
async fn the_store_made_again_is_the_store_and_a_row_written_past_the_log_is_named() {
    let desk = Desk::new();
    let store = desk.store().await;
    store.replace(places(0..300), UtcMs(2), "an").await.expect("written");
    store.replace(places(7..9).into_iter().rev().collect(), UtcMs(3), "an").await.expect("nothing differs");
    let remove = Change::Remove { kind: DefinitionKind::Place, id: "7".to_owned() };
    store.replace(vec![remove], UtcMs(4), "bình").await.expect("written");
    desk.log(&store).await;
    store.append_act(&act("not yet in the log")).await.expect("written");
    let told = rebuild(&desk.folder, None, &mut |_, _| {}).await.expect("compared");
    assert_eq!((told.entries, told.behind, told.refused, &told.differences[..]), (303, 0, 0, &[][..]));

    store.bend("UPDATE act SET who = 'nobody'").await;
    store.bend("DELETE FROM definition WHERE id = '12'").await;
    store.bend("INSERT INTO player_key (id, public, pinned_ms) VALUES ('loa-9', x'00', 1)").await;
    let told = rebuild(&desk.folder, None, &mut |_, _| {}).await.expect("compared").differences;
    let found: Vec<_> = told.iter().map(|d| (d.table, d.row.as_str(), d.kind)).collect();
    let expected = [
        ("definition", "place 12", DifferenceKind::Missing),
        ("player_key", "loa-9", DifferenceKind::Added),
        ("act", "1", DifferenceKind::Altered { column: 2 }),
    ];
    assert_eq!(found, expected);
}

/// Copies a folder as it is.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for file in std::fs::read_dir(from).expect("read") {
        let file = file.expect("read").path();
        let target = to.join(file.file_name().expect("a name"));
        if file.is_dir() { copy(&file, &target) } else { std::fs::copy(&file, &target).map(drop).expect("copied") }
    }
}

#[tokio::test]
async fn an_older_copy_of_the_logs_folder_is_refused() {
    let desk = Desk::new();
    let store = desk.store().await;
    store.replace(places(0..40), UtcMs(2), "an").await.expect("written");
    desk.log(&store).await;
    let old = desk.folder.dir().join("old");
    copy(&desk.folder.log(), &old);
    store.replace(places(40..600), UtcMs(3), "an").await.expect("written");
    desk.log(&store).await;
    std::fs::remove_dir_all(desk.folder.log()).expect("removed");
    copy(&old, &desk.folder.log());
    let error = desk.start(&store).await.expect_err("older");
    assert!(matches!(error, LogError::Short { signed: 602, .. }), "{error:?}");
    // With the checkpoint of then, the entries in between are nowhere.
    std::fs::copy(old.join("checkpoint"), desk.folder.signed_checkpoint()).expect("put back");
    let error = desk.start(&store).await.expect_err("older");
    assert!(matches!(error, LogError::Gap { log: 41 } | LogError::Torn { .. }), "{error:?}");
}

#[tokio::test]
async fn a_desk_that_no_longer_knows_what_it_signed_does_not_sign() {
    let desk = Desk::new();
    let store = desk.store().await;
    desk.log(&store).await;
    std::fs::remove_file(desk.folder.signed_checkpoint()).expect("removed");
    let error = desk.start(&store).await.expect_err("gone");
    assert!(matches!(error, LogError::NothingKept { .. }), "{error:?}");
}

#[tokio::test]
async fn a_copy_for_others_is_whole_and_is_never_written_over() {
    let desk = Desk::new();
    let store = desk.store().await;
    let to = desk.folder.dir().join("copy");
    assert!(matches!(export(&desk.folder, &to, &mut |_, _| {}), Err(ExportError::Log(LogError::NotYet))));
    store.replace(places(0..700), UtcMs(2), "an").await.expect("written");
    let head = desk.log(&store).await;
    let exported = export(&desk.folder, &to, &mut |_, _| {}).expect("copied");
    assert_eq!((exported.head, exported.tiles), (head, 7));
    all(&Tree::of(Tiles::at(&to)), head);
    let policy = Policy::read(&std::fs::read_to_string(to.join("policy")).expect("it is there")).expect("a policy");
    let note = std::fs::read(to.join("checkpoint")).expect("it is there");
    let note = loa_domain::audit::note::Note::read(&note).expect("a note");
    assert_eq!(policy.trusted(&note).expect("the desk's").checkpoint.head, head);
    assert!(matches!(export(&desk.folder, &to, &mut |_, _| {}), Err(ExportError::Exists { .. })));

    std::fs::write(desk.folder.log().join("tile/0/001"), [7; 8_192]).expect("bent");
    std::fs::write(desk.folder.log().join("tile/1/000.p/2"), [7; 64]).expect("bent");
    let other = desk.folder.dir().join("other");
    assert!(export(&desk.folder, &other, &mut |_, _| {}).is_err(), "what does not fit the checkpoint is no copy");
    assert!(!other.exists() && !desk.folder.dir().join("other.part").exists(), "nothing is left of it");
}

#[tokio::test]
async fn a_backup_made_while_the_log_grows_restores_to_a_desk_that_goes_on() {
    let desk = Desk::new();
    let store = desk.store().await;
    store.replace(places(0..300), UtcMs(2), "an").await.expect("written");
    desk.log(&store).await;
    let backup = Folder::at(desk.folder.dir().join("backup"));
    std::fs::create_dir_all(backup.dir()).expect("made");
    store.backup(&backup.store()).await.expect("a copy");
    // Between the copy of the store and that of the log, tiles become full.
    store.replace(places(300..900), UtcMs(3), "an").await.expect("written");
    let head = desk.log(&store).await;
    carry::back_up(&desk.folder, &backup).expect("copied");
    store.close().await;
    let other = Desk::new();
    Store::restore(&backup.store(), &other.folder.store(), "1").await.expect("restored");
    carry::restore(&backup, &other.folder, carry::present(&other.folder), "1").await.expect("restored");
    let store = other.store().await;
    assert_eq!(other.start(&store).await.expect("it goes on").sequencer.head(), head);
    assert_eq!(store.definitions(DefinitionKind::Place).await.expect("read").len(), 900);
    store.close().await;

    // On the desk itself the log has gone on: it stays, and the store catches up with it.
    let store = desk.store().await;
    store.append_act(&act("after the backup")).await.expect("written");
    let newer = desk.log(&store).await;
    store.close().await;
    Store::restore(&backup.store(), &desk.folder.store(), "2").await.expect("restored");
    carry::restore(&backup, &desk.folder, carry::present(&desk.folder), "2").await.expect("restored");
    let store = desk.store().await;
    assert_eq!(desk.start(&store).await.expect("it goes on").sequencer.head(), newer);
    assert_eq!(store.acts(None, 1).await.expect("read")[0].1.what, "after the backup");
}
