//! Signed text: C2SP signed-note, with Ed25519 signatures and witnesses' timestamped cosignatures (tlog-cosignature).
//!
//! Nothing of a note counts before a key that is known has signed it. Signatures of keys that are not known are left
//! alone, whatever they look like inside; one by a known key that fails condemns the note. Which keys are known is the
//! caller's (`policy.rs`; for players, who read no notes, `quorum.rs`). The only file that names the base64 library.
//! Next: `checkpoint.rs`.

use core::fmt;
use core::str::FromStr;

use base64ct::{Base64 as Alphabet, Encoding};

use crate::id::{BadName, Hash, Hasher};
use crate::keys::PublicKey;
#[cfg(feature = "alloc")]
use crate::keys::SecretKey;
use crate::limits::KEY_NAME_BYTES;
use crate::wire::{Text, Writer};

/// Longest note, in bytes: text of a few lines and some sixteen signatures, of which the largest kind is nearly 5 kB.
pub const NOTE_BYTES: usize = 128 * 1024;
/// How every signature line begins.
const MARK: &str = "— ";
/// Room for what stands in base64: 76 bytes of a cosignature, and the two that the library wants beside them.
const SIGNED_BYTES: usize = 78;

/// What a key signs, and how (C2SP signed-note, signature types).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Algorithm {
    /// The note's text itself: logs.
    Ed25519 = 1,
    /// The text and the time: witnesses.
    Cosignature = 4,
}

/// A key that signs notes: what C2SP calls a vkey.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteKey {
    name: Text<KEY_NAME_BYTES>,
    algorithm: Algorithm,
    public: PublicKey,
}

impl NoteKey {
    /// A key by its parts. Nothing when the name is empty, too long, or holds a blank or a plus sign, or the key is unsound.
    #[must_use]
    pub fn new(name: &str, algorithm: Algorithm, public: PublicKey) -> Option<Self> {
        let good = is_key_name(name) && public.is_sound();
        Text::new(name).filter(|_| good).map(|name| Self { name, algorithm, public })
    }

    /// Its name: a log's origin, or who a witness is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key itself.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// What stands for the key in a signature, with the name: the first four bytes of a hash over both.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let mut hasher = Hasher::default();
        hasher.update(self.name.as_bytes());
        hasher.update(&[b'\n', self.algorithm as u8]);
        hasher.update(&self.public.0);
        let mut id = [0; 4];
        id.copy_from_slice(&hasher.finish().0[..4]);
        id
    }
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '+')
}

impl FromStr for NoteKey {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = BadName { expected: "a key such as name+0a1b2c3d+AQ… (C2SP signed-note, verifier keys)" };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(bad) };
        let mut bytes = [0; 33];
        if base64_into(key, &mut bytes) != Some(33) {
            return Err(bad);
        }
        let algorithm = match bytes[0] {
            1 => Algorithm::Ed25519,
            4 => Algorithm::Cosignature,
            _ => return Err(bad),
        };
        let mut public = [0; 32];
        public.copy_from_slice(&bytes[1..]);
        let key = Self::new(name, algorithm, PublicKey(public)).ok_or(bad)?;
        // One key, one text: no capitals, no sign.
        let is_hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        let written = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8 && id.bytes().all(is_hex));
        if written == Some(u32::from_be_bytes(key.id())) { Ok(key) } else { Err(bad) }
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [self.algorithm as u8; 33];
        bytes[1..].copy_from_slice(&self.public.0);
        write!(f, "{}+{:08x}+", self.name, u32::from_be_bytes(self.id()))?;
        write_base64(&bytes, f)
    }
}

/// Why a text is no note, or no note to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// It is not text, holds control characters, or is longer than [`NOTE_BYTES`].
    NotText,
    /// There is no blank line with signatures behind it.
    NoSignatures,
    /// A signature line is not an em dash, a name and base64.
    BadSignatureLine,
    /// A signature by a key that is known does not fit the text.
    WrongSignature,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotText => "it is not plain text",
            Self::NoSignatures => "no signatures stand behind a blank line",
            Self::BadSignatureLine => "a signature line is not \"— name base64\"",
            Self::WrongSignature => "a signature by a known key does not fit the text",
        })
    }
}

impl core::error::Error for NoteError {}

/// One line under a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureLine<'n> {
    /// The name of the key that it claims.
    pub name: &'n str,
    /// Base64 over the key's id and the signature.
    encoded: &'n str,
}

impl<'n> SignatureLine<'n> {
    fn read(line: &'n str) -> Result<Self, NoteError> {
        let bad = NoteError::BadSignatureLine;
        let (name, encoded) = line.strip_prefix(MARK).and_then(|rest| rest.split_once(' ')).ok_or(bad)?;
        let length = base64_length(encoded).ok_or(bad)?;
        if is_key_name(name) && length > 4 { Ok(Self { name, encoded }) } else { Err(bad) }
    }

    /// What stands for the key; nothing in a line that is longer than those of every [`Algorithm`].
    #[must_use]
    pub fn id(&self) -> Option<[u8; 4]> {
        let mut bytes = [0; SIGNED_BYTES];
        base64_into(self.encoded, &mut bytes)?;
        bytes.first_chunk().copied()
    }

    /// The time of a cosignature, and the signature; nothing where it is as long as that of no [`Algorithm`].
    #[must_use]
    pub fn signature(&self) -> Option<(Option<u64>, [u8; 64])> {
        let mut bytes = [0; SIGNED_BYTES];
        let length = base64_into(self.encoded, &mut bytes)?;
        let (time, signature) = bytes.get(4..length)?.split_last_chunk::<64>()?;
        let at_s = if time.is_empty() { None } else { Some(u64::from_be_bytes(time.try_into().ok()?)) };
        Some((at_s, *signature))
    }

    /// The line as it stands in a note, without its newline.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn text(&self) -> alloc::string::String {
        alloc::format!("{MARK}{} {}", self.name, self.encoded)
    }
}

/// A note that was read and not yet trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note<'n> {
    text: &'n str,
    signatures: &'n str,
}

/// A signature that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// When it was made, in seconds since 1970, by the signer's clock; nothing for a log's.
    pub at_s: Option<u64>,
}

impl<'n> Note<'n> {
    /// Reads a note, trusting nothing in it yet.
    pub fn read(bytes: &'n [u8]) -> Result<Self, NoteError> {
        let all = core::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if all.len() > NOTE_BYTES || all.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::NotText);
        }
        // Not by looking for a text: that search alone is more than a kilobyte of a board's flash.
        let blank = all.as_bytes().windows(2).rposition(|two| two == b"\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, signatures) = (&all[..=blank], &all[blank + 2..]);
        let Some(lines) = signatures.strip_suffix('\n') else { return Err(NoteError::NoSignatures) };
        lines.split('\n').try_for_each(|line| SignatureLine::read(line).map(drop))?;
        Ok(Self { text, signatures })
    }

    /// What is signed, with its last newline.
    #[must_use]
    pub fn text(&self) -> &'n str {
        self.text
    }

    /// The lines under it.
    pub fn signatures(&self) -> impl Iterator<Item = SignatureLine<'n>> {
        // Every line was read before.
        self.signatures.lines().filter_map(|line| SignatureLine::read(line).ok())
    }

    /// This key's signature on it; nothing where the key did not sign.
    ///
    /// # Errors
    /// [`NoteError::WrongSignature`] when the key is claimed and any such signature does not fit.
    pub fn signed_by(&self, key: &NoteKey) -> Result<Option<Signature>, NoteError> {
        let mut found = None;
        for line in self.signatures().filter(|line| line.name == key.name()) {
            let mut bytes = [0; SIGNED_BYTES];
            let Some(length) = base64_into(line.encoded, &mut bytes) else { continue };
            if bytes[..4] != key.id() {
                continue;
            }
            let signature = self.verified(key, &bytes[4..length.max(4)]).ok_or(NoteError::WrongSignature)?;
            found = found.or(Some(signature));
        }
        Ok(found)
    }

    fn verified(&self, key: &NoteKey, bytes: &[u8]) -> Option<Signature> {
        match key.algorithm {
            Algorithm::Ed25519 => {
                let fits = key.public.verifies_message(self.text.as_bytes(), bytes.try_into().ok()?);
                fits.then_some(Signature { at_s: None })
            }
            Algorithm::Cosignature => {
                let (at, signature) = bytes.split_first_chunk::<8>()?;
                let at_s = u64::from_be_bytes(*at);
                let mut room = [0; COSIGNED_BYTES];
                let message = cosigned(at_s, self.text, &mut room)?;
                let fits = key.public.verifies_message(message, signature.try_into().ok()?);
                fits.then_some(Signature { at_s: Some(at_s) })
            }
        }
    }
}

/// Room for what a cosignature is over: a checkpoint's text is three lines, a name and some sixty bytes.
const COSIGNED_BYTES: usize = 1024;

/// What a cosignature is over: two lines, then the note's text (tlog-cosignature, Ed25519 signed message).
fn cosigned<'b>(at_s: u64, text: &str, room: &'b mut [u8; COSIGNED_BYTES]) -> Option<&'b [u8]> {
    if at_s > i64::MAX as u64 {
        return None;
    }
    let mut to = Writer::new(room);
    begin_cosigned(at_s, &mut to);
    to.put(text.as_bytes());
    let length = to.end().ok()?;
    Some(&room[..length])
}

/// The two lines before what a cosignature is over.
pub fn begin_cosigned(at_s: u64, to: &mut Writer<'_>) {
    to.put(b"cosignature/v1\ntime ");
    write_decimal(at_s, to);
    to.put(b"\n");
}

/// A number in decimal. `core::fmt` can do it too, with kilobytes of a board's flash.
pub fn write_decimal(number: u64, to: &mut Writer<'_>) {
    if number >= 10 {
        write_decimal(number / 10, to);
    }
    to.put(&[b'0' + (number % 10) as u8]);
}

/// A hash as base64.
pub fn write_hash(hash: &Hash, to: &mut Writer<'_>) {
    let mut room = [0; 44];
    // 32 bytes are 44 letters.
    to.put(Alphabet::encode(&hash.0, &mut room).unwrap_or_default().as_bytes());
}

/// A key and the secret that signs for it.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug)]
pub struct NoteSigner {
    key: NoteKey,
    secret: SecretKey,
}

#[cfg(feature = "alloc")]
impl NoteSigner {
    /// A signer; nothing for a name that no key may have.
    #[must_use]
    pub fn new(name: &str, algorithm: Algorithm, secret: SecretKey) -> Option<Self> {
        NoteKey::new(name, algorithm, secret.public()).map(|key| Self { key, secret })
    }

    /// The key that others check with.
    #[must_use]
    pub fn key(&self) -> &NoteKey {
        &self.key
    }

    /// A signature line over `text`, with its newline. `at_s`, in seconds since 1970, is what a cosignature says; a
    /// log's signature says no time. Nothing for a text that is too long to cosign.
    #[must_use]
    pub fn line(&self, text: &str, at_s: u64) -> Option<alloc::string::String> {
        let mut bytes = alloc::vec::Vec::from(self.key.id());
        match self.key.algorithm {
            Algorithm::Ed25519 => bytes.extend(self.secret.sign_message(text.as_bytes())),
            Algorithm::Cosignature => {
                bytes.extend(at_s.to_be_bytes());
                bytes.extend(self.secret.sign_message(cosigned(at_s, text, &mut [0; COSIGNED_BYTES])?));
            }
        }
        Some(alloc::format!("{MARK}{} {}\n", self.key.name(), base64_text(&bytes)))
    }
}

/// A hash that is written as base64.
#[derive(Clone, Copy, Debug)]
pub struct Base64<'h>(pub &'h Hash);

impl fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_base64(&self.0.0, f)
    }
}

/// Writes up to 33 bytes, a key with its kind, as base64.
fn write_base64(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(Alphabet::encode(bytes, &mut [0; 44]).map_err(|_| fmt::Error)?)
}

/// The hash that a text of base64 stands for.
#[must_use]
pub fn hash_of_base64(text: &str) -> Option<Hash> {
    let mut bytes = [0; 33];
    let length = base64_into(text, &mut bytes)?;
    Some(Hash(bytes.get(..length)?.try_into().ok()?))
}

/// Bytes as base64.
#[cfg(feature = "alloc")]
#[must_use]
pub fn base64_text(bytes: &[u8]) -> alloc::string::String {
    Alphabet::encode_string(bytes)
}

/// The bytes that a text of base64 stands for.
#[cfg(feature = "alloc")]
#[must_use]
pub fn bytes_of_base64(text: &str) -> Option<alloc::vec::Vec<u8>> {
    Alphabet::decode_vec(text).ok().filter(|_| !text.is_empty())
}

/// How many bytes a text of base64 stands for, if it is base64 (RFC 4648 §4) with its padding at the end alone.
fn base64_length(text: &str) -> Option<usize> {
    // Blocks of 64 letters are 48 bytes each but for the last, which alone may be padded.
    let mut length = 0;
    for block in text.as_bytes().chunks(64) {
        if length % 48 != 0 {
            return None;
        }
        length += Alphabet::decode(block, &mut [0; 48]).ok()?.len();
    }
    Some(length).filter(|length| *length > 0)
}

/// Decodes base64 to the front of `room`; nothing when it is none, or does not fit.
fn base64_into(text: &str, room: &mut [u8]) -> Option<usize> {
    Some(Alphabet::decode(text, room).ok()?.len()).filter(|length| *length > 0)
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
