//! What a board on a microcontroller says while nothing is due is what a board on Linux says.
//!
//! A microcontroller has no room for the catalogue (`host/src/text/vi.ftl`): its words stand in `firmware/src/paint.rs`,
//! and must not drift from it.

use loa_agent::play::board::quiet::Quiet;
use loa_agent::play::standing::{Lease, Standing};
use loa_board::quiet::clock_text;
use loa_domain::time::{LocalDate, Offsets, UtcMs};
use loa_firmware::paint::words;
use loa_firmware::run::{Next, Notice};
use loa_host::text::{Language, Words};

/// What a Linux player's board says by the catalogue.
fn by_the_catalogue(words: &Words, lease: Lease, next: Option<UtcMs>, today: LocalDate) -> Vec<String> {
    let standing =
        Standing { lease, offsets: Some(Offsets::fixed(25_200)), today: Some(today), next, ..Standing::default() };
    Quiet::say(&standing, words).lines
}

#[test]
fn both_say_the_same_of_a_board_that_is_new_and_of_a_timetable_that_has_ended_or_has_nothing_more() {
    let (catalogue, today) = (&Words::new(Language::Vietnamese), LocalDate::default());
    // Who has no timetable yet is shown with the fingerprint of his key, for whoever enrols him.
    assert_eq!(catalogue.say("board-not-enrolled"), words(Notice::Missing).as_str());
    assert_eq!(by_the_catalogue(catalogue, Lease::Ended, None, today), [words(Notice::Ended).as_str()]);
    assert!(by_the_catalogue(catalogue, Lease::InForce, None, today).is_empty());
    assert_eq!(words(Notice::InForce(None)).as_str(), "");
}

#[test]
fn both_say_the_same_of_the_next_cue_at_each_hour_of_every_day_of_a_year() {
    let catalogue = &Words::new(Language::Vietnamese);
    // Half past each hour from 2028-01-01 on, a leap year, at a place seven hours east.
    for hour in 0..366 * 24 {
        let at = UtcMs::from_seconds(1_830_272_400 + hour * 3_600 + 1_800);
        let local = Offsets::fixed(25_200).to_local(at);
        let (date, minute) = (local.date(), (local.second_of_day() / 60) as u16);
        let (_, month, day) = date.year_month_day();
        let said = |day| words(Notice::InForce(Some(Next { minute, day })));
        assert_eq!(by_the_catalogue(catalogue, Lease::InForce, Some(at), date), [said(None).as_str()]);
        let other_day = said(Some((day as u8, month as u8)));
        let the_day_before = LocalDate(date.0 - 1);
        assert_eq!(by_the_catalogue(catalogue, Lease::InForce, Some(at), the_day_before), [other_day.as_str()]);
    }
}

#[test]
fn both_show_the_same_where_the_time_is_not_known() {
    assert_eq!(Quiet::default().time_text(UtcMs(0)), clock_text(None).as_str());
}
