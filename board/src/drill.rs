//! What a board shows so that nobody takes a drill for an alarm: a whole face before and after, a strip all through it.
//!
//! The strip never hides anything: what a drill shows is laid out for the rest of the board ([`drill_room`]), which has
//! the same top left corner. A board with no room for both shows the notice instead. Nothing is allocated and no slide
//! is needed, so a player that lost everything else can still say it.

use loa_domain::play::class::{BoardClass, Depth};

use crate::ink;
use crate::letters::Letters;
use crate::shape::{Area, DrawTarget, Lamps, Rgb888, RgbColor, onto};

/// What it says, in both languages whatever the board's.
const WORDS: [&str; 2] = ["DIỄN TẬP", "DRILL"];
/// Both in one line.
const LINE: &str = "DIỄN TẬP · DRILL";
/// What the letters stand on: amber, which is lit on every kind of board.
const GROUND: Rgb888 = Rgb888::new(255, 192, 0);
/// Rows of lamps that are enough for a strip below a slide: a line for each.
const TWO_LINES_PX: u32 = 2 * Letters::SMALL.line_px();
/// The narrowest that a slide beside a strip may be, in lamps: four letters run through it.
const BESIDE_PX: u32 = 32;

/// Where the strip of a drill stands.
fn strip(class: &BoardClass) -> Area {
    let (width_px, height_px) = (u32::from(class.width_px), u32::from(class.height_px));
    let line_px = Letters::SMALL.line_px();
    if height_px >= TWO_LINES_PX {
        return Area { left_px: 0, top_px: height_px - line_px, width_px, height_px: line_px };
    }
    let label_px = Letters::SMALL.text_px(WORDS[0]);
    let left_px = width_px.checked_sub(label_px).filter(|left_px| *left_px >= BESIDE_PX).unwrap_or(0);
    Area { left_px, top_px: 0, width_px: width_px - left_px, height_px }
}

/// The part of a board that is left for what a drill shows, from its top left corner on; none where it has no room beside
/// the strip.
#[must_use]
pub fn drill_room(class: &BoardClass) -> Option<BoardClass> {
    let strip = strip(class);
    // A strip lies within its board, whose sides are u16.
    let (left_px, top_px) = (strip.left_px as u16, strip.top_px as u16);
    match (left_px, top_px) {
        (0, 0) => None,
        (0, height_px) => Some(BoardClass { height_px, ..class.clone() }),
        (width_px, _) => Some(BoardClass { width_px, ..class.clone() }),
    }
}

/// Draws the whole face that stands before and after a drill.
///
/// # Errors
/// Those of the target.
pub fn draw_drill_notice<D: DrawTarget<Color = Rgb888>>(class: &BoardClass, target: &mut D) -> Result<(), D::Error> {
    let board = Area::of(u32::from(class.width_px), u32::from(class.height_px));
    onto(target, |lamps| notice(board, class.depth, lamps))
}

/// Draws the strip that stands all through a drill, over what is there; on a board without [`drill_room`], the notice.
///
/// # Errors
/// Those of the target.
pub fn draw_drill_strip<D: DrawTarget<Color = Rgb888>>(class: &BoardClass, target: &mut D) -> Result<(), D::Error> {
    let area = strip(class);
    onto(target, |lamps| {
        if (area.left_px, area.top_px) == (0, 0) {
            return notice(area, class.depth, lamps);
        }
        lamps.fill(area.rectangle(), ink::shown(GROUND, class.depth));
        let line = if Letters::SMALL.text_px(LINE) <= area.width_px { LINE } else { WORDS[0] };
        write(line, area, Letters::SMALL, lamps);
    })
}

fn notice(board: Area, depth: Depth, lamps: &mut dyn Lamps) {
    lamps.fill(board.rectangle(), ink::shown(GROUND, depth));
    let line_px = Letters::SMALL.line_px();
    let words_px = Letters::SMALL.text_px(WORDS[0]);
    let scale = |columns_px: u32, rows: u32| {
        let most = (board.width_px / columns_px.max(1)).min(board.height_px / (rows * line_px));
        Letters { scale: most.clamp(1, 100) as u8, ..Letters::SMALL }
    };
    if board.height_px < TWO_LINES_PX {
        let all = Letters::SMALL.text_px(LINE) <= board.width_px;
        return write(if all { LINE } else { WORDS[0] }, board, Letters::SMALL, lamps);
    }
    let letters = scale(words_px, 2);
    let middle = board.middle(board.width_px, 2 * letters.line_px());
    for (row, words) in (0_u32..).zip(WORDS) {
        let top_px = middle.top_px + row * letters.line_px();
        write(words, Area { top_px, height_px: letters.line_px(), ..board }, letters, lamps);
    }
}

/// A line in the middle of an area, dark.
fn write(line: &str, area: Area, letters: Letters, lamps: &mut dyn Lamps) {
    let left = area.left_px as i32 + (area.width_px as i32 - letters.text_px(line) as i32) / 2;
    let top = area.top_px as i32 + (area.height_px as i32 - letters.line_px() as i32) / 2;
    letters.draw(&mut line.chars(), (left, top), Rgb888::BLACK, lamps);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::{board, dark};
    use crate::letters::{Font, missing};

    #[test]
    fn what_it_says_has_all_its_letters() {
        assert_eq!(missing(LINE, Font::Small).count(), 0);
        assert!(WORDS.iter().all(|words| LINE.contains(words)));
    }

    #[test]
    fn a_drills_face_is_marked_on_every_board_and_its_slide_is_never_covered() {
        for depth in Depth::ALL {
            for (width, height) in [(16, 16), (64, 16), (95, 16), (96, 16), (64, 32), (160, 31), (192, 96), (320, 160)]
            {
                let class = board(width, height, depth);
                let (mut strip, mut notice) = (dark(&class), dark(&class));
                let Ok(()) = draw_drill_strip(&class, &mut strip);
                let Ok(()) = draw_drill_notice(&class, &mut notice);
                assert_ne!(strip, dark(&class));
                assert_ne!(notice, dark(&class));
                let Some(room) = drill_room(&class) else {
                    assert_eq!(strip, notice, "{width} x {height}: no room, so the notice is all there is");
                    continue;
                };
                assert!((16..=width).contains(&room.width_px) && (16..=height).contains(&room.height_px));
                let lit = |x: u16, y: u16| strip.is_lit(i32::from(x), i32::from(y));
                assert!((0..room.height_px).all(|y| (0..room.width_px).all(|x| !lit(x, y))), "{width} x {height}");
            }
        }
    }
}
