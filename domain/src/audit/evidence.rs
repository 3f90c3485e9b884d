//! One leaf's proof as a file that stands alone: C2SP tlog-proof, what is attached to an affidavit.
//!
//! The extra data of the format carries the entry itself, so that a reader has all in one file; it proves nothing by
//! being there, only by its hash being the leaf that is proven. Whose checkpoint counts is decided in `policy.rs`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::audit::checkpoint::{Checkpoint, NoCheckpoint, number};
use crate::audit::merkle::{self, PROOF_HASHES};
use crate::audit::note::{Base64, Note, NoteError, base64_text, bytes_of_base64, hash_of_base64};
use crate::id::Hash;

/// The first line.
const TITLE: &str = "c2sp.org/tlog-proof@v1";

/// A leaf's place in a log, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof<'n> {
    /// The entry, if it travels with the proof.
    pub entry: Option<Vec<u8>>,
    /// Its number in the log.
    pub index: u64,
    /// From the leaf's sibling upwards.
    pub hashes: Vec<Hash>,
    /// The checkpoint, a signed note as it came.
    pub checkpoint: &'n str,
}

/// Why a file proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// A line, from 1, is not what should stand there.
    Line(usize),
    /// The checkpoint is no note.
    Note(NoteError),
    /// The checkpoint's text is none.
    Checkpoint(NoCheckpoint),
    /// The entry is not under the checkpoint's root.
    NotIncluded,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line} is not what a tlog-proof has there"),
            Self::Note(error) => write!(f, "the checkpoint: {error}"),
            Self::Checkpoint(error) => write!(f, "the checkpoint: {error}"),
            Self::NotIncluded => f.write_str("the entry is not under the checkpoint's root"),
        }
    }
}

impl core::error::Error for ProofError {}

impl<'n> LogProof<'n> {
    /// Reads the file's text.
    pub fn read(text: &'n str) -> Result<Self, ProofError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Line(1))?;
        let mut lines = head.split('\n').zip(1..).peekable();
        lines.next().filter(|(line, _)| *line == TITLE).ok_or(ProofError::Line(1))?;
        let extra = lines.next_if(|(line, _)| line.starts_with("extra "));
        let entry = match extra {
            Some((line, at)) => {
                Some(line.strip_prefix("extra ").and_then(bytes_of_base64).ok_or(ProofError::Line(at))?)
            }
            None => None,
        };
        let at = if entry.is_some() { 3 } else { 2 };
        let index =
            lines.next().and_then(|(line, _)| number(line.strip_prefix("index ")?)).ok_or(ProofError::Line(at))?;
        let mut hashes = Vec::new();
        for (line, at) in lines {
            let hash = hash_of_base64(line).filter(|_| hashes.len() < PROOF_HASHES);
            hashes.push(hash.ok_or(ProofError::Line(at))?);
        }
        Ok(Self { entry, index, hashes, checkpoint })
    }

    /// The note and the checkpoint in it, if `entry` is the leaf that is proven under it. Whose note it is, is not looked at.
    pub fn check(&self, entry: &[u8]) -> Result<(Note<'n>, Checkpoint<'n>), ProofError> {
        let note = Note::read(self.checkpoint.as_bytes()).map_err(ProofError::Note)?;
        let checkpoint = Checkpoint::read(note.text()).map_err(ProofError::Checkpoint)?;
        let leaf = merkle::leaf_hash(entry);
        let head = checkpoint.head;
        if merkle::includes(&head.root, head.size, self.index, &leaf, &self.hashes) {
            Ok((note, checkpoint))
        } else {
            Err(ProofError::NotIncluded)
        }
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let extra = self.entry.as_ref().map(|entry| format!("extra {}\n", base64_text(entry))).unwrap_or_default();
        let hashes: String = self.hashes.iter().map(|hash| format!("{}\n", Base64(hash))).collect();
        format!("{TITLE}\n{extra}index {}\n{hashes}\n{}", self.index, self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;
    use crate::audit::merkle::{Edge, leaf_hash};
    use crate::audit::note::{Algorithm, NoteSigner};
    use crate::keys::SecretKey;

    fn proof_text(extra: bool) -> String {
        let leaves: Vec<Hash> = (0..11_u8).map(|entry| leaf_hash(&[entry])).collect();
        let mut nodes = alloc::collections::BTreeMap::new();
        let mut edge = Edge::default();
        for leaf in leaves {
            edge.push(leaf, |level, index, hash| {
                let _new = nodes.insert((level, index), hash);
            });
        }
        let hashes = merkle::inclusion(6, 11, |level, index| nodes.get(&(level, index)).copied().ok_or(()));
        let text = Checkpoint { origin: "example.vn/log", head: edge.head() }.to_string();
        let secret = SecretKey::from_seed(&[4; 32]);
        let signer = NoteSigner::new("example.vn/log", Algorithm::Ed25519, secret).expect("a good name");
        let checkpoint = format!("{text}\n{}", signer.line(&text, 0).expect("short"));
        let entry = extra.then(|| alloc::vec![6]);
        LogProof { entry, index: 6, hashes: hashes.expect("complete nodes"), checkpoint: &checkpoint }.text()
    }

    #[test]
    fn a_proof_is_read_as_it_was_written_and_checks() {
        for extra in [true, false] {
            let text = proof_text(extra);
            let proof = LogProof::read(&text).expect("a proof");
            assert_eq!(proof.text(), text);
            assert_eq!(proof.entry.is_some(), extra);
            let (_, checkpoint) = proof.check(&[6]).expect("it is included");
            assert_eq!(checkpoint.head.size, 11);
            assert_eq!(proof.check(&[7]), Err(ProofError::NotIncluded));
        }
    }

    #[test]
    fn no_bent_byte_of_a_proof_goes_unnoticed() {
        let text = proof_text(true);
        let key = NoteSigner::new("example.vn/log", Algorithm::Ed25519, SecretKey::from_seed(&[4; 32]));
        let key = key.expect("a good name").key().clone();
        let holds = |text: &str| {
            let proof = LogProof::read(text).ok()?;
            let (note, _) = proof.check(proof.entry.as_deref()?).ok()?;
            note.signed_by(&key).ok()?
        };
        assert!(holds(&text).is_some());
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut bent = text.clone().into_bytes();
                bent[at] ^= 1 << bit;
                let bent = String::from_utf8(bent).unwrap_or_default();
                assert_eq!(holds(&bent), None, "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn the_line_that_is_wrong_is_told() {
        let text = proof_text(true);
        let wrong = |text: &str| LogProof::read(text).err();
        assert_eq!(wrong(""), Some(ProofError::Line(1)));
        assert_eq!(wrong(&text.replace("@v1", "@v2")), Some(ProofError::Line(1)));
        assert_eq!(wrong(&text.replace("extra Bg==", "extra Bg=")), Some(ProofError::Line(2)));
        assert_eq!(wrong(&text.replace("index 6", "index 06")), Some(ProofError::Line(3)));
        assert_eq!(wrong(&text.replace("index 6\n", "index 6\nabc\n")), Some(ProofError::Line(4)));
    }
}
