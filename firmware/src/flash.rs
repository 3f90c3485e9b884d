//! The board's flash: where what lies, and how the rest of this crate reads, writes and erases it.
//!
//! NOR flash: erased by sectors, written bit by bit towards zero, byte by byte. It decides no format: `store.rs` keeps
//! what is settled and the records, `shelf.rs` the content, `page.rs` what the board was given when it was set up. The
//! only file that names the traits of embedded storage. Next: `store.rs`.

use core::future::Future;
use core::ops::Range;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_storage::nor_flash as waiting;
pub use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use embedded_storage_async::nor_flash as patient;

/// Bytes of one sector, the least that is erased: that of every serial NOR flash.
pub const SECTOR: u32 = 4096;
/// What the board was given when it was set up ([`crate::page`]).
pub const PAGE: Range<u32> = 0..2 * SECTOR;
/// What is settled: eight sectors in turn, so that a state written every ten seconds of play wears none out in years.
pub const SETTLED: Range<u32> = 2 * SECTOR..10 * SECTOR;
/// Records without a receipt: 128 sectors, about a thousand of them.
pub const OUTBOX: Range<u32> = 10 * SECTOR..138 * SECTOR;
/// Content: 118 sectors.
pub const SHELF: Range<u32> = 138 * SECTOR..BYTES;
/// All of it: 1 MiB.
pub const BYTES: u32 = 256 * SECTOR;

/// The flash did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// A NOR flash of at least [`BYTES`], written byte by byte.
pub trait Flash: MultiwriteNorFlash {
    /// Fills `into` with what lies at `at`.
    fn get(&mut self, at: u32, into: &mut [u8]) -> Result<(), Broken> {
        waiting::ReadNorFlash::read(self, at, into).map_err(|_| Broken)
    }

    /// Writes to erased bytes at `at`.
    fn put(&mut self, at: u32, bytes: &[u8]) -> Result<(), Broken> {
        waiting::NorFlash::write(self, at, bytes).map_err(|_| Broken)
    }

    /// Erases the sectors of this range.
    fn clear(&mut self, range: Range<u32>) -> Result<(), Broken> {
        waiting::NorFlash::erase(self, range.start, range.end).map_err(|_| Broken)
    }
}

impl<F: MultiwriteNorFlash> Flash for F {}

/// A flash that answers at once, for a library that would wait for it.
pub struct Patient<'f, F>(pub &'f mut F);

impl<F: Flash> patient::ErrorType for Patient<'_, F> {
    type Error = F::Error;
}

impl<F: Flash> patient::ReadNorFlash for Patient<'_, F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        waiting::ReadNorFlash::read(self.0, offset, bytes)
    }

    fn capacity(&self) -> usize {
        waiting::ReadNorFlash::capacity(self.0)
    }
}

impl<F: Flash> patient::NorFlash for Patient<'_, F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        waiting::NorFlash::erase(self.0, from, to)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        waiting::NorFlash::write(self.0, offset, bytes)
    }
}

impl<F: Flash> patient::MultiwriteNorFlash for Patient<'_, F> {}

/// The outcome of work over a [`Patient`] flash, which never has to wait.
pub fn at_once<T>(work: impl Future<Output = T>) -> Result<T, Broken> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(Broken),
    }
}

#[cfg(test)]
pub mod ram {
    //! A flash in memory that behaves as NOR does, and whose power can be cut at any write.

    use std::vec;
    use std::vec::Vec;

    use super::{BYTES, ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash, SECTOR};
    use embedded_storage::nor_flash::{NorFlashError, NorFlashErrorKind};

    /// The power is off.
    #[derive(Debug)]
    pub struct Off;

    impl NorFlashError for Off {
        fn kind(&self) -> NorFlashErrorKind {
            NorFlashErrorKind::Other
        }
    }

    /// The flash.
    #[derive(Clone)]
    pub struct Ram {
        /// What it holds.
        pub bytes: Vec<u8>,
        /// Writes and erasures that still work; then the power is off.
        pub left: usize,
    }

    impl Default for Ram {
        /// An erased one.
        fn default() -> Self {
            Self { bytes: vec![0xff; BYTES as usize], left: usize::MAX }
        }
    }

    impl Ram {
        fn spend(&mut self) -> Result<(), Off> {
            self.left = self.left.checked_sub(1).ok_or(Off)?;
            Ok(())
        }
    }

    impl ErrorType for Ram {
        type Error = Off;
    }

    impl ReadNorFlash for Ram {
        const READ_SIZE: usize = 1;

        fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Off> {
            let from = self.bytes.get(offset as usize..offset as usize + bytes.len()).ok_or(Off)?;
            bytes.copy_from_slice(from);
            Ok(())
        }

        fn capacity(&self) -> usize {
            self.bytes.len()
        }
    }

    impl NorFlash for Ram {
        const WRITE_SIZE: usize = 1;
        const ERASE_SIZE: usize = SECTOR as usize;

        fn erase(&mut self, from: u32, to: u32) -> Result<(), Off> {
            self.spend()?;
            self.bytes.get_mut(from as usize..to as usize).ok_or(Off)?.fill(0xff);
            Ok(())
        }

        fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Off> {
            // A cut leaves the first half of what was being written.
            let whole = self.spend();
            let written = if whole.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
            let to = self.bytes.get_mut(offset as usize..offset as usize + written.len()).ok_or(Off)?;
            to.iter_mut().zip(written).for_each(|(old, new)| *old &= new);
            whole
        }
    }

    impl MultiwriteNorFlash for Ram {}
}
