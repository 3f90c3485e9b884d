//! Whether what officers signed counts on one player: enough signatures, made for this purpose, by an office that may
//! order here, in this class, for as long.
//!
//! A player has no other way to an order, a placing or a stop. What an order may say is `intake.rs`.

use crate::delivery::fault::Fault;
use crate::delivery::office::Office;
use crate::delivery::placing::{self, Placing};
use crate::id::Hash;
use crate::keys::{self, PublicKey, Purpose, Root, Sealed};
use crate::time::UtcMs;
use crate::timetable::activation::{Activation, Is};
use crate::timetable::audience::Placement;
use crate::timetable::order::{Class, Order};
use crate::timetable::stop::{Stop, Stopped};
use crate::wire::{self, Decode, Reader};

/// What a signature is held against, on one player.
#[derive(Clone, Copy, Debug)]
pub struct Here<'h> {
    /// The root document that it trusts.
    pub root: &'h Root,
    /// Where it stands.
    pub placement: &'h Placement,
    /// Until when it would count: no office may end before.
    pub until: UtcMs,
}

/// The highest class that those who signed may order here.
// Never part of its callers: on a small stack an office and an order must not lie over one another.
#[inline(never)]
fn most(sealed: &Sealed<'_>, purpose: Purpose, alone: bool, here: Here<'_>) -> Result<Class, Fault> {
    let mut office = Office::blank();
    let is_office = here.root.authorises_into(sealed, purpose, alone, &mut office).map_err(|_| Fault::Signature)?;
    if !is_office {
        return Ok(Class::Emergency);
    }
    let may = office.covers(here.placement) && office.expires >= here.until;
    if may { Ok(office.most) } else { Err(Fault::Office) }
}

/// Whether an order counts: its hash, and the highest class in which it does.
///
/// # Errors
/// When it does not.
#[inline(never)]
pub fn order(sealed: &[u8], here: Here<'_>) -> Result<(Hash, Class), Fault> {
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    let is = Is::of(sealed.body).ok_or(Fault::Signature)?;
    let mut class = most(&sealed, is.purpose(), is.is_alone(), here)?;
    if let Is::Activation(_) = is {
        let activation: Activation<'_> = wire::decode(sealed.body).map_err(|_| Fault::Order)?;
        let template = Sealed::read(activation.template).map_err(|_| Fault::Signature)?;
        class = class.min(most(&template, Purpose::Template, false, here)?);
    }
    Ok((sealed.hash(), class))
}

/// Whether officers of this document signed an order, be it a template that is activated; where it may be aired and until
/// when is not asked.
#[must_use]
pub fn counts(sealed: &Sealed<'_>, root: &Root) -> bool {
    let Some(is) = Is::of(sealed.body) else { return false };
    let of_template = |activation: Activation<'_>| {
        let template = Sealed::read(activation.template);
        template.is_ok_and(|template| root.authorises(&template, Purpose::Template, false).is_ok())
    };
    let may = match is {
        Is::Order(_) => true,
        Is::Activation(_) => wire::decode(sealed.body).is_ok_and(of_template),
    };
    may && root.authorises(sealed, is.purpose(), is.is_alone()).is_ok()
}

/// Reads an order that counts, if it is one this player may play.
///
/// # Errors
/// When it may not.
#[inline(never)]
pub fn read_into(sealed: &[u8], class: Class, me: &Placement, order: &mut Order) -> Result<(), Fault> {
    let body = keys::body(sealed).map_err(|_| Fault::Signature)?;
    let is_mine = Order::read_into(body, order, &mut |audience| audience.includes(me));
    if !is_mine.map_err(|_| Fault::Order)? {
        return Err(Fault::Audience);
    }
    if order.manner.class > class {
        return Err(Fault::Office);
    }
    let sane = order.manner.volume.is_none_or(|volume| volume <= 100)
        && order.items.iter().all(|item| item.length_ms > 0 && item.size > 0);
    if sane { Ok(()) } else { Err(Fault::Order) }
}

/// When a placing was made, if this is one. Nothing is verified.
#[must_use]
#[inline(never)]
pub fn placing(sealed: &[u8]) -> Option<UtcMs> {
    let body = keys::body(sealed).ok()?;
    let mut reader = Reader::new(body);
    reader.array();
    let is_one = reader.number() == placing::MARK;
    let (_key, mut made) = (reader.byte_string(), UtcMs::blank());
    made.read(&mut reader);
    (is_one && reader.end().is_ok()).then_some(made)
}

/// When the placing was made that says the player stands there, with this key, and not before `since`.
///
/// # Errors
/// When it does not count, or says something else.
#[inline(never)]
pub fn placed(sealed: &[u8], key: Option<&PublicKey>, since: Option<UtcMs>, here: Here<'_>) -> Result<UtcMs, Fault> {
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    most(&sealed, Purpose::Placing, false, here)?;
    let mut placing = Placing::blank();
    wire::decode_into(sealed.body, &mut placing).map_err(|_| Fault::Placing)?;
    let is_so = key.is_none_or(|key| placing.key == *key)
        && placing.placement == *here.placement
        && Some(placing.made) >= since;
    if is_so { Ok(placing.made) } else { Err(Fault::Placing) }
}

/// A stop that counts on this player, by any one officer.
///
/// # Errors
/// When it does not, or is meant for others.
#[inline(never)]
pub fn stop(sealed: &[u8], here: Here<'_>) -> Result<Stop, Fault> {
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    most(&sealed, Purpose::Stop, true, here)?;
    let stop: Stop = wire::decode(sealed.body).map_err(|_| Fault::Order)?;
    if stop.concerns(here.placement) { Ok(stop) } else { Err(Fault::Audience) }
}

/// Takes a stop in that counts on this player, by any one officer; true if it says anything new ([`Stopped::take`]).
///
/// # Errors
/// When it does not, or is meant for others.
#[inline(never)]
pub fn take_stop(sealed: &[u8], here: Here<'_>, stopped: &mut Stopped, now: UtcMs) -> Result<bool, Fault> {
    let sealed = Sealed::read(sealed).map_err(|_| Fault::Signature)?;
    most(&sealed, Purpose::Stop, true, here)?;
    read_stop(sealed.body, here, stopped, now)
}

/// A stop whose signatures count.
#[inline(never)]
fn read_stop(body: &[u8], here: Here<'_>, stopped: &mut Stopped, now: UtcMs) -> Result<bool, Fault> {
    let mut stop = Stop::blank();
    wire::decode_into(body, &mut stop).map_err(|_| Fault::Order)?;
    if stop.concerns(here.placement) { Ok(stopped.take(&stop, now)) } else { Err(Fault::Audience) }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
