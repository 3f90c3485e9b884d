//! A copy of the log for others: checkpoint, tiles, entries, and what it takes to check them.
//!
//! The copy is of the newest published checkpoint, made while the desk runs, and there as a whole or not at all. It is
//! checked against the checkpoint's root before it counts. Who may have it is decided by whoever carries it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_domain::audit::tiles;
use loa_host::durable;
use thiserror::Error;

use super::log::{LogError, Tiles, Tree};
use crate::config::Folder;

/// Why there is no copy. Nothing is left of it then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The copy cannot be written.
    #[error("the copy: {0}")]
    File(#[from] io::Error),
    /// Something is there already.
    #[error("{} exists already; a copy never overwrites", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// The checkpoint that is published is none.
    #[error("{} is no checkpoint of this desk's log", path.display())]
    BadCheckpoint {
        /// The file.
        path: PathBuf,
    },
}

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The tree.
    pub head: Head,
    /// Files of tiles.
    pub tiles: usize,
}

/// Copies the log of a desk to `to`, which must not exist. `progress` is told how many files of how many are done.
///
/// # Errors
/// See [`ExportError`].
pub fn export(folder: &Folder, to: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<Exported, ExportError> {
    if to.exists() {
        return Err(ExportError::Exists { path: to.to_owned() });
    }
    let from = Tiles::at(folder.log());
    let note = from.checkpoint()?.ok_or(LogError::NotYet)?;
    let bad = || ExportError::BadCheckpoint { path: from.checkpoint_file() };
    let read = Note::read(note.as_bytes()).map_err(|_| bad())?;
    let checkpoint = Checkpoint::read(read.text()).map_err(|_| bad())?;
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    durable::remove(&part)?;
    let copied = copy(&from, &part, checkpoint.head, progress).and_then(|tiles| {
        let policy = folder.policy_text().map_err(LogError::from)?;
        write(&part.join("policy"), policy.as_bytes())?;
        write(&part.join("README.md"), readme(&checkpoint).as_bytes())?;
        if folder.root_file().is_file() {
            write(&part.join("root"), &fs::read(folder.root_file())?)?;
        }
        for earlier in folder.kept_roots()? {
            let name = earlier.file_name().unwrap_or_default();
            write(&part.join("roots").join(name), &fs::read(&earlier)?)?;
        }
        write(&Tiles::at(&part).checkpoint_file(), note.as_bytes())?;
        durable::sync_dir(&part)?;
        durable::rename(&part, to)?;
        Ok(Exported { head: checkpoint.head, tiles })
    });
    if copied.is_err() {
        durable::remove(&part)?;
    }
    copied
}

/// Copies the tiles of a tree, and checks that they are it. Gives how many.
pub(super) fn copy(
    from: &Tiles,
    to: &Path,
    head: Head,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize, ExportError> {
    let target = Tiles::at(to);
    let all = tiles::of_log(head.size).count();
    let mut folders = BTreeSet::new();
    for (done, tile) in tiles::of_log(head.size).enumerate() {
        progress(done, all);
        let path = target.path(&tile);
        if let Some(folder) = path.parent().filter(|folder| !folders.contains(*folder)) {
            durable::create_dir(folder)?;
            folders.insert(folder.to_owned());
        }
        write(&path, &from.bytes(&tile)?)?;
    }
    for folder in &folders {
        durable::sync_dir(folder)?;
    }
    // What counts is what was written, not what was read.
    if Tree::of(target.clone()).head(head.size)? != head {
        return Err(LogError::Torn { path: from.folder().to_owned() }.into());
    }
    Ok(all)
}

/// Writes a file of a copy that does not count yet: its name is made to stay later, with its folder.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        durable::create_dir(folder)?;
    }
    fs::write(path, bytes)?;
    durable::sync(path)
}

fn readme(checkpoint: &Checkpoint<'_>) -> String {
    let (origin, size) = (checkpoint.origin, checkpoint.head.size);
    format!(
        "# Nhật ký phát thanh `{origin}`\n\n\
         Thư mục này là bản sao đầy đủ của nhật ký, gồm {size} mục. Không cần tin bàn điều phối vẫn kiểm tra được:\n\n\
         - `checkpoint`: đầu nhật ký, có chữ ký của bàn điều phối và của những người làm chứng (C2SP tlog-checkpoint).\n\
         - `tile/`: cây băm; `tile/entries/`: các mục (C2SP tlog-tiles, RFC 6962).\n\
         - `policy`: khoá của nhật ký và của người làm chứng (C2SP tlog-policy). Hãy so với bản bạn đã có từ trước; \
         bản nằm trong chính thư mục này không chứng minh điều gì.\n\
         - `root`: khoá của cán bộ duyệt và của bàn điều phối; `roots/`: những bản trước đó, nếu có.\n\n\
         Kiểm tra: `loa audit verify` với thư mục này, hoặc bất kỳ công cụ nào đọc được tlog-tiles.\n\n\
         # Broadcast log `{origin}`\n\n\
         This folder is a full copy of the log, {size} entries. It can be checked without trusting the desk:\n\n\
         - `checkpoint`: the head of the log, signed by the desk and by witnesses (C2SP tlog-checkpoint).\n\
         - `tile/`: the tree of hashes; `tile/entries/`: the entries (C2SP tlog-tiles, RFC 6962).\n\
         - `policy`: the keys of the log and of the witnesses (C2SP tlog-policy). Compare it with the one that you got \
         before; the one in this folder proves nothing by lying here.\n\
         - `root`: the keys of the approving officers and of the desk; `roots/`: those before, where there were any.\n\n\
         To check: `loa audit verify` on this folder, or any program that reads tlog-tiles.\n"
    )
}
