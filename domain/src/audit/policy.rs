//! Whose word counts: C2SP tlog-policy, a text file that names logs, witnesses and how many of them must have signed.
//!
//! The same file is used by the desk (before it publishes) and by an auditor; players have it in their root document, made
//! into a [`Quorum`] at the desk, by which they decide the same (`quorum.rs`). It says nothing about whose records or orders
//! count; keys of players and officers stand in the log itself.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::audit::checkpoint::Checkpoint;
use crate::audit::note::{Algorithm, Note, NoteError, NoteKey};
pub use crate::audit::quorum::Distrust;
use crate::keys::{self, Quorum};
use crate::limits::{WITNESS_GROUPS, WITNESSES};
use crate::wire::List;

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

/// Why a policy cannot stand in a root document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoQuorum {
    /// It names no log, or several.
    Logs {
        /// How many.
        named: usize,
    },
    /// It names more witnesses than players hold.
    Witnesses {
        /// How many.
        named: usize,
    },
    /// Its quorum is made of more groups than players hold.
    Groups,
    /// The same four bytes stand for two of its keys: players could not tell whose a signature is.
    SameId {
        /// One key's name.
        one: String,
        /// The other's.
        other: String,
    },
}

impl fmt::Display for NoQuorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Logs { named } => write!(f, "it names {named} logs, expected one: that of the desk"),
            Self::Witnesses { named } => {
                write!(f, "it names {named} witnesses, expected at most {WITNESSES}: leave some out")
            }
            Self::Groups => {
                write!(f, "its quorum is made of more than {WITNESS_GROUPS} groups: put some together")
            }
            Self::SameId { one, other } => {
                write!(f, "the keys {one} and {other} have the same id: make one of them anew")
            }
        }
    }
}

impl core::error::Error for NoQuorum {}

/// A group of no quorum's: what is in it counts for nothing.
const NOWHERE: u8 = u8::MAX;

/// A member of a group, in a [`Quorum`].
enum Part {
    Witness(usize),
    Group(usize),
}

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

    /// What the policy asks for, as it stands in a root document.
    ///
    /// # Errors
    /// When it says more than fits there.
    pub fn quorum(&self) -> Result<Quorum, NoQuorum> {
        let [Log { key: log, .. }] = &self.logs[..] else { return Err(NoQuorum::Logs { named: self.logs.len() }) };
        let mut keys: Vec<&NoteKey> = self.witnesses.iter().map(|witness| &witness.key).chain([log]).collect();
        keys.sort_by_key(|key| key.id());
        let same = keys.windows(2).find(|two| two[0].id() == two[1].id());
        if let Some([one, other]) = same {
            return Err(NoQuorum::SameId { one: one.name().to_string(), other: other.name().to_string() });
        }
        let witnesses = self.witnesses.iter().map(|Witness { key, .. }| keys::Witness {
            id: key.id(),
            key: key.public(),
            group: NOWHERE,
        });
        let witnesses = List::collect(witnesses).map_err(|_| NoQuorum::Witnesses { named: self.witnesses.len() })?;
        let alone = Quorum { witnesses, ..Quorum::of_log(log) };
        let Some(at) = self.quorum else { return Ok(alone) };
        let mut quorum = Quorum { groups: List::new(), ..alone };
        // A witness alone is a group of one.
        if let part @ Part::Witness(_) = self.part(at, &mut quorum)? {
            add_group(&mut quorum, 1, &[part])?;
        }
        Ok(quorum)
    }

    /// Puts a member with all that is in it into a quorum; groups come behind what is in them.
    fn part(&self, at: usize, quorum: &mut Quorum) -> Result<Part, NoQuorum> {
        match &self.members[at] {
            Member::Witness(witness) => Ok(Part::Witness(*witness)),
            Member::Group { needed, members } => {
                let parts = members.iter().map(|member| self.part(*member, quorum)).collect::<Result<Vec<_>, _>>()?;
                add_group(quorum, *needed, &parts)
            }
        }
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

/// Puts a group of these parts behind the others.
fn add_group(quorum: &mut Quorum, needed: usize, parts: &[Part]) -> Result<Part, NoQuorum> {
    let number = quorum.groups.len();
    for part in parts {
        let group = match part {
            Part::Witness(at) => &mut quorum.witnesses[*at].group,
            Part::Group(at) => &mut quorum.groups[*at].group,
        };
        *group = number as u8;
    }
    // More than 255 are never reached, and never fit.
    let group = keys::Group { needed: u8::try_from(needed).unwrap_or(u8::MAX), group: NOWHERE };
    quorum.groups.push(group).map_err(|_| NoQuorum::Groups)?;
    Ok(Part::Group(number))
}

#[cfg(test)]
mod tests;
