//! What is answered when something is not done: problem+json (RFC 9457) in the language of the browser.
//!
//! It decides the status and the message of each fault; the words are in the catalogue (`accounts.*.ftl`). The language is
//! known to the guard, which writes the body.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use loa_domain::time::UtcMs;
use loa_host::text::Words;
use serde_json::json;

use crate::accounts::password::{LEAST_CHARACTERS, MOST_CHARACTERS, Weak};
use crate::accounts::provider::ProviderError;
use crate::accounts::{AccountError, Denied};
use crate::store::StoreError;

/// A fault: a stable name, and what it needs to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: u16,
    /// Its stable name: `urn:loa:problem:<name>`, and `problem-<name>` in the catalogue.
    pub name: &'static str,
    /// Variables of the message.
    pub values: Vec<(&'static str, String)>,
    /// When it makes sense to ask again, in seconds.
    pub retry_s: Option<i64>,
}

impl Problem {
    /// A fault without variables.
    #[must_use]
    pub const fn new(status: u16, name: &'static str) -> Self {
        Self { status, name, values: Vec::new(), retry_s: None }
    }

    /// With a variable of its message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Not now: from `until` on.
    #[must_use]
    pub fn wait(until: UtcMs, now: UtcMs) -> Self {
        let seconds = (until.0 - now.0).max(1).unsigned_abs().div_ceil(1_000).cast_signed();
        let problem = Self::new(429, "wait").with("seconds", seconds.to_string());
        Self { retry_s: Some(seconds), ..problem }
    }

    /// A fault of accounts.
    #[must_use]
    pub fn of(error: AccountError, now: UtcMs) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Key(error) => inner(&error),
            AccountError::Busy => Self { retry_s: Some(1), ..Self::new(503, "busy") },
            AccountError::Name { .. } => Self::new(422, "name"),
            AccountError::Exists { name } => Self::new(409, "exists").with("name", name),
            AccountError::Unknown { name } => Self::new(404, "unknown").with("name", name),
            AccountError::Weak(Weak::Short) => Self::new(422, "short").with("least", LEAST_CHARACTERS.to_string()),
            AccountError::Weak(Weak::Long) => Self::new(422, "long").with("most", MOST_CHARACTERS.to_string()),
            AccountError::Weak(Weak::Guessed) => Self::new(422, "guessed"),
            AccountError::Weak(Weak::Same) => Self::new(422, "same"),
            AccountError::Wrong => Self::new(403, "wrong-password"),
            AccountError::Wait { until } => Self::wait(until, now),
            AccountError::NotForTokens { action } => Self::new(422, "token-action").with("action", action),
            AccountError::Days { days } => Self::new(422, "token-days").with("days", days.to_string()),
            AccountError::Subject { .. } => Self::new(422, "subject"),
            AccountError::NoToken { .. } => Self::new(404, "nowhere"),
        }
    }

    /// A fault of a provider of identities. What it said goes to the desk's log, not to the browser.
    #[must_use]
    pub fn of_provider(error: &ProviderError) -> Self {
        tracing::warn!(%error, "nobody was let in by the provider of identities");
        match error {
            ProviderError::Busy => Self { retry_s: Some(1), ..Self::new(503, "busy") },
            ProviderError::Unbelieved(_) => Self::new(403, "provider-unbelieved"),
            ProviderError::Away(_) => Self::new(502, "provider-away"),
            other => inner(other),
        }
    }

    /// The answer in these words.
    #[must_use]
    pub fn told(&self, words: &Words) -> Response {
        let values: Vec<(&str, &str)> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({
            "type": format!("urn:loa:problem:{}", self.name),
            "title": words.with(&format!("problem-{}", self.name), &values),
            "status": self.status,
        });
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn inner(error: &dyn std::fmt::Display) -> Problem {
    // Told to who runs the desk; who asked learns that it is not his fault.
    tracing::error!(%error, "a request could not be answered");
    Problem::new(500, "desk")
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        inner(&error)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Role { action } => Self::new(403, "role").with("action", action),
            Denied::Scope { action } => Self::new(403, "scope").with("action", action),
            Denied::MustChange => Self::new(403, "must-change"),
            Denied::Confirm => Self::new(403, "confirm"),
            Denied::NotForTokens => Self::new(403, "not-for-tokens"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

/// There is nothing at this address.
pub async fn nowhere() -> Problem {
    Problem::new(404, "nowhere")
}

/// There is something, and it is not asked for in this way.
pub async fn other_method() -> Problem {
    Problem::new(405, "method")
}
