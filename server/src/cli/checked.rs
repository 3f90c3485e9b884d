//! Slides made and checked before anything is signed, and what is told of them: what cannot be, what cannot be read.
//!
//! It decides the sentences and which of them stop an order. How a slide is made is `play/made.rs`, how it does on a board
//! `play/check.rs`.

use std::fmt::Write as _;
use std::io::IsTerminal;

use loa_domain::time::UtcMs;
use loa_host::text::Words;

use super::Failure;
use super::told::{Tell, told};
use super::video;
use crate::play::audience::{Audiences, Seen};
use crate::play::check::Fit;
use crate::play::face::{self, Looked};
use crate::play::made::{self, Made, Sent, SlideError};
use crate::timetable::compile::PlayerEntry;
use crate::timetable::model::{Slide, Timetable};

/// The most faces that are shown of a slide that takes too long.
const FACES: usize = 6;

/// A slide that an order airs.
pub(super) struct Aired {
    /// Its id.
    pub id: String,
    /// What boards get.
    pub sent: Sent,
    /// How long it stands, in milliseconds.
    pub stands_ms: u32,
}

/// Slides that orders air, and what people should know of them.
#[derive(Default)]
pub(super) struct Checked {
    /// The slides.
    pub aired: Vec<Aired>,
    /// Warnings, each with the faces it is about.
    pub warnings: Vec<(String, String)>,
}

/// How faces are shown.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The time that clocks show.
    pub utc: UtcMs,
    /// The offset from UTC of the place, in seconds.
    pub offset_s: Option<i32>,
    /// In the lamps' colours.
    pub coloured: bool,
}

/// Makes every slide that an order airs, for the boards that show it.
///
/// # Errors
/// All that stops an order, a line each.
pub(super) fn slides(
    timetable: &Timetable,
    players: &[PlayerEntry],
    shown: Shown,
    words: &Words,
) -> Result<Checked, Failure> {
    let audiences = Audiences::of(timetable, players).map_err(told(words))?;
    let (mut checked, mut wrong) = (Checked::default(), Vec::new());
    for slide in timetable.slides.iter().filter(|slide| audiences.is_aired(&slide.id)) {
        let boards = audiences.boards(&slide.id);
        let sent = match made::sent(timetable, slide, boards) {
            Err(error) => {
                wrong.push(at(slide, &error.tell(words)));
                continue;
            }
            Ok(sent) => sent,
        };
        let stands_ms = sent.stands_ms(slide);
        match &sent {
            Sent::Slide(made) => {
                wrong.extend(unseen(made, (slide, stands_ms), boards, words));
                checked.warnings.extend(warnings(made, (slide, stands_ms), boards, shown, words));
            }
            Sent::Video(video) => {
                let notes = video::notes((&slide.id, video), stands_ms, boards, words);
                checked.warnings.extend(notes.into_iter().map(|note| (at(slide, &note), String::new())));
            }
        }
        checked.aired.push(Aired { id: slide.id.clone(), sent, stands_ms });
    }
    if wrong.is_empty() { Ok(checked) } else { Err(wrong.join("\n")) }
}

/// With the file and line where the slide was written.
fn at(slide: &Slide, sentence: &str) -> String {
    format!("{}:{}: {sentence}", slide.origin.file, slide.origin.line)
}

/// A code that no board has room for.
fn unseen(made: &Made, (slide, stands_ms): (&Slide, u32), boards: &[Seen], words: &Words) -> Option<String> {
    let fits: Vec<Fit> = boards.iter().map(|seen| Fit::of(&made.slide, u64::from(stands_ms), seen)).collect();
    let needs = fits.iter().filter_map(|fit| fit.code_needs_px).max()?;
    let nowhere = fits.iter().all(|fit| fit.code_needs_px.is_some());
    let fields = [("slide", slide.id.as_str()), ("needs", &needs.to_string())];
    nowhere.then(|| at(slide, &words.with("slide-code-nowhere", &fields)))
}

fn warnings(
    made: &Made,
    (slide, stands_ms): (&Slide, u32),
    boards: &[Seen],
    shown: Shown,
    words: &Words,
) -> Vec<(String, String)> {
    let mut warnings = Vec::new();
    let looked = Looked { stands_ms: u64::from(stands_ms), utc: shown.utc, offset_s: shown.offset_s };
    for seen in boards {
        if let Some(warning) = poor(&slide.id, &Fit::of(&made.slide, looked.stands_ms, seen), words) {
            let faces = face::faces(&made.slide, made.data(), &seen.class, looked);
            let faces = faces.iter().take(FACES).map(|face| face::blocks(face, shown.coloured)).collect();
            warnings.push((at(slide, &warning), faces));
        }
    }
    let notes = notes(&slide.id, made, words);
    warnings.extend(notes.into_iter().map(|note| (at(slide, &note), String::new())));
    warnings
}

/// What a slide lacks on a kind of board, as a sentence.
pub(super) fn poor(slide: &str, fit: &Fit, words: &Words) -> Option<String> {
    let seconds = |ms: u64| ms.div_ceil(1_000).to_string();
    let (read, stands) = (seconds(fit.read_ms), seconds(fit.stands_ms));
    let (players, pages) = (fit.players.to_string(), fit.pages.to_string());
    let mut fields = vec![("slide", slide), ("board", &fit.board), ("players", &players), ("pages", &pages)];
    fields.extend([("read", read.as_str()), ("stands", &stands)]);
    if let Some(needs) = fit.code_needs_px {
        let needs = needs.to_string();
        fields.push(("needs", &needs));
        return Some(words.with("slide-code-too-large", &fields));
    }
    let id = if fit.runs { "slide-runs-too-long" } else { "slide-too-long" };
    fit.is_too_short().then(|| words.with(id, &fields))
}

/// What people should know of a slide's picture.
pub(super) fn notes(slide: &str, made: &Made, words: &Words) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(content) = made.mislabelled {
        notes.push(words.with("slide-picture-mislabelled", &[("slide", slide), ("content", content)]));
    }
    if !made.left_out.is_empty() {
        let boards = made.left_out.join(", ");
        notes.push(words.with("slide-picture-left-out", &[("slide", slide), ("boards", &boards)]));
    }
    notes
}

impl Checked {
    /// The warnings as a page; with the faces, unless they are not wanted.
    pub(super) fn page(&self, with_faces: bool) -> String {
        let mut page = String::new();
        for (warning, faces) in &self.warnings {
            // A string takes whatever is written to it.
            let _written = writeln!(page, "{warning}");
            if with_faces {
                page += faces;
            }
        }
        page
    }
}

/// Whether faces are shown in colours: on a terminal, unless its person asked for none (no-color.org).
pub(super) fn is_coloured() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A sentence about a file of a slide.
fn with_slide(slide: &str, code: &str, fields: &[(&'static str, String)], words: &Words) -> String {
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("slide", slide));
    words.with(code, &fields)
}

impl Tell for SlideError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Compile(error) => error.tell(words),
            Self::Picture { slide, verdict } => with_slide(slide, verdict.code(), &verdict.fields(), words),
            Self::Video { slide, verdict } => with_slide(slide, verdict.code(), &verdict.fields(), words),
            Self::Text { slide } => words.with("slide-text", &[("slide", slide)]),
            Self::TooManyBytes { slide, bytes, most, parts } => {
                let (bytes, most) = (bytes.div_ceil(1_024).to_string(), (most >> 10).to_string());
                let fields = [("slide", slide.as_str()), ("kilobytes", &bytes), ("most", &most), ("parts", parts)];
                words.with("slide-too-many-bytes", &fields)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use loa_host::text::Language;

    use super::*;
    use crate::timetable::compile;
    use crate::timetable::read::{Checks, read};

    #[test]
    fn what_cannot_be_read_in_time_is_told_with_its_faces_unless_these_are_not_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("trang.toml");
        let base = std::fs::read_to_string("testdata/timetable/base.toml").unwrap();
        let text = "[[slide]]\nid = \"dai\"\ntitle = \"Tin\"\nbody = \"Mời bà con đi họp tại nhà văn hóa thôn, đúng bảy giờ tối nay\"\nseconds = 3\n\
                    [[programme]]\nid = \"dai\"\ntitle = \"Dài\"\nitems = [\"slide:dai\"]\n\
                    [[order]]\nid = \"dai\"\nprogramme = \"dai\"\nclass = \"normal\"\nto = { kinds = [\"board\"] }\nat = \"0 5 * * *\"\n";
        std::fs::write(&file, base.replace("clips/chuong.wav", "trang.toml") + text).unwrap();
        let fine = |_: &str| Ok(());
        let paths: Vec<PathBuf> = vec![file];
        let timetable = read(&paths, &Checks { cron: &fine, zone: &fine, letter: &|_| true }).unwrap();
        let players = compile::players(&timetable).unwrap();
        let shown = Shown { utc: UtcMs(0), offset_s: None, coloured: false };
        let checked = slides(&timetable, &players, shown, &Words::new(Language::English)).unwrap();
        assert_eq!(checked.aired.len(), 1);
        let (bare, page) = (checked.page(false), checked.page(true));
        assert!(bare.contains("trang.toml:") && bare.lines().count() == 1, "{bare}");
        assert!(
            bare.contains("“dai” cannot be read in time on 128x32 mono (boards: 1): 3 faces take 6 s, it stands 3 s."),
            "{bare}"
        );
        assert!(page.starts_with(&bare) && page.matches('┌').count() == 3, "{page}");
    }
}
