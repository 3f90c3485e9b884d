//! Whose word counts: C2SP tlog-policy, a text file that names logs, witnesses and how many of them must have signed.
//!
//! The same file is used by the desk (before it publishes), by players (before they believe a receipt) and by an auditor.
//! It says nothing about whose records or orders count; keys of players and officers stand in the log itself.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::audit::checkpoint::Checkpoint;
use crate::audit::note::{Algorithm, Note, NoteError, NoteKey};
pub use crate::audit::quorum::Distrust;

/// Lines of one kind that are taken at most; the standard asks for at least 32.
const MOST: usize = 256;

/// A witness that the policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What it is called in the policy.
    pub name: String,
    /// Its key.
    pub key: NoteKey,
    /// Where it takes checkpoints.
    pub url: Option<String>,
}

/// A log that the policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its key, whose name is the log's origin.
    pub key: NoteKey,
    /// Where it is read.
    pub url: Option<String>,
}

/// A set of witnesses or of sets, and how many of them it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group { needed: usize, members: Vec<usize> },
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    /// Witnesses and groups in the order in which they were named.
    members: Vec<Member>,
    /// What must have signed; nothing for `quorum none`.
    quorum: Option<usize>,
}

/// What should stand in a line of a policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Text without control characters.
    Text,
    /// One of the four kinds of lines.
    Line,
    /// A log's key.
    LogKey,
    /// A witness's key.
    WitnessKey,
    /// A name that nothing has yet.
    FreeName,
    /// Names of earlier lines.
    KnownNames,
    /// A name of an earlier line.
    KnownName,
    /// How many members are needed.
    Needed,
    /// A number that the members can reach.
    Reachable,
    /// A quorum line that was there before.
    OneQuorum,
    /// A quorum line that is missing.
    Quorum,
}

impl Expected {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Text,
        Self::Line,
        Self::LogKey,
        Self::WitnessKey,
        Self::FreeName,
        Self::KnownNames,
        Self::KnownName,
        Self::Needed,
        Self::Reachable,
        Self::OneQuorum,
        Self::Quorum,
    ];

    /// A stable name for the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Line => "line",
            Self::LogKey => "log-key",
            Self::WitnessKey => "witness-key",
            Self::FreeName => "free-name",
            Self::KnownNames => "known-names",
            Self::KnownName => "known-name",
            Self::Needed => "needed",
            Self::Reachable => "reachable",
            Self::OneQuorum => "one-quorum",
            Self::Quorum => "quorum",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text without control characters",
            Self::Line => "log KEY [URL], witness NAME KEY [URL], group NAME all|any|NUMBER NAME…, or quorum NAME",
            Self::LogKey => "a log's key (name+id+base64, type 1), not named before",
            Self::WitnessKey => "a witness's key (name+id+base64, type 4), not named before",
            Self::FreeName => "a name that is not taken yet (and is not \"none\")",
            Self::KnownNames => "names of witnesses or groups of earlier lines, each in one group only",
            Self::KnownName => "the name of a witness or group of an earlier line",
            Self::Needed => "all, any or a number of members",
            Self::Reachable => "a number from 1 to that of the members",
            Self::OneQuorum => "one quorum line, not two",
            Self::Quorum => "a quorum line",
        })
    }
}

/// A line of a policy file that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// Which, from 1; the line behind the last for something that is missing.
    pub line: usize,
    /// What should be there.
    pub expected: Expected,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: expected {}", self.line, self.expected)
    }
}

impl core::error::Error for PolicyError {}

/// A checkpoint that the policy trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted<'n> {
    /// What it says.
    pub checkpoint: Checkpoint<'n>,
    /// The witnesses that signed it, and when each did, in seconds since 1970.
    pub witnessed: Vec<(usize, u64)>,
}

struct Reading {
    policy: Policy,
    names: BTreeMap<String, usize>,
    used: Vec<bool>,
    quorum_seen: bool,
}

impl Reading {
    fn name(&mut self, name: &str, member: Member) -> Result<(), Expected> {
        let free = name != "none" && !self.names.contains_key(name);
        if !free || self.names.len() >= MOST {
            return Err(Expected::FreeName);
        }
        self.names.insert(name.to_string(), self.policy.members.len());
        self.policy.members.push(member);
        self.used.push(false);
        Ok(())
    }

    fn is_new(&self, key: &NoteKey) -> bool {
        let policy = &self.policy;
        let mut keys = policy.logs.iter().map(|log| &log.key).chain(policy.witnesses.iter().map(|one| &one.key));
        keys.all(|known| known.public() != key.public())
    }

    fn line(&mut self, words: &[&str]) -> Result<(), Expected> {
        match words {
            ["log", key, url @ ..] if url.len() < 2 => {
                let expected = Expected::LogKey;
                let key: NoteKey = key.parse().map_err(|_| expected)?;
                if key.algorithm() != Algorithm::Ed25519 || !self.is_new(&key) || self.policy.logs.len() >= MOST {
                    return Err(expected);
                }
                self.policy.logs.push(Log { key, url: url.first().map(ToString::to_string) });
                Ok(())
            }
            ["witness", name, key, url @ ..] if url.len() < 2 => {
                let expected = Expected::WitnessKey;
                let key: NoteKey = key.parse().map_err(|_| expected)?;
                if key.algorithm() != Algorithm::Cosignature || !self.is_new(&key) {
                    return Err(expected);
                }
                self.name(name, Member::Witness(self.policy.witnesses.len()))?;
                let (name, url) = (name.to_string(), url.first().map(ToString::to_string));
                self.policy.witnesses.push(Witness { name, key, url });
                Ok(())
            }
            ["group", name, needed, members @ ..] => self.group(name, needed, members),
            ["quorum", name] if !self.quorum_seen => {
                self.quorum_seen = true;
                if *name != "none" {
                    let expected = Expected::KnownName;
                    self.policy.quorum = Some(*self.names.get(*name).ok_or(expected)?);
                }
                Ok(())
            }
            ["quorum", _] => Err(Expected::OneQuorum),
            _ => Err(Expected::Line),
        }
    }

    fn group(&mut self, name: &str, needed: &str, names: &[&str]) -> Result<(), Expected> {
        let mut members = Vec::new();
        for name in names {
            let expected = Expected::KnownNames;
            let at = *self.names.get(*name).ok_or(expected)?;
            if core::mem::replace(&mut self.used[at], true) {
                return Err(expected);
            }
            members.push(at);
        }
        let needed = match needed {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| Expected::Needed)?,
        };
        if !(1..=members.len()).contains(&needed) {
            return Err(Expected::Reachable);
        }
        self.name(name, Member::Group { needed, members })
    }
}

impl Policy {
    /// Reads a policy file.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        let mut reading =
            Reading { policy: Self::default(), names: BTreeMap::new(), used: Vec::new(), quorum_seen: false };
        let mut last = 0;
        for (line, at) in text.split('\n').zip(1..) {
            last = at;
            if line.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
                return Err(PolicyError { line: at, expected: Expected::Text });
            }
            let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            if words.first().is_some_and(|word| !word.starts_with('#')) {
                reading.line(&words).map_err(|expected| PolicyError { line: at, expected })?;
            }
        }
        if reading.quorum_seen {
            Ok(reading.policy)
        } else {
            Err(PolicyError { line: last + 1, expected: Expected::Quorum })
        }
    }

    /// Its logs.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Its witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    fn holds(&self, at: usize, signed: &[(usize, u64)]) -> bool {
        match &self.members[at] {
            Member::Witness(witness) => signed.iter().any(|(one, _)| one == witness),
            Member::Group { needed, members } => {
                members.iter().filter(|member| self.holds(**member, signed)).count() >= *needed
            }
        }
    }

    /// The witnesses that signed a note, and when, in seconds since 1970.
    ///
    /// # Errors
    /// [`NoteError::WrongSignature`] when one of them is claimed and its signature does not fit.
    pub fn witnessed(&self, note: &Note<'_>) -> Result<Vec<(usize, u64)>, NoteError> {
        let mut signed = Vec::new();
        for (at, witness) in self.witnesses.iter().enumerate() {
            let signature = note.signed_by(&witness.key)?;
            signed.extend(signature.and_then(|signature| signature.at_s).map(|at_s| (at, at_s)));
        }
        Ok(signed)
    }

    /// Whether these witnesses are enough.
    #[must_use]
    pub fn is_quorum(&self, signed: &[(usize, u64)]) -> bool {
        self.quorum.is_none_or(|quorum| self.holds(quorum, signed))
    }

    /// The checkpoint of a note that a log of the policy and enough of its witnesses have signed.
    pub fn trusted<'n>(&self, note: &Note<'n>) -> Result<Trusted<'n>, Distrust> {
        let checkpoint = Checkpoint::read(note.text()).map_err(Distrust::Checkpoint)?;
        let mut by_log = false;
        for log in self.logs.iter().filter(|log| log.key.name() == checkpoint.origin) {
            by_log |= note.signed_by(&log.key).map_err(Distrust::Note)?.is_some();
        }
        if !by_log {
            return Err(Distrust::UnknownLog);
        }
        let witnessed = self.witnessed(note).map_err(Distrust::Note)?;
        if self.is_quorum(&witnessed) {
            Ok(Trusted { checkpoint, witnessed })
        } else {
            Err(Distrust::Quorum { signed: witnessed.len() })
        }
    }
}

#[cfg(test)]
mod tests;
