//! A video's file as the desk takes it: how long it is, and whether players will be able to play it.
//!
//! It goes to the players as it is; nothing of it is made anew. What a file is, its first bytes say; how long it is, its
//! packets say, not its header, which a telephone or a browser may leave empty. Whether it is whole is seen in the same
//! pass. Pictures are decoded at the places where a decoder can begin: damage in between lasts for a moment and is only
//! told. Sound is not looked at, for players do not play it. The programs are called by `video/program.rs`, the reasons to
//! refuse a file are `video/verdict.rs`.

pub mod program;
pub mod verdict;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use loa_domain::id::Hash;
use loa_domain::limits::BLOB_BYTES;

use program::Programs;
pub use verdict::{Reason, Verdict};

/// The longest video, in milliseconds: as long as any slide may stand.
pub const LONGEST_MS: u64 = 3_600_000;
/// What decoders on players know, by the name that ffmpeg has for it, and whether it can decode single pictures alone.
const CODECS: [(&str, bool); 7] = [
    ("h264", true),
    ("hevc", true),
    ("mpeg4", true),
    ("mpeg2video", true),
    ("vp8", false),
    ("vp9", false),
    ("av1", false),
];
/// What the program says of files that end too early.
const CUT_WORDS: [&str; 3] = ["moov atom not found", "partial file", "ended prematurely"];

/// The two kinds of file that players play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// MP4 and its kin.
    Mp4,
    /// WebM and Matroska.
    Webm,
}

impl Container {
    /// What a file that starts so is, by the rule that players have.
    fn of(start: &[u8]) -> Result<Self, Reason> {
        let looks_like = match start {
            [] => return Err(Reason::Empty),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand {
                [b'h', b'e', b'i' | b'v', ..] | [b'm', b'i', b'f', b'1', ..] => "HEIC",
                [b'a', b'v', b'i', b'f' | b's', ..] => "AVIF",
                _ => return Ok(Self::Mp4),
            },
            [0x1a, 0x45, 0xdf, 0xa3, ..] => return Ok(Self::Webm),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => "AVI",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "WebP",
            [0x30, 0x26, 0xb2, 0x75, ..] => "WMV",
            [b'F', b'L', b'V', ..] => "FLV",
            [0, 0, 1, 0xba | 0xb3, ..] => "MPEG",
            [0x47, ..] if start.starts_with(b"GIF8") => "GIF",
            [0x89, b'P', b'N', b'G', ..] => "PNG",
            [0xff, 0xd8, 0xff, ..] => "JPEG",
            [b'I', b'D', b'3', ..] | [0xff, 0xfb | 0xf3, ..] => "MP3",
            [b'%', b'P', b'D', b'F', ..] => "PDF",
            _ => "none",
        };
        Err(Reason::Unsupported { looks_like })
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "MP4",
            Self::Webm => "WebM",
        }
    }

    fn has_ending(self, path: &Path) -> bool {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match self {
            Self::Mp4 => matches!(ending.as_str(), "mp4" | "m4v" | "mov"),
            Self::Webm => matches!(ending.as_str(), "webm" | "mkv"),
        }
    }
}

/// A video that players can play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Video {
    /// Its file.
    pub path: PathBuf,
    /// The hash of its bytes, by which players know it.
    pub hash: Hash,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// What its file is.
    pub container: Container,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// Dots across and down.
    pub size: (u32, u32),
    /// How it is coded, by the name that ffmpeg has for it.
    pub codec: String,
    /// What the program complained of although it can be played.
    pub complaint: Option<String>,
}

impl Video {
    /// Looks at a video's file.
    ///
    /// # Errors
    /// Why it cannot be taken.
    pub fn read(path: &Path, programs: &Programs) -> Result<Self, Reason> {
        let bytes = content(path)?;
        let container = Container::of(&bytes)?;
        let (size_bytes, hash) = (bytes.len() as u64, Hash::of(&bytes));
        drop(bytes);
        let found = look(path, container, programs)?;
        if found.length_ms > LONGEST_MS {
            return Err(Reason::TooLong { length_ms: found.length_ms });
        }
        let Some((_, decodes_singly)) = CODECS.iter().find(|(name, _)| *name == found.codec) else {
            return Err(Reason::Codec { codec: found.codec });
        };
        programs.decode(path, container, *decodes_singly).map_err(|wrong| match wrong {
            Reason::Damaged { detail } if detail.contains("Decoder (codec") => {
                Reason::Codec { codec: found.codec.clone() }
            }
            wrong => wrong,
        })?;
        let path = path.to_owned();
        let Found { length_ms, size, codec, complaint } = found;
        Ok(Self { path, hash, size_bytes, container, length_ms, size, codec, complaint })
    }

    /// How long it stands where nothing else is said, in seconds: its last picture is not cut.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        seconds(self.length_ms)
    }

    /// What its file is, where the file's name says something else.
    #[must_use]
    pub fn mislabelled(&self) -> Option<&'static str> {
        (!self.container.has_ending(&self.path)).then(|| self.container.name())
    }

    /// Its bytes, if they still are what was looked at.
    ///
    /// # Errors
    /// When they cannot be read or are others by now.
    pub fn bytes(&self) -> Result<Vec<u8>, Reason> {
        let bytes = content(&self.path)?;
        if Hash::of(&bytes) == self.hash { Ok(bytes) } else { Err(Reason::Changed) }
    }

    /// Its first picture on a board of `size` lamps, three bytes each, as players place it there.
    ///
    /// # Errors
    /// When it cannot be decoded.
    pub fn still(&self, size: (u32, u32), programs: &Programs) -> Result<Vec<u8>, Reason> {
        programs.still(&self.path, self.container, size)
    }
}

/// How long a video stands where nothing else is said, in seconds, without looking at its pictures.
///
/// # Errors
/// Why it cannot be taken.
pub fn seconds_of(path: &Path, programs: &Programs) -> Result<u32, Reason> {
    let container = Container::of(&content(path)?)?;
    match look(path, container, programs)?.length_ms {
        length_ms @ ..=LONGEST_MS => Ok(seconds(length_ms)),
        length_ms => Err(Reason::TooLong { length_ms }),
    }
}

fn seconds(length_ms: u64) -> u32 {
    // An hour at most.
    length_ms.div_ceil(1_000).max(1) as u32
}

/// All bytes of a file that is small enough.
fn content(path: &Path) -> Result<Vec<u8>, Reason> {
    let unreadable = |error: std::io::Error| Reason::NotReadable { cause: error.to_string() };
    let file = File::open(path).map_err(unreadable)?;
    let size_bytes = file.metadata().map_err(unreadable)?.len();
    if size_bytes > BLOB_BYTES {
        return Err(Reason::TooManyBytes { bytes: size_bytes });
    }
    let mut bytes = Vec::new();
    file.take(BLOB_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// What the packets of a video say.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    length_ms: u64,
    size: (u32, u32),
    codec: String,
    complaint: Option<String>,
}

fn look(path: &Path, container: Container, programs: &Programs) -> Result<Found, Reason> {
    let ran = programs.packets(path, container)?;
    if CUT_WORDS.iter().any(|words| ran.said.contains(words)) {
        return Err(Reason::Truncated);
    }
    if !ran.succeeded {
        return Err(Reason::Damaged { detail: ran.complaint().unwrap_or_default() });
    }
    let mut found = found(&ran.out)?;
    found.complaint = ran.complaint();
    Ok(found)
}

/// Reads lines such as `packet|pts_time=0.040000|duration_time=0.040000`, and the one of the stream.
fn found(lines: &str) -> Result<Found, Reason> {
    let value = |line: &str, key: &str| {
        line.split('|').find_map(|part| part.strip_prefix(key)?.strip_prefix('=').map(str::to_owned))
    };
    let line = |kind: &str| lines.lines().find(|line| line.starts_with(kind));
    if line("format|").and_then(|format| value(format, "nb_streams")).as_deref() == Some("0") {
        return Err(Reason::Damaged { detail: "nothing in it".to_owned() });
    }
    let stream = line("stream|").ok_or(Reason::NoPicture)?;
    // The cover of a song is a stream of one picture.
    if value(stream, "disposition:attached_pic").as_deref() == Some("1") {
        return Err(Reason::NoPicture);
    }
    let mut span_ms: Option<(u64, u64)> = None;
    for line in lines.lines().filter(|line| line.starts_with("packet|")) {
        let time_ms = |key| value(line, key).and_then(|text| milliseconds(&text));
        let Some(begins_ms) = time_ms("pts_time").or_else(|| time_ms("dts_time")) else { continue };
        let ends_ms = begins_ms + time_ms("duration_time").unwrap_or_default();
        let (first_ms, last_ms) = span_ms.unwrap_or((begins_ms, ends_ms));
        span_ms = Some((first_ms.min(begins_ms), last_ms.max(ends_ms)));
    }
    let (first_ms, last_ms) = span_ms.ok_or(Reason::NoPicture)?;
    let number = |key| value(stream, key).and_then(|text| text.parse().ok()).unwrap_or_default();
    Ok(Found {
        length_ms: last_ms - first_ms,
        size: (number("width"), number("height")),
        codec: value(stream, "codec_name").unwrap_or_default(),
        complaint: None,
    })
}

/// Seconds with a fraction. What lies before zero is not shown.
fn milliseconds(text: &str) -> Option<u64> {
    let seconds: f64 = text.parse().ok()?;
    // Files that claim more than a day are too long whatever they are.
    seconds.is_finite().then(|| (seconds.clamp(0.0, 1e5) * 1_000.0).round() as u64)
}

#[cfg(test)]
mod tests;
