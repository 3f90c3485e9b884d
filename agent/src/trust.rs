//! What a player signs with and what it trusts, also when one of the two files has gone bad.
//!
//! A station that has a timetable plays it whatever has become of its key: then it plays under a key of this run alone,
//! which the desk does not serve, and a person restores the file. Nothing is ever played without a root document: its
//! last good copy lies in the player's folder, and with it the newest that came over the air. How keys are written is
//! `loa_host::keyfile`. Next: `timetable.rs`.

use std::path::Path;

use loa_domain::keys::{Root, SecretKey};
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

const KEY_FILE: &str = "player.key";
/// The newest root document: as the file was when it could last be read, or as it came over the air.
const ROOT_COPY: &str = "root.kept";
/// The one before it. A release that its desk signed stays in force until the next one.
const ROOT_BEFORE: &str = "root.before";

/// The player's key. `has_timetable` says whether this player was ever served: then its key is known at the desk.
///
/// # Errors
/// When there is none and there is nothing to play either.
pub fn key(data: &Path, has_timetable: bool) -> Result<SecretKey, KeyError> {
    let path = data.join(KEY_FILE);
    keyfile::key(&path).or_else(|error| {
        // A key made up at a first start would be pinned at the desk and gone with the next one.
        if !has_timetable {
            return Err(error);
        }
        tracing::error!(%error, "the player's key cannot be used; the timetable is played, but the desk is not reached");
        Ok(SecretKey::from_seed(&keyfile::random()?))
    })
}

/// The newest root document: the one in `file`, or its last good copy, or one that came later over the air.
///
/// # Errors
/// When neither can be used.
pub fn root(file: &Path, data: &Path) -> Result<Root, KeyError> {
    let copy = data.join(ROOT_COPY);
    let kept = keyfile::root(&copy);
    let root = match (keyfile::root(file), kept) {
        (Ok(root), Ok(kept)) if kept.version > root.version => return Ok(kept),
        (Ok(root), _) => root,
        (Err(_), Ok(kept)) => {
            tracing::error!(?file, "the root document cannot be used; its last good copy is");
            return Ok(kept);
        }
        (Err(error), Err(_)) => return Err(error),
    };
    let kept = std::fs::read(file).and_then(|bytes| {
        let is_same = std::fs::read(&copy).is_ok_and(|before| before == bytes);
        if is_same { Ok(()) } else { durable::write(&copy, &bytes) }
    });
    if let Err(error) = kept {
        tracing::warn!(%error, "no copy of the root document is kept");
    }
    Ok(root)
}

/// Puts the root document in force that came over the air and may follow: for every later start, too.
///
/// # Errors
/// When the disk does not take it: then the one before stays.
pub fn follow(data: &Path, sealed: &[u8]) -> std::io::Result<()> {
    let copy = data.join(ROOT_COPY);
    match std::fs::read(&copy) {
        Ok(before) => durable::write(&data.join(ROOT_BEFORE), &before)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    durable::write(&copy, sealed)
}

/// The newest root document, as it is kept.
#[must_use]
pub fn newest(data: &Path) -> Option<Root> {
    keyfile::root(&data.join(ROOT_COPY)).ok()
}

/// The root document before the newest, where one is kept.
#[must_use]
pub fn before(data: &Path) -> Option<Root> {
    keyfile::root(&data.join(ROOT_BEFORE)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_domain::time::UtcMs;

    #[test]
    fn what_came_over_the_air_stays_and_an_older_file_changes_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("root");
        let (officer, desk) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let first = keyfile::first_root(&file, &officer, &desk, None, UtcMs(9)).expect("made");
        assert_eq!(root(&file, dir.path()).expect("read"), first);
        let other = dir.path().join("other");
        let next = keyfile::renew_root(&other, &officer, first.clone(), None).expect("made");
        follow(dir.path(), &std::fs::read(&other).expect("read")).expect("kept");
        assert_eq!(root(&file, dir.path()).expect("read"), next, "the file is the one of the first day");
        assert_eq!(before(dir.path()), Some(first));
        assert_eq!(newest(dir.path()), Some(next));
    }

    #[test]
    fn a_player_with_a_timetable_goes_on_under_a_damaged_key_and_leaves_the_file_to_people() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = key(dir.path(), false).expect("made").public();
        assert_eq!(key(dir.path(), true).expect("read").public(), first);
        std::fs::write(dir.path().join(KEY_FILE), "\0\0\0").expect("writes");
        assert!(key(dir.path(), false).is_err());
        assert_ne!(key(dir.path(), true).expect("goes on").public(), first);
        assert_eq!(std::fs::read(dir.path().join(KEY_FILE)).expect("is there"), b"\0\0\0");
    }

    #[test]
    fn the_last_good_root_document_stands_in_for_one_that_cannot_be_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("root");
        assert!(root(&file, dir.path()).is_err(), "none has ever been read");
        let (officer, desk) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let made = keyfile::first_root(&file, &officer, &desk, None, UtcMs(9)).expect("made");
        assert_eq!(root(&file, dir.path()).expect("read"), made);
        std::fs::write(&file, "bent").expect("writes");
        assert_eq!(root(&file, dir.path()).expect("the copy"), made);
        std::fs::remove_file(&file).expect("removes");
        assert_eq!(root(&file, dir.path()).expect("the copy"), made);
    }
}
