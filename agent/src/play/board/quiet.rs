//! The quiet face of a board: the time of day, where it stands, what comes next, or that there is no timetable.
//!
//! The time is as large as it can be beside the words; where a board has no room for all of them at once they take
//! turns, each with the time above it if that fits. What is known is decided in `play/standing.rs`, when the face is up
//! in `show.rs`. Next: `layout.rs`.

use loa_domain::time::{Offsets, UtcMs};
use loa_host::text::Words;

use super::face::{BoardSize, Face};
use super::font::Font;
use super::layout::{chunks, wrap};
use crate::play::standing::{Lease, Standing};

/// What a board says while nothing is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quiet {
    /// The zone of the place; none while the time of day is not known.
    pub offsets: Option<Offsets>,
    /// What is said below the time, line by line.
    pub lines: Vec<String>,
}

impl Quiet {
    /// What is known at `now`, in the words of a language.
    #[must_use]
    pub fn say(standing: &Standing, now: UtcMs, words: &Words) -> Self {
        let notice = match standing.lease {
            Lease::Missing => Some(words.say("board-no-timetable")),
            Lease::Ended => Some(words.say("board-timetable-ended")),
            Lease::InForce => next_text(standing, now, words),
        };
        let place = Some(standing.place_name.clone()).filter(|name| !name.is_empty());
        Self { offsets: standing.offsets.clone(), lines: place.into_iter().chain(notice).collect() }
    }

    /// The time of day at the place as `HH:MM`, or `--:--`.
    #[must_use]
    pub fn time_text(&self, now: UtcMs) -> String {
        self.offsets.as_ref().map_or_else(|| "--:--".to_owned(), |offsets| time_text(offsets, now))
    }
}

fn time_text(offsets: &Offsets, at: UtcMs) -> String {
    let minutes = offsets.to_local(at).second_of_day() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn next_text(standing: &Standing, now: UtcMs, words: &Words) -> Option<String> {
    let (offsets, next) = (standing.offsets.as_ref()?, standing.next?);
    let time = time_text(offsets, next);
    let date = offsets.to_local(next).date();
    if date == offsets.to_local(now).date() {
        return Some(words.with("board-next", &[("time", &time)]));
    }
    let (_, month, day) = date.year_month_day();
    let values = [("time", time.as_str()), ("day", &day.to_string()), ("month", &month.to_string())];
    Some(words.with("board-next-day", &values))
}

/// One of the faces that take turns.
#[derive(Debug, PartialEq, Eq)]
struct Turn {
    with_time: bool,
    rows: Vec<String>,
}

fn turns(lines: &[String], size: BoardSize) -> Vec<Turn> {
    let rows_max = (size.height_px() / Font::Small.line_px()) as usize;
    let wrapped: Vec<Vec<String>> = lines.iter().map(|line| wrap(line, Font::Small, size.width_px())).collect();
    let all = wrapped.concat();
    if all.len() < rows_max {
        return vec![Turn { with_time: true, rows: all }];
    }
    if wrapped.iter().all(|rows| rows.len() < rows_max) {
        return wrapped.into_iter().map(|rows| Turn { with_time: true, rows }).collect();
    }
    let time = Turn { with_time: true, rows: Vec::new() };
    let words = chunks(&all, rows_max).map(|rows| Turn { with_time: false, rows });
    std::iter::once(time).chain(words).collect()
}

/// How many faces take turns.
#[must_use]
pub fn count_turns(lines: &[String], size: BoardSize) -> u64 {
    turns(lines, size).len() as u64
}

/// The quiet face whose turn it is.
#[must_use]
pub fn draw_quiet(time: &str, lines: &[String], turn: u64, size: BoardSize) -> Face {
    let turns = turns(lines, size);
    let mut face = Face::dark(size);
    // There is at least one.
    let Some(Turn { with_time, rows }) = turns.get((turn % turns.len().max(1) as u64) as usize) else { return face };
    let room_px = size.height_px().saturating_sub(rows.len() as u32 * Font::Small.line_px());
    if *with_time {
        draw_time(time, room_px, &mut face);
        draw_middle(rows, room_px, &mut face);
    } else {
        draw_middle(rows, room_px / 2, &mut face);
    }
    face
}

fn draw_middle(lines: &[String], top_px: u32, face: &mut Face) {
    for (text, top_px) in lines.iter().zip((top_px..).step_by(Font::Small.line_px() as usize)) {
        let left_px = face.size().width_px().saturating_sub(Font::Small.width_px(text)) / 2;
        Font::Small.draw(text, left_px as i32, top_px as i32, face);
    }
}

/// The time, as large as three quarters of the board's width allow, in the middle of its upper `room_px`.
fn draw_time(time: &str, room_px: u32, face: &mut Face) {
    let (width_px, line_px) = (Font::Small.width_px(time), Font::Small.line_px());
    let scale = (face.size().width_px() * 3 / 4 / width_px).min(room_px / line_px).max(1);
    // At least 16 lamps either way, as a board is: five digits are 40 wide.
    let Ok(size) = BoardSize::new(width_px, line_px) else { return };
    let mut small = Face::dark(size);
    Font::Small.draw(time, 0, 0, &mut small);
    let left_px = (face.size().width_px() as i32 - (width_px * scale) as i32) / 2;
    let top_px = (room_px as i32 - (line_px * scale) as i32) / 2;
    face.enlarge(&small, left_px, top_px, scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_domain::time::OffsetChange;
    use loa_host::text::Language;

    /// 2026-03-29, when the wall clock in Paris goes from 2 to 3 o'clock at 01:00 UTC.
    const CHANGE: UtcMs = UtcMs(1_774_746_000_000);

    fn paris() -> Offsets {
        Offsets::new(3_600, [OffsetChange { at: CHANGE, offset_s: 7_200 }]).expect("in order")
    }

    fn standing(next: Option<UtcMs>) -> Standing {
        Standing { lease: Lease::InForce, offsets: Some(paris()), place_name: "Thôn Đông".to_owned(), next }
    }

    fn lines(standing: &Standing, now: UtcMs) -> Vec<String> {
        Quiet::say(standing, now, &Words::new(Language::Vietnamese)).lines
    }

    #[test]
    fn the_time_is_that_of_the_place_on_both_sides_of_a_change_of_the_clocks() {
        let quiet = Quiet { offsets: Some(paris()), lines: Vec::new() };
        assert_eq!(quiet.time_text(CHANGE.plus_ms(-1)), "01:59");
        assert_eq!(quiet.time_text(CHANGE), "03:00");
        assert_eq!(Quiet::default().time_text(CHANGE), "--:--");
    }

    #[test]
    fn the_time_is_that_of_the_place_on_both_sides_of_midnight_and_of_1970() {
        let text = |offset_s, at| Quiet { offsets: Some(Offsets::fixed(offset_s)), lines: Vec::new() }.time_text(at);
        let evening = UtcMs::from_seconds(1_767_225_600 - 1);
        assert_eq!(text(7 * 3_600, evening), "06:59");
        assert_eq!(text(0, evening), "23:59");
        assert_eq!(text(-3_600, UtcMs(-1)), "22:59");
    }

    #[test]
    fn the_place_and_the_next_cue_are_said_with_its_day_when_that_is_not_today() {
        let at = |hours: i64| CHANGE.plus_ms(hours * 3_600_000);
        assert_eq!(lines(&standing(Some(at(2))), CHANGE), ["Thôn Đông", "Phát lúc 05:00"]);
        assert_eq!(lines(&standing(Some(at(26))), CHANGE), ["Thôn Đông", "Phát 05:00 30/3"]);
        assert_eq!(lines(&standing(None), CHANGE), ["Thôn Đông"]);
    }

    #[test]
    fn a_board_without_a_timetable_or_with_one_that_has_ended_says_so_in_both_languages() {
        assert_eq!(lines(&Standing::default(), CHANGE), ["Chưa có lịch"]);
        let ended = Standing { lease: Lease::Ended, ..standing(None) };
        assert_eq!(lines(&ended, CHANGE), ["Thôn Đông", "Lịch đã hết hạn"]);
        let english = Words::new(Language::English);
        assert_eq!(Quiet::say(&Standing::default(), CHANGE, &english).lines, ["No timetable yet"]);
    }

    #[test]
    fn every_line_has_its_turn_on_every_board_and_the_time_is_never_left_out() {
        for (width, height) in [(64, 32), (64, 16), (128, 64), (192, 96), (40, 16), (128, 32)] {
            let size = BoardSize::new(width, height).unwrap();
            let faces = |time: &str, lines: &[&str]| {
                let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
                (0..count_turns(&lines, size)).map(|turn| draw_quiet(time, &lines, turn, size)).collect::<Vec<_>>()
            };
            let full = faces("05:00", &["Xã Đông Hưng", "Phát lúc 17:00"]);
            assert_ne!(full, faces("05:01", &["Xã Đông Hưng", "Phát lúc 17:00"]), "{width} x {height}");
            assert_ne!(full, faces("05:00", &["Xã Đông Hà", "Phát lúc 17:00"]), "{width} x {height}");
            assert_ne!(full, faces("05:00", &["Xã Đông Hưng", "Phát lúc 18:00"]), "{width} x {height}");
            assert_eq!(faces("05:00", &[]).len(), 1);
        }
        let smallest = BoardSize::new(16, 16).unwrap();
        assert_eq!(draw_quiet("05:00", &["Xã Đông Hưng".to_owned()], u64::MAX, smallest).size(), smallest);
    }
}
