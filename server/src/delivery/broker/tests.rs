//! The broker at work: real sockets on loopback, the desk's and the players' own link as client.
//!
//! Next: `tests_access.rs` for what it forbids, `tests_load.rs` for what it carries.

use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use loa_host::link::{BrokerUrl, Link, LinkConfig, LinkEvent, Qos, Subscription, Timing};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::raw::{Connect, PATIENCE, Raw, packet, string, subscribe};
use super::*;

pub(super) type Events = Receiver<LinkEvent>;

/// Admits every player whose password is `pw-` and its id.
pub(super) struct Everybody;

impl Gate for Everybody {
    fn admits(&self, player: &str, password: Option<&[u8]>) -> bool {
        password == Some(format!("pw-{player}").as_bytes())
    }
}

pub(super) fn config() -> BrokerConfig {
    BrokerConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        door: None,
        desk_user: "DESK".into(),
        desk_password: "right".into(),
        max_connections: 1_000,
        max_packet_bytes: 256 * 1024,
        stall_max_ms: STALL_MAX_MS,
        gate: Arc::new(Everybody),
    }
}

pub(super) async fn broker() -> Broker {
    Broker::start(config()).await.unwrap()
}

fn quick(address: SocketAddr, id: &str, user: &str, password: &str) -> LinkConfig {
    let mut config = LinkConfig::new(BrokerUrl::new(address.ip().to_string(), address.port()), id);
    config.user = Some(user.into());
    config.password = Some(password.into());
    config.timing = Timing { retry_shortest_ms: 5, retry_longest_ms: 50, ..Timing::default() };
    config
}

pub(super) fn desk(address: SocketAddr, filters: &[&str]) -> LinkConfig {
    let mut config = quick(address, "desk:test", "DESK", "right");
    config.subscriptions = subscriptions(filters);
    config
}

pub(super) fn player(address: SocketAddr, id: &str, filters: &[&str]) -> LinkConfig {
    let mut config = quick(address, id, id, &format!("pw-{id}"));
    config.subscriptions = subscriptions(filters);
    config
}

fn subscriptions(filters: &[&str]) -> Vec<Subscription> {
    filters.iter().map(|&filter| Subscription { filter: filter.into(), qos: Qos::AtLeastOnce }).collect()
}

pub(super) async fn next(events: &mut Events) -> LinkEvent {
    timeout(PATIENCE, events.recv()).await.expect("an event").expect("a live link")
}

pub(super) async fn up(config: LinkConfig) -> (Link, Events) {
    let (link, mut events) = Link::start(config);
    until_up(&mut events).await;
    (link, events)
}

async fn until_up(events: &mut Events) {
    loop {
        match next(events).await {
            LinkEvent::Up => return,
            LinkEvent::Down { .. } => {}
            other => panic!("{other:?} instead of Up"),
        }
    }
}

pub(super) async fn message(events: &mut Events) -> (String, Vec<u8>) {
    match next(events).await {
        LinkEvent::Message { topic, payload, .. } => (topic, payload),
        other => panic!("{other:?} instead of a message"),
    }
}

/// The desk says something to a player and hears its answer: the broker is alive and passes messages both ways.
async fn works(address: SocketAddr) {
    let (desk, mut desk_hears) = up(desk(address, &["loa1/p/+/up"])).await;
    let (player, mut player_hears) = up(player(address, "probe", &["loa1/p/probe/dn"])).await;
    desk.publish("loa1/p/probe/dn", Qos::AtLeastOnce, b"there?".to_vec()).await.unwrap();
    assert_eq!(message(&mut player_hears).await.1, b"there?");
    player.publish("loa1/p/probe/up", Qos::AtLeastOnce, b"here".to_vec()).await.unwrap();
    assert_eq!(message(&mut desk_hears).await, ("loa1/p/probe/up".into(), b"here".to_vec()));
    desk.close().await;
    player.close().await;
}

#[tokio::test]
async fn it_refuses_what_would_be_open_to_the_network_or_to_everybody() {
    let start = |change: fn(&mut BrokerConfig)| async move {
        let mut config = config();
        change(&mut config);
        Broker::start(config).await.err().map(|error| error.to_string()).unwrap_or_default()
    };
    for listen in ["0.0.0.0:0", "192.0.2.1:1883", "[::]:0"] {
        let config = BrokerConfig { listen: listen.parse().unwrap(), ..config() };
        let Err(error) = Broker::start(config).await else { panic!("listens on {listen}") };
        assert!(matches!(error, BrokerError::BeyondLoopback { .. }), "{error}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
    assert!(start(|c| c.desk_user = "desk".into()).await.contains("id of a player"));
    assert!(start(|c| c.desk_password = String::new()).await.contains("password"));
}

#[tokio::test]
async fn a_second_broker_on_the_same_port_is_refused_and_the_first_goes_on() {
    let first = broker().await;
    let second = Broker::start(BrokerConfig { listen: first.address(), ..config() }).await;
    assert!(matches!(second, Err(BrokerError::Listen { .. })));
    works(first.address()).await;
    first.shutdown().await;
}

#[tokio::test]
async fn twelve_restarts_on_one_port_with_live_clients_lose_nobody() {
    let mut broker = broker().await;
    let address = broker.address();
    let (desk, mut desk_hears) = up(desk(address, &["loa1/p/+/up"])).await;
    let (player, mut player_hears) = up(player(address, "xa-7", &["loa1/p/xa-7/dn"])).await;
    for round in 0..12_u8 {
        broker.shutdown().await;
        broker = Broker::start(BrokerConfig { listen: address, ..config() }).await.unwrap();
        until_up(&mut desk_hears).await;
        until_up(&mut player_hears).await;
        desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, vec![round]).await.unwrap();
        assert_eq!(message(&mut player_hears).await.1, [round]);
        player.publish("loa1/p/xa-7/up", Qos::AtLeastOnce, vec![round]).await.unwrap();
        assert_eq!(message(&mut desk_hears).await.1, [round]);
    }
    broker.shutdown().await;
}

#[test]
fn twenty_starts_and_stops_leave_no_thread_and_no_socket() {
    // In a process of its own: other tests open sockets too.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "delivery::broker::tests::start_and_stop_twenty_times"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "counts the process's sockets: run alone, by the test above"]
async fn start_and_stop_twenty_times() {
    let open = || {
        let count = |folder| std::fs::read_dir(folder).unwrap().count();
        (count("/proc/self/fd"), std::fs::read_dir("/proc/self/task").unwrap().filter(is_broker).count())
    };
    fn is_broker(task: &std::io::Result<std::fs::DirEntry>) -> bool {
        let name = task.as_ref().map(|task| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default());
        name.is_ok_and(|name| name.starts_with("loa-broker"))
    }
    let before = open();
    for _ in 0..20 {
        let broker = broker().await;
        let mut clients = Vec::new();
        for n in 0..10 {
            let id = format!("p-{n}");
            clients.push(Raw::connected(broker.address(), &Connect::player(&id, &format!("pw-{id}"))).await);
        }
        assert!(open().1 > 0, "the broker's threads have their name");
        broker.shutdown().await;
        drop(clients);
    }
    // What has ended is still listed for a moment.
    let patience = Instant::now() + PATIENCE;
    while open() != before && Instant::now() < patience {
        tokio::task::yield_now().await;
    }
    assert_eq!(open(), before);
}

#[tokio::test]
async fn payloads_of_64_kib_arrive_intact_both_ways() {
    let broker = broker().await;
    let (desk, mut desk_hears) = up(desk(broker.address(), &["loa1/p/+/pop"])).await;
    let (player, mut player_hears) = up(player(broker.address(), "xa-7", &["loa1/p/xa-7/dn"])).await;
    let payload: Vec<u8> = (0..64 * 1024_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, payload.clone()).await.unwrap();
    assert!(message(&mut player_hears).await.1 == payload);
    player.publish("loa1/p/xa-7/pop", Qos::AtLeastOnce, payload.clone()).await.unwrap();
    assert!(message(&mut desk_hears).await.1 == payload);
    broker.shutdown().await;
}

#[tokio::test]
async fn a_second_connection_of_a_player_ends_the_first() {
    let broker = broker().await;
    let connect = Connect::player("xa-7", "pw-xa-7");
    let (mut ghost, _, _) = Raw::connected(broker.address(), &connect).await;
    ghost.send(&subscribe("loa1/p/xa-7/dn")).await;
    ghost.read().await.unwrap();
    let (_player, mut hears) = up(player(broker.address(), "xa-7", &["loa1/p/xa-7/dn"])).await;
    ghost.end().await;
    let (desk, _desk_hears) = up(desk(broker.address(), &[])).await;
    desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, b"once".to_vec()).await.unwrap();
    assert_eq!(message(&mut hears).await.1, b"once");
    broker.shutdown().await;
}

#[tokio::test]
async fn a_player_whose_line_is_cut_again_and_again_hears_after_every_return() {
    let broker = broker().await;
    let (desk, _desk_hears) = up(desk(broker.address(), &[])).await;
    let connect = Connect::player("xa-7", "pw-xa-7");
    let mut turned_away = 0;
    for round in 0..300_u16 {
        let (mut raw, _, reason) = Raw::connected(broker.address(), &connect).await;
        if reason != 0 {
            // Its last connection is just being taken down. A link tries again.
            turned_away += 1;
            continue;
        }
        raw.send(&subscribe("loa1/p/xa-7/dn")).await;
        assert_eq!(raw.read().await.unwrap().1[3], 1);
        let payload = round.to_be_bytes().to_vec();
        desk.publish("loa1/p/xa-7/dn", Qos::AtMostOnce, payload.clone()).await.unwrap();
        let (_, body) = raw.read().await.expect("a live connection");
        assert!(body.ends_with(&payload), "round {round}");
    }
    println!("turned away {turned_away} times of 300");
    assert!(turned_away < 100, "{turned_away}");
    broker.shutdown().await;
}

#[tokio::test]
async fn connections_are_bounded() {
    let broker = Broker::start(BrokerConfig { max_connections: 3, ..config() }).await.unwrap();
    let mut clients = Vec::new();
    for n in 0..5 {
        let id = format!("p-{n}");
        clients.push(Raw::connected(broker.address(), &Connect::player(&id, &format!("pw-{id}"))).await);
    }
    let reasons: Vec<u8> = clients.iter().map(|(_, _, reason)| *reason).collect();
    assert_eq!(reasons, [0, 0, 0, 0x88, 0x88]);
    broker.shutdown().await;
}

#[tokio::test]
async fn junk_leaves_the_broker_alive() {
    let broker = broker().await;
    let good = Connect::player("xa-7", "pw-xa-7");
    let connack: &[u8] = &[0x20, 0x03, 0x00, 0x00, 0x00];
    let junk: Vec<Vec<u8>> = vec![
        // What killed another broker: a client that sends the server's packet, before and after it is let in.
        connack.to_vec(),
        [&good.bytes()[..], connack].concat(),
        [good.bytes(), good.bytes()].concat(),
        [&good.bytes()[..], &[0x82, 0x02, 0x00, 0x01]].concat(),
        [&good.bytes()[..], &[0x30, 0x00]].concat(),
        [&good.bytes()[..], &[0x36, 0x04, 0x00, 0x01, b'a', 0x00]].concat(),
        [&good.bytes()[..], &[0x62, 0x02, 0x00, 0x07]].concat(),
        [&good.bytes()[..], &[0xf0, 0x00]].concat(),
        [good.bytes(), packet(0x32, &[&string("loa1/p/xa-7/up")[..], &[0, 0, 0]].concat())].concat(),
        [good.bytes(), packet(0x30, &[&string("loa1/p/xa-7/up")[..], &[3, 0x23, 0xff, 0xff]].concat())].concat(),
        [good.bytes(), subscribe("$share/g/#"), subscribe(""), subscribe("\0")].concat(),
        [&good.bytes()[..], &[0xe0, 0x00]].concat(),
        vec![0x10, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x10, 0x02, 0x00, 0x04],
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        vec![0; 100_000],
        vec![0xff; 100_000],
    ];
    for bytes in &junk {
        Raw::to(broker.address()).await.send(bytes).await;
    }
    let mut random = 42_u64;
    for round in 0..400 {
        let mut bytes = if round % 2 == 0 { good.bytes() } else { Vec::new() };
        for _ in 0..64 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            bytes.extend_from_slice(&(random >> 24).to_be_bytes()[3..]);
        }
        // Half of them damage the CONNECT itself.
        if round % 4 == 0 {
            let at = (random >> 33) as usize % 40;
            bytes[at] ^= 1 << (round % 8);
        }
        Raw::to(broker.address()).await.send(&bytes).await;
    }
    works(broker.address()).await;
    broker.shutdown().await;
}

#[tokio::test]
async fn a_client_that_announces_a_huge_connect_is_hung_up_on_before_it_sends_it() {
    let broker = broker().await;
    let mut half_open = Vec::new();
    for _ in 0..100 {
        let mut raw = Raw::to(broker.address()).await;
        // 14 MB to come, of which only the protocol's name is sent.
        raw.send(&[&[0x10, 0x80, 0xc0, 0xd6, 0x06, 0, 4][..], b"MQTT", &[5, 2, 0, 60]].concat()).await;
        half_open.push(raw);
    }
    for raw in &mut half_open {
        raw.end().await;
    }
    works(broker.address()).await;
    broker.shutdown().await;
}
