//! Whether a checkpoint is trusted, for players that have no allocator: the policy's text gone through line by line.
//!
//! It gives the same answer as `policy.rs` for every policy that file reads (a test holds the two against each other);
//! what is wrong with a policy it does not say, for people have read it long before. A group names earlier lines alone,
//! so one pass decides. Next: `receipt.rs`.

use core::fmt;

use crate::audit::checkpoint::{Checkpoint, NoCheckpoint};
use crate::audit::note::{Algorithm, Note, NoteError, NoteKey};
use crate::wire::List;

/// Witnesses and groups of one policy at most: more lines than these do not fit a root document.
const MEMBERS: usize = 64;

/// Why a checkpoint is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// It is no signed note, or a known key's signature does not fit.
    Note(NoteError),
    /// Its text is no checkpoint.
    Checkpoint(NoCheckpoint),
    /// No log of the policy has its origin and signed it.
    UnknownLog,
    /// Too few of the policy's witnesses signed it.
    Quorum {
        /// How many did.
        signed: usize,
    },
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::UnknownLog => f.write_str("no log of the policy signed it"),
            Self::Quorum { signed } => write!(f, "{signed} witnesses of the policy signed it, which is no quorum"),
        }
    }
}

impl core::error::Error for Distrust {}

/// What the lines so far came to.
#[derive(Default)]
struct Count<'t> {
    /// Names of witnesses and groups, and whether they signed.
    members: List<(&'t str, bool), MEMBERS>,
    by_log: bool,
    signed: usize,
    /// Whether there is a quorum line, and what it asks for is there.
    quorum: Option<bool>,
}

impl<'t> Count<'t> {
    fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(member, signed)| *member == name && *signed)
    }

    fn add(&mut self, name: &'t str, signed: bool) {
        // One that does not fit counts as absent: fewer signatures, never more.
        let _full = self.members.push((name, signed));
    }

    fn line(&mut self, line: &'t str, note: &Note<'_>, origin: &str) -> Result<(), NoteError> {
        let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        let (kind, first, second) = (words.next().unwrap_or_default(), words.next(), words.next());
        match (kind, first, second) {
            ("log", Some(key), _) => {
                let key = key.parse::<NoteKey>().ok().filter(|key| key.algorithm() == Algorithm::Ed25519);
                if let Some(key) = key.filter(|key| key.name() == origin) {
                    self.by_log |= note.signed_by(&key)?.is_some();
                }
            }
            ("witness", Some(name), Some(key)) => {
                let key = key.parse::<NoteKey>().ok().filter(|key| key.algorithm() == Algorithm::Cosignature);
                let signature = key.map(|key| note.signed_by(&key)).transpose()?.flatten();
                let signed = signature.is_some_and(|signature| signature.at_s.is_some());
                self.signed += usize::from(signed);
                self.add(name, signed);
            }
            ("group", Some(name), Some(needed)) => {
                let (mut count, mut all) = (0, 0);
                for member in words {
                    all += 1;
                    count += usize::from(self.has(member));
                }
                let needed = match needed {
                    "any" => 1,
                    "all" => all,
                    number => number.parse().unwrap_or(usize::MAX),
                };
                self.add(name, needed > 0 && count >= needed);
            }
            ("quorum", Some(name), None) => self.quorum = Some(name == "none" || self.has(name)),
            _ => {}
        }
        Ok(())
    }
}

/// The checkpoint of a note, if a log of the policy in `text` and enough of its witnesses have signed it.
///
/// # Errors
/// As [`crate::audit::policy::Policy::trusted`].
pub fn trusted<'n>(text: &str, note: &Note<'n>) -> Result<Checkpoint<'n>, Distrust> {
    let checkpoint = Checkpoint::read(note.text()).map_err(Distrust::Checkpoint)?;
    let mut count = Count::default();
    for line in text.split('\n') {
        count.line(line, note, checkpoint.origin).map_err(Distrust::Note)?;
    }
    match count.quorum {
        _ if !count.by_log => Err(Distrust::UnknownLog),
        Some(true) => Ok(checkpoint),
        _ => Err(Distrust::Quorum { signed: count.signed }),
    }
}
