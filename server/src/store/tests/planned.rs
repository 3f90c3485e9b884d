//! What people write: batches, history, orders, clips, keys, releases, acts.

use loa_domain::id::Hash;
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;

use super::{Desk, order, player, put};
use crate::store::sql::statement;
use crate::store::{Act, Blob, Change, Clip, DefinitionKind, Issued, Pinned, PlayerState, StoreError, StoredRelease};

const PLACE: DefinitionKind = DefinitionKind::Place;

fn clip(id: &str, rendition: &[u8]) -> Clip {
    Clip {
        id: id.to_owned(),
        rendition: Hash::of(rendition),
        source: Hash::of(b"upload"),
        size_bytes: 480_000,
        duration_ms: 60_000,
        added: UtcMs(5),
        document: r#"{"title":"Bản tin","loudness_lufs":-16.0}"#.to_owned(),
    }
}

#[tokio::test]
async fn what_is_put_is_read_and_what_stood_there_is_remembered() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let first = vec![put(PLACE, "26734@2025-07-01", r#"{"name":"xã Ba Vì"}"#), put(PLACE, "01", "{}")];
    store.replace(first, UtcMs(10), "an").await.expect("written");
    store
        .replace(vec![put(PLACE, "26734@2025-07-01", r#"{"name":"Ba Vì"}"#)], UtcMs(20), "bình")
        .await
        .expect("written");
    let remove = Change::Remove { kind: PLACE, id: "26734@2025-07-01".to_owned() };
    store.replace(vec![remove], UtcMs(30), "chi").await.expect("written");

    let left = store.definitions(PLACE).await.expect("read");
    assert_eq!(left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["01"]);
    assert_eq!((left[0].applied, left[0].source.as_str()), (UtcMs(10), "demo.toml"));
    let history = store.definition_history(PLACE, "26734@2025-07-01").await.expect("read");
    let told: Vec<_> =
        history.iter().map(|one| (one.at.0, one.who.as_str(), one.was.is_some(), one.is.is_some())).collect();
    assert_eq!(told, [(30, "chi", true, false), (20, "bình", true, true), (10, "an", false, true)]);
    assert_eq!(history[0].was.as_deref(), Some(r#"{"name":"Ba Vì"}"#));
}

#[tokio::test]
async fn a_batch_with_one_bad_change_changes_nothing() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let unknown = Hash::of(b"nobody signed this");
    let batch = vec![put(PLACE, "01", "{}"), Change::PutOrder(order("tin", 1, "")), Change::Revoke { order: unknown }];
    let error = store.replace(batch, UtcMs(1), "an").await.expect_err("no such order");
    assert!(matches!(error, StoreError::NoSuchOrder { hash } if hash == unknown), "{error:?}");
    assert_eq!(store.changes().await.expect("read"), 0);
    assert!(store.definitions(PLACE).await.expect("read").is_empty());
    assert!(store.orders_in_force().await.expect("read").is_empty());
}

#[tokio::test]
async fn a_transaction_that_is_dropped_never_happened_and_blocks_nobody() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let mut writing = store.database.write().await.expect("begun");
    let insert = "INSERT INTO definition (kind, id, document, source, applied_ms) VALUES ('place', '1', '{}', '', 1)";
    assert_eq!(writing.run(statement(insert)).await.expect("written"), 1);
    drop(writing);
    let other = desk.open().await;
    other.replace(vec![put(PLACE, "2", "{}")], UtcMs(2), "an").await.expect("not blocked");
    let left = store.definitions(PLACE).await.expect("read");
    assert_eq!(left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["2"]);
}

#[tokio::test]
async fn a_later_version_takes_an_orders_place_and_a_revoked_one_is_off() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let (old, new, storm) = (order("tin", 1, "1079"), order("tin", 2, "1079"), order("bão", 3, ""));
    let first = vec![Change::PutOrder(old.clone()), Change::PutOrder(storm.clone())];
    store.replace(first, UtcMs(10), "an").await.expect("written");
    let second = vec![
        Change::PutOrder(new.clone()),
        Change::Supersede { order: old.hash, by: new.hash },
        Change::Revoke { order: storm.hash },
    ];
    store.replace(second.clone(), UtcMs(20), "an").await.expect("written");
    assert_eq!(store.replace(second, UtcMs(30), "an").await.expect("repeated"), None, "it was so already");

    let force = store.orders_in_force().await.expect("read");
    assert_eq!(force.iter().map(|one| &one.order).collect::<Vec<_>>(), [&new]);
    let versions = store.order_versions("tin").await.expect("read");
    assert_eq!(versions.iter().map(|one| one.superseded_by).collect::<Vec<_>>(), [None, Some(new.hash)]);
    let revoked = store.orders_revoked(UtcMs(20)).await.expect("read");
    assert_eq!(
        revoked.iter().map(|one| (one.order.hash, one.revoked)).collect::<Vec<_>>(),
        [(storm.hash, Some(UtcMs(20)))]
    );
    assert!(store.orders_revoked(UtcMs(21)).await.expect("read").is_empty());
    assert_eq!(store.order(old.hash).await.expect("read").expect("kept").order, old);
}

#[tokio::test]
async fn one_more_signature_on_an_order_is_kept() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let mut signed = order("tin", 1, "");
    store.replace(vec![Change::PutOrder(signed.clone())], UtcMs(1), "an").await.expect("written");
    signed.sealed.extend(" and bình".as_bytes());
    let change = store.replace(vec![Change::PutOrder(signed.clone())], UtcMs(2), "bình").await.expect("written");
    assert!(change.is_some());
    let kept = store.order(signed.hash).await.expect("read").expect("kept");
    assert_eq!((kept.order.sealed, kept.stored), (signed.sealed, UtcMs(1)));
}

#[tokio::test]
async fn a_clip_is_found_by_id_upload_and_rendition_and_its_past_is_kept() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let (one, other) = (clip("tin", b"vorbis"), clip("tin", b"flac"));
    store.replace(vec![Change::PutClip(one.clone())], UtcMs(1), "an").await.expect("written");
    assert_eq!(store.replace(vec![Change::PutClip(one.clone())], UtcMs(2), "an").await.expect("same"), None);
    assert_eq!(store.clip("tin").await.expect("read"), Some(one.clone()));
    store.replace(vec![Change::PutClip(other.clone())], UtcMs(3), "an").await.expect("written");
    let only = std::slice::from_ref(&other);
    assert_eq!(store.clips().await.expect("read"), only);
    assert_eq!(store.clips_from(other.source).await.expect("read"), only);
    assert_eq!(store.clips_of(other.rendition).await.expect("read"), only);
    assert!(store.clips_of(one.rendition).await.expect("read").is_empty());
    let history = store.definition_history(DefinitionKind::Clip, "tin").await.expect("read");
    assert!(history[0].was.as_ref().is_some_and(|was| was.contains(&one.rendition.to_string())));
}

#[tokio::test]
async fn a_blob_noted_twice_is_one_blob() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let blob = Blob { hash: Hash::of(b"b"), size_bytes: 1, kind: "clip".to_owned(), chunk_hashes: vec![9; 64] };
    for _ in 0..2 {
        store.put_blob(blob.clone()).await.expect("written");
    }
    assert_eq!(store.blob(blob.hash).await.expect("read"), Some(blob.clone()));
    assert_eq!(store.blob_hashes().await.expect("read"), [blob.hash]);
}

#[tokio::test]
async fn the_first_key_of_a_player_wins_until_a_person_lets_it_go() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let (mine, thief) = (PublicKey([1; 32]), PublicKey([2; 32]));
    let loa = player("loa-1");
    assert_eq!(store.pin_key(&loa, mine, UtcMs(1)).await.expect("written"), Pinned::First);
    assert_eq!(store.pin_key(&loa, mine, UtcMs(2)).await.expect("read"), Pinned::Same);
    assert_eq!(store.pin_key(&loa, thief, UtcMs(3)).await.expect("read"), Pinned::Other { pinned: mine });
    assert_eq!(store.unpin_key(&loa).await.expect("written"), Some(mine));
    assert_eq!(store.pin_key(&loa, thief, UtcMs(4)).await.expect("written"), Pinned::First);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_keys_pinned_at_once_exactly_one_wins() {
    let desk = Desk::either().await;
    let stores = [desk.open().await, desk.open().await];
    let pinning: Vec<_> = (1..)
        .zip(stores)
        .map(|(key, store)| {
            tokio::spawn(async move { store.pin_key(&player("loa-1"), PublicKey([key; 32]), UtcMs(1)).await })
        })
        .collect();
    let mut firsts = 0;
    for one in pinning {
        let pinned = one.await.expect("no panic").expect("pinned");
        firsts += usize::from(pinned == Pinned::First);
    }
    assert_eq!(firsts, 1);
}

#[tokio::test]
async fn how_a_player_was_comes_back_whole() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let mut state = PlayerState {
        id: player("loa-1"),
        key: PublicKey([3; 32]),
        last_hello: UtcMs(9),
        in_force: Some(4),
        incoming: None,
        epoch: u64::MAX,
        next: 12,
        outbox: 3,
        free_bytes: 1 << 40,
        version: "0.1.0".to_owned(),
        online: true,
        refused: Some("expired".to_owned()),
        on_air: None,
    };
    store.put_player_state(&state).await.expect("written");
    assert_eq!(store.player_states().await.expect("read"), [state.clone()]);
    state.refused = None;
    state.in_force = None;
    store.put_player_state(&state).await.expect("written");
    store.all_players_offline().await.expect("written");
    state.online = false;
    assert_eq!(store.player_states().await.expect("read"), [state]);
}

#[tokio::test]
async fn a_releases_number_only_rises() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let loa = player("loa-1");
    let release = |seq| StoredRelease {
        player: loa.clone(),
        seq,
        sealed: vec![seq as u8; 40],
        issued: UtcMs(1),
        expires: UtcMs(2),
        digest: Hash::of(b"orders"),
    };
    assert_eq!(store.latest_release(&loa).await.expect("read"), None);
    for (seq, expected) in [
        (1, Issued::Kept),
        (1, Issued::Outrun { latest: 1 }),
        (9, Issued::Kept),
        (4, Issued::Outrun { latest: 9 }),
        (10, Issued::Kept),
    ] {
        assert_eq!(store.issue_release(&release(seq)).await.expect("written"), expected, "{seq}");
    }
    assert_eq!(store.latest_release(&loa).await.expect("read"), Some(release(10)));
    assert_eq!(store.latest_release(&player("loa-2")).await.expect("read"), None, "each player has its own numbers");
}

#[tokio::test]
async fn acts_are_numbered_and_listed_latest_first() {
    let desk = Desk::either().await;
    let store = desk.open().await;
    let act = |what: &str| Act {
        at: UtcMs(1),
        who: "an".to_owned(),
        what: what.to_owned(),
        subject: "tin".to_owned(),
        detail: String::new(),
    };
    for what in ["upload", "approve", "revoke"] {
        store.append_act(&act(what)).await.expect("written");
    }
    assert_eq!(store.acts(None, 2).await.expect("read"), [(3, act("revoke")), (2, act("approve"))]);
    assert_eq!(store.acts(Some(2), 2).await.expect("read"), [(1, act("upload"))]);
}
