//! What people did at this desk: uploads, approvals, revocations, enrolments, logins.
//!
//! A list to look things up in; the audit log is the truth. Which acts are noted is decided where they happen.
//! Next: `backup.rs`.

use loa_domain::audit::entry::Entry;
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::{Store, raise};
use super::outbox;
use super::sql::{Writing, statement};
use super::value::Row;

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: UtcMs,
    /// Who.
    pub who: String,
    /// What: a stable word, such as `approve`.
    pub what: String,
    /// Of what: an order's name, a player's id.
    pub subject: String,
    /// What else there is to say.
    pub detail: String,
}

impl Store {
    /// Notes an act. Gives its number; numbers rise by one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn append_act(&self, act: &Act) -> Result<i64, StoreError> {
        let mut writing = self.database.write().await?;
        let number = append(&mut writing, act).await?;
        writing.commit().await?;
        Ok(number)
    }

    /// How many acts were noted: rises also when a timetable is applied that changes nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_acts(&self) -> Result<i64, StoreError> {
        let row = self.database.optional(statement("SELECT value FROM counter WHERE name = 'acts'")).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Acts with their numbers, latest first, at most `limit`, before the one of number `before` where given.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn acts(&self, before: Option<i64>, limit: u32) -> Result<Vec<(i64, Act)>, StoreError> {
        let list = "SELECT number, at_ms, who, what, subject, detail FROM act WHERE number < $1 \
                    ORDER BY number DESC LIMIT $2";
        let list = statement(list).with(before.unwrap_or(i64::MAX)).with(i64::from(limit));
        self.database.all(list).await?.iter().map(act).collect()
    }
}

/// Notes an act, here and in the log.
pub(super) async fn append(writing: &mut Writing, act: &Act) -> Result<i64, StoreError> {
    let number = raise(writing, "acts").await?;
    let append = "INSERT INTO act (number, at_ms, who, what, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let append = statement(append).with(number).with(act.at).with(act.who.as_str()).with(act.what.as_str());
    writing.run(append.with(act.subject.as_str()).with(act.detail.as_str())).await?;
    let Act { at, who, what, subject, detail } = act;
    let entry = Entry::Act { number: number.cast_unsigned(), at: *at, who, what, subject, detail };
    outbox::note(writing, &entry).await?;
    Ok(number)
}

fn act(row: &Row) -> Result<(i64, Act), StoreError> {
    let act = Act { at: row.get(1)?, who: row.get(2)?, what: row.get(3)?, subject: row.get(4)?, detail: row.get(5)? };
    Ok((row.get(0)?, act))
}
