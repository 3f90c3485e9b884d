//! The one MQTT path of the desk and the players: connect, stay connected, send and receive messages.
//!
//! It knows nothing of what the messages mean, and it promises little, because a broker promises little: a message
//! that was accepted here can still be lost when the connection or the broker dies. Whoever needs certainty keeps
//! what he sent until the other side's own receipt arrives, and asks again after every [`LinkEvent::Up`].
//!
//! Next: `link/driver.rs` keeps the connection, `link/wire.rs` is the connection, `link/inbox.rs` guards memory.

mod address;
mod backoff;
mod driver;
mod inbox;
#[cfg(test)]
mod peer;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod topic;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot};

pub use address::{BrokerUrl, BrokerUrlError};
pub use backoff::Backoff;
pub use tls::Credentials;
pub use topic::{is_filter, is_topic};

/// Delivery as MQTT understands it. Neither survives a restart of the broker; QoS 2 is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qos {
    /// QoS 0: sent once, for chunks, which are asked for again.
    AtMostOnce,
    /// QoS 1: acknowledged by the broker, not by the receiver.
    AtLeastOnce,
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where to, without wildcards.
    pub topic: String,
    /// How hard the broker should try.
    pub qos: Qos,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// Something to listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// A topic, or a filter with `+` and `#`.
    pub filter: String,
    /// The highest QoS messages arrive with.
    pub qos: Qos,
}

/// How long things may take, in milliseconds. The defaults suit the field; tests shorten them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From the first TCP packet until the subscriptions are confirmed. Default 20,000: a bad mobile network.
    pub connect_ms: u64,
    /// The shortest wait before another attempt. Default 500.
    pub retry_shortest_ms: u64,
    /// The longest wait before another attempt. Default 30,000.
    pub retry_longest_ms: u64,
    /// A connection that lasted this long was good: the next wait is short again. Default 10,000.
    pub steady_ms: u64,
    /// Silence after which the connection counts as dead. `None`, the default: two and a half keep-alives.
    pub silence_ms: Option<u64>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect_ms: 20_000,
            retry_shortest_ms: 500,
            retry_longest_ms: 30_000,
            steady_ms: 10_000,
            silence_ms: None,
        }
    }
}

/// What a link needs to know. [`LinkConfig::new`] fills in the usual values.
#[derive(Clone)]
pub struct LinkConfig {
    /// The broker.
    pub url: BrokerUrl,
    /// The name of this client. A second connection with the same name ends the first.
    pub client_id: String,
    /// User name; without one, the address's.
    pub user: Option<String>,
    /// Password; without one, the address's.
    pub password: Option<String>,
    /// Pings go out at this interval, in seconds: 60 to 120. Shorter ones end a connection on which a few hundred
    /// KiB wait ahead of the ping's answer. The default is 60, the least that is taken is 5.
    pub keep_alive_s: u16,
    /// What the broker says for us when the connection dies without a goodbye. Never retained.
    pub will: Option<Message>,
    /// With what a broker at `mqtts://` is believed and shown who we are. Read again at every connection.
    pub credentials: Option<Credentials>,
    /// Asked for on every connection, before [`LinkEvent::Up`].
    pub subscriptions: Vec<Subscription>,
    /// Whether the reader acknowledges each QoS 1 message with [`Link::ack`]. If not, a message is acknowledged when
    /// it has been handed to the reader.
    pub manual_acks: bool,
    /// The largest packet taken or sent, in bytes. At least 256 KiB, the default.
    pub max_packet_bytes: u32,
    /// How many QoS 1 messages the broker may have under way to us without an acknowledgement. Default 64.
    pub unacknowledged_max: u16,
    /// How many events wait for the reader before chunks are dropped. Default 256: 4 MiB of chunks.
    pub events_max: usize,
    /// How many messages wait to be sent before [`PublishError::Busy`]. Default 64: 1 MiB of chunks.
    pub outbox_max: usize,
    /// How long things may take.
    pub timing: Timing,
    /// Seed of the waits between attempts; `None` takes one from the system.
    pub seed: Option<u64>,
}

/// The least a link takes as its largest packet, in bytes: a release with its orders must fit.
const PACKET_BYTES_LEAST: u32 = 256 * 1024;

impl LinkConfig {
    /// A link to `url` under the name `client_id`, with the usual values and no subscriptions.
    #[must_use]
    pub fn new(url: BrokerUrl, client_id: impl Into<String>) -> Self {
        Self {
            url,
            client_id: client_id.into(),
            user: None,
            password: None,
            keep_alive_s: 60,
            will: None,
            credentials: None,
            subscriptions: Vec::new(),
            manual_acks: false,
            max_packet_bytes: PACKET_BYTES_LEAST,
            unacknowledged_max: 64,
            events_max: 256,
            outbox_max: 64,
            timing: Timing::default(),
            seed: None,
        }
    }
}

/// Without the password: configurations end up in logs.
impl fmt::Debug for LinkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkConfig")
            .field("url", &self.url)
            .field("client_id", &self.client_id)
            .field("user", &self.user)
            .field("keep_alive_s", &self.keep_alive_s)
            .field("subscriptions", &self.subscriptions)
            .finish_non_exhaustive()
    }
}

/// What a link tells its reader, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// Connected, and every subscription answered. Nothing from before can be relied on: say hello again.
    Up,
    /// Not connected; the link goes on trying by itself. Told once per reason, not once per attempt.
    Down {
        /// What happened, in English, for logs.
        why: String,
    },
    /// The broker refused a subscription. The others stand. It is asked for again on the next connection.
    Refused {
        /// The filter.
        filter: String,
        /// The broker's reason.
        why: String,
    },
    /// A message arrived.
    Message {
        /// Where it was sent to.
        topic: String,
        /// The bytes.
        payload: Vec<u8>,
        /// With manual acknowledgements and QoS 1: hand it to [`Link::ack`] once the message is safe. Dropped
        /// instead, the broker's window stays one smaller until the next connection.
        ack: Option<AckToken>,
    },
}

/// The right to acknowledge one message, once.
#[derive(Debug, PartialEq, Eq)]
pub struct AckToken {
    connection: u64,
    ack: wire::WireAck,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Too many messages wait already. Try again later; nothing is wrong.
    #[error("the link has no room for another message now")]
    Busy,
    /// The link was closed.
    #[error("the link is closed")]
    Closed,
    /// The topic is empty, too long, or has a wildcard.
    #[error("{topic:?} is not a topic")]
    Topic {
        /// The topic.
        topic: String,
    },
    /// The broker or this link would not take a packet of this size.
    #[error("a packet of {bytes} bytes is larger than {max_bytes}")]
    TooLarge {
        /// The packet's size.
        bytes: usize,
        /// The limit.
        max_bytes: u32,
    },
}

/// What became of a wish to subscribe or unsubscribe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// The broker said no.
    #[error("the broker refused {filter:?}: {why}")]
    Refused {
        /// The filter.
        filter: String,
        /// The broker's reason.
        why: String,
    },
    /// The link is down. The wish is kept and takes effect before the next [`LinkEvent::Up`].
    #[error("the link is down")]
    Down,
    /// The link was closed.
    #[error("the link is closed")]
    Closed,
    /// The text is not a filter.
    #[error("{filter:?} is not a topic filter")]
    Filter {
        /// The text.
        filter: String,
    },
}

/// What a link has counted since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkCounts {
    /// QoS 0 messages that arrived while the reader had no room.
    pub chunks_dropped: u64,
    /// QoS 1 messages the broker refused.
    pub publishes_refused: u64,
    /// Connections that came up.
    pub connections: u64,
}

#[derive(Default)]
struct Shared {
    chunks_dropped: Arc<AtomicU64>,
    publishes_refused: AtomicU64,
    connections: AtomicU64,
    /// The broker's limit on the present connection; 0 while there is none.
    broker_packet_bytes: AtomicU32,
    own_packet_bytes: u32,
}

impl Shared {
    /// Checks a message against what the present connection can carry.
    fn check(&self, topic: &str, payload_bytes: usize) -> Result<(), PublishError> {
        if !is_topic(topic) {
            return Err(PublishError::Topic { topic: topic.to_owned() });
        }
        let broker = self.broker_packet_bytes.load(Ordering::Relaxed);
        let max_bytes = if broker == 0 { self.own_packet_bytes } else { broker.min(self.own_packet_bytes) };
        // Fixed header 1 to 5, topic length 2, packet number 2, no properties 1.
        let bytes = payload_bytes + topic.len() + 10;
        if bytes > max_bytes as usize {
            return Err(PublishError::TooLarge { bytes, max_bytes });
        }
        Ok(())
    }
}

/// A handle on a link. Clones share it; the link ends with [`Link::close`], with the last handle, or when nobody
/// reads its events any more.
#[derive(Clone)]
pub struct Link {
    outbox: mpsc::Sender<Message>,
    orders: mpsc::Sender<driver::Order>,
    acks: mpsc::UnboundedSender<AckToken>,
    shared: Arc<Shared>,
}

impl Link {
    /// Starts to connect and to stay connected. Needs a tokio runtime. The receiver must be read: see
    /// [`LinkConfig::events_max`] for what happens when it is read slowly.
    #[must_use]
    pub fn start(mut config: LinkConfig) -> (Self, mpsc::Receiver<LinkEvent>) {
        config.max_packet_bytes = config.max_packet_bytes.max(PACKET_BYTES_LEAST);
        let shared = Arc::new(Shared { own_packet_bytes: config.max_packet_bytes, ..Shared::default() });
        let (events, reader) = mpsc::channel(config.events_max.max(1));
        let (outbox, outgoing) = mpsc::channel(config.outbox_max.max(1));
        let (orders, order_queue) = mpsc::channel(16);
        // Not bounded by its own size, but by the acknowledgements the broker may wait for.
        let (acks, ack_queue) = mpsc::unbounded_channel();
        let inputs = driver::Inputs { outbox: outgoing, orders: order_queue, acks: ack_queue };
        tokio::spawn(driver::Driver::new(config, inputs, events, Arc::clone(&shared)).run());
        (Self { outbox, orders, acks, shared }, reader)
    }

    /// Takes a message if there is room this instant. Messages taken while the link is down are sent once it is up.
    ///
    /// # Errors
    /// [`PublishError::Busy`] when there is no room; the others mean the message can never be sent as it is.
    pub fn try_publish(&self, topic: &str, qos: Qos, payload: Vec<u8>) -> Result<(), PublishError> {
        self.shared.check(topic, payload.len())?;
        let message = Message { topic: topic.to_owned(), qos, payload };
        self.outbox.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => PublishError::Busy,
            mpsc::error::TrySendError::Closed(_) => PublishError::Closed,
        })
    }

    /// Takes a message, waiting for room: that can be as long as the link is down.
    ///
    /// # Errors
    /// As [`Link::try_publish`], but never [`PublishError::Busy`].
    pub async fn publish(&self, topic: &str, qos: Qos, payload: Vec<u8>) -> Result<(), PublishError> {
        self.shared.check(topic, payload.len())?;
        let message = Message { topic: topic.to_owned(), qos, payload };
        self.outbox.send(message).await.map_err(|_| PublishError::Closed)
    }

    /// Subscribes now and on every later connection. Returns when the broker has confirmed it.
    ///
    /// # Errors
    /// [`SubscribeError::Down`] and [`SubscribeError::Refused`] keep the wish for the next connection.
    pub async fn subscribe(&self, subscription: Subscription) -> Result<(), SubscribeError> {
        if !is_filter(&subscription.filter) {
            return Err(SubscribeError::Filter { filter: subscription.filter });
        }
        self.order(|reply| driver::Order::Subscribe(subscription, reply)).await
    }

    /// Ends a subscription now and for every later connection. Returns when the broker has confirmed it.
    ///
    /// # Errors
    /// [`SubscribeError::Down`] when there is no connection, which also means the subscription is gone.
    pub async fn unsubscribe(&self, filter: &str) -> Result<(), SubscribeError> {
        self.order(|reply| driver::Order::Unsubscribe(filter.to_owned(), reply)).await
    }

    /// Acknowledges a message. Of no effect if the connection it came on is gone: the broker has forgotten it.
    pub fn ack(&self, token: AckToken) {
        let _ = self.acks.send(token);
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> LinkCounts {
        LinkCounts {
            chunks_dropped: self.shared.chunks_dropped.load(Ordering::Relaxed),
            publishes_refused: self.shared.publishes_refused.load(Ordering::Relaxed),
            connections: self.shared.connections.load(Ordering::Relaxed),
        }
    }

    /// Sends what waits, says goodbye (so the will stays unsaid) and ends the link's tasks. All handles are dead
    /// then. Takes at most two seconds.
    pub async fn close(self) {
        let (done, wait) = oneshot::channel();
        if self.orders.send(driver::Order::Close(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    async fn order(&self, order: impl FnOnce(driver::Reply) -> driver::Order) -> Result<(), SubscribeError> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(order(reply)).await.map_err(|_| SubscribeError::Closed)?;
        answer.await.unwrap_or(Err(SubscribeError::Closed))
    }
}
