//! Draws what is due onto the panel, as every other board draws it: with the crate `board`, and in its own few bytes.
//!
//! There is no frame in memory. The panel takes rows from the top, so many at a time as fit [`BAND_BYTES`], and the slide
//! is drawn once for each of these bands; a slide's bytes are read from flash for each, its pictures row by row. What was
//! up before a slide that enters is drawn again beneath it. It reads no clock: [`Painter::paint`] says when it must be
//! called again. Which slide is up is decided in `run.rs`, where its words stand in the crate `board`.

use core::cell::RefCell;

use loa_board::canvas::{Canvas, bytes_of};
use loa_board::picture::Data;
use loa_board::quiet::{TURN_S, clock_text};
use loa_board::shape::{Dimensions, DrawTarget, Pixel, Point, Rectangle, Rgb888, rectangle};
use loa_board::{
    Layout, Moment, When, count_turns, draw_drill_notice, draw_drill_strip, draw_quiet, draw_slide, drill_room,
    lay_out, moment,
};
use loa_domain::class::{BoardClass, Depth};
use loa_domain::id::{Hash, Hasher};
use loa_domain::plan::Reason;
use loa_domain::play::slide::{HEAD_BYTES, Slide};
use loa_domain::wire::Text;
use loa_domain::written::Written;

use crate::flash::Flash;
use crate::run::{Device, Face, Next, Notice};
use crate::shelf::Lies;

/// Bytes of the rows that are drawn at a time: sixteen of a board of 128 lamps in sixteen greys.
pub const BAND_BYTES: usize = 1_024;
/// A look at least this often, in milliseconds: it may be the hour for another brightness.
const LOOK_MS: u64 = 60_000;
/// How many of its steps a slide has entered when it is all there.
const ENTERED: u8 = moment::ENTER_STEPS;

/// What is said where the time would be, while the board starts.
const NAME: &str = "Loa";
/// The board starts.
pub const STARTING: &str = "Đang khởi động";
/// The board was given nothing to go by ([`crate::page`]).
pub const NOT_SET_UP: &str = "Chưa cài đặt";

/// Rows of a panel, as a canvas of its depth has them: equal rows are equal bytes.
pub type Rows<'r> = Canvas<&'r mut [u8]>;

/// The lamps.
pub trait Panel {
    /// Lamps in a row, rows, and what a lamp can show. A row takes [`BAND_BYTES`] at most.
    fn kind(&self) -> (u16, u16, Depth);

    /// Takes rows, the first of them `top_px` from the top; the panel need not show them yet.
    fn put(&mut self, top_px: u32, rows: &Rows<'_>);

    /// All rows were put: the panel shows them.
    fn flush(&mut self);

    /// From now on the panel is so bright, in percent of the most.
    fn dim(&mut self, percent: u8);
}

/// Lets a panel say something before there is a board, or where there can be none.
pub fn say(words: &str, panel: &mut dyn Panel) {
    let class = class(panel);
    bands(&class, panel, |band| {
        let Ok(()) = draw_quiet(NAME, &[words], 0, &class, band);
    });
}

fn class(panel: &dyn Panel) -> BoardClass {
    let (width_px, height_px, depth) = panel.kind();
    BoardClass { width_px, height_px, depth, rotation: Default::default(), brightness: Default::default() }
}

/// Rows of a board, that take what is drawn on them of the whole board.
struct Band<'r> {
    rows: Rows<'r>,
    top_px: i32,
}

impl Dimensions for Band<'_> {
    fn bounding_box(&self) -> Rectangle {
        rectangle(0, self.top_px, self.rows.width_px(), self.rows.height_px())
    }
}

impl DrawTarget for Band<'_> {
    type Color = Rgb888;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        let up = Point::new(0, self.top_px);
        self.rows.draw_iter(pixels.into_iter().map(|Pixel(at, colour)| Pixel(at - up, colour)))
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Self::Error> {
        let up = Point::new(0, self.top_px);
        self.rows.fill_solid(&Rectangle::new(area.top_left - up, area.size), colour)
    }
}

/// Lets `draw` draw every band, and puts it out. Gives the SHA-256 of all rows.
fn bands(class: &BoardClass, panel: &mut dyn Panel, mut draw: impl FnMut(&mut Band<'_>)) -> Hash {
    let (width_px, height_px) = (u32::from(class.width_px), u32::from(class.height_px));
    let mut bytes = [0; BAND_BYTES];
    let most = (BAND_BYTES / bytes_of(width_px, 1, class.depth).max(1)).max(1) as u32;
    let mut hasher = Hasher::default();
    let mut top_px = 0;
    while top_px < height_px {
        let count = most.min(height_px - top_px);
        let room = bytes.get_mut(..bytes_of(width_px, count, class.depth)).unwrap_or_default();
        room.fill(0);
        let Some(rows) = Canvas::over(width_px, count, class.depth, room) else { break };
        let mut band = Band { rows, top_px: top_px as i32 };
        draw(&mut band);
        hasher.update(band.rows.bytes());
        panel.put(top_px, &band.rows);
        top_px += count;
    }
    panel.flush();
    hasher.finish()
}

/// A slide's pictures, read from the flash as they are drawn.
struct Behind<'f, F> {
    flash: RefCell<&'f mut F>,
    lies: Lies,
    /// Bytes of the slide before its pictures.
    head: u32,
}

impl<F: Flash> Data for Behind<'_, F> {
    fn read(&self, offset: u32, into: &mut [u8]) -> bool {
        let Ok(mut flash) = self.flash.try_borrow_mut() else { return false };
        self.lies.read(&mut **flash, self.head.saturating_add(offset), into) == Ok(into.len())
    }
}

/// A slide and where its pictures are. It stands in memory only while it is drawn.
#[inline(never)]
fn load<F: Flash>(lies: Lies, flash: &mut F) -> Result<(Slide, Behind<'_, F>), Reason> {
    let mut bytes = [0; HEAD_BYTES];
    let length = lies.read(flash, 0, &mut bytes).map_err(|_| Reason::ContentCorrupt)?;
    let (slide, head) = Slide::read(&bytes[..length]).map_err(|_| Reason::ContentCorrupt)?;
    let head = head as u32;
    let is_whole = slide.fits(lies.size.saturating_sub(head));
    is_whole.then_some((slide, Behind { flash: RefCell::new(flash), lies, head })).ok_or(Reason::ContentCorrupt)
}

/// What can be on the panel.
#[derive(Clone, Copy, Debug)]
enum Seen {
    /// Dark.
    Nothing,
    /// A moment of a slide, and whether it is one of a drill.
    Slide { slide: Hash, layout: Layout, moment: Moment, is_drill: bool },
    /// That a drill begins, or was one.
    Drill,
    /// Nothing is due: the minute of the day, what is said, whose turn it is.
    Quiet { minute: Option<u16>, notice: Notice, release: u64, turn: u32 },
}

impl Seen {
    /// Whether both look the same. A slide has one layout on one board.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nothing, Self::Nothing) | (Self::Drill, Self::Drill) => true,
            (
                Self::Slide { slide, moment, is_drill, .. },
                Self::Slide { slide: theirs, moment: at, is_drill: is_theirs, .. },
            ) => slide == theirs && moment == at && is_drill == is_theirs,
            (
                Self::Quiet { minute, notice, release, turn },
                Self::Quiet { minute: at, notice: said, release: in_force, turn: whose },
            ) => (minute, release, turn) == (at, in_force, whose) && notice == said,
            _ => false,
        }
    }
}

/// What is up, and when it must be looked at again.
#[derive(Debug)]
pub struct Painter {
    /// What the board said was to be shown.
    face: Option<Face>,
    up: Seen,
    /// What was up before the slide that is.
    before: Seen,
    next_ms: u64,
    percent: Option<u8>,
}

impl Painter {
    /// Nothing is up yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { face: None, up: Seen::Nothing, before: Seen::Nothing, next_ms: 0, percent: None }
    }

    /// Draws what is due, if it is not up already. Gives when to call again at the latest, in monotonic milliseconds;
    /// what the board says is to be shown may change before.
    pub fn paint<F: Flash>(&mut self, device: &mut Device<'_, F>, panel: &mut dyn Panel, mono_ms: u64) -> u64 {
        let face = device.face(mono_ms);
        let is_same = self.face == Some(face);
        if is_same && mono_ms < self.next_ms {
            return self.next_ms;
        }
        let class = class(panel);
        let percent = device.brightness_percent(mono_ms);
        if self.percent.replace(percent) != Some(percent) {
            panel.dim(percent);
        }
        let (seen, next_ms) = match face {
            Face::Slide { slide, .. } => {
                let known = match self.up {
                    Seen::Slide { slide: up, layout, .. } if is_same && up == slide => Some(layout),
                    _ => None,
                };
                match moment_of(face, known, &class, device, mono_ms) {
                    Ok(found) => found,
                    Err(flaw) => {
                        device.spoilt(slide, flaw, mono_ms);
                        return mono_ms;
                    }
                }
            }
            Face::Drill => (Seen::Drill, LOOK_MS),
            Face::Quiet { release, .. } => quiet(release, &class, device, mono_ms),
        };
        self.next_ms = mono_ms + next_ms.clamp(1, LOOK_MS);
        self.face = Some(face);
        if !is_same {
            self.before = self.up;
        }
        if !is_same || !self.up.is_like(&seen) {
            self.up = seen;
            self.draw(&class, device, panel);
        }
        self.next_ms
    }

    #[inline(never)]
    fn draw<F: Flash>(&self, class: &BoardClass, device: &mut Device<'_, F>, panel: &mut dyn Panel) {
        let enters = matches!(self.up, Seen::Slide { moment, .. } if moment.entered < ENTERED);
        let face = bands(class, panel, |band| {
            if enters {
                draw(self.before, class, device, band);
            }
            draw(self.up, class, device, band);
        });
        // What is seen of a cue is its slides.
        if !matches!(self.up, Seen::Drill) {
            device.shown(face);
        }
    }
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

/// Draws one of the bands of what is to be seen.
#[inline(never)]
fn draw<F: Flash>(seen: Seen, class: &BoardClass, device: &mut Device<'_, F>, band: &mut Band<'_>) {
    match seen {
        Seen::Nothing => {}
        Seen::Drill => {
            let Ok(()) = draw_drill_notice(class, band);
        }
        Seen::Slide { slide, layout, moment, is_drill } => {
            // It was whole when it was put up; what cannot be read any more stays dark.
            let Ok((lies, flash)) = device.slide(slide) else { return };
            if let Ok((slide, data)) = load(lies, flash) {
                let Ok(()) = draw_slide(&slide, &layout, &data, moment, band);
            }
            if is_drill {
                let Ok(()) = draw_drill_strip(class, band);
            }
        }
        Seen::Quiet { minute, notice, turn, .. } => {
            let (time, said) = (clock_text(minute.map(u64::from)), Said::of(notice, device));
            let Ok(()) = draw_quiet(&time, &said.lines(device), u64::from(turn), class, band);
        }
    }
}

/// Which moment of a slide is due, and in how many milliseconds the next one is.
#[inline(never)]
fn moment_of<F: Flash>(
    face: Face,
    known: Option<Layout>,
    class: &BoardClass,
    device: &mut Device<'_, F>,
    mono_ms: u64,
) -> Result<(Seen, u64), Reason> {
    let Face::Slide { slide, begun_ms, length_ms, is_drill } = face else { return Err(Reason::ContentMissing) };
    let (utc, offset_s) = device.time(mono_ms);
    let (lies, flash) = device.slide(slide)?;
    if known.is_none() && lies.is_right(flash) != Ok(true) {
        return Err(Reason::ContentCorrupt);
    }
    let (loaded, data) = load(lies, flash)?;
    let room = if is_drill { drill_room(class) } else { None };
    let layout = known.unwrap_or_else(|| lay_out(&loaded, room.as_ref().unwrap_or(class)));
    let position_ms = mono_ms.saturating_sub(begun_ms);
    let when = When { position_ms, length_ms: u64::from(length_ms), utc, offset_s };
    let moment = Moment::at(&loaded, &layout, &data, when);
    let next_ms = moment::next_ms(&loaded, &layout, &data, when);
    Ok((Seen::Slide { slide, layout, moment, is_drill }, next_ms.unwrap_or(LOOK_MS)))
}

/// What is to be seen while nothing is due, and for how many milliseconds at most.
#[inline(never)]
fn quiet<F: Flash>(release: u64, class: &BoardClass, device: &mut Device<'_, F>, mono_ms: u64) -> (Seen, u64) {
    let (utc, offset_s) = device.time(mono_ms);
    let notice = device.notice(mono_ms);
    let turns = count_turns(&Said::of(notice, device).lines(device), class).max(1);
    let seconds = utc.seconds();
    let turn = seconds.div_euclid(TURN_S as i64).rem_euclid(turns as i64) as u32;
    let minute = offset_s.map(|offset_s| ((seconds + i64::from(offset_s)).rem_euclid(86_400) / 60) as u16);
    let stands_s = if turns > 1 { TURN_S as i64 } else { 60 };
    let left_ms = stands_s * 1_000 - utc.0.rem_euclid(stands_s * 1_000);
    (Seen::Quiet { minute, notice, release, turn }, left_ms as u64)
}

/// What is said below the time.
struct Said {
    words: Text<40>,
    /// The fingerprint of the board's key, while nobody has placed it: whoever enrols it compares.
    key: Option<Text<32>>,
}

impl Said {
    #[inline(never)]
    fn of<F: Flash>(notice: Notice, device: &Device<'_, F>) -> Self {
        let key = (notice == Notice::Missing).then(|| device.key().fingerprint().text());
        Self { words: words(notice), key }
    }

    fn lines<'s, F: Flash>(&'s self, device: &'s Device<'_, F>) -> [&'s str; 2] {
        match &self.key {
            Some(key) => [&self.words, key],
            None => [device.place().unwrap_or_default(), &self.words],
        }
    }
}

/// What a notice says, as players on Linux say it.
#[must_use]
pub fn words(notice: Notice) -> Text<40> {
    let mut text = Written::new();
    match notice {
        Notice::Missing => text.say("Chưa được ghi danh"),
        Notice::Ended => text.say("Lịch đã hết hạn"),
        Notice::InForce(None) => &mut text,
        Notice::InForce(Some(Next { minute, day })) => {
            let time = clock_text(Some(u64::from(minute)));
            match day {
                None => text.say("Phát lúc ").say(&time),
                Some((day, month)) => {
                    text.say("Phát ").say(&time).say(" ").number(u64::from(day)).say("/").number(u64::from(month))
                }
            }
        }
    };
    text.done()
}

#[cfg(test)]
#[allow(missing_docs, reason = "other tests draw on its panel")]
pub mod tests;
