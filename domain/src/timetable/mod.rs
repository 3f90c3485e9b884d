//! Timetables: at which instants an order fires. The first of the six stages.
//! Decides firings only; which of two firings gets the air is `plan`. Text, zone names and sentences are the
//! desk's: what arrives here is compiled to bit sets, so the desk, the Linux player and the microcontroller
//! evaluate the same thing. Next: `recur.rs` (one cron line), `timing.rs` (a whole order's times).

pub mod activation;
pub mod audience;
pub mod order;
mod recur;
pub mod stop;
mod timing;

pub use recur::{Dates, Firing, LONGEST_CARRIED_GAP_S, Recurrence, SEARCH_YEARS};
pub use timing::{MAX_EXCEPTIONS, MAX_ONCE, MAX_RECURRENCES, Timing};
