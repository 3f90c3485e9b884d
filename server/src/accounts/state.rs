//! What the running desk holds of accounts: the store, the throttle, the tree of places; and what can go wrong.
//!
//! It decides nothing; the files beside do. The time is handed in by whoever asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

use super::code::CodeKey;
use super::password::{LOGIN, Weak};
use super::role::{Grant, Places};
use super::session::Rules;
use super::throttle::{Bursts, Throttle};
use super::work::{Busy, Work};
use crate::config::Folder;
use crate::store::{Act, DefinitionKind, Store, StoreError};
use crate::stretch::Hardness;
use crate::timetable::model::Place;

/// Accounts of a desk. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    store: Store,
    codes: CodeKey,
    work: Work,
    rules: Rules,
    throttle: Mutex<Throttle>,
    bursts: Mutex<Bursts>,
    places: Mutex<Option<(i64, Arc<Places>)>>,
}

/// Why something about accounts was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key cannot be used, or there are no random numbers.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Too many passwords are being looked at.
    #[error("too many passwords are being looked at; come again in a second")]
    Busy,
    /// No name of an account.
    #[error("expected a name of 2 to 40 letters a-z, digits, dots and hyphens, not “{name}”")]
    Name {
        /// What was given.
        name: String,
    },
    /// There is an account of that name.
    #[error("there is an account “{name}” already")]
    Exists {
        /// Its name.
        name: String,
    },
    /// There is no such account.
    #[error("there is no account “{name}”")]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The password is refused.
    #[error(transparent)]
    Weak(#[from] Weak),
    /// The old password, or a code, is another.
    #[error("the password or code is not right")]
    Wrong,
    /// Tries come too fast.
    #[error("too many wrong tries; come again later")]
    Wait {
        /// When the next one counts.
        until: UtcMs,
    },
    /// A token asks for what no token may have.
    #[error("no token may do “{action}”: that is for people")]
    NotForTokens {
        /// Which action.
        action: &'static str,
    },
    /// A token lasts at most a year, and at least a day.
    #[error("expected 1 to 366 days, not {days}")]
    Days {
        /// What was given.
        days: i64,
    },
    /// A provider's name for somebody that is none.
    #[error("expected what the provider calls somebody (1 to 255 characters), not “{subject}”")]
    Subject {
        /// What was given.
        subject: String,
    },
    /// There is no such token, or it was taken back.
    #[error("there is no token “{id}” in force")]
    NoToken {
        /// What was asked for.
        id: String,
    },
}

impl From<Busy> for AccountError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Accounts {
    /// The accounts of a desk's folder. The key of second factors is made where there is none.
    ///
    /// # Errors
    /// When the key's file cannot be used.
    pub fn open(folder: &Folder, store: Store, rules: Rules) -> Result<Self, KeyError> {
        durable::create_dir(&folder.keys()).map_err(|source| KeyError::File { path: folder.keys(), source })?;
        let key = keyfile::key(&folder.keys().join("accounts.key"))?;
        Ok(Self::new(store, CodeKey::new(key.seed()), rules, LOGIN))
    }

    pub(super) fn new(store: Store, codes: CodeKey, rules: Rules, hardness: Hardness) -> Self {
        Self(Arc::new(Inner {
            store,
            codes,
            work: Work::new(hardness),
            rules,
            throttle: Mutex::default(),
            bursts: Mutex::default(),
            places: Mutex::default(),
        }))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// How long sessions last.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// What looks at passwords.
    #[must_use]
    pub fn work(&self) -> &Work {
        &self.0.work
    }

    pub(super) fn codes(&self) -> &CodeKey {
        &self.0.codes
    }

    pub(super) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        held(&self.0.throttle)
    }

    pub(super) fn bursts(&self) -> MutexGuard<'_, Bursts> {
        held(&self.0.bursts)
    }

    /// The area tree as it is now; read again when anything planned has changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn places(&self) -> Result<Arc<Places>, StoreError> {
        let changes = self.store().changes().await?;
        if let Some((_, places)) = held(&self.0.places).as_ref().filter(|(known, _)| *known == changes) {
            return Ok(Arc::clone(places));
        }
        let kept = self.store().definitions(DefinitionKind::Place).await?;
        // A place that cannot be read is no place, and nobody has a role there.
        let places: Vec<Place> = kept.iter().filter_map(|kept| serde_json::from_str(&kept.document).ok()).collect();
        let places = Arc::new(Places::of(&places));
        *held(&self.0.places) = Some((changes, Arc::clone(&places)));
        Ok(places)
    }

    /// The roles of an account.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn grants(&self, account: &str) -> Result<Vec<Grant>, StoreError> {
        Ok(self.store().roles(account).await?.iter().filter_map(Grant::read).collect())
    }
}

/// An act about an account.
pub(super) fn act(at: UtcMs, who: &str, what: &str, subject: &str, detail: impl Into<String>) -> Act {
    Act { at, who: who.to_owned(), what: what.to_owned(), subject: subject.to_owned(), detail: detail.into() }
}

/// The hash that stands for no session.
pub(super) const NOBODY: Hash = Hash::ZERO;
