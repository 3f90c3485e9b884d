//! Any bytes as a slide: read, laid out and drawn on a board of any kind, at any moment of it.
//!
//! What is drawn stays on the board, and a slide that is read is laid out on every board. Next: `release.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_board::canvas::{Canvas, bytes_of};
use loa_board::moment::{self, Moment};
use loa_board::{When, draw_slide, lay_out};
use loa_domain::play::class::{BoardClass, Depth};
use loa_domain::play::slide::{HEAD_BYTES, Slide};
use loa_domain::time::UtcMs;

/// Lamps of the largest board here: enough for every rule of the layout, few enough to draw it often.
const LAMPS: usize = 192 * 96;

fuzz_target!(|bytes: &[u8]| {
    let Some((board, slide)) = bytes.split_first_chunk::<6>() else { return };
    let [width, height, depth, length, at, odd] = board.map(u16::from);
    let depth = Depth::ALL[usize::from(depth) % Depth::ALL.len()];
    let Some(class) = BoardClass::new(16 + width, 16 + height, depth) else { return };
    let head = &slide[..slide.len().min(HEAD_BYTES)];
    let Ok((read, head)) = Slide::read(head) else { return };
    let data = &slide[head..];
    // A board draws only what fits; a player that skipped the question must not fall over either.
    let _fits = read.fits(data.len() as u32);
    let layout = lay_out(&read, &class);
    assert!(layout.pages() > 0 && layout.read_ms() < 86_400_000);
    if usize::from(class.width_px) * usize::from(class.height_px) > LAMPS {
        return;
    }
    let length_ms = u64::from(length) * 500;
    let when = When {
        position_ms: u64::from(at) * 97,
        length_ms,
        utc: UtcMs(i64::from(at) * 3_600_000 - i64::from(odd) * 1_000),
        offset_s: (odd % 2 == 0).then_some(i32::from(odd) * 600 - 43_200),
    };
    let moment = Moment::at(&read, &layout, &data, when);
    let mut rows = [0; LAMPS * 3];
    let rows = &mut rows[..bytes_of(class.width_px.into(), class.height_px.into(), depth)];
    let mut canvas = Canvas::over(class.width_px.into(), class.height_px.into(), depth, rows).expect("as many bytes");
    let Ok(()) = draw_slide(&read, &layout, &data, moment, &mut canvas);
    assert!(moment::next_ms(&read, &layout, &data, when).is_none_or(|ms| ms > 0));
});
