//! Who may say what: keys, roles with thresholds, the root document, and sealed messages.
//!
//! Every message that makes a player do something is sealed: its bytes, and signatures over a purpose and the hash of
//! those bytes. The purpose keeps a signature made for one kind of message from counting for another. Signatures are
//! Ed25519 (RFC 8032), verified strictly (`verify_strict`: two verifiers never disagree) and counted once per key.
//! What an order may contain is not decided here. Next: `timetable/order.rs`.

pub mod change;
pub mod fingerprint;
#[cfg(feature = "alloc")]
pub mod request;
mod signing;

use core::fmt;

#[cfg(feature = "alloc")]
use ed25519_dalek::VerifyingKey;

use self::signing::Signing;
use crate::id::Hash;
use crate::limits;
use crate::time::UtcMs;
use crate::wire::{self, Decode, Encode, List, Text, WireError};

/// The first number of a structure's bytes.
#[must_use]
pub fn first_number(body: &[u8]) -> Option<u32> {
    let mut reader = wire::Reader::new(body);
    reader.array();
    let number = reader.number();
    reader.end().ok().map(|_| number)
}

/// What a sealed message is for. Its text is part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The root document.
    Root,
    /// An order, by officers.
    Order,
    /// An order for a drill, by officers: it never counts for a live one.
    Drill,
    /// An order that waits to be activated, by officers.
    Template,
    /// That a template is aired now, by one officer.
    Activation,
    /// That a template is aired as a drill, by one officer.
    DrillActivation,
    /// That orders are off at once, by one officer.
    Stop,
    /// Which player has which key and stands where, by officers.
    Placing,
    /// Who else may order, where and what, by officers.
    Office,
    /// A release, by the desk.
    Release,
    /// A blob's manifest, by the desk.
    Manifest,
    /// A player's hello, by the player.
    Hello,
    /// A record of a player's chain, by the player.
    Record,
    /// What time it is, by the desk.
    Time,
    /// A wish for a certificate of the transport, by the player.
    CertificateRequest,
    /// A certificate of the transport, and which authorities are believed, by the desk.
    Certificate,
}

impl Purpose {
    /// What the bytes of an order must be signed for, by their first number: an order by itself, for a drill, a template, or
    /// one activated, live or for a drill (`timetable/activation.rs`).
    #[must_use]
    pub fn of_order(body: &[u8]) -> Option<Self> {
        let all = [Self::Order, Self::Drill, Self::Template, Self::Activation, Self::DrillActivation];
        all.get(first_number(body)? as usize).copied()
    }

    /// Sixteen bytes, no one a prefix of another.
    const fn tag(self) -> &'static [u8; 16] {
        match self {
            Self::Root => b"loa1 root\n\0\0\0\0\0\0",
            Self::Order => b"loa1 order\n\0\0\0\0\0",
            Self::Drill => b"loa1 drill\n\0\0\0\0\0",
            Self::Template => b"loa1 template\n\0\0",
            Self::Activation => b"loa1 activate\n\0\0",
            Self::DrillActivation => b"loa1 drill act\n\0",
            Self::Stop => b"loa1 stop\n\0\0\0\0\0\0",
            Self::Placing => b"loa1 placing\n\0\0\0",
            Self::Office => b"loa1 office\n\0\0\0\0",
            Self::Release => b"loa1 release\n\0\0\0",
            Self::Manifest => b"loa1 manifest\n\0\0",
            Self::Hello => b"loa1 hello\n\0\0\0\0\0",
            Self::Record => b"loa1 record\n\0\0\0\0",
            Self::Time => b"loa1 time\n\0\0\0\0\0\0",
            Self::CertificateRequest => b"loa1 tls ask\n\0\0\0",
            Self::Certificate => b"loa1 tls\n\0\0\0\0\0\0\0",
        }
    }

    fn message(self, body: &[u8]) -> [u8; 48] {
        let mut message = [0; 48];
        message[..16].copy_from_slice(self.tag());
        message[16..].copy_from_slice(&Hash::of(body).0);
        message
    }
}

/// An Ed25519 public key, 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct PublicKey(#[n(0)] pub [u8; 32]);

impl PublicKey {
    /// Whether the bytes are a point of the curve that is not of low order: such a key makes one signature fit many messages.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        #[cfg(feature = "alloc")]
        return VerifyingKey::from_bytes(&self.0).is_ok_and(|key| !key.is_weak());
        #[cfg(not(feature = "alloc"))]
        signing::is_sound(&self.0)
    }

    /// Whether `signature` is this key's over exactly these bytes: a sound key, canonical encodings, no exceptions.
    ///
    /// What Loa itself signs is sealed, with a purpose; this is for messages whose form others define.
    #[must_use]
    pub fn verifies_message(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        #[cfg(feature = "alloc")]
        return VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            let signature = ed25519_dalek::Signature::from_bytes(signature);
            !key.is_weak() && key.verify_strict(message, &signature).is_ok()
        });
        // The library takes 5 KB more of a board.
        #[cfg(not(feature = "alloc"))]
        signing::verifies(&self.0, message, signature)
    }

    fn verifies(&self, purpose: Purpose, body: &[u8], signature: &[u8; 64]) -> bool {
        self.verifies_message(&purpose.message(body), signature)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An Ed25519 secret key. It never prints.
#[derive(Clone)]
pub struct SecretKey(Signing);

impl SecretKey {
    /// The key of a 32-byte seed, which must come from the operating system's random source.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Signing::new(seed))
    }

    /// The seed, for the file it is kept in.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        *self.0.seed()
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.public())
    }

    /// A signature over exactly these bytes, for messages whose form others define: 64 bytes (RFC 8032).
    #[must_use]
    pub fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message)
    }

    /// A signature over `body` for one purpose.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, body: &[u8]) -> Signed {
        Signed { key: self.public(), signature: self.sign_message(&purpose.message(body)) }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret key of {:?}", self.public())
    }
}

/// One signature and the key it claims.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Signed {
    /// Whose it claims to be.
    #[n(0)]
    pub key: PublicKey,
    /// 64 bytes (RFC 8032).
    #[n(1)]
    pub signature: [u8; 64],
}

/// The keys that hold one role, and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Role {
    /// How many different keys must have signed; at least one.
    #[n(0)]
    pub threshold: u8,
    /// The keys.
    #[n(1)]
    pub keys: List<PublicKey, { limits::ROLE_KEYS }>,
}

impl Role {
    /// A role held by one key.
    #[must_use]
    pub fn of_one(key: PublicKey) -> Self {
        let mut keys = List::new();
        let _fits = keys.push(key);
        Self { threshold: 1, keys }
    }
}

/// The document that every player pins at enrolment: which keys hold which role, until when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Root {
    /// Rises by one with each change; a player never goes back.
    #[n(0)]
    pub version: u32,
    /// When it ends, after which a player takes no new orders under it.
    #[n(1)]
    pub expires: UtcMs,
    /// Who may change this document.
    #[n(2)]
    pub root: Role,
    /// Who may order what is aired.
    #[n(3)]
    pub officers: Role,
    /// Who may release: freshness, never content.
    #[n(4)]
    pub desk: Role,
    /// Which log holds the records, and who must have witnessed it; without it players let no record go.
    #[n(5)]
    pub log: Option<Quorum>,
    /// Offices made before this count no more: how an office whose keys were stolen is ended before its time.
    #[n(6)]
    pub offices_from: Option<UtcMs>,
}

/// Which log holds the records, and whose signatures a checkpoint of it must bear.
///
/// People write it as a C2SP tlog-policy, which `audit/policy.rs` reads and makes into this; `audit/quorum.rs` decides by it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Quorum {
    /// The log's name, with which its checkpoints begin.
    #[n(0)]
    pub origin: Text<{ limits::KEY_NAME_BYTES }>,
    /// What stands for the log's key beside a signature (C2SP signed-note): a hash over its name, its kind and the key.
    #[n(1)]
    pub id: [u8; 4],
    /// The log's key.
    #[n(2)]
    pub key: PublicKey,
    /// Who signs beside the log. Ids are different, and not the log's.
    #[n(3)]
    pub witnesses: List<Witness, { limits::WITNESSES }>,
    /// How many of them it takes. A group counts in a later one; the last of them is what it takes in all.
    #[n(4)]
    pub groups: List<Group, { limits::WITNESS_GROUPS }>,
}

/// A key that signs what the log signed, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Witness {
    /// What stands for the key beside a signature. The witness's name is part of that hash, and needed for nothing else.
    #[n(0)]
    pub id: [u8; 4],
    /// The key.
    #[n(1)]
    pub key: PublicKey,
    /// The group in which it counts, from 0. There may be none of that number: then it counts in none.
    #[n(2)]
    pub group: u8,
}

/// A set of witnesses and of earlier groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Group {
    /// How many of them must have signed.
    #[n(0)]
    pub needed: u8,
    /// The later group in which this one counts. Means nothing in the last.
    #[n(1)]
    pub group: u8,
}

/// Why a sealed message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are not what they should be.
    Wire(WireError),
    /// Fewer keys of the role signed than it takes.
    Signatures {
        /// Different keys of the role with a valid signature.
        valid: u8,
        /// How many it takes.
        needed: u8,
    },
}

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(error) => error.fmt(f),
            Self::Signatures { valid, needed } => {
                write!(f, "{valid} valid signatures of the role, {needed} needed")
            }
        }
    }
}

impl core::error::Error for Refusal {}

/// A message's bytes with the signatures over them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sealed<'b> {
    /// The signed bytes.
    #[b(0)]
    pub body: &'b [u8],
    /// The signatures.
    #[n(1)]
    pub signatures: List<Signed, { limits::SIGNATURES }>,
    /// The office whose keys these are, sealed by the officers of the root document; none where they signed themselves.
    #[b(2)]
    pub office: Option<&'b [u8]>,
}

impl<'b> Sealed<'b> {
    /// Reads a sealed message, trusting nothing in it yet.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Refusal> {
        Ok(wire::decode(bytes)?)
    }

    /// What the message is known by: the hash of its body, whoever signed it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.body)
    }

    /// Its value, if enough different keys of `role` signed it for `purpose`.
    pub fn open<T: Decode<'b>>(&self, purpose: Purpose, role: &Role) -> Result<T, Refusal> {
        let mut value = T::blank();
        self.open_into(purpose, role, &mut value)?;
        Ok(value)
    }

    /// As [`Sealed::open`], with the value where it stays. After an error it means nothing.
    pub fn open_into(&self, purpose: Purpose, role: &Role, value: &mut impl Decode<'b>) -> Result<(), Refusal> {
        self.check(purpose, role)?;
        Ok(wire::decode_into(self.body, value)?)
    }

    /// Whether enough different keys of `role` signed it for `purpose`.
    pub fn check(&self, purpose: Purpose, role: &Role) -> Result<(), Refusal> {
        self.check_keys(purpose, &role.keys, role.threshold)
    }

    /// As [`Sealed::check`], with the keys and how many different ones of them are needed.
    // Never part of its callers: on a small stack the room of a signature must not lie below that of the value.
    #[inline(never)]
    pub fn check_keys(&self, purpose: Purpose, keys: &[PublicKey], needed: u8) -> Result<(), Refusal> {
        let mut seen: List<PublicKey, { limits::SIGNATURES }> = List::new();
        for signed in &self.signatures {
            let counts = keys.contains(&signed.key) && !seen.contains(&signed.key);
            if counts && signed.key.verifies(purpose, self.body, &signed.signature) {
                // As many fit as there are signatures.
                let _fits = seen.push(signed.key);
            }
        }
        let needed = needed.max(1);
        let valid = seen.len() as u8;
        if valid < needed { Err(Refusal::Signatures { valid, needed }) } else { Ok(()) }
    }
}

/// The signed bytes of a sealed message whose signatures are not asked for, or not any more.
///
/// # Errors
/// When it is none.
#[inline(never)]
pub fn body(sealed: &[u8]) -> Result<&[u8], WireError> {
    let mut reader = wire::Reader::new(sealed);
    reader.array();
    let body = reader.byte_string();
    reader.end().map(|_| body)
}

/// Reads and opens a sealed message in one go.
pub fn open<'b, T: Decode<'b>>(bytes: &'b [u8], purpose: Purpose, role: &Role) -> Result<T, Refusal> {
    Sealed::read(bytes)?.open(purpose, role)
}

/// Writes `body`, sealed with one key, to the front of `buffer`; gives how many bytes that took.
pub fn seal_into(body: &[u8], purpose: Purpose, key: &SecretKey, buffer: &mut [u8]) -> Result<usize, WireError> {
    let signatures = List::collect([key.sign(purpose, body)]).unwrap_or_default();
    wire::encode_into(&Sealed { body, signatures, office: None }, buffer)
}

/// The bytes of `body` sealed with some keys.
#[cfg(feature = "alloc")]
#[must_use]
pub fn seal(body: &[u8], purpose: Purpose, keys: &[&SecretKey]) -> alloc::vec::Vec<u8> {
    let signatures = keys.iter().map(|key| key.sign(purpose, body)).take(limits::SIGNATURES);
    wire::encode(&Sealed { body, signatures: List::collect(signatures).unwrap_or_default(), office: None })
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
