//! Any bytes as receipts, as a signed note, as a checkpoint and as a policy.
//!
//! Next: `kept.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_domain::audit::policy::Policy;
use loa_domain::audit::receipt::Receipts;
use loa_domain::keys::Quorum;
use loa_domain::wire::{self, Decode};

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 3 {
        0 => {
            if let Ok(Receipts { size, root, signatures, .. }) = wire::decode(bytes) {
                // A key of this id, whatever it is.
                let id = signatures.first().map_or([0; 4], |signature| signature.id);
                let quorum = Quorum { id, ..Quorum::blank() };
                assert!(quorum.trusts(Head { size, root }, &signatures).is_err());
            }
        }
        1 => {
            let Ok(note) = Note::read(bytes) else { return };
            let _checkpoint = Checkpoint::read(note.text());
            assert!(note.signatures().count() <= bytes.len());
        }
        _ => {
            let Ok(Ok(policy)) = core::str::from_utf8(bytes).map(Policy::read) else { return };
            if let Ok(quorum) = policy.quorum() {
                assert_eq!(wire::decode(&wire::encode(&quorum)), Ok(quorum));
            }
        }
    }
});
