//! Where a desk keeps its things: one folder with the store, the content, the keys.
//!
//! Keys are made at the first start. Whoever copies the folder copies the desk; whoever takes `keys/officer.key` alone
//! can give orders, so it may lie elsewhere, and is not made where a first root document names its officers (`trust.rs`). It decides names and places, nothing else.

use std::io;
use std::path::{Path, PathBuf};

use loa_domain::audit::note::{Algorithm, NoteKey};
use loa_domain::audit::policy::Policy;
use loa_domain::keys::{Quorum, Root, SecretKey};
use loa_domain::time::UtcMs;
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

/// How long the first root document is good for, in milliseconds: ten years; the keys of officers change sooner.
const ROOT_LIFE_MS: i64 = 10 * 366 * 86_400_000;

/// A desk's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    dir: PathBuf,
}

fn first_four(bytes: &[u8; 32]) -> [u8; 4] {
    [bytes[0], bytes[1], bytes[2], bytes[3]]
}

impl Folder {
    /// The folder at a path; nothing is made yet.
    #[must_use]
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The folder itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The store's file.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.dir.join("desk.db")
    }

    /// Where content lies.
    #[must_use]
    pub fn content(&self) -> PathBuf {
        self.dir.join("content")
    }

    /// The root document, which players are given.
    #[must_use]
    pub fn root_file(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// The transparency log, as files.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// The file that whoever writes the log holds locked.
    #[must_use]
    pub fn log_lock(&self) -> PathBuf {
        self.dir.join("log.lock")
    }

    /// Whose signatures the log asks for before it publishes: C2SP tlog-policy. May be missing.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.dir.join("policy")
    }

    /// What the log has signed last, kept apart from it.
    #[must_use]
    pub fn signed_checkpoint(&self) -> PathBuf {
        self.keys().join("checkpoint")
    }

    /// The log's key.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn log_key(&self) -> Result<SecretKey, KeyError> {
        keyfile::key(&self.keys().join("log.key"))
    }

    /// Where keys lie.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    /// The first root document that waits for its officers' signatures, where there is one.
    #[must_use]
    pub fn awaited_root(&self) -> PathBuf {
        self.dir.join("root.awaited")
    }

    /// Where the root documents before this one are kept, by version: players that were off go through all of them.
    #[must_use]
    pub fn earlier_roots(&self) -> PathBuf {
        self.dir.join("roots")
    }

    /// The root documents before this one, by name.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub fn kept_roots(&self) -> io::Result<Vec<PathBuf>> {
        let dir = self.earlier_roots();
        if !dir.is_dir() {
            return Ok(Vec::new());
        }
        let mut files: Vec<PathBuf> = dir.read_dir()?.map(|file| Ok(file?.path())).collect::<io::Result<_>>()?;
        files.sort();
        Ok(files)
    }

    /// Makes the folder with the desk's own keys; no officer's.
    ///
    /// # Errors
    /// When a file cannot be written, or one that is there cannot be used.
    pub fn begin(&self) -> Result<(SecretKey, Option<Quorum>), KeyError> {
        for dir in [self.dir.clone(), self.content(), self.keys()] {
            durable::create_dir(&dir).map_err(|source: io::Error| KeyError::File { path: dir, source })?;
        }
        Ok((self.desk_key()?, self.quorum()?))
    }

    /// Makes the folder and, at the first start, its keys and root document.
    ///
    /// # Errors
    /// When a file cannot be written, or one that is there cannot be used.
    pub fn prepare(&self, now: UtcMs) -> Result<(), KeyError> {
        let (desk, log) = self.begin()?;
        if !self.root_file().is_file() {
            if self.awaited_root().is_file() {
                return Err(KeyError::RootAwaited { path: self.awaited_root() });
            }
            let officer = self.officer_key(None)?;
            keyfile::first_root(&self.root_file(), &officer, &desk, log, now.plus_ms(ROOT_LIFE_MS))?;
            return Ok(());
        }
        let root = keyfile::root(&self.root_file())?;
        if root.log != log && self.own_officer()?.is_some_and(|officer| root.root.is_filled_by(&officer.public())) {
            self.keep_root(root.version)?;
            keyfile::renew_root(&self.root_file(), &self.officer_key(None)?, root, log)?;
            tracing::warn!(root = %self.root_file().display(), "the log's policy has changed: players get the new root document");
        }
        Ok(())
    }

    /// Keeps the root document in force under its version, so that players that were off can go through all of them.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn keep_root(&self, version: u32) -> Result<(), KeyError> {
        let (dir, root) = (self.earlier_roots(), self.root_file());
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| KeyError::File { path, source }
        };
        durable::create_dir(&dir).map_err(file(&dir))?;
        let bytes = std::fs::read(&root).map_err(file(&root))?;
        let path = dir.join(version.to_string());
        durable::write(&path, &bytes).map_err(file(&path))
    }

    /// The log's name: the one in its file, else `wanted` or one at random, which then stands in the file.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn log_origin(&self, wanted: Option<&str>) -> Result<String, KeyError> {
        let path = self.keys().join("log.name");
        let bad = |source: io::Error| KeyError::File { path: path.clone(), source };
        match std::fs::read_to_string(&path) {
            Ok(name) => Ok(name.trim_end().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let random = || {
                    Ok::<_, KeyError>(format!("loa.local/{:08x}", u32::from_be_bytes(first_four(&keyfile::random()?))))
                };
                let name = wanted.map_or_else(random, |name| Ok(name.to_owned()))?;
                durable::create_dir(&self.keys()).map_err(bad)?;
                durable::write(&path, format!("{name}\n").as_bytes()).map_err(bad)?;
                Ok(name)
            }
            Err(error) => Err(bad(error)),
        }
    }

    /// Whose word counts for the log: the policy file, or without one the log's key alone (C2SP tlog-policy).
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn policy_text(&self) -> Result<String, KeyError> {
        let alone = || Ok(self.log_note_key()?.map(|key| format!("log {key}\nquorum none\n")).unwrap_or_default());
        self.policy_file()?.map_or_else(alone, Ok)
    }

    /// What the policy file says; nothing where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is no policy.
    pub fn read_policy(&self) -> Result<Option<Policy>, KeyError> {
        let read = self.policy_file()?.map(|text| Policy::read(&text)).transpose();
        read.map_err(|source| KeyError::Policy { path: self.policy(), source })
    }

    /// The same as it stands in the root document.
    ///
    /// # Errors
    /// When the policy file cannot be read, or says more than fits a root document.
    pub fn quorum(&self) -> Result<Option<Quorum>, KeyError> {
        match self.read_policy()? {
            Some(policy) => {
                policy.quorum().map(Some).map_err(|source| KeyError::Quorum { path: self.policy(), source })
            }
            None => Ok(self.log_note_key()?.as_ref().map(Quorum::of_log)),
        }
    }

    fn policy_file(&self) -> Result<Option<String>, KeyError> {
        match std::fs::read_to_string(self.policy()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| KeyError::File { path: self.policy(), source }),
        }
    }

    /// What others check the log's signatures with; nothing for a name that cannot be a log's, which is refused where the
    /// log is opened.
    fn log_note_key(&self) -> Result<Option<NoteKey>, KeyError> {
        Ok(NoteKey::new(&self.log_origin(None)?, Algorithm::Ed25519, self.log_key()?.public()))
    }

    /// The desk's online key.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn desk_key(&self) -> Result<SecretKey, KeyError> {
        keyfile::key(&self.keys().join("desk.key"))
    }

    /// An officer's key: from the file named, else the one made at the first start.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn officer_key(&self, file: Option<&Path>) -> Result<SecretKey, KeyError> {
        match file {
            Some(file) if !file.is_file() => {
                Err(KeyError::File { path: file.to_owned(), source: io::ErrorKind::NotFound.into() })
            }
            Some(file) => keyfile::key(file),
            None => keyfile::key(&self.keys().join("officer.key")),
        }
    }

    /// The officer's key in this folder, where there is one: none is made.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn own_officer(&self) -> Result<Option<SecretKey>, KeyError> {
        let path = self.keys().join("officer.key");
        path.is_file().then(|| keyfile::key(&path)).transpose()
    }

    /// The settings of a provider of identities, where people may log in at one.
    #[must_use]
    pub fn provider(&self) -> PathBuf {
        self.dir.join("oidc.toml")
    }

    /// The root document.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn root(&self) -> Result<Root, KeyError> {
        keyfile::root(&self.root_file())
    }
}

#[cfg(test)]
mod tests {
    use loa_domain::audit::policy::NoQuorum;

    use super::*;

    #[test]
    fn a_new_policy_makes_a_new_root_document_and_one_that_does_not_fit_makes_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(dir.path());
        let version = || folder.root().expect("a root document").version;
        folder.prepare(UtcMs(1)).expect("made");
        let log = folder.log_note_key().expect("a key").expect("a good name");
        assert_eq!(folder.root().expect("a root document").log, Some(Quorum::of_log(&log)));
        let write = |policy: String| std::fs::write(folder.policy(), policy).expect("written");
        write(format!("# the same in other words\nlog {log} https://xa.vn/log\n\nquorum none\n"));
        folder.prepare(UtcMs(2)).expect("read");
        assert_eq!(version(), 1, "what players know is what it says");
        let key = |seed: u8| {
            let public = SecretKey::from_seed(&[seed; 32]).public();
            NoteKey::new("witness.vn/w", Algorithm::Cosignature, public).expect("a good name")
        };
        write(format!("log {log}\nwitness w {}\nquorum w\n", key(1)));
        folder.prepare(UtcMs(3)).expect("read");
        assert_eq!(version(), 2);
        let asked = folder.root().expect("a root document").log.expect("it names the log");
        assert_eq!(asked.witnesses.first().map(|witness| witness.key), Some(key(1).public()));
        let many: String = (0..40).map(|seed| format!("witness w{seed} {}\n", key(seed))).collect();
        write(format!("log {log}\n{many}quorum w1\n"));
        let refused = folder.prepare(UtcMs(4));
        assert!(
            matches!(refused, Err(KeyError::Quorum { source: NoQuorum::Witnesses { named: 40 }, .. })),
            "{refused:?}"
        );
        write("quorum two\n".to_owned());
        assert!(matches!(folder.prepare(UtcMs(5)), Err(KeyError::Policy { .. })));
        assert_eq!((version(), folder.root().expect("a root document").log), (2, Some(asked)));
    }
}
