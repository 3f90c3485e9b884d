//! Which release each player should have: the orders in force that are meant for it, bundled and signed.
//!
//! Pure: entries and orders in, signed bytes out. A new release is made when what it says would differ from the last
//! one, or when more than half of the last one's life is over. It stores and sends nothing. Next: `dispatch.rs`.

use std::collections::HashSet;

use loa_domain::delivery::blob::BlobRef;
use loa_domain::delivery::intake::bundle_of;
use loa_domain::delivery::office::Office;
use loa_domain::delivery::release::Release;
use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Sealed, SecretKey};
use loa_domain::limits;
use loa_domain::time::UtcMs;
use loa_domain::timetable::activation::{Activation, Is};
use loa_domain::timetable::audience::Placement;
use loa_domain::timetable::order::Order;
use loa_domain::wire::{self, List, Text};

use crate::store::SealedPlacing;
use crate::timetable::compile::PlayerEntry;
use crate::timetable::zone;

/// A signed order as the desk holds it.
#[derive(Clone, Debug)]
pub struct SignedOrder {
    /// What it is known by.
    pub hash: Hash,
    /// The order.
    pub order: Order,
    /// Its bytes with signatures.
    pub sealed: Vec<u8>,
    /// The offices through which it was signed, where officers did not sign themselves: they bound where it is aired, and
    /// until when.
    pub offices: Vec<Office>,
}

impl SignedOrder {
    /// Reads a sealed order. Whose signatures count is asked where it is applied, and on each player.
    #[must_use]
    pub fn read(sealed: Vec<u8>) -> Option<Self> {
        let read = Sealed::read(&sealed).ok()?;
        let (hash, order) = (read.hash(), Order::read(read.body).ok()?);
        let template = match Is::of(read.body)? {
            Is::Activation(_) => Some(wire::decode::<Activation<'_>>(read.body).ok()?.template),
            Is::Order(_) => None,
        };
        let template = template.map(Sealed::read).transpose().ok()?;
        let made = [read.office, template.and_then(|template| template.office)];
        let office = |made: &[u8]| wire::decode(Sealed::read(made).ok()?.body).ok();
        let offices = made.into_iter().flatten().map(office).collect::<Option<Vec<Office>>>()?;
        Some(Self { hash, order, sealed, offices })
    }

    /// Whether it may be aired on a player that stands here, at `now`.
    fn is_for(&self, placement: &Placement, now: UtcMs) -> bool {
        let lasts = |office: &Office| office.covers(placement) && office.expires > now.plus_ms(OFFICE_LEAST_MS);
        self.order.audience.includes(placement) && self.offices.iter().all(lasts)
    }
}

/// An office that ends within so many milliseconds airs nothing more: releases would follow one another ever faster.
const OFFICE_LEAST_MS: i64 = 3_600_000;

/// A release ready to go.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The release.
    pub release: Release,
    /// Its bytes with the desk's signature.
    pub sealed: Vec<u8>,
    /// The bundle: its player's placing and its orders.
    pub bundle: Vec<u8>,
    /// What tells two releases apart, number and dates left out.
    pub digest: Hash,
}

/// Why a player can get no release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// More orders than a player holds.
    #[error("{count} orders are for this player, it can hold {most}; name its place in fewer orders")]
    TooManyOrders {
        /// How many there are.
        count: usize,
        /// How many it holds.
        most: usize,
    },
    /// The zone of its place cannot be used.
    #[error("{0}")]
    Zone(String),
}

/// The orders that are meant for a player that stands here.
pub fn mine<'o>(
    placement: &Placement,
    orders: &'o [SignedOrder],
    now: UtcMs,
) -> impl Iterator<Item = &'o SignedOrder> + Clone {
    orders.iter().filter(move |held| held.is_for(placement, now))
}

/// What a release goes on from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before<'a> {
    /// The last one, with its digest.
    pub last: Option<(&'a Release, Hash)>,
    /// The highest number that the player knows: after a restored backup it may know more than the desk.
    pub floor: u64,
}

/// The release for a player at `now`, without the orders that come `later`, or `None` if the last one is still right.
///
/// # Errors
/// When no release can say what the timetable asks for.
pub fn compose(
    (player, placed): (&PlayerEntry, &SealedPlacing),
    (orders, later): (&[SignedOrder], &HashSet<Hash>),
    Before { last, floor }: Before<'_>,
    now: UtcMs,
    life_ms: i64,
    desk: &SecretKey,
) -> Result<Option<Composed>, ComposeError> {
    // Where officers say it stands, whatever the timetable says by now.
    let placement = &placed.placing.placement;
    let mut mine: Vec<&SignedOrder> = mine(placement, orders, now).filter(|held| !later.contains(&held.hash)).collect();
    // Ties on the air are broken by this order: by name, so that a person can foresee it.
    mine.sort_by(|a, b| (&a.order.id, a.hash).cmp(&(&b.order.id, b.hash)));
    let sealed = mine.iter().map(|held| held.sealed.as_slice());
    let bundle = bundle_of(&std::iter::once(placed.sealed.as_slice()).chain(sealed).collect::<Vec<_>>());
    let too_many = |_| ComposeError::TooManyOrders { count: mine.len(), most: limits::ORDERS };
    let hashes = List::collect(mine.iter().map(|held| held.hash)).map_err(too_many)?;
    let gone = last.iter().flat_map(|(last, _)| last.orders.iter().copied());
    let revoked = List::collect(gone.filter(|hash| !hashes.contains(hash) && !orders.iter().any(|o| o.hash == *hash)));
    let ends = mine.iter().flat_map(|held| &held.offices).map(|office| office.expires);
    let expires = ends.fold(now.plus_ms(life_ms), UtcMs::min);
    let day_ms = 86_400_000;
    let offsets = zone::offsets(&player.zone, now.plus_ms(-2 * day_ms), expires.plus_ms(2 * day_ms));
    let mut release = Release {
        seq: 0,
        issued: UtcMs(0),
        expires: UtcMs(0),
        placement: placement.clone(),
        offsets: offsets.map_err(|why| ComposeError::Zone(why.to_string()))?,
        quiet: player.quiet.clone(),
        volume: player.volume,
        bundle: Some(BlobRef { hash: Hash::of(&bundle), size: bundle.len() as u32 }),
        orders: hashes,
        revoked: List::new(),
        place_name: Some(Text::cut(&player.place_name)).filter(|name| !name.is_empty()),
        board: player.board.as_ref().map(|board| board.class.clone()),
    };
    let digest = Hash::of(&wire::encode(&release));
    if let Some((last, same)) = last {
        let (left_ms, lasted_ms) = (last.expires.since_ms(now), last.expires.since_ms(last.issued));
        if same == digest && left_ms * 2 > lasted_ms.min(life_ms) && last.seq >= floor {
            return Ok(None);
        }
    }
    release.revoked = revoked.unwrap_or_default();
    release.seq = last.map_or(0, |(last, _)| last.seq).max(floor) + 1;
    // A second release within one millisecond must still be the later one.
    release.issued = last.map_or(now, |(last, _)| now.max(last.issued.plus_ms(1)));
    release.expires = expires;
    let sealed = keys::seal(&wire::encode(&release), Purpose::Release, &[desk]);
    Ok(Some(Composed { release, sealed, bundle, digest }))
}
