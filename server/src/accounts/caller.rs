//! Who asks, and whether he may: what every resource of the desk begins with.
//!
//! Read anew with each request, so that a role taken or an account disabled counts at once.

use std::sync::Arc;

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::role::{Action, Grant, Places, read_place};
use super::session::{Secret, is_confirmed};
use super::state::{AccountError, Accounts, NOBODY};
use crate::store::{Session, Token};
use crate::timetable::model::PlaceKey;

/// How somebody is known.
#[derive(Clone, Debug)]
pub enum Via {
    /// By a browser's session.
    Session(Session),
    /// By a program's token.
    Token(Token),
}

/// Somebody who is known to the desk.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account's name: who did it, in the log.
    pub account: String,
    /// The name for people.
    pub display: String,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// How.
    pub via: Via,
    /// A one-time password must be changed before anything else.
    pub must_change: bool,
    places: Arc<Places>,
}

/// Why somebody who is known may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No role allows it there.
    #[error("no role of this account allows {action}")]
    Role {
        /// What was asked.
        action: &'static str,
    },
    /// The token's scope does not hold it.
    #[error("the scope of this token does not hold {action}")]
    Scope {
        /// What was asked.
        action: &'static str,
    },
    /// The one-time password must be changed first.
    #[error("the one-time password must be changed first")]
    MustChange,
    /// The password must be typed again first.
    #[error("the password must be typed again first")]
    Confirm,
    /// It is for people, not for programs.
    #[error("this is for people who are logged in, not for tokens")]
    NotForTokens,
}

impl Caller {
    /// Asks for an action at a place; none: what concerns the whole desk. What is not allowed is denied.
    ///
    /// # Errors
    /// Why he may not.
    pub fn require(&self, action: Action, place: Option<&PlaceKey>) -> Result<(), Denied> {
        if self.must_change {
            return Err(Denied::MustChange);
        }
        if let Via::Token(token) = &self.via {
            let listed = token.actions.split(' ').any(|name| name == action.name()) && action.is_for_tokens();
            let there = read_place(&token.place).is_some_and(|outer| self.places.holds(outer.as_ref(), place));
            if !listed || !there {
                return Err(Denied::Scope { action: action.name() });
            }
        }
        let allowed = self.places.allow(&self.grants, action, place);
        allowed.then_some(()).ok_or(Denied::Role { action: action.name() })
    }

    /// Whether [`Self::require`] would let him.
    #[must_use]
    pub fn may(&self, action: Action, place: Option<&PlaceKey>) -> bool {
        self.require(action, place).is_ok()
    }

    /// What he may do anywhere at all, for menus; each resource asks again.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        let anywhere = |action: &Action| {
            self.grants.iter().any(|grant| self.may(*action, grant.place.as_ref()))
                || matches!(&self.via, Via::Token(token) if read_place(&token.place)
                    .is_some_and(|place| self.may(*action, place.as_ref())))
        };
        Action::ALL.into_iter().filter(anywhere).collect()
    }

    /// Asks for a change to an account with the roles `others`: nobody changes one who reaches further.
    ///
    /// # Errors
    /// Why he may not.
    pub fn require_managing(&self, others: &[Grant]) -> Result<(), Denied> {
        self.session()?;
        if self.must_change {
            return Err(Denied::MustChange);
        }
        let allowed = self.places.may_manage(&self.grants, others);
        allowed.then_some(()).ok_or(Denied::Role { action: Action::ManageAccounts.name() })
    }

    /// Asks that the password was typed a short while ago: for emergencies, accounts, tokens.
    ///
    /// # Errors
    /// When it was not.
    pub fn require_confirmed(&self, now: UtcMs) -> Result<(), Denied> {
        is_confirmed(self.session()?, now).then_some(()).ok_or(Denied::Confirm)
    }

    /// The session of a person.
    ///
    /// # Errors
    /// For a token.
    pub fn session(&self) -> Result<&Session, Denied> {
        match &self.via {
            Via::Session(session) => Ok(session),
            Via::Token(_) => Err(Denied::NotForTokens),
        }
    }

    /// The hash of his session; that of nobody for a token.
    #[must_use]
    pub fn session_hash(&self) -> Hash {
        self.session().map_or(NOBODY, |session| session.hash)
    }
}

impl Accounts {
    /// Who has this session, if it goes on.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn by_session(&self, secret: &Secret, now: UtcMs) -> Result<Option<Caller>, AccountError> {
        let Some(session) = self.store().session(secret.hash()).await? else { return Ok(None) };
        if !self.rules().is_alive(&session, now) {
            return Ok(None);
        }
        if self.rules().is_worth_noting(&session, now) {
            self.store().see_session(session.hash, now).await?;
        }
        let account = session.account.clone();
        self.caller(&account, Via::Session(session)).await
    }

    /// Whose token this is, if it is in force.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn by_token(&self, text: &str, now: UtcMs) -> Result<Option<Caller>, AccountError> {
        let Some(token) = self.token(text, now).await? else { return Ok(None) };
        let account = token.account.clone();
        self.caller(&account, Via::Token(token)).await
    }

    async fn caller(&self, name: &str, via: Via) -> Result<Option<Caller>, AccountError> {
        let Some(account) = self.store().account(name).await?.filter(|account| !account.is_disabled) else {
            return Ok(None);
        };
        let (grants, places) = (self.grants(name).await?, self.places().await?);
        // Whoever comes from a provider of identities has no password here to change.
        let is_provided = matches!(&via, Via::Session(session) if session.is_provided);
        let must_change = account.once_until.is_some() && !is_provided;
        Ok(Some(Caller { account: account.name, display: account.display, grants, via, must_change, places }))
    }
}
