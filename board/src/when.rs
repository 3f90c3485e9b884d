//! An instant of a slide, as whoever shows it hands it in: no clock is read here.
//!
//! Next: `moment.rs`.

use loa_domain::time::UtcMs;

/// An instant of a slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// How much of the slide is over, in milliseconds.
    pub position_ms: u64,
    /// How long the whole slide is, in milliseconds.
    pub length_ms: u64,
    /// The time.
    pub utc: UtcMs,
    /// The place's offset from UTC, in seconds; none while the time of day is not known.
    pub offset_s: Option<i32>,
}
