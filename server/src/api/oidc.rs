//! Logging in at a provider of identities, where the desk has one.
//!
//! `GET /api/oidc` (what it is called), `GET /api/oidc/begin` (sends the browser there; `?again=true` where the password is
//! to be asked for anew) and `GET /api/oidc/back` (where it comes back). What is believed is `accounts/provider.rs`.

use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::{DEVICE, SESSION, cookie, cookie_text};
use super::guard::Source;
use super::problem::Problem;
use super::session::set;
use crate::accounts::login::Browser;
use crate::accounts::provider::{BACK, Errand, Provider};
use crate::accounts::session::DEVICE_MS;

/// The cookie of an errand to the provider.
const ERRAND: &str = "__Host-loa-oidc";
/// How long somebody may be at the provider's, in seconds.
const ERRAND_S: i64 = 600;
/// Where a browser goes that is in.
const HOME: &str = "/";

/// The routes.
pub fn routes() -> Router<Api> {
    Router::new().route("/api/oidc", get(which)).route("/api/oidc/begin", get(begin)).route(BACK, get(back))
}

#[derive(Serialize)]
struct Which {
    title: String,
}

fn provider(api: &Api) -> Result<&Provider, Problem> {
    api.provider().ok_or(Problem::new(404, "no-provider"))
}

async fn which(State(api): State<Api>) -> Result<Json<Which>, Problem> {
    Ok(Json(Which { title: provider(&api)?.settings().title.clone() }))
}

#[derive(Deserialize)]
struct How {
    #[serde(default)]
    again: bool,
}

fn sent_to(address: &str) -> Result<Response, Problem> {
    let location = HeaderValue::from_str(address).map_err(|_| Problem::new(502, "provider-away"))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

async fn begin(State(api): State<Api>, Query(how): Query<How>) -> Result<Response, Problem> {
    let begun = provider(&api)?.begin(how.again, api.now()).await;
    let (address, errand) = begun.map_err(|error| Problem::of_provider(&error))?;
    let mut response = sent_to(&address)?;
    set(&mut response, ERRAND, &errand.text(), Some(ERRAND_S));
    Ok(response)
}

/// What the provider adds to the address. What it says beside is not looked at.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: String,
}

async fn back(
    State(api): State<Api>,
    Extension(Source(source)): Extension<Source>,
    headers: HeaderMap,
    Query(said): Query<Said>,
) -> Result<Response, Problem> {
    let (provider, now) = (provider(&api)?, api.now());
    let errand = cookie_text(&headers, ERRAND).and_then(Errand::read);
    // Nobody is let in by an answer to another browser's question.
    let Some(errand) = errand.filter(|errand| errand.is(&said.state)) else {
        return Err(Problem::new(403, "provider-stranger"));
    };
    let Some(code) = said.code else { return Err(Problem::new(403, "provider-refused")) };
    let vouched = provider.finish(code, &errand, now).await.map_err(|error| Problem::of_provider(&error))?;
    let browser = Browser {
        device: cookie(&headers, DEVICE),
        session: cookie(&headers, SESSION),
        source,
        agent: headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
    };
    let issuer = &provider.settings().issuer;
    let entry = api.accounts().let_in_vouched(issuer, &vouched, browser, now).await;
    let Some(entry) = entry.map_err(|error| Problem::of(error, now))? else {
        return Err(Problem::new(403, "provider-unknown").with("subject", vouched.subject));
    };
    let mut response = sent_to(HOME)?;
    set(&mut response, SESSION, entry.session.text(), None);
    set(&mut response, DEVICE, entry.device.text(), Some(DEVICE_MS / 1_000));
    set(&mut response, ERRAND, "", Some(0));
    Ok(response)
}
