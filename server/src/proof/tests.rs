//! Whose records are taken in.

use loa_domain::proof::record::{Body, ClockSource, Head, RECORD_BYTES, Stamp, Writer};

use super::*;
use crate::delivery::bench::{Bench, id, key_of};

fn record(player: &str, signed_by: &str) -> Vec<u8> {
    let (id, key) = (id(player), key_of(signed_by));
    let writer = Writer { player: &id, key: &key, release: 1, seen: None };
    let stamp = Stamp { utc: UtcMs(0), source: ClockSource::Free, error_ms: 1, mono_ms: 1, boot: [0; 16] };
    let mut buffer = [0; RECORD_BYTES];
    let length = Head::new(1).append(&writer, stamp, Body::Started { rebuilt: false }, &mut buffer).expect("fits");
    buffer[..length].to_vec()
}

async fn taken(bench: &Bench, player: &str, sealed: Vec<u8>) -> Result<Hash, Unfit> {
    verified(&topic::proofs(&id(player)), sealed, &bench.register).await.map(|arrived| arrived.hash)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_of_the_timetable_that_has_not_said_hello_is_a_stranger_until_it_does() {
    let bench = Bench::new().await;
    let sealed = record("loa-1", "loa-1");
    assert_eq!(taken(&bench, "loa-1", sealed.clone()).await, Err(Unfit::Stranger(id("loa-1"))));
    let hello = bench.hello("loa-1", None);
    assert!(bench.register.knows(&hello.player, hello.key, bench.now()).await);
    assert!(taken(&bench, "loa-1", sealed.clone()).await.is_ok());
    // Also at the next start of the desk, before anybody has said anything.
    let again = Register::new(bench.store.clone(), 1_000);
    again.load(&bench.desk).await.expect("readable");
    assert!(verified(&topic::proofs(&id("loa-1")), sealed, &again).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_a_hello_because_of_bad_records() {
    let bench = Bench::new().await;
    let hello = bench.hello("loa-1", None);
    assert!(bench.register.knows(&hello.player, hello.key, bench.now()).await);
    for (player, sealed) in [
        ("loa-9", record("loa-9", "loa-9")),
        ("loa-1", record("loa-1", "loa-2")),
        ("loa-1", record("loa-2", "loa-1")),
        ("loa-1", vec![1, 2, 3]),
    ] {
        assert!(matches!(taken(&bench, player, sealed).await, Err(Unfit::Bad(_))), "{player}");
    }
}

#[test]
fn a_clock_set_right_does_not_take_times_back_and_a_clock_gone_wrong_shows() {
    let mut newest = UtcMs(i64::MIN);
    let mut at = |ms| received(&mut newest, UtcMs(ms)).0;
    assert_eq!([at(100_000), at(99_000), at(100_001)], [100_000, 100_000, 100_001]);
    assert_eq!([at(40_000), at(40_001)], [40_000, 40_001], "more than a minute back");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_ahead_of_its_chain_is_left_out_of_the_batch() {
    let bench = Bench::new().await;
    let (player, key) = (id("loa-1"), key_of("loa-1"));
    let mut head = Head::new(1);
    let mut chain = Vec::new();
    for mono_ms in 0..4 {
        let writer = Writer { player: &player, key: &key, release: 1, seen: None };
        let stamp = Stamp { utc: UtcMs(0), source: ClockSource::Free, error_ms: 1, mono_ms, boot: [0; 16] };
        let mut buffer = [0; RECORD_BYTES];
        let length = head.append(&writer, stamp, Body::InForce { release: 1 }, &mut buffer).expect("fits");
        let sealed = buffer[..length].to_vec();
        let (record, hash) = record::open(&sealed, &Role::of_one(key.public())).expect("ours");
        chain.push(Arrived { record, hash, sealed });
    }
    let mut turns = Turns::default();
    let (zero, one) = (chain.remove(0), chain.remove(0));
    // 0 is stored; 1 was lost on the way.
    let stored = NewRecord::new(&zero.record, zero.hash, zero.sealed.clone(), UtcMs(0));
    bench.store.add_records(&[stored]).await.expect("written");
    in_turn(&mut chain, &mut turns, &bench.store, 0).await;
    assert!(chain.is_empty());
    let mut again = vec![zero, one];
    in_turn(&mut again, &mut turns, &bench.store, 1).await;
    assert_eq!(again.len(), 2, "a known one, and the one that closes the gap");
}
