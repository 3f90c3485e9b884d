//! Accounts of people and programs at the desk, and the roles they were given.
//!
//! Every change is written in one transaction with the act that tells of it. Nothing here is a secret in the clear. Who
//! may change what, and what a role allows, is decided in `accounts/`. Next: `sessions.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::acts::{self, Act};
use super::error::StoreError;
use super::open::Store;
use super::sql::{Statement, Writing, statement};
use super::value::Row;

/// A stretched password and how it was stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretched {
    /// Random, of this password alone.
    pub salt: Hash,
    /// What argon2id made of it.
    pub hash: Hash,
    /// Memory it took, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// A second factor: what its codes are made with lies in the desk's key folder, not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Tells this factor's secret from all others made with the same key.
    pub nonce: Hash,
    /// Whether a first code was right; before that it does not count.
    pub is_confirmed: bool,
    /// Of the last code taken, the number of its half minute: no code counts twice.
    pub step: u64,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What is typed to log in: `[a-z0-9.-]`.
    pub name: String,
    /// Name for people.
    pub display: String,
    /// Its password.
    pub password: Stretched,
    /// For a one-time password, when it ends; it must be changed at the first login.
    pub once_until: Option<UtcMs>,
    /// Its second factor, if any.
    pub second: Option<SecondFactor>,
    /// Nobody can log in with it.
    pub is_disabled: bool,
    /// When it was made.
    pub made: UtcMs,
    /// When somebody last logged in with it.
    pub last_login: Option<UtcMs>,
}

/// What may be done with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// People log in with it.
    Open,
    /// A one-time password must be changed first.
    Once,
    /// Nobody logs in with it.
    Disabled,
}

impl AccountState {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Once => "once",
            Self::Disabled => "disabled",
        }
    }
}

impl Account {
    /// What may be done with it.
    #[must_use]
    pub const fn state(&self) -> AccountState {
        match self {
            Self { is_disabled: true, .. } => AccountState::Disabled,
            Self { once_until: Some(_), .. } => AccountState::Once,
            _ => AccountState::Open,
        }
    }
}

/// One thing of an account that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// Its password, by who knows the old one.
    Password(Stretched),
    /// A one-time password that is good until then, at `now`: its tokens are taken back and its devices forgotten, as
    /// whoever had the old one may have made some.
    Once {
        /// The password.
        password: Stretched,
        /// Until when it is good.
        until: UtcMs,
        /// When it was given.
        now: UtcMs,
    },
    /// Whether it is disabled.
    Disabled(bool),
    /// Its name for people.
    Display(String),
    /// Its second factor.
    Second(Option<SecondFactor>),
}

/// The session that stays when those of an account end, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping(pub Option<Hash>);

/// A role as it is kept: names that `accounts/role.rs` gives meaning to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptRole {
    /// The role's name.
    pub role: String,
    /// Code and first day of the place; empty for the whole tree.
    pub place: String,
}

const COLUMNS: &str = "name, display, salt, hash, memory_kib, passes, lanes, once_until_ms, second_nonce, \
                       second_confirmed, second_step, disabled, made_ms, last_login_ms";
/// Tables of accounts that a rebuilt store takes over, and their columns. Sessions end with a rebuild.
const KEPT: [(&str, &str, usize); 5] = [
    ("account", COLUMNS, 14),
    ("account_role", "account, role, place", 3),
    ("account_link", "issuer, subject, account", 3),
    ("account_device", "hash, account, seen_ms", 3),
    ("account_token", "hash, id, account, title, actions, place, made_ms, ends_ms, used_ms, revoked_ms", 10),
];

impl Store {
    /// Writes a new account with its roles. `false` when there is one of that name.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_account(&self, account: &Account, roles: &[KeptRole], acts: &[Act]) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let known = statement("SELECT 1 FROM account WHERE name = $1").with(account.name.as_str());
        if writing.optional(known).await?.is_some() {
            return Ok(false);
        }
        put(&mut writing, account).await?;
        for role in roles {
            give(&mut writing, &account.name, role).await?;
        }
        append_all(&mut writing, acts).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Changes one thing of an account; with `ends`, nobody stays logged in with it but the session to keep. `false` when
    /// there is no such account.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn change_account(
        &self,
        name: &str,
        change: &AccountChange,
        ends: Option<Keeping>,
        acts: &[Act],
    ) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        if writing.run(changing(change).with(name)).await? == 0 {
            return Ok(false);
        }
        if let Some(Keeping(keep)) = ends {
            end_all(&mut writing, name, keep).await?;
        }
        if let AccountChange::Once { now, .. } = change {
            let revoke = "UPDATE account_token SET revoked_ms = $1 WHERE account = $2 AND revoked_ms IS NULL";
            writing.run(statement(revoke).with(*now).with(name)).await?;
            writing.run(statement("DELETE FROM account_device WHERE account = $1").with(name)).await?;
        }
        append_all(&mut writing, acts).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Stretches a password anew, if it is still the one of that hash.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn restretch(&self, name: &str, old: Hash, new: Stretched) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        let set = "UPDATE account SET salt = $1, hash = $2, memory_kib = $3, passes = $4, lanes = $5 \
                   WHERE name = $6 AND hash = $7";
        writing.run(stretched(statement(set), new).with(name).with(old)).await?;
        writing.commit().await
    }

    /// Gives an account a role or takes it, and ends its sessions. `false` when nothing changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn change_role(
        &self,
        account: &str,
        role: &KeptRole,
        given: bool,
        acts: &[Act],
    ) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let changed = if given {
            give(&mut writing, account, role).await?
        } else {
            let take = statement("DELETE FROM account_role WHERE account = $1 AND role = $2 AND place = $3");
            writing.run(take.with(account).with(role.role.as_str()).with(role.place.as_str())).await?
        };
        if changed == 0 {
            return Ok(false);
        }
        end_all(&mut writing, account, None).await?;
        append_all(&mut writing, acts).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// The account of a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let get = statement(format!("SELECT {COLUMNS} FROM account WHERE name = $1")).with(name);
        self.database.optional(get).await?.as_ref().map(account).transpose()
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let list = statement(format!("SELECT {COLUMNS} FROM account ORDER BY name"));
        self.database.all(list).await?.iter().map(account).collect()
    }

    /// The roles of an account.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn roles(&self, account: &str) -> Result<Vec<KeptRole>, StoreError> {
        let list = statement("SELECT role, place FROM account_role WHERE account = $1 ORDER BY role, place");
        let rows = self.database.all(list.with(account)).await?;
        rows.iter().map(|row| Ok(KeptRole { role: row.get(0)?, place: row.get(1)? })).collect()
    }

    /// Whom a provider of identities means by a subject.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn linked(&self, issuer: &str, subject: &str) -> Result<Option<Account>, StoreError> {
        let get = statement("SELECT account FROM account_link WHERE issuer = $1 AND subject = $2");
        match self.database.optional(get.with(issuer).with(subject)).await? {
            Some(row) => self.account(&row.get::<String>(0)?).await,
            None => Ok(None),
        }
    }

    /// The subjects of an account, with their provider.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn links(&self, account: &str) -> Result<Vec<(String, String)>, StoreError> {
        let list = statement("SELECT issuer, subject FROM account_link WHERE account = $1 ORDER BY issuer, subject");
        self.database.all(list.with(account)).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Links a provider's subject to an account. `false` when the subject is linked already.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn link(&self, account: &str, issuer: &str, subject: &str, act: &Act) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let link = "INSERT INTO account_link (issuer, subject, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        if writing.run(statement(link).with(issuer).with(subject).with(account)).await? == 0 {
            return Ok(false);
        }
        acts::append(&mut writing, act).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Takes every link of an account away, and ends its sessions. `false` when there is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn unlink(&self, account: &str, act: &Act) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        if writing.run(statement("DELETE FROM account_link WHERE account = $1").with(account)).await? == 0 {
            return Ok(false);
        }
        end_all(&mut writing, account, None).await?;
        acts::append(&mut writing, act).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// Takes a code's half minute as used, if it is later than the last one: `false` for a code that came before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn use_code(&self, account: &str, step: u64) -> Result<bool, StoreError> {
        let mut writing = self.database.write().await?;
        let set = statement("UPDATE account SET second_step = $1 WHERE name = $2 AND second_step < $1");
        let changed = writing.run(set.with(step).with(account)).await?;
        writing.commit().await?;
        Ok(changed > 0)
    }

    /// Takes accounts, roles, devices and tokens over from another store file, in place of those that are here.
    ///
    /// # Errors
    /// When either store fails.
    pub(super) async fn take_over_accounts(&self, from: &Self) -> Result<(), StoreError> {
        let mut writing = self.database.write().await?;
        for (table, columns, count) in KEPT {
            writing.run(statement(format!("DELETE FROM {table}"))).await?;
            let places: Vec<String> = (1..=count).map(|n| format!("${n}")).collect();
            let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
            for row in from.database.all(statement(format!("SELECT {columns} FROM {table}"))).await? {
                writing.run(statement(insert.clone()).with_all(row.values().to_vec())).await?;
            }
        }
        writing.commit().await
    }
}

/// The statement of a change; the account's name comes last.
fn changing(change: &AccountChange) -> Statement {
    match change {
        AccountChange::Password(password) => with_password(*password, None),
        AccountChange::Once { password, until, .. } => with_password(*password, Some(*until)),
        AccountChange::Disabled(disabled) => {
            statement("UPDATE account SET disabled = $1 WHERE name = $2").with(*disabled)
        }
        AccountChange::Display(display) => {
            statement("UPDATE account SET display = $1 WHERE name = $2").with(display.as_str())
        }
        AccountChange::Second(second) => {
            let set = "UPDATE account SET second_nonce = $1, second_confirmed = $2, second_step = $3 WHERE name = $4";
            let set = statement(set).with(second.map(|second| second.nonce));
            set.with(second.is_some_and(|second| second.is_confirmed)).with(second.map_or(0, |second| second.step))
        }
    }
}

fn with_password(password: Stretched, once_until: Option<UtcMs>) -> Statement {
    let set = "UPDATE account SET salt = $1, hash = $2, memory_kib = $3, passes = $4, lanes = $5, once_until_ms = $6 \
               WHERE name = $7";
    stretched(statement(set), password).with(once_until)
}

fn stretched(statement: Statement, password: Stretched) -> Statement {
    let statement = statement.with(password.salt).with(password.hash).with(password.memory_kib);
    statement.with(password.passes).with(password.lanes)
}

async fn put(writing: &mut Writing, account: &Account) -> Result<(), StoreError> {
    let places: Vec<String> = (1..=14).map(|n| format!("${n}")).collect();
    let insert = statement(format!("INSERT INTO account ({COLUMNS}) VALUES ({})", places.join(", ")));
    let (password, second) = (account.password, account.second);
    let insert = stretched(insert.with(account.name.as_str()).with(account.display.as_str()), password);
    let insert = insert.with(account.once_until).with(second.map(|second| second.nonce));
    let insert = insert.with(second.is_some_and(|second| second.is_confirmed)).with(second.map_or(0, |s| s.step));
    let insert = insert.with(account.is_disabled).with(account.made).with(account.last_login);
    writing.run(insert).await.map(drop)
}

async fn give(writing: &mut Writing, account: &str, role: &KeptRole) -> Result<u64, StoreError> {
    let give = statement("INSERT INTO account_role (account, role, place) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
    writing.run(give.with(account).with(role.role.as_str()).with(role.place.as_str())).await
}

/// Ends the sessions of an account, but for the one to keep.
pub(super) async fn end_all(writing: &mut Writing, account: &str, keep: Option<Hash>) -> Result<u64, StoreError> {
    let end = statement("DELETE FROM account_session WHERE account = $1 AND hash <> $2");
    writing.run(end.with(account).with(keep.unwrap_or(Hash::ZERO))).await
}

pub(super) async fn append_all(writing: &mut Writing, acts: &[Act]) -> Result<(), StoreError> {
    for act in acts {
        acts::append(writing, act).await?;
    }
    Ok(())
}

fn account(row: &Row) -> Result<Account, StoreError> {
    let (is_confirmed, step) = (row.get(9)?, row.get(10)?);
    let second = row.get::<Option<Hash>>(8)?.map(|nonce| SecondFactor { nonce, is_confirmed, step });
    let password = Stretched {
        salt: row.get(2)?,
        hash: row.get(3)?,
        memory_kib: row.get(4)?,
        passes: row.get(5)?,
        lanes: row.get(6)?,
    };
    Ok(Account {
        name: row.get(0)?,
        display: row.get(1)?,
        password,
        once_until: row.get(7)?,
        second,
        is_disabled: row.get(11)?,
        made: row.get(12)?,
        last_login: row.get(13)?,
    })
}
