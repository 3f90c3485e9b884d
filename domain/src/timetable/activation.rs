//! Activating a template: one officer says that what several approved in advance is aired now, where, and as what.
//!
//! The activation carries the template with the signatures under it, so that it is an order by itself: players, the desk's
//! store and the auditors' log need not know which template lies where. Whose signatures count is decided in
//! `delivery/signed.rs`.

use crate::id::Name;
use crate::keys::{self, Purpose};
use crate::time::UtcMs;
use crate::timetable::audience::Audience;
use crate::timetable::order::{Form, Order};
use crate::wire::{self, Decode, Encode, WireError};

/// As what a template is aired. The numbers go on from those of [`Form`], so that the first number of what is signed tells
/// what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum As {
    /// It counts.
    #[n(3)]
    Live,
    /// A drill: players say so before and after.
    #[n(4)]
    Drill,
}

/// That a template is aired.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Activation<'b> {
    /// As what.
    #[n(0)]
    pub form: As,
    /// The sealed template.
    #[b(1)]
    pub template: &'b [u8],
    /// The name of the order that this is.
    #[n(2)]
    pub id: Name,
    /// When it was signed.
    #[n(3)]
    pub made: UtcMs,
    /// When it is aired. How late it may still begin, the template says.
    #[n(4)]
    pub at: UtcMs,
    /// On which of the template's players.
    #[n(5)]
    pub audience: Audience,
}

/// What the signed bytes of an order are, by their first number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// An order by itself, or a template.
    Order(Form),
    /// An activation.
    Activation(As),
}

impl Is {
    /// What they are. The rest of them may still be anything.
    #[must_use]
    pub fn of(body: &[u8]) -> Option<Self> {
        Some(match keys::first_number(body)? {
            0 => Self::Order(Form::Live),
            1 => Self::Order(Form::Drill),
            2 => Self::Order(Form::Template),
            3 => Self::Activation(As::Live),
            4 => Self::Activation(As::Drill),
            _ => return None,
        })
    }

    /// What they must be signed for.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Order(Form::Live) => Purpose::Order,
            Self::Order(Form::Drill) => Purpose::Drill,
            Self::Order(Form::Template) => Purpose::Template,
            Self::Activation(As::Live) => Purpose::Activation,
            Self::Activation(As::Drill) => Purpose::DrillActivation,
        }
    }

    /// Whether one signature is enough: others signed the template.
    #[must_use]
    pub const fn is_alone(self) -> bool {
        matches!(self, Self::Activation(_))
    }
}

impl Order {
    /// Reads the signed bytes of an order, be it one by itself or a template that is activated. Nothing is verified.
    ///
    /// # Errors
    /// When the bytes are neither.
    pub fn read(body: &[u8]) -> Result<Self, WireError> {
        let mut order = Self::blank();
        Self::read_into(body, &mut order, &mut |_| true)?;
        Ok(order)
    }

    /// As [`Order::read`], with the order where it stays. `reaches` is asked of each audience in turn: the template's,
    /// then the activation's; what one of them does not reach is for nobody.
    ///
    /// # Errors
    /// When the bytes are neither.
    pub fn read_into(
        body: &[u8],
        order: &mut Self,
        reaches: &mut dyn FnMut(&Audience) -> bool,
    ) -> Result<bool, WireError> {
        let Some(Is::Activation(form)) = Is::of(body) else {
            wire::decode_into(body, order)?;
            if order.form == Form::Template {
                // It has no times, whatever it says.
                order.timing.clear();
            }
            return Ok(reaches(&order.audience));
        };
        let mut activation = Activation::blank();
        wire::decode_into(body, &mut activation)?;
        let template = keys::body(activation.template)?;
        if Is::of(template) != Some(Is::Order(Form::Template)) {
            return Err(WireError::Malformed);
        }
        wire::decode_into(template, order)?;
        let is_reached = reaches(&order.audience) && reaches(&activation.audience);
        order.form = if form == As::Drill { Form::Drill } else { Form::Live };
        order.made = activation.made;
        order.id.clone_from(&activation.id);
        order.audience.clone_from(&activation.audience);
        order.timing.clear();
        // There is room for one now.
        let _fits = order.timing.once.push(activation.at);
        Ok(is_reached)
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
