//! The desk over HTTP: its routes under `/api`, one resource per file.
//!
//! In reading order: `guard` (what every request passes first), `problem` (what is answered when something is not done),
//! `caller` (who asks), `session` (logging in and out), `accounts`, `tokens`, `second` (the second factor),
//! `oidc` (logging in elsewhere). A resource takes a `Caller` and asks it with `require`; what
//! does not ask is for everybody, and that is logging in and out
//! alone, here or at the provider (tested).

pub(crate) mod accounts;
pub(crate) mod caller;
pub(crate) mod guard;
pub(crate) mod oidc;
pub(crate) mod problem;
pub(crate) mod second;
pub(crate) mod session;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_accounts;
#[cfg(test)]
mod tests_oidc;
pub(crate) mod tokens;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::text::{Language, Words};

use crate::accounts::Accounts;
use crate::accounts::provider::Provider;

/// What every route has.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    accounts: Accounts,
    clock: Clock,
    hosts: Vec<String>,
    proxy: Option<IpAddr>,
    provider: Option<Provider>,
    vietnamese: Words,
    english: Words,
}

impl Api {
    /// Routes over these accounts. `hosts`: names under which browsers reach the desk, without a port; `proxy`: the
    /// address whose `X-Forwarded-For` is believed; `provider`: where else people may log in.
    #[must_use]
    pub fn new(
        accounts: Accounts,
        clock: Clock,
        hosts: Vec<String>,
        proxy: Option<IpAddr>,
        provider: Option<Provider>,
    ) -> Self {
        let hosts = hosts.into_iter().map(|host| host.to_lowercase()).collect();
        let (vietnamese, english) = (Words::new(Language::Vietnamese), Words::new(Language::English));
        Self(Arc::new(Inner { accounts, clock, hosts, proxy, provider, vietnamese, english }))
    }

    /// Where else people may log in.
    pub(crate) fn provider(&self) -> Option<&Provider> {
        self.0.provider.as_ref()
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// The time; read once for each request.
    #[must_use]
    pub fn now(&self) -> UtcMs {
        UtcMs(self.0.clock.now().utc_ns / 1_000_000)
    }

    /// The words of a language.
    #[must_use]
    pub fn words(&self, language: Language) -> &Words {
        match language {
            Language::Vietnamese => &self.0.vietnamese,
            Language::English => &self.0.english,
        }
    }

    pub(crate) fn hosts(&self) -> &[String] {
        &self.0.hosts
    }

    pub(crate) fn proxy(&self) -> Option<IpAddr> {
        self.0.proxy
    }

    /// All routes, behind the guard.
    pub fn routes(self) -> Router {
        let resources = Router::new().merge(session::routes()).merge(accounts::routes()).merge(tokens::routes());
        let resources = resources
            .merge(second::routes())
            .merge(oidc::routes())
            .fallback(problem::nowhere)
            .method_not_allowed_fallback(problem::other_method);
        resources.layer(from_fn_with_state(self.clone(), guard::guard)).with_state(self)
    }
}
