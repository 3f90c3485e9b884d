//! Which root document may follow another: by one version, sound, in force, and signed under both.
//!
//! Signed under the old one, or whoever has new keys takes the fleet over; under the new one, or a mistyped key locks
//! everybody out. That the old one has ended is no reason to refuse: it ends what may be aired, not who may change it,
//! or a fleet whose officers were late could only be enrolled again. Who asks for the change is not decided here.

use core::fmt;

use super::{Purpose, Refusal, Role, Root, Sealed};
use crate::limits;
use crate::time::UtcMs;
use crate::wire::{self, Decode, WireError};

/// Which of the two documents did not get its signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one in force.
    Old,
    /// The one that would follow.
    New,
}

/// A role of a root document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Who may change the document.
    Root,
    /// Who may order what is aired.
    Officers,
    /// Who may release.
    Desk,
}

/// Why a root document may not follow another, or not be the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootFault {
    /// The bytes are no root document.
    Wire(WireError),
    /// It is not the version that comes next.
    Version {
        /// The one that comes next.
        expected: u32,
        /// The one it says.
        found: u32,
    },
    /// It has ended already.
    Expired,
    /// A role that nobody can fill: no key, a key twice or unsound, or more signatures than keys or than a message holds.
    Role(Part),
    /// Too few keys of the root role signed it.
    Signatures {
        /// Of which document.
        side: Side,
        /// Different keys that did.
        valid: u8,
        /// How many it takes.
        needed: u8,
    },
}

impl fmt::Display for RootFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(error) => error.fmt(f),
            Self::Version { expected, found } => write!(f, "expected version {expected}, found {found}"),
            Self::Expired => f.write_str("it has ended"),
            Self::Role(part) => write!(f, "nobody can fill the role {part:?}"),
            Self::Signatures { side, valid, needed } => {
                write!(f, "{valid} signatures of the {side:?} document's root role, {needed} needed")
            }
        }
    }
}

impl core::error::Error for RootFault {}

impl Role {
    /// Whether the signature of this key alone is enough.
    #[must_use]
    pub fn is_filled_by(&self, key: &super::PublicKey) -> bool {
        self.threshold <= 1 && self.keys.contains(key)
    }

    /// Whether it can be filled: different sound keys, and no more signatures than there are keys or a message holds.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let different = (1..self.keys.len()).all(|at| !self.keys[..at].contains(&self.keys[at]));
        let needed = usize::from(self.threshold);
        different
            && self.keys.iter().all(super::PublicKey::is_sound)
            && (1..=self.keys.len().min(limits::SIGNATURES)).contains(&needed)
    }
}

impl Root {
    /// The document that `sealed` holds, if it may follow this one at `now`.
    ///
    /// # Errors
    /// What stands against it.
    pub fn succeeded_by(&self, sealed: &Sealed<'_>, now: UtcMs) -> Result<Self, RootFault> {
        let mut next = Self::blank();
        self.succeeded_into(sealed, now, &mut next).map(|()| next)
    }

    /// As [`Root::succeeded_by`], with the document where it stays. After an error it means nothing.
    ///
    /// # Errors
    /// What stands against it.
    pub fn succeeded_into(&self, sealed: &Sealed<'_>, now: UtcMs, next: &mut Self) -> Result<(), RootFault> {
        sound(sealed, self.version.checked_add(1), now, next)?;
        signed(sealed, &self.root, Side::Old)?;
        signed(sealed, &next.root, Side::New)
    }

    /// The document that `sealed` holds, if it may be a desk's first at `now`: its own root role signed it.
    ///
    /// # Errors
    /// What stands against it.
    pub fn first(sealed: &Sealed<'_>, now: UtcMs) -> Result<Self, RootFault> {
        let mut first = Self::blank();
        sound(sealed, Some(1), now, &mut first)?;
        signed(sealed, &first.root, Side::New)?;
        Ok(first)
    }
}

fn sound(sealed: &Sealed<'_>, version: Option<u32>, now: UtcMs, root: &mut Root) -> Result<(), RootFault> {
    wire::decode_into(sealed.body, root).map_err(RootFault::Wire)?;
    if version != Some(root.version) {
        return Err(RootFault::Version { expected: version.unwrap_or(u32::MAX), found: root.version });
    }
    let roles = [(Part::Root, &root.root), (Part::Officers, &root.officers), (Part::Desk, &root.desk)];
    if let Some((part, _)) = roles.into_iter().find(|(_, role)| !role.is_sound()) {
        return Err(RootFault::Role(part));
    }
    if root.expires <= now { Err(RootFault::Expired) } else { Ok(()) }
}

fn signed(sealed: &Sealed<'_>, role: &Role, side: Side) -> Result<(), RootFault> {
    sealed.check(Purpose::Root, role).map_err(|refusal| match refusal {
        Refusal::Wire(error) => RootFault::Wire(error),
        Refusal::Signatures { valid, needed } => RootFault::Signatures { side, valid, needed },
    })
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use crate::keys::{SecretKey, seal};
    use crate::wire::List;
    use alloc::vec::Vec;

    const NOW: UtcMs = UtcMs(1_000);

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    fn role(threshold: u8, seeds: &[u8]) -> Role {
        Role { threshold, keys: List::collect(seeds.iter().map(|seed| key(*seed).public())).unwrap() }
    }

    /// Version 3 with the root keys 1, 2, 3, of which two sign.
    fn old() -> Root {
        let officers = role(2, &[1, 2, 3]);
        let (root, desk) = (officers.clone(), role(1, &[9]));
        Root { version: 3, expires: UtcMs(2_000), root, officers, desk, log: None, offices_from: None }
    }

    /// Version 4, in which 4 stands in the place of 3.
    fn new() -> Root {
        Root { version: 4, root: role(2, &[1, 2, 4]), ..old() }
    }

    fn followed(new: &Root, by: &[u8]) -> Result<Root, RootFault> {
        let keys: Vec<SecretKey> = by.iter().map(|seed| key(*seed)).collect();
        let sealed = seal(&wire::encode(new), Purpose::Root, &keys.iter().collect::<Vec<_>>());
        old().succeeded_by(&Sealed::read(&sealed).unwrap(), NOW)
    }

    fn lacks(side: Side, valid: u8) -> Result<Root, RootFault> {
        Err(RootFault::Signatures { side, valid, needed: 2 })
    }

    #[test]
    fn a_document_follows_when_both_root_roles_signed_it() {
        assert_eq!(followed(&new(), &[1, 2]), Ok(new()));
        assert_eq!(followed(&new(), &[1, 3, 4]), Ok(new()), "each side has its own two");
    }

    #[test]
    fn rollback_and_the_same_again_are_refused() {
        for found in [0, 1, 2, 3] {
            let back = Root { version: found, ..new() };
            assert_eq!(followed(&back, &[1, 2]), Err(RootFault::Version { expected: 4, found }));
        }
    }

    #[test]
    fn a_skipped_version_is_refused() {
        for found in [5, u32::MAX] {
            let far = Root { version: found, ..new() };
            assert_eq!(followed(&far, &[1, 2]), Err(RootFault::Version { expected: 4, found }), "fast-forward");
        }
        let last = Root { version: u32::MAX, ..old() };
        let sealed = seal(&wire::encode(&Root { version: 0, ..new() }), Purpose::Root, &[&key(1), &key(2)]);
        let after_last = last.succeeded_by(&Sealed::read(&sealed).unwrap(), NOW);
        assert_eq!(after_last, Err(RootFault::Version { expected: u32::MAX, found: 0 }));
    }

    #[test]
    fn signed_by_the_old_keys_only_is_refused() {
        let strangers = Root { root: role(2, &[5, 6]), ..new() };
        assert_eq!(followed(&strangers, &[1, 2, 3]), lacks(Side::New, 0));
        assert_eq!(followed(&new(), &[2, 3]), lacks(Side::New, 1));
    }

    #[test]
    fn signed_by_the_new_keys_only_is_refused() {
        let takeover = Root { root: role(2, &[5, 6]), officers: role(1, &[5]), ..new() };
        assert_eq!(followed(&takeover, &[5, 6]), lacks(Side::Old, 0));
        assert_eq!(followed(&new(), &[1, 4]), lacks(Side::Old, 1), "one stolen key of the old ones is not enough");
    }

    #[test]
    fn one_key_twice_counts_once() {
        assert_eq!(followed(&new(), &[1, 1]), lacks(Side::Old, 1));
        assert_eq!(followed(&new(), &[1, 1, 4, 4]), lacks(Side::Old, 1));
    }

    #[test]
    fn officers_and_the_desk_cannot_change_it() {
        let apart = Root { root: role(1, &[7]), ..old() };
        let sealed = seal(&wire::encode(&Root { version: 4, ..apart.clone() }), Purpose::Root, &[&key(1), &key(9)]);
        let changed = apart.succeeded_by(&Sealed::read(&sealed).unwrap(), NOW);
        assert_eq!(changed, Err(RootFault::Signatures { side: Side::Old, valid: 0, needed: 1 }));
    }

    #[test]
    fn a_signature_for_another_purpose_does_not_count() {
        let body = wire::encode(&new());
        let sealed = seal(&body, Purpose::Order, &[&key(1), &key(2)]);
        assert_eq!(old().succeeded_by(&Sealed::read(&sealed).unwrap(), NOW), lacks(Side::Old, 0));
    }

    #[test]
    fn one_that_has_ended_is_refused_but_an_ended_one_may_be_followed() {
        assert_eq!(followed(&Root { expires: NOW, ..new() }, &[1, 2]), Err(RootFault::Expired));
        let sealed = seal(&wire::encode(&new()), Purpose::Root, &[&key(1), &key(2)]);
        let ended = Root { expires: UtcMs(1), ..old() };
        assert_eq!(ended.succeeded_by(&Sealed::read(&sealed).unwrap(), NOW), Ok(new()));
    }

    #[test]
    fn roles_that_nobody_can_fill_are_refused() {
        let refused = |next: &Root, part| assert_eq!(followed(next, &[1, 2]), Err(RootFault::Role(part)));
        refused(&Root { root: role(3, &[1, 2]), ..new() }, Part::Root);
        refused(&Root { root: role(0, &[1, 2]), ..new() }, Part::Root);
        refused(&Root { officers: role(2, &[1, 1]), ..new() }, Part::Officers);
        refused(&Root { officers: role(5, &[1, 2, 3, 4, 5, 6]), ..new() }, Part::Officers);
        let mut weak = role(1, &[1]);
        weak.keys[0].0 = [0; 32];
        refused(&Root { desk: weak, ..new() }, Part::Desk);
    }

    #[test]
    fn a_role_is_filled_by_one_of_its_keys_where_one_is_enough() {
        let filled = |threshold, by: u8| role(threshold, &[1, 2]).is_filled_by(&key(by).public());
        assert!(filled(1, 1) && filled(1, 2) && filled(0, 2));
        assert!(!filled(2, 1) && !filled(1, 3) && !filled(2, 3));
    }

    #[test]
    fn what_stands_against_a_document_is_told() {
        let told = |fault: RootFault| alloc::format!("{fault}");
        assert_eq!(told(RootFault::Version { expected: 4, found: 9 }), "expected version 4, found 9");
        assert_eq!(told(RootFault::Expired), "it has ended");
        assert_eq!(told(RootFault::Role(Part::Desk)), "nobody can fill the role Desk");
        let few = RootFault::Signatures { side: Side::Old, valid: 1, needed: 2 };
        assert_eq!(told(few), "1 signatures of the Old document's root role, 2 needed");
    }

    #[test]
    fn the_first_one_is_version_one_and_signed_by_its_own_root_role() {
        let first = Root { version: 1, ..old() };
        let sealed = |root: &Root, by: &[&SecretKey]| seal(&wire::encode(root), Purpose::Root, by);
        let taken = |bytes: &[u8]| Root::first(&Sealed::read(bytes).unwrap(), NOW);
        assert_eq!(taken(&sealed(&first, &[&key(1), &key(3)])), Ok(first.clone()));
        assert_eq!(taken(&sealed(&first, &[&key(1), &key(1)])), lacks(Side::New, 1));
        let second = sealed(&Root { version: 2, ..first }, &[&key(1), &key(2)]);
        assert_eq!(taken(&second), Err(RootFault::Version { expected: 1, found: 2 }));
    }
}
