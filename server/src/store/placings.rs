//! What officers said of each player: which key it has and where it stands. The newest word of them counts.
//!
//! Whether enough of them signed is asked before (`delivery/register.rs`) and by the player itself. Next: `players.rs`.

use loa_domain::audit::entry::Entry;
use loa_domain::delivery::placing::Placing;
use loa_domain::id::PlayerId;
use loa_domain::keys::{PublicKey, Purpose, Root, Sealed};
use loa_domain::time::UtcMs;
use loa_domain::wire;

use super::error::StoreError;
use super::open::Store;
use super::outbox;
use super::players;
use super::sql::{Writing, statement};

/// A placing as officers sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPlacing {
    /// What it says.
    pub placing: Placing,
    /// Its bytes with signatures.
    pub sealed: Vec<u8>,
}

impl SealedPlacing {
    /// Reads a sealed placing; whether the signatures hold is not asked. Nothing when it is none.
    #[must_use]
    pub fn read(sealed: &[u8]) -> Option<Self> {
        let placing = wire::decode::<Placing>(Sealed::read(sealed).ok()?.body).ok()?;
        Some(Self { placing, sealed: sealed.to_vec() })
    }

    /// Whether enough officers of this document signed it.
    #[must_use]
    pub fn is_vouched_for(&self, root: &Root) -> bool {
        let Ok(sealed) = Sealed::read(&self.sealed) else { return false };
        let office = root.authorises(&sealed, Purpose::Placing, false);
        office.is_ok_and(|office| office.is_none_or(|office| office.covers(&self.placing.placement)))
    }
}

impl Store {
    /// Keeps placings, with the keys they name, all in one transaction; those older than what is kept change nothing.
    ///
    /// # Errors
    /// When the store cannot be written; nothing has changed then.
    pub async fn place(&self, placings: &[SealedPlacing], at: UtcMs) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        for placing in placings {
            place(&mut writing, placing, at).await?;
        }
        writing.commit().await
    }

    /// What officers said of a player last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn placing(&self, player: &PlayerId) -> Result<Option<SealedPlacing>, StoreError> {
        let get = statement("SELECT sealed FROM player_placing WHERE id = $1").with(player);
        let sealed: Option<Vec<u8>> = self.database.optional(get).await?.map(|row| row.get(0)).transpose()?;
        Ok(sealed.as_deref().and_then(SealedPlacing::read))
    }
}

/// Keeps a placing and pins its key, if it is newer than the one before.
async fn place(writing: &mut Writing, placing: &SealedPlacing, at: UtcMs) -> Result<(), StoreError> {
    if !keep(writing, placing, at).await? {
        return Ok(());
    }
    let (id, key) = (&placing.placing.placement.player, placing.placing.key);
    let pinned = writing.optional(statement("SELECT public FROM player_key WHERE id = $1").with(id)).await?;
    let pinned: Option<PublicKey> = pinned.map(|row| row.get(0)).transpose()?;
    if pinned != Some(key) {
        players::unpin(writing, id).await?;
        players::pin(writing, id, key, at).await?;
    }
    Ok(())
}

/// Keeps a placing, here and in the log, if it is newer than the one before. Says whether it was. The key that it names
/// has an entry of its own.
pub(super) async fn keep(writing: &mut Writing, placing: &SealedPlacing, at: UtcMs) -> Result<bool, StoreError> {
    let SealedPlacing { placing, sealed } = placing;
    let (id, key) = (&placing.placement.player, placing.key);
    let put = "INSERT INTO player_placing (id, public, made_ms, sealed) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (id) DO UPDATE SET public = excluded.public, made_ms = excluded.made_ms, \
               sealed = excluded.sealed WHERE excluded.made_ms > player_placing.made_ms";
    let put = statement(put).with(id).with(key).with(placing.made).with(sealed.as_slice());
    if writing.run(put).await? == 0 {
        return Ok(false);
    }
    outbox::note(writing, &Entry::Placing { sealed, at }).await?;
    Ok(true)
}
