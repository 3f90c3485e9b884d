//! The desk's blobs as players ask for them: part by part, with signed manifests.
//!
//! Content lies on the shelf under its hash; what is kept here is the map of its chunks, made once by reading it and
//! then held for a while. A blob that does not hash to its name is not served. Who gets what is `dispatch.rs`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use loa_domain::delivery::blob::{self, BlobRef, Part, Shape};
use loa_domain::id::{Hash, Hasher};
use loa_domain::keys::{self, Purpose, SecretKey};
use loa_domain::limits::CHUNK_BYTES;
use loa_domain::wire;
use loa_host::durable;

/// Blobs whose maps are held at once; each is under 140 KB.
const HELD: usize = 256;

/// A blob ready to be served.
#[derive(Debug)]
pub struct Served {
    /// Its shape.
    pub shape: Shape,
    /// Its signed manifest.
    pub manifest: Vec<u8>,
    hash: Hash,
    pages: Vec<Vec<u8>>,
    file: File,
}

impl Served {
    /// The message of one part: header and payload.
    pub fn part(&self, part: u32) -> io::Result<Vec<u8>> {
        let mut message = blob::header(&self.hash, part).to_vec();
        match self.shape.part(part) {
            Some(Part::Page { page, .. }) => message.extend(&self.pages[page as usize]),
            Some(Part::Chunk { offset, bytes, .. }) => {
                let start = message.len();
                message.resize(start + bytes as usize, 0);
                self.file.read_exact_at(&mut message[start..], u64::from(offset))?;
            }
            None => return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such part")),
        }
        Ok(message)
    }
}

/// All blobs of the desk.
#[derive(Debug)]
pub struct Blobs {
    dir: PathBuf,
    held: HashMap<Hash, Arc<Served>>,
}

impl Blobs {
    /// The blobs in a folder.
    pub fn open(dir: PathBuf) -> io::Result<Self> {
        durable::create_dir(&dir)?;
        Ok(Self { dir, held: HashMap::new() })
    }

    /// Where a blob lies: two digits of its hash make a folder, so that no folder gets too long.
    #[must_use]
    pub fn path(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.dir.join(&name[..2]).join(name)
    }

    /// Keeps a blob.
    pub fn put(&self, bytes: &[u8]) -> io::Result<BlobRef> {
        let blob = BlobRef { hash: Hash::of(bytes), size: u32::try_from(bytes.len()).map_err(io::Error::other)? };
        let path = self.path(&blob.hash);
        if !path.is_file() {
            if let Some(folder) = path.parent() {
                durable::create_dir(folder)?;
            }
            durable::write(&path, bytes)?;
        }
        Ok(blob)
    }

    /// A blob, mapped and with its manifest signed.
    ///
    /// # Errors
    /// When it is not here, cannot be read, or no longer is what its name says.
    pub fn serve(&mut self, hash: &Hash, desk: &SecretKey) -> io::Result<Arc<Served>> {
        if let Some(served) = self.held.get(hash) {
            return Ok(served.clone());
        }
        let served = Arc::new(self.map(hash, desk)?);
        if self.held.len() >= HELD {
            // All of them can be made again; which one goes does not matter.
            self.held.clear();
        }
        self.held.insert(*hash, served.clone());
        Ok(served)
    }

    /// Forgets every map: a file may have gone bad, or been put right by another in its place, since it was mapped.
    pub fn forget(&mut self) {
        self.held.clear();
    }

    fn map(&self, hash: &Hash, desk: &SecretKey) -> io::Result<Served> {
        let mut file = File::open(self.path(hash))?;
        let size = u32::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        let bad = |why: &'static str| io::Error::new(io::ErrorKind::InvalidData, why);
        let shape = Shape::of(size).ok_or_else(|| bad("empty, or larger than a blob may be"))?;
        let mut hasher = Hasher::default();
        let mut chunks = Vec::with_capacity(shape.chunks() as usize);
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut left = size as usize;
        while left > 0 {
            let chunk = &mut buffer[..left.min(CHUNK_BYTES)];
            file.read_exact(chunk)?;
            hasher.update(chunk);
            chunks.push(Hash::of(chunk));
            left -= chunk.len();
        }
        if hasher.finish() != *hash {
            return Err(bad("the file no longer is what its name says; add the clip again"));
        }
        let blob = BlobRef { hash: *hash, size };
        let (manifest, pages) = blob::manifest(blob, &chunks).ok_or_else(|| bad("no manifest fits it"))?;
        let manifest = keys::seal(&wire::encode(&manifest), Purpose::Manifest, &[desk]);
        Ok(Served { shape, manifest, hash: *hash, pages, file })
    }
}
