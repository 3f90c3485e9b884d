//! Reads a bundle of orders from the flash, one order at a time, and makes the timetable of a release from it.
//!
//! Whether an order may stand in a release is decided in `domain/src/delivery/intake.rs`. Next: `incoming.rs`.

use loa_domain::delivery::intake::Fault;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::signed;
use loa_domain::id::Hash;
use loa_domain::keys::{self, Root};
use loa_domain::limits;
use loa_domain::time::QuietHours;
use loa_domain::timetable::order::Order;
use loa_domain::timetable::stop::Stopped;
use loa_domain::wire::Decode;

use crate::flash::Flash;
use crate::shelf::{Lies, Shelf};
use crate::table::Table;

/// Orders of the largest timetable.
pub const ORDERS: usize = limits::ORDERS;
/// Slides of all its orders together.
pub const PAGES: usize = 20;
/// A timetable of a board.
pub type Orders = Table<ORDERS, PAGES>;

/// A bundle that is being read: a CBOR array of byte strings.
#[derive(Clone, Copy, Debug)]
pub struct Bundle {
    lies: Lies,
    at: u32,
    left: u32,
}

impl Bundle {
    /// Begins to read.
    pub fn open<F: Flash>(lies: Lies, flash: &mut F) -> Result<Self, Fault> {
        let mut this = Self { lies, at: 0, left: 0 };
        this.left = this.head(4, flash)?;
        Ok(this)
    }

    /// The number in the head of a CBOR item, which must be of this major type (RFC 8949 §3).
    fn head<F: Flash>(&mut self, major: u8, flash: &mut F) -> Result<u32, Fault> {
        let mut bytes = [0; 5];
        let length = self.lies.read(flash, self.at, &mut bytes).map_err(|_| Fault::Bundle)?;
        let (number, used) = match bytes[..length] {
            [first, ..] if first >> 5 != major => return Err(Fault::Bundle),
            [first, ..] if first & 31 < 24 => (u32::from(first & 31), 1),
            [first, a, ..] if first & 31 == 24 => (u32::from(a), 2),
            [first, a, b, ..] if first & 31 == 25 => (u32::from(u16::from_be_bytes([a, b])), 3),
            [first, a, b, c, d] if first & 31 == 26 => (u32::from_be_bytes([a, b, c, d]), 5),
            _ => return Err(Fault::Bundle),
        };
        self.at += used;
        Ok(number)
    }

    /// The next sealed order, read into `room`. Nothing when there are no more, and nothing stands behind them.
    pub fn next<'r, F: Flash>(&mut self, flash: &mut F, room: &'r mut [u8]) -> Result<Option<&'r [u8]>, Fault> {
        if self.left == 0 {
            return if self.at == self.lies.size { Ok(None) } else { Err(Fault::Bundle) };
        }
        let length = self.head(2, flash)?;
        // More than a board holds, whatever it says.
        let sealed = room.get_mut(..length as usize).ok_or(Fault::Order)?;
        let read = self.lies.read(flash, self.at, sealed).map_err(|_| Fault::Bundle)?;
        if read != sealed.len() {
            return Err(Fault::Bundle);
        }
        self.at += length;
        self.left -= 1;
        Ok(Some(sealed))
    }

    /// The bit of the order that was read last, unless something is so. The placing, which comes first, has none.
    #[must_use]
    pub fn bit_unless(&self, release: &Release, is_so: bool) -> u64 {
        let number = release.orders.len().checked_sub(1 + self.left as usize);
        number.filter(|_| !is_so).map_or(0, |number| 1 << (number & 63))
    }
}

/// The bundle of a release in force, if it lies on the shelf as it came: all of it was verified then. Gives the orders for
/// which nobody answers any more, one bit for each: those of officers whom the root document named when it came.
///
/// # Errors
/// When the bundle is not there, or spoilt.
#[inline(never)]
pub fn unvouched<F: Flash>(
    release: &Release,
    root: &Root,
    (shelf, flash): (&Shelf, &mut F),
    room: &mut [u8],
) -> Result<u64, Fault> {
    let lies = release.bundle.and_then(|blob| shelf.find(&blob.hash)).ok_or(Fault::Bundle)?;
    if lies.is_right(flash) != Ok(true) {
        return Err(Fault::Bundle);
    }
    let (mut bundle, mut off) = (Bundle::open(lies, flash)?, 0);
    while let Some(sealed) = bundle.next(flash, room)? {
        off |= bundle.bit_unless(release, signed::order(sealed, release.here(root)).is_ok());
    }
    Ok(off)
}

/// Puts the orders of a release into a timetable that [`empty`] cleared, from its bundle on the shelf, in which every order
/// was verified since it came: verifying takes a tenth of a second for each signature, and more room on the stack than is
/// left beside a second timetable. Left out are those whose bits are set in `off`, and those that were stopped.
#[inline(never)]
pub fn fill<F: Flash>(
    table: &mut Orders,
    release: &Release,
    (off, stopped): (u64, &Stopped),
    (shelf, flash): (&Shelf, &mut F),
    room: &mut [u8],
) -> Result<(), Fault> {
    let lies = release.bundle.and_then(|blob| shelf.find(&blob.hash)).ok_or(Fault::Bundle)?;
    let mut bundle = Bundle::open(lies, flash)?;
    while let Some(sealed) = bundle.next(flash, room)? {
        if off & bundle.bit_unless(release, false) == 0 {
            add(table, sealed, stopped)?;
        }
    }
    Ok(())
}

#[inline(never)]
fn add(table: &mut Orders, sealed: &[u8], stopped: &Stopped) -> Result<(), Fault> {
    if let Some(made) = signed::placing(sealed) {
        table.placed = Some(made);
        return Ok(());
    }
    let body = keys::body(sealed).map_err(|_| Fault::Signature)?;
    let mut order = Order::blank();
    Order::read_into(body, &mut order, &mut |_| true).map_err(|_| Fault::Order)?;
    let hash = Hash::of(body);
    if stopped.stops(&hash, order.stoppable_since()) {
        return Ok(());
    }
    table.add(hash, &order).map(drop).map_err(|_| Fault::Order)
}

/// A bit for each order.
const _: () = assert!(ORDERS <= 64);

/// Makes a timetable one of this release, without orders.
pub fn empty(table: &mut Orders, release: &Release, own_quiet: &QuietHours) {
    let ranges = release.quiet.ranges().iter().chain(own_quiet.ranges()).copied();
    // Too many ranges together: the board's own stand, so that nothing shows that should not.
    table.quiet = QuietHours::new(ranges).unwrap_or_else(|_| own_quiet.clone());
    table.offsets.clone_from(&release.offsets);
    (table.issued, table.expires) = (release.issued, release.expires);
    table.clear();
}
