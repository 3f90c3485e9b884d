//! A slide's picture: which of its renditions suits a board, which frame is due, and its lamps.
//!
//! Renditions are made at the desk in the board's own depth, dithered where it has few colours; so a board that shows
//! one as it is has nothing to decode. One made for another board is shown by the nearest of its lamps, or each of them as
//! a square where there is room. Its bytes are read row by row: nothing holds a whole picture.

use loa_domain::play::class::{BoardClass, Depth};
use loa_domain::play::slide::Rendition;

use crate::ink;
use crate::shape::{Area, Lamps, rectangle};

/// Bytes of a row that are read at once.
const READ_BYTES: usize = 192;
/// How long a frame stands at least, in milliseconds.
const FRAME_MS: u64 = 40;

/// The bytes behind a slide's CBOR.
pub trait Data {
    /// Reads bytes from `offset` on; false if they are not all there.
    fn read(&self, offset: u32, into: &mut [u8]) -> bool;
}

impl Data for [u8] {
    fn read(&self, offset: u32, into: &mut [u8]) -> bool {
        let from = self.get(offset as usize..).and_then(|rest| rest.get(..into.len()));
        from.is_some_and(|from| {
            into.copy_from_slice(from);
            true
        })
    }
}

impl Data for &[u8] {
    fn read(&self, offset: u32, into: &mut [u8]) -> bool {
        (**self).read(offset, into)
    }
}

/// The rendition that suits a board best: the one made for its size and depth, else the nearest in size that it can
/// show.
#[must_use]
pub fn best<'r>(renditions: &'r [Rendition], class: &BoardClass) -> Option<&'r Rendition> {
    nearest(renditions, (u32::from(class.width_px), u32::from(class.height_px)), class.depth)
}

/// The rendition that suits a board of this size and depth best.
pub(crate) fn nearest(renditions: &[Rendition], (width_px, height_px): (u32, u32), depth: Depth) -> Option<&Rendition> {
    let unlike = |rendition: &&Rendition| {
        let (width, height) = (u32::from(rendition.width_px), u32::from(rendition.height_px));
        let lost = width.saturating_sub(width_px) + height.saturating_sub(height_px);
        let small = width_px.saturating_sub(width).min(height_px.saturating_sub(height));
        (lost > 0, rendition.depth != depth, lost + small, rendition.depth.bits().abs_diff(depth.bits()))
    };
    renditions.iter().filter(|rendition| rendition.is_sound()).min_by_key(unlike)
}

/// The size at which a rendition is shown where there is room for so many lamps: as it is, smaller, or each of its lamps
/// as a square.
#[must_use]
pub fn fitted(rendition: &Rendition, width_px: u32, height_px: u32) -> (u32, u32) {
    let (own_width, own_height) = (u32::from(rendition.width_px), u32::from(rendition.height_px));
    if own_width <= width_px && own_height <= height_px {
        let scale = (width_px / own_width).min(height_px / own_height);
        return (own_width * scale, own_height * scale);
    }
    if u64::from(own_width) * u64::from(height_px) > u64::from(own_height) * u64::from(width_px) {
        (width_px, (own_height * width_px / own_width).max(1))
    } else {
        ((own_width * height_px / own_height).max(1), height_px)
    }
}

/// The frame of a picture that is due, and how long it still stands, in milliseconds.
pub(crate) fn frame_at(rendition: &Rendition, data: &impl Data, position_ms: u64) -> (u16, u64) {
    let stands_ms = |frame: u16| {
        let mut bytes = [0; 2];
        let is_there = data.read(rendition.offset.saturating_add(u32::from(frame) * 2), &mut bytes);
        u64::from(u16::from_be_bytes(bytes)).max(if is_there { FRAME_MS } else { 1_000 })
    };
    let round_ms: u64 = (0..rendition.frames).map(stands_ms).sum();
    let mut left_ms = position_ms % round_ms.max(1);
    for frame in 0..rendition.frames {
        let stands_ms = stands_ms(frame);
        if left_ms < stands_ms {
            return (frame, stands_ms - left_ms);
        }
        left_ms -= stands_ms;
    }
    (0, FRAME_MS)
}

/// Draws a frame into an area; what cannot be read stays as it is.
pub(crate) fn draw(rendition: &Rendition, frame: u16, data: &impl Data, area: Area, target: &mut dyn Lamps) {
    let (width, height) = (u32::from(rendition.width_px), u32::from(rendition.height_px));
    let row_bytes = rendition.depth.row_bytes(width);
    let rows_at = rendition.offset + u32::from(rendition.frames) * 2 + u32::from(frame) * rendition.frame_bytes();
    // A target of few rows is spared what is not on it.
    let seen = target.bounds().intersection(&area.rectangle());
    let first = seen.top_left.y as u32 - area.top_px;
    for y in first..first + seen.size.height {
        let row_at = rows_at + (y * height / area.height_px).min(height - 1) * row_bytes;
        draw_row(rendition, (row_at, row_bytes), data, (area, y), target);
    }
}

fn draw_row(
    rendition: &Rendition,
    (row_at, row_bytes): (u32, u32),
    data: &impl Data,
    (area, y): (Area, u32),
    target: &mut dyn Lamps,
) {
    let (width, bits) = (u32::from(rendition.width_px), rendition.depth.bits());
    let mut window = [0; READ_BYTES];
    let mut held = 0..0_u32;
    for x in 0..area.width_px {
        let from_bit = (x * width / area.width_px).min(width - 1) * bits;
        let (first, count) = (from_bit / 8, bits.div_ceil(8));
        if first < held.start || first + count > held.end {
            let bytes = (row_bytes - first).min(READ_BYTES as u32);
            if !data.read(row_at + first, &mut window[..bytes as usize]) {
                return;
            }
            held = first..first + bytes;
        }
        let at = (first - held.start) as usize;
        let packed = window[at..].iter().take(count as usize).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        let level = if bits < 8 { packed >> (8 - bits - from_bit % 8) & ((1 << bits) - 1) } else { packed };
        let lamp = rectangle((area.left_px + x) as i32, (area.top_px + y) as i32, 1, 1);
        target.fill(lamp, ink::colour(level, rendition.depth));
    }
}
