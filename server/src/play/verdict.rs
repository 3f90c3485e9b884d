//! Why a file was not taken as a picture, said so that the person at the desk knows what to do next.
//!
//! It decides the *code* and the *fields* of the sentence; the sentences stand in the catalogue (`slide.*.ftl`).
//! `Display` is English for logs. What is looked at is decided in `picture.rs`.

use std::path::PathBuf;

/// A refused picture: which one, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct Verdict {
    /// The file as the timetable names it.
    pub path: PathBuf,
    /// What is the matter with it.
    pub reason: Reason,
}

/// Why a file cannot become a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It cannot be opened or read.
    #[error("the file cannot be read ({cause})")]
    NotReadable {
        /// The system's words.
        cause: String,
    },
    /// Zero bytes.
    #[error("the file is empty")]
    Empty,
    /// More bytes than any picture for boards needs.
    #[error("the file has {bytes} bytes, at most {most} are read")]
    TooManyBytes {
        /// How many it has.
        bytes: u64,
        /// How many are read.
        most: u64,
    },
    /// No picture at all, or one in a form that is not decoded here.
    #[error("this is no picture that is decoded here ({looks_like})")]
    Unsupported {
        /// What the first bytes say it is; `none` when they say nothing.
        looks_like: &'static str,
    },
    /// The file ends too early.
    #[error("the picture is cut off")]
    Truncated,
    /// What stands in it is wrong.
    #[error("the picture is damaged ({detail})")]
    Damaged {
        /// What the decoder said.
        detail: String,
    },
    /// More dots than are decoded.
    #[error("{width} x {height} dots, at most {most} are decoded")]
    TooLarge {
        /// Dots across.
        width: u32,
        /// Dots down.
        height: u32,
        /// The most there may be in all frames together.
        most: u64,
    },
    /// A moving picture of too many frames.
    #[error("more than {most} frames")]
    TooManyFrames {
        /// The most there may be.
        most: u16,
    },
}

impl Verdict {
    /// A stable key for the catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.reason {
            Reason::NotReadable { .. } => "picture-not-readable",
            Reason::Empty => "picture-empty",
            Reason::TooManyBytes { .. } => "picture-too-many-bytes",
            Reason::Unsupported { .. } => "picture-unsupported",
            Reason::Truncated => "picture-truncated",
            Reason::Damaged { .. } => "picture-damaged",
            Reason::TooLarge { .. } => "picture-too-large",
            Reason::TooManyFrames { .. } => "picture-too-many-frames",
        }
    }

    /// What the sentence may name.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("path", self.path.display().to_string())];
        match &self.reason {
            Reason::NotReadable { cause } => fields.push(("cause", cause.clone())),
            Reason::Empty | Reason::Truncated => {}
            Reason::TooManyBytes { bytes, most } => {
                fields.extend([("megabytes", bytes.div_ceil(1 << 20).to_string()), ("most", (most >> 20).to_string())]);
            }
            Reason::Unsupported { looks_like } => fields.push(("looks_like", (*looks_like).to_owned())),
            Reason::Damaged { detail } => fields.push(("detail", detail.clone())),
            Reason::TooLarge { width, height, most } => fields.extend([
                ("width", width.to_string()),
                ("height", height.to_string()),
                ("most", (most / 1_000_000).to_string()),
            ]),
            Reason::TooManyFrames { most } => fields.push(("most", most.to_string())),
        }
        fields
    }
}
