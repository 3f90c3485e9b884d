//! Who asks: the account behind a request's cookie or token, as an argument of a route.
//!
//! A request with a token is that of a program, whatever cookies it has. What he may is asked of the `Caller` itself.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;

use super::Api;
use super::problem::Problem;
use crate::accounts::Caller;
use crate::accounts::session::Secret;

/// The cookie of a session. `__Host-`: the browser takes it from this host alone, over TLS, for every path.
pub const SESSION: &str = "__Host-loa";
/// The cookie of a device that has logged in before.
pub const DEVICE: &str = "__Host-loa-device";

/// The secret in a cookie, if there is just one of that name.
#[must_use]
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    Secret::read(cookie_text(headers, name)?)
}

/// The value of a cookie, if there is just one of that name.
#[must_use]
pub fn cookie_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
    let (first, second) = (found.next()?, found.next());
    // Two of a name: somebody put one beside ours.
    if second.is_some() { None } else { Some(first) }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let now = api.now();
        let failed = |error| Problem::of(error, now);
        let found = match parts.headers.get(AUTHORIZATION) {
            Some(value) => {
                let text = value.to_str().unwrap_or_default();
                let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
                match token {
                    Some((_, token)) => api.accounts().by_token(token.trim(), now).await.map_err(failed)?,
                    None => None,
                }
            }
            None => match cookie(&parts.headers, SESSION) {
                Some(secret) => api.accounts().by_session(&secret, now).await.map_err(failed)?,
                None => None,
            },
        };
        found.ok_or(Problem::new(401, "login"))
    }
}

impl OptionalFromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Option<Self>, Problem> {
        match <Self as FromRequestParts<Api>>::from_request_parts(parts, api).await {
            Ok(caller) => Ok(Some(caller)),
            Err(problem) if problem.status == 401 => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}
