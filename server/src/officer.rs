//! An officer's key on disk: a text file that a person recognises, whose seed only a passphrase opens.
//!
//! It decides what such a file looks like, and refuses one that says anything else. The lines before the sealed seed are
//! bound to it, so that nobody exchanges the name or the key beside it. `kind` leaves room for keys that never leave a
//! FIDO2 or PIV token. What officers sign is `loa_domain::keys::request`. Next: `officer/sealed.rs`.

mod sealed;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use loa_domain::keys::{PublicKey, SecretKey};
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

pub use sealed::{Hardness, LEAST_CHARACTERS, Passphrase};

const HEAD: &str = "loa officer key";
const PUBLIC_HEAD: &str = "loa officer public key";
const PASSPHRASE_KIND: &str = "passphrase";
/// Longest name of a key's holder, in bytes of UTF-8.
pub const NAME_BYTES: usize = 96;
/// A key file is a few lines; a longer file is something else.
const FILE_BYTES: u64 = 4_096;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OfficerError {
    /// It cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no officer's key file.
    #[error("{path}, line {line}: expected {expected}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which line, from one.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Its key is kept in a way this program does not know.
    #[error("{path}: keys of the kind {kind:?} are not known here; update loa")]
    Kind {
        /// The file.
        path: PathBuf,
        /// The kind.
        kind: String,
    },
    /// It asks for more memory or work than a key file may, or for next to none.
    #[error("{path}: its argon2id parameters are out of bounds")]
    Bounds {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase is another, or the file was changed.
    #[error("{path}: wrong passphrase, or the file was changed")]
    Passphrase {
        /// The file.
        path: PathBuf,
    },
    /// There is a file of that name.
    #[error("{path} is there already; a key is never overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The name is empty, too long, or holds signs that are no letters.
    #[error("a name is one line of 1 to {NAME_BYTES} bytes")]
    Name,
    /// There is not enough memory to seal it.
    #[error("there is not enough memory to make a key of the passphrase")]
    Memory,
    /// The system has no random numbers.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A key's holder: what may be given to anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// The holder's name.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// A key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Whose it is.
    pub public: Public,
    /// How hard it is to guess the passphrase.
    pub hardness: Hardness,
    salt: [u8; 32],
    nonce: [u8; 24],
    sealed: Vec<u8>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_hex = text.len() == 2 * N && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES).contains(&name.len()) && name.trim() == name && !name.chars().any(char::is_control)
}

/// The lines of a file, one after the other.
struct Lines<'t> {
    path: &'t Path,
    lines: std::str::Split<'t, char>,
    line: usize,
}

impl<'t> Lines<'t> {
    fn bad(&self, expected: &'static str) -> OfficerError {
        OfficerError::Malformed { path: self.path.to_owned(), line: self.line, expected }
    }

    /// What stands behind the label of the next line.
    fn next(&mut self, label: &'static str) -> Result<&'t str, OfficerError> {
        self.line += 1;
        let line = self.lines.next().and_then(|line| line.strip_prefix(label));
        line.ok_or_else(|| self.bad(label))
    }

    fn name(&mut self) -> Result<&'t str, OfficerError> {
        let name = self.next("name: ")?;
        if is_name(name) { Ok(name) } else { Err(self.bad("name: ")) }
    }

    fn hex<const N: usize>(&mut self, label: &'static str) -> Result<[u8; N], OfficerError> {
        let text = self.next(label)?;
        unhex(text).ok_or_else(|| self.bad(label))
    }

    fn key(&mut self) -> Result<PublicKey, OfficerError> {
        let key = PublicKey(self.hex("public: ed25519 ")?);
        if key.is_sound() { Ok(key) } else { Err(self.bad("public: ed25519 ")) }
    }

    fn end(mut self) -> Result<(), OfficerError> {
        self.line += 1;
        if self.lines.next() == Some("") && self.lines.next().is_none() { Ok(()) } else { Err(self.bad("")) }
    }
}

fn read(path: &Path) -> Result<String, OfficerError> {
    let bad = |source| OfficerError::File { path: path.to_owned(), source };
    if fs::metadata(path).map_err(bad)?.len() > FILE_BYTES {
        return Err(OfficerError::Malformed { path: path.to_owned(), line: 1, expected: HEAD });
    }
    fs::read_to_string(path).map_err(bad)
}

impl Public {
    /// The text of the file that an officer gives to the desk.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{PUBLIC_HEAD}\nname: {}\npublic: ed25519 {}\n", self.name, self.key)
    }

    /// Reads the file that an officer gave, or the public half of a key file.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(path: &Path) -> Result<Self, OfficerError> {
        let text = read(path)?;
        if text.lines().next() == Some(HEAD) {
            return Ok(KeyFile::parse(&text, path)?.public);
        }
        let mut lines = Lines { path, lines: text.split('\n'), line: 0 };
        if !lines.next(PUBLIC_HEAD)?.is_empty() {
            return Err(lines.bad(PUBLIC_HEAD));
        }
        let public = Self { name: lines.name()?.to_owned(), key: lines.key()? };
        lines.end()?;
        Ok(public)
    }
}

impl KeyFile {
    /// Whether the file at `path` says that it is one.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        read(path).is_ok_and(|text| text.lines().next() == Some(HEAD))
    }

    /// A file for a seed, behind a passphrase.
    ///
    /// # Errors
    /// When the name cannot be used, or the system gives no random numbers or no memory.
    pub fn make(
        seed: &[u8; 32],
        name: &str,
        passphrase: &Passphrase,
        hardness: Hardness,
    ) -> Result<Self, OfficerError> {
        if !is_name(name) {
            return Err(OfficerError::Name);
        }
        let public = Public { name: name.to_owned(), key: SecretKey::from_seed(seed).public() };
        let (salt, mut nonce) = (keyfile::random()?, [0; 24]);
        nonce.copy_from_slice(&keyfile::random()?[..24]);
        let mut file = Self { public, hardness, salt, nonce, sealed: Vec::new() };
        let beside = file.beside();
        file.sealed =
            sealed::seal(seed, passphrase, (&salt, &nonce), hardness, beside.as_bytes()).ok_or(OfficerError::Memory)?;
        Ok(file)
    }

    /// All but the sealed seed.
    fn beside(&self) -> String {
        let Self { public: Public { name, key }, hardness, salt, nonce, .. } = self;
        let Hardness { memory_kib, passes, lanes } = hardness;
        format!(
            "{HEAD}\nkind: {PASSPHRASE_KIND}\nname: {name}\npublic: ed25519 {key}\n\
             hardness: argon2id m={memory_kib} t={passes} p={lanes}\nsalt: {}\nnonce: {}\n",
            hex(salt),
            hex(nonce)
        )
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}sealed: xchacha20poly1305 {}\n", self.beside(), hex(&self.sealed))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// When it is not one, or asks for what it may not.
    pub fn read(path: &Path) -> Result<Self, OfficerError> {
        Self::parse(&read(path)?, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, OfficerError> {
        let mut lines = Lines { path, lines: text.split('\n'), line: 0 };
        if !lines.next(HEAD)?.is_empty() {
            return Err(lines.bad(HEAD));
        }
        let kind = lines.next("kind: ")?;
        if kind != PASSPHRASE_KIND {
            return Err(OfficerError::Kind { path: path.to_owned(), kind: kind.chars().take(40).collect() });
        }
        let public = Public { name: lines.name()?.to_owned(), key: lines.key()? };
        let hardness = hardness(lines.next("hardness: argon2id ")?).ok_or_else(|| lines.bad("m=131072 t=3 p=1"))?;
        if !hardness.is_bounded() {
            return Err(OfficerError::Bounds { path: path.to_owned() });
        }
        let (salt, nonce) = (lines.hex("salt: ")?, lines.hex("nonce: ")?);
        let sealed = lines.hex::<{ sealed::SEALED_BYTES }>("sealed: xchacha20poly1305 ")?.to_vec();
        lines.end()?;
        Ok(Self { public, hardness, salt, nonce, sealed })
    }

    /// The key, if this is its passphrase.
    ///
    /// # Errors
    /// When it is not, or the file was changed.
    pub fn open(&self, passphrase: &Passphrase, path: &Path) -> Result<SecretKey, OfficerError> {
        let numbers = (&self.salt, &self.nonce);
        let seed = sealed::open(&self.sealed, passphrase, numbers, self.hardness, self.beside().as_bytes());
        let key = seed.map(|seed| SecretKey::from_seed(&seed));
        key.filter(|key| key.public() == self.public.key)
            .ok_or_else(|| OfficerError::Passphrase { path: path.to_owned() })
    }

    /// Writes it where no file is yet; its public half beside it.
    ///
    /// # Errors
    /// When there is a file of either name, or it cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<PathBuf, OfficerError> {
        let public = public_path(path);
        for path in [path, &public] {
            if path.symlink_metadata().is_ok() {
                return Err(OfficerError::Exists { path: path.to_owned() });
            }
        }
        self.replace(path)?;
        let written = durable::write(&public, self.public.text().as_bytes());
        written.map_err(|source| OfficerError::File { path: public.clone(), source })?;
        Ok(public)
    }

    /// Writes it in the place of the file that it was read from.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn replace(&self, path: &Path) -> Result<(), OfficerError> {
        let written = durable::write_private(path, self.text().as_bytes());
        written.map_err(|source| OfficerError::File { path: path.to_owned(), source })
    }
}

fn hardness(text: &str) -> Option<Hardness> {
    let mut parts = text.split(' ');
    let mut part = |label: &str| parts.next()?.strip_prefix(label)?.parse().ok();
    let hardness = Hardness { memory_kib: part("m=")?, passes: part("t=")?, lanes: part("p=")? };
    // Written as this program writes it, and nothing behind it.
    let Hardness { memory_kib, passes, lanes } = hardness;
    (format!("m={memory_kib} t={passes} p={lanes}") == text).then_some(hardness)
}

/// Where the public half of a key file lies: beside it, with `.pub` behind its name.
fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

/// The short name of a key in the list of acts.
#[must_use]
pub fn short(key: &PublicKey) -> String {
    format!("officer:{}", &key.to_string()[..8])
}

#[cfg(test)]
mod tests;
