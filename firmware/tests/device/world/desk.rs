//! A small desk: signs orders and releases, cuts slides into parts, answers what a board says, keeps its records in a log.
//!
//! It is honest unless a test tells it otherwise. Who carries its messages, and how long they take, is `bench.rs`, next.

use std::collections::{BTreeMap, BTreeSet};

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::entry::Entry;
use loa_domain::audit::merkle;
use loa_domain::audit::note::{Algorithm, Note, NoteSigner};
use loa_domain::audit::receipt::{Path, Receipt, Receipts};
use loa_domain::delivery::blob::{self, BlobRef, Part, Shape};
use loa_domain::delivery::intake;
use loa_domain::delivery::placing::Placing;
use loa_domain::delivery::receiver::Want;
use loa_domain::delivery::release::Release;
use loa_domain::id::{Hash, PlaceKey, PlayerId};
use loa_domain::keys::{self, PublicKey, Purpose, Quorum, Role, Root, SecretKey};
use loa_domain::limits;
use loa_domain::message::topic::Topic;
use loa_domain::message::{DeskTime, Down, Hello, Up};
use loa_domain::proof::record::{self, Body, Record};
use loa_domain::time::{Offsets, QuietHours, UtcMs};
use loa_domain::timetable::audience::{Audience, Kind, Placement};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::timetable::{Recurrence, Timing};
use loa_domain::wire::{self, List, Text};

/// The board's name.
pub const PLAYER: &str = "bang-cho";
/// An order that is not begun late.
pub const NORMAL: Manner = Manner {
    class: Class::Normal,
    late: Late::Skip,
    late_limit_ms: 0,
    wait_ms: 0,
    when_cut: WhenCut::Drop,
    volume: None,
};
/// A message for the board: its topic and its payload.
pub type Post = (String, Vec<u8>);

/// A blob as the desk serves it.
pub struct Blob {
    /// All of it.
    pub bytes: Vec<u8>,
    manifest: Vec<u8>,
    pages: Vec<Vec<u8>>,
}

impl Blob {
    /// A part's payload.
    pub fn part(&self, part: u32) -> Option<Vec<u8>> {
        match Shape::of(self.bytes.len() as u32)?.part(part)? {
            Part::Page { page, .. } => self.pages.get(page as usize).cloned(),
            Part::Chunk { offset, bytes, .. } => {
                Some(self.bytes[offset as usize..offset as usize + bytes as usize].to_vec())
            }
        }
    }
}

/// The log of records: its entries' places and the hashes of its tree.
#[derive(Default)]
struct Log {
    nodes: BTreeMap<(u8, u64), Hash>,
    edge: merkle::Edge,
}

/// The desk.
pub struct Desk {
    /// The board it speaks to.
    pub player: PlayerId,
    /// Signs orders.
    pub officer: SecretKey,
    /// Signs releases, manifests and the time.
    pub key: SecretKey,
    board: Role,
    /// What it serves, by the first bytes of its name.
    pub blobs: BTreeMap<[u8; 8], Blob>,
    letters: BTreeMap<Hash, char>,
    /// What the board should have: its number and its sealed bytes.
    pub release: Option<(u64, Vec<u8>)>,
    /// What the board said, in words.
    pub heard: Vec<String>,
    /// Its hellos.
    pub hellos: Vec<Hello>,
    /// Its records by their places, each as it came first.
    pub records: BTreeMap<(u64, u64), (Record, Vec<u8>)>,
    places: BTreeMap<(u64, u64), u64>,
    /// Records for which receipts went out.
    pub receipted: BTreeSet<(u64, u64)>,
    log: Log,
    /// The seed of the key that signs the log: 5 in the root document.
    pub log_seed: u8,
    shown: u64,
    /// Whether it answers hellos, gives parts, gives receipts.
    pub answers: bool,
    /// See above.
    pub gives_parts: bool,
    /// See above.
    pub gives_receipts: bool,
    /// When its orders are made.
    pub made: UtcMs,
    /// Where its officers say the board stands, and since when.
    pub stands: List<PlaceKey, { limits::PLACE_DEPTH }>,
    /// See above.
    pub placed: UtcMs,
    /// Root documents by the version that they follow, and stops: what it says again after a hello.
    pub roots: BTreeMap<u32, Vec<u8>>,
    /// See above.
    pub stops: Vec<Vec<u8>>,
    /// Parts that go out bent, and how often still.
    pub bent: BTreeMap<(Hash, u32), u32>,
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).expect("short")
}

/// Fires every day at these times.
pub fn daily(hour: u32, minute: u32) -> Timing {
    let line = Recurrence { second: 1, minute: 1 << minute, hour: 1 << hour, ..Recurrence::ALWAYS };
    Timing { recurrences: List::collect([line]).expect("one fits"), ..Timing::default() }
}

fn signer(seed: u8) -> NoteSigner {
    NoteSigner::new("xa.vn/log", Algorithm::Ed25519, SecretKey::from_seed(&[seed; 32])).expect("a good name")
}

impl Desk {
    /// A desk that knows a board of this key.
    pub fn new(board: &SecretKey) -> Self {
        Self {
            player: PLAYER.parse().expect("a good id"),
            officer: SecretKey::from_seed(&[1; 32]),
            key: SecretKey::from_seed(&[2; 32]),
            board: Role::of_one(board.public()),
            blobs: BTreeMap::new(),
            letters: BTreeMap::new(),
            release: None,
            heard: Vec::new(),
            hellos: Vec::new(),
            records: BTreeMap::new(),
            places: BTreeMap::new(),
            receipted: BTreeSet::new(),
            log: Log::default(),
            log_seed: 5,
            shown: 0,
            answers: true,
            gives_parts: true,
            gives_receipts: true,
            made: UtcMs(0),
            stands: List::new(),
            placed: UtcMs(0),
            roots: BTreeMap::new(),
            stops: Vec::new(),
            bent: BTreeMap::new(),
        }
    }

    /// The root document, sealed.
    pub fn root(&self) -> Vec<u8> {
        keys::seal(&wire::encode(&self.trusted()), Purpose::Root, &[&self.officer])
    }

    /// The first root document.
    pub fn trusted(&self) -> Root {
        let role = Role::of_one(self.officer.public());
        Root {
            version: 1,
            expires: UtcMs(i64::MAX),
            root: role.clone(),
            officers: role,
            desk: Role::of_one(self.key.public()),
            log: Some(Quorum::of_log(signer(5).key())),
            offices_from: None,
        }
    }

    /// Takes content in, to serve it.
    pub fn serve(&mut self, bytes: Vec<u8>) -> BlobRef {
        let blob = BlobRef { hash: Hash::of(&bytes), size: bytes.len() as u32 };
        let chunks: Vec<Hash> = bytes.chunks(loa_domain::limits::CHUNK_BYTES).map(Hash::of).collect();
        let (manifest, pages) = blob::manifest(blob, &chunks).expect("a blob's size");
        let manifest = keys::seal(&wire::encode(&manifest), Purpose::Manifest, &[&self.key]);
        self.blobs.insert(blob.hash.short(), Blob { bytes, manifest, pages });
        blob
    }

    /// A slide that is called by a letter, of so many bytes.
    pub fn slide(&mut self, letter: char, size: usize) -> BlobRef {
        let byte = |at: usize| (at as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0] ^ letter as u8;
        let blob = self.serve((0..size).map(byte).collect());
        self.letters.insert(blob.hash, letter);
        blob
    }

    /// What a blob is called.
    pub fn letter(&self, hash: &Hash) -> char {
        self.letters.get(hash).copied().unwrap_or('?')
    }

    /// An order for the board: slides and how long each shows, in seconds.
    pub fn order(&self, timing: Timing, manner: Manner, slides: &[(BlobRef, u32)]) -> Vec<u8> {
        keys::seal(&wire::encode(&self.drafted(timing, manner, slides)), Purpose::Order, &[&self.officer])
    }

    /// The same, not sealed yet.
    pub fn drafted(&self, timing: Timing, manner: Manner, slides: &[(BlobRef, u32)]) -> Order {
        let item = |(blob, s): &(BlobRef, u32)| Item {
            kind: Kind::Board,
            content: blob.hash,
            size: blob.size,
            length_ms: s * 1000,
        };
        Order {
            form: Form::Live,
            id: text("order"),
            campaign: text(""),
            programme: text("slides"),
            made: self.made,
            audience: Audience { players: List::collect([self.player.clone()]).expect("one"), ..Audience::default() },
            timing,
            manner,
            items: List::collect(slides.iter().map(item)).expect("few slides"),
        }
    }

    /// From now on it takes the board for one of this key; gives the one before.
    pub fn board(&mut self, key: PublicKey) -> PublicKey {
        std::mem::replace(&mut self.board, Role::of_one(key)).keys[0]
    }

    /// A release of these orders, not sealed yet.
    pub fn draft(&mut self, seq: u64, orders: &[Vec<u8>], issued: UtcMs) -> Release {
        let sealed: Vec<&[u8]> = orders.iter().map(Vec::as_slice).collect();
        let hash = |sealed: &&[u8]| keys::Sealed::read(sealed).expect("a sealed order").hash();
        let hashes = List::collect(sealed.iter().map(hash)).expect("few orders");
        let placement = Placement {
            player: self.player.clone(),
            kind: Kind::Board,
            places: self.stands.clone(),
            tags: List::new(),
            languages: List::new(),
        };
        let placing = Placing::new(self.board.keys[0], self.placed, placement.clone());
        let placing = keys::seal(&wire::encode(&placing), Purpose::Placing, &[&self.officer]);
        let bundle: Vec<&[u8]> = std::iter::once(placing.as_slice()).chain(sealed).collect();
        let bundle = Some(self.serve(intake::bundle_of(&bundle)));
        Release {
            seq,
            issued,
            expires: issued.plus_ms(7 * 86_400_000),
            placement,
            offsets: Offsets::fixed(0),
            quiet: QuietHours::NONE,
            volume: 80,
            bundle,
            orders: hashes,
            revoked: List::new(),
            place_name: Some(text("Xã")),
            board: None,
        }
    }

    /// Seals a release, which from now on is the one the board should have, and offers it.
    pub fn issue(&mut self, release: &Release) -> Post {
        let sealed = keys::seal(&wire::encode(release), Purpose::Release, &[&self.key]);
        self.release = Some((release.seq, sealed.clone()));
        self.post(&Down::Release { sealed: &sealed })
    }

    /// Something for the board.
    pub fn post(&self, down: &Down<'_>) -> Post {
        (Topic::Down(&self.player).text().to_string(), wire::encode(down))
    }

    /// From now on the bytes of `by` are served under the name of `blob`.
    pub fn swap(&mut self, blob: &BlobRef, by: &BlobRef) {
        let bytes = self.blobs[&by.hash.short()].bytes.clone();
        if let Some(served) = self.blobs.get_mut(&blob.hash.short()) {
            served.bytes = bytes;
        }
    }

    /// The message with a blob's manifest.
    pub fn manifest(&self, hash: &Hash) -> Vec<u8> {
        wire::encode(&Down::Manifest { sealed: &self.blobs[&hash.short()].manifest })
    }

    /// A part of a blob, for a topic; bent if it is to be.
    pub fn part(&mut self, topic: &str, hash: &Hash, part: u32) -> Option<Post> {
        let payload = self.blobs.get(&hash.short())?.part(part)?;
        let mut bytes = [&blob::header(hash, part)[..], &payload].concat();
        if let Some(left) = self.bent.get_mut(&(*hash, part)).filter(|left| **left > 0) {
            *left -= 1;
            let middle = bytes.len() / 2 + 6;
            bytes[middle] ^= 1;
        }
        Some((topic.to_owned(), bytes))
    }

    /// The board says something; gives the answers.
    pub fn hear(&mut self, topic: &str, payload: &[u8], now: UtcMs) -> Vec<Post> {
        if topic == Topic::Proofs(&self.player).text().as_str() {
            return self.record(payload, now);
        }
        assert_eq!(topic, Topic::Up(&self.player).text().as_str(), "a topic of the board");
        match wire::decode::<Up<'_>>(payload).expect("a message of a player") {
            Up::Hello { sealed } => self.hello(sealed, now),
            Up::Want { want } => self.want(&want),
            Up::InForce { release } => self.note(format!("in force {release}")),
            Up::Refused { release, fault } => self.note(format!("refused {release:?} {}", fault.name())),
            Up::Incoming { .. } => Vec::new(),
            Up::Gone => self.note("gone".to_owned()),
            // No board asks for a certificate.
            Up::Certify { .. } => self.note("certify".to_owned()),
            Up::OnAir { cue } => self.note(format!("on air {}", cue.is_some())),
            Up::LogSeen { size } => {
                self.heard.push(format!("log seen {size}"));
                self.shown = size;
                let places: Vec<(u64, u64)> = self.places.keys().copied().collect();
                places.into_iter().map(|place| self.receipt(place)).collect()
            }
        }
    }

    fn note(&mut self, words: String) -> Vec<Post> {
        self.heard.push(words);
        Vec::new()
    }

    fn hello(&mut self, sealed: &[u8], now: UtcMs) -> Vec<Post> {
        let hello: Hello = keys::open(sealed, Purpose::Hello, &self.board).expect("a hello under the board's key");
        self.heard.push(format!("hello {:?}", hello.in_force));
        self.shown = hello.log_size;
        let mut posts = Vec::new();
        if self.answers {
            if let Some(nonce) = hello.nonce {
                let time = wire::encode(&DeskTime { player: self.player.clone(), nonce, now });
                let sealed = keys::seal(&time, Purpose::Time, &[&self.key]);
                posts.push(self.post(&Down::Time { sealed: &sealed }));
            }
            posts.push(self.post(&Down::Welcome));
            if let Some((_, sealed)) = self.release.as_ref().filter(|(seq, _)| hello.in_force != Some(*seq)) {
                posts.push(self.post(&Down::Release { sealed }));
            }
            posts.extend(self.roots.get(&hello.root).map(|sealed| self.post(&Down::Root { sealed })));
            posts.extend(self.stops.iter().map(|sealed| self.post(&Down::Stop { sealed })));
        }
        self.hellos.push(hello);
        posts
    }

    fn want(&mut self, want: &Want) -> Vec<Post> {
        let letter = self.letter(&want.blob);
        self.heard.push(format!("want {letter} {:b}", want.mask));
        let Some(served) = self.blobs.get(&want.blob.short()) else { return Vec::new() };
        if want.mask == 0 {
            return vec![self.post(&Down::Manifest { sealed: &served.manifest })];
        }
        let topic = Topic::Parts(&self.player).text();
        let gives = self.gives_parts;
        let parts = (0..64).filter(|bit| gives && want.mask & (1 << bit) != 0);
        parts.filter_map(|bit| self.part(&topic, &want.blob, want.first + bit)).collect()
    }

    fn record(&mut self, sealed: &[u8], now: UtcMs) -> Vec<Post> {
        let (record, _) = record::open(sealed, &self.board).expect("a record under the board's key");
        let place = (record.epoch, record.seq);
        if let Some((_, before)) = self.records.get(&place) {
            assert_eq!(before, sealed, "two records at one place of the chain: {record:?}");
        } else {
            let entry = wire::encode(&Entry::Record { sealed, received: UtcMs(7) });
            self.places.insert(place, self.log.edge.size());
            let nodes = &mut self.log.nodes;
            self.log.edge.push(merkle::leaf_hash(&entry), |level, index, hash| {
                nodes.insert((level, index), hash);
            });
            self.records.insert(place, (record, sealed.to_vec()));
        }
        let _ = now;
        if self.gives_receipts { vec![self.receipt(place)] } else { Vec::new() }
    }

    /// The log from here on is another one, with something else where the records stood.
    pub fn begin_another_log(&mut self) {
        let mut log = Log::default();
        for entry in 0..self.log.edge.size() {
            let nodes = &mut log.nodes;
            log.edge.push(merkle::leaf_hash(&entry.to_be_bytes()), |level, index, hash| {
                nodes.insert((level, index), hash);
            });
        }
        self.log = log;
    }

    /// It does not remember which checkpoint it showed last.
    pub fn forget_what_was_shown(&mut self) {
        self.shown = 0;
    }

    fn receipt(&mut self, place: (u64, u64)) -> Post {
        let (position, size) = (self.places[&place], self.log.edge.size());
        let node = |level, index| self.log.nodes.get(&(level, index)).copied().ok_or(());
        let path = |hashes: Vec<Hash>| Path::collect(hashes).expect("at most 64");
        let text = Checkpoint { origin: "xa.vn/log", head: self.log.edge.head() }.to_string();
        let by = signer(self.log_seed);
        let note = format!("{text}\n{}", by.line(&text, 0).expect("short"));
        let note = Note::read(note.as_bytes()).expect("a note");
        let (head, signatures) = Quorum::of_log(by.key()).carried(&note).expect("a checkpoint");
        let receipt = Receipt {
            epoch: place.0,
            seq: place.1,
            received: UtcMs(7),
            position,
            proof: path(merkle::inclusion(position, size, node).expect("complete nodes")),
        };
        let receipts = Receipts {
            player: self.player.clone(),
            size: head.size,
            root: head.root,
            signatures,
            from: self.shown,
            consistency: path(merkle::consistency(self.shown, size, node).expect("complete nodes")),
            records: List::collect([receipt]).expect("one"),
        };
        self.shown = size;
        self.receipted.insert(place);
        self.post(&Down::Receipts { receipts: &wire::encode(&receipts) })
    }

    /// What the board's records say, in words, in the order of their chain.
    pub fn told(&self) -> Vec<String> {
        let words = |(record, _): &(Record, Vec<u8>)| match record.body {
            Body::Started { rebuilt } => format!("started{}", if rebuilt { " anew" } else { "" }),
            Body::InForce { release } => format!("in force {release}"),
            Body::Stepped { by_ms, .. } => format!("stepped {by_ms}"),
            Body::Cue { closed, .. } => {
                let why = closed.why.map_or(String::new(), |why| format!(" ({})", why.reason.name()));
                let planned = closed.cue.planned.0.rem_euclid(86_400_000) / 1000;
                let (hour, minute, second) = (planned / 3600, planned / 60 % 60, planned % 60);
                let seen_s = closed.heard_ms / 1000;
                format!("{hour:02}:{minute:02}:{second:02} {}{why} {seen_s} s", closed.outcome.name())
            }
            Body::LogSplit { .. } => "the log is split".to_owned(),
        };
        self.records.values().map(words).collect()
    }

    /// Whether the records that came are one unbroken chain.
    pub fn is_chain(&self) -> bool {
        let mut before = (0, Hash::ZERO);
        self.records.iter().all(|((_, seq), (record, sealed))| {
            let follows = (*seq, record.previous) == before;
            before = (seq + 1, keys::Sealed::read(sealed).expect("opened before").hash());
            follows
        })
    }
}
