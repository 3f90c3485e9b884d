//! A second factor: codes of six digits that change every half minute (RFC 6238), as authenticator apps make them.
//!
//! The only file that names its library. What codes are made with comes from a key in the desk's key folder and a number
//! in the store, so a copy of the store alone makes no code. That no code counts twice is decided in `login.rs`. Next:
//! `throttle.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use totp_rs::{Builder, Secret, Totp};

use crate::stretch::Zeroizing;

/// The desk's key for second factors: 32 bytes.
#[derive(Clone)]
pub struct CodeKey(Zeroizing<[u8; 32]>);

impl CodeKey {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn secret(&self, account: &str, nonce: Hash) -> Zeroizing<[u8; 20]> {
        let made = Zeroizing::new([b"loa second factor 1\n", &self.0[..], &nonce.0, account.as_bytes()].concat());
        let mut secret = Zeroizing::new([0; 20]);
        secret.copy_from_slice(&Hash::of(&made).0[..20]);
        secret
    }

    fn codes(&self, account: &str, nonce: Hash) -> Option<Totp> {
        Builder::new().with_secret(Secret::from(*self.secret(account, nonce))).build().ok()
    }

    /// The half minute of a code, counted from 1970, if the code is good now or was, or will be, half a minute off.
    #[must_use]
    pub fn step(&self, account: &str, nonce: Hash, code: &str, now: UtcMs) -> Option<u64> {
        let digits: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        self.codes(account, nonce)?.check(&digits, u64::try_from(now.0 / 1_000).ok()?)
    }

    /// What an authenticator app is given, as an address to be made a picture of, or as letters to be typed.
    #[must_use]
    pub fn address(&self, account: &str, nonce: Hash) -> Zeroizing<String> {
        let letters = Zeroizing::new(Secret::from(*self.secret(account, nonce)).to_base32());
        Zeroizing::new(format!("otpauth://totp/Loa:{account}?secret={}&issuer=Loa", &*letters))
    }

    /// The code of a moment, as the app shows it.
    #[cfg(test)]
    pub fn code(&self, account: &str, nonce: Hash, now: UtcMs) -> String {
        self.codes(account, nonce).unwrap().generate(u64::try_from(now.0 / 1_000).unwrap()).to_string()
    }
}

/// The code that an app shows which was given this address.
#[cfg(test)]
pub fn shown(address: &str, now: UtcMs) -> String {
    let letters = address.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let codes = Builder::new().with_secret(Secret::try_from_base32(letters).unwrap()).build().unwrap();
    codes.generate(u64::try_from(now.0 / 1_000).unwrap()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: SHA-1, this secret, the last six of eight digits.
        let codes = Builder::new().with_secret(Secret::from(*b"12345678901234567890")).build().unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(codes.generate(seconds).to_string(), code);
        }
    }

    #[test]
    fn a_code_is_good_for_its_account_and_its_time() {
        let (key, nonce, now) = (CodeKey::new([7; 32]), Hash([1; 32]), UtcMs(1_796_605_200_000));
        let code = key.code("hoa", nonce, now);
        let step = key.step("hoa", nonce, &code, now);
        assert_eq!(step, Some(1_796_605_200 / 30));
        assert_eq!(key.step("hoa", nonce, &format!("{} {}", &code[..3], &code[3..]), now.plus_ms(30_000)), step);
        assert_eq!(key.step("hoa", nonce, &code, now.plus_ms(90_000)), None);
        assert_eq!(key.step("lan", nonce, &code, now), None);
        assert_eq!(CodeKey::new([8; 32]).step("hoa", nonce, &code, now), None);
        for text in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(key.step("hoa", nonce, text, now), None, "{text}");
        }
        let address = key.address("hoa", nonce);
        assert!(address.starts_with("otpauth://totp/Loa:hoa?secret="));
        assert_eq!(shown(&address, now), code, "an app is told all it needs");
    }
}
