//! What a board is given when it is set up: who it is, its key, whom it trusts, where the broker is.
//!
//! One page at the beginning of the flash, written by `loa-board-page` and by nothing on the board. Its own hash tells a
//! page from a worn or half-written one; whether the root document is one is checked as on Linux. Next: `flash.rs`.

use core::fmt;
use core::net::Ipv4Addr;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{Purpose, Refusal, Root, Sealed, SecretKey};
use loa_domain::time::QuietHours;
use loa_domain::wire::{self, Decode, Encode, WireError};

use crate::flash::{Flash, PAGE};
use crate::link::Secret;

/// How a page begins.
const MARK: &[u8; 8] = b"loapage1";
/// Bytes before what it says: the mark, a length, a hash.
pub const HEAD_BYTES: usize = 8 + 4 + 32;

/// An address in the network and a port. Names are not looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Address {
    /// The four bytes of an IPv4 address.
    #[n(0)]
    pub ip: u32,
    /// The port.
    #[n(1)]
    pub port: u16,
}

impl Address {
    /// The address of a port.
    #[must_use]
    pub fn new(ip: Ipv4Addr, port: u16) -> Self {
        Self { ip: ip.to_bits(), port }
    }

    /// The address alone.
    #[must_use]
    pub fn ip(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.ip)
    }
}

/// What a page says.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Page<'b> {
    /// The player.
    #[n(0)]
    pub player: PlayerId,
    /// The seed of its key, 32 random bytes.
    #[n(1)]
    pub seed: [u8; 32],
    /// The broker.
    #[n(2)]
    pub broker: Address,
    /// User name and password at the broker.
    #[n(3)]
    pub user: Option<Secret>,
    /// The password.
    #[n(4)]
    pub password: Option<Secret>,
    /// A time server, besides the desk.
    #[n(5)]
    pub time: Option<Address>,
    /// Quiet hours of its own, besides those of its place.
    #[n(6)]
    pub quiet: QuietHours,
    /// The sealed root document.
    #[b(7)]
    pub root: &'b [u8],
}

/// Why there is no page to go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPage {
    /// Nothing was ever written: the board is new.
    Empty,
    /// The flash does not hold what was written, or the page is longer than this board reads.
    Damaged,
    /// The root document is none that its own keys signed, or is longer than this board holds.
    Root(Refusal),
}

impl NoPage {
    /// The same in words, for boards that have no room for `core::fmt`.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Empty => "the board was not set up",
            Self::Damaged => "what the board was given is damaged or too long",
            Self::Root(Refusal::Wire(_)) => "the root document cannot be read",
            Self::Root(Refusal::Signatures { .. }) => "the root document is not signed by its own keys",
        }
    }
}

impl fmt::Display for NoPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for NoPage {}

/// Who the board is and whom it trusts.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its id.
    pub player: PlayerId,
    /// Its key.
    pub key: SecretKey,
    /// The root document.
    pub root: Root,
    /// The broker.
    pub broker: Address,
    /// User name at the broker.
    pub user: Option<Secret>,
    /// Password at the broker.
    pub password: Option<Secret>,
    /// A time server.
    pub time: Option<Address>,
    /// Quiet hours of its own.
    pub quiet: QuietHours,
}

impl<'b> Page<'b> {
    /// Writes the page as it lies in the flash; gives its length in bytes.
    pub fn write(&self, into: &mut [u8]) -> Result<usize, WireError> {
        let (head, body) = into.split_at_mut_checked(HEAD_BYTES).ok_or(WireError::TooLong)?;
        let length = wire::encode_into(self, body)?;
        head[..8].copy_from_slice(MARK);
        head[8..12].copy_from_slice(&(length as u32).to_be_bytes());
        head[12..].copy_from_slice(&Hash::of(&body[..length]).0);
        Ok(HEAD_BYTES + length)
    }

    /// Whether its root document is one that its own keys signed.
    // Never part of its callers: what a signature takes of a small stack must be gone when the board is made.
    #[inline(never)]
    pub fn check(self) -> Result<Checked<'b>, NoPage> {
        check_root(self.root, &mut Root::blank())?;
        Ok(Checked(self))
    }
}

/// Reads a sealed root document that its own keys signed. After an error it means nothing.
#[inline(never)]
pub fn check_root(sealed: &[u8], root: &mut Root) -> Result<(), NoPage> {
    let sealed = Sealed::read(sealed).map_err(NoPage::Root)?;
    wire::decode_into(sealed.body, root).map_err(|error| NoPage::Root(error.into()))?;
    sealed.check(Purpose::Root, &root.root).map_err(NoPage::Root)
}

/// A page whose root document was verified.
#[derive(Debug)]
pub struct Checked<'b>(Page<'b>);

impl Checked<'_> {
    /// What it gives a board.
    #[inline(never)]
    pub fn open(&self) -> Result<Given, NoPage> {
        let Self(page) = self;
        let sealed = Sealed::read(page.root).map_err(NoPage::Root)?;
        let mut given = Given {
            player: page.player.clone(),
            key: SecretKey::from_seed(&page.seed),
            root: Root::blank(),
            broker: page.broker,
            user: page.user.clone(),
            password: page.password.clone(),
            time: page.time,
            quiet: page.quiet.clone(),
        };
        wire::decode_into(sealed.body, &mut given.root).map_err(|error| NoPage::Root(error.into()))?;
        Ok(given)
    }
}

/// What the page in the flash gives a board; `room` is for reading it.
///
/// # Errors
/// When the board was not set up.
pub fn load<F: Flash>(flash: &mut F, room: &mut [u8]) -> Result<Given, NoPage> {
    read(flash, room)?.check()?.open()
}

/// The page in the flash, read into `room`.
#[inline(never)]
pub fn read<'b, F: Flash>(flash: &mut F, room: &'b mut [u8]) -> Result<Page<'b>, NoPage> {
    let mut head = [0; HEAD_BYTES];
    flash.get(PAGE.start, &mut head).map_err(|_| NoPage::Damaged)?;
    if head == [0xff; HEAD_BYTES] {
        return Err(NoPage::Empty);
    }
    let length = head[8..].first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    let fits = (length as usize) <= room.len() && length <= PAGE.end - PAGE.start - HEAD_BYTES as u32;
    let body = room.get_mut(..length as usize).filter(|_| fits).ok_or(NoPage::Damaged)?;
    flash.get(PAGE.start + HEAD_BYTES as u32, body).map_err(|_| NoPage::Damaged)?;
    if head[..8] != *MARK || Hash::of(body).0 != head[12..] {
        return Err(NoPage::Damaged);
    }
    wire::decode(body).map_err(|_| NoPage::Damaged)
}

#[cfg(test)]
#[allow(missing_docs, reason = "other tests set boards up with it")]
pub mod tests {
    use std::vec;
    use std::vec::Vec;

    use loa_domain::audit::note::{Algorithm, NoteKey};
    use loa_domain::keys::{Quorum, Role};
    use loa_domain::time::UtcMs;
    use loa_domain::wire::{List, Text};

    use super::*;
    use crate::flash::ram::Ram;

    fn quorum() -> Quorum {
        let log = SecretKey::from_seed(&[3; 32]).public();
        Quorum::of_log(&NoteKey::new("xa.vn/log", Algorithm::Ed25519, log).expect("a good name"))
    }

    /// A root document of one officer and one desk, whose seeds are 1 and 2, sealed.
    pub fn root() -> Vec<u8> {
        let (officer, desk) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let role = Role::of_one(officer.public());
        let (version, expires) = (1, UtcMs(i64::MAX));
        let desk = Role::of_one(desk.public());
        let root = Root {
            version,
            expires,
            root: role.clone(),
            officers: role,
            desk,
            log: Some(quorum()),
            offices_from: None,
        };
        let mut body = [0; 4096];
        let length = wire::encode_into(&root, &mut body).expect("fits");
        let body = &body[..length];
        let mut sealed = vec![0; 5000];
        let signatures = List::collect([officer.sign(Purpose::Root, body)]).expect("one");
        let length = wire::encode_into(&Sealed { body, signatures, office: None }, &mut sealed).expect("fits");
        sealed.truncate(length);
        sealed
    }

    /// What a board with that root document is given.
    pub fn given(root: &[u8]) -> Given {
        page(root).check().expect("a root").open().expect("a root")
    }

    fn page(root: &[u8]) -> Page<'_> {
        Page {
            player: "bang-cho".parse().expect("a good id"),
            seed: [9; 32],
            broker: Address::new(Ipv4Addr::new(10, 0, 2, 2), 1883),
            user: Text::new("bang"),
            password: Text::new("mat-khau"),
            time: None,
            quiet: QuietHours::NONE,
            root,
        }
    }

    fn flashed(bytes: &[u8]) -> Ram {
        let mut flash = Ram::default();
        flash.put(0, bytes).expect("written");
        flash
    }

    #[test]
    fn a_board_reads_what_was_written_for_it() {
        let root = root();
        let mut bytes = [0; 4096];
        let length = page(&root).write(&mut bytes).expect("fits");
        let mut room = [0; 4096];
        let mut flash = flashed(&bytes[..length]);
        let read = read(&mut flash, &mut room).expect("a page");
        let given = read.check().expect("a root").open().expect("a root");
        assert_eq!(
            (given.player.as_str(), given.broker.ip(), given.broker.port),
            ("bang-cho", [10, 0, 2, 2].into(), 1883)
        );
        assert_eq!(given.root.log, Some(quorum()));
        assert_eq!(given.key.public(), SecretKey::from_seed(&[9; 32]).public());
    }

    #[test]
    fn a_new_board_a_damaged_page_and_a_strange_root_are_told_apart() {
        let mut room = [0; 4096];
        assert_eq!(read(&mut Ram::default(), &mut room).err(), Some(NoPage::Empty));
        let root = root();
        let mut bytes = [0; 4096];
        let length = page(&root).write(&mut bytes).expect("fits");
        for bit in (0..length * 8).step_by(7) {
            let mut bent = bytes;
            bent[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&mut flashed(&bent[..length]), &mut room).err(), Some(NoPage::Damaged), "bit {bit}");
        }
        assert_eq!(read(&mut flashed(&bytes[..length]), &mut room[..50]).err(), Some(NoPage::Damaged), "no room");
        let mut other = root.clone();
        let last = other.len() - 1;
        other[last] ^= 1;
        assert!(matches!(page(&other).check(), Err(NoPage::Root(_))));
    }
}
