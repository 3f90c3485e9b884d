//! Fetches one blob: asks for what is missing, checks each part, survives any cut.
//!
//! The bitmap belongs to the caller, who keeps it on disk; so a fetch goes on where it was cut. Few parts are
//! outstanding at a time: what is lost with a broken link is at most a window. While a shared transfer runs, only the
//! manifest and the pages are asked for, without which nothing of it can be checked; holes are pulled afterwards. It does no I/O: it is told what came and when, and says what to ask,
//! what to write and when to be called again. What is fetched, and why, is `intake.rs`.

use crate::delivery::blob::{Manifest, Part, Shape, bits};
use crate::id::Hash;
use crate::limits::{PAGE_HASHES, WANT_CHUNKS};
use crate::wire::{Decode, Encode};

/// Parts asked for and not yet here, at most, when the link has proven itself. 8 × 16 KiB fill a link of 400 ms and 2 Mbit/s.
const WINDOW_MAX: u32 = 8;
/// Parts asked for at first and after a silence.
const WINDOW_MIN: u32 = 2;
/// First wait for an answer, in milliseconds: four seconds per chunk is a 32 kbit/s link.
const PATIENCE_MS: u64 = 8_000;
/// Longest wait for an answer, in milliseconds.
const PATIENCE_MAX_MS: u64 = 120_000;
/// A shared transfer that is silent for this long, in milliseconds, is over. A part to 2,000 players keeps a desk's line
/// of 10 Mbit/s busy for 26 seconds: who gives up earlier pulls what is on its way already.
const SHARED_SILENCE_MS: u64 = 30_000;
/// So many wrong parts in one blob and it is given up: the desk's copy is bad, or somebody plays with the link.
const WRONG_MAX: u32 = 16;

/// A player asks for parts of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Want {
    /// The blob.
    #[n(0)]
    pub blob: Hash,
    /// How many parts the player holds already, pages included.
    #[n(1)]
    pub held: u32,
    /// The part that the mask's lowest bit stands for.
    #[n(2)]
    pub first: u32,
    /// Which of the 64 parts from `first` are asked for. Zero asks for the manifest.
    #[n(3)]
    pub mask: u64,
}

/// What the shell must do for the fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Send this to the desk.
    Ask(Want),
    /// Write the payload just handed in to the page file at this offset, in bytes, then set its bit.
    WritePage {
        /// Offset in bytes.
        offset: u32,
    },
    /// Write the payload just handed in to the content file at this offset, in bytes, then set its bit.
    WriteChunk {
        /// Offset in bytes.
        offset: u32,
    },
    /// Drop the payload just handed in.
    Ignore,
}

/// How a fetch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waiting for the signed manifest.
    NeedsManifest,
    /// Parts are missing.
    Fetching,
    /// All parts are here and each is right; the whole hash is still to be checked.
    Complete,
    /// Given up: the parts that come are not those of the manifest.
    Wrong,
}

/// The fetch of one blob. All times are milliseconds of the monotonic clock.
#[derive(Clone, Debug)]
pub struct Receiver {
    hash: Hash,
    shape: Shape,
    state: State,
    window: u32,
    outstanding: u32,
    asked_ms: Option<u64>,
    patience_ms: u64,
    shared_ms: Option<u64>,
    wrong: u32,
}

/// What the caller keeps for a fetch and lends to each call.
pub struct Held<'a> {
    /// The manifest, once verified.
    pub manifest: Option<&'a Manifest>,
    /// One bit per part.
    pub bits: &'a mut [u8],
}

impl Receiver {
    /// A fetch of a blob of `size` bytes, or `None` if no blob has this size.
    #[must_use]
    pub fn new(hash: Hash, size: u32) -> Option<Self> {
        Some(Self {
            hash,
            shape: Shape::of(size)?,
            state: State::NeedsManifest,
            window: WINDOW_MIN,
            outstanding: 0,
            asked_ms: None,
            patience_ms: PATIENCE_MS,
            shared_ms: None,
            wrong: 0,
        })
    }

    /// The blob.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Its shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The manifest arrived, or was held from before; its signature is verified. False if it is not this blob's.
    #[must_use]
    pub fn take_manifest(&mut self, manifest: &Manifest, bits: &[u8]) -> bool {
        let fits = manifest.blob.hash == self.hash
            && Shape::of(manifest.blob.size) == Some(self.shape)
            && manifest.pages.len() == self.shape.pages() as usize;
        if fits && self.state == State::NeedsManifest {
            self.asked_ms = None;
            self.state = if self.has_all(bits) { State::Complete } else { State::Fetching };
        }
        fits
    }

    /// Every part, whatever stands in the bits behind the last one.
    fn has_all(&self, held: &[u8]) -> bool {
        (0..self.shape.parts()).all(|part| bits::has(held, part))
    }

    /// The link came up: what was asked for before is lost.
    pub fn link_up(&mut self) {
        self.asked_ms = None;
        self.outstanding = 0;
        self.window = WINDOW_MIN;
        self.patience_ms = PATIENCE_MS;
        self.shared_ms = None;
    }

    /// The desk may answer now: what was asked for in vain is asked for again.
    pub fn retry(&mut self) {
        if self.patience_ms > PATIENCE_MS && self.shared_ms.is_none() {
            self.link_up();
        }
    }

    /// A shared transfer of this blob begins, or goes on.
    pub fn shared(&mut self, now_ms: u64) {
        // What was asked for stays asked for: the desk sends what a latecomer missed.
        self.shared_ms = Some(now_ms);
    }

    /// Whether a shared transfer of it is under way: neither said to be over nor silent for long.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared_ms.is_some()
    }

    /// The shared transfer is over: holes are pulled from now on.
    pub fn shared_over(&mut self) {
        self.shared_ms = None;
        self.asked_ms = None;
        self.outstanding = 0;
    }

    /// A part arrived. `page` gives the hashes of a page that is held, as the caller wrote it.
    pub fn take_part(
        &mut self,
        now_ms: u64,
        part: u32,
        payload: &[u8],
        held: &Held<'_>,
        page: impl FnOnce(u32) -> Option<Hash>,
    ) -> Act {
        self.take_hashed(now_ms, part, (payload.len(), || Hash::of(payload)), held, page)
    }

    /// A part arrived that was too long to hold, as its length in bytes and its hash: the caller wrote it aside already
    /// and leaves it there, or forgets it.
    pub fn take_hashed(
        &mut self,
        now_ms: u64,
        part: u32,
        (length, hash): (usize, impl FnOnce() -> Hash),
        held: &Held<'_>,
        page: impl FnOnce(u32) -> Option<Hash>,
    ) -> Act {
        let (Some(manifest), State::Fetching) = (held.manifest, self.state) else { return Act::Ignore };
        if self.shared_ms.is_some() {
            self.shared_ms = Some(now_ms);
        }
        if bits::has(held.bits, part) {
            return Act::Ignore;
        }
        let (right, act) = match self.shape.part(part) {
            Some(Part::Page { page, bytes }) => {
                let right = length == bytes as usize && manifest.pages[page as usize] == hash();
                (right, Act::WritePage { offset: page * (PAGE_HASHES as u32) * 32 })
            }
            Some(Part::Chunk { chunk, offset, bytes }) => {
                // A chunk before its page cannot be checked; a later request brings it again.
                let Some(expected) = page(chunk) else { return Act::Ignore };
                (length == bytes as usize && expected == hash(), Act::WriteChunk { offset })
            }
            None => (false, Act::Ignore),
        };
        if !right {
            self.wrong += 1;
            // It was an answer: ask again now, or the doubling waits make half an hour of finding out that it is bad.
            self.outstanding = self.outstanding.saturating_sub(1);
            if self.wrong >= WRONG_MAX {
                self.state = State::Wrong;
            }
            return Act::Ignore;
        }
        self.outstanding = self.outstanding.saturating_sub(1);
        self.patience_ms = PATIENCE_MS;
        if self.asked_ms.is_some() {
            self.asked_ms = Some(now_ms);
        }
        act
    }

    /// The caller wrote a part and set its bit.
    pub fn wrote(&mut self, held: &Held<'_>) {
        if self.state == State::Fetching && self.has_all(held.bits) {
            self.state = State::Complete;
        }
    }

    /// What to ask for now, if anything. Call until it gives none.
    pub fn ask(&mut self, now_ms: u64, held: &Held<'_>) -> Option<Want> {
        let is_shared = self.shared_ms.is_some_and(|since| now_ms < since.saturating_add(SHARED_SILENCE_MS));
        if !is_shared {
            self.shared_ms = None;
        }
        let timed_out = self.asked_ms.is_none_or(|asked| now_ms >= asked + self.patience_ms);
        if timed_out && self.asked_ms.take().is_some() {
            self.patience_ms = (self.patience_ms * 2).min(PATIENCE_MAX_MS);
            self.window = WINDOW_MIN;
            self.outstanding = 0;
        }
        let until = if is_shared { self.shape.pages() } else { self.shape.parts() };
        match self.state {
            State::NeedsManifest if timed_out => {
                self.asked_ms = Some(now_ms);
                Some(Want { blob: self.hash, held: bits::count(held.bits), first: 0, mask: 0 })
            }
            State::Fetching if timed_out => self.ask_parts(now_ms, until, held),
            // The window opens again, wider, when half of it has come.
            State::Fetching if self.outstanding * 2 <= self.window => {
                self.window = (self.window * 2).min(WINDOW_MAX);
                self.ask_parts(now_ms, until, held)
            }
            _ => None,
        }
    }

    fn ask_parts(&mut self, now_ms: u64, until: u32, held: &Held<'_>) -> Option<Want> {
        let mut skip = self.outstanding;
        let mut room = self.window.saturating_sub(self.outstanding);
        let mut want = Want { blob: self.hash, held: bits::count(held.bits), first: 0, mask: 0 };
        // Pages come first by their numbers; chunks of a page that is not here yet wait for it.
        for part in 0..until {
            if room == 0 || (want.mask != 0 && part >= want.first + WANT_CHUNKS) {
                break;
            }
            if bits::has(held.bits, part) || !self.can_check(part, held.bits) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            if want.mask == 0 {
                want.first = part;
            }
            want.mask |= 1 << (part - want.first);
            room -= 1;
            self.outstanding += 1;
        }
        if want.mask == 0 {
            return None;
        }
        self.asked_ms = Some(now_ms);
        Some(want)
    }

    fn can_check(&self, part: u32, held: &[u8]) -> bool {
        match self.shape.part(part) {
            Some(Part::Chunk { chunk, .. }) => bits::has(held, chunk / PAGE_HASHES as u32),
            Some(Part::Page { .. }) => true,
            None => false,
        }
    }

    /// When to call `ask` again if nothing comes, in milliseconds of the monotonic clock.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        match (self.state, self.shared_ms) {
            (State::Complete | State::Wrong, _) => None,
            (_, Some(since)) => {
                let over = since.saturating_add(SHARED_SILENCE_MS);
                Some(self.asked_ms.map_or(over, |asked| over.min(asked + self.patience_ms)))
            }
            _ => Some(self.asked_ms.map_or(0, |asked| asked + self.patience_ms)),
        }
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
