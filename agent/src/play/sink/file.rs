//! The sink without a card: writes what would be heard, in real time, silence included, and the only
//! file that names `hound`.
//!
//! Frame *n* of `heard.wav` is the sound of the instant *n*/48000 s after frame 0 by the raw monotonic
//! clock. Beside it `heard.json` says when that was by the wall clock: a list of anchors, the first at
//! frame 0 and another wherever the wall clock was set or has run half a millisecond away. The file is
//! a valid WAV at any moment but the last second. What is heard is decided in [`crate::play::engine`].

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};
use loa_host::clock::{Reading, UtcNs};

use crate::play::drift::BLOCK_FRAMES_MIN;
use crate::play::engine::Engine;
use crate::play::{RATE, frames_to_ns, ns_to_frames};

/// A file holds at most an hour, 346 MB …
const FILE_FRAMES_MAX: u64 = 3_600 * RATE as u64;
/// … and this many are kept: the one being written, and those before it.
const FILES_KEPT: u32 = 2;
/// Frames made at a time, 20 ms.
const BLOCK_FRAMES: u64 = 960;
/// How often the header is brought up to date.
const HEADER_EVERY_NS: u64 = 1_000_000_000;
/// The wall clock may run this far from an anchor before another is set.
const ANCHOR_ERROR_MAX_NS: i64 = 500_000;
/// Anchors in one file; a clock that moves more often than that tells nothing.
const ANCHORS_MAX: usize = 10_000;

const WAV: WavSpec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };

/// Frame `frame` of the file was heard at `utc_ns` of the wall clock.
#[derive(Clone, Copy)]
struct Anchor {
    frame: u64,
    utc_ns: UtcNs,
}

/// A recording in progress.
pub struct Recording {
    dir: PathBuf,
    writer: WavWriter<BufWriter<File>>,
    /// Raw monotonic time of frame 0.
    begun_ns: u64,
    frames: u64,
    frames_max: u64,
    header_ns: u64,
    anchors: Vec<Anchor>,
    block: Vec<f32>,
}

impl Recording {
    /// Begins a recording in `dir`, whose frame 0 is heard now. What an earlier run left there is kept
    /// as the one before.
    pub fn begin(dir: &Path, now: Reading) -> io::Result<Recording> {
        std::fs::create_dir_all(dir)?;
        shift(dir)?;
        let mut recording = Recording {
            dir: dir.to_owned(),
            writer: WavWriter::create(path(dir, "wav", 0), WAV).map_err(to_io)?,
            begun_ns: now.mono_raw_ns,
            frames: 0,
            frames_max: FILE_FRAMES_MAX,
            header_ns: now.mono_raw_ns,
            anchors: Vec::new(),
            block: Vec::with_capacity(BLOCK_FRAMES as usize),
        };
        recording.anchor(now)?;
        recording.writer.flush().map_err(to_io)?;
        Ok(recording)
    }

    /// The file being written.
    pub fn path(&self) -> PathBuf {
        path(&self.dir, "wav", 0)
    }

    /// Writes everything up to now.
    pub fn write(&mut self, now: Reading, engine: &mut Engine) -> io::Result<()> {
        self.anchor(now)?;
        loop {
            let elapsed_ns = now.mono_raw_ns.saturating_sub(self.begun_ns) as i64;
            let due = (ns_to_frames(elapsed_ns) as u64).saturating_sub(self.frames);
            if due < BLOCK_FRAMES_MIN as u64 {
                break;
            }
            self.block.resize(due.min(BLOCK_FRAMES) as usize, 0.0);
            let heard_ns = self.begun_ns + frames_to_ns(self.frames as i64) as u64;
            engine.render(heard_ns, now, &mut self.block);
            for sample in &self.block {
                let sample = (sample * f32::from(i16::MAX)).round() as i16;
                self.writer.write_sample(sample).map_err(to_io)?;
            }
            self.frames += self.block.len() as u64;
            if self.frames >= self.frames_max {
                self.turn_over(now)?;
            }
        }
        if now.mono_raw_ns.saturating_sub(self.header_ns) >= HEADER_EVERY_NS {
            self.header_ns = now.mono_raw_ns;
            self.writer.flush().map_err(to_io)?;
        }
        Ok(())
    }

    /// Closes the file.
    pub fn finish(self) -> io::Result<()> {
        self.writer.finalize().map_err(to_io)
    }

    /// Goes on in the next file, on the very next frame.
    fn turn_over(&mut self, now: Reading) -> io::Result<()> {
        self.writer.flush().map_err(to_io)?;
        shift(&self.dir)?;
        self.writer = WavWriter::create(path(&self.dir, "wav", 0), WAV).map_err(to_io)?;
        self.begun_ns += frames_to_ns(self.frames as i64) as u64;
        self.frames = 0;
        self.anchors.clear();
        self.anchor(now)
    }

    /// Notes when the next frame is heard, if the last note no longer tells.
    fn anchor(&mut self, now: Reading) -> io::Result<()> {
        let mono_ns = self.begun_ns as i64 + frames_to_ns(self.frames as i64);
        let utc_ns = mono_ns + now.offset_ns();
        if let Some(last) = self.anchors.last() {
            let told_ns = last.utc_ns + frames_to_ns((self.frames - last.frame) as i64);
            if (utc_ns - told_ns).abs() < ANCHOR_ERROR_MAX_NS || self.anchors.len() == ANCHORS_MAX {
                return Ok(());
            }
        }
        self.anchors.push(Anchor { frame: self.frames, utc_ns });
        let mut text = format!("{{\"rate\": {RATE}, \"anchors\": [");
        for (index, Anchor { frame, utc_ns }) in self.anchors.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}\n  {{\"frame\": {frame}, \"utc_ns\": {utc_ns}}}");
        }
        text.push_str("\n]}\n");
        let new = self.dir.join("heard.json.new");
        std::fs::write(&new, text)?;
        std::fs::rename(new, path(&self.dir, "json", 0))
    }
}

/// `heard.wav` is the newest, `heard.1.wav` the one before.
fn path(dir: &Path, kind: &str, age: u32) -> PathBuf {
    match age {
        0 => dir.join(format!("heard.{kind}")),
        age => dir.join(format!("heard.{age}.{kind}")),
    }
}

fn shift(dir: &Path) -> io::Result<()> {
    for kind in ["wav", "json"] {
        for age in (1..FILES_KEPT).rev() {
            match std::fs::rename(path(dir, kind, age - 1), path(dir, kind, age)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn to_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
