//! One's own second factor: begun, put in force with a first code, taken away with another.
//!
//! `POST /api/second` gives the address for the authenticator app, `POST /api/second/confirm` and `POST /api/second/end`
//! take a code. Whoever lost the phone asks an admin (`accounts.rs`).

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Api;
use super::problem::Problem;
use crate::accounts::Caller;

const BODY: usize = 256;

/// The routes.
pub fn routes() -> Router<Api> {
    Router::new()
        .route("/api/second", post(begin))
        .route("/api/second/confirm", post(confirm))
        .route("/api/second/end", post(end))
        .layer(DefaultBodyLimit::max(BODY))
}

#[derive(Serialize)]
struct Begun {
    /// `otpauth://…`, for the app alone.
    address: String,
}

async fn begin(State(api): State<Api>, caller: Caller) -> Result<Json<Begun>, Problem> {
    let now = api.now();
    caller.require_confirmed(now)?;
    let address = api.accounts().begin_second(&caller.account).await.map_err(|error| Problem::of(error, now))?;
    Ok(Json(Begun { address: address.to_string() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

async fn confirm(State(api): State<Api>, caller: Caller, Json(typed): Json<Code>) -> Result<StatusCode, Problem> {
    let (session, now) = (caller.session()?.hash, api.now());
    caller.require_confirmed(now)?;
    let done = api.accounts().confirm_second(&caller.account, &caller.account, &typed.code, Some(session), now).await;
    done.map_err(|error| wrong(Problem::of(error, now)))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end(State(api): State<Api>, caller: Caller, Json(typed): Json<Code>) -> Result<StatusCode, Problem> {
    let (session, now) = (caller.session()?.hash, api.now());
    caller.require_confirmed(now)?;
    let done = api.accounts().give_up_second(&caller.account, session, &typed.code, now).await;
    done.map_err(|error| wrong(Problem::of(error, now)))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was wrong here is the code.
fn wrong(problem: Problem) -> Problem {
    if problem.name == "wrong-password" { Problem::new(422, "code-wrong") } else { problem }
}
