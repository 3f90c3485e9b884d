//! Where one MQTT packet ends and the next begins, without looking into any: to count them and to refuse huge ones.
//!
//! The broker library reserves room for a packet before it knows whose it is; here its length is seen first. What a packet
//! says is the library's to read. MQTT 5 §2.1. Next: `door.rs`.

/// The first byte of a CONNECT.
pub const CONNECT: u8 = 0x10;

/// Why a stream of packets is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A packet says it is longer than it may be.
    TooLarge {
        /// What it says, in bytes after its length.
        bytes: usize,
    },
    /// A length that never ends.
    Length,
}

/// Reads lengths out of a stream that comes in pieces.
#[derive(Debug)]
pub struct Frames {
    largest: usize,
    /// Bytes of the present packet that are still to come.
    left: usize,
    /// The length that is being read: so far, and the shift of its next byte. Nothing between packets.
    length: Option<(usize, u32)>,
}

impl Frames {
    /// Packets with at most `largest` bytes after their length.
    #[must_use]
    pub fn new(largest: usize) -> Self {
        Self { largest, left: 0, length: None }
    }

    /// These bytes came; gives how many packets began in them.
    ///
    /// # Errors
    /// When what comes is no packet that may come: the connection has to end.
    pub fn came(&mut self, mut bytes: &[u8]) -> Result<u64, Broken> {
        let mut begun = 0;
        while let Some((&first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let skipped = self.left.min(bytes.len());
                self.left -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            bytes = rest;
            let Some((sum, shift)) = self.length else {
                self.length = Some((0, 0));
                begun += 1;
                continue;
            };
            let sum = sum | usize::from(first & 0x7f) << shift;
            if sum > self.largest {
                return Err(Broken::TooLarge { bytes: sum });
            }
            if first & 0x80 == 0 {
                (self.left, self.length) = (sum, None);
            } else if shift < 21 {
                self.length = Some((sum, shift + 7));
            } else {
                return Err(Broken::Length);
            }
        }
        Ok(begun)
    }

    /// Whether the bytes so far end with a whole packet.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.left == 0 && self.length.is_none()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::delivery::broker::raw::packet;

    #[test]
    fn packets_are_counted_however_they_are_cut() {
        let stream = [packet(0x30, &[7; 200]), packet(0xc0, &[]), packet(0x82, &[1; 127])].concat();
        for cut in 1..stream.len() {
            let mut frames = Frames::new(1_000);
            let begun: u64 = stream.chunks(cut).map(|piece| frames.came(piece).expect("fits")).sum();
            assert_eq!((begun, frames.is_between()), (3, true), "in pieces of {cut}");
        }
        let mut frames = Frames::new(1_000);
        assert_eq!(frames.came(&stream[..stream.len() - 1]), Ok(3));
        assert!(!frames.is_between());
    }

    #[test]
    fn a_packet_that_says_it_is_huge_is_refused_before_a_byte_of_it_came() {
        assert_eq!(Frames::new(2_048).came(&packet(0x10, &[0; 2_048])[..3]), Ok(1));
        let huge = [0x10, 0xff, 0xff, 0xff, 0x7f];
        assert!(matches!(Frames::new(2_048).came(&huge), Err(Broken::TooLarge { .. })));
        assert_eq!(Frames::new(usize::MAX).came(&huge), Ok(1));
        assert_eq!(Frames::new(2_048).came(&[0x10, 0x80, 0x80, 0x80, 0x80]), Err(Broken::Length));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(pieces in prop::collection::vec(any::<Vec<u8>>(), 0..20)) {
            let mut frames = Frames::new(1 << 20);
            for piece in pieces {
                if frames.came(&piece).is_err() {
                    break;
                }
            }
        }
    }
}
