//! Releases as issued: numbers rise for each player and are never given twice.
//!
//! What goes into a release, and when a new one is due, is decided in `delivery`. Next: `records.rs`.

use loa_domain::audit::entry::Entry;
use loa_domain::id::{Hash, PlayerId};
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::Store;
use super::outbox;
use super::sql::{Writing, statement};

/// A release as issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRelease {
    /// For which player.
    pub player: PlayerId,
    /// Its number.
    pub seq: u64,
    /// It itself, signed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub issued: UtcMs,
    /// When it ends.
    pub expires: UtcMs,
    /// Hash over what it says apart from number and times: tells whether a new one would say anything new.
    pub digest: Hash,
}

/// What came of keeping a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issued {
    /// It is kept: it may be sent.
    Kept,
    /// Another one took the number, or a higher one. Make it anew.
    Outrun {
        /// The highest number given.
        latest: u64,
    },
}

impl Store {
    /// Keeps a release, if its number is higher than all before for its player. Numbers may be left out: after a
    /// restored backup the next one has to be higher than what the player says is in force.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn issue_release(&self, release: &StoredRelease) -> Result<Issued, StoreError> {
        let mut writing = self.database.write().await?;
        let issued = issue(&mut writing, release).await?;
        if issued == Issued::Kept {
            writing.commit().await?;
        }
        Ok(issued)
    }

    /// The latest release of a player.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn latest_release(&self, player: &PlayerId) -> Result<Option<StoredRelease>, StoreError> {
        let get = "SELECT player, seq, sealed, issued_ms, expires_ms, digest FROM issued_release \
                   WHERE player = $1 ORDER BY seq DESC LIMIT 1";
        let row = self.database.optional(statement(get).with(player)).await?;
        row.map(|row| {
            Ok(StoredRelease {
                player: row.get(0)?,
                seq: row.get(1)?,
                sealed: row.get(2)?,
                issued: row.get(3)?,
                expires: row.get(4)?,
                digest: row.get(5)?,
            })
        })
        .transpose()
    }
}

/// Keeps a release, here and in the log, if its number is higher than all before for its player.
pub(super) async fn issue(writing: &mut Writing, release: &StoredRelease) -> Result<Issued, StoreError> {
    let latest = statement("SELECT MAX(seq) FROM issued_release WHERE player = $1").with(&release.player);
    let latest = writing.optional(latest).await?.map_or(Ok(None), |row| row.get::<Option<u64>>(0))?;
    if let Some(latest) = latest.filter(|latest| *latest >= release.seq) {
        return Ok(Issued::Outrun { latest });
    }
    // On a database server two writers may both have seen the same latest one: the key decides then.
    let put = "INSERT INTO issued_release (player, seq, sealed, issued_ms, expires_ms, digest) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (player, seq) DO NOTHING";
    let put = statement(put).with(&release.player).with(release.seq).with(release.sealed.as_slice());
    if writing.run(put.with(release.issued).with(release.expires).with(release.digest)).await? == 0 {
        return Ok(Issued::Outrun { latest: release.seq });
    }
    let StoredRelease { player, seq, sealed, issued, expires, digest } = release;
    let (player, seq, issued, expires, digest) = (player.clone(), *seq, *issued, *expires, *digest);
    outbox::note(writing, &Entry::Release { player, seq, sealed, issued, expires, digest }).await?;
    Ok(Issued::Kept)
}
