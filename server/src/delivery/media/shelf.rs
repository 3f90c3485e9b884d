//! Where clips lie on the desk's disk: by the SHA-256 of their bytes, whole or not at all.
//!
//! `<dir>/<first two hex digits>/<sha256>` are the clips, `<dir>/known/…json` remember which upload became
//! which clip (losing one only costs the work of rendering again), `<dir>/draft` holds what is not finished
//! and is emptied when nobody else has the shelf open. The only file that names the hash and the temporary
//! files. It does not know what a clip sounds like; that is the front page.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

/// A SHA-256.
pub type Hash = [u8; 32];

/// The clips of a desk. Several processes may have the same shelf open.
pub struct Shelf {
    dir: PathBuf,
    /// Held shared as long as the shelf is open, so that a newcomer does not clear drafts away.
    _lock: File,
}

/// A file being written. Dropped without [`Shelf::store`], it is gone.
pub struct Draft(NamedTempFile);

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The SHA-256 of its bytes.
    pub sha256: Hash,
    /// How many bytes.
    pub size_bytes: u64,
    /// Whether the same bytes were on the shelf already.
    pub was_present: bool,
}

/// A folder for what nobody keeps; it is gone when this is dropped.
///
/// # Errors
/// The disk's.
pub fn scratch() -> io::Result<impl AsRef<Path>> {
    tempfile::tempdir()
}

impl Shelf {
    /// Opens the shelf in `dir`, making it when it is not there.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir.join("draft"))?;
        fs::create_dir_all(dir.join("known"))?;
        let lock = File::create(dir.join("draft.lock"))?;
        if lock.try_lock().is_ok() {
            // Nobody else is here: what lies in the draft folder was left by a crash.
            for entry in fs::read_dir(dir.join("draft"))? {
                fs::remove_file(entry?.path())?;
            }
            lock.unlock()?;
        }
        lock.lock_shared()?;
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    /// Where the clip with this hash lies, or would lie.
    #[must_use]
    pub fn path(&self, sha256: &Hash) -> PathBuf {
        let name = hex(sha256);
        self.dir.join(&name[..2]).join(name)
    }

    /// Whether the clip is here and its bytes are what its name says.
    ///
    /// # Errors
    /// The disk's, but a missing file is `false`.
    pub fn holds(&self, sha256: &Hash) -> io::Result<bool> {
        match File::open(self.path(sha256)) {
            Ok(file) => Ok(hash(file, &mut |_| {})? == *sha256),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// An unnamed file for working in.
    ///
    /// # Errors
    /// The disk's.
    pub fn scratch(&self) -> io::Result<File> {
        tempfile::tempfile_in(self.dir.join("draft"))
    }

    /// An empty draft.
    ///
    /// # Errors
    /// The disk's.
    pub fn draft(&self) -> io::Result<Draft> {
        Ok(Draft(NamedTempFile::new_in(self.dir.join("draft"))?))
    }

    /// Puts a draft on the shelf under its hash. Once this returns, a power cut cannot take it away.
    ///
    /// # Errors
    /// The disk's; then the shelf is as it was.
    pub fn store(&self, draft: Draft) -> io::Result<Stored> {
        let file = draft.0.as_file();
        let sha256 = hash(File::open(draft.path())?, &mut |_| {})?;
        let size_bytes = file.metadata()?.len();
        if self.holds(&sha256)? {
            return Ok(Stored { sha256, size_bytes, was_present: true });
        }
        file.sync_all()?;
        let target = self.path(&sha256);
        put_in_place(draft.0, &target)?;
        Ok(Stored { sha256, size_bytes, was_present: false })
    }

    /// What was remembered about an upload under `key`. Whatever cannot be read counts as forgotten.
    pub fn recall<T: DeserializeOwned>(&self, source: &Hash, key: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.note_path(source, key)).ok()?).ok()
    }

    /// Remembers something about an upload.
    ///
    /// # Errors
    /// The disk's.
    pub fn remember<T: Serialize>(&self, source: &Hash, key: &str, what: &T) -> io::Result<()> {
        let note = self.draft()?;
        serde_json::to_writer(note.0.as_file(), what)?;
        note.0.as_file().sync_all()?;
        put_in_place(note.0, &self.note_path(source, key))
    }

    fn note_path(&self, source: &Hash, key: &str) -> PathBuf {
        self.dir.join("known").join(format!("{}.{key}.json", hex(source)))
    }
}

impl Draft {
    /// Another handle on the draft, for writing or reading from its own position.
    ///
    /// # Errors
    /// The disk's.
    pub fn file(&self) -> io::Result<File> {
        self.0.reopen()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Renames into place and makes the names durable: the file's folder, and that folder's own name.
fn put_in_place(file: NamedTempFile, target: &Path) -> io::Result<()> {
    let folder = target.parent().ok_or_else(|| io::Error::other("a path without a folder"))?;
    let above = folder.parent().ok_or_else(|| io::Error::other("a path without a folder"))?;
    fs::create_dir_all(folder)?;
    file.persist(target).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    File::open(above)?.sync_all()
}

/// The SHA-256 of everything `from` gives; `progress` is told the bytes so far.
///
/// # Errors
/// The reader's.
pub fn hash(mut from: impl Read, progress: &mut dyn FnMut(u64)) -> io::Result<Hash> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut done = 0;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        done += count as u64;
        progress(done);
    }
}

/// A hash as 64 small letters and digits.
#[must_use]
pub fn hex(hash: &Hash) -> String {
    hash.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn stored(shelf: &Shelf, bytes: &[u8]) -> Stored {
        let draft = shelf.draft().unwrap();
        draft.file().unwrap().write_all(bytes).unwrap();
        shelf.store(draft).unwrap()
    }

    fn files_below(dir: &Path) -> usize {
        fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
            .sum()
    }

    #[test]
    fn a_clip_lies_under_the_sha256_of_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let first = stored(&shelf, b"abc");
        // FIPS 180-2, appendix B.1.
        let name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&first.sha256), name);
        assert_eq!(fs::read(dir.path().join("ba").join(name)).unwrap(), b"abc");
        assert!(!first.was_present && stored(&shelf, b"abc").was_present);
    }

    #[test]
    fn a_draft_that_is_given_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let draft = shelf.draft().unwrap();
        draft.file().unwrap().write_all(b"half").unwrap();
        drop((draft, shelf.scratch().unwrap()));
        assert_eq!(files_below(&dir.path().join("draft")), 0);
    }

    #[test]
    fn what_a_crash_left_is_cleared_but_not_the_draft_of_another_process() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let draft = shelf.draft().unwrap();
        let second = Shelf::open(dir.path()).unwrap();
        assert_eq!(files_below(&dir.path().join("draft")), 1, "the first one is still writing");
        drop((second, shelf));
        std::mem::forget(draft);
        Shelf::open(dir.path()).unwrap();
        assert_eq!(files_below(&dir.path().join("draft")), 0);
    }

    #[test]
    fn a_clip_whose_bytes_went_bad_is_not_held_and_is_put_right_by_the_next_upload() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let clip = stored(&shelf, b"news");
        fs::write(shelf.path(&clip.sha256), b"nevs").unwrap();
        assert!(!shelf.holds(&clip.sha256).unwrap());
        assert!(!stored(&shelf, b"news").was_present);
        assert!(shelf.holds(&clip.sha256).unwrap());
    }

    #[test]
    fn a_note_that_cannot_be_read_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        shelf.remember(&[7; 32], "ogg", &vec![1, 2, 3]).unwrap();
        assert_eq!(shelf.recall::<Vec<u8>>(&[7; 32], "ogg"), Some(vec![1, 2, 3]));
        fs::write(shelf.note_path(&[7; 32], "ogg"), b"{\"half").unwrap();
        assert_eq!(shelf.recall::<Vec<u8>>(&[7; 32], "ogg"), None);
    }
}
