//! A bar for every month: what was due, and what became of it, from dark (played) to white (not reported).
//!
//! It is read in black and white too: the headings differ in lightness, stand always in the same order, and every bar
//! carries its share in figures. Which numbers it shows is decided in `account`.

use loa_domain::play::player::Outcome;
use loa_domain::time::Month;

use super::Report;
use super::ink::{Colour, Mark};
use super::paper::{LEFT, Look, Paper, Side, WIDTH};
use super::tables::Cell;
use crate::audit::account::Tally;

/// Months in one row of bars.
const ACROSS: usize = 12;
const HEIGHT: f32 = 96.0;
const SIZE: f32 = 6.6;

/// The parts of a bar from the ground up, with how dark each is: the word that names it, and its number.
const PARTS: [(&str, Colour); 4] =
    [("played", (31, 73, 125)), ("cut", (122, 160, 205)), ("missed", (214, 214, 214)), ("unreported", (255, 255, 255))];

fn parts(tally: &Tally) -> [u64; 4] {
    let played = tally.sounded(Outcome::Played);
    let (missed, unreported) = (tally.missed_sum(), tally.unreported.sum());
    // What is left: parts, interruptions, and what is claimed by a command alone.
    [played, tally.due.saturating_sub(played + missed + unreported), missed, unreported]
}

/// Draws the chart.
pub(super) fn draw(paper: &mut Paper<'_>, report: &Report<'_>) {
    let months: Vec<(&Month, &Tally)> = report.account.months.iter().collect();
    let most = months.iter().map(|(_, tally)| tally.due).max().unwrap_or(0);
    if most == 0 {
        return;
    }
    paper.heading(&report.words.say("report-chart"), HEIGHT + 50.0);
    legend(paper, report);
    for row in months.chunks(ACROSS) {
        paper.need(HEIGHT + 34.0);
        let ground = paper.y + HEIGHT + 12.0;
        let across = row.len().max(4) as f32;
        let step = (WIDTH - 30.0) / across;
        scale(paper, report, most, ground);
        for (number, (month, tally)) in row.iter().enumerate() {
            let x = LEFT + 30.0 + step * number as f32;
            bar(paper, report, tally, (x, ground), step, most);
            let name = report.month(**month);
            paper.write(&name, Look::new(SIZE, false).on(Side::Middle), (x, ground + 2.0), step);
        }
        paper.y = ground + 16.0;
    }
}

fn legend(paper: &mut Paper<'_>, report: &Report<'_>) {
    let step = WIDTH / PARTS.len() as f32;
    let y = paper.y;
    for (number, (name, colour)) in PARTS.iter().enumerate() {
        let x = LEFT + step * number as f32;
        paper.mark(Mark::Box { x, y: y + 1.5, width: 9.0, height: 6.5, fill: Some(*colour), edge: 0.4 });
        paper.write(
            &report.words.say(&format!("report-part-{name}")),
            Look::new(SIZE, false),
            (x + 12.0, y),
            step - 14.0,
        );
    }
    paper.skip(14.0);
}

/// Lines at nothing, half and all of the busiest month.
fn scale(paper: &mut Paper<'_>, report: &Report<'_>, most: u64, ground: f32) {
    for (part, cues) in [(0.0, 0), (0.5, most / 2), (1.0, most)] {
        let y = ground - HEIGHT * part;
        paper.mark(Mark::Line { from: (LEFT + 28.0, y), to: (LEFT + WIDTH, y), thick: 0.25 });
        let text = report.shown(&Cell::Number(cues));
        paper.write(&text, Look::new(SIZE, false).on(Side::Right), (LEFT, y - 4.6), 26.0);
    }
}

fn bar(paper: &mut Paper<'_>, report: &Report<'_>, tally: &Tally, (x, ground): (f32, f32), step: f32, most: u64) {
    let width = (step * 0.6).min(26.0);
    let (left, x) = (x, x + (step - width) / 2.0);
    let mut y = ground;
    for (cues, (_, colour)) in parts(tally).into_iter().zip(PARTS).filter(|(cues, _)| *cues > 0) {
        let height = cues as f32 / most as f32 * HEIGHT;
        y -= height;
        paper.mark(Mark::Box { x, y, width, height, fill: Some(colour), edge: 0.4 });
    }
    let share = report.shown(&Cell::Share(tally.played_per_mille()));
    paper.write(&share, Look::new(SIZE, true).on(Side::Middle), (left, y - 9.4), step);
}
