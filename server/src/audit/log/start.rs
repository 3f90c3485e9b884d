//! How the log is opened, whatever happened since it was written last.
//!
//! What was signed last is where it begins: the files must hold that, or the desk says what is missing and does not
//! start. What lies behind was never promised; it is written again from the store, at the same positions. A store or a
//! folder that is older than what was signed is told, never made to fit. Next: `sequencer.rs`.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::sync::Arc;

use loa_domain::audit::merkle::{self, Edge, Head};
use loa_domain::audit::note::{Algorithm, NoteKey, NoteSigner};
use loa_domain::audit::tiles::{self, Level, Tile, WIDTH};
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::durable;
use tokio::sync::watch;

use super::disk::Disk;
use super::error::LogError;
use super::kept::{Kept, head_of};
use super::sequencer::{Core, Sequencer};
use super::tiles::Tiles;
use super::tree::Tree;
use super::witnesses::Witnessing;
use super::writer::Writer;
use super::{Log, Published};
use crate::config::Folder;
use crate::store::Store;

/// A log that is open.
#[derive(Debug)]
pub struct Started {
    /// For those who read it.
    pub log: Log,
    /// What writes it, to be run.
    pub sequencer: Sequencer,
}

/// The log of a folder, for oneself until the file is dropped.
///
/// # Errors
/// [`LogError::InUse`] while somebody else has it.
pub fn lock(folder: &Folder) -> Result<File, LogError> {
    let path = folder.log_lock();
    durable::create_dir(folder.dir())?;
    let file = File::options().create(true).append(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogError::InUse { path }),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The tree that the desk of a folder has signed last with this key.
///
/// # Errors
/// [`LogError::NothingKept`], or [`LogError::ForeignCheckpoint`] for one of another key.
pub fn signed_head(folder: &Folder, key: &NoteKey) -> Result<Head, LogError> {
    let path = folder.signed_checkpoint();
    match std::fs::read_to_string(&path) {
        Ok(note) => head_of(&note, key).ok_or(LogError::ForeignCheckpoint { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(LogError::NothingKept { path }),
        Err(error) => Err(error.into()),
    }
}

/// Opens the log of a desk. `origin` is its name if it is new; none takes one at random.
///
/// # Errors
/// See [`LogError`]. Nothing that was signed is changed then.
pub async fn start(
    folder: &Folder,
    store: &Store,
    origin: Option<&str>,
    witnessing: Witnessing,
    clock: Clock,
) -> Result<Started, LogError> {
    start_on(Disk::default(), folder, store, origin, witnessing, clock).await
}

pub(super) async fn start_on(
    disk: Disk,
    folder: &Folder,
    store: &Store,
    origin: Option<&str>,
    witnessing: Witnessing,
    clock: Clock,
) -> Result<Started, LogError> {
    let lock = lock(folder)?;
    for dir in [folder.log(), folder.keys()] {
        durable::create_dir(&dir)?;
    }
    let now = UtcMs(clock.now().utc_ns.div_euclid(1_000_000));
    let origin = match store.log_origin().await? {
        Some(origin) => origin,
        None => store.open_log(&folder.log_origin(origin)?, now).await?,
    };
    let tree = Tree::of(Tiles::on(folder.log(), disk.clone()));
    let bad = || LogError::BadOrigin { origin: origin.clone() };
    let signer = NoteSigner::new(&origin, Algorithm::Ed25519, folder.log_key()?).ok_or_else(bad)?;
    // A log of which nothing was ever written is new, and so is one whose opening is still in the store.
    let is_new =
        tree.tiles().checkpoint()?.is_none() && store.log_entries(0, 1).await?.first().is_some_and(|e| e.0 == 0);
    let kept = Kept::open(folder.signed_checkpoint(), disk, signer, is_new)?;
    sweep(tree.tiles(), kept.head().size)?;
    let writer = recover(&tree, kept.head(), store).await?;
    agree(&tree, kept.head().size, store).await?;
    let note = tree.tiles().checkpoint()?;
    let head = note.as_ref().and_then(|note| head_of(note, kept.key()));
    let newest = note.zip(head).filter(|(_, head)| head.size > 0 && head.size <= kept.head().size);
    let newest = newest.map(|(note, head)| Arc::new(Published { note, head }));
    let (tell, published) = watch::channel(newest);
    let log = Log { tree: tree.clone(), published };
    tracing::info!(key = %kept.key(), size = kept.head().size, "the log is open; witnesses and auditors need its key");
    let core = Core { writer, kept, tree };
    Ok(Started { log, sequencer: Sequencer::new(store.clone(), core, witnessing, clock, tell, lock) })
}

/// Clears away what an interrupted writer left where the next one writes.
fn sweep(tiles: &Tiles, size: u64) -> Result<(), LogError> {
    let levels = (0..8).map(Level::Hashes).chain([Level::Entries]);
    let edge = levels.map(|level| match level {
        Level::Hashes(at) => Tile { level, index: tiles::hashes_at(at, size) / WIDTH, width: 1 },
        Level::Entries => Tile { level, index: size / WIDTH, width: 1 },
    });
    let partial = edge.filter_map(|tile| tiles.path(&tile).parent().map(std::path::Path::to_owned));
    let full: Vec<_> =
        partial.flat_map(|dir| [dir.parent().map(std::path::Path::to_owned), Some(dir)]).flatten().collect();
    for dir in full.into_iter().chain([tiles.folder().to_owned()]).filter(|dir| dir.is_dir()) {
        durable::sweep(&dir)?;
    }
    Ok(())
}

/// A writer at the tree that was signed last.
async fn recover(tree: &Tree, head: Head, store: &Store) -> Result<Writer, LogError> {
    let first = head.size / WIDTH * WIDTH;
    let tell = |error| match error {
        LogError::Short { path, .. } => LogError::Short { signed: head.size, path },
        other => other,
    };
    let mut node = tree.nodes(head.size);
    let roots: Result<Vec<_>, _> = merkle::subtrees(0, first).map(|(level, index)| node(level, index)).collect();
    let mut hashes = BTreeMap::new();
    for level in 1..8 {
        let count = tiles::hashes_at(level, head.size);
        let width = (count % WIDTH) as u16;
        if width > 0 {
            let tile = Tile { level: Level::Hashes(level), index: count / WIDTH, width };
            hashes.insert(level, tree.tiles().hashes(&tile).map_err(tell)?);
        }
    }
    let tile = Tile::of_leaf(Level::Entries, first, head.size);
    let torn = || LogError::Torn { path: tree.tiles().path(&tile) };
    // Full tiles give one root for each bit of their number.
    let edge = Edge::from_roots(first, roots.map_err(tell)?).ok_or_else(torn)?;
    let left = (head.size - first) as usize;
    let in_file = if left == 0 { Ok(Vec::new()) } else { tree.tiles().entries(&tile) };
    // The store keeps the entries of the tile that is not full, so that this one can be written anew.
    let in_store: Vec<Vec<u8>> = store.log_entries(first, left).await?.into_iter().map(|(_, entry)| entry).collect();
    let mut missing = None;
    for entries in [in_file, Ok(in_store)] {
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                missing = Some(tell(error));
                continue;
            }
        };
        let mut writer = Writer::behind(tree.tiles().clone(), edge.clone(), hashes.clone());
        writer.take(&entries);
        if writer.head() == head {
            if !writer.is_sound() {
                tracing::warn!(size = head.size, "files at the edge of the log were damaged; they are written anew");
                writer.mend()?;
            }
            return Ok(writer);
        }
    }
    Err(missing.unwrap_or_else(torn))
}

/// Whether the store and the log tell the same: entries that both have are equal, and neither is behind the other.
async fn agree(tree: &Tree, size: u64, store: &Store) -> Result<(), LogError> {
    let end = store.log_end().await?;
    if end < size {
        return Err(LogError::StoreBehind { store: end, log: size });
    }
    let mut from = 0;
    while from < size {
        let rows = store.log_entries(from, WIDTH as usize).await?;
        let Some((last, _)) = rows.last() else { break };
        from = last + 1;
        for (position, row) in rows.iter().filter(|(position, _)| *position < size) {
            if tree.entry(*position, size)? != *row {
                return Err(LogError::StoreDiffers { position: *position });
            }
        }
    }
    if end > size && store.log_entries(size, 1).await?.first().is_none_or(|(position, _)| *position != size) {
        return Err(LogError::Gap { log: size });
    }
    behind(tree, size, end, store).await
}

/// Entries that lie whole in the files behind what was signed must be those of the store.
async fn behind(tree: &Tree, size: u64, end: u64, store: &Store) -> Result<(), LogError> {
    let mut at = size;
    loop {
        let index = at / WIDTH;
        let width = tree.tiles().widest(index)?;
        let extent = index * WIDTH + u64::from(width);
        if extent <= at {
            return Ok(());
        }
        let tile = |level| Tile { level, index, width };
        let whole = tree.tiles().entries(&tile(Level::Entries)).ok().filter(|entries| {
            let leaves: Vec<_> = entries.iter().map(|entry| merkle::leaf_hash(entry)).collect();
            tree.tiles().hashes(&tile(Level::Hashes(0))).is_ok_and(|hashes| hashes == leaves)
        });
        // What a crash cut short is written again.
        let Some(entries) = whole else { return Ok(()) };
        let rows = store.log_entries(at, WIDTH as usize).await?;
        for ((position, entry), row) in (index * WIDTH..)
            .zip(entries)
            .skip((at - index * WIDTH) as usize)
            .zip(rows.iter().map(Some).chain(std::iter::repeat(None)))
        {
            match row {
                None => return Err(LogError::StoreBehind { store: end, log: extent }),
                Some((other, row)) if *other != position || *row != entry => {
                    return Err(LogError::StoreDiffers { position });
                }
                Some(_) => {}
            }
        }
        at = extent;
    }
}
