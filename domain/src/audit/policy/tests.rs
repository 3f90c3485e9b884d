//! Policies: what they trust, and the line that is wrong.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::*;
use crate::audit::merkle::Head;
use crate::audit::note::NoteSigner;
use crate::keys::SecretKey;

fn signer(name: &str, algorithm: Algorithm) -> NoteSigner {
    let mut seed = [9; 32];
    for (byte, letter) in seed.iter_mut().zip(name.bytes()) {
        *byte = letter;
    }
    NoteSigner::new(name, algorithm, SecretKey::from_seed(&seed)).expect("a good name")
}

fn log() -> NoteSigner {
    signer("example.vn/log", Algorithm::Ed25519)
}

fn witness(name: &str) -> NoteSigner {
    signer(name, Algorithm::Cosignature)
}

fn two_of_three_and_one() -> String {
    let mut text = format!("# who we trust\n\nlog {} https://example.vn/log\n", log().key());
    for name in ["x1", "x2", "x3", "y1"] {
        text += &format!("witness {name} {}\n", witness(name).key());
    }
    text + "group x 2 x1 x2 x3\n\tgroup  both all x y1 \nquorum both\n"
}

fn signed(by: &[&NoteSigner]) -> String {
    let text = format!("{}", Checkpoint { origin: "example.vn/log", head: Head { size: 7, ..Head::empty() } });
    let lines: String = by.iter().map(|signer| signer.line(&text, 100).expect("short")).collect();
    format!("{text}\n{lines}")
}

#[test]
fn a_quorum_is_counted_through_groups() {
    let policy = Policy::read(&two_of_three_and_one()).expect("a policy");
    let (log, x1, x2, y1) = (log(), witness("x1"), witness("x2"), witness("y1"));
    let trusted = |by: &[&NoteSigner]| {
        let note = signed(by);
        let note = Note::read(note.as_bytes()).expect("a note");
        let trusted = policy.trusted(&note);
        let by_line = crate::audit::quorum::trusted(&two_of_three_and_one(), &note);
        assert_eq!(by_line, trusted.clone().map(|trusted| trusted.checkpoint), "without an allocator it is the same");
        trusted.map(|trusted| trusted.witnessed)
    };
    assert_eq!(trusted(&[&log, &x1, &x2, &y1]), Ok([0, 1, 3].map(|at| (at, 100)).to_vec()));
    assert_eq!(trusted(&[&log, &x1, &y1]), Err(Distrust::Quorum { signed: 2 }));
    assert_eq!(trusted(&[&log, &x1, &x1, &y1]), Err(Distrust::Quorum { signed: 2 }), "one that signs twice is one");
    assert_eq!(trusted(&[&log, &x1, &x2]), Err(Distrust::Quorum { signed: 2 }));
    assert_eq!(trusted(&[&x1, &x2, &y1]), Err(Distrust::UnknownLog));
    let other = signer("example.vn/other", Algorithm::Ed25519);
    assert_eq!(trusted(&[&other, &x1, &x2, &y1]), Err(Distrust::UnknownLog));
}

#[test]
fn a_policy_without_witnesses_trusts_the_log_alone() {
    let policy = Policy::read(&format!("log {}\nquorum none", log().key())).expect("a policy");
    let note = signed(&[&log()]);
    assert!(policy.trusted(&Note::read(note.as_bytes()).expect("a note")).is_ok());
    assert_eq!(policy.logs().len(), 1);
}

#[test]
fn a_wrong_line_is_told_by_its_number() {
    let good = two_of_three_and_one();
    let lines: Vec<&str> = good.lines().collect();
    let wrong_at = |text: &str| Policy::read(text).map_err(|wrong| wrong.line).err();
    assert_eq!(wrong_at(&good), None);
    assert_eq!(wrong_at(&lines[..9].join("\n")), Some(10), "no quorum line");
    assert_eq!(wrong_at(&format!("{good}quorum none")), Some(11));
    assert_eq!(wrong_at(&good.replace("2 x1", "4 x1")), Some(8));
    assert_eq!(wrong_at(&good.replace("2 x1", "0 x1")), Some(8));
    assert_eq!(wrong_at(&good.replace("all x y1", "all x x1")), Some(9), "x1 counts in one group only");
    assert_eq!(wrong_at(&good.replace("quorum both", "quorum z")), Some(10));
    assert_eq!(wrong_at(&good.replace("witness x2", "witness none")), Some(5));
    assert_eq!(wrong_at(&good.replace("witness x2", "witness x1")), Some(5));
    assert_eq!(wrong_at(&format!("{}\n{good}", lines[3])), Some(5), "one key, two names");
    assert_eq!(wrong_at(&good.replace("log ", "witness ")), Some(3), "a log's key is no witness's");
    assert_eq!(wrong_at("quorum none\0"), Some(1));
    assert_eq!(wrong_at("Quorum none"), Some(1));
}
