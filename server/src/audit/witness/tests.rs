//! Statuses as tlog-witness has them, what a restart keeps, and the whole way by HTTP.

use loa_domain::audit::merkle::{Edge, leaf_hash};
use loa_domain::audit::note::Base64;
use loa_domain::keys::SecretKey;
use tempfile::TempDir;
use tokio::sync::watch;

use super::*;

fn log_key(seed: u8) -> NoteSigner {
    NoteSigner::new("desk.example/log", Algorithm::Ed25519, SecretKey::from_seed(&[seed; 32])).expect("a name")
}

fn open(room: &TempDir) -> Witness {
    let log = log_key(1).key().clone();
    Witness::open(&room.path().join("w"), "witness.example/w", log, Clock::manual()).expect("a witness")
}

/// A tree of leaves, each one byte.
fn tree(leaves: &[u8]) -> Head {
    let mut edge = Edge::default();
    leaves.iter().for_each(|leaf| edge.push(leaf_hash(&[*leaf]), |_, _, _| {}));
    edge.head()
}

fn note(head: Head, signer: &NoteSigner, origin: &str) -> String {
    let text = Checkpoint { origin, head }.to_string();
    format!("{text}\n{}", signer.line(&text, 0).expect("signed"))
}

fn body(old: u64, proof: &[Hash], note: &str) -> String {
    let lines: String = proof.iter().map(|hash| format!("{}\n", Base64(hash))).collect();
    format!("old {old}\n{lines}\n{note}")
}

fn add(witness: &Witness, old: u64, proof: &[Hash], head: Head) -> (u16, String) {
    let answer = witness.add(body(old, proof, &note(head, &log_key(1), "desk.example/log")).as_bytes());
    (answer.status, String::from_utf8(answer.body).expect("text"))
}

#[test]
fn a_witness_signs_what_goes_on_and_nothing_else_even_after_a_restart() {
    let room = TempDir::new().expect("a folder");
    let witness = open(&room);
    let (b, c) = (leaf_hash(b"b"), leaf_hash(b"c"));
    assert_eq!(add(&witness, 0, &[], tree(b"a")).0, 200);
    assert_eq!(add(&witness, 0, &[], tree(b"a")), (409, "1\n".to_owned()), "it has seen one");
    assert_eq!(add(&witness, 1, &[c], tree(b"ab")).0, 422);
    assert_eq!(add(&witness, 1, &[b], tree(b"ab")).0, 200);
    assert_eq!(add(&witness, 2, &[], tree(b"ab")).0, 200, "the same again, with a newer time");
    assert_eq!(add(&witness, 2, &[], tree(b"xy")), (409, "2\n".to_owned()), "another tree of that size");
    assert_eq!(add(&witness, 5, &[], tree(b"ab")).0, 400, "older than what it goes on from");
    let key = witness.key().clone();
    drop(witness);
    let witness = open(&room);
    assert_eq!(*witness.key(), key);
    assert_eq!(add(&witness, 1, &[b], tree(b"ab")), (409, "2\n".to_owned()));
    let (status, line) = add(&witness, 2, &[c], tree(b"abc"));
    assert_eq!(status, 200);
    let signed = format!("{}{line}", note(tree(b"abc"), &log_key(1), "desk.example/log"));
    let signature = Note::read(signed.as_bytes()).expect("a note").signed_by(&key).expect("it fits").expect("its own");
    assert_eq!(signature.at_s, Some(1_767_225_600));
}

#[test]
fn strangers_and_nonsense_are_refused_by_the_status_of_the_standard() {
    let room = TempDir::new().expect("a folder");
    let witness = open(&room);
    let status = |text: &str| witness.add(text.as_bytes()).status;
    let good = note(tree(b"a"), &log_key(1), "desk.example/log");
    assert_eq!(status(&body(0, &[], &note(tree(b"a"), &log_key(2), "desk.example/log"))), 403);
    assert_eq!(status(&body(0, &[], &note(tree(b"a"), &log_key(1), "other.example/log"))), 404);
    assert_eq!(status(&body(0, &[leaf_hash(b"a"); 64], &good)), 400);
    for text in ["", "old 0\n", "old 00\n\nx", "new 0\n\nx", "old 0\nnot base64\n\nx"] {
        assert_eq!(status(text), 400, "{text:?}");
    }
    assert_eq!(status(&body(0, &[], &good)), 200);
    std::fs::write(witness.file.clone(), b"torn").expect("torn");
    let log = log_key(1).key().clone();
    let error = Witness::open(&room.path().join("w"), "witness.example/w", log, Clock::manual()).expect_err("torn");
    assert!(matches!(error, WitnessError::Unreadable(_)), "{error:?}");
}

#[test]
fn nothing_is_signed_that_could_not_be_kept() {
    let room = TempDir::new().expect("a folder");
    let witness = open(&room);
    std::fs::remove_dir_all(room.path().join("w")).expect("gone");
    assert_eq!(add(&witness, 0, &[], tree(b"a")).0, 500);
    assert_eq!(witness.seen.lock().expect("whole").size, 0);
}

#[tokio::test]
async fn a_witness_is_asked_over_http_and_ends_when_told() {
    let room = TempDir::new().expect("a folder");
    let witness = Arc::new(open(&room));
    let listener = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (end, ends) = watch::channel(false);
    let serving = tokio::spawn(http::serve(listener, witness.handler(), REQUEST_BYTES, ends));
    let text = body(0, &[], &note(tree(b"a"), &log_key(1), "desk.example/log"));
    let (status, line) = ByHttp.post(format!("http://{address}/add-checkpoint"), text).await.expect("an answer");
    assert_eq!(status, 200, "{line}");
    let (status, _) = ByHttp.post(format!("http://{address}/else"), String::new()).await.expect("an answer");
    assert_eq!(status, 404);
    let long = "x".repeat(REQUEST_BYTES + 1);
    let refused = ByHttp.post(format!("http://{address}/add-checkpoint"), long).await;
    assert!(refused.is_err() || refused.is_ok_and(|(status, _)| status == 413));
    end.send_replace(true);
    serving.await.expect("it ends");
    assert!(ByHttp.post(format!("http://{address}/add-checkpoint"), String::new()).await.is_err());
    assert!(ByHttp.post("https://example/".to_owned(), String::new()).await.is_err());
}
