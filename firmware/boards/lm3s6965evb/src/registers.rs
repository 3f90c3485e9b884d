//! The chip's registers: read, written, and nothing decided. The only file that turns addresses into memory.
//!
//! Addresses are those of the LM3S6965 data sheet. Next: `clock.rs`.

/// System control: run mode clock configuration.
pub const RCC: Register = Register(0x400f_e060);
/// System control: clocks of the watchdog; of the serial ports; of the pins and the network.
pub const RCGC: [Register; 3] = [Register(0x400f_e100), Register(0x400f_e104), Register(0x400f_e108)];
/// The watchdog's first register.
pub const WATCHDOG: u32 = 0x4000_0000;
/// Serial port 0: data, flags.
pub const UART: [Register; 2] = [Register(0x4000_c000), Register(0x4000_c018)];
/// Serial port 0: control.
pub const UART_CONTROL: Register = Register(0x4000_c030);
/// SSI 0's first register.
pub const SSI: u32 = 0x4000_8000;
/// Pins of ports A, C and D: their first registers.
pub const PINS_A: u32 = 0x4000_4000;
/// See [`PINS_A`].
pub const PINS_C: u32 = 0x4000_6000;
/// See [`PINS_A`].
pub const PINS_D: u32 = 0x4000_7000;
/// The network controller's first register.
pub const ETHERNET: u32 = 0x4004_8000;

/// One register of the chip.
#[derive(Clone, Copy)]
pub struct Register(u32);

impl Register {
    /// The register at an offset, in bytes, from the first one of a peripheral of this chip.
    pub const fn of(first: u32, offset: u32) -> Self {
        assert!(first >= 0x4000_0000 && first < 0x4010_0000 && offset < 0x1000 && offset % 4 == 0);
        Self(first + offset)
    }

    /// Reads it.
    pub fn read(self) -> u32 {
        // SAFETY: every address made here is that of a word of the chip's peripherals (checked in `of`, written out
        // above), which are memory for as long as it runs; the clock of each is switched on before its first use.
        unsafe { core::ptr::read_volatile(self.0 as *const u32) }
    }

    /// Writes it.
    pub fn write(self, value: u32) {
        // SAFETY: as in `read`; no register used here makes the chip write to memory by itself.
        unsafe { core::ptr::write_volatile(self.0 as *mut u32, value) }
    }

    /// Sets these bits, and leaves the others.
    pub fn set(self, bits: u32) {
        self.write(self.read() | bits);
    }
}

/// What to write to reach only some pins of a port: their mask is part of the address (data sheet, §9.2.1).
pub const fn pins(port: u32, mask: u32) -> Register {
    Register::of(port, mask << 2)
}
