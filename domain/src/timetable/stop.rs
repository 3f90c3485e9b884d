//! A stop: orders that are off for good, at once, by the word of any one officer.
//!
//! It says so of orders that were made before it, never of later ones. So a stop that somebody recorded and plays back
//! stops nothing that it had not stopped already, and players need not remember which ones they have seen. Who may sign
//! one is decided in `delivery/signed.rs`.

use crate::id::Hash;
use crate::limits;
use crate::time::UtcMs;
use crate::timetable::audience::{Audience, Placement};
use crate::wire::{Decode, Encode, List};

/// That orders are off.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Stop {
    /// When it was signed. Orders made later go on.
    #[n(0)]
    pub made: UtcMs,
    /// On which players; none named is all.
    #[n(1)]
    pub audience: Audience,
    /// Which orders; none named is all.
    #[n(2)]
    pub orders: List<Hash, { limits::STOPPED }>,
}

impl Stop {
    /// Whether it is meant for this player too.
    #[must_use]
    pub fn concerns(&self, placement: &Placement) -> bool {
        self.audience == Audience::default() || self.audience.includes(placement)
    }
}

/// What a player was told to stop. Over restarts too: who has the desk cannot put it in force again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Stopped {
    /// Everything made until then.
    #[n(0)]
    pub until: Option<UtcMs>,
    /// These.
    #[n(1)]
    pub orders: List<Hash, { limits::STOPS }>,
}

impl Stopped {
    /// Takes a stop in that concerns this player; true if it says anything new.
    ///
    /// `now` bounds it: an officer whose clock is ahead must not stop what is made tomorrow.
    pub fn take(&mut self, stop: &Stop, now: UtcMs) -> bool {
        if stop.orders.is_empty() {
            let until = self.until.max(Some(stop.made.min(now)));
            return core::mem::replace(&mut self.until, until) != until;
        }
        let mut says_more = false;
        for order in &stop.orders {
            if self.orders.contains(order) {
                continue;
            }
            if self.orders.is_full() {
                // The one that was stopped first is the likeliest to have ended.
                self.orders.remove(0);
            }
            // There is room now.
            says_more |= self.orders.push(*order).is_ok();
        }
        says_more
    }

    /// Whether an order is off.
    #[must_use]
    pub fn stops(&self, order: &Hash, made: UtcMs) -> bool {
        self.until.is_some_and(|until| made <= until) || self.orders.contains(order)
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;

    fn stop(made: i64, orders: &[u8]) -> Stop {
        let orders = List::collect(orders.iter().map(|number| Hash([*number; 32]))).expect("few");
        Stop { made: UtcMs(made), audience: Audience::default(), orders }
    }

    #[test]
    fn a_stop_takes_what_was_made_before_it_and_leaves_what_comes_later() {
        let mut stopped = Stopped::default();
        let order = Hash([1; 32]);
        assert!(!stopped.stops(&order, UtcMs(5)));
        assert!(stopped.take(&stop(10, &[]), UtcMs(11)));
        assert!(stopped.stops(&order, UtcMs(10)));
        assert!(!stopped.stops(&order, UtcMs(11)));
        assert!(!stopped.take(&stop(10, &[]), UtcMs(900)), "played back, it says nothing new");
        assert!(!stopped.take(&stop(9, &[]), UtcMs(900)), "an older one takes nothing back");
        assert!(!stopped.stops(&order, UtcMs(11)));
    }

    #[test]
    fn a_stop_of_everything_leaves_templates_ready_and_one_that_names_them_does_not() {
        use crate::timetable::order::{Form, Order};
        use crate::wire::Decode as _;

        let order = |form| Order { form, made: UtcMs(5), ..Order::blank() };
        let mut stopped = Stopped::default();
        stopped.take(&stop(10, &[]), UtcMs(11));
        for (form, is_off) in [(Form::Live, true), (Form::Drill, true), (Form::Template, false)] {
            assert_eq!(stopped.stops(&Hash([1; 32]), order(form).stoppable_since()), is_off, "{form:?}");
        }
        stopped.take(&stop(10, &[1]), UtcMs(11));
        assert!(stopped.stops(&Hash([1; 32]), order(Form::Template).stoppable_since()));
    }

    #[test]
    fn an_officers_clock_that_is_ahead_does_not_stop_what_is_made_tomorrow() {
        let mut stopped = Stopped::default();
        assert!(stopped.take(&stop(i64::MAX, &[]), UtcMs(11)));
        assert!(!stopped.stops(&Hash([1; 32]), UtcMs(12)));
    }

    #[test]
    fn single_orders_are_remembered_and_the_oldest_gives_way() {
        let mut stopped = Stopped::default();
        assert!(stopped.take(&stop(10, &[1, 2]), UtcMs(11)));
        assert!(stopped.stops(&Hash([2; 32]), UtcMs(99)), "whenever it says it was made");
        assert!(!stopped.take(&stop(10, &[2]), UtcMs(11)));
        for number in 3..(3 + limits::STOPS as u8) {
            assert!(stopped.take(&stop(10, &[number]), UtcMs(11)));
        }
        assert!(!stopped.stops(&Hash([1; 32]), UtcMs(0)));
        assert!(stopped.stops(&Hash([3; 32]), UtcMs(0)));
    }
}
