//! The stage "play": from a file on disk and a start time to sound in the air.
//!
//! In reading order:
//! [`decode`] turns a file into mono frames at 48 kHz, [`ahead`] does that on a thread of its own;
//! [`mix`] decides which frame of which voice is heard when, without any input or output;
//! [`timeline`] and [`drift`] keep those frames on the wall clock although the card has its own;
//! [`engine`] puts the three together for one block of sound; [`sink`] is the card, or the file that
//! stands in for one. What a board shows is [`board`], with [`video`] for moving pictures. What is due to be played, and
//! why, is decided elsewhere.

pub mod ahead;
pub mod board;
pub mod decode;
pub mod drift;
pub mod engine;
pub mod mix;
pub mod notice;
pub mod sequence;
pub mod sink;
pub mod speaker;
pub mod standing;
pub mod timeline;
pub mod video;

/// Frames per second everywhere between the decoder and the card.
pub const RATE: u32 = 48_000;

/// How long `frames` last, in nanoseconds, rounded to the nearest.
pub fn frames_to_ns(frames: i64) -> i64 {
    let scaled = i128::from(frames) * 1_000_000_000;
    div_round(scaled, i128::from(RATE))
}

/// How many frames fit into `ns` nanoseconds, rounded to the nearest.
pub fn ns_to_frames(ns: i64) -> i64 {
    div_round(i128::from(ns) * i128::from(RATE), 1_000_000_000)
}

fn div_round(value: i128, by: i128) -> i64 {
    (value + by / 2).div_euclid(by) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_nanoseconds_convert_there_and_back_over_a_year() {
        for frames in [0, 1, -1, 47, 48_000, 1_513_728_000_000_i64, -1_513_728_000_001] {
            assert_eq!(ns_to_frames(frames_to_ns(frames)), frames);
        }
        assert_eq!(frames_to_ns(48_000), 1_000_000_000);
        assert_eq!(ns_to_frames(-10_417), -1);
        assert_eq!(ns_to_frames(-10_416), 0);
    }
}
