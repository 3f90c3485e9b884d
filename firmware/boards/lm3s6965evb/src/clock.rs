//! The monotonic clock, ten times a second, the watchdog, and rest: the only file that reads a clock.
//!
//! The system's timer wakes the processor every 100 ms; between ticks its counter tells the time. It decides nothing.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

use crate::registers::{RCC, RCGC, Register, WATCHDOG};

/// The processor's clock, in hertz.
const HERTZ: u32 = 50_000_000;
/// Milliseconds between two ticks.
const TICK_MS: u32 = 100;
/// Counts between two ticks.
const RELOAD: u32 = HERTZ / 1000 * TICK_MS - 1;
/// Seconds that the loop may take; after as many again the chip starts anew. Verifying a release takes one.
const WATCHDOG_S: u32 = 20;

/// Ticks since the start: 13 years fit.
static TICKS: AtomicU32 = AtomicU32::new(0);

/// The clock.
pub struct Clock {
    timer: SYST,
}

impl Clock {
    /// Sets the processor's clock, the timer and the watchdog going.
    pub fn start(mut timer: SYST) -> Self {
        // 50 MHz from the crystal of 8 MHz over the PLL (data sheet, §6.4).
        RCC.write(0x01ce_1540);
        RCGC[0].set(1 << 3);
        Register::of(WATCHDOG, 0).write(HERTZ * WATCHDOG_S);
        // Interrupt at the first time-out, reset at the second.
        Register::of(WATCHDOG, 8).write(3);
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(RELOAD);
        timer.clear_current();
        timer.enable_counter();
        timer.enable_interrupt();
        Self { timer }
    }

    /// Milliseconds since the start.
    pub fn ms(&mut self) -> u64 {
        loop {
            let before = TICKS.load(Ordering::Relaxed);
            let count = SYST::get_current();
            // A tick between the two readings has run its handler by now.
            if before == TICKS.load(Ordering::Relaxed) {
                let within = (RELOAD - count.min(RELOAD)) / (HERTZ / 1000);
                return u64::from(before) * u64::from(TICK_MS) + u64::from(within);
            }
        }
    }

    /// The loop goes round: the watchdog need not bark.
    pub fn pat(&mut self) {
        Register::of(WATCHDOG, 0).write(HERTZ * WATCHDOG_S);
        let _running = self.timer.is_counter_enabled();
    }
}

/// Rests until something happens: a tick, or a frame from the network.
pub fn rest() {
    cortex_m::asm::wfi();
}

/// A tick.
pub fn tick() {
    TICKS.store(TICKS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}
