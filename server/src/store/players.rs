//! What players said of themselves when they last spoke, and the keys that were pinned to them.
//!
//! What people wrote about a player is a definition; what a player is to play is a release. Whether a key may be
//! pinned is decided at enrolment. Next: `releases.rs`.

use loa_domain::audit::entry::Entry;
use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::Store;
use super::outbox;
use super::sql::{Writing, statement};
use super::value::Row;

/// How a player was when it last spoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerState {
    /// Which player.
    pub id: PlayerId,
    /// The key that it named.
    pub key: PublicKey,
    /// When it last said hello, by the desk's clock.
    pub last_hello: UtcMs,
    /// The number of the release in force.
    pub in_force: Option<u64>,
    /// The number of the release on its way.
    pub incoming: Option<u64>,
    /// Its chain's epoch.
    pub epoch: u64,
    /// Its chain's next number.
    pub next: u64,
    /// Records without a receipt.
    pub outbox: u32,
    /// Free disk space in bytes.
    pub free_bytes: u64,
    /// Version of its program.
    pub version: String,
    /// Whether its link is up.
    pub online: bool,
    /// Why it refused the last release, where it did.
    pub refused: Option<String>,
    /// What it airs now, as far as it has said.
    pub on_air: Option<CueId>,
}

/// What came of pinning a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// It was the player's first: from now on only this one counts.
    First,
    /// It is the one that was pinned.
    Same,
    /// Another one is pinned and stays. A person has to look at it.
    Other {
        /// The pinned one.
        pinned: PublicKey,
    },
}

impl Store {
    /// Pins a key to a player at `at`: the first one wins.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn pin_key(&self, id: &PlayerId, key: PublicKey, at: UtcMs) -> Result<Pinned, StoreError> {
        if let Some(pinned) = self.pinned_key(id).await? {
            return Ok(if pinned == key { Pinned::Same } else { Pinned::Other { pinned } });
        }
        let mut writing = self.database.write().await?;
        if pin(&mut writing, id, key, at).await? {
            writing.commit().await?;
            return Ok(Pinned::First);
        }
        // Someone pinned one between the look and the lock.
        let row = writing.optional(statement("SELECT public FROM player_key WHERE id = $1").with(id)).await?;
        let pinned = row.map_or(Ok(key), |row| row.get(0))?;
        Ok(if pinned == key { Pinned::Same } else { Pinned::Other { pinned } })
    }

    /// The key pinned to a player.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pinned_key(&self, id: &PlayerId) -> Result<Option<PublicKey>, StoreError> {
        let get = statement("SELECT public FROM player_key WHERE id = $1").with(id);
        self.database.optional(get).await?.map(|row| row.get(0)).transpose()
    }

    /// Lets go of a player's key, because the device was replaced. Gives the key that was pinned.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn unpin_key(&self, id: &PlayerId) -> Result<Option<PublicKey>, StoreError> {
        let mut writing = self.database.write().await?;
        let pinned = unpin(&mut writing, id).await?;
        writing.commit().await?;
        Ok(pinned)
    }

    /// Writes down how a player is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_player_state(&self, state: &PlayerState) -> Result<(), StoreError> {
        self.put_player_states(std::slice::from_ref(state)).await
    }

    /// Writes down how many players are, in one transaction: a fleet that reconnects at once costs one sync of the disk.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_player_states(&self, states: &[PlayerState]) -> Result<(), StoreError> {
        let put = "INSERT INTO player_state (id, public, last_hello_ms, in_force, incoming, epoch, next_seq, outbox, \
                   free_bytes, version, online, refused, air_order, air_ms) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
                   ON CONFLICT (id) DO UPDATE SET public = excluded.public, last_hello_ms = excluded.last_hello_ms, \
                   in_force = excluded.in_force, incoming = excluded.incoming, epoch = excluded.epoch, \
                   next_seq = excluded.next_seq, outbox = excluded.outbox, free_bytes = excluded.free_bytes, \
                   version = excluded.version, online = excluded.online, refused = excluded.refused, \
                   air_order = excluded.air_order, air_ms = excluded.air_ms";
        let mut writing = self.database.write().await?;
        for state in states {
            let put = statement(put).with(&state.id).with(state.key).with(state.last_hello).with(state.in_force);
            let put = put.with(state.incoming).with(state.epoch).with(state.next).with(state.outbox);
            let put = put.with(state.free_bytes).with(state.version.as_str()).with(state.online);
            let put = put.with(state.refused.clone());
            let on_air = (state.on_air.map(|cue| cue.order), state.on_air.map(|cue| cue.planned));
            writing.run(put.with(on_air.0).with(on_air.1)).await?;
        }
        writing.commit().await
    }

    /// Notes that no link is up: when a desk starts, and when it loses its broker.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn all_players_offline(&self) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        writing.run(statement("UPDATE player_state SET online = 0, air_order = NULL WHERE online <> 0")).await?;
        writing.commit().await
    }

    /// How each player that ever spoke is, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn player_states(&self) -> Result<Vec<PlayerState>, StoreError> {
        let list = "SELECT id, public, last_hello_ms, in_force, incoming, epoch, next_seq, outbox, free_bytes, \
                    version, online, refused, air_order, air_ms FROM player_state ORDER BY id";
        self.database.all(statement(list)).await?.iter().map(state).collect()
    }
}

/// Pins a player's first key, here and in the log. Says whether it was the first.
pub(super) async fn pin(writing: &mut Writing, id: &PlayerId, key: PublicKey, at: UtcMs) -> Result<bool, StoreError> {
    let pin = "INSERT INTO player_key (id, public, pinned_ms) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    let first = writing.run(statement(pin).with(id).with(key).with(at)).await? > 0;
    if first {
        outbox::note(writing, &Entry::Key { player: id.clone(), key, at }).await?;
    }
    Ok(first)
}

/// Lets go of a player's key. Gives the key that was pinned.
pub(super) async fn unpin(writing: &mut Writing, id: &PlayerId) -> Result<Option<PublicKey>, StoreError> {
    let unpin = statement("DELETE FROM player_key WHERE id = $1 RETURNING public").with(id);
    writing.optional(unpin).await?.map(|row| row.get(0)).transpose()
}

fn state(row: &Row) -> Result<PlayerState, StoreError> {
    Ok(PlayerState {
        id: row.get(0)?,
        key: row.get(1)?,
        last_hello: row.get(2)?,
        in_force: row.get(3)?,
        incoming: row.get(4)?,
        epoch: row.get(5)?,
        next: row.get(6)?,
        outbox: row.get(7)?,
        free_bytes: row.get(8)?,
        version: row.get(9)?,
        online: row.get(10)?,
        refused: row.get(11)?,
        on_air: on_air(row.get(12)?, row.get(13)?),
    })
}

fn on_air(order: Option<Hash>, planned: Option<UtcMs>) -> Option<CueId> {
    Some(CueId { order: order?, planned: planned? })
}
