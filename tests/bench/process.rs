//! Programs that are measured: where they are, what they cost, how they end.
//!
//! Costs are the kernel's own count (`/proc`), in ticks of 10 ms, so what is measured must run for a good while.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::table::Failed;

/// Names the folder with our own programs, built in the profile that is to be measured.
pub const BIN_DIR: &str = "LOA_BIN_DIR";

/// One of our own programs.
pub fn ours(name: &str) -> Result<PathBuf, Failed> {
    let dir = std::env::var(BIN_DIR)
        .map_err(|_| format!("{BIN_DIR} does not name a folder with {name}; see scripts/bench.sh"))?;
    let path = Path::new(&dir).join(name);
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there", path.display()).into()) }
}

/// Somebody else's program, from the places where Debian puts them.
pub fn peer(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/bin")]);
    dirs.map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// A program that runs, and is ended with this value.
pub struct Running(Child);

impl Running {
    /// Starts it. What it says goes to `log`, or nowhere.
    pub fn start(command: &mut Command, log: Option<&Path>) -> Result<Self, Failed> {
        command.stdin(Stdio::null());
        match log {
            Some(log) => {
                let file = std::fs::File::create(log)?;
                command.stdout(file.try_clone()?).stderr(file);
            }
            None => {
                command.stdout(Stdio::null()).stderr(Stdio::null());
            }
        }
        Ok(Self(command.spawn()?))
    }

    /// What it cost so far.
    pub fn cost(&self) -> Result<Cost, Failed> {
        Cost::of(&self.0.id().to_string())
    }

    /// Waits for its own end. False when it did not end well.
    pub fn wait(mut self) -> Result<bool, Failed> {
        Ok(self.0.wait()?.success())
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone, or not to be helped.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What a process cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Processor time, user and system, in seconds.
    pub cpu_s: f64,
    /// The largest size in memory so far, in MB.
    pub peak_mb: f64,
}

impl Cost {
    /// Of a process by its number, or of this one as `self`.
    pub fn of(process: &str) -> Result<Self, Failed> {
        let cpu_s = ticks(process, 11)?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
        let peak_kb: f64 = line.split_whitespace().nth(1).ok_or("no size")?.parse()?;
        Ok(Self { cpu_s, peak_mb: peak_kb / 1024.0 })
    }
}

/// Two neighbouring counts of ticks in the process's `stat`, counted from behind its name, in seconds.
fn ticks(process: &str, first: usize) -> Result<f64, Failed> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let behind_name = stat.rsplit(") ").next().unwrap_or_default();
    let words = behind_name.split(' ').skip(first).take(2);
    let sum: Result<f64, _> = words.map(str::parse::<f64>).sum();
    Ok(sum? / 100.0)
}

/// Runs a program to its end; gives its processor time and the time on the wall, in seconds.
pub fn run(command: &mut Command) -> Result<(f64, f64), Failed> {
    const CHILDREN: usize = 13;
    let before_s = ticks("self", CHILDREN)?;
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let wall_s = began.elapsed().as_secs_f64();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = said.lines().rev().take(4).collect();
        return Err(format!("{:?} failed: {}", command.get_program(), last.join(" / ")).into());
    }
    Ok((ticks("self", CHILDREN)? - before_s, wall_s))
}

/// Looks every 20 ms until `done`, for as long as `patience`.
pub fn until(what: &str, patience: Duration, mut done: impl FnMut() -> bool) -> Result<(), Failed> {
    let began = Instant::now();
    while !done() {
        if began.elapsed() > patience {
            return Err(format!("waited {} s for {what}", patience.as_secs()).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
