//! How a blob is cut into chunks, and how each chunk proves itself.
//!
//! A blob's chunks are hashed; their hashes, 504 to a page, are the manifest's pages; the desk signs the hashes of the
//! pages. So a chunk is checked the moment it arrives, with one page in memory, and a blob of 64 MiB needs a signed
//! head of some 350 bytes. Pages and chunks travel alike: parts `0..pages` are the pages, the rest the chunks.
//! Who asks for what, and when, is `receiver.rs`.

use crate::id::Hash;
use crate::limits::{BLOB_BYTES, CHUNK_BYTES, PAGE_HASHES, PAGES};
use crate::wire::{Decode, Encode, List};

/// Bytes before a part's payload on a chunk topic: the blob's first eight, then the part's number, big-endian.
pub const HEADER_BYTES: usize = 12;

/// A blob by hash and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BlobRef {
    /// SHA-256 of all of it.
    #[n(0)]
    pub hash: Hash,
    /// Its size in bytes.
    #[n(1)]
    pub size: u32,
}

/// The signed head of a blob: what its pages of chunk hashes must hash to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Manifest {
    /// The blob.
    #[n(0)]
    pub blob: BlobRef,
    /// The hash of each page.
    #[n(1)]
    pub pages: List<Hash, PAGES>,
}

/// How many parts of which size a blob of one size has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    size: u32,
}

impl Shape {
    /// The shape of a blob of `size` bytes, or `None` when it is empty or larger than a blob may be.
    #[must_use]
    pub fn of(size: u32) -> Option<Self> {
        (size > 0 && u64::from(size) <= BLOB_BYTES).then_some(Self { size })
    }

    /// How many chunks the content has.
    #[must_use]
    pub fn chunks(self) -> u32 {
        self.size.div_ceil(CHUNK_BYTES as u32)
    }

    /// How many pages of hashes.
    #[must_use]
    pub fn pages(self) -> u32 {
        self.chunks().div_ceil(PAGE_HASHES as u32)
    }

    /// How many parts: pages, then chunks.
    #[must_use]
    pub fn parts(self) -> u32 {
        self.pages() + self.chunks()
    }

    /// What a part is.
    #[must_use]
    pub fn part(self, part: u32) -> Option<Part> {
        if part < self.pages() {
            let hashes = (self.chunks() - part * PAGE_HASHES as u32).min(PAGE_HASHES as u32);
            return Some(Part::Page { page: part, bytes: hashes * 32 });
        }
        let chunk = part - self.pages();
        (chunk < self.chunks()).then(|| {
            let offset = chunk * CHUNK_BYTES as u32;
            Part::Chunk { chunk, offset, bytes: (self.size - offset).min(CHUNK_BYTES as u32) }
        })
    }
}

/// One part of a blob in transit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A page of chunk hashes.
    Page {
        /// Which page.
        page: u32,
        /// Its length in bytes.
        bytes: u32,
    },
    /// A chunk of content.
    Chunk {
        /// Which chunk.
        chunk: u32,
        /// Where it lies in the blob, in bytes.
        offset: u32,
        /// Its length in bytes.
        bytes: u32,
    },
}

/// The header of a part on a chunk topic.
#[must_use]
pub fn header(blob: &Hash, part: u32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&blob.short());
    header[8..].copy_from_slice(&part.to_be_bytes());
    header
}

/// A message of a chunk topic taken apart: the blob's first eight bytes, the part's number, its payload.
#[must_use]
pub fn split(message: &[u8]) -> Option<([u8; 8], u32, &[u8])> {
    let (short, rest) = message.split_first_chunk::<8>()?;
    let (part, payload) = rest.split_first_chunk::<4>()?;
    Some((*short, u32::from_be_bytes(*part), payload))
}

/// The pages of a blob and its manifest, from the hashes of its chunks in order.
#[cfg(feature = "alloc")]
#[must_use]
pub fn manifest(blob: BlobRef, chunk_hashes: &[Hash]) -> Option<(Manifest, alloc::vec::Vec<alloc::vec::Vec<u8>>)> {
    let shape = Shape::of(blob.size)?;
    if chunk_hashes.len() != shape.chunks() as usize {
        return None;
    }
    let pages: alloc::vec::Vec<alloc::vec::Vec<u8>> =
        chunk_hashes.chunks(PAGE_HASHES).map(|hashes| hashes.iter().flat_map(|hash| hash.0).collect()).collect();
    let hashes = List::collect(pages.iter().map(|page| Hash::of(page))).ok()?;
    Some((Manifest { blob, pages: hashes }, pages))
}

/// Which parts are held: one bit each, in bytes that the caller keeps.
pub mod bits {
    /// Bytes for `parts` bits.
    #[must_use]
    pub const fn bytes(parts: u32) -> usize {
        (parts as usize).div_ceil(8)
    }

    /// Whether the bit of `part` is set.
    #[must_use]
    pub fn has(bits: &[u8], part: u32) -> bool {
        bits.get(part as usize / 8).is_some_and(|byte| byte & (1 << (part % 8)) != 0)
    }

    /// Sets the bit of `part`.
    pub fn set(bits: &mut [u8], part: u32) {
        if let Some(byte) = bits.get_mut(part as usize / 8) {
            *byte |= 1 << (part % 8);
        }
    }

    /// How many bits are set.
    #[must_use]
    pub fn count(bits: &[u8]) -> u32 {
        bits.iter().map(|byte| byte.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_blob_has_as_many_pages_as_a_manifest_holds() {
        let shape = Shape::of(BLOB_BYTES as u32).expect("the largest size is allowed");
        assert_eq!(shape.pages() as usize, PAGES);
        assert_eq!(Shape::of(BLOB_BYTES as u32 + 1), None);
        assert_eq!(Shape::of(0), None);
    }

    #[test]
    fn parts_cover_every_byte_once() {
        for size in [1, 16_127, 16_128, 16_129, 504 * 16_128, 504 * 16_128 + 1, 20_000_000] {
            let shape = Shape::of(size).expect("a fair size");
            let mut next = 0;
            let mut hashes = 0;
            for part in 0..shape.parts() {
                match shape.part(part).expect("within") {
                    Part::Page { bytes, .. } => hashes += bytes / 32,
                    Part::Chunk { offset, bytes, .. } => {
                        assert_eq!(offset, next);
                        next += bytes;
                    }
                }
            }
            assert_eq!((next, hashes), (size, shape.chunks()), "{size}");
            assert_eq!(shape.part(shape.parts()), None);
        }
    }
}
