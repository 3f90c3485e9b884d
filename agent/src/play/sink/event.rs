//! What a speaker is told to sound through, and what it tells. Only words; the deeds are in `keeper.rs`.

use std::path::PathBuf;

use loa_host::clock::UtcNs;

use crate::play::mix::Note;

/// Where the sound goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A sound card by its ALSA name, or the default one. Without it there is no sound, only trying.
    Card(Option<String>),
    /// A recording in this directory.
    File(PathBuf),
    /// The default card; while none opens, a recording in this directory.
    Auto(PathBuf),
}

/// News from a speaker. Times are nanoseconds of wall clock, at which it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are what their names say
pub enum SinkEvent {
    /// Sound goes out through this from now on.
    Opened { what: String, is_file: bool },
    /// The first frame of a voice was heard, this much later than asked for (0 for a follower).
    Started { voice: u64, at_utc_ns: UtcNs, error_ns: i64 },
    /// A voice played to its end; `heard_ms` counts only what came out.
    Ended { voice: u64, heard_ms: u64, at_utc_ns: UtcNs },
    /// A voice was stopped, or never let in.
    Stopped { voice: u64, heard_ms: u64 },
    /// A voice had nothing ready for this long.
    Starved { voice: u64, ms: u64 },
    /// Sound no longer comes out; healing goes on.
    Lost { why: String },
    /// Sound comes out again.
    Back { silent_ms: u64 },
    /// Healing failed too often. The process should exit, so that its supervisor starts afresh.
    GaveUp { why: String },
}

impl From<Note> for SinkEvent {
    fn from(note: Note) -> SinkEvent {
        match note {
            Note::Started { voice, at_utc_ns, error_ns } => SinkEvent::Started { voice, at_utc_ns, error_ns },
            Note::Ended { voice, heard_ms, at_utc_ns } => SinkEvent::Ended { voice, heard_ms, at_utc_ns },
            Note::Stopped { voice, heard_ms } => SinkEvent::Stopped { voice, heard_ms },
            Note::Starved { voice, ms } => SinkEvent::Starved { voice, ms },
        }
    }
}
