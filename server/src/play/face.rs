//! What a board shows of a slide, page by page, as people can look at it: half blocks for a terminal, dots for a PNG.
//!
//! Lamps are never changed on the way: a PNG has a dot for each. Only for a terminal that is narrower than the board,
//! some of them become one. Back to: `made.rs`.

use std::fmt::Write as _;

use loa_board::canvas::bytes_of;
use loa_board::ink;
use loa_board::moment::ENTER_STEPS;
use loa_board::shape::Rgb888;
use loa_board::{Canvas, Moment, When, draw_slide, lay_out};
use loa_domain::class::{BoardClass, Depth};
use loa_domain::play::slide::Slide;
use loa_domain::time::UtcMs;

use super::dither;

/// A board in memory.
pub type Face = Canvas<Vec<u8>>;

/// The most characters in a row of a preview.
const COLUMNS: u32 = 160;
/// The most faces of one slide: a ticker's longest text on the smallest board takes about three hundred.
const FACES: u32 = 512;

/// When a slide is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Looked {
    /// How long the slide stands, in milliseconds.
    pub stands_ms: u64,
    /// The time that its clock shows.
    pub utc: UtcMs,
    /// The place's offset from UTC, in seconds.
    pub offset_s: Option<i32>,
}

/// All faces of a slide on a kind of board: its pages; of a ticker, one board's width after the other until all was seen.
#[must_use]
pub fn faces(slide: &Slide, data: &[u8], class: &BoardClass, looked: Looked) -> Vec<Face> {
    let layout = lay_out(slide, class);
    let moment = |position_ms: u64| {
        let moment = Moment::at(slide, &layout, &data, when(looked, position_ms));
        // A slide that enters is looked at when it has entered.
        Moment { entered: ENTER_STEPS, run_px: 0, frame: 0, ..moment }
    };
    let moments: Vec<Moment> = if let Some(period_px) = layout.period_px() {
        let width_px = u32::from(class.width_px);
        // The gap between the end and the next beginning is half a board.
        let text_px = period_px.saturating_sub(width_px / 2);
        let first = moment(0);
        (0..text_px.div_ceil(width_px).min(FACES)).map(|nth| Moment { run_px: nth * width_px, ..first }).collect()
    } else {
        let pages = u64::from(layout.pages());
        (0..pages).map(|page| moment((page * looked.stands_ms).div_ceil(pages))).collect()
    };
    let face = |moment| {
        let mut face = dark(class);
        let Ok(()) = draw_slide(slide, &layout, &data, moment, &mut face);
        face
    };
    moments.into_iter().map(face).collect()
}

/// A board that shows dots of three bytes each, as many as it has lamps; none when there are not as many.
#[must_use]
pub fn of_dots(rgb: &[u8], class: &BoardClass) -> Option<Face> {
    let width = u32::from(class.width_px);
    let mut face = dark(class);
    let levels = dither::levels(rgb, width, class.depth);
    for (dot, level) in (0..).zip(&levels) {
        face.set((dot % width) as i32, (dot / width) as i32, *level);
    }
    (levels.len() == usize::from(class.width_px) * usize::from(class.height_px)).then_some(face)
}

fn when(looked: Looked, position_ms: u64) -> When {
    When { position_ms, length_ms: looked.stands_ms, utc: looked.utc, offset_s: looked.offset_s }
}

fn dark(class: &BoardClass) -> Face {
    let (width, height) = (u32::from(class.width_px), u32::from(class.height_px));
    let bytes = vec![0; bytes_of(width, height, class.depth)];
    // Just as many bytes as it takes.
    Canvas::over(width, height, class.depth, bytes).expect("a canvas")
}

/// A face in rows of half blocks within a frame; in the lamps' colours where a terminal shows them.
#[must_use]
pub fn blocks(face: &Face, coloured: bool) -> String {
    let (width, height) = (face.width_px(), face.height_px());
    let step = width.div_ceil(COLUMNS).max(1);
    let (columns, rows) = (width.div_ceil(step), height.div_ceil(step));
    let bar = "─".repeat(columns as usize);
    let mut text = format!("┌{bar}┐\n");
    for row in (0..rows).step_by(2) {
        text.push('│');
        for column in 0..columns {
            let upper = mixed(face, column * step, row * step, step);
            let lower = if row + 1 < rows { mixed(face, column * step, (row + 1) * step, step) } else { [0; 3] };
            if coloured && face.depth() != Depth::Mono {
                let ([r, g, b], [lr, lg, lb]) = (upper, lower);
                // A string takes whatever is written to it.
                let _written = write!(text, "\x1b[38;2;{r};{g};{b};48;2;{lr};{lg};{lb}m▀");
            } else {
                text.push(match (is_bright(upper), is_bright(lower)) {
                    (false, false) => ' ',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (true, true) => '█',
                });
            }
        }
        text.push_str(if coloured && face.depth() != Depth::Mono { "\x1b[0m│\n" } else { "│\n" });
    }
    text + "└" + &bar + "┘\n"
}

fn is_bright([red, green, blue]: [u8; 3]) -> bool {
    // A third: a red lamp is lit too.
    ink::brightness(Rgb888::new(red, green, blue)) >= 72
}

/// The colour of a square of lamps: their mean.
fn mixed(face: &Face, left: u32, top: u32, side: u32) -> [u8; 3] {
    let (right, bottom) = ((left + side).min(face.width_px()), (top + side).min(face.height_px()));
    let lamps = (top..bottom).flat_map(|y| (left..right).map(move |x| face.rgb(x as i32, y as i32)));
    let (mut sums, mut count) = ([0_u32; 3], 0);
    for lamp in lamps {
        for (sum, value) in sums.iter_mut().zip(lamp) {
            *sum += u32::from(value);
        }
        count += 1;
    }
    sums.map(|sum| (sum / count.max(1)) as u8)
}

/// The dots of a face, three bytes each, every lamp a square of `zoom` dots; with its size in dots.
#[must_use]
pub fn dots(face: &Face, zoom: u32) -> (u32, u32, Vec<u8>) {
    let zoom = zoom.max(1);
    let (width, height) = (face.width_px() * zoom, face.height_px() * zoom);
    let lamps = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = lamps.flat_map(|(x, y)| face.rgb((x / zoom) as i32, (y / zoom) as i32)).collect();
    (width, height, rgb)
}
