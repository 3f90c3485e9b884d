//! Keys and root documents on disk: made once, readable by their owner alone, never printed.
//!
//! A key file holds 32 random bytes as 64 hexadecimal digits and a line end. It decides no trust: which key may do
//! what stands in the root document (`domain/src/keys.rs`).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use loa_domain::audit::policy::{NoQuorum, PolicyError};
use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Quorum, Refusal, Role, Root, Sealed, SecretKey};
use loa_domain::time::UtcMs;
use loa_domain::wire;

use crate::durable;

/// A key or a root document that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no key.
    #[error("{path}: expected 64 hexadecimal digits; restore the file from a backup, a new key is a new player")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The file is no root document that its own keys signed.
    #[error("{path}: not a root document of this system ({refusal}); copy it again from the desk")]
    NoRoot {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        refusal: Refusal,
    },
    /// The log's policy cannot be read.
    #[error("{path}: {source}")]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: PolicyError,
    },
    /// The log's policy cannot stand in a root document.
    #[error("{path}: {source}")]
    Quorum {
        /// The file.
        path: PathBuf,
        /// What is too much.
        source: NoQuorum,
    },
    /// A first root document was written for officers to sign, and has not come back signed.
    #[error("{path} waits for its officers' signatures; take it in with `loa root accept`, or remove it")]
    RootAwaited {
        /// The file.
        path: PathBuf,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    move |source| KeyError::File { path: path.to_owned(), source }
}

/// Thirty-two bytes from the system's random source.
pub fn random() -> Result<[u8; 32], KeyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| KeyError::Random(error.to_string()))?;
    Ok(seed)
}

/// The key in a file; a new one where there is no file.
pub fn key(path: &Path) -> Result<SecretKey, KeyError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let digits: Result<Hash, _> = text.trim_end().parse();
            digits.map(|seed| SecretKey::from_seed(&seed.0)).map_err(|_| KeyError::NoKey { path: path.to_owned() })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let seed = random()?;
            durable::write_private(path, format!("{}\n", Hash(seed)).as_bytes()).map_err(file(path))?;
            Ok(SecretKey::from_seed(&seed))
        }
        Err(error) => Err(file(path)(error)),
    }
}

/// How an Ed25519 key begins as PKCS #8 (RFC 8410 §7); its 32-byte seed follows.
const PKCS8_BEFORE_SEED: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// A key as TLS libraries read it: PKCS #8 in PEM.
#[must_use]
pub fn pem(key: &SecretKey) -> String {
    let bytes = [&PKCS8_BEFORE_SEED[..], &key.seed()].concat();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64.encode(&bytes))
}

/// The root document in a file, if the keys that it names signed it.
pub fn root(path: &Path) -> Result<Root, KeyError> {
    let bytes = fs::read(path).map_err(file(path))?;
    let bad = |refusal: Refusal| KeyError::NoRoot { path: path.to_owned(), refusal };
    let sealed = Sealed::read(&bytes).map_err(bad)?;
    let root: Root = wire::decode(sealed.body).map_err(|error| bad(error.into()))?;
    sealed.open::<Root>(Purpose::Root, &root.root).map_err(bad)
}

/// Writes the first root document of a desk: one officer, who also holds the root, the desk's own key, and what
/// players ask of its log.
pub fn first_root(
    path: &Path,
    officer: &SecretKey,
    desk: &SecretKey,
    log: Option<Quorum>,
    expires: UtcMs,
) -> Result<Root, KeyError> {
    let root = Root {
        version: 1,
        expires,
        root: Role::of_one(officer.public()),
        officers: Role::of_one(officer.public()),
        desk: Role::of_one(desk.public()),
        log,
        offices_from: None,
    };
    let sealed = keys::seal(&wire::encode(&root), Purpose::Root, &[officer]);
    durable::write(path, &sealed).map_err(file(path))?;
    Ok(root)
}

/// Writes the next version of a root document, which differs in what is asked of the log alone.
///
/// # Errors
/// When it cannot be written.
pub fn renew_root(path: &Path, officer: &SecretKey, root: Root, log: Option<Quorum>) -> Result<Root, KeyError> {
    let root = Root { version: root.version.saturating_add(1), log, ..root };
    let sealed = keys::seal(&wire::encode(&root), Purpose::Root, &[officer]);
    durable::write(path, &sealed).map_err(file(path))?;
    Ok(root)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("player.key");
        let made = key(&path).expect("makes it");
        assert_eq!(key(&path).expect("reads it").public(), made.public());
        assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_told_and_not_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("player.key");
        fs::write(&path, "abc\n").expect("writes");
        assert!(matches!(key(&path), Err(KeyError::NoKey { .. })));
        assert_eq!(fs::read_to_string(&path).expect("is there"), "abc\n");
    }

    #[test]
    fn a_root_document_is_believed_only_if_its_own_keys_signed_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("root");
        let (officer, desk) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let made = first_root(&path, &officer, &desk, None, UtcMs(9)).expect("writes");
        assert_eq!(root(&path).expect("reads"), made);
        let stranger = keys::seal(&wire::encode(&made), Purpose::Root, &[&desk]);
        fs::write(&path, stranger).expect("writes");
        assert!(matches!(root(&path), Err(KeyError::NoRoot { .. })));
    }
}
