//! An office: other keys that may order, within bounds of place, class and time, by the word of the root document's officers.
//!
//! A commune that makes its own bulletins has keys of its own; a province has two hundred communes, and a small board no
//! room for their keys. So an office is a document by itself, sealed by the officers, and travels with what its keys
//! sign. It ends early when the root document says that offices made until then count no more. Next:
//! `delivery/signed.rs`, where a player asks for it.

use crate::id::{Name, PlaceKey};
use crate::keys::{PublicKey, Purpose, Refusal, Role, Root, Sealed};
use crate::limits;
use crate::time::UtcMs;
use crate::timetable::audience::Placement;
use crate::timetable::order::Class;
use crate::wire::{self, Decode, Encode, List};

/// Who else may order, where and what.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Office {
    /// What it is called, such as `xa-binh-minh`.
    #[n(0)]
    pub name: Name,
    /// How many keys must sign an order. One is enough to stop, and to activate a template.
    #[n(1)]
    pub threshold: u8,
    /// Its keys.
    #[n(2)]
    pub keys: List<PublicKey, { limits::OFFICE_KEYS }>,
    /// Where it may order, with all below; nowhere when there is none.
    #[n(3)]
    pub places: List<PlaceKey, { limits::OFFICE_PLACES }>,
    /// The highest class that it may order.
    #[n(4)]
    pub most: Class,
    /// When it was made, which tells two of one name apart.
    #[n(5)]
    pub made: UtcMs,
    /// When it ends: no release that lasts longer may hold an order of it.
    #[n(6)]
    pub expires: UtcMs,
}

/// Why what an office signed does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthorised {
    /// The signatures do not suffice, or the bytes are bent.
    Signatures(Refusal),
    /// The office was ended by the root document.
    Ended,
    /// The office's keys cannot be what they should.
    Unsound,
}

impl Office {
    /// Its keys as a role, of which `threshold` must sign.
    #[must_use]
    pub fn role(&self) -> Role {
        // An office has fewer keys than a role.
        Role { threshold: self.threshold, keys: List::collect(self.keys.iter().copied()).unwrap_or_default() }
    }

    /// Whether it may order for a player that stands here.
    #[must_use]
    pub fn covers(&self, placement: &Placement) -> bool {
        placement.places.iter().any(|place| self.places.contains(place))
    }
}

impl Root {
    /// Whether enough officers signed, themselves or those of an office that they made; then gives that office.
    ///
    /// `alone` means that one signature is enough, which goes for what stops and what was signed before. Whether the
    /// office may say this here is for the caller to ask.
    ///
    /// # Errors
    /// When the signatures do not count.
    pub fn authorises(
        &self,
        sealed: &Sealed<'_>,
        purpose: Purpose,
        alone: bool,
    ) -> Result<Option<Office>, Unauthorised> {
        let mut office = Office::blank();
        let is_office = self.authorises_into(sealed, purpose, alone, &mut office)?;
        Ok(is_office.then_some(office))
    }

    /// As [`Root::authorises`], with the office where it stays; whether there is one.
    // The value stays below the room of the signatures, which are verified in turn, never at once.
    pub fn authorises_into(
        &self,
        sealed: &Sealed<'_>,
        purpose: Purpose,
        alone: bool,
        office: &mut Office,
    ) -> Result<bool, Unauthorised> {
        let needed = |threshold: u8| if alone { 1 } else { threshold };
        let Some(made) = sealed.office else {
            let by = sealed.check_keys(purpose, &self.officers.keys, needed(self.officers.threshold));
            return by.map(|()| false).map_err(Unauthorised::Signatures);
        };
        let made = Sealed::read(made).map_err(Unauthorised::Signatures)?;
        // An office never makes another one.
        if made.office.is_some() {
            return Err(Unauthorised::Unsound);
        }
        made.check(Purpose::Office, &self.officers).map_err(Unauthorised::Signatures)?;
        wire::decode_into(made.body, office).map_err(|error| Unauthorised::Signatures(error.into()))?;
        if self.offices_from.is_some_and(|from| office.made < from) {
            return Err(Unauthorised::Ended);
        }
        if office.threshold == 0 || usize::from(office.threshold) > office.keys.len() {
            return Err(Unauthorised::Unsound);
        }
        let by = sealed.check_keys(purpose, &office.keys, needed(office.threshold));
        by.map(|()| true).map_err(Unauthorised::Signatures)
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
