//! Two people sign: real programs, a desk that holds no officer's key, officers on machines of their own.

mod room;

use std::fs;

use room::{EMERGENCY, ORDER, PHRASE, Room};

#[test]
fn one_officer_alone_is_refused_and_two_are_heard() {
    let room = Room::new();
    room.desk_of_three();
    room.refuses("desk", &["apply", "lich.toml"], "need the signatures of 2 of 3 officers");
    room.refuses("desk", &["apply", "lich.toml", "--officer", "mai"], "need the signatures of 2 of 3 officers");
    let asked = room.does("desk", &["apply", "lich.toml", "--request", "yeu-cau"]);
    assert!(asked.contains("1 orders to sign"), "{asked}");

    // Mai reads, and types what is asked.
    let sign = ["key", "sign", "yeu-cau", "--key", "mai", "--out", "mai.ky", "--root", "desk/root"];
    let unsigned = room.run("mai", &sign, "no\n").unwrap_err();
    assert!(unsigned.contains("nothing is signed") && !room.path("mai.ky").exists(), "{unsigned}");
    let wrong = room.run("mai", &sign, "sign\nnot the passphrase\n").unwrap_err();
    assert!(wrong.contains("Wrong passphrase") && !room.path("mai.ky").exists(), "{wrong}");
    let told = room.run("mai", &sign, &format!("sign\n{PHRASE}\n")).unwrap();
    assert!(told.contains("── Order 1/1: chao") && told.contains("the one you hold"), "{told}");

    let signed = |files: &[&'static str]| [&["apply", "lich.toml", "--signed"], files].concat();
    room.refuses("desk", &signed(&["yeu-cau"]), "0 officers have signed, 2 are needed");
    room.refuses("desk", &signed(&["mai.ky"]), "1 officers have signed, 2 are needed: 1 missing. Nothing has changed.");
    room.refuses("desk", &signed(&["mai.ky", "mai.ky"]), "1 officers have signed");
    room.key("la");
    room.sign("la", "yeu-cau", "la.ky");
    room.refuses("desk", &signed(&["mai.ky", "la.ky"]), "Does not count: «LA»");
    room.refuses("desk", &signed(&["mai.ky", "la.ky"]), "1 missing");
    room.sign("binh", "yeu-cau", "binh.ky");

    room.timetable(&[&ORDER.replace("0 5", "15 3")]);
    room.refuses("desk", &signed(&["mai.ky", "binh.ky"]), "“chao” is no longer what was asked");
    room.timetable(&[ORDER]);
    assert!(!room.acts().iter().any(|act| act.ends_with(" apply")), "nothing has changed so far");
    let told = room.does("desk", &signed(&["mai.ky", "binh.ky"]));
    assert!(told.contains("Signed: «MAI»") && told.contains("1 orders signed"), "{told}");
    let acts = room.acts();
    assert!(
        acts[0].starts_with("officer:") && acts[0].contains("+officer:") && acts[0].ends_with(" apply"),
        "{acts:?}"
    );
    assert!(
        acts.contains(&"desk request".to_owned()) && acts.iter().any(|act| act.ends_with(" root-accept")),
        "{acts:?}"
    );
    room.refuses("desk", &signed(&["mai.ky", "binh.ky"]), "was applied already");

    // Nothing to sign: what stands is applied again, and what goes is taken off, by nobody's key.
    room.does("desk", &["apply", "lich.toml"]);
    room.timetable(&[]);
    let told = room.does("desk", &["apply", "lich.toml"]);
    assert!(told.contains("0 orders signed, 1 orders revoked"), "{told}");
    assert_eq!(room.acts()[0], "desk apply");
}

#[test]
fn an_emergency_is_signed_only_by_who_counted_its_places() {
    let room = Room::new();
    room.desk_of_three();
    room.timetable(&[ORDER, EMERGENCY]);
    room.does("desk", &["apply", "lich.toml", "--request", "yeu-cau"]);
    let sign = ["key", "sign", "yeu-cau", "--key", "mai"];
    for typed in ["sign\n", "2\nsign\n", "all\nsign\n", "1\nyes\n", ""] {
        let told = room.run("mai", &sign, &format!("{typed}{PHRASE}\n")).unwrap_err();
        assert!(told.contains("nothing is signed"), "{typed:?}: {told}");
    }
    let told = room.run("mai", &sign, &format!("1\nsign\n{PHRASE}\n")).unwrap();
    assert!(told.contains("!!!  1 EMERGENCY ORDERS"), "{told}");
    // The next officer signs the same copy.
    let told = room.sign("an", "yeu-cau", "yeu-cau");
    assert!(told.contains("Signatures in the file already"), "{told}");
    assert!(room.does("desk", &["apply", "lich.toml", "--signed", "yeu-cau"]).contains("2 orders signed"));
}

#[test]
fn officers_change_only_when_the_old_and_the_new_ones_agree() {
    let room = Room::new();
    room.desk_of_three();
    room.does("desk", &["apply", "lich.toml", "--request", "yeu-cau"]);
    room.sign("mai", "yeu-cau", "yeu-cau");
    room.sign("binh", "yeu-cau", "yeu-cau");
    room.does("desk", &["apply", "lich.toml", "--signed", "yeu-cau"]);

    room.key("chi");
    room.refuses("desk", &["root", "change", "--officer", "chi.pub", "--request", "goc-2"], "cannot be");
    room.does("desk", &["root", "change", "--officer", "binh.pub", "chi.pub", "--request", "goc-2"]);
    let told = room.does(
        "mai",
        &["key", "sign", "goc-2", "--key", "mai", "--root", "desk/root", "--yes", "--passphrase-file", "phrase"],
    );
    assert!(told.contains("[NEW]") && told.contains("[GONE]"), "{told}");
    room.sign("binh", "goc-2", "goc-2");
    room.refuses("desk", &["root", "accept", "goc-2"], "By the new document, 1 of those");
    room.refuses("desk", &["apply", "lich.toml", "--signed", "goc-2"], "loa root accept");
    room.sign("chi", "goc-2", "chi.ky");
    let told = room.does("desk", &["root", "accept", "goc-2", "chi.ky"]);
    assert!(told.contains("Version 2") && told.contains("1 orders in force are not signed by enough"), "{told}");
    room.refuses("desk", &["root", "accept", "goc-2", "chi.ky"], "must be version 3");
    room.refuses("desk", &["apply", "lich.toml", "--signed", "yeu-cau"], "under version 1 of the root document");
    let stale =
        ["key", "sign", "yeu-cau", "--key", "chi", "--root", "desk/root", "--yes", "--passphrase-file", "phrase"];
    room.refuses("chi", &stale, "which is newer. Do not sign");

    let shown = room.does("desk", &["root", "show"]);
    assert!(shown.contains("version 2") && shown.contains("2 of 2 keys") && shown.contains("quorum none"), "{shown}");
    // The order that only one of today's officers signed is asked for again.
    assert!(room.does("desk", &["apply", "lich.toml", "--request", "lai"]).contains("1 orders to sign"));
    room.sign("binh", "lai", "lai");
    room.sign("chi", "lai", "lai");
    assert!(room.does("desk", &["apply", "lich.toml", "--signed", "lai"]).contains("1 orders signed"));
}

#[test]
fn one_officer_of_one_signs_at_the_desk_with_a_key_behind_a_passphrase() {
    let room = Room::new();
    let short = room.run("mai", &["key", "new", "mai"], "ngắn\n").unwrap_err();
    assert!(short.contains("at least 12 characters") && !room.path("mai").exists(), "{short}");
    room.key("mai");
    room.refuses("mai", &["key", "new", "mai"], "never overwritten");
    room.does("desk", &["root", "new", "--officer", "mai.pub", "--threshold", "1", "--request", "goc"]);
    room.sign("mai", "goc", "goc");
    room.does("desk", &["root", "accept", "goc"]);
    room.refuses("desk", &["apply", "lich.toml"], "no key here is enough");
    room.key("la");
    let with = |key| ["apply", "lich.toml", "--officer", key, "--passphrase-file", "phrase"];
    room.refuses("desk", &with("la"), "is no officer's of the root document");
    assert!(room.does("desk", &with("mai")).contains("1 orders signed"));

    fs::write(room.path("phrase-2"), "một câu khác hẳn\n").unwrap();
    let change = ["key", "passphrase", "mai", "--passphrase-file", "phrase", "--new-passphrase-file", "phrase-2"];
    let before = room.does("mai", &["key", "show", "mai"]);
    room.does("mai", &change);
    assert_eq!(room.does("mai", &["key", "show", "mai.pub"]), before, "the key stays");
    room.refuses("mai", &change, "Wrong passphrase");
}
