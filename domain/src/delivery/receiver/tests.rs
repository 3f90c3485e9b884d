//! What a fetch does by itself; with the desk at the other end it is tested in `sender/tests.rs`.

use std::vec;

use super::*;
use crate::delivery::blob::{BlobRef, manifest};
use crate::limits::CHUNK_BYTES;
use crate::wire::List;

fn content() -> (std::vec::Vec<u8>, Manifest, std::vec::Vec<std::vec::Vec<u8>>) {
    let bytes = vec![7; 10 * CHUNK_BYTES];
    let hashes: std::vec::Vec<Hash> = bytes.chunks(CHUNK_BYTES).map(Hash::of).collect();
    let (manifest, pages) =
        manifest(BlobRef { hash: Hash::of(&bytes), size: bytes.len() as u32 }, &hashes).expect("fair");
    (bytes, manifest, pages)
}

fn receiver(manifest: &Manifest) -> Receiver {
    Receiver::new(manifest.blob.hash, manifest.blob.size).expect("a fair size")
}

#[test]
fn a_manifest_of_another_blob_or_shape_is_refused() {
    let (_, good, _) = content();
    let mut bent = good.clone();
    bent.blob.size += 1;
    let mut receiver = receiver(&good);
    assert!(receiver.take_manifest(&bent, &[0; 2]) || bent.blob.size.div_ceil(CHUNK_BYTES as u32) != 10);
    let other = Manifest { blob: BlobRef { hash: Hash([1; 32]), ..good.blob }, pages: good.pages.clone() };
    assert!(!receiver.take_manifest(&other, &[0; 2]));
    assert!(!receiver.take_manifest(&Manifest { blob: good.blob, pages: List::new() }, &[0; 2]));
    assert_eq!(receiver.state(), State::NeedsManifest);
}

#[test]
fn bits_behind_the_last_part_count_for_nothing() {
    let (_, manifest, _) = content();
    let mut receiver = receiver(&manifest);
    // Eleven parts; the last bits of the second byte are no parts.
    assert!(receiver.take_manifest(&manifest, &[0b0000_0111, 0b1111_1111]));
    assert_eq!(receiver.state(), State::Fetching);
}

#[test]
fn chunks_are_asked_for_only_when_their_page_is_here() {
    let (_, manifest, pages) = content();
    let mut receiver = receiver(&manifest);
    let mut bits = [0; 2];
    assert!(receiver.take_manifest(&manifest, &bits));
    let held = Held { manifest: Some(&manifest), bits: &mut bits };
    assert_eq!(receiver.ask(0, &held).map(|want| (want.first, want.mask)), Some((0, 1)));
    assert_eq!(receiver.ask(0, &held), None);
    assert_eq!(receiver.take_part(10, 0, &pages[0], &held, |_| None), Act::WritePage { offset: 0 });
    bits::set(&mut bits, 0);
    let held = Held { manifest: Some(&manifest), bits: &mut bits };
    receiver.wrote(&held);
    assert!(receiver.ask(10, &held).is_some_and(|want| want.first == 1 && want.mask.count_ones() >= 2));
}

#[test]
fn while_a_transfer_is_shared_only_pages_are_asked_for() {
    let (_, manifest, _) = content();
    let mut receiver = receiver(&manifest);
    let mut bits = [0; 2];
    assert!(receiver.take_manifest(&manifest, &bits));
    receiver.shared(0);
    let held = Held { manifest: Some(&manifest), bits: &mut bits };
    assert_eq!(receiver.ask(0, &held).map(|want| (want.first, want.mask)), Some((0, 1)));
    assert_eq!(receiver.next_ms(), Some(PATIENCE_MS));
    bits::set(&mut bits, 0);
    let held = Held { manifest: Some(&manifest), bits: &mut bits };
    assert_eq!(receiver.ask(PATIENCE_MS, &held), None);
    assert_eq!(receiver.next_ms(), Some(SHARED_SILENCE_MS));
    assert!(receiver.ask(SHARED_SILENCE_MS, &held).is_some(), "silence ends the transfer");
}

#[test]
fn a_silent_desk_is_asked_ever_more_rarely() {
    let (_, manifest, _) = content();
    let mut receiver = receiver(&manifest);
    let mut bits = [0; 2];
    let mut asked = std::vec::Vec::new();
    let mut now = 0;
    while now < 3_600_000 {
        if receiver.ask(now, &Held { manifest: None, bits: &mut bits }).is_some() {
            asked.push(now);
        }
        now = receiver.next_ms().expect("it goes on");
    }
    assert_eq!(&asked[..5], [0, 8_000, 24_000, 56_000, 120_000]);
    assert!(asked.len() < 40, "{}", asked.len());
}
