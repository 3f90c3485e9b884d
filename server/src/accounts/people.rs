//! Making accounts, giving and taking roles, passwords and second factors; each with its entry in the log.
//!
//! Whether whoever asks may do so was decided before (`caller.rs`), or he sits at the desk's machine. New accounts and
//! those that are reset get a one-time password, shown once to whoever asked. Next: `login.rs`.

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use loa_host::keyfile;

use super::password::{Password, Weak};
use super::provider::SUBJECT;
use super::role::{Grant, Role};
use super::state::{AccountError, Accounts, act};
use super::throttle::{Origin, Verdict};
use super::work::Lane;
use crate::store::{Account, AccountChange, Keeping, SecondFactor};
use crate::stretch::Zeroizing;
use crate::text::composed;

/// How long a one-time password is good, in milliseconds: three days.
pub const ONCE_MS: i64 = 3 * 86_400_000;
/// Longest name for people, in characters.
const DISPLAY: usize = 80;

/// The name of an account as it was meant: capitals and spaces around it do not count. None for what is no name.
#[must_use]
pub fn name(typed: &str) -> Option<String> {
    let name = typed.trim().to_lowercase();
    let good = |sign: u8| matches!(sign, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    let sound = (2..=40).contains(&name.len()) && name.bytes().all(good);
    (sound && name.starts_with(|sign: char| sign.is_ascii_alphanumeric())).then_some(name)
}

fn display(typed: &str, name: &str) -> String {
    let text: String = composed(typed).trim().chars().filter(|sign| !sign.is_control()).take(DISPLAY).collect();
    if text.is_empty() { name.to_owned() } else { text }
}

/// A role as the log tells it.
fn told(grant: &Grant) -> String {
    match &grant.place {
        None => grant.role.name().to_owned(),
        Some(place) => format!("{} {place}", grant.role.name()),
    }
}

impl Accounts {
    /// Makes an account with its roles. Gives the one-time password.
    ///
    /// # Errors
    /// When the name is no name or taken, or the store cannot be written.
    pub async fn make(
        &self,
        who: &str,
        typed: &str,
        shown: &str,
        grants: &[Grant],
        now: UtcMs,
    ) -> Result<Password, AccountError> {
        let name = name(typed).ok_or_else(|| AccountError::Name { name: typed.to_owned() })?;
        let once = Password::random()?;
        let account = Account {
            display: display(shown, &name),
            password: self.work().stretch(&once).await??,
            once_until: Some(now.plus_ms(ONCE_MS)),
            second: None,
            is_disabled: false,
            made: now,
            last_login: None,
            name,
        };
        let mut acts = vec![act(now, who, "account-new", &account.name, account.display.as_str())];
        acts.extend(grants.iter().map(|grant| act(now, who, "role-give", &account.name, told(grant))));
        let kept: Vec<_> = grants.iter().map(Grant::kept).collect();
        match self.store().add_account(&account, &kept, &acts).await? {
            true => Ok(once),
            false => Err(AccountError::Exists { name: account.name }),
        }
    }

    async fn known(&self, typed: &str) -> Result<Account, AccountError> {
        let found = match name(typed) {
            Some(name) => self.store().account(&name).await?,
            None => None,
        };
        found.ok_or_else(|| AccountError::Unknown { name: typed.to_owned() })
    }

    /// Gives an account a role, or takes it. Who is logged in with it has to log in again. `false` when nothing changed.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn change_role(
        &self,
        who: &str,
        account: &str,
        grant: &Grant,
        given: bool,
        now: UtcMs,
    ) -> Result<bool, AccountError> {
        let account = self.known(account).await?;
        let what = if given { "role-give" } else { "role-take" };
        let acts = [act(now, who, what, &account.name, told(grant))];
        Ok(self.store().change_role(&account.name, &grant.kept(), given, &acts).await?)
    }

    /// Disables an account, or enables it again. Disabled, nobody is or comes in with it, and its tokens count for nothing.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn disable(&self, who: &str, account: &str, disabled: bool, now: UtcMs) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        let acts = [act(now, who, if disabled { "account-disable" } else { "account-enable" }, &account.name, "")];
        let ends = disabled.then_some(Keeping(None));
        self.store().change_account(&account.name, &AccountChange::Disabled(disabled), ends, &acts).await?;
        Ok(())
    }

    /// Gives an account another name for people.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn rename(&self, who: &str, account: &str, shown: &str, now: UtcMs) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        let shown = display(shown, &account.name);
        let acts = [act(now, who, "account-rename", &account.name, shown.as_str())];
        self.store().change_account(&account.name, &AccountChange::Display(shown), None, &acts).await?;
        Ok(())
    }

    /// Gives an account a one-time password in place of its own; all its sessions and tokens end, no device is known any
    /// more.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn reset(&self, who: &str, account: &str, now: UtcMs) -> Result<Password, AccountError> {
        let account = self.known(account).await?;
        let once = Password::random()?;
        let stretched = self.work().stretch(&once).await??;
        let change = AccountChange::Once { password: stretched, until: now.plus_ms(ONCE_MS), now };
        let acts = [act(now, who, "password-reset", &account.name, "")];
        self.store().change_account(&account.name, &change, Some(Keeping(None)), &acts).await?;
        Ok(once)
    }

    /// Changes a password by who knows the old one; all sessions but `session` end.
    ///
    /// # Errors
    /// When the old one is another, the new one is refused, or tries come too fast.
    pub async fn change_password(
        &self,
        account: &str,
        session: Hash,
        old: &Password,
        new: &Password,
        now: UtcMs,
    ) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        new.judge(&account.name, &account.display)?;
        self.check(&account, session, old, now).await?;
        if new == old {
            return Err(Weak::Same.into());
        }
        let change = AccountChange::Password(self.work().stretch(new).await??);
        let acts = [act(now, &account.name, "password-change", &account.name, "")];
        self.store().change_account(&account.name, &change, Some(Keeping(Some(session))), &acts).await?;
        Ok(())
    }

    /// Whether a password typed in a session is right. Whoever has a stolen session guesses no faster than a stranger.
    pub(super) async fn check(
        &self,
        account: &Account,
        session: Hash,
        typed: &Password,
        now: UtcMs,
    ) -> Result<(), AccountError> {
        let origin = Origin::Known(session);
        if let Verdict::Wait(until) = self.throttle().ask(&account.name, origin, now) {
            return Err(AccountError::Wait { until });
        }
        match self.work().is(typed, Some(account.password), Lane::Known).await {
            Ok(true) => {
                self.throttle().passed(&account.name, origin);
                Ok(())
            }
            Ok(false) => {
                self.note_failure(Some(&account.name), now).await?;
                Err(AccountError::Wrong)
            }
            Err(busy) => {
                self.throttle().returned(&account.name, origin);
                Err(busy.into())
            }
        }
    }

    /// Notes a failure, where it is worth a line in the log.
    pub(super) async fn note_failure(&self, account: Option<&str>, now: UtcMs) -> Result<(), AccountError> {
        let told = self.bursts().failed(account, now);
        if let Some(failures) = told {
            let (subject, detail) = (account.unwrap_or("?"), format!("{failures} within an hour"));
            self.store().append_act(&act(now, "desk", "login-refused", subject, detail)).await?;
        }
        Ok(())
    }

    /// Begins a second factor: gives the address for the authenticator app. It counts once a first code was right.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn begin_second(&self, account: &str) -> Result<Zeroizing<String>, AccountError> {
        let account = self.known(account).await?;
        let nonce = Hash(keyfile::random()?);
        if account.second.is_some_and(|second| second.is_confirmed) {
            // What is in force is taken away first, so that nobody replaces another's.
            return Err(AccountError::Exists { name: account.name });
        }
        let second = SecondFactor { nonce, is_confirmed: false, step: 0 };
        self.store().change_account(&account.name, &AccountChange::Second(Some(second)), None, &[]).await?;
        Ok(self.codes().address(&account.name, nonce))
    }

    /// Puts a second factor in force, with a first code; all sessions but `keep` end.
    ///
    /// # Errors
    /// When none was begun, or the code is not right.
    pub async fn confirm_second(
        &self,
        who: &str,
        account: &str,
        code: &str,
        keep: Option<Hash>,
        now: UtcMs,
    ) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        let begun = account.second.ok_or(AccountError::Wrong)?;
        let step = self.codes().step(&account.name, begun.nonce, code, now).ok_or(AccountError::Wrong)?;
        let second = SecondFactor { is_confirmed: true, step, ..begun };
        let acts = [act(now, who, "second-factor-on", &account.name, "")];
        let ends = Some(Keeping(keep));
        self.store().change_account(&account.name, &AccountChange::Second(Some(second)), ends, &acts).await?;
        Ok(())
    }

    /// Takes a second factor away; all sessions but `keep` end.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn end_second(
        &self,
        who: &str,
        account: &str,
        keep: Option<Hash>,
        now: UtcMs,
    ) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        let acts = [act(now, who, "second-factor-off", &account.name, "")];
        self.store().change_account(&account.name, &AccountChange::Second(None), Some(Keeping(keep)), &acts).await?;
        Ok(())
    }

    /// Takes one's own second factor away, with a code of it. Codes are guessed no faster than passwords.
    ///
    /// # Errors
    /// When there is none in force, the code is not right or was used, or tries come too fast.
    pub async fn give_up_second(
        &self,
        account: &str,
        session: Hash,
        code: &str,
        now: UtcMs,
    ) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        let second = account.second.filter(|second| second.is_confirmed).ok_or(AccountError::Wrong)?;
        let origin = Origin::Known(session);
        if let Verdict::Wait(until) = self.throttle().ask(&account.name, origin, now) {
            return Err(AccountError::Wait { until });
        }
        let is_fresh = match self.codes().step(&account.name, second.nonce, code, now) {
            Some(step) => self.store().use_code(&account.name, step).await?,
            None => false,
        };
        if !is_fresh {
            self.note_failure(Some(&account.name), now).await?;
            return Err(AccountError::Wrong);
        }
        self.throttle().passed(&account.name, origin);
        self.end_second(&account.name, &account.name, Some(session), now).await
    }

    /// Links a provider's name for somebody to an account: whoever it vouches for by that name comes in with it.
    ///
    /// # Errors
    /// When there is no such account, the name is none or linked already, or the store cannot be written.
    pub async fn link(
        &self,
        who: &str,
        account: &str,
        issuer: &str,
        subject: &str,
        now: UtcMs,
    ) -> Result<(), AccountError> {
        let account = self.known(account).await?;
        let subject = subject.trim();
        if subject.is_empty() || subject.chars().count() > SUBJECT || subject.chars().any(char::is_control) {
            return Err(AccountError::Subject { subject: subject.to_owned() });
        }
        let told = act(now, who, "account-link", &account.name, format!("{subject} of {issuer}"));
        let linked = self.store().link(&account.name, issuer, subject, &told).await?;
        linked.then_some(()).ok_or_else(|| AccountError::Exists { name: subject.to_owned() })
    }

    /// Takes every link of an account away. `false` when it has none.
    ///
    /// # Errors
    /// When there is no such account, or the store cannot be written.
    pub async fn unlink(&self, who: &str, account: &str, now: UtcMs) -> Result<bool, AccountError> {
        let account = self.known(account).await?;
        Ok(self.store().unlink(&account.name, &act(now, who, "account-unlink", &account.name, "")).await?)
    }

    /// Whether there is an account that may make others, so that the first one need not be asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_admin(&self) -> Result<bool, AccountError> {
        for account in self.store().accounts().await?.iter().filter(|account| !account.is_disabled) {
            let grants = self.grants(&account.name).await?;
            if grants.iter().any(|grant| grant.role == Role::Admin && grant.place.is_none()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
