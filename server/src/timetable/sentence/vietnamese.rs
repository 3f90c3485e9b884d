//! A recurrence in Vietnamese, as a district radio operator would say it.
//! Decides the words only. Next: `english.rs`, the same reading in English.

use super::reading::{Clock, Days, Hours, Reading, Unit, is_every_other, listed, number_list, runs, time, times};

const WEEKDAYS: [&str; 7] = ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"];
const AND: &str = "và";

pub fn sentence(reading: &Reading) -> String {
    let clock = clock(&reading.clock);
    match (&reading.days, days(reading)) {
        (Days::Every, days) if days.is_empty() && reading.names_hours() => {
            format!("{clock} hằng ngày")
        }
        (_, days) if days.is_empty() => clock,
        (Days::Every, days) => format!("{clock} {days}"),
        (_, days) => format!("{clock}, {days}"),
    }
}

fn clock(clock: &Clock) -> String {
    match clock {
        Clock::Times(list) => format!("Lúc {}", times(list, AND)),
        Clock::Rhythm { every, unit: Unit::Hour, spans, minute, .. } => {
            let often = if *every == 1 {
                "Mỗi giờ một lần".to_owned()
            } else {
                format!("Cứ {every} giờ một lần")
            };
            match (spans.is_empty(), minute) {
                (false, _) => format!("{often}, {}", within(spans)),
                (true, 0) => format!("{often}, đúng đầu giờ"),
                (true, minute) => format!("{often}, vào phút {minute:02}"),
            }
        }
        Clock::Rhythm { every, unit, spans, restarts, .. } => {
            let (unit, whole) = if *unit == Unit::Second { ("giây", "phút") } else { ("phút", "giờ") };
            let often = if *every == 1 { format!("Mỗi {unit}") } else { format!("Cứ {every} {unit}") };
            let often = if *every == 1 { often } else { format!("{often} một lần") };
            let restart = if *restarts { format!(", tính lại từ đầu mỗi {whole}") } else { String::new() };
            match spans[..] {
                [] => format!("{often}{restart}"),
                [(from, to)] if from == to => format!("{often} trong phút {}{restart}", time(from)),
                _ => format!("{often}, {}{restart}", within(spans)),
            }
        }
        Clock::Numbers { seconds, minutes, hours } => bare(seconds, minutes, hours),
    }
}

fn bare(seconds: &[u32], minutes: &[u32], hours: &Hours) -> String {
    let two_digits = |number: u32| format!("{number:02}");
    let list = |numbers: &[u32]| number_list(numbers, AND, two_digits);
    let minute = match minutes {
        [] => "mỗi phút".to_owned(),
        minutes => format!("phút {}", list(minutes)),
    };
    let at = match seconds {
        [0] if minutes.is_empty() => "Mỗi phút".to_owned(),
        [0] => format!("Vào {minute}"),
        [] => format!("Mỗi giây trong {minute}"),
        seconds => format!("Vào giây {} của {minute}", list(seconds)),
    };
    match hours {
        Hours::Every if minutes.is_empty() => at,
        Hours::Every => format!("{at} của mỗi giờ"),
        Hours::Spans(spans) if minutes.is_empty() => format!("{at}, {}", within(spans)),
        Hours::Spans(spans) => format!("{at} của mỗi giờ, {}", within(spans)),
        Hours::Scattered(hours) => format!("{at}, trong các giờ {}", list(hours)),
    }
}

fn within(spans: &[(u32, u32)]) -> String {
    let spans: Vec<String> = spans.iter().map(|(from, to)| format!("từ {} đến {}", time(*from), time(*to))).collect();
    listed(&spans, AND)
}

fn days(reading: &Reading) -> String {
    let tail = months(&reading.months);
    let in_months = |days: String| {
        if tail.is_empty() { days } else { format!("{days}, {tail}") }
    };
    match &reading.days {
        Days::Every if tail.is_empty() => String::new(),
        Days::Every => format!("hằng ngày {tail}"),
        Days::Weekdays(weekdays) if tail.is_empty() => match runs(weekdays)[..] {
            [(from, to)] if to > from + 1 => self::weekdays(weekdays),
            _ if weekdays.len() == 6 => self::weekdays(weekdays),
            _ => format!("{} hằng tuần", self::weekdays(weekdays)),
        },
        Days::Weekdays(weekdays) => in_months(self::weekdays(weekdays)),
        Days::Dates(dates) if reading.is_leap_day() => {
            format!("{} tháng 2 (chỉ năm nhuận)", self::dates(dates))
        }
        Days::Dates(dates) => format!("{} {}{}", self::dates(dates), each_month(&reading.months), rare(reading, dates)),
        Days::Either(dates, weekdays) => {
            let each = if tail.is_empty() { " hằng tháng" } else { "" };
            in_months(format!("{}{each} hoặc {}", self::dates(dates), self::weekdays(weekdays)))
        }
        Days::Both(dates, weekdays) => {
            let only = match self::dates(dates) {
                range if range.starts_with("từ") => format!("khoảng {range}"),
                dates => dates,
            };
            in_months(format!("{}, nhưng chỉ khi rơi vào {only}", self::weekdays(weekdays)))
        }
    }
}

/// Said after dates that some months do not have.
fn rare(reading: &Reading, dates: &[u32]) -> &'static str {
    match dates {
        [_] if reading.some_month_lacks(dates) => " (chỉ những tháng có ngày này)",
        _ if reading.some_month_lacks(dates) => " (chỉ những tháng có các ngày này)",
        _ => "",
    }
}

fn dates(dates: &[u32]) -> String {
    match runs(dates)[..] {
        _ if is_every_other(dates, true) => "các ngày lẻ".to_owned(),
        _ if is_every_other(dates, false) => "các ngày chẵn".to_owned(),
        [(from, to)] if to > from + 1 => format!("từ ngày {from} đến ngày {to}"),
        _ => format!("ngày {}", number_list(dates, AND, |date| date.to_string())),
    }
}

fn weekdays(weekdays: &[u32]) -> String {
    let name = |day: u32| WEEKDAYS[day as usize - 1].to_owned();
    match runs(weekdays)[..] {
        [(from, to)] if to > from + 1 => format!("từ {} đến {}", name(from), name(to)),
        _ if weekdays.len() == 6 => {
            let missing = (1..=7).find(|day| !weekdays.contains(day)).map(name).unwrap_or_default();
            format!("mọi ngày trừ {missing}")
        }
        _ => listed(&weekdays.iter().map(|day| name(*day)).collect::<Vec<_>>(), AND),
    }
}

fn each_month(months: &[u32]) -> String {
    match months {
        [] => "hằng tháng".to_owned(),
        [month] => format!("tháng {month} hằng năm"),
        _ => match runs(months)[..] {
            [(from, to)] if to > from + 1 => format!("mỗi tháng, từ tháng {from} đến tháng {to}"),
            _ => format!("các tháng {}", number_list(months, AND, |month| month.to_string())),
        },
    }
}

fn months(months: &[u32]) -> String {
    match (months, &runs(months)[..]) {
        ([], _) => String::new(),
        ([month], _) => format!("trong tháng {month}"),
        (_, [(from, to)]) if *to > from + 1 => format!("từ tháng {from} đến tháng {to}"),
        _ => format!("trong tháng {}", number_list(months, AND, |month| month.to_string())),
    }
}
