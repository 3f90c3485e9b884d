//! The board's store: its part of the flash that its program lies in (`partitions.csv`), and how to reach the network.
//!
//! The chip writes words of four bytes; the store writes single ones. What is missing of a word is filled up with ones,
//! which change nothing on NOR flash. While a sector is erased the processor waits, and the panel is dark for some
//! hundredths of a second. It knows no format: that is `loa_firmware::flash`. Next: `panel.rs`.

use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};
use esp_hal::peripherals::FLASH;
use esp_storage::{FlashStorage, FlashStorageError};
use loa_firmware::flash::{BYTES, SECTOR};

/// Where the store begins.
const START: u32 = 0x20_0000;
/// Where it stands how to reach the network.
const ACCESS: u32 = 0x30_0000;
const _: () = assert!(START + BYTES <= ACCESS);

/// Bytes that are written at a time.
const PIECE: usize = 256;
/// Bytes of the name and the password of a network, at most, with what is between them.
pub const ACCESS_BYTES: usize = 128;

/// The store's part of the flash.
pub struct Chip(FlashStorage<'static>);

impl Chip {
    /// The store, and nothing before it.
    ///
    /// # Panics
    /// When it is called a second time.
    pub fn new(flash: FLASH<'static>) -> Self {
        Self(FlashStorage::new(flash))
    }

    /// What stands in the flash about the network; ones where nothing was written.
    pub fn access(&mut self) -> [u8; ACCESS_BYTES] {
        let mut bytes = [0xff; ACCESS_BYTES];
        // What cannot be read is not there.
        let _unread = self.0.read_nor(ACCESS, &mut bytes);
        bytes
    }
}

/// Where these bytes lie in the whole flash. An error if not all of them are the store's.
fn place(at: u32, length: usize) -> Result<u32, FlashStorageError> {
    let end = u32::try_from(length).ok().and_then(|length| at.checked_add(length));
    end.filter(|end| *end <= BYTES).map(|_| START + at).ok_or(FlashStorageError::OutOfBounds)
}

impl ErrorType for Chip {
    type Error = FlashStorageError;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashStorageError> {
        self.0.read_nor(place(offset, bytes.len())?, bytes)
    }

    fn capacity(&self) -> usize {
        BYTES as usize
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashStorageError> {
        let length = to.checked_sub(from).ok_or(FlashStorageError::OutOfBounds)?;
        let start = place(from, length as usize)?;
        self.0.erase(start, start + length)
    }

    fn write(&mut self, offset: u32, mut bytes: &[u8]) -> Result<(), FlashStorageError> {
        let mut at = place(offset, bytes.len())?;
        while !bytes.is_empty() {
            let before = (at % FlashStorage::WORD_SIZE) as usize;
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - before));
            let mut words = [0xff; PIECE];
            words[before..before + now.len()].copy_from_slice(now);
            let end = (before + now.len()).next_multiple_of(FlashStorage::WORD_SIZE as usize);
            self.0.write_nor(at - before as u32, &words[..end])?;
            (at, bytes) = (at + now.len() as u32, later);
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Chip {}
