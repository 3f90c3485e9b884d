//! How late a clip starts: our player on its own timetable, beside mpd that is told to play at the exact second.
//!
//! Both play the same FLAC file to a virtual card, which says when its first frame was heard. The peer's trigger is
//! kinder than cron: a process that is awake, sleeps to the very second and calls `mpc play`.

use crate::card::{Cards, tone};
use crate::desk::{Desk, Timetable};
use crate::playing::{Mpd, now_ns, sleep_until};
use crate::table::{Failed, Table, median};

const STARTS: usize = 7;
/// A start every so many seconds; it divides a minute.
const EVERY_S: i64 = 4;
const TONE_MS: usize = 1_000;
const EVERY_NS: i64 = EVERY_S * 1_000_000_000;

/// Measures it.
pub fn measure(table: &mut Table) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let Some(cards) = Cards::build(dir.path(), &["loa", "mpd"])? else {
        table.say("starts: no C compiler or no libasound2-dev for the virtual card");
        return Ok(());
    };
    let clip = dir.path().join("tone.wav");
    tone(&clip, TONE_MS)?;
    let at = format!("*/{EVERY_S} * * * * *");
    let desk = Desk::start(&Timetable { players: 1, clip: &clip, lossless: true, at: &at }, None)?;
    let agent = desk.agent(0, "card:loa", &cards.config())?;
    let first_ns = next_ns(2);
    sleep_until(first_ns + STARTS as i64 * EVERY_NS - EVERY_NS / 4)?;
    drop(agent);
    let ours_ms = errors_ms(&cards, "loa", first_ns)?;
    let file = dir.path().join("tone.flac");
    std::fs::copy(desk.rendition()?, &file)?;
    drop(desk);
    let (middle, worst) = (median(ours_ms.clone()), ours_ms.iter().copied().fold(0.0, f64::max));
    let what = format!("start error, median of {STARTS}");
    let Some(mpd) = Mpd::start(dir.path(), &cards, "mpd", &file)? else {
        table.alone(what, middle, "ms");
        table.alone("– the worst", worst, "ms");
        table.say("starts: mpd or mpc is not installed; ours stands alone");
        return Ok(());
    };
    let first_ns = next_ns(1);
    for number in 0..STARTS as i64 {
        sleep_until(first_ns + number * EVERY_NS)?;
        mpd.play()?;
    }
    sleep_until(first_ns + STARTS as i64 * EVERY_NS - EVERY_NS / 4)?;
    drop(mpd);
    let theirs_ms = errors_ms(&cards, "mpd", first_ns)?;
    let name = "mpd, `mpc play` at the second";
    table.beside(what, middle, name, median(theirs_ms.clone()), "ms");
    table.beside("– the worst", worst, name, theirs_ms.iter().copied().fold(0.0, f64::max), "ms");
    table.say(format!("starts: ours {ours_ms:.3?} ms, mpd {theirs_ms:.1?} ms"));
    Ok(())
}

/// The start after so many more.
fn next_ns(skip: i64) -> i64 {
    (now_ns() / EVERY_NS + skip) * EVERY_NS
}

/// How far each start from `first_ns` on was from its second, in milliseconds, late or early.
fn errors_ms(cards: &Cards, card: &str, first_ns: i64) -> Result<Vec<f64>, Failed> {
    let onsets = cards.onsets_ns(card)?;
    let error_ns = |onset: i64| (onset - first_ns + EVERY_NS / 2).rem_euclid(EVERY_NS) - EVERY_NS / 2;
    let counted = onsets.into_iter().filter(|onset| *onset > first_ns - EVERY_NS / 2).take(STARTS);
    let errors: Vec<f64> = counted.map(|onset| (error_ns(onset) as f64 / 1e6).abs()).collect();
    if errors.len() == STARTS {
        Ok(errors)
    } else {
        Err(format!("{card}: {} of {STARTS} were heard", errors.len()).into())
    }
}
