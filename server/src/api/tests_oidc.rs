//! Logging in at a provider of identities, against one that answers on a real connection and may lie.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use loa_domain::time::UtcMs;
use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey,
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, IssuerUrl, JsonWebKeyId, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::tests::{Answer, NOW_MS, PHRASE, Room};
use crate::accounts::provider::Provider;
use crate::accounts::tests::of;
use crate::accounts::{Action, Role};

/// Made for these tests alone.
const KEY: &str = include_str!("provider-for-tests.pem");
const SUBJECT: &str = "can-bo-7f3a";

/// In what the provider lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    Nonce,
    Audience,
    Issuer,
    Ended,
    NoSignature,
    BentSignature,
    NoToken,
    OtherKey,
}

struct Desk {
    issuer: String,
    lie: Lie,
    /// The nonce and challenge of the last errand.
    asked: (String, String),
    auth_time_ms: Option<i64>,
    secret: Vec<String>,
    key_id: &'static str,
}

type Shared = Arc<Mutex<Desk>>;

fn key(id: &str) -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(KEY, Some(JsonWebKeyId::new(id.to_owned()))).unwrap()
}

async fn about(State(desk): State<Shared>) -> Json<Value> {
    let issuer = desk.lock().unwrap().issuer.clone();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/login"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(desk): State<Shared>) -> Json<CoreJsonWebKeySet> {
    let id = desk.lock().unwrap().key_id;
    Json(CoreJsonWebKeySet::new(vec![key(id).as_verification_key()]))
}

async fn token(State(desk): State<Shared>, headers: HeaderMap, Form(form): Form<Vec<(String, String)>>) -> Json<Value> {
    let mut desk = desk.lock().unwrap();
    let field = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    desk.secret.extend(headers.get("authorization").map(|value| value.to_str().unwrap().to_owned()));
    let verifier = PkceCodeVerifier::new(field("code_verifier").unwrap());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    if challenge.as_str() != desk.asked.1 || field("code").as_deref() != Some("good") {
        return Json(json!({"error": "invalid_grant"}));
    }
    let at = |ms: i64| DateTime::<Utc>::from_timestamp_millis(NOW_MS + ms).unwrap();
    let nonce = if desk.lie == Lie::Nonce { "other".to_owned() } else { desk.asked.0.clone() };
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(if desk.lie == Lie::Issuer { "https://evil.example".to_owned() } else { desk.issuer.clone() })
            .unwrap(),
        vec![Audience::new(if desk.lie == Lie::Audience { "another desk" } else { "loa" }.to_owned())],
        at(if desk.lie == Lie::Ended { -1_000 } else { 300_000 }),
        at(0),
        StandardClaims::new(SubjectIdentifier::new(SUBJECT.to_owned())),
        EmptyAdditionalClaims {},
    );
    let claims = claims.set_nonce(Some(Nonce::new(nonce))).set_auth_time(desk.auth_time_ms.map(at));
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    let signed = CoreIdToken::new(claims, &key(desk.key_id), algorithm, None, None).unwrap().to_string();
    let parts: Vec<&str> = signed.split('.').collect();
    let signed = match desk.lie {
        // {"alg":"none"}
        Lie::NoSignature => format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        Lie::BentSignature => format!("{}.{}.{}", parts[0], parts[1], "A".repeat(parts[2].len())),
        _ => signed,
    };
    let mut answer = json!({"access_token": "x", "token_type": "Bearer"});
    if desk.lie != Lie::NoToken {
        answer["id_token"] = json!(signed);
    }
    Json(answer)
}

struct There {
    room: Room,
    desk: Shared,
    _dir: TempDir,
    _ends: tokio::sync::watch::Sender<bool>,
}

/// A desk, and a provider that knows it.
async fn there() -> There {
    let listener = crate::http::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let desk = Desk {
        issuer: issuer.clone(),
        lie: Lie::None,
        asked: <_>::default(),
        auth_time_ms: None,
        secret: Vec::new(),
        key_id: "a",
    };
    let desk = Arc::new(Mutex::new(desk));
    let routes = Router::new().route("/.well-known/openid-configuration", get(about)).route("/keys", get(keys));
    let routes = routes.route("/token", post(token)).with_state(Arc::clone(&desk));
    let (ends, stop) = tokio::sync::watch::channel(false);
    tokio::spawn(crate::http::serve_routes(listener, routes, None, stop));
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("oidc.secret"), "rất kín\n").unwrap();
    let settings = format!(
        "issuer = \"{issuer}\"\nclient_id = \"loa\"\nclient_secret_file = \"oidc.secret\"\n\
         redirect = \"https://loa.vn/api/oidc/back\"\ntitle = \"Tài khoản công vụ\"\n"
    );
    std::fs::write(dir.path().join("oidc.toml"), settings).unwrap();
    let room = Room::with_provider(Some(Provider::open(&dir.path().join("oidc.toml")).unwrap())).await;
    There { room, desk, _dir: dir, _ends: ends }
}

impl There {
    /// Sends a browser to the provider: gives the cookie of its errand and its state.
    async fn sent(&self, again: &str) -> (String, String) {
        let answer = self.room.ask("GET", &format!("/api/oidc/begin{again}"), "", None).await;
        assert_eq!(answer.status, 303, "{:?}", answer.body);
        let (path, query) = answer.location.split_once('?').unwrap();
        assert!(path.ends_with("/login"), "{path}");
        let field = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            found.unwrap_or_default().to_owned()
        };
        assert_eq!((field("response_type"), field("client_id")), ("code".to_owned(), "loa".to_owned()));
        assert_eq!((field("code_challenge_method"), field("scope")), ("S256".to_owned(), "openid".to_owned()));
        assert_eq!(field("prompt"), if again.is_empty() { "" } else { "login" });
        self.desk.lock().unwrap().asked = (field("nonce"), field("code_challenge"));
        (format!("__Host-loa-oidc={}", answer.cookie("__Host-loa-oidc")), field("state"))
    }

    async fn back(&self, cookies: &str, code: &str, state: &str) -> Answer {
        // From the provider's page: another site, and the browser sends the cookie along.
        let headers = [("host", "loa.vn"), ("cookie", cookies), ("sec-fetch-site", "cross-site")];
        self.room.send("GET", &format!("/api/oidc/back?code={code}&state={state}"), &headers, None).await
    }

    async fn log_in(&self, again: &str) -> Answer {
        let (cookie, state) = self.sent(again).await;
        self.back(&cookie, "good", &state).await
    }

    async fn link(&self, account: &str) {
        let issuer = self.desk.lock().unwrap().issuer.clone();
        self.room.api.accounts().link("desk", account, &issuer, SUBJECT, UtcMs(NOW_MS)).await.unwrap();
    }
}

#[tokio::test]
async fn whom_the_provider_vouches_for_and_an_admin_linked_is_in_and_nobody_else() {
    let there = there().await;
    assert_eq!(there.room.ask("GET", "/api/oidc", "", None).await.body, json!({"title": "Tài khoản công vụ"}));
    let unknown = there.log_in("").await;
    assert_eq!((unknown.status, unknown.problem(), unknown.cookies_set()), (403, "provider-unknown", 0));
    assert!(unknown.body["title"].as_str().unwrap().contains(SUBJECT), "he can tell an admin");
    let accounts = there.room.api.accounts();
    accounts.make("desk", "hoa", "Hoa", &[of(Role::Operator, None)], UtcMs(NOW_MS)).await.unwrap();
    there.link("hoa").await;
    let entered = there.log_in("").await;
    assert_eq!((entered.status, entered.location.as_str()), (303, "/"));
    let session = format!("__Host-loa={}", entered.cookie("__Host-loa"));
    let who = there.room.ask("GET", "/api/session", &session, None).await.body;
    assert_eq!(
        (&who["account"], &who["must_change"], &who["confirmed"]),
        (&json!("hoa"), &json!(false), &json!(false))
    );
    assert!(who["actions"].as_array().unwrap().contains(&json!(Action::DraftOrders.name())));
    let secret = there.desk.lock().unwrap().secret.clone();
    assert!(secret.iter().all(|secret| secret.starts_with("Basic ")) && secret.len() == 2, "{secret:?}");
    accounts.disable("desk", "hoa", true, UtcMs(NOW_MS)).await.unwrap();
    assert_eq!(there.room.ask("GET", "/api/session", &session, None).await.status, 401);
    assert_eq!(there.log_in("").await.problem(), "provider-unknown");
    accounts.disable("desk", "hoa", false, UtcMs(NOW_MS)).await.unwrap();
    let entered = there.log_in("").await;
    let session = format!("__Host-loa={}", entered.cookie("__Host-loa"));
    assert!(accounts.unlink("desk", "hoa", UtcMs(NOW_MS)).await.unwrap());
    assert_eq!(there.room.ask("GET", "/api/session", &session, None).await.status, 401, "unlinked is out");
    let acts = accounts.store().acts(None, 20).await.unwrap();
    for what in ["account-link", "login", "account-unlink"] {
        assert!(acts.iter().any(|(_, act)| act.what == what && act.subject == "hoa"), "{what}");
    }
}

#[tokio::test]
async fn every_lie_of_a_provider_is_told_from_the_truth() {
    let there = there().await;
    there.room.account_of("hoa", &[of(Role::Viewer, None)]).await;
    there.link("hoa").await;
    let lies = [
        Lie::Nonce,
        Lie::Audience,
        Lie::Issuer,
        Lie::Ended,
        Lie::NoSignature,
        Lie::BentSignature,
        Lie::NoToken,
        Lie::OtherKey,
    ];
    for lie in lies {
        let (cookie, state) = there.sent("").await;
        {
            let mut desk = there.desk.lock().unwrap();
            (desk.lie, desk.key_id) = (lie, if lie == Lie::OtherKey { "b" } else { "a" });
        }
        let answer = there.back(&cookie, "good", &state).await;
        assert_eq!((answer.status, answer.cookies_set()), (403, 0), "{lie:?}: {:?}", answer.body);
        assert_eq!(answer.problem(), "provider-unbelieved", "{lie:?}");
    }
    // The key that was not known is found once the provider is asked anew, a minute later at the earliest.
    let (cookie, state) = there.sent("").await;
    there.desk.lock().unwrap().lie = Lie::None;
    let later = loa_host::clock::Reading { mono_raw_ns: 1, utc_ns: (NOW_MS + 61_000) * 1_000_000 };
    there.room.clock.set(later);
    assert_eq!(there.back(&cookie, "good", &state).await.status, 303);
}

#[tokio::test]
async fn nobody_comes_in_by_an_answer_to_another_browsers_question() {
    let there = there().await;
    there.room.account_of("hoa", &[of(Role::Viewer, None)]).await;
    there.link("hoa").await;
    let (mine, my_state) = there.sent("").await;
    let (other, other_state) = there.sent("").await;
    for (cookie, state) in
        [(mine.as_str(), other_state.as_str()), ("", &my_state), (&mine, ""), ("__Host-loa-oidc=x", "x")]
    {
        let answer = there.back(cookie, "good", state).await;
        assert_eq!((answer.status, answer.problem()), (403, "provider-stranger"), "{cookie} {state}");
    }
    let planted = format!("{mine}; {other}");
    assert_eq!(there.back(&planted, "good", &my_state).await.problem(), "provider-stranger", "two of one name");
    assert_eq!(there.back(&mine, "good", &my_state).await.problem(), "provider-unbelieved", "another verifier");
    assert_eq!(there.back(&other, "bad", &other_state).await.problem(), "provider-unbelieved");
    let refused = format!("/api/oidc/back?error=access_denied&state={other_state}");
    assert_eq!(there.room.ask("GET", &refused, &other, None).await.problem(), "provider-refused");
    assert_eq!(there.back(&other, "good", &other_state).await.status, 303);
}

#[tokio::test]
async fn what_asks_for_the_password_again_asks_the_provider() {
    let there = there().await;
    there.room.account_of("may", &[of(Role::Operator, None)]).await;
    there.link("may").await;
    let token = json!({"title": "", "actions": ["read-today"], "days": 9});
    let session = |entered: &Answer| format!("__Host-loa={}", entered.cookie("__Host-loa"));
    let make = |cookies: String| {
        let (room, token) = (&there.room, token.clone());
        async move { room.ask("POST", "/api/tokens", &cookies, Some(token)).await }
    };
    // Logged in at the provider long ago.
    there.desk.lock().unwrap().auth_time_ms = Some(-3_600_000);
    let entered = there.log_in("").await;
    assert_eq!(make(session(&entered)).await.problem(), "confirm");
    there.desk.lock().unwrap().auth_time_ms = Some(-5_000);
    let entered = there.log_in("?again=true").await;
    assert_eq!(make(session(&entered)).await.status, 201);
    // The desk's own password still opens the door where there is one.
    assert_eq!(there.room.log_in("may", PHRASE, "").await.status, 200);
}

#[tokio::test]
async fn without_a_provider_there_is_none_and_one_that_is_away_is_told() {
    let room = Room::new().await;
    for path in ["/api/oidc", "/api/oidc/begin", "/api/oidc/back?state=x"] {
        assert_eq!(room.ask("GET", path, "", None).await.problem(), "no-provider", "{path}");
    }
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("oidc.toml");
    let settings = |issuer: &str, redirect: &str| {
        std::fs::write(
            &file,
            format!("issuer = \"{issuer}\"\nclient_id = \"loa\"\nredirect = \"{redirect}\"\ntitle = \"x\"\n"),
        )
        .unwrap();
        Provider::open(&file)
    };
    let back = "https://loa.vn/api/oidc/back";
    for (issuer, redirect, says) in [
        ("http://login.vn", back, "issuer: expected an address that begins with https://"),
        ("https://login.vn", "https://loa.vn/", "redirect: expected the desk's address with /api/oidc/back"),
        ("https://login.vn", "http://loa.vn/api/oidc/back", "redirect: expected an address that begins with https://"),
    ] {
        let told = settings(issuer, redirect).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(told.contains(says) && told.contains("oidc.toml"), "{told}");
    }
    std::fs::write(&file, "issuer = 1\n").unwrap();
    let told = Provider::open(&file).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told.contains("line 1"), "{told}");
    // Port 9 of this machine: nobody is there.
    let away = Room::with_provider(Some(settings("http://127.0.0.1:9", back).unwrap())).await;
    let answer = away.ask("GET", "/api/oidc/begin", "", None).await;
    assert_eq!((answer.status, answer.problem()), (502, "provider-away"));
}
