//! Every error has a sentence in both languages, and no field is lost on the way.

use std::path::PathBuf;

use loa_domain::id::Hash;
use loa_domain::keys::Refusal;
use loa_domain::keys::change::{Part, RootFault, Side};
use loa_domain::wire::WireError;
use loa_host::text::Language;

use super::*;
use crate::officer::OfficerError;
use crate::trust::TrustError;

fn page(language: Language) -> String {
    let words = Words::new(language);
    let (path, detail) = ("loa-desk/desk.db".to_owned(), "code 11".to_owned());
    let (file, listen) = (PathBuf::from("usb/desk.db"), "127.0.0.1:1883".parse().unwrap());
    let order = "tin".to_owned();
    let missing = || io::Error::from(ErrorKind::NotFound);
    let errors: Vec<Box<dyn Tell>> = vec![
        Box::new(StoreError::Busy),
        Box::new(StoreError::Full),
        Box::new(StoreError::Damaged { detail: detail.clone() }),
        Box::new(StoreError::NotADatabase { path: path.clone() }),
        Box::new(StoreError::Foreign { path: path.clone() }),
        Box::new(StoreError::TooNew { found: 9, known: 2 }),
        Box::new(StoreError::CannotOpen { path, detail: detail.clone() }),
        Box::new(StoreError::ReadOnly),
        Box::new(StoreError::Disk { detail: detail.clone() }),
        Box::new(StoreError::Malformed { column: 3, expected: "hash" }),
        Box::new(StoreError::NoSuchOrder { hash: Hash::ZERO }),
        Box::new(StoreError::Exists { path: file.clone() }),
        Box::new(StoreError::CopiedInUse { path: file.clone() }),
        Box::new(StoreError::Unsupported { task: "a backup" }),
        Box::new(StoreError::Closed),
        Box::new(StoreError::Refused { detail }),
        Box::new(CompileError::Cron { order: order.clone(), text: "61 * * * *".into(), why: "61".into() }),
        Box::new(CompileError::TooMany { subject: "order tin".into(), what: "tags", most: 8 }),
        Box::new(CompileError::TooLong { subject: "order tin".into(), text: "dài".into(), most: 32 }),
        Box::new(CompileError::Zone { subject: "player loa".into(), why: "its place has no zone".into() }),
        Box::new(CompileError::NoSuchBoard { subject: "player bang".into(), board: "p10".into() }),
        Box::new(CompileError::NoContent { order: order.clone(), item: "clip:tin".into() }),
        Box::new(CompileError::TooLongProgramme { order, length_ms: 15_000_000, most_ms: 14_400_000 }),
        Box::new(KeyError::File { path: "keys/officer.key".into(), source: missing() }),
        Box::new(KeyError::NoKey { path: "keys/desk.key".into() }),
        Box::new(KeyError::File { path: "keys".into(), source: ErrorKind::PermissionDenied.into() }),
        Box::new(KeyError::RootAwaited { path: "loa-desk/root.awaited".into() }),
        Box::new(OfficerError::File { path: "mai.key".into(), source: missing() }),
        Box::new(OfficerError::Malformed { path: "mai.key".into(), line: 3, expected: "name: " }),
        Box::new(OfficerError::Kind { path: "mai.key".into(), kind: "fido2".into() }),
        Box::new(OfficerError::Bounds { path: "mai.key".into() }),
        Box::new(OfficerError::Passphrase { path: "mai.key".into() }),
        Box::new(OfficerError::Exists { path: "mai.key".into() }),
        Box::new(OfficerError::Name),
        Box::new(OfficerError::Memory),
        Box::new(ApplyError::Officers(Refusal::Signatures { valid: 1, needed: 2 })),
        Box::new(TrustError::Orders),
        Box::new(TrustError::OtherDesk),
        Box::new(RootFault::Wire(WireError::Malformed)),
        Box::new(RootFault::Version { expected: 4, found: 3 }),
        Box::new(RootFault::Expired),
        Box::new(RootFault::Role(Part::Officers)),
        Box::new(RootFault::Signatures { side: Side::Old, valid: 1, needed: 2 }),
        Box::new(RootFault::Signatures { side: Side::New, valid: 0, needed: 2 }),
        Box::new(BrokerError::BeyondLoopback { listen }),
        Box::new(BrokerError::Listen { listen, why: "in use".into() }),
        Box::new(ServeError::Content(ErrorKind::StorageFull.into())),
        Box::new(PlanError::NoPlayer { name: "loa-x".into(), known: vec!["loa-cho".into(), "loa-truong".into()] }),
        Box::new(PlanError::Zone("too long".into())),
    ];
    errors.iter().map(|error| format!("{}\n", error.tell(&words))).collect()
}

#[test]
fn every_error_is_a_sentence_in_both_languages() {
    for (language, file, golden) in [
        (Language::Vietnamese, "vi", include_str!("vi.golden.txt")),
        (Language::English, "en", include_str!("en.golden.txt")),
    ] {
        let page = page(language);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/told");
            std::fs::write(folder.join(format!("{file}.golden.txt")), &page).unwrap();
            continue;
        }
        assert_eq!(page, golden);
        assert!(
            !page.contains("store-")
                && !page.contains("compile-")
                && !page.contains("officer-")
                && !page.contains("root-")
                && !page.contains("{"),
            "{page}"
        );
    }
}
