//! MQTT 5 by hand, for tests: packets no proper client would send.
//!
//! Next: `tests.rs` and `tests_access.rs`, which send them.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for anything in a test before it counts as never.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A CONNECT to be bent out of shape.
pub(super) struct Connect<'a> {
    pub(super) level: u8,
    pub(super) clean_start: bool,
    pub(super) keep_alive_s: u16,
    pub(super) session_expiry_s: u32,
    pub(super) id: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a str>,
}

impl<'a> Connect<'a> {
    pub(super) fn player(id: &'a str, password: &'a str) -> Self {
        Self {
            level: 5,
            clean_start: true,
            keep_alive_s: 60,
            session_expiry_s: 0,
            id,
            user: Some(id),
            password: Some(password),
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut flags = u8::from(self.clean_start) << 1;
        flags |= u8::from(self.user.is_some()) << 7 | u8::from(self.password.is_some()) << 6;
        let mut body = [&[0, 4][..], b"MQTT", &[self.level, flags], &self.keep_alive_s.to_be_bytes()].concat();
        if self.level == 5 {
            body.extend([5, 0x11]);
            body.extend(self.session_expiry_s.to_be_bytes());
        }
        for text in [Some(self.id), self.user, self.password].into_iter().flatten() {
            body.extend(string(text));
        }
        packet(0x10, &body)
    }
}

pub(super) fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u16).to_be_bytes(), text.as_bytes()].concat()
}

/// A packet with its length in front.
pub(super) fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    let mut length = body.len();
    while length > 0x7f {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn subscribe(filter: &str) -> Vec<u8> {
    packet(0x82, &[&[0, 1, 0][..], &string(filter), &[1]].concat())
}

pub(super) struct Raw<S = TcpStream> {
    pub(super) stream: S,
}

impl Raw {
    pub(super) async fn to(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap() }
    }

    /// Connects, sends a CONNECT and gives back flags and reason of the answer.
    pub(super) async fn connected(address: SocketAddr, connect: &Connect<'_>) -> (Self, u8, u8) {
        let mut raw = Self::to(address).await;
        raw.send(&connect.bytes()).await;
        let (kind, body) = raw.read().await.expect("an answer to CONNECT");
        assert_eq!(kind, 0x20);
        (raw, body[0], body[1])
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    /// Sends a CONNECT and gives back the reason of the answer; nothing if the broker hung up.
    pub(super) async fn reason(&mut self, connect: &Connect<'_>) -> Option<u8> {
        self.send(&connect.bytes()).await;
        let (kind, body) = self.read().await?;
        assert_eq!(kind, 0x20);
        Some(body[1])
    }

    /// The broker may hang up half-way: that is for the test to notice.
    pub(super) async fn send(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await;
    }

    /// The next packet; nothing if the broker hung up.
    pub(super) async fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        timeout(PATIENCE, async {
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
            Some((kind, body))
        })
        .await
        .expect("a packet or an end")
    }

    /// Waits until the broker has hung up.
    pub(super) async fn end(&mut self) {
        while self.read().await.is_some() {}
    }
}
