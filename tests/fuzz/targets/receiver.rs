//! Any sequence of parts, answers and silences at a fetch: it never writes outside of the blob, and asks for what it lacks.
//!
//! Next: `link.rs`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loa_domain::delivery::blob::{self, BlobRef, Manifest};
use loa_domain::delivery::receiver::{Act, Held, Receiver, State};
use loa_domain::id::Hash;

/// Bytes of the blob: three chunks, the last of them short.
const SIZE: usize = 2 * 16_128 + 77;

/// A blob: its name, the hashes of its chunks, its manifest and pages.
struct Blob {
    hash: Hash,
    chunks: Vec<Hash>,
    manifest: Manifest,
    pages: Vec<Vec<u8>>,
}

static CONTENT: [u8; SIZE] = [7; SIZE];
static BLOB: LazyLock<Blob> = LazyLock::new(|| {
    let chunks: Vec<Hash> = CONTENT.chunks(16_128).map(Hash::of).collect();
    let hash = Hash::of(&CONTENT);
    let (manifest, pages) = blob::manifest(BlobRef { hash, size: SIZE as u32 }, &chunks).expect("a blob's size");
    Blob { hash, chunks, manifest, pages }
});

fuzz_target!(|bytes: &[u8]| {
    let Blob { hash, chunks, manifest: signed, pages } = &*BLOB;
    let (hash, content) = (*hash, &CONTENT);
    let Some(mut receiver) = Receiver::new(hash, SIZE as u32) else { return };
    let mut held = [0_u8; 8];
    let mut has_manifest = false;
    let mut now_ms = 0_u64;
    for step in bytes.chunks(3).take(400) {
        let [what, part, by] = [0, 1, 2].map(|at| step.get(at).copied().unwrap_or_default());
        now_ms += u64::from(by) * 97;
        let manifest = has_manifest.then_some(signed);
        match what % 7 {
            0 => has_manifest |= receiver.take_manifest(signed, &held),
            1 => receiver.link_up(),
            2 => receiver.shared(now_ms),
            3 => receiver.shared_over(),
            4 => receiver.retry(),
            5 => {
                let payload: &[u8] = match part % 5 {
                    0 => &pages[0],
                    1 => &content[..16_128],
                    2 => &content[..77],
                    _ => &bytes[..bytes.len().min(50)],
                };
                let number = u32::from(part % 6);
                let bits = &mut held.clone()[..];
                let act = receiver.take_part(now_ms, number, payload, &Held { manifest, bits }, |chunk| {
                    chunks.get(chunk as usize).copied()
                });
                match act {
                    Act::WritePage { offset } => assert!(offset as usize + payload.len() <= pages[0].len()),
                    Act::WriteChunk { offset } => assert!(offset as usize + payload.len() <= SIZE),
                    Act::Ask(_) | Act::Ignore => {}
                }
                if !matches!(act, Act::Ignore | Act::Ask(_)) {
                    blob::bits::set(&mut held, number);
                    let bits = &mut held.clone()[..];
                    receiver.wrote(&Held { manifest, bits });
                }
            }
            _ => {
                let bits = &mut held.clone()[..];
                let kept = Held { manifest, bits };
                let mut asked = 0;
                while let Some(want) = receiver.ask(now_ms, &kept) {
                    asked += 1;
                    assert!(asked < 10 && (want.mask == 0) != has_manifest, "{want:?}");
                }
            }
        }
        assert!(receiver.state() != State::Complete || blob::bits::count(&held) == receiver.shape().parts());
    }
});
