//! Every kind of manipulation at random places of a log: each must be found, and named for what it is.
//!
//! By default eight places of each kind in a log of 3,000 records; `LOA_TAMPER=full` takes 200 places in 50,000 records,
//! `LOA_TAMPER_TRIES` any number, `LOA_TAMPER_ONLY` the kinds with these words in their names. Prints a table. Logs that
//! nobody touched must give nothing at all.

#[path = "tamper/attack.rs"]
mod attack;
#[path = "tamper/build.rs"]
mod build;
#[path = "tamper/chains.rs"]
mod chains;
#[path = "tamper/files.rs"]
mod files;
#[path = "tamper/rules.rs"]
mod rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use attack::Trial;
use build::{Dice, Lie, World};
use loa_verify::{At, Class, Export, Finding, Given, Report, verify};

/// A kind of manipulation.
type Attack = fn(&World, &mut Dice) -> Trial;

const ATTACKS: [(&str, Attack); 27] = [
    ("a bit of a file of entries", attack::entry_file_edited),
    ("a bit of a tile of hashes", attack::hash_file_edited),
    ("a bit of an entry, tiles made anew", attack::edited_with_tiles),
    ("a bit of a record, all made anew, signed by the log's key", chains::edited_and_signed),
    ("a record's signature taken off", chains::record_unsigned),
    ("a record deleted", chains::record_deleted),
    ("several records of a chain deleted", chains::gap),
    ("the last record of a chain deleted", chains::tail_deleted),
    ("a record inserted", chains::inserted),
    ("a record in another player's name", chains::impersonated),
    ("two records of one player reordered", chains::reordered),
    ("records of two players swapped", chains::swapped),
    ("a record replayed", chains::replayed),
    ("a cloned player", chains::cloned),
    ("truncated to an old checkpoint", attack::truncated_to_old),
    ("truncated and signed anew", attack::truncated_and_signed),
    ("a split view", attack::split_view),
    ("an act or a line of a change deleted", attack::act_deleted),
    ("what the desk numbers told again", attack::desk_numbers_bent),
    ("an order without its officers", attack::order_forged),
    ("a tile missing", attack::tile_missing),
    ("a tile cut short", attack::tile_cut_short),
    ("the checkpoint missing", attack::checkpoint_missing),
    ("signatures stripped from the checkpoint", attack::signatures_stripped),
    ("a bit of the checkpoint", attack::checkpoint_edited),
    ("the clock set back", clock_back),
    ("the clock set forward", clock_forward),
];

/// How far a lying clock is moved, in milliseconds.
const LIE_MS: i64 = 2 * 3_600_000;

fn clock_back(world: &World, dice: &mut Dice) -> Trial {
    lying(world, dice, -LIE_MS)
}

fn clock_forward(world: &World, dice: &mut Dice) -> Trial {
    lying(world, dice, LIE_MS)
}

/// The same world once more, with one record whose clock lies.
fn lying(world: &World, dice: &mut Dice, by_ms: i64) -> Trial {
    let size = attack::newest(world);
    let mark = loop {
        let mark = &world.records[dice.below(world.records.len() as u64) as usize];
        // A player without a line and just switched on can say what it likes within the time it was gone.
        let fresh = mark.made.seen.is_some_and(|(seen_ms, _)| mark.made.at_ms - seen_ms < LIE_MS / 2);
        let bounded = fresh && mark.made.late_ms < LIE_MS / 2;
        if mark.position < size && mark.made.seen.is_some() && (bounded || !mark.made.starts) {
            break mark;
        }
    };
    let lie = Some(Lie { record: mark.made.number, by_ms });
    let world = World::build(world.seed, world.devices.len() as u64, world.records.len(), lie);
    let position = mark.position as u64;
    let expected = Box::new(
        move |finding: &Finding| matches!(finding, Finding::Clock { at: At { position: at, .. }, .. } if *at == position),
    );
    let files = attack::untouched(&world);
    Trial { files, witnesses: true, checkpoints: Vec::new(), held: Vec::new(), expected, allowed: vec![Class::Clock] }
}

/// A folder that holds one log after another; only files that differ are written.
struct Disk {
    folder: tempfile::TempDir,
    files: BTreeMap<String, Vec<u8>>,
}

impl Disk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), files: BTreeMap::new() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn hold(&mut self, files: &BTreeMap<String, Vec<u8>>) {
        for path in self.files.keys().filter(|path| !files.contains_key(*path)) {
            std::fs::remove_file(self.path().join(path)).expect("a file to remove");
        }
        for (path, bytes) in files.iter().filter(|(path, bytes)| self.files.get(*path) != Some(*bytes)) {
            let path: PathBuf = self.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
            std::fs::write(path, bytes).expect("a file to write");
        }
        self.files.clone_from(files);
    }

    fn check(&mut self, world: &World, trial: &Trial) -> Report {
        self.hold(&trial.files);
        let mut export = Export::new(self.path(), world.policy(trial.witnesses));
        export.checkpoints.clone_from(&trial.checkpoints);
        export.held.clone_from(&trial.held);
        export.roots.push(world.root());
        verify(&export, &mut ())
    }
}

/// Players, records, places of each kind.
fn scale() -> (u64, usize, usize) {
    let full = std::env::var("LOA_TAMPER").is_ok_and(|value| value == "full");
    let tries = std::env::var("LOA_TAMPER_TRIES").ok().and_then(|tries| tries.parse().ok());
    let (players, records, usual) = if full { (40, 50_000, 200) } else { (12, 3_000, 8) };
    (players, records, tries.unwrap_or(usual))
}

#[test]
fn every_manipulation_is_found_and_named() {
    let (players, records, tries) = scale();
    let only = std::env::var("LOA_TAMPER_ONLY").unwrap_or_default();
    let world = World::build(7, players, records, None);
    let mut disk = Disk::new();
    let mut wrong = Vec::new();
    println!("| kind | tried | found | rightly named |\n|---|---|---|---|");
    let asked = ATTACKS.iter().enumerate().filter(|(_, (kind, _))| kind.contains(&only));
    for (number, (kind, attack)) in asked {
        let (mut found, mut named) = (0, 0);
        for attempt in 0..tries {
            let mut dice = Dice((number * 1_000_003 + attempt) as u64);
            let trial = attack(&world, &mut dice);
            let report = disk.check(&world, &trial);
            found += usize::from(!report.is_clean());
            let is_named = trial.is_named(&report);
            named += usize::from(is_named);
            if !is_named && wrong.len() < 20 {
                let says: Vec<String> = report.findings.iter().take(4).map(ToString::to_string).collect();
                wrong.push(format!("{kind}, attempt {attempt}: {says:#?}"));
            }
        }
        println!("| {kind} | {tries} | {found} | {named} |");
        if found < tries || named < tries {
            wrong.push(format!("{kind}: {tries} tried, {found} found, {named} rightly named"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_log_that_nobody_touched_gives_no_finding() {
    let (players, records, tries) = scale();
    let mut disk = Disk::new();
    for seed in 0..tries.clamp(4, 12) as u64 {
        let world = World::build(seed, players + seed, records, None);
        let mut trial = Trial {
            files: attack::untouched(&world),
            witnesses: true,
            checkpoints: attack::kept(&world),
            held: Vec::new(),
            expected: Box::new(|_| true),
            allowed: Vec::new(),
        };
        let older =
            world.published.iter().map(|old| Given { name: old.size.to_string(), bytes: old.note.clone().into() });
        trial.checkpoints.extend(older);
        trial.held.push(chains_held(&world));
        let report = disk.check(&world, &trial);
        assert!(report.is_clean(), "seed {seed}: {:#?}", report.findings.first());
        assert!(report.is_complete() && report.exit_code() == 0, "{:?}", report.summary);
        let summary = &report.summary;
        assert!(summary.chains > summary.players, "a log with rebuilt stores: {summary:?}");
        assert!(summary.seen > 0 && summary.witnessed > 0 && !report.told.is_empty(), "{summary:?}");
    }
}

/// The records of one player as it holds them.
fn chains_held(world: &World) -> Given {
    let size = attack::newest(world);
    let of_first = world.records.iter().filter(|mark| mark.player == 0 && mark.position < size);
    let bytes = of_first.flat_map(|mark| build::framed(&chains::sealed_of(&world.entries[mark.position]))).collect();
    Given { name: "stick".to_owned(), bytes }
}
