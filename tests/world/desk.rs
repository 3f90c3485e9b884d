//! A desk: `loa serve` on a folder and a port of its own, and `loa apply` beside it.
//!
//! It decides nothing of a story. What the desk has in its store is read by `evidence.rs`; players are in `player.rs`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use loa_domain::id::Hash;

use super::evidence::Evidence;
use super::programs::{Process, free_port, program};

/// A desk's folder, and the desk while it runs.
pub struct Desk {
    folder: PathBuf,
    log: PathBuf,
    port: u16,
    broker: Option<SocketAddr>,
    process: Option<Process>,
}

/// What the check of a log came to.
pub struct Checked {
    /// The exit code.
    pub code: i32,
    /// The report as JSON.
    pub report: serde_json::Value,
}

impl Desk {
    /// Starts a desk with its own broker in `home`; returns when it can be reached.
    #[must_use]
    pub fn start(home: &Path) -> Self {
        Self::on(home, None)
    }

    /// Starts a desk that uses an outside broker.
    #[must_use]
    pub fn at_broker(home: &Path, broker: SocketAddr) -> Self {
        Self::on(home, Some(broker))
    }

    fn on(home: &Path, broker: Option<SocketAddr>) -> Self {
        let mut desk =
            Self { folder: home.join("desk"), log: home.join("desk.log"), port: free_port(), broker, process: None };
        desk.restart();
        desk
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        let skip = std::fs::metadata(&self.log).map_or(0, |meta| usize::try_from(meta.len()).unwrap_or_default());
        let mut command = program("loa");
        command.arg("serve").arg("--data").arg(&self.folder);
        match self.broker {
            Some(address) => command.arg("--broker").arg(format!("mqtt://{address}")),
            None => command.arg("--listen").arg(format!("127.0.0.1:{}", self.port)),
        };
        let mut process = Process::start(command, &self.log);
        process.until_said(&["the broker is reached"], skip, 60);
        self.process = Some(process);
    }

    /// Ends it at once, without a goodbye.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Where players reach its broker.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.broker.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, self.port).into())
    }

    /// The root document that players are given.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    /// What it has said.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it says a line with all of `words`, not counting the first `skip` bytes of what it said.
    ///
    /// # Panics
    /// When it does not, or is not running.
    pub fn until_said(&mut self, words: &[&str], skip: usize, patience_s: u64) -> String {
        self.process.as_mut().expect("a desk that runs").until_said(words, skip, patience_s)
    }

    /// `loa apply`.
    ///
    /// # Panics
    /// When it is refused.
    pub fn apply(&self, timetable: &Path) {
        let done = program("loa").arg("apply").arg("--data").arg(&self.folder).arg(timetable).output();
        let done = done.expect("loa apply runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// A `loa` command on its folder: exit code, what it said on both outputs.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn loa(&self, arguments: &[&str]) -> (i32, String) {
        let done = program("loa").arg("--data").arg(&self.folder).args(arguments).output().expect("loa runs");
        let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (done.status.code().unwrap_or(-1), said)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `loa audit export` to a folder of this name.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn export(&self, home: &Path, name: &str) -> PathBuf {
        let copy = home.join(name);
        let (code, said) = self.loa(&["audit", "export", copy.to_str().expect("a path in UTF-8")]);
        assert_eq!(code, 0, "{said}");
        copy
    }

    /// `loa audit verify --json` of a copy, under the policy in it.
    ///
    /// # Panics
    /// When it says something that is no report.
    #[must_use]
    pub fn check(&self, copy: &Path, more: &[&str]) -> Checked {
        let mut command = program("loa");
        command.args(["audit", "verify", "--json"]).arg(copy).arg("--policy").arg(copy.join("policy")).args(more);
        let done = command.output().expect("loa runs");
        let said = || String::from_utf8_lossy(&done.stderr).into_owned();
        let report = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {}", said()));
        Checked { code: done.status.code().unwrap_or(-1), report }
    }

    /// What it has in its store, running or not.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence::at(&self.folder.join("desk.db"))
    }

    /// Where a clip's rendition lies.
    #[must_use]
    pub fn rendition(&self, clip: &str) -> PathBuf {
        self.blob(&self.evidence().rendition(clip))
    }

    /// Where content of this hash lies.
    #[must_use]
    pub fn blob(&self, hash: &Hash) -> PathBuf {
        let hash = hash.to_string();
        self.folder.join("content").join(&hash[..2]).join(hash)
    }
}
