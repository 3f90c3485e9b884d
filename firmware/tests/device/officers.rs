//! What officers say beside orders: stops, new root documents, offices, where the board stands.
//!
//! Whose word counts is a table of `loa_domain`; here is what a board makes of it, over resets and power cuts. Next:
//! `power.rs`.

use loa_domain::delivery::office::Office;
use loa_domain::id::{Hash, PlaceKey};
use loa_domain::keys::{self, Purpose, Role, Root, Sealed, SecretKey, Signed};
use loa_domain::message::Down;
use loa_domain::time::{LocalDate, UtcMs};
use loa_domain::timetable::audience::Audience;
use loa_domain::timetable::order::{Class, Form};
use loa_domain::timetable::stop::Stop;
use loa_domain::wire::{self, List, Text};

use crate::world::bench::{Bench, MIDNIGHT};
use crate::world::desk::{Desk, NORMAL, daily};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// A stop by this key.
fn stop(by: &SecretKey, made: UtcMs, orders: &[Hash]) -> Vec<u8> {
    let orders = List::collect(orders.iter().copied()).expect("few");
    keys::seal(&wire::encode(&Stop { made, audience: Audience::default(), orders }), Purpose::Stop, &[by])
}

fn hash(sealed: &[u8]) -> Hash {
    Sealed::read(sealed).expect("an order").hash()
}

/// A board that shows A at 08:00 and B at 09:00, a minute each; and the two orders.
fn showing() -> (Bench, [Vec<u8>; 2]) {
    let mut bench = Bench::new();
    bench.battery = Some(0);
    let orders = [('A', 8), ('B', 9)].map(|(letter, hour)| {
        let slide = bench.desk.slide(letter, 900);
        bench.desk.order(daily(hour, 0), NORMAL, &[(slide, 60)])
    });
    let release = bench.desk.draft(5, &orders, MIDNIGHT);
    bench.desk.issue(&release);
    bench.start();
    bench.run_to(7, 0, 0);
    (bench, orders)
}

fn say_stop(bench: &mut Bench, sealed: &[u8]) {
    let post = bench.desk.post(&Down::Stop { sealed });
    bench.pass_on(post);
}

fn say_root(bench: &mut Bench, sealed: &[u8]) {
    let post = bench.desk.post(&Down::Root { sealed });
    bench.pass_on(post);
}

fn release(bench: &mut Bench, seq: u64, orders: &[Vec<u8>]) {
    let release = bench.desk.draft(seq, orders, bench.utc);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
}

fn slides(bench: &Bench) -> Vec<&str> {
    bench.faces().into_iter().filter(|face| face.starts_with("slide")).collect()
}

#[test]
fn a_stopped_slide_goes_off_at_once_and_stays_off_over_resets_and_releases() {
    let (mut bench, orders) = showing();
    bench.run_to(8, 0, 20);
    let stopped = stop(&bench.desk.officer, bench.utc, &[hash(&orders[0])]);
    say_stop(&mut bench, &stopped);
    bench.run_for_ms(200);
    assert_eq!(bench.faces().last(), Some(&"clock"), "{:?}", bench.seen);
    bench.run_to(8, 5, 0);
    assert_eq!(bench.desk.told()[2..], ["08:00:00 interrupted (revoked) 20 s"]);
    // The other one shows, also after a reset.
    bench.stop();
    bench.start();
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide B"]);
    // Whoever has the desk may put it in force once more: the next day it does not show.
    release(&mut bench, 6, &orders);
    bench.run_to(20, 0, 0);
    bench.stop();
    bench.start();
    bench.run_to(24 + 12, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide B", "slide B"], "{:?}", bench.desk.told());
}

#[test]
fn everything_is_stopped_and_what_is_made_later_shows_though_the_stop_is_said_again() {
    let (mut bench, _) = showing();
    bench.run_to(8, 0, 20);
    let stopped = stop(&bench.desk.officer, bench.utc, &[]);
    say_stop(&mut bench, &stopped);
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A"]);
    bench.desk.made = bench.utc;
    let slide = bench.desk.slide('C', 900);
    let later = bench.desk.order(daily(11, 0), NORMAL, &[(slide, 60)]);
    release(&mut bench, 6, &[later]);
    bench.run_to(11, 0, 20);
    say_stop(&mut bench, &stopped);
    bench.run_to(12, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide C"]);
    assert!(bench.desk.told().contains(&"11:00:00 played 60 s".to_owned()), "{:?}", bench.desk.told());
}

/// A tornado siren's hijackers have the line: so many stops that no officer signed, and one between them that one did.
#[test]
fn a_flood_of_bad_stops_changes_nothing_and_hides_no_good_one() {
    let (mut bench, orders) = showing();
    bench.run_to(7, 59, 0);
    let bad = stop(&key(66), bench.utc, &[]);
    let good = stop(&bench.desk.officer, bench.utc, &[hash(&orders[1])]);
    for round in 0..900 {
        say_stop(&mut bench, &bad);
        if round == 450 {
            bench.desk.stops.push(good.clone());
            say_stop(&mut bench, &good);
        }
        bench.run_for_ms(100);
    }
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A"], "{:?}", bench.desk.told());
    assert!(bench.desk.told().contains(&"08:00:00 played 60 s".to_owned()), "{:?}", bench.desk.told());
    assert!(bench.desk.hellos.len() < 60, "{} hellos", bench.desk.hellos.len());
}

#[test]
fn a_stop_that_is_for_others_or_bent_or_nobodys_stops_nothing() {
    let (mut bench, orders) = showing();
    let desk_key = bench.desk.key.clone();
    let others =
        Audience { players: List::collect(["bang-khac".parse().expect("an id")]).expect("one"), ..Audience::default() };
    let for_others = Stop { made: bench.utc, audience: others, orders: List::new() };
    let for_others = keys::seal(&wire::encode(&for_others), Purpose::Stop, &[&bench.desk.officer]);
    let mut bent = stop(&bench.desk.officer, bench.utc, &[hash(&orders[0])]);
    bent[12] ^= 1;
    // Signed for something else, and by the desk.
    let body = wire::encode(&Stop { made: bench.utc, audience: Audience::default(), orders: List::new() });
    let of_another_purpose = keys::seal(&body, Purpose::Order, &[&bench.desk.officer]);
    let by_the_desk = stop(&desk_key, bench.utc, &[]);
    for sealed in [for_others, bent, of_another_purpose, by_the_desk, Vec::new(), vec![0x83]] {
        say_stop(&mut bench, &sealed);
        bench.run_for(3);
    }
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide B"]);
}

/// The root document that follows `old`, whose root role and officer is this key.
fn next(old: &Root, to: u8) -> Root {
    let role = Role::of_one(key(to).public());
    Root { version: old.version + 1, root: role.clone(), officers: role, ..old.clone() }
}

fn sealed(root: &Root, by: &[&SecretKey]) -> Vec<u8> {
    keys::seal(&wire::encode(root), Purpose::Root, by)
}

fn trusts(bench: &mut Bench) -> u32 {
    let post = bench.desk.post(&Down::SayHello);
    bench.pass_on(post);
    bench.run_for(5);
    bench.desk.hellos.last().expect("a hello").root
}

#[test]
fn new_officers_are_trusted_at_once_and_orders_of_the_old_ones_go_off() {
    let (mut bench, _) = showing();
    let old = bench.desk.trusted();
    let second = sealed(&next(&old, 21), &[&key(1), &key(21)]);
    bench.run_to(8, 0, 20);
    say_root(&mut bench, &second);
    bench.run_to(9, 30, 0);
    assert_eq!(slides(&bench), ["slide A"]);
    assert_eq!(bench.desk.told()[2..], ["08:00:00 interrupted (revoked) 20 s"]);
    assert_eq!(trusts(&mut bench), 2);
    // What the new ones sign shows; what the old ones sign does not, nor do they stop anything.
    bench.desk.officer = key(21);
    let slide = bench.desk.slide('C', 900);
    let theirs = bench.desk.order(daily(11, 0), NORMAL, &[(slide, 60)]);
    release(&mut bench, 6, &[theirs]);
    bench.run_to(10, 0, 0);
    say_stop(&mut bench, &stop(&key(1), MIDNIGHT.plus_ms(86_400_000), &[]));
    bench.stop();
    bench.start();
    bench.run_to(12, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide C"]);
    assert_eq!(trusts(&mut bench), 2, "over a reset");
    bench.desk.officer = key(1);
    let forged = bench.desk.order(daily(13, 0), NORMAL, &[(slide, 60)]);
    release(&mut bench, 7, &[forged]);
    bench.run_to(14, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide C"]);
    assert!(bench.desk.heard.contains(&"refused Some(7) signature".to_owned()), "{:?}", bench.desk.heard);
}

#[test]
fn a_root_document_out_of_turn_or_without_its_signatures_is_none() {
    let (mut bench, _) = showing();
    let old = bench.desk.trusted();
    let two = next(&old, 21);
    let refused = [
        ("skipped", sealed(&Root { version: 3, ..two.clone() }, &[&key(1), &key(21)])),
        ("the same again", sealed(&Root { version: 1, ..two.clone() }, &[&key(1), &key(21)])),
        ("old only", sealed(&two, &[&key(1)])),
        ("new only", sealed(&two, &[&key(21)])),
        ("the desk", sealed(&two, &[&key(2), &key(21)])),
        ("one twice", sealed(&two, &[&key(21), &key(21)])),
        ("expired", sealed(&Root { expires: bench.utc, ..two.clone() }, &[&key(1), &key(21)])),
        ("another purpose", keys::seal(&wire::encode(&two), Purpose::Order, &[&key(1), &key(21)])),
        ("nothing", Vec::new()),
    ];
    for (what, bytes) in &refused {
        say_root(&mut bench, bytes);
        bench.run_for(3);
        assert_eq!(trusts(&mut bench), 1, "{what}");
    }
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide B"]);
}

#[test]
fn versions_are_taken_one_after_the_other_until_the_newest_is_there() {
    let (mut bench, orders) = showing();
    let (one, mut by) = (bench.desk.trusted(), key(1));
    let mut before = one;
    for to in [21, 22, 23] {
        let after = next(&before, to);
        bench.desk.roots.insert(before.version, sealed(&after, &[&by, &key(to)]));
        (before, by) = (after, key(to));
    }
    // The last one gives the first officer his office back: what he signed shows again with the next release.
    let last = Root { officers: Role::of_one(key(1).public()), ..next(&before, 23) };
    bench.desk.roots.insert(4, sealed(&last, &[&by]));
    assert!(trusts(&mut bench) >= 2, "the first follows at once");
    bench.run_for(30);
    assert_eq!(trusts(&mut bench), 5);
    release(&mut bench, 6, &orders);
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide B"]);
}

#[test]
fn a_release_of_the_old_desk_stays_until_the_new_desk_has_another() {
    let (mut bench, orders) = showing();
    let old = bench.desk.trusted();
    let two = Root { version: 2, desk: Role::of_one(key(31).public()), ..old };
    say_root(&mut bench, &sealed(&two, &[&key(1)]));
    bench.run_for(5);
    bench.stop();
    bench.start();
    bench.run_to(8, 30, 0);
    assert_eq!(slides(&bench), ["slide A"]);
    release(&mut bench, 6, &[]);
    bench.run_to(8, 40, 0);
    assert!(bench.desk.heard.contains(&"refused None signature".to_owned()), "the old desk says no more");
    bench.desk.key = key(31);
    release(&mut bench, 7, &orders[1..]);
    bench.run_to(8, 50, 0);
    assert!(bench.desk.heard.contains(&"in force 7".to_owned()), "{:?}", bench.desk.heard);
}

#[test]
fn power_that_goes_at_any_write_leaves_the_old_root_document_or_the_new_one() {
    let through = |cut: Option<usize>| {
        let (mut bench, _) = showing();
        let two = next(&bench.desk.trusted(), 21);
        bench.desk.roots.insert(1, sealed(&two, &[&key(1), &key(21)]));
        let stopped = stop(&key(21), bench.utc, &[Hash([7; 32])]);
        let before = bench.chip.writes();
        cut.iter().for_each(|cut| bench.chip.cut_after(*cut));
        let post = bench.desk.post(&Down::SayHello);
        bench.pass_on(post);
        for second in 0..40 {
            bench.run_for(1);
            if !bench.has_power() {
                bench.start();
            }
            if second == 20 {
                say_stop(&mut bench, &stopped);
            }
        }
        assert_eq!(trusts(&mut bench), 2, "cut {cut:?}");
        let writes = bench.chip.writes() - before;
        bench.run_to(10, 0, 0);
        assert!(slides(&bench).is_empty(), "cut {cut:?}: {:?}", bench.seen);
        assert!(bench.desk.is_chain(), "cut {cut:?}");
        writes
    };
    let writes = through(None);
    assert!(writes > 3, "{writes} writes");
    for cut in 0..writes {
        through(Some(cut));
    }
}

fn place(code: &str) -> PlaceKey {
    PlaceKey { code: Text::new(code).expect("short"), valid_from: LocalDate(0) }
}

/// What an office of this place orders, signed by its one key; the office is signed by the officer of the desk.
fn by_an_office(desk: &Desk, code: &str, body: &[u8]) -> Vec<u8> {
    let office = Office {
        name: Text::new("xa").expect("short"),
        threshold: 1,
        keys: List::collect([key(41).public()]).expect("one"),
        places: List::collect([place(code)]).expect("one"),
        most: Class::Normal,
        made: UtcMs(1),
        expires: UtcMs(i64::MAX),
    };
    let office = keys::seal(&wire::encode(&office), Purpose::Office, &[&desk.officer]);
    let signatures: List<Signed, { loa_domain::limits::SIGNATURES }> =
        List::collect([key(41).sign(Purpose::Order, body)]).expect("one");
    wire::encode(&Sealed { body, signatures, office: Some(&office) })
}

#[test]
fn an_office_orders_in_its_place_and_nowhere_else_until_the_root_document_ends_it() {
    let mut bench = Bench::new();
    bench.battery = Some(0);
    bench.desk.stands = List::collect([place("00123"), place("01")]).expect("two");
    let slide = bench.desk.slide('A', 900);
    let body = wire::encode(&bench.desk.drafted(daily(8, 0), NORMAL, &[(slide, 60)]));
    let elsewhere = by_an_office(&bench.desk, "02", &body);
    let here = by_an_office(&bench.desk, "00123", &body);
    let draft = bench.desk.draft(5, &[elsewhere], MIDNIGHT);
    bench.desk.issue(&draft);
    bench.start();
    bench.run_to(1, 0, 0);
    assert!(bench.desk.heard.contains(&"refused Some(5) office".to_owned()), "{:?}", bench.desk.heard);
    release(&mut bench, 6, &[here]);
    bench.run_to(8, 0, 20);
    assert_eq!(slides(&bench), ["slide A"]);
    let two = Root { version: 2, offices_from: Some(UtcMs(2)), ..bench.desk.trusted() };
    say_root(&mut bench, &sealed(&two, &[&key(1)]));
    bench.run_for(5);
    assert_eq!(bench.faces().last(), Some(&"clock"), "the office is ended: {:?}", bench.seen);
}

#[test]
fn a_board_is_placed_by_officers_for_its_own_key_and_never_back() {
    let (mut bench, orders) = showing();
    bench.desk.placed = UtcMs(9);
    release(&mut bench, 6, &orders);
    bench.run_for(30);
    assert!(bench.desk.heard.contains(&"in force 6".to_owned()), "{:?}", bench.desk.heard);
    let refused = |bench: &mut Bench, seq: u64| {
        release(bench, seq, &orders);
        bench.run_for(30);
        let told = format!("refused Some({seq}) placing");
        assert!(bench.desk.heard.contains(&told), "{told}: {:?}", bench.desk.heard);
    };
    bench.desk.placed = UtcMs(8);
    refused(&mut bench, 7);
    bench.desk.placed = UtcMs(10);
    let own = bench.desk.board(key(9).public());
    refused_key(&mut bench, &orders);
    assert_eq!(own, key(9).public());
    bench.run_to(10, 0, 0);
    assert_eq!(slides(&bench), ["slide A", "slide B"], "what was in force stays");
}

/// Another key in the board's place.
fn refused_key(bench: &mut Bench, orders: &[Vec<u8>]) {
    let own = bench.desk.board(key(42).public());
    release(bench, 8, orders);
    bench.desk.board(own);
    bench.run_for(30);
    assert!(bench.desk.heard.contains(&"refused Some(8) placing".to_owned()), "{:?}", bench.desk.heard);
}

#[test]
fn a_template_is_fetched_and_kept_and_never_shows_by_itself() {
    let mut bench = Bench::new();
    bench.battery = Some(0);
    let slide = bench.desk.slide('T', 900);
    // Whatever times it says.
    let mut template = bench.desk.drafted(daily(8, 0), NORMAL, &[(slide, 60)]);
    template.form = Form::Template;
    let template = keys::seal(&wire::encode(&template), Purpose::Template, &[&bench.desk.officer]);
    let draft = bench.desk.draft(5, &[template], MIDNIGHT);
    bench.desk.issue(&draft);
    bench.start();
    bench.run_to(24, 0, 0);
    assert!(slides(&bench).is_empty(), "{:?}", bench.seen);
    assert!(bench.desk.heard.iter().any(|heard| heard.starts_with("want T")), "{:?}", bench.desk.heard);
    assert!(bench.device().slide(slide.hash).is_ok(), "its slide is here");
}

#[test]
fn a_drill_is_announced_before_and_after_and_marked_all_through_it() {
    let mut bench = Bench::new();
    bench.battery = Some(0);
    let (slide, other) = (bench.desk.slide('D', 900), bench.desk.slide('E', 900));
    let mut drill = bench.desk.drafted(daily(8, 0), NORMAL, &[(slide, 20), (other, 20)]);
    drill.form = Form::Drill;
    let body = wire::encode(&drill);
    let (as_live, drill) =
        (keys::seal(&body, Purpose::Order, &[&key(1)]), keys::seal(&body, Purpose::Drill, &[&key(1)]));
    release(&mut bench, 4, &[as_live]);
    let draft = bench.desk.draft(5, &[drill], MIDNIGHT);
    bench.desk.issue(&draft);
    bench.start();
    bench.run_to(9, 0, 0);
    let shown: Vec<&str> = bench.seen.iter().filter(|seen| seen.contains("08:00")).map(String::as_str).collect();
    assert_eq!(
        shown,
        [
            "08:00:00.000 drill",
            "08:00:06.000 slide D of a drill",
            "08:00:26.000 slide E of a drill",
            "08:00:46.000 drill",
            "08:00:52.000 clock"
        ]
    );
    assert_eq!(bench.desk.told()[2..], ["08:00:00 played 52 s"]);
    // The proof is of the slides alone.
    let content = loa_domain::id::Hash::of(&[slide.hash.0, other.hash.0].concat());
    let is_theirs = |(record, _): &(loa_domain::proof::record::Record, Vec<u8>)| matches!(record.body, loa_domain::proof::record::Body::Cue { content: of, .. } if of == content);
    assert!(bench.desk.records.values().any(is_theirs));
}
