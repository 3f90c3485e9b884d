//! Key files made, opened, bent and asked for too much.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

const LIGHT: Hardness = Hardness { memory_kib: 1024, passes: 1, lanes: 1 };
const WORDS: &str = "bốn từ tiếng Việt";

fn words(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

fn made() -> KeyFile {
    KeyFile::make(&[5; 32], "Nguyễn Thị Mai", &words(WORDS), LIGHT).unwrap()
}

fn parsed(text: &str) -> Result<KeyFile, OfficerError> {
    KeyFile::parse(text, Path::new("mai.key"))
}

#[test]
fn a_key_file_is_text_that_a_person_recognises() {
    let file = KeyFile { salt: [1; 32], nonce: [2; 24], sealed: vec![3; 48], ..made() };
    let golden = format!(
        "loa officer key\nkind: passphrase\nname: Nguyễn Thị Mai\n\
         public: ed25519 {}\nhardness: argon2id m=1024 t=1 p=1\n\
         salt: {}\nnonce: {}\nsealed: xchacha20poly1305 {}\n",
        SecretKey::from_seed(&[5; 32]).public(),
        "01".repeat(32),
        "02".repeat(24),
        "03".repeat(48)
    );
    assert_eq!(file.text(), golden);
    assert_eq!(parsed(&golden).unwrap(), file);
}

#[test]
fn it_opens_with_its_passphrase_alone() {
    let file = parsed(&made().text()).unwrap();
    let path = Path::new("mai.key");
    assert_eq!(file.open(&words(WORDS), path).unwrap().seed(), [5; 32]);
    for wrong in ["", "bốn từ tiếng việt", "bốn từ tiếng Việt "] {
        assert!(matches!(file.open(&words(wrong), path), Err(OfficerError::Passphrase { .. })), "{wrong:?}");
    }
    assert!(!made().text().contains(&hex(&[5; 32])));
    assert_ne!(made().text(), made().text(), "every file has its own salt and nonce");
}

#[test]
fn a_file_of_which_any_bit_flipped_does_not_open() {
    let text = made().text();
    let bytes = text.as_bytes();
    let path = Path::new("mai.key");
    for bit in 0..bytes.len() * 8 {
        let mut bent = bytes.to_vec();
        bent[bit / 8] ^= 1 << (bit % 8);
        let opened = String::from_utf8(bent).ok().and_then(|text| parsed(&text).ok());
        // A bit of the hardness may ask for much work, which would only take long: the bound is tested on its own.
        let opened = opened.filter(|file| file.hardness.memory_kib <= 16 * 1024);
        assert!(opened.is_none_or(|file| file.open(&words(WORDS), path).is_err()), "byte {}, bit {}", bit / 8, bit % 8);
    }
}

#[test]
fn one_that_asks_for_gigabytes_or_hours_is_refused_before_any_work() {
    for asked in ["m=4194304 t=3 p=1", "m=65536 t=4000000 p=1", "m=65536 t=3 p=200", "m=1 t=1 p=1", "m=0 t=0 p=0"] {
        let text = made().text().replace("m=1024 t=1 p=1", asked);
        assert!(matches!(parsed(&text), Err(OfficerError::Bounds { .. })), "{asked}");
    }
    for asked in ["m=01024 t=1 p=1", "m=1024 t=1 p=1 x=1", "m=1024 t=1", "m=99999999999 t=1 p=1", "m=+1024 t=1 p=1"] {
        let text = made().text().replace("m=1024 t=1 p=1", asked);
        assert!(matches!(parsed(&text), Err(OfficerError::Malformed { line: 5, .. })), "{asked}");
    }
}

#[test]
fn kinds_that_come_later_are_told_as_such() {
    let told = parsed(&made().text().replace("kind: passphrase", "kind: fido2")).unwrap_err();
    assert!(matches!(told, OfficerError::Kind { kind, .. } if kind == "fido2"));
}

#[test]
fn what_is_no_key_file_says_which_line() {
    let line = |text: &str| match parsed(text).unwrap_err() {
        OfficerError::Malformed { line, .. } => line,
        other => panic!("{other}"),
    };
    let text = made().text();
    assert_eq!(line(""), 1);
    assert_eq!(line(&"00".repeat(32)), 1);
    assert_eq!(line(&text.replace("name: Nguyễn", "name:  Nguyễn")), 3);
    assert_eq!(line(&text.replace("Mai", "\u{1b}[2J")), 3, "names draw nothing on a terminal");
    assert_eq!(line(&format!("{text}more\n")), 9);
    assert_eq!(line(&text.replace(&SecretKey::from_seed(&[5; 32]).public().to_string(), &"00".repeat(32))), 4);
}

#[test]
fn a_key_is_written_once_for_its_owner_alone_with_its_public_half_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mai.key");
    let file = made();
    let public = file.write_new(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(KeyFile::is_at(&path) && !KeyFile::is_at(&public));
    assert_eq!(KeyFile::read(&path).unwrap(), file);
    assert_eq!(Public::read(&public).unwrap(), file.public);
    assert_eq!(Public::read(&path).unwrap(), file.public);
    let other = KeyFile::make(&[6; 32], "B", &words(WORDS), LIGHT).unwrap();
    assert!(matches!(other.write_new(&path), Err(OfficerError::Exists { .. })));
    assert_eq!(KeyFile::read(&path).unwrap(), file);
    other.replace(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
