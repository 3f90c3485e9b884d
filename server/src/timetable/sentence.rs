//! A recurrence read back to the operator as one sentence, in Vietnamese or English, and its next firings.
//! Decides nothing about firing; it is how a person checks that what was written is what was meant. A sentence
//! must be true of every firing and silent about none. Next: `sentence/reading.rs` (what there is to say), then
//! one file per language.

mod english;
mod reading;
mod vietnamese;

use loa_domain::time::{Offsets, UtcMs};
use loa_domain::timetable::Recurrence;
use reading::Reading;

/// The languages a sentence is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// tiếng Việt
    Vietnamese,
    /// English
    English,
}

/// The sentence for one recurrence, without a full stop.
pub fn sentence(recurrence: &Recurrence, language: Language) -> String {
    let reading = Reading::of(recurrence);
    match language {
        Language::Vietnamese => vietnamese::sentence(&reading),
        Language::English => english::sentence(&reading),
    }
}

/// The first `count` firings strictly later than `from`; fewer if there are no more.
pub fn next_firings(recurrence: &Recurrence, offsets: &Offsets, from: UtcMs, count: usize) -> Vec<UtcMs> {
    let next = |at: &UtcMs| recurrence.next_after(*at, offsets);
    std::iter::successors(next(&from), next).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::cron;
    use proptest::prelude::*;

    const GOLDEN: &str = include_str!("sentence.golden.txt");

    fn line(text: &str) -> String {
        let recurrence = cron::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let [vi, en] = [Language::Vietnamese, Language::English].map(|l| sentence(&recurrence, l));
        format!("{text} | {vi} | {en}")
    }

    #[test]
    fn sentences_are_those_that_were_read_and_approved() {
        let lines: Vec<&str> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() >= 40);
        let found = lines.iter().map(|golden| line(golden.split(" | ").next().unwrap_or(golden)));
        let differ: Vec<String> = found.zip(&lines).filter(|(found, golden)| found != *golden).map(|d| d.0).collect();
        assert!(differ.is_empty(), "these lines changed:\n{}", differ.join("\n"));
    }

    #[test]
    fn different_recurrences_have_different_sentences() {
        let mut seen = std::collections::BTreeMap::new();
        for text in GOLDEN.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(" | ").next()) {
            let recurrence = cron::parse(text).unwrap();
            for language in [Language::Vietnamese, Language::English] {
                // What is written differently but fires alike may share its sentence.
                let plain = Recurrence { either_day: false, ..recurrence };
                let other = seen.insert(sentence(&recurrence, language), plain);
                assert!(other.is_none_or(|other| other == plain), "{text}");
            }
        }
    }

    /// What tells two recurrences apart by their firings: a day field that covers everything decides the other.
    fn plain(line: Recurrence) -> Recurrence {
        let all = Recurrence::ALWAYS;
        let (every_date, every_weekday) = (line.day == all.day, line.weekday == all.weekday);
        match line.either_day && (every_date || every_weekday) {
            true => Recurrence { day: all.day, weekday: all.weekday, either_day: false, ..line },
            false => Recurrence { either_day: line.either_day && !every_date && !every_weekday, ..line },
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_sentence_changes_with_every_bit(
            second in sets(0, 59), minute in sets(0, 59), hour in sets(0, 23), day in sets(1, 31),
            month in sets(1, 12), weekday in sets(0, 6), either_day in any::<bool>(), flip in 0u32..200,
        ) {
            let line = Recurrence { second, minute, hour: hour as u32, day: day as u32, month: month as u16,
                                    weekday: weekday as u8, either_day };
            let mut other = line;
            match flip {
                0..60 => other.second ^= 1 << flip,
                60..120 => other.minute ^= 1 << (flip - 60),
                120..144 => other.hour ^= 1 << (flip - 120),
                144..175 => other.day ^= 2 << (flip - 144),
                175..187 => other.month ^= 2 << (flip - 175),
                187..194 => other.weekday ^= 1 << (flip - 187),
                _ => other.either_day = !other.either_day,
            }
            prop_assume!(plain(line) != plain(other) && !line.never_fires() && !other.never_fires());
            for language in [Language::Vietnamese, Language::English] {
                prop_assert_ne!(sentence(&line, language), sentence(&other, language));
            }
        }
    }

    /// Sets as cron lines have them: all, one, a step, a range, or anything.
    fn sets(first: u32, last: u32) -> impl Strategy<Value = u64> {
        let all = (1u64 << (last + 1)) - (1 << first);
        let stepped = move |(from, to, step): (u32, u32, usize)| {
            (from.min(to)..=from.max(to)).step_by(step).fold(0, |bits, number| bits | 1 << number)
        };
        prop_oneof![
            Just(all),
            (first..=last).prop_map(|number| 1 << number),
            (2usize..40).prop_map(move |step| stepped((first, last, step))),
            (first..=last, first..=last, 1usize..5).prop_map(stepped),
            any::<u64>().prop_map(move |bits| bits & all),
        ]
    }

    #[test]
    fn next_firings_stop_at_the_number_asked_for() {
        let daily = cron::parse("30 5 * * *").unwrap();
        let firings = next_firings(&daily, &Offsets::fixed(7 * 3600), UtcMs(0), 3);
        let day_ms = 86_400_000;
        // 05:30 in Việt Nam is 22:30 UTC of the day before.
        let first = UtcMs(22 * 3_600_000 + 30 * 60_000);
        assert_eq!(firings, [first, first.plus_ms(day_ms), first.plus_ms(2 * day_ms)]);
    }
}
