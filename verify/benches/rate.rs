//! How many records a second the check gets through, beside the bare rate of strict signature checks in the same run.
//!
//!     cargo bench -p loa-verify            # 100,000 records; LOA_RECORDS=1000000 for more
//!
//! `LOA_LOG_DIR` names a folder in which the log stays, for `loa audit verify FOLDER --policy FOLDER/policy`.

// The tests use all of it; a bench only the making.
#[allow(dead_code)]
#[path = "../tests/tamper/build.rs"]
mod build;

use std::time::Instant;

use build::World;
use ed25519_dalek::{Signer, SigningKey};
use loa_verify::{Export, verify};

fn main() {
    let records = std::env::var("LOA_RECORDS").ok().and_then(|records| records.parse().ok()).unwrap_or(100_000_usize);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let bare = bare_per_s(cores);
    let world = World::build(1, 200, records, None);
    let room = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("LOA_LOG_DIR").map(std::path::PathBuf::from);
    let folder = kept.clone().unwrap_or_else(|| room.path().to_owned());
    let size = world.published.last().expect("published").size as usize;
    for (path, bytes) in build::files(&world.entries[..size]) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    let note = &world.published.last().expect("published").note;
    std::fs::write(folder.join("checkpoint"), note).expect("a file");
    if kept.is_some() {
        std::fs::write(folder.join("policy"), world.policy_text(true)).expect("a file");
        return;
    }
    let mut export = Export::new(&folder, world.policy(true));
    export.roots.push(world.root());
    let begin = Instant::now();
    let report = verify(&export, &mut ());
    let seconds = begin.elapsed().as_secs_f64();
    assert!(report.is_clean() && report.is_complete(), "{:?}", report.findings.first());
    let rate = report.summary.records as f64 / seconds;
    println!(
        "| records | seconds | records/s | bare verify_strict/s, {cores} core(s) | share |\n|---|---|---|---|---|"
    );
    println!("| {} | {seconds:.2} | {rate:.0} | {bare:.0} | {:.2} |", report.summary.records, rate / bare);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status
            .lines()
            .filter(|line| line.starts_with("VmHWM"))
            .for_each(|line| println!("{line} (with the log's making)"));
    }
}

/// Strict checks of one signature over 48 bytes, the key read once, on all cores at once.
fn bare_per_s(cores: usize) -> f64 {
    const EACH: usize = 20_000;
    let key = SigningKey::from_bytes(&[7; 32]);
    let (message, public) = ([9; 48], key.verifying_key());
    let signature = key.sign(&message);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            let _joined = scope.spawn(|| {
                for _ in 0..EACH {
                    std::hint::black_box(&public).verify_strict(&message, &signature).expect("it fits");
                }
            });
        }
    });
    (cores * EACH) as f64 / begin.elapsed().as_secs_f64()
}
