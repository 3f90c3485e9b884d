//! What things are called: hashes of content, names, players, places, cues.
//!
//! A content's name is its SHA-256 (FIPS 180-4), so it cannot be swapped. Names made by people are short,
//! bounded text. This file does not decide what a name may do; see `keys.rs`. Next: `wire.rs`.

use core::fmt;
use core::str::FromStr;

use sha2::{Digest, Sha256, Sha512};

use crate::limits;
use crate::time::{LocalDate, UtcMs};
use crate::wire::{Decode, Encode, Text};

/// A SHA-256 over some bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Hash(#[n(0)] pub [u8; 32]);

impl Hash {
    /// The hash of no record: what the first record of a chain points to.
    pub const ZERO: Self = Self([0; 32]);

    /// The hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first eight bytes, which stand for a blob in the header of its chunks.
    #[must_use]
    pub fn short(&self) -> [u8; 8] {
        let mut short = [0; 8];
        short.copy_from_slice(&self.0[..8]);
        short
    }
}

/// A hash over bytes that arrive piece by piece.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes in the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all pieces.
    #[must_use]
    pub fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// A SHA-512 (FIPS 180-4) over the bytes of all parts: what signatures are made of.
pub(crate) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hasher = Sha512::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text that is not what its kind of name must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadName {
    /// What such a name looks like.
    pub expected: &'static str,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl core::error::Error for BadName {}

impl FromStr for Hash {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = BadName { expected: "64 hexadecimal digits" };
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(bad);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = core::str::from_utf8(pair).map_err(|_| bad)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| bad)?;
        }
        Ok(Self(hash))
    }
}

/// A name that a person gave: an order's, a campaign's, a tag.
pub type Name = Text<{ limits::NAME_BYTES }>;

/// A player's id: 1 to 32 of `a-z 0-9 -`. It is also its MQTT client id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct PlayerId(#[n(0)] Text<{ limits::PLAYER_ID_BYTES }>);

impl PlayerId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for PlayerId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = BadName { expected: "1 to 32 of a-z, 0-9 and '-'" };
        let fits = !text.is_empty() && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !fits {
            return Err(bad);
        }
        Text::new(text).map(Self).ok_or(bad)
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place: its administrative code and the day from which the code means this area. Codes are reused after mergers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct PlaceKey {
    /// The administrative code.
    #[n(0)]
    pub code: Text<{ limits::PLACE_CODE_BYTES }>,
    /// The first day on which the code meant this area.
    #[n(1)]
    pub valid_from: LocalDate,
}

/// One due play of one order on one player: the order's hash and the planned start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct CueId {
    /// The hash of the signed order.
    #[n(0)]
    pub order: Hash,
    /// When it is due.
    #[n(1)]
    pub planned: UtcMs,
}
