//! Argon2id (RFC 9106): what makes guessing a passphrase or a password dear; and what wipes secrets from
//! memory. The only file that names these libraries.
//!
//! It decides what a file or a row may ask of the machine, not how hard a guess is to be: that is `officer/sealed.rs`
//! for keys and `accounts/password.rs` for people who log in.

use argon2::{Algorithm, Argon2, Params, Version};
/// Texts and bytes that leave no copy of themselves in memory.
pub(crate) use zeroize::{Zeroize, Zeroizing};

/// How hard a guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardness {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Hardness {
    /// For new keys: twice the memory that RFC 9106 §4 recommends to those who have little, half a second on a laptop.
    pub const NEW: Self = Self { memory_kib: 128 * 1024, passes: 3, lanes: 1 };

    /// Whether a file may ask for it: it must neither cost the machine nor be worthless.
    #[must_use]
    pub fn is_bounded(self) -> bool {
        (1024..=1024 * 1024).contains(&self.memory_kib)
            && (1..=16).contains(&self.passes)
            && (1..=4).contains(&self.lanes)
    }
}

/// Thirty-two bytes of a secret and a salt. `None` when the parameters are out of bounds or there is too little memory.
#[must_use]
pub fn stretched(secret: &[u8], salt: &[u8; 32], hardness: Hardness) -> Option<Zeroizing<[u8; 32]>> {
    if !hardness.is_bounded() {
        return None;
    }
    let params = Params::new(hardness.memory_kib, hardness.passes, hardness.lanes, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(secret, salt, &mut *key).ok()?;
    Some(key)
}
