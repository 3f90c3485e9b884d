//! Signatures without the arithmetic, where more than half of the time of a board under a fuzzer would go.
//!
//! A signature is a hash of the seed and the message, and whoever verifies it looks up the seed of the key, which this
//! program made itself. Who does not have the seed cannot make one, and any other message or key refuses it, as with
//! Ed25519. Keys are those of the curve, so bytes that are no key are refused as they are on a board. It has what
//! `domain/src/keys.rs` calls of `ed25519-dalek`, and nothing else is to use it.

use std::cell::RefCell;
use std::collections::HashMap;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
pub use ed25519::Signature;
pub use ed25519::signature::{Error as SignatureError, Signer};
use sha2::{Digest, Sha256, Sha512};

/// Keys that are remembered.
const MOST_KEYS: usize = 10_000;

thread_local! {
    /// The seed of each public key that was made here.
    static SEEDS: RefCell<HashMap<[u8; 32], [u8; 32]>> = RefCell::default();
    /// Whether bytes are a key, and a weak one.
    static KEYS: RefCell<HashMap<[u8; 32], Option<bool>>> = RefCell::default();
}

/// A public key.
#[derive(Clone, Copy)]
pub struct VerifyingKey {
    bytes: [u8; 32],
    is_weak: bool,
}

impl VerifyingKey {
    /// The key of these bytes, if they are a point of the curve.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, SignatureError> {
        let read = || CompressedEdwardsY(*bytes).decompress().map(|point| point.is_small_order());
        let known = KEYS.with_borrow_mut(|keys| {
            if keys.len() >= MOST_KEYS {
                keys.clear();
            }
            *keys.entry(*bytes).or_insert_with(read)
        });
        known.map(|is_weak| Self { bytes: *bytes, is_weak }).ok_or_else(SignatureError::new)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.bytes
    }

    /// Whether it is of low order.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// Whether its seed made this signature over these bytes.
    pub fn verify_strict(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let seed = SEEDS.with_borrow(|seeds| seeds.get(&self.bytes).copied());
        let is_good = seed.is_some_and(|seed| made(&seed, message) == *signature);
        if is_good { Ok(()) } else { Err(SignatureError::new()) }
    }
}

/// A secret key.
#[derive(Clone)]
pub struct SigningKey {
    seed: [u8; 32],
    public: VerifyingKey,
}

impl SigningKey {
    /// The key of this seed.
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        let mut scalar = [0; 32];
        scalar.copy_from_slice(&Sha512::digest(seed)[..32]);
        let bytes = EdwardsPoint::mul_base_clamped(scalar).compress().0;
        SEEDS.with_borrow_mut(|seeds| seeds.insert(bytes, *seed));
        Self { seed: *seed, public: VerifyingKey { bytes, is_weak: false } }
    }

    /// Its seed.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.seed
    }

    /// Its public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.public
    }
}

impl Signer<Signature> for SigningKey {
    fn try_sign(&self, message: &[u8]) -> Result<Signature, SignatureError> {
        Ok(made(&self.seed, message))
    }
}

fn made(seed: &[u8; 32], message: &[u8]) -> Signature {
    let half = |which: u8| Sha256::new().chain_update([which]).chain_update(seed).chain_update(message).finalize();
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&half(0));
    bytes[32..].copy_from_slice(&half(1));
    Signature::from_bytes(&bytes)
}
