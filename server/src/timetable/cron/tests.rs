//! What a cron line means, and what is said about one that means nothing.

use super::*;
use proptest::prelude::*;

fn set(numbers: impl IntoIterator<Item = u32>) -> u64 {
    bits(numbers.into_iter())
}

fn read_as(text: &str) -> Recurrence {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn five_fields_mean_what_crontab_means() {
    let morning = read_as("30 5 * * 1-5");
    assert_eq!((morning.second, morning.minute, morning.hour), (1, 1 << 30, 1 << 5));
    assert_eq!(u64::from(morning.weekday), set(1..=5), "1 is Monday");
    assert_eq!((morning.day, morning.month), (Recurrence::ALWAYS.day, Recurrence::ALWAYS.month));
    assert!(!morning.either_day);
}

#[test]
fn six_fields_begin_with_seconds() {
    assert_eq!(read_as("15,45 30 5 * * *").second, set([15, 45]));
    assert_eq!(read_as("  0\t30 5\u{a0}*  * * \n"), read_as("30 5 * * *"), "any blanks");
}

#[test]
fn sunday_is_0_and_7_and_ends_a_week_as_well_as_it_begins_one() {
    let weekday = |text: &str| u64::from(read_as(&format!("0 5 * * {text}")).weekday);
    for (text, days) in [
        ("0", set([0])),
        ("7", set([0])),
        ("SUN", set([0])),
        ("sunday", set([0])),
        ("5-7", set([5, 6, 0])),
        ("FRI-SUN", set([5, 6, 0])),
        ("SUN-TUE", set([0, 1, 2])),
        ("0-7", set(0..7)),
        ("*", set(0..7)),
        ("*/2", set([0, 2, 4, 6])),
        ("1-7/2", set([1, 3, 5, 0])),
        ("1,3,Fri", set([1, 3, 5])),
        ("SUN-SUN", set([0])),
    ] {
        assert_eq!(weekday(text), days, "{text}");
    }
}

#[test]
fn lists_ranges_steps_and_names_are_expanded() {
    assert_eq!(read_as("*/15 * * * *").minute, set([0, 15, 30, 45]));
    assert_eq!(read_as("5-59/20 * * * *").minute, set([5, 25, 45]));
    assert_eq!(u64::from(read_as("0 0,6-8,20-23/3 * * *").hour), set([0, 6, 7, 8, 20, 23]));
    assert_eq!(u64::from(read_as("0 0 1 jan,MAR-may,12 *").month), set([1, 3, 4, 5, 12]));
    assert_eq!(u64::from(read_as("0 0 */10 * *").day), set([1, 11, 21, 31]));
}

#[test]
fn a_day_field_that_begins_with_a_star_does_not_restrict() {
    for (text, either) in [
        ("0 5 1 * 1", true),
        ("0 5 * * 1", false),
        ("0 5 1 * *", false),
        ("0 5 */2 * 1", false),
        ("0 5 1 * */2", false),
        ("0 5 1-31 * 1", true),
        ("0 5 1,*/2 * 1", true),
        ("0 5 *,1 * 1", false),
    ] {
        assert_eq!(read_as(text).either_day, either, "{text}");
    }
}

#[test]
fn nicknames_are_short_for_lines() {
    for (nickname, line) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@Midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ] {
        assert_eq!(read_as(nickname), read_as(line), "{nickname}");
    }
}

/// Text | the part it is about | what is said.
const MISTAKES: &str = "\
 | | there is no cron line (bytes 0-0); write minute hour day-of-month month weekday, e.g. 30 5 * * 1-5
5 * * * | 5 * * * | five fields are expected (or six with seconds first), found 4 (bytes 0-7); write minute hour day-of-month month weekday, e.g. 30 5 * * 1-5
0 30 5 * * 1 2026 | 2026 | seven fields: a cron line has no year (bytes 13-17); give the dates beside the cron line (from, until, once, except)
30 5 * * 1 2026 | 2026 | weekday: 2026 is not between 0 and 7 (bytes 11-15); give the dates beside the cron line (from, until, once, except)
60 5 * * * | 60 | minute: 60 is not between 0 and 59 (bytes 0-2); write 0
0 24 * * * | 24 | hour: 24 is not between 0 and 23 (bytes 2-4); write 0
0 5 0 * * | 0 | day of the month: 0 is not between 1 and 31 (bytes 4-5)
0 5 * 13 * | 13 | month: 13 is not between 1 and 12 (bytes 6-8)
0 5 * * 8 | 8 | weekday: 8 is not between 0 and 7 (bytes 8-9)
0 5 99999999999999999999 * * | 99999999999999999999 | day of the month: 4294967295 is not between 1 and 31 (bytes 4-24)
0 22-2 * * * | 22-2 | hour: a range from 22 back to 2 (bytes 2-6); write 22-23,0-2
0 23-0 * * * | 23-0 | hour: a range from 23 back to 0 (bytes 2-6); write 23,0
0 22-4/2 * * * | 22-4/2 | hour: a range from 22 back to 4 (bytes 2-8); write 22,0,2,4
0 5 * * FRI-MON | FRI-MON | weekday: a range from 5 back to 1 (bytes 8-15); write 5-6,0-1
0 5 * * 5-0 | 5-0 | weekday: a range from 5 back to 0 (bytes 8-11); write 5-7
0 5 * NOV-FEB * | NOV-FEB | month: a range from 11 back to 2 (bytes 6-13); write 11-12,1-2
0 5 ? * 1 | ? | day of the month: ? is not crontab (bytes 4-5); write *
0 5 L * * | L | day of the month: L (last) is not crontab (bytes 4-5); give the dates beside the cron line (from, until, once, except)
0 5 LW * * | LW | day of the month: W (nearest workday) is not crontab (bytes 4-6); give the dates beside the cron line (from, until, once, except)
0 5 15W * * | 15W | day of the month: W (nearest workday) is not crontab (bytes 4-7); give the dates beside the cron line (from, until, once, except)
0 5 * * 5L | 5L | weekday: L (last) is not crontab (bytes 8-10); give the dates beside the cron line (from, until, once, except)
0 5 * * 1#2 | # | weekday: # (nth weekday of the month) is not crontab (bytes 9-10); give the dates beside the cron line (from, until, once, except)
0~30 5 * * * | ~ | minute: ~ (a random value) would differ from player to player (bytes 1-2); write 0-30
0 5–7 * * * | – | hour: neither a number nor a name that is known here (bytes 3-6); write 5-7
*/0 * * * * | 0 | minute: a step cannot be 0 (bytes 2-3)
*/90 * * * * | 90 | minute: a step of 90 is longer than the field (59) (bytes 2-4); steps start again with each hour, day or month; list the times instead
*/x * * * * | x | minute: a step is a number (bytes 2-3)
5/15 * * * * | 5/15 | minute: a step needs a range or * before it (bytes 0-4); write 5-59/15
1,,2 * * * * | | minute: a list with nothing between its commas (bytes 2-2)
5- * * * * | 5- | minute: a range with one end missing (bytes 0-2)
-5 * * * * | -5 | minute: a range with one end missing (bytes 0-2)
0 5 * * T2 | T2 | weekday: neither a number nor a name that is known here (bytes 8-10); write MON
0 5 * * CN | CN | weekday: neither a number nor a name that is known here (bytes 8-10); write SUN
0 5 * * Thurs | Thurs | weekday: neither a number nor a name that is known here (bytes 8-13); write THU
0 MON * * * | MON | hour: neither a number nor a name that is known here (bytes 2-5)
@reboot | @reboot | a player's start is not a time (bytes 0-7)
@often | @often | not one of @hourly, @daily, @weekly, @monthly, @yearly (bytes 0-6); write minute hour day-of-month month weekday, e.g. 30 5 * * 1-5
0 5 31 2 * | 31 2 | day of the month: no year has such a day: it would never fire (bytes 4-8)
0 5 30-31 feb * | 30-31 feb | day of the month: no year has such a day: it would never fire (bytes 4-13)";

#[test]
fn a_mistake_is_pointed_at_and_put_right() {
    for line in MISTAKES.lines() {
        let [text, part, said] = line.splitn(3, '|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let error = parse(text).expect_err(text);
        assert_eq!(error.to_string(), said, "{text}");
        assert_eq!(&text[error.span.clone()], part, "{text}");
    }
    let long = "1,".repeat(300);
    assert_eq!(parse(&long).unwrap_err().problem, Problem::TooLong { most_bytes: MAX_TEXT_BYTES });
    assert!(parse("0 5 29 2 1").is_ok() && parse("0 5 31 2 1").is_ok(), "Mondays in February remain");
}

#[test]
fn what_a_hint_writes_in_place_of_the_mistake_is_understood() {
    let mut put_right = 0;
    for text in MISTAKES.lines().filter_map(|line| line.split(" | ").next()) {
        if let Err(CronError { span, hint: Some(Hint::Write(better)), .. }) = parse(text) {
            // A hint for a sign inside an element rewrites the element, not the sign alone.
            let element = |c: char| c == ' ' || c == ',';
            let start = text[..span.start].rfind(element).map_or(0, |at| at + 1);
            let end = text[span.end..].find(element).map_or(text.len(), |at| span.end + at);
            let text = format!("{}{better}{}", &text[..start], &text[end..]);
            assert!(parse(&text).is_ok(), "{text}");
            put_right += 1;
        }
    }
    assert!(put_right >= 14, "{put_right}");
}

proptest! {
    #[test]
    fn any_text_gives_an_answer_and_points_inside_itself(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn anything_that_looks_like_cron_gives_an_answer(text in "[-0-9*/,?LW#~@ A-Za-zêứ\u{a0}]{0,40}") {
        check(&text)?;
    }

    #[test]
    fn fields_of_cron_signs_give_an_answer(
        text in "([0-9*]{1,3}(-[0-9]{1,2})?(/[0-9]{1,2})?(,[0-9]{1,2})? ){5,6}",
    ) {
        check(&text)?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(recurrence) => prop_assert!(!recurrence.never_fires()),
        Err(error) => {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?}", error);
            prop_assert!(!matches!(error.problem, Problem::Library(_)), "{}", error);
            let _ = error.to_string();
        }
    }
    Ok(())
}
