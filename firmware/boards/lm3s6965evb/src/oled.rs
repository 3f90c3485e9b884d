//! The board's panel: 128×64 pixels in sixteen greys (SSD0323) behind SSI 0.
//!
//! What is drawn goes to a frame in memory and to the panel when it is complete, so that nobody sees half a slide. What
//! is drawn is `face.rs`.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;

use crate::registers::{PINS_A, PINS_C, PINS_D, RCGC, Register, SSI, pins};

/// Pixels across.
pub const ACROSS: u32 = 128;
/// Pixels down.
pub const DOWN: u32 = 64;

/// The panel's select pin on port D, and the pin on port C that tells data from commands, as QEMU wires them.
const SELECT: u32 = 1 << 0;
const IS_DATA: u32 = 1 << 7;

/// The panel.
pub struct Oled {
    frame: [u8; (ACROSS * DOWN / 2) as usize],
}

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
        let oled = Self { frame: [0; _] };
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

    /// Shows what was drawn.
    pub fn flush(&mut self) {
        self.send(0, &[0x15, 0, 63, 0x75, 0, 63]);
        self.send(IS_DATA, &self.frame);
    }
}

impl OriginDimensions for Oled {
    fn size(&self) -> Size {
        Size::new(ACROSS, DOWN)
    }
}

impl DrawTarget for Oled {
    type Color = Rgb888;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        for Pixel(at, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else { continue };
            let byte = self.frame.get_mut((y * ACROSS / 2 + x / 2) as usize).filter(|_| x < ACROSS && y < DOWN);
            let Some(byte) = byte else { continue };
            let grey = crate::face::grey(colour);
            // The left pixel of two is the upper half.
            *byte = if x % 2 == 0 { *byte & 0x0f | grey << 4 } else { *byte & 0xf0 | grey };
        }
        Ok(())
    }
}
