//! Which record is sent when. A record leaves the outbox only by a verified receipt, never because it was sent.
//!
//! The records lie on disk; this keeps which of them are under way. A lost link forgets all of that: everything not
//! receipted is sent again, and the desk stores it once. It does not verify receipts (`keys.rs` does).

use crate::limits::{OUTBOX_WINDOW, RESEND_MS};
use crate::time::Soonest;
use crate::wire::List;

/// A record's place: epoch, number.
pub type Key = (u64, u64);

/// The state of sending. Times are monotonic milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    up: bool,
    under_way: List<(Key, u64), OUTBOX_WINDOW>,
    sent_to: Option<Key>,
    /// How often the window was halved.
    narrowed: u32,
}

impl Outbox {
    /// The link came up, or went down.
    pub fn link(&mut self, up: bool) {
        *self = Self { up, ..Self::default() };
    }

    /// A verified receipt for a record arrived.
    pub fn receipted(&mut self, key: Key) {
        self.under_way.retain(|(sent, _)| *sent != key);
    }

    /// Receipts came that were too long to be read: from now on fewer are asked for at a time.
    pub fn narrow(&mut self) {
        self.narrowed = self.narrowed.saturating_add(1);
    }

    /// The next record to send now. `after` gives the first record on disk behind a place (or the first of all).
    /// Call until it gives none.
    pub fn next(&mut self, now_ms: u64, after: impl FnOnce(Option<Key>) -> Option<Key>) -> Option<Key> {
        if !self.up {
            return None;
        }
        if let Some((key, sent)) = self.under_way.iter_mut().find(|(_, sent)| now_ms >= *sent + RESEND_MS) {
            *sent = now_ms;
            return Some(*key);
        }
        let window = OUTBOX_WINDOW.checked_shr(self.narrowed).unwrap_or_default().max(1);
        if self.under_way.len() >= window {
            return None;
        }
        let key = after(self.sent_to)?;
        self.sent_to = Some(key);
        // There is room: just asked.
        let _fits = self.under_way.push((key, now_ms));
        Some(key)
    }

    /// When to ask again if nothing comes, in monotonic milliseconds.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        let mut next = Soonest::new();
        self.under_way.iter().for_each(|(_, sent)| next.at(sent + RESEND_MS));
        next.get().filter(|_| self.up)
    }

    /// The record could not be handed to the link: it is tried again soon, and so are those that are due as well. Each has
    /// to be looked up on disk, for a link that takes none.
    pub fn not_sent(&mut self, key: Key, now_ms: u64) {
        for (_, sent) in self.under_way.iter_mut().filter(|(other, sent)| *other == key || now_ms >= *sent + RESEND_MS)
        {
            *sent = now_ms.saturating_sub(RESEND_MS - 1_000);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(height: u64) -> impl Fn(Option<Key>) -> Option<Key> {
        move |after| {
            let next = after.map_or(0, |(_, seq)| seq + 1);
            (next < height).then_some((1, next))
        }
    }

    #[test]
    fn nothing_is_sent_while_the_link_is_down() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.next(0, disk(3)), None);
        outbox.link(true);
        assert_eq!(outbox.next(0, disk(3)), Some((1, 0)));
    }

    #[test]
    fn a_window_full_of_unreceipted_records_stops_the_sending() {
        let mut outbox = Outbox::default();
        outbox.link(true);
        let sent = core::iter::from_fn(|| outbox.next(0, disk(1_000))).count();
        assert_eq!(sent, OUTBOX_WINDOW);
        outbox.receipted((1, 4));
        assert_eq!(outbox.next(1, disk(1_000)), Some((1, OUTBOX_WINDOW as u64)));
    }

    #[test]
    fn a_narrow_outbox_sends_one_record_at_a_time_and_a_new_link_opens_it_again() {
        let mut outbox = Outbox::default();
        outbox.link(true);
        (0..99).for_each(|_| outbox.narrow());
        assert_eq!(core::iter::from_fn(|| outbox.next(0, disk(1_000))).count(), 1);
        outbox.link(true);
        assert_eq!(core::iter::from_fn(|| outbox.next(0, disk(1_000))).count(), OUTBOX_WINDOW);
    }

    #[test]
    fn a_link_without_room_is_asked_again_a_second_later_for_all_that_waits() {
        let mut outbox = Outbox::default();
        outbox.link(true);
        let sent = core::iter::from_fn(|| outbox.next(0, disk(3))).count();
        assert_eq!(sent, 3);
        // All three are due again, and the link takes none.
        let first = outbox.next(RESEND_MS, disk(3)).expect("the first of them");
        outbox.not_sent(first, RESEND_MS);
        assert_eq!(outbox.next(RESEND_MS, disk(3)), None, "not the next one at once");
        assert_eq!(outbox.next_ms(), Some(RESEND_MS + 1_000));
        let sent = core::iter::from_fn(|| outbox.next(RESEND_MS + 1_000, disk(3))).count();
        assert_eq!(sent, 3);
    }

    #[test]
    fn a_record_whose_receipt_was_lost_is_sent_again() {
        let mut outbox = Outbox::default();
        outbox.link(true);
        assert_eq!(outbox.next(0, disk(1)), Some((1, 0)));
        assert_eq!(outbox.next(RESEND_MS - 1, disk(1)), None);
        assert_eq!(outbox.next_ms(), Some(RESEND_MS));
        assert_eq!(outbox.next(RESEND_MS, disk(1)), Some((1, 0)));
    }

    #[test]
    fn a_new_link_begins_with_the_oldest_record_on_disk() {
        let mut outbox = Outbox::default();
        outbox.link(true);
        while outbox.next(0, disk(10)).is_some() {}
        outbox.link(false);
        outbox.link(true);
        assert_eq!(outbox.next(1, disk(10)), Some((1, 0)));
    }
}
