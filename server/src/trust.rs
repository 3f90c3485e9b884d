//! The root document at the desk: a first one that officers sign, and the one that follows the one in force.
//!
//! The desk writes what it asks for and takes in what comes back; whether a document may stand is decided in
//! `domain/src/keys/change.rs`. Players are given the file `root` when they are set up, and each that follows over the air. Next: `cli/root.rs`.

use std::io;

use loa_domain::id::Hash;
use loa_domain::keys::change::RootFault;
use loa_domain::keys::request::{self, RequestFile, Signer, SigningRequest, Tally};
use loa_domain::keys::{Role, Root, Sealed};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

use crate::config::Folder;

/// What a root document should say that the one before does not.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who orders what is aired.
    pub officers: Role,
    /// Who changes the document.
    pub root: Role,
    /// When it ends.
    pub expires: UtcMs,
}

/// A root document that cannot be asked for or taken in.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file of the desk cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The document may not stand.
    #[error("{0}")]
    Fault(#[from] RootFault),
    /// The request asks for orders, not for a root document.
    #[error("the request asks for orders, not for a root document; take it in with `loa apply --signed`")]
    Orders,
    /// The document names another desk's key.
    #[error("the document names another desk's key")]
    OtherDesk,
}

/// The document in force and the hash of its bytes; none before the first start.
///
/// # Errors
/// When its file cannot be used.
pub fn in_force(folder: &Folder) -> Result<Option<(Root, Hash)>, KeyError> {
    let path = folder.root_file();
    if !path.is_file() {
        return Ok(None);
    }
    let root = keyfile::root(&path)?;
    let bytes = std::fs::read(&path).map_err(file(&path))?;
    // It was read just now; should it have been exchanged since, its hash is that of nothing.
    let hash = Sealed::read(&bytes).map_or(Hash::ZERO, |sealed| sealed.hash());
    Ok(Some((root, hash)))
}

fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    move |source| KeyError::File { path: path.to_owned(), source }
}

/// The bytes of the document that would follow the one in force, or be the first, and what they follow.
///
/// # Errors
/// When the desk's keys or policy cannot be used, or nobody could fill a role.
pub fn next(folder: &Folder, wanted: Wanted) -> Result<(Vec<u8>, u32, Hash), TrustError> {
    let before = in_force(folder)?;
    let (desk, log) = folder.begin()?;
    let (version, hash) = before.as_ref().map_or((0, Hash::ZERO), |(root, hash)| (root.version, *hash));
    let Wanted { officers, root, expires } = wanted;
    let desk = before.map_or_else(|| Role::of_one(desk.public()), |(root, _)| root.desk);
    let next = Root { version: version.saturating_add(1), expires, root, officers, desk, log, offices_from: None };
    Ok((wire::encode(&next), version, hash))
}

/// Takes a document in: the first one, or the one that follows. Gives it, and who of its signers count.
///
/// # Errors
/// When it may not stand; nothing has changed then.
pub fn accept<'b>(
    folder: &Folder,
    asked: &SigningRequest<'b>,
    copies: &[RequestFile<'b>],
    now: UtcMs,
) -> Result<(Root, Vec<Signer<'b>>), TrustError> {
    let body = asked.new_root.ok_or(TrustError::Orders)?;
    let claimed: Root = wire::decode(body).map_err(RootFault::Wire)?;
    let (desk, _) = folder.begin()?;
    if !claimed.desk.keys.contains(&desk.public()) {
        return Err(TrustError::OtherDesk);
    }
    let before = in_force(folder)?;
    let old = before.as_ref().map_or(&claimed.root, |(root, _)| &root.root);
    let mut signers = Tally::of(asked, copies, old).counted;
    for signer in Tally::of(asked, copies, &claimed.root).counted {
        if !signers.iter().any(|known| known.key == signer.key) {
            signers.push(signer);
        }
    }
    let bytes = request::sealed(body, 0, &request::enough_for_both(&signers, old, &claimed.root), None);
    let sealed = Sealed::read(&bytes).map_err(|_| RootFault::Wire(wire::WireError::Malformed))?;
    let root = match &before {
        Some((before, _)) => {
            let root = before.succeeded_by(&sealed, now)?;
            folder.keep_root(before.version)?;
            root
        }
        None => Root::first(&sealed, now)?,
    };
    durable::write(&folder.root_file(), &bytes).map_err(file(&folder.root_file()))?;
    durable::remove(&folder.awaited_root()).map_err(file(&folder.awaited_root()))?;
    Ok((root, signers))
}

/// The root documents as players ask for them: each gets the one that follows its own.
#[derive(Clone, Debug)]
pub struct Roots {
    folder: Folder,
}

impl Roots {
    /// Those of a desk.
    #[must_use]
    pub fn of(folder: Folder) -> Self {
        Self { folder }
    }

    /// The sealed document of the version that follows, where there is one.
    #[must_use]
    pub fn after(&self, version: u32) -> Option<Vec<u8>> {
        let next = version.checked_add(1)?;
        let earlier = std::fs::read(self.folder.earlier_roots().join(next.to_string()));
        let sealed = earlier.or_else(|_| std::fs::read(self.folder.root_file())).ok()?;
        let is_next = wire::decode::<Root>(Sealed::read(&sealed).ok()?.body).is_ok_and(|root| root.version == next);
        is_next.then_some(sealed)
    }
}

#[cfg(test)]
mod tests {
    use loa_domain::keys::SecretKey;
    use loa_domain::keys::change::Side;
    use loa_domain::wire::{List, Many};

    use super::*;

    const NOW: UtcMs = UtcMs(1_000);

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    fn role(threshold: u8, seeds: &[u8]) -> Role {
        Role { threshold, keys: List::collect(seeds.iter().map(|seed| key(*seed).public())).unwrap() }
    }

    fn wanted(threshold: u8, seeds: &[u8]) -> Wanted {
        Wanted { officers: role(threshold, seeds), root: role(threshold, seeds), expires: UtcMs(9_000) }
    }

    /// Asks for a document and takes it in with the signatures of these keys.
    fn taken(folder: &Folder, wanted: Wanted, by: &[u8]) -> Result<Root, TrustError> {
        let (body, root_version, root) = next(folder, wanted).unwrap();
        let asked = SigningRequest {
            root_version,
            root,
            made: NOW,
            orders: Many::new(),
            taken_off: Many::new(),
            hints: Many::new(),
            new_root: Some(&body),
            placings: Many::new(),
            new_office: None,
            office: None,
        };
        let bytes = wire::encode(&asked);
        let copies: Vec<RequestFile<'_>> =
            by.iter().map(|seed| RequestFile::new(&bytes).with(Signer::of(&asked, &key(*seed), "")).unwrap()).collect();
        accept(folder, &asked, &copies, NOW).map(|(root, _)| root)
    }

    #[test]
    fn a_desk_begins_with_officers_whose_keys_it_never_had() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let refused = taken(&folder, wanted(2, &[1, 2, 3]), &[1, 1]);
        let missing = RootFault::Signatures { side: Side::New, valid: 1, needed: 2 };
        assert!(matches!(refused, Err(TrustError::Fault(fault)) if fault == missing), "{refused:?}");
        assert!(!folder.root_file().exists());
        let first = taken(&folder, wanted(2, &[1, 2, 3]), &[1, 3]).unwrap();
        assert_eq!(first.version, 1);
        folder.prepare(NOW).unwrap();
        assert_eq!(folder.root().unwrap(), first);
        assert!(!folder.keys().join("officer.key").exists());
    }

    #[test]
    fn a_root_document_is_followed_by_one_that_both_sides_signed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        let first = taken(&folder, wanted(2, &[1, 2, 3]), &[1, 2]).unwrap();
        for by in [&[4, 5][..], &[1, 4], &[1, 2]] {
            assert!(matches!(taken(&folder, wanted(2, &[4, 5]), by), Err(TrustError::Fault(_))), "{by:?}");
            assert_eq!(folder.root().unwrap(), first);
        }
        let second = taken(&folder, wanted(2, &[1, 2, 4]), &[9, 4, 2, 1]).unwrap();
        assert_eq!((second.version, folder.root().unwrap()), (2, second));
        assert_eq!(keyfile::root(&folder.earlier_roots().join("1")).unwrap(), first);
    }

    #[test]
    fn a_document_of_another_desk_is_refused() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (Folder::at(one.path()), Folder::at(other.path()));
        let (body, ..) = next(&one, wanted(1, &[1])).unwrap();
        let asked = SigningRequest {
            root_version: 0,
            root: Hash::ZERO,
            made: NOW,
            orders: Many::new(),
            taken_off: Many::new(),
            hints: Many::new(),
            new_root: Some(&body),
            placings: Many::new(),
            new_office: None,
            office: None,
        };
        let bytes = wire::encode(&asked);
        let copy = RequestFile::new(&bytes).with(Signer::of(&asked, &key(1), "")).unwrap();
        assert!(matches!(accept(&other, &asked, &[copy], NOW), Err(TrustError::OtherDesk)));
    }

    #[test]
    fn the_desk_does_not_change_a_document_that_takes_two() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        // An officer's key that lies in the folder, one of two.
        std::fs::create_dir_all(folder.keys()).unwrap();
        let own = folder.officer_key(None).unwrap();
        let mut keys = role(2, &[1]);
        keys.keys.push(own.public()).unwrap();
        let both = Wanted { officers: keys.clone(), root: keys, expires: UtcMs(9_000) };
        let (body, ..) = next(&folder, both).unwrap();
        let sealed = loa_domain::keys::seal(&body, loa_domain::keys::Purpose::Root, &[&own, &key(1)]);
        std::fs::write(folder.root_file(), sealed).unwrap();
        let before = folder.root().unwrap();
        let policy = folder.policy_text().unwrap();
        std::fs::write(folder.policy(), format!("{policy}\n")).unwrap();
        folder.prepare(NOW).unwrap();
        assert_eq!(folder.root().unwrap(), before);
    }
}
