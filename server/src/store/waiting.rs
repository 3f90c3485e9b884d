//! Keys that announced themselves as a player's and that no officer enrolled yet: few, because anybody can announce one.
//!
//! Who is enrolled is `placings.rs`.

use loa_domain::id::PlayerId;
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::Store;
use super::sql::statement;

/// Keys remembered for one player at most: its own, that of a device that was swapped, and room for jokers.
pub const KEYS_MAX: u64 = 8;

/// A key that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingKey {
    /// Whose it says it is. The timetable names this player.
    pub id: PlayerId,
    /// The key.
    pub key: PublicKey,
    /// When it was announced last.
    pub said: UtcMs,
}

impl Store {
    /// Remembers a key; of one player's those announced last.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn wait(&self, waiting: &WaitingKey) -> Result<(), StoreError> {
        let WaitingKey { id, key, said } = waiting;
        let mut writing = self.database.write().await?;
        let put = "INSERT INTO player_waiting (id, public, said_ms) VALUES ($1, $2, $3) \
                   ON CONFLICT (id, public) DO UPDATE SET said_ms = excluded.said_ms";
        writing.run(statement(put).with(id).with(*key).with(*said)).await?;
        let trim = "DELETE FROM player_waiting WHERE id = $1 AND public NOT IN \
                    (SELECT public FROM player_waiting WHERE id = $1 ORDER BY said_ms DESC, public LIMIT $2)";
        writing.run(statement(trim).with(id).with(KEYS_MAX)).await?;
        writing.commit().await
    }

    /// The keys that wait and are not enrolled, by player, the one announced last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn waiting(&self) -> Result<Vec<WaitingKey>, StoreError> {
        let list = "SELECT w.id, w.public, w.said_ms FROM player_waiting w \
                    LEFT JOIN player_placing p ON p.id = w.id AND p.public = w.public \
                    WHERE p.id IS NULL ORDER BY w.id, w.said_ms DESC, w.public";
        let rows = self.database.all(statement(list)).await?;
        rows.iter().map(|row| Ok(WaitingKey { id: row.get(0)?, key: row.get(1)?, said: row.get(2)? })).collect()
    }
}
