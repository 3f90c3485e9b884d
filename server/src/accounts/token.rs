//! Tokens: how a program is known. Shown once, hashed in the store, narrower than the account that made it.
//!
//! A token may do what its own list says and its account may do, at its own place; no token makes accounts or tokens.
//! Next: `people.rs`.

use loa_domain::time::UtcMs;

use super::role::{Action, kept_place};
use super::session::Secret;
use super::state::{AccountError, Accounts, act};
use crate::store::Token;
use crate::text::composed;
use crate::timetable::model::PlaceKey;

/// What every token begins with, so that one that leaked is found.
pub const PREFIX: &str = "loa_";
/// Longest life of a token, in days.
pub const MOST_DAYS: i64 = 366;
/// That a token is used is written down no oftener, in milliseconds.
const NOTE_MS: i64 = 60_000;
const TITLE: usize = 80;

/// What a token is to be.
pub struct Wanted<'w> {
    /// What for.
    pub title: &'w str,
    /// What it may do.
    pub actions: &'w [Action],
    /// Where; none: wherever its account may.
    pub place: Option<&'w PlaceKey>,
    /// For how many days.
    pub days: i64,
}

impl Accounts {
    /// Makes a token for an account. Gives what it is called and its text, which is nowhere else.
    ///
    /// # Errors
    /// When it asks for what no token may have or for too long a life, or the store cannot be written.
    pub async fn make_token(
        &self,
        who: &str,
        account: &str,
        wanted: &Wanted<'_>,
        now: UtcMs,
    ) -> Result<(String, Secret), AccountError> {
        let unknown = || AccountError::Unknown { name: account.to_owned() };
        let name = self.store().account(account).await?.ok_or_else(unknown)?.name;
        if let Some(action) = wanted.actions.iter().find(|action| !action.is_for_tokens()) {
            return Err(AccountError::NotForTokens { action: action.name() });
        }
        if !(1..=MOST_DAYS).contains(&wanted.days) {
            return Err(AccountError::Days { days: wanted.days });
        }
        let secret = Secret::random()?;
        let actions: Vec<&str> = wanted.actions.iter().map(|action| action.name()).collect();
        let token = Token {
            hash: secret.hash(),
            id: super::session::handle(secret.hash()),
            account: name,
            title: composed(wanted.title).chars().filter(|sign| !sign.is_control()).take(TITLE).collect(),
            actions: actions.join(" "),
            place: kept_place(wanted.place),
            made: now,
            ends: now.plus_ms(wanted.days * 86_400_000),
            used: None,
            revoked: None,
        };
        let detail = format!("{} {}: {}, {} d", token.id, token.place, token.actions, wanted.days);
        self.store().add_token(&token, &act(now, who, "token-new", &token.account, detail)).await?;
        Ok((token.id, secret))
    }

    /// The token of a text that a program sent, if it is in force; notes that it is used.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn token(&self, text: &str, now: UtcMs) -> Result<Option<Token>, AccountError> {
        let Some(secret) = text.strip_prefix(PREFIX).and_then(Secret::read) else { return Ok(None) };
        let Some(token) = self.store().token(secret.hash()).await? else { return Ok(None) };
        if token.revoked.is_some() || now >= token.ends || now < token.made {
            return Ok(None);
        }
        if token.used.is_none_or(|used| now.0 - used.0 >= NOTE_MS) {
            let first = act(now, &token.account, "token-first-use", &token.account, token.id.as_str());
            self.store().use_token(token.hash, now, &first).await?;
        }
        Ok(Some(token))
    }

    /// Takes a token back.
    ///
    /// # Errors
    /// When there is none such in force, or the store cannot be written.
    pub async fn revoke_token(&self, who: &str, id: &str, now: UtcMs) -> Result<(), AccountError> {
        let told = act(now, who, "token-revoke", id, "");
        let revoked = self.store().revoke_token(id, now, &told).await?;
        revoked.then_some(()).ok_or_else(|| AccountError::NoToken { id: id.to_owned() })
    }
}
