//! The broker under load: a broadcast, a district that reports at once, a subscriber that stalls.
//!
//! Next: `tests.rs` for its everyday work.

use std::time::Instant;

use loa_host::link::{LinkEvent, Qos};

use super::raw::{Connect, PATIENCE, Raw, subscribe};
use super::tests::{broker, config, desk, message, next, player, up};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_players_all_get_twenty_chunks_of_one_broadcast() {
    const CHUNK_BYTES: usize = 16_128;
    let broker = broker().await;
    let mut players = Vec::new();
    for n in 0..200 {
        players.push(up(player(broker.address(), &format!("p-{n}"), &["loa1/x/clip/ck"])).await);
    }
    let (desk, _desk_hears) = up(desk(broker.address(), &[])).await;
    let start = Instant::now();
    for n in 0..20 {
        desk.publish("loa1/x/clip/ck", Qos::AtMostOnce, vec![n; CHUNK_BYTES]).await.unwrap();
    }
    for (_, hears) in &mut players {
        for n in 0..20 {
            assert!(message(hears).await == ("loa1/x/clip/ck".into(), vec![n; CHUNK_BYTES]));
        }
    }
    let took_s = start.elapsed().as_secs_f64();
    let megabytes = (200 * 20 * CHUNK_BYTES) as f64 / 1e6;
    println!("200 x 20 chunks: {megabytes:.1} MB in {took_s:.3} s, {:.0} MB/s", megabytes / took_s);
    broker.shutdown().await;
}

#[tokio::test]
async fn a_stalled_subscriber_does_not_stop_the_others_and_is_cut_off() {
    let broker = Broker::start(BrokerConfig { stall_max_ms: 500, ..config() }).await.unwrap();
    let connect = Connect::player("stalled", "pw-stalled");
    let (mut stalled, _, reason) = Raw::connected(broker.address(), &connect).await;
    assert_eq!(reason, 0);
    stalled.send(&subscribe("loa1/x/clip/ck")).await;
    assert_eq!(stalled.read().await.unwrap().1[3], 1);
    let (_player, mut hears) = up(player(broker.address(), "well", &["loa1/x/clip/ck"])).await;
    let (desk, _desk_hears) = up(desk(broker.address(), &[])).await;
    // 64 MB: far more than the stalled one's socket buffers hold.
    for n in 0..4_000_u16 {
        let payload = [&n.to_be_bytes()[..], &[7; 16_126]].concat();
        desk.publish("loa1/x/clip/ck", Qos::AtMostOnce, payload).await.unwrap();
        assert_eq!(message(&mut hears).await.1[..2], n.to_be_bytes());
    }
    let patience = Instant::now() + PATIENCE;
    while broker.is_connected("stalled").await {
        assert!(Instant::now() < patience, "still connected");
        tokio::task::yield_now().await;
    }
    assert!(broker.is_connected("well").await);
    broker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_district_that_reports_at_once_is_heard_out_by_a_slow_desk() {
    let broker = broker().await;
    let mut ear = desk(broker.address(), &["loa1/p/+/pop"]);
    ear.manual_acks = true;
    ear.events_max = 16;
    let (desk, mut hears) = up(ear).await;
    let mut players = Vec::new();
    for n in 0..100 {
        players.push(up(player(broker.address(), &format!("p-{n}"), &[])).await);
    }
    // 3,000 proofs wait, many more than a player's queue would hold, before the desk takes the first.
    for proof in 0..30_u8 {
        for (n, (player, _)) in players.iter().enumerate() {
            let topic = format!("loa1/p/p-{n}/pop");
            player.publish(&topic, Qos::AtLeastOnce, vec![proof; 500]).await.unwrap();
        }
    }
    let closing: Vec<_> = players
        .into_iter()
        .map(|(player, hears)| {
            tokio::spawn(async move {
                player.close().await;
                drop(hears);
            })
        })
        .collect();
    for closed in closing {
        closed.await.unwrap();
    }
    let mut heard = std::collections::BTreeSet::new();
    while heard.len() < 3_000 {
        match next(&mut hears).await {
            LinkEvent::Message { topic, payload, ack: Some(token) } => {
                assert!(heard.insert((topic, payload[0])), "twice");
                desk.ack(token);
            }
            other => panic!("{other:?}"),
        }
    }
    broker.shutdown().await;
}
