//! The next firing of 100,000 timetables: ours, the `cron` crate's and croner's, in one run.
//! Decides nothing; the ratio of the three is the figure to keep an eye on, since all run on the same machine.
//! `cargo bench -p loa-server --bench firings`. Next: docs/cron.md, where the three differ in what they answer.

use chrono::{DateTime, TimeZone};
use chrono_tz::Tz;
use criterion::{Criterion, Throughput};
use loa_domain::time::{Offsets, UtcMs};
use loa_domain::timetable::Recurrence;
use loa_server::timetable::{cron as reader, zone};
use std::hint::black_box;
use std::str::FromStr;

const TIMETABLES: u32 = 100_000;

/// 2026-03-28T12:00:00Z: within a day of a change of the clock in Berlin.
const NOW: UtcMs = UtcMs(1_774_699_200_000);
const YEAR_MS: i64 = 366 * 86_400_000;

/// What communes air, by number: two bulletins a day, weekdays, single days, the 1st or a Monday, a rhythm, and
/// now and then 29 February. Crontab's text, and the same in the crate's dialect (only one of its two schedules
/// for "either", which favours it).
fn line(number: u32) -> (String, String) {
    let (minute, hour, day) = (number % 60, 4 + number / 60 % 18, 1 + number / 7 % 28);
    match number % 16 {
        0..6 => (format!("{minute} {hour} * * *"), format!("0 {minute} {hour} * * *")),
        6..10 => (format!("{minute} {hour} * * 1-5"), format!("0 {minute} {hour} * * 2-6")),
        10 | 11 => (format!("{minute} {hour} {day} * *"), format!("0 {minute} {hour} {day} * *")),
        12 => (format!("{minute} {hour} {day} * 1"), format!("0 {minute} {hour} {day} * *")),
        13 => (format!("*/15 6-{} * * *", 7 + hour / 2), format!("0 */15 6-{} * * *", 7 + hour / 2)),
        14 => (format!("{minute} * * * *"), format!("0 {minute} * * * *")),
        _ if number % 160 == 15 => (format!("{minute} {hour} 29 2 *"), format!("0 {minute} {hour} 29 2 *")),
        _ => (format!("{minute} {hour} 2 9 *"), format!("0 {minute} {hour} 2 9 *")),
    }
}

fn bench_next(criterion: &mut Criterion) {
    let lines: Vec<(String, String)> = (0..TIMETABLES).map(line).collect();
    let ours: Vec<Recurrence> = lines.iter().map(|(text, _)| reader::parse(text).expect("a valid line")).collect();
    let crates: Vec<cron::Schedule> =
        lines.iter().map(|(_, text)| cron::Schedule::from_str(text).expect("a valid line")).collect();
    let croners: Vec<croner::Cron> =
        lines.iter().map(|(text, _)| croner::Cron::from_str(text).expect("a valid line")).collect();
    for name in ["Asia/Ho_Chi_Minh", "Europe/Berlin"] {
        let offsets: Offsets = zone::offsets(name, NOW, NOW.plus_ms(YEAR_MS)).expect("a known zone");
        let zone: Tz = name.parse().expect("a known zone");
        let utc = DateTime::from_timestamp_millis(NOW.0).expect("in the calendar");
        let now = zone.from_utc_datetime(&utc.naive_utc());
        let mut group = criterion.benchmark_group(format!("next of 100,000 in {name}"));
        group.throughput(Throughput::Elements(u64::from(TIMETABLES))).sample_size(10);
        group.bench_function("ours", |b| {
            b.iter(|| ours.iter().filter_map(|line| line.next_after(black_box(NOW), &offsets)).max())
        });
        group.bench_function("cron", |b| {
            b.iter(|| crates.iter().filter_map(|line| line.after(black_box(&now)).next()).max())
        });
        group.bench_function("croner", |b| {
            b.iter(|| croners.iter().filter_map(|line| line.find_next_occurrence(black_box(&now), false).ok()).max())
        });
        group.finish();
    }
}

fn bench_reading(criterion: &mut Criterion) {
    let lines: Vec<(String, String)> = (0..1000).map(line).collect();
    let mut group = criterion.benchmark_group("read 1,000 lines");
    group.throughput(Throughput::Elements(1000)).sample_size(10);
    group.bench_function("ours", |b| b.iter(|| lines.iter().filter(|line| reader::parse(&line.0).is_ok()).count()));
    group.bench_function("cron", |b| {
        b.iter(|| lines.iter().filter(|line| cron::Schedule::from_str(&line.1).is_ok()).count())
    });
    group.bench_function("croner", |b| {
        b.iter(|| lines.iter().filter(|line| croner::Cron::from_str(&line.0).is_ok()).count())
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    bench_next(&mut criterion);
    bench_reading(&mut criterion);
    criterion.final_summary();
}
