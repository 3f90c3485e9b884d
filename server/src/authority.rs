//! The desk's own certificate authority: who may open a connection to the broker, and nothing more. The only file that
//! names the library that writes certificates.
//!
//! What may be aired is decided by other keys (`domain/src/keys.rs`); whoever steals these can at most pretend to be a
//! broker or a client of one, which the rest of Loa is built to survive.
//! - Authorities have numbers. All whose file lies in the folder are believed; the newest one issues. It is also
//!   signed by the one before it ("cross"), and the broker shows that with its own certificate: so players that were
//!   off while it changed still come in, and learn the new ones by an answer that the desk's online key sealed.
//! - Certificates of the broker and of authorities begin in 1970: a player whose clock was lost believes them too. Those
//!   of players are looked at by the desk's clock.
//! - A player's certificate names the player (CN) and its own key by hash (OU), so that one made for a device that was
//!   replaced opens nothing.
//!
//! Next: `delivery/certify.rs`, who gets one.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use loa_domain::delivery::certificate::key_mark;
use loa_domain::id::PlayerId;
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;
use loa_host::durable;
use loa_host::keyfile;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
};

const DAY_MS: i64 = 86_400_000;
/// How long a player's certificate lasts, in milliseconds.
pub const PLAYER_LIFE_MS: i64 = 90 * DAY_MS;
/// How long the broker's and the desk's own last, in milliseconds.
const SERVER_LIFE_MS: i64 = 365 * DAY_MS;
/// How long an authority lasts, in milliseconds.
const AUTHORITY_LIFE_MS: i64 = 20 * 365 * DAY_MS;
/// So far back a player's certificate begins: other brokers have other clocks.
const LEEWAY_MS: i64 = DAY_MS;

/// The desk's name in its certificate for an outside broker: no player's id has a capital.
pub const DESK_NAME: &str = "Desk";

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what it should be, or a certificate cannot be written.
    #[error("{path}: {why}; restore the keys from a backup")]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No certificate can be made for this name.
    #[error("{name:?} is no host name and no address")]
    Name {
        /// The name.
        name: String,
    },
    /// The last authority cannot be let go.
    #[error("authority {number} is the only one; make another one first")]
    Last {
        /// Which.
        number: u32,
    },
}

/// A certificate for a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate and those between it and an authority: PEM.
    pub pem: String,
    /// When it begins.
    pub begins: UtcMs,
    /// When it ends.
    pub ends: UtcMs,
}

/// A certificate for somebody else's program, with its key: PEM.
pub struct WithKey {
    /// The certificate and those between it and an authority.
    pub chain: String,
    /// The key. It is kept nowhere else.
    pub key: String,
}

/// The authority, opened.
pub struct Authority {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    /// Every authority that is believed, oldest first: number, PEM.
    believed: Vec<(u32, String)>,
    /// Later authorities under earlier ones: PEM.
    crosses: String,
}

impl Authority {
    /// The authority whose files lie in `dir`; made at the first time.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn open(dir: &Path, now: UtcMs) -> Result<Self, AuthorityError> {
        durable::create_dir(dir).map_err(file(dir))?;
        if numbers(dir)?.is_empty() {
            make(dir, 1, None, now)?;
        }
        let mut believed = Vec::new();
        for number in numbers(dir)? {
            believed.push((number, read(&certificate_path(dir, number))?));
        }
        let mut crosses = String::new();
        for later in believed.iter().rev().map(|(number, _)| *number) {
            let path = cross_path(dir, later);
            if path.is_file() {
                crosses += &read(&path)?;
            }
        }
        let Some((newest, pem)) = believed.last() else {
            return Err(AuthorityError::Bad { path: dir.to_owned(), why: "no authority".to_owned() });
        };
        let path = key_path(dir, *newest);
        let key = KeyPair::from_pem(&read(&path)?).map_err(bad(&path))?;
        let issuer = Issuer::from_ca_cert_pem(pem, key).map_err(bad(&certificate_path(dir, *newest)))?;
        Ok(Self { dir: dir.to_owned(), issuer, believed, crosses })
    }

    /// Every authority that is believed: PEM.
    #[must_use]
    pub fn authorities(&self) -> String {
        self.believed.iter().map(|(_, pem)| pem.as_str()).collect()
    }

    /// The numbers of the authorities that are believed; the last one issues.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        self.believed.iter().map(|(number, _)| *number).collect()
    }

    /// A certificate for the key `transport` (Ed25519) of a player whose own key is `own`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn issue(
        &self,
        player: &PlayerId,
        own: &PublicKey,
        transport: &PublicKey,
        now: UtcMs,
    ) -> Result<Issued, AuthorityError> {
        let (begins, ends) = (now.plus_ms(-LEEWAY_MS), now.plus_ms(PLAYER_LIFE_MS));
        let mut params = client(player.as_str(), (begins, ends))?;
        params.distinguished_name.push(DnType::OrganizationalUnitName, key_mark(own).to_string());
        let signed = params.signed_by(&Ed25519(transport.0), &self.issuer).map_err(bad(&self.dir))?;
        // What travels says when it was made, not when other clocks may begin to believe it: half a life is counted from here.
        Ok(Issued { pem: signed.pem() + &self.crosses, begins: now, ends })
    }

    /// The broker's certificate with its key for these names and addresses, in one PEM file, good for at least half a
    /// life. Gives its path; a file that is good enough stays.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn broker_file(&self, names: &[String], now: UtcMs) -> Result<PathBuf, AuthorityError> {
        self.own_file("broker.pem", &names.join(" "), server(names, now)?, now)
    }

    /// A certificate for an outside broker of these names and addresses, good for a year, with a key of its own.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn outside_broker(&self, names: &[String], now: UtcMs) -> Result<WithKey, AuthorityError> {
        let key = KeyPair::generate().map_err(bad(&self.dir))?;
        let signed = server(names, now)?.signed_by(&key, &self.issuer).map_err(bad(&self.dir))?;
        Ok(WithKey { chain: signed.pem() + &self.crosses, key: key.serialize_pem() })
    }

    /// The desk's certificate for an outside broker with its key, as [`Authority::broker_file`].
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub fn desk_file(&self, now: UtcMs) -> Result<PathBuf, AuthorityError> {
        let params = client(DESK_NAME, (now.plus_ms(-LEEWAY_MS), now.plus_ms(SERVER_LIFE_MS)))?;
        self.own_file("desk.pem", DESK_NAME, params, now)
    }

    /// Every authority that is believed, as a file for those who read files.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn authorities_file(&self) -> Result<PathBuf, AuthorityError> {
        let path = self.dir.join("authorities.pem");
        if fs::read_to_string(&path).ok().as_deref() != Some(&self.authorities()) {
            durable::write(&path, self.authorities().as_bytes()).map_err(file(&path))?;
        }
        Ok(path)
    }

    fn own_file(
        &self,
        name: &str,
        names: &str,
        params: CertificateParams,
        now: UtcMs,
    ) -> Result<PathBuf, AuthorityError> {
        let path = self.dir.join(name);
        let newest = self.believed.last().map_or(0, |(number, _)| *number);
        // Text outside of the blocks is for people (RFC 7468 §2), and for this line.
        let head = |made: i64| format!("Loa: {names}; authority {newest}; made {made}\n");
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let first = kept.lines().next().unwrap_or_default();
        let made = first.rsplit_once("made ").and_then(|(_, made)| made.parse::<i64>().ok());
        let is_good = |made: i64| {
            format!("{first}\n") == head(made) && (0..SERVER_LIFE_MS / 2).contains(&now.0.saturating_sub(made))
        };
        if made.is_some_and(is_good) {
            return Ok(path);
        }
        let key = KeyPair::generate().map_err(bad(&path))?;
        let signed = params.signed_by(&key, &self.issuer).map_err(bad(&path))?;
        let text = head(now.0) + &signed.pem() + &self.crosses + &key.serialize_pem();
        durable::write_private(&path, text.as_bytes()).map_err(file(&path))?;
        Ok(path)
    }
}

/// Makes the next authority, signed also by the newest one there is; it issues from now on. Gives its number.
///
/// # Errors
/// When a file cannot be read or written.
pub fn roll(dir: &Path, now: UtcMs) -> Result<u32, AuthorityError> {
    let before = Authority::open(dir, now)?;
    let newest = before.believed.last().map_or(0, |(number, _)| *number);
    make(dir, newest + 1, Some(&before.issuer), now)?;
    Ok(newest + 1)
}

/// Believes an authority no longer: its key was stolen, or nobody needs it any more.
///
/// # Errors
/// When it is the only one, or a file cannot be removed.
pub fn drop_authority(dir: &Path, number: u32) -> Result<bool, AuthorityError> {
    let known = numbers(dir)?;
    if known == [number] {
        return Err(AuthorityError::Last { number });
    }
    // The certificate first: without it the rest means nothing. A cross under this one is believed by nobody who
    // believes it no longer.
    for path in [certificate_path(dir, number), key_path(dir, number), cross_path(dir, number)] {
        durable::remove(&path).map_err(file(&path))?;
    }
    if let Some(next) = known.iter().find(|known| **known > number) {
        let path = cross_path(dir, *next);
        durable::remove(&path).map_err(file(&path))?;
    }
    Ok(known.contains(&number))
}

fn make(dir: &Path, number: u32, before: Option<&Issuer<'static, KeyPair>>, now: UtcMs) -> Result<(), AuthorityError> {
    let path = certificate_path(dir, number);
    let mark = u32::from_be_bytes(serial(&path)?[..4].try_into().unwrap_or_default());
    let mut params = plain(&format!("Loa {mark:08x} {number}"), (UtcMs(0), now.plus_ms(AUTHORITY_LIFE_MS)))?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().map_err(bad(&path))?;
    let alone = params.self_signed(&key).map_err(bad(&path))?;
    durable::write_private(&key_path(dir, number), key.serialize_pem().as_bytes()).map_err(file(&path))?;
    if let Some(before) = before {
        params.serial_number = Some(SerialNumber::from_slice(&serial(&path)?));
        let cross = params.signed_by(&key, before).map_err(bad(&path))?;
        let path = cross_path(dir, number);
        durable::write(&path, cross.pem().as_bytes()).map_err(file(&path))?;
    }
    // Last: an authority is there when its certificate is.
    durable::write(&path, alone.pem().as_bytes()).map_err(file(&path))
}

fn server(names: &[String], now: UtcMs) -> Result<CertificateParams, AuthorityError> {
    let mut params = plain("loa broker", (UtcMs(0), now.plus_ms(SERVER_LIFE_MS)))?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    for name in names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) if is_host(name) => SanType::DnsName(name.as_str().try_into().map_err(bad(Path::new(name)))?),
            Err(_) => return Err(AuthorityError::Name { name: name.clone() }),
        });
    }
    Ok(params)
}

/// Whether a text is a host's name (RFC 1123 §2.1).
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn client(name: &str, life: (UtcMs, UtcMs)) -> Result<CertificateParams, AuthorityError> {
    let mut params = plain(name, life)?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn plain(name: &str, (begins, ends): (UtcMs, UtcMs)) -> Result<CertificateParams, AuthorityError> {
    let path = Path::new(name);
    let mut params = CertificateParams::new(Vec::new()).map_err(bad(path))?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from_slice(&serial(path)?));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |moment: UtcMs| epoch + std::time::Duration::from_millis(u64::try_from(moment.0).unwrap_or(0));
    (params.not_before, params.not_after) = (at(begins), at(ends));
    Ok(params)
}

/// Sixteen random bytes, positive as a number (RFC 5280 §4.1.2.2).
fn serial(path: &Path) -> Result<[u8; 16], AuthorityError> {
    let random = keyfile::random().map_err(bad(path))?;
    let mut serial = [0; 16];
    serial.copy_from_slice(&random[..16]);
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

struct Ed25519([u8; 32]);

impl PublicKeyData for Ed25519 {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

fn certificate_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("authority-{number}.pem"))
}

fn key_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("authority-{number}.key"))
}

/// The certificate of this authority under the one before it.
fn cross_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("authority-{number}.cross.pem"))
}

fn numbers(dir: &Path) -> Result<Vec<u32>, AuthorityError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(file(dir))? {
        let name = entry.map_err(file(dir))?.file_name();
        let number: Option<u32> =
            name.to_str().and_then(|name| name.strip_prefix("authority-")?.strip_suffix(".pem")?.parse().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn read(path: &Path) -> Result<String, AuthorityError> {
    fs::read_to_string(path).map_err(file(path))
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> AuthorityError + '_ {
    move |source| AuthorityError::File { path: path.to_owned(), source }
}

fn bad<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> AuthorityError + '_ {
    move |why| AuthorityError::Bad { path: path.to_owned(), why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use loa_domain::keys::SecretKey;

    use super::*;

    const NOW: UtcMs = UtcMs(1_790_000_000_000);

    #[test]
    fn an_authority_is_made_once_and_only_its_owner_reads_its_key() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Authority::open(dir.path(), NOW).expect("made");
        let again = Authority::open(dir.path(), NOW).expect("read");
        assert_eq!((first.authorities(), first.numbers()), (again.authorities(), vec![1]));
        let mode = fs::metadata(key_path(dir.path(), 1)).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_brokers_certificate_stays_until_half_its_life_or_until_its_names_change() {
        let dir = tempfile::tempdir().expect("a folder");
        let authority = Authority::open(dir.path(), NOW).expect("made");
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let at = |names: &[String], now: UtcMs| {
            read(&authority.broker_file(names, now).expect("a certificate")).expect("a file")
        };
        let first = at(&names(&["localhost", "127.0.0.1"]), NOW);
        assert_eq!(at(&names(&["localhost", "127.0.0.1"]), NOW.plus_ms(180 * DAY_MS)), first);
        let renewed = at(&names(&["localhost", "127.0.0.1"]), NOW.plus_ms(190 * DAY_MS));
        assert_ne!(renewed, first);
        assert_ne!(at(&names(&["localhost"]), NOW.plus_ms(190 * DAY_MS)), renewed);
        assert!(authority.broker_file(&names(&["no name"]), NOW).is_err());
    }

    #[test]
    fn a_new_authority_issues_and_the_last_one_cannot_be_let_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let dir = dir.path();
        let old = Authority::open(dir, NOW).expect("made");
        let file = old.broker_file(&["localhost".to_owned()], NOW).expect("a certificate");
        let before = read(&file).expect("a file");
        assert_eq!(roll(dir, NOW).expect("rolled"), 2);
        let new = Authority::open(dir, NOW).expect("read");
        assert_eq!(new.numbers(), [1, 2]);
        assert!(new.authorities().starts_with(&old.authorities()));
        new.broker_file(&["localhost".to_owned()], NOW).expect("a certificate");
        assert_ne!(read(&file).expect("a file"), before, "the new one issues at once");
        let player = "loa-cho".parse().expect("an id");
        let key = SecretKey::from_seed(&[3; 32]).public();
        let issued = new.issue(&player, &key, &key, NOW).expect("issued");
        assert_eq!(issued.pem.matches("BEGIN CERTIFICATE").count(), 2, "with the cross");
        assert!(drop_authority(dir, 1).expect("dropped"));
        assert_eq!(Authority::open(dir, NOW).expect("read").numbers(), [2]);
        assert!(matches!(drop_authority(dir, 2), Err(AuthorityError::Last { number: 2 })));
    }
}
