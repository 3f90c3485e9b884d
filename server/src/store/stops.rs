//! What officers stopped, as they sealed it. Players that were away are told of the newest ones when they come back.
//!
//! Whether the signature counts is asked before (`stop.rs` of the desk) and by each player. Taking a stopped order out of
//! releases is a change of its own. Next: `releases.rs`.

use loa_domain::audit::entry::Entry;
use loa_domain::id::Hash;
use loa_domain::keys::Sealed;
use loa_domain::time::UtcMs;
use loa_domain::timetable::stop::Stop;
use loa_domain::wire;

use super::error::StoreError;
use super::open::Store;
use super::outbox;
use super::sql::{Writing, statement};
use super::value::Row;

/// A stop as an officer sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedStop {
    /// What it says.
    pub stop: Stop,
    /// The hash of what was signed.
    pub hash: Hash,
    /// Its bytes with the signature.
    pub sealed: Vec<u8>,
}

impl SealedStop {
    /// Reads a sealed stop; whether the signature holds is not asked. Nothing when it is none.
    #[must_use]
    pub fn read(sealed: &[u8]) -> Option<Self> {
        let read = Sealed::read(sealed).ok()?;
        Some(Self { stop: wire::decode(read.body).ok()?, hash: read.hash(), sealed: sealed.to_vec() })
    }
}

impl Store {
    /// Keeps a stop, here and in the log; one that is known changes nothing. Says whether it is new.
    ///
    /// # Errors
    /// When the store cannot be written; nothing has changed then.
    pub async fn keep_stop(&self, stop: &SealedStop, at: UtcMs) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let is_new = keep(&mut writing, stop, at).await?;
        writing.commit().await?;
        Ok(is_new)
    }

    /// The stops that the desk took in at `since` or later, the newest first, `most` of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn stops(&self, since: UtcMs, most: usize) -> Result<Vec<SealedStop>, StoreError> {
        let list = "SELECT sealed FROM stop WHERE stored_ms >= $1 ORDER BY stored_ms DESC, hash LIMIT $2";
        let rows = self.database.all(statement(list).with(since).with(most as i64)).await?;
        let sealed: Vec<Vec<u8>> = rows.iter().map(|row: &Row| row.get(0)).collect::<Result<_, _>>()?;
        Ok(sealed.iter().filter_map(|sealed| SealedStop::read(sealed)).collect())
    }
}

/// Keeps a stop, here and in the log. Says whether it is new.
pub(super) async fn keep(writing: &mut Writing, stop: &SealedStop, at: UtcMs) -> Result<bool, StoreError> {
    let put =
        "INSERT INTO stop (hash, made_ms, sealed, stored_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING";
    let put = statement(put).with(stop.hash).with(stop.stop.made).with(stop.sealed.as_slice()).with(at);
    if writing.run(put).await? == 0 {
        return Ok(false);
    }
    outbox::note(writing, &Entry::Stop { sealed: &stop.sealed, at }).await?;
    Ok(true)
}
