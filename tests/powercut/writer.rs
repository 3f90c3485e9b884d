//! The player or desk whose power is cut: a process that writes, is stopped, and is never heard of again.
//!
//! Decides: how it is started, stopped and believed. Does not decide: when (`../powercut.rs`).
//! Next file: `agent/examples/store_writer.rs`, `server/examples/desk_writer.rs`.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Moment;
use crate::disk::{Image, Mounted, Workplace};

/// A player that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Builds the writer and says where it is: beside the directory of this test's own program. With `LOA_BIN_DIR` it is
/// taken from there.
pub fn build(engine: &str) -> io::Result<PathBuf> {
    let (package, example) =
        if engine == "desk" { ("loa-server", "desk_writer") } else { ("loa-agent", "store_writer") };
    if let Some(folder) = std::env::var_os("LOA_BIN_DIR") {
        return Ok(Path::new(&folder).join("examples").join(example));
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", package, "--example", example])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()?;
    let own = std::env::current_exe()?;
    let program = own.ancestors().nth(2).map(|dir| dir.join("examples").join(example));
    match program {
        Some(program) if built.success() && program.is_file() => Ok(program),
        _ => Err(io::Error::other(format!("the example {example} could not be built"))),
    }
}

/// What is run.
pub struct Player<'a> {
    pub program: &'a Path,
    pub engine: &'a str,
    pub keep: u64,
}

/// What a store held after the cut.
#[derive(Debug)]
pub struct Found {
    pub head: u64,
    pub lost: u64,
    pub torn: u64,
    pub opened: bool,
}

impl Found {
    /// Whether the store can go on.
    pub fn is_whole(&self) -> bool {
        self.lost == 0 && self.torn == 0 && self.opened
    }
}

impl Player<'_> {
    /// Writes until the moment comes, and gives back the disk as it then was, with the number of the
    /// last record acknowledged before.
    pub fn run_until(
        &mut self,
        disk: &Mounted<'_>,
        moment: Moment,
        acknowledged_before: u64,
        place: &Workplace,
    ) -> io::Result<(Image, u64)> {
        let mut running = self.start("write", disk, &[])?;
        match moment {
            Moment::AfterStart(wait) => std::thread::sleep(wait),
            Moment::AfterOpen(wait) => {
                running.opened.recv_timeout(PATIENCE).map_err(|_| hung("opening"))?;
                std::thread::sleep(wait);
            }
        }
        running.stop()?;
        let copy = disk.copy(place)?;
        // Killed while stopped: it says nothing after the cut, and what it said before is in the pipe.
        let lines = running.kill()?;
        let mut acknowledged = acknowledged_before;
        for line in &lines {
            match line.split_once(' ') {
                Some(("ack", number)) => acknowledged = number.parse().map_err(io::Error::other)?,
                Some(("open", "fresh" | "clean" | "flush")) => {}
                _ => return Err(io::Error::other(format!("the writer said: {line}"))),
            }
        }
        Ok((copy, acknowledged))
    }

    /// Opens the store again and compares.
    pub fn verify(&mut self, disk: &Mounted<'_>, acknowledged: u64) -> io::Result<Found> {
        let running = self.start("verify", disk, &[acknowledged.to_string()])?;
        running.opened.recv_timeout(PATIENCE).map_err(|_| hung("verifying"))?;
        let lines = running.kill()?;
        let line = lines.first().cloned().unwrap_or_default();
        let words: Vec<&str> = line.split(' ').collect();
        let ["found", head, "lost", lost, "torn", torn, "opened", how] = words[..] else {
            return Err(io::Error::other(format!("the checker said: {line}")));
        };
        let number = |word: &str| word.parse::<u64>().map_err(io::Error::other);
        Ok(Found {
            head: number(head)?,
            lost: number(lost)?,
            torn: number(torn)?,
            // A store set aside and made anew did not open, though a player would go on with it. One
            // that was cut off before it was made is fresh.
            opened: matches!(how, "clean" | "fresh"),
        })
    }

    fn start(&self, what: &str, disk: &Mounted<'_>, more: &[String]) -> io::Result<Running> {
        let mut child = Command::new(self.program)
            .arg(what)
            .arg(disk.store_dir())
            .args([self.engine, &self.keep.to_string()])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take();
        let output = output.ok_or_else(|| io::Error::other("the child has no output"))?;
        let (said, opened) = mpsc::channel();
        let listener = std::thread::spawn(move || listen(output, &said));
        Ok(Running { child, opened, listener: Some(listener) })
    }
}

fn hung(step: &str) -> io::Error {
    io::Error::other(format!("the player hung while {step}"))
}

/// Collects whole lines and tells of the first.
fn listen(output: ChildStdout, first: &mpsc::Sender<()>) -> Vec<String> {
    let mut output = BufReader::new(output);
    let mut lines = Vec::new();
    let mut line = String::new();
    while output.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
        lines.push(line.trim_end().to_owned());
        line.clear();
        let _ = first.send(());
    }
    lines
}

/// A process that is killed when dropped.
struct Running {
    child: Child,
    opened: Receiver<()>,
    listener: Option<JoinHandle<Vec<String>>>,
}

impl Running {
    /// Stops every thread of the process; a thread within a system call finishes that first.
    fn stop(&mut self) -> io::Result<()> {
        let process = self.child.id().to_string();
        Command::new("kill").args(["-STOP", &process]).status()?;
        for _ in 0..10_000 {
            let mut all_stopped = true;
            for thread in fs::read_dir(format!("/proc/{process}/task"))? {
                let state = fs::read_to_string(thread?.path().join("stat")).unwrap_or_default();
                // The state is the first letter after the name, which is in brackets.
                let state = state.rsplit_once(") ").map(|(_, rest)| rest.as_bytes()[0]);
                all_stopped &= matches!(state, None | Some(b'T' | b'Z' | b'X'));
            }
            if all_stopped {
                return Ok(());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Err(hung("stopping"))
    }

    fn kill(mut self) -> io::Result<Vec<String>> {
        self.end();
        let listener = self.listener.take().map(JoinHandle::join);
        match listener {
            Some(Ok(lines)) => Ok(lines),
            _ => Err(io::Error::other("the listener broke")),
        }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
