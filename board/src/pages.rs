//! Lines in pages, and where a line begins: what texts and quiet faces have in common.
//!
//! Where lines break is decided in `wrap.rs`, which letters they have in `layout.rs`. Next: `layout.rs`.

use loa_domain::play::slide::Side;

use crate::shape::Area;

/// A line that may be empty.
pub(crate) trait Row {
    /// Whether there is nothing on it.
    fn is_empty(&self) -> bool;
}

impl Row for &str {
    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }
}

impl Row for (bool, &str) {
    fn is_empty(&self) -> bool {
        self.1.is_empty()
    }
}

/// How many pages of `rows` lines these are.
pub(crate) fn count_pages<R: Row>(lines: impl Iterator<Item = R> + Clone, rows: u32) -> u32 {
    let mut rest = lines;
    let mut pages = 0;
    while rest.find(|line| !line.is_empty()).is_some() {
        rest.by_ref().take(rows.saturating_sub(1) as usize).for_each(drop);
        pages += 1;
    }
    pages
}

/// The lines of a page; a page does not begin with an empty line.
pub(crate) fn page_of<R: Row + Clone>(
    mut lines: impl Iterator<Item = R> + Clone,
    rows: u32,
    page: u32,
) -> impl Iterator<Item = R> + Clone {
    let mut first = lines.find(|line| !line.is_empty());
    for _ in 0..page {
        lines.by_ref().take(rows.saturating_sub(1) as usize).for_each(drop);
        first = lines.find(|line| !line.is_empty());
    }
    first.into_iter().chain(lines).take(rows as usize)
}

/// Where a line begins in an area, from the left of the board, in lamps.
pub(crate) fn left_px(width_px: u32, area: Area, side: Side) -> u32 {
    let spare_px = area.width_px.saturating_sub(width_px);
    area.left_px
        + match side {
            Side::Left => 0,
            Side::Middle => spare_px / 2,
            Side::Right => spare_px,
        }
}
