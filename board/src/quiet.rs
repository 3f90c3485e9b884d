//! Faces with the time: the quiet one between programmes, and slides with a clock or a countdown.
//!
//! The time is as large as it can be beside the words; where a board has no room for all of them at once they take
//! turns, each with the time above it if that fits. What is known, and in which words, is decided by whoever calls.

use loa_domain::play::class::BoardClass;
use loa_domain::play::slide::{Shows, Side, Slide};
use loa_domain::wire::Text;
use loa_domain::written::Written;

use crate::ink::Inks;
use crate::letters::Letters;
use crate::pages::{count_pages, left_px, page_of};
use crate::shape::{Area, DrawTarget, Lamps, Rgb888, onto};
use crate::text;
use crate::when::When;
use crate::wrap::Lines;

/// How long each face stands where some take turns, in seconds.
pub const TURN_S: u64 = 4;

/// What is said of a time.
pub type TimeText = Text<16>;

/// What a clock or a countdown shows. Equal ones look the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The minute of the day, or the seconds that are left; none while the time is not known.
    value: Option<u64>,
    /// Whose turn it is.
    turn: u32,
}

/// What a slide's clock or countdown shows at an instant.
pub(crate) fn shown(slide: &Slide, board: Area, when: When) -> Shown {
    let value = match &slide.shows {
        Some(Shows::Clock) => when.offset_s.map(|offset_s| minute_of_day(when.utc.seconds(), offset_s)),
        Some(Shows::Countdown { to }) => {
            // Up to the instant itself there is something left.
            let left_s = to.0.saturating_sub(when.utc.0).max(0).unsigned_abs().div_ceil(1_000);
            Some(if left_s >= 2 * 86_400 { left_s / 86_400 * 86_400 } else { left_s })
        }
        _ => return Shown::default(),
    };
    let turns = count(&lines_of(slide), board).max(1);
    Shown { value, turn: (when.position_ms / (TURN_S * 1_000) % u64::from(turns)) as u32 }
}

fn minute_of_day(utc_s: i64, offset_s: i32) -> u64 {
    (utc_s + i64::from(offset_s)).rem_euclid(86_400).unsigned_abs() / 60
}

fn lines_of(slide: &Slide) -> [&str; 2] {
    [text::trimmed(&slide.title), text::trimmed(&slide.body)]
}

/// The time of day as `HH:MM`, or `--:--`.
#[must_use]
pub fn clock_text(minute_of_day: Option<u64>) -> TimeText {
    let mut text = Written::new();
    match minute_of_day {
        Some(minute) => text.pair(minute / 60).say(":").pair(minute % 60),
        None => text.say("--:--"),
    };
    text.done()
}

/// What is left: days, or hours, minutes and seconds in the last two days.
fn countdown_text(left_s: u64, language: &str) -> TimeText {
    let mut text = Written::new();
    if left_s >= 2 * 86_400 {
        text.number(left_s / 86_400).say(if language.starts_with("en") { " days" } else { " ngày" });
    } else {
        text.pair(left_s / 3_600).say(":").pair(left_s / 60 % 60).say(":").pair(left_s % 60);
    }
    text.done()
}

pub(crate) fn draw_shown(slide: &Slide, board: Area, shown: Shown, inks: Inks, lamps: &mut dyn Lamps) {
    let time = match (&slide.shows, shown.value) {
        (Some(Shows::Countdown { .. }), value) => countdown_text(value.unwrap_or(0), &slide.language),
        (_, minute) => clock_text(minute),
    };
    draw(&time, &lines_of(slide), u64::from(shown.turn), board, inks, lamps);
}

/// One of the faces that take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The time, with all lines below it.
    All { rows: u32 },
    /// The time, with one of the lines below it.
    One { line: usize, rows: u32 },
    /// The time alone.
    Time,
    /// A page of the lines.
    Words { page: u32, rows: u32 },
}

fn wrapped(line: &str, board: Area) -> Lines<'_> {
    Lines::new(line, board.width_px, Letters::SMALL)
}

fn all<L: AsRef<str>>(lines: &[L], board: Area) -> impl Iterator<Item = &str> + Clone {
    lines.iter().flat_map(move |line| wrapped(line.as_ref(), board))
}

fn rows_max(board: Area) -> u32 {
    board.height_px / Letters::SMALL.line_px()
}

fn count<L: AsRef<str>>(lines: &[L], board: Area) -> u32 {
    let (most, total) = (rows_max(board), all(lines, board).count() as u32);
    if total < most {
        return 1;
    }
    let said = || lines.iter().map(|line| wrapped(line.as_ref(), board).count() as u32).filter(|rows| *rows > 0);
    if said().all(|rows| rows < most) {
        return said().count() as u32;
    }
    1 + count_pages(all(lines, board), most)
}

fn turn_at<L: AsRef<str>>(lines: &[L], turn: u64, board: Area) -> Turn {
    let (most, total) = (rows_max(board), all(lines, board).count() as u32);
    if total < most {
        return Turn::All { rows: total };
    }
    let turn = (turn % u64::from(count(lines, board).max(1))) as u32;
    let said = || {
        let rows = lines.iter().map(|line| wrapped(line.as_ref(), board).count() as u32).enumerate();
        rows.filter(|(_, rows)| *rows > 0)
    };
    if said().all(|(_, rows)| rows < most) {
        let (line, rows) = said().nth(turn as usize).unwrap_or_default();
        return Turn::One { line, rows };
    }
    let Some(page) = turn.checked_sub(1) else { return Turn::Time };
    let rows = page_of(all(lines, board), most, page).count() as u32;
    Turn::Words { page, rows }
}

/// How many faces take turns, each for [`TURN_S`].
#[must_use]
pub fn count_turns<L: AsRef<str>>(lines: &[L], class: &BoardClass) -> u64 {
    u64::from(count(lines, Area::of(u32::from(class.width_px), u32::from(class.height_px))))
}

/// Draws the quiet face whose turn it is.
///
/// # Errors
/// Those of the target.
pub fn draw_quiet<D: DrawTarget<Color = Rgb888>, L: AsRef<str>>(
    time: &str,
    lines: &[L],
    turn: u64,
    class: &BoardClass,
    target: &mut D,
) -> Result<(), D::Error> {
    let board = Area::of(u32::from(class.width_px), u32::from(class.height_px));
    let inks = Inks::of(None, class.depth);
    onto(target, |lamps| {
        lamps.fill(board.rectangle(), inks.ground);
        draw(time, lines, turn, board, inks, lamps);
    })
}

fn draw<L: AsRef<str>>(time: &str, lines: &[L], turn: u64, board: Area, inks: Inks, lamps: &mut dyn Lamps) {
    let line_px = Letters::SMALL.line_px();
    let turn = turn_at(lines, turn, board);
    let rows = match turn {
        Turn::All { rows } | Turn::One { rows, .. } | Turn::Words { rows, .. } => rows,
        Turn::Time => 0,
    };
    let room_px = board.height_px.saturating_sub(rows * line_px);
    let mut top_px = room_px;
    if let Turn::Words { .. } = turn {
        top_px = room_px / 2;
    } else {
        draw_time(time, Area { height_px: room_px, ..board }, inks.title, lamps);
    }
    let mut line = |text: &str| {
        let left_px = left_px(Letters::SMALL.text_px(text), board, Side::Middle);
        let at = (left_px as i32, top_px as i32);
        top_px += line_px;
        Letters::SMALL.draw(&mut text::letters(text), at, inks.body, lamps);
    };
    match turn {
        Turn::All { .. } => all(lines, board).for_each(line),
        Turn::One { line: number, .. } => wrapped(lines[number].as_ref(), board).for_each(line),
        Turn::Words { page, .. } => page_of(all(lines, board), rows_max(board), page).for_each(&mut line),
        Turn::Time => {}
    }
}

/// The time, as large as three quarters of the area's width allow, in its middle.
fn draw_time(time: &str, area: Area, ink: Rgb888, lamps: &mut dyn Lamps) {
    let (width_px, line_px) = (Letters::SMALL.text_px(time).max(1), Letters::SMALL.line_px());
    let scale = (area.width_px * 3 / 4 / width_px).min(area.height_px / line_px).clamp(1, 100);
    let letters = Letters { scale: scale as u8, ..Letters::SMALL };
    let left = (area.width_px as i32 - (width_px * scale) as i32) / 2;
    let top = (area.height_px as i32 - (line_px * scale) as i32) / 2;
    letters.draw(&mut time.chars(), (area.left_px as i32 + left, area.top_px as i32 + top), ink, lamps);
}

#[cfg(test)]
mod tests;
