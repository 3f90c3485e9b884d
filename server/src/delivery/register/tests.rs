//! Which release follows which, as players say what they have.

use loa_domain::timetable::order::Class;

use super::*;
use crate::delivery::bench::{Bench, id};

async fn composed(bench: &Bench, player: &str) -> Option<Release> {
    let composed = bench.register.compose(bench.now(), &bench.blobs(), &bench.desk).await;
    composed.iter().find(|(to, _)| *to == id(player)).map(|(_, sealed)| bench.opened(sealed))
}

async fn hello(bench: &Bench, player: &str, in_force: Option<u64>) -> bool {
    bench.register.hello(&bench.hello(player, in_force), bench.now()).await
}

fn orders(release: &Release) -> HashSet<Hash> {
    release.orders.iter().copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_does_not_wait_for_a_download_and_nothing_is_lost_by_that() {
    let bench = Bench::new().await;
    let (news, _) = bench.order("tin", Class::Normal, 1_000).await;
    hello(&bench, "loa-1", None).await;
    let first = composed(&bench, "loa-1").await.expect("a first release");
    assert_eq!((first.seq, orders(&first)), (1, HashSet::from([news])));
    assert_eq!(first.place_name.as_deref(), Some("Thôn Phượng Mao"));
    assert!(!bench.register.in_force(&id("loa-1"), 1).await);

    let (long, long_blob) = bench.order("dai", Class::Normal, 100_000).await;
    let second = composed(&bench, "loa-1").await.expect("a second release");
    assert_eq!(orders(&second), HashSet::from([news, long]));
    let (alarm, alarm_blob) = bench.order("bao", Class::Emergency, 500).await;
    let third = composed(&bench, "loa-1").await.expect("one for the alarm");
    assert_eq!(orders(&third), HashSet::from([news, alarm]), "without what is still on its way");
    assert!(third.revoked.is_empty(), "what comes later is not revoked");
    let urgent = bench.register.urgent().await;
    assert!(urgent.contains(&alarm_blob.hash) && urgent.contains(&third.bundle.expect("orders").hash));
    assert!(!urgent.contains(&long_blob.hash));

    assert!(bench.register.in_force(&id("loa-1"), third.seq).await, "the rest is to follow");
    let rest = bench.register.compose_one(&id("loa-1"), bench.now(), &bench.blobs(), &bench.desk).await;
    let rest = bench.opened(&rest.expect("the rest"));
    assert_eq!((rest.seq, orders(&rest)), (4, HashSet::from([news, long, alarm])));
    assert!(rest.revoked.is_empty());
    assert!(!bench.register.in_force(&id("loa-1"), 4).await);
    assert_eq!(composed(&bench, "loa-1").await, None);
    assert!(bench.register.urgent().await.is_empty());
    // A player that has nothing yet gets the alarm first, too.
    hello(&bench, "loa-2", None).await;
    assert_eq!(composed(&bench, "loa-2").await.map(|release| orders(&release)), Some(HashSet::from([alarm])));
    assert!(!bench.register.urgent().await.contains(&long_blob.hash));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_whose_store_is_an_old_copy_goes_on_above_what_the_player_has() {
    let bench = Bench::new().await;
    bench.order("tin", Class::Normal, 1_000).await;
    hello(&bench, "loa-1", None).await;
    assert_eq!(composed(&bench, "loa-1").await.map(|release| release.seq), Some(1));
    assert!(hello(&bench, "loa-1", Some(41)).await, "a new release is due");
    assert_eq!(composed(&bench, "loa-1").await.map(|release| release.seq), Some(42));
    assert_eq!(composed(&bench, "loa-1").await, None);
    assert!(!hello(&bench, "loa-1", Some(u64::MAX)).await, "a number that no desk ever gave");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_kept_over_a_new_link_and_a_new_start_of_the_desk_until_something_is_in_force() {
    let bench = Bench::new().await;
    bench.order("tin", Class::Normal, 1_000).await;
    hello(&bench, "loa-1", None).await;
    composed(&bench, "loa-1").await.expect("a release");
    bench.register.refused(&id("loa-1"), Some(1), Fault::Content).await;
    hello(&bench, "loa-1", None).await;
    bench.register.save().await.expect("room");
    let refused = async || bench.store.player_states().await.expect("states")[0].refused.clone();
    assert_eq!(refused().await.as_deref(), Some("1: content"));
    let behind = bench.register.behind().await;
    assert_eq!(behind.iter().map(|(player, _)| player.as_str()).collect::<Vec<_>>(), ["loa-1"]);

    let again = Register::new(bench.store.clone(), 1_000_000);
    again.load(&bench.desk).await.expect("readable");
    assert!(!again.is_online(&id("loa-1")).await, "nobody is there before a hello");
    again.hello(&bench.hello("loa-1", None), bench.now()).await;
    again.save().await.expect("room");
    assert_eq!(refused().await.as_deref(), Some("1: content"));
    again.in_force(&id("loa-1"), 1).await;
    again.save().await.expect("room");
    assert_eq!(refused().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_todays_officers_did_not_sign_is_in_no_release_and_players_are_placed_anew() {
    let bench = Bench::new().await;
    bench.order("tin", Class::Normal, 1_000).await;
    hello(&bench, "loa-1", None).await;
    let first = composed(&bench, "loa-1").await.expect("a first release");
    assert_eq!(first.orders.len(), 1);
    bench.trust(2).await;
    let wrong = bench.register.load(&bench.desk).await.expect("readable");
    assert_eq!(wrong, ["order tin: too few of today's officers signed it; have it signed anew"]);
    let next = composed(&bench, "loa-1").await.expect("another release");
    assert_eq!((next.orders.len(), &next.revoked[..]), (0, &first.orders[..]), "it is off at once");
    assert_ne!(next.bundle, first.bundle, "its placing is of today's officers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_that_officers_did_not_place_gets_no_release() {
    let bench = Bench::new().await;
    let root = |key: &SecretKey| loa_domain::keys::Root {
        version: 1,
        expires: UtcMs(i64::MAX),
        root: Role::of_one(key.public()),
        officers: Role::of_one(key.public()),
        desk: Role::of_one(bench.desk.public()),
        log: None,
        offices_from: None,
    };
    let officer = SecretKey::from_seed(&[1; 32]);
    bench.register.trust(root(&officer), None).await;
    bench.order("tin", Class::Normal, 1_000).await;
    hello(&bench, "loa-1", None).await;
    assert_eq!(composed(&bench, "loa-1").await, None);
    let elsewhere = {
        let inner = bench.register.inner.lock().await;
        let mut placement = inner.players[&id("loa-1")].entry.as_ref().expect("named").placement.clone();
        placement.tags = loa_domain::wire::List::collect([loa_domain::wire::Text::cut("cho")]).expect("one");
        placement
    };
    let placing = Placing::new(bench.hello("loa-1", None).key, bench.now(), elsewhere.clone());
    let sealed = keys::seal(&wire::encode(&placing), Purpose::Placing, &[&officer]);
    bench.store.place(&[SealedPlacing { placing, sealed }], bench.now()).await.expect("kept");
    bench.load().await;
    let release = composed(&bench, "loa-1").await.expect("a release");
    assert_eq!(release.placement, elsewhere, "where officers said, not where the timetable says");
}
