//! Disks that can be copied as they are at one instant: ext4 in image files on loop devices.
//!
//! Decides: how an image is made, mounted and copied, and that nothing stays mounted, whichever way the
//! program ends. Does not decide: what is on the disk.
//! Next file: `writer.rs`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const IMAGE_BYTES: u64 = 96 << 20;
const NAME: &str = "loa-powercut-";

/// What the test needs and this machine lacks, in one sentence.
pub fn what_is_missing() -> Option<&'static str> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let root = status.lines().any(|line| line.starts_with("Uid:\t0\t0"));
    if !root {
        return Some("only root may mount disks");
    }
    if !Path::new("/dev/loop-control").exists() {
        return Some("there are no loop devices");
    }
    let tools = ["mkfs.ext4", "losetup", "mount", "umount", "cp"];
    let there = |tool: &&str| Command::new(tool).arg("--help").output().is_ok();
    if !tools.iter().all(there) {
        return Some("one of mkfs.ext4, losetup, mount, umount, cp is not installed");
    }
    None
}

/// A directory in memory for the images, removed at the end.
pub struct Workplace {
    dir: PathBuf,
    made: AtomicU64,
}

impl Workplace {
    /// Makes the directory, after removing what runs that were killed outright left behind.
    pub fn new() -> io::Result<Workplace> {
        let base = ["/dev/shm", "/tmp"].map(Path::new).into_iter().find(|base| base.is_dir());
        let base = base.ok_or_else(|| io::Error::other("no /dev/shm and no /tmp"))?;
        clear_after_the_dead(base);
        let dir = base.join(format!("{NAME}{}", std::process::id()));
        fs::create_dir(&dir)?;
        Ok(Workplace { dir, made: AtomicU64::new(0) })
    }

    /// An empty disk.
    pub fn new_image(&self) -> io::Result<Image> {
        let image = Image { path: self.name("image") };
        fs::File::create_new(&image.path)?.set_len(IMAGE_BYTES)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image.path))?;
        Ok(image)
    }

    fn name(&self, kind: &str) -> PathBuf {
        self.dir.join(format!("{kind}-{}", self.made.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // Everything mounted in it was unmounted when it was dropped, before this.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The file that stands for a disk; removed when dropped.
pub struct Image {
    path: PathBuf,
}

impl Image {
    /// Mounts it. `eager`: the file system commits its journal each second, so that part of what was
    /// never synced is on the disk too; otherwise only what was asked for is.
    pub fn mount(&self, place: &Workplace, eager: bool) -> io::Result<Mounted<'_>> {
        let output = Command::new("losetup").args(["--find", "--show"]).arg(&self.path).output()?;
        let device = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || device.is_empty() {
            return Err(io::Error::other("losetup found no free loop device"));
        }
        // From here on a drop undoes what was done, also when the mount fails.
        let mounted = Mounted { image: self, device, at: place.name("mounted") };
        fs::create_dir(&mounted.at)?;
        let commit = if eager { "commit=1" } else { "commit=600" };
        run(Command::new("mount").args(["-o", commit, &mounted.device]).arg(&mounted.at))?;
        Ok(mounted)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A disk in use; unmounted and detached when dropped.
pub struct Mounted<'a> {
    image: &'a Image,
    device: String,
    at: PathBuf,
}

impl Mounted<'_> {
    /// Where the player's store lies.
    pub fn store_dir(&self) -> PathBuf {
        self.at.join("store")
    }

    /// The disk as it is at one instant: copied again until the kernel wrote nothing meanwhile.
    pub fn copy(&self, place: &Workplace) -> io::Result<Image> {
        for _ in 0..100 {
            let copy = Image { path: place.name("image") };
            let before = self.traffic()?;
            run(Command::new("cp").arg("--sparse=always").args([&self.image.path, &copy.path]))?;
            let after = self.traffic()?;
            if before == after && before.in_flight == 0 {
                return Ok(copy);
            }
        }
        Err(io::Error::other("the disk never came to rest"))
    }

    /// Counted by the kernel: fields 7 (sectors written) and 9 (requests in flight).
    fn traffic(&self) -> io::Result<Traffic> {
        let name = self.device.trim_start_matches("/dev/");
        let line = fs::read_to_string(format!("/sys/block/{name}/stat"))?;
        let numbers: Vec<u64> = line.split_whitespace().flat_map(str::parse).collect();
        match (numbers.get(6), numbers.get(8)) {
            (Some(&sectors_written), Some(&in_flight)) => Ok(Traffic { sectors_written, in_flight }),
            _ => Err(io::Error::other("the kernel's disk statistics are of another form")),
        }
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--quiet").arg(&self.at).status();
        let _ = Command::new("losetup").args(["--detach", &self.device]).status();
        let _ = fs::remove_dir(&self.at);
    }
}

#[derive(PartialEq, Eq)]
struct Traffic {
    sectors_written: u64,
    in_flight: u64,
}

/// A run that was killed could not clean up: this one does, for processes that are no more.
fn clear_after_the_dead(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(process) = name.strip_prefix(NAME) else {
            continue;
        };
        if Path::new("/proc").join(process).exists() {
            continue;
        }
        let dir = entry.path().to_string_lossy().into_owned();
        end_writers_in(&dir);
        let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
        for line in mounts.lines() {
            if let [device, at, ..] = line.split(' ').collect::<Vec<_>>()[..]
                && at.starts_with(&format!("{dir}/"))
            {
                let _ = Command::new("umount").arg(at).status();
                let _ = Command::new("losetup").args(["--detach", device]).status();
            }
        }
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// A writer that was stopped when its run was killed stays stopped, and its disk mounted.
fn end_writers_in(dir: &str) {
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let words = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&words).contains(&format!("_writer\0write\0{dir}/")) {
            let id = process.file_name();
            let _ = Command::new("kill").arg("-KILL").arg(&id).status();
            // Its disk is busy until it is gone.
            for _ in 0..100 {
                if !process.path().join("cwd").exists() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("{:?}: {words}", command.get_program())))
}
