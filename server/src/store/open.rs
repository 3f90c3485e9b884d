//! The store as a whole: opening, closing, and the counter that tells whether anything was planned anew.
//!
//! A running desk and a person's `loa apply` have it open at the same time. What is in it is decided in the files
//! beside; how it is backed up, in `backup.rs`.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::StoreError;
use super::schema;
use super::sql::{Address, Database, Writing, statement};

/// Where several open an empty store at the same moment, SQLite fails in some of them at once and not after the patience
/// that was asked for: turning the journal on waits for nobody. A failure that took longer than this was waited for.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How long is waited before it is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// The desk's store. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) database: Database,
}

impl Store {
    /// Opens the store at a file's path (made where there is none) or a database URL, and brings its schema up to date.
    ///
    /// # Errors
    /// Says which: no database, another program's, damaged, newer than this program, not to be opened, or in use.
    pub async fn open(url_or_path: &str) -> Result<Self, StoreError> {
        Self::open_at(Address::parse(url_or_path)?).await
    }

    pub(super) async fn open_at(address: Address) -> Result<Self, StoreError> {
        let begun = Instant::now();
        loop {
            match Self::open_once(address.clone()).await {
                Err(StoreError::Busy) if begun.elapsed() < AT_ONCE => sleep(PAUSE).await,
                opened => return opened,
            }
        }
    }

    async fn open_once(address: Address) -> Result<Self, StoreError> {
        let database = Database::open(address).await?;
        let migrated = schema::migrate(&database).await;
        if migrated.is_err() {
            database.close().await;
        }
        migrated.map(|()| Self { database })
    }

    /// A number that rises with every change of what is planned (definitions, clips, orders), by whatever process: so
    /// a running desk can ask cheaply whether there is anything new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn changes(&self) -> Result<i64, StoreError> {
        let row = self.database.optional(statement("SELECT value FROM counter WHERE name = 'changes'")).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Writes past everything, as somebody would who alters the file.
    #[cfg(test)]
    pub(crate) async fn bend(&self, text: &'static str) {
        self.database.run_alone(statement(text)).await.expect("bent");
    }

    /// Waits for what is under way, then closes. Other clones are closed with it.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// Raises a counter and gives its new value. The row stays locked until the end of the transaction, so numbers are
/// given out in the order in which transactions commit.
pub(super) async fn raise(writing: &mut Writing, counter: &'static str) -> Result<i64, StoreError> {
    let raise = "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value";
    let row = writing.optional(statement(raise).with(counter)).await?;
    row.ok_or_else(|| StoreError::Damaged { detail: format!("the counter '{counter}' is gone") })?.get(0)
}
