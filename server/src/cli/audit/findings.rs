//! What a check of a log found, as sentences of the catalogue.
//!
//! It decides which sentence belongs to which finding; what is a finding is decided in the crate `loa-verify`, and the
//! classes are described in `docs/log.md`. Next: `verify.rs`, which prints them.

use std::ops::Range;

use loa_domain::audit::note::NoteError;
use loa_domain::audit::policy::Distrust;
use loa_host::text::Words;
use loa_verify::{
    Added, At, Bound, Finding, Follows, Lack, Place, SealFault, Told, Unfit, Unproven, View, Witness, Wrong,
};
use serde_json::{Value, json};

/// The sentence of a finding.
pub(super) fn sentence(finding: &Finding, words: &Words) -> String {
    match finding {
        Finding::Missing { path, lack, leaves: range } => {
            let lack = match lack {
                Lack::Absent => words.say("lack-absent"),
                Lack::Short => words.say("lack-short"),
                Lack::Unreadable(why) => words.with("lack-unreadable", &[("why", why)]),
            };
            words.with("finding-missing", &[("path", path), ("lack", &lack), ("leaves", &leaves(range, words))])
        }
        Finding::Evidence { name, item } => {
            words.with("finding-evidence", &[("name", name), ("item", &(item + 1).to_string())])
        }
        Finding::Distrusted { name, position, why } => {
            let why = distrust(*why, words);
            match position {
                None => words.with("finding-distrusted", &[("name", name), ("why", &why)]),
                Some(at) => words.with("finding-distrusted-entry", &[("position", &at.to_string()), ("why", &why)]),
            }
        }
        Finding::Bytes { path, leaves: range, place: claimed } => {
            let mut text = words.with("finding-bytes", &[("path", path), ("leaves", &leaves(range, words))]);
            if let Some(claimed) = claimed {
                text = format!("{text} ({})", place(claimed, words));
            }
            text
        }
        Finding::Root { signed, found, leaves: range } => {
            let fields =
                [("signed", &*signed.to_string()), ("found", &found.to_string()), ("leaves", &leaves(range, words))];
            words.with("finding-root", &fields)
        }
        Finding::Truncated { size, view: seen } => {
            words.with("finding-truncated", &[("size", &size.to_string()), ("view", &view(seen, words))])
        }
        Finding::SplitView { leaves: range, views, count } => {
            let seen = views.first().map_or_else(String::new, |seen| view(seen, words));
            let fields = [("count", &*count.to_string()), ("leaves", &leaves(range, words)), ("view", &seen)];
            words.with("finding-split", &fields)
        }
        Finding::Clock { at: here, wrong } => clock(here, *wrong, words),
        Finding::Sequence { at: here, what } => format!("{}: {}", at(here, words), sequence(what, words)),
        other => of_chains(other, words),
    }
}

fn of_chains(finding: &Finding, words: &Words) -> String {
    let here = |id: &str, at_: &At| words.with(id, &[("at", &at(at_, words))]);
    let with = |id: &str, at_: &At, name: &str, value: &str| words.with(id, &[("at", &at(at_, words)), (name, value)]);
    match finding {
        Finding::SeenAhead { at: here, seen } => with("finding-ahead", here, "seen", &seen.to_string()),
        Finding::Edited { at, why: Unfit::None } => here("finding-edited-none", at),
        Finding::Edited { at, why: Unfit::Wrong } => here("finding-edited-wrong", at),
        Finding::Edited { at, why: Unfit::Replaced } => here("finding-edited-replaced", at),
        Finding::Inserted { at, why: Added::NoKey } => here("finding-inserted-no-key", at),
        Finding::Inserted { at, why: Added::StrangeKey } => here("finding-inserted-strange-key", at),
        Finding::Inserted { at, why: Added::NoRoom } => here("finding-inserted-no-room", at),
        Finding::Deleted { first, count, between: (_, behind) } => {
            let fields =
                [("first", &*place(first, words)), ("count", &count.to_string()), ("behind", &behind.to_string())];
            words.with("finding-deleted", &fields)
        }
        Finding::Reordered { first, last_seq, positions: (from, to) } => {
            let (first, last) = (place(first, words), last_seq.to_string());
            let fields = [("first", &*first), ("last", &last), ("from", &from.to_string()), ("to", &to.to_string())];
            words.with("finding-reordered", &fields)
        }
        Finding::Unlinked { at, .. } => here("finding-unlinked", at),
        Finding::Replayed { at, first } => with("finding-replayed", at, "first", &first.to_string()),
        Finding::Cloned { at, other: Some(other) } => with("finding-cloned", at, "other", &other.to_string()),
        Finding::Cloned { at, other: None } => here("finding-cloned-held", at),
        Finding::BothGoOn { at: here, newer, since } => {
            let fields = [("at", &*at(here, words)), ("newer", &newer.to_string()), ("since", &since.to_string())];
            words.with("finding-both-go-on", &fields)
        }
        Finding::Impersonated { at, by } => with("finding-impersonated", at, "by", by.as_str()),
        Finding::Invalid { position } => words.with("finding-invalid", &[("position", &position.to_string())]),
        Finding::UnsoundKey { position, player } => {
            words.with("finding-unsound-key", &[("position", &position.to_string()), ("player", player.as_str())])
        }
        Finding::Seal { position, name, fault } => {
            let id = match fault {
                SealFault::Officers => "finding-seal-officers",
                SealFault::Desk => "finding-seal-desk",
                SealFault::SaysOther => "finding-seal-other",
                SealFault::Malformed => "finding-seal-malformed",
            };
            words.with(id, &[("position", &position.to_string()), ("name", name)])
        }
        Finding::Withheld { file, place: held } => {
            words.with("finding-withheld", &[("file", file), ("place", &place(held, words))])
        }
        // All others are told by the caller.
        other => other.to_string(),
    }
}

fn clock(here: &At, wrong: Wrong, words: &Words) -> String {
    let (id, by_ms) = match wrong {
        Wrong::Early { than: Bound::Witnessed, by_ms } => ("finding-clock-early-witnessed", by_ms.to_string()),
        Wrong::Early { than: Bound::Desk, by_ms } => ("finding-clock-early-desk", by_ms.to_string()),
        Wrong::Early { than: Bound::Received, by_ms } => ("finding-clock-early-received", by_ms.to_string()),
        Wrong::Late { by_ms } => ("finding-clock-late", by_ms.to_string()),
        Wrong::Backwards { by_ms } => ("finding-clock-backwards", by_ms.to_string()),
        Wrong::Unexplained { by_ms } => ("finding-clock-unexplained", by_ms.to_string()),
    };
    words.with(id, &[("at", &at(here, words)), ("by", &by_ms)])
}

fn sequence(what: &Follows, words: &Words) -> String {
    let two = |id: &str, one: (&str, u64), other: (&str, u64)| {
        words.with(id, &[(one.0, &one.1.to_string()), (other.0, &other.1.to_string())])
    };
    match what {
        Follows::NotOpened => words.say("follows-not-opened"),
        Follows::OpenedAgain => words.say("follows-opened-again"),
        Follows::OtherOrigin => words.say("follows-other-origin"),
        Follows::Change { change, line } => two("follows-change", ("change", *change), ("line", *line)),
        Follows::ChangeCut { change, lines } => two("follows-change-cut", ("change", *change), ("lines", *lines)),
        Follows::Act { number, expected } => two("follows-act", ("number", *number), ("expected", *expected)),
        Follows::Release { player, number, after } => {
            let fields = [("player", player.as_str()), ("number", &number.to_string()), ("after", &after.to_string())];
            words.with("follows-release", &fields)
        }
        Follows::Received { at, against } => {
            words.with("follows-received", &[("at", &at.to_string()), ("against", &against.to_string())])
        }
    }
}

fn at(here: &At, words: &Words) -> String {
    let position = here.position.to_string();
    match &here.place {
        None => words.with("at-entry", &[("position", &position)]),
        Some(inside) => words.with("at-record", &[("position", &position), ("record", &place(inside, words))]),
    }
}

fn place(place: &Place, words: &Words) -> String {
    let (epoch, seq) = (place.epoch.to_string(), place.seq.to_string());
    words.with("at-place", &[("player", place.player.as_str()), ("epoch", &epoch), ("seq", &seq)])
}

fn leaves(range: &Range<u64>, words: &Words) -> String {
    let (first, last) = (range.start.to_string(), range.end.saturating_sub(1).to_string());
    if first == last {
        return words.with("at-entry", &[("position", &first)]);
    }
    words.with("at-entries", &[("first", &first), ("last", &last)])
}

fn view(view: &View, words: &Words) -> String {
    let who = match &view.by {
        Witness::Record(here) => at(here, words),
        Witness::Entry(position) => words.with("view-entry", &[("position", &position.to_string())]),
        Witness::Note(name) => words.with("view-note", &[("name", name)]),
        Witness::Held(name, held) => words.with("view-held", &[("name", name), ("place", &place(held, words))]),
    };
    words.with("view", &[("who", &who), ("size", &view.size.to_string()), ("root", &view.root.to_string())])
}

/// Why a checkpoint is not trusted.
pub(super) fn distrust(why: Distrust, words: &Words) -> String {
    let id = match why {
        Distrust::Note(NoteError::WrongSignature) => "distrust-signature",
        Distrust::Note(_) | Distrust::Checkpoint(_) => "distrust-form",
        Distrust::UnknownLog => "distrust-log",
        Distrust::Quorum { signed } => return words.with("distrust-quorum", &[("signed", &signed.to_string())]),
    };
    words.say(id)
}

/// Why a proof of one record proves nothing.
pub(super) fn unproven(why: &Unproven, words: &Words) -> String {
    let id = match why {
        Unproven::Distrusted(why) => return words.with("unproven-distrusted", &[("why", &distrust(*why, words))]),
        Unproven::Proof(error) => return words.with("unproven-proof", &[("why", &error.to_string())]),
        Unproven::NoEntry => "unproven-no-entry",
        Unproven::OtherEntry => "unproven-other-entry",
        Unproven::Invalid => "unproven-invalid",
        Unproven::Signature => "unproven-signature",
    };
    words.say(id)
}

/// What else there is to know.
pub(super) fn told(told: &Told, words: &Words) -> String {
    match told {
        Told::NewChain { first, position, .. } => {
            words.with("told-new-chain", &[("place", &place(first, words)), ("position", &position.to_string())])
        }
        Told::Beyond { path } => words.with("told-beyond", &[("path", path)]),
        Told::SteppedRight { place: wrong, position } => {
            words.with("told-stepped-right", &[("place", &place(wrong, words)), ("position", &position.to_string())])
        }
        Told::NoRoot => words.say("told-no-root"),
        Told::NoWitnesses => words.say("told-no-witnesses"),
    }
}

/// The fields of a finding for programs: its class, the leaves and the record that it touches, and a sentence.
pub(super) fn value(finding: &Finding, words: &Words) -> Value {
    let (leaves, record) = finding.touches();
    let record = record.map(|place| json!({"player": place.player.as_str(), "epoch": place.epoch, "seq": place.seq}));
    let leaves = leaves.map(|range| json!({"first": range.start, "last": range.end.saturating_sub(1)}));
    json!({
        "class": finding.class().name(),
        "entries": leaves,
        "record": record,
        "text": sentence(finding, words),
    })
}

#[cfg(test)]
mod tests {
    use loa_domain::audit::policy::Expected;
    use loa_domain::id::{Hash, PlayerId};
    use loa_domain::time::UtcMs;
    use loa_host::text::Language;
    use loa_verify::Class;

    use super::*;

    fn place_of(seq: u64) -> Place {
        Place { player: player(), epoch: 7, seq }
    }

    fn player() -> PlayerId {
        "loa-1".parse().expect("a good id")
    }

    fn here() -> At {
        At { position: 12, place: Some(place_of(3)) }
    }

    fn seen(by: Witness) -> View {
        View { by, size: 40, root: Hash::ZERO }
    }

    /// One finding of each kind, with each of its reasons.
    fn all() -> Vec<Finding> {
        let (at, why) = (here(), Distrust::UnknownLog);
        let path = || "tile/entries/000".to_owned();
        let mut all = vec![
            Finding::Missing { path: path(), lack: Lack::Absent, leaves: 0..1 },
            Finding::Missing { path: path(), lack: Lack::Short, leaves: 0..256 },
            Finding::Missing { path: path(), lack: Lack::Unreadable("EIO".to_owned()), leaves: 0..256 },
            Finding::Evidence { name: "usb".to_owned(), item: 2 },
            Finding::Bytes { path: path(), leaves: 5..6, place: Some(place_of(3)) },
            Finding::Root { signed: Hash::ZERO, found: Hash::ZERO, leaves: 0..9 },
            Finding::SeenAhead { at: at.clone(), seen: 99 },
            Finding::Deleted { first: place_of(4), count: 2, between: (Some(8), 9) },
            Finding::Reordered { first: place_of(4), last_seq: 6, positions: (8, 12) },
            Finding::Unlinked { at: at.clone(), previous: Some(3) },
            Finding::Replayed { at: at.clone(), first: 3 },
            Finding::Cloned { at: at.clone(), other: Some(3) },
            Finding::Cloned { at: at.clone(), other: None },
            Finding::BothGoOn { at: at.clone(), newer: 9, since: 10 },
            Finding::Impersonated { at: at.clone(), by: player() },
            Finding::Invalid { position: 4 },
            Finding::UnsoundKey { position: 4, player: player() },
            Finding::Withheld { file: "usb".to_owned(), place: place_of(8) },
        ];
        let notes = [NoteError::WrongSignature, NoteError::NotText].map(Distrust::Note);
        all.extend([notes[0], notes[1], why, Distrust::Quorum { signed: 1 }].map(|why| Finding::Distrusted {
            name: "checkpoint".to_owned(),
            position: None,
            why,
        }));
        all.push(Finding::Distrusted { name: String::new(), position: Some(4), why });
        let views = [
            Witness::Record(here()),
            Witness::Entry(3),
            Witness::Note("b".to_owned()),
            Witness::Held("usb".to_owned(), place_of(1)),
        ];
        for view in views.map(seen) {
            all.push(Finding::Truncated { size: 30, view: view.clone() });
            all.push(Finding::SplitView { leaves: 3..30, views: vec![view], count: 1 });
        }
        all.extend([Unfit::None, Unfit::Wrong, Unfit::Replaced].map(|why| Finding::Edited { at: here(), why }));
        all.extend([Added::NoKey, Added::StrangeKey, Added::NoRoom].map(|why| Finding::Inserted { at: here(), why }));
        let wrong = [
            Wrong::Early { than: Bound::Witnessed, by_ms: 5 },
            Wrong::Early { than: Bound::Desk, by_ms: 5 },
            Wrong::Early { than: Bound::Received, by_ms: 5 },
            Wrong::Late { by_ms: 5 },
            Wrong::Backwards { by_ms: 5 },
            Wrong::Unexplained { by_ms: -5 },
        ];
        all.extend(wrong.map(|wrong| Finding::Clock { at: here(), wrong }));
        let faults = [SealFault::Officers, SealFault::Desk, SealFault::SaysOther, SealFault::Malformed];
        all.extend(faults.map(|fault| Finding::Seal { position: 3, name: "chao".to_owned(), fault }));
        let follows = [
            Follows::NotOpened,
            Follows::OpenedAgain,
            Follows::OtherOrigin,
            Follows::Change { change: 2, line: 3 },
            Follows::ChangeCut { change: 2, lines: 3 },
            Follows::Act { number: 5, expected: 4 },
            Follows::Release { player: player(), number: 2, after: 3 },
            Follows::Received { at: UtcMs(5), against: UtcMs(9) },
        ];
        all.extend(follows.map(|what| Finding::Sequence { at: At { position: 3, place: None }, what }));
        all
    }

    #[test]
    fn every_finding_and_class_has_its_sentence_in_both_languages() {
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            let mut sentences = std::collections::BTreeSet::new();
            for finding in all() {
                let text = sentence(&finding, &words);
                let is_said = text.contains(' ')
                    && !["{", "finding-", "at-", "view-", "follows-"].iter().any(|id| text.contains(id));
                assert!(is_said, "{finding:?}: {text}");
                assert!(sentences.insert(text.clone()), "told twice: {text}");
                assert_eq!(value(&finding, &words)["class"], finding.class().name());
            }
            for class in Class::ALL {
                let id = format!("class-{}", class.name());
                assert_ne!(words.say(&id), id);
            }
        }
    }

    #[test]
    fn every_line_of_a_policy_is_explained_in_both_languages() {
        for language in [Language::Vietnamese, Language::English] {
            for expected in Expected::ALL {
                let id = format!("policy-{}", expected.name());
                assert_ne!(Words::new(language).say(&id), id);
            }
        }
    }

    #[test]
    fn every_class_is_among_the_findings_that_are_told() {
        let classes: std::collections::BTreeSet<&str> = all().iter().map(|finding| finding.class().name()).collect();
        assert_eq!(classes.len(), Class::ALL.len());
    }

    #[test]
    fn what_else_there_is_to_know_is_told_and_so_is_why_a_proof_is_none() {
        let told_all = [
            Told::NewChain { first: place_of(0), position: 4, before: 6 },
            Told::Beyond { path: "tile/0/001".to_owned() },
            Told::SteppedRight { place: place_of(3), position: 9 },
            Told::NoRoot,
            Told::NoWitnesses,
        ];
        let unproven_all = [
            Unproven::NoEntry,
            Unproven::OtherEntry,
            Unproven::Invalid,
            Unproven::Signature,
            Unproven::Distrusted(Distrust::UnknownLog),
            Unproven::Proof(loa_domain::audit::evidence::ProofError::NotIncluded),
        ];
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            let sentences = told_all
                .iter()
                .map(|one| told(one, &words))
                .chain(unproven_all.iter().map(|why| unproven(why, &words)));
            for text in sentences {
                assert!(text.contains(' ') && !text.contains('{'), "{text}");
            }
        }
    }
}
