//! A witness: signs a log's checkpoint only if it goes on from the one it signed before (C2SP tlog-witness).
//!
//! It believes nobody but its own folder: what it signed is on disk before the signature leaves it, and looking and
//! writing are one step. It knows sizes and roots, never entries. How requests travel is `http.rs`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loa_domain::audit::checkpoint::{Checkpoint, number};
use loa_domain::audit::merkle::{self, Head};
use loa_domain::audit::note::{Algorithm, Note, NoteKey, NoteSigner, hash_of_base64};
use loa_domain::id::Hash;
use loa_host::clock::Clock;
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

use super::log::Cosign;
use crate::http::{self, Answer, Asked, Handler};

/// How long a witness is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Lines of a proof at most (tlog-witness).
const PROOF_LINES: usize = 63;
/// Longest request in bytes.
pub(crate) const REQUEST_BYTES: usize = 160 * 1024;

/// The way to witnesses by HTTP.
#[derive(Clone, Copy, Debug)]
pub struct ByHttp;

impl Cosign for ByHttp {
    fn post(&self, url: String, body: String) -> Pin<Box<dyn Future<Output = Result<(u16, String), String>> + Send>> {
        Box::pin(async move { http::post(&url, body, PATIENCE).await })
    }
}

/// A witness of one log.
#[derive(Debug)]
pub struct Witness {
    file: PathBuf,
    signer: NoteSigner,
    log: NoteKey,
    clock: Clock,
    seen: Mutex<Head>,
}

/// Why there is no witness.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Its key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Its folder.
    #[error("the witness's folder: {0}")]
    File(#[from] io::Error),
    /// The name cannot be a key's.
    #[error("{0:?} cannot be a witness's name: use a host name with a path, without blanks and plus signs")]
    BadName(String),
    /// What it signed last cannot be read: it must not sign anything then.
    #[error("{} does not say what this witness has signed last; restore it, or begin with another key", .0.display())]
    Unreadable(PathBuf),
}

impl Witness {
    /// A witness in its folder; its key is made at the first start. `name` says who it is.
    ///
    /// # Errors
    /// See [`WitnessError`].
    pub fn open(folder: &Path, name: &str, log: NoteKey, clock: Clock) -> Result<Self, WitnessError> {
        durable::create_dir(folder)?;
        let secret = keyfile::key(&folder.join("witness.key"))?;
        let signer = NoteSigner::new(name, Algorithm::Cosignature, secret);
        let signer = signer.ok_or_else(|| WitnessError::BadName(name.to_owned()))?;
        // One file for each log, by the hash of its name: a name is not a file's.
        let file = folder.join(format!("{}.seen", Hash::of(log.name().as_bytes())));
        let seen = match fs::read_to_string(&file) {
            Ok(text) => match Checkpoint::read(&text) {
                Ok(seen) if seen.origin == log.name() => seen.head,
                _ => return Err(WitnessError::Unreadable(file)),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Head::empty(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { file, signer, log, clock, seen: Mutex::new(seen) })
    }

    /// The key that others check with.
    #[must_use]
    pub fn key(&self) -> &NoteKey {
        self.signer.key()
    }

    /// Answers requests.
    pub(crate) fn handler(self: &Arc<Self>) -> Handler {
        let witness = Arc::clone(self);
        Arc::new(move |asked| {
            let witness = Arc::clone(&witness);
            Box::pin(async move {
                let work = tokio::task::spawn_blocking(move || witness.answer(&asked));
                work.await.unwrap_or_else(|_| Answer::text(500, "a fault of this witness\n"))
            })
        })
    }

    fn answer(&self, asked: &Asked) -> Answer {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", "/add-checkpoint") => self.add(&asked.body),
            (_, "/add-checkpoint") => Answer::text(405, "POST only\n"),
            _ => Answer::text(404, "not here\n"),
        }
    }

    /// Statuses are those of tlog-witness.
    fn add(&self, body: &[u8]) -> Answer {
        let bad = || Answer::text(400, "not an add-checkpoint request\n");
        let Some((old, proof, note)) = request(body) else { return bad() };
        let Ok(read) = Note::read(note.as_bytes()) else { return bad() };
        let Ok(checkpoint) = Checkpoint::read(read.text()) else { return bad() };
        if checkpoint.origin != self.log.name() {
            return Answer::text(404, "this log is not known here\n");
        }
        if !matches!(read.signed_by(&self.log), Ok(Some(_))) {
            return Answer::text(403, "not signed by the log's key\n");
        }
        let new = checkpoint.head;
        if old > new.size {
            return bad();
        }
        // Held until the new one is on disk: two requests that go on from the same tree cannot both be signed.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if old != seen.size {
            let size = format!("{}\n", seen.size);
            return Answer { kind: "text/x.tlog.size", ..Answer::text(409, size) };
        }
        if new.size == seen.size && new.root != seen.root {
            return Answer { kind: "text/x.tlog.size", ..Answer::text(409, format!("{}\n", seen.size)) };
        }
        if !merkle::extends(&seen, &new, &proof) {
            return Answer::text(422, "the proof does not show that this log goes on\n");
        }
        let kept = Checkpoint { origin: self.log.name(), head: new }.to_string();
        if new != *seen {
            if let Err(error) = durable::write(&self.file, kept.as_bytes()) {
                tracing::error!(%error, "nothing is signed");
                return Answer::text(500, "a fault of this witness\n");
            }
            *seen = new;
        }
        let at_s = self.clock.now().utc_ns.div_euclid(1_000_000_000).max(0).cast_unsigned();
        match self.signer.line(read.text(), at_s) {
            Some(line) => Answer::text(200, line),
            None => bad(),
        }
    }
}

/// The parts of a request: what the log thinks was seen, the proof, the checkpoint.
fn request(body: &[u8]) -> Option<(u64, Vec<Hash>, &str)> {
    let (head, note) = std::str::from_utf8(body).ok()?.split_once("\n\n")?;
    let mut lines = head.split('\n');
    let old = number(lines.next()?.strip_prefix("old ")?)?;
    let proof: Option<Vec<Hash>> = lines.map(hash_of_base64).collect();
    proof.filter(|proof| proof.len() <= PROOF_LINES).map(|proof| (old, proof, note))
}

#[cfg(test)]
mod tests;
