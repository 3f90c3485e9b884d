//! One leaf's proof as a file that stands alone (C2SP tlog-proof): what it proves, and to whom.
//!
//! The entry travels in the proof, or beside it; both must be the same where both are there. A record in it must be
//! signed by a key that the auditor knows, if one is given. Next: nothing; this is the last file.

use std::fmt;

use loa_domain::audit::evidence::{LogProof, ProofError};
use loa_domain::audit::merkle::Head;
use loa_domain::audit::policy::{Distrust, Policy};
use loa_domain::keys::PublicKey;

use crate::finding::Place;
use crate::leaf::{self, Fact, Trust};

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The log's name.
    pub origin: String,
    /// The tree that the leaf is in.
    pub head: Head,
    /// The leaf's number.
    pub position: u64,
    /// The entry.
    pub entry: Vec<u8>,
    /// The record in it, where it is one whose signature holds.
    pub record: Option<Place>,
    /// Who signed that record.
    pub signers: Vec<PublicKey>,
    /// How many witnesses of the policy signed the checkpoint.
    pub witnesses: usize,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The file is no proof, or does not fit its entry.
    Proof(ProofError),
    /// Neither the file nor anything beside it holds the entry.
    NoEntry,
    /// The entry in the file is not the one beside it.
    OtherEntry,
    /// The policy does not trust the checkpoint.
    Distrusted(Distrust),
    /// The entry is none.
    Invalid,
    /// The record's signature does not fit, or is not by the key given.
    Signature,
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof(error) => error.fmt(f),
            Self::NoEntry => f.write_str("the entry is neither in the proof nor beside it"),
            Self::OtherEntry => f.write_str("the entry in the proof is not the one beside it"),
            Self::Distrusted(why) => write!(f, "the checkpoint: {why}"),
            Self::Invalid => f.write_str("what is proven is no entry"),
            Self::Signature => f.write_str("the record's signature does not hold"),
        }
    }
}

impl std::error::Error for Unproven {}

/// Checks a proof under a policy. `entry` is what lies beside it, if anything does; `key` the key of the player that the
/// record should be signed by, where the auditor knows it.
pub fn check_proof(
    proof: &[u8],
    policy: &Policy,
    entry: Option<&[u8]>,
    key: Option<&PublicKey>,
) -> Result<Proven, Unproven> {
    let text = std::str::from_utf8(proof).map_err(|_| Unproven::Proof(ProofError::Line(1)))?;
    let read = LogProof::read(text).map_err(Unproven::Proof)?;
    let entry = match (read.entry.as_deref(), entry) {
        (Some(inside), Some(beside)) if inside != beside => return Err(Unproven::OtherEntry),
        (Some(entry), _) | (None, Some(entry)) => entry,
        (None, None) => return Err(Unproven::NoEntry),
    };
    let (note, checkpoint) = read.check(entry).map_err(Unproven::Proof)?;
    let trusted = policy.trusted(&note).map_err(Unproven::Distrusted)?;
    // Whoever adds a line to the note adds a signature that nobody asked for: of unknown keys, or twice.
    let (record, signers) = match Fact::of(entry, Trust { policy, roots: &[] }) {
        Fact::Record(signed, _) if signed.signers.is_empty() => return Err(Unproven::Signature),
        Fact::Record(signed, _) if key.is_some_and(|key| !signed.signers.contains(key)) => {
            return Err(Unproven::Signature);
        }
        Fact::Record(signed, _) => (Some(signed.place()), signed.signers),
        Fact::Invalid => return Err(Unproven::Invalid),
        Fact::Unreadable => return Err(Unproven::Signature),
        _ => (None, Vec::new()),
    };
    debug_assert!(record.is_none() || leaf::claimed(entry).is_some(), "a record claims its place");
    Ok(Proven {
        origin: checkpoint.origin.to_owned(),
        head: checkpoint.head,
        position: read.index,
        entry: entry.to_vec(),
        record,
        signers,
        witnesses: trusted.witnessed.len(),
    })
}
