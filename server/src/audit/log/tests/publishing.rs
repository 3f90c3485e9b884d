//! When checkpoints are published, and whose signatures they wait for.

use std::pin::Pin;
use std::sync::Mutex;

use loa_domain::audit::note::{Algorithm, Note, NoteSigner};
use loa_domain::keys::SecretKey;

use super::*;
use crate::audit::log::kept::Kept;
use crate::audit::log::{Cosign, start};

fn pass(desk: &Desk, ms: u64) {
    desk.clock.advance_ns(ms * 1_000_000);
}

#[tokio::test]
async fn growth_is_published_within_ten_seconds_and_an_idle_log_every_ten_minutes() {
    let desk = Desk::new();
    let store = desk.store().await;
    let mut started = desk.start(&store).await.expect("it starts");
    started.sequencer.step().await.expect("done");
    let size = |started: &Started| started.log.published().borrow().as_ref().map(|published| published.head.size);
    assert_eq!(size(&started), Some(1), "the first is published at once");
    pass(&desk, 20_000);
    store.append_act(&act("a")).await.expect("written");
    started.sequencer.step().await.expect("done");
    assert_eq!((started.sequencer.head().size, size(&started)), (2, Some(1)));
    pass(&desk, 9_999);
    started.sequencer.step().await.expect("done");
    assert_eq!(size(&started), Some(1));
    pass(&desk, 1);
    started.sequencer.step().await.expect("done");
    // The checkpoint that was noted behind the act waits for the next time.
    assert_eq!(size(&started), Some(3), "the act, and the checkpoint before it");
    let file = desk.folder.log().join("checkpoint");
    std::fs::remove_file(&file).expect("removed");
    pass(&desk, 599_999);
    started.sequencer.step().await.expect("done");
    assert!(!file.exists());
    pass(&desk, 1);
    started.sequencer.step().await.expect("done");
    assert!(file.exists());
    assert_eq!(started.sequencer.head().size, 3, "an idle log does not grow by its own checkpoints");
}

#[tokio::test]
async fn the_newest_checkpoint_is_noted_once_a_minute_when_there_is_something_to_note() {
    let desk = Desk::new();
    let store = desk.store().await;
    let mut started = desk.start(&store).await.expect("it starts");
    started.sequencer.finish().await.expect("done");
    for second in 0..130 {
        store.append_act(&act(&second.to_string())).await.expect("written");
        while started.sequencer.step().await.expect("done") {}
        pass(&desk, 1_000);
    }
    started.sequencer.finish().await.expect("done");
    let entries = all(&desk.tree(), started.sequencer.head());
    let notes = entries.iter().filter(|entry| matches!(wire::decode(entry), Ok(Entry::Checkpoint { .. })));
    assert_eq!(notes.count(), 3);
}

/// A witness in memory, which can be told to keep silent.
#[derive(Debug)]
struct Witness {
    signer: NoteSigner,
    seen: Mutex<(u64, bool)>,
}

impl Cosign for Witness {
    fn post(&self, url: String, body: String) -> Pin<Box<dyn Future<Output = Result<(u16, String), String>> + Send>> {
        assert_eq!(url, "http://witness.example/w/add-checkpoint");
        let mut seen = self.seen.lock().expect("whole");
        let answer = if seen.1 {
            Err("no answer".to_owned())
        } else {
            let (head, note) = body.split_once("\n\n").expect("two parts");
            let old: u64 = head.lines().next().and_then(|line| line.strip_prefix("old ")?.parse().ok()).expect("old");
            if old == seen.0 {
                let note = Note::read(note.as_bytes()).expect("a note");
                seen.0 = note.text().lines().nth(1).and_then(|size| size.parse().ok()).expect("a size");
                Ok((200, self.signer.line(note.text(), 1_800_000_000).expect("signed")))
            } else {
                Ok((409, format!("{}\n", seen.0)))
            }
        };
        Box::pin(async move { answer })
    }
}

#[tokio::test]
async fn without_its_quorum_a_checkpoint_is_not_published_and_the_log_grows_on() {
    let desk = Desk::new();
    let store = desk.store().await;
    let seed = SecretKey::from_seed(&[9; 32]);
    let signer = NoteSigner::new("witness.example/w", Algorithm::Cosignature, seed).expect("a name");
    let log = NoteSigner::new("desk.example/log", Algorithm::Ed25519, desk.folder.log_key().expect("a key"));
    let (log, key) = (log.expect("a name"), signer.key());
    let policy = format!("log {}\nwitness w {key} http://witness.example/w/\nquorum w\n", log.key());
    let policy = Policy::read(&policy).expect("a policy");
    let witness = Arc::new(Witness { signer, seen: Mutex::new((0, true)) });
    let witnessing = Witnessing::new(policy.clone(), Arc::clone(&witness) as Arc<dyn Cosign>);
    let origin = Some("desk.example/log");
    let mut started =
        start(&desk.folder, &store, origin, witnessing.clone(), desk.clock.clone()).await.expect("it starts");
    let error = started.sequencer.finish().await.expect_err("no quorum");
    assert!(matches!(error, LogError::NoQuorum { signed: 0, .. }), "{error:?}");
    assert!(started.log.published().borrow().is_none());
    store.append_act(&act("meanwhile")).await.expect("written");
    assert!(started.sequencer.step().await.is_ok(), "the next attempt waits its turn");
    assert_eq!(started.sequencer.head().size, 2);

    witness.seen.lock().expect("whole").1 = false;
    started.sequencer.finish().await.expect("signed");
    let trusted = |note: &str| policy.trusted(&Note::read(note.as_bytes()).expect("a note")).map(|t| t.checkpoint.head);
    let note = started.log.published().borrow().as_ref().expect("published").note.clone();
    assert_eq!(trusted(&note).expect("trusted").size, 2);
    drop(started);
    // A desk that starts anew does not know what the witness has seen, and is told.
    let mut started =
        start(&desk.folder, &store, origin, witnessing, desk.clock.clone()).await.expect("it starts again");
    store.append_act(&act("later")).await.expect("written");
    started.sequencer.finish().await.expect("signed");
    assert_eq!(started.log.published().borrow().as_ref().expect("published").head.size, 3);
    witness.seen.lock().expect("whole").0 = 99;
    store.append_act(&act("later still")).await.expect("written");
    let error = started.sequencer.finish().await.expect_err("it has seen more");
    assert!(error.to_string().contains("99 entries, more than this desk has"), "{error}");
}

#[test]
fn what_does_not_go_on_from_what_was_signed_is_never_signed() {
    let room = TempDir::new().expect("a folder");
    let path = room.path().join("checkpoint");
    let open = |is_new| {
        let signer = NoteSigner::new("desk.example/log", Algorithm::Ed25519, SecretKey::from_seed(&[4; 32]));
        Kept::open(path.clone(), Disk::default(), signer.expect("a name"), is_new)
    };
    let tree = |leaves: &[u8]| {
        let mut edge = Edge::default();
        leaves.iter().for_each(|leaf| edge.push(merkle::leaf_hash(&[*leaf]), |_, _, _| {}));
        edge.head()
    };
    assert!(matches!(open(false), Err(LogError::NothingKept { .. })));
    let mut kept = open(true).expect("new");
    kept.advance(tree(b"a"), &[]).expect("from nothing");
    let proof = [merkle::leaf_hash(b"b")];
    kept.advance(tree(b"ab"), &proof).expect("it goes on");
    assert!(matches!(kept.advance(tree(b"cb"), &proof), Err(LogError::Forked { .. })));
    assert!(matches!(kept.advance(tree(b"a"), &[]), Err(LogError::Forked { old: 2, new: 1 })));
    let mut other = open(false).expect("read");
    let third = [merkle::leaf_hash(b"c")];
    other.advance(tree(b"abc"), &third).expect("it goes on");
    let error = kept.advance(tree(b"abd"), &[merkle::leaf_hash(b"d")]).expect_err("somebody else signed");
    assert!(matches!(error, LogError::Contested { .. }), "{error:?}");
}
