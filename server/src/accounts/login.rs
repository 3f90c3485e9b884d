//! Logging in and out: from what was typed to a session, and back.
//!
//! A name that nobody has, a wrong password, a disabled account and a one-time password that has ended cost the same work
//! and get the same answer. Every login makes a new session and ends the one the browser had before. Next: `caller.rs`.

use std::net::IpAddr;

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::password::{Password, is_behind};
use super::people;
use super::provider::Vouched;
use super::session::{DEVICE_MS, MOST_DEVICES, MOST_SESSIONS, Secret, agent, handle};
use super::state::{AccountError, Accounts, act};
use super::throttle::{Origin, Verdict};
use super::work::Lane;
use crate::store::{Account, Login, Session};

/// What somebody sent to log in.
pub struct Attempt<'a> {
    /// The name as it was typed.
    pub name: &'a str,
    /// The password.
    pub password: Password,
    /// The code of a second factor.
    pub code: Option<&'a str>,
    /// The device's secret, if it has one.
    pub device: Option<Secret>,
    /// The session that the browser has now: it ends.
    pub session: Option<Secret>,
    /// Where it came from.
    pub source: IpAddr,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// A browser that comes back from a provider of identities.
pub struct Browser<'a> {
    /// The device's secret, if it is known with this desk.
    pub device: Option<Secret>,
    /// The session that it has now: it ends.
    pub session: Option<Secret>,
    /// Where it came from.
    pub source: IpAddr,
    /// What it calls itself.
    pub agent: &'a str,
}

/// What came of it.
pub enum Entered {
    /// In.
    In(Box<Entry>),
    /// Name or password is not right, or nobody may log in with it.
    Wrong,
    /// The password is right; a code is needed too.
    CodeNeeded,
    /// The password is right, the code is not.
    CodeWrong,
    /// Not now.
    Wait(UtcMs),
    /// Too many passwords are being looked at.
    Busy,
}

/// What the browser gets.
pub struct Entry {
    /// The session's id.
    pub session: Secret,
    /// The device's secret.
    pub device: Secret,
    /// The account.
    pub account: String,
    /// A one-time password was used: it must be changed before anything else.
    pub must_change: bool,
}

impl Accounts {
    /// Tries to log in.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn log_in(&self, attempt: Attempt<'_>, now: UtcMs) -> Result<Entered, AccountError> {
        let typed = people::name(attempt.name);
        // What is no name is nobody's: it takes the same way.
        let name = typed.unwrap_or_else(|| attempt.name.trim().to_lowercase());
        let device = attempt.device.as_ref().map_or(Hash::ZERO, Secret::hash);
        let known = self.store().knows_device(&name, device, now.plus_ms(-DEVICE_MS)).await?;
        let origin = if known { Origin::Known(device) } else { Origin::of(attempt.source) };
        let verdict = self.throttle().ask(&name, origin, now);
        if let Verdict::Wait(until) = verdict {
            return Ok(Entered::Wait(until));
        }
        let account = self.store().account(&name).await?;
        let open = account.as_ref().filter(|account| is_open(account, now));
        let lane = if known { Lane::Known } else { Lane::Stranger };
        let right = self.work().is(&attempt.password, open.map(|account| account.password), lane).await;
        match (right, open) {
            (Err(_), _) => {
                self.throttle().returned(&name, origin);
                Ok(Entered::Busy)
            }
            (Ok(true), Some(account)) => self.second_step(attempt, account, origin, now).await,
            (Ok(_), _) => {
                self.note_failure(account.as_ref().map(|account| account.name.as_str()), now).await?;
                Ok(Entered::Wrong)
            }
        }
    }

    /// The password is right.
    async fn second_step(
        &self,
        attempt: Attempt<'_>,
        account: &Account,
        origin: Origin,
        now: UtcMs,
    ) -> Result<Entered, AccountError> {
        if let Some(second) = account.second.filter(|second| second.is_confirmed) {
            let Some(code) = attempt.code.filter(|code| !code.trim().is_empty()) else {
                self.throttle().returned(&account.name, origin);
                return Ok(Entered::CodeNeeded);
            };
            let step = self.codes().step(&account.name, second.nonce, code, now);
            let fresh = match step {
                Some(step) => self.store().use_code(&account.name, step).await?,
                None => false,
            };
            if !fresh {
                self.note_failure(Some(&account.name), now).await?;
                return Ok(Entered::CodeWrong);
            }
        }
        self.throttle().passed(&account.name, origin);
        self.let_in(attempt, account, origin, now).await
    }

    async fn let_in(
        &self,
        attempt: Attempt<'_>,
        account: &Account,
        origin: Origin,
        now: UtcMs,
    ) -> Result<Entered, AccountError> {
        let known = matches!(origin, Origin::Known(_));
        let device = match attempt.device {
            // One that is not known was made up elsewhere, or belongs to another account: it gets a new one.
            Some(device) if known => device,
            _ => Secret::random()?,
        };
        let secret = Secret::random()?;
        let session = Session {
            hash: secret.hash(),
            account: account.name.clone(),
            made: now,
            seen: now,
            ends: now.plus_ms(self.rules().life_ms),
            confirmed: now,
            agent: agent(attempt.agent),
            source: attempt.source.to_string(),
            is_provided: false,
        };
        let login = Login {
            password: account.password.hash,
            session: &session,
            before: attempt.session.map(|session| session.hash()),
            device: device.hash(),
            most_sessions: MOST_SESSIONS,
            most_devices: MOST_DEVICES,
        };
        let detail = if known { "" } else { "new device" };
        let acts = [act(now, &account.name, "login", &account.name, detail)];
        if !self.store().log_in(&login, &acts).await? {
            return Ok(Entered::Wrong);
        }
        if is_behind(&account.password, self.work().hardness())
            && let Ok(stretched) = self.work().stretch(&attempt.password).await
        {
            self.store().restretch(&account.name, account.password.hash, stretched?).await?;
        }
        let must_change = account.once_until.is_some();
        Ok(Entered::In(Box::new(Entry { session: secret, device, account: account.name.clone(), must_change })))
    }

    /// Lets in whom a provider of identities vouches for, if an admin linked him to an account. None where nobody did.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub async fn let_in_vouched(
        &self,
        issuer: &str,
        vouched: &Vouched,
        browser: Browser<'_>,
        now: UtcMs,
    ) -> Result<Option<Entry>, AccountError> {
        let linked = self.store().linked(issuer, &vouched.subject).await?;
        let Some(account) = linked.filter(|account| !account.is_disabled) else { return Ok(None) };
        let (session, device) = (Secret::random()?, browser.device.map_or_else(Secret::random, Ok)?);
        let kept = Session {
            hash: session.hash(),
            account: account.name.clone(),
            made: now,
            seen: now,
            ends: now.plus_ms(self.rules().life_ms),
            // What the provider does not say was long ago.
            confirmed: vouched.proved.unwrap_or(UtcMs(0)),
            agent: agent(browser.agent),
            source: browser.source.to_string(),
            is_provided: true,
        };
        let login = Login {
            password: account.password.hash,
            session: &kept,
            before: browser.session.map(|session| session.hash()),
            device: device.hash(),
            most_sessions: MOST_SESSIONS,
            most_devices: MOST_DEVICES,
        };
        let acts = [act(now, &account.name, "login", &account.name, format!("by {issuer}"))];
        let is_in = self.store().log_in(&login, &acts).await?;
        Ok(is_in.then_some(Entry { session, device, account: account.name, must_change: false }))
    }

    /// Ends a session by the browser's own wish.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn log_out(&self, account: &str, session: Hash, now: UtcMs) -> Result<(), AccountError> {
        let acts = [act(now, account, "logout", account, "")];
        self.store().end_session(account, session, &acts).await?;
        Ok(())
    }

    /// Types the password again within a session, for what asks for that: gives the session's new id.
    ///
    /// # Errors
    /// When the password is not right, or tries come too fast.
    pub async fn confirm(
        &self,
        account: &str,
        session: Hash,
        typed: &Password,
        now: UtcMs,
    ) -> Result<Secret, AccountError> {
        let unknown = || AccountError::Unknown { name: account.to_owned() };
        let kept = self.store().account(account).await?.ok_or_else(unknown)?;
        self.check(&kept, session, typed, now).await?;
        let new = Secret::random()?;
        if self.store().renew_session(session, new.hash(), now).await? { Ok(new) } else { Err(AccountError::Wrong) }
    }

    /// Ends one session of an account, by what it is called in lists. `false` when there is none such.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_session(&self, who: &str, account: &str, called: &str, now: UtcMs) -> Result<bool, AccountError> {
        let sessions = self.store().sessions(account).await?;
        let Some(found) = sessions.iter().find(|session| handle(session.hash) == called) else { return Ok(false) };
        let acts = [act(now, who, "session-end", account, called)];
        Ok(self.store().end_session(account, found.hash, &acts).await?)
    }

    /// Ends all sessions of an account but one; gives how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_other_sessions(
        &self,
        who: &str,
        account: &str,
        keep: Option<Hash>,
        now: UtcMs,
    ) -> Result<u64, AccountError> {
        let told = act(now, who, "session-end", account, "all others");
        Ok(self.store().end_sessions(account, keep, &told).await?)
    }
}

/// Whether anybody may log in with it.
fn is_open(account: &Account, now: UtcMs) -> bool {
    !account.is_disabled && account.once_until.is_none_or(|until| now < until)
}
