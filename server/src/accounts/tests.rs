//! Accounts over a real store: who gets in, who is thrown out, what is written down and what never is.

use std::net::IpAddr;

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use tempfile::TempDir;

use super::code::CodeKey;
use super::login::{Attempt, Entered, Entry};
use super::password::{Password, Weak};
use super::session::{MOST_DEVICES, MOST_SESSIONS, Rules, Secret};
use super::token::{PREFIX, Wanted};
use super::*;
use crate::store::{Change, Definition, DefinitionKind, Store};
use crate::stretch::Hardness;
use crate::timetable::model::{Origin, Place, PlaceKey};

const NOW: UtcMs = UtcMs(1_796_605_200_000);
const LIGHT: Hardness = Hardness { memory_kib: 1024, passes: 1, lanes: 1 };
const PHRASE: &str = "cái chum xanh bên hiên";

struct Room {
    dir: TempDir,
    accounts: Accounts,
}

fn codes() -> CodeKey {
    CodeKey::new([9; 32])
}

/// Puts a province and two communes in the store.
pub(crate) async fn plant(store: &Store) {
    let place = |code: &str, parent: Option<&str>| {
        let origin = Origin { file: String::new().into(), line: 1, column: 1 };
        let (key, parent, name) = (key(code), parent.map(key), code.to_owned());
        let place = Place { key, name, parent, zone: None, quiet: None, predecessors: Vec::new(), origin };
        let (id, document) = (place.key.to_string(), serde_json::to_string(&place).unwrap());
        let (kind, source, applied) = (DefinitionKind::Place, String::new(), NOW);
        Change::Put(Definition { kind, id, document, source, applied })
    };
    let places = vec![place("tinh", None), place("xa", Some("tinh")), place("xa-khac", Some("tinh"))];
    store.replace(places, NOW, "test").await.unwrap();
}

fn key(code: &str) -> PlaceKey {
    PlaceKey { code: code.to_owned(), valid_from: "2025-07-01".parse().unwrap() }
}

pub(crate) fn of(role: Role, place: Option<&str>) -> Grant {
    Grant { role, place: place.map(key) }
}

async fn store(dir: &TempDir, name: &str) -> Store {
    Store::open(dir.path().join(name).to_str().unwrap()).await.unwrap()
}

impl Room {
    /// A desk with a province and two communes in it.
    async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let store = store(&dir, "desk.db").await;
        store.open_log("loa.local/test", NOW).await.unwrap();
        plant(&store).await;
        Self { dir, accounts: Accounts::new(store, codes(), Rules::default(), LIGHT) }
    }

    /// Makes an account whose password is [`PHRASE`].
    async fn account(&self, name: &str, grants: &[Grant]) -> Entry {
        let once = self.accounts.make("desk", name, "Trần Thị Hoa", grants, NOW).await.unwrap();
        let entry = self.enter(name, once.shown(), NOW).await;
        assert!(entry.must_change);
        let phrase = Password::new(PHRASE.to_owned());
        self.accounts.change_password(name, entry.session.hash(), &once, &phrase, NOW).await.unwrap();
        entry
    }

    async fn enter(&self, name: &str, password: &str, now: UtcMs) -> Entry {
        match self.attempt(name, password, None, now).await {
            Entered::In(entry) => *entry,
            other => panic!("{}", told(&other)),
        }
    }

    async fn attempt(&self, name: &str, password: &str, code: Option<&str>, now: UtcMs) -> Entered {
        let attempt = Attempt { code, ..attempt(name, password) };
        self.accounts.log_in(attempt, now).await.unwrap()
    }

    async fn caller(&self, entry: &Entry, now: UtcMs) -> Option<Caller> {
        self.accounts.by_session(&entry.session, now).await.unwrap()
    }

    async fn acts(&self) -> Vec<String> {
        let acts = self.accounts.store().acts(None, 1_000).await.unwrap();
        acts.into_iter()
            .rev()
            .map(|(_, act)| format!("{} {} {} {}", act.who, act.what, act.subject, act.detail))
            .collect()
    }
}

fn attempt<'a>(name: &'a str, password: &str) -> Attempt<'a> {
    let (source, password) = (IpAddr::from([192, 0, 2, 1]), Password::new(password.to_owned()));
    Attempt { name, password, code: None, device: None, session: None, source, agent: "Firefox" }
}

fn told(entered: &Entered) -> &'static str {
    match entered {
        Entered::In(_) => "in",
        Entered::Wrong => "wrong",
        Entered::CodeNeeded => "code needed",
        Entered::CodeWrong => "code wrong",
        Entered::Wait(_) => "wait",
        Entered::Busy => "busy",
    }
}

#[tokio::test]
async fn a_new_account_has_a_one_time_password_that_must_be_changed_and_ends() {
    let room = Room::new().await;
    let once = room.accounts.make("desk", " Hoa ", "", &[of(Role::Admin, None)], NOW).await.unwrap();
    let late = NOW.plus_ms(people::ONCE_MS);
    assert_eq!(told(&room.attempt("hoa", once.shown(), None, late).await), "wrong");
    let entry = room.enter("HOA", once.shown(), NOW).await;
    let caller = room.caller(&entry, NOW).await.unwrap();
    assert_eq!(caller.require(Action::ReadToday, None), Err(Denied::MustChange));
    assert_eq!(caller.require_managing(&[]), Err(Denied::MustChange));
    let (session, change) = (entry.session.hash(), |new: &str| Password::new(new.to_owned()));
    for (new, why) in [("ngắn", Weak::Short), ("1234567890", Weak::Guessed), (once.shown(), Weak::Same)] {
        let refused = room.accounts.change_password("hoa", session, &once, &change(new), NOW).await;
        assert!(matches!(refused, Err(AccountError::Weak(found)) if found == why), "{new}: {refused:?}");
    }
    let wrong = room.accounts.change_password("hoa", session, &change("x"), &change(PHRASE), NOW).await;
    assert!(matches!(wrong, Err(AccountError::Wrong)));
    room.accounts.change_password("hoa", session, &once, &change(PHRASE), NOW).await.unwrap();
    assert_eq!(room.caller(&entry, NOW).await.unwrap().require(Action::ManageAccounts, None), Ok(()));
    assert_eq!(told(&room.attempt("hoa", once.shown(), None, NOW).await), "wrong");
    room.enter("hoa", PHRASE, NOW).await;
    assert!(matches!(room.accounts.make("desk", "hoa", "", &[], NOW).await, Err(AccountError::Exists { .. })));
    for name in ["", "h", "hòa", "hoa tran", ".hoa", &"a".repeat(41), "hoa\n"] {
        let made = room.accounts.make("desk", name, "", &[], NOW).await;
        let trimmed = name == "hoa\n";
        assert!(trimmed || matches!(made, Err(AccountError::Name { .. })), "{name}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_and_one_that_is_closed_cost_the_same_work_and_get_the_same_answer() {
    let room = Room::new().await;
    room.account("hoa", &[]).await;
    room.account("lan", &[]).await;
    room.accounts.disable("desk", "lan", true, NOW).await.unwrap();
    room.accounts.make("desk", "minh", "", &[], NOW.plus_ms(-people::ONCE_MS)).await.unwrap();
    for name in ["hoa", "lan", "minh", "nobody", "không phải tên", ""] {
        let before = room.accounts.work().done();
        assert_eq!(told(&room.attempt(name, "sai rồi", None, NOW).await), "wrong", "{name}");
        assert_eq!(room.accounts.work().done() - before, 1, "{name}");
    }
    assert_eq!(told(&room.attempt("lan", PHRASE, None, NOW).await), "wrong");
    // Waits come to names that nobody has just as well.
    for name in ["hoa", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            answers.push(told(&room.attempt(name, "sai", None, NOW).await));
        }
        assert_eq!(answers, ["wrong", "wrong", "wrong", "wrong", "wait", "wait", "wait"], "{name}");
    }
}

#[tokio::test]
async fn logging_in_makes_a_new_session_and_ends_the_one_that_was_brought() {
    let room = Room::new().await;
    let first = room.account("hoa", &[of(Role::Viewer, None)]).await;
    // Somebody puts a session of his own, or one he made up, into another's browser.
    let planted = Secret::random().unwrap();
    for brought in [planted, first.session.clone()] {
        let login = Attempt { session: Some(brought.clone()), ..attempt("hoa", PHRASE) };
        let Entered::In(entry) = room.accounts.log_in(login, NOW).await.unwrap() else { panic!("not in") };
        assert_ne!(entry.session.text(), brought.text());
        assert!(room.accounts.by_session(&brought, NOW).await.unwrap().is_none());
        assert!(room.caller(&entry, NOW).await.is_some());
    }
    let entry = room.enter("hoa", PHRASE, NOW).await;
    let later = NOW.plus_ms(11 * 60_000);
    let caller = room.caller(&entry, later).await.unwrap();
    assert_eq!(caller.require_confirmed(later), Err(Denied::Confirm));
    let typed = Password::new(PHRASE.to_owned());
    let renewed = room.accounts.confirm("hoa", entry.session.hash(), &typed, later).await.unwrap();
    assert!(room.caller(&entry, later).await.is_none(), "the old id is gone");
    let caller = room.accounts.by_session(&renewed, later).await.unwrap().unwrap();
    assert_eq!(caller.require_confirmed(later), Ok(()));
}

#[tokio::test]
async fn sessions_end_with_time_logout_password_role_and_account() {
    let room = Room::new().await;
    room.account("hoa", &[of(Role::Viewer, None)]).await;
    let rules = Rules::default();
    let entry = room.enter("hoa", PHRASE, NOW).await;
    assert!(room.caller(&entry, NOW.plus_ms(rules.idle_ms)).await.is_none(), "unused");
    let mut at = NOW;
    while at.0 < NOW.0 + rules.life_ms {
        assert!(room.caller(&entry, at).await.is_some(), "used, after {} min", (at.0 - NOW.0) / 60_000);
        at = at.plus_ms(10 * 60_000);
    }
    assert!(room.caller(&entry, at).await.is_none(), "at the end of the day");

    let entry = room.enter("hoa", PHRASE, NOW).await;
    room.accounts.log_out("hoa", entry.session.hash(), NOW).await.unwrap();
    assert!(room.caller(&entry, NOW).await.is_none());

    let (one, other) = (room.enter("hoa", PHRASE, NOW).await, room.enter("hoa", PHRASE, NOW).await);
    let (old, new) = (Password::new(PHRASE.to_owned()), Password::new("một câu khác hẳn rồi".to_owned()));
    room.accounts.change_password("hoa", one.session.hash(), &old, &new, NOW).await.unwrap();
    assert!(room.caller(&one, NOW).await.is_some() && room.caller(&other, NOW).await.is_none());

    room.accounts.change_role("desk", "hoa", &of(Role::Operator, Some("xa")), true, NOW).await.unwrap();
    assert!(room.caller(&one, NOW).await.is_none());
    let entry = room.enter("hoa", new.shown(), NOW).await;
    assert!(!room.accounts.change_role("desk", "hoa", &of(Role::Operator, Some("xa")), true, NOW).await.unwrap());
    assert!(room.caller(&entry, NOW).await.is_some(), "nothing changed");
    room.accounts.disable("desk", "hoa", true, NOW).await.unwrap();
    room.accounts.disable("desk", "hoa", false, NOW).await.unwrap();
    assert!(room.caller(&entry, NOW).await.is_none());
    let entry = room.enter("hoa", new.shown(), NOW).await;
    let once = room.accounts.reset("lan", "hoa", NOW).await.unwrap();
    assert!(room.caller(&entry, NOW).await.is_none());
    assert!(room.enter("hoa", once.shown(), NOW).await.must_change);
}

#[tokio::test]
async fn sessions_and_devices_of_an_account_are_bounded_and_can_be_ended_one_by_one() {
    let room = Room::new().await;
    let first = room.account("hoa", &[]).await;
    let mut entries = vec![first];
    for minute in 1..30 {
        entries.push(room.enter("hoa", PHRASE, NOW.plus_ms(minute * 1_000)).await);
    }
    let store = room.accounts.store();
    assert_eq!(store.sessions("hoa").await.unwrap().len(), MOST_SESSIONS);
    let mut known = 0;
    for entry in &entries {
        known += usize::from(store.knows_device("hoa", entry.device.hash(), NOW).await.unwrap());
    }
    assert_eq!(known, MOST_DEVICES);
    let (last, before) = (&entries[29], &entries[28]);
    let called = session::handle(before.session.hash());
    assert!(!room.accounts.end_session("lan", "lan", &called, NOW).await.unwrap(), "another's is not found");
    assert!(room.accounts.end_session("hoa", "hoa", &called, NOW).await.unwrap());
    assert!(room.caller(before, NOW.plus_ms(30_000)).await.is_none());
    room.accounts.end_other_sessions("hoa", "hoa", Some(last.session.hash()), NOW).await.unwrap();
    assert_eq!(store.sessions("hoa").await.unwrap().len(), 1);
    assert!(room.caller(last, NOW.plus_ms(30_000)).await.is_some());
}

#[tokio::test]
async fn a_known_device_gets_in_while_its_account_is_attacked_from_its_own_address() {
    let room = Room::new().await;
    let known = room.account("hoa", &[]).await;
    for _ in 0..40 {
        room.attempt("hoa", "đoán", None, NOW).await;
    }
    assert_eq!(told(&room.attempt("hoa", PHRASE, None, NOW).await), "wait");
    let login = Attempt { device: Some(known.device.clone()), ..attempt("hoa", PHRASE) };
    let Entered::In(entry) = room.accounts.log_in(login, NOW).await.unwrap() else { panic!("locked out") };
    assert_eq!(entry.device.text(), known.device.text());
    // The device of one account is a stranger to another.
    room.account("lan", &[]).await;
    let login = Attempt { device: Some(known.device.clone()), ..attempt("lan", PHRASE) };
    let Entered::In(entry) = room.accounts.log_in(login, NOW.plus_ms(60_000)).await.unwrap() else { panic!("not in") };
    assert_ne!(entry.device.text(), known.device.text());
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_no_code_counts_twice() {
    let room = Room::new().await;
    room.account("hoa", &[]).await;
    let address = room.accounts.begin_second("hoa").await.unwrap();
    room.enter("hoa", PHRASE, NOW).await;
    let nonce = room.accounts.store().account("hoa").await.unwrap().unwrap().second.unwrap().nonce;
    assert_eq!(*address, *codes().address("hoa", nonce));
    let code = |at| codes().code("hoa", nonce, at);
    assert!(matches!(room.accounts.confirm_second("hoa", "hoa", "000000", None, NOW).await, Err(AccountError::Wrong)));
    room.accounts.confirm_second("hoa", "hoa", &code(NOW), None, NOW).await.unwrap();
    assert!(matches!(room.accounts.begin_second("hoa").await, Err(AccountError::Exists { .. })), "not replaced");
    assert_eq!(told(&room.attempt("hoa", PHRASE, None, NOW).await), "code needed");
    assert_eq!(told(&room.attempt("hoa", PHRASE, Some(&code(NOW)), NOW).await), "code wrong", "used to confirm");
    let later = NOW.plus_ms(30_000);
    assert_eq!(told(&room.attempt("hoa", "sai", Some(&code(later)), later).await), "wrong");
    assert_eq!(told(&room.attempt("hoa", PHRASE, Some(&code(later)), later).await), "in");
    assert_eq!(told(&room.attempt("hoa", PHRASE, Some(&code(later)), later).await), "code wrong");
    room.accounts.end_second("desk", "hoa", None, NOW).await.unwrap();
    room.enter("hoa", PHRASE, later).await;
}

#[tokio::test]
async fn a_password_is_stretched_anew_when_more_is_wanted() {
    let room = Room::new().await;
    room.account("hoa", &[]).await;
    let harder = Hardness { memory_kib: 2048, passes: 2, lanes: 1 };
    let accounts = Accounts::new(room.accounts.store().clone(), codes(), Rules::default(), harder);
    let kept = || async { room.accounts.store().account("hoa").await.unwrap().unwrap().password };
    let before = kept().await;
    assert!(matches!(accounts.log_in(attempt("hoa", "sai"), NOW).await, Ok(Entered::Wrong)));
    assert_eq!(kept().await, before);
    assert!(matches!(accounts.log_in(attempt("hoa", PHRASE), NOW).await, Ok(Entered::In(_))));
    let after = kept().await;
    assert_eq!((after.memory_kib, after.passes), (2048, 2));
    assert!(after.salt != before.salt);
    assert!(matches!(accounts.log_in(attempt("hoa", PHRASE), NOW).await, Ok(Entered::In(_))));
}

#[tokio::test]
async fn a_token_does_what_its_list_and_its_account_allow_at_its_place_until_it_ends() {
    let room = Room::new().await;
    room.account("may", &[of(Role::Operator, Some("tinh"))]).await;
    let make = async |actions: &[Action], place: Option<&PlaceKey>, days| {
        let wanted = Wanted { title: "Bảng tin", actions, place, days };
        room.accounts.make_token("may", "may", &wanted, NOW).await
    };
    for days in [0, 367, -1] {
        assert!(matches!(make(&[Action::ReadToday], None, days).await, Err(AccountError::Days { .. })));
    }
    for action in [Action::ManageAccounts, Action::ManageTokens] {
        assert!(matches!(make(&[action], None, 1).await, Err(AccountError::NotForTokens { .. })));
    }
    let listed = [Action::ReadToday, Action::ExportAudit];
    let (id, secret) = make(&listed, Some(&key("xa")), 30).await.unwrap();
    let text = format!("{PREFIX}{}", secret.text());
    let by = async |at| room.accounts.by_token(&text, at).await.unwrap();
    let caller = by(NOW).await.unwrap();
    assert_eq!(caller.require(Action::ReadToday, Some(&key("xa"))), Ok(()));
    assert_eq!(caller.actions(), [Action::ReadToday]);
    let scope = |action: Action| Err(Denied::Scope { action: action.name() });
    assert_eq!(caller.require(Action::ReadToday, Some(&key("xa-khac"))), scope(Action::ReadToday));
    assert_eq!(caller.require(Action::ReadToday, Some(&key("tinh"))), scope(Action::ReadToday));
    assert_eq!(caller.require(Action::DraftOrders, Some(&key("xa"))), scope(Action::DraftOrders));
    let role = Err(Denied::Role { action: Action::ExportAudit.name() });
    assert_eq!(caller.require(Action::ExportAudit, Some(&key("xa"))), role, "its account may not");
    assert_eq!(caller.require_managing(&[]), Err(Denied::NotForTokens));
    assert!(caller.session().is_err() && caller.require_confirmed(NOW).is_err());
    assert!(by(NOW.plus_ms(30 * 86_400_000)).await.is_none(), "ended");
    assert!(room.accounts.by_token(secret.text(), NOW).await.unwrap().is_none(), "without its beginning");
    let uses = |acts: Vec<String>| acts.iter().filter(|act| act.contains("token-first-use")).count();
    by(NOW.plus_ms(600_000)).await.unwrap();
    assert_eq!(uses(room.acts().await), 1);
    room.accounts.disable("desk", "may", true, NOW).await.unwrap();
    assert!(by(NOW).await.is_none(), "disabled");
    room.accounts.disable("desk", "may", false, NOW).await.unwrap();
    room.accounts.revoke_token("desk", &id, NOW).await.unwrap();
    assert!(by(NOW).await.is_none(), "taken back");
    assert!(matches!(room.accounts.revoke_token("desk", &id, NOW).await, Err(AccountError::NoToken { .. })));
}

#[tokio::test]
async fn every_act_is_told_once_and_a_flood_of_failures_is_a_handful() {
    let room = Room::new().await;
    room.account("hoa", &[of(Role::Approver, Some("xa"))]).await;
    room.accounts.rename("desk", "hoa", "Chị Hoa", NOW).await.unwrap();
    for day in 0..20 {
        room.attempt("hoa", "đoán", None, NOW.plus_ms(day * 86_400_000)).await;
    }
    let mut at = NOW.plus_ms(30 * 86_400_000);
    for number in 0..60_u8 {
        let source = IpAddr::from([198, 51, 100, number]);
        room.accounts.log_in(Attempt { source, ..attempt("hoa", "mật khẩu của tôi") }, at).await.unwrap();
        room.accounts.log_in(Attempt { source, ..attempt("mật khẩu gõ nhầm ô", "x") }, at).await.unwrap();
        at = at.plus_ms(20_000);
    }
    let acts = room.acts().await;
    assert_eq!(
        acts,
        [
            "desk account-new hoa Trần Thị Hoa",
            "desk role-give hoa approver xa@2025-07-01",
            "hoa login hoa new device",
            "hoa password-change hoa ",
            "desk account-rename hoa Chị Hoa",
            "desk login-refused hoa 5 within an hour",
            "desk login-refused ? 5 within an hour",
            "desk login-refused hoa 50 within an hour",
            "desk login-refused ? 50 within an hour",
        ]
    );
}

#[tokio::test]
async fn no_secret_is_in_the_store_or_in_the_log_and_a_rebuilt_store_lets_people_in() {
    let room = Room::new().await;
    let entry = room.account("hoa", &[of(Role::Admin, None)]).await;
    let once = room.accounts.reset("desk", "hoa", NOW).await.unwrap();
    let again = room.enter("hoa", once.shown(), NOW).await;
    let phrase = Password::new(PHRASE.to_owned());
    room.accounts.change_password("hoa", again.session.hash(), &once, &phrase, NOW).await.unwrap();
    room.attempt("hoa", "một mật khẩu gõ sai", None, NOW).await;
    room.attempt("mật khẩu gõ nhầm ô", "x", None, NOW).await;
    let address = room.accounts.begin_second("hoa").await.unwrap();
    let wanted = Wanted { title: "x", actions: &[Action::ReadToday], place: None, days: 1 };
    let (_, token) = room.accounts.make_token("hoa", "hoa", &wanted, NOW).await.unwrap();
    let letters = address.split("secret=").nth(1).unwrap().split('&').next().unwrap();
    let mut secrets: Vec<Vec<u8>> = [PHRASE, once.shown(), "một mật khẩu gõ sai", "mật khẩu gõ nhầm ô", letters]
        .map(|text| text.as_bytes().to_vec())
        .to_vec();
    for secret in [&entry.session, &entry.device, &again.session, &again.device, &token] {
        let raw: Hash = secret.text().parse().unwrap();
        secrets.extend([secret.text().as_bytes().to_vec(), raw.0.to_vec()]);
    }
    let store = room.accounts.store();
    let entries: Vec<Vec<u8>> =
        store.log_entries(0, 1_000).await.unwrap().into_iter().map(|(_, entry)| entry).collect();
    let rebuilt = self::store(&room.dir, "rebuilt.db").await;
    assert_eq!(rebuilt.replay(0, &entries).await.unwrap(), entries.len());
    rebuilt.take_over(store).await.unwrap();
    assert_eq!(store.differences(&rebuilt).await.unwrap(), []);
    let accounts = Accounts::new(rebuilt.clone(), codes(), Rules::default(), LIGHT);
    assert!(matches!(accounts.log_in(attempt("hoa", PHRASE), NOW).await, Ok(Entered::In(_))));
    assert_eq!(accounts.grants("hoa").await.unwrap(), [of(Role::Admin, None)]);
    assert!(accounts.by_token(&format!("{PREFIX}{}", token.text()), NOW).await.unwrap().is_some());
    assert!(accounts.by_session(&again.session, NOW).await.unwrap().is_none(), "sessions end with a rebuild");
    rebuilt.close().await;
    store.close().await;
    let mut dumped = entries.concat();
    for file in std::fs::read_dir(room.dir.path()).unwrap() {
        dumped.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |part: &[u8]| dumped.windows(part.len()).any(|window| window == part);
    assert!(holds("Trần Thị Hoa".as_bytes()), "what is no secret is found");
    for secret in &secrets {
        assert!(!holds(secret), "{:?}", String::from_utf8_lossy(secret));
    }
}

#[tokio::test]
async fn who_gets_a_one_time_password_has_no_sessions_devices_and_tokens_of_before() {
    let room = Room::new().await;
    let entry = room.account("hoa", &[of(Role::Operator, None)]).await;
    room.account("lan", &[of(Role::Operator, None)]).await;
    let wanted = Wanted { title: "", actions: &[Action::ReadToday], place: None, days: 9 };
    let token = async |whose: &str| {
        format!("{PREFIX}{}", room.accounts.make_token(whose, whose, &wanted, NOW).await.unwrap().1.text())
    };
    let (hoas, lans) = (token("hoa").await, token("lan").await);
    let alive = async |text: &str| room.accounts.by_token(text, NOW).await.unwrap().is_some();
    assert!(alive(&hoas).await && alive(&lans).await);
    room.accounts.reset("desk", "hoa", NOW).await.unwrap();
    assert!(!alive(&hoas).await && alive(&lans).await);
    assert!(room.accounts.by_session(&entry.session, NOW).await.unwrap().is_none());
    assert!(!room.accounts.store().knows_device("hoa", entry.device.hash(), UtcMs(0)).await.unwrap());
    assert!(room.accounts.store().knows_device("lan", Hash::ZERO, UtcMs(0)).await.is_ok());
}
