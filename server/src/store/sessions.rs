//! Who is logged in, from which devices people have logged in before, and the tokens of programs.
//!
//! All three are found by the SHA-256 of 32 random bytes that only the browser or program has. When they end is decided
//! in `accounts/`. Next: `acts.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::accounts::{append_all, end_all};
use super::acts::Act;
use super::error::StoreError;
use super::open::Store;
use super::sql::statement;
use super::value::Row;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Hash of its id.
    pub hash: Hash,
    /// Whose.
    pub account: String,
    /// When it began.
    pub made: UtcMs,
    /// When it was last used, to the minute.
    pub seen: UtcMs,
    /// When it ends, used or not.
    pub ends: UtcMs,
    /// When the password was last typed for it.
    pub confirmed: UtcMs,
    /// Who it is was said by a provider of identities: the desk's own password does not count for it.
    pub is_provided: bool,
    /// What the browser calls itself.
    pub agent: String,
    /// The address it came from.
    pub source: String,
}

/// A token, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Hash of its text.
    pub hash: Hash,
    /// What it is called in lists and in the log.
    pub id: String,
    /// Whose.
    pub account: String,
    /// What for, in the words of whoever made it.
    pub title: String,
    /// Names of the actions it may do, one space between them.
    pub actions: String,
    /// Code and first day of the place; empty for the whole tree.
    pub place: String,
    /// When it was made.
    pub made: UtcMs,
    /// When it ends.
    pub ends: UtcMs,
    /// When it was last used, to the minute.
    pub used: Option<UtcMs>,
    /// When it was taken back.
    pub revoked: Option<UtcMs>,
}

const SESSION: &str = "hash, account, made_ms, seen_ms, ends_ms, confirmed_ms, agent, source, provided";
const TOKEN: &str = "hash, id, account, title, actions, place, made_ms, ends_ms, used_ms, revoked_ms";

/// What a login leaves behind, in one transaction.
pub struct Login<'l> {
    /// Hash of the password that was right: where it was changed meanwhile, or the account disabled, nobody logs in.
    pub password: Hash,
    /// The new session.
    pub session: &'l Session,
    /// The session that the browser had before: it ends.
    pub before: Option<Hash>,
    /// The device, known from now on.
    pub device: Hash,
    /// Sessions an account has at most; the oldest end.
    pub most_sessions: usize,
    /// Devices known of an account at most; those not seen for longest are forgotten.
    pub most_devices: usize,
}

impl Store {
    /// Notes a login. `false` when the account is no longer what it was when the password was looked at.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn log_in(&self, login: &Login<'_>, acts: &[Act]) -> Result<bool, StoreError> {
        let (session, mut writing) = (login.session, self.database.write().await?);
        let set = "UPDATE account SET last_login_ms = $1 WHERE name = $2 AND hash = $3 AND disabled = 0";
        let set = statement(set).with(session.made).with(session.account.as_str()).with(login.password);
        if writing.run(set).await? == 0 {
            return Ok(false);
        }
        for gone in [login.before, Some(session.hash)].into_iter().flatten() {
            writing.run(statement("DELETE FROM account_session WHERE hash = $1").with(gone)).await?;
        }
        let insert = format!("INSERT INTO account_session ({SESSION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        let insert = statement(insert).with(session.hash).with(session.account.as_str()).with(session.made);
        let insert = insert.with(session.seen).with(session.ends).with(session.confirmed);
        let insert = insert.with(session.agent.as_str()).with(session.source.as_str());
        writing.run(insert.with(session.is_provided)).await?;
        let forget = statement("DELETE FROM account_session WHERE ends_ms <= $1").with(session.made);
        writing.run(forget).await?;
        let device = "INSERT INTO account_device (hash, account, seen_ms) VALUES ($1, $2, $3) \
                      ON CONFLICT (hash) DO UPDATE SET seen_ms = $3";
        writing.run(statement(device).with(login.device).with(session.account.as_str()).with(session.made)).await?;
        for (table, since, most) in
            [("account_session", "made_ms", login.most_sessions), ("account_device", "seen_ms", login.most_devices)]
        {
            let cut = format!(
                "DELETE FROM {table} WHERE account = $1 AND hash NOT IN \
                 (SELECT hash FROM {table} WHERE account = $1 ORDER BY {since} DESC, hash LIMIT $2)"
            );
            writing.run(statement(cut).with(session.account.as_str()).with(most as u64)).await?;
        }
        append_all(&mut writing, acts).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// The session of a hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn session(&self, hash: Hash) -> Result<Option<Session>, StoreError> {
        let get = statement(format!("SELECT {SESSION} FROM account_session WHERE hash = $1")).with(hash);
        self.database.optional(get).await?.as_ref().map(session).transpose()
    }

    /// The sessions of an account, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sessions(&self, account: &str) -> Result<Vec<Session>, StoreError> {
        let list = format!("SELECT {SESSION} FROM account_session WHERE account = $1 ORDER BY made_ms DESC, hash");
        self.database.all(statement(list).with(account)).await?.iter().map(session).collect()
    }

    /// Notes that a session is in use. Nothing happens to one that was ended meanwhile.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn see_session(&self, hash: Hash, at: UtcMs) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        writing.run(statement("UPDATE account_session SET seen_ms = $1 WHERE hash = $2").with(at).with(hash)).await?;
        writing.commit().await
    }

    /// Gives a session a new id, as the password was typed again. `false` when it has ended.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn renew_session(&self, old: Hash, new: Hash, at: UtcMs) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let set = statement("UPDATE account_session SET hash = $1, confirmed_ms = $2, seen_ms = $2 WHERE hash = $3");
        let changed = writing.run(set.with(new).with(at).with(old)).await?;
        writing.commit().await?;
        Ok(changed > 0)
    }

    /// Ends a session of an account. `false` when it has none such.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_session(&self, account: &str, hash: Hash, acts: &[Act]) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let end = statement("DELETE FROM account_session WHERE account = $1 AND hash = $2");
        if writing.run(end.with(account).with(hash)).await? == 0 {
            return Ok(false);
        }
        append_all(&mut writing, acts).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Ends all sessions of an account but `keep`; gives how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_sessions(&self, account: &str, keep: Option<Hash>, act: &Act) -> Result<u64, StoreError> {
        let mut writing = self.database.write().await?;
        let ended = end_all(&mut writing, account, keep).await?;
        if ended > 0 {
            append_all(&mut writing, std::slice::from_ref(act)).await?;
        }
        writing.commit().await?;
        Ok(ended)
    }

    /// Whether a device has logged in with an account before, not earlier than `since`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn knows_device(&self, account: &str, device: Hash, since: UtcMs) -> Result<bool, StoreError> {
        let get = statement("SELECT 1 FROM account_device WHERE hash = $1 AND account = $2 AND seen_ms >= $3");
        Ok(self.database.optional(get.with(device).with(account).with(since)).await?.is_some())
    }

    /// Keeps a new token.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_token(&self, token: &Token, act: &Act) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        let insert = format!("INSERT INTO account_token ({TOKEN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        let insert = statement(insert).with(token.hash).with(token.id.as_str()).with(token.account.as_str());
        let insert = insert.with(token.title.as_str()).with(token.actions.as_str()).with(token.place.as_str());
        writing.run(insert.with(token.made).with(token.ends).with(token.used).with(token.revoked)).await?;
        append_all(&mut writing, std::slice::from_ref(act)).await?;
        writing.commit().await
    }

    /// The token of a hash.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn token(&self, hash: Hash) -> Result<Option<Token>, StoreError> {
        let get = statement(format!("SELECT {TOKEN} FROM account_token WHERE hash = $1")).with(hash);
        self.database.optional(get).await?.as_ref().map(token).transpose()
    }

    /// All tokens, or those of one account, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(&self, account: Option<&str>) -> Result<Vec<Token>, StoreError> {
        let list = match account {
            None => statement(format!("SELECT {TOKEN} FROM account_token ORDER BY made_ms DESC, id")),
            Some(account) => {
                let list = format!("SELECT {TOKEN} FROM account_token WHERE account = $1 ORDER BY made_ms DESC, id");
                statement(list).with(account)
            }
        };
        self.database.all(list).await?.iter().map(token).collect()
    }

    /// Notes that a token was used; the act is written the first time.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn use_token(&self, hash: Hash, at: UtcMs, first: &Act) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        let begin = statement("UPDATE account_token SET used_ms = $1 WHERE hash = $2 AND used_ms IS NULL");
        if writing.run(begin.with(at).with(hash)).await? > 0 {
            append_all(&mut writing, std::slice::from_ref(first)).await?;
        }
        writing.run(statement("UPDATE account_token SET used_ms = $1 WHERE hash = $2").with(at).with(hash)).await?;
        writing.commit().await
    }

    /// Takes a token back. `false` when there is none such that was not taken back before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn revoke_token(&self, id: &str, at: UtcMs, act: &Act) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let revoke = statement("UPDATE account_token SET revoked_ms = $1 WHERE id = $2 AND revoked_ms IS NULL");
        if writing.run(revoke.with(at).with(id)).await? == 0 {
            return Ok(false);
        }
        append_all(&mut writing, std::slice::from_ref(act)).await?;
        writing.commit().await?;
        Ok(true)
    }
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        hash: row.get(0)?,
        account: row.get(1)?,
        made: row.get(2)?,
        seen: row.get(3)?,
        ends: row.get(4)?,
        confirmed: row.get(5)?,
        agent: row.get(6)?,
        source: row.get(7)?,
        is_provided: row.get(8)?,
    })
}

fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        hash: row.get(0)?,
        id: row.get(1)?,
        account: row.get(2)?,
        title: row.get(3)?,
        actions: row.get(4)?,
        place: row.get(5)?,
        made: row.get(6)?,
        ends: row.get(7)?,
        used: row.get(8)?,
        revoked: row.get(9)?,
    })
}
