//! Decides what a `[[board]]` says, and what a player says of its board.
//!
//! Whether a class is used is nobody's business; whether it is there, is checked here. Next: `content.rs`.

use super::Context;
use super::fields::Fields;
use super::links::Draft;
use super::values::{self, Fault};
use crate::timetable::date;
use crate::timetable::limits;
use crate::timetable::model::{BoardChoice, BoardClass, BoardSize, Brightness, Colours};

/// What lamps can show, as files say it.
pub(super) const COLOURS: [(&str, Colours); 5] = [
    ("mono", Colours::Mono),
    ("red-green", Colours::RedGreen),
    ("grey16", Colours::Grey16),
    ("rgb565", Colours::Rgb565),
    ("rgb888", Colours::Rgb888),
];
/// What people write for these.
const MISTAKEN: [(&str, &str); 6] = [
    ("rgb", "rgb888"),
    ("color", "rgb565"),
    ("colour", "rgb565"),
    ("gray16", "grey16"),
    ("grey", "grey16"),
    ("red", "mono"),
];
/// By how much a board may be turned, in degrees.
const ROTATIONS: [i64; 4] = [0, 90, 180, 270];

pub(super) fn board<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, BoardClass>> {
    let id = fields.need("id", class_id);
    let size = fields.need("size", size);
    let colours = fields.need("colours", colours);
    let rotation = fields.number("rotation", 0..=270);
    if let Some(degrees) = rotation.filter(|degrees| !ROTATIONS.contains(degrees)) {
        fields.fault_at("rotation", Fault::new("bad-rotation").with("value", degrees));
    }
    let brightness = fields.list("brightness", loa_domain::class::BRIGHTNESS_STEPS, brightness);
    if let Some(step) = brightness.windows(2).find(|pair| pair[0].from_minute >= pair[1].from_minute) {
        let time = format!("{:02}:{:02}", step[1].from_minute / 60, step[1].from_minute % 60);
        fields.fault_at("brightness", Fault::of("brightness-out-of-order", &time));
    }
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let rotation = u16::try_from(rotation.unwrap_or(0)).unwrap_or(0);
    Some(Draft::new(BoardClass { id: id?, size: size?, colours: colours?, rotation, brightness, origin }, written))
}

/// The id of a class. One that reads as a size would hide that size.
fn class_id(text: &str) -> Result<String, Fault> {
    let id = values::id(text)?;
    if looks_like_size(&id) { Err(Fault::of("board-id-is-a-size", &id)) } else { Ok(id) }
}

fn colours(text: &str) -> Result<Colours, Fault> {
    let mistaken = MISTAKEN.iter().find(|(word, _)| *word == text).map(|(_, meant)| (*meant).to_owned());
    values::choice(text, &COLOURS).map_err(|fault| if mistaken.is_some() { fault.suggest(mistaken) } else { fault })
}

/// From when on how bright: `22:00 20`, in per cent.
fn brightness(text: &str) -> Result<Brightness, Fault> {
    let bad = || Fault::of("bad-brightness", text);
    let (time, percent) = text.split_once(' ').ok_or_else(bad)?;
    let from_minute = date::minute_of_day(time).ok().filter(|minute| *minute < 24 * 60).ok_or_else(bad)?;
    let percent = percent.trim().trim_end_matches('%').trim_end();
    let digits = !percent.is_empty() && percent.bytes().all(|byte| byte.is_ascii_digit());
    let percent = percent.parse().ok().filter(|percent| digits && *percent <= 100).ok_or_else(bad)?;
    Ok(Brightness { from_minute, percent })
}

/// A board's size, such as `128x32`.
fn size(text: &str) -> Result<BoardSize, Fault> {
    let side = |side: &str| side.bytes().all(|byte| byte.is_ascii_digit()).then(|| side.parse::<u16>().ok()).flatten();
    let size = text.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
    match size {
        Some((width, height)) if limits::BOARD_SIDE.contains(&width) && limits::BOARD_SIDE.contains(&height) => {
            Ok(BoardSize { width, height })
        }
        _ => {
            let fault = Fault::of("bad-board-size", text);
            Err(fault.with("least", limits::BOARD_SIDE.start()).with("most", limits::BOARD_SIDE.end()))
        }
    }
}

fn looks_like_size(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'x')
}

/// What a player says of its board: a size, or the id of a class.
pub(super) fn choice(context: &Context<'_>, text: &str) -> Result<BoardChoice, Fault> {
    let known = context.index.has("board", text);
    if !known && (looks_like_size(text) || values::id(text).is_err()) {
        return size(text).map(BoardChoice::Size);
    }
    context.index.known("board", text).map(BoardChoice::Class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_brightness_is_a_time_and_a_percentage() {
        let step = |from_minute, percent| Some(Brightness { from_minute, percent });
        assert_eq!(brightness("06:00 80").ok(), step(360, 80));
        assert_eq!(brightness("23:59 0%").ok(), step(1439, 0));
        for text in
            ["", "06:00", "6:00 80", "24:00 80", "06:00 101", "06:00 -1", "06:00 8.5", "06:00 +5", "x 5", "06:00 %"]
        {
            assert!(brightness(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_is_two_sides_that_a_board_can_have() {
        assert_eq!(size("1920x1080").ok(), Some(BoardSize { width: 1920, height: 1080 }));
        for text in ["", "x", "128", "128x", "15x32", "128x15", "2049x32", "128X32", "128 x 32", "+128x32", "65600x32"]
        {
            assert!(size(text).is_err(), "{text}");
        }
        assert!(class_id("64x32").is_err() && class_id("p10-64x32").is_ok());
    }
}
