//! Notes held against the examples of the standards, and every bent letter refused.

use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

use super::*;

/// The example of the Go package that signed-note grew from, with its key.
const NEUMANN: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const NEUMANN_LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const NEUMANN_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

fn neumann() -> NoteSigner {
    let seed = bytes_of_base64(NEUMANN_SEED).expect("base64");
    let seed: [u8; 32] = seed[1..].try_into().expect("a type and 32 bytes");
    NoteSigner::new("PeterNeumann", Algorithm::Ed25519, SecretKey::from_seed(&seed)).expect("a good name")
}

fn witness(seed: u8) -> NoteSigner {
    let secret = SecretKey::from_seed(&[seed; 32]);
    NoteSigner::new("witness.example/w1", Algorithm::Cosignature, secret).expect("a good name")
}

fn note_of(text: &str, lines: &[String]) -> String {
    format!("{text}\n{}", lines.concat())
}

#[test]
fn the_published_note_is_made_and_verified_byte_for_byte() {
    let signer = neumann();
    assert_eq!(signer.line(NEUMANN, 0).expect("short"), NEUMANN_LINE);
    let note = note_of(NEUMANN, &[NEUMANN_LINE.to_string()]);
    let note = Note::read(note.as_bytes()).expect("a note");
    assert_eq!(note.text(), NEUMANN);
    assert_eq!(note.signed_by(signer.key()), Ok(Some(Signature { at_s: None })));
    assert_eq!(signer.key().id(), [0xc7, 0x4f, 0x20, 0xa3]);
}

#[test]
fn the_example_of_the_standard_is_read_with_its_blank_line_inside() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let line = "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
    let note = note_of(text, &[line.to_string()]);
    let note = Note::read(note.as_bytes()).expect("a note");
    assert_eq!(note.text(), text);
    assert_eq!(note.signatures().map(|line| line.name).collect::<Vec<_>>(), ["quasimodo.example/salvatore"]);
    assert_eq!(note.signatures().map(|line| format!("{}\n", line.text())).collect::<String>(), line);
    assert_eq!(note.signed_by(neumann().key()), Ok(None), "a key that is not there has not signed");
}

#[test]
fn a_cosignature_says_when_and_is_not_taken_for_another_kind() {
    let (one, two) = (witness(1), witness(2));
    let text = "example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let line = one.line(text, 1_679_315_147).expect("short");
    let note = note_of(text, std::slice::from_ref(&line));
    let read = Note::read(note.as_bytes()).expect("a note");
    assert_eq!(read.signed_by(one.key()), Ok(Some(Signature { at_s: Some(1_679_315_147) })));
    assert_eq!(read.signed_by(two.key()), Ok(None), "the same name with another key is another");
    // The very signature, claimed for another time.
    let mut bytes = bytes_of_base64(line.trim_end().rsplit(' ').next().expect("base64")).expect("base64");
    bytes[11] ^= 1;
    let moved = format!("— {} {}\n", one.key().name(), base64_text(&bytes));
    let moved = note_of(text, &[line, moved]);
    let moved = Note::read(moved.as_bytes()).expect("a note");
    assert_eq!(moved.signed_by(one.key()), Err(NoteError::WrongSignature), "one wrong signature condemns the note");
}

#[test]
fn every_flipped_bit_of_a_note_is_noticed() {
    let signer = neumann();
    let good = note_of(NEUMANN, &[NEUMANN_LINE.to_string()]).into_bytes();
    for bit in 0..good.len() * 8 {
        let mut bent = good.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let signed = Note::read(&bent).and_then(|note| note.signed_by(signer.key()));
        assert!(matches!(signed, Err(_) | Ok(None)), "bit {bit}");
    }
}

#[test]
fn what_is_no_note_is_refused() {
    let line = NEUMANN_LINE;
    let cases = vec![
        (format!("{NEUMANN}{line}"), NoteError::NoSignatures),
        (format!("{NEUMANN}\n"), NoteError::NoSignatures),
        (NEUMANN.to_string(), NoteError::NoSignatures),
        (format!("{NEUMANN}\n{}", line.trim_end()), NoteError::NoSignatures),
        (format!("{NEUMANN}\n{}", line.replace('—', "-")), NoteError::BadSignatureLine),
        (format!("{NEUMANN}\n{}", line.replace("PeterNeumann ", "")), NoteError::BadSignatureLine),
        (format!("{NEUMANN}\n{}", line.replace("Peter", "Peter+")), NoteError::BadSignatureLine),
        (format!("{NEUMANN}\n— PeterNeumann x08go/Z\n"), NoteError::BadSignatureLine),
        (format!("{NEUMANN}\n— PeterNeumann AA==AA==AAAA\n"), NoteError::BadSignatureLine),
        (format!("{NEUMANN}\n— PeterNeumann x08goA==\n"), NoteError::BadSignatureLine),
        (format!("{NEUMANN}\n{}", line.replace(' ', "\t")), NoteError::NotText),
    ];
    for (text, error) in cases {
        assert_eq!(Note::read(text.as_bytes()).err(), Some(error), "{text}");
    }
    assert_eq!(Note::read(b"\xff\n\n"), Err(NoteError::NotText));
}

#[test]
fn signatures_of_any_length_by_keys_nobody_knows_are_left_alone() {
    let line = format!("— somebody.example {}\n", base64_text(&[7; 5_000]));
    let note = note_of(NEUMANN, &[line, NEUMANN_LINE.to_string()]);
    let note = Note::read(note.as_bytes()).expect("a note");
    assert_eq!(note.signed_by(neumann().key()), Ok(Some(Signature { at_s: None })));
}

#[test]
fn keys_are_written_and_read_alike() {
    for key in [neumann().key().clone(), witness(3).key().clone()] {
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        for bent in [key.to_string().replace('+', " "), key.to_string().replacen(|c: char| c.is_ascii_digit(), "a", 1)]
        {
            assert!(bent.parse::<NoteKey>().is_err(), "{bent}");
        }
    }
    assert_eq!(NoteKey::new("a b", Algorithm::Ed25519, neumann().key().public()), None);
    assert_eq!(NoteKey::new("a", Algorithm::Ed25519, PublicKey([0; 32])), None, "a key of low order");
}
