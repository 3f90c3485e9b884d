//! A video on a board: which of its frames is due, and what is said of it when it is over.
//!
//! A video is told from a slide by its first bytes. Its frames belong to the monotonic time since it began: one that
//! comes too late for its time is passed over, one that is not there yet leaves the one before on the board, and the
//! last one stays until the item is over. Sound in a video is not played. No clock is read here; the program that
//! takes the frames out of the file is `video/decoder.rs`, which is next. Who shows them is `board/mod.rs`.

mod decoder;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loa_domain::id::Hash;
use loa_domain::plan::Reason;
use loa_domain::timetable::order::Item;

use super::sequence::Voice;
use decoder::{Decoder, Wanted};

/// A video this much shorter than its item was not cut, in milliseconds: lengths are rounded, and a last frame lasts.
const SHORT_MS: u64 = 1_000;

/// The two kinds of file that are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// MP4 and its kin: `ftyp` behind the length of the first box.
    Mp4,
    /// WebM and Matroska: an EBML header.
    Webm,
}

impl Container {
    /// What a file that starts so is; none if it is no video.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Self::Mp4),
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Self::Webm),
            _ => None,
        }
    }

    fn of_file(path: &Path) -> io::Result<Option<Self>> {
        let mut start = Vec::new();
        File::open(path)?.take(12).read_to_end(&mut start)?;
        Ok(Self::of(&start))
    }
}

/// How videos are decoded on this player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The program `ffmpeg`.
    pub ffmpeg: PathBuf,
    /// Frames a second on the board, whatever the file has.
    pub frames_per_second: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self { ffmpeg: "ffmpeg".into(), frames_per_second: 25 }
    }
}

/// Gives the path of a piece of content, if it is there.
pub type Paths = Box<dyn Fn(&Hash) -> Option<PathBuf> + Send>;

/// Opens videos, and knows what became of them.
pub struct Videos {
    setup: Setup,
    paths: Paths,
    reports: HashMap<Voice, Report>,
}

impl Videos {
    /// Videos of a shelf.
    #[must_use]
    pub fn new(setup: Setup, paths: Paths) -> Self {
        Self { setup, paths, reports: HashMap::new() }
    }

    /// The video that an item is, for a board of `size` pixels across and down; none if it is something else.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub fn open(
        &mut self,
        voice: Voice,
        item: &Item,
        offset_ms: u32,
        size: (u32, u32),
    ) -> Result<Option<Video>, Reason> {
        let Some(path) = (self.paths)(&item.content) else { return Ok(None) };
        let found = Container::of_file(&path).map_err(|error| {
            tracing::error!(%error, "content cannot be read");
            Reason::ContentMissing
        })?;
        let Some(container) = found else { return Ok(None) };
        let left_ms = item.length_ms.saturating_sub(offset_ms);
        let wanted = Wanted {
            path,
            content: item.content,
            container,
            offset_ms,
            length_ms: left_ms,
            size,
            setup: self.setup.clone(),
        };
        let report = Report::new(&wanted);
        let decoder = Decoder::start(wanted, report.clone()).map_err(|error| {
            tracing::error!(%error, program = %self.setup.ffmpeg.display(), "the program that decodes videos cannot be started");
            Reason::DecoderMissing
        })?;
        self.reports.insert(voice, report.clone());
        Ok(Some(Video::of(decoder, self.setup.frames_per_second, report)))
    }

    /// What was wrong with a video that is over, if something was.
    pub fn over(&mut self, voice: Voice) -> Option<Reason> {
        self.reports.remove(&voice)?.flaw()
    }
}

/// What happened to a video so far. Clones tell of the same one.
#[derive(Clone, Debug)]
pub struct Report {
    told: Arc<Mutex<Told>>,
    /// Frames that fill the item.
    wanted_frames: u64,
    /// Frames that may be missing at the end.
    spare_frames: u64,
}

#[derive(Debug, Default)]
struct Told {
    /// The file is not what its name says.
    is_other_content: bool,
    /// The decoder ended by itself.
    ended: Option<Ended>,
    began: bool,
    shown: u64,
}

/// How the decoder ended.
#[derive(Clone, Debug, Default)]
struct Ended {
    frames: u64,
    failed: bool,
    /// What it complained of.
    said: String,
}

impl Report {
    fn new(wanted: &Wanted) -> Self {
        let frames = |ms: u64| ms * u64::from(wanted.setup.frames_per_second) / 1_000;
        Self {
            told: Arc::default(),
            wanted_frames: frames(u64::from(wanted.length_ms)),
            spare_frames: frames(SHORT_MS),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        // Every change is a plain assignment, so a panic elsewhere leaves nothing half done.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was wrong, if something was.
    #[must_use]
    pub fn flaw(&self) -> Option<Reason> {
        let told = self.told();
        if told.is_other_content {
            return Some(Reason::ContentCorrupt);
        }
        let Some(ended) = &told.ended else {
            // A decoder that gave nothing all the while.
            return (told.began && told.shown == 0).then_some(Reason::ContentCorrupt);
        };
        // Its words for a kind of video that it was built without.
        if ended.frames == 0 && ended.said.contains("Decoder (codec") {
            return Some(Reason::DecoderMissing);
        }
        let was_cut = ended.frames + self.spare_frames < self.wanted_frames && !ended.said.is_empty();
        (ended.frames == 0 || ended.failed || was_cut).then_some(Reason::ContentCorrupt)
    }
}

/// What a source of frames gives.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// The next frame, three bytes a pixel.
    Frame(Vec<u8>),
    /// It is not there yet.
    Late,
    /// There is none any more.
    Over,
}

/// Gives frames one after the other.
pub trait Frames: Send {
    /// The next one, without waiting for it.
    fn take(&mut self) -> Taken;
    /// Takes back a frame that was shown, to be filled again.
    fn give_back(&mut self, _frame: Vec<u8>) {}
}

/// A video that is, or will be, on the board.
pub struct Video {
    frames: Box<dyn Frames>,
    frames_per_second: u32,
    report: Report,
    began_mono_ns: Option<u64>,
    /// The frame on the board.
    up: Option<Vec<u8>>,
    /// The number of the next frame.
    next: u64,
    dropped: u64,
    is_over: bool,
}

impl Video {
    fn of(frames: impl Frames + 'static, frames_per_second: u32, report: Report) -> Self {
        Self {
            frames: Box::new(frames),
            frames_per_second: frames_per_second.max(1),
            report,
            began_mono_ns: None,
            up: None,
            next: 0,
            dropped: 0,
            is_over: false,
        }
    }

    /// It begins.
    pub fn begin(&mut self, mono_ns: u64) {
        self.began_mono_ns = Some(mono_ns);
        self.report.told().began = true;
    }

    /// Time has come this far. True if another frame is due than the one before.
    pub fn look(&mut self, mono_ns: u64) -> bool {
        let Some(began_ns) = self.began_mono_ns else { return false };
        let since_ns = u128::from(mono_ns.saturating_sub(began_ns));
        let due = (since_ns * u128::from(self.frames_per_second) / 1_000_000_000) as u64;
        let mut taken = 0;
        while self.next <= due && !self.is_over {
            match self.frames.take() {
                Taken::Frame(frame) => {
                    if let Some(before) = self.up.replace(frame) {
                        self.frames.give_back(before);
                    }
                    self.next += 1;
                    taken += 1;
                }
                Taken::Late => break,
                Taken::Over => self.is_over = true,
            }
        }
        if taken > 0 {
            self.dropped += taken - 1;
            self.report.told().shown += 1;
        }
        taken > 0
    }

    /// The frame that is due; none before the first has come.
    #[must_use]
    pub fn frame(&self) -> Option<&[u8]> {
        self.up.as_deref()
    }

    /// Whether the frame that is due is the first.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.report.told().shown <= 1
    }

    /// How long until the next frame, in nanoseconds.
    #[must_use]
    pub fn next_ns(&self, mono_ns: u64) -> u64 {
        let Some(began_ns) = self.began_mono_ns.filter(|_| !self.is_over) else { return u64::MAX };
        let step_ns = 1_000_000_000 / u64::from(self.frames_per_second);
        // Rounded up: looked at then, it is due.
        let due_ns = (u128::from(self.next) * 1_000_000_000).div_ceil(u128::from(self.frames_per_second));
        let wait_ns = began_ns.saturating_add(due_ns as u64).saturating_sub(mono_ns);
        // One that is late is looked for again within its time.
        if wait_ns == 0 { step_ns / 4 } else { wait_ns }
    }

    /// How many frames were passed over.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests;
