//! Why a file was not taken as a video, said so that the person at the desk knows what to do next.
//!
//! It decides the *code* and the *fields* of the sentence; the sentences stand in the catalogue (`slide.*.ftl`).
//! `Display` is English for logs. What is looked at is decided in `video.rs`.

use std::path::PathBuf;

use loa_domain::limits::BLOB_BYTES;

/// A refused video: which one, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct Verdict {
    /// The file as the timetable names it.
    pub path: PathBuf,
    /// What is the matter with it.
    pub reason: Reason,
}

/// Why a file cannot be sent as a video.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A program that looks at videos is not installed here.
    #[error("the program {program} is not installed")]
    NoProgram {
        /// Its name.
        program: String,
    },
    /// A program that looks at videos cannot be run.
    #[error("the program {program} cannot be run ({cause})")]
    NotRun {
        /// Its name.
        program: String,
        /// The system's words.
        cause: String,
    },
    /// It cannot be opened or read.
    #[error("the file cannot be read ({cause})")]
    NotReadable {
        /// The system's words.
        cause: String,
    },
    /// Zero bytes.
    #[error("the file is empty")]
    Empty,
    /// More bytes than a player takes as one piece.
    #[error("the file has {bytes} bytes")]
    TooManyBytes {
        /// How many it has.
        bytes: u64,
    },
    /// No video, or one in a kind of file that is not played.
    #[error("this is no video that is played ({looks_like})")]
    Unsupported {
        /// What the first bytes say it is; `none` when they say nothing.
        looks_like: &'static str,
    },
    /// Sound alone.
    #[error("there is no moving picture in it")]
    NoPicture,
    /// The file ends too early.
    #[error("the video is cut off")]
    Truncated,
    /// What stands in it is wrong.
    #[error("the video is damaged ({detail})")]
    Damaged {
        /// What the program said.
        detail: String,
    },
    /// The program does not come to an end with it.
    #[error("looking at the video takes too long")]
    TooSlow,
    /// Longer than any slide stands.
    #[error("the video takes {length_ms} ms")]
    TooLong {
        /// How long it is.
        length_ms: u64,
    },
    /// Players cannot be relied on to decode it.
    #[error("the video is coded as {codec}")]
    Codec {
        /// The name that ffmpeg has for it.
        codec: String,
    },
    /// It is another file than the one that was looked at.
    #[error("the file was changed meanwhile")]
    Changed,
}

impl Verdict {
    /// A stable key for the catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::NoProgram { .. } => "video-no-program",
            Reason::NotRun { .. } => "video-not-run",
            Reason::NotReadable { .. } => "video-not-readable",
            Reason::Empty => "video-empty",
            Reason::TooManyBytes { .. } => "video-too-many-bytes",
            Reason::Unsupported { .. } => "video-unsupported",
            Reason::NoPicture => "video-no-picture",
            Reason::Truncated => "video-truncated",
            Reason::Damaged { .. } => "video-damaged",
            Reason::TooSlow => "video-too-slow",
            Reason::TooLong { .. } => "video-too-long",
            Reason::Codec { .. } => "video-codec",
            Reason::Changed => "video-changed",
        }
    }

    /// What the sentence may name.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("path", self.path.display().to_string())];
        match &self.reason {
            Reason::NoProgram { program } => fields.push(("program", program.clone())),
            Reason::NotRun { program, cause } => {
                fields.extend([("program", program.clone()), ("cause", cause.clone())]);
            }
            Reason::NotReadable { cause } => fields.push(("cause", cause.clone())),
            Reason::Empty | Reason::NoPicture | Reason::Truncated | Reason::TooSlow | Reason::Changed => {}
            Reason::TooManyBytes { bytes } => fields
                .extend([("megabytes", bytes.div_ceil(1 << 20).to_string()), ("most", (BLOB_BYTES >> 20).to_string())]),
            Reason::Unsupported { looks_like } => fields.push(("looks_like", (*looks_like).to_owned())),
            Reason::Damaged { detail } => fields.push(("detail", detail.clone())),
            Reason::TooLong { length_ms } => fields.push(("minutes", length_ms.div_ceil(60_000).to_string())),
            Reason::Codec { codec } => fields.push(("codec", codec.clone())),
        }
        fields
    }
}
