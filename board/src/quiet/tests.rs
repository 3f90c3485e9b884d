//! The time is never left out, and every line has its turn.

use std::vec::Vec;

use loa_domain::play::class::Depth;

use super::*;
use crate::golden::{Face, board, dark};

#[test]
fn every_line_has_its_turn_on_every_board_and_the_time_is_never_left_out() {
    for (width, height) in [(64, 32), (64, 16), (128, 64), (192, 96), (40, 16), (128, 32)] {
        let class = board(width, height, Depth::Mono);
        let faces = |time: &str, lines: &[&str]| -> Vec<Face> {
            let draw = |turn| {
                let mut face = dark(&class);
                let Ok(()) = draw_quiet(time, lines, turn, &class, &mut face);
                face
            };
            (0..count_turns(lines, &class)).map(draw).collect()
        };
        let full = faces("05:00", &["Xã Đông Hưng", "Phát lúc 17:00"]);
        assert_ne!(full, faces("05:01", &["Xã Đông Hưng", "Phát lúc 17:00"]), "{width} x {height}");
        assert_ne!(full, faces("05:00", &["Xã Đông Hà", "Phát lúc 17:00"]), "{width} x {height}");
        assert_ne!(full, faces("05:00", &["Xã Đông Hưng", "Phát lúc 18:00"]), "{width} x {height}");
        assert_eq!(faces("05:00", &[]).len(), 1);
    }
}

#[test]
fn a_countdown_says_days_then_hours_and_ends_at_nothing() {
    let at = |left_s, language| countdown_text(left_s, language).as_str().into();
    let said: [std::string::String; 5] =
        [at(17 * 86_400 + 5, "vi"), at(2 * 86_400, "en-GB"), at(2 * 86_400 - 1, "vi"), at(59, "vi"), at(0, "vi")];
    assert_eq!(said, ["17 ngày", "2 days", "47:59:59", "00:00:59", "00:00:00"]);
}

#[test]
fn the_time_of_day_is_that_of_the_place_on_both_sides_of_midnight_and_of_1970() {
    let text = |utc_s, offset_s| clock_text(Some(minute_of_day(utc_s, offset_s))).as_str().into();
    let said: [std::string::String; 3] =
        [text(1_767_225_600 - 1, 7 * 3_600), text(1_767_225_600 - 1, 0), text(-1, -3_600)];
    assert_eq!(said, ["06:59", "23:59", "22:59"]);
    assert_eq!(clock_text(None).as_str(), "--:--");
}
