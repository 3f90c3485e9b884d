//! A certificate is asked for, taken, kept and renewed; answers of others are not taken. Certificates of a real desk are
//! tried in `tests/story`; here the rules around them.

use loa_domain::keys::Role;

use super::*;

const DAY_MS: i64 = 86_400_000;
const NOW: UtcMs = UtcMs(1_790_000_000_000);
/// An authority and a certificate of it for the key of the seed 77, made for this test and good for nothing else.
const AUTHORITY: &str = include_str!("authority.pem");
const CERTIFICATE: &str = include_str!("player.pem");

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn root() -> Root {
    let dir = tempfile::tempdir().expect("a folder");
    keyfile::first_root(&dir.path().join("root"), &key(1), &key(2), None, UtcMs(i64::MAX)).expect("made")
}

fn open(dir: &Path) -> Pass {
    let given = dir.join("ca.pem");
    if !given.is_file() {
        fs::write(&given, AUTHORITY).expect("written");
        fs::create_dir_all(dir.join("tls")).expect("a folder");
        fs::write(dir.join("tls/transport.key"), format!("{}\n", "4d".repeat(32))).expect("written");
    }
    let who = ("xa-7".parse().expect("an id"), Kind::Speaker, key(7));
    Pass::open(dir, who, &given, Some("ABCD-EFGH".to_owned())).expect("opened")
}

fn answer(pass: &Pass, desk: u8, change: impl FnOnce(&mut Certified<'_>)) -> Vec<u8> {
    let mut certified = Certified {
        player: pass.player.clone(),
        transport: pass.transport.public(),
        certificate: CERTIFICATE.as_bytes(),
        authorities: AUTHORITY.as_bytes(),
        begins: NOW,
        ends: NOW.plus_ms(90 * DAY_MS),
    };
    change(&mut certified);
    keys::seal(&wire::encode(&certified), Purpose::Certificate, &[&key(desk)])
}

#[test]
fn a_certificate_is_taken_kept_and_renewed_at_half_of_its_life() {
    let dir = tempfile::tempdir().expect("a folder");
    let pass = open(dir.path());
    assert_eq!(pass.needs_visit(NOW), Some("there is no certificate yet"));
    assert_eq!(pass.renewal(NOW, 1), None, "there is nothing to renew");
    let ends = NOW.plus_ms(90 * DAY_MS);
    assert_eq!(pass.take(&answer(&pass, 2, |_| {}), &root(), true), Ok(ends));
    assert_eq!(pass.needs_visit(NOW), None);
    let pass = open(dir.path());
    assert_eq!(pass.needs_visit(ends.plus_ms(-1)), None, "it is still there after a new start");
    assert_eq!(pass.needs_visit(ends), Some("the certificate has ended"));
    let (before, half) = (NOW.plus_ms(45 * DAY_MS - 1), NOW.plus_ms(45 * DAY_MS));
    assert_eq!(pass.renewal(before, 1), None);
    assert_eq!(pass.renewal(half, 1 + ASK_MS - 1), None, "not asked so soon");
    let asked = pass.renewal(half, 1 + ASK_MS).expect("a request");
    let role = Role::of_one(key(7).public());
    let request: Request = keys::open(&asked, Purpose::CertificateRequest, &role).expect("sealed by the player");
    assert_eq!((request.transport, request.claim.as_deref()), (pass.transport.public(), Some("ABCD-EFGH")));
    assert_ne!(request.transport, request.key, "the keys are two");
    let kept = fs::read_to_string(dir.path().join("tls/player.pem")).expect("a file");
    assert!(kept.contains("PRIVATE KEY"));
}

#[test]
fn what_the_desk_did_not_seal_for_this_player_is_not_taken() {
    let dir = tempfile::tempdir().expect("a folder");
    let pass = open(dir.path());
    let refused = |sealed: &[u8], visits| pass.take(sealed, &root(), visits).expect_err("refused");
    assert_eq!(refused(&answer(&pass, 3, |_| {}), false), NotTaken::Unsealed);
    assert_eq!(refused(b"x", true), NotTaken::Unreadable);
    let other = "xa-8".parse().expect("an id");
    assert_eq!(refused(&answer(&pass, 2, |certified| certified.player = other), true), NotTaken::Foreign);
    assert_eq!(refused(&answer(&pass, 2, |certified| certified.transport = key(9).public()), true), NotTaken::Foreign);
    for bad in [&b""[..], b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let change = |sealed: &[u8]| refused(sealed, true);
        assert!(matches!(change(&answer(&pass, 2, |certified| certified.certificate = bad)), NotTaken::Useless(_)));
        assert!(matches!(change(&answer(&pass, 2, |certified| certified.authorities = bad)), NotTaken::Useless(_)));
    }
    assert_eq!(pass.needs_visit(NOW), Some("there is no certificate yet"), "nothing of it was kept");
}

#[test]
fn a_desk_whose_key_changed_meanwhile_can_certify_a_visitor_and_name_no_authorities() {
    let dir = tempfile::tempdir().expect("a folder");
    let pass = open(dir.path());
    let twice = [AUTHORITY, AUTHORITY].concat();
    let unsealed = answer(&pass, 3, |_| {});
    assert!(pass.take(&unsealed, &root(), true).is_ok());
    let believed = || fs::read_to_string(dir.path().join("tls/authorities.pem")).expect("a file");
    let mut certified = Certified {
        authorities: twice.as_bytes(),
        ..wire::decode(Sealed::read(&unsealed).expect("read").body).expect("read")
    };
    certified.begins = NOW;
    let body = wire::encode(&certified);
    pass.take(&keys::seal(&body, Purpose::Certificate, &[&key(3)]), &root(), true).expect("taken");
    assert_eq!(believed(), AUTHORITY);
    pass.take(&keys::seal(&body, Purpose::Certificate, &[&key(2)]), &root(), false).expect("taken");
    assert_eq!(believed(), twice);
    assert_eq!(open(dir.path()).needs_visit(NOW), None);
    assert_eq!(believed(), twice, "what the desk named stays over a new start");
    fs::write(dir.path().join("ca.pem"), format!("{AUTHORITY}\n")).expect("written");
    open(dir.path());
    assert_eq!(believed(), format!("{AUTHORITY}\n"), "until a person gives another file");
}
