//! Whatever bytes a file has, reading it ends in a report; and no bit of an evidence bundle goes unnoticed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use loa_domain::audit::evidence::LogProof;
use loa_domain::audit::merkle;
use loa_domain::audit::policy::Policy;
use loa_verify::{Class, Export, Given, Unproven, check_proof, read_root, verify, verify_log};
use proptest::prelude::*;

use crate::attack;
use crate::build::World;
use crate::{Disk, chains};

/// A record's proof, the entry beside it, the policy, and its player's key.
fn bundle() -> (World, String, usize) {
    let world = World::build(3, 4, 300, None);
    let size = attack::newest(&world);
    let position = world.records[150].position;
    let leaves = &world.entries[..size];
    let node = |level: u8, index: u64| {
        let from = (index as usize) << level;
        let hash = crate::build::root_of(&leaves[from..from + (1 << level)]);
        Ok::<_, std::convert::Infallible>(hash)
    };
    let hashes = merkle::inclusion(position as u64, size as u64, node).expect("all nodes are there");
    let checkpoint = world.published.last().expect("published").note.clone();
    let entry = Some(world.entries[position].clone());
    let text = LogProof { entry, index: position as u64, hashes, checkpoint: &checkpoint }.text();
    (world, text, position)
}

#[test]
fn a_bundle_proves_its_record_and_no_flipped_bit_of_it_is_taken() {
    let (world, proof, position) = bundle();
    let (policy, entry) = (world.policy_text(true), world.entries[position].clone());
    let device = &world.devices[world.records[150].player];
    let key = device.key.public();
    let check = |proof: &[u8], policy: &str, entry: &[u8]| {
        check_proof(proof, &Policy::read(policy).ok()?, Some(entry), Some(&key)).ok()
    };
    let proven = check(proof.as_bytes(), &policy, &entry).expect("it proves");
    assert_eq!((proven.position, proven.witnesses), (position as u64, 2));
    assert_eq!(proven.record.map(|place| place.player), Some(device.id.clone()));
    for (which, bytes) in [proof.as_bytes(), policy.as_bytes(), &entry].into_iter().enumerate() {
        for bit in 0..bytes.len() * 8 {
            let mut bent = bytes.to_vec();
            bent[bit / 8] ^= 1 << (bit % 8);
            let text = |bent: &[u8]| String::from_utf8(bent.to_vec()).unwrap_or_default();
            let taken = match which {
                0 => check(&bent, &policy, &entry),
                1 => check(proof.as_bytes(), &text(&bent), &entry),
                _ => check(proof.as_bytes(), &policy, &bent),
            };
            assert!(taken.is_none(), "file {which}, byte {}, bit {}", bit / 8, bit % 8);
        }
    }
}

#[test]
fn a_proof_needs_its_entry_and_the_key_that_signed() {
    let (world, proof, position) = bundle();
    let policy = world.policy(true);
    let other = world.entries[position + 1].clone();
    let wrong = check_proof(proof.as_bytes(), &policy, Some(&other), None);
    assert_eq!(wrong, Err(Unproven::OtherEntry));
    let stranger = crate::build::key(99).public();
    assert_eq!(check_proof(proof.as_bytes(), &policy, None, Some(&stranger)), Err(Unproven::Signature));
    assert!(check_proof(proof.as_bytes(), &policy, None, None).is_ok());
}

#[test]
fn a_log_is_checked_as_anybodys_too() {
    let world = World::build(5, 3, 700, None);
    let mut disk = Disk::new();
    let mut files = attack::untouched(&world);
    disk.hold(&files);
    let report = verify_log(disk.path(), None, &mut ());
    assert!(report.is_clean() && report.is_complete(), "{:?}", report.findings);
    assert!(verify_log(disk.path(), Some(&world.policy(true)), &mut ()).is_clean());
    files.get_mut("tile/entries/001").expect("two tiles and more")[50] ^= 1;
    disk.hold(&files);
    assert_eq!(verify_log(disk.path(), None, &mut ()).exit_code(), Class::Tree.exit_code());
}

#[test]
fn progress_rises_to_the_whole_log() {
    let world = World::build(5, 3, 700, None);
    let mut disk = Disk::new();
    disk.hold(&attack::untouched(&world));
    let mut told = Vec::new();
    let export = Export::new(disk.path(), world.policy(true));
    let _report = verify(&export, &mut |position, total| told.push((position, total)));
    let size = attack::newest(&world) as u64;
    assert!(told.is_sorted() && told.first() == Some(&(0, size)) && told.last() == Some(&(size, size)), "{told:?}");
}

#[test]
fn a_size_that_anybody_can_write_does_not_make_the_check_endless() {
    let world = World::build(5, 3, 300, None);
    let mut disk = Disk::new();
    let mut files = attack::untouched(&world);
    let root = crate::build::root_of(&world.entries);
    for size in [u64::MAX, 1 << 40] {
        let _old = files.insert("checkpoint".to_owned(), world.note(size, root, true).into_bytes());
        disk.hold(&files);
        let report = verify(&Export::new(disk.path(), world.policy(true)), &mut ());
        assert_eq!(report.exit_code(), Class::Missing.exit_code());
    }
}

static SMALL: LazyLock<World> = LazyLock::new(|| World::build(11, 3, 300, None));

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_bytes_of_any_file_make_the_check_fall_over(
        which in 0_usize..5, bytes in any_bytes(), splice in any::<prop::sample::Index>(), given in any_bytes(),
    ) {
        let world = &*SMALL;
        let mut files: BTreeMap<String, Vec<u8>> = attack::untouched(world);
        let path = match which {
            0 => Some("checkpoint".to_owned()),
            1 => Some("tile/entries/000".to_owned()),
            2 => Some("tile/0/000".to_owned()),
            3 => files.keys().find(|path| path.starts_with("tile/1/")).cloned(),
            _ => None,
        };
        if let Some(path) = path {
            let old = files.get_mut(&path).expect("a file of the log");
            let at = splice.index(old.len());
            old.splice(at..(at + bytes.len()).min(old.len()), bytes.iter().copied());
        }
        let mut disk = Disk::new();
        disk.hold(&files);
        let mut export = Export::new(disk.path(), world.policy(true));
        export.checkpoints.push(Given { name: "given".to_owned(), bytes: given.clone() });
        export.held.push(Given { name: "held".to_owned(), bytes: given.clone() });
        export.roots.extend(read_root(&given));
        let report = verify(&export, &mut ());
        prop_assert!(!report.is_clean());
        let _any = (verify_log(disk.path(), None, &mut ()), check_proof(&given, &world.policy(true), Some(&bytes), None));
        let _policy = Policy::read(&String::from_utf8_lossy(&given));
        prop_assert!(chains::sealed_of(&world.entries[world.records[0].position]).len() > 64);
    }

    #[test]
    fn no_entries_make_the_check_fall_over(entries in proptest::collection::vec(any_bytes(), 1..40)) {
        let world = &*SMALL;
        let mut files = crate::build::files(&entries);
        let note = world.note(entries.len() as u64, crate::build::root_of(&entries), true);
        let _none = files.insert("checkpoint".to_owned(), note.into_bytes());
        let mut disk = Disk::new();
        disk.hold(&files);
        prop_assert!(!verify(&Export::new(disk.path(), world.policy(true)), &mut ()).is_clean());
        prop_assert!(verify_log(disk.path(), None, &mut ()).is_clean());
    }
}
