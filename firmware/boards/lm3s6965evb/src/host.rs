//! What the emulated board has from its host, because QEMU does not model it: a flash chip, a battery-backed clock.
//!
//! Semihosting (Arm, "Semihosting for AArch32 and AArch64"): a breakpoint that the emulator answers. The flash is a file
//! of 1 MiB and behaves as NOR does; on hardware a serial flash chip behind the same traits takes its place. The only
//! file that speaks to the host. Next: `log.rs`.

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use loa_domain::time::UtcMs;
use loa_firmware::flash::{BYTES, SECTOR};

const OPEN: u32 = 0x01;
const WRITE: u32 = 0x05;
const READ: u32 = 0x06;
const SEEK: u32 = 0x0a;
const TIME: u32 = 0x11;
const COMMAND_LINE: u32 = 0x15;
/// Reading and writing, binary, the file stays.
const UPDATE: u32 = 3;
/// The file that is the flash.
const FILE: &[u8; 10] = b"flash.bin\0";

/// Asks the host. `arguments` are words that the call defines; those that are addresses must stay valid meanwhile.
fn ask(call: u32, arguments: &[u32; 3]) -> u32 {
    let mut answer = call;
    // SAFETY: the breakpoint is the call that the emulator waits for; it reads the words at r1 and the memory that they
    // name, which the callers below lend for as long as the call lasts, writes at most into a buffer named there by its
    // true length, and changes no register but r0. Memory may change, so no `nomem` is said.
    unsafe {
        core::arch::asm!("bkpt #0xab", inout("r0") answer, in("r1") arguments.as_ptr(), options(nostack));
    }
    answer
}

/// What a battery-backed clock shows, if the command line says that there is one.
pub fn battery() -> Option<UtcMs> {
    let mut line = [0_u8; 128];
    let failed = ask(COMMAND_LINE, &[line.as_mut_ptr() as u32, line.len() as u32, 0]);
    let said = line.split(|byte| *byte == 0).next().unwrap_or_default();
    let has_one = failed == 0 && said.split(|byte| *byte == b' ').any(|word| word == b"battery");
    has_one.then(|| UtcMs::from_seconds(i64::from(ask(TIME, &[0; 3]))))
}

/// The flash.
pub struct File {
    handle: u32,
}

/// The host did not do it.
#[derive(Debug)]
pub struct Refused;

impl NorFlashError for Refused {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl File {
    /// Opens it. None if there is none.
    pub fn open() -> Option<Self> {
        let handle = ask(OPEN, &[FILE.as_ptr() as u32, UPDATE, FILE.len() as u32 - 1]);
        (handle != u32::MAX).then_some(Self { handle })
    }

    fn seek(&mut self, at: u32, length: usize) -> Result<(), Refused> {
        let end = u32::try_from(length).ok().and_then(|length| at.checked_add(length));
        let is_inside = end.is_some_and(|end| end <= BYTES);
        if is_inside && ask(SEEK, &[self.handle, at, 0]) == 0 { Ok(()) } else { Err(Refused) }
    }

    fn get(&mut self, at: u32, into: &mut [u8]) -> Result<(), Refused> {
        self.seek(at, into.len())?;
        let missing = ask(READ, &[self.handle, into.as_mut_ptr() as u32, into.len() as u32]);
        if missing == 0 { Ok(()) } else { Err(Refused) }
    }

    fn put(&mut self, at: u32, bytes: &[u8]) -> Result<(), Refused> {
        self.seek(at, bytes.len())?;
        let missing = ask(WRITE, &[self.handle, bytes.as_ptr() as u32, bytes.len() as u32]);
        if missing == 0 { Ok(()) } else { Err(Refused) }
    }
}

impl ErrorType for File {
    type Error = Refused;
}

impl ReadNorFlash for File {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Refused> {
        if bytes.is_empty() { Ok(()) } else { self.get(offset, bytes) }
    }

    fn capacity(&self) -> usize {
        BYTES as usize
    }
}

impl NorFlash for File {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Refused> {
        (from..to).step_by(256).try_for_each(|at| self.put(at, &[0xff; 256]))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Refused> {
        // A bit that is zero stays zero until its sector is erased.
        for (at, bytes) in (offset..).step_by(64).zip(bytes.chunks(64)) {
            let mut now = [0; 64];
            let now = &mut now[..bytes.len()];
            self.get(at, now)?;
            now.iter_mut().zip(bytes).for_each(|(now, byte)| *now &= byte);
            self.put(at, now)?;
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for File {}
