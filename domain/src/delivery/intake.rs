//! Takes in a release: whether it may take effect at all, what it still lacks, when it is complete.
//!
//! A release takes effect only when every order in it is signed by enough officers, meant for this player, and all its
//! content is on disk. Until then the old one stays. How a blob is fetched is `receiver.rs`; who keeps the files is
//! the shell. Next: `play/mod.rs`.

use crate::wire::Reader;

use crate::delivery::blob::BlobRef;
use crate::delivery::release::Release;
use crate::id::{Hash, PlayerId};
use crate::keys::{Purpose, Role, Root, Sealed};
use crate::time::UtcMs;
use crate::timetable::audience::Placement;
use crate::timetable::order::Order;
use crate::wire::{self, Decode, Encode};

/// Why a release, or an order in it, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Fault {
    /// The signatures do not suffice, or the bytes are bent.
    #[n(0)]
    Signature,
    /// It is for another player.
    #[n(1)]
    NotForMe,
    /// It is not newer than the one in force.
    #[n(2)]
    Old,
    /// It has ended already, or the root document has.
    #[n(3)]
    Expired,
    /// The bundle does not hold just the orders that the release names.
    #[n(4)]
    Bundle,
    /// An order in it is not meant for this player.
    #[n(5)]
    Audience,
    /// An order in it is more than a player can hold, or says something impossible.
    #[n(6)]
    Order,
    /// Content arrives wrong again and again.
    #[n(7)]
    Content,
    /// The disk is full.
    #[n(8)]
    DiskFull,
}

impl Fault {
    /// A stable name for logs and the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::NotForMe => "not-for-me",
            Self::Old => "old",
            Self::Expired => "expired",
            Self::Bundle => "bundle",
            Self::Audience => "audience",
            Self::Order => "order",
            Self::Content => "content",
            Self::DiskFull => "disk-full",
        }
    }
}

/// Opens a sealed release that arrived, and says whether it may become the next one.
///
/// `newest` is the highest number in force or on its way. A clock that is behind cannot make a release expire early;
/// one that shows a time past its end does.
pub fn offer(sealed: &[u8], root: &Root, me: &PlayerId, newest: Option<u64>, now: UtcMs) -> Result<Release, Fault> {
    let mut release = Release::blank();
    offer_into(sealed, (root, me), newest, now, &mut release)?;
    Ok(release)
}

/// As [`offer`], with the release where it stays: on a small stack it must not pass from one place to another. After an
/// error it means nothing.
pub fn offer_into(
    sealed: &[u8],
    (root, me): (&Root, &PlayerId),
    newest: Option<u64>,
    now: UtcMs,
    release: &mut Release,
) -> Result<(), Fault> {
    verify(sealed, Purpose::Release, &root.desk)?;
    read(sealed, release)?;
    if release.placement.player != *me {
        return Err(Fault::NotForMe);
    }
    if newest.is_some_and(|newest| release.seq <= newest) {
        return Err(Fault::Old);
    }
    // Under a root document that has ended nothing new is taken (`Root::expires`).
    if release.expires <= now || release.expires <= release.issued || root.expires <= now {
        return Err(Fault::Expired);
    }
    Ok(())
}

/// Whether enough keys of the role signed it.
// This and the next are never part of their callers: on a small stack a value and the room that a signature takes must
// not lie over one another.
#[inline(never)]
fn verify(sealed: &[u8], purpose: Purpose, role: &Role) -> Result<Hash, Fault> {
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    sealed.check(purpose, role).map_err(|_| Fault::Signature)?;
    Ok(sealed.hash())
}

/// What was verified. What cannot be read then is longer than this player holds.
#[inline(never)]
fn read<'b>(sealed: &'b [u8], into: &mut impl Decode<'b>) -> Result<(), Fault> {
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    wire::decode_into(sealed.body, into).map_err(|_| Fault::Order)
}

/// An order of a bundle, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The hash of its signed bytes.
    pub hash: Hash,
    /// The order.
    pub order: Order,
}

/// Opens one sealed order and checks that it is one this player may play.
pub fn admit(sealed: &[u8], root: &Root, me: &Placement) -> Result<Admitted, Fault> {
    let hash = verify(sealed, Purpose::Order, &root.officers)?;
    opened(sealed, hash, me)
}

/// A verified order, if it is one this player may play.
fn opened(sealed: &[u8], hash: Hash, me: &Placement) -> Result<Admitted, Fault> {
    let mut order = Order::blank();
    read(sealed, &mut order)?;
    suits(&order, me)?;
    Ok(Admitted { hash, order })
}

/// Lends a verified order to `take`, if it is one this player may play: it is large, and stays where it was read.
#[inline(never)]
fn lend(sealed: &[u8], hash: Hash, me: &Placement, take: &mut dyn FnMut(Hash, &Order)) -> Result<(), Fault> {
    let mut order = Order::blank();
    read(sealed, &mut order)?;
    suits(&order, me)?;
    take(hash, &order);
    Ok(())
}

fn suits(order: &Order, me: &Placement) -> Result<(), Fault> {
    if !order.audience.includes(me) {
        return Err(Fault::Audience);
    }
    let sane = order.manner.volume.is_none_or(|volume| volume <= 100)
        && order.items.iter().all(|item| item.length_ms > 0 && item.size > 0);
    if sane { Ok(()) } else { Err(Fault::Order) }
}

/// The sealed orders of a bundle, in order: a CBOR array of byte strings.
pub fn bundle(bytes: &[u8]) -> Result<impl Iterator<Item = Result<&[u8], Fault>>, Fault> {
    let mut reader = Reader::new(bytes);
    let mut left = reader.array();
    reader.end().map_err(|_| Fault::Bundle)?;
    let mut has_ended = false;
    Ok(core::iter::from_fn(move || {
        if has_ended {
            return None;
        }
        // Anything after the last order is not part of a bundle.
        let order = if left > 0 { Some(reader.byte_string()) } else { None };
        has_ended = order.is_none() || reader.end().is_err();
        left = left.saturating_sub(1);
        match order {
            Some(order) if !has_ended => Some(Ok(order)),
            None if reader.end() == Ok(bytes.len()) => None,
            _ => Some(Err(Fault::Bundle)),
        }
    }))
}

/// The bundle of these sealed orders.
#[cfg(feature = "alloc")]
#[must_use]
pub fn bundle_of(orders: &[&[u8]]) -> alloc::vec::Vec<u8> {
    wire::encode(&Bundled(orders))
}

#[cfg(feature = "alloc")]
struct Bundled<'o>(&'o [&'o [u8]]);

#[cfg(feature = "alloc")]
impl wire::Encode for Bundled<'_> {
    fn write(&self, to: &mut wire::Writer<'_>) {
        to.array(self.0.len() as u32);
        self.0.iter().for_each(|order| to.bytes(order));
    }
}

/// What a release needs before it can take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// This blob.
    Blob(BlobRef),
    /// Nothing: it is complete.
    Nothing,
}

/// Goes through a release's bundle order by order: whether it holds just what the release names, all of it meant for
/// this player. A microcontroller does one order at a time, so that the panel does not wait for the signatures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inspection {
    seen: usize,
}

impl Inspection {
    /// The next sealed order of the bundle: lent to `take` with its hash, once it is verified.
    ///
    /// # Errors
    /// When it may not stand here: then the release is refused.
    pub fn next(
        &mut self,
        sealed: &[u8],
        release: &Release,
        root: &Root,
        take: &mut dyn FnMut(Hash, &Order),
    ) -> Result<(), Fault> {
        let hash = verify(sealed, Purpose::Order, &root.officers)?;
        // The same order twice would make every cue of it come due twice.
        let before = release.orders.get(..self.seen).unwrap_or_default();
        if release.orders.get(self.seen) != Some(&hash) || before.contains(&hash) {
            return Err(Fault::Bundle);
        }
        self.seen += 1;
        lend(sealed, hash, &release.placement, take)
    }

    /// The bundle has no more orders.
    ///
    /// # Errors
    /// When the release names more.
    pub fn end(self, release: &Release) -> Result<(), Fault> {
        if self.seen == release.orders.len() { Ok(()) } else { Err(Fault::Bundle) }
    }
}

/// What `release` lacks. `held` says whether a blob lies verified on the shelf; `bundle` is the bundle's bytes where it
/// does. Every order is verified on the way, so content of an order that may not be played is never fetched.
pub fn lacks(
    release: &Release,
    bundle_bytes: Option<&[u8]>,
    root: &Root,
    mut held: impl FnMut(&Hash) -> bool,
) -> Result<Needs, Fault> {
    let Some(wanted) = release.bundle else {
        return if release.orders.is_empty() { Ok(Needs::Nothing) } else { Err(Fault::Bundle) };
    };
    let Some(bytes) = bundle_bytes else { return Ok(Needs::Blob(wanted)) };
    if Hash::of(bytes) != wanted.hash {
        return Err(Fault::Bundle);
    }
    let mut needs = Needs::Nothing;
    let mut inspection = Inspection::default();
    for sealed in bundle(bytes)? {
        inspection.next(sealed?, release, root, &mut |_, order| {
            let mine = order.items_for(release.placement.kind);
            let missing = mine.map(|item| BlobRef { hash: item.content, size: item.size }).find(|b| !held(&b.hash));
            if let (Needs::Nothing, Some(blob)) = (needs, missing) {
                needs = Needs::Blob(blob);
            }
        })?;
    }
    inspection.end(release).map(|()| needs)
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
