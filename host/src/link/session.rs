//! What is true of one connection of a link, and forgotten with it: what was asked, what is overdue, what goes next.
//!
//! It sends nothing and waits for nothing; `driver.rs` does. Next: `wire.rs`.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::driver::Reply;
use super::wire::Say;
use super::{LinkConfig, Qos};

/// How long a connection stays open after its goodbye, for brokers that wait for the client to hang up (rmqtt does).
const LINGER: Duration = Duration::from_millis(200);

/// How a connection ended.
pub(super) enum End {
    Closed,
    Lost(String),
}

/// A question to the broker that is not answered yet.
pub(super) struct Asking {
    /// The packet number, once it has left.
    pub(super) number: Option<u16>,
    pub(super) filters: Vec<String>,
    pub(super) reply: Option<Reply>,
}

/// What is true of the present connection only.
pub(super) struct Session {
    pub(super) opened: Instant,
    pub(super) heard: Instant,
    pub(super) connect: Duration,
    pub(super) silence: Duration,
    pub(super) accepted: bool,
    pub(super) up_since: Option<Instant>,
    pub(super) closing_until: Option<Instant>,
    pub(super) said_goodbye: bool,
    /// Messages of QoS 1 that went out and have no answer.
    pub(super) unacknowledged: usize,
    pub(super) asking: VecDeque<Asking>,
    /// Goes out before any message: acknowledgements, subscriptions, the goodbye.
    pub(super) urgent: VecDeque<Say>,
}

impl Session {
    pub(super) fn new(config: &LinkConfig) -> Self {
        let now = Instant::now();
        let silence = config.timing.silence_ms.map_or_else(|| silence(config.keep_alive_s), Duration::from_millis);
        Self {
            opened: now,
            heard: now,
            connect: Duration::from_millis(config.timing.connect_ms),
            silence,
            accepted: false,
            up_since: None,
            closing_until: None,
            said_goodbye: false,
            unacknowledged: 0,
            asking: VecDeque::new(),
            urgent: VecDeque::new(),
        }
    }

    pub(super) fn ask(&mut self, say: Say, filters: Vec<String>, reply: Option<Reply>) {
        self.urgent.push_back(say);
        self.asking.push_back(Asking { number: None, filters, reply });
    }

    /// What goes out before any message; at the very end, the goodbye.
    pub(super) fn next_urgent(&mut self) -> Option<Say> {
        let say = self.urgent.pop_front();
        if say.is_none() && !self.is_open() && self.unacknowledged == 0 && !self.said_goodbye {
            self.said_goodbye = true;
            self.closing_until = self.closing_until.map(|until| until.min(Instant::now() + LINGER));
            return Some(Say::Goodbye);
        }
        self.count(say.as_ref());
        say
    }

    fn count(&mut self, say: Option<&Say>) {
        let acknowledged = matches!(say, Some(Say::Publish(message)) if message.qos == Qos::AtLeastOnce);
        self.unacknowledged += usize::from(acknowledged);
    }

    pub(super) fn is_open(&self) -> bool {
        self.closing_until.is_none()
    }

    pub(super) fn takes_messages(&self) -> bool {
        self.up_since.is_some() && self.is_open()
    }

    pub(super) fn deadline(&self) -> Instant {
        match (self.closing_until, self.up_since) {
            (Some(until), _) => until,
            (None, Some(_)) => self.heard + self.silence,
            (None, None) => self.opened + self.connect,
        }
    }

    pub(super) fn overdue(&self) -> End {
        match (self.closing_until, self.up_since) {
            (Some(_), _) => End::Closed,
            (None, Some(_)) => End::Lost(format!("nothing heard for {} ms", self.silence.as_millis())),
            (None, None) => End::Lost(format!("no connection within {} ms", self.connect.as_millis())),
        }
    }
}

/// Two and a half keep-alives: one ping unanswered is the library's to notice; a connection on which even the writing
/// of a ping hangs is ours.
pub(super) fn silence(keep_alive_s: u16) -> Duration {
    Duration::from_millis(u64::from(keep_alive_s.max(5)) * 2_500)
}
