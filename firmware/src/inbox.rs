//! Puts together what the link hands on in pieces: whole messages of the desk, and the heads of parts.
//!
//! One message at a time fits; a part goes through to the flash and is never whole here. A message that is longer than
//! the room is told as such. What messages mean is `courier.rs`.

use loa_domain::delivery::blob::{self, HEADER_BYTES};

use crate::link::Event;

/// Room for one message of the desk, in bytes: a release of a board, or four receipts under a log of a million entries.
pub const ROOM: usize = 4_608;

/// What has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Came<'a> {
    /// A message, whole.
    Message(&'a [u8]),
    /// A message that was too long to hold, by its length in bytes.
    TooLong(u32),
    /// A part begins: the first bytes of its blob's name, its number, the length of its payload.
    Part([u8; 8], u32, u32),
    /// More of it.
    Piece(&'a [u8]),
    /// All of it was there.
    PartEnd,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reading {
    #[default]
    Nothing,
    Message,
    TooLong(u32),
    /// A part whose head is not all there; its whole length.
    Head(u32),
    Part,
}

/// The inbox.
#[derive(Debug)]
pub struct Inbox {
    reading: Reading,
    filled: usize,
    room: [u8; ROOM],
}

impl Default for Inbox {
    fn default() -> Self {
        Self { reading: Reading::Nothing, filled: 0, room: [0; ROOM] }
    }
}

impl Inbox {
    /// Room that nobody needs while no message is under way.
    pub fn spare(&mut self) -> Option<&mut [u8; ROOM]> {
        (self.reading == Reading::Nothing).then_some(&mut self.room)
    }

    /// The connection is gone, and what was under way with it.
    pub fn clear(&mut self) {
        self.reading = Reading::Nothing;
    }

    /// Takes in what the link hands on; tells `out` what it makes of it.
    pub fn take(&mut self, event: Event<'_>, mut out: impl FnMut(Came<'_>)) {
        match event {
            Event::Up => {}
            Event::Begin { topic, length } => {
                self.filled = 0;
                self.reading = match topic.ends_with("/ck") {
                    true => Reading::Head(length),
                    false if length as usize > ROOM => Reading::TooLong(length),
                    false => Reading::Message,
                };
            }
            Event::Piece(bytes) => self.piece(bytes, out),
            Event::End => match core::mem::take(&mut self.reading) {
                Reading::Message => out(Came::Message(&self.room[..self.filled])),
                Reading::TooLong(length) => out(Came::TooLong(length)),
                Reading::Part => out(Came::PartEnd),
                Reading::Head(_) | Reading::Nothing => {}
            },
        }
    }

    fn piece(&mut self, bytes: &[u8], mut out: impl FnMut(Came<'_>)) {
        match self.reading {
            Reading::Message => drop(self.fill(bytes)),
            Reading::Head(length) => {
                let missing = HEADER_BYTES.saturating_sub(self.filled).min(bytes.len());
                let (head, payload) = bytes.split_at(missing);
                self.fill(head);
                if let Some((short, part, _)) = blob::split(&self.room[..self.filled]) {
                    self.reading = Reading::Part;
                    out(Came::Part(short, part, length.saturating_sub(HEADER_BYTES as u32)));
                    if !payload.is_empty() {
                        out(Came::Piece(payload));
                    }
                }
            }
            Reading::Part => out(Came::Piece(bytes)),
            Reading::TooLong(_) | Reading::Nothing => {}
        }
    }

    fn fill(&mut self, bytes: &[u8]) -> Option<()> {
        let room = self.room.get_mut(self.filled..self.filled + bytes.len())?;
        room.copy_from_slice(bytes);
        self.filled += bytes.len();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;
    use std::{format, vec};

    use super::*;

    fn told(events: &[Event<'_>]) -> Vec<String> {
        let mut inbox = Inbox::default();
        let mut told = vec![];
        for event in events {
            inbox.take(*event, |came| told.push(format!("{came:?}")));
        }
        told
    }

    #[test]
    fn a_part_is_told_by_its_head_however_it_is_cut() {
        let hash = loa_domain::id::Hash([7; 32]);
        let message = [&blob::header(&hash, 258)[..], &[1, 2, 3, 4, 5]].concat();
        for size in 1..message.len() + 1 {
            let begin = Event::Begin { topic: "loa1/p/x/ck", length: message.len() as u32 };
            let pieces = message.chunks(size).map(Event::Piece);
            let events: Vec<Event<'_>> = [begin].into_iter().chain(pieces).chain([Event::End]).collect();
            let told = told(&events);
            assert_eq!(told[0], "Part([7, 7, 7, 7, 7, 7, 7, 7], 258, 5)", "pieces of {size}");
            assert_eq!(told.last().map(String::as_str), Some("PartEnd"));
        }
        let short = [Event::Begin { topic: "loa1/p/x/ck", length: 3 }, Event::Piece(&[1, 2, 3]), Event::End];
        assert_eq!(told(&short), Vec::<String>::new(), "shorter than a head");
    }

    #[test]
    fn a_message_comes_whole_and_one_without_room_by_its_length() {
        let begin = |length| Event::Begin { topic: "loa1/p/x/dn", length };
        let events = [begin(3), Event::Piece(&[1]), Event::Piece(&[2, 3]), Event::End];
        assert_eq!(told(&events), ["Message([1, 2, 3])"]);
        assert_eq!(told(&[begin(0), Event::End]), ["Message([])"]);
        let long = vec![0; ROOM + 1];
        let events = [begin(ROOM as u32 + 1), Event::Piece(&long), Event::End];
        assert_eq!(told(&events), ["TooLong(4609)"]);
        let lie = [begin(3), Event::Piece(&long), Event::End];
        assert_eq!(told(&lie), ["Message([])"], "more than was said is not kept");
    }
}
