//! Requests carried, signed, bent and counted.

use super::*;
use crate::keys::open;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn role(threshold: u8, seeds: &[u8]) -> Role {
    Role { threshold, keys: List::collect(seeds.iter().map(|seed| key(*seed).public())).unwrap() }
}

/// Two orders to sign (numbers stand for them), one to take off.
fn request() -> SigningRequest<'static> {
    let asked = |body: &'static [u8]| Asked { body, replaces: Many::collect([Hash::of(b"before")]).unwrap() };
    SigningRequest {
        root_version: 3,
        root: Hash::of(b"root"),
        made: UtcMs(7),
        orders: Many::collect([asked(&[1]), asked(&[2])]).unwrap(),
        taken_off: Many::collect([TakenOff { order: Hash::of(b"off"), id: "tin" }]).unwrap(),
        hints: Many::collect([Hint { kind: "place", key: "01", name: "Hà Nội" }]).unwrap(),
        new_root: None,
        placings: Many::new(),
        new_office: None,
        office: None,
        stop: None,
    }
}

/// A copy signed by these keys.
fn signed<'b>(body: &'b [u8], by: &[u8]) -> RequestFile<'b> {
    let request: SigningRequest<'_> = wire::decode(body).unwrap();
    by.iter().fold(RequestFile::new(body), |file, seed| file.with(Signer::of(&request, &key(*seed), "A")).unwrap())
}

#[test]
fn a_request_comes_back_with_its_signatures() {
    let body = wire::encode(&request());
    let bytes = wire::encode(&signed(&body, &[1, 2]));
    let (file, read) = RequestFile::read(&bytes).unwrap();
    assert_eq!(read, request());
    assert_eq!(read.hint("place", "01"), Some("Hà Nội"));
    assert_eq!(read.hint("player", "01"), None);
    assert!(file.signers.iter().all(|signer| signer.signed(&read)));
    assert_eq!(file.hash(), Hash::of(&body));
}

#[test]
fn another_file_or_one_that_asks_for_nothing_is_no_request() {
    let empty = wire::encode(&SigningRequest { orders: Many::new(), ..request() });
    let both = wire::encode(&SigningRequest { new_root: Some(&[1]), ..request() });
    for body in [empty, both] {
        let bytes = wire::encode(&RequestFile::new(&body));
        assert_eq!(RequestFile::read(&bytes), Err(RequestFault::Nothing));
    }
    for bytes in [&b""[..], b"[order]\n", b"\x83\x74loa1 signing reques!", &wire::encode(&request())] {
        assert_eq!(RequestFile::read(bytes), Err(RequestFault::Foreign));
    }
    let body = wire::encode(&request());
    let mut bytes = wire::encode(&RequestFile::new(&body));
    bytes.pop();
    assert!(matches!(RequestFile::read(&bytes), Err(RequestFault::Damaged(_))));
}

#[test]
fn a_request_whose_bits_flip_is_refused_or_has_no_valid_signature_or_another_hash() {
    let body = wire::encode(&request());
    let whole = signed(&body, &[1]);
    let bytes = wire::encode(&whole);
    for bit in 0..bytes.len() * 8 {
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let Ok((file, read)) = RequestFile::read(&bent) else { continue };
        let counted = Tally::of(&read, core::slice::from_ref(&file), &role(1, &[1])).counted;
        let is_renamed = file.signers.first().is_some_and(|signer| signer.name != "A");
        assert!(counted.is_empty() || file.hash() != whole.hash() || is_renamed, "bit {bit}");
    }
}

#[test]
fn copies_are_counted_together_and_one_key_once() {
    let body = wire::encode(&request());
    let officers = role(2, &[1, 2, 3]);
    let tally = |copies: &[&[u8]]| {
        let copies: Vec<RequestFile<'_>> = copies.iter().map(|by| signed(&body, by)).collect();
        let tally = Tally::of(&request(), &copies, &officers);
        (tally.counted.len(), tally.strangers.len(), tally.missing(&officers))
    };
    assert_eq!(tally(&[&[1], &[2]]), (2, 0, 0));
    assert_eq!(tally(&[&[1], &[1], &[1]]), (1, 0, 1), "one officer three times is one officer");
    assert_eq!(tally(&[&[1], &[8, 9]]), (1, 2, 1), "strangers are named and do not count");
    assert_eq!(tally(&[&[]]), (0, 0, 2));
    assert_eq!(tally(&[&[1, 2, 3]]), (3, 0, 0));
}

#[test]
fn who_signed_half_of_it_or_another_request_does_not_count() {
    let (ours, other) = (request(), SigningRequest { orders: Many::collect([]).unwrap(), ..request() });
    let half = Signer {
        signatures: Many::collect([Signer::of(&ours, &key(1), "").signatures[0]]).unwrap(),
        ..Signer::of(&ours, &key(1), "")
    };
    let wrong = Signer { signatures: Many::collect([[7; 64], [7; 64]]).unwrap(), ..Signer::of(&other, &key(2), "") };
    let body = wire::encode(&ours);
    let file = RequestFile::new(&body).with(half).unwrap().with(wrong).unwrap();
    let tally = Tally::of(&ours, core::slice::from_ref(&file), &role(2, &[1, 2]));
    assert_eq!((tally.counted.len(), tally.spoilt.len()), (0, 2));
    // A copy that was spoilt on its way, or on purpose, does not stand in the way of the good one.
    let tally = Tally::of(&ours, &[file, signed(&body, &[1, 2])], &role(2, &[1, 2]));
    assert_eq!((tally.counted.len(), tally.spoilt.len()), (2, 0));
}

#[test]
fn what_was_counted_opens_as_a_sealed_message() {
    let body = wire::encode(&request());
    let officers = role(2, &[1, 2]);
    let copies = [signed(&body, &[1]), signed(&body, &[2])];
    let tally = Tally::of(&request(), &copies, &officers);
    let signers: Vec<&Signer<'_>> = tally.counted.iter().collect();
    for (index, (_, body)) in request().bodies().enumerate() {
        let order = sealed(body, index, &signers, None);
        assert_eq!(open::<u32>(&order, Purpose::Order, &officers), Ok(u32::from(body[0])));
        assert!(open::<u32>(&order, Purpose::Root, &officers).is_err());
    }
}

#[test]
fn two_root_roles_are_satisfied_with_the_fewest_signatures() {
    let ask = SigningRequest { orders: Many::new(), new_root: Some(&[5]), ..request() };
    let chosen = |old: &Role, new: &Role, by: &[u8]| {
        let signers: Vec<Signer<'_>> = by.iter().map(|seed| Signer::of(&ask, &key(*seed), "")).collect();
        let chosen = enough_for_both(&signers, old, new);
        let bytes = sealed(&[5], 0, &chosen, None);
        let opened = open::<u32>(&bytes, Purpose::Root, old).is_ok() && open::<u32>(&bytes, Purpose::Root, new).is_ok();
        (chosen.len(), opened)
    };
    let three = |seeds| role(3, seeds);
    assert_eq!(chosen(&three(&[1, 2, 3, 4, 5]), &three(&[2, 3, 4, 5, 6]), &[1, 6, 2, 3, 4, 5]), (3, true));
    assert_eq!(chosen(&role(2, &[1, 2]), &role(2, &[3, 4]), &[1, 2, 3, 4]), (4, true));
    assert!(
        !chosen(&three(&[1, 2, 3]), &three(&[4, 5, 6]), &[1, 2, 3, 4, 5, 6]).1,
        "six do not fit: change step by step"
    );
    assert!(!chosen(&role(2, &[1, 2]), &role(2, &[3, 4]), &[1, 2, 3]).1);
}

#[test]
fn the_largest_request_is_signed_whole() {
    let (order, placing) = (wire::encode(&1_u8), wire::encode(&2_u8));
    let asked = (0..limits::REQUEST_ORDERS).map(|_| Asked { body: &order, replaces: Many::new() });
    let placed = (0..limits::REQUEST_ORDERS).map(|_| Placed { body: &placing, before: None });
    let (orders, placings) = (Many::collect(asked).unwrap(), Many::collect(placed).unwrap());
    let request = SigningRequest { orders, placings, ..request() };
    let signer = Signer::of(&request, &key(1), "A");
    assert_eq!(signer.signatures.len(), 2 * limits::REQUEST_ORDERS);
    assert!(signer.signed(&request));
    let short = Many::collect(signer.signatures.iter().copied().skip(1)).unwrap();
    let short = Signer { signatures: short, ..signer };
    assert!(!short.signed(&request));
}
