//! Codes to scan (QR, ISO/IEC 18004): how large they must be, and their squares. The only file that names
//! `qrcodegen_no_heap`.
//!
//! Dark on light, as scanners expect it, so the area around a code is lit. Two squares of it are enough on a board in the
//! dark; the standard's four are taken where there is room.

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};

use crate::shape::{Area, Lamps, Rgb888, RgbColor, rectangle};

/// The largest version that a slide's text takes with medium correction.
const VERSION: Version = Version::new(10);
const BUFFER: usize = VERSION.buffer_len();
/// Light squares around a code at least, and as the standard asks.
const MARGINS: [u32; 2] = [4, 2];

fn with<T>(text: &str, then: impl FnOnce(&QrCode<'_>) -> T) -> Option<T> {
    let (mut scratch, mut code) = ([0; BUFFER], [0; BUFFER]);
    let made =
        QrCode::encode_text(text, &mut scratch, &mut code, QrCodeEcc::Medium, Version::MIN, VERSION, None, false);
    made.ok().map(|code| then(&code))
}

/// How many squares the code of a text has either way; none for a text that is too long.
#[must_use]
pub fn squares(text: &str) -> Option<u32> {
    with(text, |code| code.size().unsigned_abs())
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

/// Draws the code of a text so that it fills a square area of [`side_px`].
pub(crate) fn draw(text: &str, area: Area, target: &mut dyn Lamps) {
    with(text, |code| {
        let squares = code.size().unsigned_abs();
        let scale = MARGINS.iter().map(|margin| area.width_px / (squares + 2 * margin)).max().unwrap_or(1).max(1);
        let margin_px = (area.width_px.saturating_sub(squares * scale)) / 2;
        target.fill(area.rectangle(), Rgb888::WHITE);
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                let left = (area.left_px + margin_px) as i32 + x * scale as i32;
                let top = (area.top_px + margin_px) as i32 + y * scale as i32;
                target.fill(rectangle(left, top, scale, scale), Rgb888::BLACK);
            }
        }
    });
}
