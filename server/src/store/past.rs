//! What an account reads: everything that was ever written or ordered, and a player's cues line by line.
//!
//! Nothing here ends when something is removed, revoked or replaced: history is only added to. What an account makes of
//! it is decided in `audit/account`. Next: `acts.rs`.

use loa_domain::id::{Hash, PlayerId};
use loa_domain::plan::Reason;
use loa_domain::play::player::Outcome;
use loa_domain::proof::record::Evidence;
use loa_domain::time::UtcMs;

use super::definitions::{DefinitionKind, Replaced, replaced};
use super::error::StoreError;
use super::open::Store;
use super::orders::{self, SignedOrder};
use super::records::{RecordKind, evidence, outcome, reason};
use super::sql::statement;
use super::value::Row;

/// What a player's record says of one cue, as far as an account needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CueLine {
    /// When the cue was due.
    pub planned: UtcMs,
    /// Its order.
    pub order: Hash,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, where there is a reason.
    pub reason: Option<Reason>,
    /// What the claim rests on.
    pub evidence: Evidence,
    /// How much was heard of it, in milliseconds.
    pub heard_ms: u32,
}

/// How far a player's records reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// What the newest record is about: the planned time of a cue, else when it was made.
    pub when: UtcMs,
    /// When the desk had it.
    pub received: UtcMs,
}

impl Store {
    /// Everything that ever became of definitions of a kind, earliest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn definition_changes(&self, kind: DefinitionKind) -> Result<Vec<Replaced>, StoreError> {
        let list = "SELECT change, kind, id, was_document, is_document, at_ms, who FROM definition_history \
                    WHERE kind = $1 ORDER BY change, line";
        self.database.all(statement(list).with(kind.name())).await?.iter().map(replaced).collect()
    }

    /// Every order that was ever signed, in force or not, in the order in which they were made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn orders_ever(&self) -> Result<Vec<SignedOrder>, StoreError> {
        let list = format!("SELECT {} FROM signed_order ORDER BY made_ms, hash", orders::COLUMNS);
        self.database.all(statement(list)).await?.iter().map(orders::signed).collect()
    }

    /// What the records of a player that the desk had at `as_of` say of the cues due in `[from, until)`, by planned
    /// time, then order, then when they came.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cue_lines(
        &self,
        player: &PlayerId,
        (from, until): (UtcMs, UtcMs),
        as_of: UtcMs,
    ) -> Result<Vec<CueLine>, StoreError> {
        let list = "SELECT when_ms, order_hash, outcome, reason, evidence, heard_ms FROM proof_record \
                    WHERE player = $1 AND when_ms >= $2 AND when_ms < $3 AND order_hash IS NOT NULL \
                    AND received_ms <= $4 ORDER BY when_ms, order_hash, received_ms, outcome, heard_ms, evidence";
        let list = statement(list).with(player).with(from).with(until).with(as_of);
        self.database.all(list).await?.iter().map(cue_line).collect()
    }

    /// How far the records of a player reached that the desk had at `as_of`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn newest_record(&self, player: &PlayerId, as_of: UtcMs) -> Result<Option<Newest>, StoreError> {
        // A record about a time to come is a wrong clock's: it says nothing about how far records reach.
        let get = "SELECT when_ms, received_ms FROM proof_record WHERE player = $1 AND when_ms <= $2 \
                   AND received_ms <= $2 ORDER BY when_ms DESC LIMIT 1";
        let row = self.database.optional(statement(get).with(player).with(as_of)).await?;
        row.map(|row| Ok(Newest { when: row.get(0)?, received: row.get(1)? })).transpose()
    }

    /// When a timetable first took effect on a player, by the records that the desk had at `as_of`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn first_in_force(&self, player: &PlayerId, as_of: UtcMs) -> Result<Option<UtcMs>, StoreError> {
        let get = "SELECT when_ms FROM proof_record WHERE player = $1 AND kind = $2 AND received_ms <= $3 \
                   ORDER BY when_ms LIMIT 1";
        let get = statement(get).with(player).with(RecordKind::InForce.name()).with(as_of);
        self.database.optional(get).await?.map(|row| row.get(0)).transpose()
    }
}

fn cue_line(row: &Row) -> Result<CueLine, StoreError> {
    Ok(CueLine {
        planned: row.get(0)?,
        order: row.get(1)?,
        outcome: outcome(row, 2)?,
        reason: reason(row, 3)?,
        evidence: evidence(row, 4)?,
        heard_ms: row.get(5)?,
    })
}
