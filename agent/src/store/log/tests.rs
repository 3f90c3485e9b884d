//! What the log engine makes of a file that a power cut or a failing card left. Next file: `../log.rs`.

use super::*;
use crate::store::engine::MARK;

fn put(key: &str, value: &str) -> Op {
    Op::Put(key.into(), value.into())
}

fn records(dir: &Path) -> PathBuf {
    dir.join("records")
}

#[test]
fn a_file_cut_at_any_byte_opens_with_all_whole_batches_and_no_part_of_one() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = open(dir.path()).unwrap();
    let mut ends = vec![fs::metadata(records(dir.path())).unwrap().len()];
    for n in 0..4 {
        log.write(&[put(&format!("a{n}"), "one"), put(&format!("b{n}"), "two")]).unwrap();
        log.sync().unwrap();
        ends.push(fs::metadata(records(dir.path())).unwrap().len());
    }
    drop(log);
    let whole = fs::read(records(dir.path())).unwrap();
    for cut in 0..=whole.len() {
        fs::write(records(dir.path()), &whole[..cut]).unwrap();
        let (mut log, view) = open(dir.path()).unwrap();
        let batches = ends.iter().filter(|end| **end <= cut as u64).count().saturating_sub(1);
        assert_eq!(view.len(), batches * 2, "cut at {cut}");
        // And it goes on from there.
        log.write(&[put("later", "three")]).unwrap();
        drop(log);
        let (_, view) = open(dir.path()).unwrap();
        assert_eq!(view.len(), batches * 2 + 1, "cut at {cut}");
    }
}

#[test]
fn a_changed_byte_ends_the_log_before_its_batch() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = open(dir.path()).unwrap();
    log.write(&[put("first", "kept")]).unwrap();
    let first_end = fs::metadata(records(dir.path())).unwrap().len() as usize;
    log.write(&[put("second", "lost")]).unwrap();
    drop(log);
    let whole = fs::read(records(dir.path())).unwrap();
    for at in first_end..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x40;
        fs::write(records(dir.path()), &changed).unwrap();
        let (_, view) = open(dir.path()).unwrap();
        assert_eq!(view, View::from([(b"first".to_vec(), b"kept".to_vec())]), "byte {at}");
    }
}

#[test]
fn zeros_that_a_power_cut_left_at_the_end_are_no_batches() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = open(dir.path()).unwrap();
    log.write(&[put("first", "kept")]).unwrap();
    drop(log);
    let mut bytes = fs::read(records(dir.path())).unwrap();
    let whole = bytes.len();
    bytes.resize(whole + 4096, 0);
    fs::write(records(dir.path()), &bytes).unwrap();
    let (_, view) = open(dir.path()).unwrap();
    assert_eq!(view.len(), 1);
    assert_eq!(fs::metadata(records(dir.path())).unwrap().len() as usize, whole);
}

#[test]
fn a_file_that_is_no_log_is_damage_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(records(dir.path()), b"something else entirely").unwrap();
    assert!(matches!(open(dir.path()), Err(EngineError::Damaged(_))));
    assert_eq!(fs::read(records(dir.path())).unwrap(), b"something else entirely");
}

#[test]
fn dead_records_are_dropped_by_writing_the_file_anew_with_the_mark() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, mut view) = open(dir.path()).unwrap();
    let value = "x".repeat(2000);
    for n in 0..2000 {
        let ops = [put("only", &format!("{n}{value}"))];
        log.write(&ops).unwrap();
        ops.iter().for_each(|op| op.apply(&mut view));
        log.tidy(&view).unwrap();
    }
    log.sync().unwrap();
    assert!(fs::metadata(records(dir.path())).unwrap().len() < 2 * REWRITE_FLOOR_BYTES);
    drop(log);
    let (_, mut found) = open(dir.path()).unwrap();
    assert!(found.remove(MARK).is_some());
    assert_eq!(found, view);
}
