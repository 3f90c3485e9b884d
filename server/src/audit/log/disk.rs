//! Where the log's writing meets the disk; in tests, where it breaks.
//!
//! How bytes get on a disk so that they stay is decided in `loa_host::durable`. Next: `tiles.rs`.

use std::io;
use std::path::Path;

use loa_host::durable;

/// The disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    #[cfg(test)]
    pub(crate) fault: Option<std::sync::Arc<fault::Fault>>,
}

impl Disk {
    /// Writes a whole file, with its folder, so that it stays.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        if let Some(fault) = &self.fault {
            return fault.write(path, bytes);
        }
        place(path, bytes)
    }

    /// Removes a file or folder, if it is there.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        #[cfg(test)]
        if let Some(fault) = &self.fault {
            return fault.remove(path);
        }
        durable::remove(path)
    }
}

fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        durable::create_dir(folder)?;
    }
    durable::write(path, bytes)
}

#[cfg(test)]
pub(crate) mod fault {
    //! A disk that fails at one step and then stays dead, as after a power cut.

    use std::fs;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// What the failing step leaves behind.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Leaves {
        Nothing,
        All,
        Half,
        Zeros,
        Unfinished,
    }

    /// Fails at step `at`, counted from 0, and at every one behind it.
    #[derive(Debug)]
    pub(crate) struct Fault {
        pub(crate) at: u64,
        pub(crate) leaves: Leaves,
        pub(crate) kind: io::ErrorKind,
        pub(crate) steps: AtomicU64,
    }

    impl Fault {
        pub(crate) fn new(at: u64, leaves: Leaves, kind: io::ErrorKind) -> std::sync::Arc<Self> {
            std::sync::Arc::new(Self { at, leaves, kind, steps: AtomicU64::new(0) })
        }

        /// Whether the step happens at all, and then whether it is told as done.
        fn step(&self) -> std::cmp::Ordering {
            self.steps.fetch_add(1, Ordering::Relaxed).cmp(&self.at)
        }

        pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            let order = self.step();
            if order.is_lt() {
                return place(path, bytes);
            }
            if order.is_eq() {
                let folder = path.parent().expect("a folder");
                match self.leaves {
                    Leaves::Nothing => {}
                    Leaves::All => place(path, bytes)?,
                    Leaves::Half => place(path, &bytes[..bytes.len() / 2])?,
                    Leaves::Zeros => place(path, &vec![0; bytes.len()])?,
                    Leaves::Unfinished => {
                        durable::create_dir(folder)?;
                        fs::write(folder.join(".x.1-1.unfinished"), bytes)?;
                    }
                }
            }
            Err(self.kind.into())
        }

        pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
            if self.step().is_lt() { durable::remove(path) } else { Err(self.kind.into()) }
        }
    }
}
