//! Brings one blob onto the shelf: the rules of `domain/src/delivery/receiver.rs` over files.
//!
//! It decides nothing but where bytes go. What is fetched and for which release is `courier.rs`.

use std::io;

use loa_domain::delivery::blob::{BlobRef, Manifest, bits};
use loa_domain::delivery::receiver::{Act, Held, Receiver, State, Want};
use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Root};

use crate::delivery::shelf::{Partial, Shelf};

/// A blob on its way.
pub struct Fetch {
    receiver: Receiver,
    partial: Partial,
    manifest: Option<Manifest>,
    /// Bytes that arrived, right or not, wanted or not.
    pub arrived_bytes: u64,
}

impl Fetch {
    /// Takes up the fetch of a blob, from where it was cut.
    pub fn start(blob: BlobRef, shelf: &Shelf, root: &Root) -> io::Result<Self> {
        let receiver = Receiver::new(blob.hash, blob.size)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no blob has this size"))?;
        let partial = shelf.partial(blob.hash, receiver.shape(), blob.size)?;
        let mut fetch = Self { receiver, partial, manifest: None, arrived_bytes: 0 };
        if let Some(sealed) = fetch.partial.manifest() {
            fetch.take_manifest(&sealed, root);
        }
        Ok(fetch)
    }

    /// The blob.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.receiver.hash()
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.receiver.state()
    }

    /// Parts held, and parts in all.
    #[must_use]
    pub fn progress(&self) -> (u32, u32) {
        (bits::count(&self.partial.held), self.receiver.shape().parts())
    }

    /// A sealed manifest arrived. True if it is this blob's.
    pub fn take_manifest(&mut self, sealed: &[u8], root: &Root) -> bool {
        let Ok(manifest) = keys::open::<Manifest>(sealed, Purpose::Manifest, &root.desk) else { return false };
        let shape = self.receiver.shape();
        if manifest.blob.hash != self.hash() || manifest.pages.len() != shape.pages() as usize {
            return false;
        }
        if !self.partial.pages_match(&manifest, shape) {
            // Pages torn by a power cut: they and what was checked by them are fetched again.
            self.partial.held.fill(0);
        }
        let taken = self.receiver.take_manifest(&manifest, &self.partial.held);
        if taken && self.manifest.is_none() {
            if let Err(error) = self.partial.keep_manifest(sealed) {
                tracing::warn!(%error, "the manifest was not kept; it will be asked for again after a restart");
            }
            self.manifest = Some(manifest);
        }
        taken
    }

    /// A part arrived.
    pub fn take_part(&mut self, now_ms: u64, part: u32, payload: &[u8]) -> io::Result<()> {
        self.arrived_bytes += payload.len() as u64;
        let Self { receiver, partial, manifest, .. } = self;
        let mut held = std::mem::take(&mut partial.held);
        let lent = Held { manifest: manifest.as_ref(), bits: &mut held };
        let act = receiver.take_part(now_ms, part, payload, &lent, |chunk| partial.chunk_hash(chunk));
        partial.held = held;
        match act {
            Act::WriteChunk { offset } => partial.write_chunk(part, offset, payload)?,
            Act::WritePage { offset } => partial.write_page(part, offset, payload)?,
            Act::Ask(_) | Act::Ignore => return Ok(()),
        }
        let lent = Held { manifest: manifest.as_ref(), bits: &mut partial.held };
        receiver.wrote(&lent);
        Ok(())
    }

    /// What to ask the desk for now.
    pub fn ask(&mut self, now_ms: u64) -> Option<Want> {
        let held = Held { manifest: self.manifest.as_ref(), bits: &mut self.partial.held };
        self.receiver.ask(now_ms, &held)
    }

    /// When to ask again at the latest.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        self.receiver.next_ms()
    }

    /// The link came up.
    pub fn link_up(&mut self) {
        self.receiver.link_up();
    }

    /// The desk may answer now: what was asked for in vain is asked for again.
    pub fn retry(&mut self) {
        self.receiver.retry();
    }

    /// Whether a shared transfer of it is under way, as far as is known.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.receiver.is_shared()
    }

    /// A shared transfer of it begins.
    pub fn shared(&mut self, now_ms: u64) {
        self.receiver.shared(now_ms);
    }

    /// The shared transfer is over.
    pub fn shared_over(&mut self) {
        self.receiver.shared_over();
    }

    /// All parts are here: puts the blob on the shelf. False if it is not what its name says.
    pub fn finish(self) -> io::Result<bool> {
        self.partial.finish()
    }

    /// Keeps what is here for later.
    pub fn pause(mut self) -> io::Result<()> {
        self.partial.sync()
    }

    /// Throws away what is here.
    pub fn discard(self) {
        self.partial.discard();
    }
}
