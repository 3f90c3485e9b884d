//! What was done to others' players, looked for in the whole program as it runs.
//!
//! What delivery makes of forged and recorded messages is `agent/src/delivery/courier/tests/incidents.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use loa_domain::keys::SecretKey;
use loa_domain::time::UtcMs;
use tempfile::TempDir;

/// A player that runs until it is dropped, and what it says.
struct Player(Child, BufReader<ChildStderr>);

impl Drop for Player {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn root(folder: &Path) -> PathBuf {
    let path = folder.join("root");
    let (officer, desk) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
    loa_host::keyfile::first_root(&path, &officer, &desk, None, UtcMs(i64::MAX)).expect("a root document");
    path
}

/// A player at a broker that nobody runs.
fn start(folder: &Path, id: &str, root: &Path) -> Player {
    let mut program = Command::new(env!("CARGO_BIN_EXE_loa-agent"));
    program.arg("--data").arg(folder.join(id)).args(["--id", id, "--output", "file", "--broker", "mqtt://127.0.0.1:9"]);
    program.arg("--root").arg(root).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = program.spawn().expect("it starts");
    let said = BufReader::new(running.stderr.take().expect("a pipe"));
    Player(running, said)
}

impl Player {
    /// Reads what it says until it has tried to reach its desk: then all of it runs.
    fn until_it_runs(&mut self) {
        let mut line = String::new();
        while !line.contains("the broker is not reached") {
            line.clear();
            assert!(self.1.read_line(&mut line).expect("a line") > 0, "it ended");
        }
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// The numbers of the sockets that a process holds.
fn sockets(process: u32) -> BTreeSet<String> {
    let open = fs::read_dir(format!("/proc/{process}/fd")).expect("it runs");
    let links = open.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    let text = links.map(|link| link.to_string_lossy().into_owned());
    text.filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())).collect()
}

/// The sockets of a process on which something could come in that it did not ask for: TCP that listens, UDP that is bound.
fn listening(process: u32) -> Vec<String> {
    let own = sockets(process);
    let mut found = Vec::new();
    for (table, state) in [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")] {
        let Ok(text) = fs::read_to_string(format!("/proc/{process}/net/{table}")) else { continue };
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields.get(3) == Some(&state) && fields.get(9).is_some_and(|inode| own.contains(*inode)) {
                found.push(format!("{table} {}", fields[1]));
            }
        }
    }
    found
}

/// The zombie alert of 2013: units in the field shared a root key that was in the public firmware, and answered to everybody.
#[test]
fn eas_2013_two_players_share_no_secret_and_neither_listens() {
    let dir = TempDir::new().expect("a folder");
    let root = root(dir.path());
    let mut players = ["loa-1", "loa-2"].map(|id| start(dir.path(), id, &root));
    let keys = ["loa-1", "loa-2"].map(|id| dir.path().join(id).join("player.key"));
    for player in &mut players {
        player.until_it_runs();
        assert_eq!(listening(player.0.id()), Vec::<String>::new());
    }
    let secret = |path: &PathBuf| fs::read(path).expect("a key");
    let (one, other) = (secret(&keys[0]), secret(&keys[1]));
    assert_ne!(one, other);
    // No file of the one holds the other's key, as digits or as bytes, and none holds an officer's or the desk's.
    let read = |id: &str| files(&dir.path().join(id)).into_iter().filter_map(|path| fs::read(path).ok()).collect();
    let (first, second): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (read("loa-1"), read("loa-2"));
    let bytes = |digits: &[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(digits).trim().to_owned();
        (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("digits")).collect()
    };
    let holds = |all: &[Vec<u8>], secret: &[u8]| all.iter().any(|file| file.windows(secret.len()).any(|w| w == secret));
    assert!(holds(&first, one.trim_ascii()) && holds(&second, other.trim_ascii()), "this looks at all files");
    for (all, secret) in [(&first, &other), (&second, &one)] {
        assert!(!holds(all, secret.trim_ascii()) && !holds(all, &bytes(secret)));
    }
    for seed in [[1_u8; 32], [2; 32]] {
        assert!(!holds(&first, &seed) && !holds(&second, &seed));
    }
    // Neither answers anything; a player asks alone.
    use std::os::unix::fs::PermissionsExt as _;
    for key in &keys {
        assert_eq!(fs::metadata(key).expect("a key").permissions().mode() & 0o077, 0, "{}", key.display());
    }
}

/// IRIB 2022 and unlocked sheds: whoever reaches the player's disk replaces what it plays.
#[test]
fn irib_2022_what_somebody_puts_onto_the_disk_is_not_in_force() {
    use loa_agent::timetable::Table;
    use loa_domain::time::QuietHours;

    let dir = TempDir::new().expect("a folder");
    let path = root(dir.path());
    let trusted = loa_host::keyfile::root(&path).expect("a root document");
    for bytes in [&b""[..], b"a release of somebody else", &fs::read(&path).expect("read")] {
        fs::write(dir.path().join("release"), bytes).expect("written");
        assert!(Table::load(dir.path(), &trusted, &QuietHours::NONE, |_| Some(Vec::new())).is_none());
    }
    // Nor does another root document beside the one that was pinned, of a lower version or of nobody's.
    fs::write(dir.path().join("root.kept"), b"bent").expect("written");
    assert_eq!(loa_agent::trust::root(&path, dir.path()).expect("the pinned one"), trusted);
}
