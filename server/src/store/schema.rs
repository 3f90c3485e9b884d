//! Which schema the store has, and how an older one becomes today's.
//!
//! Migrations run in order, all in one transaction: a crash leaves the old schema whole. A schema that is newer than
//! the program is refused, because an older program would leave out what it does not know. What the tables are is in
//! `migrations/*.sql`. Next: `open.rs`.

use super::error::StoreError;
use super::sql::{Database, statement};
use super::value::Row;

/// The migrations, oldest first: number *n* makes schema *n* out of *n* − 1. None may change once released.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_desk.sql"),
    include_str!("../../migrations/0002_log.sql"),
    include_str!("../../migrations/0003_placing.sql"),
    include_str!("../../migrations/0004_accounts.sql"),
    include_str!("../../migrations/0005_stop.sql"),
    include_str!("../../migrations/0006_provider.sql"),
];

/// The newest schema that this program knows.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

const VERSION: &str = "SELECT MAX(version) FROM desk_schema";

/// The schema that the store has; zero for an empty one. Refuses a newer one.
pub(super) async fn found(database: &Database) -> Result<i64, StoreError> {
    version(database.optional(statement(VERSION)).await?)
}

fn version(row: Option<Row>) -> Result<i64, StoreError> {
    let found = row.map_or(Ok(None), |row| row.get::<Option<i64>>(0))?.unwrap_or(0);
    if found > KNOWN { Err(StoreError::TooNew { found, known: KNOWN }) } else { Ok(found) }
}

/// Brings the store to today's schema.
pub(super) async fn migrate(database: &Database) -> Result<(), StoreError> {
    // Read first, so that opening a store that is up to date does not have to wait for its writer.
    match found(database).await {
        Ok(KNOWN) => return Ok(()),
        Ok(_) | Err(StoreError::Refused { .. }) => {} // an older one, or no such table yet
        Err(other) => return Err(other),
    }
    let mut writing = database.write().await?;
    writing.alone().await?;
    writing.run(statement("CREATE TABLE IF NOT EXISTS desk_schema (version BIGINT NOT NULL PRIMARY KEY)")).await?;
    // Asked again under the lock: another process may have been first.
    let found = version(writing.optional(statement(VERSION)).await?)?;
    for (version, script) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        writing.migrate(script).await?;
        writing.run(statement("INSERT INTO desk_schema (version) VALUES ($1)").with(version)).await?;
    }
    writing.commit().await
}
