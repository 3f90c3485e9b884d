//! What a release and its bundle are refused for, and that nothing else is.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::delivery::placing::Placing;
use crate::keys::{Role, SecretKey, seal};
use crate::time::{Offsets, QuietHours};
use crate::timetable::Timing;
use crate::timetable::audience::{Audience, Kind};
use crate::timetable::order::{Class, Form, Item, Late, Manner, WhenCut};
use crate::wire::{self, List, Text};

const NOW: UtcMs = UtcMs(1_000_000);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn root() -> Root {
    let officers = List::collect([key(1).public(), key(2).public(), key(3).public()]).expect("three fit");
    Root {
        version: 1,
        expires: UtcMs(9_000_000),
        root: Role::of_one(key(8).public()),
        officers: Role { threshold: 2, keys: officers },
        desk: Role::of_one(key(9).public()),
        log: None,
        offices_from: None,
    }
}

fn me() -> PlayerId {
    "loa-1".parse().expect("a good id")
}

fn placement() -> Placement {
    let (places, tags, languages) = (List::new(), List::new(), List::new());
    Placement { player: me(), kind: Kind::Speaker, places, tags, languages }
}

fn order(number: u8) -> Order {
    let name = |text| Text::new(text).expect("short");
    let item = |kind, content| Item { kind, content: Hash([content; 32]), size: 1, length_ms: 1_000 };
    Order {
        form: Form::Live,
        id: name("news"),
        campaign: name(""),
        programme: name("news"),
        made: UtcMs(i64::from(number)),
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
        items: List::collect([item(Kind::Speaker, number), item(Kind::Board, 200)]).expect("two"),
    }
}

fn signed(order: &Order, seeds: &[u8]) -> Vec<u8> {
    let keys: Vec<SecretKey> = seeds.iter().map(|seed| key(*seed)).collect();
    seal(&wire::encode(order), Purpose::Order, &keys.iter().collect::<Vec<_>>())
}

fn good(number: u8) -> Vec<u8> {
    signed(&order(number), &[1, 2])
}

fn known_by(sealed: &[u8]) -> Hash {
    Sealed::read(sealed).expect("sealed").hash()
}

fn placing(made: i64, placement: Placement, seeds: &[u8]) -> Vec<u8> {
    let keys: Vec<SecretKey> = seeds.iter().map(|seed| key(*seed)).collect();
    let placing = Placing::new(key(20).public(), UtcMs(made), placement);
    seal(&wire::encode(&placing), Purpose::Placing, &keys.iter().collect::<Vec<_>>())
}

/// A release that names `named`, with a bundle of `sealed` behind the placing.
fn release(named: &[&[u8]], sealed: &[&[u8]]) -> (Release, Vec<u8>) {
    let placing = placing(7, placement(), &[1, 2]);
    bundled(named, &[&[placing.as_slice()], sealed].concat())
}

/// A release that names `named`, with just this in its bundle.
fn bundled(named: &[&[u8]], sealed: &[&[u8]]) -> (Release, Vec<u8>) {
    let bytes = bundle_of(sealed);
    let release = Release {
        seq: 5,
        issued: UtcMs(900_000),
        expires: UtcMs(2_000_000),
        placement: placement(),
        offsets: Offsets::fixed(25_200),
        quiet: QuietHours::NONE,
        volume: 80,
        bundle: Some(BlobRef { hash: Hash::of(&bytes), size: bytes.len() as u32 }),
        orders: List::collect(named.iter().map(|sealed| known_by(sealed))).expect("few"),
        revoked: List::new(),
        place_name: None,
        board: None,
    };
    (release, bytes)
}

fn released(release: &Release) -> Vec<u8> {
    seal(&wire::encode(release), Purpose::Release, &[&key(9)])
}

/// What a release lacks by the root document of these tests.
fn lacking(release: &Release, bundle: Option<&[u8]>, held: impl FnMut(&Hash) -> bool) -> Result<Needs, Fault> {
    since(None, release, bundle, held)
}

fn since(
    placed: Option<UtcMs>,
    release: &Release,
    bundle: Option<&[u8]>,
    held: impl FnMut(&Hash) -> bool,
) -> Result<Needs, Fault> {
    lacks(release, bundle, Me { root: &root(), key: Some(&key(20).public()), placed }, held)
}

fn admitted(sealed: &[u8]) -> Result<Hash, Fault> {
    admit(sealed, Here { root: &root(), placement: &placement(), until: UtcMs(0) }).map(|admitted| admitted.hash)
}

fn take(named: &[&[u8]], sealed: &[&[u8]]) -> Result<Needs, Fault> {
    let (release, bytes) = release(named, sealed);
    lacking(&release, Some(&bytes), |_| true)
}

#[test]
fn a_good_release_is_taken() {
    let (release, _) = release(&[&good(1)], &[&good(1)]);
    assert_eq!(offer(&released(&release), &root(), &me(), Some(4), NOW), Ok(release.clone()));
    assert_eq!(
        offer(&released(&release), &root(), &me(), None, UtcMs(0)),
        Ok(release),
        "a clock behind changes nothing"
    );
}

#[test]
fn a_release_is_refused_with_the_fault_that_it_has() {
    let (release, _) = release(&[&good(1)], &[&good(1)]);
    let offered = |bytes: &[u8], newest, now| offer(bytes, &root(), &me(), newest, now).map(|release| release.seq);
    let sealed = released(&release);
    let by_officer = seal(&wire::encode(&release), Purpose::Release, &[&key(1)]);
    let for_order = seal(&wire::encode(&release), Purpose::Order, &[&key(9)]);
    assert_eq!(offered(&by_officer, None, NOW), Err(Fault::Signature));
    assert_eq!(offered(&for_order, None, NOW), Err(Fault::Signature));
    assert_eq!(offered(&sealed[..sealed.len() - 1], None, NOW), Err(Fault::Signature));
    assert_eq!(offered(&[sealed.clone(), vec![0]].concat(), None, NOW), Err(Fault::Signature));
    assert_eq!(offered(&sealed, Some(5), NOW), Err(Fault::Old));
    assert_eq!(offered(&sealed, Some(6), NOW), Err(Fault::Old));
    assert_eq!(offered(&sealed, None, release.expires), Err(Fault::Expired));
    assert_eq!(offered(&sealed, None, root().expires), Err(Fault::Expired));
    let mut other = release.clone();
    other.placement.player = "loa-2".parse().expect("a good id");
    assert_eq!(offered(&released(&other), None, NOW), Err(Fault::NotForMe));
    let mut backwards = release;
    backwards.expires = backwards.issued;
    assert_eq!(offered(&released(&backwards), None, UtcMs(0)), Err(Fault::Expired));
}

#[test]
fn a_root_document_that_has_ended_admits_nothing_new() {
    let (release, _) = release(&[&good(1)], &[&good(1)]);
    let mut ended = root();
    ended.expires = NOW;
    assert_eq!(offer(&released(&release), &ended, &me(), None, NOW), Err(Fault::Expired));
}

#[test]
fn an_order_is_refused_with_the_fault_that_it_has() {
    assert_eq!(admitted(&good(1)), Ok(known_by(&good(1))));
    assert_eq!(admitted(&signed(&order(1), &[1])), Err(Fault::Signature), "one of two officers");
    assert_eq!(admitted(&signed(&order(1), &[1, 1])), Err(Fault::Signature), "one officer twice");
    assert_eq!(admitted(&signed(&order(1), &[1, 9])), Err(Fault::Signature), "the desk is no officer");
    let mut others = order(1);
    others.audience.players = List::collect(["loa-2".parse().expect("a good id")]).expect("one");
    assert_eq!(admitted(&signed(&others, &[1, 2])), Err(Fault::Audience));
    let mut nobody = order(1);
    nobody.audience = Audience::default();
    assert_eq!(admitted(&signed(&nobody, &[1, 2])), Err(Fault::Audience));
    let mut loud = order(1);
    loud.manner.volume = Some(101);
    assert_eq!(admitted(&signed(&loud, &[1, 2])), Err(Fault::Order));
    let mut empty = order(1);
    empty.items[0].length_ms = 0;
    assert_eq!(admitted(&signed(&empty, &[1, 2])), Err(Fault::Order));
}

#[test]
fn a_bundle_holds_just_the_orders_that_the_release_names() {
    let (a, b) = (good(1), good(2));
    assert_eq!(take(&[&a, &b], &[&a, &b]), Ok(Needs::Nothing));
    assert_eq!(take(&[&a, &b], &[&a]), Err(Fault::Bundle), "too few");
    assert_eq!(take(&[&a], &[&a, &b]), Err(Fault::Bundle), "too many");
    assert_eq!(take(&[&a, &b], &[&b, &a]), Err(Fault::Bundle), "another order of them");
    assert_eq!(take(&[&a, &a], &[&a, &a]), Err(Fault::Bundle), "one twice");
    assert_eq!(take(&[], &[]), Ok(Needs::Nothing));
    let mut others = order(2);
    others.audience.players = List::collect(["loa-2".parse().expect("a good id")]).expect("one");
    let others = signed(&others, &[1, 2]);
    assert_eq!(take(&[&a, &others], &[&a, &others]), Err(Fault::Audience));
    let unsigned = signed(&order(2), &[1]);
    assert_eq!(take(&[&a, &unsigned], &[&a, &unsigned]), Err(Fault::Signature));
}

#[test]
fn a_bundle_with_anything_behind_or_between_is_refused() {
    let (release, good_bytes) = release(&[&good(1)], &[&good(1)]);
    let bent = |bytes: Vec<u8>| {
        let mut release = release.clone();
        release.bundle = Some(BlobRef { hash: Hash::of(&bytes), size: bytes.len() as u32 });
        lacking(&release, Some(&bytes), |_| true)
    };
    assert_eq!(bent(good_bytes.clone()), Ok(Needs::Nothing));
    assert_eq!(bent([good_bytes.clone(), vec![0]].concat()), Err(Fault::Bundle));
    assert_eq!(bent(good_bytes[..good_bytes.len() - 1].to_vec()), Err(Fault::Bundle));
    assert_eq!(bent([vec![0x9f], good_bytes[1..].to_vec(), vec![0xff]].concat()), Err(Fault::Bundle), "indefinite");
    assert_eq!(bent([vec![0x9b], vec![0xff; 8], good_bytes[1..].to_vec()].concat()), Err(Fault::Bundle), "no end");
    assert_eq!(bent(Vec::new()), Err(Fault::Bundle));
    assert_eq!(lacking(&release, Some(&[1, 2]), |_| true), Err(Fault::Bundle), "other bytes than named");
}

#[test]
fn a_release_says_what_it_lacks_first_the_bundle_then_content_for_this_kind() {
    let (a, b) = (good(1), good(2));
    let (release, bytes) = release(&[&a, &b], &[&a, &b]);
    let wanted = release.bundle.expect("it has one");
    assert_eq!(lacking(&release, None, |_| false), Ok(Needs::Blob(wanted)));
    let content = |number: u8| BlobRef { hash: Hash([number; 32]), size: 1 };
    assert_eq!(lacking(&release, Some(&bytes), |_| false), Ok(Needs::Blob(content(1))));
    assert_eq!(lacking(&release, Some(&bytes), |hash| hash.0[0] == 1), Ok(Needs::Blob(content(2))));
    // Slides are not for a loudspeaker.
    assert_eq!(lacking(&release, Some(&bytes), |hash| hash.0[0] < 3), Ok(Needs::Nothing));
}

#[test]
fn a_release_without_a_bundle_names_no_order() {
    let (mut release, _) = release(&[&good(1)], &[&good(1)]);
    release.bundle = None;
    assert_eq!(lacking(&release, None, |_| true), Err(Fault::Bundle));
    release.orders = List::new();
    assert_eq!(lacking(&release, None, |_| true), Err(Fault::Bundle), "nor does it say who placed the player");
}

#[test]
fn nobody_but_officers_says_where_a_player_stands() {
    let with = |sealed: &[u8], placed| {
        let (release, bytes) = bundled(&[&good(1)], &[sealed, &good(1)]);
        since(placed, &release, Some(&bytes), |_| true)
    };
    let good_placing = placing(7, placement(), &[1, 2]);
    assert_eq!(with(&good_placing, None), Ok(Needs::Nothing));
    assert_eq!(with(&good_placing, Some(UtcMs(7))), Ok(Needs::Nothing));
    assert_eq!(with(&good_placing, Some(UtcMs(8))), Err(Fault::Placing), "it was moved since");
    assert_eq!(with(&placing(7, placement(), &[1]), None), Err(Fault::Signature), "one officer");
    assert_eq!(with(&placing(7, placement(), &[9, 9]), None), Err(Fault::Signature), "the desk");
    let mut elsewhere = placement();
    elsewhere.tags = List::collect([Text::new("market").expect("short")]).expect("one");
    assert_eq!(with(&placing(7, elsewhere, &[1, 2]), None), Err(Fault::Placing), "it stands elsewhere");
    let (release, bytes) = bundled(&[&good(1)], &[&good(1)]);
    assert_eq!(lacking(&release, Some(&bytes), |_| true), Err(Fault::Signature), "an order is no placing");
    let other = key(21).public();
    let me = Me { root: &root(), key: Some(&other), placed: None };
    let (release, bytes) = bundled(&[], &[&good_placing]);
    assert_eq!(lacks(&release, Some(&bytes), me, |_| true), Err(Fault::Placing), "another card");
    assert_eq!(lacks(&release, Some(&bytes), Me { key: None, ..me }, |_| true), Ok(Needs::Nothing), "taken in before");
}

proptest! {
    #[test]
    fn no_bytes_make_the_intake_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _refused = offer(&bytes, &root(), &me(), None, NOW);
        let _refused = admitted(&bytes);
        if let Ok(orders) = bundle(&bytes) {
            prop_assert!(orders.take(1_000).count() <= bytes.len() + 1);
        }
    }
}

#[test]
fn of_what_was_taken_in_before_only_what_todays_officers_vouch_for_goes_on() {
    // Between the second and the third, officers 2 and 3 have gone; 1 and 4 are there today.
    let [kept, also] = [1, 3].map(|number| signed(&order(number), &[1, 4]));
    let gone = signed(&order(2), &[2, 3]);
    let mut today = root();
    today.officers.keys = List::collect([key(1).public(), key(4).public()]).expect("two fit");
    let inspected = |named: &[&[u8]], sealed: &[&[u8]], own: bool| {
        let (release, _) = release(named, &[]);
        let mine = key(20).public();
        let me = Me { root: &today, key: own.then_some(&mine), placed: None };
        let (mut inspection, mut lent) = (Inspection::default(), Vec::new());
        for one in [&[placing(7, placement(), &[1, 4]).as_slice()], sealed].concat() {
            inspection.next(one, &release, me, &mut |hash, _| lent.push(hash))?;
        }
        inspection.end(&release).map(|_| lent)
    };
    let all: [&[u8]; 3] = [&kept, &gone, &also];
    assert_eq!(inspected(&all, &all, false), Ok(vec![known_by(&kept), known_by(&also)]));
    assert_eq!(inspected(&all, &all, true), Err(Fault::Signature), "anew it is refused whole");
    assert_eq!(inspected(&[&kept, &also], &all, false), Err(Fault::Signature), "nobody named it");
    assert_eq!(inspected(&all, &[&gone, &kept, &also], false), Err(Fault::Signature), "not in its place");
    assert_eq!(inspected(&all, &[&kept, &also], false), Err(Fault::Bundle), "one is missing");
    assert_eq!(inspected(&[&kept, &gone], &[&kept, &gone], false), Ok(vec![known_by(&kept)]));
}
