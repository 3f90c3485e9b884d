//! Makes clean logs, from the rules alone: players with epochs, boots, late arrivals and clock steps, acts, changes,
//! releases, checkpoints that witnesses signed. All of it from one seed.
//!
//! What is done to such logs is in `attack.rs`.

use std::collections::BTreeMap;

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::entry::{Change, Entry};
use loa_domain::audit::merkle::{self, Edge};
use loa_domain::audit::note::{Algorithm, NoteSigner};
use loa_domain::audit::policy::Policy;
use loa_domain::audit::tiles::{self, Level};
use loa_domain::delivery::release::Release;
use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Role, Root, SecretKey};
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Head, RECORD_BYTES, Seen, Stamp, Writer};
use loa_domain::time::{Offsets, QuietHours, UtcMs};
use loa_domain::timetable::Timing;
use loa_domain::timetable::audience::{Audience, Kind, Placement};
use loa_domain::timetable::order::{Class, Form, Late, Manner, Order, WhenCut};
use loa_domain::wire::{self, List, Text};

/// The log's name.
pub const ORIGIN: &str = "log.example.vn/loa";
/// Mid-2027.
const BEGIN_MS: i64 = 1_814_400_000_000;

/// Numbers that look random and are the same for one seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// A record in the log: where, whose.
#[derive(Clone, Debug)]
pub struct Mark {
    pub position: usize,
    pub player: usize,
    pub epoch: u64,
    pub seq: u64,
    pub made: Made,
}

/// A record where it was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Its number among all records made.
    pub number: usize,
    pub at_ms: i64,
    /// When the tree that its player had seen was published, and its size.
    pub seen: Option<(i64, u64)>,
    /// Whether it is the first of a system start.
    pub starts: bool,
    /// How late it arrived.
    pub late_ms: i64,
}

/// A player and its chain.
pub struct Device {
    pub id: PlayerId,
    pub key: SecretKey,
    head: Head,
    boot: [u8; 16],
    booted_ms: i64,
    /// How wrong its wall clock is.
    shift_ms: i64,
    offline_until_ms: i64,
    outbox: Vec<(Vec<u8>, u64, u64, Made)>,
    seen: Option<(Seen, i64)>,
    release: u64,
}

/// A checkpoint that was published.
#[derive(Clone, Debug)]
pub struct Published {
    pub size: u64,
    pub note: String,
}

/// A lie to build in: the record with this number in the log has its clock moved.
#[derive(Clone, Copy, Debug)]
pub struct Lie {
    pub record: usize,
    pub by_ms: i64,
}

/// A log, and all who signed in it.
pub struct World {
    pub entries: Vec<Vec<u8>>,
    pub records: Vec<Mark>,
    pub devices: Vec<Device>,
    pub published: Vec<Published>,
    pub log: NoteSigner,
    pub witnesses: [NoteSigner; 2],
    pub officers: [SecretKey; 2],
    pub desk: SecretKey,
    pub seed: u64,
    edge: Edge,
    dice: Dice,
    now_ms: i64,
    acts: u64,
    changes: u64,
    lie: Option<Lie>,
}

pub fn key(seed: u64) -> SecretKey {
    SecretKey::from_seed(&Hash::of(&seed.to_be_bytes()).0)
}

impl World {
    /// A log with this many records.
    pub fn build(seed: u64, players: u64, records: usize, lie: Option<Lie>) -> Self {
        let signer = |name, algorithm, seed| NoteSigner::new(name, algorithm, key(seed)).expect("a good name");
        let mut world = Self {
            entries: Vec::new(),
            records: Vec::new(),
            devices: Vec::new(),
            published: Vec::new(),
            log: signer(ORIGIN, Algorithm::Ed25519, 1),
            witnesses: [
                signer("witness.example.vn", Algorithm::Cosignature, 2),
                signer("press.example.org", Algorithm::Cosignature, 3),
            ],
            officers: [key(4), key(5)],
            desk: key(6),
            seed,
            edge: Edge::default(),
            dice: Dice(seed),
            now_ms: BEGIN_MS,
            acts: 17,
            changes: 4,
            lie,
        };
        world.push(&Entry::Opened { at: UtcMs(BEGIN_MS), origin: ORIGIN });
        (0..players).for_each(|number| world.enrol(number));
        while world.records.len() < records {
            world.step();
        }
        world.publish();
        world
    }

    fn push(&mut self, entry: &Entry<'_>) {
        let bytes = wire::encode(entry);
        self.edge.push(merkle::leaf_hash(&bytes), |_, _, _| {});
        self.entries.push(bytes);
    }

    fn enrol(&mut self, number: u64) {
        let id: PlayerId = format!("loa-{number}").parse().expect("a good id");
        let device = Device {
            id: id.clone(),
            key: key(1000 + number),
            head: Head::new(self.now_ms as u64),
            boot: [0; 16],
            booted_ms: 0,
            shift_ms: 0,
            offline_until_ms: 0,
            outbox: Vec::new(),
            seen: None,
            release: 0,
        };
        self.push(&Entry::Key { player: id, key: device.key.public(), at: UtcMs(self.now_ms) });
        self.devices.push(device);
        self.boot(number as usize, true);
    }

    fn boot(&mut self, player: usize, rebuilt: bool) {
        let (now_ms, dice) = (self.now_ms, &mut self.dice);
        let device = &mut self.devices[player];
        if rebuilt && device.head.next > 0 {
            device.head = Head::new(now_ms as u64);
        }
        device.boot = Hash::of(&dice.next().to_be_bytes()).0[..16].try_into().expect("16 bytes");
        device.booted_ms = now_ms - 20_000;
        // Some come up with the time of the last shutdown, and are put right by a step on record.
        device.shift_ms = if dice.one_in(3) { -3 * 3_600_000 } else { 0 };
        let wrong = device.shift_ms != 0;
        self.record(player, Body::Started { rebuilt });
        if wrong {
            self.now_ms += 4_000;
            let by_ms = -std::mem::take(&mut self.devices[player].shift_ms);
            self.record(player, Body::Stepped { by_ms, to: UtcMs(self.now_ms) });
        }
    }

    /// A record is made; it arrives now, or when its player is back on the line.
    fn record(&mut self, player: usize, body: Body) {
        let made = self.records.len() + self.devices.iter().map(|device| device.outbox.len()).sum::<usize>();
        let lie_ms = self.lie.filter(|lie| lie.record == made).map_or(0, |lie| lie.by_ms);
        let now_ms = self.now_ms;
        let device = &mut self.devices[player];
        let stamp = Stamp {
            utc: UtcMs(now_ms + device.shift_ms + lie_ms + (now_ms % 37)),
            source: ClockSource::Network,
            error_ms: 50,
            mono_ms: (now_ms - device.booted_ms) as u64,
            boot: device.boot,
        };
        let (epoch, seq) = (device.head.epoch, device.head.next);
        let starts = matches!(body, Body::Started { .. });
        let seen = device.seen.map(|(seen, at_ms)| (at_ms, seen.size));
        let fact = Made { number: made, at_ms: now_ms, seen, starts, late_ms: 0 };
        let mut buffer = [0; RECORD_BYTES];
        let (player_id, key) = (device.id.clone(), device.key.clone());
        let writer =
            Writer { player: &player_id, key: &key, release: device.release, seen: device.seen.map(|(seen, _)| seen) };
        let length = device.head.append(&writer, stamp, body, &mut buffer).expect("a record fits its room");
        device.outbox.push((buffer[..length].to_vec(), epoch, seq, fact));
        if now_ms >= device.offline_until_ms {
            self.arrive(player);
        }
    }

    fn arrive(&mut self, player: usize) {
        for (sealed, epoch, seq, made) in std::mem::take(&mut self.devices[player].outbox) {
            let made = Made { late_ms: self.now_ms - made.at_ms, ..made };
            self.records.push(Mark { position: self.entries.len(), player, epoch, seq, made });
            self.push(&Entry::Record { sealed: &sealed, received: UtcMs(self.now_ms + 120) });
        }
    }

    fn step(&mut self) {
        self.now_ms += 1_000 + self.dice.below(19_000) as i64;
        let player = self.dice.below(self.devices.len() as u64) as usize;
        match self.dice.below(200) {
            0..=3 => self.publish(),
            4 | 5 => self.act(),
            6 | 7 => self.change(),
            8 | 9 => self.release(player),
            // Days without a line: what happened meanwhile is reported late.
            10 => self.devices[player].offline_until_ms = self.now_ms + self.dice.below(20 * 86_400_000) as i64 / 40,
            11 => self.boot(player, false),
            12 if self.dice.one_in(2) => self.boot(player, true),
            _ => self.cue(player),
        }
    }

    fn cue(&mut self, player: usize) {
        let planned = UtcMs(self.now_ms - 30_000);
        let cue = CueId { order: Hash::of(&self.dice.below(40).to_be_bytes()), planned };
        let closed = Closed {
            cue,
            outcome: Outcome::Played,
            why: None,
            began: Some(planned),
            ended: Some(planned.plus_ms(30_000)),
            length_ms: 30_000,
            heard_ms: 30_000,
            volume: 80,
        };
        self.record(player, Body::Cue { closed, content: Hash::of(b"clip"), evidence: Evidence::Decoded, face: None });
    }

    /// A checkpoint is signed, witnessed, seen by whoever is on the line, and put into the log.
    pub fn publish(&mut self) {
        let head = self.edge.head();
        let note = self.note(head.size, head.root, true);
        let now_ms = self.now_ms;
        let seen = Some((Seen { size: head.size, root: head.root }, now_ms));
        self.devices.iter_mut().filter(|one| now_ms >= one.offline_until_ms).for_each(|one| one.seen = seen);
        self.published.push(Published { size: head.size, note: note.clone() });
        self.push(&Entry::Checkpoint { note: &note });
    }

    /// A checkpoint's note, by the log and, where `witnessed`, by both witnesses.
    pub fn note(&self, size: u64, root: Hash, witnessed: bool) -> String {
        let text = Checkpoint { origin: ORIGIN, head: merkle::Head { size, root } }.to_string();
        let mut note = format!("{text}\n{}", self.log.line(&text, 0).expect("short"));
        for witness in self.witnesses.iter().filter(|_| witnessed) {
            note.push_str(&witness.line(&text, (self.now_ms / 1000) as u64).expect("short"));
        }
        note
    }

    fn act(&mut self) {
        self.acts += 1;
        let (number, at) = (self.acts, UtcMs(self.now_ms));
        self.push(&Entry::Act { number, at, who: "chị Hoa", what: "upload", subject: "bản tin", detail: "" });
    }

    /// An order, signed by its officers or by others.
    pub fn order(&self, id: &str, made: UtcMs, officers: &[&SecretKey]) -> Vec<u8> {
        let order = Order {
            form: Form::Live,
            id: Text::cut(id),
            campaign: Text::cut("1079"),
            programme: Text::cut("sáng"),
            made,
            audience: Audience::default(),
            timing: Timing::default(),
            manner: Manner {
                class: Class::Normal,
                late: Late::Skip,
                late_limit_ms: 0,
                wait_ms: 0,
                when_cut: WhenCut::Drop,
                volume: None,
            },
            items: List::new(),
        };
        keys::seal(&wire::encode(&order), Purpose::Order, officers)
    }

    fn change(&mut self) {
        self.changes += 1 + self.dice.below(2);
        let (lines, at) = (1 + self.dice.below(3), UtcMs(self.now_ms));
        for line in 1..=lines {
            let id = format!("order-{line}");
            let sealed = self.order(&id, at, &[&self.officers[0], &self.officers[1]]);
            let what = match line {
                1 => Change::Put { kind: "place", id: "79", document: "{}", source: "places.toml" },
                _ => Change::Order { sealed: &sealed, id: &id, campaign: "1079", programme: "sáng", made: at },
            };
            self.push(&Entry::Change { change: self.changes, line, lines, at, who: "anh Nam", what });
        }
    }

    fn release(&mut self, player: usize) {
        let (issued, device) = (UtcMs(self.now_ms), &mut self.devices[player]);
        device.release += 1;
        let (seq, id) = (device.release, device.id.clone());
        let expires = issued.plus_ms(86_400_000);
        let placement = Placement {
            player: id.clone(),
            kind: Kind::Speaker,
            places: List::new(),
            tags: List::new(),
            languages: List::new(),
        };
        let (offsets, quiet) = (Offsets::fixed(7 * 3600), QuietHours::NONE);
        let (orders, revoked) = (List::new(), List::new());
        let place_name = None;
        let release = Release {
            seq,
            issued,
            expires,
            placement,
            place_name,
            board: None,
            offsets,
            quiet,
            volume: 80,
            bundle: None,
            orders,
            revoked,
        };
        let sealed = keys::seal(&wire::encode(&release), Purpose::Release, &[&self.desk]);
        let digest = Hash::of(&seq.to_be_bytes());
        self.push(&Entry::Release { player: id, seq, sealed: &sealed, issued, expires, digest });
        self.record(player, Body::InForce { release: seq });
    }

    /// The root document that officers and desk stand in.
    pub fn root(&self) -> Root {
        let both = List::collect(self.officers.iter().map(SecretKey::public)).expect("two");
        Root {
            version: 1,
            expires: UtcMs(i64::MAX),
            root: Role::of_one(key(7).public()),
            officers: Role { threshold: 2, keys: both },
            desk: Role::of_one(self.desk.public()),
            log: None,
            offices_from: None,
        }
    }

    /// The auditor's policy; with witnesses both must have signed.
    pub fn policy_text(&self, witnesses: bool) -> String {
        let [one, two] = &self.witnesses;
        let (log, one, two) = (self.log.key(), one.key(), two.key());
        let quorum = if witnesses { "both" } else { "none" };
        format!("log {log}\nwitness w1 {one}\nwitness w2 {two}\ngroup both all w1 w2\nquorum {quorum}\n")
    }

    /// The policy itself.
    pub fn policy(&self, witnesses: bool) -> Policy {
        Policy::read(&self.policy_text(witnesses)).expect("a good policy")
    }
}

/// The files of a log with these entries, without its checkpoint.
pub fn files(entries: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    let size = entries.len() as u64;
    let mut nodes: Vec<Vec<Hash>> = Vec::new();
    let mut edge = Edge::default();
    for entry in entries {
        edge.push(merkle::leaf_hash(entry), |level, index, hash| {
            nodes.resize_with(nodes.len().max(level as usize + 1), Vec::new);
            debug_assert_eq!(nodes[level as usize].len() as u64, index);
            nodes[level as usize].push(hash);
        });
    }
    let all = tiles::of_log(size).map(|tile| {
        let range = tile.first() as usize..(tile.first() + u64::from(tile.width)) as usize;
        let bytes = match tile.level {
            Level::Entries => entries[range].iter().flat_map(|entry| framed(entry)).collect(),
            Level::Hashes(level) => nodes[level as usize * 8][range].iter().flat_map(|hash| hash.0).collect(),
        };
        (tile.to_string(), bytes)
    });
    all.collect()
}

/// An entry behind its length.
pub fn framed(entry: &[u8]) -> Vec<u8> {
    let length = u16::try_from(entry.len()).expect("a short entry").to_be_bytes();
    length.iter().chain(entry).copied().collect()
}

/// The root over these entries.
pub fn root_of(entries: &[Vec<u8>]) -> Hash {
    let mut edge = Edge::default();
    entries.iter().for_each(|entry| edge.push(merkle::leaf_hash(entry), |_, _, _| {}));
    edge.root()
}
