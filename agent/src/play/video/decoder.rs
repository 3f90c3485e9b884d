//! The program that takes the frames out of a video: `ffmpeg` as a child process, and the thread that reads them.
//!
//! It decides how the program is called, how far it may run ahead (it waits when its pipe is full, so memory is a few
//! frames), and that it never stays behind: dropping a decoder kills it by its id, and its thread collects it. What its end
//! means is decided in `video.rs`.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use loa_domain::id::{Hash, Hasher};

use super::{Container, Ended, Frames, Report, Setup, Taken};

/// Frames that may wait to be shown. With the one on the board, one being read and one going back: at most five in all.
const AHEAD_FRAMES: usize = 2;
/// How much of what the program complains of is kept, in bytes.
const SAID_BYTES: u64 = 512;

/// A video to be decoded.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The file.
    pub path: PathBuf,
    /// What it must be.
    pub content: Hash,
    /// Which kind of file.
    pub container: Container,
    /// From where on, in milliseconds.
    pub offset_ms: u32,
    /// For how long, in milliseconds.
    pub length_ms: u32,
    /// Pixels across and down; a picture of another shape stands in the middle, on black.
    pub size: (u32, u32),
    /// How.
    pub setup: Setup,
}

/// A decoder at work.
#[derive(Debug)]
pub struct Decoder {
    frames: Receiver<Vec<u8>>,
    empty: Sender<Vec<u8>>,
    child: Arc<Mutex<Child>>,
    stopped: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Decoder {
    /// Starts the program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(wanted: Wanted, report: Report) -> io::Result<Self> {
        let mut child = command(&wanted).spawn()?;
        let pipes = (child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(child));
        let stopped = Arc::new(AtomicBool::new(false));
        let (full, frames) = sync_channel(AHEAD_FRAMES);
        let (empty, emptied) = channel();
        let reader = Reader { wanted, report, full, emptied, child: child.clone(), stopped: stopped.clone() };
        let started = Builder::new().name("video".to_owned()).spawn(move || reader.run(pipes));
        let mut decoder = Self { frames, empty, child, stopped, reader: None };
        // Without a thread to collect it, the program is ended here, by the drop.
        decoder.reader = Some(started?);
        Ok(decoder)
    }

    /// The program's id.
    #[cfg(test)]
    pub fn id(&self) -> u32 {
        hold(&self.child).id()
    }

    /// Ends it and waits until nothing of it is left.
    #[cfg(test)]
    pub fn close(mut self) {
        let reader = self.reader.take();
        drop(self);
        reader.unwrap().join().unwrap();
    }
}

impl Frames for Decoder {
    fn take(&mut self) -> Taken {
        match self.frames.try_recv() {
            Ok(frame) => Taken::Frame(frame),
            Err(TryRecvError::Empty) => Taken::Late,
            Err(TryRecvError::Disconnected) => Taken::Over,
        }
    }

    fn give_back(&mut self, frame: Vec<u8>) {
        // A reader that is at its end needs none.
        let _not_needed = self.empty.send(frame);
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Whoever holds it is collecting it. The reader, whose pipe breaks, does the rest: the board does not wait.
        if let Ok(mut child) = self.child.try_lock() {
            let _ended = child.kill();
            if self.reader.is_none() {
                let _collected = child.wait();
            }
        }
    }
}

fn hold(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn command(wanted: &Wanted) -> Command {
    let seconds = |ms: u32| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let (width, height) = wanted.size;
    let fps = wanted.setup.frames_per_second;
    let picture = format!(
        "fps={fps},scale={width}:{height}:force_original_aspect_ratio=decrease:flags=area,\
         pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1"
    );
    let container = match wanted.container {
        Container::Mp4 => "mov",
        Container::Webm => "matroska",
    };
    let mut command = Command::new(&wanted.setup.ffmpeg);
    command.args(["-nostdin", "-hide_banner", "-v", "error"]);
    // The kind is not left to guessing, and nothing but this file is opened, whatever it says.
    command.args(["-protocol_whitelist", "file", "-f", container, "-ss", &seconds(wanted.offset_ms)]);
    command.arg("-i").arg(&wanted.path);
    command.args(["-map", "0:v:0", "-an", "-sn", "-dn", "-t", &seconds(wanted.length_ms), "-vf", &picture]);
    command.args(["-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the reading thread owns.
struct Reader {
    wanted: Wanted,
    report: Report,
    full: SyncSender<Vec<u8>>,
    emptied: Receiver<Vec<u8>>,
    child: Arc<Mutex<Child>>,
    stopped: Arc<AtomicBool>,
}

impl Reader {
    fn run(self, (stdout, stderr): (Option<ChildStdout>, Option<ChildStderr>)) {
        // A pipe that nobody reads would hold the program up.
        let listener = stderr.and_then(|pipe| Builder::new().name("video-log".to_owned()).spawn(|| said(pipe)).ok());
        let is_right = is_content(&self.wanted);
        let frames = match stdout {
            Some(pipe) if is_right => self.read(pipe),
            _ => 0,
        };
        let mut child = hold(&self.child);
        // One that ended by itself is collected all the same.
        let _ended = self.stopped.load(Ordering::Relaxed).then(|| child.kill());
        if !is_right {
            let _ended = child.kill();
        }
        let status = child.wait();
        drop(child);
        let said = listener.and_then(|listener| listener.join().ok()).unwrap_or_default();
        let mut told = self.report.told();
        if !is_right {
            tracing::error!(content = %self.wanted.content, "a video on the shelf is not what its name says");
            told.is_other_content = true;
        } else if !self.stopped.load(Ordering::Relaxed) {
            let failed = !status.is_ok_and(|status| status.success());
            if failed || !said.is_empty() {
                tracing::error!(content = %self.wanted.content, frames, said, "a video is damaged");
            }
            told.ended = Some(Ended { frames, failed, said });
        }
        // What became of it is known before its frames are over: `full` is dropped last.
        drop(told);
        drop(self.full);
    }

    /// Hands on whole frames until the program or the board ends. Gives how many there were.
    fn read(&self, mut pipe: ChildStdout) -> u64 {
        let (width, height) = self.wanted.size;
        let bytes = width as usize * height as usize * 3;
        let mut frames = 0;
        loop {
            let mut frame = self.emptied.try_recv().unwrap_or_default();
            frame.resize(bytes, 0);
            if pipe.read_exact(&mut frame).is_err() || self.full.send(frame).is_err() {
                return frames;
            }
            frames += 1;
        }
    }
}

/// The beginning of what a program complains of; all of it is read.
fn said(mut pipe: ChildStderr) -> String {
    let mut kept = Vec::new();
    // A pipe that breaks has said what it had to.
    let _kept = pipe.by_ref().take(SAID_BYTES).read_to_end(&mut kept);
    let _passed_over = io::copy(&mut pipe, &mut io::sink());
    String::from_utf8_lossy(&kept).trim().to_owned()
}

/// Whether the file is what it must be: a disk may lose bytes, and a decoder would make up for them.
fn is_content(wanted: &Wanted) -> bool {
    let read = || -> io::Result<Hash> {
        let (mut file, mut hasher) = (File::open(&wanted.path)?, Hasher::default());
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hasher.finish()),
                length => hasher.update(&buffer[..length]),
            }
        }
    };
    read().is_ok_and(|hash| hash == wanted.content)
}
