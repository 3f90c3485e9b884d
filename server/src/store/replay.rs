//! The store made again from the log: each entry goes through the same functions that wrote it.
//!
//! What a replayed entry would write to the log must be that entry, byte for byte and at its position; so a store that
//! was replayed is one that the desk could have had. Whether entries are genuine is not looked at here: that is the
//! verifier's. Where entries come from is decided in `audit/rebuild.rs`. Next: `compare.rs`.

use loa_domain::audit::entry::{self, Entry};
use loa_domain::keys::Sealed;
use loa_domain::proof::record::Record;
use loa_domain::time::UtcMs;
use loa_domain::wire;

use super::acts::{self, Act};
use super::clips::Clip;
use super::definitions::{self, Change, Definition, DefinitionKind};
use super::error::StoreError;
use super::open::Store;
use super::orders::NewOrder;
use super::outbox::{self, Noting};
use super::placings::{self, SealedPlacing};
use super::players;
use super::records::{self, NewRecord};
use super::releases::{self, StoredRelease};
use super::sql::{Writing, statement};
use super::stops::{self, SealedStop};

/// A change whose lines have not all come.
struct Open {
    at: UtcMs,
    who: String,
    changes: Vec<Change>,
}

/// Entries being replayed in one transaction.
struct Replay {
    writing: Writing,
    open: Option<Open>,
}

impl Store {
    /// Replays entries, the first of which is at position `from`, in one transaction. A change that is not whole at the
    /// end is left out: gives how many entries were taken, to be gone on from there.
    ///
    /// # Errors
    /// [`StoreError::Replay`] for the first entry that this program would not have written there; nothing is kept then.
    pub async fn replay(&self, from: u64, entries: &[Vec<u8>]) -> Result<usize, StoreError> {
        let mut replay = Replay { writing: self.database.write().await?, open: None };
        let mut whole = 0;
        for (position, bytes) in (from..).zip(entries) {
            let wrong = |detail: String| StoreError::Replay { position, detail };
            let entry = wire::decode::<Entry<'_>>(bytes).map_err(|error| wrong(error.to_string()))?;
            match replay.entry(entry).await {
                Ok(()) => {}
                Err(Fault::Store(error)) => return Err(error),
                Err(Fault::Entry(detail)) => return Err(wrong(detail)),
            }
            if replay.open.is_none() {
                whole = (position - from + 1) as usize;
            }
        }
        replay.check(from, &entries[..whole]).await?;
        replay.writing.commit().await?;
        Ok(whole)
    }

    /// Takes entries that are not yet in the log into the outbox, where they were before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn keep_log_entries(&self, entries: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        let insert = "INSERT INTO log_entry (position, entry) VALUES ($1, $2)";
        for (position, entry) in entries {
            writing.run(statement(insert).with(*position).with(entry.as_slice())).await?;
        }
        writing.commit().await
    }

    /// Takes over what is not in the log, because it can be had again or is of the moment: what is known of blobs, and
    /// how players were; and accounts, whose secrets no log may hold.
    ///
    /// # Errors
    /// When either store fails.
    pub async fn take_over(&self, from: &Self) -> Result<(), StoreError> {
        for blob in from.blob_hashes().await? {
            if let Some(blob) = from.blob(blob).await? {
                self.put_blob(blob).await?;
            }
        }
        self.put_player_states(&from.player_states().await?).await?;
        self.take_over_accounts(from).await
    }
}

/// What stops a replay.
enum Fault {
    Store(StoreError),
    Entry(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn unlike(what: &str) -> Fault {
    Fault::Entry(what.to_owned())
}

impl Replay {
    async fn entry(&mut self, entry: Entry<'_>) -> Result<(), Fault> {
        if self.open.is_some() && !matches!(entry, Entry::Change { .. }) {
            return Err(unlike("it stands inside a change"));
        }
        let writing = &mut self.writing;
        match entry {
            Entry::Opened { at, origin } => {
                outbox::open_log(writing, origin, at).await?;
            }
            Entry::Record { sealed, received } => self.record(sealed, received).await?,
            Entry::Key { player, key, at } => {
                // A person let go of an earlier one: of that the log says nothing but this.
                players::unpin(writing, &player).await?;
                players::pin(writing, &player, key, at).await?;
            }
            Entry::Release { player, seq, sealed, issued, expires, digest } => {
                let release = StoredRelease { player, seq, sealed: sealed.to_vec(), issued, expires, digest };
                releases::issue(writing, &release).await?;
            }
            Entry::Act { at, who, what, subject, detail, .. } => {
                let [who, what, subject, detail] = [who, what, subject, detail].map(str::to_owned);
                acts::append(writing, &Act { at, who, what, subject, detail }).await?;
            }
            Entry::Change { line, lines, at, who, what, .. } => self.line(line, lines, at, who, what).await?,
            Entry::Placing { sealed, at } => {
                let placing = SealedPlacing::read(sealed).ok_or_else(|| unlike("it is no placing"))?;
                placings::keep(writing, &placing, at).await?;
            }
            Entry::Stop { sealed, at } => {
                let stop = SealedStop::read(sealed).ok_or_else(|| unlike("it is no stop"))?;
                stops::keep(writing, &stop, at).await?;
            }
            Entry::Checkpoint { .. } => {
                outbox::note(writing, &entry).await?;
            }
        }
        Ok(())
    }

    async fn record(&mut self, sealed: &[u8], received: UtcMs) -> Result<(), Fault> {
        let read = Sealed::read(sealed).map_err(|refusal| Fault::Entry(refusal.to_string()))?;
        let record = wire::decode::<Record>(read.body).map_err(|error| Fault::Entry(error.to_string()))?;
        let record = NewRecord::new(&record, read.hash(), sealed.to_vec(), received);
        let mut noting = Noting::begin(&mut self.writing).await?;
        records::add(&mut self.writing, &mut noting, &record).await?;
        Ok(noting.end(&mut self.writing).await?)
    }

    async fn line(
        &mut self,
        line: u64,
        lines: u64,
        at: UtcMs,
        who: &str,
        what: entry::Change<'_>,
    ) -> Result<(), Fault> {
        let mut open = match self.open.take() {
            None if line == 1 => Open { at, who: who.to_owned(), changes: Vec::new() },
            Some(open) if line == open.changes.len() as u64 + 1 => open,
            _ => return Err(unlike("a line of a change is missing")),
        };
        open.changes.push(change(what)?);
        if line == lines {
            definitions::replace(&mut self.writing, open.changes, open.at, &open.who).await?;
        } else {
            self.open = Some(open);
        }
        Ok(())
    }

    /// Looks whether what was noted is what was replayed, and takes it out again: the log has it.
    async fn check(&mut self, from: u64, entries: &[Vec<u8>]) -> Result<(), StoreError> {
        for (position, entry) in (from..).zip(entries) {
            let get = statement("DELETE FROM log_entry WHERE position = $1 RETURNING entry").with(position);
            let noted = self.writing.optional(get).await?.map(|row| row.get::<Vec<u8>>(0)).transpose()?;
            if noted.as_ref() != Some(entry) {
                let detail = match noted {
                    Some(_) => "it would be written otherwise".to_owned(),
                    None => "nothing would be written there".to_owned(),
                };
                return Err(StoreError::Replay { position, detail });
            }
        }
        let more = self.writing.optional(statement("SELECT position FROM log_entry")).await?;
        more.map_or(Ok(()), |row| {
            Err(StoreError::Replay { position: row.get(0)?, detail: "more would be written".to_owned() })
        })
    }
}

fn change(what: entry::Change<'_>) -> Result<Change, Fault> {
    let kind = |name: &str| DefinitionKind::of(name).ok_or_else(|| unlike("an unknown kind"));
    Ok(match what {
        entry::Change::Put { kind: name, id, document, source } => {
            let [id, document, source] = [id, document, source].map(str::to_owned);
            Change::Put(Definition { kind: kind(name)?, id, document, source, applied: UtcMs(0) })
        }
        entry::Change::Remove { kind: name, id } => Change::Remove { kind: kind(name)?, id: id.to_owned() },
        entry::Change::Clip { id, rendition, source, size_bytes, duration_ms, added, document } => {
            let (id, document) = (id.to_owned(), document.to_owned());
            Change::PutClip(Clip { id, rendition, source, size_bytes, duration_ms, added, document })
        }
        entry::Change::Order { sealed, id, campaign, programme, made } => {
            let read = Sealed::read(sealed).map_err(|refusal| Fault::Entry(refusal.to_string()))?;
            let [id, campaign, programme] = [id, campaign, programme].map(str::to_owned);
            Change::PutOrder(NewOrder { hash: read.hash(), id, campaign, programme, made, sealed: sealed.to_vec() })
        }
        entry::Change::Superseded { order, by } => Change::Supersede { order, by },
        entry::Change::Revoked { order } => Change::Revoke { order },
    })
}
