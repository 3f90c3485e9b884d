//! What happens when the reader of a link is slower than the broker: who waits, and what is dropped.
//!
//! It decides neither when to connect nor when to acknowledge. Next: `driver.rs`, which feeds it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use super::LinkEvent;

/// An entry on its way to the reader: the event, and what to do (an acknowledgement, usually) once it is handed over.
type Entry<T> = (LinkEvent, Option<T>);

/// The bounded way to the reader.
///
/// The channel holds a fixed number of events. When it is full, messages of QoS 0 are dropped and counted: they are
/// chunks, and the receiver asks for the missing ones again. Everything else waits in a line. That line is bounded
/// too: by the number of unacknowledged messages the broker was allowed to have under way.
pub(super) struct Inbox<T> {
    events: mpsc::Sender<LinkEvent>,
    line: VecDeque<Entry<T>>,
    line_max: usize,
    dropped: Arc<AtomicU64>,
}

/// The broker had more unacknowledged messages under way than it was allowed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the broker sent more unacknowledged messages than agreed")]
pub(super) struct Overrun;

impl<T> Inbox<T> {
    pub(super) fn new(events: mpsc::Sender<LinkEvent>, line_max: usize, dropped: Arc<AtomicU64>) -> Self {
        Self { events, line: VecDeque::new(), line_max, dropped }
    }

    /// Hands an event over if there is room, else puts it in line. Gives back `then` if it was handed over.
    pub(super) fn put(&mut self, event: LinkEvent, then: Option<T>) -> Result<Option<T>, Overrun> {
        let Some(event) = self.try_hand_over(event) else {
            return Ok(then);
        };
        if self.line.len() >= self.line_max {
            return Err(Overrun);
        }
        self.line.push_back((event, then));
        Ok(None)
    }

    /// The link's own events: as few as there are connections and subscriptions, so they always find a place in line.
    pub(super) fn tell(&mut self, event: LinkEvent) {
        if let Some(event) = self.try_hand_over(event) {
            self.line.push_back((event, None));
        }
    }

    /// Gives the event back if there is no room, or others wait already.
    fn try_hand_over(&self, event: LinkEvent) -> Option<LinkEvent> {
        if self.has_line() {
            return Some(event);
        }
        match self.events.try_send(event) {
            Ok(()) => None,
            Err(mpsc::error::TrySendError::Full(event) | mpsc::error::TrySendError::Closed(event)) => Some(event),
        }
    }

    /// Hands a message over if there is room this instant, else drops and counts it.
    pub(super) fn put_or_drop(&mut self, event: LinkEvent) {
        if self.try_hand_over(event).is_some() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn has_line(&self) -> bool {
        !self.line.is_empty()
    }

    /// Waits until the reader has room, and hands over the first in line. May be dropped at any point.
    pub(super) async fn hand_over(&mut self) -> Option<T> {
        // The reader went away: the driver ends the link for that, nothing is left to do here.
        let room = match self.events.reserve().await {
            Ok(room) => room,
            Err(_) => return std::future::pending().await,
        };
        let (event, then) = self.line.pop_front()?;
        room.send(event);
        then
    }

    /// A sender to watch for the reader going away.
    pub(super) fn reader(&self) -> mpsc::Sender<LinkEvent> {
        self.events.clone()
    }

    /// Lets go of what the line's entries still wanted done: their connection is gone. The events stay.
    pub(super) fn forget_connection(&mut self) {
        for (_, then) in &mut self.line {
            *then = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(room: usize, line: usize) -> (Inbox<u8>, mpsc::Receiver<LinkEvent>, Arc<AtomicU64>) {
        let (sender, receiver) = mpsc::channel(room);
        let dropped = Arc::new(AtomicU64::new(0));
        (Inbox::new(sender, line, dropped.clone()), receiver, dropped)
    }

    fn down(why: &str) -> LinkEvent {
        LinkEvent::Down { why: why.into() }
    }

    #[tokio::test]
    async fn a_slow_reader_loses_chunks_but_nothing_that_is_acknowledged() {
        let (mut inbox, mut reader, dropped) = inbox(2, 3);
        assert_eq!(inbox.put(down("1"), Some(1)), Ok(Some(1)));
        inbox.put_or_drop(down("chunk"));
        for (n, name) in ["2", "3", "4"].into_iter().enumerate() {
            assert_eq!(inbox.put(down(name), Some(n as u8 + 2)), Ok(None));
            inbox.put_or_drop(down("dropped"));
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 3);
        assert_eq!(inbox.put(down("5"), Some(5)), Err(Overrun));
        let mut read = Vec::new();
        let mut acknowledged = Vec::new();
        for _ in 0..5 {
            read.push(reader.recv().await.unwrap());
            if inbox.has_line() {
                acknowledged.extend(inbox.hand_over().await);
            }
        }
        assert_eq!(read, ["1", "chunk", "2", "3", "4"].map(down));
        assert_eq!(acknowledged, [2, 3, 4]);
    }

    #[tokio::test]
    async fn after_a_cut_waiting_messages_are_read_but_not_acknowledged() {
        let (mut inbox, mut reader, _) = inbox(1, 3);
        inbox.put(down("1"), Some(1)).unwrap();
        inbox.put(down("2"), Some(2)).unwrap();
        inbox.forget_connection();
        assert_eq!(reader.recv().await, Some(down("1")));
        assert_eq!(inbox.hand_over().await, None);
        assert_eq!(reader.recv().await, Some(down("2")));
    }
}
