//! What `durable.rs` promises, mostly by its failures. Next file: `../durable.rs`.

use super::*;

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("release");
    write(&path, b"the first one, which is longer").unwrap();
    write(&path, b"the second").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"the second");
    assert_eq!(names(dir.path()), ["release"]);
}

#[test]
fn a_write_that_cannot_be_finished_leaves_the_old_thing_and_no_unfinished_file() {
    let dir = tempfile::tempdir().unwrap();
    let taken = dir.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("inside"), b"kept").unwrap();
    // A file cannot be renamed over a directory: everything before the rename succeeds.
    let error = write(&taken, b"bytes").unwrap_err();
    assert!(error.to_string().contains("cannot rename to"), "{error}");
    assert_eq!(fs::read(taken.join("inside")).unwrap(), b"kept");
    assert_eq!(names(dir.path()), ["taken"]);
}

#[test]
fn a_write_into_a_missing_directory_says_which_path_failed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("missing").join("file");
    let error = write(&path, b"bytes").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("missing"), "{error}");
}

#[test]
fn a_path_without_a_file_name_is_refused() {
    assert_eq!(write(Path::new("/"), b"x").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(write(Path::new(".."), b"x").unwrap_err().kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn two_writers_of_one_file_never_mix_their_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::thread::scope(|scope| {
        for letter in [b'a', b'b', b'c'] {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..20 {
                    write(path, &vec![letter; 10_000]).unwrap();
                }
            });
        }
    });
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len(), 10_000);
    assert!(bytes.iter().all(|byte| *byte == bytes[0]));
    assert_eq!(names(dir.path()), ["file"]);
}

#[test]
fn directories_are_made_with_all_that_is_missing_above_them() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b/c");
    create_dir(&deep).unwrap();
    create_dir(&deep).unwrap();
    assert!(deep.is_dir());
}

#[test]
fn a_directory_cannot_be_made_where_a_file_lies() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"x").unwrap();
    assert!(create_dir(&file).is_err());
    assert!(create_dir(&file.join("below")).is_err());
    assert_eq!(fs::read(&file).unwrap(), b"x");
}

#[test]
fn removing_takes_files_and_full_directories_and_minds_nothing_missing() {
    let dir = tempfile::tempdir().unwrap();
    create_dir(&dir.path().join("full/inner")).unwrap();
    write(&dir.path().join("full/inner/file"), b"x").unwrap();
    write(&dir.path().join("file"), b"x").unwrap();
    remove(&dir.path().join("full")).unwrap();
    remove(&dir.path().join("file")).unwrap();
    remove(&dir.path().join("file")).unwrap();
    assert!(names(dir.path()).is_empty());
}

#[test]
fn removing_a_link_to_a_directory_leaves_what_it_points_at() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("clip"), b"x").unwrap();
    let inner = dir.path().join("inner");
    create_dir(&inner).unwrap();
    std::os::unix::fs::symlink(dir.path(), inner.join("up")).unwrap();
    remove(&inner.join("up")).unwrap();
    remove(&inner).unwrap();
    assert_eq!(names(dir.path()), ["clip"]);
}

#[test]
fn a_directory_moves_with_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    create_dir(&dir.path().join("from")).unwrap();
    create_dir(&dir.path().join("place")).unwrap();
    write(&dir.path().join("from/file"), b"x").unwrap();
    rename(&dir.path().join("from"), &dir.path().join("place/to")).unwrap();
    assert_eq!(fs::read(dir.path().join("place/to/file")).unwrap(), b"x");
    assert!(rename(&dir.path().join("from"), &dir.path().join("again")).is_err());
}

#[test]
fn the_sweep_takes_unfinished_files_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("kept"), b"x").unwrap();
    let left_by_a_cut = unfinished_name(&dir.path().join("kept")).unwrap();
    fs::write(&left_by_a_cut, b"half").unwrap();
    assert_eq!(sweep(dir.path()).unwrap(), 1);
    assert_eq!(sweep(dir.path()).unwrap(), 0);
    assert_eq!(names(dir.path()), ["kept"]);
}

#[test]
fn an_appender_goes_on_where_the_last_one_stopped_and_can_be_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut log = Appender::open(&path).unwrap();
    assert!(log.is_empty());
    log.append(b"one ").unwrap();
    log.sync().unwrap();
    drop(log);
    let mut log = Appender::open(&path).unwrap();
    log.append(b"two torn").unwrap();
    assert_eq!(log.len(), 12);
    log.cut(7).unwrap();
    log.append(b"!").unwrap();
    log.sync().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one two!");
    assert_eq!(log.len(), 8);
}

#[test]
fn a_disk_without_room_is_told_apart_from_other_errors() {
    // The kernel's own full disk: every write to it fails with ENOSPC.
    let mut full = File::options().write(true).open("/dev/full").unwrap();
    let error = named("append to", Path::new("/dev/full"), full.write_all(b"x")).unwrap_err();
    assert!(is_full(&error), "{error}");
    let missing = File::open("/nowhere/at/all").unwrap_err();
    assert!(!is_full(&missing));
}

#[test]
fn free_space_is_known_for_a_place_and_an_error_for_none() {
    let dir = tempfile::tempdir().unwrap();
    assert!(free_bytes(dir.path()).unwrap() > 0);
    assert!(free_bytes(&dir.path().join("missing")).is_err());
}
