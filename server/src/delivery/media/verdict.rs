//! Why a file was not taken as a clip: one [`Verdict`] per refusal, said so that the person at the desk
//! knows what was found, what was expected and what to do next.
//!
//! It decides the words' *code* and *fields* only; the sentences people read come from the text catalogue.
//! `Display` is English for logs. Nothing here looks at a file: that is `decode.rs` and the front page.

use std::fmt::Display;
use std::path::PathBuf;

use thiserror::Error;

/// A refused file: which one, and why.
#[derive(Debug, Error)]
#[error("{}: {reason}; expected: {}; advice: {}", path.display(), reason.expected(), reason.advice())]
pub struct Verdict {
    /// The file as it was named by the caller.
    pub path: PathBuf,
    /// What is the matter with it.
    pub reason: Reason,
}

impl Verdict {
    /// A stable key for the text catalogue, such as `clip-silent`. It never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// Everything the catalogue's sentence may name, as text, always beginning with `path`.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("path", self.path.display().to_string())];
        fields.extend(self.reason.fields());
        fields
    }
}

/// Why a file cannot become a clip. Times are milliseconds from the start of the recording.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing is at that path.
    #[error("there is no such file")]
    NotFound,
    /// A folder or a device, not a file.
    #[error("this is a folder or a device, not a file")]
    NotAFile,
    /// Something is there, but it cannot be read (no permission, a failing disk).
    #[error("the file cannot be read ({cause})")]
    NotReadable {
        /// The system's words.
        cause: String,
    },
    /// A file of zero bytes: usually a copy that failed.
    #[error("the file is empty")]
    Empty,
    /// The content is not sound at all.
    #[error("this is not audio{}", looks_like.map(|what| format!(", it looks like {what}")).unwrap_or_default())]
    NotAudio {
        /// What the first bytes say it is, when they say something.
        looks_like: Option<&'static str>,
    },
    /// A proper container (a film, say) without a sound track.
    #[error("the {container} file has no sound track")]
    NoAudioTrack {
        /// The container's name.
        container: String,
    },
    /// Sound in a form this desk does not decode.
    #[error("{codec} is not decoded here ({detail})")]
    Unsupported {
        /// The codec or format as operators know it.
        codec: String,
        /// What the decoder said.
        detail: String,
    },
    /// The file ends before the length it declares.
    #[error("the recording is cut off after {found_ms} ms (declared: {declared_ms:?} ms)")]
    Truncated {
        /// The length its header promises, when it promises one.
        declared_ms: Option<u64>,
        /// What could be decoded.
        found_ms: u64,
    },
    /// Several recordings glued together: players differ in how much of that they play.
    #[error("another recording begins inside this file at {at_ms} ms")]
    Joined {
        /// Where the second one begins.
        at_ms: u64,
    },
    /// More sound than the header declares; mostly MP3 files glued together.
    #[error("the header declares {declared_ms} ms but there are {found_ms} ms of sound")]
    LengthMismatch {
        /// The header's length.
        declared_ms: u64,
        /// The decoded length.
        found_ms: u64,
    },
    /// Too much of the recording is damaged.
    #[error("damaged at {at_ms} ms, {lost_ms} ms lost ({detail})")]
    Corrupt {
        /// The first damaged place.
        at_ms: u64,
        /// How much is missing in all, as far as it was decoded.
        lost_ms: u64,
        /// What the decoder said.
        detail: String,
    },
    /// Nothing to be heard.
    #[error("the recording is silent (loudness {loudness_lufs:?} LUFS, peak {peak_dbfs:.1} dBFS)")]
    Silent {
        /// Integrated loudness; `None` when no part of it passes the gate of ITU-R BS.1770.
        loudness_lufs: Option<f64>,
        /// Highest sample; `-inf` for digital zero.
        peak_dbfs: f64,
    },
    /// The channels are opposite in polarity: added up for one loudspeaker they vanish.
    #[error("the channels cancel each other when mixed for one loudspeaker ({loss_db:.0} dB lost)")]
    ChannelsCancel {
        /// How much weaker the mix is than the channels.
        loss_db: f64,
    },
    /// Shorter than anything worth airing.
    #[error("only {duration_ms} ms long")]
    TooShort {
        /// Its length.
        duration_ms: u64,
        /// The least allowed.
        shortest_ms: u64,
    },
    /// Longer than the desk allows.
    #[error("at least {duration_ms} ms long, {longest_ms} ms are allowed")]
    TooLong {
        /// Its length as declared, or as far as it was decoded.
        duration_ms: u64,
        /// The most allowed.
        longest_ms: u64,
    },
    /// More channels than a mix-down is defined for.
    #[error("{channels} channels, at most {most} are mixed")]
    TooManyChannels {
        /// How many there are.
        channels: usize,
        /// The most allowed.
        most: usize,
    },
    /// Floating-point samples that are no sound: NaN, infinite, or thousands of times full scale.
    #[error("impossible sample values at {at_ms} ms")]
    NotNumbers {
        /// Where the first one is.
        at_ms: u64,
    },
    /// The disk of the desk is full.
    #[error("no room on the desk's disk")]
    NoRoom,
    /// The desk's own disk or encoder failed; the file is not to blame.
    #[error("the desk could not {step} ({cause})")]
    Desk {
        /// What was being done.
        step: &'static str,
        /// The system's or the encoder's words.
        cause: String,
    },
}

impl Reason {
    /// See [`Verdict::code`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "clip-not-found",
            Self::NotAFile => "clip-not-a-file",
            Self::NotReadable { .. } => "clip-not-readable",
            Self::Empty => "clip-empty",
            Self::NotAudio { .. } => "clip-not-audio",
            Self::NoAudioTrack { .. } => "clip-no-audio-track",
            Self::Unsupported { .. } => "clip-codec-unsupported",
            Self::Truncated { .. } => "clip-truncated",
            Self::Joined { .. } => "clip-joined",
            Self::LengthMismatch { .. } => "clip-length-mismatch",
            Self::Corrupt { .. } => "clip-corrupt",
            Self::Silent { .. } => "clip-silent",
            Self::ChannelsCancel { .. } => "clip-channels-cancel",
            Self::TooShort { .. } => "clip-too-short",
            Self::TooLong { .. } => "clip-too-long",
            Self::TooManyChannels { .. } => "clip-too-many-channels",
            Self::NotNumbers { .. } => "clip-not-numbers",
            Self::NoRoom => "clip-no-room",
            Self::Desk { .. } => "clip-desk-failed",
        }
    }

    /// The variable parts of the sentence. A value that is not known is the empty string, so that
    /// the catalogue's sentence can choose another wording for it.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let decibels = |value: &f64| {
            if value.is_finite() { format!("{value:.1}") } else { String::new() }
        };
        match self {
            Self::NotFound | Self::NotAFile | Self::Empty | Self::NoRoom => Vec::new(),
            Self::NotReadable { cause } => one("cause", cause),
            Self::NotAudio { looks_like } => one("looks_like", looks_like.unwrap_or_default()),
            Self::NoAudioTrack { container } => one("container", container),
            Self::Unsupported { codec, detail } => two("codec", codec, "detail", detail),
            Self::Truncated { declared_ms, found_ms } => {
                let declared_ms = declared_ms.map(|ms| ms.to_string()).unwrap_or_default();
                two("declared_ms", declared_ms, "found_ms", found_ms)
            }
            Self::Joined { at_ms } | Self::NotNumbers { at_ms } => one("at_ms", at_ms),
            Self::LengthMismatch { declared_ms, found_ms } => two("declared_ms", declared_ms, "found_ms", found_ms),
            Self::Corrupt { at_ms, lost_ms, detail } => {
                [two("at_ms", at_ms, "lost_ms", lost_ms), one("detail", detail)].concat()
            }
            Self::Silent { loudness_lufs, peak_dbfs } => {
                let loudness_lufs = loudness_lufs.as_ref().map(decibels).unwrap_or_default();
                two("loudness_lufs", loudness_lufs, "peak_dbfs", decibels(peak_dbfs))
            }
            Self::ChannelsCancel { loss_db } => one("loss_db", format!("{loss_db:.0}")),
            Self::TooShort { duration_ms, shortest_ms } => two("duration_ms", duration_ms, "shortest_ms", shortest_ms),
            Self::TooLong { duration_ms, longest_ms } => two("duration_ms", duration_ms, "longest_ms", longest_ms),
            Self::TooManyChannels { channels, most } => two("channels", channels, "most", most),
            Self::Desk { step, cause } => two("step", step, "cause", cause),
        }
    }

    /// What a good file has here, in English for logs.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        match self {
            Self::NotFound | Self::NotAFile | Self::NotReadable { .. } | Self::Empty => "a readable sound file",
            Self::NotAudio { .. } | Self::NoAudioTrack { .. } | Self::Unsupported { .. } => {
                "MP3, AAC-LC (AAC or M4A), FLAC, Ogg Vorbis or WAV"
            }
            Self::Truncated { .. } | Self::LengthMismatch { .. } => "as much sound as the header declares",
            Self::Joined { .. } => "one recording in one file",
            Self::Corrupt { .. } | Self::NotNumbers { .. } => "an undamaged recording",
            Self::Silent { .. } => "sound above -60 LUFS and -70 dBFS",
            Self::ChannelsCancel { .. } => "channels of the same polarity",
            Self::TooShort { .. } | Self::TooLong { .. } => "a length within the limits",
            Self::TooManyChannels { .. } => "one to eight channels",
            Self::NoRoom | Self::Desk { .. } => "a working disk with free space",
        }
    }

    /// What the person should do, in English for logs.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotFound => "check the name and the folder",
            Self::NotReadable { .. } => "check the permissions, or copy the file again",
            Self::Empty | Self::Truncated { .. } | Self::Corrupt { .. } => "copy or export the file again",
            Self::NotAudio { .. } | Self::NotAFile => "choose the sound file itself",
            Self::NoAudioTrack { .. } => "export the sound as MP3 or WAV",
            Self::Unsupported { .. } => "convert it to MP3, FLAC or WAV",
            Self::Joined { .. } | Self::LengthMismatch { .. } => {
                "join the parts in a sound editor and export them as one file, or upload them one by one"
            }
            Self::Silent { .. } => "check the recording level and that the right track was exported",
            Self::ChannelsCancel { .. } => "invert one channel, or export one channel as mono",
            Self::TooShort { .. } => "check that the whole recording was exported",
            Self::TooLong { .. } => "cut it into parts",
            Self::TooManyChannels { .. } => "export it as stereo or mono",
            Self::NotNumbers { .. } => "export it again as 16 or 24 bit WAV",
            Self::NoRoom => "free some space on the desk's disk",
            Self::Desk { .. } => "try again; if it stays, look at the desk's disk",
        }
    }
}

fn one(name: &'static str, value: impl Display) -> Vec<(&'static str, String)> {
    vec![(name, value.to_string())]
}

fn two(
    name: &'static str,
    value: impl Display,
    second: &'static str,
    second_value: impl Display,
) -> Vec<(&'static str, String)> {
    vec![(name, value.to_string()), (second, second_value.to_string())]
}

/// The error number of a full disk, for messages that come as text through an encoder.
const DISK_FULL: &str = "os error 28";

impl From<std::io::Error> for Reason {
    /// The desk's own disk; the upload's is dealt with where it is read.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::NoRoom,
            _ => Self::Desk { step: "use its disk", cause: error.to_string() },
        }
    }
}

impl From<String> for Reason {
    /// The words of a resampler, meter or encoder.
    fn from(cause: String) -> Self {
        if cause.contains(DISK_FULL) { Self::NoRoom } else { Self::Desk { step: "work on the sound", cause } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_file_what_was_found_what_was_expected_and_what_to_do() {
        let verdict = Verdict {
            path: "tin-sang.mp3".into(),
            reason: Reason::Truncated { declared_ms: Some(60_000), found_ms: 41_000 },
        };
        assert_eq!(verdict.code(), "clip-truncated");
        assert_eq!(
            verdict.fields(),
            [("path", "tin-sang.mp3".into()), ("declared_ms", "60000".into()), ("found_ms", "41000".to_string())]
        );
        let sentence = verdict.to_string();
        for part in ["tin-sang.mp3", "41000 ms", "header declares", "export the file again"] {
            assert!(sentence.contains(part), "{part} is missing in: {sentence}");
        }
    }
}
