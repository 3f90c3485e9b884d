//! The loop with a stage that only takes notes: what it plays when the disk hangs, and what it says it knows.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use loa_domain::delivery::blob::BlobRef;
use loa_domain::delivery::intake::{Me, bundle_of};
use loa_domain::delivery::placing::Placing;
use loa_domain::delivery::release::Release;
use loa_domain::id::PlayerId;
use loa_domain::keys::{Purpose, Role, Root, Sealed, SecretKey, seal};
use loa_domain::play::player::Outcome;
use loa_domain::proof::record;
use loa_domain::time::{Offsets, QuietHours};
use loa_domain::timetable::Timing;
use loa_domain::timetable::activation::Is;
use loa_domain::timetable::audience::{Audience, Kind, Placement};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::wire::{List, Text};
use loa_host::text::{Language, Words};
use tempfile::TempDir;

use super::*;
use crate::piece::{Part, Piece};
use crate::play::board::quiet::Quiet;
use crate::play::sequence::{Heard, Voice};
use crate::play::standing::Lease;

#[derive(Clone, Default)]
struct Notes {
    begun: Arc<Mutex<Vec<UtcMs>>>,
    parts: Arc<Mutex<Vec<Part>>>,
    ended: Arc<Mutex<Vec<Voice>>>,
    standing: Arc<Mutex<Vec<Standing>>>,
}

impl Stage for Notes {
    fn begin(&mut self, _: Voice, piece: &Piece, at: UtcMs, _: u32, _: u8) -> Result<(), Reason> {
        self.parts.lock().expect("whole").push(piece.part);
        self.begun.lock().expect("whole").push(at);
        Ok(())
    }

    fn end(&mut self, voice: Voice) {
        self.ended.lock().expect("whole").push(voice);
    }

    fn stand(&mut self, standing: &Standing) {
        self.standing.lock().expect("whole").push(standing.clone());
    }
}

struct Bench {
    run: Run<Notes>,
    clock: Clock,
    notes: Notes,
    store: Store,
    _dir: TempDir,
}

pub fn me() -> PlayerId {
    "loa-1".parse().expect("a good id")
}

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// A timetable with one cue at `at`.
fn table(now: UtcMs, at: UtcMs) -> Box<Table> {
    table_of(now, at, Item { kind: Kind::Speaker, content: Hash([1; 32]), size: 1, length_ms: 1_000 })
}

/// A timetable whose one cue, at `at`, is this item.
pub fn table_of(now: UtcMs, at: UtcMs, item: Item) -> Box<Table> {
    table_as(Form::Live, now, at, item)
}

/// As [`table_of`], with an order of this form.
pub fn table_as(form: Form, now: UtcMs, at: UtcMs, item: Item) -> Box<Table> {
    let order = Order {
        form,
        id: Text::cut("tin"),
        campaign: Text::cut(""),
        programme: Text::cut("tin"),
        made: now,
        audience: Audience { players: List::collect([me()]).expect("one"), ..Audience::default() },
        timing: Timing { once: List::collect([at]).expect("one"), ..Timing::default() },
        manner: Manner {
            class: Class::Normal,
            late: Late::Join,
            late_limit_ms: 60_000,
            wait_ms: 0,
            when_cut: WhenCut::Drop,
            volume: None,
        },
        items: List::collect([item]).expect("one"),
    };
    let body = loa_domain::wire::encode(&order);
    let purpose = Is::of(&body).expect("an order").purpose();
    let sealed = seal(&body, purpose, &[&key(2)]);
    let (places, tags, languages) = (List::new(), List::new(), List::new());
    let placement = Placement { player: me(), kind: item.kind, places, tags, languages };
    let placing = Placing::new(key(7).public(), now, placement.clone());
    let placing = seal(&loa_domain::wire::encode(&placing), Purpose::Placing, &[&key(2)]);
    let bundle = bundle_of(&[&placing, &sealed]);
    let release = Release {
        seq: 1,
        issued: now,
        expires: now.plus_ms(3_600_000),
        placement,
        offsets: Offsets::fixed(25_200),
        quiet: QuietHours::NONE,
        volume: 80,
        bundle: Some(BlobRef { hash: Hash::of(&bundle), size: bundle.len() as u32 }),
        orders: List::collect([Sealed::read(&sealed).expect("sealed").hash()]).expect("one"),
        revoked: List::new(),
        place_name: Some(Text::cut("Thôn Phượng Mao")),
        board: None,
    };
    let role = |seed| Role::of_one(key(seed).public());
    let root = Root {
        version: 1,
        expires: UtcMs(i64::MAX),
        root: role(1),
        officers: role(2),
        desk: role(3),
        log: None,
        offices_from: None,
    };
    Box::new(
        Table::build(
            release,
            &bundle,
            Me { root: &root, key: Some(&key(7).public()), placed: None },
            &QuietHours::NONE,
        )
        .expect("a good release"),
    )
}

fn bench() -> Bench {
    let dir = TempDir::new().expect("a folder");
    let clock = Clock::manual();
    let (store, _) = Store::open(&dir.path().join("store"), 0);
    let chain = Chain::load(&store, me(), key(7), [0; 16], 1);
    let (notes, (events, _)) = (Notes::default(), channel());
    let run = Run::start(clock.clone(), store.clone(), chain, notes.clone(), None, events, Box::new(|_| ()));
    Bench { run, clock, notes, store, _dir: dir }
}

impl Bench {
    fn now(&self) -> UtcMs {
        super::now(self.clock.now()).utc
    }

    fn pass_ms(&mut self, ms: u64) {
        for _ in 0..ms / 100 {
            self.clock.advance_ns(100_000_000);
            self.run.round();
        }
    }
}

#[test]
fn a_cue_is_played_although_the_disk_hangs() {
    let mut bench = bench();
    let (blocked, go_on) = channel::<()>();
    // The writer stands still for as long as this holds it.
    bench.store.commit(vec![Op::Put(b"x".to_vec(), b"y".to_vec())], move |_| {
        let _held = go_on.recv();
    });
    let at = bench.now().plus_ms(10_000);
    bench.run.happens(Event::Table(table(bench.now(), at)));
    bench.pass_ms(9_000);
    assert_eq!(*bench.notes.begun.lock().expect("whole"), []);
    bench.pass_ms(3_500);
    let begun = bench.notes.begun.lock().expect("whole").clone();
    assert_eq!(begun, [at], "and on time");
    drop(blocked);
}

#[test]
fn the_stage_hears_of_the_timetable_of_the_next_cue_and_of_its_end() {
    let mut bench = bench();
    bench.pass_ms(1_000);
    let at = bench.now().plus_ms(10_000);
    bench.run.happens(Event::Table(table(bench.now(), at)));
    bench.pass_ms(20_000);
    bench.pass_ms(3_600_000);
    let told: Vec<_> = bench.notes.standing.lock().expect("whole").iter().map(|s| (s.lease, s.next)).collect();
    let expected = [(Lease::Missing, None), (Lease::InForce, Some(at)), (Lease::InForce, None), (Lease::Ended, None)];
    assert_eq!(told, expected);
    let standing = bench.notes.standing.lock().expect("whole")[1].clone();
    assert_eq!((standing.place_name.as_str(), standing.offsets), ("Thôn Phượng Mao", Some(Offsets::fixed(25_200))));
}

#[test]
fn the_stage_hears_that_another_day_has_begun_at_the_place() {
    let mut bench = bench();
    let to_midnight_ms = 86_400_000 - bench.now().plus_ms(25_200_000).0.rem_euclid(86_400_000);
    // The rest of the day, but for a minute.
    bench.clock.advance_ns((to_midnight_ms - 60_000) as u64 * 1_000_000);
    let at = bench.now().plus_ms(600_000);
    bench.run.happens(Event::Table(table(bench.now(), at)));
    bench.pass_ms(120_000);
    let words = Words::new(Language::Vietnamese);
    let told = bench.notes.standing.lock().expect("whole").clone();
    let said: Vec<_> = told.iter().filter_map(|standing| Quiet::say(standing, &words).lines.pop()).collect();
    let (_, month, day) = Offsets::fixed(25_200).to_local(at).date().year_month_day();
    let expected = [format!("Phát 00:09 {day}/{month}"), "Phát lúc 00:09".to_owned()];
    assert_eq!(said, expected);
}

#[test]
fn a_clock_from_before_the_release_shows_no_time_of_day() {
    let mut bench = bench();
    let now = bench.now();
    bench.run.happens(Event::Table(table(now.plus_ms(60_000), now.plus_ms(90_000))));
    bench.pass_ms(1_000);
    let last = |bench: &Bench| bench.notes.standing.lock().expect("whole").last().cloned().expect("told");
    assert_eq!((last(&bench).offsets, last(&bench).next), (None, None));
    bench.pass_ms(60_000);
    assert_eq!(last(&bench).next, Some(now.plus_ms(90_000)));
}

fn clip() -> Item {
    Item { kind: Kind::Speaker, content: Hash([1; 32]), size: 1, length_ms: 1_000 }
}

#[test]
fn a_drill_says_what_it_is_before_and_after_and_a_template_never_sounds() {
    for (form, expected) in [
        (Form::Live, vec![Part::Plain]),
        (Form::Drill, vec![Part::Notice, Part::OfDrill, Part::Notice]),
        (Form::Template, vec![]),
    ] {
        let mut bench = bench();
        let at = bench.now().plus_ms(10_000);
        let table = table_as(form, bench.now(), at, clip());
        assert_eq!(table.content().collect::<Vec<_>>(), [Hash([1; 32])], "what it airs lies on the disk");
        bench.run.happens(Event::Table(table));
        bench.pass_ms(30_000);
        assert_eq!(*bench.notes.parts.lock().expect("whole"), expected, "{form:?}");
    }
}

fn stop(made: UtcMs, orders: &[Hash]) -> Event {
    let orders = List::collect(orders.iter().copied()).expect("few");
    Event::Stopped(Box::new(Stop { made, audience: Audience::default(), orders }))
}

impl Bench {
    /// What was signed so far of cues: what became of them and why.
    fn proofs(&self) -> Vec<(Outcome, Option<Reason>)> {
        let role = Role::of_one(key(7).public());
        let sealed = self.store.scan(crate::proof::OUTBOX);
        let bodies = sealed.iter().filter_map(|(_, sealed)| record::open(sealed, &role).ok());
        bodies
            .filter_map(|(record, _)| match record.body {
                Body::Cue { closed, .. } => Some((closed.outcome, closed.why.map(|why| why.reason))),
                _ => None,
            })
            .collect()
    }

    /// The stage says what happened to a piece.
    fn heard(&mut self, heard: Heard) {
        self.run.happens(Event::Heard(heard));
    }
}

#[test]
fn a_stop_silences_at_once_is_on_record_and_holds_against_every_release_and_over_restarts() {
    let mut bench = bench();
    let (made, at) = (bench.now(), bench.now().plus_ms(10_000));
    let item = Item { length_ms: 60_000, ..clip() };
    let table = table_of(made, at, item);
    let order = table.rules[0].order;
    bench.run.happens(Event::Table(table.clone()));
    bench.pass_ms(12_000);
    bench.heard(Heard::Began { voice: 1, at });
    let ended = |bench: &Bench| bench.notes.ended.lock().expect("whole").clone();
    bench.run.happens(stop(made, &[Hash([99; 32])]));
    assert_eq!(ended(&bench), Vec::<Voice>::new(), "of another order");
    bench.run.happens(stop(made, &[order]));
    assert_eq!(ended(&bench), [1], "within the same round");
    bench.heard(Heard::Over { voice: 1, heard_ms: 2_050 });
    bench.pass_ms(1_000);
    let settled = |bench: &Bench| {
        let (done, wait) = channel();
        bench.store.commit(vec![], move |_| done.send(()).expect("somebody waits"));
        wait.recv().expect("the disk answers");
    };
    settled(&bench);
    assert_eq!(bench.proofs(), [(Outcome::Interrupted, Some(Reason::Stopped))]);
    // The desk brings it back, and the player is started again.
    let mut again = table.clone();
    again.release.seq = 2;
    bench.run.happens(Event::Table(again));
    bench.pass_ms(5_000);
    let chain = Chain::load(&bench.store, me(), key(7), [0; 16], 1);
    let (events, notes) = (channel().0, Notes::default());
    let (store, clock) = (bench.store.clone(), bench.clock.clone());
    bench.run = Run::start(clock, store, chain, notes.clone(), Some(table), events, Box::new(|_| ()));
    bench.pass_ms(60_000);
    assert_eq!((bench.notes.begun.lock().expect("whole").len(), notes.begun.lock().expect("whole").len()), (1, 0));
    settled(&bench);
    assert_eq!(bench.proofs().len(), 1, "{:?}", bench.proofs());
}

#[test]
fn a_stop_of_everything_leaves_alone_what_is_made_after_it() {
    let mut bench = bench();
    let before = bench.now();
    bench.run.happens(Event::Table(table(before, before.plus_ms(20_000))));
    bench.run.happens(stop(before.plus_ms(1), &[]));
    bench.pass_ms(30_000);
    assert_eq!(*bench.notes.begun.lock().expect("whole"), []);
    let (now, at) = (bench.now(), bench.now().plus_ms(20_000));
    bench.run.happens(Event::Table(table(now, at)));
    bench.run.happens(stop(before.plus_ms(1), &[]));
    bench.pass_ms(30_000);
    assert_eq!(*bench.notes.begun.lock().expect("whole"), [at], "a stop that is played back stops nothing");
}
