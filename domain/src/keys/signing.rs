//! Ed25519 signatures as RFC 8032 (§5.1.6) makes and (§5.1.7) verifies them, small enough for a board. The only file that
//! names the arithmetic of the curve.
//!
//! The library that verifies signatures on larger players makes them too, but with 8 KB of program more: scalars in
//! Montgomery's form, windows that move. Here products are made in whole numbers and reduced bit by bit, and a sum of two
//! multiples is found with one table. Signatures and verdicts are the library's, byte for byte and case for case (tests
//! hold the two against each other). What makes a signature takes no other path for another key; what verifies one does,
//! as all it works with is public. Which of the two verifies is `keys.rs`.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::{Scalar, clamp_integer};
#[cfg(any(test, not(feature = "alloc")))]
use curve25519_dalek::{constants::ED25519_BASEPOINT_POINT, edwards::CompressedEdwardsY, traits::Identity};
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
        let mut nonce = reduced(&sha512(&[&prefix, message]));
        let point = EdwardsPoint::mul_base(&Scalar::from_bits(nonce)).compress().to_bytes();
        let challenge = reduced(&sha512(&[&point, &self.public, message]));
        let mut sum = product_and(&challenge, &secret, &nonce);
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&point);
        signature[32..].copy_from_slice(&reduced(&sum));
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

/// The order of the curve's base point, 2^252 + 27742317777372353535851937790883648493, its lowest word first.
const ORDER: [u32; 8] = [0x5cf5_d3ed, 0x5812_631a, 0xa2f7_9cd6, 0x14de_f9de, 0, 0, 0, 0x1000_0000];

/// What is left of a number of up to 64 bytes, its lowest first, when it is divided by the order of the base point.
#[inline(never)]
fn reduced(number: &[u8]) -> [u8; 32] {
    let mut left = [0_u32; 8];
    for bit in (0..8 * number.len()).rev() {
        let mut carry = u32::from(number[bit / 8] >> (bit % 8) & 1);
        // Less than twice the order, which is less than 2^254: no bit is lost.
        for word in &mut left {
            (*word, carry) = (*word << 1 | carry, *word >> 31);
        }
        let (mut less, mut borrow) = ([0; 8], false);
        for ((less, word), order) in less.iter_mut().zip(left).zip(ORDER) {
            let (once, under) = word.overflowing_sub(order);
            let (twice, again) = once.overflowing_sub(u32::from(borrow));
            (*less, borrow) = (twice, under | again);
        }
        // All ones where it was less than the order, and stays: the same steps for every number.
        let stays = 0_u32.wrapping_sub(u32::from(borrow));
        left.iter_mut().zip(less).for_each(|(word, less)| *word = *word & stays | less & !stays);
    }
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(4).zip(left).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
    left.zeroize();
    bytes
}

/// The point that these bytes stand for, if it is one of the curve and not of low order.
#[cfg(any(test, not(feature = "alloc")))]
#[inline(never)]
fn point(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*bytes).decompress().filter(|point| !point.is_small_order())
}

/// Whether a key is a point of the curve that is not of low order.
#[cfg(any(test, not(feature = "alloc")))]
pub(super) fn is_sound(public: &[u8; 32]) -> bool {
    point(public).is_some()
}

/// Whether a signature is a key's over these bytes: strictly, as `verify_strict` of the library has it.
#[cfg(any(test, not(feature = "alloc")))]
#[inline(never)]
pub(super) fn verifies(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (mut commitment, mut sum) = ([0; 32], [0; 32]);
    commitment.copy_from_slice(&signature[..32]);
    sum.copy_from_slice(&signature[32..]);
    let Some(key) = point(public).filter(|_| reduced(&sum) == sum && point(&commitment).is_some()) else {
        return false;
    };
    let challenge = reduced(&sha512(&[&commitment, public, message]));
    combined(&sum, &challenge, -key).compress().0 == commitment
}

/// `left` times the base point and `right` times `other`, two bits of each at a time.
#[cfg(any(test, not(feature = "alloc")))]
fn combined(left: &[u8; 32], right: &[u8; 32], other: EdwardsPoint) -> EdwardsPoint {
    // So many times the base point, and so many times the other one in steps of four.
    let mut table = [EdwardsPoint::identity(); 16];
    for at in 1..table.len() {
        table[at] = if at % 4 > 0 { table[at - 1] + ED25519_BASEPOINT_POINT } else { table[at - 4] + other };
    }
    let mut sum = EdwardsPoint::identity();
    for pair in (0..128).rev() {
        let digit = |number: &[u8; 32]| usize::from(number[pair / 4] >> (pair % 4 * 2) & 3);
        sum += sum;
        sum += sum;
        sum += table[digit(left) + 4 * digit(right)];
    }
    sum
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

    fn by_the_library(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        ed25519_dalek::VerifyingKey::from_bytes(public)
            .is_ok_and(|key| !key.is_weak() && key.verify_strict(message, &signature).is_ok())
    }

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
            prop_assert_eq!(reduced(&product_and(&left, &right, &more)), (a * b + c).to_bytes());
        }

        #[test]
        fn what_is_left_of_a_number_is_what_the_library_leaves(low in any::<[u8; 32]>(), high in any::<[u8; 32]>()) {
            let mut number = [0; 64];
            number[..32].copy_from_slice(&low);
            number[32..].copy_from_slice(&high);
            prop_assert_eq!(reduced(&number), Scalar::from_bytes_mod_order_wide(&number).to_bytes());
        }

        #[test]
        fn what_is_bent_is_refused_where_the_library_refuses(seed in any::<[u8; 32]>(), message in prop::collection::vec(any::<u8>(), 0..80), bits in prop::collection::vec(0_usize..768, 0..3)) {
            let signing = Signing::new(&seed);
            let mut bytes = [0; 96];
            bytes[..32].copy_from_slice(signing.public());
            bytes[32..].copy_from_slice(&signing.sign(&message));
            bits.iter().for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
            let (public, signature) = (bytes.first_chunk().expect("32"), bytes.last_chunk().expect("64"));
            prop_assert_eq!(verifies(public, &message, signature), by_the_library(public, &message, signature));
            prop_assert_eq!(is_sound(public), ed25519_dalek::VerifyingKey::from_bytes(public).is_ok_and(|key| !key.is_weak()));
            prop_assert!(!bits.is_empty() || verifies(public, &message, signature));
        }
    }

    /// The order as bytes.
    fn order() -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.chunks_exact_mut(4).zip(ORDER).for_each(|(bytes, word)| bytes.copy_from_slice(&word.to_le_bytes()));
        bytes
    }

    /// As Chalkias, Garillot and Nikolaenko collected them ("Taming the many EdDSAs", 2020): where verifiers disagree.
    #[test]
    fn where_verifiers_disagree_it_is_with_the_library() {
        let signing = Signing::new(&[7; 32]);
        let message = b"mot tin";
        let signature = signing.sign(message);
        // The points of low order, each as it is written and as it should not be.
        let mut strange: std::vec::Vec<[u8; 32]> =
            curve25519_dalek::constants::EIGHT_TORSION.map(|p| p.compress().0).into();
        for low in [0xec_u8, 0xed, 0xee] {
            for high in [0x7f, 0xff] {
                let mut bytes = [0xff; 32];
                (bytes[0], bytes[31]) = (low, high);
                strange.push(bytes);
            }
        }
        strange.extend([[0; 32], order()]);
        for odd in &strange {
            assert_eq!(is_sound(odd), ed25519_dalek::VerifyingKey::from_bytes(odd).is_ok_and(|key| !key.is_weak()));
            let mut other = signature;
            other[..32].copy_from_slice(odd);
            assert_eq!(verifies(odd, message, &signature), by_the_library(odd, message, &signature));
            assert!(!verifies(signing.public(), message, &other) && !by_the_library(signing.public(), message, &other));
            assert_eq!(verifies(odd, message, &other), by_the_library(odd, message, &other));
        }
        // The same number and the order more: a second signature, which nobody may take.
        let mut carry = 0_u16;
        let mut second = signature;
        for (byte, more) in second[32..].iter_mut().zip(order()) {
            carry += u16::from(*byte) + u16::from(more);
            (*byte, carry) = (carry as u8, carry >> 8);
        }
        assert!(verifies(signing.public(), message, &signature));
        assert!(!verifies(signing.public(), message, &second) && !by_the_library(signing.public(), message, &second));
        // A key with a part of low order is none that anybody makes, and both take it alike.
        let torsion = curve25519_dalek::constants::EIGHT_TORSION[1];
        let mixed = (CompressedEdwardsY(*signing.public()).decompress().expect("a point") + torsion).compress().0;
        assert_eq!(verifies(&mixed, message, &signature), by_the_library(&mixed, message, &signature));
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
