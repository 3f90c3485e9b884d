//! The log within a desk's backup: carried out after the store, and back in without ever going back.
//!
//! A backup's log is at least as new as its store, so a restored store may lack the last entries: it is then made again
//! from the log. A log that stands where it is restored to and is newer stays: what was signed cannot be taken back.
//! What else is in a backup is decided in `cli/backup.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_host::durable;

use super::export::{self, ExportError};
use super::log::{LogError, Tiles};
use super::rebuild::rebuild;
use crate::config::Folder;
use crate::store::Store;

/// In a backup's log: what the desk had signed last. Written last: a copy without it does not count.
const SIGNED: &str = "signed";

/// A checkpoint as it was kept: its note, its log's name, its tree.
struct Signed {
    note: String,
    origin: String,
    head: Head,
}

fn signed(path: &Path) -> Option<Signed> {
    let note = fs::read_to_string(path).ok()?;
    let read = Note::read(note.as_bytes()).ok()?;
    let checkpoint = Checkpoint::read(read.text()).ok()?;
    let (origin, head) = (checkpoint.origin.to_owned(), checkpoint.head);
    Some(Signed { note, origin, head })
}

/// Copies the log of a desk into a backup, as far as it is signed; nothing where there is no log yet. The store must have
/// been copied before.
///
/// # Errors
/// See [`ExportError`].
pub fn back_up(from: &Folder, to: &Folder) -> Result<(), ExportError> {
    let Some(signed) = signed(&from.signed_checkpoint()) else { return Ok(()) };
    copy(from, to, &signed)?;
    Ok(durable::write(&to.log().join(SIGNED), signed.note.as_bytes())?)
}

fn copy(from: &Folder, to: &Folder, signed: &Signed) -> Result<(), ExportError> {
    durable::create_dir(&to.log())?;
    let tiles = Tiles::at(from.log());
    export::copy(&tiles, &to.log(), signed.head, &mut |_, _| {})?;
    if let Some(note) = tiles.checkpoint()? {
        durable::write(&Tiles::at(to.log()).checkpoint_file(), note.as_bytes())?;
    }
    Ok(())
}

/// What the desk that is restored to has signed last, to be read before its keys are replaced.
#[must_use]
pub fn present(folder: &Folder) -> Option<PathBuf> {
    let kept = folder.dir().join("log.kept");
    let path = folder.signed_checkpoint();
    (path.is_file() && fs::copy(&path, &kept).is_ok()).then_some(kept)
}

/// Brings a backup's log back, if the one that is there is not newer; `present` is what was signed there. Then lets the
/// store catch up with the log. What is replaced is set aside under `mark`.
///
/// # Errors
/// When the log cannot be copied, or the store cannot be made again from it.
pub async fn restore(from: &Folder, to: &Folder, present: Option<PathBuf>, mark: &str) -> Result<(), ExportError> {
    let theirs = signed(&from.log().join(SIGNED));
    let ours = present.as_deref().and_then(signed);
    if let Some(present) = &present {
        durable::remove(present)?;
    }
    let newer = |ours: &Signed, theirs: &Signed| ours.origin == theirs.origin && ours.head.size >= theirs.head.size;
    let kept = match (theirs, ours) {
        (None, None) => return Ok(()),
        (None, Some(ours)) => ours,
        (Some(theirs), Some(ours)) if newer(&ours, &theirs) => ours,
        (Some(theirs), _) => {
            if to.log().exists() {
                durable::rename(&to.log(), &to.dir().join(format!("log.{mark}.before-restore")))?;
            }
            copy(from, to, &theirs)?;
            theirs
        }
    };
    durable::create_dir(&to.keys())?;
    durable::write(&to.signed_checkpoint(), kept.note.as_bytes())?;
    let store = Store::open(&to.store().display().to_string()).await.map_err(LogError::from)?;
    let end = store.log_end().await.map_err(LogError::from);
    store.close().await;
    if end? < kept.head.size && to.keys().join("log.key").is_file() {
        let rebuilt = rebuild(to, Some(&format!("{mark}-behind")), &mut |_, _| {}).await?;
        // It is the backup's store, which is still in the backup.
        if let Some(aside) = rebuilt.aside {
            durable::remove(&aside)?;
        }
    }
    Ok(())
}
