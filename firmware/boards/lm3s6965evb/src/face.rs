//! What the panel shows, drawn: a slide, the quiet clock, "no plan", "clock unknown", starting.
//!
//! Which of them is up is decided in `loa_firmware::run`. It draws on anything that takes colours, so the tests draw the
//! same picture on their machine and hold it against the panel's.

use core::fmt::Write;

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::{FONT_6X10, FONT_10X20};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::text::{Alignment, Baseline, Text};
use loa_domain::play::slide::Slide;
use loa_domain::time::LocalTime;
use loa_domain::wire;

/// Letters of one line.
const LINE: usize = 21;

/// What is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture<'a> {
    /// A slide, by its bytes.
    Slide(&'a [u8]),
    /// The time of the place.
    Clock(LocalTime),
    /// There is no timetable.
    NoPlan,
    /// Nobody has said what time it is.
    ClockUnknown,
    /// The board starts, or cannot: what is wrong.
    Starting(&'a str),
}

/// A colour as one of the panel's sixteen greys: its brightness (ITU-R BT.601), rounded.
pub fn grey(colour: Rgb888) -> u8 {
    let sum = u32::from(colour.r()) * 299 + u32::from(colour.g()) * 587 + u32::from(colour.b()) * 114;
    ((sum * 15 + 127_500) / 255_000) as u8
}

/// Draws all of the panel. False if a slide's bytes are none.
pub fn draw<D: DrawTarget<Color = Rgb888>>(picture: Picture<'_>, target: &mut D) -> Result<bool, D::Error> {
    target.clear(Rgb888::BLACK)?;
    let small = MonoTextStyle::new(&FONT_6X10, Rgb888::WHITE);
    let middle = target.bounding_box().center();
    let mut say = |text: &str| Text::with_alignment(text, middle, small, Alignment::Center).draw(target).map(drop);
    match picture {
        Picture::Slide(bytes) => match wire::decode::<Slide>(bytes) {
            Ok(slide) => lines(&slide, target)?,
            Err(_) => return Ok(false),
        },
        Picture::Clock(at) => {
            let second = at.second_of_day();
            let mut text = Line::default();
            // Five letters fit.
            let _fits = write!(text, "{:02}:{:02}", second / 3600, second / 60 % 60);
            let style = MonoTextStyle::new(&FONT_10X20, Rgb888::new(0x70, 0x70, 0x70));
            Text::with_alignment(text.as_str(), middle, style, Alignment::Center).draw(target)?;
        }
        Picture::NoPlan => say("no plan")?,
        Picture::ClockUnknown => say("clock unknown")?,
        Picture::Starting(what) => say(what)?,
    }
    Ok(true)
}

fn lines<D: DrawTarget<Color = Rgb888>>(slide: &Slide, target: &mut D) -> Result<(), D::Error> {
    let texts = [(&*slide.title, Rgb888::WHITE), (&*slide.body, Rgb888::new(0xb0, 0xb0, 0xb0))];
    let mut y = 1;
    for (text, colour) in texts {
        let style = MonoTextStyle::new(&FONT_6X10, colour);
        for mut rest in text.lines() {
            while !rest.is_empty() {
                let end = rest.char_indices().nth(LINE).map_or(rest.len(), |(at, _)| at);
                Text::with_baseline(&rest[..end], Point::new(1, y), style, Baseline::Top).draw(target)?;
                (rest, y) = (&rest[end..], y + 10);
            }
        }
    }
    Ok(())
}

#[derive(Default)]
struct Line {
    bytes: [u8; 8],
    length: usize,
}

impl Line {
    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = self.bytes.get_mut(self.length..self.length + text.len()).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}
