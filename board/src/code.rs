//! Codes to scan (QR, ISO/IEC 18004): how large they must be, how they are drawn, and, where the feature `codes` is on, their
//! squares. The only file that names `qrcodegen_no_heap`.
//!
//! Dark on light, as scanners expect it, so the area around a code is lit. Two squares of it are enough on a board in the
//! dark; the standard's four are taken where there is room.

use loa_domain::play::slide::Squares;

use crate::shape::{Area, Lamps, Rgb888, RgbColor, rectangle};

/// Light squares around a code at least, and as the standard asks.
const MARGINS: [u32; 2] = [4, 2];

/// The squares of the code of a text, with medium correction; none for a text of more than
/// [`CODE_BYTES`](loa_domain::play::slide::CODE_BYTES).
#[cfg(any(test, feature = "codes"))]
#[must_use]
pub fn squares(text: &str) -> Option<Squares> {
    use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};

    /// The largest one has 57 squares either way.
    const VERSION: Version = Version::new(10);
    let (mut scratch, mut code) = ([0; VERSION.buffer_len()], [0; VERSION.buffer_len()]);
    let made =
        QrCode::encode_text(text, &mut scratch, &mut code, QrCodeEcc::Medium, Version::MIN, VERSION, None, false)
            .ok()?;
    Squares::of(u8::try_from(made.size()).ok()?, |column, row| made.get_module(column.into(), row.into()))
}

/// Lamps that a code of so many squares needs either way.
#[must_use]
pub fn least_px(squares: u32) -> u32 {
    squares + 2 * MARGINS[1]
}

/// The largest side of such a code, margins included, where there is room for so many lamps.
#[must_use]
pub fn side_px(squares: u32, room_px: u32) -> Option<u32> {
    let side = |margin: u32| {
        let whole = squares + 2 * margin;
        (room_px / whole).checked_sub(1).map(|more| (more + 1) * whole)
    };
    let [wide, narrow] = MARGINS.map(side);
    // The squares are what must be seen: a narrower margin is taken where it makes them larger.
    let scale = |side_px: Option<u32>, margin: u32| side_px.map(|side_px| side_px / (squares + 2 * margin));
    if scale(wide, MARGINS[0]) == scale(narrow, MARGINS[1]) { wide } else { narrow }
}

/// Draws a code so that it fills a square area of [`side_px`].
pub(crate) fn draw(squares: &Squares, area: Area, target: &mut dyn Lamps) {
    let side = u32::from(squares.side());
    let scale = MARGINS.iter().map(|margin| area.width_px / (side + 2 * margin)).max().unwrap_or(1).max(1);
    let margin_px = (area.width_px.saturating_sub(side * scale)) / 2;
    target.fill(area.rectangle(), Rgb888::WHITE);
    for row in 0..squares.side() {
        for column in (0..squares.side()).filter(|column| squares.is_dark(*column, row)) {
            let left = area.left_px + margin_px + u32::from(column) * scale;
            let top = area.top_px + margin_px + u32::from(row) * scale;
            target.fill(rectangle(left as i32, top as i32, scale, scale), Rgb888::BLACK);
        }
    }
}
