//! One connection to a broker, and the only file that names the MQTT client library.
//!
//! A connection is made once and thrown away whole: the library keeps state over a reconnect that can stall it (a
//! packet number it believes taken is never freed) or lose what it holds, so nothing of a dead connection is reused.
//! It does not decide when to connect or what to send; `driver.rs` does.

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnectProperties, Filter, LastWill, Packet, PubAckReason, Publish, RetainForwardRule, SubscribeReasonCode,
    UnsubAckReason,
};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing, Transport};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::tls::{Carrying, Tunnel};
use super::{LinkConfig, Message, Qos, Subscription};

/// Packets we may have sent without an acknowledgement. The library reserves memory for each at once: its default of
/// 65,535 costs 14 MB per client.
const IN_FLIGHT_MAX: u16 = 100;

/// Requests that wait between driver and library. Small: what is in here when a connection dies is lost.
const REQUESTS_MAX: usize = 16;

/// Things seen that wait between library and driver.
const SEEN_MAX: usize = 64;

/// What came from the broker, or became of what was sent to it.
#[derive(Debug)]
pub(super) enum Seen {
    /// The broker accepted the connection.
    Accepted {
        /// The largest packet the broker takes, in bytes.
        max_packet_bytes: Option<u32>,
        /// The keep-alive the broker wants instead of ours, in seconds.
        keep_alive_s: Option<u16>,
    },
    /// A message. The acknowledgement is there for QoS 1.
    Message { topic: String, payload: Vec<u8>, ack: Option<WireAck> },
    /// A subscribe or unsubscribe request left under this packet number.
    Asked(u16),
    /// The broker's answer to it: one result per filter, with the broker's reason.
    Answered(u16, Vec<Result<(), String>>),
    /// The broker took a message of QoS 1, or refused it.
    Published(Result<(), String>),
    /// Any other sign of life.
    Alive,
    /// The connection is over.
    Lost(String),
}

/// What the broker needs to hear to regard a message as received.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WireAck(u16);

/// What can be sent.
#[derive(Debug)]
pub(super) enum Say {
    Publish(Message),
    Subscribe(Vec<Subscription>),
    Unsubscribe(String),
    Ack(WireAck),
    Goodbye,
}

/// A connection being made or in use.
pub(super) struct Wire {
    client: AsyncClient,
    seen: mpsc::Receiver<Seen>,
    poll: JoinHandle<()>,
}

impl Wire {
    /// Starts to connect. The outcome comes from [`Wire::next`].
    pub(super) fn open(config: &LinkConfig) -> Self {
        let tunnel = config.url.tls.then(|| Tunnel::open(&config.url, config.credentials.as_ref()));
        let options = match &tunnel {
            Some(Ok(tunnel)) => options(config, tunnel.name(), Transport::Unix),
            _ => options(config, &config.url.host, Transport::Tcp),
        };
        let (client, events) = AsyncClient::new(options, REQUESTS_MAX);
        let (sender, seen) = mpsc::channel(SEEN_MAX);
        // A task of its own: the library's poll must never be dropped half-way, and must never wait for its client.
        let poll = tokio::spawn(join_and_poll(tunnel, events, sender));
        Self { client, seen, poll }
    }

    /// The next thing seen. May be dropped at any point.
    pub(super) async fn next(&mut self) -> Seen {
        // The task is gone without a word only if the library panicked on what the broker sent.
        self.seen.recv().await.unwrap_or_else(|| Seen::Lost("the MQTT library gave up".to_owned()))
    }

    /// Waits for room and hands over one thing to send. Keep the future until it is done: dropped, it forgets it.
    pub(super) fn say(&self, what: Say) -> impl Future<Output = ()> + Send + use<> {
        let client = self.client.clone();
        async move {
            // Errors mean a closed connection (`next` reports it) or a wrong topic (checked before).
            let _ = match what {
                Say::Publish(message) => client.publish(message.topic, qos(message.qos), false, message.payload).await,
                Say::Subscribe(wanted) => client.subscribe_many(wanted.into_iter().map(filter)).await,
                Say::Unsubscribe(filter) => client.unsubscribe(filter).await,
                Say::Ack(WireAck(number)) => {
                    let publish = Publish { qos: QoS::AtLeastOnce, pkid: number, ..Publish::default() };
                    client.ack(&publish).await
                }
                Say::Goodbye => client.disconnect().await,
            };
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.poll.abort();
    }
}

fn options(config: &LinkConfig, place: &str, transport: Transport) -> MqttOptions {
    let mut options = MqttOptions::new(&config.client_id, place, config.url.port);
    options.set_transport(transport);
    // The library panics below five seconds.
    options.set_keep_alive(Duration::from_secs(u64::from(config.keep_alive_s.max(5))));
    options.set_clean_start(true);
    let connect_s = config.timing.connect_ms.div_ceil(1000).max(1);
    options.set_connection_timeout(connect_s);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(connect_s);
    options.set_network_options(network);
    options.set_outgoing_inflight_upper_limit(IN_FLIGHT_MAX);
    // Always by hand: the library would acknowledge before the reader has seen the message.
    options.set_manual_acks(true);
    let mut properties = ConnectProperties::new();
    properties.session_expiry_interval = Some(0);
    properties.receive_maximum = Some(config.unacknowledged_max.max(1));
    // Unset, the library takes packets of up to 10 KiB and ends the connection at the first larger one.
    properties.max_packet_size = Some(config.max_packet_bytes);
    options.set_connect_properties(properties);
    let user = config.user.clone().or_else(|| config.url.user.clone());
    let password = config.password.clone().or_else(|| config.url.password.clone());
    if user.is_some() || password.is_some() {
        options.set_credentials(user.unwrap_or_default(), password.unwrap_or_default());
    }
    if let Some(will) = &config.will {
        options.set_last_will(LastWill::new(&*will.topic, &*will.payload, qos(will.qos), false, None));
    }
    options
}

async fn join_and_poll(tunnel: Option<Result<Tunnel, String>>, events: EventLoop, out: mpsc::Sender<Seen>) {
    let joined = match tunnel {
        None => Ok(None),
        Some(Err(why)) => Err(why),
        Some(Ok(tunnel)) => tunnel.join().await.map(Some),
    };
    match joined {
        Ok(carrying) => poll_until_lost(events, carrying, out).await,
        // A reader that is gone does not need to know.
        Err(why) => drop(out.send(Seen::Lost(why)).await),
    }
}

async fn poll_until_lost(mut events: EventLoop, carrying: Option<Carrying>, out: mpsc::Sender<Seen>) {
    loop {
        let seen = match events.poll().await {
            Ok(event) => understand(event),
            Err(error) => {
                let better = carrying.as_ref().and_then(Carrying::why);
                Some(Seen::Lost(better.unwrap_or_else(|| error.to_string())))
            }
        };
        let last = matches!(seen, Some(Seen::Lost(_)));
        if let Some(seen) = seen
            && (out.send(seen).await.is_err() || last)
        {
            return;
        }
    }
}

fn understand(event: Event) -> Option<Seen> {
    Some(match event {
        Event::Outgoing(Outgoing::Subscribe(number) | Outgoing::Unsubscribe(number)) => Seen::Asked(number),
        Event::Outgoing(_) => return None,
        Event::Incoming(Packet::ConnAck(accepted)) => {
            let properties = accepted.properties;
            Seen::Accepted {
                max_packet_bytes: properties.as_ref().and_then(|p| p.max_packet_size),
                keep_alive_s: properties.and_then(|p| p.server_keep_alive).filter(|&s| s > 0),
            }
        }
        Event::Incoming(Packet::Publish(publish)) => message(publish),
        Event::Incoming(Packet::SubAck(answer)) => {
            Seen::Answered(answer.pkid, answer.return_codes.into_iter().map(granted).collect())
        }
        Event::Incoming(Packet::UnsubAck(answer)) => {
            Seen::Answered(answer.pkid, answer.reasons.into_iter().map(ended).collect())
        }
        Event::Incoming(Packet::PubAck(answer)) => Seen::Published(match answer.reason {
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
            reason => Err(format!("{reason:?}")),
        }),
        Event::Incoming(_) => Seen::Alive,
    })
}

fn message(mut publish: Publish) -> Seen {
    let payload = std::mem::take(&mut publish.payload);
    let topic = std::mem::take(&mut publish.topic);
    match (publish.qos, String::from_utf8(topic.into())) {
        // Nothing is subscribed with QoS 2, no topic alias is agreed, and topics are UTF-8: such a broker is broken.
        (QoS::ExactlyOnce, _) => Seen::Lost("the broker sent a message of QoS 2".to_owned()),
        (_, Err(_)) => Seen::Lost("the broker sent a topic that is not UTF-8".to_owned()),
        (_, Ok(topic)) if topic.is_empty() => Seen::Lost("the broker sent a message without a topic".to_owned()),
        (QoS::AtMostOnce, Ok(topic)) => Seen::Message { topic, payload: payload.into(), ack: None },
        (QoS::AtLeastOnce, Ok(topic)) => {
            Seen::Message { topic, payload: payload.into(), ack: Some(WireAck(publish.pkid)) }
        }
    }
}

fn granted(code: SubscribeReasonCode) -> Result<(), String> {
    match code {
        SubscribeReasonCode::Success(_) => Ok(()),
        reason => Err(format!("{reason:?}")),
    }
}

fn ended(reason: UnsubAckReason) -> Result<(), String> {
    match reason {
        UnsubAckReason::Success | UnsubAckReason::NoSubscriptionExisted => Ok(()),
        reason => Err(format!("{reason:?}")),
    }
}

fn filter(wanted: Subscription) -> Filter {
    let mut filter = Filter::new(wanted.filter, qos(wanted.qos));
    // Nothing in Loa is retained. One oversized retained message would otherwise end every new connection at once.
    filter.retain_forward_rule = RetainForwardRule::Never;
    filter
}

fn qos(qos: Qos) -> QoS {
    match qos {
        Qos::AtMostOnce => QoS::AtMostOnce,
        Qos::AtLeastOnce => QoS::AtLeastOnce,
    }
}
