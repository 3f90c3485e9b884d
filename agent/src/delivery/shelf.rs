//! The shelf: content as files named by their SHA-256, and blobs still on their way.
//!
//! A file stands under its hash only after all of it was read back and hashed, so whatever stands there is right. The
//! parts of an unfinished blob and the map of which are here lie beside it, so a fetch goes on after any cut. It decides
//! what to throw away when room is short; what is fetched, `fetch.rs`.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use loa_domain::delivery::blob::{Manifest, Shape, bits};
use loa_domain::id::{Hash, Hasher};
use loa_host::durable;

/// Below this much free disk, in bytes, nothing more is fetched: proofs and the store come first.
pub const SPARE_BYTES: u64 = 64 << 20;
/// Content that no order names any more is kept for later up to this much, in bytes: SIM data costs money, disk does not.
const KEEP_BYTES: u64 = 1 << 30;

/// The shelf.
#[derive(Clone, Debug)]
pub struct Shelf {
    whole: PathBuf,
    partial: PathBuf,
}

impl Shelf {
    /// The shelf in a folder, made if missing.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let shelf = Self { whole: dir.join("content"), partial: dir.join("partial") };
        durable::create_dir(&shelf.whole)?;
        durable::create_dir(&shelf.partial)?;
        // A disk that the kernel made read-only still plays.
        if let Err(error) = durable::sweep(&shelf.whole) {
            tracing::error!(%error, "the shelf cannot be swept");
        }
        Ok(shelf)
    }

    /// Where a blob lies, if all of it does.
    #[must_use]
    pub fn path(&self, hash: &Hash) -> Option<PathBuf> {
        let path = self.whole.join(hash.to_string());
        path.is_file().then_some(path)
    }

    /// Whether a blob is here.
    #[must_use]
    pub fn has(&self, hash: &Hash) -> bool {
        self.path(hash).is_some()
    }

    /// All of a small blob, read back and checked.
    #[must_use]
    pub fn read(&self, hash: &Hash) -> Option<Vec<u8>> {
        let bytes = std::fs::read(self.path(hash)?).ok()?;
        (Hash::of(&bytes) == *hash).then_some(bytes)
    }

    /// Whether a blob is here as it should be: all of it is read back. One that is not is taken off the shelf.
    #[must_use]
    pub fn verify(&self, hash: &Hash) -> bool {
        let Some(path) = self.path(hash) else { return false };
        let right = File::open(&path).and_then(hash_of).is_ok_and(|found| found == *hash);
        if !right && let Err(error) = std::fs::remove_file(&path) {
            tracing::error!(?hash, %error, "a damaged file cannot be taken away");
        }
        right
    }

    /// Free disk space in bytes.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        durable::free_bytes(&self.whole).unwrap_or(u64::MAX)
    }

    /// Throws away what is neither wanted nor likely to be wanted: unfinished blobs, and the oldest content beyond what
    /// is kept for later, or all of it where room is short.
    pub fn tidy(&self, wanted: &HashSet<Hash>) {
        let is_wanted = |path: &Path| {
            let name = path.file_stem().and_then(|name| name.to_str());
            name.and_then(|name| name.parse().ok()).is_some_and(|hash: Hash| wanted.contains(&hash))
        };
        for entry in std::fs::read_dir(&self.partial).into_iter().flatten().flatten() {
            if !is_wanted(&entry.path()) {
                let _gone = std::fs::remove_file(entry.path());
            }
        }
        let mut idle: Vec<_> = std::fs::read_dir(&self.whole)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| !is_wanted(&entry.path()))
            .filter_map(|entry| entry.metadata().ok().map(|meta| (meta.modified().ok(), meta.len(), entry.path())))
            .collect();
        idle.sort();
        let mut total: u64 = idle.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in idle {
            if total <= KEEP_BYTES && self.free_bytes() > 2 * SPARE_BYTES {
                break;
            }
            total -= bytes;
            let _gone = std::fs::remove_file(path);
        }
    }

    /// The unfinished blob, taken up where it was cut.
    pub fn partial(&self, hash: Hash, shape: Shape, size: u32) -> io::Result<Partial> {
        let path = |end: &str| self.partial.join(format!("{hash}.{end}"));
        let open = |end: &str| OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path(end));
        let content = open("content")?;
        let pages = open("pages")?;
        let mut held = std::fs::read(path("map")).unwrap_or_default();
        // A map of another length, or one ahead of its files, is no map.
        if held.len() != bits::bytes(shape.parts()) || content.metadata()?.len() != u64::from(size) {
            held = vec![0; bits::bytes(shape.parts())];
            content.set_len(u64::from(size))?;
        }
        Ok(Partial { hash, content, pages, held, unsynced: 0, dir: self.partial.clone(), whole: self.whole.clone() })
    }
}

fn hash_of(mut file: File) -> io::Result<Hash> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..length]);
    }
}

/// A blob on its way.
#[derive(Debug)]
pub struct Partial {
    hash: Hash,
    content: File,
    pages: File,
    /// One bit per part.
    pub held: Vec<u8>,
    unsynced: u32,
    dir: PathBuf,
    whole: PathBuf,
}

/// Parts written between two fsyncs: what a power cut costs at most is as many parts, fetched again.
const SYNC_PARTS: u32 = 64;

impl Partial {
    fn path(&self, end: &str) -> PathBuf {
        self.dir.join(format!("{}.{end}", self.hash))
    }

    /// The sealed manifest, if it came before.
    #[must_use]
    pub fn manifest(&self) -> Option<Vec<u8>> {
        std::fs::read(self.path("manifest")).ok()
    }

    /// Keeps the sealed manifest.
    pub fn keep_manifest(&self, sealed: &[u8]) -> io::Result<()> {
        durable::write(&self.path("manifest"), sealed)
    }

    /// Writes a chunk of content.
    pub fn write_chunk(&mut self, part: u32, offset: u32, bytes: &[u8]) -> io::Result<()> {
        self.content.write_all_at(bytes, u64::from(offset))?;
        self.wrote(part)
    }

    /// Writes a page of hashes.
    pub fn write_page(&mut self, part: u32, offset: u32, bytes: &[u8]) -> io::Result<()> {
        self.pages.write_all_at(bytes, u64::from(offset))?;
        self.wrote(part)
    }

    fn wrote(&mut self, part: u32) -> io::Result<()> {
        bits::set(&mut self.held, part);
        self.unsynced += 1;
        if self.unsynced >= SYNC_PARTS { self.sync() } else { Ok(()) }
    }

    /// Puts everything written so far, and then the map of it, safely on disk.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.unsynced > 0 {
            self.content.sync_data()?;
            self.pages.sync_data()?;
            durable::write(&self.path("map"), &self.held)?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// The hash of a chunk, from its page.
    #[must_use]
    pub fn chunk_hash(&self, chunk: u32) -> Option<Hash> {
        let mut hash = [0; 32];
        self.pages.read_exact_at(&mut hash, u64::from(chunk) * 32).ok()?;
        Some(Hash(hash))
    }

    /// Whether the pages on disk are those of the manifest: they may be torn after a power cut.
    #[must_use]
    pub fn pages_match(&self, manifest: &Manifest, shape: Shape) -> bool {
        use loa_domain::delivery::blob::Part;
        (0..shape.pages()).filter(|page| bits::has(&self.held, *page)).all(|page| {
            let Some(Part::Page { bytes, .. }) = shape.part(page) else { return false };
            let mut hashes = vec![0; bytes as usize];
            let offset = u64::from(page) * loa_domain::limits::CHUNK_BYTES as u64;
            let read = self.pages.read_exact_at(&mut hashes, offset).is_ok();
            read && manifest.pages.get(page as usize) == Some(&Hash::of(&hashes))
        })
    }

    /// Reads all of it back; puts it on the shelf if it is what it should be. False if not: then nothing of it stays.
    pub fn finish(mut self) -> io::Result<bool> {
        self.sync()?;
        let right = hash_of(File::open(self.path("content"))?)? == self.hash;
        if right {
            durable::rename(&self.path("content"), &self.whole.join(self.hash.to_string()))?;
        }
        self.discard();
        Ok(right)
    }

    /// Throws it away.
    pub fn discard(self) {
        for end in ["content", "pages", "map", "manifest"] {
            let _gone = std::fs::remove_file(self.path(end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_domain::limits::CHUNK_BYTES;

    fn bytes() -> Vec<u8> {
        (0..40_000_u32).map(|n| (n * 7 % 251) as u8).collect()
    }

    fn fill(partial: &mut Partial, bytes: &[u8], chunks: std::ops::Range<usize>) {
        for chunk in chunks {
            let offset = chunk * CHUNK_BYTES;
            let end = (offset + CHUNK_BYTES).min(bytes.len());
            partial.write_chunk(chunk as u32 + 1, offset as u32, &bytes[offset..end]).expect("room on disk");
        }
    }

    #[test]
    fn a_blob_stands_on_the_shelf_only_when_all_of_it_is_right() {
        let dir = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(dir.path()).expect("opens");
        let bytes = bytes();
        let hash = Hash::of(&bytes);
        let shape = Shape::of(bytes.len() as u32).expect("a fair size");
        let mut partial = shelf.partial(hash, shape, bytes.len() as u32).expect("opens");
        fill(&mut partial, &bytes, 0..2);
        assert!(!shelf.has(&hash));
        partial.sync().expect("syncs");
        drop(partial);
        let mut again = shelf.partial(hash, shape, bytes.len() as u32).expect("opens");
        assert_eq!(bits::count(&again.held), 2, "goes on where it was cut");
        fill(&mut again, &bytes, 2..3);
        assert!(again.finish().expect("reads"));
        assert_eq!(shelf.read(&hash), Some(bytes));
    }

    #[test]
    fn a_blob_that_is_not_its_hash_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(dir.path()).expect("opens");
        let bytes = bytes();
        let shape = Shape::of(bytes.len() as u32).expect("a fair size");
        let mut partial = shelf.partial(Hash([9; 32]), shape, bytes.len() as u32).expect("opens");
        fill(&mut partial, &bytes, 0..3);
        assert!(!partial.finish().expect("reads"));
        assert!(!shelf.has(&Hash([9; 32])));
        assert_eq!(std::fs::read_dir(dir.path().join("partial")).expect("reads").count(), 0);
    }

    #[test]
    fn content_that_rotted_on_the_disk_is_not_read_as_right() {
        let dir = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(dir.path()).expect("opens");
        let hash = Hash::of(b"good");
        std::fs::write(dir.path().join("content").join(hash.to_string()), b"bad!").expect("writes");
        assert_eq!(shelf.read(&hash), None);
    }
}
