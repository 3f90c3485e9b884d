//! Decides what a `[[slide]]` says that is a video: its file, and how long of it is shown.
//!
//! A video fills the board, so that whatever else a slide could say is refused. Whether the file is a video is looked at
//! when orders are signed (`server/src/play/video.rs`). Next: `order.rs`.

use std::path::Path;

use super::Context;
use super::content::file;
use super::fields::Fields;
use super::links::Draft;
use super::values::{self, Fault};
use crate::timetable::limits;
use crate::timetable::model::{Look, Shows, Slide};

/// The keys of slides that have no place on a video.
const NOT_BESIDE: [&str; 12] = [
    "title",
    "body",
    "picture",
    "code",
    "clock",
    "countdown",
    "template",
    "fields",
    "colours",
    "align",
    "ticker",
    "enter",
];

pub(super) fn slide(mut fields: Fields<'_>) -> Option<Draft<'_, Slide>> {
    let (context, folder) = (fields.context, fields.source().folder.clone());
    let id = fields.need("id", values::id);
    let video = fields.text("video", |text| video(context, &folder, text));
    let seconds = fields.number("seconds", limits::SLIDE_SECONDS).and_then(|seconds| u32::try_from(seconds).ok());
    let language = fields.text("language", values::language);
    let beside: Vec<&'static str> = NOT_BESIDE.into_iter().filter(|key| fields.node(key).is_some()).collect();
    if let Some(first) = beside.first() {
        fields.fault_at(first, Fault::new("video-not-alone").with("names", beside.join(", ")));
    }
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let (title, body, shows) = (String::new(), String::new(), Some(Shows::Video(video?)));
    let (look, filled) = (Look::default(), None);
    Some(Draft::new(Slide { id: id?, title, body, seconds, language, shows, look, filled, origin }, written))
}

/// The file that a slide names, by the rules for clips.
fn video(context: &Context<'_>, folder: &Path, text: &str) -> Result<std::path::PathBuf, Fault> {
    file(context, folder, text, ("video-file-missing", "videos/gioi-thieu.mp4"))
}
