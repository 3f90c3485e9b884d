//! The soonest of some times, of which any may be missing: when something is to be done next.
//!
//! The same could be said with the minimum of a chain of iterators, which takes five times as much of a board's flash.

/// The soonest of the times it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soonest<T>(Option<T>);

impl<T: Copy + Ord> Soonest<T> {
    /// Of none.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Tells it of one, if it is there.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub fn or(&mut self, time: Option<T>) {
        if let Some(time) = time {
            self.at(time);
        }
    }

    /// Tells it of one.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    pub fn at(&mut self, time: T) {
        if self.0.is_none_or(|soonest| time < soonest) {
            self.0 = Some(time);
        }
    }

    /// The soonest, if there was any.
    #[must_use]
    pub const fn get(self) -> Option<T> {
        self.0
    }
}

impl<T: Copy + Ord> Default for Soonest<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_least_of_those_that_are_there(times in prop::collection::vec(any::<Option<u8>>(), 0..6)) {
            let mut soonest = Soonest::new();
            times.iter().for_each(|time| soonest.or(*time));
            prop_assert_eq!(soonest.get(), times.iter().flatten().min().copied());
        }
    }
}
