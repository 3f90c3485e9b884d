//! The broker's end of MQTT 5: takes the board's packets apart and makes those that it hears.
//!
//! Just what a board sends and hears, written from the standard and sharing nothing with `link.rs`. What no client may send
//! is a panic: the board said it. Next: `desk.rs`.

use loa_firmware::link::Wire;

/// The board's way out, as wide as its network's memory.
pub struct Pipe<'p> {
    /// What it sent.
    pub sent: &'p mut Vec<u8>,
    /// Bytes that fit besides.
    pub room: usize,
}

impl Wire for Pipe<'_> {
    fn room(&self) -> usize {
        self.room
    }

    fn send(&mut self, bytes: &[u8]) {
        self.sent.extend_from_slice(bytes);
        self.room = self.room.saturating_sub(bytes.len());
    }
}

/// What a board says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// It wants in.
    Connect {
        /// Its name.
        client: String,
        /// The user's name.
        user: String,
        /// The password.
        password: Option<String>,
        /// Topic and payload of its will.
        will: (String, Vec<u8>),
    },
    /// It listens to a topic.
    Subscribe {
        /// The packet's number.
        id: u16,
        /// The topic.
        topic: String,
    },
    /// It listens no more.
    Unsubscribe {
        /// The packet's number.
        id: u16,
        /// The topic.
        topic: String,
    },
    /// A message, at least once.
    Publish {
        /// The packet's number.
        id: u16,
        /// The topic.
        topic: String,
        /// The payload.
        payload: Vec<u8>,
    },
    /// It has a message.
    Acknowledge,
    /// It is there.
    Ping,
}

struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    fn data(&mut self) -> &'b [u8] {
        let length = self.number();
        self.take(usize::from(length))
    }

    fn text(&mut self) -> String {
        String::from_utf8(self.data().to_vec()).expect("a text in UTF-8")
    }

    /// Properties, which say nothing here.
    fn properties(&mut self) {
        let length = self.byte();
        assert!(length < 0x80, "few properties");
        self.take(usize::from(length));
    }
}

/// The packets that are complete in `bytes`, which keeps the rest.
pub fn packets(bytes: &mut Vec<u8>) -> Vec<Packet> {
    let mut packets = Vec::new();
    while let Some((head, length)) = length_of(bytes) {
        if bytes.len() < head + length {
            break;
        }
        packets.push(packet(bytes[0], Bytes(&bytes[head..head + length])));
        bytes.drain(..head + length);
    }
    packets
}

/// Bytes of the head, and of what follows it.
fn length_of(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut length = 0;
    for (at, byte) in bytes.iter().skip(1).enumerate() {
        assert!(at < 4, "a length of more than four bytes");
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((at + 2, length));
        }
    }
    None
}

fn packet(first: u8, mut bytes: Bytes<'_>) -> Packet {
    let packet = match first {
        0x10 => {
            assert_eq!((bytes.text().as_str(), bytes.byte()), ("MQTT", 5));
            let flags = bytes.byte();
            assert_eq!(
                flags & 0b1011_1111,
                0b1000_1110,
                "a clean start, a name, a will once at least that is not kept"
            );
            assert!(bytes.number() > 0, "a keep-alive");
            bytes.properties();
            let client = bytes.text();
            bytes.properties();
            let will = (bytes.text(), bytes.data().to_vec());
            let user = bytes.text();
            let password = (flags & 0x40 != 0).then(|| bytes.text());
            Packet::Connect { client, user, password, will }
        }
        0x82 | 0xa2 => {
            let id = bytes.number();
            bytes.properties();
            let topic = bytes.text();
            if first == 0x82 {
                assert!(bytes.byte() < 2, "a quality that a board speaks");
                Packet::Subscribe { id, topic }
            } else {
                Packet::Unsubscribe { id, topic }
            }
        }
        0x32 => {
            let (topic, id) = (bytes.text(), bytes.number());
            bytes.properties();
            let payload = bytes.take(bytes.0.len()).to_vec();
            Packet::Publish { id, topic, payload }
        }
        0x40 => {
            bytes.number();
            Packet::Acknowledge
        }
        0xc0 => Packet::Ping,
        _ => panic!("no packet of a client: {first:#x}"),
    };
    assert!(bytes.0.is_empty(), "bytes behind {packet:?}");
    packet
}

fn framed(first: u8, body: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut length: usize = body.iter().map(|part| part.len()).sum();
    loop {
        let more = if length > 0x7f { 0x80 } else { 0 };
        bytes.push((length & 0x7f) as u8 | more);
        length >>= 7;
        if length == 0 {
            break;
        }
    }
    body.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// The board is taken in; it may have 16 messages under way, and no property is one it knows.
pub fn connected() -> Vec<u8> {
    framed(0x20, &[&[0, 0, 6, 0x21, 0, 16, 0x22, 0, 0]])
}

/// It is not, for this reason.
pub fn refused(reason: u8) -> Vec<u8> {
    framed(0x20, &[&[0, reason, 0]])
}

/// A message of the board has come.
pub fn acknowledged(id: u16) -> Vec<u8> {
    framed(0x40, &[&id.to_be_bytes()])
}

/// A topic is listened to, or no more.
pub fn listening(id: u16, is_on: bool) -> Vec<u8> {
    framed(if is_on { 0x90 } else { 0xb0 }, &[&id.to_be_bytes(), &[0, 0]])
}

/// The broker is there.
pub fn here() -> Vec<u8> {
    framed(0xd0, &[])
}

/// A message for the board, to be acknowledged if it has a number.
pub fn message(topic: &str, payload: &[u8], id: Option<u16>) -> Vec<u8> {
    let length = (topic.len() as u16).to_be_bytes();
    let number = id.map_or([0; 2], u16::to_be_bytes);
    let number = if id.is_some() { &number[..] } else { &[] };
    framed(if id.is_some() { 0x32 } else { 0x30 }, &[&length, topic.as_bytes(), number, &[0], payload])
}
