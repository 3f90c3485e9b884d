//! When a player says hello: first of all on a new link, again until the desk answers, and when it is asked to.
//!
//! The desk takes in nothing that is signed with a key it has not met, so records wait for the answer. A desk that has
//! lost what it knew (a new store, a restored backup) asks; nobody has to start the player anew. What a hello says is
//! `message.rs`; what waits for the answer, `proof/outbox.rs`.

/// Two hellos are at least so far apart, in milliseconds, whoever asks: each costs a signature here and a check there.
const LEAST_MS: u64 = 2_000;
/// First wait for the answer, in milliseconds: a slow mobile link and a desk that meets its whole fleet at once.
const PATIENCE_MS: u64 = 10_000;
/// Longest wait for the answer, in milliseconds: a desk whose timetable does not name the player yet never answers.
const PATIENCE_MAX_MS: u64 = 300_000;

/// How far the greeting has come. Times are monotonic milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Greeting {
    up: bool,
    /// It is to be said although it was answered.
    asked: bool,
    answered: bool,
    said_ms: Option<u64>,
    patience_ms: u64,
}

impl Greeting {
    /// The link came up, or went down.
    pub fn link(&mut self, up: bool) {
        *self = Self { up, patience_ms: PATIENCE_MS, ..Self::default() };
    }

    /// Whether the link is up.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.up
    }

    /// It is to be said again: the desk asks for it, or what it says has changed.
    pub fn ask(&mut self) {
        self.asked = true;
        self.patience_ms = PATIENCE_MS;
    }

    /// The desk answered: it knows this player.
    pub fn answered(&mut self) {
        self.answered = self.up;
    }

    /// Whether to say it now. If so it counts as said.
    #[must_use]
    pub fn poll(&mut self, now_ms: u64) -> bool {
        let is_due = self.due_ms().is_some_and(|due_ms| now_ms >= due_ms);
        if is_due {
            if self.said_ms.is_some() && !self.asked {
                self.patience_ms = self.patience_ms.saturating_mul(2).min(PATIENCE_MAX_MS);
            }
            self.answered &= !self.asked;
            self.asked = false;
            self.said_ms = Some(now_ms);
        }
        is_due
    }

    /// When to call [`Greeting::poll`] at the latest, if nothing comes.
    #[must_use]
    pub fn due_ms(&self) -> Option<u64> {
        let wait_ms = match (self.asked, self.answered) {
            (true, _) => LEAST_MS,
            (false, false) => self.patience_ms,
            (false, true) => return None,
        };
        self.up.then(|| self.said_ms.map_or(0, |said_ms| said_ms.saturating_add(wait_ms)))
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// The instants of the hellos until `until_ms`; `hears` is told of each.
    fn said(
        greeting: &mut Greeting,
        from_ms: u64,
        until_ms: u64,
        mut hears: impl FnMut(&mut Greeting, u64),
    ) -> Vec<u64> {
        let mut said = Vec::new();
        let mut now_ms = from_ms;
        while now_ms <= until_ms {
            if greeting.poll(now_ms) {
                said.push(now_ms);
                hears(greeting, now_ms);
            }
            let Some(due_ms) = greeting.due_ms() else { break };
            now_ms = due_ms.max(now_ms + 1);
        }
        said
    }

    #[test]
    fn a_hello_is_said_once_on_each_new_link_when_the_desk_answers() {
        let mut greeting = Greeting::default();
        assert!(!greeting.poll(0) && !greeting.is_up(), "there is no link");
        for from_ms in [5, 70_000] {
            greeting.link(true);
            assert!(greeting.is_up());
            assert_eq!(said(&mut greeting, from_ms, 60_000_000, |greeting, _| greeting.answered()), [from_ms]);
            greeting.link(false);
            assert!(!greeting.poll(from_ms + 1) && !greeting.is_up());
        }
    }

    #[test]
    fn a_silent_desk_hears_it_ever_more_rarely_and_always_again() {
        let mut greeting = Greeting::default();
        greeting.link(true);
        let said = said(&mut greeting, 0, 86_400_000, |_, _| ());
        assert_eq!(said[..5], [0, 10_000, 30_000, 70_000, 150_000]);
        assert!((280..300).contains(&said.len()), "{}", said.len());
    }

    #[test]
    fn a_desk_that_forgot_the_player_hears_it_at_once_and_a_thousand_times_no_more_than_every_two_seconds() {
        let mut greeting = Greeting::default();
        greeting.link(true);
        assert!(greeting.poll(0));
        greeting.answered();
        greeting.ask();
        assert!(greeting.poll(50_000));
        assert_eq!(greeting.due_ms(), Some(60_000), "until it is answered");
        greeting.answered();
        let mut count = 0;
        for now_ms in 50_000..60_000 {
            greeting.ask();
            count += u32::from(greeting.poll(now_ms));
        }
        assert_eq!(count, 4);
    }
}
