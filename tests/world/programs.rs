//! The programs under test as processes: found, started with a log of their own, and ended by their own id.
//!
//! It decides where the programs are (`LOA_BIN_DIR`, else beside the test) and how long a test waits for a sign of them.
//! What they are told is in `desk.rs` and `player.rs`, next.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often something outside is looked at again.
const LOOK: Duration = Duration::from_millis(20);

/// Where the programs lie.
///
/// # Errors
/// A sentence that says how to build them.
pub fn folder() -> Result<PathBuf, String> {
    let beside = || std::env::current_exe().ok()?.parent()?.parent().map(Path::to_owned);
    let folder = std::env::var_os("LOA_BIN_DIR").map(PathBuf::from).or_else(beside).unwrap_or_default();
    if ["loa", "loa-agent"].iter().all(|name| folder.join(name).is_file()) {
        return Ok(folder);
    }
    Err(format!(
        "there is no loa and loa-agent in {}: cargo build -p loa-server -p loa-agent, or set LOA_BIN_DIR",
        folder.display()
    ))
}

/// One of the programs, not started yet.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn program(name: &str) -> Command {
    let mut command = Command::new(folder().expect("the programs are built").join(name));
    command.env("LOA_LANG", "en").stdin(Stdio::null());
    command
}

/// A port of this machine that nobody listens on.
///
/// # Panics
/// When the system gives none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}

/// Looks again and again until there is something.
///
/// # Panics
/// When there is nothing within `patience_s`; `what` says what was waited for.
pub fn until<T>(what: &str, patience_s: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(patience_s);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {patience_s} s in vain: {what}");
        std::thread::sleep(LOOK);
    }
}

/// A running program. Dropping it kills it.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it; everything it says is added to `log`.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(mut command: Command, log: &Path) -> Self {
        let out = File::options().create(true).append(true).open(log).expect("a log can be written");
        let err = out.try_clone().expect("a log can be written twice");
        let child = command.stdout(out).stderr(err).spawn().expect("the program starts");
        Self { child, log: log.to_owned() }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it and those before it with the same log have said.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits for a line with all of `words`, after the first `skip` bytes of the log. Gives the line.
    ///
    /// # Panics
    /// When it does not come, or the program ends.
    pub fn until_said(&mut self, words: &[&str], skip: usize, patience_s: u64) -> String {
        let log = self.log.clone();
        until(&format!("{words:?} in {}", log.display()), patience_s, || {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let line = said.get(skip..).unwrap_or_default().lines().find(|line| words.iter().all(|w| line.contains(w)));
            if line.is_none() && self.child.try_wait().ok().flatten().is_some() {
                panic!("the program ended: {}", said.lines().last().unwrap_or_default());
            }
            line.map(str::to_owned)
        })
    }

    /// Ends it at once, as a power cut does (SIGKILL).
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
