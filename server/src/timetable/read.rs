//! Decides how files become a timetable, and finds all their faults in one reading rather than the first alone.
//!
//! The steps, each a file of `read/`: `source` (paths → texts), `syntax` (text → tree, the only file that knows TOML),
//! `index` (which ids exist), `area`, `board`, `content`, `slide`, `order` (tree → model, with `fields`, `values` and
//! `pattern`), and `links` (what only the whole shows: circles, zones, orders that reach nobody). What cron texts and
//! zones mean, and which letters boards have, is decided by the caller's checkers. Next: `read/source.rs`.

mod area;
mod board;
mod content;
mod fields;
mod index;
mod links;
mod nearest;
mod order;
mod pattern;
mod slide;
mod source;
mod syntax;
mod values;
mod video;

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::limits;
use super::model::Timetable;
use super::problem::{Problem, Spot};
use fields::Fields;
use index::Index;
pub use source::Source;
pub use syntax::settings;
use syntax::{Entry, Value};

/// Checks a text and says which of its bytes are wrong, what is wrong, and what to write instead.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<(), (Range<usize>, String, String)>;

/// What the reader cannot judge itself.
#[derive(Clone, Copy)]
pub struct Checks<'a> {
    /// Whether a cron expression can be read and ever fires.
    pub cron: Check<'a>,
    /// Whether a text is an IANA time zone.
    pub zone: Check<'a>,
    /// Whether boards have a picture of a letter.
    pub letter: &'a dyn Fn(char) -> bool,
}

/// Reads files, and every `.toml` file in folders and the folders below them, as one timetable.
///
/// # Errors
/// Every problem found, in the order of the files and their lines, at most [`limits::PROBLEMS`].
pub fn read(paths: &[PathBuf], checks: &Checks<'_>) -> Result<Timetable, Vec<Problem>> {
    let (sources, problems) = source::gather(paths);
    assemble(&sources, checks, &|path| path.is_file(), problems)
}

/// Reads texts that are not on a disk, such as what somebody typed into the console. `has_file` says whether a clip's
/// file is there.
///
/// # Errors
/// As [`read`].
pub fn read_texts(
    sources: &[Source],
    checks: &Checks<'_>,
    has_file: &dyn Fn(&Path) -> bool,
) -> Result<Timetable, Vec<Problem>> {
    assemble(sources, checks, has_file, Vec::new())
}

fn assemble(
    sources: &[Source],
    checks: &Checks<'_>,
    has_file: &dyn Fn(&Path) -> bool,
    found: Vec<Problem>,
) -> Result<Timetable, Vec<Problem>> {
    let report = Report::new(found);
    let files = parse(sources, &report);
    let mut timetable = Timetable::default();
    // Where a file could not be parsed, or not be read at all, its ids are unknown, and every reference to them would
    // look wrong: references wait for the next reading.
    if report.is_empty() {
        let tables = tables(&files, &report);
        let index = Index::of(&tables, &report);
        let context = Context { checks, has_file, index: &index, report: &report };
        let drafts = draft(&tables, &context);
        links::check(&drafts, &index, &report);
        timetable = drafts.into_timetable();
    }
    let problems = report.finish();
    if problems.is_empty() { Ok(timetable) } else { Err(problems) }
}

/// What reading one entry needs beside the entry.
pub(in crate::timetable) struct Context<'a> {
    checks: &'a Checks<'a>,
    has_file: &'a dyn Fn(&Path) -> bool,
    index: &'a Index,
    report: &'a Report,
}

/// A file and its top-level entries.
struct File<'a> {
    source: &'a Source,
    entries: Vec<Entry>,
}

fn parse<'a>(sources: &'a [Source], report: &Report) -> Vec<File<'a>> {
    let mut files = Vec::new();
    for source in sources {
        match syntax::parse(&source.text) {
            Ok(entries) => files.push(File { source, entries }),
            Err(faults) => {
                for (span, detail) in faults {
                    report.add(Problem::new("toml-syntax", Some(source.spot(span))).with("detail", detail));
                }
            }
        }
    }
    files
}

/// The table names a timetable has, in the order in which people would write them.
const TABLES: [&str; 9] = ["place", "board", "player", "campaign", "clip", "template", "slide", "programme", "order"];

/// One `[[name]]` of a file.
struct Table<'a> {
    name: &'static str,
    source: &'a Source,
    span: Range<usize>,
    entries: &'a [Entry],
}

/// All tables of all files, in order; what is no table of ours is reported.
fn tables<'a>(files: &'a [File<'a>], report: &Report) -> Vec<Table<'a>> {
    let mut tables = Vec::new();
    let mut counts = [0_usize; TABLES.len()];
    for File { source, entries } in files {
        for entry in entries {
            let Some(kind) = TABLES.iter().position(|name| *name == entry.key) else {
                let problem = Problem::new("unknown-table", Some(source.spot(entry.key_span.clone())));
                let suggestion = nearest::nearest(&entry.key, TABLES);
                report.add(problem.with("key", values::shown(&entry.key)).suggest(suggestion));
                continue;
            };
            let name = TABLES[kind];
            let Value::List(items) = &entry.node.value else {
                report.add(
                    Problem::new("not-a-list-of-tables", Some(source.spot(entry.key_span.clone()))).with("table", name),
                );
                continue;
            };
            for item in items {
                let Value::Table(entries) = &item.value else {
                    report.add(
                        Problem::new("not-a-list-of-tables", Some(source.spot(item.span.clone()))).with("table", name),
                    );
                    continue;
                };
                counts[kind] += 1;
                if counts[kind] == limits::ENTRIES + 1 {
                    let problem = Problem::new("too-many-entries", Some(source.spot(item.span.clone())));
                    report.add(problem.with("table", name).with("limit", limits::ENTRIES));
                }
                tables.push(Table { name, source, span: item.span.clone(), entries });
            }
        }
    }
    tables
}

/// Turns each table into its entry of the model; an entry with a fault is left out, and its fault reported.
fn draft<'a>(tables: &[Table<'a>], context: &'a Context<'a>) -> links::Drafts<'a> {
    let mut drafts = links::Drafts::default();
    let fields = |table: &Table<'a>| Fields::new(table.name, table.source, table.span.clone(), table.entries, context);
    // Slides are made of templates, which may stand in a later file.
    let templates = tables.iter().filter(|table| table.name == "template");
    drafts.templates = templates.filter_map(|table| slide::template(fields(table))).collect();
    for table in tables {
        let fields = fields(table);
        match table.name {
            "template" => {}
            "place" => drafts.places.extend(area::place(fields)),
            "board" => drafts.boards.extend(board::board(fields)),
            "player" => drafts.players.extend(area::player(fields)),
            "campaign" => drafts.campaigns.extend(content::campaign(fields)),
            "clip" => drafts.clips.extend(content::clip(fields)),
            "slide" => drafts.slides.extend(slide::slide(fields, &drafts.templates)),
            "programme" => drafts.programmes.extend(content::programme(fields)),
            _ => drafts.orders.extend(order::order(fields)),
        }
    }
    drafts
}

/// The problems found so far. Shared, because every step adds to it while it holds parts of the tree.
struct Report {
    problems: RefCell<Vec<Problem>>,
    left_out: Cell<usize>,
}

impl Report {
    fn new(problems: Vec<Problem>) -> Self {
        Self { problems: RefCell::new(problems), left_out: Cell::new(0) }
    }

    fn add(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < limits::PROBLEMS {
            problems.push(problem);
        } else {
            self.left_out.set(self.left_out.get() + 1);
        }
    }

    fn is_empty(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// All problems, by file in reading order and then by line.
    fn finish(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        let mut files: Vec<_> = Vec::new();
        for file in problems.iter().filter_map(|problem| Some(problem.spot.as_ref()?.file.clone())) {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        let rank = |spot: &Spot| files.iter().position(|file| *file == spot.file);
        problems.sort_by_key(|problem| problem.spot.as_ref().map(|spot| (rank(spot), spot.line, spot.column)));
        if self.left_out.get() > 0 {
            problems.push(Problem::new("problems-left-out", None).with("count", self.left_out.get()));
        }
        problems
    }
}

#[cfg(test)]
mod tests;
