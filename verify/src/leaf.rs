//! One entry on its own: what it says, and which signatures on it hold. Nothing here needs its neighbours.
//!
//! So it runs on all cores. A record's signatures are tried against the keys that they claim; whether such a key was the
//! player's at this place of the log is decided later, in order (`players.rs`). Next: `load.rs`.

use loa_domain::audit::checkpoint::Checkpoint;
use loa_domain::audit::entry::{Change, Entry};
use loa_domain::audit::merkle::Head;
use loa_domain::audit::note::Note;
use loa_domain::audit::policy::{Distrust, Policy};
use loa_domain::delivery::placing::Placing;
use loa_domain::delivery::release::Release;
use loa_domain::delivery::signed;
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::PublicKey;
use loa_domain::keys::{Purpose, Refusal, Role, Root, Sealed};
use loa_domain::proof::record::Record;
use loa_domain::time::UtcMs;
use loa_domain::timetable::order::Order;
use loa_domain::wire;

use crate::finding::{Place, SealFault, Unfit};

/// What entries are held against: the same for all of them.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'t> {
    /// Whose checkpoints count.
    pub policy: &'t Policy,
    /// Whose orders and releases count; none to leave them unlooked at.
    pub roots: &'t [Root],
}

/// A record, and the keys whose signatures on it hold.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What it says.
    pub record: Record,
    /// Its hash.
    pub hash: Hash,
    /// Keys whose signatures fit.
    pub signers: Vec<PublicKey>,
    /// Keys that signatures claim, whether they fit or not.
    pub claimed: Vec<PublicKey>,
    /// What is wrong where none fits.
    pub unfit: Unfit,
}

impl Signed {
    /// Its place in its chain.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { player: self.record.player.clone(), epoch: self.record.epoch, seq: self.record.seq }
    }
}

/// A checkpoint among the entries.
#[derive(Clone, Debug)]
pub struct Noted {
    /// Its tree.
    pub head: Head,
    /// When the first and the last of the witnesses signed; nothing where they are too few.
    pub witnessed: Option<(UtcMs, UtcMs)>,
}

/// What an entry says, as far as it is checked.
#[derive(Clone, Debug)]
pub enum Fact {
    /// The log begins, under this name.
    Opened(String),
    /// A record, and when it was taken in.
    Record(Box<Signed>, UtcMs),
    /// A record that cannot be read, and whose signature holds for no bytes.
    Unreadable,
    /// A player's key.
    Key(PlayerId, PublicKey),
    /// A release to a player.
    Release(PlayerId, u64, Option<SealFault>),
    /// An act, by its number.
    Act(u64),
    /// A line of a change: change, line, of how many; an order's name and fault.
    Change(u64, u64, u64, Option<(String, SealFault)>),
    /// Where a player stands, by its officers: the player and what is wrong with it.
    Placing(Option<(String, SealFault)>),
    /// A checkpoint.
    Noted(Result<Noted, Distrust>),
    /// No entry.
    Invalid,
}

impl Fact {
    /// What `entry` says.
    #[must_use]
    pub fn of(entry: &[u8], trust: Trust<'_>) -> Self {
        match wire::decode(entry) {
            Ok(Entry::Opened { origin, .. }) => Self::Opened(origin.to_owned()),
            Ok(Entry::Record { sealed, received }) => match signed(sealed) {
                Ok(record) => Self::Record(Box::new(record), received),
                Err(fact) => fact,
            },
            Ok(Entry::Key { player, key, .. }) => Self::Key(player, key),
            Ok(Entry::Release { player, seq, sealed, issued, expires, .. }) => {
                let fault = release_fault(sealed, &player, seq, (issued, expires), trust.roots);
                Self::Release(player, seq, fault)
            }
            Ok(Entry::Act { number, .. }) => Self::Act(number),
            Ok(Entry::Change { change, line, lines, what, .. }) => {
                Self::Change(change, line, lines, order_fault(&what, trust.roots))
            }
            Ok(Entry::Checkpoint { note }) => Self::Noted(noted(note, trust.policy)),
            Ok(Entry::Placing { sealed, .. }) => Self::Placing(placing_fault(sealed, trust.roots)),
            Err(_) => Self::Invalid,
        }
    }
}

/// Only who the record in an entry claims to be.
#[must_use]
pub fn claimed(entry: &[u8]) -> Option<(Place, Hash)> {
    let Ok(Entry::Record { sealed, .. }) = wire::decode(entry) else { return None };
    let sealed = Sealed::read(sealed).ok()?;
    let Record { player, epoch, seq, .. } = wire::decode(sealed.body).ok()?;
    Some((Place { player, epoch, seq }, sealed.hash()))
}

/// A sealed record, and whose signatures on it hold.
pub fn signed(bytes: &[u8]) -> Result<Signed, Fact> {
    let sealed = Sealed::read(bytes).map_err(|_| Fact::Invalid)?;
    let mut signers = Vec::new();
    let mut signed_nonsense = false;
    for signature in &sealed.signatures {
        match sealed.open::<Record>(Purpose::Record, &Role::of_one(signature.key)) {
            Ok(_) => signers.push(signature.key),
            Err(Refusal::Wire(_)) => signed_nonsense = true,
            Err(Refusal::Signatures { .. }) => {}
        }
    }
    let Ok(record) = wire::decode(sealed.body) else {
        return Err(if signed_nonsense { Fact::Invalid } else { Fact::Unreadable });
    };
    let unfit = if sealed.signatures.is_empty() { Unfit::None } else { Unfit::Wrong };
    let claimed = sealed.signatures.iter().map(|signature| signature.key).collect();
    Ok(Signed { record, hash: sealed.hash(), signers, claimed, unfit })
}

fn noted(text: &str, policy: &Policy) -> Result<Noted, Distrust> {
    let note = Note::read(text.as_bytes()).map_err(Distrust::Note)?;
    let checkpoint = Checkpoint::read(note.text()).map_err(Distrust::Checkpoint)?;
    by_log(&note, &checkpoint, policy)?;
    let signed = policy.witnessed(&note).map_err(Distrust::Note)?;
    let time = |at_s: u64| UtcMs::from_seconds(i64::try_from(at_s).unwrap_or(i64::MAX));
    let times = signed.iter().map(|(_, at_s)| *at_s);
    let spread = times.clone().min().zip(times.max()).filter(|_| policy.is_quorum(&signed));
    Ok(Noted { head: checkpoint.head, witnessed: spread.map(|(first, last)| (time(first), time(last))) })
}

/// Whether the log itself signed; witnesses are not asked.
pub fn by_log(note: &Note<'_>, checkpoint: &Checkpoint<'_>, policy: &Policy) -> Result<(), Distrust> {
    for log in policy.logs().iter().filter(|log| log.key.name() == checkpoint.origin) {
        if note.signed_by(&log.key).map_err(Distrust::Note)?.is_some() {
            return Ok(());
        }
    }
    Err(Distrust::UnknownLog)
}

fn order_fault(what: &Change<'_>, roots: &[Root]) -> Option<(String, SealFault)> {
    let Change::Order { sealed, id, campaign, programme, made } = what else { return None };
    let fault = |fault| Some(((*id).to_owned(), fault));
    let Ok(read) = Sealed::read(sealed) else { return fault(SealFault::Malformed) };
    let Ok(order) = Order::read(read.body) else { return fault(SealFault::Malformed) };
    let same = order.id.as_str() == *id
        && order.campaign.as_str() == *campaign
        && order.programme.as_str() == *programme
        && order.made == *made;
    if !same {
        return fault(SealFault::SaysOther);
    }
    if roots.is_empty() || roots.iter().any(|root| signed::counts(&read, root)) {
        None
    } else {
        fault(SealFault::Officers)
    }
}

fn placing_fault(sealed: &[u8], roots: &[Root]) -> Option<(String, SealFault)> {
    let Ok(read) = Sealed::read(sealed) else { return Some((String::new(), SealFault::Malformed)) };
    let Ok(placing) = wire::decode::<Placing>(read.body) else { return Some((String::new(), SealFault::Malformed)) };
    let placed = |root: &Root| root.authorises(&read, Purpose::Placing, false).is_ok();
    let is_placed = roots.is_empty() || roots.iter().any(placed);
    (!is_placed).then(|| (placing.placement.player.to_string(), SealFault::Officers))
}

fn release_fault(
    sealed: &[u8],
    player: &PlayerId,
    seq: u64,
    (issued, expires): (UtcMs, UtcMs),
    roots: &[Root],
) -> Option<SealFault> {
    let Ok(read) = Sealed::read(sealed) else { return Some(SealFault::Malformed) };
    let Ok(release) = wire::decode::<Release>(read.body) else { return Some(SealFault::Malformed) };
    let same = release.seq == seq && release.issued == issued && release.expires == expires;
    if !same || release.placement.player != *player {
        return Some(SealFault::SaysOther);
    }
    let opens = |root: &Root| read.open::<Release>(Purpose::Release, &root.desk).is_ok();
    (!roots.is_empty() && !roots.iter().any(opens)).then_some(SealFault::Desk)
}
