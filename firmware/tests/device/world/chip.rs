//! A flash chip that behaves as NOR does, whose power can be cut at any write and which can wear out.
//!
//! Several hold the same chip: the board that writes it, and the test that looks at it or spoils it. Next: `line.rs`.

use std::cell::RefCell;
use std::rc::Rc;

use loa_firmware::flash::{
    BYTES, ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, SECTOR,
};

/// The chip did not do it.
#[derive(Debug)]
pub struct Refused;

impl NorFlashError for Refused {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

struct Cells {
    bytes: Vec<u8>,
    /// Writes and erasures since the chip was made.
    writes: usize,
    /// The power goes with the write of this number.
    cut_at: Option<usize>,
    is_off: bool,
    is_worn: bool,
    touched: Vec<bool>,
}

/// The chip.
#[derive(Clone)]
pub struct Chip(Rc<RefCell<Cells>>);

impl Chip {
    /// A chip that holds this.
    pub fn of(bytes: Vec<u8>) -> Self {
        let touched = vec![false; bytes.len() / SECTOR as usize];
        Self(Rc::new(RefCell::new(Cells { bytes, writes: 0, cut_at: None, is_off: false, is_worn: false, touched })))
    }

    /// A chip from the shop.
    pub fn erased() -> Self {
        Self::of(vec![0xff; BYTES as usize])
    }

    /// What it holds.
    pub fn image(&self) -> Vec<u8> {
        self.0.borrow().bytes.clone()
    }

    /// Writes and erasures so far.
    pub fn writes(&self) -> usize {
        self.0.borrow().writes
    }

    /// The power goes in the middle of the write that follows the next `writes`.
    pub fn cut_after(&self, writes: usize) {
        let mut cells = self.0.borrow_mut();
        cells.cut_at = Some(cells.writes + writes);
    }

    /// Whether the power is gone.
    pub fn is_off(&self) -> bool {
        self.0.borrow().is_off
    }

    /// The power is back.
    pub fn power(&self) {
        let mut cells = self.0.borrow_mut();
        (cells.is_off, cells.cut_at) = (false, None);
    }

    /// From now on it takes nothing more, or takes everything again.
    pub fn wear(&self, is_worn: bool) {
        self.0.borrow_mut().is_worn = is_worn;
    }

    /// Where these bytes lie first.
    pub fn find(&self, wanted: &[u8]) -> Option<usize> {
        self.0.borrow().bytes.windows(wanted.len()).position(|bytes| bytes == wanted)
    }

    /// Some bits of a byte turn over, as cells do that lose their charge.
    pub fn turn(&self, at: usize, bits: u8) {
        let mut cells = self.0.borrow_mut();
        cells.touched[at / SECTOR as usize] = true;
        cells.bytes[at] ^= bits;
    }

    /// Brings back `image` where anything was changed since it was last brought back.
    pub fn restore(&self, image: &[u8]) {
        let mut cells = self.0.borrow_mut();
        let Cells { bytes, touched, .. } = &mut *cells;
        let sectors = bytes.chunks_mut(SECTOR as usize).zip(image.chunks(SECTOR as usize));
        for ((now, then), touched) in sectors.zip(touched).filter(|(_, touched)| **touched) {
            now.copy_from_slice(then);
            *touched = false;
        }
        (cells.is_off, cells.is_worn, cells.cut_at) = (false, false, None);
    }
}

impl Cells {
    fn spend(&mut self) -> Result<(), Refused> {
        self.is_off |= self.cut_at.is_some_and(|at| self.writes >= at);
        self.writes += 1;
        if self.is_off || self.is_worn { Err(Refused) } else { Ok(()) }
    }

    fn touch(&mut self, at: usize, length: usize) {
        let last = (at + length.max(1) - 1) / SECTOR as usize;
        (at / SECTOR as usize..=last).for_each(|sector| self.touched[sector] = true);
    }
}

impl ErrorType for Chip {
    type Error = Refused;
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Refused> {
        let cells = self.0.borrow();
        let from = cells.bytes.get(offset as usize..offset as usize + bytes.len()).ok_or(Refused)?;
        bytes.copy_from_slice(from);
        Ok(())
    }

    fn capacity(&self) -> usize {
        BYTES as usize
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Refused> {
        assert!(
            from.is_multiple_of(SECTOR) && to.is_multiple_of(SECTOR) && from <= to,
            "erased by whole sectors: {from}..{to}"
        );
        let mut cells = self.0.borrow_mut();
        let was_off = cells.is_off;
        let whole = cells.spend();
        if was_off || cells.is_worn || cells.bytes.len() < to as usize {
            return Err(Refused);
        }
        // A cut leaves the second half as it was.
        let to = if whole.is_ok() { to } else { from + (to - from) / 2 };
        cells.touch(from as usize, (to - from) as usize);
        cells.bytes[from as usize..to as usize].fill(0xff);
        whole
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Refused> {
        let mut cells = self.0.borrow_mut();
        let was_off = cells.is_off;
        let whole = cells.spend();
        if was_off || cells.is_worn || cells.bytes.len() < offset as usize + bytes.len() {
            return Err(Refused);
        }
        // A cut leaves the first half of what was being written.
        let bytes = if whole.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        cells.touch(offset as usize, bytes.len());
        let to = &mut cells.bytes[offset as usize..offset as usize + bytes.len()];
        to.iter_mut().zip(bytes).for_each(|(old, new)| *old &= new);
        whole
    }
}

impl MultiwriteNorFlash for Chip {}
