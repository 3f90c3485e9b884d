//! Sealing and opening, and what is told of keys and refusals.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};

use super::*;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn role(threshold: u8, seeds: &[u8]) -> Role {
    let keys = List::collect(seeds.iter().map(|seed| key(*seed).public())).expect("few keys");
    Role { threshold, keys }
}

#[test]
fn a_sealed_message_opens_for_its_purpose_alone() {
    let body = wire::encode(&7_u32);
    let sealed = seal(&body, Purpose::Order, &[&key(1)]);
    assert_eq!(open::<u32>(&sealed, Purpose::Order, &role(1, &[1])), Ok(7));
    let refused = Err(Refusal::Signatures { valid: 0, needed: 1 });
    assert_eq!(open::<u32>(&sealed, Purpose::Release, &role(1, &[1])), refused);
}

#[test]
fn one_key_signing_twice_counts_once() {
    let body = wire::encode(&7_u32);
    let twice = seal(&body, Purpose::Order, &[&key(1), &key(1)]);
    let refused = Err(Refusal::Signatures { valid: 1, needed: 2 });
    assert_eq!(open::<u32>(&twice, Purpose::Order, &role(2, &[1, 2])), refused);
    let both = seal(&body, Purpose::Order, &[&key(1), &key(2)]);
    assert_eq!(open::<u32>(&both, Purpose::Order, &role(2, &[1, 2])), Ok(7));
}

#[test]
fn a_threshold_of_zero_still_asks_for_one() {
    let body = wire::encode(&7_u32);
    let unsigned = seal(&body, Purpose::Order, &[]);
    let refused = Err(Refusal::Signatures { valid: 0, needed: 1 });
    assert_eq!(open::<u32>(&unsigned, Purpose::Order, &role(0, &[1])), refused);
}

#[test]
fn every_flipped_bit_of_a_sealed_message_is_refused() {
    let body = wire::encode(&7_u32);
    let sealed = seal(&body, Purpose::Order, &[&key(1)]);
    for bit in 0..sealed.len() * 8 {
        let mut bent = sealed.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        assert!(open::<u32>(&bent, Purpose::Order, &role(1, &[1])).is_err(), "bit {bit}");
    }
}

#[test]
fn a_public_key_is_told_whole_or_by_its_beginning_and_a_secret_one_never() {
    let (secret, public) = (key(7), key(7).public());
    let hex: String = public.0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((format!("{public}"), format!("{public:?}")), (hex.clone(), hex[..8].to_owned()));
    assert_eq!(format!("{secret:?}"), format!("secret key of {}", &hex[..8]));
    assert_eq!((secret.seed(), SecretKey::from_seed(&secret.seed()).public()), ([7; 32], public));
}

#[test]
fn a_refusal_says_what_is_missing() {
    let few = Refusal::Signatures { valid: 1, needed: 2 };
    assert_eq!(few.to_string(), "1 valid signatures of the role, 2 needed");
    let bytes = wire::decode::<Sealed<'_>>(&[0xff]).unwrap_err();
    assert_eq!(Refusal::from(bytes).to_string(), bytes.to_string());
    assert!(!bytes.to_string().is_empty());
}

#[test]
fn low_order_keys_are_not_sound() {
    assert!(!PublicKey([0; 32]).is_sound());
    assert!(key(3).public().is_sound());
}
