//! A desk's machine and officers with machines of their own, for tests that run the real programs.

#![allow(dead_code, reason = "each test uses its part")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub const PHRASE: &str = "bốn từ tiếng Việt";
pub const TIMETABLE: &str = r#"
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
pub const ORDER: &str = r#"
[[order]]
id = "chao"
programme = "p"
class = "normal"
to = { kinds = ["board"] }
at = "0 5 * * *"
"#;
pub const EMERGENCY: &str = r#"
[[order]]
id = "bao"
programme = "p"
class = "emergency"
to = { places = ["x"] }
at = "0 6 * * *"
"#;

/// A desk's machine and the officers' own, side by side.
pub struct Room {
    pub dir: TempDir,
}

impl Room {
    pub fn new() -> Self {
        let room = Self { dir: TempDir::new().unwrap() };
        fs::write(room.path("phrase"), format!("{PHRASE}\n")).unwrap();
        room.timetable(&[ORDER]);
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn timetable(&self, orders: &[&str]) {
        fs::write(self.path("lich.toml"), format!("{TIMETABLE}{}", orders.concat())).unwrap();
    }

    /// Runs `loa` on a machine; names of files are those in the room.
    pub fn run(&self, machine: &str, arguments: &[&str], typed: &str) -> Result<String, String> {
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

    pub fn does(&self, machine: &str, arguments: &[&str]) -> String {
        self.run(machine, arguments, "").unwrap_or_else(|told| panic!("{arguments:?}: {told}"))
    }

    pub fn refuses(&self, machine: &str, arguments: &[&str], because: &str) {
        let told = self.run(machine, arguments, "").unwrap_err();
        assert!(told.contains(because), "{arguments:?}: {told}");
    }

    pub fn key(&self, name: &str) {
        let told = self.run(name, &["key", "new", name, "--name", &name.to_uppercase()], &format!("{PHRASE}\n"));
        assert!(told.unwrap().contains("Fingerprint"));
    }

    /// An officer signs without being asked.
    pub fn sign(&self, name: &str, request: &str, out: &str) -> String {
        let sign = ["key", "sign", request, "--key", name, "--out", out, "--yes", "--passphrase-file", "phrase"];
        self.does(name, &sign)
    }

    pub fn acts(&self) -> Vec<String> {
        let acts = self.does("desk", &["acts", "--format", "csv"]);
        acts.lines().skip(1).map(|line| line.split(',').skip(2).take(2).collect::<Vec<_>>().join(" ")).collect()
    }

    /// A desk of which two officers of three must sign.
    pub fn desk_of_three(&self) {
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
