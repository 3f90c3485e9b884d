//! Lines for whoever has a cable in the serial port. It decides nothing, and waits for nobody.

use crate::registers::{RCGC, UART, UART_CONTROL};

/// Switches the port on: as fast as it is after a reset; whoever listens to an emulator does not mind.
pub fn start() {
    RCGC[1].set(1);
    UART_CONTROL.set(1 | 1 << 8);
}

/// Writes a line.
pub fn line(text: &str) {
    for byte in text.bytes().chain([b'\n']) {
        // What does not fit into the port's own memory in time is lost.
        for _ in 0..10_000 {
            if UART[1].read() & 1 << 5 == 0 {
                break;
            }
        }
        UART[0].write(u32::from(byte));
    }
}
