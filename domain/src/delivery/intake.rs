//! Takes in a release: whether it may take effect at all, what it still lacks, when it is complete.
//!
//! A release takes effect only when every order in it is signed by enough officers, meant for this player, and all its
//! content is on disk. Until then the old one stays. How a blob is fetched is `receiver.rs`; who keeps the files is
//! the shell. Next: `play/mod.rs`.

use crate::wire::Reader;

use crate::delivery::blob::BlobRef;
pub use crate::delivery::fault::Fault;
use crate::delivery::release::Release;
use crate::delivery::signed::{self, Here};
use crate::id::{Hash, PlayerId};
use crate::keys::{PublicKey, Purpose, Role, Root, Sealed};
use crate::time::UtcMs;
use crate::timetable::audience::Placement;
use crate::timetable::order::{Class, Order};
use crate::wire::{self, Decode};

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
pub fn admit(sealed: &[u8], here: Here<'_>) -> Result<Admitted, Fault> {
    let (hash, class) = signed::order(sealed, here)?;
    let mut order = Order::blank();
    signed::read_into(sealed, class, here.placement, &mut order)?;
    Ok(Admitted { hash, order })
}

/// Lends a verified order to `take`, if it is one this player may play: it is large, and stays where it was read.
#[inline(never)]
fn lend(
    sealed: &[u8],
    (hash, class): (Hash, Class),
    me: &Placement,
    take: &mut dyn FnMut(Hash, &Order),
) -> Result<(), Fault> {
    let mut order = Order::blank();
    signed::read_into(sealed, class, me, &mut order)?;
    take(hash, &order);
    Ok(())
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

/// Goes through a release's bundle, one sealed thing after the other: first the placing, then just the orders that the
/// release names, all of them meant for this player. A microcontroller does one in one round, so that the panel does not
/// wait for the signatures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inspection {
    seen: usize,
    placed: Option<UtcMs>,
}

/// Who inspects: the player, by its key, and when the placing was made under which its timetable is.
#[derive(Clone, Copy, Debug)]
pub struct Me<'m> {
    /// The root document that it trusts.
    pub root: &'m Root,
    /// Its key; nothing for what it took in before, which it goes on with whatever has become of its key.
    pub key: Option<&'m PublicKey>,
    /// When its last placing was made.
    pub placed: Option<UtcMs>,
}

impl Inspection {
    /// The next sealed thing of the bundle. An order is lent to `take` with its hash, once it is verified. Of a release
    /// that was taken in before, orders that today's officers do not vouch for are left out, and the others lent.
    ///
    /// # Errors
    /// When it may not stand here: then the release is refused.
    pub fn next(
        &mut self,
        sealed: &[u8],
        release: &Release,
        me: Me<'_>,
        take: &mut dyn FnMut(Hash, &Order),
    ) -> Result<(), Fault> {
        let here = release.here(me.root);
        let is_kept = me.key.is_none();
        if self.placed.is_none() {
            // Officers of today need not be those who placed it.
            let kept = if is_kept { signed::placing(sealed) } else { None };
            self.placed = Some(kept.map_or_else(|| signed::placed(sealed, me.key, me.placed, here), Ok)?);
            return Ok(());
        }
        let (hash, class) = match signed::order(sealed, here) {
            Ok(counts) => counts,
            // It counted once: the root document has changed. The others go on.
            Err(Fault::Signature | Fault::Office) if is_kept && self.is_next(sealed, release) => {
                self.seen += 1;
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        // The same order twice would make every cue of it come due twice.
        let before = release.orders.get(..self.seen).unwrap_or_default();
        if release.orders.get(self.seen) != Some(&hash) || before.contains(&hash) {
            return Err(Fault::Bundle);
        }
        self.seen += 1;
        lend(sealed, (hash, class), &release.placement, take)
    }

    fn is_next(&self, sealed: &[u8], release: &Release) -> bool {
        Sealed::read(sealed).is_ok_and(|sealed| release.orders.get(self.seen) == Some(&sealed.hash()))
    }

    /// The bundle has no more: when its placing was made.
    ///
    /// # Errors
    /// When the release names more orders, or nobody placed the player.
    pub fn end(self, release: &Release) -> Result<UtcMs, Fault> {
        let is_whole = self.seen == release.orders.len();
        self.placed.filter(|_| is_whole).ok_or(Fault::Bundle)
    }
}

impl Release {
    /// What signatures are held against on its player.
    #[must_use]
    pub fn here<'h>(&'h self, root: &'h Root) -> Here<'h> {
        Here { root, placement: &self.placement, until: self.expires }
    }
}

/// What `release` lacks. `held` says whether a blob lies verified on the shelf; `bundle` is the bundle's bytes where it
/// does. Every order is verified on the way, so content of an order that may not be played is never fetched.
pub fn lacks(
    release: &Release,
    bundle_bytes: Option<&[u8]>,
    me: Me<'_>,
    mut held: impl FnMut(&Hash) -> bool,
) -> Result<Needs, Fault> {
    // Even a release without orders holds the placing.
    let Some(wanted) = release.bundle else { return Err(Fault::Bundle) };
    let Some(bytes) = bundle_bytes else { return Ok(Needs::Blob(wanted)) };
    if Hash::of(bytes) != wanted.hash {
        return Err(Fault::Bundle);
    }
    let mut needs = Needs::Nothing;
    let mut inspection = Inspection::default();
    for sealed in bundle(bytes)? {
        inspection.next(sealed?, release, me, &mut |_, order| {
            let mine = order.items_for(release.placement.kind);
            let missing = mine.map(|item| BlobRef { hash: item.content, size: item.size }).find(|b| !held(&b.hash));
            if let (Needs::Nothing, Some(blob)) = (needs, missing) {
                needs = Needs::Blob(blob);
            }
        })?;
    }
    inspection.end(release).map(|_| needs)
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
