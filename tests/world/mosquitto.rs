//! A broker that is not ours: Debian's Mosquitto on a loopback port, started for a test and stopped with it.
//!
//! It says when Mosquitto is not installed, so that a test can be skipped aloud. Next: `cutter.rs`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Where Debian puts it, and elsewhere: the search path.
const PROGRAMS: [&str; 2] = ["/usr/sbin/mosquitto", "mosquitto"];

/// How long it may take to listen.
const START_MAX: Duration = Duration::from_secs(10);

/// The largest packet it takes, in bytes.
pub const PACKET_BYTES_MAX: u32 = 256 * 1024;

/// A running Mosquitto. Dropping it kills it.
pub struct Mosquitto {
    child: Child,
    port: u16,
    /// Holds its configuration, and nothing else: it keeps no messages on disk.
    folder: TempDir,
}

/// Why there is no Mosquitto.
#[derive(Debug)]
pub enum NoMosquitto {
    /// It is not installed: skip the test and say so.
    Missing,
    /// It is there and did not start.
    Failed(io::Error),
}

impl std::fmt::Display for NoMosquitto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => write!(f, "skipped: mosquitto is not installed (apt-get install mosquitto)"),
            Self::Failed(error) => write!(f, "mosquitto did not start: {error}"),
        }
    }
}

impl std::error::Error for NoMosquitto {}

impl From<io::Error> for NoMosquitto {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Mosquitto {
    /// Starts one on a free port; returns when it accepts connections.
    ///
    /// # Errors
    /// [`NoMosquitto::Missing`] when it is not installed.
    pub fn start() -> Result<Self, NoMosquitto> {
        // Free now; if somebody takes it before Mosquitto does, that shows as a failed start.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder = tempfile::tempdir()?;
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n\
             max_packet_size {PACKET_BYTES_MAX}\nlog_dest none\n"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text)?;
        let child = spawn(&folder)?;
        let mut mosquitto = Self { child, port, folder };
        mosquitto.wait()?;
        Ok(mosquitto)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Ends it at once, as a power cut would: it says goodbye to nobody.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again on the same port, knowing nothing of before.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> Result<(), NoMosquitto> {
        self.kill();
        self.child = spawn(&self.folder)?;
        self.wait()
    }

    fn wait(&mut self) -> Result<(), NoMosquitto> {
        let deadline = Instant::now() + START_MAX;
        loop {
            match TcpStream::connect(self.address()) {
                Ok(_) => return Ok(()),
                Err(_) if self.child.try_wait()?.is_some() => {
                    return Err(io::Error::other("it ended at once").into());
                }
                Err(error) if Instant::now() > deadline => return Err(error.into()),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(folder: &TempDir) -> Result<Child, NoMosquitto> {
    for program in PROGRAMS {
        let started = Command::new(program)
            .arg("-c")
            .arg(folder.path().join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match started {
            Ok(child) => return Ok(child),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(NoMosquitto::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::cutter::Cutter;
    use loa_host::link::{BrokerUrl, Link, LinkConfig, LinkEvent, PublishError, Qos, Subscription, Timing};
    use tokio::sync::mpsc::Receiver;
    use tokio::time::timeout;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn start() -> Option<Mosquitto> {
        match Mosquitto::start() {
            Ok(mosquitto) => Some(mosquitto),
            Err(NoMosquitto::Missing) => {
                eprintln!("{}", NoMosquitto::Missing);
                None
            }
            Err(failed) => panic!("{failed}"),
        }
    }

    fn link(address: SocketAddr, id: &str, filters: &[&str]) -> (Link, Receiver<LinkEvent>) {
        let mut config = LinkConfig::new(BrokerUrl::new(address.ip().to_string(), address.port()), id);
        config.timing = Timing { retry_shortest_ms: 5, retry_longest_ms: 50, ..Timing::default() };
        let subscribe = |&filter: &&str| Subscription { filter: filter.into(), qos: Qos::AtLeastOnce };
        config.subscriptions = filters.iter().map(subscribe).collect();
        Link::start(config)
    }

    async fn next(events: &mut Receiver<LinkEvent>) -> LinkEvent {
        timeout(PATIENCE, events.recv()).await.expect("an event").expect("a live link")
    }

    async fn until_up(events: &mut Receiver<LinkEvent>) {
        while next(events).await != LinkEvent::Up {}
    }

    async fn heard(events: &mut Receiver<LinkEvent>) -> Vec<u8> {
        match next(events).await {
            LinkEvent::Message { payload, .. } => payload,
            other => panic!("{other:?} instead of a message"),
        }
    }

    #[tokio::test]
    async fn the_same_link_works_with_another_broker_and_over_its_death() {
        let Some(mut broker) = start() else { return };
        let (desk, mut desk_hears) = link(broker.address(), "desk:1", &["loa1/p/+/up"]);
        let (player, mut player_hears) = link(broker.address(), "xa-7", &["loa1/p/xa-7/dn", "loa1/x/a/ck"]);
        for round in 0..4_u8 {
            until_up(&mut desk_hears).await;
            until_up(&mut player_hears).await;
            let payload = vec![round; 64 * 1024];
            desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, payload.clone()).await.unwrap();
            assert!(heard(&mut player_hears).await == payload);
            for chunk in 0..50 {
                desk.publish("loa1/x/a/ck", Qos::AtMostOnce, vec![chunk; 16_128]).await.unwrap();
                assert!(heard(&mut player_hears).await == [chunk; 16_128]);
            }
            player.publish("loa1/p/xa-7/up", Qos::AtLeastOnce, vec![round]).await.unwrap();
            assert_eq!(heard(&mut desk_hears).await, [round]);
            let too_large = desk.try_publish("a", Qos::AtMostOnce, vec![0; 256 * 1024]);
            assert!(matches!(too_large, Err(PublishError::TooLarge { .. })), "{too_large:?}");
            broker.kill();
            assert!(matches!(next(&mut desk_hears).await, LinkEvent::Down { .. }));
            assert!(matches!(next(&mut player_hears).await, LinkEvent::Down { .. }));
            broker.restart().unwrap();
        }
    }

    #[tokio::test]
    async fn nothing_is_kept_for_a_link_that_was_away() {
        let Some(broker) = start() else { return };
        let (player, mut player_hears) = link(broker.address(), "xa-7", &["loa1/p/xa-7/dn"]);
        until_up(&mut player_hears).await;
        player.close().await;
        let (desk, mut desk_hears) = link(broker.address(), "desk:1", &[]);
        until_up(&mut desk_hears).await;
        desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, b"missed".to_vec()).await.unwrap();
        // Answered in order: the broker has dealt with the message before it.
        desk.subscribe(Subscription { filter: "mark".into(), qos: Qos::AtLeastOnce }).await.unwrap();
        let (_player, mut player_hears) = link(broker.address(), "xa-7", &["loa1/p/xa-7/dn"]);
        until_up(&mut player_hears).await;
        desk.publish("loa1/p/xa-7/dn", Qos::AtLeastOnce, b"heard".to_vec()).await.unwrap();
        assert_eq!(heard(&mut player_hears).await, b"heard");
    }

    #[tokio::test]
    async fn a_line_cut_thirty_times_always_comes_up_again() {
        let Some(broker) = start() else { return };
        let line = Cutter::start(broker.address()).await.unwrap();
        let (desk, mut desk_hears) = link(broker.address(), "desk:1", &[]);
        until_up(&mut desk_hears).await;
        let (_player, mut player_hears) = link(line.address(), "xa-7", &["loa1/p/xa-7/ck"]);
        until_up(&mut player_hears).await;
        line.cut_at_random(11, 30, 20_000..=120_000);
        let mut arrived = 0;
        let mut came_up = 0;
        while line.cuts_left() > 0 {
            desk.publish("loa1/p/xa-7/ck", Qos::AtMostOnce, vec![1; 16_128]).await.unwrap();
            match next(&mut player_hears).await {
                LinkEvent::Message { payload, .. } => {
                    assert_eq!(payload.len(), 16_128);
                    arrived += 1;
                }
                LinkEvent::Down { .. } => {
                    until_up(&mut player_hears).await;
                    came_up += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(came_up >= 29 && arrived > 30, "{came_up} times up, {arrived} chunks");
    }
}
