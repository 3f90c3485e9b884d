//! The walk over a log: batch by batch, what needs no neighbours on all cores, then everything else in order.
//!
//! It decides only the order of things; each rule has its own file. Memory holds one batch, one state per chain, and the
//! nodes over whole tiles. Next: `head.rs`.

use loa_domain::audit::merkle::Head;
use loa_domain::audit::tiles::{Level, WIDTH};
use loa_domain::proof::record::Body;

use crate::again;
use crate::chain::Here;
use crate::clocks::Bounds;
use crate::desk::Desk;
use crate::files::{self, Fault, Folder};
use crate::finding::{At, Finding, Lack, Unfit, View, Witness};
use crate::held::Held;
use crate::leaf::{Fact, Signed, Trust};
use crate::load::{self, Loaded};
use crate::players::Players;
use crate::report::{Report, Told};
use crate::times::Times;
use crate::tree::Tree;
use crate::views::Views;
use crate::workers;
use loa_domain::time::UtcMs;

/// Is told how far a check is.
pub trait Progress {
    /// So many entries of so many are done.
    fn at(&mut self, position: u64, total: u64);
}

impl Progress for () {
    fn at(&mut self, _: u64, _: u64) {}
}

impl<F: FnMut(u64, u64)> Progress for F {
    fn at(&mut self, position: u64, total: u64) {
        self(position, total);
    }
}

/// What the entries together say so far.
#[derive(Debug, Default)]
pub struct Story {
    origin: String,
    /// Size of the whole log.
    size: u64,
    players: Players,
    desk: Desk,
    times: Times,
    /// Trees that were seen.
    pub views: Views,
    /// Records handed in.
    pub held: Held,
}

impl Story {
    /// Before the first entry of a log of this name and size.
    #[must_use]
    pub fn new(origin: &str, size: u64, held: Held) -> Self {
        Self { origin: origin.to_owned(), size, held, ..Self::default() }
    }

    /// Takes in the entries of a tile; `matches` says which of them are those of the tree.
    fn take(&mut self, loaded: Loaded, matches: &[bool], report: &mut Report) {
        let first = loaded.tile.first();
        let read = loaded.facts.len() as u64;
        for ((fact, position), fits) in loaded.facts.into_iter().zip(first..).zip(matches) {
            report.summary.entries += 1;
            if *fits {
                self.entry(position, fact, report);
            } else {
                self.hole(1);
            }
        }
        self.hole(u64::from(loaded.tile.width).saturating_sub(read));
    }

    fn hole(&mut self, entries: u64) {
        if entries > 0 {
            self.players.hole(entries);
            self.desk.hole();
        }
    }

    fn entry(&mut self, position: u64, fact: Fact, report: &mut Report) {
        let readable = !matches!(fact, Fact::Invalid | Fact::Unreadable);
        if readable {
            let (opens, is_change) = (matches!(fact, Fact::Opened(_)), matches!(fact, Fact::Change(..)));
            self.desk.any(position, opens, is_change, report);
        }
        match fact {
            Fact::Opened(name) => self.desk.opens(position, &name, &self.origin, report),
            Fact::Record(signed, received) => self.record(position, &signed, received, report),
            Fact::Key(player, key) => self.players.key(position, player, key, report),
            Fact::Release(player, number, fault) => {
                let name = player.to_string();
                report_seal(position, fault.map(|fault| (name, fault)), report);
                self.players.release(position, player, number, report);
            }
            Fact::Act(number) => {
                report.summary.acts += 1;
                self.desk.act(position, number, report);
            }
            Fact::Change(change, line, lines, fault) => {
                report.summary.changes += 1;
                report_seal(position, fault, report);
                self.desk.change(position, (change, line, lines), report);
            }
            Fact::Placing(fault) => report_seal(position, fault, report),
            Fact::Noted(Ok(noted)) => {
                self.saw(
                    position,
                    View { by: Witness::Entry(position), size: noted.head.size, root: noted.head.root },
                    report,
                );
                self.desk.noted(position, &noted, &mut self.times, report);
            }
            Fact::Noted(Err(why)) => {
                report.add(Finding::Distrusted { name: String::new(), position: Some(position), why });
            }
            Fact::Unreadable => {
                self.hole(1);
                report.add(Finding::Edited { at: At { position, place: None }, why: Unfit::Wrong });
            }
            Fact::Invalid => {
                self.hole(1);
                report.add(Finding::Invalid { position });
            }
        }
    }

    /// Somebody saw a tree, and wrote so at `position`.
    fn saw(&mut self, position: u64, view: View, report: &mut Report) {
        if view.size <= position {
            self.views.ask(view);
        } else if view.size > self.size {
            self.views.ask_larger(view);
        } else {
            let at = match &view.by {
                Witness::Record(at) => at.clone(),
                _ => At { position, place: None },
            };
            report.add(Finding::SeenAhead { at, seen: view.size });
            self.views.ask_later(view);
        }
    }

    fn record(&mut self, position: u64, signed: &Signed, received: UtcMs, report: &mut Report) {
        let at = At { position, place: Some(signed.place()) };
        report.summary.records += 1;
        widen(&mut report.summary.received, received);
        widen(&mut report.summary.made, signed.record.stamp.utc);
        self.desk.received(at.clone(), received, &mut self.times, report);
        let seen = signed.record.seen.filter(|_| !signed.signers.is_empty());
        if let Some(seen) = seen {
            self.saw(position, View { by: Witness::Record(at.clone()), size: seen.size, root: seen.root }, report);
        }
        // At least one of the two trees that contradict each other is not this one.
        if let (Body::LogSplit { shown }, false) = (&signed.record.body, signed.signers.is_empty()) {
            self.saw(position, View { by: Witness::Record(at), size: shown.size, root: shown.root }, report);
        }
        let bounds =
            Bounds { received, seen: seen.map_or([None, None], |seen| self.times.seen(seen.size.min(position))) };
        let here = Here { position, holes: self.players.holes(), bounds };
        self.players.record(signed, &here, &mut self.held, report);
    }
}

fn widen(span: &mut Option<(UtcMs, UtcMs)>, at: UtcMs) {
    *span = Some(span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
}

fn report_seal(position: u64, fault: Option<(String, crate::finding::SealFault)>, report: &mut Report) {
    if let Some((name, fault)) = fault {
        report.add(Finding::Seal { position, name, fault });
    }
}

/// The numbers of the tiles of a log of `size` leaves, in batches.
fn batches(size: u64) -> impl Iterator<Item = Vec<u64>> {
    // Enough for each core to be busy, few enough that a batch of small records is some megabytes.
    let each = workers::count().saturating_mul(8).clamp(16, 256) as u64;
    let tiles = size.div_ceil(WIDTH);
    (0..tiles.div_ceil(each)).map(move |batch| (batch * each..((batch + 1) * each).min(tiles)).collect())
}

/// Reads a whole log; gives its tree. With a story its entries are looked at too.
pub fn walk(
    folder: &Folder,
    head: Head,
    mut story: Option<(&mut Story, Trust<'_>)>,
    progress: &mut dyn Progress,
    report: &mut Report,
) -> Tree {
    let mut tree = Tree::new(folder, head);
    let size = head.size;
    let trust = story.as_ref().map(|(_, trust)| *trust);
    tell_beyond(folder, size, report);
    progress.at(0, size);
    for tiles in batches(size) {
        let batch = workers::map(&tiles, |index| load::load(folder, *index, size, trust));
        if is_end(&batch, folder, size) {
            let first = batch.first().map_or(0, |loaded| loaded.tile.first());
            let path = batch.first().map_or_else(String::new, |loaded| loaded.tile.to_string());
            report.add(Finding::Missing { path, lack: Lack::Absent, leaves: first..size });
            tree.torn = true;
            return tree;
        }
        let mut done = 0;
        for loaded in batch {
            let matches = tree.take(&loaded, report);
            done = loaded.tile.first() + u64::from(loaded.tile.width);
            match &mut story {
                Some((story, _)) => story.take(loaded, &matches, report),
                None => report.summary.entries += loaded.own.len() as u64,
            }
        }
        if let Some((story, _)) = &mut story {
            story.views.settle(&tree, report);
        }
        progress.at(done, size);
    }
    tree.tell_above(report);
    tree
}

/// Whether nothing of a batch is there, and nothing of the log's end either: a size is a number that anybody can write.
fn is_end(batch: &[Loaded], folder: &Folder, size: u64) -> bool {
    let absent = |fault: Option<&Fault>| fault == Some(&Fault::Lack(Lack::Absent));
    let last = files::tile(Level::Entries, (size.max(1) - 1) / WIDTH, size);
    batch.iter().all(|loaded| absent(loaded.fault.as_ref()) && absent(loaded.kept.as_ref().err())) && !folder.has(last)
}

/// Tells a file that goes on behind the checkpoint.
fn tell_beyond(folder: &Folder, size: u64, report: &mut Report) {
    let next = files::tile(Level::Entries, size / WIDTH, size.saturating_add(WIDTH - size % WIDTH));
    if folder.has(next) {
        report.tell(Told::Beyond { path: next.to_string() });
    }
}

/// The log is over: settles what waited for its end.
pub fn end(folder: &Folder, mut story: Story, tree: &Tree, head: &Head, report: &mut Report) {
    story.desk.end(head.size, report);
    let again = std::mem::take(&mut story.players.again);
    let tiles: Vec<Vec<u64>> = if again.is_empty() { Vec::new() } else { batches(head.size).collect() };
    again::settle(folder, head.size, &again, &tiles, report);
    story.players.end(report);
    for view in story.held.views() {
        if view.size > head.size { story.views.ask_larger(view) } else { story.views.ask(view) }
    }
    story.held.end(|signed| story.players.owns(signed), report);
    story.views.take_up();
    story.views.settle(tree, report);
    story.views.end(head, tree.head(), report);
}
