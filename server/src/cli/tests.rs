//! The commands on one small desk: the demonstration applied, a few proofs in, looked at, carried away and back.

use std::path::{Path, PathBuf};

use loa_domain::id::{CueId, Hash};
use loa_domain::plan::Reason;
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Record, Stamp};
use loa_domain::time::UtcMs;
use loa_host::clock::Reading;
use loa_host::text::Language;
use tempfile::TempDir;

use super::*;
use crate::store::NewRecord;

/// 2026-12-07 08:00:00 in Việt Nam.
const NOW_MS: i64 = 1_796_605_200_000;

fn context(dir: &Path, language: Language) -> Context {
    let clock = Clock::manual();
    clock.set(Reading { mono_raw_ns: 1, utc_ns: NOW_MS * 1_000_000 });
    Context { words: Words::new(language), folder: Folder::at(dir), clock }
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules/demo")
}

fn found(context: &Context, arguments: &[&str]) -> ArgMatches {
    command(&context.words).try_get_matches_from([&["loa"], arguments].concat()).unwrap_or_else(|e| panic!("{e}"))
}

/// What a command writes.
fn told(dir: &Path, language: Language, arguments: &[&str]) -> String {
    tried(dir, language, arguments).unwrap_or_else(|failure| panic!("{arguments:?}: {failure}"))
}

/// Why a command refuses.
fn refused(dir: &Path, language: Language, arguments: &[&str]) -> Failure {
    tried(dir, language, arguments).unwrap_err()
}

fn tried(dir: &Path, language: Language, arguments: &[&str]) -> Result<String, Failure> {
    let context = context(dir, language);
    let found = found(&context, arguments);
    let (name, found) = found.subcommand().unwrap();
    let mut out = Vec::new();
    wait_for(async {
        match name {
            "plan" => plan::write(&context, found, &mut out).await,
            "proofs" => proofs::write(&context, found, &mut out).await,
            "players" => players::write(&context, found, &mut out).await,
            "acts" => acts::write(&context, found, &mut out).await,
            "account" => account::write(&context, found, &mut out).await,
            "token" => token::write(&context, found, &mut out).await,
            "clip" => clip::write(&context, found, &mut out).await,
            "slide" => slide::write(&context, found, &mut out, false).await,
            other => panic!("{other}"),
        }
    })
    .unwrap()?;
    Ok(String::from_utf8(out).unwrap())
}

fn apply_demo(dir: &Path) {
    let context = context(dir, Language::Vietnamese);
    let found = found(&context, &["apply", demo().to_str().unwrap()]);
    let entry = found.subcommand().unwrap().1;
    apply::run(&context, entry).unwrap_or_else(|failure| panic!("{failure}"));
}

fn add_proofs(dir: &Path) {
    let context = context(dir, Language::Vietnamese);
    wait_for(async {
        let store = context.open_store().await.unwrap();
        let orders = store.orders_in_force().await.unwrap();
        let order = orders.iter().find(|held| held.order.id == "demo-chuong").unwrap().order.hash;
        let cue = |at: i64, outcome, why: Option<Reason>| {
            let (planned, played) = (UtcMs(NOW_MS + at), outcome == Outcome::Played);
            let closed = Closed {
                cue: CueId { order, planned },
                outcome,
                why: why.map(Into::into),
                began: played.then_some(planned.plus_ms(12)),
                ended: played.then_some(planned.plus_ms(3_012)),
                length_ms: 3_000,
                heard_ms: if played { 3_000 } else { 0 },
                volume: 70,
            };
            Body::Cue { closed, content: Hash::of(b"clip"), evidence: Evidence::Decoded, face: None }
        };
        let bodies = [
            Body::Started { rebuilt: false },
            cue(0, Outcome::Played, None),
            cue(20_000, Outcome::Missed, Some(Reason::Overlap)),
        ];
        let records = bodies.into_iter().enumerate().map(|(seq, body)| {
            let seq = seq as u64;
            let utc = UtcMs(NOW_MS + 30_000 * i64::try_from(seq).unwrap());
            let stamp = Stamp { utc, source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
            let player = "loa-cho".parse().unwrap();
            let record = Record { player, epoch: 7, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
            let sealed = format!("{record:?}").into_bytes();
            NewRecord::new(&record, Hash::of(&sealed), sealed, utc)
        });
        store.add_records(&records.collect::<Vec<_>>()).await.unwrap();
        store.close().await;
    })
    .unwrap();
}

fn rows(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn looking_at_what_would_change_makes_no_desk() {
    let room = TempDir::new().unwrap();
    let context = context(&room.path().join("desk"), Language::English);
    let found = found(&context, &["apply", "--dry-run", demo().to_str().unwrap()]);
    apply::run(&context, found.subcommand().unwrap().1).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(!room.path().join("desk").exists());
}

#[test]
fn a_desk_is_planned_looked_at_carried_away_and_brought_back() {
    let room = TempDir::new().unwrap();
    let desk = room.path().join("desk");
    apply_demo(&desk);
    add_proofs(&desk);
    let (vi, en) = (Language::Vietnamese, Language::English);

    let applied = told(
        &desk,
        vi,
        &["plan", "--player", "loa-cho", "--from", "2026-12-07T08:00", "--hours", "1", "--format", "csv"],
    );
    let files = demo();
    let written =
        ["plan", files.to_str().unwrap(), "--player", "loa-cho", "--from", "2026-12-07T08:00", "--hours", "1"];
    assert_eq!(applied, told(&desk, vi, &[&written[..], &["--format", "csv"]].concat()), "applied or not, one plan");
    assert!(applied.lines().count() > 200, "{applied}");

    let proofs = rows(&told(&desk, vi, &["proofs"]));
    assert_eq!(
        proofs,
        [
            "Giờ theo lịch Máy phát Lệnh phát Kết quả Lý do Đã phát / cả bài Lệch giờ (ms) Đồng hồ Bằng chứng",
            "07/12/2026 08:00:00 loa-cho demo-chuong đã phát trọn 0:03 / 0:03 +12 mạng, ±3 ms E1",
            "07/12/2026 08:00:20 loa-cho demo-chuong không phát trùng giờ lệnh khác 0:00 / 0:03 mạng, ±3 ms E1",
        ]
    );
    let proofs = rows(&told(&desk, en, &["proofs", "--records", "--limit", "2"]));
    assert_eq!(
        proofs[1..],
        [
            "2026-12-07 08:00:00 loa-cho the player started network, ±3 ms",
            "2026-12-07 08:00:00 loa-cho demo-chuong played 0:03 / 0:03 +12 network, ±3 ms E1",
        ]
    );
    let json = told(&desk, en, &["proofs", "--outcome", "missed", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["reason"], "overlap");
    assert_eq!(json[0]["planned_ms"], NOW_MS + 20_000);
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(told(&desk, vi, &["proofs", "--until", "2026-12-06", "--format", "csv"]).lines().count(), 1);

    let unknown = refused(&desk, vi, &["proofs", "--player", "loa-ch"]);
    assert_eq!(unknown, "Không có máy phát nào mã “loa-ch”. Hiện có: bang-ubnd, loa-cho, loa-truong");
    let unknown = refused(&desk, en, &["proofs", "--order", "demo-chuon"]);
    assert_eq!(unknown, "No order is called “demo-chuon”, now or ever. See the orders: loa plan");
    let unknown = refused(&desk, en, &["proofs", "--campaign", "x"]);
    assert!(unknown.starts_with("There never was a campaign “x”"), "{unknown}");
    let backwards = refused(&desk, en, &["proofs", "--from", "2026-12-10", "--until", "2026-12-01"]);
    assert_eq!(backwards, "--until (2026-12-01) must be after --from (2026-12-10).");

    let players = rows(&told(&desk, vi, &["players"]));
    assert_eq!(players[2], "loa-cho Khu chợ chưa lần nào –");
    let clips = rows(&told(&desk, en, &["clip", "list"]));
    assert_eq!(clips.len(), 4, "{clips:?}");
    assert!(clips[2].starts_with("demo-chuong Tiếng chuông 0:"), "{clips:?}");
    assert!(told(&desk, vi, &["acts", "--format", "csv"]).contains("apply"));
    assert_eq!(rows(&told(&desk, vi, &["players"]))[1], "bang-ubnd Xã Mẫu 128x32 mono chưa lần nào –");
    let slides = told(&desk, en, &["slide", "list", "--format", "csv"]);
    assert!(slides.contains("demo-chao,XÃ MẪU,vi,text,8,128x32 mono,true,true"), "{slides}");
    assert!(told(&desk, en, &["slide", "show", "demo-chao"]).starts_with("128x32 mono (128 x 32 mono): faces "));

    carried(room.path(), &desk);
}

const WHERE: &str = "[[place]]\ncode = \"x\"\nvalid_from = \"2025-07-01\"\nname = \"X\"\nzone = \"Asia/Ho_Chi_Minh\"\n\
    [[player]]\nid = \"bang\"\nname = \"B\"\nkind = \"board\"\nplace = \"x\"\nboard = \"64x32\"\n\
    [[programme]]\nid = \"p\"\ntitle = \"P\"\nitems = [\"slide:s\"]\n\
    [[order]]\nid = \"o\"\nprogramme = \"p\"\nclass = \"normal\"\nto = { kinds = [\"board\"] }\nat = \"0 5 * * *\"\n";

/// What becomes of a slide that an order airs on a board of 64 by 32.
fn aired(dir: &Path, slide: &str, language: Language) -> Result<ExitCode, Failure> {
    let file = dir.join("lich.toml");
    std::fs::write(&file, format!("{WHERE}[[slide]]\nid = \"s\"\nseconds = 5\n{slide}\n")).unwrap();
    let context = context(&dir.join("desk"), language);
    let found = found(&context, &["apply", file.to_str().unwrap()]);
    apply::run(&context, found.subcommand().unwrap().1).map_err(|told| told.replace(&dir.display().to_string(), ""))
}

#[test]
fn what_boards_cannot_show_is_signed_by_nobody() {
    let room = TempDir::new().unwrap();
    std::fs::write(room.path().join("anh.png"), b"%PDF-1.7").unwrap();
    let (vi, en) = (Language::Vietnamese, Language::English);
    let refused = |slide: &str, language| aired(room.path(), slide, language).unwrap_err();
    let letter = refused("title = \"Chúc mừng 🎉\"\nbody = \"Tết\"", en);
    assert!(letter.contains("Boards have no picture of “🎉” (U+1F389) in “title”."), "{letter}");
    assert!(letter.contains("/lich.toml:25:20"), "{letter}");
    let code = refused(&format!("code = \"https://{}\"", "an-lac.vn/".repeat(9)), vi);
    assert!(code.starts_with("/lich.toml:22: Mã quét của trang “s” không vừa bảng nào"), "{code}");
    let picture = refused("picture = \"anh.png\"", en);
    assert!(picture.contains("this is no picture that can be read here, it looks like PDF."), "{picture}");
    wait_for(async {
        let store = context(&room.path().join("desk"), en).open_store().await.unwrap();
        assert!(store.orders_in_force().await.unwrap().is_empty());
        store.close().await;
    })
    .unwrap();
    // Too much text is told, and goes: the operator decides.
    let long = format!("title = \"Tin\"\nbody = \"{}\"", "mời bà con đi họp ".repeat(9));
    assert_eq!(aired(room.path(), &long, en), Ok(ExitCode::SUCCESS));
}

/// Backs the desk up, and restores it elsewhere; refuses what is not whole.
fn carried(room: &Path, desk: &Path) {
    let (copy, other) = (room.join("copy"), room.join("other"));
    let run = |dir: &Path, name: &str, from_or_to: &Path, with_keys: bool| {
        let context = context(dir, Language::English);
        let keys: &[&str] = if with_keys { &["--with-keys"] } else { &[] };
        let found = found(&context, &[&[name, from_or_to.to_str().unwrap()], keys].concat());
        let entry = found.subcommand().unwrap().1;
        if name == "backup" { backup::run(&context, entry) } else { backup::run_restore(&context, entry) }
    };
    run(desk, "backup", &copy, true).unwrap();
    assert!(run(desk, "backup", &copy, true).is_err(), "a backup is never overwritten");
    let inside = run(desk, "backup", &desk.join("copy"), false).unwrap_err();
    assert!(inside.contains("within the desk") && !desk.join("copy").exists(), "{inside}");
    run(&other, "restore", &copy, true).unwrap();
    let clips = ["clip", "list", "--format", "csv"];
    let en = Language::English;
    assert_eq!(told(&other, en, &clips), told(desk, en, &clips));
    let key = |dir: &Path| std::fs::read(dir.join("keys/officer.key")).unwrap();
    assert_eq!(key(&other), key(desk));

    // A running desk has its store open.
    let context = context(&other, en);
    let desk_of_others = tokio::runtime::Runtime::new().unwrap();
    let held = desk_of_others.block_on(context.open_store()).unwrap();
    assert!(run(&other, "restore", &copy, false).is_err(), "a store in use is not replaced");
    drop(held);

    let list = std::fs::read_to_string(copy.join("content.txt")).unwrap();
    let name = list.lines().next().unwrap();
    std::fs::write(copy.join("content").join(&name[..2]).join(name), b"not it").unwrap();
    let third = room.join("third");
    let refusal = run(&third, "restore", &copy, false).unwrap_err();
    assert!(refusal.contains(name), "{refusal}");
    assert!(!third.exists(), "a backup that is not whole leaves no trace");
}

#[test]
fn the_command_line_is_sound_and_has_words_in_both_languages() {
    for language in [Language::Vietnamese, Language::English] {
        let words = Words::new(language);
        let mut root = command(&words);
        root.clone().debug_assert();
        root.build();
        let mut waiting = vec![root];
        while let Some(mut command) = waiting.pop() {
            let help = command.render_long_help().to_string();
            let bare = help.split_whitespace().find(|word| word.contains("-help-") || word.ends_with("-about"));
            assert_eq!(bare, None, "{} has no words", command.get_name());
            waiting.extend(command.get_subcommands().cloned());
        }
    }
}

#[test]
fn accounts_and_tokens_are_made_changed_and_listed_at_the_desks_machine() {
    let room = TempDir::new().unwrap();
    let desk = room.path().join("desk");
    let (vi, en) = (Language::Vietnamese, Language::English);
    assert!(refused(&desk, vi, &["account", "list"]).contains("desk"), "no desk is made by looking at it");
    apply_demo(&desk);
    let made = told(&desk, en, &["account", "new", "Hoa", "--display", "Trần Thị Hoa", "--role", "admin"]);
    let once = made.lines().map(str::trim).find(|line| line.len() == 19 && line.matches('-').count() == 3);
    let once = once.unwrap_or_else(|| panic!("{made}"));
    assert!(made.starts_with("The account Hoa is made.\n"), "{made}");
    assert!(refused(&desk, en, &["account", "new", "hoa"]).starts_with("There is an account “hoa” already."));
    assert!(refused(&desk, vi, &["account", "new", "Hòa"]).starts_with("Tên đăng nhập cần 2–40 chữ"));
    let role = refused(&desk, en, &["account", "give", "hoa", "root"]);
    assert_eq!(role, "ROLE: “root” cannot be used; expected viewer, operator, approver, auditor or admin");
    let place = refused(&desk, en, &["account", "give", "hoa", "viewer", "--place", "99999"]);
    assert!(place.starts_with("There is no place “99999” in the timetable."), "{place}");
    let give = ["account", "give", "hoa", "operator", "--place", "demo-xa"];
    assert_eq!(told(&desk, en, &give), "Done: hoa.\n");
    assert_eq!(told(&desk, vi, &give), "hoa vốn đã như vậy; không có gì thay đổi.\n");
    assert_eq!(told(&desk, en, &["account", "disable", "hoa"]), "Done: hoa.\n");
    let list = rows(&told(&desk, en, &["account", "list"]));
    assert!(list[1].starts_with("hoa Trần Thị Hoa admin (everywhere), operator (demo-xa@"), "{list:?}");
    assert!(list[1].ends_with(" disabled no"), "{list:?}");
    told(&desk, en, &["account", "enable", "hoa"]);
    told(&desk, en, &["account", "rename", "hoa", "Chị Hoa"]);
    assert!(told(&desk, vi, &["account", "reset", "hoa"]).starts_with("Đã cấp lại mật khẩu cho hoa;"));
    assert!(refused(&desk, en, &["account", "reset", "lan"]).starts_with("There is no account “lan”."));
    assert!(told(&desk, en, &["account", "second", "hoa"]).contains("otpauth://totp/Loa:hoa?secret="));
    let code = refused(&desk, en, &["account", "second", "hoa", "--code", "12345"]);
    assert!(code.starts_with("The code is not right."), "{code}");
    told(&desk, en, &["account", "second", "hoa", "--off"]);

    let new = ["token", "new", "hoa", "--title", "Bảng tin", "--action", "read-today"];
    let made = told(&desk, en, &new);
    let (id, text) =
        (made.split_whitespace().nth(1).unwrap().trim_end_matches(','), made.lines().nth(1).unwrap().trim());
    assert!(text.starts_with("loa_") && text.len() == 68, "{made}");
    let refusal = refused(&desk, en, &["token", "new", "hoa", "--title", "x", "--action", "manage-accounts"]);
    assert_eq!(refusal, "No token may “manage-accounts”: that is for people.");
    let refusal = refused(&desk, en, &["token", "new", "hoa", "--title", "x", "--action", "everything"]);
    assert!(refusal.starts_with("--action: “everything” cannot be used; expected one of: read-today, "), "{refusal}");
    let list = rows(&told(&desk, vi, &["token", "list"]));
    assert!(list[1].starts_with(&format!("{id} hoa Bảng tin read-today mọi nơi ")), "{list:?}");
    assert!(!told(&desk, vi, &["token", "list", "--format", "json"]).contains(text));
    assert_eq!(told(&desk, en, &["token", "revoke", id]), format!("The token {id} is taken back.\n"));
    assert!(refused(&desk, en, &["token", "revoke", id]).starts_with("There is no token"));
    let acts = told(&desk, en, &["acts", "--format", "csv"]);
    for what in ["account-new", "account-rename", "account-disable", "password-reset", "token-new", "token-revoke"] {
        assert_eq!(acts.matches(&format!(",desk,{what},")).count(), 1, "{what}: {acts}");
    }
    assert!(!acts.contains(text) && !acts.contains(once));
}
