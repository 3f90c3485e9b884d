//! Entries on their way to the transparency log: written in the very transaction of the change that they tell of.
//!
//! A position is given under the counter's lock, so positions are dense and in the order of commits; the log's files are
//! addressed by them, so nothing is logged twice or left out, wherever a power cut falls. What an entry says is
//! `loa_domain::audit::entry`; how it gets into files, `audit/log`. Next: `replay.rs`.

use loa_domain::audit::entry::Entry;
use loa_domain::audit::tiles::ENTRY_BYTES;
use loa_domain::id::PlayerId;
use loa_domain::time::UtcMs;
use loa_domain::wire;

use super::error::StoreError;
use super::open::Store;
use super::sql::{Writing, statement};

/// The bytes of an entry, if a log takes it.
pub(super) fn encoded(entry: &Entry<'_>) -> Result<Vec<u8>, StoreError> {
    let bytes = wire::encode(entry);
    if bytes.len() > ENTRY_BYTES {
        return Err(StoreError::EntryTooLong { bytes: bytes.len(), most: ENTRY_BYTES });
    }
    Ok(bytes)
}

/// The noting of entries within one transaction.
pub(super) struct Noting {
    first: i64,
    next: i64,
}

impl Noting {
    /// Takes the counter's lock, which lasts until the end of the transaction.
    pub(super) async fn begin(writing: &mut Writing) -> Result<Self, StoreError> {
        let lock = statement("UPDATE counter SET value = value WHERE name = 'log' RETURNING value");
        let row = writing.optional(lock).await?;
        let gone = || StoreError::Damaged { detail: "the counter 'log' is gone".to_owned() };
        let next = row.ok_or_else(gone)?.get(0)?;
        Ok(Self { first: next, next })
    }

    /// The position that the next entry will have.
    pub(super) const fn position(&self) -> i64 {
        self.next
    }

    /// Notes an entry.
    pub(super) async fn note(&mut self, writing: &mut Writing, entry: &Entry<'_>) -> Result<(), StoreError> {
        insert(writing, self.next, encoded(entry)?).await?;
        self.next += 1;
        Ok(())
    }

    /// Writes down how far it went.
    pub(super) async fn end(self, writing: &mut Writing) -> Result<(), StoreError> {
        if self.next > self.first {
            let set = statement("UPDATE counter SET value = $1 WHERE name = 'log'").with(self.next);
            writing.run(set).await?;
        }
        Ok(())
    }
}

/// Notes one entry; gives its position.
pub(super) async fn note(writing: &mut Writing, entry: &Entry<'_>) -> Result<i64, StoreError> {
    let mut noting = Noting::begin(writing).await?;
    let position = noting.position();
    noting.note(writing, entry).await?;
    noting.end(writing).await?;
    Ok(position)
}

async fn insert(writing: &mut Writing, position: i64, entry: Vec<u8>) -> Result<(), StoreError> {
    let insert = "INSERT INTO log_entry (position, entry) VALUES ($1, $2)";
    writing.run(statement(insert).with(position).with(entry)).await.map(|_| ())
}

/// Opens the log under that name within a transaction, unless it is open already.
pub(super) async fn open_log(writing: &mut Writing, origin: &str, at: UtcMs) -> Result<String, StoreError> {
    // The counter's lock keeps a second opener out until the first is done.
    let _locked = Noting::begin(writing).await?;
    let found = writing.optional(statement("SELECT origin FROM log_origin")).await?;
    if let Some(row) = found {
        return row.get(0);
    }
    let open = "INSERT INTO log_origin (origin, opened_ms) VALUES ($1, $2)";
    writing.run(statement(open).with(origin).with(at)).await?;
    insert(writing, 0, encoded(&Entry::Opened { at, origin })?).await?;
    Ok(origin.to_owned())
}

impl Store {
    /// Opens the log under the name `origin`, once: gives the name that it has, which is another one if it was opened
    /// before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn open_log(&self, origin: &str, at: UtcMs) -> Result<String, StoreError> {
        if let Some(origin) = self.log_origin().await? {
            return Ok(origin);
        }
        let mut writing = self.database.write().await?;
        let origin = open_log(&mut writing, origin, at).await?;
        writing.commit().await?;
        Ok(origin)
    }

    /// The log's name; none before it was opened.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_origin(&self) -> Result<Option<String>, StoreError> {
        let row = self.database.optional(statement("SELECT origin FROM log_origin")).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// The position that the next entry will have.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_end(&self) -> Result<u64, StoreError> {
        let row = self.database.optional(statement("SELECT value FROM counter WHERE name = 'log'")).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Entries that are still here, with their positions, from position `from` on, at most `most`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_entries(&self, from: u64, most: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let list = "SELECT position, entry FROM log_entry WHERE position >= $1 ORDER BY position LIMIT $2";
        let list = statement(list).with(from).with(most as u64);
        self.database.all(list).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Forgets the entries below a position: a signed checkpoint covers them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn drop_log_entries(&self, below: u64) -> Result<u64, StoreError> {
        let mut writing = self.database.write().await?;
        let dropped = writing.run(statement("DELETE FROM log_entry WHERE position < $1").with(below)).await?;
        writing.commit().await?;
        Ok(dropped)
    }

    /// Notes a published checkpoint of the log in the log itself; gives its position.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn note_checkpoint(&self, note: &str) -> Result<u64, StoreError> {
        let mut writing = self.database.write().await?;
        let position = self::note(&mut writing, &Entry::Checkpoint { note }).await?;
        writing.commit().await?;
        Ok(position.cast_unsigned())
    }

    /// Where a record stands in the log; none for one that is unknown, or came before there was a log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn record_position(&self, player: &PlayerId, epoch: u64, seq: u64) -> Result<Option<u64>, StoreError> {
        let get = "SELECT position FROM proof_record WHERE player = $1 AND epoch = $2 AND seq = $3";
        let row = self.database.optional(statement(get).with(player).with(epoch).with(seq)).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }

    /// The newest epoch of a player that has a record of number `seq`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn newest_epoch(&self, player: &PlayerId, seq: u64) -> Result<Option<u64>, StoreError> {
        let get = "SELECT epoch FROM proof_record WHERE player = $1 AND seq = $2 ORDER BY received_ms DESC LIMIT 1";
        let row = self.database.optional(statement(get).with(player).with(seq)).await?;
        row.map(|row| row.get(0)).transpose()
    }
}
