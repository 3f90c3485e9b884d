//! Any bytes as what a player keeps on flash: records, opened cues, what is settled.
//!
//! A worn flash gives any bytes. Next: `receiver.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_domain::play::due::Due;
use loa_domain::play::player::Opened;
use loa_domain::proof::record::Record;
use loa_domain::wire;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 3 {
        0 => {
            let _record = wire::decode::<Record>(bytes);
        }
        1 => {
            let _opened = wire::decode::<Opened>(bytes);
        }
        _ => {
            let _due = wire::decode::<Due>(bytes);
        }
    }
});
