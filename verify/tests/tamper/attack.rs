//! What can be done to a log, at a random place of it: what the auditor then gets, and what must be named.
//!
//! Each attack gives a trial. A trial is named rightly when the finding that it expects is there and none is of a class
//! that the bytes do not prove. The attacks on single records and chains are in `chains.rs`.

use std::collections::BTreeMap;

use loa_domain::audit::entry::Entry;
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_verify::{Class, Finding, Given, Report};

use crate::build::{self, Dice, World};

/// What an auditor gets after an attack, and what he must be told.
pub struct Trial {
    /// The log's files.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Whether his policy asks for the witnesses.
    pub witnesses: bool,
    /// Checkpoints seen elsewhere.
    pub checkpoints: Vec<Given>,
    /// Records that players hold.
    pub held: Vec<Given>,
    /// What must be found.
    pub expected: Box<dyn Fn(&Finding) -> bool>,
    /// Classes that may be found beside it.
    pub allowed: Vec<Class>,
}

impl Trial {
    /// Whether the report names what was done, and nothing that was not.
    pub fn is_named(&self, report: &Report) -> bool {
        let known = report.counts.keys().all(|class| self.allowed.contains(class));
        known && report.findings.iter().any(&self.expected)
    }

    /// The classes that may be found.
    pub fn allow(mut self, classes: &[Class]) -> Self {
        self.allowed.extend(classes);
        self
    }
}

/// The world's log as it is.
pub fn untouched(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut files = build::files(&world.entries[..newest(world)]);
    let _none = files.insert("checkpoint".to_owned(), world.published.last().expect("published").note.clone().into());
    files
}

/// Leaves of the newest checkpoint.
pub fn newest(world: &World) -> usize {
    world.published.last().expect("published").size as usize
}

/// The newest checkpoint, as somebody else kept it.
pub fn kept(world: &World) -> Vec<Given> {
    let bytes = world.published.last().expect("published").note.clone().into_bytes();
    vec![Given { name: "kept.note".to_owned(), bytes }]
}

/// Other entries with everything made anew, and signed with the log's key: no witness took part.
pub fn remade(world: &World, entries: &[Vec<u8>], expected: impl Fn(&Finding) -> bool + 'static) -> Trial {
    let mut files = build::files(entries);
    let note = world.note(entries.len() as u64, build::root_of(entries), false);
    let _none = files.insert("checkpoint".to_owned(), note.into_bytes());
    let (checkpoints, expected) = (kept(world), Box::new(expected));
    let allowed = vec![Class::SplitView, Class::Truncation];
    Trial { files, witnesses: false, checkpoints, held: Vec::new(), expected, allowed }
}

/// The log's own entries up to its newest checkpoint.
pub fn entries(world: &World) -> Vec<Vec<u8>> {
    world.entries[..newest(world)].to_vec()
}

fn bent(world: &World, files: BTreeMap<String, Vec<u8>>, expected: impl Fn(&Finding) -> bool + 'static) -> Trial {
    let _same = world;
    let (checkpoints, held, allowed) = (Vec::new(), Vec::new(), Vec::new());
    Trial { files, witnesses: true, checkpoints, held, expected: Box::new(expected), allowed }
}

fn pick<'f>(files: &'f BTreeMap<String, Vec<u8>>, dice: &mut Dice, kind: impl Fn(&str) -> bool) -> &'f str {
    let paths: Vec<&String> = files.keys().filter(|path| kind(path)).collect();
    paths[dice.below(paths.len() as u64) as usize]
}

fn flip(bytes: &mut [u8], dice: &mut Dice) {
    let at = dice.below(bytes.len() as u64) as usize;
    bytes[at] ^= 1 << dice.below(8);
}

fn is_entries(path: &str) -> bool {
    path.starts_with("tile/entries/")
}

fn is_hashes(path: &str) -> bool {
    path.starts_with("tile/") && !is_entries(path)
}

/// A bit of a file of entries or of hashes.
fn flipped(world: &World, dice: &mut Dice, kind: fn(&str) -> bool) -> Trial {
    let mut files = untouched(world);
    let path = pick(&files, dice, kind).to_owned();
    flip(files.get_mut(&path).expect("picked"), dice);
    let expected = move |finding: &Finding| matches!(finding, Finding::Bytes { path: found, .. } | Finding::Missing { path: found, .. } if *found == path);
    bent(world, files, expected).allow(&[Class::Tree, Class::Missing])
}

pub fn entry_file_edited(world: &World, dice: &mut Dice) -> Trial {
    flipped(world, dice, is_entries)
}

pub fn hash_file_edited(world: &World, dice: &mut Dice) -> Trial {
    flipped(world, dice, is_hashes)
}

pub fn tile_missing(world: &World, dice: &mut Dice) -> Trial {
    let mut files = untouched(world);
    let path = pick(&files, dice, |path| path.starts_with("tile/")).to_owned();
    let _gone = files.remove(&path);
    bent(world, files, move |finding| matches!(finding, Finding::Missing { path: found, .. } if *found == path))
        .allow(&[Class::Missing])
}

pub fn tile_cut_short(world: &World, dice: &mut Dice) -> Trial {
    let mut files = untouched(world);
    let path = pick(&files, dice, |path| path.starts_with("tile/")).to_owned();
    let bytes = files.get_mut(&path).expect("picked");
    bytes.truncate(dice.below(bytes.len() as u64) as usize);
    bent(world, files, move |finding| matches!(finding, Finding::Missing { path: found, .. } if *found == path))
        .allow(&[Class::Missing])
}

pub fn checkpoint_missing(world: &World, _: &mut Dice) -> Trial {
    let mut files = untouched(world);
    let _gone = files.remove("checkpoint");
    bent(world, files, |finding| matches!(finding, Finding::Missing { path, .. } if path == "checkpoint"))
        .allow(&[Class::Missing])
}

/// Lines of the checkpoint's note taken out from this one on, for how many.
fn unsigned(world: &World, from: usize, count: usize) -> Trial {
    let mut files = untouched(world);
    let note = String::from_utf8(files["checkpoint"].clone()).expect("text");
    let lines = note.split_inclusive('\n').enumerate().filter(|(at, _)| !(from..from + count).contains(at));
    let note: String = lines.map(|(_, line)| line).collect();
    let _signed = files.insert("checkpoint".to_owned(), note.into_bytes());
    bent(world, files, |finding| matches!(finding, Finding::Distrusted { name, .. } if name == "checkpoint"))
        .allow(&[Class::Checkpoint])
}

pub fn signatures_stripped(world: &World, dice: &mut Dice) -> Trial {
    // All of them, with the blank line or without it; the log's own; one witness's.
    match dice.below(4) {
        0 => unsigned(world, 4, 3),
        1 => unsigned(world, 3, 4),
        2 => unsigned(world, 4, 1),
        _ => unsigned(world, 5 + dice.below(2) as usize, 1),
    }
}

pub fn checkpoint_edited(world: &World, dice: &mut Dice) -> Trial {
    let mut files = untouched(world);
    flip(files.get_mut("checkpoint").expect("there"), dice);
    let expected = |finding: &Finding| matches!(finding, Finding::Distrusted { name, .. } if name == "checkpoint");
    // Another size or root makes the whole tree another one.
    let beside = [Class::Checkpoint, Class::Tree, Class::Missing, Class::Truncation, Class::SplitView, Class::Sequence];
    bent(world, files, expected).allow(&beside)
}

pub fn edited_with_tiles(world: &World, dice: &mut Dice) -> Trial {
    let mut entries = entries(world);
    let at = dice.below(entries.len() as u64) as usize;
    flip(&mut entries[at], dice);
    let mut files = build::files(&entries);
    let _none = files.insert("checkpoint".to_owned(), kept(world)[0].bytes.clone());
    let at = at as u64;
    let expected = move |finding: &Finding| matches!(finding, Finding::Root { leaves, .. } if leaves.contains(&at));
    bent(world, files, expected).allow(&[Class::Tree]).allow(&bent_entry())
}

/// What a bent bit of an entry may show as, beside the tree: an entry with a key may now name another player.
fn bent_entry() -> Vec<Class> {
    use Class::{Checkpoint, Clock, Edit, Entry, Impersonation, Insertion, Seal, Sequence, SplitView};
    vec![Checkpoint, Clock, Edit, Entry, Impersonation, Insertion, Seal, Sequence, SplitView]
}

/// The log was truncated: cut at a checkpoint that was published then.
pub fn truncated_to_old(world: &World, dice: &mut Dice) -> Trial {
    let old = &world.published[dice.below(world.published.len() as u64 - 1) as usize];
    let size = old.size;
    let mut files = build::files(&world.entries[..size as usize]);
    let _none = files.insert("checkpoint".to_owned(), old.note.clone().into_bytes());
    let expected = move |finding: &Finding| matches!(finding, Finding::Truncated { size: now, .. } if *now == size);
    let trial = bent(world, files, expected).allow(&[Class::Truncation]);
    Trial { checkpoints: kept(world), ..trial }
}

pub fn truncated_and_signed(world: &World, dice: &mut Dice) -> Trial {
    let all = entries(world);
    let size = 1 + dice.below(all.len() as u64 - 1);
    let expected = move |finding: &Finding| matches!(finding, Finding::Truncated { size: now, .. } if *now == size);
    // The cut may fall into a change.
    remade(world, &all[..size as usize], expected).allow(&[Class::Sequence])
}

/// One tree for the auditor, another for everybody else.
pub fn split_view(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let acts = |entry: &Vec<u8>| matches!(wire::decode(entry), Ok(Entry::Act { .. }));
    let positions: Vec<usize> = (0..all.len()).filter(|at| acts(&all[*at])).collect();
    let at = positions[dice.below(positions.len() as u64) as usize];
    let bytes = all[at].clone();
    let Ok(Entry::Act { number, at: time, who, what, subject, .. }) = wire::decode(&bytes) else {
        unreachable!("an act was picked")
    };
    all[at] = wire::encode(&Entry::Act { number, at: time, who, what, subject, detail: "đã sửa" });
    let at = at as u64;
    let expected =
        move |finding: &Finding| matches!(finding, Finding::SplitView { leaves, .. } if leaves.contains(&at));
    let mut trial = remade(world, &all, expected);
    trial.allowed = vec![Class::SplitView];
    // Half the time only the players have seen the other tree.
    let last_seen = world.records.iter().filter_map(|mark| mark.made.seen).map(|(_, size)| size).max();
    if dice.one_in(2) && last_seen.is_some_and(|size| size > at) {
        trial.checkpoints.clear();
    }
    trial
}

/// An act or a line of a change taken out.
pub fn act_deleted(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let before_last = world.published.iter().rev().nth(1).map_or(0, |published| published.size);
    let of_people = |entry: &Vec<u8>| matches!(wire::decode(entry), Ok(Entry::Act { .. } | Entry::Change { .. }));
    let positions: Vec<usize> = (0..all.len()).filter(|at| of_people(&all[*at])).collect();
    let at = positions[dice.below(positions.len() as u64) as usize];
    let _gone = all.remove(at);
    let at = at as u64;
    // Behind the last tree that anybody saw but the newest, what is left to say is that the log was longer.
    let expected = move |finding: &Finding| match finding {
        Finding::SplitView { leaves, .. } => leaves.contains(&at),
        Finding::Truncated { .. } => at >= before_last,
        _ => false,
    };
    remade(world, &all, expected).allow(&[Class::Sequence])
}

/// Something the desk numbers, told twice or backwards.
pub fn desk_numbers_bent(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let which = dice.below(3);
    let fits = |entry: &Vec<u8>| match (which, wire::decode(entry)) {
        (0, Ok(Entry::Release { seq, .. })) => seq > 0,
        (1, Ok(Entry::Act { .. })) | (2, Ok(Entry::Opened { .. })) => true,
        _ => false,
    };
    let positions: Vec<usize> = (0..all.len()).filter(|at| fits(&all[*at])).collect();
    let from = positions[dice.below(positions.len() as u64) as usize];
    let again = all[from].clone();
    let mut to = from + 1 + dice.below((all.len() - from) as u64) as usize;
    // Not into a change, which would be named too.
    while to < all.len() && matches!(wire::decode(&all[to]), Ok(Entry::Change { line: 2.., .. })) {
        to += 1;
    }
    all.insert(to, again);
    let to = to as u64;
    let expected = move |finding: &Finding| matches!(finding, Finding::Sequence { at, .. } if at.position == to);
    remade(world, &all, expected).allow(&[Class::Sequence])
}

/// An order that one officer signed twice, or that says something else than its entry.
pub fn order_forged(world: &World, dice: &mut Dice) -> Trial {
    use loa_domain::audit::entry::Change;
    let mut all = entries(world);
    let at = dice.below(all.len() as u64) as usize;
    let at = (at..all.len())
        .chain(0..at)
        .find(|at| matches!(wire::decode(&all[*at]), Ok(Entry::Change { what: Change::Order { .. }, .. })));
    let at = at.expect("a log has orders");
    let bytes = all[at].clone();
    let Ok(Entry::Change {
        change,
        line,
        lines,
        at: time,
        who,
        what: Change::Order { id, campaign, programme, made, .. },
    }) = wire::decode(&bytes)
    else {
        unreachable!("an order was picked")
    };
    let [one, two] = [&world.officers[0], &world.officers[1]];
    let (sealed, made) = match dice.below(3) {
        0 => (world.order(id, made, &[one, one]), made),
        1 => (world.order(id, made, &[one, &world.desk]), made),
        _ => (world.order(id, made, &[one, two]), UtcMs(made.0 + 1)),
    };
    let what = Change::Order { sealed: &sealed, id, campaign, programme, made };
    all[at] = wire::encode(&Entry::Change { change, line, lines, at: time, who, what });
    let at = at as u64;
    remade(world, &all, move |finding| matches!(finding, Finding::Seal { position, .. } if *position == at))
        .allow(&[Class::Seal])
}
