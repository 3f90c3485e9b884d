//! The release on its way: offered, its orders verified one by one, its slides fetched, ready or refused.
//!
//! What may be taken is decided in `domain/src/delivery/intake.rs`, how long a refused one rests in `rest.rs` beside it.
//! One order is looked at in one round, so that the panel turns while signatures are verified. Next: `courier.rs`.

use loa_domain::delivery::blob::BlobRef;
use loa_domain::delivery::intake::{Fault, Inspection, Me};
use loa_domain::delivery::release::Release;
use loa_domain::delivery::rest::Rest;
use loa_domain::delivery::signed;
use loa_domain::id::Hash;
use loa_domain::keys::Sealed;
use loa_domain::timetable::audience::Kind;
use loa_domain::timetable::order::Order;
use loa_domain::wire::{Decode, List};

use crate::bundle::{Bundle, ORDERS, PAGES};
use crate::flash::Flash;
use crate::shelf::{CHUNKS, Shelf};

/// What a release needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// This blob.
    Blob(BlobRef),
    /// One more look, in the next round.
    Look,
    /// Nothing: it can take effect.
    Nothing,
}

/// How far its orders are verified.
#[derive(Clone, Copy, Debug)]
enum Seen {
    Nothing,
    Some(Bundle, Inspection),
    All,
}

/// A release on its way.
#[derive(Debug)]
pub struct Incoming {
    /// The release.
    pub release: Release,
    /// Where its sealed bytes lie: their hash.
    pub sealed: Hash,
    /// How long it rests after a refusal.
    pub rest: Rest,
    /// It is in force already, and some of its content went bad.
    pub is_repair: bool,
    seen: Seen,
    slides: List<Hash, PAGES>,
}

impl Default for Incoming {
    #[inline]
    fn default() -> Self {
        Self {
            release: Release::blank(),
            sealed: Hash::ZERO,
            rest: Rest::default(),
            is_repair: false,
            seen: Seen::Nothing,
            slides: List::new(),
        }
    }
}

impl Incoming {
    /// Begins with a release that was offered.
    pub fn begin(&mut self, release: &Release, sealed: Hash, is_repair: bool) {
        self.release.clone_from(release);
        (self.sealed, self.rest, self.is_repair, self.seen) = (sealed, Rest::default(), is_repair, Seen::Nothing);
        self.slides.clear();
    }

    /// Whether a blob is part of it, as far as is known: it must not be thrown away.
    #[must_use]
    pub fn uses(&self, hash: &Hash) -> bool {
        self.sealed == *hash || self.release.bundle.is_some_and(|blob| blob.hash == *hash) || self.slides.contains(hash)
    }

    /// What it lacks. `room` is for one sealed order.
    ///
    /// # Errors
    /// When it may never take effect.
    pub fn needs<F: Flash>(
        &mut self,
        me: Me<'_>,
        shelf: &Shelf,
        flash: &mut F,
        room: &mut [u8],
    ) -> Result<Needs, Fault> {
        // Even a release without orders holds the placing.
        let Some(blob) = self.release.bundle else { return Err(Fault::Bundle) };
        let Some(lies) = shelf.find(&blob.hash) else {
            self.seen = Seen::Nothing;
            return Ok(Needs::Blob(blob));
        };
        match self.seen {
            Seen::Nothing => {
                self.slides.clear();
                self.seen = Seen::Some(Bundle::open(lies, flash)?, Inspection::default());
                Ok(Needs::Look)
            }
            Seen::Some(bundle, inspection) => self.look((bundle, inspection), me, flash, room),
            Seen::All => {
                let mut bundle = Bundle::open(lies, flash)?;
                while let Some(sealed) = bundle.next(flash, room)? {
                    if let Some(blob) = lacking(sealed, shelf)? {
                        return Ok(Needs::Blob(blob));
                    }
                }
                Ok(Needs::Nothing)
            }
        }
    }

    /// Verifies the next order.
    fn look<F: Flash>(
        &mut self,
        (mut bundle, mut inspection): (Bundle, Inspection),
        me: Me<'_>,
        flash: &mut F,
        room: &mut [u8],
    ) -> Result<Needs, Fault> {
        self.seen = match bundle.next(flash, room)? {
            None => {
                inspection.end(&self.release)?;
                Seen::All
            }
            Some(sealed) => {
                let (slides, mut fits) = (&mut self.slides, true);
                inspection.next(sealed, &self.release, me, &mut |_, order| {
                    for item in order.items_for(Kind::Board) {
                        let is_small = item.size as usize <= CHUNKS * loa_domain::limits::CHUNK_BYTES;
                        // A slide of two orders is counted twice, as in the timetable.
                        fits &= is_small && slides.push(item.content).is_ok();
                    }
                })?;
                if !fits {
                    return Err(Fault::Order);
                }
                Seen::Some(bundle, inspection)
            }
        };
        Ok(Needs::Look)
    }

    /// It was refused: should it be tried again, it is verified anew.
    pub fn refused(&mut self, now_ms: u64) {
        self.seen = Seen::Nothing;
        self.rest.refused(now_ms);
    }
}

/// A slide of a verified order that is not on the shelf.
#[inline(never)]
fn lacking(sealed: &[u8], shelf: &Shelf) -> Result<Option<BlobRef>, Fault> {
    if signed::placing(sealed).is_some() {
        return Ok(None);
    }
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    let mut order = Order::blank();
    Order::read_into(sealed.body, &mut order, &mut |_| true).map_err(|_| Fault::Order)?;
    let mut slides = order.items_for(Kind::Board).map(|item| BlobRef { hash: item.content, size: item.size });
    Ok(slides.find(|blob| shelf.find(&blob.hash).is_none()))
}

/// As many orders as fit a timetable.
const _: () = assert!(ORDERS >= 8);
