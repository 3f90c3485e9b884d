//! Rules one by one, on logs of a few entries made by hand: what is a finding, and what is only told.

use loa_domain::audit::entry::{Change, Entry};
use loa_domain::audit::policy::{Distrust, Policy};
use loa_domain::id::Hash;
use loa_domain::keys::SecretKey;
use loa_domain::proof::record::{Body, ClockSource, Head, RECORD_BYTES, Seen, Stamp, Writer};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_verify::{Class, Export, Finding, Follows, Report, Told, Unfit, View, Witness, Wrong, verify};

use crate::Disk;
use crate::build::{self, ORIGIN, World};

const NOON: i64 = 1_814_400_000_000;

/// A log that is written entry by entry.
struct Small {
    world: World,
    entries: Vec<Vec<u8>>,
    disk: Disk,
}

/// A player's chain under one key.
struct Chain {
    key: SecretKey,
    head: Head,
    seen: Option<Seen>,
}

impl Chain {
    fn new(key: u64, epoch: u64) -> Self {
        Self { key: build::key(key), head: Head::new(epoch), seen: None }
    }

    fn next(&mut self, stamp: Stamp, body: Body) -> Vec<u8> {
        let mut buffer = [0; RECORD_BYTES];
        let player = "loa-1".parse().expect("a good id");
        let writer = Writer { player: &player, key: &self.key, release: 0, seen: self.seen };
        let length = self.head.append(&writer, stamp, body, &mut buffer).expect("it fits");
        buffer[..length].to_vec()
    }
}

fn stamp(utc: i64, boot: u8) -> Stamp {
    let mono_ms = (utc - NOON + 1_000_000) as u64;
    Stamp { utc: UtcMs(utc), source: ClockSource::Network, error_ms: 50, mono_ms, boot: [boot; 16] }
}

const BEGAN: Body = Body::Started { rebuilt: false };
const IN_FORCE: Body = Body::InForce { release: 1 };

impl Small {
    fn new() -> Self {
        let mut this = Self { world: World::build(1, 1, 1, None), entries: Vec::new(), disk: Disk::new() };
        this.add(&Entry::Opened { at: UtcMs(NOON), origin: ORIGIN });
        this
    }

    fn add(&mut self, entry: &Entry<'_>) {
        self.entries.push(wire::encode(entry));
    }

    fn key(&mut self, key: u64) {
        let (player, key) = ("loa-1".parse().expect("a good id"), build::key(key).public());
        self.add(&Entry::Key { player, key, at: UtcMs(NOON) });
    }

    fn record(&mut self, sealed: &[u8], received: i64) {
        self.add(&Entry::Record { sealed, received: UtcMs(received) });
    }

    fn seen(&self) -> Option<Seen> {
        Some(Seen { size: self.entries.len() as u64, root: build::root_of(&self.entries) })
    }

    /// A checkpoint over all so far, witnessed at this second, as an entry.
    fn witnessed(&mut self, at_ms: i64) {
        let head = self.seen().expect("a tree");
        let text = format!("{ORIGIN}\n{}\n{}\n", head.size, loa_domain::audit::note::Base64(&head.root));
        let mut note = format!("{text}\n{}", self.world.log.line(&text, 0).expect("short"));
        for witness in &self.world.witnesses {
            note.push_str(&witness.line(&text, (at_ms / 1000) as u64).expect("short"));
        }
        self.add(&Entry::Checkpoint { note: &note });
    }

    fn export(&mut self) -> Export {
        let note = self.world.note(self.entries.len() as u64, build::root_of(&self.entries), true);
        let mut files = build::files(&self.entries);
        let _none = files.insert("checkpoint".to_owned(), note.into_bytes());
        self.disk.hold(&files);
        Export::new(self.disk.path(), self.world.policy(true))
    }

    fn check(&mut self) -> Report {
        verify(&self.export(), &mut ())
    }
}

#[test]
fn a_key_that_was_replaced_signs_no_more_records() {
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON);
    chain.key = build::key(51);
    log.key(51);
    log.record(&chain.next(stamp(NOON + 10, 1), IN_FORCE), NOON + 10);
    assert!(log.check().is_clean(), "a chain goes on under a new key");
    chain.key = build::key(50);
    log.record(&chain.next(stamp(NOON + 20, 1), IN_FORCE), NOON + 20);
    let report = log.check();
    assert!(matches!(&report.findings[..], [Finding::Edited { why: Unfit::Replaced, at }] if at.position == 5));
}

#[test]
fn records_of_an_old_chain_may_come_late_but_not_be_made_late() {
    let mut log = Small::new();
    let (mut old, mut new) = (Chain::new(50, 1), Chain::new(50, 2));
    log.key(50);
    log.record(&old.next(stamp(NOON, 1), BEGAN), NOON);
    let late = old.next(stamp(NOON + 1_000, 1), IN_FORCE);
    log.record(&new.next(stamp(NOON + 9_000, 2), Body::Started { rebuilt: true }), NOON + 9_000);
    log.record(&late, NOON + 10_000);
    let report = log.check();
    assert!(report.is_clean(), "{:?}", report.findings);
    assert!(report.told.iter().any(|told| matches!(told, Told::NewChain { before: 1, .. })), "{:?}", report.told);
    log.record(&old.next(stamp(NOON + 12_000, 1), IN_FORCE), NOON + 12_000);
    let report = log.check();
    assert!(matches!(&report.findings[..], [Finding::BothGoOn { newer: 2, since: 3, .. }]), "{:?}", report.findings);
}

#[test]
fn a_monotonic_clock_does_not_go_back_within_one_system_start() {
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON);
    let mut back = stamp(NOON + 5, 1);
    back.mono_ms -= 1_000;
    log.record(&chain.next(back, IN_FORCE), NOON + 5);
    let report = log.check();
    let wrong = |finding: &Finding| matches!(finding, Finding::Clock { wrong: Wrong::Backwards { by_ms: 995 }, .. });
    assert!(report.findings.len() == 1 && wrong(&report.findings[0]), "{:?}", report.findings);
}

#[test]
fn a_wrong_clock_that_a_step_on_record_puts_right_is_told_and_one_that_none_does_is_found() {
    for explained in [true, false] {
        let mut log = Small::new();
        let mut chain = Chain::new(50, 1);
        log.key(50);
        log.witnessed(NOON);
        chain.seen = log.seen();
        let mut wrong = stamp(NOON + 10_000, 1);
        wrong.utc = UtcMs(NOON - 3_600_000);
        log.record(&chain.next(wrong, BEGAN), NOON + 10_000);
        if explained {
            let stepped = Body::Stepped { by_ms: 3_610_000, to: UtcMs(NOON + 11_000) };
            log.record(&chain.next(stamp(NOON + 11_000, 1), stepped), NOON + 11_000);
        }
        let report = log.check();
        let told = report.told.iter().any(|told| matches!(told, Told::SteppedRight { position: 3, .. }));
        assert_eq!((report.is_clean(), told), (explained, explained), "{:?}", report.findings);
        assert_eq!(report.count(Class::Clock), u64::from(!explained));
    }
}

#[test]
fn the_desk_may_not_date_what_it_took_in_against_its_witnesses() {
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON + 60_000);
    log.witnessed(NOON + 1_000);
    let report = log.check();
    assert!(
        matches!(&report.findings[..], [Finding::Sequence { at, what: Follows::Received { .. } }] if at.position == 3)
    );
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    log.witnessed(NOON + 60_000);
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON);
    let report = log.check();
    assert!(
        matches!(&report.findings[..], [Finding::Sequence { at, what: Follows::Received { .. } }] if at.position == 3)
    );
}

#[test]
fn times_at_which_records_were_taken_in_never_go_back() {
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON + 2_000);
    log.record(&chain.next(stamp(NOON + 1, 1), IN_FORCE), NOON + 1_999);
    assert_eq!(log.check().exit_code(), Class::Sequence.exit_code());
}

#[test]
fn what_the_desk_numbers_follows() {
    let line = |change, line, lines| Entry::Change {
        change,
        line,
        lines,
        at: UtcMs(NOON),
        who: "chị Hoa",
        what: Change::Remove { kind: "place", id: "79" },
    };
    let act = |number| Entry::Act { number, at: UtcMs(NOON), who: "", what: "", subject: "", detail: "" };
    let opened = |origin| Entry::Opened { at: UtcMs(NOON), origin };
    let found = |entries: &[Entry<'_>], opens: bool| {
        let mut log = Small::new();
        if !opens {
            log.entries.clear();
        }
        entries.iter().for_each(|entry| log.add(entry));
        log.check().findings
    };
    let is = |findings: Vec<Finding>, wanted: Follows| {
        assert!(matches!(&findings[..], [Finding::Sequence { what, .. }] if *what == wanted), "{findings:?}");
    };
    assert_eq!(found(&[line(3, 1, 2), line(3, 2, 2), line(7, 1, 1), act(4), act(5)], true), []);
    is(found(&[line(3, 1, 3), line(3, 3, 3)], true), Follows::Change { change: 3, line: 3 });
    is(found(&[line(3, 1, 1), line(2, 1, 1)], true), Follows::Change { change: 2, line: 1 });
    is(found(&[line(3, 1, 2), act(4)], true), Follows::ChangeCut { change: 3, lines: 2 });
    is(found(&[line(3, 1, 2)], true), Follows::ChangeCut { change: 3, lines: 2 });
    is(found(&[act(4), act(6)], true), Follows::Act { number: 6, expected: 5 });
    is(found(&[opened(ORIGIN)], true), Follows::OpenedAgain);
    is(found(&[opened("log.example.vn/other")], false), Follows::OtherOrigin);
    is(found(&[act(4)], false), Follows::NotOpened);
}

#[test]
fn a_log_of_another_key_is_no_log_of_the_policy() {
    let mut log = Small::new();
    let mut export = log.export();
    let stranger =
        loa_domain::audit::note::NoteSigner::new(ORIGIN, loa_domain::audit::note::Algorithm::Ed25519, build::key(90));
    let text = format!("log {}\nquorum none\n", stranger.expect("a good name").key());
    export.policy = Policy::read(&text).expect("a policy");
    let report = verify(&export, &mut ());
    assert!(matches!(&report.findings[..], [Finding::Distrusted { why: Distrust::UnknownLog, .. }]));
}

#[test]
fn a_player_cannot_have_seen_what_stands_behind_its_record() {
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    chain.seen = Some(Seen { size: 3, root: Hash::of(b"any") });
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON);
    assert!(matches!(&log.check().findings[..], [.., Finding::SeenAhead { seen: 3, .. }]));
    let mut log = Small::new();
    let mut chain = Chain::new(50, 1);
    log.key(50);
    chain.seen = Some(Seen { size: 300, root: Hash::of(b"any") });
    log.record(&chain.next(stamp(NOON, 1), BEGAN), NOON);
    let report = log.check();
    let by_record = |view: &View| matches!(&view.by, Witness::Record(at) if at.position == 2);
    assert!(matches!(&report.findings[..], [Finding::Truncated { size: 3, view }] if by_record(view)));
}

#[test]
fn a_player_that_was_shown_another_log_says_so_and_whichever_is_exported_is_found() {
    for exported_is_seen in [true, false] {
        let mut log = Small::new();
        let mut chain = Chain::new(50, 1);
        log.key(50);
        let (ours, other) = (log.seen(), Some(Seen { size: 2, root: Hash::of(b"another") }));
        let (seen, shown) = if exported_is_seen { (ours, other) } else { (other, ours) };
        chain.seen = seen;
        let told = chain.next(stamp(NOON, 1), Body::LogSplit { shown: shown.expect("a tree") });
        log.record(&told, NOON);
        let report = log.check();
        assert!(matches!(&report.findings[..], [Finding::SplitView { count: 1, .. }]), "{:?}", report.findings);
    }
}
