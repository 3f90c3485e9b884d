//! The programs that know videos: `ffprobe` and `ffmpeg` as child processes, which come in one package.
//!
//! It decides how they are called, how long they may take and how much they may say. They are given nothing but the file,
//! whatever stands in it, and none of them stays behind. What their answers mean is decided in `video.rs`.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::{Container, Reason};

/// How long a program may take. A video of an hour takes seconds; one that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);
/// Bytes that a program may give: the packets of an hour of sixty pictures a second take 15 MB, a picture of the largest
/// board 12 MB.
const GIVEN_BYTES: u64 = 64 << 20;
/// Bytes of its complaints that are kept.
const SAID_BYTES: u64 = 4 << 10;
/// How much of a video is decoded whose decoder cannot leave pictures out, in seconds.
const TRIED_SECONDS: &str = "60";

/// Where the programs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// Decodes pictures.
    pub ffmpeg: PathBuf,
    /// Lists packets.
    pub ffprobe: PathBuf,
    /// How long one of them may take.
    pub patience: Duration,
}

impl Default for Programs {
    fn default() -> Self {
        Self { ffmpeg: "ffmpeg".into(), ffprobe: "ffprobe".into(), patience: PATIENCE }
    }
}

/// A program that is over.
#[derive(Debug)]
pub(super) struct Ran {
    /// What it gave.
    pub out: String,
    /// The beginning of what it complained of.
    pub said: String,
    /// Whether it ended as one that succeeded.
    pub succeeded: bool,
}

impl Ran {
    /// The first complaint, without the addresses that are in front of it.
    pub(super) fn complaint(&self) -> Option<String> {
        complaint(&self.said)
    }
}

fn complaint(said: &str) -> Option<String> {
    let line = said.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")).map_or(line, |(_, words)| words);
    let line = if line.starts_with("file:") { line.rsplit(": ").next().unwrap_or(line) } else { line };
    Some(line.chars().take(120).collect())
}

impl Programs {
    /// The packets of a video's pictures, a line each, and a line for the stream.
    pub(super) fn packets(&self, path: &Path, container: Container) -> Result<Ran, Reason> {
        let mut command = Command::new(&self.ffprobe);
        command.args(["-v", "error", "-select_streams", "v:0", "-of", "compact", "-show_entries"]);
        command.arg(
            "stream=codec_name,width,height:stream_disposition=attached_pic:format=nb_streams\
             :packet=pts_time,dts_time,duration_time",
        );
        input(&mut command, path, container);
        let (out, said, succeeded) = self.run(command)?;
        Ok(Ran { out: String::from_utf8_lossy(&out).into_owned(), said, succeeded })
    }

    /// Decodes the pictures at which a decoder can begin, or, where it `decodes_singly` none, the first minute.
    pub(super) fn decode(&self, path: &Path, container: Container, decodes_singly: bool) -> Result<(), Reason> {
        let mut command = self.decoder();
        if decodes_singly {
            command.args(["-skip_frame", "nokey"]);
        } else {
            command.args(["-t", TRIED_SECONDS]);
        }
        input(&mut command, path, container);
        command.args(["-map", "0:v:0", "-an", "-sn", "-dn", "-f", "null", "-"]);
        let (_, said, succeeded) = self.run(command)?;
        match complaint(&said) {
            None if succeeded => Ok(()),
            detail => Err(Reason::Damaged { detail: detail.unwrap_or_default() }),
        }
    }

    /// The first picture, on a board of that size.
    pub(super) fn still(&self, path: &Path, container: Container, size: (u32, u32)) -> Result<Vec<u8>, Reason> {
        let (width, height) = size;
        let mut command = self.decoder();
        input(&mut command, path, container);
        // As players place it: the whole picture, in the middle, on black.
        let picture = format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease:flags=area,\
             pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1"
        );
        command.args(["-map", "0:v:0", "-an", "-sn", "-dn", "-frames:v", "1", "-vf", &picture]);
        command.args(["-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]);
        let (dots, said, _) = self.run(command)?;
        let whole = dots.len() as u64 == u64::from(width) * u64::from(height) * 3;
        if whole { Ok(dots) } else { Err(Reason::Damaged { detail: complaint(&said).unwrap_or_default() }) }
    }

    fn decoder(&self) -> Command {
        let mut command = Command::new(&self.ffmpeg);
        command.args(["-nostdin", "-hide_banner", "-v", "error"]);
        command
    }

    /// What a program gave and said, and whether it succeeded.
    fn run(&self, mut command: Command) -> Result<(Vec<u8>, String, bool), Reason> {
        let program = command.get_program().to_string_lossy().into_owned();
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => Reason::NoProgram { program: program.clone() },
            _ => Reason::NotRun { program: program.clone(), cause: error.to_string() },
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let (given, said) = self.listen(&mut child);
        let Some(out) = given else {
            let _ended = child.kill();
            let _collected = child.wait();
            return Err(Reason::TooSlow);
        };
        let status = child.wait().map_err(failed)?;
        Ok((out, said.recv().unwrap_or_default(), status.success()))
    }

    /// What it gives until it has given all; none when it takes too long or gives too much. When it is over, what it said.
    fn listen(&self, child: &mut Child) -> (Option<Vec<u8>>, Receiver<String>) {
        let (given, gives) = channel();
        let (said, says) = channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // A pipe that nobody reads would hold the program up. Both threads end with the program.
        thread::spawn(move || given.send(stdout.map(|pipe| start_of(pipe, GIVEN_BYTES)).unwrap_or_default()));
        thread::spawn(move || {
            let start = stderr.map(|pipe| start_of(pipe, SAID_BYTES)).unwrap_or_default();
            said.send(String::from_utf8_lossy(&start).into_owned())
        });
        let given = gives.recv_timeout(self.patience).ok();
        (given.filter(|bytes| (bytes.len() as u64) < GIVEN_BYTES), says)
    }
}

/// The beginning of what comes through a pipe; all of it is read.
fn start_of(mut pipe: impl Read, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    // A pipe that breaks has said what it had to.
    let _kept = pipe.by_ref().take(most).read_to_end(&mut kept);
    let _passed_over = io::copy(&mut pipe, &mut io::sink());
    kept
}

/// The kind is not left to guessing, and nothing but this file is opened, whatever it says or is called.
fn input(command: &mut Command, path: &Path, container: Container) {
    let demuxer = match container {
        Container::Mp4 => "mov",
        Container::Webm => "matroska",
    };
    let mut name = OsString::from("file:");
    name.push(path);
    command.args(["-protocol_whitelist", "file", "-f", demuxer, "-i"]).arg(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_its_words_alone() {
        let of = |said| complaint(said).unwrap_or_default();
        assert_eq!(of("[mov,mp4 @ 0x5654f8be0e80] moov atom not found\nfile:x: y"), "moov atom not found");
        assert_eq!(
            of("file:a.mp4: Invalid data found when processing input"),
            "Invalid data found when processing input"
        );
        assert_eq!(of("\n  \n"), "");
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let programs = Programs { patience: Duration::from_millis(50), ..Programs::default() };
        let mut command = Command::new("sleep");
        command.arg("600");
        assert_eq!(programs.run(command).unwrap_err(), Reason::TooSlow);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let command = Command::new("loa-no-such-program");
        let wrong = Programs::default().run(command).unwrap_err();
        assert_eq!(wrong, Reason::NoProgram { program: "loa-no-such-program".to_owned() });
    }
}
