//! Logging in and out, and one's own sessions and password.
//!
//! `POST /api/login`, `POST /api/logout`, `GET /api/session`, `POST /api/session/confirm`, `GET` and `DELETE
//! /api/sessions`, `DELETE /api/sessions/{id}`, `POST /api/password`.

use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderValue, SET_COOKIE, USER_AGENT};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::{DEVICE, SESSION, cookie};
use super::guard::Source;
use super::problem::Problem;
use crate::accounts::login::{Attempt, Entered};
use crate::accounts::password::Password;
use crate::accounts::role::kept_place;
use crate::accounts::session::{DEVICE_MS, Secret, handle, is_confirmed};
use crate::accounts::{Caller, Grant, Via};

/// Longest body: names and passwords are short.
const BODY: usize = 4_096;

/// The routes.
pub fn routes() -> Router<Api> {
    Router::new()
        .route("/api/login", post(log_in))
        .route("/api/logout", post(log_out))
        .route("/api/session", get(who))
        .route("/api/session/confirm", post(confirm))
        .route("/api/sessions", get(list).delete(end_others))
        .route("/api/sessions/{id}", delete(end))
        .route("/api/password", post(password))
        .layer(DefaultBodyLimit::max(BODY))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    name: String,
    password: String,
    #[serde(default)]
    code: Option<String>,
}

#[derive(Serialize)]
struct In {
    account: String,
    must_change: bool,
}

async fn log_in(
    State(api): State<Api>,
    Extension(Source(source)): Extension<Source>,
    headers: HeaderMap,
    Json(typed): Json<Typed>,
) -> Result<Response, Problem> {
    let now = api.now();
    let attempt = Attempt {
        name: &typed.name,
        password: Password::new(typed.password),
        code: typed.code.as_deref(),
        device: cookie(&headers, DEVICE),
        session: cookie(&headers, SESSION),
        source,
        agent: headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
    };
    let entered = api.accounts().log_in(attempt, now).await.map_err(|error| Problem::of(error, now))?;
    match entered {
        Entered::In(entry) => {
            let body = Json(In { account: entry.account, must_change: entry.must_change });
            let mut response = body.into_response();
            set(&mut response, SESSION, entry.session.text(), None);
            set(&mut response, DEVICE, entry.device.text(), Some(DEVICE_MS / 1_000));
            Ok(response)
        }
        Entered::Wrong => Err(Problem::new(401, "wrong")),
        Entered::CodeNeeded => Err(Problem::new(401, "code-needed")),
        Entered::CodeWrong => Err(Problem::new(401, "code-wrong")),
        Entered::Wait(until) => Err(Problem::wait(until, now)),
        Entered::Busy => Err(Problem { retry_s: Some(1), ..Problem::new(503, "busy") }),
    }
}

/// Sets a cookie, for so many seconds, or until the browser is closed.
pub(super) fn set(response: &mut Response, name: &str, value: &str, seconds: Option<i64>) {
    let life = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{life}");
    // Names, digits and our own words: always a header.
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

async fn log_out(State(api): State<Api>, caller: Option<Caller>) -> Result<Response, Problem> {
    let now = api.now();
    if let Some(caller) = &caller
        && let Via::Session(session) = &caller.via
    {
        let done = api.accounts().log_out(&caller.account, session.hash, now).await;
        done.map_err(|error| Problem::of(error, now))?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set(&mut response, SESSION, "", Some(0));
    Ok(response)
}

#[derive(Serialize)]
struct Who {
    account: String,
    display: String,
    must_change: bool,
    roles: Vec<Given>,
    actions: Vec<&'static str>,
    ends_ms: Option<i64>,
    idle_ms: Option<i64>,
    confirmed: bool,
}

/// A role as it is told.
#[derive(Serialize)]
pub(super) struct Given {
    role: &'static str,
    place: Option<String>,
}

impl Given {
    /// This role.
    pub(super) fn of(grant: &Grant) -> Self {
        Self { role: grant.role.name(), place: grant.place.as_ref().map(|place| kept_place(Some(place))) }
    }
}

async fn who(State(api): State<Api>, caller: Caller) -> Json<Who> {
    let session = caller.session().ok();
    Json(Who {
        roles: caller.grants.iter().map(Given::of).collect(),
        actions: caller.actions().into_iter().map(|action| action.name()).collect(),
        must_change: caller.must_change,
        ends_ms: session.map(|session| session.ends.0),
        idle_ms: session.map(|_| api.accounts().rules().idle_ms),
        confirmed: session.is_some_and(|session| is_confirmed(session, api.now())),
        account: caller.account.clone(),
        display: caller.display.clone(),
    })
}

#[derive(Serialize)]
struct Shown {
    id: String,
    made_ms: i64,
    seen_ms: i64,
    ends_ms: i64,
    agent: String,
    source: String,
    this: bool,
}

async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Vec<Shown>>, Problem> {
    let (this, now) = (caller.session()?.hash, api.now());
    let sessions = api.accounts().store().sessions(&caller.account).await?;
    let alive = sessions.into_iter().filter(|session| api.accounts().rules().is_alive(session, now));
    let shown = alive.map(|session| Shown {
        id: handle(session.hash),
        made_ms: session.made.0,
        seen_ms: session.seen.0,
        ends_ms: session.ends.0,
        this: session.hash == this,
        agent: session.agent,
        source: session.source,
    });
    Ok(Json(shown.collect()))
}

async fn end_others(State(api): State<Api>, caller: Caller) -> Result<StatusCode, Problem> {
    let (this, now) = (caller.session()?.hash, api.now());
    let ended = api.accounts().end_other_sessions(&caller.account, &caller.account, Some(this), now).await;
    ended.map_err(|error| Problem::of(error, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    caller.session()?;
    let now = api.now();
    let ended = api.accounts().end_session(&caller.account, &caller.account, &id, now).await;
    match ended.map_err(|error| Problem::of(error, now))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::new(404, "nowhere")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    password: String,
}

async fn confirm(State(api): State<Api>, caller: Caller, Json(again): Json<Again>) -> Result<Response, Problem> {
    let (session, now) = (caller.session()?.hash, api.now());
    let password = Password::new(again.password);
    let renewed: Result<Secret, _> = api.accounts().confirm(&caller.account, session, &password, now).await;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set(&mut response, SESSION, renewed.map_err(|error| Problem::of(error, now))?.text(), None);
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    old: String,
    new: String,
}

async fn password(State(api): State<Api>, caller: Caller, Json(changed): Json<Changed>) -> Result<StatusCode, Problem> {
    let (session, now) = (caller.session()?.hash, api.now());
    let (old, new) = (Password::new(changed.old), Password::new(changed.new));
    let done = api.accounts().change_password(&caller.account, session, &old, &new, now).await;
    done.map_err(|error| Problem::of(error, now))?;
    Ok(StatusCode::NO_CONTENT)
}
