//! A loudspeaker: `loa-agent` with a recording in place of a card.
//!
//! It decides nothing of a story. What was heard is read by `heard.rs`, next.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::heard::Recording;
use super::programs::{Process, program};

/// A player's folder, and the player while it runs.
pub struct Player {
    folder: PathBuf,
    log: PathBuf,
    id: String,
    root: PathBuf,
    broker: SocketAddr,
    environment: Vec<(String, String)>,
    process: Option<Process>,
}

impl Player {
    /// Starts a loudspeaker in `home`.
    #[must_use]
    pub fn start(home: &Path, id: &str, root: &Path, broker: SocketAddr) -> Self {
        Self::start_with(home, id, root, broker, Vec::new())
    }

    /// Starts one with more in its environment.
    #[must_use]
    pub fn start_with(
        home: &Path,
        id: &str,
        root: &Path,
        broker: SocketAddr,
        environment: Vec<(String, String)>,
    ) -> Self {
        let (folder, log) = (home.join(id), home.join(format!("{id}.log")));
        let mut player =
            Self { folder, log, id: id.to_owned(), root: root.to_owned(), broker, environment, process: None };
        player.restart();
        player
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        let mut command = program("loa-agent");
        command.arg("--data").arg(&self.folder).args(["--id", &self.id, "--output", "file"]);
        command.arg("--root").arg(&self.root).arg("--broker").arg(format!("mqtt://{}", self.broker));
        command.envs(self.environment.iter().cloned());
        self.process = Some(Process::start(command, &self.log));
    }

    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        self.process = None;
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
        self.process.as_mut().expect("a player that runs").until_said(words, skip, patience_s)
    }

    /// What it has sounded since its program began.
    #[must_use]
    pub fn heard(&self) -> Recording {
        Recording::open(&self.folder.join("heard"))
    }
}
