//! Signed orders, by the hash of what was signed.
//!
//! An order never changes: it is superseded by a later version or revoked, and stays here for whoever reads an old
//! proof. Who may sign is decided in `loa_domain::keys`. Next: `clips.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::Store;
use super::sql::{Writing, statement};
use super::value::Row;

pub(super) const COLUMNS: &str = "hash, id, campaign, programme, made_ms, sealed, stored_ms, revoked_ms, superseded_by";

/// A signed order to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The hash of the signed bytes.
    pub hash: Hash,
    /// The order's name, which its later versions keep.
    pub id: String,
    /// What it counts towards; may be empty.
    pub campaign: String,
    /// The programme's name.
    pub programme: String,
    /// When it was made.
    pub made: UtcMs,
    /// It itself with its signatures.
    pub sealed: Vec<u8>,
}

/// A signed order as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOrder {
    /// What was signed.
    pub order: NewOrder,
    /// When the desk got it.
    pub stored: UtcMs,
    /// When it was revoked.
    pub revoked: Option<UtcMs>,
    /// Which one stands in its place.
    pub superseded_by: Option<Hash>,
}

impl Store {
    /// The orders that are neither superseded nor revoked, in the order in which they were made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn orders_in_force(&self) -> Result<Vec<SignedOrder>, StoreError> {
        let list = format!(
            "SELECT {COLUMNS} FROM signed_order WHERE revoked_ms IS NULL AND superseded_by IS NULL \
             ORDER BY made_ms, hash"
        );
        self.database.all(statement(list)).await?.iter().map(signed).collect()
    }

    /// The orders that were revoked at `since` or later: players are told of them in their releases.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn orders_revoked(&self, since: UtcMs) -> Result<Vec<SignedOrder>, StoreError> {
        let list = format!("SELECT {COLUMNS} FROM signed_order WHERE revoked_ms >= $1 ORDER BY revoked_ms, hash");
        self.database.all(statement(list).with(since)).await?.iter().map(signed).collect()
    }

    /// All versions of the order of that name, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn order_versions(&self, id: &str) -> Result<Vec<SignedOrder>, StoreError> {
        let list = format!("SELECT {COLUMNS} FROM signed_order WHERE id = $1 ORDER BY made_ms DESC, hash");
        self.database.all(statement(list).with(id)).await?.iter().map(signed).collect()
    }

    /// The order of that hash, in force or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn order(&self, hash: Hash) -> Result<Option<SignedOrder>, StoreError> {
        let get = format!("SELECT {COLUMNS} FROM signed_order WHERE hash = $1");
        self.database.optional(statement(get).with(hash)).await?.as_ref().map(signed).transpose()
    }
}

/// Keeps an order. Says whether it, or the set of its signatures, is new.
pub(super) async fn put(writing: &mut Writing, order: &NewOrder, at: UtcMs) -> Result<bool, StoreError> {
    // The hash is of what was signed, not of the signatures: one more officer may sign the same order later.
    let put = "INSERT INTO signed_order (hash, id, campaign, programme, made_ms, sealed, stored_ms) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (hash) DO UPDATE SET sealed = excluded.sealed WHERE signed_order.sealed <> excluded.sealed";
    let NewOrder { hash, id, campaign, programme, made, sealed } = order;
    let put = statement(put).with(*hash).with(id.as_str()).with(campaign.as_str()).with(programme.as_str());
    Ok(writing.run(put.with(*made).with(sealed.as_slice()).with(at)).await? > 0)
}

/// Notes which order stands in place of another. Says whether that is new.
pub(super) async fn supersede(writing: &mut Writing, order: Hash, by: Hash) -> Result<bool, StoreError> {
    must_exist(writing, order).await?;
    must_exist(writing, by).await?;
    // The first successor stays: which version followed which is part of the record.
    let supersede = "UPDATE signed_order SET superseded_by = $2 WHERE hash = $1 AND superseded_by IS NULL";
    Ok(writing.run(statement(supersede).with(order).with(by)).await? > 0)
}

/// Notes that an order is off. Says whether that is new.
pub(super) async fn revoke(writing: &mut Writing, order: Hash, at: UtcMs) -> Result<bool, StoreError> {
    must_exist(writing, order).await?;
    let revoke = "UPDATE signed_order SET revoked_ms = $2 WHERE hash = $1 AND revoked_ms IS NULL";
    Ok(writing.run(statement(revoke).with(order).with(at)).await? > 0)
}

async fn must_exist(writing: &mut Writing, hash: Hash) -> Result<(), StoreError> {
    let row = writing.optional(statement("SELECT 1 FROM signed_order WHERE hash = $1").with(hash)).await?;
    row.map(|_| ()).ok_or(StoreError::NoSuchOrder { hash })
}

pub(super) fn signed(row: &Row) -> Result<SignedOrder, StoreError> {
    let order = NewOrder {
        hash: row.get(0)?,
        id: row.get(1)?,
        campaign: row.get(2)?,
        programme: row.get(3)?,
        made: row.get(4)?,
        sealed: row.get(5)?,
    };
    Ok(SignedOrder { order, stored: row.get(6)?, revoked: row.get(7)?, superseded_by: row.get(8)? })
}
