//! The board's renderer for a browser: what a page draws here is what the board shows, lamp for lamp.
//!
//! WebAssembly without bindings: a page writes a slide's bytes to [`input`], calls [`lay_out`] and then [`draw`], and
//! finds red, green, blue and 255 for each lamp at [`pixels`]. There is one slide at a time and no allocator; the program
//! imports nothing. What is drawn is decided in `loa_board`. `make preview` builds it.
#![cfg_attr(target_arch = "wasm32", no_std)]

use core::convert::Infallible;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use loa_board::When;
use loa_board::ink;
use loa_board::layout::{self, Lack};
use loa_board::moment::{self, Moment};
use loa_board::picture::Data;
use loa_board::shape::{DrawTarget, OriginDimensions, Pixel, Rgb888, RgbColor, Size};
use loa_domain::play::class::{BoardClass, Depth};
use loa_domain::play::slide::{HEAD_BYTES, Slide};
use loa_domain::time::UtcMs;

/// The largest slide, in bytes.
const INPUT_BYTES: usize = 1024 * 1024;
/// The largest board, in lamps: an information screen.
const LAMPS: usize = 1_920 * 1_080;

/// The call did what it says.
const DONE: i32 = 0;
/// The input is no slide.
const NO_SLIDE: i32 = -1;
/// There is no such board, or it is larger than [`LAMPS`].
const NO_BOARD: i32 = -2;

// A page has one thread, and these are memory that it shares with the program: atomics say just that, without unsafe.
static INPUT: [AtomicU8; INPUT_BYTES] = [const { AtomicU8::new(0) }; INPUT_BYTES];
static PIXELS: [AtomicU32; LAMPS] = [const { AtomicU32::new(0) }; LAMPS];
/// Bytes of the input that are the slide, and how many of them its CBOR.
static LENGTHS: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
/// Width, height and depth of the board.
static BOARD: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];

/// Where the slide's bytes go.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn input() -> *const AtomicU8 {
    INPUT.as_ptr()
}

/// How many bytes there is room for at [`input`].
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn input_bytes() -> u32 {
    INPUT_BYTES as u32
}

/// Where the lamps are found: four bytes each (red, green, blue, 255), row after row.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn pixels() -> *const AtomicU32 {
    PIXELS.as_ptr()
}

/// Takes the slide of `bytes` bytes at [`input`] for a board of this size; `depth` is the place in [`Depth::ALL`].
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn lay_out(bytes: u32, width_px: u32, height_px: u32, depth: u32) -> i32 {
    let Some(_class) = class(width_px, height_px, depth) else { return NO_BOARD };
    LENGTHS[0].store(bytes.min(INPUT_BYTES as u32), Relaxed);
    let Some((_, head)) = read() else { return NO_SLIDE };
    LENGTHS[1].store(head, Relaxed);
    for (kept, value) in BOARD.iter().zip([width_px, height_px, depth]) {
        kept.store(value, Relaxed);
    }
    clear();
    DONE
}

/// How many pages the slide has on the board.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn pages() -> u32 {
    laid_out().map_or(0, |(_, layout)| layout.pages())
}

/// How long the slide must stand to be read once, in milliseconds.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn read_ms() -> u32 {
    laid_out().map_or(0, |(_, layout)| u32::try_from(layout.read_ms()).unwrap_or(u32::MAX))
}

/// What the board cannot show of the slide: 0 nothing, 1 its code, 2 its picture.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn lacks() -> u32 {
    match laid_out().and_then(|(_, layout)| layout.lacks()) {
        None => 0,
        Some(Lack::Code { .. }) => 1,
        Some(Lack::Picture) => 2,
    }
}

/// Darkens the board.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn clear() {
    PIXELS.iter().for_each(|pixel| pixel.store(u32::from_le_bytes([0, 0, 0, 255]), Relaxed));
}

/// Draws the slide as it is `position_ms` after it began, for `length_ms` in all, at `utc_ms` in a place that is
/// `offset_s` ahead of UTC; what was drawn before stays where the slide has not yet entered.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn draw(position_ms: u32, length_ms: u32, utc_ms: f64, offset_s: i32) -> i32 {
    let Some((slide, layout)) = laid_out() else { return NO_SLIDE };
    let moment = Moment::at(&slide, &layout, &Input, when(position_ms, length_ms, utc_ms, offset_s));
    let Ok(()) = loa_board::draw_slide(&slide, &layout, &Input, moment, &mut Screen);
    DONE
}

/// How long until the next face at the earliest, in milliseconds; -1 if this one stays.
#[allow(unsafe_code, reason = "the name under which a page finds it; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn next_ms(position_ms: u32, length_ms: u32, utc_ms: f64, offset_s: i32) -> i32 {
    let next = laid_out().and_then(|(slide, layout)| {
        moment::next_ms(&slide, &layout, &Input, when(position_ms, length_ms, utc_ms, offset_s))
    });
    next.and_then(|ms| i32::try_from(ms).ok()).unwrap_or(-1)
}

fn when(position_ms: u32, length_ms: u32, utc_ms: f64, offset_s: i32) -> When {
    // A time of day in milliseconds is a whole number far below 2^53.
    let utc = UtcMs(utc_ms as i64);
    When { position_ms: position_ms.into(), length_ms: length_ms.into(), utc, offset_s: Some(offset_s) }
}

fn class(width_px: u32, height_px: u32, depth: u32) -> Option<BoardClass> {
    let depth = *Depth::ALL.get(depth as usize)?;
    let class = BoardClass::new(u16::try_from(width_px).ok()?, u16::try_from(height_px).ok()?, depth)?;
    (u64::from(width_px) * u64::from(height_px) <= LAMPS as u64).then_some(class)
}

/// The slide at the front of the input, and how many bytes its CBOR has.
fn read() -> Option<(Slide, u32)> {
    let mut head = [0; HEAD_BYTES];
    let bytes = LENGTHS[0].load(Relaxed);
    let held = head.get_mut(..HEAD_BYTES.min(bytes as usize))?;
    for (byte, from) in held.iter_mut().zip(&INPUT) {
        *byte = from.load(Relaxed);
    }
    let (slide, head) = Slide::read(held).ok()?;
    let head = u32::try_from(head).ok()?;
    slide.fits(bytes.checked_sub(head)?).then_some((slide, head))
}

fn laid_out() -> Option<(Slide, layout::Layout)> {
    let [width_px, height_px, depth] = [&BOARD[0], &BOARD[1], &BOARD[2]].map(|value| value.load(Relaxed));
    let class = class(width_px, height_px, depth)?;
    let (slide, _) = read()?;
    let layout = layout::lay_out(&slide, &class);
    Some((slide, layout))
}

/// What stands behind the slide's CBOR.
struct Input;

impl Data for Input {
    fn read(&self, offset: u32, into: &mut [u8]) -> bool {
        let [bytes, head] = [&LENGTHS[0], &LENGTHS[1]].map(|length| length.load(Relaxed) as usize);
        let first = head.saturating_add(offset as usize);
        let Some(from) = INPUT.get(first..first.saturating_add(into.len())) else { return false };
        for (byte, from) in into.iter_mut().zip(from) {
            *byte = from.load(Relaxed);
        }
        first + into.len() <= bytes
    }
}

/// The lamps at [`pixels`], in the colours that the board can show.
struct Screen;

impl OriginDimensions for Screen {
    fn size(&self) -> Size {
        Size::new(BOARD[0].load(Relaxed), BOARD[1].load(Relaxed))
    }
}

impl DrawTarget for Screen {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let Size { width, height } = self.size();
        let depth = Depth::ALL.get(BOARD[2].load(Relaxed) as usize).copied().unwrap_or(Depth::Mono);
        for Pixel(at, color) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else { continue };
            let lamp = PIXELS.get((y * width + x) as usize).filter(|_| x < width && y < height);
            if let Some(lamp) = lamp {
                let shown = ink::shown(color, depth);
                lamp.store(u32::from_le_bytes([shown.r(), shown.g(), shown.b(), 255]), Relaxed);
            }
        }
        Ok(())
    }
}

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_domain::wire::{self, Text};

    /// One test for all: there is one slide at a time.
    #[test]
    fn a_page_sees_what_the_board_shows_and_nothing_is_drawn_of_what_is_no_slide() {
        let slide = Slide::of_text(
            Text::new("Tin").expect("short"),
            Text::new("mời họp").expect("short"),
            Text::new("vi").expect("short"),
        );
        let bytes = wire::encode(&slide);
        for (to, byte) in INPUT.iter().zip(&bytes) {
            to.store(*byte, Relaxed);
        }
        assert_eq!(draw(0, 1_000, 0.0, 0), NO_SLIDE, "there is no board yet");
        for (width, height, depth) in [(64, 32, 0), (128, 64, 2), (192, 96, 3)] {
            assert_eq!(lay_out(bytes.len() as u32, width, height, depth), DONE);
            assert_eq!((pages(), lacks(), draw(0, 10_000, 0.0, 0)), (1, 0, DONE));
            let class = class(width, height, depth).expect("a board");
            let mut rows = vec![0; loa_board::canvas::bytes_of(width, height, class.depth)];
            let mut canvas = loa_board::Canvas::over(width, height, class.depth, &mut rows[..]).expect("as many");
            let layout = layout::lay_out(&slide, &class);
            let when = When { position_ms: 0, length_ms: 10_000, utc: UtcMs(0), offset_s: Some(0) };
            let moment = Moment::at(&slide, &layout, &Input, when);
            let Ok(()) = loa_board::draw_slide(&slide, &layout, &Input, moment, &mut canvas);
            for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
                let [red, green, blue, _] = PIXELS[(y * width + x) as usize].load(Relaxed).to_le_bytes();
                assert_eq!([red, green, blue], canvas.rgb(x as i32, y as i32), "{x} {y}");
            }
        }
        assert_eq!(lay_out(bytes.len() as u32, 2_000, 1_500, 0), NO_BOARD);
        assert_eq!(lay_out(bytes.len() as u32, 64, 32, 9), NO_BOARD);
        for cut in 0..bytes.len() as u32 {
            assert_eq!(lay_out(cut, 64, 32, 0), NO_SLIDE);
        }
        assert_eq!(lay_out(bytes.len() as u32 + 1, 64, 32, 0), NO_SLIDE, "bytes behind it are no picture of it");
    }
}
