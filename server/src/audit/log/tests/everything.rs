//! Every kind of entry there is: what the desk writes of it is what the log gives back.

use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, SecretKey};
use loa_domain::proof::record::{Body, ClockSource, Record, Stamp};

use super::*;
use crate::audit::rebuild::rebuild;
use crate::store::{Added, Clip, Issued, NewOrder, NewRecord, Pinned, StoreError, StoredRelease};

fn secret() -> SecretKey {
    SecretKey::from_seed(&[5; 32])
}

fn record(seq: u64, made_ms: i64) -> NewRecord {
    let stamp = Stamp { utc: UtcMs(made_ms), source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
    let player = "loa-1".parse().expect("an id");
    let body = Body::InForce { release: seq };
    let record = Record { player, epoch: 7, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
    let body = wire::encode(&record);
    let sealed = keys::seal(&body, Purpose::Record, &[&secret()]);
    NewRecord::new(&record, Hash::of(&body), sealed, UtcMs(made_ms + 1))
}

fn order(name: &str) -> NewOrder {
    let body = name.as_bytes();
    NewOrder {
        hash: Hash::of(body),
        id: name.to_owned(),
        campaign: "1079".to_owned(),
        programme: "bản tin".to_owned(),
        made: UtcMs(3),
        sealed: keys::seal(body, Purpose::Order, &[&secret()]),
    }
}

async fn write_everything(store: &Store) {
    let player = "loa-1".parse().expect("an id");
    let clip = |size_bytes| {
        let (rendition, source) = (Hash::of(b"a"), Hash::of(b"b"));
        let (id, document) = ("tin".to_owned(), "{}".to_owned());
        Change::PutClip(Clip { id, rendition, source, size_bytes, duration_ms: 9, added: UtcMs(4), document })
    };
    let (a, b) = (order("a"), order("b"));
    let (old, new) = (a.hash, b.hash);
    let first = [places(0..3), vec![clip(1), Change::PutOrder(a.clone()), Change::PutOrder(b)]].concat();
    store.replace(first, UtcMs(5), "an").await.expect("written");
    let remove = Change::Remove { kind: DefinitionKind::Place, id: "1".to_owned() };
    let again = vec![remove, clip(1), clip(2), Change::Supersede { order: old, by: new }, Change::PutOrder(a)];
    store.replace(again, UtcMs(6), "bình").await.expect("written");
    store.replace(vec![Change::Revoke { order: new }], UtcMs(7), "an").await.expect("written");
    assert_eq!(store.pin_key(&player, secret().public(), UtcMs(8)).await.expect("written"), Pinned::First);
    assert_eq!(store.pin_key(&player, secret().public(), UtcMs(9)).await.expect("read"), Pinned::Same);
    store.unpin_key(&player).await.expect("written");
    let other = SecretKey::from_seed(&[6; 32]).public();
    assert_eq!(store.pin_key(&player, other, UtcMs(9)).await.expect("written"), Pinned::First);
    let (issued, expires, digest) = (UtcMs(10), UtcMs(11), Hash::of(b"d"));
    let release = StoredRelease { player: player.clone(), seq: 4, sealed: vec![1; 900], issued, expires, digest };
    assert_eq!(store.issue_release(&release).await.expect("written"), Issued::Kept);
    assert!(matches!(store.issue_release(&release).await.expect("read"), Issued::Outrun { latest: 4 }));
    let records = [record(0, 20), record(1, 21), record(0, 20), record(1, 99), record(1, 99)];
    let expected = [Added::New, Added::New, Added::Known, Added::Conflict, Added::Conflict];
    assert_eq!(store.add_records(&records).await.expect("written"), expected);
    store.append_act(&act("approve")).await.expect("written");
}

#[tokio::test]
async fn everything_that_is_written_is_logged_once_and_given_back() {
    let desk = Desk::new();
    let store = desk.store().await;
    write_everything(&store).await;
    let head = desk.log(&store).await;
    // Opened; six lines, three and one; two keys; one release; two records and one conflict; one act. What was there
    // already is not there twice.
    assert_eq!(head.size, 1 + 6 + 3 + 1 + 2 + 1 + 3 + 1);
    let told = rebuild(&desk.folder, None, &mut |_, _| {}).await.expect("replayed");
    assert_eq!((told.entries, &told.differences[..]), (head.size, &[][..]));
    let player = "loa-1".parse().expect("an id");
    let position = store.record_position(&player, 7, 1).await.expect("read").expect("it is logged");
    let entry = desk.tree().entry(position, head.size).expect("an entry");
    assert!(matches!(wire::decode(&entry), Ok(Entry::Record { sealed, .. }) if sealed == record(1, 21).sealed));
    assert_eq!(store.newest_epoch(&player, 1).await.expect("read"), Some(7));
}

#[tokio::test]
async fn what_is_too_long_for_the_log_is_refused_and_nothing_of_it_is_written() {
    let desk = Desk::new();
    let store = desk.store().await;
    let mut long = places(0..2);
    if let Some(Change::Put(definition)) = long.last_mut() {
        definition.document = "x".repeat(65_535);
    }
    let error = store.replace(long, UtcMs(1), "an").await.expect_err("too long");
    assert!(matches!(error, StoreError::EntryTooLong { most: 65_535, .. }), "{error:?}");
    let mut records: Vec<NewRecord> = (0..600).map(|seq| record(seq, 20)).collect();
    records[599].sealed = vec![0; 65_535];
    let error = store.add_records(&records).await.expect_err("too long");
    assert!(matches!(error, StoreError::EntryTooLong { .. }), "{error:?}");
    assert_eq!((store.changes().await.expect("read"), store.log_end().await.expect("read")), (0, 1));
}
