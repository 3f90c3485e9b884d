//! The one place that knows how to put bytes on a disk so that a power cut does not take them back.
//!
//! Decides: the order of write, fsync, rename and fsync of the directory. Linux keeps a new name only
//! once its *directory* has been synced; a file synced alone may come back without a name.
//! Does not decide: what is stored or where; callers pass whole paths. Not for records that change
//! often: those go through a player's store, which gathers many changes under one fsync.
//! Next file: `keys.rs`, or in the player `store.rs`, which stand on this one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the name of an unfinished file ends. Such a file was never promised to anyone.
const UNFINISHED: &str = ".unfinished";

/// Replaces the file at `path` with `bytes`: afterwards the disk holds either all the old bytes or
/// all the new ones, never a mixture, and never an empty file.
///
/// # Errors
/// The step that failed, with the path. The old file is then untouched, with one exception: when the
/// sync of the directory fails after the rename, readers already see the new bytes, but a power cut
/// may bring the old ones back. Writing again is always right.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_as(path, bytes, 0o666)
}

/// As [`write()`], for what its owner alone may read: at no moment is it there for others.
///
/// # Errors
/// As [`write()`].
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_as(path, bytes, 0o600)
}

/// `mode`: the file's rights, less those that the program's owner takes from all new files.
fn write_as(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let unfinished = unfinished_name(path)?;
    let written = (|| {
        let create = OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished);
        let mut file = named("create", &unfinished, create)?;
        named("write", &unfinished, file.write_all(bytes))?;
        named("sync", &unfinished, file.sync_all())?;
        named("rename to", path, fs::rename(&unfinished, path))
    })();
    if written.is_err() {
        // Best effort: what is left here is swept by `sweep` at the next start.
        let _ = fs::remove_file(&unfinished);
        return written;
    }
    sync_parent(path)
}

/// Makes the directory and whatever is missing above it, so that each survives a power cut.
///
/// # Errors
/// The step that failed, with the path; also when something that is no directory has the name.
pub fn create_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_dir(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        made => named("create directory", path, made)?,
    }
    sync_parent(path)
}

/// Removes a file, or a directory with all it holds. Nothing there is no error.
///
/// # Errors
/// The step that failed, with the path.
pub fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => named("remove", path, Err(error)),
        Ok(()) => sync_parent(path),
    }
}

/// Gives a file or directory another name on the same disk.
///
/// # Errors
/// The step that failed, with the path.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    named("rename", from, fs::rename(from, to))?;
    sync_parent(to)?;
    if from.parent() == to.parent() {
        return Ok(());
    }
    sync_parent(from)
}

/// Makes what was written to the file, by anyone, survive a power cut.
///
/// # Errors
/// The step that failed, with the path. After a failed sync the kernel forgets which pages were not
/// written, so that a second sync that succeeds proves nothing: write the file anew.
pub fn sync(path: &Path) -> io::Result<()> {
    let file = named("open", path, File::open(path))?;
    named("sync", path, file.sync_all())
}

/// Makes the names in a directory (files created, renamed, removed) survive a power cut.
///
/// # Errors
/// The step that failed, with the path.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    sync(path)
}

/// Removes what unfinished [`write()`]s left in this directory (not below it), and says how many.
/// Call it at start, before anything else writes there.
///
/// # Errors
/// The step that failed, with the path.
pub fn sweep(dir: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for entry in named("list", dir, fs::read_dir(dir))? {
        let entry = named("list", dir, entry)?;
        if entry.file_name().to_string_lossy().ends_with(UNFINISHED) {
            named("remove", &entry.path(), fs::remove_file(entry.path()))?;
            swept += 1;
        }
    }
    if swept > 0 {
        sync_dir(dir)?;
    }
    Ok(swept)
}

/// The bytes an ordinary program may still write on the disk that holds `path`.
///
/// # Errors
/// When the path does not exist or its file system does not answer.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(path).map_err(io::Error::from);
    let disk = named("ask the free space of", path, disk)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether an error says that there is no room: what can be healed by deleting something.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// A file that only grows, until it is cut.
#[derive(Debug)]
pub struct Appender {
    file: File,
    path: PathBuf,
    len: u64,
}

impl Appender {
    /// Opens the file, making it if it is missing; its name is then already on the disk.
    ///
    /// # Errors
    /// The step that failed, with the path.
    pub fn open(path: &Path) -> io::Result<Appender> {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = named("open", path, opened)?;
        let len = named("measure", path, file.metadata())?.len();
        sync_parent(path)?;
        Ok(Appender { file, path: path.to_owned(), len })
    }

    /// Adds bytes at the end. They survive a power cut only after [`Appender::sync`].
    ///
    /// # Errors
    /// The step that failed, with the path. Part of the bytes may then be in the file: cut it back to
    /// the length known before ([`Appender::cut`]).
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        named("append to", &self.path, self.file.write_all(bytes))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Makes all that was appended survive a power cut.
    ///
    /// # Errors
    /// As for the free function [`sync`].
    pub fn sync(&mut self) -> io::Result<()> {
        named("sync", &self.path, self.file.sync_data())
    }

    /// Cuts the file to `len` bytes and makes that survive a power cut.
    ///
    /// # Errors
    /// The step that failed, with the path.
    pub fn cut(&mut self, len: u64) -> io::Result<()> {
        named("cut", &self.path, self.file.set_len(len))?;
        self.len = len;
        named("sync", &self.path, self.file.sync_all())
    }

    /// The length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing was ever appended.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// A name beside `path` that no other writer of this process or of an earlier one has.
fn unfinished_name(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(name) = path.file_name() else {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
        return named("write", path, Err(error));
    };
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    let name = format!(".{}.{process}-{number}{UNFINISHED}", name.to_string_lossy());
    Ok(path.with_file_name(name))
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        Some(_) => sync_dir(Path::new(".")),
        None => Ok(()),
    }
}

/// Says in the error which step on which path failed; the kind stays as it was.
fn named<T>(step: &str, path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), format!("cannot {step} {}: {error}", path.display())))
}

#[cfg(test)]
mod tests;
