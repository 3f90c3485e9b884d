//! The task that brings entries from the store into the log, has checkpoints signed, and publishes them.
//!
//! One step is: write what is new, sign and publish if it is time. A step that fails is taken again: positions are given
//! in the store, so nothing is written twice. Every time is handed in by the clock of the desk.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loa_domain::audit::entry::Entry;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::tiles::WIDTH;
use loa_domain::wire;
use loa_host::clock::Clock;
use tokio::sync::watch;

use super::Published;
use super::error::LogError;
use super::kept::Kept;
use super::tree::Tree;
use super::witnesses::Witnessing;
use super::writer::Writer;
use crate::store::Store;

/// How often the store is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Entries written at once at most.
const BATCH: usize = WIDTH as usize;
/// A log that has grown is published after this time, in milliseconds.
const GROWN_MS: u64 = 10_000;
/// And after this one when players wait for receipts.
const HURRY_MS: u64 = 1_000;
/// A checkpoint is published anew after this time, in milliseconds: witnesses say that the log still stands.
const IDLE_MS: u64 = 600_000;
/// Published checkpoints are noted in the log itself this often at most, in milliseconds.
const NOTE_MS: u64 = 60_000;
/// The same failure is told this often, in milliseconds.
const TELL_MS: u64 = 60_000;

/// What touches files, in one hand.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) writer: Writer,
    pub(super) kept: Kept,
    pub(super) tree: Tree,
}

/// Writes and publishes the log.
#[derive(Debug)]
pub struct Sequencer {
    store: Store,
    core: Arc<Mutex<Core>>,
    witnessing: Witnessing,
    clock: Clock,
    tell: watch::Sender<Option<Arc<Published>>>,
    /// Since when something waits to be published, in milliseconds of the clock that only goes forward.
    grown: Option<u64>,
    hurry: bool,
    /// When something was published last, or tried to be.
    tried: Option<u64>,
    noted: Option<(u64, String)>,
    told: Option<(u64, String)>,
    /// While this is open, no other desk writes this log.
    _lock: File,
}

impl Sequencer {
    pub(super) fn new(
        store: Store,
        core: Core,
        witnessing: Witnessing,
        clock: Clock,
        tell: watch::Sender<Option<Arc<Published>>>,
        lock: File,
    ) -> Self {
        let core = Arc::new(Mutex::new(core));
        let (grown, hurry, tried, noted, told) = (None, false, None, None, None);
        Self { store, core, witnessing, clock, tell, grown, hurry, tried, noted, told, _lock: lock }
    }

    /// Runs until `stop` says so; what is in the store by then is in the log and published.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let more = self.step().await;
            let more = more.unwrap_or_else(|error| {
                self.alarm(&error);
                false
            });
            if *stop.borrow() {
                break;
            }
            if !more {
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
                    _ = stop.changed() => {}
                }
            }
        }
        if let Err(error) = self.finish().await {
            self.alarm(&error);
        }
    }

    /// Brings all that is in the store into the log, and publishes it.
    ///
    /// # Errors
    /// See [`LogError`]. It may be called again.
    pub async fn finish(&mut self) -> Result<(), LogError> {
        while self.take_in().await? {}
        let published = self.tell.borrow().as_ref().map(|published| published.head);
        if published != Some(self.head()) {
            self.publish().await?;
        }
        Ok(())
    }

    /// Writes what is new, up to a tile; publishes if it is time. Says whether there is more to write.
    ///
    /// # Errors
    /// See [`LogError`]. It may be called again.
    pub async fn step(&mut self) -> Result<bool, LogError> {
        let more = self.take_in().await?;
        let now = self.now_ms();
        let wait = if self.hurry { HURRY_MS } else { GROWN_MS };
        let grown = self.grown.is_some_and(|since| now >= since + wait);
        // After a failure the next attempt waits its turn, too.
        let tried = self.tried.is_none_or(|tried| now >= tried + wait);
        let idle = self.tried.is_none_or(|tried| now >= tried + IDLE_MS);
        if (grown && tried) || idle {
            self.publish().await?;
        }
        Ok(more)
    }

    /// The tree so far, published or not.
    #[must_use]
    pub fn head(&self) -> Head {
        self.core.lock().unwrap_or_else(PoisonError::into_inner).writer.head()
    }

    fn now_ms(&self) -> u64 {
        self.clock.now().mono_raw_ns / 1_000_000
    }

    async fn take_in(&mut self) -> Result<bool, LogError> {
        let size = self.head().size;
        // Up to the end of a tile: it is then written once.
        let most = BATCH - (size % WIDTH) as usize;
        let rows = self.store.log_entries(size, most).await?;
        if let Some((position, _)) = rows.first() {
            if *position != size {
                return Err(LogError::Gap { log: size });
            }
        } else {
            return Ok(false);
        }
        let (mut others, mut records) = (false, false);
        for (_, entry) in &rows {
            match wire::decode::<Entry<'_>>(entry) {
                Ok(Entry::Checkpoint { .. }) => {}
                Ok(Entry::Record { .. }) => (others, records) = (true, true),
                _ => others = true,
            }
        }
        let full = rows.len() == most;
        let entries: Vec<Vec<u8>> = rows.into_iter().map(|(_, entry)| entry).collect();
        self.with_files(move |core| core.writer.append(&entries)).await?;
        let now = self.now_ms();
        self.grown.get_or_insert(now);
        self.hurry |= records;
        if others {
            self.note_checkpoint(now).await?;
        }
        Ok(full)
    }

    /// Notes the newest published checkpoint in the log: what comes behind it is later than its witnesses' times.
    async fn note_checkpoint(&mut self, now: u64) -> Result<(), LogError> {
        let Some(published) = self.tell.borrow().clone() else { return Ok(()) };
        let is_time = self.noted.as_ref().is_none_or(|(at, note)| now >= at + NOTE_MS && *note != published.note);
        if is_time {
            self.store.note_checkpoint(&published.note).await?;
            self.noted = Some((now, published.note.clone()));
        }
        Ok(())
    }

    async fn publish(&mut self) -> Result<(), LogError> {
        self.tried = Some(self.now_ms());
        let (note, head, tree) = self
            .with_files(|core| {
                let head = core.writer.head();
                let proof = core.tree.consistency(core.kept.head().size, head.size)?;
                Ok((core.kept.advance(head, &proof)?, head, core.tree.clone()))
            })
            .await?;
        // The files hold them, and a signature says so. Those of the tile that is not full stay, to mend it.
        let dropped = head.size / WIDTH * WIDTH;
        self.store.drop_log_entries(dropped).await?;
        let signed = self.witnessing.gather(&note, head, &tree).await?;
        let file = signed.clone();
        self.with_files(move |core| core.tree.tiles().publish(&file)).await?;
        self.tell.send_replace(Some(Arc::new(Published { note: signed, head })));
        (self.grown, self.hurry) = (None, false);
        Ok(())
    }

    /// Does what touches files where it holds nobody up.
    async fn with_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Core) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let core = Arc::clone(&self.core);
        // Every step of the core leaves it whole, so one that panicked has left it whole too.
        let done = tokio::task::spawn_blocking(move || work(&mut core.lock().unwrap_or_else(PoisonError::into_inner)));
        done.await.map_err(|error| LogError::File(std::io::Error::other(error)))?
    }

    fn alarm(&mut self, error: &LogError) {
        let (now, text) = (self.now_ms(), error.to_string());
        if self.told.as_ref().is_none_or(|(at, told)| *told != text || now >= at + TELL_MS) {
            tracing::error!(%error, "the log stands still; what is in the store is kept, and tried again");
            self.told = Some((now, text));
        }
    }
}
