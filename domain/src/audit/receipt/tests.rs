//! A player with records, a log, and a desk that shows it honestly, late, bent or twice.

use std::collections::BTreeMap;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::*;
use crate::audit::checkpoint::Checkpoint;
use crate::audit::note::{Algorithm, Note, NoteError, NoteSigner};
use crate::audit::policy::Policy;
use crate::keys::SecretKey;

struct Log {
    nodes: BTreeMap<(u8, u64), Hash>,
    edge: merkle::Edge,
}

impl Log {
    fn of(entries: &[Vec<u8>]) -> Self {
        let (mut nodes, mut edge) = (BTreeMap::new(), merkle::Edge::default());
        for entry in entries {
            edge.push(merkle::leaf_hash(entry), |level, index, hash| {
                let _new = nodes.insert((level, index), hash);
            });
        }
        Self { nodes, edge }
    }

    fn node(&self) -> impl FnMut(u8, u64) -> Result<Hash, ()> + '_ {
        |level, index| self.nodes.get(&(level, index)).copied().ok_or(())
    }

    fn note(&self) -> String {
        let text = Checkpoint { origin: "xa.vn/log", head: self.edge.head() }.to_string();
        format!("{text}\n{}", signer().line(&text, 0).expect("short"))
    }

    fn receipts(&self, from: u64, places: &[(u64, u64)]) -> Receipts {
        let note = self.note();
        let (head, signatures) = quorum().carried(&Note::read(note.as_bytes()).expect("a note")).expect("a checkpoint");
        let size = self.edge.size();
        let path = |hashes: Vec<Hash>| Path::collect(hashes).expect("at most 64");
        let receipt = |(position, seq): &(u64, u64)| Receipt {
            epoch: 1,
            seq: *seq,
            received: UtcMs(7),
            position: *position,
            proof: path(merkle::inclusion(*position, size, self.node()).expect("complete nodes")),
        };
        Receipts {
            player: player(),
            size: head.size,
            root: head.root,
            signatures,
            from,
            consistency: path(merkle::consistency(from, size, self.node()).expect("complete nodes")),
            records: List::collect(places.iter().map(receipt)).expect("few"),
        }
    }
}

fn signer() -> NoteSigner {
    NoteSigner::new("xa.vn/log", Algorithm::Ed25519, SecretKey::from_seed(&[5; 32])).expect("a good name")
}

fn player() -> PlayerId {
    "loa-1".parse().expect("a good id")
}

fn sealed(seq: u64) -> Vec<u8> {
    vec![seq as u8; 40]
}

fn entry(seq: u64) -> Vec<u8> {
    wire::encode(&Entry::Record { sealed: &sealed(seq), received: UtcMs(7) })
}

fn other(at: u8) -> Vec<u8> {
    vec![at, 99]
}

fn held(place: Key) -> Option<Vec<u8>> {
    (place.0 == 1 && place.1 < 10).then(|| sealed(place.1))
}

fn quorum() -> Quorum {
    let policy = format!("log {}\nquorum none\n", signer().key());
    Policy::read(&policy).expect("a policy").quorum().expect("it fits a root document")
}

fn view() -> LogView {
    LogView::new(quorum(), None)
}

/// Takes receipts in both ways: all at once, and one by one as a microcontroller does.
fn take(view: &mut LogView, receipts: &Receipts) -> Result<Taken, Refused> {
    let before = view.seen();
    let taken = view.take(&player(), receipts, held);
    let bytes = wire::encode(receipts);
    let one_by_one = Reading::begin(&bytes, &player(), &quorum(), before).expect("they are receipts");
    match (&taken, one_by_one) {
        (Ok(taken), Ok(mut reading)) => {
            let mut logged = Vec::new();
            while let Some(place) = reading.next_logged(|place, room| {
                let sealed = held(place)?;
                room[..sealed.len()].copy_from_slice(&sealed);
                Some(sealed.len())
            }) {
                logged.push(place);
            }
            logged.retain(|place| held(*place).is_some());
            assert_eq!((reading.seen(), logged), (taken.seen, taken.logged.clone()));
        }
        (Err(all), Err(one)) => assert_eq!(*all, one),
        (all, one) => panic!("{all:?}, but one by one {}", one.is_ok()),
    }
    taken
}

#[test]
fn a_record_goes_when_its_own_bytes_are_shown_in_the_log() {
    let mut view = view();
    let log = Log::of(&[other(0), entry(0), other(2), entry(1)]);
    let taken = take(&mut view, &log.receipts(0, &[(1, 0), (3, 1)])).expect("it is trusted");
    assert_eq!((taken.logged, taken.unshown), (vec![(1, 0), (1, 1)], vec![]));
    assert_eq!(view.seen(), Some(Seen { size: 4, root: log.edge.root() }));
    let taken = take(&mut view, &log.receipts(4, &[(2, 2), (1, 1)])).expect("the same again");
    assert_eq!(taken.unshown, [(1, 2), (1, 1)], "another entry's place shows nothing");
    let mut late = log.receipts(4, &[(1, 0)]);
    late.records[0].received = UtcMs(8);
    assert_eq!(take(&mut view, &late).expect("trusted").unshown, [(1, 0)], "the time is part of it");
    let gone = take(&mut view, &log.receipts(4, &[(1, 12)])).expect("trusted");
    assert!(gone.logged.is_empty() && gone.unshown.is_empty());
}

#[test]
fn a_log_must_go_on_from_what_was_seen() {
    let entries: Vec<Vec<u8>> = (0..9).map(entry).collect();
    let (old, new) = (Log::of(&entries[..3]), Log::of(&entries));
    let mut changed = entries.clone();
    changed[1] = other(1);
    let forked = Log::of(&changed);
    let mut view = view();
    take(&mut view, &old.receipts(0, &[])).expect("the first is taken as it is");
    let seen = view.seen();
    let split = |log: &Log| Refused::Split { shown: Seen { size: log.edge.size(), root: log.edge.root() } };
    assert_eq!(take(&mut view, &forked.receipts(3, &[(0, 0)])), Err(split(&forked)));
    let short = Log::of(&changed[..3]);
    assert_eq!(take(&mut view, &short.receipts(3, &[])), Err(split(&short)));
    assert_eq!(take(&mut view, &new.receipts(2, &[])), Err(Refused::From { seen: 3 }));
    assert_eq!(view.seen(), seen, "what is refused changes nothing");
    take(&mut view, &new.receipts(3, &[(8, 8)])).expect("it goes on");
    assert_eq!(take(&mut view, &old.receipts(3, &[])), Err(Refused::From { seen: 9 }));
}

#[test]
fn strangers_and_other_players_receipts_let_nothing_go() {
    let log = Log::of(&[entry(0)]);
    let mut receipts = log.receipts(0, &[(0, 0)]);
    let mut view = view();
    let good = receipts.clone();
    let wrong = Err(Refused::Distrust(Distrust::Note(NoteError::WrongSignature)));
    receipts.size = 2;
    assert_eq!(take(&mut view, &receipts), wrong);
    receipts.size = 1;
    receipts.root.0[31] ^= 1;
    assert_eq!(take(&mut view, &receipts), wrong);
    receipts = good.clone();
    receipts.signatures[0].id[0] ^= 1;
    assert_eq!(take(&mut view, &receipts), Err(Refused::Distrust(Distrust::UnknownLog)), "nobody knows that key");
    receipts.signatures.push(good.signatures[0]).expect("room");
    let bytes = wire::encode(&receipts);
    assert!(Reading::begin(&bytes, &player(), &quorum(), None).is_ok_and(|read| read.is_ok()), "it is passed over");
    receipts.signatures[1].signature[0] ^= 1;
    receipts.signatures.push(good.signatures[0]).expect("room");
    assert_eq!(take(&mut view, &receipts), wrong, "one wrong signature condemns it");
    receipts = good;
    receipts.player = "loa-2".parse().expect("a good id");
    assert_eq!(take(&mut view, &receipts), Err(Refused::NotOurs));
    assert_eq!(view.seen(), None);
}

#[test]
fn receipts_with_any_bit_flipped_are_read_without_harm() {
    let log = Log::of(&[entry(0), entry(1)]);
    let bytes = wire::encode(&log.receipts(0, &[(0, 0), (1, 1)]));
    for bit in 0..bytes.len() * 8 {
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let Ok(Ok(mut reading)) = Reading::begin(&bent, &player(), &quorum(), None) else { continue };
        while let Some((epoch, seq)) = reading.next_logged(|_, _| None) {
            let _any = (epoch, seq);
        }
    }
    for length in 0..bytes.len() {
        let Ok(Ok(mut reading)) = Reading::begin(&bytes[..length], &player(), &quorum(), None) else { continue };
        let _first = reading.next_logged(|_, _| None);
        assert_eq!(reading.next_logged(|_, _| None), None, "of {length} bytes");
    }
}
