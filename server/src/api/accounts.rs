//! Other people's accounts: seen, made, given roles, disabled, reset.
//!
//! `GET` and `POST /api/accounts`, `PATCH /api/accounts/{name}`, `POST /api/accounts/{name}/password`, `POST` and `DELETE
//! /api/accounts/{name}/roles`, `DELETE /api/accounts/{name}/sessions` and `/second`. Whoever changes one has typed his
//! password a short while ago and reaches at least as far as it does; nobody changes his own here. Next: `tokens.rs`.

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Api;
use super::problem::Problem;
use super::session::Given;
use crate::accounts::{Action, Caller, Denied, Grant, Role, people};
use crate::store::Account;
use crate::timetable::model::PlaceKey;

/// Longest body: a name and a handful of roles.
const BODY: usize = 16_384;
/// Most roles of a new account.
const ROLES_MAX: usize = 32;

/// The routes.
pub fn routes() -> Router<Api> {
    Router::new()
        .route("/api/accounts", get(list).post(make))
        .route("/api/accounts/{name}", patch(change))
        .route("/api/accounts/{name}/password", post(reset))
        .route("/api/accounts/{name}/roles", post(give).delete(take))
        .route("/api/accounts/{name}/sessions", delete(end_sessions))
        .route("/api/accounts/{name}/second", delete(end_second))
        .layer(DefaultBodyLimit::max(BODY))
}

/// A role as it is asked for; without a place, everywhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    role: String,
    #[serde(default)]
    place: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    display: String,
    state: &'static str,
    second: bool,
    made_ms: i64,
    last_login_ms: Option<i64>,
    roles: Vec<Given>,
    /// Whether whoever asks may change it.
    mine_to_change: bool,
}

async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Vec<Shown>>, Problem> {
    if !caller.actions().contains(&Action::ReadAccounts) {
        return Err(Denied::Role { action: Action::ReadAccounts.name() }.into());
    }
    let mut shown = Vec::new();
    for account in api.accounts().store().accounts().await? {
        let grants = api.accounts().grants(&account.name).await?;
        let is_seen = caller.may(Action::ReadAccounts, None)
            || grants.iter().any(|grant| caller.may(Action::ReadAccounts, grant.place.as_ref()));
        if is_seen {
            let mine_to_change = account.name != caller.account && caller.require_managing(&grants).is_ok();
            shown.push(Shown {
                state: account.state().name(),
                second: account.second.is_some_and(|second| second.is_confirmed),
                made_ms: account.made.0,
                last_login_ms: account.last_login.map(|at| at.0),
                roles: grants.iter().map(Given::of).collect(),
                mine_to_change,
                name: account.name,
                display: account.display,
            });
        }
    }
    Ok(Json(shown))
}

/// The account of this name, if whoever asks may change it, and give or take `also`.
async fn managed(api: &Api, caller: &Caller, typed: &str, also: Option<&Grant>) -> Result<Account, Problem> {
    caller.require_managing(&[])?;
    caller.require_confirmed(api.now())?;
    let unknown = || Problem::new(404, "unknown").with("name", typed);
    let name = people::name(typed).ok_or_else(unknown)?;
    let account = api.accounts().store().account(&name).await?.ok_or_else(unknown)?;
    if account.name == caller.account {
        return Err(Problem::new(409, "own-account"));
    }
    let mut grants = api.accounts().grants(&account.name).await?;
    grants.extend(also.cloned());
    caller.require_managing(&grants)?;
    Ok(account)
}

/// The place that is meant; none for everywhere.
pub(super) async fn place(api: &Api, typed: Option<&str>) -> Result<Option<PlaceKey>, Problem> {
    let Some(typed) = typed else { return Ok(None) };
    let mut known = api.accounts().places().await?.named(typed);
    match (known.pop(), known.is_empty()) {
        (Some(place), true) => Ok(Some(place)),
        _ => Err(Problem::new(422, "place").with("place", typed)),
    }
}

async fn grant(api: &Api, asked: &Asked) -> Result<Grant, Problem> {
    let role = Role::of(&asked.role).ok_or_else(|| Problem::new(422, "role-name").with("role", &asked.role))?;
    Ok(Grant { role, place: place(api, asked.place.as_deref()).await? })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    #[serde(default)]
    display: String,
    #[serde(default)]
    roles: Vec<Asked>,
}

/// A one-time password, told this once.
#[derive(Serialize)]
struct Once {
    account: String,
    password: String,
}

async fn make(
    State(api): State<Api>,
    caller: Caller,
    Json(new): Json<New>,
) -> Result<(StatusCode, Json<Once>), Problem> {
    let now = api.now();
    caller.require_managing(&[])?;
    caller.require_confirmed(now)?;
    if new.roles.len() > ROLES_MAX {
        return Err(Problem::new(422, "not-understood"));
    }
    let mut grants = Vec::with_capacity(new.roles.len());
    for asked in &new.roles {
        grants.push(grant(&api, asked).await?);
    }
    caller.require_managing(&grants)?;
    let made = api.accounts().make(&caller.account, &new.name, &new.display, &grants, now).await;
    let once = made.map_err(|error| Problem::of(error, now))?;
    let account = people::name(&new.name).unwrap_or_default();
    Ok((StatusCode::CREATED, Json(Once { account, password: once.shown().to_owned() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    display: Option<String>,
    #[serde(default)]
    disabled: Option<bool>,
}

async fn change(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    Json(change): Json<Change>,
) -> Result<StatusCode, Problem> {
    let (account, now) = (managed(&api, &caller, &name, None).await?, api.now());
    let failed = |error| Problem::of(error, now);
    if let Some(display) = &change.display {
        api.accounts().rename(&caller.account, &account.name, display, now).await.map_err(failed)?;
    }
    if let Some(disabled) = change.disabled.filter(|disabled| *disabled != account.is_disabled) {
        api.accounts().disable(&caller.account, &account.name, disabled, now).await.map_err(failed)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn reset(State(api): State<Api>, caller: Caller, Path(name): Path<String>) -> Result<Json<Once>, Problem> {
    let (account, now) = (managed(&api, &caller, &name, None).await?, api.now());
    let once = api.accounts().reset(&caller.account, &account.name, now).await;
    let once = once.map_err(|error| Problem::of(error, now))?;
    Ok(Json(Once { account: account.name, password: once.shown().to_owned() }))
}

async fn give(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    Json(asked): Json<Asked>,
) -> Result<StatusCode, Problem> {
    role(&api, &caller, &name, &asked, true).await
}

async fn take(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<StatusCode, Problem> {
    role(&api, &caller, &name, &asked, false).await
}

async fn role(api: &Api, caller: &Caller, name: &str, asked: &Asked, given: bool) -> Result<StatusCode, Problem> {
    caller.require_managing(&[])?;
    let grant = grant(api, asked).await?;
    let (account, now) = (managed(api, caller, name, Some(&grant)).await?, api.now());
    let changed = api.accounts().change_role(&caller.account, &account.name, &grant, given, now).await;
    changed.map_err(|error| Problem::of(error, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_sessions(State(api): State<Api>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let (account, now) = (managed(&api, &caller, &name, None).await?, api.now());
    let ended = api.accounts().end_other_sessions(&caller.account, &account.name, None, now).await;
    ended.map_err(|error| Problem::of(error, now))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end_second(State(api): State<Api>, caller: Caller, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let (account, now) = (managed(&api, &caller, &name, None).await?, api.now());
    let ended = api.accounts().end_second(&caller.account, &account.name, None, now).await;
    ended.map_err(|error| Problem::of(error, now))?;
    Ok(StatusCode::NO_CONTENT)
}
