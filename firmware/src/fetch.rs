//! Brings one blob onto the shelf: the rules of `domain/src/delivery/receiver.rs` over flash, part by part as it streams.
//!
//! A part is written while it arrives and counts only when its hash is right; a wrong one is erased before the next try.
//! What a reset cuts is fetched anew: the largest blob is a dozen parts. What is fetched and for which release is
//! `incoming.rs`. Next: `inbox.rs`.

use loa_domain::delivery::blob::{Manifest, Part, bits};
use loa_domain::delivery::receiver::{Act, Held, Receiver, State, Want};
use loa_domain::id::{Hash, Hasher};
use loa_domain::keys::{self, Purpose, Root};

use crate::flash::{Broken, Flash, SECTOR};
use crate::shelf::{CHUNKS, Lies};

/// A part that is arriving.
#[derive(Clone)]
struct Arriving {
    part: u32,
    hasher: Hasher,
    /// Bytes so far.
    length: usize,
    /// Where they go in the flash, if they are a chunk that is wanted.
    slot: Option<u32>,
    /// Whether they are the page of hashes, and it is wanted.
    is_page: bool,
}

/// A blob on its way.
pub struct Fetch {
    lies: Lies,
    receiver: Receiver,
    manifest: Option<Manifest>,
    held: [u8; bits::bytes(CHUNKS as u32 + 1)],
    page: [Hash; CHUNKS],
    arriving: Option<Arriving>,
}

impl Fetch {
    /// Takes up the fetch of a blob to where there is room for it. None if no blob has this size.
    #[must_use]
    pub fn start(lies: Lies) -> Option<Self> {
        let receiver = Receiver::new(lies.hash, lies.size)?;
        let fits = receiver.shape().chunks() as usize <= CHUNKS;
        let (held, page) = ([0; _], [Hash::ZERO; CHUNKS]);
        fits.then_some(Self { lies, receiver, manifest: None, held, page, arriving: None })
    }

    /// Where it will lie.
    #[must_use]
    pub fn lies(&self) -> Lies {
        self.lies
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.receiver.state()
    }

    /// Parts held, and parts in all.
    #[must_use]
    pub fn progress(&self) -> (u32, u32) {
        (bits::count(&self.held), self.receiver.shape().parts())
    }

    /// A sealed manifest arrived. True if it is this blob's.
    #[inline(never)]
    pub fn take_manifest(&mut self, sealed: &[u8], root: &Root) -> bool {
        let Ok(manifest) = keys::open::<Manifest>(sealed, Purpose::Manifest, &root.desk) else { return false };
        let taken = self.receiver.take_manifest(&manifest, &self.held);
        if taken && self.manifest.is_none() {
            self.manifest = Some(manifest);
        }
        taken
    }

    /// A part of this blob begins to arrive.
    pub fn begin_part<F: Flash>(&mut self, part: u32, length: u32, flash: &mut F) -> Result<(), Broken> {
        let shape = self.receiver.shape().part(part);
        let is_wanted = self.state() == State::Fetching && !bits::has(&self.held, part);
        let slot = match shape {
            Some(Part::Chunk { chunk, bytes, .. }) if is_wanted && bytes == length && bits::has(&self.held, 0) => {
                let slot = self.lies.slot(chunk);
                flash.clear(slot.start..slot.end.next_multiple_of(SECTOR))?;
                Some(slot.start)
            }
            _ => None,
        };
        let is_page = is_wanted && matches!(shape, Some(Part::Page { bytes, .. }) if bytes == length);
        self.arriving = Some(Arriving { part, hasher: Hasher::default(), length: 0, slot, is_page });
        Ok(())
    }

    /// More of it.
    pub fn piece<F: Flash>(&mut self, bytes: &[u8], flash: &mut F) -> Result<(), Broken> {
        let Some(arriving) = &mut self.arriving else { return Ok(()) };
        arriving.hasher.update(bytes);
        if arriving.is_page {
            let room = self.page.iter_mut().flat_map(|hash| hash.0.iter_mut());
            room.skip(arriving.length).zip(bytes).for_each(|(room, byte)| *room = *byte);
        }
        let at = arriving.slot.map(|slot| slot + arriving.length as u32);
        arriving.length += bytes.len();
        at.map_or(Ok(()), |at| flash.put(at, bytes))
    }

    /// All of it was there.
    pub fn end_part(&mut self, now_ms: u64) {
        let Self { receiver, manifest, held, page, arriving, .. } = self;
        let Some(Arriving { part, hasher, length, .. }) = arriving.take() else { return };
        let lent = Held { manifest: manifest.as_ref(), bits: held };
        let is_page_here = bits::has(lent.bits, 0);
        let expected = |chunk: u32| page.get(chunk as usize).copied().filter(|_| is_page_here);
        let act = receiver.take_hashed(now_ms, part, (length, || hasher.finish()), &lent, expected);
        if let Act::WriteChunk { .. } | Act::WritePage { .. } = act {
            bits::set(lent.bits, part);
            receiver.wrote(&lent);
        }
    }

    /// What to ask the desk for now.
    pub fn ask(&mut self, now_ms: u64) -> Option<Want> {
        let held = Held { manifest: self.manifest.as_ref(), bits: &mut self.held };
        self.receiver.ask(now_ms, &held)
    }

    /// When to ask again at the latest.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        self.receiver.next_ms()
    }

    /// The link came up.
    pub fn link_up(&mut self) {
        self.arriving = None;
        self.receiver.link_up();
    }

    /// The desk may answer now: what was asked for in vain is asked for again.
    pub fn retry(&mut self) {
        self.receiver.retry();
    }

    /// A shared transfer of it begins, or goes on.
    pub fn shared(&mut self, now_ms: u64) {
        self.receiver.shared(now_ms);
    }

    /// Whether a shared transfer of it is under way.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.receiver.is_shared()
    }

    /// The shared transfer is over.
    pub fn shared_over(&mut self) {
        self.receiver.shared_over();
    }
}
