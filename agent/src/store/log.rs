//! The log engine: records in one append-only file. Stands in for the tree engine when that is left
//! out of the build, or chosen against.
//!
//! Decides: the bytes of the file, where a torn end is cut off, and when the file is written anew
//! without its dead records.
//! Does not decide: when to sync (`writer.rs`).
//! Next file: `keeper.rs`.
//!
//! The file: eight bytes that name it, then one frame for each batch: length of the body (u32), CRC-32 of
//! the body (u32), body. A body is operations end to end: what (u8: 1 put, 0 delete), length of the
//! key (u16), length of the value (u32), key, value. All numbers little-endian.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loa_host::durable::{self, Appender};

use super::checksum::crc32;
use super::engine::{Engine, EngineError, Loaded, Op, View, mark};

const NAME: &[u8; 8] = b"loalog1\n";
const FRAME_HEAD_BYTES: usize = 8;
const OP_HEAD_BYTES: usize = 7;

/// Below this length the file is never written anew: it would wear the card for nothing.
const REWRITE_FLOOR_BYTES: u64 = 1 << 20;

/// How much longer than its live records the file may grow. Each rewrite costs one write of the live
/// records, so that four bytes of change cost at most about one byte of rewriting.
const REWRITE_FACTOR: u64 = 4;

/// Records in one frame of a rewritten file.
const REWRITE_RECORDS: usize = 256;

struct Log {
    path: PathBuf,
    file: Appender,
    rewrite_above_bytes: u64,
}

/// Opens or makes the log in `dir`.
///
/// # Errors
/// By kind, as the keeper needs it.
pub fn open(dir: &Path) -> Result<Loaded, EngineError> {
    durable::sweep(dir)?;
    let path = dir.join("records");
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let mut file = Appender::open(&path)?;
    let mut view = View::new();
    if bytes.len() < NAME.len() {
        // New, or cut off while it was being made: nothing was acknowledged yet.
        file.cut(0)?;
        file.append(NAME)?;
        file.sync()?;
    } else if !bytes.starts_with(NAME) {
        return Err(EngineError::Damaged(format!("{} is not a log", path.display())));
    } else {
        let whole = replay(&bytes, &mut view);
        if whole < bytes.len() {
            file.cut(whole as u64)?;
        }
    }
    let rewrite_above_bytes = rewrite_above(live_bytes(&view));
    Ok((Box::new(Log { path, file, rewrite_above_bytes }), view))
}

impl Engine for Log {
    fn write(&mut self, batch: &[Op]) -> Result<(), EngineError> {
        if batch.is_empty() {
            return Ok(());
        }
        let whole = self.file.len();
        self.file.append(&frame(batch)).map_err(|error| {
            // Best effort: an open cuts a torn end anyway.
            let _ = self.file.cut(whole);
            EngineError::from_io(&error)
        })
    }

    fn sync(&mut self) -> Result<(), EngineError> {
        // Damage even when the disk is only full: see `durable::sync` on what a failed sync leaves.
        self.file.sync().map_err(|error| EngineError::Damaged(error.to_string()))
    }

    fn tidy(&mut self, live: &View) -> Result<(), EngineError> {
        if self.file.len() <= self.rewrite_above_bytes {
            return Ok(());
        }
        let mut bytes = NAME.to_vec();
        let mut batch = Vec::new();
        for (key, value) in live {
            batch.push(Op::Put(key.clone(), value.clone()));
            if batch.len() == REWRITE_RECORDS {
                bytes.extend(frame(&std::mem::take(&mut batch)));
            }
        }
        batch.push(mark());
        bytes.extend(frame(&batch));
        match durable::write(&self.path, &bytes) {
            Err(error) if durable::is_full(&error) => {
                // The old file is whole and goes on growing; the ballast goes when that fails.
                self.rewrite_above_bytes += self.rewrite_above_bytes / 4;
                return Ok(());
            }
            written => written?,
        }
        self.file = Appender::open(&self.path)?;
        self.rewrite_above_bytes = rewrite_above(bytes.len() as u64);
        Ok(())
    }
}

fn rewrite_above(live_bytes: u64) -> u64 {
    (live_bytes * REWRITE_FACTOR).max(REWRITE_FLOOR_BYTES)
}

fn live_bytes(view: &View) -> u64 {
    view.iter().map(|(key, value)| (OP_HEAD_BYTES + key.len() + value.len()) as u64).sum()
}

/// The bytes of one batch.
fn frame(batch: &[Op]) -> Vec<u8> {
    let mut body = Vec::new();
    for op in batch {
        let (what, key, value) = match op {
            Op::Put(key, value) => (1, key, value.as_slice()),
            Op::Delete(key) => (0, key, [].as_slice()),
        };
        // The store refuses keys and values too long for these lengths.
        body.push(what);
        body.extend((key.len() as u16).to_le_bytes());
        body.extend((value.len() as u32).to_le_bytes());
        body.extend(key);
        body.extend(value);
    }
    let mut frame = Vec::with_capacity(FRAME_HEAD_BYTES + body.len());
    frame.extend((body.len() as u32).to_le_bytes());
    frame.extend(crc32(&body).to_le_bytes());
    frame.extend(body);
    frame
}

/// Applies every whole frame and says where they end. What follows was never acknowledged: a sync
/// covers all frames before it.
fn replay(bytes: &[u8], view: &mut View) -> usize {
    let mut at = NAME.len();
    while let Some((body, next)) = whole_frame(bytes, at) {
        let Some(batch) = operations(body) else { break };
        batch.iter().for_each(|op| op.apply(view));
        at = next;
    }
    at
}

/// The body of the frame at `at` and where the next one begins, if this one is whole.
fn whole_frame(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let len = number(bytes, at, 4)?;
    let crc = number(bytes, at + 4, 4)?;
    let begin = at + FRAME_HEAD_BYTES;
    let body = bytes.get(begin..begin.checked_add(len)?)?;
    // Zeros, which a power cut may leave at the end, would be an empty body with a right checksum.
    (!body.is_empty() && crc32(body) as usize == crc).then_some((body, begin + len))
}

fn operations(body: &[u8]) -> Option<Vec<Op>> {
    let mut batch = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let key_from = at + OP_HEAD_BYTES;
        let value_from = key_from + number(body, at + 1, 2)?;
        let next = value_from.checked_add(number(body, at + 3, 4)?)?;
        let key = body.get(key_from..value_from)?.to_vec();
        let value = body.get(value_from..next)?.to_vec();
        batch.push(match body[at] {
            1 => Op::Put(key, value),
            0 => Op::Delete(key),
            _ => return None,
        });
        at = next;
    }
    Some(batch)
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(width)?)?;
    Some(digits.iter().rev().fold(0, |number, digit| number << 8 | usize::from(*digit)))
}

#[cfg(test)]
mod tests;
