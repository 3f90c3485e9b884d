//! A program for the power-cut test (`tests/powercut.rs`): writes numbered records, says which were
//! acknowledged, and later says which of them are missing.
//!
//! Decides: the records and how they are checked. Does not decide: when the power goes.
//! Next file: `agent/src/store.rs`, which is what is tested here.
//!
//!     store_writer write  <dir> <engine> <keep>                 prints `open …`, then `ack <last number>`…
//!     store_writer verify <dir> <engine> <keep> <acknowledged>  prints `found <head> lost <n> torn <n> …`
//!
//! `<engine>` is `tree`, `log`, or `tree-flush`: the tree engine's library used as its manual says,
//! with its own flush and no fsync. That is the control that shows that the test can fail.
//! `<keep>` is how many records live: number n is written together with the deletion of n − keep.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc;

use loa_agent::store::{EngineKind, Op, Opened, Settings, Store};

/// Records in one commit; all or none of them may be found.
const BATCH: u64 = 10;
/// Commits under way at once, so that groups form.
const UNDER_WAY: usize = 4;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", dir, "tree-flush", keep] => flush_write(Path::new(dir), number(keep)),
        ["write", dir, engine, keep] => write(Path::new(dir), kind(engine), number(keep)),
        ["verify", dir, "tree-flush", keep, acknowledged] => {
            let (records, opened) = flush_read(Path::new(dir));
            verify(&records, &opened, number(keep), number(acknowledged));
        }
        ["verify", dir, engine, keep, acknowledged] => {
            let (store, opened) = open(Path::new(dir), kind(engine));
            let records = store.scan(b"").into_iter().collect();
            store.close();
            verify(&records, opened_word(&opened), number(keep), number(acknowledged));
            eprintln!("{opened}");
        }
        _ => panic!("store_writer write|verify <dir> tree|log|tree-flush <keep> [acknowledged]"),
    }
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}

fn kind(word: &str) -> EngineKind {
    match word {
        "tree" => EngineKind::Tree,
        "log" => EngineKind::Log,
        other => panic!("no engine {other}"),
    }
}

fn open(dir: &Path, engine: EngineKind) -> (Store, Opened) {
    // A ballast small enough for the small disk of the test.
    let settings = Settings { engine, ballast_bytes: 1 << 20, spare_bytes: 8 << 20 };
    Store::open_with(dir, 0, &settings)
}

fn opened_word(opened: &Opened) -> &'static str {
    match opened {
        Opened::Fresh => "fresh",
        Opened::Clean => "clean",
        Opened::Rebuilt { .. } => "rebuilt",
        Opened::Memory { .. } => "memory",
    }
}

/// One line at a time, so that a line the reader has is a line that was said before the cut.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        // Nobody listens any more: the test was killed.
        std::process::exit(1);
    }
}

fn key(n: u64) -> Vec<u8> {
    format!("r/{n:012}").into_bytes()
}

/// A value that only this number has: 64 to 319 bytes.
fn value(n: u64) -> Vec<u8> {
    let mut state = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let len = 64 + (state >> 56) as usize;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// The changes of the batch that ends with `head`.
fn batch(head: u64, keep: u64) -> Vec<Op> {
    let mut ops = Vec::new();
    for n in head - BATCH + 1..=head {
        ops.push(Op::Put(key(n), value(n)));
        if n > keep {
            ops.push(Op::Delete(key(n - keep)));
        }
    }
    ops.push(Op::Put(b"head".to_vec(), head.to_string().into_bytes()));
    ops
}

fn head_of(value: Option<&[u8]>) -> u64 {
    value.map_or(0, |digits| number(std::str::from_utf8(digits).expect("digits")))
}

fn write(dir: &Path, engine: EngineKind, keep: u64) {
    let (store, opened) = open(dir, engine);
    say(&format!("open {}", opened_word(&opened)));
    store.tend();
    let mut head = head_of(store.get(b"head").as_deref());
    let (free, wait_for_free) = mpsc::channel();
    (0..UNDER_WAY).for_each(|_| free.send(()).expect("the receiver is here"));
    while wait_for_free.recv().is_ok() {
        head += BATCH;
        let free = free.clone();
        store.commit(batch(head, keep), move |result| {
            match result {
                Ok(()) => say(&format!("ack {head}")),
                Err(error) => say(&format!("error {error}")),
            }
            let _ = free.send(());
        });
    }
}

/// Compares what was found with what was written. `lost` counts acknowledged records that are not there
/// or not as written; `torn` counts records that show a commit to have been kept in part.
fn verify(records: &BTreeMap<Vec<u8>, Vec<u8>>, opened: &str, keep: u64, acknowledged: u64) {
    let head = head_of(records.get(b"head".as_slice()).map(Vec::as_slice));
    let mut lost = acknowledged.saturating_sub(head).min(keep);
    let mut torn = 0;
    let oldest = head.saturating_sub(keep) + 1;
    for n in oldest..=head {
        if records.get(&key(n)) != Some(&value(n)) {
            *(if n <= acknowledged { &mut lost } else { &mut torn }) += 1;
        }
    }
    let expected = head + 1 - oldest + u64::from(head > 0);
    torn += (records.len() as u64 + lost + torn).saturating_sub(expected + lost + torn);
    say(&format!("found {head} lost {lost} torn {torn} opened {opened}"));
}

fn flush_write(dir: &Path, keep: u64) {
    let Ok(database) = sled::open(dir) else {
        return say("open failed");
    };
    say("open flush");
    let mut head = head_of(database.get("head").ok().flatten().as_deref());
    loop {
        head += BATCH;
        let mut changes = sled::Batch::default();
        for op in batch(head, keep) {
            match op {
                Op::Put(key, value) => changes.insert(key, value),
                Op::Delete(key) => changes.remove(key),
            }
        }
        let kept = database.apply_batch(changes).and_then(|()| database.flush());
        match kept {
            Ok(_) => say(&format!("ack {head}")),
            Err(error) => say(&format!("error {error}")),
        }
    }
}

fn flush_read(dir: &Path) -> (BTreeMap<Vec<u8>, Vec<u8>>, String) {
    let read = std::panic::catch_unwind(|| {
        let database = sled::open(dir)?;
        database.iter().map(|pair| pair.map(|(k, v)| (k.to_vec(), v.to_vec()))).collect()
    });
    match read {
        Ok(Ok(records)) => (records, "clean".to_owned()),
        _ => (BTreeMap::new(), "failed".to_owned()),
    }
}
