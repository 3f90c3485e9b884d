//! The board's store: the second MiB of the flash that its program lies in.
//!
//! While a sector is erased nothing can be read from this flash, the program neither; the driver runs from RAM then, and
//! the panel is fed by DMA from RAM (`panel.rs`), so nobody sees it. It knows no format: that is `loa_firmware::flash`.
//! Next: `panel.rs`.

use embassy_rp::Peri;
use embassy_rp::flash::{Blocking, Error, Flash};
use embassy_rp::peripherals::FLASH;
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use loa_firmware::flash::{BYTES, SECTOR};

/// All of the flash, in bytes.
const WHOLE: usize = 2 * 1024 * 1024;
/// Where the store begins: behind the program (`memory.x`).
const START: u32 = 1024 * 1024;
const _: () = assert!((START + BYTES) as usize <= WHOLE);

/// The store's part of the flash.
pub struct Chip(Flash<'static, FLASH, Blocking, WHOLE>);

impl Chip {
    /// The store, and nothing before it.
    pub fn new(flash: Peri<'static, FLASH>) -> Self {
        Self(Flash::new_blocking(flash))
    }
}

/// Where these bytes lie in the whole flash. An error if not all of them are the store's.
fn place(at: u32, length: usize) -> Result<u32, Error> {
    let end = u32::try_from(length).ok().and_then(|length| at.checked_add(length));
    end.filter(|end| *end <= BYTES).map(|_| START + at).ok_or(Error::OutOfBounds)
}

impl ErrorType for Chip {
    type Error = Error;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.blocking_read(place(offset, bytes.len())?, bytes)
    }

    fn capacity(&self) -> usize {
        BYTES as usize
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Error> {
        let length = to.checked_sub(from).ok_or(Error::OutOfBounds)?;
        let start = place(from, length as usize)?;
        self.0.blocking_erase(start, start + length)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        self.0.blocking_write(place(offset, bytes.len())?, bytes)
    }
}

// The driver fills a page up with ones, which change nothing on NOR flash.
impl MultiwriteNorFlash for Chip {}
