//! How long somebody stays logged in, and the secret by which a browser or program is known again.
//!
//! Rules over times that are handed in; what is kept is `store/sessions.rs`. Next: `token.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use loa_host::keyfile::{self, KeyError};

use crate::store::Session;
use crate::stretch::Zeroizing;

/// Sessions of one account at most; at one more the oldest ends.
pub const MOST_SESSIONS: usize = 20;
/// Known devices of one account at most.
pub const MOST_DEVICES: usize = 20;
/// How long a device is known after its last login, in milliseconds: half a year.
pub const DEVICE_MS: i64 = 183 * 86_400_000;
/// How long after the password was typed what asks for it again is done without, in milliseconds.
const CONFIRMED_MS: i64 = 10 * 60_000;
/// That a session is used is written down no oftener, in milliseconds.
const NOTE_MS: i64 = 60_000;
/// Longest kept text of a browser's name.
const AGENT_CHARACTERS: usize = 120;

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Without use, in milliseconds.
    pub idle_ms: i64,
    /// However they are used, in milliseconds.
    pub life_ms: i64,
}

impl Default for Rules {
    /// A quarter of an hour without use, a working day in all.
    fn default() -> Self {
        Self { idle_ms: 15 * 60_000, life_ms: 8 * 3_600_000 }
    }
}

impl Rules {
    /// Whether a session goes on. A clock that was set back ends it.
    #[must_use]
    pub fn is_alive(&self, session: &Session, now: UtcMs) -> bool {
        let idle_ms = now.0 - session.seen.0;
        now < session.ends && now.0 - session.made.0 < self.life_ms && (-NOTE_MS..self.idle_ms).contains(&idle_ms)
    }

    /// Whether its use is to be written down.
    #[must_use]
    pub fn is_worth_noting(&self, session: &Session, now: UtcMs) -> bool {
        now.0 - session.seen.0 >= NOTE_MS.min(self.idle_ms / 4)
    }
}

/// Whether the password was typed a short while ago.
#[must_use]
pub fn is_confirmed(session: &Session, now: UtcMs) -> bool {
    (0..CONFIRMED_MS).contains(&(now.0 - session.confirmed.0))
}

/// What a browser calls itself, bounded and without control signs.
#[must_use]
pub fn agent(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(AGENT_CHARACTERS).collect()
}

/// Thirty-two random bytes that only their holder has; the desk keeps their hash.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, KeyError> {
        Ok(Self(Zeroizing::new(Hash(keyfile::random()?).to_string())))
    }

    /// The one that a browser or program sent; none for what cannot be one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let good = text.len() == 64 && text.bytes().all(|sign| matches!(sign, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for its holder alone.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What the desk keeps. A plain hash is right for 256 random bits: there is nothing to guess.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.0.as_bytes())
    }
}

/// What a session is called in lists: the beginning of its hash, of which nobody gets back to the id.
#[must_use]
pub fn handle(hash: Hash) -> String {
    hash.to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_796_605_200_000);

    fn session() -> Session {
        let text = String::new;
        let ends = NOW.plus_ms(Rules::default().life_ms);
        let (hash, agent, source) = (Hash::ZERO, text(), text());
        Session { hash, account: text(), made: NOW, seen: NOW, ends, confirmed: NOW, agent, source, is_provided: false }
    }

    #[test]
    fn a_session_ends_unused_and_used() {
        let rules = Rules::default();
        let at = |minutes: i64| NOW.plus_ms(minutes * 60_000);
        assert!(rules.is_alive(&session(), at(14)) && !rules.is_alive(&session(), at(15)));
        let used = |minutes| Session { seen: at(minutes), ..session() };
        assert!(rules.is_alive(&used(470), at(479)) && !rules.is_alive(&used(479), at(480)));
        assert!(!rules.is_alive(&session(), at(-10)), "a clock set back makes no session longer");
        assert!(!Rules { life_ms: 3_600_000, ..rules }.is_alive(&used(59), at(60)), "a shorter rule holds at once");
        assert!(
            is_confirmed(&session(), at(9)) && !is_confirmed(&session(), at(10)) && !is_confirmed(&session(), at(-1))
        );
        assert!(!rules.is_worth_noting(&session(), NOW.plus_ms(59_999)) && rules.is_worth_noting(&session(), at(1)));
    }

    #[test]
    fn a_secret_is_read_as_it_is_written_and_nothing_else_is_one() {
        let secret = Secret::random().unwrap();
        assert_eq!(Secret::read(secret.text()).map(|read| read.hash()), Some(secret.hash()));
        assert!(!handle(secret.hash()).contains(&secret.text()[..8]));
        for text in ["", "abc", &"g".repeat(64), &"A".repeat(64), &format!("{} ", &secret.text()[..63])] {
            assert!(Secret::read(text).is_none(), "{text}");
        }
        assert_eq!(agent("Fire\r\nfox\u{1b}[2J"), "Firefox[2J");
    }
}
