//! What the programs of several boards share: no chip is named here, and no pin.
//!
//! In reading order: `log.rs`, words for people; `net.rs`, the network over whatever carries frames; `hub75.rs`, panels
//! of lamps that forget at once; and, for chips whose drivers are embassy's, `ethernet.rs`, `clock.rs` and `player.rs`,
//! the loop. The rules are in `loa_domain`, the board without its drivers in `loa_firmware::run`.
#![no_std]

#[cfg(feature = "embassy")]
pub mod clock;
#[cfg(feature = "embassy")]
pub mod ethernet;
pub mod hub75;
pub mod log;
pub mod net;
#[cfg(feature = "embassy")]
pub mod player;
