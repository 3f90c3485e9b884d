//! Evidence from end to end: real players, a witnessed log, a copy that a stranger checks, reports in every form, and a
//! desk that is put back to yesterday.

use std::path::{Path, PathBuf};

use loa_domain::audit::note::{Algorithm, NoteKey};
use loa_domain::time::LocalTime;
use loa_tests::world::desk::Desk;
use loa_tests::world::player::Player;
use loa_tests::world::programs::{Process, free_port, program, until};
use loa_tests::world::timetable::{self, Clip, Order};
use serde_json::Value;

/// Proofs that are waited for before anything is checked.
const PROOFS: usize = 12;
/// The classes of findings that are looked for here (`docs/log.md`).
const MISSING: i32 = 10;
const CHECKPOINT: i32 = 11;
const TREE: i32 = 12;
const TRUNCATION: i32 = 13;

/// Two loudspeakers, a witness, and an auditor.
pub fn a_stranger_checks_what_was_aired_and_nothing_can_be_taken_back(home: &Path) -> String {
    let mut desk = Desk::start(home);
    let clips = [Clip::speech("mot", 2, 1), Clip::speech("hai", 1, 2)];
    let orders =
        [Order::new("mot", "mot", &[0, 10, 20, 30, 40, 50]), Order::new("hai", "hai", &[5, 15, 25, 35, 45, 55])];
    desk.apply(&timetable::make(home, &["loa-1", "loa-2"], &clips, &orders));
    let witness = witnessed(home, &mut desk);
    let mut players = ["loa-1", "loa-2"].map(|id| Player::start(home, id, &desk.root(), desk.address()));
    until("proofs", 150, || (desk.evidence().proofs().len() >= PROOFS).then_some(()));
    // A desk that dies in the middle goes on where it was.
    desk.kill();
    desk.restart();
    until("more proofs", 150, || (desk.evidence().proofs().len() >= 2 * PROOFS).then_some(()));
    let yesterday = home.join("yesterday");
    copy_folder(desk.folder(), &yesterday);
    refuses_to_serve(home, &desk, "Another desk is working on this log");
    let (whole, records) = a_copy_is_clean(home, &desk);
    let found = tampering_is_named(home, &whole, &desk);
    a_record_is_proven_alone(home, &desk);
    let proofs = reports(home, &desk);
    until("proofs after yesterday", 60, || (desk.evidence().proofs().len() as u64 > proofs + 6).then_some(()));
    desk.kill();
    let (code, said) = desk.loa(&["audit", "rebuild"]);
    assert_eq!(code, 0, "the store is what the log gives back: {said}");
    an_old_store_is_noticed(home, &mut desk, &yesterday);
    let after = a_desk_of_yesterday_is_refused(home, &mut desk, &yesterday, &mut players);
    drop(witness);
    format!(
        "{records} records of {proofs} cues checked by a stranger, {found} ways of tampering named, 8 reports, {after} \
         records after the old store was mended; nobody followed a desk put back to yesterday"
    )
}

/// A witness that the desk's policy asks for.
fn witnessed(home: &Path, desk: &mut Desk) -> Process {
    let quorum = loa_host::keyfile::root(&desk.root()).expect("a root document").log.expect("it names the log");
    let log_key = NoteKey::new(&quorum.origin, Algorithm::Ed25519, quorum.key).expect("a log's key").to_string();
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = program("loa");
    command.arg("--data").arg(home.join("witness")).args(["witness", "--listen", &address, "--log", &log_key]);
    let mut witness = Process::start(command, &home.join("witness.log"));
    witness.until_said(&["witness listens"], 0, 30);
    let key = until("the witness's key", 10, || {
        witness.said().split_whitespace().find(|word| word.matches('+').count() >= 2).map(str::to_owned)
    });
    let policy = format!("log {log_key}\nwitness w1 {key} http://{address}\nquorum w1\n");
    std::fs::write(desk.folder().join("policy"), policy).expect("the policy can be written");
    desk.kill();
    desk.restart();
    witness
}

/// `loa serve` on the desk's folder says this and ends.
fn refuses_to_serve(home: &Path, desk: &Desk, why: &str) {
    let mut command = program("loa");
    command.arg("--data").arg(desk.folder()).args(["serve", "--listen", &format!("127.0.0.1:{}", free_port())]);
    let mut refused = Process::start(command, &home.join("refused.log"));
    refused.until_said(&[why], 0, 30);
}

/// A copy without a fault; gives it and how many records it holds.
fn a_copy_is_clean(home: &Path, desk: &Desk) -> (PathBuf, u64) {
    let whole = home.join("copy");
    // What is in the store is published within seconds.
    let records = until("a checkpoint over twelve proofs of each", 60, || {
        let copy = desk.export(home, "copy");
        let checked = desk.check(&copy, &[]);
        assert_eq!(checked.code, 0, "{:#}", checked.report);
        let count = |key: &str| checked.report[key].as_u64().unwrap_or_default();
        let records = count("records");
        // What players write of the log they write once they have checked it.
        let enough = records >= 2 * PROOFS as u64 && count("witnessed_checkpoints") > 0 && count("seen_trees") > 0;
        if !enough {
            std::fs::remove_dir_all(&copy).expect("a copy can be removed");
        }
        enough.then_some(records)
    });
    (whole, records)
}

/// Some ways to alter a copy, each by its exit code. All ways, at many places, are in `verify/tests/tamper.rs`.
fn tampering_is_named(home: &Path, whole: &Path, desk: &Desk) -> usize {
    let entries = || first_file(&whole.join("tile/entries"));
    let beside = |path: &Path| path.strip_prefix(whole).expect("below").to_owned();
    type Way<'w> = (&'w str, i32, Box<dyn Fn(&Path) + 'w>);
    let alter = |path: PathBuf, change: fn(&mut Vec<u8>)| {
        move |copy: &Path| {
            let mut bytes = std::fs::read(copy.join(&path)).expect("it is there");
            change(&mut bytes);
            std::fs::write(copy.join(&path), bytes).expect("it can be written");
        }
    };
    let at = beside(&entries());
    let ways: [Way<'_>; 5] = [
        ("a byte of an entry", TREE, Box::new(alter(at.clone(), |bytes| bytes[100] ^= 1))),
        ("entries cut short", MISSING, Box::new(alter(at.clone(), |bytes| bytes.truncate(bytes.len() / 2)))),
        ("a tile away", MISSING, Box::new(move |copy| std::fs::remove_file(copy.join(&at)).expect("it goes"))),
        ("a byte of the checkpoint", CHECKPOINT, Box::new(alter("checkpoint".into(), |bytes| bytes[40] ^= 1))),
        (
            "no witness",
            CHECKPOINT,
            Box::new(alter("checkpoint".into(), |bytes| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let end = text.trim_end().rfind('\n').expect("two signatures");
                bytes.truncate(end + 1);
            })),
        ),
    ];
    for (what, code, way) in &ways {
        let copy = home.join("altered");
        copy_folder(whole, &copy);
        way(&copy);
        let checked = desk.check(&copy, &[]);
        assert_eq!(checked.code, *code, "{what}: {:#}", checked.report);
        assert_eq!(checked.report["clean"], Value::Bool(false));
        std::fs::remove_dir_all(&copy).expect("it goes");
    }
    ways.len()
}

fn a_record_is_proven_alone(home: &Path, desk: &Desk) {
    let (file, policy) = (home.join("proof.txt"), desk.folder().join("policy"));
    let (file, policy) = (file.to_str().expect("UTF-8"), policy.to_str().expect("UTF-8"));
    let (code, said) = desk.loa(&["audit", "proof", "--player", "loa-1", "--seq", "1", "-o", file]);
    assert_eq!(code, 0, "{said}");
    let check = || desk.loa(&["audit", "verify-proof", file, "--policy", policy]);
    let (code, said) = check();
    assert!(code == 0 && said.contains("record 1 of loa-1"), "{code}: {said}");
    let text = std::fs::read_to_string(file).expect("a proof");
    let middle = text.len() / 2;
    let altered: String = text
        .char_indices()
        .map(|(at, letter)| if at == middle { if letter == 'A' { 'B' } else { 'A' } } else { letter })
        .collect();
    std::fs::write(file, altered).expect("it can be written");
    let (code, said) = check();
    assert!(code != 0, "an altered proof proves nothing: {said}");
}

/// Reports in every form and both languages; gives how many cues were due.
fn reports(home: &Path, desk: &Desk) -> u64 {
    let day = today();
    for language in ["vi", "en"] {
        for form in ["csv", "xlsx", "pdf", "json"] {
            let file = home.join(format!("report-{language}.{form}"));
            let name = file.to_str().expect("UTF-8");
            let asked = ["report", "--place", "xa", "--from", &day, "--to", &day, "--format", form, "-o", name];
            let (code, said) = desk.loa(&[&["--lang", language], &asked[..]].concat());
            assert_eq!(code, 0, "{said}");
            let bytes = std::fs::read(&file).expect("a report");
            let begins: &[u8] = match form {
                "pdf" => b"%PDF-",
                "xlsx" => b"PK",
                "json" => b"{",
                _ => b"",
            };
            assert!(bytes.starts_with(begins) && bytes.len() > 200, "{name}");
        }
    }
    let report: Value = serde_json::from_slice(&std::fs::read(home.join("report-en.json")).expect("a report"))
        .expect("a report in JSON");
    assert!(report["log"]["size"].as_u64().unwrap_or_default() > 0, "the report names the log: {:#}", report["log"]);
    let copied = std::fs::read_to_string(home.join("copy/checkpoint")).expect("a checkpoint");
    let origin = copied.lines().next().unwrap_or_default();
    assert_eq!(report["log"]["origin"], origin);
    desk.evidence().proofs().len() as u64
}

/// The store alone comes from a backup: noticed, and mended from the log. What the desk had not logged yet, its players
/// still have, and send again.
fn an_old_store_is_noticed(home: &Path, desk: &mut Desk, yesterday: &Path) {
    let cues = |desk: &Desk| -> Vec<_> {
        desk.evidence().proofs().into_iter().map(|proof| (proof.player, proof.order, proof.planned_ms)).collect()
    };
    let before = cues(desk);
    for name in ["desk.db", "desk.db-wal", "desk.db-shm"] {
        let (from, to) = (yesterday.join(name), desk.folder().join(name));
        let _absent = std::fs::remove_file(&to);
        if from.is_file() {
            std::fs::copy(from, to).expect("it can be copied");
        }
    }
    refuses_to_serve(home, desk, "restored from an older backup");
    let (code, said) = desk.loa(&["audit", "rebuild", "--replace"]);
    assert_eq!(code, 0, "{said}");
    assert!(desk.evidence().proofs().len() + 4 > before.len(), "the log gave back all but the last moment");
    desk.restart();
    until("every proof again, and new ones", 150, || {
        let now = cues(desk);
        (now.len() > before.len() + 2 && before.iter().all(|cue| now.contains(cue))).then_some(())
    });
    let checked = desk.check(&desk.export(home, "mended"), &[]);
    assert_eq!(checked.code, 0, "{:#}", checked.report);
}

/// The whole desk comes from a backup, keys and all: it cannot know, and everybody else does. Gives how many records the
/// log had before.
fn a_desk_of_yesterday_is_refused(home: &Path, desk: &mut Desk, yesterday: &Path, players: &mut [Player]) -> u64 {
    let newest = desk.export(home, "newest");
    let records = desk.check(&newest, &[]).report["records"].as_u64().unwrap_or_default();
    desk.kill();
    let at = desk.said().len();
    std::fs::remove_dir_all(desk.folder()).expect("it goes");
    copy_folder(yesterday, desk.folder());
    desk.restart();
    desk.until_said(&["no quorum"], at, 120);
    // The witness did not sign, so nobody was shown a contradiction, and players keep what the desk has forgotten.
    for player in players.iter_mut() {
        player.kill();
    }
    let old = desk.export(home, "old");
    assert_eq!(desk.check(&old, &[]).code, 0, "by itself an old log is a log");
    let newer = newest.join("checkpoint");
    let checked = desk.check(&old, &["--checkpoint", newer.to_str().expect("UTF-8")]);
    assert_eq!(checked.code, TRUNCATION, "{:#}", checked.report);
    records
}

fn first_file(folder: &Path) -> PathBuf {
    let entry = std::fs::read_dir(folder).expect("a folder").next().expect("something in it").expect("readable");
    if entry.path().is_dir() { first_file(&entry.path()) } else { entry.path() }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}

/// The day at the place, as people write it.
fn today() -> String {
    LocalTime::from_seconds(super::power::now_ms() / 1000 + 7 * 3_600).date().to_string()
}
