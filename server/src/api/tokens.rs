//! Tokens of programs: one's own made, seen and taken back; others' taken back by whoever manages their account.
//!
//! `GET` and `POST /api/tokens`, `DELETE /api/tokens/{id}`. Nobody gives a token what he may not do himself. Taking one back
//! asks for no password: stopping is easy. Next: `second.rs`.

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Api;
use super::accounts::place;
use super::problem::Problem;
use crate::accounts::token::{PREFIX, Wanted};
use crate::accounts::{Action, Caller, Denied};

const BODY: usize = 4_096;

/// The routes.
pub fn routes() -> Router<Api> {
    Router::new()
        .route("/api/tokens", get(list).post(make))
        .route("/api/tokens/{id}", delete(revoke))
        .layer(DefaultBodyLimit::max(BODY))
}

#[derive(Serialize)]
struct Shown {
    id: String,
    account: String,
    title: String,
    actions: Vec<String>,
    place: Option<String>,
    made_ms: i64,
    ends_ms: i64,
    used_ms: Option<i64>,
    revoked_ms: Option<i64>,
}

/// Whose tokens are asked for; one's own, where nothing is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    #[serde(default)]
    account: Option<String>,
}

async fn list(State(api): State<Api>, caller: Caller, Query(whose): Query<Whose>) -> Result<Json<Vec<Shown>>, Problem> {
    caller.session()?;
    let account = whose.account.as_ref().unwrap_or(&caller.account);
    if *account != caller.account {
        caller.require_managing(&api.accounts().grants(account).await?)?;
    }
    let tokens = api.accounts().store().tokens(Some(account)).await?.into_iter();
    let shown = tokens.map(|token| Shown {
        id: token.id,
        account: token.account,
        title: token.title,
        actions: token.actions.split(' ').map(str::to_owned).collect(),
        place: Some(token.place).filter(|place| !place.is_empty()),
        made_ms: token.made.0,
        ends_ms: token.ends.0,
        used_ms: token.used.map(|at| at.0),
        revoked_ms: token.revoked.map(|at| at.0),
    });
    Ok(Json(shown.collect()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    title: String,
    actions: Vec<String>,
    #[serde(default)]
    place: Option<String>,
    days: i64,
}

#[derive(Serialize)]
struct Made {
    id: String,
    /// Its text, told this once.
    token: String,
}

async fn make(
    State(api): State<Api>,
    caller: Caller,
    Json(asked): Json<Asked>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let now = api.now();
    caller.require_confirmed(now)?;
    if !caller.actions().contains(&Action::ManageTokens) {
        return Err(Denied::Role { action: Action::ManageTokens.name() }.into());
    }
    let place = place(&api, asked.place.as_deref()).await?;
    let unknown = |name: &String| Problem::new(422, "action").with("action", name);
    let actions = asked.actions.iter().map(|name| Action::of(name).ok_or_else(|| unknown(name)));
    let actions = actions.collect::<Result<Vec<Action>, _>>()?;
    if actions.is_empty() || actions.len() > Action::ALL.len() {
        return Err(Problem::new(422, "action").with("action", ""));
    }
    for action in actions.iter().filter(|action| action.is_for_tokens()) {
        caller.require(*action, place.as_ref())?;
    }
    let wanted = Wanted { title: &asked.title, actions: &actions, place: place.as_ref(), days: asked.days };
    let made = api.accounts().make_token(&caller.account, &caller.account, &wanted, now).await;
    let (id, secret) = made.map_err(|error| Problem::of(error, now))?;
    Ok((StatusCode::CREATED, Json(Made { id, token: format!("{PREFIX}{}", secret.text()) })))
}

async fn revoke(State(api): State<Api>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    caller.session()?;
    let now = api.now();
    let tokens = api.accounts().store().tokens(None).await?;
    let nowhere = || Problem::new(404, "nowhere");
    let token = tokens.into_iter().find(|token| token.id == id).ok_or_else(nowhere)?;
    if token.account != caller.account {
        // Who may not manage its account does not learn that there is such a token.
        caller.require_managing(&api.accounts().grants(&token.account).await?).map_err(|_| nowhere())?;
    }
    api.accounts().revoke_token(&caller.account, &id, now).await.map_err(|error| Problem::of(error, now))?;
    Ok(StatusCode::NO_CONTENT)
}
