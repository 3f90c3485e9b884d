//! Policies: what they trust, and the line that is wrong.

use std::format;
use std::string::String;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::audit::carry::NotCarried;
use crate::audit::merkle::Head;
use crate::audit::note::NoteSigner;
use crate::keys::SecretKey;
use crate::wire;

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

/// What players decide who have the policy in their root document, and get the checkpoint from their desk.
fn as_players(policy: &Policy, note: &Note<'_>) -> Result<Result<Head, Distrust>, NotCarried> {
    let quorum = policy.quorum().expect("it fits a root document");
    let quorum: Quorum = wire::decode(&wire::encode(&quorum)).expect("it is read as it is written");
    let (head, signatures) = quorum.carried(note)?;
    Ok(quorum.trusts(head, &signatures).map(|()| head))
}

#[test]
fn a_quorum_is_counted_through_groups() {
    let policy = Policy::read(&two_of_three_and_one()).expect("a policy");
    let (log, x1, x2, y1) = (log(), witness("x1"), witness("x2"), witness("y1"));
    let trusted = |by: &[&NoteSigner]| {
        let note = signed(by);
        let note = Note::read(note.as_bytes()).expect("a note");
        let trusted = policy.trusted(&note);
        let head = trusted.clone().map(|trusted| trusted.checkpoint.head);
        assert_eq!(as_players(&policy, &note), Ok(head), "players decide the same");
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
    let note = Note::read(note.as_bytes()).expect("a note");
    assert!(policy.trusted(&note).is_ok());
    assert!(as_players(&policy, &note).expect("three lines").is_ok());
    assert_eq!(policy.quorum(), Ok(Quorum::of_log(log().key())));
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

/// What stands under a checkpoint.
#[derive(Clone, Copy, Debug)]
enum Line {
    /// The log's signature, or another log's of the same name.
    Log { known: bool },
    /// A witness's, known or not, at a time.
    Witness { number: usize, known: bool, at_s: u64 },
    /// One by the log or a witness, and over something else.
    Wrong { number: Option<usize> },
}

/// Six witnesses, and any groups of them and of earlier groups, each in one.
fn policies() -> impl Strategy<Value = String> {
    let group = (any::<u16>(), prop_oneof![Just("any"), Just("all"), Just("")], any::<prop::sample::Index>());
    (prop::collection::vec(group, 0..5), any::<prop::sample::Index>()).prop_map(|(groups, quorum)| {
        let mut text = format!("log {}\n", log().key());
        let mut names: Vec<String> = (0..6).map(|number| format!("w{number}")).collect();
        names.iter().for_each(|name| text += &format!("witness {name} {}\n", witness(name).key()));
        let mut free = names.clone();
        for (number, (mask, needed, at)) in groups.into_iter().enumerate() {
            let mut bits = (0..16).map(|bit| mask >> bit & 1 == 1);
            let (members, others) = free.into_iter().partition::<Vec<_>, _>(|_| bits.next().unwrap_or(false));
            free = others;
            if !members.is_empty() {
                let needed =
                    if needed.is_empty() { format!("{}", at.index(members.len()) + 1) } else { needed.to_string() };
                text += &format!("group g{number} {needed} {}\n", members.join(" "));
                free.push(format!("g{number}"));
                names.push(format!("g{number}"));
            }
        }
        names.push("none".to_string());
        text + &format!("quorum {}\n", names[quorum.index(names.len())])
    })
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = prop_oneof![
        4 => prop::bool::weighted(0.9).prop_map(|known| Line::Log { known }),
        12 => (0_usize..6, prop::bool::weighted(0.9), prop_oneof![Just(0), Just(u64::MAX >> 1), 1_u64..3_000_000_000])
            .prop_map(|(number, known, at_s)| Line::Witness { number, known, at_s }),
        1 => prop::option::of(0_usize..6).prop_map(|number| Line::Wrong { number }),
    ];
    prop::collection::vec(line, 0..10)
}

fn line(of: Line, text: &str) -> String {
    let name = |number| format!("w{number}");
    let stranger =
        |name: &str, kind| NoteSigner::new(name, kind, SecretKey::from_seed(&[200; 32])).expect("a good name");
    let written = match of {
        Line::Log { known: true } => log().line(text, 0),
        Line::Log { known: false } => stranger("example.vn/log", Algorithm::Ed25519).line(text, 0),
        Line::Witness { number, known: true, at_s } => witness(&name(number)).line(text, at_s),
        Line::Witness { number, known: false, at_s } => {
            stranger(&name(number), Algorithm::Cosignature).line(text, at_s)
        }
        Line::Wrong { number: Some(number) } => witness(&name(number)).line("something else", 7),
        Line::Wrong { number: None } => log().line("something else", 0),
    };
    written.expect("short")
}

proptest! {
    #[test]
    fn players_trust_what_the_policy_trusts(
        text in policies(), lines in lines(), size in any::<u64>(), root in any::<[u8; 32]>(),
        origin in prop_oneof![9 => Just("example.vn/log"), 1 => Just("example.vn/other")],
    ) {
        let policy = Policy::read(&text).expect("a policy");
        let head = Head { size, root: crate::id::Hash(root) };
        let checkpoint = Checkpoint { origin, head }.to_string();
        let lines: String = lines.into_iter().map(|of| line(of, &checkpoint)).collect();
        prop_assume!(!lines.is_empty());
        let note = format!("{checkpoint}\n{lines}");
        let note = Note::read(note.as_bytes()).expect("a note");
        let wrong = Distrust::Note(NoteError::WrongSignature);
        match (policy.trusted(&note).map(|trusted| trusted.checkpoint.head), as_players(&policy, &note)) {
            (theirs, Err(NotCarried::OtherLog)) => {
                prop_assert_eq!(origin, "example.vn/other");
                prop_assert_eq!(theirs, Err(Distrust::UnknownLog));
            }
            // Two things are wrong; which is told first does not matter.
            (Err(Distrust::UnknownLog), Ok(Err(error))) if error == wrong => {}
            (theirs, ours) => prop_assert_eq!(Ok(theirs), ours),
        }
    }

    #[test]
    fn no_quorum_of_anybodys_trusts_without_the_log(
        groups in prop::collection::vec((any::<u8>(), any::<u8>()), 0..20), at in any::<[u8; 6]>(), lines in lines(),
    ) {
        let mut quorum = Quorum::of_log(log().key());
        let group = |(needed, group): (u8, u8)| keys::Group { needed: needed % 8, group: group % 20 };
        let empty = List::collect(groups.into_iter().map(group)).map(|groups| quorum.groups = groups).is_err();
        for (number, group) in at.into_iter().enumerate() {
            let key = witness(&format!("w{number}")).key().clone();
            quorum.witnesses.push(keys::Witness { id: key.id(), key: key.public(), group: group % 20 }).expect("few");
        }
        let text = Checkpoint { origin: "example.vn/log", head: Head::empty() }.to_string();
        let by_witnesses = lines.into_iter().filter(|line| matches!(line, Line::Witness { .. }));
        let lines: String = by_witnesses.map(|of| line(of, &text)).collect();
        prop_assume!(!lines.is_empty() && !empty);
        let note = format!("{text}\n{lines}");
        let (head, mut signatures) = quorum.carried(&Note::read(note.as_bytes()).expect("a note")).expect("three lines");
        prop_assert_eq!(quorum.trusts(head, &signatures), Err(Distrust::UnknownLog));
        let by_log = log().key().id();
        let note = format!("{text}\n{}", log().line(&text, 0).expect("short"));
        let (_, log) = quorum.carried(&Note::read(note.as_bytes()).expect("a note")).expect("three lines");
        signatures.push(log[0]).expect("room");
        prop_assert_eq!(log[0].id, by_log);
        let trusted = quorum.trusts(head, &signatures);
        let by_few = matches!(trusted, Err(Distrust::Quorum { .. }));
        prop_assert!(trusted.is_ok() || by_few, "{:?}", trusted);
        quorum.groups.clear();
        prop_assert!(quorum.trusts(head, &signatures).is_err(), "nothing asked for is nothing trusted");
    }
}

#[test]
fn a_policy_that_does_not_fit_a_root_document_is_refused_by_what_is_too_much() {
    let quorum = |text: &str| Policy::read(text).expect("a policy").quorum();
    let log = format!("log {}\n", log().key());
    let witnesses = |count: usize| -> String {
        (0..count).map(|number| format!("witness w{number} {}\n", witness(&format!("w{number}")).key())).collect()
    };
    assert_eq!(quorum("quorum none"), Err(NoQuorum::Logs { named: 0 }));
    let other = signer("other.vn/log", Algorithm::Ed25519);
    assert_eq!(quorum(&format!("{log}log {}\nquorum none", other.key())), Err(NoQuorum::Logs { named: 2 }));
    assert_eq!(quorum(&format!("{log}{}quorum w3", witnesses(WITNESSES))).map(|quorum| quorum.groups.len()), Ok(1));
    let many = format!("{log}{}quorum w3", witnesses(WITNESSES + 1));
    assert_eq!(quorum(&many), Err(NoQuorum::Witnesses { named: WITNESSES + 1 }));
    let nested = |depth: usize| -> String {
        let before = |number: usize| if number == 0 { "w0".to_string() } else { format!("g{}", number - 1) };
        (0..depth).map(|number| format!("group g{number} any {}\n", before(number))).collect()
    };
    let deep = |depth: usize| quorum(&format!("{log}{}{}quorum g{}", witnesses(1), nested(depth), depth - 1));
    assert_eq!(deep(WITNESS_GROUPS).map(|quorum| quorum.groups.len()), Ok(WITNESS_GROUPS));
    assert_eq!(deep(WITNESS_GROUPS + 1), Err(NoQuorum::Groups));
    let idle = format!("{log}{}{}quorum w0", witnesses(1), nested(WITNESS_GROUPS + 1));
    assert_eq!(
        quorum(&idle).map(|quorum| quorum.groups.len()),
        Ok(1),
        "groups that the quorum does not need do not go"
    );
    // Found among two hundred thousand names for each of the two keys.
    let [one, other] = [("w65217", 1), ("w8071", 2)]
        .map(|(name, seed)| NoteSigner::new(name, Algorithm::Cosignature, SecretKey::from_seed(&[seed; 32])))
        .map(|signer| signer.expect("a good name").key().clone());
    assert_eq!(one.id(), other.id());
    let same = quorum(&format!("{log}witness a {one}\nwitness b {other}\nquorum a"));
    let (one, other) = (one.name().to_string(), other.name().to_string());
    assert_eq!(same, Err(NoQuorum::SameId { one, other }));
}

#[test]
fn what_cannot_go_to_players_is_told() {
    let quorum = Policy::read(&two_of_three_and_one()).expect("a policy").quorum().expect("it fits");
    let head = Head { size: 7, ..Head::empty() };
    let text = |origin, more: &str| format!("{}{more}", Checkpoint { origin, head });
    let carried = |text: &str, lines: &str| {
        let note = format!("{text}\n{lines}");
        quorum.carried(&Note::read(note.as_bytes()).expect("a note")).map(|(head, signatures)| (head, signatures.len()))
    };
    let by_log = |text: &str| log().line(text, 0).expect("short");
    let usual = text("example.vn/log", "");
    assert_eq!(carried(&usual, &by_log(&usual)), Ok((head, 1)));
    assert_eq!(carried(&usual, &by_log(&usual).repeat(40)), Ok((head, 1)), "the same again says nothing");
    let stranger = witness("stranger").line(&usual, 5).expect("short");
    assert_eq!(carried(&usual, &(by_log(&usual) + &stranger)), Ok((head, 1)), "nobody knows that key");
    let more = text("example.vn/log", "more\n");
    assert_eq!(carried(&more, &by_log(&more)), Err(NotCarried::Extended));
    let other = text("example.vn/other", "");
    assert_eq!(carried(&other, &by_log(&other)), Err(NotCarried::OtherLog));
    assert!(matches!(carried("a\n", &by_log("a\n")), Err(NotCarried::Checkpoint(_))));
    let short = crate::audit::note::base64_text(&[&log().key().id()[..], &[7; 63]].concat());
    assert_eq!(carried(&usual, &format!("— example.vn/log {short}\n")), Err(NotCarried::BadSignature));
    let often = (0..40).map(|at_s| witness("x1").line(&usual, at_s).expect("short")).collect::<String>();
    assert_eq!(carried(&usual, &often), Err(NotCarried::TooMany));
}
