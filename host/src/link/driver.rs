//! Keeps a link connected: when to connect, when a connection counts as up, as dead, as closed.
//!
//! It moves messages and never looks into them. Next: `session.rs` (what is true of one connection), `wire.rs` (the
//! connection itself), `inbox.rs` (a slow reader), `backoff.rs` (the waits).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::inbox::Inbox;
use super::session::{End, Session, silence};
use super::wire::{Say, Seen, Wire, WireAck};
use super::{AckToken, Backoff, LinkConfig, LinkEvent, Message, Shared, SubscribeError, Subscription, is_filter};

/// Filters asked for in one packet: at the longest topics of Loa, 100 of them stay below 16 KiB.
const FILTERS_PER_PACKET: usize = 100;

/// How long a close may take.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// Room in the reader's line for events that are not messages.
const LINE_EXTRA: usize = 64;

pub(super) type Reply = oneshot::Sender<Result<(), SubscribeError>>;

/// What a handle asks of the driver.
pub(super) enum Order {
    Subscribe(Subscription, Reply),
    Unsubscribe(String, Reply),
    Close(oneshot::Sender<()>),
}

/// The ends of the handles' channels.
pub(super) struct Inputs {
    pub(super) outbox: mpsc::Receiver<Message>,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) acks: mpsc::UnboundedReceiver<AckToken>,
}

pub(super) struct Driver {
    config: LinkConfig,
    inputs: Inputs,
    inbox: Inbox<WireAck>,
    reader: mpsc::Sender<LinkEvent>,
    shared: Arc<Shared>,
    backoff: Backoff,
    /// Counts connections, so that an acknowledgement cannot reach another connection than its message's.
    connection: u64,
    told_down: Option<String>,
    /// Answered by being dropped when the driver ends.
    closed: Vec<oneshot::Sender<()>>,
}

impl Driver {
    pub(super) fn new(
        config: LinkConfig,
        inputs: Inputs,
        events: mpsc::Sender<LinkEvent>,
        shared: Arc<Shared>,
    ) -> Self {
        let line_max = usize::from(config.unacknowledged_max) + LINE_EXTRA;
        let inbox = Inbox::new(events, line_max, Arc::clone(&shared.chunks_dropped));
        let timing = config.timing;
        Self {
            reader: inbox.reader(),
            inbox,
            inputs,
            shared,
            backoff: Backoff::new(timing.retry_shortest_ms, timing.retry_longest_ms, config.seed),
            connection: 0,
            told_down: None,
            closed: Vec::new(),
            config,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            self.connection += 1;
            let mut session = Session::new(&self.config);
            let end = self.connection(&mut session).await;
            self.shared.broker_packet_bytes.store(0, Ordering::Relaxed);
            self.inbox.forget_connection();
            for reply in session.asking.drain(..).filter_map(|asking| asking.reply) {
                let _ = reply.send(Err(SubscribeError::Down));
            }
            let End::Lost(why) = end else { return };
            self.tell_down(why, &session);
            if let End::Closed = self.rest().await {
                return;
            }
        }
    }

    /// One connection, from the first packet to its end.
    async fn connection(&mut self, session: &mut Session) -> End {
        let mut wire = Wire::open(&self.config);
        let mut saying: Option<Pin<Box<dyn Future<Output = ()> + Send>>> = None;
        loop {
            if saying.is_none()
                && let Some(say) = session.next_urgent()
            {
                saying = Some(Box::pin(wire.say(say)));
            }
            let end = tokio::select! {
                seen = wire.next() => self.on_seen(session, seen),
                () = async { if let Some(saying) = &mut saying { saying.await } }, if saying.is_some() => {
                    saying = None;
                    None
                }
                Some(token) = self.inputs.acks.recv() => {
                    session.urgent.extend((token.connection == self.connection).then_some(Say::Ack(token.ack)));
                    None
                }
                order = self.inputs.orders.recv(), if session.is_open() => self.on_order(session, order),
                Some(message) = self.inputs.outbox.recv(), if saying.is_none() && session.takes_messages() => {
                    session.urgent.extend(self.sendable(message));
                    None
                }
                ack = self.inbox.hand_over(), if self.inbox.has_line() => {
                    session.urgent.extend(ack.map(Say::Ack));
                    None
                }
                () = self.reader.closed(), if session.is_open() => self.close(session),
                () = sleep_until(session.deadline()) => Some(session.overdue()),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn on_seen(&mut self, session: &mut Session, seen: Seen) -> Option<End> {
        session.heard = Instant::now();
        match seen {
            Seen::Accepted { .. } if session.accepted => {
                return Some(End::Lost("the broker accepted the connection twice".to_owned()));
            }
            Seen::Accepted { max_packet_bytes, keep_alive_s } => {
                let limit = max_packet_bytes.unwrap_or(u32::MAX);
                self.shared.broker_packet_bytes.store(limit, Ordering::Relaxed);
                if let (Some(keep_alive_s), None) = (keep_alive_s, self.config.timing.silence_ms) {
                    session.silence = silence(keep_alive_s);
                }
                session.accepted = true;
                self.ask_for_everything(session);
                self.announce_if_complete(session);
            }
            Seen::Message { topic, payload, ack } => return self.on_message(session, topic, payload, ack),
            Seen::Asked(number) => {
                if let Some(asking) = session.asking.iter_mut().find(|asking| asking.number.is_none()) {
                    asking.number = Some(number);
                }
            }
            Seen::Answered(number, results) => self.on_answer(session, number, results),
            Seen::Published(result) => {
                session.unacknowledged = session.unacknowledged.saturating_sub(1);
                let refused = u64::from(result.is_err());
                self.shared.publishes_refused.fetch_add(refused, Ordering::Relaxed);
            }
            Seen::Alive => {}
            Seen::Lost(_) if session.closing_until.is_some() => return Some(End::Closed),
            Seen::Lost(why) => return Some(End::Lost(why)),
        }
        None
    }

    fn on_message(
        &mut self,
        session: &mut Session,
        topic: String,
        payload: Vec<u8>,
        ack: Option<WireAck>,
    ) -> Option<End> {
        let Some(ack) = ack else {
            self.inbox.put_or_drop(LinkEvent::Message { topic, payload, ack: None });
            return None;
        };
        // By hand: the reader gets the right to acknowledge. By itself: acknowledged once the reader has the message.
        let (token, then) = match self.config.manual_acks {
            true => (Some(AckToken { connection: self.connection, ack }), None),
            false => (None, Some(ack)),
        };
        match self.inbox.put(LinkEvent::Message { topic, payload, ack: token }, then) {
            Ok(handed_over) => {
                session.urgent.extend(handed_over.map(Say::Ack));
                None
            }
            Err(overrun) => Some(End::Lost(overrun.to_string())),
        }
    }

    fn on_answer(&mut self, session: &mut Session, number: u16, results: Vec<Result<(), String>>) {
        let Some(at) = session.asking.iter().position(|asking| asking.number == Some(number)) else {
            return;
        };
        let Some(asking) = session.asking.remove(at) else {
            return;
        };
        let mut first_refusal = Ok(());
        for (filter, result) in asking.filters.into_iter().zip(results) {
            if let Err(why) = result {
                if asking.reply.is_none() {
                    self.inbox.tell(LinkEvent::Refused { filter: filter.clone(), why: why.clone() });
                }
                first_refusal = first_refusal.and(Err(SubscribeError::Refused { filter, why }));
            }
        }
        if let Some(reply) = asking.reply {
            let _ = reply.send(first_refusal);
        }
        self.announce_if_complete(session);
    }

    fn on_order(&mut self, session: &mut Session, order: Option<Order>) -> Option<End> {
        let (say, filter, reply) = match order {
            None => return self.close(session),
            Some(Order::Close(done)) => {
                self.closed.push(done);
                return self.close(session);
            }
            Some(Order::Subscribe(wanted, reply)) => {
                self.remember(&wanted);
                let filter = wanted.filter.clone();
                (Say::Subscribe(vec![wanted]), filter, reply)
            }
            Some(Order::Unsubscribe(filter, reply)) => {
                self.forget(&filter);
                (Say::Unsubscribe(filter.clone()), filter, reply)
            }
        };
        if session.accepted {
            session.ask(say, vec![filter], Some(reply));
        } else {
            let _ = reply.send(Err(SubscribeError::Down));
        }
        None
    }

    /// Everything that waits goes out and is answered, then the goodbye, and a moment later the end. Hanging up at
    /// once would lose messages: answers that nobody reads make TCP reset the connection, and the broker then drops
    /// what it has not read yet.
    fn close(&mut self, session: &mut Session) -> Option<End> {
        if session.up_since.is_none() {
            return Some(End::Closed);
        }
        while let Ok(message) = self.inputs.outbox.try_recv() {
            session.urgent.extend(self.sendable(message));
        }
        session.closing_until = Some(Instant::now() + CLOSE_MAX);
        None
    }

    /// A message, unless this connection cannot carry it: the library would end the connection over it.
    fn sendable(&self, message: Message) -> Option<Say> {
        let fits = self.shared.check(&message.topic, message.payload.len()).is_ok();
        if !fits {
            self.shared.publishes_refused.fetch_add(1, Ordering::Relaxed);
        }
        fits.then_some(Say::Publish(message))
    }

    fn ask_for_everything(&mut self, session: &mut Session) {
        let (good, wrong): (Vec<_>, Vec<_>) =
            self.config.subscriptions.iter().cloned().partition(|wanted| is_filter(&wanted.filter));
        for Subscription { filter, .. } in wrong {
            self.inbox.tell(LinkEvent::Refused { filter, why: "not a topic filter".to_owned() });
        }
        for wanted in good.chunks(FILTERS_PER_PACKET) {
            let filters = wanted.iter().map(|wanted| wanted.filter.clone()).collect();
            session.ask(Say::Subscribe(wanted.to_vec()), filters, None);
        }
    }

    fn announce_if_complete(&mut self, session: &mut Session) {
        let complete = session.asking.iter().all(|asking| asking.reply.is_some());
        if session.accepted && complete && session.up_since.is_none() {
            session.up_since = Some(Instant::now());
            self.told_down = None;
            self.shared.connections.fetch_add(1, Ordering::Relaxed);
            self.inbox.tell(LinkEvent::Up);
        }
    }

    fn tell_down(&mut self, why: String, session: &Session) {
        if let Some(up_since) = session.up_since
            && up_since.elapsed() >= Duration::from_millis(self.config.timing.steady_ms)
        {
            self.backoff.reset();
        }
        if self.told_down.as_ref() != Some(&why) {
            self.told_down = Some(why.clone());
            self.inbox.tell(LinkEvent::Down { why });
        }
    }

    /// Between two connections. Not over before the reader has taken what was left for him: so a reader that stands
    /// still costs no more memory with every connection.
    async fn rest(&mut self) -> End {
        let until = Instant::now() + Duration::from_millis(self.backoff.next_ms());
        loop {
            tokio::select! {
                order = self.inputs.orders.recv() => match order {
                    None => return End::Closed,
                    Some(Order::Close(done)) => {
                        self.closed.push(done);
                        return End::Closed;
                    }
                    Some(Order::Subscribe(wanted, reply)) => {
                        self.remember(&wanted);
                        let _ = reply.send(Err(SubscribeError::Down));
                    }
                    Some(Order::Unsubscribe(filter, reply)) => {
                        self.forget(&filter);
                        let _ = reply.send(Err(SubscribeError::Down));
                    }
                },
                _ = self.inbox.hand_over(), if self.inbox.has_line() => {}
                Some(_) = self.inputs.acks.recv() => {}
                () = self.reader.closed() => return End::Closed,
                () = sleep_until(until), if !self.inbox.has_line() => return End::Lost(String::new()),
            }
        }
    }

    fn remember(&mut self, wanted: &Subscription) {
        self.forget(&wanted.filter);
        self.config.subscriptions.push(wanted.clone());
    }

    fn forget(&mut self, filter: &str) {
        self.config.subscriptions.retain(|known| known.filter != filter);
    }
}
