//! The routes as a browser and a program see them, and what is refused before any of them.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use loa_host::clock::Reading;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;
use crate::accounts::password::Password;
use crate::accounts::session::Rules;
use crate::accounts::token::{PREFIX, Wanted};
use crate::accounts::{Action, Grant, Role};
use crate::config::Folder;
use crate::store::Store;

pub(super) const NOW_MS: i64 = 1_796_605_200_000;
pub(super) const PHRASE: &str = "cái chum xanh bên hiên";
/// Everything but logging in and out.
const CLOSED: [(&str, &str); 20] = [
    ("GET", "/api/accounts"),
    ("POST", "/api/accounts"),
    ("PATCH", "/api/accounts/lan"),
    ("POST", "/api/accounts/lan/password"),
    ("POST", "/api/accounts/lan/roles"),
    ("DELETE", "/api/accounts/lan/roles?role=viewer"),
    ("DELETE", "/api/accounts/lan/sessions"),
    ("DELETE", "/api/accounts/lan/second"),
    ("GET", "/api/tokens"),
    ("POST", "/api/tokens"),
    ("DELETE", "/api/tokens/0123456789abcdef"),
    ("POST", "/api/second"),
    ("POST", "/api/second/confirm"),
    ("POST", "/api/second/end"),
    ("GET", "/api/session"),
    ("POST", "/api/session/confirm"),
    ("GET", "/api/sessions"),
    ("DELETE", "/api/sessions"),
    ("DELETE", "/api/sessions/0123456789abcdef"),
    ("POST", "/api/password"),
];

/// A desk's routes, with nobody listening.
pub(super) struct Room {
    _dir: TempDir,
    pub(super) api: Api,
    pub(super) clock: Clock,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    cookies: Vec<String>,
    kind: String,
    retry: Option<String>,
    pub(super) location: String,
    pub(super) body: Value,
}

impl Answer {
    /// The value of a cookie that was set.
    pub(super) fn cookie(&self, name: &str) -> &str {
        let found = self.cookies.iter().find_map(|cookie| cookie.strip_prefix(&format!("{name}=")));
        found.and_then(|rest| rest.split(';').next()).unwrap_or_else(|| panic!("{name} in {:?}", self.cookies))
    }

    /// How many cookies were set.
    pub(super) fn cookies_set(&self) -> usize {
        self.cookies.len()
    }

    pub(super) fn problem(&self) -> &str {
        assert_eq!(self.kind, "application/problem+json");
        assert_eq!(self.body["status"], self.status);
        self.body["type"].as_str().unwrap().strip_prefix("urn:loa:problem:").unwrap()
    }
}

impl Room {
    pub(super) async fn new() -> Self {
        Self::with_provider(None).await
    }

    /// One where people may log in at a provider of identities too.
    pub(super) async fn with_provider(provider: Option<Provider>) -> Self {
        let dir = TempDir::new().unwrap();
        let folder = Folder::at(dir.path());
        let store = Store::open(folder.store().to_str().unwrap()).await.unwrap();
        let accounts = Accounts::open(&folder, store, Rules::default()).unwrap();
        let clock = Clock::manual();
        clock.set(Reading { mono_raw_ns: 1, utc_ns: NOW_MS * 1_000_000 });
        let proxy = Some("127.0.0.1".parse().unwrap());
        Self { _dir: dir, api: Api::new(accounts, clock.clone(), vec!["loa.vn".to_owned()], proxy, provider), clock }
    }

    /// An account with a password of its own, and the cookies of its browser.
    async fn account(&self, name: &str, role: Role) -> String {
        self.account_of(name, &[Grant { role, place: None }]).await
    }

    /// An account with these roles, and the cookies of its browser.
    pub(super) async fn account_of(&self, name: &str, grants: &[Grant]) -> String {
        let (accounts, now) = (self.api.accounts(), UtcMs(NOW_MS));
        let once = accounts.make("desk", name, "", grants, now).await.unwrap();
        let entered = self.log_in(name, once.shown(), "").await;
        assert_eq!((entered.status, &entered.body["must_change"]), (200, &json!(true)));
        let cookies = cookies(&entered);
        let changed = json!({"old": once.shown(), "new": PHRASE});
        assert_eq!(self.ask("GET", "/api/sessions", &cookies, None).await.status, 200);
        assert_eq!(self.ask("POST", "/api/password", &cookies, Some(changed)).await.status, 204);
        cookies
    }

    pub(super) async fn log_in(&self, name: &str, password: &str, cookies: &str) -> Answer {
        self.ask("POST", "/api/login", cookies, Some(json!({"name": name, "password": password}))).await
    }

    pub(super) async fn ask(&self, method: &str, path: &str, cookies: &str, body: Option<Value>) -> Answer {
        let headers = [("host", "loa.vn"), ("cookie", cookies), ("sec-fetch-site", "same-origin")];
        self.send(method, path, &headers, body).await
    }

    pub(super) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            None => Body::empty(),
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
        };
        let response = self.api.clone().routes().oneshot(request.body(body).unwrap()).await.unwrap();
        let text = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(text("cache-control").as_deref(), Some("no-store"));
        assert_eq!(text("x-content-type-options").as_deref(), Some("nosniff"));
        assert_eq!(text("x-frame-options").as_deref(), Some("DENY"));
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
        let location = text("location").unwrap_or_default();
        let (status, kind, retry) = (response.status().as_u16(), text("content-type"), text("retry-after"));
        let body = to_bytes(response.into_body(), 65_536).await.unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Answer { status, cookies, kind: kind.unwrap_or_default(), retry, location, body }
    }
}

fn cookies(entered: &Answer) -> String {
    ["__Host-loa", "__Host-loa-device"].map(|name| format!("{name}={}", entered.cookie(name))).join("; ")
}

#[tokio::test]
async fn nothing_but_logging_in_and_out_is_for_everybody() {
    let room = Room::new().await;
    for (method, path) in CLOSED {
        for cookies in ["", "__Host-loa=", "__Host-loa=0000", &format!("__Host-loa={}", "0".repeat(64))] {
            let body = (method != "GET" && method != "DELETE").then(|| json!({}));
            let answer = room.ask(method, path, cookies, body).await;
            assert_eq!((answer.status, answer.problem()), (401, "login"), "{method} {path} {cookies}");
        }
    }
    assert_eq!(room.ask("POST", "/api/logout", "", None).await.status, 204);
    assert_eq!(room.ask("GET", "/api/nothing", "", None).await.problem(), "nowhere");
    assert_eq!(room.ask("GET", "/api/login", "", None).await.problem(), "method");
}

#[tokio::test]
async fn a_person_logs_in_looks_at_the_sessions_and_logs_out() {
    let room = Room::new().await;
    let first = room.account("hoa", Role::Admin).await;
    let entered = room.log_in("Hoa", PHRASE, "").await;
    assert_eq!((entered.status, &entered.body), (200, &json!({"account": "hoa", "must_change": false})));
    for cookie in &entered.cookies {
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; Path=/; Secure; HttpOnly; SameSite=Lax"),
            "{cookie}"
        );
    }
    let second = cookies(&entered);
    let who = room.ask("GET", "/api/session", &second, None).await.body;
    assert_eq!((&who["account"], &who["confirmed"]), (&json!("hoa"), &json!(true)));
    assert_eq!(who["roles"], json!([{"role": "admin", "place": null}]));
    assert!(who["actions"].as_array().unwrap().contains(&json!("manage-accounts")));
    let sessions = room.ask("GET", "/api/sessions", &second, None).await.body;
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["this"] == false).unwrap()["id"].as_str().unwrap();
    assert_eq!(room.ask("DELETE", &format!("/api/sessions/{other}"), &second, None).await.status, 204);
    assert_eq!(room.ask("GET", "/api/session", &first, None).await.status, 401);
    assert_eq!(room.ask("DELETE", &format!("/api/sessions/{other}"), &second, None).await.problem(), "nowhere");
    assert_eq!(room.ask("DELETE", "/api/sessions", &second, None).await.status, 204);
    let gone = room.ask("POST", "/api/logout", &second, None).await;
    assert!(gone.cookies[0].starts_with("__Host-loa=; ") && gone.cookies[0].ends_with("; Max-Age=0"));
    assert_eq!(room.ask("GET", "/api/session", &second, None).await.status, 401);
}

#[tokio::test]
async fn a_session_that_was_planted_is_not_taken_over_and_one_put_beside_counts_for_nothing() {
    let room = Room::new().await;
    let first = room.account("hoa", Role::Viewer).await;
    let planted = format!("__Host-loa={}", "a".repeat(64));
    let entered = room.log_in("hoa", PHRASE, &planted).await;
    assert_ne!(entered.cookie("__Host-loa"), "a".repeat(64));
    assert_eq!(room.ask("GET", "/api/session", &planted, None).await.status, 401);
    let entered = room.log_in("hoa", PHRASE, &first).await;
    assert_eq!(room.ask("GET", "/api/session", &first, None).await.status, 401, "the one before has ended");
    let mine = format!("__Host-loa={}", entered.cookie("__Host-loa"));
    assert_eq!(room.ask("GET", "/api/session", &mine, None).await.status, 200);
    assert_eq!(room.ask("GET", "/api/session", &format!("{planted}; {mine}"), None).await.status, 401);
    let confirmed = room.ask("POST", "/api/session/confirm", &mine, Some(json!({"password": PHRASE}))).await;
    assert_eq!(confirmed.status, 204);
    assert_eq!(room.ask("GET", "/api/session", &mine, None).await.status, 401, "its id has changed");
    let renewed = format!("__Host-loa={}", confirmed.cookie("__Host-loa"));
    assert_eq!(room.ask("GET", "/api/session", &renewed, None).await.status, 200);
}

#[tokio::test]
async fn pages_of_others_and_unknown_hosts_get_nothing_done() {
    let room = Room::new().await;
    let cookies = room.account("hoa", Role::Admin).await;
    for foreign in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        for (method, path) in [("POST", "/api/logout"), ("DELETE", "/api/sessions"), ("POST", "/api/login")] {
            let headers = [("host", "loa.vn"), ("cookie", cookies.as_str()), foreign];
            let answer = room.send(method, path, &headers, None).await;
            assert_eq!((answer.status, answer.problem()), (403, "foreign-page"), "{foreign:?} {method} {path}");
        }
    }
    for host in ["evil.example", "loa.vn.evil.example", "", "192.0.2.1:8080"] {
        let answer = room.send("GET", "/api/session", &[("host", host), ("cookie", &cookies)], None).await;
        assert_eq!((answer.status, answer.problem()), (421, "host"), "{host}");
    }
    assert_eq!(
        room.send("GET", "/api/session", &[("host", "LOA.vn:8443"), ("cookie", &cookies)], None).await.status,
        200
    );
    // A form of another page cannot send JSON without asking first.
    let headers = [("host", "loa.vn"), ("content-type", "text/plain")];
    let answer = room.send("POST", "/api/login", &headers, None).await;
    assert_eq!((answer.status, answer.problem()), (415, "not-understood"));
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_language_of_the_browser_and_tells_nothing_else() {
    let room = Room::new().await;
    room.account("hoa", Role::Viewer).await;
    let wrong = |name: &str| json!({"name": name, "password": "sai rồi nhé"});
    let ask = async |language: &str, body: Value| {
        let headers = [("host", "loa.vn"), ("accept-language", language)];
        room.send("POST", "/api/login", &headers, Some(body)).await
    };
    let (hoa, nobody) = (ask("vi", wrong("hoa")).await, ask("vi", wrong("khong-co-ai")).await);
    assert_eq!((hoa.status, hoa.problem()), (401, "wrong"));
    assert_eq!((hoa.body.clone(), hoa.cookies.len()), (nobody.body, 0));
    assert_eq!(hoa.body["title"], "Tên hoặc mật khẩu không đúng. Quên mật khẩu thì nhờ quản trị viên cấp lại.");
    let english = ask("en-GB, vi;q=0.5", wrong("hoa")).await.body["title"].clone();
    assert_eq!(
        english,
        "The name or the password is not right. If the password is forgotten, an admin gives another one."
    );
    for body in [json!({}), json!({"name": "hoa"}), json!({"name": "hoa", "password": "x", "admin": true}), json!([1])]
    {
        assert_eq!(ask("vi", body).await.problem(), "not-understood");
    }
    assert_eq!(ask("vi", json!({"name": "x".repeat(5_000), "password": "x"})).await.problem(), "too-long");
    let mut last = None;
    for _ in 0..6 {
        last = Some(ask("en", wrong("hoa")).await);
    }
    let last = last.unwrap();
    assert_eq!((last.status, last.problem(), last.retry.as_deref()), (429, "wait", Some("1")));
    room.clock.set(Reading { mono_raw_ns: 1, utc_ns: (NOW_MS + 60_000) * 1_000_000 });
    assert_eq!(room.log_in("hoa", PHRASE, "").await.status, 200, "nobody is locked out");
}

#[tokio::test]
async fn behind_a_proxy_each_sender_waits_for_his_own_failures() {
    let room = Room::new().await;
    room.account("hoa", Role::Viewer).await;
    let api = room.api.clone();
    let peer = axum::Extension(crate::http::Peer("127.0.0.1".parse().unwrap()));
    let ask = async |from: &str, password: &str| {
        let body = json!({"name": "hoa", "password": password}).to_string();
        let request = Request::post("/api/login").header("host", "loa.vn").header("x-forwarded-for", from);
        let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
        api.clone().routes().layer(peer).oneshot(request).await.unwrap().status().as_u16()
    };
    for _ in 0..10 {
        // What the sender says of himself stands before what the proxy says, and is not believed.
        ask("203.0.113.1, 198.51.100.7", "sai").await;
    }
    assert_eq!(ask("198.51.100.7", PHRASE).await, 429);
    assert_eq!(ask("203.0.113.1", PHRASE).await, 200);
}

#[tokio::test]
async fn a_program_with_a_token_reads_who_it_is_and_has_no_sessions() {
    let room = Room::new().await;
    let cookies = room.account("may", Role::Operator).await;
    let wanted = Wanted { title: "x", actions: &[Action::ReadToday], place: None, days: 1 };
    let made = room.api.accounts().make_token("may", "may", &wanted, UtcMs(NOW_MS)).await.unwrap();
    let bearer = format!("Bearer {PREFIX}{}", made.1.text());
    let headers = [("host", "loa.vn"), ("authorization", bearer.as_str())];
    let who = room.send("GET", "/api/session", &headers, None).await.body;
    assert_eq!((&who["account"], &who["actions"]), (&json!("may"), &json!(["read-today"])));
    for (method, path) in [("GET", "/api/sessions"), ("DELETE", "/api/sessions")] {
        assert_eq!(room.send(method, path, &headers, None).await.problem(), "not-for-tokens");
    }
    for other in ["Bearer loa_x", "Basic bWF5OngK", "", &bearer[..bearer.len() - 1]] {
        let headers = [("host", "loa.vn"), ("authorization", other), ("cookie", cookies.as_str())];
        assert_eq!(room.send("GET", "/api/session", &headers, None).await.status, 401, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_are_served_on_a_real_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let room = Room::new().await;
    let once: Password = room.api.accounts().make("desk", "hoa", "", &[], UtcMs(NOW_MS)).await.unwrap();
    let listener = crate::http::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ends, stop) = tokio::sync::watch::channel(false);
    let served = tokio::spawn(crate::http::serve_routes(listener, room.api.clone().routes(), None, stop));
    let ask = async |host: &str, body: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let head = format!("POST /api/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
        let request = format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let body = json!({"name": "hoa", "password": once.shown()}).to_string();
    assert!(ask("loa.vn", &body).await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(ask("evil.example", &body).await.starts_with("HTTP/1.1 421 "));
    let sessions = room.api.accounts().store().sessions("hoa").await.unwrap();
    assert_eq!(sessions[0].source, "127.0.0.1");
    ends.send_replace(true);
    served.await.unwrap();
}
