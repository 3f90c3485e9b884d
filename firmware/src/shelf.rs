//! Content on the board's flash: where each blob lies, and what goes when there is no room.
//!
//! A blob lies in slots of four sectors, one for each chunk, so that a chunk that arrives wrong is erased without
//! touching its neighbours. A blob stands in the list only when all of it is here and its hash is right; the list is one
//! value of the store. What is fetched, and why, is `courier.rs`. Next: `fetch.rs`.

use core::ops::Range;

use loa_domain::id::{Hash, Hasher};
use loa_domain::limits::CHUNK_BYTES;
use loa_domain::wire::{Decode, Encode, List};

use crate::flash::{Broken, Flash, SECTOR, SHELF};
use crate::store::{Name, Store};

/// Chunks of the largest blob that a board takes: 113 KiB, a picture of 192×96 in full colour twice over.
pub const CHUNKS: usize = 7;
/// Blobs on the shelf at most.
const HELD: usize = 28;
/// Sectors of one chunk's slot.
const SLOT: u32 = (CHUNK_BYTES as u32).div_ceil(SECTOR);
/// Bytes that are read at a time to be hashed.
const PIECE: usize = 256;

/// Where a blob lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Lies {
    /// Its SHA-256.
    #[n(0)]
    pub hash: Hash,
    /// Its size in bytes.
    #[n(1)]
    pub size: u32,
    /// Its first sector, counted from the beginning of the shelf.
    #[n(2)]
    pub sector: u16,
}

impl Lies {
    fn sectors(&self) -> Range<u32> {
        let from = u32::from(self.sector);
        from..from + sectors(self.size)
    }

    /// Where the bytes of a chunk lie in the flash.
    #[must_use]
    pub fn slot(&self, chunk: u32) -> Range<u32> {
        let begin = SHELF.start + (u32::from(self.sector) + chunk * SLOT) * SECTOR;
        let length = self.size.saturating_sub(chunk * CHUNK_BYTES as u32).min(CHUNK_BYTES as u32);
        begin..begin + length
    }

    /// Copies bytes of the blob from `offset` on; gives how many there were.
    pub fn read<F: Flash>(&self, flash: &mut F, offset: u32, into: &mut [u8]) -> Result<usize, Broken> {
        let wanted = into.len().min(self.size.saturating_sub(offset) as usize);
        let mut done = 0;
        while done < wanted {
            let at = offset + done as u32;
            let slot = self.slot(at / CHUNK_BYTES as u32);
            let from = slot.start + at % CHUNK_BYTES as u32;
            let length = (wanted - done).min((slot.end - from) as usize);
            flash.get(from, &mut into[done..done + length])?;
            done += length;
        }
        Ok(done)
    }

    /// Whether the flash holds what its name says.
    pub fn is_right<F: Flash>(&self, flash: &mut F) -> Result<bool, Broken> {
        let mut hasher = Hasher::default();
        let mut piece = [0; PIECE];
        let mut at = 0;
        while at < self.size {
            let length = self.read(flash, at, &mut piece)?;
            hasher.update(&piece[..length]);
            at += length as u32;
        }
        Ok(hasher.finish() == self.hash)
    }
}

/// Sectors that a blob takes.
fn sectors(size: u32) -> u32 {
    let chunks = size / CHUNK_BYTES as u32;
    chunks * SLOT + (size % CHUNK_BYTES as u32).div_ceil(SECTOR)
}

/// What lies on the shelf.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    held: List<Lies, HELD>,
}

impl Shelf {
    /// The shelf as the store has it.
    pub fn load<F: Flash>(store: &mut Store<'_, F>) -> Self {
        let mut held: List<Lies, HELD> = store.get(Name::Shelf).unwrap_or_default();
        let end = (SHELF.end - SHELF.start) / SECTOR;
        held.retain(|lies| lies.size > 0 && lies.size as usize <= CHUNKS * CHUNK_BYTES && lies.sectors().end <= end);
        Self { held }
    }

    /// Where a blob lies, if it is here.
    #[must_use]
    pub fn find(&self, hash: &Hash) -> Option<Lies> {
        self.held.iter().find(|lies| lies.hash == *hash).copied()
    }

    /// Free bytes, as far as blobs of one sector go.
    #[must_use]
    pub fn free_bytes(&self) -> u32 {
        let used: u32 = self.held.iter().map(|lies| sectors(lies.size) * SECTOR).sum();
        (SHELF.end - SHELF.start).saturating_sub(used)
    }

    /// A place for a blob, where nothing lies that `wanted` says yes to; what lies there goes. None if there is none.
    pub fn make_room<F: Flash>(
        &mut self,
        hash: Hash,
        size: u32,
        wanted: impl Fn(&Hash) -> bool,
        store: &mut Store<'_, F>,
    ) -> Option<Lies> {
        if size == 0 || size as usize > CHUNKS * CHUNK_BYTES {
            return None;
        }
        if self.gap(size).is_none() || self.held.is_full() {
            self.held.retain(|lies| wanted(&lies.hash));
            self.keep(store).ok()?;
        }
        let sector = self.gap(size).filter(|_| !self.held.is_full())?;
        Some(Lies { hash, size, sector })
    }

    /// The first gap of so many bytes.
    fn gap(&self, size: u32) -> Option<u16> {
        let (length, end) = (sectors(size), (SHELF.end - SHELF.start) / SECTOR);
        let mut from = 0;
        while from + length <= end {
            let wanted = from..from + length;
            let lies = self.held.iter().map(Lies::sectors);
            let mut in_the_way = lies.filter(|used| used.start < wanted.end && wanted.start < used.end);
            match in_the_way.next() {
                Some(used) => from = used.end,
                None => return u16::try_from(from).ok(),
            }
        }
        None
    }

    /// A blob is complete and right: from now on it is here.
    pub fn add<F: Flash>(&mut self, lies: Lies, store: &mut Store<'_, F>) -> Result<(), Broken> {
        self.held.retain(|other| other.hash != lies.hash);
        self.held.push(lies).map_err(|_| Broken)?;
        self.keep(store)
    }

    /// A blob is not what its name says, or not needed: it goes.
    pub fn forget<F: Flash>(&mut self, hash: &Hash, store: &mut Store<'_, F>) {
        self.held.retain(|lies| lies.hash != *hash);
        // Should this fail, it is found wrong again after the next start.
        let _stays = self.keep(store);
    }

    /// Puts bytes that are in memory on the shelf.
    pub fn put<F: Flash>(
        &mut self,
        bytes: &[u8],
        wanted: impl Fn(&Hash) -> bool,
        store: &mut Store<'_, F>,
    ) -> Result<Hash, Broken> {
        let hash = Hash::of(bytes);
        if self.find(&hash).is_none() {
            let size = u32::try_from(bytes.len()).map_err(|_| Broken)?;
            let lies = self.make_room(hash, size, wanted, store).ok_or(Broken)?;
            for (chunk, bytes) in (0..).zip(bytes.chunks(CHUNK_BYTES)) {
                let slot = lies.slot(chunk);
                let flash = store.flash();
                flash.clear(slot.start..slot.end.next_multiple_of(SECTOR))?;
                flash.put(slot.start, bytes)?;
            }
            self.add(lies, store)?;
        }
        Ok(hash)
    }

    fn keep<F: Flash>(&self, store: &mut Store<'_, F>) -> Result<(), Broken> {
        store.put(Name::Shelf, &self.held)
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::flash::ram::Ram;

    fn store(flash: Ram) -> Store<'static, Ram> {
        Store::new(flash, std::boxed::Box::leak(std::boxed::Box::new([0; crate::store::SCRATCH])))
    }

    fn blob(number: u8, size: usize) -> Vec<u8> {
        (0..size).map(|at| (at as u8).wrapping_mul(31) ^ number).collect()
    }

    #[test]
    fn what_was_put_is_read_back_across_chunks_and_after_a_restart() {
        let mut store = store(Ram::default());
        let mut shelf = Shelf::load(&mut store);
        let mut hashes = vec![];
        for (number, size) in [(1, 1), (2, 4_096), (3, 16_128), (4, 16_129), (5, 50_000)] {
            hashes.push((shelf.put(&blob(number, size), |_| true, &mut store).expect("there is room"), number, size));
        }
        let shelf = Shelf::load(&mut store);
        for (hash, number, size) in hashes {
            let lies = shelf.find(&hash).expect("it is here");
            let mut bytes = vec![0; size + 5];
            assert_eq!(lies.read(store.flash(), 0, &mut bytes), Ok(size));
            assert_eq!(bytes[..size], blob(number, size));
            assert_eq!(lies.is_right(store.flash()), Ok(true));
            store.flash().put(lies.slot(0).start, &[0]).expect("written");
            assert_eq!(lies.is_right(store.flash()), Ok(bytes[0] == 0), "a bit that fell");
        }
    }

    #[test]
    fn without_room_what_nobody_wants_goes_and_what_is_wanted_stays() {
        let mut store = store(Ram::default());
        let mut shelf = Shelf::load(&mut store);
        let first = shelf.put(&blob(0, 100_000), |_| true, &mut store).expect("there is room");
        let mut put = 1;
        while shelf.put(&blob(put, 100_000), |_| true, &mut store).is_ok() {
            put += 1;
        }
        assert_eq!(put, 4, "four blobs of 100 kB fill 118 sectors");
        let last = shelf.put(&blob(9, 100_000), |hash| *hash == first, &mut store).expect("room was made");
        assert!(shelf.find(&first).is_some_and(|lies| lies.is_right(store.flash()) == Ok(true)));
        assert!(shelf.find(&last).is_some_and(|lies| lies.is_right(store.flash()) == Ok(true)));
        assert!(
            shelf.put(&blob(8, CHUNKS * CHUNK_BYTES + 1), |_| false, &mut store).is_err(),
            "too large for any board"
        );
        assert!(shelf.free_bytes() < SHELF.end - SHELF.start);
    }

    #[test]
    fn the_list_is_bounded() {
        let mut store = store(Ram::default());
        let mut shelf = Shelf::load(&mut store);
        let put = (0..100).take_while(|number| shelf.put(&blob(*number, 10), |_| true, &mut store).is_ok()).count();
        assert_eq!(put, HELD);
        shelf.put(&blob(200, 10), |_| false, &mut store).expect("the others go");
    }
}
