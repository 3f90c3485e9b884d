//! A program for the power-cut test (`tests/powercut.rs`): a desk that takes in records and writes its log, says which
//! records were acknowledged, and later says which of them are missing.
//!
//! It decides the records and how they are checked; not when the power goes. What is tested is `server/src/store` and
//! `server/src/audit/log`; the check of the log is the auditor's (`verify/`).
//!
//!     desk_writer write  <dir> <engine> <keep>                 prints `open …`, then `ack <records>`…
//!     desk_writer verify <dir> <engine> <keep> <acknowledged>  prints `found <records> lost <n> torn <n> opened …`
//!
//! `<engine>` and `<keep>` mean nothing here: a desk keeps everything. One player signs all records, and writes into
//! each the newest checkpoint that was published, so that a desk that took one back would be found out.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loa_domain::audit::entry::Entry;
use loa_domain::audit::policy::Policy;
use loa_domain::id::PlayerId;
use loa_domain::keys::{Role, Sealed, SecretKey};
use loa_domain::proof::record::{self, Body, ClockSource, Head, RECORD_BYTES, Record, Seen, Stamp, Writer};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_server::audit::export;
use loa_server::audit::log::{Log, NoWitnesses, Started, Tiles, Tree, Witnessing, start};
use loa_server::config::Folder;
use loa_server::store::{NewRecord, Store};
use loa_verify::{Export, verify};

/// Records in one transaction.
const BATCH: u64 = 20;
/// The player's chain.
const EPOCH: u64 = 7;
/// Between two records, in milliseconds.
const STEP_MS: u64 = 10;
/// So far the clock goes on between two looks of the log's task: each is late enough to publish.
const LOOK_NS: u64 = 11_000_000_000;

type Failed = Box<dyn std::error::Error>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", dir, _, _] => write(Path::new(dir)).await,
        ["verify", dir, _, _, acknowledged] => check(Path::new(dir), acknowledged.parse()?).await,
        _ => Err("desk_writer write|verify <dir> <engine> <keep> [acknowledged]".into()),
    }
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn player() -> PlayerId {
    "loa-1".parse().unwrap_or_else(|error| unreachable!("a good id: {error}"))
}

/// One line at a time, so that a line the reader has is a line that was said before the cut.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        // Nobody listens any more: the test was killed.
        std::process::exit(1);
    }
}

async fn open(dir: &Path, clock: &Clock) -> Result<(Folder, Store, Started), Failed> {
    let folder = Folder::at(dir);
    folder.prepare(UtcMs(1))?;
    let store = Store::open(&folder.store().display().to_string()).await?;
    let witnessing = Witnessing::new(Policy::default(), Arc::new(NoWitnesses));
    let started = start(&folder, &store, None, witnessing, clock.clone()).await?;
    Ok((folder, store, started))
}

async fn write(dir: &Path) -> Result<(), Failed> {
    let clock = Clock::manual();
    let fresh = !dir.exists();
    let (_, store, Started { log, mut sequencer }) = open(dir, &clock).await?;
    say(if fresh { "open fresh" } else { "open clean" });
    let _first = store.pin_key(&player(), key().public(), UtcMs(1)).await?;
    let logging = tokio::spawn(async move {
        loop {
            clock.advance_ns(LOOK_NS);
            match sequencer.step().await {
                Ok(true) => {}
                Ok(false) => tokio::task::yield_now().await,
                Err(error) => say(&format!("error {error}")),
            }
        }
    });
    let mut chain = Chain::after(&store).await?;
    loop {
        let batch = chain.batch(&log);
        store.add_records(&batch).await?;
        say(&format!("ack {}", chain.next));
        if logging.is_finished() {
            return Err("the log's task ended".into());
        }
    }
}

/// The player's chain, as far as the desk has it.
struct Chain {
    head: Head,
    next: u64,
}

impl Chain {
    /// What the player does with what the desk has not: it sends it again. Here it makes it again.
    async fn after(store: &Store) -> Result<Self, Failed> {
        let Some(last) = store.last_record(&player(), EPOCH).await? else {
            return Ok(Self { head: Head::new(EPOCH), next: 0 });
        };
        let sealed = store.sealed_record(&player(), EPOCH, last).await?.ok_or("the last record has no bytes")?;
        let read = Sealed::read(&sealed)?;
        Ok(Self { head: Head { epoch: EPOCH, next: last + 1, last: read.hash() }, next: last + 1 })
    }

    fn batch(&mut self, log: &Log) -> Vec<NewRecord> {
        let published = log.published().borrow().as_ref().map(|one| Seen { size: one.head.size, root: one.head.root });
        let (player, key) = (player(), key());
        let records = (0..BATCH).map(|_| {
            let mono_ms = self.next * STEP_MS;
            let utc = UtcMs(i64::try_from(mono_ms).unwrap_or(i64::MAX));
            let stamp = Stamp { utc, source: ClockSource::Network, error_ms: 50, mono_ms, boot: [1; 16] };
            let writer = Writer { player: &player, key: &key, release: 0, seen: published };
            let mut buffer = [0; RECORD_BYTES];
            let body =
                if self.next == 0 { Body::Started { rebuilt: false } } else { Body::InForce { release: self.next } };
            let length = self.head.append(&writer, stamp, body, &mut buffer).unwrap_or_default();
            let sealed = buffer[..length].to_vec();
            self.next += 1;
            let (record, hash) = record::open(&sealed, &Role::of_one(key.public()))
                .unwrap_or_else(|error| unreachable!("just signed: {error}"));
            NewRecord::new(&record, hash, sealed, utc)
        });
        records.collect()
    }
}

/// Starts the desk again, lets the log take in what the store has, and has it checked as an auditor does.
async fn check(dir: &Path, acknowledged: u64) -> Result<(), Failed> {
    let (folder, store, Started { mut sequencer, .. }) = match open(dir, &Clock::manual()).await {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("{error}");
            say(&format!("found 0 lost {acknowledged} torn 0 opened refused"));
            return Ok(());
        }
    };
    let _first = store.pin_key(&player(), key().public(), UtcMs(1)).await?;
    sequencer.finish().await?;
    let size = sequencer.head().size;
    let (records, twice) = logged(&folder, size)?;
    let held = store.last_record(&player(), EPOCH).await?.map_or(0, |last| last + 1);
    let lost = (0..acknowledged).filter(|seq| !records.contains(seq)).count() as u64;
    // What the store has and the log has not, what the log has twice, and whatever an auditor finds.
    let missing = (acknowledged..held).filter(|seq| !records.contains(seq)).count() as u64;
    let copy = dir.join("../copy");
    export::export(&folder, &copy, &mut |_, _| ())?;
    let policy = Policy::read(&folder.policy_text()?)?;
    let report = verify(&Export::new(&copy, policy), &mut ());
    std::fs::remove_dir_all(&copy)?;
    report.findings.iter().for_each(|finding| eprintln!("{finding}"));
    let torn = missing + twice + report.counts.values().sum::<u64>();
    say(&format!("found {held} lost {lost} torn {torn} opened clean"));
    Ok(())
}

/// The numbers of the records in the log, and how many stand in it twice.
fn logged(folder: &Folder, size: u64) -> Result<(BTreeSet<u64>, u64), Failed> {
    let tree = Tree::of(Tiles::at(PathBuf::from(&folder.log())));
    let (mut records, mut twice, mut from) = (BTreeSet::new(), 0, 0);
    while from < size {
        let entries = tree.entries(from, size)?;
        from += entries.len() as u64;
        for entry in &entries {
            if let Entry::Record { sealed, .. } = wire::decode(entry)? {
                let read = Sealed::read(sealed)?;
                let record: Record = wire::decode(read.body)?;
                twice += u64::from(!records.insert(record.seq));
            }
        }
    }
    Ok((records, twice))
}
