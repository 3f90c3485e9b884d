//! The board's end of MQTT 5: connects with a clean start and a will, listens, publishes, and hands on what comes.
//!
//! Our own few hundred lines, because of memory: a part is 16 KiB, and every client for microcontrollers wants the whole
//! packet in RAM, of which there are 64 KiB. Here a payload passes through piece by piece. What is not understood ends the
//! connection: the board begins anew, and no rule rests on a session. It opens no connection and reads no clock; bytes
//! go out through [`Wire`]. Next: `link/parser.rs`.

mod parser;

use loa_domain::limits::CHUNK_BYTES;
use loa_domain::time::Soonest;
use loa_domain::wire::Text;
use parser::{Parser, Step};

/// Seconds between two pings; the broker gives the board up after half as much again.
const KEEP_ALIVE_S: u16 = 60;
/// Milliseconds that the broker has for its answers: to a connect, to a ping, to the messages under way.
const PATIENCE_MS: u64 = 20_000;
/// Messages without their acknowledgement at most.
const UNACKNOWLEDGED: u16 = 16;
/// The largest packet that is taken: a part, with its topic.
const PACKET_BYTES: u32 = CHUNK_BYTES as u32 + 512;

/// Longest user name or password, in bytes.
pub const LOGIN_BYTES: usize = 64;
/// A user name or a password.
pub type Secret = Text<LOGIN_BYTES>;

/// The way out: all of what is sent is taken, or it ends.
pub trait Wire {
    /// Bytes that may be sent now.
    fn room(&self) -> usize;
    /// Sends bytes, for which there is room.
    fn send(&mut self, bytes: &[u8]);
}

/// What the broker is told of the board.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// Its name.
    pub client: &'a str,
    /// The user's name.
    pub user: &'a str,
    /// The password, where the broker asks for one.
    pub password: Option<&'a str>,
    /// What the broker says for the board when the connection dies: topic and payload.
    pub will: (&'a str, &'a [u8]),
}

/// What comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The broker took the board in. Subscribe now.
    Up,
    /// A message begins.
    Begin {
        /// Its topic; cut off when it is longer than any of ours.
        topic: &'a str,
        /// The length of its payload in bytes.
        length: u32,
    },
    /// More of its payload.
    Piece(&'a [u8]),
    /// All of it was there.
    End,
}

/// Why the connection must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The broker does not speak as it should.
    Protocol,
    /// The broker refused the board, with this reason code (MQTT 5 §2.4).
    Refused(u8),
    /// The broker does not answer.
    Silent,
    /// It hung up.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Down,
    /// Since when, in monotonic milliseconds.
    Connecting(u64),
    Up,
}

/// One connection after another.
#[derive(Debug)]
pub struct Link {
    phase: Phase,
    parser: Parser,
    next_id: u16,
    unacknowledged: u16,
    /// Since when nothing was acknowledged of what is under way, in monotonic milliseconds.
    waits_ms: u64,
    most: u16,
    keep_alive_ms: u64,
    sent_ms: u64,
    /// When a ping went out that has no answer yet.
    pinged_ms: Option<u64>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            phase: Phase::Down,
            parser: Parser::default(),
            next_id: 0,
            unacknowledged: 0,
            waits_ms: 0,
            most: UNACKNOWLEDGED,
            keep_alive_ms: u64::from(KEEP_ALIVE_S) * 1000,
            sent_ms: 0,
            pinged_ms: None,
        }
    }
}

impl Link {
    /// The connection is open: says who is here.
    pub fn open(&mut self, login: &Login<'_>, now_ms: u64, wire: &mut impl Wire) {
        *self = Self { phase: Phase::Connecting(now_ms), sent_ms: now_ms, ..Self::default() };
        let (topic, payload) = login.will;
        let texts = [Some(login.client), Some(topic), Some(login.user), login.password];
        let length: usize = texts.iter().flatten().map(|text| 2 + text.len()).sum();
        // Clean start, a will at QoS 1 that is not retained.
        let flags = 0b1000_1110 | if login.password.is_some() { 0b0100_0000 } else { 0 };
        let mut head = Packet::new(0x10, 11 + 5 + length + 1 + 2 + payload.len());
        head.text("MQTT").bytes(&[5, flags]).number(KEEP_ALIVE_S).bytes(&[5, 0x27]).bytes(&PACKET_BYTES.to_be_bytes());
        wire.send(head.text(login.client).bytes(&[0]).text(topic).written());
        wire.send(&(payload.len() as u16).to_be_bytes());
        wire.send(payload);
        for text in [Some(login.user), login.password].into_iter().flatten() {
            wire.send(&(text.len() as u16).to_be_bytes());
            wire.send(text.as_bytes());
        }
    }

    /// The connection is gone.
    pub fn close(&mut self) {
        self.phase = Phase::Down;
    }

    /// Whether the broker took the board in.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.phase == Phase::Up
    }

    /// Bytes that arrived.
    ///
    /// # Errors
    /// When the connection must end; then it is closed here.
    pub fn take<W: Wire>(
        &mut self,
        now_ms: u64,
        mut bytes: &[u8],
        wire: &mut W,
        on: &mut impl FnMut(&mut Self, &mut W, Event<'_>),
    ) -> Result<(), Broken> {
        while self.phase != Phase::Down && (!bytes.is_empty() || self.parser.is_over()) {
            let mut parser = core::mem::take(&mut self.parser);
            let (used, step) = parser.take(bytes);
            let piece = &bytes[..used];
            bytes = &bytes[used..];
            let done = self.follow(now_ms, &parser, step, piece, wire, on);
            self.parser = parser;
            if done.is_err() {
                self.phase = Phase::Down;
                return done;
            }
        }
        Ok(())
    }

    fn follow<W: Wire>(
        &mut self,
        now_ms: u64,
        parser: &Parser,
        step: Step,
        piece: &[u8],
        wire: &mut W,
        on: &mut impl FnMut(&mut Self, &mut W, Event<'_>),
    ) -> Result<(), Broken> {
        match step {
            Step::More => {}
            Step::Wrong => return Err(Broken::Protocol),
            Step::Begin { length } if self.is_up() => on(self, wire, Event::Begin { topic: parser.topic(), length }),
            Step::Piece if self.is_up() => on(self, wire, Event::Piece(piece)),
            Step::End { id } if self.is_up() => {
                on(self, wire, Event::End);
                if let Some(id) = id {
                    self.sent_ms = now_ms;
                    let [high, low] = id.to_be_bytes();
                    send(wire, &[0x40, 2, high, low])?;
                }
            }
            Step::Begin { .. } | Step::Piece | Step::End { .. } => return Err(Broken::Protocol),
            Step::Packet { first, length } => {
                return self.packet(now_ms, (first, length), parser.body(), wire, on);
            }
        }
        Ok(())
    }

    fn packet<W: Wire>(
        &mut self,
        now_ms: u64,
        (first, length): (u8, u32),
        body: &[u8],
        wire: &mut W,
        on: &mut impl FnMut(&mut Self, &mut W, Event<'_>),
    ) -> Result<(), Broken> {
        match (first >> 4, self.phase) {
            // CONNACK.
            (2, Phase::Connecting(_)) => match body {
                [_, 0, properties @ ..] => {
                    self.limits(properties)?;
                    (self.phase, self.pinged_ms) = (Phase::Up, None);
                    self.sent_ms = now_ms;
                    on(self, wire, Event::Up);
                }
                [_, reason, ..] => return Err(Broken::Refused(*reason)),
                _ => return Err(Broken::Protocol),
            },
            // PUBACK: whatever its reason, the message is not under way any more.
            (4, Phase::Up) if length >= 2 => {
                (self.unacknowledged, self.waits_ms) = (self.unacknowledged.saturating_sub(1), now_ms);
            }
            // SUBACK, UNSUBACK: a topic that is refused is one that brings nothing, and the desk will say so.
            (9 | 11, Phase::Up) => {}
            (13, Phase::Up) => self.pinged_ms = None,
            (14, _) => return Err(Broken::Closed),
            _ => return Err(Broken::Protocol),
        }
        Ok(())
    }

    /// What the broker asks of us (MQTT 5 §3.2.2.3). Others of its properties say nothing that is used here.
    fn limits(&mut self, properties: &[u8]) -> Result<(), Broken> {
        let (length, mut rest) = parser::variable(properties).ok_or(Broken::Protocol)?;
        rest = rest.get(..length as usize).unwrap_or(rest);
        while let [name, value @ ..] = rest {
            rest = match (name, value) {
                (0x21, [high, low, rest @ ..]) => {
                    self.most = u16::from_be_bytes([*high, *low]).clamp(1, UNACKNOWLEDGED);
                    rest
                }
                (0x13, [high, low, rest @ ..]) => {
                    self.keep_alive_ms = u64::from(u16::from_be_bytes([*high, *low]).max(5)) * 1000;
                    rest
                }
                (0x24 | 0x25 | 0x28 | 0x29 | 0x2a, [_, rest @ ..]) | (0x22, [_, _, rest @ ..]) => rest,
                (0x11 | 0x27, [_, _, _, _, rest @ ..]) => rest,
                // Texts, and what later versions may say: nothing behind it matters.
                _ => return Ok(()),
            };
        }
        Ok(())
    }

    /// Time has passed: pings, and gives up a broker that does not answer.
    ///
    /// # Errors
    /// When the connection must end; then it is closed here.
    pub fn poll(&mut self, now_ms: u64, wire: &mut impl Wire) -> Result<(), Broken> {
        let waits = match self.phase {
            Phase::Down => return Ok(()),
            Phase::Connecting(since_ms) => Some(since_ms),
            // One that answers pings alone would keep every record here.
            Phase::Up => {
                let mut waits = Soonest::new();
                waits.or(self.pinged_ms);
                waits.or((self.unacknowledged > 0).then_some(self.waits_ms));
                waits.get()
            }
        };
        if waits.is_some_and(|since_ms| now_ms.saturating_sub(since_ms) > PATIENCE_MS) {
            self.phase = Phase::Down;
            return Err(Broken::Silent);
        }
        let is_due = now_ms.saturating_sub(self.sent_ms) >= self.keep_alive_ms;
        if self.is_up() && is_due && self.pinged_ms.is_none() {
            (self.sent_ms, self.pinged_ms) = (now_ms, Some(now_ms));
            send(wire, &[0xc0, 0]).inspect_err(|_| self.phase = Phase::Down)?;
        }
        Ok(())
    }

    /// Publishes at QoS 1. False if there is no room, on the wire or with the broker.
    pub fn publish(&mut self, topic: &str, payload: &[u8], now_ms: u64, wire: &mut impl Wire) -> bool {
        let length = 2 + topic.len() + 2 + 1 + payload.len();
        if !self.is_up() || self.unacknowledged >= self.most || wire.room() < length + 5 {
            return false;
        }
        if self.unacknowledged == 0 {
            self.waits_ms = now_ms;
        }
        self.unacknowledged += 1;
        let id = self.id();
        wire.send(Packet::new(0x32, length).text(topic).number(id).bytes(&[0]).written());
        wire.send(payload);
        self.sent_ms = now_ms;
        true
    }

    /// Listens to a topic, at most at this quality of service (0 or 1). False if there is no room.
    pub fn subscribe(&mut self, topic: &str, quality: u8, wire: &mut impl Wire) -> bool {
        self.ask(0x82, topic, &[quality], wire)
    }

    /// Listens to a topic no more. False if there is no room.
    pub fn unsubscribe(&mut self, topic: &str, wire: &mut impl Wire) -> bool {
        self.ask(0xa2, topic, &[], wire)
    }

    fn ask(&mut self, first: u8, topic: &str, options: &[u8], wire: &mut impl Wire) -> bool {
        let length = 2 + 1 + 2 + topic.len() + options.len();
        let has_room = self.is_up() && wire.room() >= length + 5;
        if has_room {
            let id = self.id();
            wire.send(Packet::new(first, length).number(id).bytes(&[0]).text(topic).bytes(options).written());
        }
        has_room
    }

    fn id(&mut self) -> u16 {
        self.next_id = self.next_id.wrapping_add(1).max(1);
        self.next_id
    }
}

fn send(wire: &mut impl Wire, bytes: &[u8]) -> Result<(), Broken> {
    if wire.room() < bytes.len() {
        // A broker that takes nothing does not get its acknowledgements either.
        return Err(Broken::Silent);
    }
    wire.send(bytes);
    Ok(())
}

/// The head of a packet: all but a payload. Our longest is some 150 bytes.
struct Packet {
    buffer: [u8; 256],
    length: usize,
}

impl Packet {
    fn new(first: u8, mut length: usize) -> Self {
        let mut this = Self { buffer: [0; 256], length: 0 };
        this.bytes(&[first]);
        loop {
            let byte = (length & 0x7f) as u8;
            length >>= 7;
            this.bytes(&[byte | if length > 0 { 0x80 } else { 0 }]);
            if length == 0 {
                return this;
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        if let Some(room) = self.buffer.get_mut(self.length..self.length + bytes.len()) {
            room.copy_from_slice(bytes);
            self.length += bytes.len();
        }
        self
    }

    fn number(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.number(text.len() as u16).bytes(text.as_bytes())
    }

    fn written(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

#[cfg(test)]
mod tests;
