//! The board's panel: 128×64 pixels in sixteen greys (SSD0323) behind SSI 0.
//!
//! The panel keeps what it shows: rows go to it as they are drawn, and no frame is in memory. What is drawn is
//! `loa_firmware::paint`.

use loa_domain::class::Depth;
use loa_firmware::paint::{Panel, Rows};

use crate::registers::{PINS_A, PINS_C, PINS_D, RCGC, Register, SSI, pins};

/// Pixels across.
const ACROSS: u16 = 128;
/// Pixels down.
const DOWN: u16 = 64;
/// Contrast at the most brightness, of 127.
const CONTRAST: u16 = 0x60;

/// The panel's select pin on port D, and the pin on port C that tells data from commands, as QEMU wires them.
const SELECT: u32 = 1 << 0;
const IS_DATA: u32 = 1 << 7;

/// The panel.
pub struct Oled;

impl Oled {
    /// Switches it on.
    pub fn start() -> Self {
        RCGC[1].set(1 << 4);
        RCGC[2].set(1 << 0 | 1 << 2 | 1 << 3);
        let _settled = RCGC[2].read();
        for (port, mask) in [(PINS_C, IS_DATA), (PINS_D, SELECT)] {
            Register::of(port, 0x400).set(mask);
            Register::of(port, 0x51c).set(mask);
        }
        // Clock, frame and data out are the port's own.
        Register::of(PINS_A, 0x420).set(0b11_1100);
        Register::of(PINS_A, 0x51c).set(0b11_1100);
        // Eight bits, a clock of a few megahertz, on.
        Register::of(SSI, 0x04).write(0);
        Register::of(SSI, 0x10).write(8);
        Register::of(SSI, 0x00).write(0x07);
        Register::of(SSI, 0x04).write(1 << 1);
        pins(PINS_D, SELECT).write(SELECT);
        let oled = Self;
        // All rows and columns, contrast, no offset, on (data sheet of the SSD0323, §9).
        oled.send(0, &[0xae, 0x15, 0, 63, 0x75, 0, 63, 0x81, 0x60, 0xa0, 0x40, 0xa1, 0, 0xa2, 0, 0xa4, 0xa8, 63, 0xaf]);
        oled
    }

    fn send(&self, kind: u32, bytes: &[u8]) {
        pins(PINS_C, IS_DATA).write(kind);
        let (data, status) = (Register::of(SSI, 0x08), Register::of(SSI, 0x0c));
        for byte in bytes {
            while status.read() & 1 << 1 == 0 {}
            data.write(u32::from(*byte));
            // For each byte out one comes in; nobody wants it, and the port waits when it has no room for more.
            while status.read() & 1 << 2 != 0 {
                let _nothing = data.read();
            }
        }
        while status.read() & 1 << 4 != 0 {}
    }
}

impl Panel for Oled {
    fn kind(&self) -> (u16, u16, Depth) {
        (ACROSS, DOWN, Depth::Grey16)
    }

    fn put(&mut self, top_px: u32, rows: &Rows<'_>) {
        // The left pixel of two is the upper half of a byte, as on the canvas.
        let last = top_px + rows.height_px() - 1;
        self.send(0, &[0x15, 0, 63, 0x75, top_px as u8, last as u8]);
        self.send(IS_DATA, rows.bytes());
    }

    fn flush(&mut self) {}

    fn dim(&mut self, percent: u8) {
        self.send(0, &[0x81, (CONTRAST * u16::from(percent) / 100) as u8]);
    }
}
