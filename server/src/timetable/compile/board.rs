//! Kinds of boards and slides' looks of a timetable, made into what players understand.

use loa_domain::class::{BoardClass, Brightness, Depth, Rotation};
use loa_domain::play::slide::{Colour, Enters, Look, Side};
use loa_domain::time::UtcMs;
use loa_domain::wire::List;

use super::CompileError;
use crate::timetable::model::{self, Align, BoardChoice, Colours, Enter, Timetable};

/// The board of a player, and what people call its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// The id of its class; of a board of which only the size is known, size and depth.
    pub name: String,
    /// What kind of board it is.
    pub class: BoardClass,
}

impl Board {
    /// One of which only size and depth are known; none where no board has this size.
    #[must_use]
    pub fn plain(width_px: u16, height_px: u16, depth: Depth) -> Option<Self> {
        let name = format!("{width_px}x{height_px} {}", depth.name());
        BoardClass::new(width_px, height_px, depth).map(|class| Self { name, class })
    }

    /// A kind of board that a timetable defines.
    ///
    /// # Errors
    /// When there can be no such board, which the reader does not let through.
    pub fn of(board: &model::BoardClass) -> Result<Self, CompileError> {
        let subject = || format!("board {}", board.id);
        let depth = match board.colours {
            Colours::Mono => Depth::Mono,
            Colours::RedGreen => Depth::RedGreen,
            Colours::Grey16 => Depth::Grey16,
            Colours::Rgb565 => Depth::Rgb565,
            Colours::Rgb888 => Depth::Rgb888,
        };
        let rotation = match board.rotation {
            90 => Rotation::Quarter,
            180 => Rotation::Half,
            270 => Rotation::ThreeQuarters,
            _ => Rotation::None,
        };
        let steps = board.brightness.iter();
        let steps = steps.map(|step| Brightness { from_min: step.from_minute, percent: step.percent });
        let brightness = List::collect(steps).map_err(|full| CompileError::TooMany {
            subject: subject(),
            what: "steps of brightness",
            most: full.most,
        })?;
        let (width_px, height_px) = (board.size.width, board.size.height);
        let class = BoardClass { width_px, height_px, depth, rotation, brightness };
        if !class.is_sound() {
            return Err(CompileError::NoSuchBoard { subject: subject(), board: board.size.to_string() });
        }
        Ok(Self { name: board.id.clone(), class })
    }
}

/// The board of a player of a timetable; none for a loudspeaker.
pub(super) fn of_player(timetable: &Timetable, player: &model::Player) -> Result<Option<Board>, CompileError> {
    let no_such = |board: String| CompileError::NoSuchBoard { subject: format!("player {}", player.id), board };
    match &player.board {
        None => Ok(None),
        Some(BoardChoice::Size(size)) => {
            Board::plain(size.width, size.height, Depth::Mono).map(Some).ok_or_else(|| no_such(size.to_string()))
        }
        Some(BoardChoice::Class(id)) => {
            let board = timetable.boards.iter().find(|board| board.id == *id);
            board.ok_or_else(|| no_such(id.clone())).and_then(Board::of).map(Some)
        }
    }
}

/// How a slide looks; none where it says nothing.
#[must_use]
pub fn look(look: &model::Look) -> Option<Look> {
    let colour = |[red, green, blue]: [u8; 3]| Colour { red, green, blue };
    (!look.is_plain()).then(|| Look {
        title: look.title.map(colour),
        body: look.body.map(colour),
        ground: look.ground.map(colour),
        side: look.align.map(|align| match align {
            Align::Left => Side::Left,
            Align::Middle => Side::Middle,
            Align::Right => Side::Right,
        }),
        runs: look.ticker.then_some(true),
        enters: look.enter.map(|enter| match enter {
            Enter::Wipe => Enters::Wipe,
            Enter::Rise => Enters::Rise,
            Enter::Dissolve => Enters::Dissolve,
        }),
    })
}

/// The instant that a slide counts down to. Without an offset of its own it is read in the zone of the timetable's
/// places, which the reader has made sure is one.
///
/// # Errors
/// When no place has a zone.
pub fn counted_to(timetable: &Timetable, slide: &str, countdown: &model::Countdown) -> Result<UtcMs, CompileError> {
    if let Some(minutes) = countdown.offset_minutes {
        let local = super::local_time(&countdown.to);
        return Ok(UtcMs((local.seconds() - i64::from(minutes) * 60) * 1_000));
    }
    let zone = timetable.places.iter().find_map(|place| place.zone.as_deref());
    super::instant(&countdown.to, zone, &format!("slide {slide}"))
}
