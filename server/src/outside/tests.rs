//! The files as golden text; Mosquitto's also before a real Mosquitto, with the same attacks as our own door.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream as StdStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use loa_domain::keys::SecretKey;
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::keyfile;
use loa_host::link::{BrokerUrl, Credentials, Link, LinkConfig, LinkEvent, Qos, Subscription, Timing};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::*;
use crate::authority::Authority;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn what_is_written_for_other_brokers_is_what_people_have_read() {
    let outside = Outside { dir: PathBuf::from("/etc/loa"), port: 8883 };
    for (kind, file) in [(Kind::Mosquitto, "mosquitto.golden.txt"), (Kind::Emqx, "emqx.golden.txt")] {
        let page = |(name, text): (&str, String)| format!("==> {name}\n{text}\n");
        let page: String = outside.files(kind).into_iter().map(page).collect();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outside").join(file);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, page).unwrap();
        } else {
            assert_eq!(page, std::fs::read_to_string(&golden).unwrap(), "{file}");
        }
    }
}

/// As far as it can be checked here: brackets close, terms end, strings end.
#[test]
fn what_is_written_for_emqx_is_whole() {
    let outside = Outside { dir: PathBuf::from("/etc/loa"), port: 8883 };
    for (name, text) in outside.files(Kind::Emqx) {
        let mut open = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with(['#', '%'])) {
            assert_eq!(line.matches('"').count() % 2, 0, "{name}: {line}");
            for letter in line.chars() {
                match letter {
                    '{' | '[' => open.push(letter),
                    '}' => assert_eq!(open.pop(), Some('{'), "{name}: {line}"),
                    ']' => assert_eq!(open.pop(), Some('['), "{name}: {line}"),
                    _ => {}
                }
            }
            assert!(name != "acl.conf" || line.ends_with("}."), "{line}");
        }
        assert!(open.is_empty(), "{name}");
    }
}

struct Mosquitto {
    child: Child,
    outside: Outside,
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn clock() -> UtcMs {
    crate::serve::now(&Clock::machine())
}

/// A port that is free now, as is the one two above it.
fn port() -> u16 {
    let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?.local_addr().ok().map(|a| a.port());
    let both = || free(0).filter(|port| *port < 65_000 && free(port + 2).is_some());
    std::iter::repeat_with(both).flatten().next().unwrap()
}

fn start() -> Option<Mosquitto> {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), clock()).unwrap();
    let certificate = authority.outside_broker(&["localhost".to_owned()], clock()).unwrap();
    let outside = Outside { dir: folder.path().to_owned(), port: port() };
    authority.authorities_file().unwrap();
    let mut files = outside.files(Kind::Mosquitto);
    files.extend([(CERTIFICATE, certificate.chain), (KEY, certificate.key)]);
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    // A broker that is started as root would become another user, who may not read this folder.
    let config = folder.path().join("mosquitto.conf");
    let mut file = std::fs::OpenOptions::new().append(true).open(&config).unwrap();
    writeln!(file, "user root").unwrap();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    for program in ["mosquitto", "/usr/sbin/mosquitto"] {
        let mut command = Command::new(program);
        command.arg("-c").arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log.try_clone().unwrap());
        if let Ok(child) = command.spawn() {
            let mosquitto = Mosquitto { child, outside, authority, folder };
            mosquitto.wait();
            return Some(mosquitto);
        }
    }
    eprintln!("skipped: mosquitto is not installed (apt-get install mosquitto)");
    None
}

impl Mosquitto {
    fn wait(&self) {
        let deadline = Instant::now() + PATIENCE;
        while StdStream::connect((Ipv4Addr::LOCALHOST, self.outside.desk_port())).is_err() {
            let said = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "Mosquitto does not start: {}", said());
            std::thread::yield_now();
        }
    }

    fn player(&self, id: &str, authority: &Authority, days_ago: i64) -> PathBuf {
        let key = SecretKey::from_seed(&[9; 32]);
        let at = clock().plus_ms(-days_ago * 86_400_000);
        let issued = authority.issue(&id.parse().unwrap(), &key.public(), &key.public(), at).unwrap();
        let file = self.folder.path().join(format!("{id}.{days_ago}.{}.pem", authority.numbers().len()));
        std::fs::write(&file, issued.pem + &keyfile::pem(&key)).unwrap();
        file
    }

    fn link(&self, port: u16, id: &str, own: Option<PathBuf>, filters: &[&str]) -> LinkConfig {
        let mut config = LinkConfig::new(BrokerUrl::secure("localhost", port), id);
        config.credentials = Some(Credentials::new(self.folder.path().join(AUTHORITIES), own));
        config.timing = Timing { retry_shortest_ms: 5, retry_longest_ms: 50, ..Timing::default() };
        let subscribe = |filter: &&str| Subscription { filter: (*filter).to_owned(), qos: Qos::AtLeastOnce };
        config.subscriptions = filters.iter().map(subscribe).collect();
        config
    }

    async fn desk(&self, filters: &[&str]) -> (Link, Receiver<LinkEvent>) {
        let own = self.authority.desk_file(clock()).unwrap();
        up(self.link(self.outside.desk_port(), "desk:test", Some(own), filters)).await
    }
}

async fn next(events: &mut Receiver<LinkEvent>) -> LinkEvent {
    timeout(PATIENCE, events.recv()).await.expect("an event").expect("a live link")
}

async fn up(config: LinkConfig) -> (Link, Receiver<LinkEvent>) {
    let (link, mut events) = Link::start(config);
    match next(&mut events).await {
        LinkEvent::Up => (link, events),
        other => panic!("{other:?} instead of Up"),
    }
}

async fn heard(events: &mut Receiver<LinkEvent>) -> (String, Vec<u8>) {
    match next(events).await {
        LinkEvent::Message { topic, payload, .. } => (topic, payload),
        other => panic!("{other:?} instead of a message"),
    }
}

async fn refused(config: LinkConfig) {
    let (link, mut events) = Link::start(config);
    assert!(matches!(next(&mut events).await, LinkEvent::Down { .. }));
    link.close().await;
}

#[tokio::test]
async fn before_mosquitto_players_are_kept_to_their_own_topics() {
    let Some(broker) = start() else { return };
    let (port, seven) = (broker.outside.port, broker.player("xa-7", &broker.authority, 0));
    let (desk, mut desk_hears) = broker.desk(&["loa1/#"]).await;
    let (_more, _events) =
        up(broker.link(broker.outside.desk_port(), "desk:more", broker.authority.desk_file(clock()).ok(), &[])).await;
    let filters = ["loa1/p/xa-7/dn", "loa1/g/all/dn", "#", "loa1/p/+/dn", "$share/g/loa1/p/xa-8/dn", "$SYS/#"];
    // Its client id becomes its name, whatever it says: it cannot throw another off.
    let (player, mut hears) = up(broker.link(port, "xa-8", Some(seven.clone()), &filters)).await;
    for topic in ["loa1/p/xa-8/up", "loa1/p/xa-8/pop", "loa1/p/xa-7/dn", "loa1/g/all/dn", "loa1/n/new-x/up"] {
        player.publish(topic, Qos::AtLeastOnce, b"forged".to_vec()).await.unwrap();
    }
    player.publish("loa1/p/xa-7/up", Qos::AtLeastOnce, b"mine".to_vec()).await.unwrap();
    assert_eq!(heard(&mut desk_hears).await, ("loa1/p/xa-7/up".into(), b"mine".to_vec()));
    for topic in ["loa1/p/xa-8/dn", "loa1/p/xa-8/up", "loa1/p/xa-7/dn"] {
        desk.publish(topic, Qos::AtLeastOnce, topic.as_bytes().to_vec()).await.unwrap();
    }
    assert_eq!(heard(&mut hears).await.0, "loa1/p/xa-7/dn", "and none of the others before it");
    player.close().await;
}

#[tokio::test]
async fn before_mosquitto_nobody_gets_in_without_the_right_certificate() {
    let Some(broker) = start() else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let stranger = Authority::open(elsewhere.path(), clock()).unwrap();
    let port = broker.outside.port;
    let ended = broker.player("xa-7", &broker.authority, 91);
    refused(broker.link(port, "xa-7", Some(ended), &[])).await;
    refused(broker.link(port, "xa-7", None, &[])).await;
    let good = broker.player("xa-8", &broker.authority, 0);
    let (player, _events) = up(broker.link(port, "xa-8", Some(good.clone()), &[])).await;
    player.close().await;
    // On the desk's port, were it reached, a player has no rights.
    let (desk, mut desk_hears) = broker.desk(&["loa1/p/+/up"]).await;
    let (stray, _events) = up(broker.link(broker.outside.desk_port(), "stray", Some(good), &[])).await;
    stray.publish("loa1/p/xa-7/up", Qos::AtLeastOnce, b"forged".to_vec()).await.unwrap();
    desk.publish("loa1/p/xa-7/up", Qos::AtLeastOnce, b"mark".to_vec()).await.unwrap();
    assert_eq!(heard(&mut desk_hears).await.1, b"mark");
    let foreign = broker.player("xa-9", &stranger, 0);
    refused(broker.link(port, "xa-9", Some(foreign), &[])).await;
    let mut plain = broker.link(port, "xa-8", None, &[]);
    plain.url = BrokerUrl::new("localhost", port);
    refused(plain).await;
}
