//! Records go out, receipts for them come in.
//!
//! When a record is sent again is decided in `domain/src/proof/outbox.rs`, what a receipt proves in
//! `domain/src/audit/receipt.rs`. Next: `say.rs`.

use loa_domain::audit::receipt::{Reading, Refused};
use loa_domain::limits;
use loa_domain::message::Up;
use loa_domain::message::topic::Topic;
use loa_domain::proof::outbox::Key;
use loa_domain::proof::record::RECORD_BYTES;
use loa_domain::wire::List;

use super::{Courier, Line, Means, SEND_BYTES};
use crate::flash::Flash;
use crate::link::Wire;
use crate::page::Given;
use crate::store::Name;

impl Courier {
    #[inline(never)]
    pub(super) fn receipts<F: Flash, W: Wire>(
        &mut self,
        bytes: &[u8],
        means: &mut Means<'_, '_, F>,
        line: &mut Line<'_, W>,
    ) {
        let Given { root, player, .. } = means.given;
        let before = means.chain.seen;
        // A log that nobody named lets no record go.
        let Some(quorum) = &root.log else { return };
        let mut reading = match Reading::begin(bytes, player, quorum, before) {
            Ok(Ok(reading)) => reading,
            Ok(Err(Refused::From { seen })) => {
                // Many may be on their way that lead on from elsewhere, and each question brings more.
                if self.log_asked_ms.is_none_or(|asked_ms| means.now_ms >= asked_ms + limits::RESEND_MS) {
                    self.log_asked_ms = Some(means.now_ms);
                    self.say(&Up::LogSeen { size: seen }, means, line);
                }
                return;
            }
            Ok(Err(Refused::Split { shown })) => {
                if !core::mem::replace(&mut self.has_told, true) {
                    self.split = Some(shown);
                }
                return;
            }
            Ok(Err(_)) | Err(_) => return,
        };
        let mut places: List<Key, { limits::RECEIPTS }> = List::new();
        let store = &mut *means.store;
        while let Some(place) = reading.next_logged(|place, room: &mut [u8; RECORD_BYTES]| store.record(place, room)) {
            // As many fit as one message holds.
            let _fits = places.push(place);
        }
        // Should the flash fail, they stay a while longer.
        let gone = store.release(&places);
        let seen = reading.seen();
        means.chain.seen = Some(seen);
        (self.has_told, self.log_asked_ms) = (false, None);
        if gone.is_ok() && before != Some(seen) {
            let _stays_old = store.put(Name::Seen, &seen);
        }
        places.iter().for_each(|place| self.outbox.receipted(*place));
    }

    #[inline(never)]
    pub(super) fn send<F: Flash, W: Wire>(&mut self, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let topic = Topic::Proofs(&means.given.player).text();
        let now_ms = means.now_ms;
        // A record that waits for room while later ones go would make the desk turn those away.
        while line.wire.room() >= SEND_BYTES {
            let Some(place) = self.outbox.next(now_ms, |after| means.store.next_record(after)) else { return };
            let mut sealed = [0; RECORD_BYTES];
            let Some(length) = means.store.record(place, &mut sealed) else {
                self.outbox.receipted(place);
                continue;
            };
            if !line.link.publish(&topic, &sealed[..length], now_ms, line.wire) {
                return self.outbox.not_sent(place, now_ms);
            }
        }
    }
}
