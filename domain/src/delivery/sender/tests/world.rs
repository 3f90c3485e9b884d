//! A desk, players and the links between them: seeded, with loss, cuts, doubled messages and a corrupt copy at the desk.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use crate::delivery::blob::{BlobRef, Manifest, Part, Shape, bits, manifest};
use crate::delivery::receiver::{self, Held, Receiver, State, Want};
use crate::delivery::sender::{Act, Sender, To};
use crate::id::{Hash, PlayerId};
use crate::limits::CHUNK_BYTES;

/// A generator of numbers that anyone can repeat (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }
}

/// A blob as the desk holds it.
pub struct Content {
    pub blob: BlobRef,
    pub bytes: Vec<u8>,
    manifest: Manifest,
    pages: Vec<Vec<u8>>,
    /// A chunk that is bad on the desk's disk.
    pub corrupt: Option<u32>,
}

impl Content {
    pub fn new(size: usize, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut bytes = Vec::with_capacity(size + 8);
        while bytes.len() < size {
            bytes.extend(dice.roll().to_le_bytes());
        }
        bytes.truncate(size);
        let blob = BlobRef { hash: Hash::of(&bytes), size: size as u32 };
        let hashes: Vec<Hash> = bytes.chunks(CHUNK_BYTES).map(Hash::of).collect();
        let (manifest, pages) = manifest(blob, &hashes).expect("a fair blob");
        Self { blob, bytes, manifest, pages, corrupt: None }
    }

    pub fn parts(&self) -> u32 {
        Shape::of(self.blob.size).expect("a fair size").parts()
    }

    fn payload(&self, part: u32) -> Vec<u8> {
        match Shape::of(self.blob.size).and_then(|shape| shape.part(part)).expect("a part of it") {
            Part::Page { page, .. } => self.pages[page as usize].clone(),
            Part::Chunk { chunk, offset, bytes } => {
                let mut payload = self.bytes[offset as usize..(offset + bytes) as usize].to_vec();
                if self.corrupt == Some(chunk) {
                    payload[0] ^= 1;
                }
                payload
            }
        }
    }
}

/// How a link is.
#[derive(Clone, Copy)]
pub struct Line {
    pub latency_ms: u64,
    pub bytes_per_s: u64,
    /// In a thousand messages.
    pub lost: u64,
    pub doubled: u64,
}

pub const FAIR: Line = Line { latency_ms: 200, bytes_per_s: 250_000, lost: 0, doubled: 0 };

pub struct Player {
    pub id: PlayerId,
    pub line: Line,
    pub receiver: Receiver,
    pub content: usize,
    held: Vec<u8>,
    pages: Vec<u8>,
    bytes: Vec<u8>,
    has_manifest: bool,
    link: Option<u64>,
    busy_until: u64,
    listens: Option<(usize, u32)>,
    /// Payload bytes that came through.
    pub arrived: u64,
    pub asked: u64,
    pub last_part_ms: u64,
    /// The longest time without a part while it had asked for one, in milliseconds.
    pub longest_wait_ms: u64,
    pub done_ms: Option<u64>,
}

#[derive(Clone)]
enum Message {
    Manifest,
    Announce(u32),
    Over,
    Part { content: usize, part: u32 },
}

enum Event {
    Desk,
    Ask(usize),
    Want(usize, u64, Want),
    Arrive(usize, u64, Message),
    Cut(usize, u64),
    Up(usize),
}

pub struct World {
    pub now: u64,
    pub sender: Sender,
    pub contents: Vec<Content>,
    pub players: Vec<Player>,
    pub dice: Dice,
    /// Payload bytes that left the desk, a shared part once.
    pub published: u64,
    /// When which part left the desk, and to how many.
    pub log: Vec<(u64, usize, u64)>,
    events: BinaryHeap<Reverse<(u64, u64, usize)>>,
    what: HashMap<usize, Event>,
    count: u64,
    places: HashMap<PlayerId, usize>,
}

impl World {
    pub fn new(sender: Sender, contents: Vec<Content>, seed: u64) -> Self {
        Self {
            now: 0,
            sender,
            contents,
            players: Vec::new(),
            dice: Dice(seed),
            published: 0,
            log: Vec::new(),
            events: BinaryHeap::new(),
            what: HashMap::new(),
            count: 0,
            places: HashMap::new(),
        }
    }

    /// A player that wants a content from `at_ms` on.
    pub fn add(&mut self, content: usize, line: Line, at_ms: u64) {
        let blob = self.contents[content].blob;
        let shape = Shape::of(blob.size).expect("a fair size");
        let index = self.players.len();
        let id: PlayerId = ("p-".to_string() + &index.to_string()).parse().expect("a good id");
        self.places.insert(id.clone(), index);
        self.players.push(Player {
            id,
            line,
            receiver: Receiver::new(blob.hash, blob.size).expect("a fair size"),
            content,
            held: vec![0; bits::bytes(shape.parts())],
            pages: vec![0; shape.chunks() as usize * 32],
            bytes: vec![0; blob.size as usize],
            has_manifest: false,
            link: None,
            busy_until: 0,
            listens: None,
            arrived: 0,
            asked: 0,
            last_part_ms: at_ms,
            longest_wait_ms: 0,
            done_ms: None,
        });
        self.at(at_ms, Event::Up(index));
    }

    pub fn cut(&mut self, player: usize, at_ms: u64, dark_ms: u64) {
        self.at(at_ms, Event::Cut(player, dark_ms));
    }

    fn at(&mut self, at_ms: u64, event: Event) {
        let key = self.count as usize;
        self.events.push(Reverse((at_ms, self.count, key)));
        self.what.insert(key, event);
        self.count += 1;
    }

    /// Runs until the time is over or nothing happens any more.
    pub fn run(&mut self, until_ms: u64) {
        while let Some(Reverse((at, _, key))) = self.events.pop() {
            if at > until_ms {
                return;
            }
            self.now = at.max(self.now);
            match self.what.remove(&key) {
                Some(Event::Desk) => self.desk(),
                Some(Event::Ask(player)) => self.ask(player),
                Some(Event::Want(player, link, want)) => self.want(player, link, want),
                Some(Event::Arrive(player, link, message)) => self.arrive(player, link, message),
                Some(Event::Cut(player, dark_ms)) => {
                    self.players[player].link = None;
                    self.at(self.now + dark_ms, Event::Up(player));
                }
                Some(Event::Up(player)) => self.up(player),
                None => {}
            }
        }
    }

    fn up(&mut self, player: usize) {
        // The hello: what was for the link before is forgotten.
        let id = self.players[player].id.clone();
        self.sender.gone(&id);
        let held = &mut self.players[player];
        held.link = Some(self.now);
        (held.busy_until, held.listens) = (self.now, None);
        held.receiver.link_up();
        self.ask(player);
    }

    fn desk(&mut self) {
        let mut acts = Vec::new();
        let next = self.sender.poll(self.now, &mut |act| acts.push(act));
        self.follow(acts);
        if let Some(next) = next {
            assert!(next > self.now, "the desk is called at full speed");
            self.at(next, Event::Desk);
        }
    }

    fn follow(&mut self, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Send { to: To::Player(id), blob, part } => {
                    let content = self.content(&blob);
                    self.published += self.contents[content].payload(part).len() as u64;
                    self.log.push((self.now, content, CHUNK_BYTES as u64));
                    self.send(self.places[&id], Message::Part { content, part });
                }
                Act::Send { to: To::Shared(transfer), blob, part } => {
                    let content = self.content(&blob);
                    self.published += self.contents[content].payload(part).len() as u64;
                    let listens = |player: &&Player| player.listens == Some((content, transfer));
                    let count = self.players.iter().filter(listens).count() as u64;
                    self.log.push((self.now, content, count * CHUNK_BYTES as u64));
                    for player in 0..self.players.len() {
                        if self.players[player].listens == Some((content, transfer)) {
                            self.send(player, Message::Part { content, part });
                        }
                    }
                }
                Act::Announce { player, transfer, .. } => self.send(self.places[&player], Message::Announce(transfer)),
                Act::Over { player, .. } => self.send(self.places[&player], Message::Over),
            }
        }
    }

    fn content(&self, blob: &Hash) -> usize {
        self.contents.iter().position(|content| content.blob.hash == *blob).expect("a known blob")
    }

    /// A message goes down a link; parts may get lost (QoS 0), the rest may not while the link holds.
    fn send(&mut self, player: usize, message: Message) {
        let Some(link) = self.players[player].link else { return };
        let line = self.players[player].line;
        let is_part = matches!(message, Message::Part { .. });
        let bytes = if is_part { CHUNK_BYTES as u64 + 60 } else { 400 };
        let start = self.players[player].busy_until.max(self.now);
        let sent = start + bytes * 1000 / line.bytes_per_s;
        self.players[player].busy_until = sent;
        if is_part && self.dice.below(1000) < line.lost {
            return;
        }
        if self.dice.below(1000) < line.doubled {
            self.at(sent + line.latency_ms + 1, Event::Arrive(player, link, message.clone()));
        }
        self.at(sent + line.latency_ms, Event::Arrive(player, link, message));
    }

    fn want(&mut self, player: usize, link: u64, want: Want) {
        if self.players[player].link != Some(link) {
            return;
        }
        let content = self.content(&want.blob);
        if want.mask == 0 {
            self.send(player, Message::Manifest);
        }
        let (id, parts) = (self.players[player].id.clone(), self.contents[content].parts());
        let mut acts = Vec::new();
        self.sender.want(self.now, &id, &want, parts, &mut |act| acts.push(act));
        self.follow(acts);
        self.desk();
    }

    fn arrive(&mut self, player: usize, link: u64, message: Message) {
        let Self { players, contents, now, .. } = self;
        let held = &mut players[player];
        if held.link != Some(link) {
            return;
        }
        match message {
            Message::Manifest => {
                held.has_manifest = true;
                assert!(held.receiver.take_manifest(&contents[held.content].manifest, &held.held));
            }
            Message::Announce(transfer) => {
                held.listens = Some((held.content, transfer));
                held.receiver.shared(*now);
            }
            Message::Over => {
                held.listens = None;
                held.receiver.shared_over();
            }
            Message::Part { content, part } => {
                let payload = contents[content].payload(part);
                held.arrived += payload.len() as u64;
                held.longest_wait_ms = held.longest_wait_ms.max(now.saturating_sub(held.last_part_ms));
                held.last_part_ms = *now;
                held.take(*now, part, &payload, &contents[content].manifest);
            }
        }
        self.ask(player);
    }

    fn ask(&mut self, player: usize) {
        let Some(link) = self.players[player].link else { return };
        let Self { players, contents, now, .. } = self;
        let held = &mut players[player];
        let manifest = held.has_manifest.then_some(&contents[held.content].manifest);
        let mut wants = Vec::new();
        let mut bits = core::mem::take(&mut held.held);
        while let Some(want) = held.receiver.ask(*now, &Held { manifest, bits: &mut bits }) {
            wants.push(want);
            assert!(wants.len() < 20, "asks without end");
        }
        held.held = bits;
        held.asked += wants.len() as u64;
        if held.receiver.state() == State::Complete {
            held.done_ms.get_or_insert(*now);
        }
        let latency_ms = held.line.latency_ms;
        let next = held.receiver.next_ms();
        if let Some(next) = next {
            assert!(next > self.now, "the player asks at full speed");
            self.at(next, Event::Ask(player));
        }
        for want in wants {
            self.at(self.now + latency_ms, Event::Want(player, link, want));
        }
    }

    /// Every player has every byte.
    pub fn all_arrived(&self) {
        for player in &self.players {
            assert_eq!(player.receiver.state(), State::Complete, "{} at {}", player.id, self.now);
            assert!(player.bytes == self.contents[player.content].bytes, "{}: other bytes", player.id);
        }
    }
}

impl Player {
    fn take(&mut self, now: u64, part: u32, payload: &[u8], manifest: &Manifest) {
        let manifest = self.has_manifest.then_some(manifest);
        let shape = self.receiver.shape();
        let Self { receiver, held, pages, bytes, .. } = self;
        let page = |chunk: u32| {
            let at = chunk as usize * 32;
            let hash: [u8; 32] = pages[at..at + 32].try_into().expect("32 bytes");
            (hash != [0; 32]).then_some(Hash(hash))
        };
        let act = receiver.take_part(now, part, payload, &Held { manifest, bits: held }, page);
        let (file, offset) = match act {
            receiver::Act::WritePage { offset } => (pages, offset as usize),
            receiver::Act::WriteChunk { offset } => (bytes, offset as usize),
            receiver::Act::Ask(_) | receiver::Act::Ignore => return,
        };
        assert!(!bits::has(held, part) && part < shape.parts());
        file[offset..offset + payload.len()].copy_from_slice(payload);
        bits::set(held, part);
        receiver.wrote(&Held { manifest, bits: held });
    }
}
