//! What the player knows of the desk's log, and which records it lets go for it.
//!
//! A record leaves the store only when its own bytes are shown to be in a log that goes on from the one seen before
//! (`domain/src/audit/receipt.rs` has the rule). What was seen lies in the store, so that a desk cannot show a player
//! another log after it was switched off. What is told to the desk is decided in `courier.rs`.

use loa_domain::audit::receipt::{LogView, Receipts, Refused};
use loa_domain::id::PlayerId;
use loa_domain::keys::Root;
use loa_domain::proof::outbox::Key;
use loa_domain::proof::record::Seen;
use loa_domain::wire;

use crate::proof;
use crate::store::{Op, Store};

/// What receipts came to.
pub enum Verdict {
    /// The log was checked up to here; these records are in it. What to write, in one batch.
    Logged {
        /// The newest checkpoint, if it is a new one.
        news: Option<Seen>,
        /// Records that may go.
        records: Vec<Key>,
        /// What makes that last.
        ops: Vec<Op>,
    },
    /// They lead on from another size: ask from this one.
    Ask(u64),
    /// The log contradicts the one seen before; told once, until receipts lead on again.
    Split(Seen),
    /// Nothing.
    Nothing,
}

/// What is known of the log.
pub struct Ledger {
    view: Option<LogView>,
    /// A contradiction was told. The record of it makes the other log grow: were each growth told, there would be no
    /// end of records.
    has_told: bool,
}

impl Ledger {
    /// What the store has, by the root's quorum.
    #[must_use]
    pub fn load(store: &Store, root: &Root) -> Self {
        let view = root.log.clone().map(|quorum| LogView::new(quorum, proof::seen(store)));
        if view.is_none() {
            tracing::error!("the root document names no log: records are kept and never let go");
        }
        Self { view, has_told: false }
    }

    /// Entries under the newest checkpoint that was checked.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.view.as_ref().and_then(LogView::seen).map_or(0, |seen| seen.size)
    }

    /// Takes in receipts as they came.
    pub fn take(&mut self, player: &PlayerId, bytes: &[u8], store: &Store) -> Verdict {
        let Some(view) = &mut self.view else { return Verdict::Nothing };
        let read = wire::decode::<Receipts>(bytes);
        let Ok(receipts) = read.inspect_err(|error| tracing::warn!(%error, "receipts that are none")) else {
            return Verdict::Nothing;
        };
        let before = view.seen();
        match view.take(player, &receipts, |place| store.get(&proof::record_key(place))) {
            Ok(taken) => {
                self.has_told = false;
                if !taken.unshown.is_empty() {
                    tracing::warn!(records = taken.unshown.len(), "records are not shown to be in the log; they stay");
                }
                let news = (before != Some(taken.seen)).then_some(taken.seen);
                let mut ops: Vec<Op> = taken.logged.iter().map(|place| Op::Delete(proof::record_key(*place))).collect();
                ops.extend(news.map(|seen| Op::Put(proof::SEEN.to_vec(), wire::encode(&seen))));
                Verdict::Logged { news, records: taken.logged, ops }
            }
            Err(Refused::From { seen }) => Verdict::Ask(seen),
            Err(Refused::Split { shown }) if !self.has_told => {
                tracing::error!(?before, ?shown, "the desk shows a log that contradicts the one seen before");
                self.has_told = true;
                Verdict::Split(shown)
            }
            Err(why) => {
                tracing::warn!(%why, "receipts are refused");
                Verdict::Nothing
            }
        }
    }
}
