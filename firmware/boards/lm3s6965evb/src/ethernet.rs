//! The chip's own network controller, as a device of the network stack: frames in, frames out.
//!
//! Its memory holds a few frames; each begins with its length (data sheet, §16.3). No frame is looked at here. Next:
//! `oled.rs`.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

use crate::registers::{ETHERNET, RCGC, Register};

/// Bytes of the longest frame, with its head of 14: the peer is told by the size of its segments (RFC 9293 §3.7.1).
pub const FRAME_BYTES: usize = 14 + 1000;

/// Bytes of the longest frame that is taken: some peers send a little more than they were told.
const TAKEN_BYTES: usize = FRAME_BYTES + 64;

const ACKNOWLEDGE: Register = Register::of(ETHERNET, 0x00);
const MASK: Register = Register::of(ETHERNET, 0x04);
const RECEIVE: Register = Register::of(ETHERNET, 0x08);
const TRANSMIT: Register = Register::of(ETHERNET, 0x0c);
const DATA: Register = Register::of(ETHERNET, 0x10);
const ADDRESS: [Register; 2] = [Register::of(ETHERNET, 0x14), Register::of(ETHERNET, 0x18)];
const FRAMES: Register = Register::of(ETHERNET, 0x34);
const REQUEST: Register = Register::of(ETHERNET, 0x38);

/// The controller, with room for one frame each way.
pub struct Ethernet {
    incoming: [u8; TAKEN_BYTES],
    outgoing: [u8; FRAME_BYTES],
}

impl Ethernet {
    /// Switches it on.
    pub fn start() -> Self {
        // Controller and line driver.
        RCGC[2].set(1 << 28 | 1 << 30);
        let _settled = RCGC[2].read();
        // Both directions; short frames padded, checksums made, both ways at once.
        RECEIVE.write(1 | 1 << 4);
        RECEIVE.write(1);
        TRANSMIT.write(1 | 1 << 1 | 1 << 2 | 1 << 4);
        Self { incoming: [0; TAKEN_BYTES], outgoing: [0; FRAME_BYTES] }
    }

    /// The address it was given when the board was made.
    pub fn address(&self) -> [u8; 6] {
        let [low, high] = ADDRESS.map(Register::read);
        let ([a, b, c, d], [e, f, ..]) = (low.to_le_bytes(), high.to_le_bytes());
        [a, b, c, d, e, f]
    }

    /// A frame is to wake the processor, until it has.
    pub fn wake(on: bool) {
        MASK.write(u32::from(on));
    }

    /// Whether a frame waits in the controller.
    pub fn has_frame() -> bool {
        FRAMES.read() & 0x3f > 0
    }

    /// Takes the next frame out of the controller. None if there is none, or it was too long.
    fn fetch(&mut self) -> Option<usize> {
        while FRAMES.read() & 0x3f > 0 {
            let first = DATA.read();
            // The length counts itself and the checksum behind the frame.
            let length = (first & 0xffff) as usize;
            let frame = length.saturating_sub(6);
            let fits = (14..=TAKEN_BYTES).contains(&frame);
            let mut word = first >> 16;
            let mut left = 2;
            for at in 0..length.saturating_sub(2) {
                if left == 0 {
                    (word, left) = (DATA.read(), 4);
                }
                if let Some(room) = self.incoming.get_mut(at).filter(|_| fits && at < frame) {
                    *room = word as u8;
                }
                word >>= 8;
                left -= 1;
            }
            ACKNOWLEDGE.write(1);
            if fits {
                return Some(frame);
            }
        }
        None
    }
}

/// A frame that came.
pub struct Incoming<'e>(&'e [u8]);

/// Room for a frame.
pub struct Outgoing<'e>(&'e mut [u8]);

impl RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        // The stack was told how long a frame may be; should it forget, the frame is cut, and lost.
        let length = length.min(self.0.len());
        let frame = &mut self.0[..length];
        let done = write(frame);
        // The one before is out, or will never be.
        for _ in 0..100_000 {
            if REQUEST.read() & 1 == 0 {
                break;
            }
        }
        let (first, rest) = frame.split_at(frame.len().min(2));
        let payload = length.saturating_sub(14) as u32;
        let first = first.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        DATA.write(payload | first << 16);
        for word in rest.chunks(4) {
            DATA.write(word.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)));
        }
        REQUEST.write(1);
        done
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Incoming<'a>;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming<'_>, Outgoing<'_>)> {
        let length = self.fetch()?;
        Some((Incoming(&self.incoming[..length]), Outgoing(&mut self.outgoing)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        Some(Outgoing(&mut self.outgoing))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME_BYTES;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}
