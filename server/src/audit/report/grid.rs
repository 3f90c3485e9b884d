//! A map without a map: one cell for every place, the darker the more of what was due was played.
//!
//! The share stands in every cell in figures, so a copy in black and white says the same; a place where nothing was
//! played is white and crossed out. With few places each player has a cell of its own.

use std::collections::BTreeMap;

use super::Report;
use super::font::clean;
use super::ink::{BLACK, Colour, Mark};
use super::paper::{LEFT, Look, Paper, Side, WIDTH};
use super::tables::Cell;
use crate::audit::account::Tally;
use crate::timetable::model::PlaceKey;

/// From how many thousandths on a cell has this shade, and the shade of its letters.
const SHADES: [(u64, Colour, Colour); 4] = [
    (950, (31, 73, 125), (255, 255, 255)),
    (800, (84, 130, 186), (255, 255, 255)),
    (500, (158, 188, 222), BLACK),
    (1, (221, 231, 243), BLACK),
];
const WHITE: Colour = (255, 255, 255);
/// Up to so many players each has its cell; beyond, each place.
const PLAYERS: usize = 48;

/// Draws the grid.
pub(super) fn draw(paper: &mut Paper<'_>, report: &Report<'_>) {
    let by_player = report.account.players.len() <= PLAYERS;
    let cells = if by_player { of_players(report) } else { of_places(report) };
    if cells.is_empty() {
        return;
    }
    let title = if by_player { "report-grid-players" } else { "report-grid-places" };
    paper.heading(&report.words.say(title), 70.0);
    legend(paper, report);
    let across = if cells.len() > 240 { 10 } else { 7 };
    let (width, height) = (WIDTH / across as f32, 30.0);
    for row in cells.chunks(across) {
        paper.need(height);
        for (number, (name, share)) in row.iter().enumerate() {
            cell(paper, report, name, *share, (LEFT + width * number as f32, paper.y), (width, height));
        }
        paper.skip(height);
    }
}

fn of_players(report: &Report<'_>) -> Vec<(String, Option<u64>)> {
    let players = report.account.players.iter().filter(|(_, player)| player.tally.due > 0);
    players.map(|(id, player)| (id.to_string(), player.tally.played_per_mille())).collect()
}

fn of_places(report: &Report<'_>) -> Vec<(String, Option<u64>)> {
    let mut places: BTreeMap<&PlaceKey, Tally> = BTreeMap::new();
    for ((place, _), tally) in &report.account.rows {
        places.entry(place).or_default().add(tally);
    }
    let name = |place: &PlaceKey| {
        let own = report.account.places.get(place).and_then(|names| names.lineage.first());
        own.cloned().unwrap_or_else(|| place.code.clone())
    };
    places
        .into_iter()
        .filter(|(_, tally)| tally.due > 0)
        .map(|(at, tally)| (name(at), tally.played_per_mille()))
        .collect()
}

fn shade(share: u64) -> (Colour, Colour) {
    SHADES.iter().find(|(from, ..)| share >= *from).map_or((WHITE, BLACK), |(_, fill, letters)| (*fill, *letters))
}

fn cell(
    paper: &mut Paper<'_>,
    report: &Report<'_>,
    name: &str,
    share: Option<u64>,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
) {
    let (fill, colour) = shade(share.unwrap_or(0));
    paper.mark(Mark::Box { x, y, width, height, fill: Some(fill), edge: 0.4 });
    if share == Some(0) {
        paper.mark(Mark::Line { from: (x, y + height), to: (x + width, y), thick: 0.25 });
    }
    let look = |size, bold| Look { colour, ..Look::new(size, bold).on(Side::Middle) };
    let size = if width < 50.0 { 5.4 } else { 6.4 };
    let name = shortened(paper, name, size, width - 4.0);
    paper.write(&name, look(size, false), (x + 2.0, y + 3.0), width - 4.0);
    paper.write(&report.shown(&Cell::Share(share)), look(8.0, true), (x + 2.0, y + 15.0), width - 4.0);
}

/// A name that fits a cell; an ellipsis tells that there was more (the table has the whole of it).
fn shortened(paper: &Paper<'_>, name: &str, size: f32, width: f32) -> String {
    let fits = |text: &str| paper.fonts.of(false).width(text, size) <= width - 0.5;
    let name = clean(name, paper.fonts);
    if fits(&name) {
        // Blanks would break the line where the sum of the words just fits.
        return name.replace(' ', "\u{a0}");
    }
    let mut letters: Vec<char> = name.chars().collect();
    while !letters.is_empty() {
        letters.pop();
        let text: String = letters.iter().chain(&['…']).collect();
        if fits(&text) {
            return text.replace(' ', "\u{a0}");
        }
    }
    name
}

fn legend(paper: &mut Paper<'_>, report: &Report<'_>) {
    let (y, step) = (paper.y, WIDTH / 5.0);
    let shades = SHADES.iter().map(|(_, fill, _)| *fill).chain([WHITE]);
    for (number, fill) in shades.enumerate() {
        let x = LEFT + step * number as f32;
        paper.mark(Mark::Box { x, y: y + 1.5, width: 9.0, height: 6.5, fill: Some(fill), edge: 0.4 });
        if fill == WHITE {
            paper.mark(Mark::Line { from: (x, y + 8.0), to: (x + 9.0, y + 1.5), thick: 0.25 });
        }
        let text = report.words.say(&format!("report-shade-{number}"));
        paper.write(&text, Look::new(6.6, false), (x + 12.0, y), step - 14.0);
    }
    paper.skip(14.0);
}
