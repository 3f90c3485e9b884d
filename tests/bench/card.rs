//! Sounds to measure with, and the virtual card that says when each frame of them was heard.
//!
//! The card is `tests/card/virtual_card.c`; ours and every peer play through one each, and all are measured alike. The
//! only file of the benchmarks that names `hound`.

use std::path::{Path, PathBuf};
use std::process::Command;

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::table::Failed;

const RATE: u32 = 48_000;
/// Louder than this is sound: every sound here begins at its loudest, far above.
const SOUND: i16 = 800;
/// So many silent frames (some 40 ms) end a sound.
const SILENT_FRAMES: usize = 2_000;

/// Cards in one folder, each with its own name.
pub struct Cards {
    dir: PathBuf,
}

impl Cards {
    /// Builds them; `None` without a C compiler or ALSA's headers.
    pub fn build(dir: &Path, names: &[&str]) -> Result<Option<Self>, Failed> {
        let dir = dir.join("cards");
        std::fs::create_dir(&dir)?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("card/build.sh");
        for name in names {
            let built = Command::new(&script).arg(&dir).arg(name).status()?;
            match built.code() {
                Some(0) => {}
                Some(77) => return Ok(None),
                _ => return Err("the virtual card does not build".into()),
            }
        }
        Ok(Some(Self { dir }))
    }

    /// ALSA's configuration that offers them.
    pub fn config(&self) -> PathBuf {
        self.dir.join("asound.conf")
    }

    /// When each sound on a card began to be heard, in nanoseconds of the wall clock. Frames are 16 bit stereo.
    pub fn onsets_ns(&self, card: &str) -> Result<Vec<i64>, Failed> {
        let log = std::fs::read_to_string(self.dir.join(format!("{card}.log")))?;
        let runs: Vec<Run> = log.lines().filter(|line| line.starts_with("start ")).filter_map(Run::read).collect();
        let mut streams: Vec<u32> = runs.iter().map(|run| run.stream).collect();
        streams.dedup();
        let mut onsets = Vec::new();
        for stream in streams {
            let Ok(bytes) = std::fs::read(self.dir.join(format!("{card}.{stream}"))) else { continue };
            let mut silent = SILENT_FRAMES;
            for (at, frame) in bytes.chunks_exact(4).map(|f| i16::from_le_bytes([f[0], f[1]])).enumerate() {
                if frame.saturating_abs() < SOUND {
                    silent += 1;
                    continue;
                }
                let run = runs.iter().rfind(|run| run.stream == stream && run.first <= at as u64);
                if let Some(run) = run.filter(|_| silent >= SILENT_FRAMES) {
                    onsets.push(run.utc_ns + ((at as u64 - run.first) * 1_000_000_000 / u64::from(RATE)) as i64);
                }
                silent = 0;
            }
        }
        Ok(onsets)
    }
}

/// A stretch of frames that a card played without a break, from its log.
struct Run {
    stream: u32,
    first: u64,
    utc_ns: i64,
}

impl Run {
    fn read(line: &str) -> Option<Self> {
        let field = |name: &str| line.split(' ').find_map(|word| word.strip_prefix(name));
        Some(Self {
            stream: field("stream=")?.parse().ok()?,
            first: field("first=")?.parse().ok()?,
            utc_ns: field("utc=")?.parse().ok()?,
        })
    }
}

/// Writes noise, which no codec makes small.
pub fn noise(path: &Path, seconds: usize) -> Result<(), Failed> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    write(path, seconds * RATE as usize, |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 48) as i16 / 4
    })
}

/// Writes a tone that is at its loudest from the first frame.
pub fn tone(path: &Path, length_ms: usize) -> Result<(), Failed> {
    write(path, length_ms * RATE as usize / 1_000, |frame| {
        let angle = frame as f64 * 1_000.0 / f64::from(RATE) * std::f64::consts::TAU;
        (angle.cos() * 8_000.0) as i16
    })
}

fn write(path: &Path, frames: usize, mut sample: impl FnMut(usize) -> i16) -> Result<(), Failed> {
    let spec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut writer = WavWriter::create(path, spec)?;
    for frame in 0..frames {
        writer.write_sample(sample(frame))?;
    }
    Ok(writer.finalize()?)
}
