//! The link against a broker that misbehaves: see `peer.rs`. Real brokers are met in the server's and the world's
//! tests.

use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::peer::{CONNECT, DISCONNECT, Door, PATIENCE, PUBACK, Peer};
use super::*;

async fn next(events: &mut Receiver<LinkEvent>) -> LinkEvent {
    timeout(PATIENCE, events.recv()).await.expect("an event").expect("a live link")
}

async fn down(events: &mut Receiver<LinkEvent>) -> String {
    match next(events).await {
        LinkEvent::Down { why } => why,
        other => panic!("{other:?} instead of Down"),
    }
}

fn subscription(filter: &str) -> Subscription {
    Subscription { filter: filter.into(), qos: Qos::AtLeastOnce }
}

async fn up(door: &Door, config: LinkConfig) -> (Link, Receiver<LinkEvent>, Peer) {
    let (link, mut events) = Link::start(config);
    let peer = door.welcome(&[]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    (link, events, peer)
}

#[tokio::test]
async fn it_connects_with_a_clean_start_no_session_and_its_will() {
    let door = Door::open().await;
    let mut config = door.link();
    config.user = Some("commune-7".into());
    config.password = Some("secret".into());
    config.will = Some(Message { topic: "loa1/p/x/up".into(), qos: Qos::AtLeastOnce, payload: b"gone".to_vec() });
    let (_link, _events) = Link::start(config);
    let connect = door.accept().await.read().await;
    assert_eq!(connect.kind, CONNECT);
    let flags = connect.body[7];
    assert_eq!(flags & 0b10, 0b10, "clean start");
    assert_eq!(flags & 0b10_0000, 0, "the will is not retained");
    let keep_alive_s = u16::from_be_bytes([connect.body[8], connect.body[9]]);
    assert_eq!(keep_alive_s, 60);
    let properties = &connect.body[11..11 + usize::from(connect.body[10])];
    assert_eq!(properties[..5], [0x11, 0, 0, 0, 0], "session expiry 0");
    assert!(properties.windows(5).any(|p| p == [0x27, 0, 4, 0, 0]), "packets of 256 KiB: {properties:?}");
}

#[tokio::test]
async fn up_is_told_only_when_every_subscription_is_answered_and_again_after_each_cut() {
    let door = Door::open().await;
    let mut config = door.link();
    config.subscriptions = vec![subscription("loa1/p/x/dn"), subscription("wrong/#/filter")];
    let (link, mut events) = Link::start(config);
    for round in 0..3 {
        let mut peer = door.welcome(&[]).await;
        let wrong = LinkEvent::Refused { filter: "wrong/#/filter".into(), why: "not a topic filter".into() };
        assert_eq!(next(&mut events).await, wrong);
        tokio::task::yield_now().await;
        assert!(events.try_recv().is_err(), "round {round}: up before the answer");
        assert!(peer.grant(&[1]).await.contains("loa1/p/x/dn"));
        assert_eq!(next(&mut events).await, LinkEvent::Up);
        drop(peer);
        down(&mut events).await;
    }
    assert_eq!(link.counts().connections, 3);
}

#[tokio::test]
async fn a_refused_subscription_is_told_and_the_others_stand() {
    let door = Door::open().await;
    let mut config = door.link();
    config.subscriptions = vec![subscription("a"), subscription("b")];
    let (_link, mut events) = Link::start(config);
    let mut peer = door.welcome(&[]).await;
    peer.grant(&[0x87, 1]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Refused { filter: "a".into(), why: "NotAuthorized".into() });
    assert_eq!(next(&mut events).await, LinkEvent::Up);
}

#[tokio::test]
async fn a_later_subscription_is_confirmed_or_refused_and_kept_over_a_cut() {
    let door = Door::open().await;
    let (link, mut events, mut peer) = up(&door, door.link()).await;
    let asking = tokio::spawn({
        let link = link.clone();
        async move { (link.subscribe(subscription("x")).await, link.subscribe(subscription("y")).await) }
    });
    peer.grant(&[1]).await;
    peer.grant(&[0x87]).await;
    let refused = SubscribeError::Refused { filter: "y".into(), why: "NotAuthorized".into() };
    assert_eq!(asking.await.unwrap(), (Ok(()), Err(refused)));
    assert!(matches!(link.subscribe(subscription("a+")).await, Err(SubscribeError::Filter { .. })));
    drop(peer);
    down(&mut events).await;
    let mut peer = door.welcome(&[]).await;
    let asked = peer.grant(&[1, 1]).await;
    assert!(asked.contains('x') && asked.contains('y'), "{asked}");
    assert_eq!(next(&mut events).await, LinkEvent::Up);
}

#[tokio::test]
async fn what_is_published_while_down_goes_out_when_up_and_never_blocks_when_full() {
    let door = Door::open().await;
    let mut config = door.link();
    config.outbox_max = 3;
    let (link, mut events) = Link::start(config);
    for n in 0..3 {
        link.try_publish("loa1/p/x/up", Qos::AtMostOnce, vec![n]).unwrap();
    }
    assert_eq!(link.try_publish("loa1/p/x/up", Qos::AtMostOnce, vec![9]), Err(PublishError::Busy));
    let mut peer = door.welcome(&[]).await;
    for n in 0..3 {
        assert_eq!(peer.read().await.published(), ("loa1/p/x/up".into(), None, vec![n]));
    }
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    link.publish("loa1/p/x/pop", Qos::AtLeastOnce, vec![4]).await.unwrap();
    let (topic, number, _) = peer.read().await.published();
    assert_eq!((topic.as_str(), number), ("loa1/p/x/pop", Some(1)));
}

#[tokio::test]
async fn a_wrong_topic_or_an_oversized_message_is_refused_and_the_connection_lives() {
    let door = Door::open().await;
    let (link, mut events) = Link::start(door.link());
    // Queued while nobody knows what the broker takes: dropped and counted once it is known.
    link.try_publish("a", Qos::AtLeastOnce, vec![0; 5_000]).unwrap();
    let mut peer = door.welcome(&[0x27, 0, 0, 4, 0]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    assert_eq!(
        link.try_publish("a", Qos::AtMostOnce, vec![0; 1_024]),
        Err(PublishError::TooLarge { bytes: 1_035, max_bytes: 1_024 })
    );
    let topic = "a/#".to_owned();
    assert_eq!(link.try_publish("a/#", Qos::AtMostOnce, vec![]), Err(PublishError::Topic { topic }));
    link.try_publish("a", Qos::AtMostOnce, vec![7; 1_013]).unwrap();
    assert_eq!(peer.read().await.published().2, vec![7; 1_013]);
    assert_eq!(link.counts().publishes_refused, 1);
}

#[tokio::test]
async fn an_oversized_or_senseless_packet_costs_a_connection_and_no_more() {
    let door = Door::open().await;
    let (_link, mut events) = Link::start(door.link());
    let long = vec![0; 300 * 1024];
    let junk: [&[u8]; 6] = [
        &[0x00, 0x00],
        &[0xf0, 0x02, 0x00, 0x00],
        &[0x20, 0x03, 0x00, 0x00, 0x00, 0x20, 0x01, 0x09],
        &[0x36, 0x05, 0x00, 0x01, b'a', 0x00, 0x01],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x30, 0x04, 0x00, 0x01, 0xff, 0x00],
    ];
    for round in 0..8 {
        let mut peer = door.welcome(&[]).await;
        assert_eq!(next(&mut events).await, LinkEvent::Up);
        match round {
            0 => peer.publish("a", None, &long).await,
            1 => peer.send(0x40, &[0, 9]).await,
            n => peer.raw(junk[n - 2]).await,
        }
        assert!(!down(&mut events).await.is_empty(), "round {round}");
    }
}

#[tokio::test]
async fn a_broker_that_falls_silent_is_left_for_a_new_connection() {
    let door = Door::open().await;
    let mut config = door.link();
    config.timing.silence_ms = Some(50);
    config.timing.connect_ms = 50;
    let (_link, mut events) = Link::start(config);
    let accepted = door.welcome(&[]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    assert_eq!(down(&mut events).await, "nothing heard for 50 ms");
    let never_accepted = door.accept().await;
    assert_eq!(down(&mut events).await, "no connection within 50 ms");
    let _third = door.welcome(&[]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    drop((accepted, never_accepted));
}

#[tokio::test]
async fn a_packet_number_that_the_broker_never_frees_does_not_stall_the_next_connection() {
    let door = Door::open().await;
    let mut config = door.link();
    config.outbox_max = 8;
    config.timing.silence_ms = Some(300);
    // The broker allows two messages under way and acknowledges only every second one.
    let (link, mut events) = Link::start(config);
    let mut peer = door.welcome(&[0x21, 0, 2]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    for n in 0..6 {
        link.publish("a", Qos::AtLeastOnce, vec![n]).await.unwrap();
    }
    peer.read().await;
    let (_, number, _) = peer.read().await.published();
    peer.send(PUBACK, &number.unwrap().to_be_bytes()).await;
    down(&mut events).await;
    let mut peer = door.welcome(&[0x21, 0, 2]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    link.publish("a", Qos::AtLeastOnce, b"last".to_vec()).await.unwrap();
    loop {
        let (_, number, payload) = peer.read().await.published();
        peer.send(PUBACK, &number.unwrap().to_be_bytes()).await;
        if payload == b"last" {
            break;
        }
    }
}

#[tokio::test]
async fn a_slow_reader_loses_only_chunks_and_acknowledges_only_what_it_took() {
    let door = Door::open().await;
    let mut config = door.link();
    config.events_max = 1;
    config.unacknowledged_max = 3;
    let (link, mut events) = Link::start(config);
    let mut peer = door.welcome(&[]).await;
    // `Up` fills the only place. Three messages wait, three chunks are dropped.
    for number in 1..=3 {
        peer.publish("a", Some(number), &[number as u8]).await;
        peer.publish("chunk", None, &[0; 16_128]).await;
    }
    link.publish("mark", Qos::AtMostOnce, vec![]).await.unwrap();
    assert_eq!(peer.read().await.published().0, "mark", "nothing is acknowledged yet");
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    for number in 1..=3_u16 {
        let expected = LinkEvent::Message { topic: "a".into(), payload: vec![number as u8], ack: None };
        assert_eq!(next(&mut events).await, expected);
        let ack = peer.read().await;
        assert_eq!((ack.kind, &ack.body[..2]), (PUBACK, &number.to_be_bytes()[..]));
    }
    assert_eq!(link.counts().chunks_dropped, 3);
}

#[tokio::test]
async fn a_broker_that_ignores_the_agreed_number_of_messages_under_way_is_cut_off() {
    let door = Door::open().await;
    let mut config = door.link();
    config.events_max = 1;
    config.unacknowledged_max = 3;
    let (_link, mut events) = Link::start(config);
    let mut peer = door.welcome(&[]).await;
    for number in 1..=200 {
        peer.publish("a", Some(number), &[0]).await;
    }
    while timeout(PATIENCE, peer.read_or_end()).await.unwrap().is_some() {}
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    let mut messages = 0;
    let why = loop {
        match next(&mut events).await {
            LinkEvent::Message { .. } => messages += 1,
            LinkEvent::Down { why } => break why,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((messages, why.as_str()), (67, "the broker sent more unacknowledged messages than agreed"));
}

#[tokio::test]
async fn by_hand_a_message_is_acknowledged_when_told_and_never_on_another_connection() {
    let door = Door::open().await;
    let mut config = door.link();
    config.manual_acks = true;
    let (link, mut events, mut peer) = up(&door, config).await;
    peer.publish("a", Some(5), b"proof").await;
    let LinkEvent::Message { ack: Some(old), .. } = next(&mut events).await else { panic!("no token") };
    drop(peer);
    down(&mut events).await;
    let mut peer = door.welcome(&[]).await;
    assert_eq!(next(&mut events).await, LinkEvent::Up);
    peer.publish("a", Some(9), b"proof").await;
    let LinkEvent::Message { ack: Some(new), .. } = next(&mut events).await else { panic!("no token") };
    link.ack(old);
    link.ack(new);
    let ack = peer.read().await;
    assert_eq!((ack.kind, &ack.body[..2]), (PUBACK, &[0, 9][..]));
}

#[tokio::test]
async fn closing_sends_what_waits_hears_the_answers_says_goodbye_and_ends() {
    let door = Door::open().await;
    let (link, mut events, mut peer) = up(&door, door.link()).await;
    let other = link.clone();
    for n in 0..20 {
        link.try_publish("a", Qos::AtLeastOnce, vec![n]).unwrap();
    }
    let closing = tokio::spawn(link.close());
    let mut numbers = Vec::new();
    for n in 0..20 {
        let (_, number, payload) = peer.read().await.published();
        assert_eq!(payload, [n]);
        numbers.extend(number);
    }
    for number in numbers {
        peer.send(PUBACK, &number.to_be_bytes()).await;
    }
    assert_eq!(peer.read().await.kind, DISCONNECT);
    assert!(!closing.is_finished(), "the broker hangs up first");
    drop(peer);
    closing.await.unwrap();
    assert_eq!(events.recv().await, None);
    assert_eq!(other.try_publish("a", Qos::AtMostOnce, vec![]), Err(PublishError::Closed));
    assert_eq!(other.subscribe(subscription("a")).await, Err(SubscribeError::Closed));
}

#[tokio::test]
async fn closing_does_not_wait_for_a_broker_that_never_answers() {
    let door = Door::open().await;
    let (link, mut events, _peer) = up(&door, door.link()).await;
    link.try_publish("a", Qos::AtLeastOnce, vec![1]).unwrap();
    timeout(PATIENCE, link.close()).await.unwrap();
    assert_eq!(events.recv().await, None);
}

#[tokio::test]
async fn it_ends_with_its_last_handle_or_its_reader() {
    let door = Door::open().await;
    let (link, mut events, mut peer) = up(&door, door.link()).await;
    drop(link);
    assert_eq!(peer.read().await.kind, DISCONNECT);
    drop(peer);
    assert_eq!(timeout(PATIENCE, events.recv()).await.unwrap(), None);
    let (_link, events, mut peer) = up(&door, door.link()).await;
    drop(events);
    assert_eq!(peer.read().await.kind, DISCONNECT);
}

#[tokio::test]
async fn an_unreachable_broker_is_told_once_and_closing_does_not_wait_for_it() {
    let door = Door::open().await;
    let config = door.link();
    drop(door);
    let (link, mut events) = Link::start(config);
    assert!(down(&mut events).await.contains("refused"));
    assert_eq!(link.subscribe(subscription("a")).await, Err(SubscribeError::Down));
    timeout(PATIENCE, link.close()).await.unwrap();
    assert_eq!(events.recv().await, None);
}

#[test]
fn a_configuration_never_prints_its_password() {
    let mut config = LinkConfig::new("mqtt://u:secret1@h".parse().unwrap(), "x");
    config.password = Some("secret2".into());
    assert!(!format!("{config:?}").contains("secret"));
}
