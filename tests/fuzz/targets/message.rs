//! Any bytes as a message of the desk: every kind, with what is in it.
//!
//! Next: `receipts.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_domain::delivery::blob::{self, Manifest, Shape};
use loa_domain::message::{Down, Up};
use loa_domain::wire;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 4 {
        0 => {
            let _down = wire::decode::<Down<'_>>(bytes);
        }
        1 => {
            let _up = wire::decode::<Up<'_>>(bytes);
        }
        2 => {
            if let Some((_, part, payload)) = blob::split(bytes) {
                let shape = Shape::of(payload.len() as u32 * 1_000);
                let _part = shape.and_then(|shape| shape.part(part));
            }
        }
        _ => {
            let _manifest = wire::decode::<Manifest>(bytes);
        }
    }
});
