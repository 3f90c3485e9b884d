//! The way in from other machines, tried from outside: who gets through the door, as whom, and who is cut off again.
//!
//! Next: `door.rs`; `tests_flood.rs` for crowds.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use loa_domain::delivery::certificate::{key_mark, visitor_id};
use loa_domain::keys::SecretKey;
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::keyfile;
use loa_host::link::{BrokerUrl, Credentials, Link, LinkConfig, LinkEvent, Message, Qos, Subscription, Timing};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::raw::{Connect, Raw, packet, string, subscribe};
use super::tests::{config, desk, message, next, up};
use super::*;
use crate::authority::{Authority, roll};

const ACCEPTED: u8 = 0;
const NOT_AUTHORIZED: u8 = 0x87;
const DAY_MS: i64 = 86_400_000;

/// Knows players by the hash of their key; takes visitors with a code.
#[derive(Default)]
pub(super) struct Known(pub(super) Mutex<HashSet<(String, String)>>);

impl Gate for Known {
    fn admits(&self, player: &str, password: Option<&[u8]>) -> bool {
        password == Some(format!("pw-{player}").as_bytes())
    }

    fn admits_certificate(&self, player: &str, key_mark: &str) -> bool {
        self.0.lock().unwrap().contains(&(player.to_owned(), key_mark.to_owned()))
    }

    fn admits_visitor(&self, _: &str, claim: Option<&[u8]>, _: IpAddr) -> bool {
        claim == Some(b"let-me-in")
    }
}

/// A desk's broker with its door, its authority, and what its players hold.
pub(super) struct House {
    pub(super) dir: TempDir,
    pub(super) broker: Broker,
    pub(super) gate: Arc<Known>,
    shown: watch::Sender<handshake::Handshake>,
}

fn clock_ms() -> i64 {
    Clock::machine().now().utc_ns.div_euclid(1_000_000)
}

fn names() -> Vec<String> {
    vec!["localhost".to_owned(), "127.0.0.1".to_owned()]
}

fn shows(authority: &Authority) -> handshake::Handshake {
    let file = authority.broker_file(&names(), UtcMs(clock_ms())).unwrap();
    handshake::Handshake::new(&file, &authority.authorities()).unwrap()
}

pub(super) fn own_key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

impl House {
    pub(super) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open(dir.path(), UtcMs(clock_ms())).unwrap();
        authority.authorities_file().unwrap();
        let (shown, handshake) = watch::channel(shows(&authority));
        let door = DoorConfig { listen: "127.0.0.1:0".parse().unwrap(), handshake, clock: Clock::machine() };
        let gate = Arc::new(Known::default());
        let all = BrokerConfig { door: Some(door), gate: gate.clone(), max_connections: 20_000, ..config() };
        Self { dir, broker: Broker::start(all).await.unwrap(), gate, shown }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.broker.door_address().unwrap()
    }

    fn authority(&self) -> Authority {
        Authority::open(self.dir.path(), UtcMs(clock_ms())).unwrap()
    }

    /// A player that the gate knows: the file with its certificate and key.
    pub(super) fn player(&self, id: &str, seed: u8) -> PathBuf {
        let mark = key_mark(&own_key(seed).public()).to_string();
        self.gate.0.lock().unwrap().insert((id.to_owned(), mark));
        self.certificate(&self.authority(), id, seed, 0)
    }

    /// A certificate that was issued so many days ago.
    fn certificate(&self, authority: &Authority, id: &str, seed: u8, days_ago: i64) -> PathBuf {
        static NUMBER: AtomicI64 = AtomicI64::new(0);
        let now = UtcMs(clock_ms() - days_ago * DAY_MS);
        let transport = own_key(seed ^ 0x80);
        let player = id.parse().unwrap();
        let issued = authority.issue(&player, &own_key(seed).public(), &transport.public(), now).unwrap();
        let file = self.dir.path().join(format!("{id}.{}.pem", NUMBER.fetch_add(1, Ordering::Relaxed)));
        std::fs::write(&file, issued.pem + &keyfile::pem(&transport)).unwrap();
        file
    }

    pub(super) fn authorities(&self) -> PathBuf {
        self.dir.path().join("authorities.pem")
    }

    pub(super) fn link(&self, id: &str, own: Option<PathBuf>, filters: &[&str]) -> LinkConfig {
        let mut config = LinkConfig::new(BrokerUrl::secure("localhost", self.address().port()), id);
        config.user = Some(id.to_owned());
        config.credentials = Some(Credentials::new(self.authorities(), own));
        config.timing = Timing { retry_shortest_ms: 5, retry_longest_ms: 50, ..Timing::default() };
        config.subscriptions =
            filters.iter().map(|&filter| Subscription { filter: filter.into(), qos: Qos::AtLeastOnce }).collect();
        config
    }

    /// A connection by hand, after the handshake of TLS.
    pub(super) async fn raw(&self, own: Option<&PathBuf>) -> Raw<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_file_iter(self.authorities()).unwrap() {
            roots.add(authority.unwrap()).unwrap();
        }
        let config =
            ClientConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots);
        let config = match own {
            None => config.with_no_client_auth(),
            Some(own) => {
                let chain = CertificateDer::pem_file_iter(own).unwrap().map(Result::unwrap).collect();
                config.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(own).unwrap()).unwrap()
            }
        };
        let stream = TcpStream::connect(self.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        Raw { stream: TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap() }
    }
}

async fn why_not(config: LinkConfig) -> String {
    let (link, mut events) = Link::start(config);
    let why = match next(&mut events).await {
        LinkEvent::Down { why } => why,
        other => panic!("{other:?} instead of a refusal"),
    };
    link.close().await;
    why
}

#[tokio::test]
async fn a_player_with_a_certificate_speaks_and_hears_and_leaves_its_will() {
    let house = House::open().await;
    let own = house.player("xa-7", 7);
    let (desk, mut desk_hears) = up(desk(house.broker.address(), &["loa1/#"])).await;
    let mut config = house.link("xa-7", Some(own), &["loa1/p/xa-7/dn", "loa1/p/xa-7/ck"]);
    config.will = Some(Message { topic: "loa1/p/xa-7/up".into(), qos: Qos::AtLeastOnce, payload: b"gone".to_vec() });
    let (player, mut hears) = up(config).await;
    desk.publish("loa1/p/xa-7/ck", Qos::AtMostOnce, vec![5; 200_000]).await.unwrap();
    assert_eq!(message(&mut hears).await.1.len(), 200_000);
    // Its own echo on what the desk hears of everything.
    assert_eq!(message(&mut desk_hears).await.1.len(), 200_000);
    player.publish("loa1/p/xa-7/pop", Qos::AtLeastOnce, vec![6; 60_000]).await.unwrap();
    assert_eq!(message(&mut desk_hears).await.1, vec![6; 60_000]);
    player.publish("loa1/p/xa-8/up", Qos::AtLeastOnce, b"forged".to_vec()).await.unwrap();
    assert!(house.broker.disconnect("xa-7").await);
    assert_eq!(message(&mut desk_hears).await, ("loa1/p/xa-7/up".into(), b"gone".to_vec()));
    drop(player);
    house.broker.shutdown().await;
}

#[tokio::test]
async fn whoever_has_no_certificate_or_anothers_gets_nowhere() {
    let house = House::open().await;
    let seven = house.player("xa-7", 7);
    house.player("xa-8", 8);
    // Another client id or user name than the certificate's, the desk's name with its right password, no certificate.
    let desk_name = Connect { id: "desk:test", user: Some("DESK"), password: Some("right"), ..Connect::player("", "") };
    let wrong = [
        (Some(&seven), Connect::player("xa-8", "pw-xa-8")),
        (Some(&seven), Connect { user: Some("xa-8"), ..Connect::player("xa-7", "") }),
        (Some(&seven), Connect { id: "xa-8", ..Connect::player("xa-7", "") }),
        (Some(&seven), Connect { user: None, password: None, ..Connect::player("xa-7", "") }),
        (Some(&seven), Connect { ..desk_name }),
        (None, desk_name),
        (None, Connect::player("xa-7", "pw-xa-7")),
    ];
    for (n, (own, connect)) in wrong.iter().enumerate() {
        assert_eq!(house.raw(*own).await.reason(connect).await, Some(NOT_AUTHORIZED), "{n}");
    }
    assert_eq!(house.raw(Some(&seven)).await.reason(&Connect::player("xa-7", "")).await, Some(ACCEPTED));
    // A certificate that was made for the device before this one.
    let before = house.certificate(&house.authority(), "xa-7", 9, 0);
    assert_eq!(house.raw(Some(&before)).await.reason(&Connect::player("xa-7", "")).await, Some(NOT_AUTHORIZED));
    house.broker.shutdown().await;
}

#[tokio::test]
async fn certificates_of_others_ended_ones_and_the_brokers_own_are_refused_and_the_player_is_told() {
    let house = House::open().await;
    house.player("xa-7", 7);
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = Authority::open(elsewhere.path(), UtcMs(clock_ms())).unwrap();
    let own = house.authority();
    let cases = [
        (house.certificate(&stranger, "xa-7", 7, 0), "UnknownCA"),
        (house.certificate(&own, "xa-7", 7, 91), "CertificateExpired"),
        (house.dir.path().join("broker.pem"), "BadCertificate"),
    ];
    for (file, alert) in cases {
        let config = house.link("xa-7", Some(file), &[]);
        let credentials = config.credentials.clone().unwrap();
        let why = why_not(config).await;
        assert!(why.starts_with("TLS: "), "{why}");
        assert!(credentials.is_refused(), "{alert}: {why}");
    }
    // A broker that is none of ours: the player does not go on.
    let mut config = house.link("xa-7", Some(house.player("xa-7", 7)), &[]);
    config.credentials = Some(Credentials::new(stranger.authorities_file().unwrap(), None));
    let why = why_not(config.clone()).await;
    assert!(why.contains("UnknownIssuer"), "{why}");
    config.credentials = None;
    assert!(why_not(config).await.contains("authority"));
    house.broker.shutdown().await;
}

/// A ClientHello of TLS 1.2 with suites every server of its time had (RFC 5246 §7.4.1.2).
fn hello_of_tls_1_2() -> Vec<u8> {
    let mut body = [&[3, 3][..], &[7; 32], &[0, 0, 4, 0xc0, 0x2f, 0xc0, 0x2b, 1, 0]].concat();
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..],  // groups: P-256
        &[0, 11, 0, 2, 1, 0],             // points: uncompressed
        &[0, 13, 0, 6, 0, 4, 4, 3, 4, 1], // signatures: ECDSA and RSA with SHA-256
    ]
    .concat();
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let message = [&[1, 0][..], &(body.len() as u16).to_be_bytes(), &body].concat();
    [&[22, 3, 1][..], &(message.len() as u16).to_be_bytes(), &message].concat()
}

#[tokio::test]
async fn tls_1_2_and_plain_mqtt_are_no_way_in() {
    let house = House::open().await;
    let mut old = TcpStream::connect(house.address()).await.unwrap();
    old.write_all(&hello_of_tls_1_2()).await.unwrap();
    let mut answer = Vec::new();
    old.read_to_end(&mut answer).await.unwrap();
    // An alert, fatal: protocol_version (RFC 8446 §6).
    assert_eq!((answer[0], &answer[5..]), (21, &[2, 70][..]), "{answer:02x?}");
    let mut plain = Raw::to(house.address()).await;
    plain.send(&Connect::player("xa-7", "pw-xa-7").bytes()).await;
    let mut rest = Vec::new();
    plain.stream.read_to_end(&mut rest).await.unwrap();
    assert_ne!(rest.first(), Some(&0x20), "no CONNACK: {rest:02x?}");
    house.broker.shutdown().await;
}

#[tokio::test]
async fn a_visitor_asks_on_its_own_topic_and_sees_nothing_else() {
    let house = House::open().await;
    let id = visitor_id(&own_key(7).public());
    let (up_topic, dn) = (format!("loa1/n/{id}/up"), format!("loa1/n/{id}/dn"));
    let (desk, mut desk_hears) = up(desk(house.broker.address(), &["loa1/n/+/up"])).await;
    let with = |password: &'static str| Connect { password: Some(password), ..Connect::player(&id, "") };
    assert_eq!(house.raw(None).await.reason(&with("wrong")).await, Some(NOT_AUTHORIZED));
    let on_loopback = Raw::connected(house.broker.address(), &with("let-me-in")).await.2;
    assert_eq!(on_loopback, NOT_AUTHORIZED, "visitors come through the door alone");
    let mut config = house.link(&id, None, &[&dn]);
    config.password = Some("let-me-in".to_owned());
    let (visitor, mut hears) = up(config).await;
    for filter in ["loa1/g/all/dn", "loa1/p/xa-7/dn", "#", "loa1/n/+/dn", "$share/a/loa1/n/+/up", "$SYS/#"] {
        let answer = visitor.subscribe(Subscription { filter: filter.into(), qos: Qos::AtLeastOnce }).await;
        assert!(answer.is_err(), "{filter}");
    }
    visitor.publish("loa1/p/xa-7/up", Qos::AtLeastOnce, b"forged".to_vec()).await.unwrap();
    visitor.publish(&up_topic, Qos::AtLeastOnce, b"please".to_vec()).await.unwrap();
    assert_eq!(message(&mut desk_hears).await, (up_topic, b"please".to_vec()));
    desk.publish(&dn, Qos::AtLeastOnce, vec![1; 5_000]).await.unwrap();
    assert_eq!(message(&mut hears).await.1.len(), 5_000);
    house.broker.shutdown().await;
}

#[tokio::test]
async fn a_player_that_is_not_admitted_any_more_is_cut_off_with_all_it_was_allowed_to_hear() {
    let house = House::open().await;
    let own = house.player("xa-7", 7);
    let other = house.player("xa-8", 8);
    let (_seven, mut seven_hears) = up(house.link("xa-7", Some(own.clone()), &["loa1/p/xa-7/dn"])).await;
    let (_eight, mut eight_hears) = up(house.link("xa-8", Some(other), &["loa1/p/xa-8/dn"])).await;
    assert_eq!(house.broker.door().unwrap().cut_unwelcome(&*house.gate), 0);
    house.gate.0.lock().unwrap().retain(|(id, _)| id != "xa-7");
    assert_eq!(house.broker.door().unwrap().cut_unwelcome(&*house.gate), 1);
    assert!(matches!(next(&mut seven_hears).await, LinkEvent::Down { .. }));
    while house.broker.is_connected("xa-7").await {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.raw(Some(&own)).await.reason(&Connect::player("xa-7", "")).await, Some(NOT_AUTHORIZED));
    let (desk, _events) = up(desk(house.broker.address(), &[])).await;
    desk.publish("loa1/p/xa-8/dn", Qos::AtLeastOnce, b"still".to_vec()).await.unwrap();
    assert_eq!(message(&mut eight_hears).await.1, b"still");
    house.broker.shutdown().await;
}

#[tokio::test]
async fn a_new_authority_takes_over_while_players_of_the_old_one_stay_and_come_back() {
    let house = House::open().await;
    let old = house.player("xa-7", 7);
    let (player, mut hears) = up(house.link("xa-7", Some(old.clone()), &["loa1/p/xa-7/dn"])).await;
    roll(house.dir.path(), UtcMs(clock_ms())).unwrap();
    // The file that players hold stays the old one: they were off, or have not renewed yet.
    house.shown.send_replace(shows(&house.authority()));
    let (desk, _events) = up(desk(house.broker.address(), &[])).await;
    desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, b"no cut".to_vec()).await.unwrap();
    assert_eq!(message(&mut hears).await.1, b"no cut");
    player.close().await;
    // The broker's certificate is of the new authority, the player knows only the old one, and shows one of it.
    let (again, _hears) = up(house.link("xa-7", Some(old), &[])).await;
    again.close().await;
    // Its next certificate is of the new authority.
    let new = house.certificate(&house.authority(), "xa-7", 7, 0);
    let (again, _hears) = up(house.link("xa-7", Some(new), &[])).await;
    again.close().await;
    house.broker.shutdown().await;
}

#[tokio::test]
async fn huge_and_malformed_packets_end_the_connection_that_sent_them_and_no_other() {
    let house = House::open().await;
    let own = house.player("xa-7", 7);
    let other = house.player("xa-8", 8);
    let (_eight, mut eight_hears) = up(house.link("xa-8", Some(other), &["loa1/p/xa-8/dn"])).await;
    let huge_connect = [0x10, 0xff, 0xff, 0xff, 0x7f];
    let first = [
        &huge_connect[..],
        &packet(0x30, b"early"),
        &[0x10, 0x80, 0x80, 0x80, 0x80, 1],
        &[0; 64],
        &packet(0x10, &[9; 30]),
    ];
    for bytes in first {
        let mut raw = house.raw(Some(&own)).await;
        raw.send(bytes).await;
        raw.end().await;
    }
    let large = packet(0x30, &[&string("loa1/p/xa-7/pop")[..], &[0], &vec![1; 70_000]].concat());
    let later = [
        large,
        packet(0x30, &[0, 200, 1]),
        packet(0x82, &[0, 0]),
        packet(0xf0, &[]),
        vec![0x36, 0x80, 0x80, 0x80, 0x80],
    ];
    for bytes in later {
        let mut raw = house.raw(Some(&own)).await;
        assert_eq!(raw.reason(&Connect::player("xa-7", "")).await, Some(ACCEPTED));
        raw.send(&bytes).await;
        raw.end().await;
    }
    let mut raw = house.raw(Some(&own)).await;
    assert_eq!(raw.reason(&Connect::player("xa-7", "")).await, Some(ACCEPTED));
    for filter in ["#", "$SYS/#", "$share/g/loa1/p/xa-8/dn", "loa1/p/+/dn"] {
        raw.send(&subscribe(filter)).await;
        let (kind, body) = raw.read().await.unwrap();
        assert!(kind == 0x90 && body[3] >= 0x80, "{filter}: {body:02x?}");
    }
    let (desk, _events) = up(desk(house.broker.address(), &[])).await;
    desk.publish("loa1/p/xa-8/dn", Qos::AtLeastOnce, b"still".to_vec()).await.unwrap();
    assert_eq!(message(&mut eight_hears).await.1, b"still");
    assert!(house.broker.door().unwrap().counts().broken >= 1);
    house.broker.shutdown().await;
}

#[tokio::test]
async fn a_second_connection_of_a_player_ends_the_first() {
    let house = House::open().await;
    let own = house.player("xa-7", 7);
    let mut first = house.raw(Some(&own)).await;
    assert_eq!(first.reason(&Connect::player("xa-7", "")).await, Some(ACCEPTED));
    let mut second = house.raw(Some(&own)).await;
    assert_eq!(second.reason(&Connect::player("xa-7", "")).await, Some(ACCEPTED));
    first.end().await;
    second.send(&packet(0xc0, &[])).await;
    assert_eq!(second.read().await.unwrap().0, 0xd0);
    house.broker.shutdown().await;
}
