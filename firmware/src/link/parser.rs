//! Takes the broker's bytes apart, however they are cut: small packets whole, messages piece by piece.
//!
//! It knows the shape of packets (MQTT 5 §2.1, §3.3), not what they mean. It holds a topic and the beginning of a small
//! packet, never a payload. Next: `courier.rs`.

/// Bytes of a topic that are kept: ours have 48 at most.
const TOPIC_BYTES: usize = 56;
/// Bytes of a packet that is no message that are kept: what stands behind them is read by nobody.
const BODY_BYTES: usize = 64;

/// What the bytes just taken were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Part of something.
    More,
    /// The end of a message's head: a payload of so many bytes follows.
    Begin {
        /// Its length in bytes.
        length: u32,
    },
    /// Some of a payload.
    Piece,
    /// Nothing; the message is over. Its number, if it is to be acknowledged.
    End {
        /// The number.
        id: Option<u16>,
    },
    /// The end of a packet that is no message: its first byte and its length.
    Packet {
        /// The first byte.
        first: u8,
        /// The length of what follows the head.
        length: u32,
    },
    /// No packet looks like this.
    Wrong,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    First,
    /// The length, of which so many bytes are read.
    Length(u8),
    Body,
    TopicLength,
    Topic,
    Id,
    /// The length of the properties.
    PropertiesLength(u8),
    Properties,
    Payload,
}

/// Where in the stream it is.
#[derive(Clone, Copy, Debug)]
pub struct Parser {
    at: At,
    first: u8,
    length: u32,
    /// Bytes of the packet that are still to come.
    left: u32,
    /// Bytes of the present field that are there, or its value so far.
    count: u32,
    field: u32,
    topic_length: u32,
    id: u16,
    kept: [u8; BODY_BYTES],
    kept_length: usize,
}

impl Default for Parser {
    fn default() -> Self {
        Self {
            at: At::First,
            first: 0,
            length: 0,
            left: 0,
            count: 0,
            field: 0,
            topic_length: 0,
            id: 0,
            kept: [0; BODY_BYTES],
            kept_length: 0,
        }
    }
}

impl Parser {
    /// The topic of the message that began; cut off when it is longer than any of ours, empty when it is no text.
    pub fn topic(&self) -> &str {
        let kept = &self.kept[..self.kept_length.min(TOPIC_BYTES)];
        core::str::from_utf8(kept).unwrap_or_default()
    }

    /// The beginning of the packet that just ended.
    pub fn body(&self) -> &[u8] {
        &self.kept[..self.kept_length]
    }

    /// Whether a message is over and only its end is to be told.
    pub fn is_over(&self) -> bool {
        self.at == At::Payload && self.left == 0
    }

    fn quality(&self) -> u8 {
        (self.first >> 1) & 3
    }

    /// Takes in some of `bytes`, at least one unless it is at the end of a message; gives how many, and what they were.
    pub fn take(&mut self, bytes: &[u8]) -> (usize, Step) {
        if self.at == At::Payload {
            let length = bytes.len().min(self.left as usize);
            self.left -= length as u32;
            if length > 0 {
                return (length, Step::Piece);
            }
            self.at = At::First;
            return (0, Step::End { id: (self.quality() > 0).then_some(self.id) });
        }
        let Some(byte) = bytes.first() else { return (0, Step::More) };
        let in_head = matches!(self.at, At::First | At::Length(_));
        if !in_head {
            if self.left == 0 {
                return (1, Step::Wrong);
            }
            self.left -= 1;
        }
        (1, self.byte(*byte))
    }

    fn byte(&mut self, byte: u8) -> Step {
        match self.at {
            At::First => {
                *self = Self { at: At::Length(0), first: byte, ..Self::default() };
                Step::More
            }
            At::Length(read) => match self.variable(byte, read) {
                Some(true) => self.begin(),
                Some(false) => {
                    self.at = At::Length(read + 1);
                    Step::More
                }
                None => Step::Wrong,
            },
            At::Body => {
                self.keep(byte);
                if self.left == 0 { self.end() } else { Step::More }
            }
            At::TopicLength => {
                self.topic_length = (self.topic_length << 8) | u32::from(byte);
                self.count += 1;
                if self.count == 2 {
                    self.at = if self.topic_length == 0 { self.behind_topic() } else { At::Topic };
                    self.count = 0;
                }
                Step::More
            }
            At::Topic => {
                self.keep(byte);
                self.count += 1;
                if self.count == self.topic_length {
                    self.at = self.behind_topic();
                    self.count = 0;
                }
                Step::More
            }
            At::Id => {
                self.id = (self.id << 8) | u16::from(byte);
                self.count += 1;
                if self.count == 2 {
                    (self.at, self.field) = (At::PropertiesLength(0), 0);
                }
                Step::More
            }
            At::PropertiesLength(read) => match self.variable(byte, read) {
                Some(true) if self.field > self.left => Step::Wrong,
                Some(true) if self.field == 0 => self.payload(),
                Some(true) => {
                    self.at = At::Properties;
                    Step::More
                }
                Some(false) => {
                    self.at = At::PropertiesLength(read + 1);
                    Step::More
                }
                None => Step::Wrong,
            },
            At::Properties => {
                self.field -= 1;
                if self.field == 0 { self.payload() } else { Step::More }
            }
            At::Payload => Step::Wrong,
        }
    }

    /// One more byte of a number of variable length: whether it was the last; nothing if there are too many.
    fn variable(&mut self, byte: u8, read: u8) -> Option<bool> {
        self.field |= u32::from(byte & 0x7f) << (7 * u32::from(read));
        match byte & 0x80 {
            0 => Some(true),
            _ if read < 3 => Some(false),
            _ => None,
        }
    }

    /// The head is there.
    fn begin(&mut self) -> Step {
        (self.length, self.left, self.field) = (self.field, self.field, 0);
        match self.first >> 4 {
            // At most once or at least once: nothing else was asked for.
            3 if self.quality() < 2 && self.left > 0 => self.at = At::TopicLength,
            3 | 0 => return Step::Wrong,
            _ if self.left == 0 => return self.end(),
            _ => self.at = At::Body,
        }
        Step::More
    }

    fn behind_topic(&mut self) -> At {
        self.field = 0;
        if self.quality() > 0 { At::Id } else { At::PropertiesLength(0) }
    }

    fn payload(&mut self) -> Step {
        self.at = At::Payload;
        Step::Begin { length: self.left }
    }

    fn end(&mut self) -> Step {
        self.at = At::First;
        Step::Packet { first: self.first, length: self.length }
    }

    fn keep(&mut self, byte: u8) {
        if let Some(room) = self.kept.get_mut(self.kept_length) {
            *room = byte;
            self.kept_length += 1;
        }
    }
}

/// A number of variable length (MQTT 5 §1.5.5) and what follows it.
pub fn variable(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(4) {
        value |= u32::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}
