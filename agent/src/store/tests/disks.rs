//! Real disks that are full or read-only. What needs root says so and passes.
//! Next file: `killed.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{EngineKind, KINDS, Opened, Settings, Store, StoreError, keys, open, put, text};

/// A small disk in memory, unmounted when dropped; `None` where that is not allowed.
struct SmallDisk {
    at: tempfile::TempDir,
}

impl SmallDisk {
    fn new(size: &str) -> Option<SmallDisk> {
        let at = tempfile::tempdir().unwrap();
        let size = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at.path()).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(SmallDisk { at });
        }
        println!("not tested: only root may mount disks");
        None
    }

    fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        let status = Command::new("mount").args(["-o", &how]).arg(self.path()).status();
        assert!(status.unwrap().success());
    }

    fn path(&self) -> &Path {
        self.at.path()
    }

    /// Writes a file until the disk has no byte left.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("someone else's");
        let mut file = fs::File::create(&path).unwrap();
        while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.at.path()).status();
    }
}

fn small(engine: EngineKind) -> Settings {
    Settings { engine, ballast_bytes: 1 << 20, spare_bytes: 1 << 20 }
}

#[test]
fn on_a_disk_that_fills_up_in_use_the_ballast_is_given_up_and_later_restored() {
    for &kind in KINDS {
        let Some(disk) = SmallDisk::new("12m") else {
            return;
        };
        let dir = disk.path().join("store");
        let (store, opened) = Store::open_with(&dir, 0, &small(kind));
        assert_eq!(opened, Opened::Fresh);
        store.tend();
        assert!(store.health().ballast);
        let in_the_way = disk.fill();
        // More than fits into blocks already there, less than the ballast.
        let value = "x".repeat(2000);
        for n in 0..100 {
            let kept = store.commit_wait(vec![put(&format!("{n:03}"), &value)]);
            assert_eq!(kept, Ok(()), "{kind:?} {n} {:?}", store.health());
        }
        store.close();
        let (store, opened) = Store::open_with(&dir, 0, &small(kind));
        assert_eq!(opened, Opened::Clean, "{kind:?}");
        assert_eq!(store.health().live_keys, 100);
        assert!(!store.health().ballast);
        fs::remove_file(in_the_way).unwrap();
        store.tend();
        assert!(store.health().ballast);
    }
}

#[test]
fn on_a_disk_that_stays_full_nothing_is_acknowledged_and_nothing_acknowledged_is_lost() {
    for &kind in KINDS {
        let Some(disk) = SmallDisk::new("8m") else {
            return;
        };
        let dir = disk.path().join("store");
        let (store, _) = Store::open_with(&dir, 0, &small(kind));
        let in_the_way = disk.fill();
        let value = "x".repeat(2000);
        let mut kept = Vec::new();
        for n in 0..2000 {
            match store.commit_wait(vec![put(&format!("{n:04}"), &value)]) {
                Ok(()) => kept.push(format!("{n:04}")),
                Err(StoreError::MemoryOnly { .. }) => break,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(kept.len() < 2000, "{kind:?}: the disk never filled up");
        assert!(!store.health().durable);
        assert_eq!(store.health().live_keys, kept.len() + 1, "readers see the last one too");
        // Power cut now, as far as the store is concerned: a second store on the same files, once
        // there is room.
        store.close();
        fs::remove_file(in_the_way).unwrap();
        let (store, opened) = Store::open_with(&dir, 0, &small(kind));
        assert_eq!(opened, Opened::Clean, "{kind:?}");
        for key in &kept {
            assert_eq!(text(&store, key).unwrap(), value, "{kind:?} {key}");
        }
    }
}

#[test]
fn a_store_opened_on_a_full_disk_waits_in_memory_with_its_export_and_joins_the_disk_later() {
    for &kind in KINDS {
        let Some(disk) = SmallDisk::new("8m") else {
            return;
        };
        let dir = disk.path().join("store");
        let (store, _) = Store::open_with(&dir, 0, &small(kind));
        store.commit_wait(vec![put("plan/1", "p"), put("outbox/1", "o")]).unwrap();
        store.export(&[b"plan/"]).unwrap();
        store.close();
        let in_the_way = disk.fill();
        let (store, opened) = Store::open_with(&dir, 0, &small(kind));
        assert!(set_aside_is_empty(&dir), "{kind:?}: a full disk is no damage");
        if let Opened::Memory { .. } = opened {
            assert_eq!(keys(&store, ""), ["plan/1"], "{kind:?}");
        } else {
            // Not every engine needs room to open.
            assert_eq!(opened, Opened::Clean);
        }
        let _ = store.commit_wait(vec![put("outbox/2", "q")]);
        fs::remove_file(in_the_way).unwrap();
        store.tend();
        assert!(store.health().durable, "{kind:?} {:?}", store.health());
        assert_eq!(keys(&store, ""), ["outbox/1", "outbox/2", "plan/1"], "{kind:?}");
    }
}

fn set_aside_is_empty(dir: &Path) -> bool {
    super::set_aside_in(dir).is_empty()
}

#[test]
fn on_a_disk_gone_read_only_the_store_runs_in_memory_and_sets_nothing_aside() {
    for &kind in KINDS {
        let Some(disk) = SmallDisk::new("8m") else {
            return;
        };
        let dir = disk.path().join("store");
        let (store, _) = open(&dir, kind);
        store.commit_wait(vec![put("plan/1", "p"), put("outbox/1", "o")]).unwrap();
        store.export(&[b"plan/"]).unwrap();
        store.close();
        disk.remount("ro");
        let (store, opened) = open(&dir, kind);
        assert!(matches!(opened, Opened::Memory { .. }), "{kind:?} {opened:?}");
        assert_eq!(keys(&store, ""), ["plan/1"]);
        assert!(store.commit_wait(vec![put("outbox/2", "q")]).is_err());
        disk.remount("rw");
        store.tend();
        assert!(store.health().durable);
        assert_eq!(keys(&store, ""), ["outbox/1", "outbox/2", "plan/1"]);
        assert!(set_aside_is_empty(&dir));
    }
}

#[test]
fn a_directory_without_the_right_to_write_means_memory() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), b"x").is_ok() {
        println!("not tested: root may write everywhere");
        return;
    }
    let (store, opened) = open(&locked.join("store"), EngineKind::default());
    assert!(matches!(opened, Opened::Memory { .. }), "{opened:?}");
    drop(store);
}
