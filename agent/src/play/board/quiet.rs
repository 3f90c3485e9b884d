//! What a board says while nothing is due: the time of day, where it stands, what comes next, or that there is no
//! timetable.
//!
//! What is known is decided in `play/standing.rs`, when it is up in `show.rs`, how it looks in the crate `board`.
//! Next: `show.rs`.

use loa_board::quiet::clock_text;
use loa_domain::time::{Offsets, UtcMs};
use loa_host::text::Words;

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
    /// What is known, in the words of a language.
    #[must_use]
    pub fn say(standing: &Standing, words: &Words) -> Self {
        let notice = match standing.lease {
            Lease::Missing => Some(words.say("board-no-timetable")),
            Lease::Ended => Some(words.say("board-timetable-ended")),
            Lease::InForce => next_text(standing, words),
        };
        let place = Some(standing.place_name.clone()).filter(|name| !name.is_empty());
        Self { offsets: standing.offsets.clone(), lines: place.into_iter().chain(notice).collect() }
    }

    /// The time of day at the place as `HH:MM`, or `--:--`.
    #[must_use]
    pub fn time_text(&self, now: UtcMs) -> String {
        time_text(self.offsets.as_ref(), now)
    }
}

fn time_text(offsets: Option<&Offsets>, at: UtcMs) -> String {
    clock_text(offsets.map(|offsets| u64::from(offsets.to_local(at).second_of_day() / 60))).to_string()
}

fn next_text(standing: &Standing, words: &Words) -> Option<String> {
    let (offsets, next) = (standing.offsets.as_ref()?, standing.next?);
    let time = time_text(Some(offsets), next);
    let date = offsets.to_local(next).date();
    if standing.today == Some(date) {
        return Some(words.with("board-next", &[("time", &time)]));
    }
    let (_, month, day) = date.year_month_day();
    let values = [("time", time.as_str()), ("day", &day.to_string()), ("month", &month.to_string())];
    Some(words.with("board-next-day", &values))
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
        Standing {
            lease: Lease::InForce,
            offsets: Some(paris()),
            today: Some(paris().to_local(CHANGE).date()),
            place_name: "Thôn Đông".to_owned(),
            next,
            board: None,
        }
    }

    fn lines(standing: &Standing) -> Vec<String> {
        Quiet::say(standing, &Words::new(Language::Vietnamese)).lines
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
        assert_eq!(lines(&standing(Some(at(2)))), ["Thôn Đông", "Phát lúc 05:00"]);
        assert_eq!(lines(&standing(Some(at(26)))), ["Thôn Đông", "Phát 05:00 30/3"]);
        assert_eq!(lines(&standing(None)), ["Thôn Đông"]);
    }

    #[test]
    fn a_board_without_a_timetable_or_with_one_that_has_ended_says_so_in_both_languages() {
        assert_eq!(lines(&Standing::default()), ["Chưa có lịch"]);
        let ended = Standing { lease: Lease::Ended, ..standing(None) };
        assert_eq!(lines(&ended), ["Thôn Đông", "Lịch đã hết hạn"]);
        let english = Words::new(Language::English);
        assert_eq!(Quiet::say(&Standing::default(), &english).lines, ["No timetable yet"]);
    }
}
