//! Who signs beside the log before a checkpoint is published: C2SP tlog-witness, the log's side.
//!
//! A witness signs only what goes on from what it signed before, so a log that shows different trees to different
//! people finds no quorum. How a request travels is decided by whoever gives a [`Cosign`]. Next: `start.rs`.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use loa_domain::audit::checkpoint::number;
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::{Base64, Note, NoteKey};
use loa_domain::audit::policy::Policy;
use tokio::task::JoinSet;

use super::error::LogError;
use super::tree::Tree;

/// What a witness answers: the status of HTTP and the body, or why there is none.
pub type Answer = Result<(u16, String), String>;

/// Brings a request to a witness.
pub trait Cosign: Send + Sync + fmt::Debug {
    /// Posts `body` to `url`; gives up after some seconds.
    fn post(&self, url: String, body: String) -> Pin<Box<dyn Future<Output = Answer> + Send>>;
}

/// A desk without a way to witnesses: none of them answers.
#[derive(Clone, Copy, Debug)]
pub struct NoWitnesses;

impl Cosign for NoWitnesses {
    fn post(&self, _: String, _: String) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(async { Err("this desk asks no witnesses".to_owned()) })
    }
}

/// The policy, how witnesses are reached, and what each has signed last as far as this desk knows.
#[derive(Clone, Debug)]
pub struct Witnessing {
    policy: Policy,
    way: Arc<dyn Cosign>,
    sizes: BTreeMap<usize, u64>,
}

/// What one witness did.
struct Told {
    witness: usize,
    size: u64,
    lines: Result<String, String>,
}

impl Witnessing {
    /// Witnesses of a policy, reached in this way.
    #[must_use]
    pub fn new(policy: Policy, way: Arc<dyn Cosign>) -> Self {
        Self { policy, way, sizes: BTreeMap::new() }
    }

    /// The note with what witnesses signed under it, if they are enough.
    pub(super) async fn gather(&mut self, note: &str, head: Head, tree: &Tree) -> Result<String, LogError> {
        let mut asking = JoinSet::new();
        for (at, witness) in self.policy.witnesses().iter().enumerate() {
            let Some(url) = &witness.url else { continue };
            let request = Request {
                way: Arc::clone(&self.way),
                url: format!("{}/add-checkpoint", url.trim_end_matches('/')),
                note: note.to_owned(),
                head,
                tree: tree.clone(),
                key: witness.key.clone(),
            };
            let size = self.sizes.get(&at).copied().unwrap_or(0);
            asking.spawn(async move {
                let (size, lines) = request.ask(size).await;
                Told { witness: at, size, lines }
            });
        }
        let (mut signed, mut why) = (note.to_owned(), Vec::new());
        while let Some(told) = asking.join_next().await {
            let Ok(Told { witness, size, lines }) = told else { continue };
            self.sizes.insert(witness, size);
            match lines {
                Ok(lines) => signed += &lines,
                Err(error) => why.push(format!("{}: {error}", self.policy.witnesses()[witness].name)),
            }
        }
        let read = Note::read(signed.as_bytes()).ok();
        let witnessed = read.and_then(|note| self.policy.witnessed(&note).ok()).unwrap_or_default();
        if !self.policy.is_quorum(&witnessed) {
            return Err(LogError::NoQuorum { signed: witnessed.len(), why: why.join("; ") });
        }
        if !why.is_empty() {
            tracing::warn!(why = why.join("; "), "some witnesses did not sign; the others are enough");
        }
        Ok(signed)
    }
}

/// One checkpoint on its way to one witness.
struct Request {
    way: Arc<dyn Cosign>,
    url: String,
    note: String,
    head: Head,
    tree: Tree,
    key: NoteKey,
}

impl Request {
    /// Asks the witness; `size` is what it is thought to have signed last. Gives what it has, and its lines.
    async fn ask(&self, size: u64) -> (u64, Result<String, String>) {
        let mut size = size.min(self.head.size);
        // A witness that thinks of another size says which; it is told once more from there.
        for last in [false, true] {
            let body = match self.body(size) {
                Ok(body) => body,
                Err(error) => return (size, Err(error.to_string())),
            };
            match self.way.post(self.url.clone(), body).await {
                Ok((200, answer)) => return (self.head.size, self.lines(&answer)),
                Ok((409, answer)) => match number(answer.trim_end()) {
                    Some(other) if other > self.head.size => {
                        let longer = format!(
                            "it has seen {other} entries, more than this desk has: the log is restored from an older copy"
                        );
                        return (size, Err(longer));
                    }
                    Some(other) if !last => size = other,
                    _ => return (size, Err("it does not say what it has seen".to_owned())),
                },
                Ok((status, answer)) => return (size, Err(format!("it refused ({status} {})", answer.trim_end()))),
                Err(error) => return (size, Err(error)),
            }
        }
        (size, Err("it changed its mind".to_owned()))
    }

    /// The body of add-checkpoint: what the witness has, what shows that this goes on from it, the checkpoint.
    fn body(&self, old: u64) -> Result<String, LogError> {
        let mut body = format!("old {old}\n");
        for hash in self.tree.consistency(old, self.head.size)? {
            // Writing to a text does not fail.
            let _written = writeln!(body, "{}", Base64(&hash));
        }
        Ok(format!("{body}\n{}", self.note))
    }

    /// The signature lines of an answer, if they are the witness's and fit.
    fn lines(&self, answer: &str) -> Result<String, String> {
        let lines = if answer.ends_with('\n') { answer.to_owned() } else { format!("{answer}\n") };
        let together = format!("{}{lines}", self.note);
        let note = Note::read(together.as_bytes()).map_err(|error| error.to_string())?;
        match note.signed_by(&self.key) {
            Ok(Some(_)) => Ok(lines),
            Ok(None) => Err("its answer holds no signature of its key".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
