//! Any bytes as receipts, as a signed note, as a checkpoint and as a policy.
//!
//! Next: `kept.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::note::Note;
use loa_domain::audit::policy::Policy;
use loa_domain::audit::receipt::Receipts;
use loa_domain::wire;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 3 {
        0 => {
            if let Ok(receipts) = wire::decode::<Receipts<'_>>(bytes) {
                let _note = Note::read(receipts.note.as_bytes());
            }
        }
        1 => {
            let Ok(note) = Note::read(bytes) else { return };
            let _checkpoint = Checkpoint::read(note.text());
            assert!(note.signatures().count() <= bytes.len());
        }
        _ => {
            let _policy = core::str::from_utf8(bytes).map(Policy::read);
        }
    }
});
