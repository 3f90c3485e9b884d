//! The store made again from the log, and held against the one that the desk works with.
//!
//! The log is the truth: a row that it does not give back was written past it. While the desk runs, a copy of its store
//! is compared; to put the new one in its place, the desk must be stopped. What an entry does to the store is decided in
//! `store/replay.rs`.

use std::path::PathBuf;

use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::{Algorithm, NoteKey};
use loa_host::durable;

use super::log::{LogError, Tiles, Tree, signed_head};
use crate::config::Folder;
use crate::store::{Difference, Store, StoreError};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Entries that were replayed.
    pub entries: u64,
    /// Entries of the log that the store does not know: it was restored from an older backup.
    pub behind: u64,
    /// Entries in the store that contradict the log; put away when the store is replaced.
    pub refused: usize,
    /// Where the store differs from the log: at most a hundred.
    pub differences: Vec<Difference>,
    /// The store that was there, when it was replaced.
    pub aside: Option<PathBuf>,
}

/// The work's folder, in the desk's.
const ROOM: &str = "rebuild";

/// Replays the log of a desk and compares. With `replace`, puts the result in the place of the desk's store and sets
/// that one aside under the mark given. `progress` is told how many entries of how many are done.
///
/// # Errors
/// When the log cannot be read or replayed; with `replace`, when the desk runs. Nothing has changed then.
pub async fn rebuild(
    folder: &Folder,
    replace: Option<&str>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Rebuilt, LogError> {
    let _lock = replace.map(|_| super::log::lock(folder)).transpose()?;
    let room = folder.dir().join(ROOM);
    durable::remove(&room)?;
    durable::create_dir(&room)?;
    let done = within(folder, &room, replace, progress).await;
    durable::remove(&room)?;
    done
}

async fn within(
    folder: &Folder,
    room: &std::path::Path,
    replace: Option<&str>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Rebuilt, LogError> {
    let live = Store::open(&folder.store().display().to_string()).await?;
    let copied = live.backup(&room.join("copy.db")).await;
    live.close().await;
    let copy = Store::open(&copied?.file.display().to_string()).await?;
    let (tree, head) = signed(folder, &copy).await?;
    let (end, size) = (copy.log_end().await?, head.size);
    let refused = contradicting(&copy, &tree, size).await?;
    let file = room.join("rebuilt.db");
    let rebuilt = Store::open(&file.display().to_string()).await?;
    // Entries that the store made on top of an older state have no place in the log.
    let whole = refused == 0 && end >= size;
    let logged = if replace.is_some() { size } else { size.min(end) };
    let all = if whole { end } else { logged };
    let mut at = replay_log(&rebuilt, &tree, logged, size, &mut |done| progress(done, all)).await?;
    let waiting = if whole { copy.log_entries(size, (end - size) as usize).await? } else { Vec::new() };
    let entries: Vec<Vec<u8>> = waiting.iter().map(|(_, entry)| entry.clone()).collect();
    at += rebuilt.replay(at, &entries).await? as u64;
    let differences = copy.differences(&rebuilt).await?;
    let mut aside = None;
    if let Some(mark) = replace {
        rebuilt.take_over(&copy).await?;
        rebuilt.keep_log_entries(&waiting).await?;
        rebuilt.close().await;
        aside = Store::restore(&file, &folder.store(), mark).await?;
    }
    rebuilt.close().await;
    copy.close().await;
    Ok(Rebuilt { entries: at, behind: size.saturating_sub(end), refused, differences, aside })
}

/// The log's tree, as far as this desk has signed for it.
async fn signed(folder: &Folder, store: &Store) -> Result<(Tree, Head), LogError> {
    let tree = Tree::of(Tiles::at(folder.log()));
    let origin = store.log_origin().await?.ok_or(LogError::NotYet)?;
    let key = NoteKey::new(&origin, Algorithm::Ed25519, folder.log_key()?.public());
    let key = key.ok_or(LogError::BadOrigin { origin })?;
    let head = signed_head(folder, &key)?;
    if tree.head(head.size)? != head {
        return Err(LogError::Torn { path: folder.log() });
    }
    Ok((tree, head))
}

/// How many entries of the store contradict those of the log.
async fn contradicting(store: &Store, tree: &Tree, size: u64) -> Result<usize, LogError> {
    let (mut from, mut count) = (0, 0);
    loop {
        let rows = store.log_entries(from, 256).await?;
        let Some((last, _)) = rows.last() else { return Ok(count) };
        from = last + 1;
        for (position, row) in rows.iter().filter(|(position, _)| *position < size) {
            count += usize::from(tree.entry(*position, size)? != *row);
        }
        if from >= size {
            return Ok(count);
        }
    }
}

/// Replays the first `logged` entries of the log of `size`. Gives how many were taken.
async fn replay_log(
    store: &Store,
    tree: &Tree,
    logged: u64,
    size: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, LogError> {
    let (mut at, mut waiting) = (0, Vec::new());
    loop {
        let read = at + waiting.len() as u64;
        progress(at);
        if read >= logged {
            break;
        }
        let mut entries = tree.entries(read, size)?;
        entries.truncate((logged - read) as usize);
        waiting.extend(entries);
        let taken = store.replay(at, &waiting).await?;
        waiting.drain(..taken);
        at += taken as u64;
    }
    match waiting.is_empty() {
        true => Ok(at),
        // A change is one transaction; a store that ends inside one was cut from outside.
        false => {
            Err(StoreError::Replay { position: at, detail: "its change does not end in the log".to_owned() }.into())
        }
    }
}
