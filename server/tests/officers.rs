//! Two people sign: real programs, a desk that holds no officer's key, officers on machines of their own.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

const PHRASE: &str = "bốn từ tiếng Việt";
const TIMETABLE: &str = r#"
[[place]]
code = "x"
valid_from = "2025-07-01"
name = "Xã Mẫu"
zone = "Asia/Ho_Chi_Minh"
[[player]]
id = "bang"
name = "Bảng"
kind = "board"
place = "x"
board = "64x32"
[[slide]]
id = "s"
seconds = 5
title = "Chào"
body = "Chào bà con"
[[programme]]
id = "p"
title = "Lời chào"
items = ["slide:s"]
"#;
const ORDER: &str = r#"
[[order]]
id = "chao"
programme = "p"
class = "normal"
to = { kinds = ["board"] }
at = "0 5 * * *"
"#;
const EMERGENCY: &str = r#"
[[order]]
id = "bao"
programme = "p"
class = "emergency"
to = { places = ["x"] }
at = "0 6 * * *"
"#;

/// A desk's machine and the officers' own, side by side.
struct Room {
    dir: TempDir,
}

impl Room {
    fn new() -> Self {
        let room = Self { dir: TempDir::new().unwrap() };
        fs::write(room.path("phrase"), format!("{PHRASE}\n")).unwrap();
        room.timetable(&[ORDER]);
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn timetable(&self, orders: &[&str]) {
        fs::write(self.path("lich.toml"), format!("{TIMETABLE}{}", orders.concat())).unwrap();
    }

    /// Runs `loa` on a machine; names of files are those in the room.
    fn run(&self, machine: &str, arguments: &[&str], typed: &str) -> Result<String, String> {
        let mut program = Command::new(env!("CARGO_BIN_EXE_loa"));
        program.current_dir(self.dir.path()).env_remove("LOA_DESK").env_remove("LOA_LANG");
        program.args(["--lang", "en", "--data", machine]).args(arguments);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = program.spawn().unwrap();
        // A program that refuses at once does not read.
        let _unread = running.stdin.take().unwrap().write_all(typed.as_bytes());
        let done = running.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
    }

    fn does(&self, machine: &str, arguments: &[&str]) -> String {
        self.run(machine, arguments, "").unwrap_or_else(|told| panic!("{arguments:?}: {told}"))
    }

    fn refuses(&self, machine: &str, arguments: &[&str], because: &str) {
        let told = self.run(machine, arguments, "").unwrap_err();
        assert!(told.contains(because), "{arguments:?}: {told}");
    }

    fn key(&self, name: &str) {
        let told = self.run(name, &["key", "new", name, "--name", &name.to_uppercase()], &format!("{PHRASE}\n"));
        assert!(told.unwrap().contains("Fingerprint"));
    }

    /// An officer signs without being asked.
    fn sign(&self, name: &str, request: &str, out: &str) -> String {
        let sign = ["key", "sign", request, "--key", name, "--out", out, "--yes", "--passphrase-file", "phrase"];
        self.does(name, &sign)
    }

    fn acts(&self) -> Vec<String> {
        let acts = self.does("desk", &["acts", "--format", "csv"]);
        acts.lines().skip(1).map(|line| line.split(',').skip(2).take(2).collect::<Vec<_>>().join(" ")).collect()
    }

    /// A desk of which two officers of three must sign.
    fn desk_of_three(&self) {
        ["mai", "binh", "an"].iter().for_each(|name| self.key(name));
        let officers = ["--officer", "mai.pub", "binh.pub", "--officer", "an", "--threshold", "2"];
        self.does("desk", &[&["root", "new"], &officers[..], &["--request", "goc"]].concat());
        self.refuses("desk", &["apply", "lich.toml"], "waits for officers to sign");
        self.sign("mai", "goc", "goc");
        self.refuses("desk", &["root", "accept", "goc"], "1 of those who may have signed, 2 are needed");
        self.sign("binh", "goc", "goc-2");
        let told = self.does("desk", &["root", "accept", "goc-2"]);
        assert!(told.contains("Signed: «MAI»") && told.contains("Version 1"), "{told}");
        assert!(!self.path("desk/keys/officer.key").exists(), "no officer's key was ever at the desk");
    }
}

#[test]
fn one_officer_alone_is_refused_and_two_are_heard() {
    let room = Room::new();
    room.desk_of_three();
    room.refuses("desk", &["apply", "lich.toml"], "need the signatures of 2 of 3 officers");
    room.refuses("desk", &["apply", "lich.toml", "--officer", "mai"], "need the signatures of 2 of 3 officers");
    let asked = room.does("desk", &["apply", "lich.toml", "--request", "yeu-cau"]);
    assert!(asked.contains("1 orders to sign"), "{asked}");

    // Mai reads, and types what is asked.
    let sign = ["key", "sign", "yeu-cau", "--key", "mai", "--out", "mai.ky", "--root", "desk/root"];
    let unsigned = room.run("mai", &sign, "no\n").unwrap_err();
    assert!(unsigned.contains("nothing is signed") && !room.path("mai.ky").exists(), "{unsigned}");
    let wrong = room.run("mai", &sign, "sign\nnot the passphrase\n").unwrap_err();
    assert!(wrong.contains("Wrong passphrase") && !room.path("mai.ky").exists(), "{wrong}");
    let told = room.run("mai", &sign, &format!("sign\n{PHRASE}\n")).unwrap();
    assert!(told.contains("── Order 1/1: chao") && told.contains("the one you hold"), "{told}");

    let signed = |files: &[&'static str]| [&["apply", "lich.toml", "--signed"], files].concat();
    room.refuses("desk", &signed(&["yeu-cau"]), "0 officers have signed, 2 are needed");
    room.refuses("desk", &signed(&["mai.ky"]), "1 officers have signed, 2 are needed: 1 missing. Nothing has changed.");
    room.refuses("desk", &signed(&["mai.ky", "mai.ky"]), "1 officers have signed");
    room.key("la");
    room.sign("la", "yeu-cau", "la.ky");
    room.refuses("desk", &signed(&["mai.ky", "la.ky"]), "Does not count: «LA»");
    room.refuses("desk", &signed(&["mai.ky", "la.ky"]), "1 missing");
    room.sign("binh", "yeu-cau", "binh.ky");

    room.timetable(&[&ORDER.replace("0 5", "15 3")]);
    room.refuses("desk", &signed(&["mai.ky", "binh.ky"]), "“chao” is no longer what was asked");
    room.timetable(&[ORDER]);
    assert!(!room.acts().iter().any(|act| act.ends_with(" apply")), "nothing has changed so far");
    let told = room.does("desk", &signed(&["mai.ky", "binh.ky"]));
    assert!(told.contains("Signed: «MAI»") && told.contains("1 orders signed"), "{told}");
    let acts = room.acts();
    assert!(
        acts[0].starts_with("officer:") && acts[0].contains("+officer:") && acts[0].ends_with(" apply"),
        "{acts:?}"
    );
    assert!(
        acts.contains(&"desk request".to_owned()) && acts.iter().any(|act| act.ends_with(" root-accept")),
        "{acts:?}"
    );
    room.refuses("desk", &signed(&["mai.ky", "binh.ky"]), "was applied already");

    // Nothing to sign: what stands is applied again, and what goes is taken off, by nobody's key.
    room.does("desk", &["apply", "lich.toml"]);
    room.timetable(&[]);
    let told = room.does("desk", &["apply", "lich.toml"]);
    assert!(told.contains("0 orders signed, 1 orders revoked"), "{told}");
    assert_eq!(room.acts()[0], "desk apply");
}

#[test]
fn an_emergency_is_signed_only_by_who_counted_its_places() {
    let room = Room::new();
    room.desk_of_three();
    room.timetable(&[ORDER, EMERGENCY]);
    room.does("desk", &["apply", "lich.toml", "--request", "yeu-cau"]);
    let sign = ["key", "sign", "yeu-cau", "--key", "mai"];
    for typed in ["sign\n", "2\nsign\n", "all\nsign\n", "1\nyes\n", ""] {
        let told = room.run("mai", &sign, &format!("{typed}{PHRASE}\n")).unwrap_err();
        assert!(told.contains("nothing is signed"), "{typed:?}: {told}");
    }
    let told = room.run("mai", &sign, &format!("1\nsign\n{PHRASE}\n")).unwrap();
    assert!(told.contains("!!!  1 EMERGENCY ORDERS"), "{told}");
    // The next officer signs the same copy.
    let told = room.sign("an", "yeu-cau", "yeu-cau");
    assert!(told.contains("Signatures in the file already"), "{told}");
    assert!(room.does("desk", &["apply", "lich.toml", "--signed", "yeu-cau"]).contains("2 orders signed"));
}

#[test]
fn officers_change_only_when_the_old_and_the_new_ones_agree() {
    let room = Room::new();
    room.desk_of_three();
    room.does("desk", &["apply", "lich.toml", "--request", "yeu-cau"]);
    room.sign("mai", "yeu-cau", "yeu-cau");
    room.sign("binh", "yeu-cau", "yeu-cau");
    room.does("desk", &["apply", "lich.toml", "--signed", "yeu-cau"]);

    room.key("chi");
    room.refuses("desk", &["root", "change", "--officer", "chi.pub", "--request", "goc-2"], "cannot be");
    room.does("desk", &["root", "change", "--officer", "binh.pub", "chi.pub", "--request", "goc-2"]);
    let told = room.does(
        "mai",
        &["key", "sign", "goc-2", "--key", "mai", "--root", "desk/root", "--yes", "--passphrase-file", "phrase"],
    );
    assert!(told.contains("[NEW]") && told.contains("[GONE]"), "{told}");
    room.sign("binh", "goc-2", "goc-2");
    room.refuses("desk", &["root", "accept", "goc-2"], "By the new document, 1 of those");
    room.refuses("desk", &["apply", "lich.toml", "--signed", "goc-2"], "loa root accept");
    room.sign("chi", "goc-2", "chi.ky");
    let told = room.does("desk", &["root", "accept", "goc-2", "chi.ky"]);
    assert!(told.contains("Version 2") && told.contains("1 orders in force are not signed by enough"), "{told}");
    room.refuses("desk", &["root", "accept", "goc-2", "chi.ky"], "must be version 3");
    room.refuses("desk", &["apply", "lich.toml", "--signed", "yeu-cau"], "under version 1 of the root document");
    let stale =
        ["key", "sign", "yeu-cau", "--key", "chi", "--root", "desk/root", "--yes", "--passphrase-file", "phrase"];
    room.refuses("chi", &stale, "which is newer. Do not sign");

    let shown = room.does("desk", &["root", "show"]);
    assert!(shown.contains("version 2") && shown.contains("2 of 2 keys") && shown.contains("quorum none"), "{shown}");
    // The order that only one of today's officers signed is asked for again.
    assert!(room.does("desk", &["apply", "lich.toml", "--request", "lai"]).contains("1 orders to sign"));
    room.sign("binh", "lai", "lai");
    room.sign("chi", "lai", "lai");
    assert!(room.does("desk", &["apply", "lich.toml", "--signed", "lai"]).contains("1 orders signed"));
}

#[test]
fn one_officer_of_one_signs_at_the_desk_with_a_key_behind_a_passphrase() {
    let room = Room::new();
    let short = room.run("mai", &["key", "new", "mai"], "ngắn\n").unwrap_err();
    assert!(short.contains("at least 12 characters") && !room.path("mai").exists(), "{short}");
    room.key("mai");
    room.refuses("mai", &["key", "new", "mai"], "never overwritten");
    room.does("desk", &["root", "new", "--officer", "mai.pub", "--threshold", "1", "--request", "goc"]);
    room.sign("mai", "goc", "goc");
    room.does("desk", &["root", "accept", "goc"]);
    room.refuses("desk", &["apply", "lich.toml"], "no key here is enough");
    room.key("la");
    let with = |key| ["apply", "lich.toml", "--officer", key, "--passphrase-file", "phrase"];
    room.refuses("desk", &with("la"), "is no officer's of the root document");
    assert!(room.does("desk", &with("mai")).contains("1 orders signed"));

    fs::write(room.path("phrase-2"), "một câu khác hẳn\n").unwrap();
    let change = ["key", "passphrase", "mai", "--passphrase-file", "phrase", "--new-passphrase-file", "phrase-2"];
    let before = room.does("mai", &["key", "show", "mai"]);
    room.does("mai", &change);
    assert_eq!(room.does("mai", &["key", "show", "mai.pub"]), before, "the key stays");
    room.refuses("mai", &change, "Wrong passphrase");
}
