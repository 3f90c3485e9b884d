//! How a player comes by a certificate of the transport: what it asks with, what the desk answers.
//!
//! A certificate only opens the way to the broker; it says nothing about what may be aired. So the key that asks is the
//! player's own, the one whose records count, and the key of the answer is the desk's online key, which the root document
//! names. The key of the transport is another one, made by the player, and only its public half travels. How
//! certificates are written (X.509) is the shells' concern: here they are bytes.

use crate::id::{Hash, PlayerId};
use crate::keys::PublicKey;
use crate::limits;
use crate::time::UtcMs;
use crate::timetable::audience::Kind;
use crate::wire::{Decode, Encode, Text};

/// What the client id of a visitor begins with. With what follows it is longer than any player's id.
pub const VISITOR_PREFIX: &str = "new-";

/// Hexadecimal digits of the hash of a visitor's key in its client id.
pub const VISITOR_DIGITS: usize = 32;

/// A wish for a certificate; sealed with the player's own key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    /// Who, or who it would like to be.
    #[n(0)]
    pub player: PlayerId,
    /// Its own key, which also seals this.
    #[n(1)]
    pub key: PublicKey,
    /// What it is.
    #[n(2)]
    pub kind: Kind,
    /// The public half of the key that it made for the transport: Ed25519, 32 bytes.
    #[n(3)]
    pub transport: PublicKey,
    /// Its wall clock. It may be wrong, and decides nothing.
    #[n(4)]
    pub now: UtcMs,
    /// The code that a person gave it, where it is new.
    #[n(5)]
    pub claim: Option<Text<{ limits::CLAIM_BYTES }>>,
}

/// A certificate; sealed with the desk's online key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Certified<'b> {
    /// Whom it names.
    #[n(0)]
    pub player: PlayerId,
    /// The key of the transport that it certifies.
    #[n(1)]
    pub transport: PublicKey,
    /// The certificate, and those between it and an authority: PEM.
    #[b(2)]
    pub certificate: &'b [u8],
    /// Every authority that is believed from now on: PEM.
    #[b(3)]
    pub authorities: &'b [u8],
    /// When it begins, by the desk's clock.
    #[n(4)]
    pub begins: UtcMs,
    /// When it ends.
    #[n(5)]
    pub ends: UtcMs,
}

/// The hash by which a player's own key stands in its certificate and in a visitor's client id: 32 hexadecimal digits.
#[must_use]
pub fn key_mark(key: &PublicKey) -> Text<VISITOR_DIGITS> {
    let mut digits = [0; VISITOR_DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(Hash::of(&key.0).0) {
        for (digit, half) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *digit = b"0123456789abcdef"[usize::from(half)];
        }
    }
    Text::cut(core::str::from_utf8(&digits).unwrap_or_default())
}

/// Whether a client id is a visitor's: no player's id is as long.
#[must_use]
pub fn is_visitor(client_id: &str) -> bool {
    client_id.strip_prefix(VISITOR_PREFIX).is_some_and(|digits| {
        digits.len() == VISITOR_DIGITS && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// When a certificate should be renewed: at half of its life.
#[must_use]
pub fn renew_at(begins: UtcMs, ends: UtcMs) -> UtcMs {
    begins.plus_ms(ends.0.saturating_sub(begins.0).max(0) / 2)
}

/// The client id under which a player of this key comes in without a certificate.
#[cfg(feature = "alloc")]
#[must_use]
pub fn visitor_id(key: &PublicKey) -> alloc::string::String {
    alloc::format!("{VISITOR_PREFIX}{}", key_mark(key))
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use crate::keys::{self, Purpose, Role, SecretKey};
    use crate::wire;

    #[test]
    fn a_visitors_name_is_the_hash_of_its_key_and_no_players_id() {
        let id = visitor_id(&SecretKey::from_seed(&[7; 32]).public());
        assert!(is_visitor(&id), "{id}");
        assert!(id.parse::<PlayerId>().is_err(), "a player could have this name");
        let hash = alloc::format!("{}", Hash::of(&SecretKey::from_seed(&[7; 32]).public().0));
        assert_eq!(id.strip_prefix("new-"), hash.get(..32));
        for wrong in ["", "new-", "new-0123", &id.to_uppercase(), &id[1..], &alloc::format!("{id}0")] {
            assert!(!is_visitor(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_request_counts_only_under_the_key_that_it_names_and_as_a_request() {
        let (own, other) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let request = Request {
            player: "loa-cho".parse().expect("an id"),
            key: own.public(),
            kind: Kind::Speaker,
            transport: other.public(),
            now: UtcMs(5),
            claim: Some(Text::cut("abcd-efgh")),
        };
        let body = wire::encode(&request);
        let role = Role::of_one(own.public());
        let open = |sealed: &[u8]| keys::open::<Request>(sealed, Purpose::CertificateRequest, &role);
        assert_eq!(open(&keys::seal(&body, Purpose::CertificateRequest, &[&own])), Ok(request));
        assert!(open(&keys::seal(&body, Purpose::CertificateRequest, &[&other])).is_err());
        assert!(open(&keys::seal(&body, Purpose::Hello, &[&own])).is_err());
        assert!(open(&keys::seal(&body, Purpose::Certificate, &[&own])).is_err());
    }

    #[test]
    fn a_certificate_is_renewed_at_half_of_its_life() {
        assert_eq!(renew_at(UtcMs(100), UtcMs(300)), UtcMs(200));
        assert_eq!(renew_at(UtcMs(300), UtcMs(100)), UtcMs(300), "one that ends before it begins is due at once");
    }
}
