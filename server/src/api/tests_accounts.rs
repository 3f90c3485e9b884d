//! Accounts, tokens and second factors over HTTP: who may, how far, and what is told once.

use loa_domain::time::UtcMs;
use serde_json::{Value, json};

use super::tests::{NOW_MS, PHRASE, Room};
use crate::accounts::code::shown;
use crate::accounts::tests::{of, plant};
use crate::accounts::{Action, Grant, Role};

const CHANGES: [(&str, &str); 7] = [
    ("PATCH", "/api/accounts/lan"),
    ("POST", "/api/accounts/lan/password"),
    ("POST", "/api/accounts/lan/roles"),
    ("DELETE", "/api/accounts/lan/roles?role=viewer"),
    ("DELETE", "/api/accounts/lan/sessions"),
    ("DELETE", "/api/accounts/lan/second"),
    ("POST", "/api/accounts"),
];

fn body(method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("PATCH", _) => Some(json!({"display": "Lan"})),
        ("POST", "/api/accounts") => Some(json!({"name": "moi"})),
        ("POST", path) if path.ends_with("roles") => Some(json!({"role": "viewer"})),
        _ => None,
    }
}

/// A desk with a tree of places.
async fn room() -> Room {
    let room = Room::new().await;
    plant(room.api.accounts().store()).await;
    room
}

async fn minutes_later(room: &Room, minutes: i64) {
    room.clock.set(loa_host::clock::Reading { mono_raw_ns: 1, utc_ns: (NOW_MS + minutes * 60_000) * 1_000_000 });
}

#[tokio::test]
async fn only_an_admin_who_typed_his_password_a_short_while_ago_changes_accounts() {
    let room = room().await;
    room.account_of("lan", &[]).await;
    for role in Role::ALL {
        let cookies = room.account_of(&format!("to-{}", role.name()), &[of(role, None)]).await;
        for (method, path) in CHANGES {
            let answer = room.ask(method, path, &cookies, body(method, path)).await;
            let fits = if role == Role::Admin { answer.status < 300 } else { answer.problem() == "role" };
            assert!(fits, "{} {method} {path}: {} {:?}", role.name(), answer.status, answer.body);
        }
        let reads = room.ask("GET", "/api/accounts", &cookies, None).await.status == 200;
        assert_eq!(reads, role.allows(Action::ReadAccounts), "{}", role.name());
        if role == Role::Admin {
            minutes_later(&room, 11).await;
            for (method, path) in CHANGES {
                let answer = room.ask(method, path, &cookies, body(method, path)).await;
                assert_eq!(answer.problem(), "confirm", "{method} {path}");
            }
            let confirmed = room.ask("POST", "/api/session/confirm", &cookies, Some(json!({"password": PHRASE}))).await;
            let renewed = format!("__Host-loa={}", confirmed.cookie("__Host-loa"));
            assert_eq!(room.ask("POST", "/api/accounts/lan/password", &renewed, None).await.status, 200);
        }
    }
}

#[tokio::test]
async fn an_admin_of_a_commune_neither_changes_nor_makes_whoever_reaches_further() {
    let room = room().await;
    let grants: [(&str, &[Grant]); 4] = [
        ("here", &[of(Role::Operator, Some("xa"))]),
        ("beside", &[of(Role::Viewer, Some("xa-khac"))]),
        ("above", &[of(Role::Viewer, Some("tinh"))]),
        ("both", &[of(Role::Operator, Some("xa")), of(Role::Viewer, None)]),
    ];
    for (name, grants) in grants {
        room.account_of(name, grants).await;
    }
    let cookies = room.account_of("xa-admin", &[of(Role::Admin, Some("xa"))]).await;
    let reset = async |name: &str| {
        let answer = room.ask("POST", &format!("/api/accounts/{name}/password"), &cookies, None).await;
        if answer.status == 200 { "done".to_owned() } else { answer.problem().to_owned() }
    };
    assert_eq!(reset("here").await, "done");
    for name in ["beside", "above", "both"] {
        assert_eq!(reset(name).await, "role", "{name}");
    }
    assert_eq!(reset("xa-admin").await, "own-account");
    assert_eq!(reset("nobody").await, "unknown");
    let make = async |role: &str, place: Option<&str>| {
        let new = json!({"name": "moi", "roles": [{"role": role, "place": place}]});
        room.ask("POST", "/api/accounts", &cookies, Some(new)).await
    };
    for (role, place, problem) in [
        ("operator", None, "role"),
        ("operator", Some("tinh"), "role"),
        ("viewer", Some("xa-khac"), "role"),
        ("viewer", Some("khong-co"), "place"),
        ("king", Some("xa"), "role-name"),
    ] {
        assert_eq!(make(role, place).await.problem(), problem, "{role} {place:?}");
    }
    let made = make("approver", Some("xa")).await;
    assert_eq!((made.status, &made.body["account"]), (201, &json!("moi")));
    let once = made.body["password"].as_str().unwrap();
    assert_eq!(room.log_in("moi", once, "").await.status, 200);
    assert_eq!(make("approver", Some("xa")).await.problem(), "exists");
    let give = |role: &str, place: &str| json!({"role": role, "place": place});
    let raised = room.ask("POST", "/api/accounts/moi/roles", &cookies, Some(give("viewer", "tinh"))).await;
    assert_eq!(raised.problem(), "role");
    assert_eq!(room.ask("POST", "/api/accounts/moi/roles", &cookies, Some(give("viewer", "xa"))).await.status, 204);
    let taken = room.ask("DELETE", "/api/accounts/moi/roles?role=approver&place=xa", &cookies, None).await;
    assert_eq!(taken.status, 204);
    let seen = room.ask("GET", "/api/accounts", &cookies, None).await.body;
    let seen: Vec<(&str, bool)> = seen.as_array().unwrap().iter().map(name_and_reach).collect();
    assert_eq!(seen, [("both", false), ("here", true), ("moi", true), ("xa-admin", false)]);
    assert_eq!(room.api.accounts().grants("moi").await.unwrap(), [of(Role::Viewer, Some("xa"))]);
}

fn name_and_reach(account: &Value) -> (&str, bool) {
    (account["name"].as_str().unwrap(), account["mine_to_change"] == true)
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_comes_back_when_enabled() {
    let room = room().await;
    let admin = room.account_of("hoa", &[of(Role::Admin, None)]).await;
    let lan = room.account_of("lan", &[of(Role::Viewer, None)]).await;
    let disable = |disabled: bool| room.ask("PATCH", "/api/accounts/lan", &admin, Some(json!({"disabled": disabled})));
    assert_eq!(disable(true).await.status, 204);
    assert_eq!(room.ask("GET", "/api/session", &lan, None).await.status, 401);
    assert_eq!(room.log_in("lan", PHRASE, "").await.problem(), "wrong");
    assert_eq!(disable(false).await.status, 204);
    assert_eq!(room.log_in("lan", PHRASE, "").await.status, 200);
    assert_eq!(
        room.ask("PATCH", "/api/accounts/lan", &admin, Some(json!({"admin": 1}))).await.problem(),
        "not-understood"
    );
    let own = room.ask("PATCH", "/api/accounts/hoa", &admin, Some(json!({"disabled": true}))).await;
    assert_eq!((own.status, own.problem()), (409, "own-account"));
}

#[tokio::test]
async fn nobody_gives_a_token_what_he_may_not_do_and_takes_back_only_what_he_manages() {
    let room = room().await;
    let may = room.account_of("may", &[of(Role::Operator, Some("xa"))]).await;
    let make = async |cookies: &str, actions: Value, place: Option<&str>, days: i64| {
        let asked = json!({"title": "Bảng tin", "actions": actions, "place": place, "days": days});
        room.ask("POST", "/api/tokens", cookies, Some(asked)).await
    };
    for (actions, place, days, problem) in [
        (json!(["read-today"]), None, 9, "role"),
        (json!(["read-today"]), Some("tinh"), 9, "role"),
        (json!(["read-accounts"]), Some("xa"), 9, "role"),
        (json!(["manage-tokens"]), Some("xa"), 9, "token-action"),
        (json!(["fly"]), Some("xa"), 9, "action"),
        (json!([]), Some("xa"), 9, "action"),
        (json!(["read-today"]), Some("xa"), 0, "token-days"),
        (json!(["read-today"]), Some("xa"), 367, "token-days"),
    ] {
        let answer = make(&may, actions.clone(), place, days).await;
        assert_eq!(answer.problem(), problem, "{actions} {place:?} {days}");
    }
    let made = make(&may, json!(["read-today"]), Some("xa"), 9).await;
    assert_eq!(made.status, 201);
    let (id, token) = (made.body["id"].as_str().unwrap(), made.body["token"].as_str().unwrap());
    let bearer = format!("Bearer {token}");
    let program = [("host", "loa.vn"), ("authorization", bearer.as_str())];
    assert_eq!(room.send("GET", "/api/session", &program, None).await.status, 200);
    assert_eq!(room.send("POST", "/api/tokens", &program, Some(json!({}))).await.status, 422);
    let more = json!({"title": "", "actions": ["read-today"], "place": "xa", "days": 9});
    assert_eq!(room.send("POST", "/api/tokens", &program, Some(more)).await.problem(), "not-for-tokens");
    assert_eq!(room.send("DELETE", &format!("/api/tokens/{id}"), &program, None).await.problem(), "not-for-tokens");
    let viewer = room.account_of("xem", &[of(Role::Viewer, None)]).await;
    assert_eq!(make(&viewer, json!(["read-today"]), None, 9).await.problem(), "role");
    assert_eq!(room.ask("DELETE", &format!("/api/tokens/{id}"), &viewer, None).await.problem(), "nowhere");
    assert_eq!(room.ask("GET", "/api/tokens?account=may", &viewer, None).await.problem(), "role");
    assert_eq!(room.ask("GET", "/api/tokens", &viewer, None).await.body, json!([]));
    let admin = room.account_of("hoa", &[of(Role::Admin, Some("tinh"))]).await;
    let listed = room.ask("GET", "/api/tokens?account=may", &admin, None).await.body;
    assert_eq!((&listed[0]["id"], &listed[0]["place"]), (&json!(id), &json!("xa@2025-07-01")));
    assert!(!listed.to_string().contains(token));
    assert_eq!(room.ask("DELETE", &format!("/api/tokens/{id}"), &admin, None).await.status, 204);
    assert_eq!(room.ask("DELETE", &format!("/api/tokens/{id}"), &may, None).await.problem(), "nowhere");
    assert_eq!(room.send("GET", "/api/session", &program, None).await.status, 401);
}

#[tokio::test]
async fn a_second_factor_is_put_in_force_and_given_up_with_codes_by_who_typed_the_password() {
    let room = room().await;
    let cookies = room.account_of("hoa", &[of(Role::Viewer, None)]).await;
    let other = room.log_in("hoa", PHRASE, "").await;
    let other = format!("__Host-loa={}", other.cookie("__Host-loa"));
    let begun = room.ask("POST", "/api/second", &cookies, None).await.body;
    let address = begun["address"].as_str().unwrap().to_owned();
    assert!(address.starts_with("otpauth://totp/"), "{address}");
    let code = |minutes: i64| shown(&address, UtcMs(NOW_MS + minutes * 60_000));
    let send = async |path: &str, code: &str| room.ask("POST", path, &cookies, Some(json!({"code": code}))).await;
    assert_eq!(send("/api/second/confirm", "000000").await.problem(), "code-wrong");
    assert_eq!(send("/api/second/confirm", &code(0)).await.status, 204);
    assert_eq!(room.ask("GET", "/api/session", &cookies, None).await.status, 200, "who did it stays");
    assert_eq!(room.ask("GET", "/api/session", &other, None).await.status, 401, "the others end");
    assert_eq!(room.log_in("hoa", PHRASE, "").await.problem(), "code-needed");
    assert_eq!(room.ask("POST", "/api/second", &cookies, None).await.problem(), "exists");
    assert_eq!(send("/api/second/end", &code(0)).await.problem(), "code-wrong", "used before");
    minutes_later(&room, 5).await;
    let mut last = None;
    for _ in 0..12 {
        last = Some(send("/api/second/end", "000000").await);
    }
    assert_eq!(last.unwrap().problem(), "wait", "codes are guessed no faster than passwords");
    minutes_later(&room, 9).await;
    assert_eq!(send("/api/second/end", &code(9)).await.status, 204);
    assert_eq!(room.log_in("hoa", PHRASE, "").await.status, 200);
    minutes_later(&room, 11).await;
    assert_eq!(room.ask("POST", "/api/second", &cookies, None).await.problem(), "confirm");
}
