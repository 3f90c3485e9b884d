//! The loudspeaker as a stage: pieces from the shelf, decoded ahead, given to the one open stream.
//!
//! It decides how a volume in percent becomes a gain, and what a file that cannot be opened means for the proof. When a
//! piece begins is `sequence.rs`; how it meets the card, `sink/`.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender};

use loa_domain::plan::Reason;
use loa_domain::play::player::FADE_MS;
use loa_domain::time::UtcMs;

use crate::delivery::shelf::Shelf;
use crate::event::Event;
use crate::piece::{Part, Piece};
use crate::play::ahead::{Ahead, Report};
use crate::play::decode::DecodeError;
use crate::play::notice::Notice;
use crate::play::sequence::{Heard, Stage, Voice};
use crate::play::sink::{SinkEvent, Speaker};

/// Frames of silence in place of damaged ones that still make a whole play: half a second, as everywhere.
const SILENT_FRAMES_MAX: u64 = 24_000;

/// A loudspeaker that plays from a shelf.
pub struct Loudspeaker {
    speaker: Speaker,
    shelf: Shelf,
    reports: HashMap<Voice, Report>,
    /// What is said before and after a drill; without it there is none.
    notice: Option<Notice>,
}

impl Loudspeaker {
    /// A loudspeaker over an open stream.
    #[must_use]
    pub fn new(speaker: Speaker, shelf: Shelf) -> Self {
        let notice = Notice::decode().inspect_err(|error| tracing::error!(%error, "drills cannot be announced"));
        Self { speaker, shelf, reports: HashMap::new(), notice: notice.ok() }
    }

    /// Hands the stream's news to the loop until either ends. Runs on a thread of its own.
    pub fn listen(news: &Receiver<SinkEvent>, to: &Sender<Event>) {
        for event in news {
            let told = match event {
                SinkEvent::Started { voice, at_utc_ns, error_ns } => {
                    tracing::info!(voice, error_us = error_ns / 1000, "sounds");
                    let at = UtcMs((at_utc_ns + 500_000).div_euclid(1_000_000));
                    to.send(Event::Heard(Heard::Began { voice, at }))
                }
                SinkEvent::Ended { voice, heard_ms, .. } | SinkEvent::Stopped { voice, heard_ms } => {
                    let heard_ms = u32::try_from(heard_ms).unwrap_or(u32::MAX);
                    to.send(Event::Heard(Heard::Over { voice, heard_ms }))
                }
                SinkEvent::Starved { voice, ms } => {
                    tracing::warn!(voice, ms, "the disk was too slow");
                    Ok(())
                }
                SinkEvent::Opened { what, is_file: true } => {
                    tracing::warn!(what, "no sound card: what would be heard is recorded");
                    to.send(Event::Silent(false))
                }
                SinkEvent::Opened { what, is_file: false } => {
                    tracing::info!(what, "the sound card is open");
                    to.send(Event::Silent(false))
                }
                SinkEvent::Lost { why } => {
                    tracing::error!(why, "the sound card is lost; healing");
                    to.send(Event::Silent(true))
                }
                SinkEvent::Back { silent_ms } => {
                    tracing::warn!(silent_ms, "the sound card is back");
                    to.send(Event::Silent(false))
                }
                SinkEvent::GaveUp { why } => {
                    tracing::error!(
                        why,
                        "the sound card cannot be healed from here; the program ends to be started afresh"
                    );
                    to.send(Event::Stop { failed: true })
                }
            };
            if told.is_err() {
                return;
            }
        }
    }
}

/// A volume in percent as a factor on the samples: its square, so that 50 % is 12 dB less, about half as loud.
fn gain(volume: u8) -> f32 {
    let share = f32::from(volume.min(100)) / 100.0;
    share * share
}

impl Stage for Loudspeaker {
    fn begin(&mut self, voice: Voice, piece: &Piece, at: UtcMs, offset_ms: u32, volume: u8) -> Result<(), Reason> {
        let at_ns = at.0.saturating_mul(1_000_000);
        if piece.part != Part::Plain {
            let notice = self.notice.as_ref().ok_or(Reason::ContentCorrupt)?;
            if piece.part == Part::Notice {
                self.speaker.play(voice, Box::new(notice.from(offset_ms)), at_ns, gain(volume));
                return Ok(());
            }
        }
        let Some(path) = self.shelf.path(&piece.item.content) else { return Err(Reason::ContentMissing) };
        let opened = Ahead::open(&path, u64::from(offset_ms)).map_err(|error| {
            tracing::error!(%error, "a clip cannot be played");
            match error {
                DecodeError::Missing => Reason::ContentMissing,
                _ => Reason::ContentCorrupt,
            }
        })?;
        self.reports.insert(voice, opened.report());
        self.speaker.play(voice, Box::new(opened), at_ns, gain(volume));
        Ok(())
    }

    fn end(&mut self, voice: Voice) {
        self.speaker.stop(voice, FADE_MS);
    }

    fn over(&mut self, voice: Voice) -> Option<Reason> {
        let outcome = self.reports.remove(&voice)?.outcome();
        let holes = outcome.damage.silent_frames > SILENT_FRAMES_MAX || outcome.damage.truncated;
        (holes || outcome.failed.is_some()).then_some(Reason::ContentCorrupt)
    }

    fn close(self) {
        self.speaker.close();
    }
}
