//! Copies of the store made while it is in use, and how one takes the place of a store that is lost.
//!
//! Nothing that was good is ever overwritten: a copy is checked before it counts, and the store that it replaces is set
//! aside, not deleted. The content files are copied by the caller, who gets their names. Next: `schema.rs`.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use loa_domain::id::Hash;

use super::error::StoreError;
use super::open::Store;
use super::schema;
use super::sql::{Address, Database, Dialect, statement};

/// What a backup holds, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The copy.
    pub file: PathBuf,
    /// The blobs that it names. Their files have to be copied too; a blob's file never changes.
    pub blobs: Vec<Hash>,
}

impl Store {
    /// Writes a consistent copy to the file `to`, which must not exist, while others read and write. When this returns,
    /// the copy is on disk and has been checked.
    ///
    /// # Errors
    /// When `to` exists, the copy cannot be written or checked, or the store is on a database server.
    pub async fn backup(&self, to: &Path) -> Result<Backup, StoreError> {
        if self.database.address.dialect != Dialect::Sqlite {
            return Err(StoreError::Unsupported { task: "a backup" });
        }
        if to.exists() {
            return Err(StoreError::Exists { path: to.to_owned() });
        }
        let part = beside(to, ".part");
        remove_old(&part)?;
        let name = part.to_str().ok_or_else(|| cannot(&part, "its name is not UTF-8"))?;
        let made = self.database.run_alone(statement("VACUUM INTO $1").with(name)).await;
        let checked = match made {
            Ok(()) => check(&part).await,
            Err(error) => Err(error),
        };
        let placed = checked.and_then(|blobs| {
            sync(&part)?;
            // A hard link fails where the name is taken; a rename would overwrite what came there meanwhile.
            fs::hard_link(&part, to).map_err(|error| failed(to, &error))?;
            sync_directory(to)?;
            Ok(Backup { file: to.to_owned(), blobs })
        });
        remove_old(&part)?;
        placed
    }

    /// Checks a backup without touching it: that it is a desk's store, of a schema that is known, and whole.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub async fn check_backup(backup: &Path) -> Result<(), StoreError> {
        check(backup).await.map(|_| ())
    }

    /// Puts the backup in the place of the store at the path `to`, which nobody may have open. What stood there is set
    /// aside beside it, with `aside` (such as the time) in its name, and its path given.
    ///
    /// # Errors
    /// When the backup is no good, or the store is in use: nothing has changed then.
    pub async fn restore(backup: &Path, to: &Path, aside: &str) -> Result<Option<PathBuf>, StoreError> {
        check(backup).await?;
        let incoming = beside(to, ".incoming");
        remove_old(&incoming)?;
        fs::copy(backup, &incoming).map_err(|error| failed(&incoming, &error))?;
        sync(&incoming)?;
        // The copy is checked too: what counts is what is on this disk.
        check(&incoming).await?;
        let set_aside = if to.exists() { Some(set_aside(to, aside).await?) } else { None };
        fs::rename(&incoming, to).map_err(|error| failed(to, &error))?;
        sync_directory(to)?;
        Ok(set_aside)
    }
}

/// Checks a file that nobody writes: that it is a desk's store, of a schema that is known, and whole. Gives the hashes
/// of the blobs that it names.
async fn check(file: &Path) -> Result<Vec<Hash>, StoreError> {
    // What a journal holds is not in the file yet: such a copy was taken from under a running program.
    if fs::metadata(beside(file, "-wal")).is_ok_and(|journal| journal.len() > 0) {
        return Err(StoreError::CopiedInUse { path: file.to_owned() });
    }
    let store = Store { database: Database::open_cold(file).await? };
    let checked = check_open(&store).await;
    store.close().await;
    checked
}

async fn check_open(store: &Store) -> Result<Vec<Hash>, StoreError> {
    let rows = store.database.all(statement("PRAGMA integrity_check")).await?;
    let lines = rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, _>>()?;
    if lines != ["ok"] {
        return Err(StoreError::Damaged { detail: lines.join("; ") });
    }
    if schema::found(&store.database).await? == 0 {
        return Err(StoreError::Foreign { path: store.database.address.shown.clone() });
    }
    store.blob_hashes().await
}

/// Keeps a store under another name as well, so that its own may be taken.
async fn set_aside(store: &Path, aside: &str) -> Result<PathBuf, StoreError> {
    match leave_journal(store).await {
        // A wreck cannot be asked whether it is in use; it is moved as it is.
        Ok(()) | Err(StoreError::NotADatabase { .. } | StoreError::Damaged { .. }) => {}
        Err(other) => return Err(other),
    }
    let kept = beside(store, &format!(".{aside}.before-restore"));
    if kept.exists() {
        return Err(StoreError::Exists { path: kept });
    }
    // A journal left by a damaged store would be read into the one that takes its name: it moves first.
    for journal in ["-wal", "-shm"] {
        let from = beside(store, journal);
        if from.exists() {
            fs::rename(&from, beside(&kept, journal)).map_err(|error| failed(&from, &error))?;
        }
    }
    fs::hard_link(store, &kept).map_err(|error| failed(&kept, &error))?;
    sync_directory(&kept)?;
    Ok(kept)
}

/// Leaving WAL mode writes the journal back, and is refused while any other connection is open: so this is also the
/// question whether somebody uses the store.
async fn leave_journal(store: &Path) -> Result<(), StoreError> {
    let database = Database::open(Address::file(store)?).await?;
    let left = database.leave_journal().await;
    database.close().await;
    left
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

fn remove_old(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| failed(path, &error))
}

/// A name lasts only when its directory is on disk.
fn sync_directory(of: &Path) -> Result<(), StoreError> {
    let directory = of.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(directory)
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        io::ErrorKind::AlreadyExists => StoreError::Exists { path: path.to_owned() },
        _ => cannot(path, &error.to_string()),
    }
}

fn cannot(path: &Path, detail: &str) -> StoreError {
    StoreError::CannotOpen { path: path.display().to_string(), detail: detail.to_owned() }
}
