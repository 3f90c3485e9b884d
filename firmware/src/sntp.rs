//! Asks a time server (SNTP, RFC 4330): one packet out, one in.
//!
//! The answer is not signed: it is taken for the clock alone, within the bounds of `wall.rs`, and only if it repeats the
//! number that was asked with. Sending and receiving are the board's program's. Next: `link.rs`.

use loa_domain::time::UtcMs;

/// Bytes of a packet.
pub const BYTES: usize = 48;
/// The port of time servers.
pub const PORT: u16 = 123;
/// Seconds from 1900 to 1970.
const SINCE_1900_S: i64 = 2_208_988_800;
/// What the seconds of the field wrap at (RFC 4330 §3: after 2036 they begin anew).
const ERA_S: i64 = 1 << 32;

/// The question. `number` comes back in the answer, and a stranger must not guess it.
#[must_use]
pub fn question(number: u64) -> [u8; BYTES] {
    let mut packet = [0; BYTES];
    // Version 4, a client.
    packet[0] = 0x23;
    packet[40..].copy_from_slice(&number.to_be_bytes());
    packet
}

/// What an answer says; nothing if it is none, is another question's, or its server does not know the time.
#[must_use]
pub fn answer(packet: &[u8], number: u64) -> Option<UtcMs> {
    let packet: &[u8; BYTES] = packet.get(..BYTES)?.try_into().ok()?;
    let (leap, mode, stratum) = (packet[0] >> 6, packet[0] & 7, packet[1]);
    let is_answer = leap != 3 && mode == 4 && (1..16).contains(&stratum) && packet[24..32] == number.to_be_bytes();
    let field = |at: usize| packet[at..].first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
    let (seconds, fraction) = (i64::from(field(40)?), i64::from(field(44)?));
    // The first bit tells the years 1968 to 2036 from those until 2104.
    let era = if seconds & 0x8000_0000 != 0 { 0 } else { ERA_S };
    let utc = UtcMs((seconds + era - SINCE_1900_S) * 1000 + ((fraction * 1000) >> 32));
    (is_answer && (seconds, fraction) != (0, 0)).then_some(utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answered(number: u64, seconds: u32, fraction: u32) -> [u8; BYTES] {
        let mut packet = [0; BYTES];
        (packet[0], packet[1]) = (0x24, 2);
        packet[24..32].copy_from_slice(&number.to_be_bytes());
        packet[40..44].copy_from_slice(&seconds.to_be_bytes());
        packet[44..].copy_from_slice(&fraction.to_be_bytes());
        packet
    }

    #[test]
    fn an_answer_is_read_before_and_after_2036() {
        // 2026-03-02T00:00:00.5Z, and one second after the field wraps.
        assert_eq!(answer(&answered(7, 3_981_398_400, 1 << 31), 7), Some(UtcMs(1_772_409_600_500)));
        assert_eq!(answer(&answered(7, 1, 0), 7), Some(UtcMs((ERA_S + 1 - SINCE_1900_S) * 1000)));
    }

    #[test]
    fn what_is_no_answer_to_this_question_is_not_taken() {
        let good = answered(7, 3_981_398_400, 0);
        assert_eq!(answer(&good, 8), None, "another number");
        assert_eq!(answer(&good[..47], 7), None, "cut off");
        for (at, byte) in [(0, 0xe4), (0, 0x23), (1, 0), (1, 16)] {
            let mut bad = good;
            bad[at] = byte;
            assert_eq!(answer(&bad, 7), None, "byte {at}");
        }
        assert_eq!(answer(&question(7), 7), None, "its own question");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(packet in proptest::collection::vec(any::<u8>(), 0..80), number in any::<u64>()) {
            let _any = answer(&packet, number);
        }
    }
}
