//! Ed25519 signatures as RFC 8032 (§5.1.6) makes them, small enough for a board. The only file that names the arithmetic of
//! the curve.
//!
//! The library that verifies signatures makes them too, but multiplies scalars for it with 3.4 KB of program that nothing
//! else on a board needs. Here the product is made in whole numbers, and reduced by what reduces hashes anyway. The
//! signatures are the library's, byte for byte (a test holds the two against each other). Nothing here takes another
//! path for another key. How signatures are verified is `keys.rs`.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::id::sha512;

/// A secret key as signing needs it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct Signing {
    seed: [u8; 32],
    #[zeroize(skip)]
    public: [u8; 32],
}

impl Signing {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let (mut scalar, mut prefix) = halves(seed);
        let public = EdwardsPoint::mul_base_clamped(scalar).compress().to_bytes();
        scalar.zeroize();
        prefix.zeroize();
        Self { seed: *seed, public }
    }

    pub(super) fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    pub(super) fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let (mut secret, mut prefix) = halves(&self.seed);
        secret = clamp_integer(secret);
        let mut nonce = Scalar::from_bytes_mod_order_wide(&sha512(&[&prefix, message]));
        let point = EdwardsPoint::mul_base(&nonce).compress().to_bytes();
        let challenge = Scalar::from_bytes_mod_order_wide(&sha512(&[&point, &self.public, message]));
        let mut sum = product_and(challenge.as_bytes(), &secret, nonce.as_bytes());
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&point);
        signature[32..].copy_from_slice(Scalar::from_bytes_mod_order_wide(&sum).as_bytes());
        secret.zeroize();
        prefix.zeroize();
        nonce.zeroize();
        sum.zeroize();
        signature
    }
}

/// The secret number, not yet clamped, and what nonces begin with.
fn halves(seed: &[u8; 32]) -> ([u8; 32], [u8; 32]) {
    let mut hash = sha512(&[seed]);
    let (mut scalar, mut prefix) = ([0; 32], [0; 32]);
    scalar.copy_from_slice(&hash[..32]);
    prefix.copy_from_slice(&hash[32..]);
    hash.zeroize();
    (scalar, prefix)
}

/// `left * right + more`, all with their lowest byte first.
fn product_and(left: &[u8; 32], right: &[u8; 32], more: &[u8; 32]) -> [u8; 64] {
    let mut sum = [0; 64];
    sum[..32].copy_from_slice(more);
    for (low, left) in left.iter().enumerate() {
        let mut carry = 0;
        // No sum of these exceeds 255 * 255 + 255 + 255, so the carry is a byte.
        for (digit, right) in sum[low..].iter_mut().zip(right.iter().chain(&[0])) {
            let exact = u32::from(*left) * u32::from(*right) + u32::from(*digit) + carry;
            *digit = exact as u8;
            carry = exact >> 8;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::Signer;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn signatures_are_those_of_the_library(seed in any::<[u8; 32]>(), message in prop::collection::vec(any::<u8>(), 0..200)) {
            let library = ed25519_dalek::SigningKey::from_bytes(&seed);
            let ours = Signing::new(&seed);
            prop_assert_eq!(*ours.public(), library.verifying_key().to_bytes());
            prop_assert_eq!(ours.sign(&message), library.sign(&message).to_bytes());
        }

        #[test]
        fn products_are_those_of_the_curves_scalars(left in any::<[u8; 32]>(), right in any::<[u8; 32]>(), more in any::<[u8; 32]>()) {
            let [a, b, c] = [left, right, more].map(Scalar::from_bytes_mod_order);
            prop_assert_eq!(Scalar::from_bytes_mod_order_wide(&product_and(&left, &right, &more)), a * b + c);
        }
    }

    #[test]
    fn the_largest_numbers_carry_to_the_last_byte() {
        // (2^256 - 1)^2 + 2^256 - 1 = 2^512 - 2^256
        let largest = [255; 32];
        let mut expected = [255; 64];
        expected[..32].fill(0);
        assert_eq!(product_and(&largest, &largest, &largest), expected);
    }

    #[test]
    fn the_first_vector_of_the_standard_comes_out() {
        // RFC 8032 §7.1, test 1: the empty message.
        let hex = |text: &str| -> std::vec::Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
        };
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let signing = Signing::new(&seed.try_into().expect("32 bytes"));
        assert_eq!(signing.public()[..], hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        assert_eq!(signing.sign(&[])[..], hex(signature));
    }
}
