//! The courier with a desk that is played here: every message by hand, the time handed in, a real shelf and store.

use std::sync::mpsc::{Receiver as Inbox, channel};
use std::sync::{Arc, Mutex};

use loa_domain::delivery::blob::{BlobRef, header, manifest};
use loa_domain::delivery::intake::{Fault, bundle_of};
use loa_domain::delivery::placing::Placing;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::rest::REST_MS;
use loa_domain::keys::{Quorum, Role, Sealed, seal};
use loa_domain::limits::CHUNK_BYTES;
use loa_domain::time::Offsets;
use loa_domain::timetable::Timing;
use loa_domain::timetable::audience::{Audience, Placement};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::wire::List;
use tempfile::TempDir;

use super::*;
use crate::store::Op;

mod incidents;
mod stop;

type Said = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

struct Bench {
    dir: TempDir,
    clock: Clock,
    courier: Courier,
    said: Said,
    events: Inbox<Event>,
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn me() -> PlayerId {
    "loa-1".parse().expect("a good id")
}

fn root() -> Root {
    let role = |seed| Role::of_one(key(seed).public());
    Root {
        version: 1,
        expires: UtcMs(i64::MAX),
        root: role(1),
        officers: role(2),
        desk: role(3),
        log: None,
        offices_from: None,
    }
}

fn bench() -> Bench {
    let dir = TempDir::new().expect("a folder");
    start(dir, Clock::manual(), None)
}

fn start(dir: TempDir, clock: Clock, table: Option<&Table>) -> Bench {
    let (store, _) = Store::open(&dir.path().join("store"), 0);
    store
        .commit_wait(vec![Op::Put(proof::record_key((1, 0)), seal(b"record", Purpose::Record, &[&key(7)]))])
        .expect("room");
    let identity = Identity { player: me(), kind: Kind::Speaker, key: key(7), root: root(), quiet: QuietHours::NONE };
    let (to, events) = channel();
    let shelf = Shelf::open(dir.path()).expect("a shelf");
    let means = Means { clock: clock.clone(), store, shelf, data: dir.path().to_owned(), events: to };
    let said = Said::default();
    let post: Post = {
        let said = said.clone();
        Box::new(move |topic, payload| {
            said.lock().expect("whole").push((topic.to_owned(), payload));
            true
        })
    };
    let courier = Courier::new(identity, means, post, table);
    Bench { dir, clock, courier, said, events }
}

impl Bench {
    fn pass_ms(&mut self, ms: u64) {
        self.clock.advance_ns(ms * 1_000_000);
        self.courier.work();
    }

    fn up(&mut self) {
        self.courier.linked(LinkEvent::Up);
        self.courier.work();
    }

    fn desk_says(&mut self, down: &Down<'_>) {
        self.courier.message(&topic::down(&me()), &wire::encode(down));
        self.courier.work();
    }

    fn part(&mut self, blob: &Hash, part: u32, payload: &[u8]) {
        let message = [&header(blob, part)[..], payload].concat();
        self.courier.message(&topic::parts(&me()), &message);
        self.courier.work();
    }

    /// What was said since the last time, as words.
    fn said(&mut self) -> Vec<String> {
        let word = |(to, payload): (String, Vec<u8>)| {
            if to == topic::proofs(&me()) {
                return "record".to_owned();
            }
            match wire::decode::<Up<'_>>(&payload).expect("a message") {
                Up::Hello { .. } => "hello".to_owned(),
                Up::Want { want } if want.mask == 0 => "want manifest".to_owned(),
                Up::Want { want } => format!("want {} parts from {}", want.mask.count_ones(), want.first),
                Up::Refused { release, fault } => format!("refused {release:?} {}", fault.name()),
                other => format!("{other:?}"),
            }
        };
        let said = std::mem::take(&mut *self.said.lock().expect("whole"));
        said.into_iter().map(word).filter(|word| !word.starts_with("Incoming")).collect()
    }

    /// What was asked for since the last time.
    fn wants(&mut self) -> Vec<String> {
        self.said().into_iter().filter(|word| word.starts_with("want")).collect()
    }

    /// Sends all of a blob, `bend` applied to the chunks.
    fn send(&mut self, blob: &Made, bend: impl Fn(u32, &mut Vec<u8>)) {
        self.desk_says(&Down::Manifest { sealed: &blob.manifest });
        blob.pages.iter().enumerate().for_each(|(page, hashes)| self.part(&blob.blob.hash, page as u32, hashes));
        for (chunk, bytes) in blob.bytes.chunks(CHUNK_BYTES).enumerate() {
            let part = (chunk + blob.pages.len()) as u32;
            let mut bytes = bytes.to_vec();
            bend(part, &mut bytes);
            self.part(&blob.blob.hash, part, &bytes);
        }
    }
}

/// A blob as the desk serves it.
struct Made {
    bytes: Vec<u8>,
    blob: BlobRef,
    pages: Vec<Vec<u8>>,
    manifest: Vec<u8>,
}

fn made(bytes: Vec<u8>) -> Made {
    let blob = BlobRef { hash: Hash::of(&bytes), size: bytes.len() as u32 };
    let hashes: Vec<Hash> = bytes.chunks(CHUNK_BYTES).map(Hash::of).collect();
    let (manifest, pages) = manifest(blob, &hashes).expect("a fair size");
    Made { bytes, blob, pages, manifest: seal(&wire::encode(&manifest), Purpose::Manifest, &[&key(3)]) }
}

fn clip() -> Made {
    made((0..40 * CHUNK_BYTES).map(|n| (n * 31 % 253) as u8).collect())
}

fn order(clip: &Made) -> Vec<u8> {
    let item = Item { kind: Kind::Speaker, content: clip.blob.hash, size: clip.blob.size, length_ms: 1_000 };
    let order = Order {
        form: Form::Live,
        id: Text::cut("tin"),
        campaign: Text::cut(""),
        programme: Text::cut("tin"),
        made: UtcMs(0),
        audience: Audience { players: List::collect([me()]).expect("one"), ..Audience::default() },
        timing: Timing::default(),
        manner: Manner {
            class: Class::Normal,
            late: Late::Skip,
            late_limit_ms: 0,
            wait_ms: 0,
            when_cut: WhenCut::Drop,
            volume: None,
        },
        items: List::collect([item]).expect("one"),
    };
    seal(&wire::encode(&order), Purpose::Order, &[&key(2)])
}

/// A sealed release with one order, and its bundle.
fn release(seq: u64, order: &[u8], bundle: Vec<u8>) -> (Vec<u8>, Made) {
    let bundle = made(bundle);
    let release = Release {
        seq,
        issued: UtcMs(1),
        expires: UtcMs(i64::MAX),
        placement: placement(),
        offsets: Offsets::fixed(25_200),
        quiet: QuietHours::NONE,
        volume: 80,
        bundle: Some(bundle.blob),
        orders: List::collect([Sealed::read(order).expect("sealed").hash()]).expect("one"),
        revoked: List::new(),
        place_name: None,
        board: None,
    };
    (seal(&wire::encode(&release), Purpose::Release, &[&key(3)]), bundle)
}

fn placement() -> Placement {
    let (places, tags, languages) = (List::new(), List::new(), List::new());
    Placement { player: me(), kind: Kind::Speaker, places, tags, languages }
}

fn good(seq: u64, clip: &Made) -> (Vec<u8>, Made) {
    let order = order(clip);
    let placing = Placing::new(key(7).public(), UtcMs(0), placement());
    let placing = seal(&wire::encode(&placing), Purpose::Placing, &[&key(2)]);
    release(seq, &order, bundle_of(&[&placing, &order]))
}

fn tables(bench: &Bench) -> Vec<u64> {
    let table = |event| if let Event::Table(table) = event { Some(table.release.seq) } else { None };
    bench.events.try_iter().filter_map(table).collect()
}

#[test]
fn records_wait_for_the_desks_answer_and_come_again_when_it_has_forgotten_the_player() {
    let mut bench = bench();
    bench.pass_ms(1_000);
    assert_eq!(bench.said(), Vec::<String>::new(), "nothing is said into the void");
    bench.up();
    assert_eq!(bench.said(), ["hello"]);
    bench.pass_ms(10_000);
    assert_eq!(bench.said(), ["hello"], "until it is answered");
    bench.desk_says(&Down::Welcome);
    assert_eq!(bench.said(), ["record"]);
    bench.pass_ms(5_000);
    bench.desk_says(&Down::SayHello);
    assert_eq!(bench.said(), ["hello"]);
    bench.desk_says(&Down::Welcome);
    assert_eq!(bench.said(), ["record"], "at once, not when its time to be sent again has come");
    bench.courier.linked(LinkEvent::Down { why: "cut".into() });
    bench.courier.told(Told::InForce(3));
    bench.pass_ms(100_000);
    assert_eq!(bench.said(), Vec::<String>::new());
}

#[test]
fn a_release_whose_content_came_damaged_is_fetched_again_when_the_desk_announces_it_and_only_what_is_missing() {
    let mut bench = bench();
    let clip = clip();
    let (sealed, bundle) = good(1, &clip);
    bench.up();
    bench.desk_says(&Down::Release { sealed: &sealed });
    assert_eq!(bench.said(), ["hello", "want manifest"]);
    bench.send(&bundle, |_, _| ());
    bench.said();
    // From the twentieth part on the desk's file is bad.
    bench.send(&clip, |part, bytes| bytes[0] ^= u8::from(part >= 20));
    assert_eq!(bench.said().last().map(String::as_str), Some("refused Some(1) content"));
    bench.pass_ms(60_000);
    assert_eq!(bench.wants(), Vec::<String>::new(), "it rests");
    bench.desk_says(&Down::Release { sealed: &sealed });
    assert_eq!(bench.wants(), ["want 2 parts from 20"]);
    assert!(tables(&bench).is_empty());
    bench.send(&clip, |_, _| ());
    assert_eq!(tables(&bench), [1]);
}

#[test]
fn a_release_that_stays_bad_is_not_tried_in_a_loop_however_often_it_is_announced() {
    let mut bench = bench();
    let order = order(&clip());
    let (sealed, bundle) = release(1, &order, b"no bundle".to_vec());
    bench.up();
    bench.desk_says(&Down::Release { sealed: &sealed });
    bench.send(&bundle, |_, _| ());
    let mut refused = bench.said().iter().filter(|word| word.starts_with("refused")).count();
    assert_eq!(refused, 1);
    for _ in 0..3_600 {
        bench.pass_ms(1_000);
        bench.desk_says(&Down::Release { sealed: &sealed });
        refused +=
            bench.said().iter().filter(|word| **word == format!("refused Some(1) {}", Fault::Bundle.name())).count();
    }
    assert!((3..12).contains(&refused), "{refused}");
    bench.pass_ms(REST_MS * 8);
    assert_eq!(bench.said().iter().filter(|word| word.starts_with("refused")).count(), 1, "by itself, too");
}

#[test]
fn a_shared_transfer_is_listened_to_only_while_it_brings_what_is_missing() {
    let mut bench = bench();
    let clip = clip();
    let (sealed, bundle) = good(1, &clip);
    bench.up();
    bench.desk_says(&Down::Release { sealed: &sealed });
    bench.send(&bundle, |_, _| ());
    let hash = clip.blob.hash;
    bench.desk_says(&Down::Shared { blob: Hash([5; 32]), transfer: 8 });
    assert_eq!(bench.courier.listens_to(), None, "of another blob");
    bench.desk_says(&Down::Shared { blob: hash, transfer: 9 });
    assert_eq!(bench.courier.listens_to(), Some(9));
    bench.desk_says(&Down::SharedOver { blob: hash, transfer: 9 });
    assert_eq!(bench.courier.listens_to(), None, "it is over");
    bench.desk_says(&Down::Shared { blob: hash, transfer: 10 });
    assert_eq!(bench.courier.listens_to(), Some(10));
    bench.pass_ms(31_000);
    assert_eq!(bench.courier.listens_to(), None, "it fell silent");
    bench.desk_says(&Down::Shared { blob: hash, transfer: 11 });
    bench.send(&clip, |_, _| ());
    assert_eq!(tables(&bench), [1]);
    assert_eq!(bench.courier.listens_to(), None, "everything is here");
}

#[test]
fn content_that_went_bad_on_the_disk_is_fetched_again_and_nothing_else_changes() {
    let mut bench = bench();
    let clip = clip();
    let (sealed, bundle) = good(1, &clip);
    bench.up();
    bench.desk_says(&Down::Release { sealed: &sealed });
    bench.send(&bundle, |_, _| ());
    bench.send(&clip, |_, _| ());
    assert_eq!(tables(&bench), [1]);
    bench.said();
    let content = vec![clip.blob.hash];
    bench.courier.told(Told::Spoilt(content.clone()));
    bench.courier.work();
    assert_eq!(bench.said(), Vec::<String>::new(), "the file is right: the fault was another");
    let file = bench.dir.path().join("content").join(clip.blob.hash.to_string());
    let mut bytes = std::fs::read(&file).expect("is there");
    bytes[99] ^= 1;
    std::fs::write(&file, bytes).expect("writes");
    bench.courier.told(Told::Spoilt(content));
    bench.courier.work();
    assert_eq!(bench.said(), ["want manifest"]);
    bench.send(&clip, |_, _| ());
    assert_eq!(std::fs::read(&file).expect("is there again"), clip.bytes);
    assert!(tables(&bench).is_empty(), "the same release stays in force");
}

#[test]
fn content_that_is_missing_at_the_start_is_fetched_as_soon_as_there_is_a_link() {
    let mut before = bench();
    let clip = clip();
    let (sealed, bundle) = good(1, &clip);
    before.up();
    before.desk_says(&Down::Release { sealed: &sealed });
    before.send(&bundle, |_, _| ());
    before.send(&clip, |_, _| ());
    std::fs::remove_file(before.dir.path().join("content").join(clip.blob.hash.to_string())).expect("removes");
    let shelf = Shelf::open(before.dir.path()).expect("a shelf");
    let table = Table::load(before.dir.path(), &root(), &QuietHours::NONE, |hash| shelf.read(hash));
    let Bench { dir, clock, courier, .. } = before;
    courier.store.clone().close();
    let mut again = start(dir, clock, Some(&table.expect("it is kept")));
    again.up();
    assert_eq!(again.said(), ["hello", "want manifest"]);
}

/// A log at the desk with one leaf for each entry, and its receipts.
mod log {
    use std::collections::BTreeMap;

    use loa_domain::audit::checkpoint::Checkpoint;
    use loa_domain::audit::entry::Entry;
    use loa_domain::audit::merkle::{Edge, Head, consistency, inclusion, leaf_hash};
    use loa_domain::audit::note::{Algorithm, Note, NoteSigner};
    use loa_domain::audit::receipt::{Path, Receipt, Receipts};

    use super::*;

    pub fn signer() -> NoteSigner {
        NoteSigner::new("xa.vn/log", Algorithm::Ed25519, key(9)).expect("a good name")
    }

    pub fn entry(sealed: &[u8]) -> Vec<u8> {
        wire::encode(&Entry::Record { sealed, received: UtcMs(7) })
    }

    /// Receipts for the records (epoch 1) that stand at these positions.
    pub fn receipts(entries: &[Vec<u8>], from: u64, places: &[(u64, u64)]) -> Vec<u8> {
        let (mut nodes, mut edge) = (BTreeMap::new(), Edge::default());
        for entry in entries {
            edge.push(leaf_hash(entry), |level, index, hash| {
                let _before = nodes.insert((level, index), hash);
            });
        }
        let node = |level, index| nodes.get(&(level, index)).copied().ok_or(());
        let text = Checkpoint { origin: "xa.vn/log", head: edge.head() }.to_string();
        let note = format!("{text}\n{}", signer().line(&text, 0).expect("short"));
        let note = Note::read(note.as_bytes()).expect("a note");
        let (head, signatures) = Quorum::of_log(signer().key()).carried(&note).expect("a checkpoint");
        let path = |proof: Result<Vec<Hash>, ()>| Path::collect(proof.expect("complete nodes")).expect("few");
        let receipt = |(position, seq): &(u64, u64)| {
            let proof = path(inclusion(*position, edge.size(), node));
            Receipt { epoch: 1, seq: *seq, received: UtcMs(7), position: *position, proof }
        };
        let records = List::collect(places.iter().map(receipt)).expect("few");
        let consistency = path(consistency(from, edge.size(), node));
        let Head { size, root } = head;
        wire::encode(&Receipts { player: me(), size, root, signatures, from, consistency, records })
    }
}

/// A player that trusts the log above, with one record on disk.
fn bench_with_log() -> Bench {
    let mut bench = bench();
    bench.courier.identity.root.log = Some(Quorum::of_log(log::signer().key()));
    bench.courier.ledger = Ledger::load(&bench.courier.store, &bench.courier.identity.root);
    bench.up();
    bench.desk_says(&Down::Welcome);
    bench
}

fn record() -> Vec<u8> {
    seal(b"record", Purpose::Record, &[&key(7)])
}

#[test]
fn a_record_leaves_the_store_only_when_it_is_shown_to_be_in_the_log() {
    let mut bench = bench_with_log();
    let held = |bench: &Bench| {
        // What was handed to the store before is written before this.
        bench.courier.store.commit_wait(Vec::new()).expect("written");
        bench.courier.store.get(&proof::record_key((1, 0))).is_some()
    };
    let other = vec![log::entry(b"another"), log::entry(b"record of somebody")];
    bench.desk_says(&Down::Receipts { receipts: &log::receipts(&other, 0, &[(1, 0)]) });
    assert!(held(&bench), "another record's place shows nothing");
    let all = [other, vec![log::entry(&record())]].concat();
    bench.desk_says(&Down::Receipts { receipts: &log::receipts(&all, 2, &[(2, 0)]) });
    assert!(!held(&bench));
    assert_eq!(proof::seen(&bench.courier.store).map(|seen| seen.size), Some(3));
    let news: Vec<u64> = bench
        .events
        .try_iter()
        .filter_map(|event| match event {
            Event::LogSeen(seen) => Some(seen.size),
            _ => None,
        })
        .collect();
    assert_eq!(news, [2, 3]);
}

#[test]
fn a_log_that_contradicts_the_one_seen_lets_nothing_go_and_is_told_once() {
    let mut bench = bench_with_log();
    let seen = vec![log::entry(b"one"), log::entry(b"two")];
    bench.desk_says(&Down::Receipts { receipts: &log::receipts(&seen, 0, &[]) });
    let forked = vec![log::entry(b"one"), log::entry(b"TWO"), log::entry(&record())];
    for _ in 0..3 {
        bench.desk_says(&Down::Receipts { receipts: &log::receipts(&forked, 2, &[(2, 0)]) });
    }
    // The record of it stands in the other log, too, which has grown by it.
    let grown = [forked, vec![log::entry(b"the split")]].concat();
    bench.desk_says(&Down::Receipts { receipts: &log::receipts(&grown, 2, &[(2, 0)]) });
    let splits = bench.events.try_iter().filter(|event| matches!(event, Event::LogSplit(_)));
    assert_eq!(splits.count(), 1);
    assert!(bench.courier.store.get(&proof::record_key((1, 0))).is_some());
    bench.said();
    let honest = [seen, vec![log::entry(&record())]].concat();
    for _ in 0..2 {
        bench.desk_says(&Down::Receipts { receipts: &log::receipts(&honest, 1, &[(2, 0)]) });
    }
    assert_eq!(bench.said(), ["LogSeen { size: 2 }"], "asked for from where it stands, once");
}
