//! What the broker forbids, tried over real sockets: `access.rs` tests the rules, these test that they are asked.
//!
//! Next: `../broker.rs`.

use std::sync::atomic::{AtomicBool, Ordering};

use loa_host::link::{Link, LinkConfig, LinkEvent, Message, Qos, SubscribeError, Subscription};

use super::raw::{Connect, Raw, packet, string, subscribe};
use super::tests::{broker, config, desk, message, next, player, up};
use super::*;

/// CONNACK reasons of MQTT 5.
const ACCEPTED: u8 = 0;
const NOT_AUTHORIZED: u8 = 0x87;

async fn refused(config: LinkConfig) {
    let (link, mut events) = Link::start(config);
    match next(&mut events).await {
        LinkEvent::Down { why } => assert!(why.contains("NotAuthorized"), "{why}"),
        other => panic!("{other:?} instead of a refusal"),
    }
    link.close().await;
}

#[tokio::test]
async fn nobody_gets_in_under_a_false_or_missing_name() {
    let broker = broker().await;
    let good = || Connect::player("xa-7", "pw-xa-7");
    let wrong = [
        Connect { user: None, password: None, ..good() },
        Connect { user: None, ..good() },
        Connect { password: None, ..good() },
        Connect { password: Some("pw-xa-8"), ..good() },
        // A player's own password under another's client id, and the other way round.
        Connect { id: "xa-8", ..good() },
        Connect { user: Some("xa-8"), ..good() },
        Connect { id: "", ..good() },
        Connect::player("XA-7", "pw-XA-7"),
        Connect::player("a/b", "pw-a/b"),
        Connect::player("+", "pw-+"),
        Connect::player("desk:test", "pw-desk:test"),
        // The desk with a wrong password, without one, and under a player's id.
        Connect { id: "desk:test", user: Some("DESK"), password: Some("wrong"), ..good() },
        Connect { id: "desk:test", user: Some("DESK"), password: None, ..good() },
        Connect { id: "xa-7", user: Some("DESK"), password: Some("right"), ..good() },
    ];
    for (n, connect) in wrong.iter().enumerate() {
        let (mut raw, _, reason) = Raw::connected(broker.address(), connect).await;
        assert_eq!(reason, NOT_AUTHORIZED, "{n}: {:?} as {:?}", connect.user, connect.id);
        raw.end().await;
    }
    assert_eq!(Raw::connected(broker.address(), &good()).await.2, ACCEPTED);
    broker.shutdown().await;
}

#[tokio::test]
async fn mqtt_3_and_odd_keep_alives_are_refused_or_bounded() {
    let broker = broker().await;
    let good = || Connect::player("xa-7", "pw-xa-7");
    // MQTT 3.1.1 calls "not authorized" 5.
    assert_eq!(Raw::connected(broker.address(), &Connect { level: 4, ..good() }).await.2, 5);
    let never = Connect { keep_alive_s: 0, ..good() };
    assert_ne!(Raw::connected(broker.address(), &never).await.2, ACCEPTED);
    let mut raw = Raw::to(broker.address()).await;
    raw.send(&Connect { keep_alive_s: u16::MAX, ..good() }.bytes()).await;
    let (_, body) = raw.read().await.unwrap();
    assert_eq!(body[1], ACCEPTED);
    let server_keep_alive = [&[0x13][..], &600_u16.to_be_bytes()].concat();
    assert!(body.windows(3).any(|three| three == server_keep_alive), "{body:02x?}");
    broker.shutdown().await;
}

#[tokio::test]
async fn a_will_to_another_topic_or_retained_is_no_way_in() {
    let broker = broker().await;
    let with_will = |topic: &str| {
        let mut config = player(broker.address(), "xa-7", &[]);
        config.will = Some(Message { topic: topic.into(), qos: Qos::AtLeastOnce, payload: b"gone".to_vec() });
        config
    };
    for topic in ["loa1/p/xa-8/dn", "loa1/p/xa-7/dn", "loa1/p/xa-8/up", "loa1/g/all/dn", "loa1/p/xa-7/pop"] {
        refused(with_will(topic)).await;
    }
    // Retained, by hand: the link cannot say it.
    let body = [
        &[0, 4][..],
        b"MQTT",
        &[5, 0b1110_1110, 0, 60, 0],
        &string("xa-7"),
        &[0],
        &string("loa1/p/xa-7/up"),
        &string("gone"),
        &string("xa-7"),
        &string("pw-xa-7"),
    ];
    let mut raw = Raw::to(broker.address()).await;
    raw.send(&packet(0x10, &body.concat())).await;
    assert_ne!(raw.read().await.unwrap().1[1], ACCEPTED);

    let (_desk, mut hears) = up(desk(broker.address(), &["loa1/#"])).await;
    let (player, _events) = up(with_will("loa1/p/xa-7/up")).await;
    assert!(broker.disconnect("xa-7").await);
    assert_eq!(message(&mut hears).await, ("loa1/p/xa-7/up".into(), b"gone".to_vec()));
    drop(player);
    broker.shutdown().await;
}

#[tokio::test]
async fn a_player_hears_only_what_is_meant_for_it() {
    let broker = broker().await;
    let (player, mut hears) = up(player(
        broker.address(),
        "xa-7",
        &["loa1/p/xa-7/dn", "loa1/p/xa-7/ck", "loa1/g/hanoi/dn", "loa1/x/clip/ck"],
    ))
    .await;
    let wrong = [
        "#",
        "+/+/+",
        "+/+/+/+",
        "loa1/#",
        "loa1/p/+/dn",
        "loa1/p/xa-8/dn",
        "loa1/p/xa-8/up",
        "loa1/p/xa-7/up",
        "loa1/g/+/dn",
        "loa1/x/+/ck",
        "loa1/x/#",
        "$SYS/#",
        "$share/g/loa1/p/xa-8/dn",
        "$share/g/loa1/p/xa-7/dn",
        "$share/g/#",
        "$exclusive/loa1/p/xa-7/dn",
        "$limit/2/loa1/p/xa-7/dn",
        "$queue/loa1/p/xa-8/dn",
    ];
    for filter in wrong {
        let answer = player.subscribe(Subscription { filter: filter.into(), qos: Qos::AtLeastOnce }).await;
        assert!(matches!(answer, Err(SubscribeError::Refused { .. })), "{filter}: {answer:?}");
    }
    let (desk, _events) = up(desk(broker.address(), &[])).await;
    let topics = ["loa1/p/xa-8/dn", "loa1/p/xa-8/ck", "loa1/p/xa-8/up", "loa1/g/hue/dn", "loa1/x/other/ck"];
    for topic in topics.into_iter().chain(["loa1/g/hanoi/dn", "loa1/p/xa-7/dn"]) {
        desk.publish(topic, Qos::AtLeastOnce, topic.as_bytes().to_vec()).await.unwrap();
    }
    assert_eq!(message(&mut hears).await.0, "loa1/g/hanoi/dn");
    assert_eq!(message(&mut hears).await.0, "loa1/p/xa-7/dn");
    broker.shutdown().await;
}

#[tokio::test]
async fn a_player_says_only_its_own_news_and_nothing_is_retained() {
    let broker = broker().await;
    let (_desk, mut hears) = up(desk(broker.address(), &["loa1/#"])).await;
    let (player, _events) = up(player(broker.address(), "xa-7", &[])).await;
    let topics = [
        "loa1/p/xa-7/dn",
        "loa1/p/xa-7/ck",
        "loa1/p/xa-8/up",
        "loa1/p/xa-8/dn",
        "loa1/g/hanoi/dn",
        "loa1/x/clip/ck",
        "loa1/other",
        "loa1",
    ];
    for topic in topics {
        for qos in [Qos::AtMostOnce, Qos::AtLeastOnce] {
            player.publish(topic, qos, b"forged".to_vec()).await.unwrap();
        }
    }
    player.publish("loa1/p/xa-7/pop", Qos::AtLeastOnce, vec![0; 64 * 1024 + 1]).await.unwrap();
    player.publish("loa1/p/xa-7/pop", Qos::AtLeastOnce, b"mine".to_vec()).await.unwrap();
    assert_eq!(message(&mut hears).await, ("loa1/p/xa-7/pop".into(), b"mine".to_vec()));
    assert_eq!(player.counts().publishes_refused, topics.len() as u64 + 1);
    player.close().await;

    let (mut raw, _, reason) = Raw::connected(broker.address(), &Connect::player("xa-8", "pw-xa-8")).await;
    assert_eq!(reason, ACCEPTED);
    let up_topic = string("loa1/p/xa-8/up");
    raw.send(&packet(0x31, &[&up_topic[..], &[0], b"kept"].concat())).await;
    raw.send(&packet(0x30, &[&up_topic[..], &[0], b"told"].concat())).await;
    assert_eq!(message(&mut hears).await.1, b"told");
    broker.shutdown().await;
}

#[tokio::test]
async fn nothing_waits_for_a_player_that_is_away_whatever_it_asks_for() {
    let broker = broker().await;
    let (desk, _events) = up(desk(broker.address(), &[])).await;
    let greedy = Connect { clean_start: false, session_expiry_s: u32::MAX, ..Connect::player("xa-7", "pw-xa-7") };
    let (mut raw, _, reason) = Raw::connected(broker.address(), &greedy).await;
    assert_eq!(reason, ACCEPTED);
    raw.send(&subscribe("loa1/p/xa-7/dn")).await;
    assert_eq!(raw.read().await.unwrap().0, 0x90);
    drop(raw);
    while broker.is_connected("xa-7").await {
        tokio::task::yield_now().await;
    }
    desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, b"missed".to_vec()).await.unwrap();
    // Answered in order: the broker has dealt with the message before it.
    let mark = Subscription { filter: "loa1/mark".into(), qos: Qos::AtLeastOnce };
    desk.subscribe(mark).await.unwrap();
    let (mut raw, session_present, reason) = Raw::connected(broker.address(), &greedy).await;
    assert_eq!((session_present, reason), (0, ACCEPTED));
    raw.send(&subscribe("loa1/p/xa-7/dn")).await;
    assert_eq!(raw.read().await.unwrap().0, 0x90);
    desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, b"heard".to_vec()).await.unwrap();
    let (kind, body) = raw.read().await.unwrap();
    assert!(kind & 0xf0 == 0x30 && body.ends_with(b"heard"), "{body:02x?}");
    broker.shutdown().await;
}

#[tokio::test]
async fn a_player_that_is_no_longer_admitted_is_cut_off_and_stays_out() {
    struct Switch(AtomicBool);
    impl Gate for Switch {
        fn admits(&self, _: &str, _: Option<&[u8]>) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }
    let gate = Arc::new(Switch(AtomicBool::new(true)));
    let broker = Broker::start(BrokerConfig { gate: gate.clone(), ..config() }).await.unwrap();
    assert!(!broker.disconnect("xa-7").await);
    let (_player, mut hears) = up(player(broker.address(), "xa-7", &["loa1/p/xa-7/dn"])).await;
    gate.0.store(false, Ordering::Relaxed);
    assert!(broker.disconnect("xa-7").await);
    assert!(matches!(next(&mut hears).await, LinkEvent::Down { .. }));
    match next(&mut hears).await {
        LinkEvent::Down { why } => assert!(why.contains("NotAuthorized"), "{why}"),
        other => panic!("{other:?} instead of a refusal"),
    }
    assert!(!broker.disconnect("xa-7").await);
    broker.shutdown().await;
}
