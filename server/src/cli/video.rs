//! What people are told of a video: what it is, and what they should know of it although it is sent.
//!
//! The reasons to refuse one are `play/video/verdict.rs`; what becomes of both at the desk is `checked.rs`.

use loa_host::text::Words;

use crate::play::audience::Seen;
use crate::play::video::Video;

/// Lamps across from which on a board is a screen, on which a video can be made out.
const SCREEN_PX: u16 = 320;

/// What a video is, as a sentence.
pub(super) fn told(slide: &str, video: &Video, words: &Words) -> String {
    let (seconds, kilobytes) = (length(video.length_ms), video.size_bytes.div_ceil(1 << 10).to_string());
    let (width, height) = (video.size.0.to_string(), video.size.1.to_string());
    let mut fields = vec![("slide", slide), ("seconds", &seconds), ("kilobytes", &kilobytes)];
    fields.extend([("width", width.as_str()), ("height", &height), ("codec", &video.codec)]);
    fields.push(("container", video.container.name()));
    words.with("slide-video", &fields)
}

/// What people should know of a video that stands for so long on these boards.
pub(super) fn notes((slide, video): (&str, &Video), stands_ms: u32, boards: &[Seen], words: &Words) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(content) = video.mislabelled() {
        notes.push(words.with("slide-video-mislabelled", &[("slide", slide), ("content", content)]));
    }
    if let Some(detail) = &video.complaint {
        notes.push(words.with("slide-video-flawed", &[("slide", slide), ("detail", detail)]));
    }
    if stands_ms > video.seconds() * 1_000 {
        let (stands, lasts) = ((stands_ms / 1_000).to_string(), length(video.length_ms));
        notes.push(words.with("slide-video-ends-early", &[("slide", slide), ("stands", &stands), ("lasts", &lasts)]));
    }
    if !boards.is_empty() && boards.iter().all(|seen| seen.class.width_px < SCREEN_PX) {
        let names: Vec<&str> = boards.iter().map(|seen| seen.name.as_str()).collect();
        let (names, least) = (names.join(", "), SCREEN_PX.to_string());
        let fields = [("slide", slide), ("boards", &names), ("least", &least)];
        notes.push(words.with("slide-video-no-screen", &fields));
    }
    notes
}

/// Seconds with a tenth.
fn length(length_ms: u64) -> String {
    format!("{}.{}", length_ms / 1_000, length_ms % 1_000 / 100)
}

#[cfg(test)]
mod tests;
