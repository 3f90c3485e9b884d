//! The monotonic clock, and rest: the only file that reads a clock.
//!
//! The chip's timer counts microseconds since the start. It decides nothing. Next: `player.rs`.

use core::future::Future;

use embassy_futures::select::select;
use embassy_futures::yield_now;
use embassy_time::{Instant, Timer};

/// Longest rest, in milliseconds: the watchdog is fed between two rests.
const REST_MS: u64 = 1_000;

/// Milliseconds since the start.
pub fn ms() -> u64 {
    Instant::now().as_millis()
}

/// Rests until this time, in monotonic milliseconds, or until `something` happens. Other tasks have their turn first,
/// even when there is no time to rest.
pub async fn rest(due_ms: u64, something: impl Future<Output = ()>) {
    yield_now().await;
    let due_ms = due_ms.min(ms() + REST_MS);
    let _which = select(Timer::at(Instant::from_millis(due_ms)), something).await;
}
