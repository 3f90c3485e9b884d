//! The tables of a report: which rows and columns there are, before they have a look.
//!
//! One source for paper, workbook and text, so that the forms cannot differ. Columns of levels of evidence stand beside
//! one another and are never added. Titles and sentences come from `words.rs`.

use loa_domain::play::player::Outcome;
use loa_domain::time::UtcMs;

use super::Report;
use crate::audit::account::{FailureKey, LEVELS, PlayerAccount, Tally};
use crate::timetable::model::Kind;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Words.
    Text(String),
    /// A number of cues.
    Number(u64),
    /// A length, given in milliseconds and shown as minutes.
    Minutes(u64),
    /// A share in thousandths, shown per cent; none where nothing was due.
    Share(Option<u64>),
    /// A date and time.
    Moment(Option<UtcMs>),
}

/// A column: its title, the stable name that programs know it by, its share of the width.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub title: String,
    pub name: String,
    pub width: f32,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub title: String,
    /// The stable name that programs know it by.
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The last row adds up the others.
    pub has_total: bool,
}

impl Report<'_> {
    fn column(&self, name: &str, width: f32) -> Column {
        Column { title: self.words.say(&format!("report-column-{name}")), name: name.replace('-', "_"), width }
    }

    fn level_column(&self, name: &str, at: usize, width: f32) -> Column {
        let title = self.words.with(&format!("report-column-{name}"), &[("level", level(at))]);
        Column { title, name: format!("{}_{}", name.replace('-', "_"), level(at).to_lowercase()), width }
    }

    fn table(&self, name: &'static str, columns: Vec<Column>, rows: Vec<Vec<Cell>>, has_total: bool) -> Table {
        let title = self.words.say(&format!("report-table-{name}"));
        Table { title, name, columns, rows, has_total }
    }

    /// The columns of what became of cues, for these levels of evidence.
    fn tally_columns(&self, levels: &[usize]) -> Vec<Column> {
        let mut columns = vec![self.column("due", 1.0)];
        columns.extend(levels.iter().map(|at| self.level_column("played", *at, 1.0)));
        columns.extend(["partial", "interrupted", "missed", "unreported"].map(|name| self.column(name, 1.0)));
        columns.push(self.column("share", 1.0));
        columns.push(self.column("minutes-due", 1.15));
        columns.extend(levels.iter().map(|at| self.level_column("minutes", *at, 1.15)));
        columns
    }

    /// One row per place where players stand, and campaign.
    pub(super) fn coverage(&self, levels: &[usize]) -> Table {
        let mut columns = vec![self.column("place", 2.8), self.column("within", 2.4), self.column("code", 1.5)];
        columns.push(self.column("campaign", 2.0));
        columns.extend(self.tally_columns(levels));
        let mut rows: Vec<_> = self.account.rows.iter().collect();
        rows.sort_by_cached_key(|((place, campaign), _)| {
            let lineage: Option<Vec<String>> =
                self.account.places.get(place).map(|names| names.lineage.iter().rev().cloned().collect());
            (lineage.unwrap_or_default(), place.clone(), campaign.clone())
        });
        let row = |((place, campaign), tally): (&(_, String), &Tally)| {
            let mut cells = self.place_cells(place);
            cells.push(Cell::Text(self.campaign(campaign)));
            cells.extend(tally_cells(tally, levels));
            cells
        };
        let mut rows: Vec<Vec<Cell>> = rows.into_iter().map(row).collect();
        let mut total = vec![Cell::Text(self.words.say("report-total"))];
        total.extend(std::iter::repeat_n(Cell::Text(String::new()), 3));
        total.extend(tally_cells(&self.account.total, levels));
        rows.push(total);
        self.table("coverage", columns, rows, true)
    }

    fn place_cells(&self, place: &crate::timetable::model::PlaceKey) -> Vec<Cell> {
        let lineage = self.account.places.get(place).map(|names| names.lineage.as_slice()).unwrap_or_default();
        let own = lineage.first().cloned().unwrap_or_else(|| place.code.clone());
        let above = lineage.get(1..).unwrap_or_default().join(", ");
        vec![Cell::Text(own), Cell::Text(above), Cell::Text(place.to_string())]
    }

    fn keyed<'t>(
        &self,
        name: &'static str,
        levels: &[usize],
        first: &[&str],
        rows: impl Iterator<Item = (Vec<Cell>, &'t Tally)>,
    ) -> Table {
        let mut columns: Vec<Column> = first.iter().map(|name| self.column(name, 2.4)).collect();
        columns.extend(self.tally_columns(levels));
        let row = |(mut cells, tally): (Vec<Cell>, &Tally)| {
            cells.extend(tally_cells(tally, levels));
            cells
        };
        self.table(name, columns, rows.map(row).collect(), false)
    }

    /// One row per month.
    pub(super) fn months(&self, levels: &[usize]) -> Table {
        let rows = self.account.months.iter().map(|(month, tally)| (vec![Cell::Text(self.month(*month))], tally));
        self.keyed("months", levels, &["month"], rows)
    }

    /// One row per kind of player and language.
    pub(super) fn languages(&self, levels: &[usize]) -> Table {
        let rows = self
            .account
            .languages
            .iter()
            .map(|((kind, language), tally)| (vec![self.kind(*kind), Cell::Text(self.language(language))], tally));
        self.keyed("languages", levels, &["kind", "language"], rows)
    }

    /// One row per kind of player and category.
    pub(super) fn categories(&self, levels: &[usize]) -> Table {
        let rows = self.account.categories.iter().map(|((kind, category), tally)| {
            let said = if category.is_empty() { self.words.say("report-no-category") } else { category.clone() };
            (vec![self.kind(*kind), Cell::Text(said)], tally)
        });
        self.keyed("categories", levels, &["kind", "category"], rows)
    }

    fn kind(&self, kind: Kind) -> Cell {
        Cell::Text(self.words.say(if kind == Kind::Speaker { "report-kind-speaker" } else { "report-kind-board" }))
    }

    /// Missed and not reported, by reason.
    pub(super) fn reasons(&self) -> Table {
        let total = &self.account.total;
        let missed = total.missed.iter().map(|(reason, cues)| (self.what("missed"), self.reason(reason), *cues));
        let unreported = [
            ("awaited", total.unreported.awaited),
            ("no-timetable", total.unreported.no_timetable),
            ("unaccounted", total.unreported.unaccounted),
        ];
        let unreported = unreported.map(|(name, cues)| (self.words.say("report-unreported"), self.what(name), cues));
        let rows = missed.chain(unreported).filter(|(_, _, cues)| *cues > 0);
        let rows = rows.map(|(what, why, cues)| vec![Cell::Text(what), Cell::Text(why), Cell::Number(cues)]);
        let columns = vec![self.column("what", 2.0), self.column("reason", 5.0), self.column("cues", 1.0)];
        self.table("reasons", columns, rows.collect(), false)
    }

    /// What each level of evidence holds; levels are rows and have no sum.
    pub(super) fn evidence(&self) -> Table {
        let total = &self.account.total;
        let row = |at: usize| {
            let count = |outcome| total.at_level(at, outcome);
            let mut cells = vec![Cell::Text(level(at).to_owned()), Cell::Text(self.level_words(at))];
            let outcomes = [Outcome::Played, Outcome::Partial, Outcome::Interrupted];
            cells.extend(outcomes.map(|outcome| Cell::Number(count(outcome).cues)));
            cells.push(Cell::Minutes(outcomes.into_iter().map(|outcome| count(outcome).heard_ms).sum()));
            cells.push(Cell::Number(total.extra[at].cues));
            cells.push(Cell::Minutes(total.extra[at].heard_ms));
            cells
        };
        let mut columns = vec![self.column("level", 0.7), self.column("means", 5.0)];
        columns.extend(["played-all", "partial", "interrupted"].map(|name| self.column(name, 1.0)));
        columns.push(self.column("minutes-all", 1.15));
        columns.extend(["extra", "extra-minutes"].map(|name| self.column(name, 1.15)));
        self.table("evidence", columns, (0..LEVELS).map(row).collect(), false)
    }

    /// What failed, the most frequent first; at most `most` rows.
    pub(super) fn failures(&self, most: usize) -> Table {
        let columns = [
            ("place", 2.4),
            ("code", 1.7),
            ("player", 1.8),
            ("order", 2.0),
            ("what", 1.5),
            ("reason", 2.4),
            ("cues", 0.8),
            ("first", 1.7),
            ("last", 1.7),
        ];
        let mut failures: Vec<_> = self.account.failures.iter().collect();
        failures.sort_by_key(|(_, failure)| std::cmp::Reverse(failure.cues));
        let rows = failures.into_iter().take(most).map(|(key, failure)| {
            let mut cells = self.place_cells(&key.place);
            cells.remove(1);
            cells.extend(self.failure_words(key));
            cells.push(Cell::Number(failure.cues));
            cells.extend([failure.first, failure.last].map(|at| Cell::Moment(Some(at))));
            cells
        });
        self.table("failures", columns.map(|(name, width)| self.column(name, width)).to_vec(), rows.collect(), false)
    }

    fn failure_words(&self, key: &FailureKey) -> [Cell; 4] {
        let order = if key.order.is_empty() { self.words.say("report-other-orders") } else { key.order.clone() };
        let (what, reason) = (self.what(key.what.name()), self.reason(key.reason));
        [key.player.to_string(), order, what, reason].map(Cell::Text)
    }

    /// One row per player: how far its records reach, and whether it is silent.
    pub(super) fn players(&self, chosen: impl Fn(&PlayerAccount) -> bool) -> Table {
        let columns = [
            ("player", 2.0),
            ("name", 2.6),
            ("place", 2.2),
            ("due", 0.9),
            ("unreported", 1.1),
            ("share", 0.9),
            ("newest", 1.8),
            ("silent", 1.8),
            ("removed", 1.8),
        ];
        let rows = self.account.players.iter().filter(|(_, player)| chosen(player)).map(|(id, player)| {
            vec![
                Cell::Text(id.to_string()),
                Cell::Text(player.name.clone()),
                self.place_cells(&player.place).swap_remove(0),
                Cell::Number(player.tally.due),
                Cell::Number(player.tally.unreported.sum()),
                Cell::Share(player.tally.played_per_mille()),
                Cell::Moment(player.newest.map(|newest| newest.when)),
                Cell::Moment(player.silent_since),
                Cell::Moment(player.removed),
            ]
        });
        let rows = rows.collect();
        self.table("players", columns.map(|(name, width)| self.column(name, width)).to_vec(), rows, false)
    }

    /// The levels of evidence that occur; E1 where none does, so that a table has its columns.
    pub(super) fn levels(&self) -> Vec<usize> {
        levels_in_use(&self.account.total)
    }
}

fn tally_cells(tally: &Tally, levels: &[usize]) -> Vec<Cell> {
    let at_all = |outcome| (0..LEVELS).map(|at| tally.at_level(at, outcome).cues).sum();
    let heard_ms = |at: usize| tally.heard[at].iter().map(|count| count.heard_ms).sum();
    let mut cells = vec![Cell::Number(tally.due)];
    cells.extend(levels.iter().map(|at| Cell::Number(tally.at_level(*at, Outcome::Played).cues)));
    cells.push(Cell::Number(at_all(Outcome::Partial)));
    cells.push(Cell::Number(at_all(Outcome::Interrupted)));
    cells.push(Cell::Number(tally.missed_sum()));
    cells.push(Cell::Number(tally.unreported.sum()));
    cells.push(Cell::Share(tally.played_per_mille()));
    cells.push(Cell::Minutes(tally.due_ms));
    cells.extend(levels.iter().map(|at| Cell::Minutes(heard_ms(*at))));
    cells
}

/// The short name of a level of evidence.
const fn level(at: usize) -> &'static str {
    ["E0", "E1", "E2", "E3"][at]
}

/// The levels that occur in a tally; E1 where none does.
fn levels_in_use(total: &Tally) -> Vec<usize> {
    let used: Vec<usize> = (0..LEVELS).filter(|at| total.heard[*at].iter().any(|count| count.cues > 0)).collect();
    if used.is_empty() { vec![1] } else { used }
}
