//! Whose signatures count through an office, and whose do not.

use std::vec::Vec;

use super::*;
use crate::keys::{SecretKey, Signed, seal};
use crate::wire::Text;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn root() -> Root {
    let officers = List::collect([1, 2, 3].map(|seed| key(seed).public())).expect("three");
    Root {
        version: 1,
        expires: UtcMs(9_000),
        root: Role::of_one(key(8).public()),
        officers: Role { threshold: 2, keys: officers },
        desk: Role::of_one(key(9).public()),
        log: None,
        offices_from: None,
    }
}

fn office() -> Office {
    let place = PlaceKey { code: Text::new("00123").expect("short"), valid_from: crate::time::LocalDate(0) };
    Office {
        name: Text::new("xa-binh-minh").expect("short"),
        threshold: 2,
        keys: List::collect([11, 12, 13].map(|seed| key(seed).public())).expect("three"),
        places: List::collect([place]).expect("one"),
        most: Class::Priority,
        made: UtcMs(5),
        expires: UtcMs(9_000),
    }
}

fn made(office: &Office, seeds: &[u8]) -> Vec<u8> {
    let keys: Vec<SecretKey> = seeds.iter().map(|seed| key(*seed)).collect();
    seal(&wire::encode(office), Purpose::Office, &keys.iter().collect::<Vec<_>>())
}

/// Something that keys signed for an office.
fn sealed<'b>(body: &'b [u8], seeds: &[u8], office: &'b [u8]) -> Sealed<'b> {
    let signed: Vec<Signed> = seeds.iter().map(|seed| key(*seed).sign(Purpose::Order, body)).collect();
    Sealed { body, signatures: List::collect(signed).expect("few"), office: Some(office) }
}

fn asked(seeds: &[u8], office: &[u8], root: &Root, alone: bool) -> Result<Option<Office>, Unauthorised> {
    root.authorises(&sealed(b"order", seeds, office), Purpose::Order, alone)
}

#[test]
fn an_office_orders_with_as_many_keys_as_its_makers_said() {
    let made = made(&office(), &[1, 2]);
    assert_eq!(asked(&[11, 12], &made, &root(), false), Ok(Some(office())));
    let refused = |valid, needed| Err(Unauthorised::Signatures(Refusal::Signatures { valid, needed }));
    assert_eq!(asked(&[11], &made, &root(), false), refused(1, 2));
    assert_eq!(asked(&[11, 11], &made, &root(), false), refused(1, 2), "one key twice");
    assert_eq!(asked(&[1, 2], &made, &root(), false), refused(0, 2), "who makes an office is not of it");
    assert_eq!(asked(&[11], &made, &root(), true), Ok(Some(office())), "one is enough to stop");
    assert_eq!(asked(&[14], &made, &root(), true), refused(0, 1));
}

#[test]
fn an_office_is_made_by_officers_and_by_nobody_else() {
    let refused = |valid| Err(Unauthorised::Signatures(Refusal::Signatures { valid, needed: 2 }));
    assert_eq!(asked(&[11, 12], &made(&office(), &[1]), &root(), false), refused(1));
    assert_eq!(asked(&[11, 12], &made(&office(), &[8, 9]), &root(), false), refused(0), "root keys and the desk");
    assert_eq!(asked(&[11, 12], &made(&office(), &[11, 12]), &root(), false), refused(0), "itself");
    let for_order = seal(&wire::encode(&office()), Purpose::Order, &[&key(1), &key(2)]);
    assert_eq!(asked(&[11, 12], &for_order, &root(), false), refused(0), "signed for something else");
    let first = made(&office(), &[1, 2]);
    let body = wire::encode(&office());
    let by_office = wire::encode(&Sealed {
        body: &body,
        signatures: List::collect([11, 12].map(|seed| key(seed).sign(Purpose::Office, &body))).expect("two"),
        office: Some(&first),
    });
    assert_eq!(asked(&[11, 12], &by_office, &root(), false), Err(Unauthorised::Unsound), "an office makes no office");
}

#[test]
fn an_office_that_the_root_document_ended_counts_no_more() {
    let made = made(&office(), &[1, 2]);
    let root_from = |from| Root { offices_from: Some(UtcMs(from)), ..root() };
    assert!(asked(&[11, 12], &made, &root_from(5), false).is_ok());
    assert_eq!(asked(&[11, 12], &made, &root_from(6), false), Err(Unauthorised::Ended));
}

#[test]
fn an_office_that_nobody_or_anybody_could_fill_counts_for_nothing() {
    for threshold in [0, 4] {
        let made = made(&Office { threshold, ..office() }, &[1, 2]);
        assert_eq!(asked(&[11, 12, 13], &made, &root(), false), Err(Unauthorised::Unsound), "{threshold}");
    }
}

#[test]
fn the_officers_themselves_need_no_office() {
    let signed =
        |seeds: &[u8]| List::collect(seeds.iter().map(|s| key(*s).sign(Purpose::Order, b"order"))).expect("few");
    let by = |seeds: &[u8]| Sealed { body: b"order", signatures: signed(seeds), office: None };
    assert_eq!(root().authorises(&by(&[1, 3]), Purpose::Order, false), Ok(None));
    assert!(root().authorises(&by(&[1]), Purpose::Order, false).is_err());
    assert_eq!(root().authorises(&by(&[1]), Purpose::Order, true), Ok(None));
    assert!(root().authorises(&by(&[9]), Purpose::Order, true).is_err(), "the desk");
    assert!(root().authorises(&by(&[1, 3]), Purpose::Stop, true).is_err(), "another purpose");
}
