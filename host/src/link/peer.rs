//! A broker of forty lines for tests: speaks just enough MQTT 5 to be polite, silent, wrong or hostile on purpose.
//!
//! It checks nothing the tests do not ask about. Next: `tests.rs`.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{BrokerUrl, LinkConfig, Timing};

/// Longest wait for anything in a test before it counts as never.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const CONNECT: u8 = 0x10;
pub(super) const PUBLISH: u8 = 0x30;
pub(super) const PUBACK: u8 = 0x40;
pub(super) const SUBSCRIBE: u8 = 0x80;
pub(super) const PINGREQ: u8 = 0xc0;
pub(super) const DISCONNECT: u8 = 0xe0;

pub(super) struct Door {
    listener: TcpListener,
}

pub(super) struct Peer {
    stream: TcpStream,
}

/// A packet as it came: type and flags, then what follows the length.
pub(super) struct Packet {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

impl Door {
    pub(super) async fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// A link to here that is quick to retry.
    pub(super) fn link(&self) -> LinkConfig {
        let port = self.listener.local_addr().unwrap().port();
        let mut config = LinkConfig::new(BrokerUrl::new("127.0.0.1", port), "commune-7");
        config.timing = Timing { retry_shortest_ms: 1, retry_longest_ms: 5, ..Timing::default() };
        config.seed = Some(1);
        config
    }

    pub(super) async fn accept(&self) -> Peer {
        let (stream, _) = timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap();
        stream.set_nodelay(true).unwrap();
        Peer { stream }
    }

    /// Accepts, takes the CONNECT and answers it with these properties.
    pub(super) async fn welcome(&self, properties: &[u8]) -> Peer {
        let mut peer = self.accept().await;
        assert_eq!(peer.read().await.kind, CONNECT);
        peer.accept_connection(properties).await;
        peer
    }
}

impl Peer {
    pub(super) async fn read(&mut self) -> Packet {
        timeout(PATIENCE, self.read_or_end()).await.expect("a packet").expect("a live connection")
    }

    /// The next packet that is not a ping; nothing at the end of the connection.
    pub(super) async fn read_or_end(&mut self) -> Option<Packet> {
        loop {
            let kind = self.stream.read_u8().await.ok()?;
            let mut length = 0;
            for shift in [0, 7, 14, 21] {
                let byte = self.stream.read_u8().await.ok()?;
                length |= usize::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).await.ok()?;
            if kind == PINGREQ {
                self.send(0xd0, &[]).await;
            } else {
                return Some(Packet { kind, body });
            }
        }
    }

    pub(super) async fn send(&mut self, kind: u8, body: &[u8]) {
        let mut packet = vec![kind];
        let mut length = body.len();
        loop {
            let more = length > 0x7f;
            packet.push((length & 0x7f) as u8 | if more { 0x80 } else { 0 });
            length >>= 7;
            if !more {
                break;
            }
        }
        packet.extend_from_slice(body);
        // The link may hang up first: that is for the test to notice.
        let _ = self.stream.write_all(&packet).await;
    }

    pub(super) async fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    pub(super) async fn accept_connection(&mut self, properties: &[u8]) {
        let mut body = vec![0, 0, properties.len() as u8];
        body.extend_from_slice(properties);
        self.send(0x20, &body).await;
    }

    /// Takes a SUBSCRIBE, answers it with these codes and gives back its body as text.
    pub(super) async fn grant(&mut self, codes: &[u8]) -> String {
        let asked = self.read().await;
        assert_eq!(asked.kind & 0xf0, SUBSCRIBE);
        self.send(0x90, &[&asked.body[..2], &[0], codes].concat()).await;
        String::from_utf8_lossy(&asked.body).into_owned()
    }

    pub(super) async fn publish(&mut self, topic: &str, number: Option<u16>, payload: &[u8]) {
        let mut body = (topic.len() as u16).to_be_bytes().to_vec();
        body.extend_from_slice(topic.as_bytes());
        body.extend(number.into_iter().flat_map(u16::to_be_bytes));
        body.push(0);
        body.extend_from_slice(payload);
        self.send(if number.is_some() { PUBLISH | 2 } else { PUBLISH }, &body).await;
    }
}

impl Packet {
    /// Topic, packet number and payload of a PUBLISH without properties.
    pub(super) fn published(&self) -> (String, Option<u16>, Vec<u8>) {
        assert_eq!(self.kind & 0xf0, PUBLISH, "{:02x?}", self.body);
        let (length, rest) = self.body.split_at(2);
        let (topic, rest) = rest.split_at(usize::from(u16::from_be_bytes([length[0], length[1]])));
        let (number, rest) = match self.kind & 6 {
            0 => (None, rest),
            _ => (Some(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
        };
        (String::from_utf8(topic.to_vec()).unwrap(), number, rest[1..].to_vec())
    }
}
