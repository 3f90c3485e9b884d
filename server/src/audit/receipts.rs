//! Receipts to players: where their records stand in the published log, each shown to be there.
//!
//! A receipt goes out only when a published checkpoint covers the record; with it goes what shows that this checkpoint
//! goes on from the one that the player has seen. What that is, the player says in its hello, and again when a receipt
//! does not fit. A receipt that is lost is no harm: the record comes again. How players check all this is
//! `domain/src/audit/receipt.rs`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use loa_domain::audit::carry::NotCarried;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_domain::audit::quorum::CheckpointSignatures;
use loa_domain::audit::receipt::{Path, Receipt, Receipts};
use loa_domain::id::PlayerId;
use loa_domain::keys::Quorum;
use loa_domain::limits::RECEIPTS;
use loa_domain::message::{Down, topic};
use loa_domain::proof::outbox::Key;
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, List};
use loa_host::link::{Link, Qos};
use tokio::sync::Notify;

use super::log::{Log, LogError, Published};

/// Where a record stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The entry's number.
    pub position: u64,
    /// When the record was taken in, as the entry says.
    pub received: UtcMs,
}

/// What is owed to one player.
#[derive(Debug, Default)]
struct Owed {
    /// Entries under the checkpoint that the player has seen, as far as is known; `None` before it has said.
    seen: Option<u64>,
    waiting: BTreeMap<Key, Logged>,
    /// Sent under the newest checkpoint, in case it did not fit.
    sent: BTreeMap<Key, Logged>,
}

/// One message of receipts, before its proofs are made.
#[derive(Debug, PartialEq, Eq)]
struct Parcel {
    player: PlayerId,
    from: u64,
    records: Vec<(Key, Logged)>,
}

/// What is owed to whom. No clock: a checkpoint or a player's word is what moves it.
#[derive(Debug, Default)]
struct Book {
    players: BTreeMap<PlayerId, Owed>,
}

impl Book {
    fn owe(&mut self, player: &PlayerId, key: Key, logged: Logged, seen: u64) {
        let owed = self.players.entry(player.clone()).or_default();
        owed.seen.get_or_insert(seen);
        owed.sent.remove(&key);
        owed.waiting.insert(key, logged);
    }

    fn seen(&mut self, player: &PlayerId, size: u64) {
        let owed = self.players.entry(player.clone()).or_default();
        owed.seen = Some(size);
        // What was sent did not fit what the player has seen, or may have been lost: it goes again.
        owed.waiting.append(&mut owed.sent);
    }

    /// What can be shown under a checkpoint of `size` entries; it counts as sent.
    fn parcels(&mut self, size: u64) -> Vec<Parcel> {
        let mut parcels = Vec::new();
        for (player, owed) in &mut self.players {
            let from = owed.seen.unwrap_or_default();
            if from > size {
                tracing::error!(%player, seen = from, size, "a player has seen a longer log than this desk has");
                continue;
            }
            let due: Vec<(Key, Logged)> =
                owed.waiting.iter().filter(|(_, logged)| logged.position < size).map(|(k, l)| (*k, *l)).collect();
            if due.is_empty() {
                continue;
            }
            owed.sent.clear();
            owed.seen = Some(size);
            for (key, logged) in &due {
                owed.waiting.remove(key);
                owed.sent.insert(*key, *logged);
            }
            let all = due.chunks(RECEIPTS);
            parcels.extend(all.map(|some| Parcel { player: player.clone(), from, records: some.to_vec() }));
        }
        parcels
    }
}

/// A handle on what is owed. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Receipting {
    /// By which players trust the log; without it none believes a receipt.
    quorum: Option<Arc<Quorum>>,
    book: Arc<Mutex<Book>>,
    wake: Arc<Notify>,
}

impl Receipting {
    /// Nothing is owed yet. `quorum` is that of the root document which players have.
    #[must_use]
    pub fn new(quorum: Option<Quorum>) -> Self {
        Self { quorum: quorum.map(Arc::new), ..Self::default() }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        change(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A record is in the store, at a place of the log. `seen` is the size of the log that the record itself names,
    /// which counts until the player says more.
    pub fn owe(&self, player: &PlayerId, key: Key, logged: Logged, seen: u64) {
        self.with(|book| book.owe(player, key, logged, seen));
        self.wake.notify_one();
    }

    /// A player says up to which size it has checked the log.
    pub fn seen(&self, player: &PlayerId, size: u64) {
        self.with(|book| book.seen(player, size));
        self.wake.notify_one();
    }

    /// Sends receipts whenever there is something to show, until the log ends.
    pub async fn run(self, log: Log, link: Link) {
        let Some(quorum) = self.quorum.clone() else {
            tracing::error!("the root document names no log: no receipts are sent, and players keep their records");
            return;
        };
        let mut published = log.published();
        loop {
            tokio::select! {
                changed = published.changed() => if changed.is_err() { return },
                () = self.wake.notified() => {}
            }
            let Some(newest) = published.borrow_and_update().clone() else { continue };
            let parcels = self.with(|book| book.parcels(newest.head.size));
            if parcels.is_empty() {
                continue;
            }
            let shown = match shown(&quorum, &newest) {
                Ok(shown) => shown,
                Err(error) => {
                    tracing::error!(%error, "no receipts can be made under this checkpoint; the records will come again");
                    continue;
                }
            };
            for parcel in parcels {
                let made = tokio::task::block_in_place(|| message(&log, &shown, &parcel));
                match made {
                    Ok(message) => {
                        if link.try_publish(&topic::down(&parcel.player), Qos::AtLeastOnce, message).is_err() {
                            tracing::debug!(player = %parcel.player, "receipts were not sent; the records will come again");
                        }
                    }
                    Err(error) => tracing::error!(%error, player = %parcel.player, "no receipts can be made"),
                }
            }
        }
    }
}

/// A checkpoint as players get it.
type Shown = (Head, CheckpointSignatures);

/// Of the newest checkpoint what goes to players: the signatures that their root document asks for.
fn shown(quorum: &Quorum, newest: &Published) -> Result<Shown, NotCarried> {
    quorum.carried(&Note::read(newest.note.as_bytes()).map_err(NotCarried::Note)?)
}

/// The bytes of one message.
fn message(log: &Log, (head, signatures): &Shown, parcel: &Parcel) -> Result<Vec<u8>, LogError> {
    let path = |hashes: Vec<_>| Path::collect(hashes).unwrap_or_default();
    let mut records = List::new();
    for ((epoch, seq), logged) in &parcel.records {
        let proof = path(log.inclusion(logged.position, head.size)?);
        let Logged { position, received } = *logged;
        // A parcel holds no more than fit.
        let _fits = records.push(Receipt { epoch: *epoch, seq: *seq, received, position, proof });
    }
    let consistency = path(log.consistency(parcel.from, head.size)?);
    let (player, from, signatures) = (parcel.player.clone(), parcel.from, signatures.clone());
    let receipts = Receipts { player, size: head.size, root: head.root, signatures, from, consistency, records };
    Ok(wire::encode(&Down::Receipts { receipts: &wire::encode(&receipts) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player() -> PlayerId {
        "loa-1".parse().expect("a good id")
    }

    fn at(position: u64) -> Logged {
        Logged { position, received: UtcMs(1) }
    }

    fn told(parcels: &[Parcel]) -> Vec<(u64, Vec<u64>)> {
        parcels.iter().map(|parcel| (parcel.from, parcel.records.iter().map(|(key, _)| key.1).collect())).collect()
    }

    #[test]
    fn nothing_is_receipted_that_no_checkpoint_covers() {
        let mut book = Book::default();
        book.owe(&player(), (1, 0), at(4), 0);
        book.owe(&player(), (1, 1), at(5), 0);
        assert_eq!(book.parcels(4), []);
        assert_eq!(told(&book.parcels(5)), [(0, vec![0])]);
        assert_eq!(told(&book.parcels(6)), [(5, vec![1])], "it goes on from what was shown");
        assert_eq!(book.parcels(7), [], "each once");
    }

    #[test]
    fn what_did_not_fit_goes_again_from_where_the_player_stands() {
        let mut book = Book::default();
        book.owe(&player(), (1, 0), at(4), 2);
        assert_eq!(told(&book.parcels(5)), [(2, vec![0])]);
        book.seen(&player(), 3);
        assert_eq!(told(&book.parcels(5)), [(3, vec![0])]);
        book.owe(&player(), (1, 0), at(4), 2);
        assert_eq!(told(&book.parcels(5)), [(5, vec![0])], "a record that comes again is receipted again");
    }

    #[test]
    fn many_receipts_go_in_several_messages() {
        let mut book = Book::default();
        (0..20).for_each(|seq| book.owe(&player(), (1, seq), at(seq), 0));
        let parcels = book.parcels(20);
        assert_eq!(parcels.iter().map(|parcel| parcel.records.len()).collect::<Vec<_>>(), [8, 8, 4]);
        assert!(parcels.iter().all(|parcel| parcel.from == 0));
    }

    #[test]
    fn a_player_that_saw_a_longer_log_is_shown_nothing() {
        let mut book = Book::default();
        book.seen(&player(), 9);
        book.owe(&player(), (1, 0), at(2), 0);
        assert_eq!(book.parcels(5), [], "this desk's log was set back");
        assert_eq!(told(&book.parcels(9)), [(9, vec![0])]);
    }
}
