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
