//! A slide of a timetable made into the bytes that boards get: its CBOR and, behind it, its picture for each kind of board;
//! or a video's own bytes.
//!
//! A picture is made for the kinds of boards that most players of the slide's audience have, just as large as it stands
//! there, so that boards have nothing to scale; others show the nearest. Texts were bounded when they were read; nothing
//! is cut here. Next: `check.rs`.

use std::fmt;
use std::path::Path;

use loa_board::canvas::bytes_of;
use loa_board::{Canvas, code, lay_out};
use loa_domain::class::{BoardClass, Depth};
use loa_domain::play::slide::{RENDITIONS, Rendition, Shows, Slide};
use loa_domain::wire::{self, List, Text};

use super::audience::Seen;
use super::dither;
use super::picture::{self, Picture};
use super::verdict::Verdict;
use super::video::program::Programs;
use super::video::{self, Video};
use crate::timetable::compile::{self, CompileError};
use crate::timetable::model::{self, Timetable};

/// Bytes of a slide's pictures at most: a board fetches all of them, and a small one keeps them in its flash.
pub const BYTES: usize = 512 << 10;
/// Bytes at most where all boards are screens, one frame of which takes more than [`BYTES`].
pub const SCREEN_BYTES: usize = 16 << 20;

/// What boards get.
#[derive(Clone, Debug)]
pub enum Sent {
    /// Something that they draw.
    Slide(Box<Made>),
    /// Something that they play.
    Video(Video),
}

impl Sent {
    /// How long it stands on boards, in milliseconds.
    #[must_use]
    pub fn stands_ms(&self, slide: &model::Slide) -> u32 {
        let own = match self {
            Self::Slide(_) => None,
            Self::Video(video) => Some(video.seconds()),
        };
        // The reader lets no slide through that is without both.
        slide.seconds.or(own).unwrap_or_default().saturating_mul(1_000)
    }
}

/// A slide as boards get it.
#[derive(Clone)]
pub struct Made {
    /// What is shown.
    pub slide: Slide,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where its pictures begin.
    pub data_at: usize,
    /// Kinds of boards that the picture was not made for.
    pub left_out: Vec<String>,
    /// What the picture's file is, where its name says something else.
    pub mislabelled: Option<&'static str>,
}

impl Made {
    /// Its pictures.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.bytes.get(self.data_at..).unwrap_or_default()
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} of {} bytes", self.slide, self.bytes.len())
    }
}

/// Why no slide was made.
#[derive(Debug, thiserror::Error)]
pub enum SlideError {
    /// It says what players cannot take.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Its picture's file cannot be taken.
    #[error("slide {slide}: {verdict}")]
    Picture {
        /// Its id.
        slide: String,
        /// Why.
        verdict: Verdict,
    },
    /// Its video's file cannot be taken.
    #[error("slide {slide}: {verdict}")]
    Video {
        /// Its id.
        slide: String,
        /// Why.
        verdict: video::Verdict,
    },
    /// A text has more bytes than a slide has room for, which the reader does not let through.
    #[error("slide {slide}: a text is too long")]
    Text {
        /// Its id.
        slide: String,
    },
    /// Its pictures take too many bytes.
    #[error("slide {slide}: its pictures take {bytes} bytes, at most {most} are sent: {parts}")]
    TooManyBytes {
        /// Its id.
        slide: String,
        /// What they take.
        bytes: usize,
        /// What they may.
        most: usize,
        /// Kilobytes by kind of board.
        parts: String,
    },
}

/// What boards get for a slide: the slide, made for the boards it is shown on, or its video as it is.
///
/// # Errors
/// When its picture or video cannot be taken, or is too large.
pub fn sent(timetable: &Timetable, slide: &model::Slide, boards: &[Seen]) -> Result<Sent, SlideError> {
    let Some(model::Shows::Video(file)) = &slide.shows else {
        return make(timetable, slide, boards).map(|made| Sent::Slide(Box::new(made)));
    };
    let video = Video::read(file, &Programs::default());
    video.map(Sent::Video).map_err(|reason| refused(&slide.id, file, reason))
}

/// A video that was refused, with its slide.
#[must_use]
pub fn refused(slide: &str, file: &Path, reason: video::Reason) -> SlideError {
    SlideError::Video { slide: slide.to_owned(), verdict: video::Verdict { path: file.to_owned(), reason } }
}

/// Makes a slide for the boards it is shown on, those that most players have first; without any, for a small one.
///
/// # Errors
/// When its picture cannot be taken, or is too large.
pub(super) fn make(timetable: &Timetable, slide: &model::Slide, boards: &[Seen]) -> Result<Made, SlideError> {
    let too_long = || SlideError::Text { slide: slide.id.clone() };
    let mut made = Slide {
        title: Text::new(&slide.title).ok_or_else(too_long)?,
        body: Text::new(&slide.body).ok_or_else(too_long)?,
        language: Text::cut(slide.language.as_deref().unwrap_or_default()),
        look: compile::look(&slide.look),
        shows: None,
    };
    let mut pictures = Pictures::default();
    let mut mislabelled = None;
    made.shows = match &slide.shows {
        // A video is nothing to draw; it is not made but sent ([`sent`]).
        None | Some(model::Shows::Video(_)) => None,
        Some(model::Shows::Clock) => Some(Shows::Clock),
        Some(model::Shows::Code(text)) => Some(Shows::Code { squares: code::squares(text).ok_or_else(too_long)? }),
        Some(model::Shows::Countdown(countdown)) => {
            Some(Shows::Countdown { to: compile::counted_to(timetable, &slide.id, countdown)? })
        }
        Some(model::Shows::Picture(file)) => {
            let picture = taken(slide, file)?;
            mislabelled = picture.mislabelled;
            let most = most(boards);
            pictures = Pictures::of(&made, &picture, boards, most);
            pictures.bounded(&slide.id, most)?;
            Some(pictures.shows())
        }
    };
    let mut bytes = wire::encode(&made);
    let data_at = bytes.len();
    bytes.extend_from_slice(&pictures.data);
    Ok(Made { slide: made, bytes, data_at, left_out: pictures.left_out, mislabelled })
}

fn taken(slide: &model::Slide, file: &Path) -> Result<Picture, SlideError> {
    picture::read(file, slide.look.ground.unwrap_or_default()).map_err(|reason| {
        let verdict = Verdict { path: file.to_owned(), reason };
        SlideError::Picture { slide: slide.id.clone(), verdict }
    })
}

/// A picture's renditions and their bytes.
#[derive(Default)]
struct Pictures {
    renditions: Vec<(String, Rendition)>,
    data: Vec<u8>,
    left_out: Vec<String>,
}

impl Pictures {
    fn of(slide: &Slide, picture: &Picture, boards: &[Seen], most: usize) -> Self {
        let mut made = Self::default();
        if boards.is_empty() {
            made.add(slide, picture, ("128x32", &small()), most);
        }
        for board in boards {
            if made.renditions.len() == RENDITIONS {
                made.left_out.push(board.name.clone());
            } else {
                made.add(slide, picture, (&board.name, &board.class), most);
            }
        }
        made
    }

    /// Makes the picture for a kind of board, unless it is there in this size already.
    fn add(&mut self, slide: &Slide, picture: &Picture, (name, class): (&str, &BoardClass), most: usize) {
        let (width, height) = standing(slide, picture, class, most / RENDITIONS);
        let rendition = Rendition {
            width_px: width as u16,
            height_px: height as u16,
            depth: class.depth,
            frames: picture.count(),
            offset: self.data.len() as u32,
        };
        let same = |other: &Rendition| Rendition { offset: rendition.offset, ..*other } == rendition;
        if self.renditions.iter().any(|(_, other)| same(other)) {
            return;
        }
        let frames: Vec<_> = picture.frames((width, height)).collect();
        self.data.extend(frames.iter().flat_map(|frame| frame.stands_ms.to_be_bytes()));
        for frame in &frames {
            self.data.extend(rows(&frame.rgb, (width, height), class.depth));
        }
        self.renditions.push((name.to_owned(), rendition));
    }

    fn bounded(&self, slide: &str, most: usize) -> Result<(), SlideError> {
        if self.data.len() <= most {
            return Ok(());
        }
        let part = |(name, rendition): &(String, Rendition)| format!("{name} {} KB", rendition.bytes().div_ceil(1024));
        let parts = self.renditions.iter().map(part).collect::<Vec<_>>().join(", ");
        Err(SlideError::TooManyBytes { slide: slide.to_owned(), bytes: self.data.len(), most, parts })
    }

    fn shows(&self) -> Shows {
        // Never more than RENDITIONS are added.
        let renditions = List::collect(self.renditions.iter().map(|(_, rendition)| *rendition)).unwrap_or_default();
        Shows::Picture { renditions }
    }
}

fn small() -> BoardClass {
    // 128 by 32 is a size that boards have.
    BoardClass::new(128, 32, Depth::Mono).expect("a board")
}

/// How many bytes the pictures of a slide may take that is shown on these boards.
fn most(boards: &[Seen]) -> usize {
    let frame = |class: &BoardClass| bytes_of(u32::from(class.width_px), u32::from(class.height_px), class.depth);
    let only_screens = !boards.is_empty() && boards.iter().all(|seen| frame(&seen.class) > BYTES);
    if only_screens { SCREEN_BYTES } else { BYTES }
}

/// The size in which a picture stands on a kind of board, beside the slide's text or alone. It grows only as far as its
/// `share` of the bytes goes.
fn standing(slide: &Slide, picture: &Picture, class: &BoardClass, share: usize) -> (u32, u32) {
    let (width, height) = picture.size();
    let fitted = |room| {
        let (across, down) = picture::fitted((width, height), room);
        let takes = |scale: u32| {
            bytes_of(width * scale, height * scale, class.depth).saturating_mul(usize::from(picture.count()))
        };
        let grown = (1..=across / width).rev().find(|scale| *scale == 1 || takes(*scale) <= share);
        grown.map_or((across, down), |scale| (width * scale, height * scale))
    };
    let own = fitted((u32::from(class.width_px), u32::from(class.height_px)));
    let rendition =
        Rendition { width_px: own.0 as u16, height_px: own.1 as u16, depth: class.depth, frames: 1, offset: 0 };
    let renditions = List::collect([rendition]).unwrap_or_default();
    let with = Slide { shows: Some(Shows::Picture { renditions }), ..slide.clone() };
    lay_out(&with, class).piece_px().map_or(own, fitted)
}

/// The rows of a frame as a canvas of that depth has them.
fn rows(rgb: &[u8], (width, height): (u32, u32), depth: Depth) -> Vec<u8> {
    let bytes = vec![0; bytes_of(width, height, depth)];
    let Some(mut canvas) = Canvas::over(width, height, depth, bytes) else { return Vec::new() };
    for (dot, level) in (0..).zip(dither::levels(rgb, width, depth)) {
        canvas.set((dot % width) as i32, (dot / width) as i32, level);
    }
    canvas.bytes().to_vec()
}
