//! Stage 2 at the desk: any player's cues for any window, from the orders in force or from files not yet applied.
//!
//! The rule is `domain/src/plan`; this finds the player, its zone and its orders. How a plan is printed is `cli/plan.rs`.

use std::path::Path;

use loa_domain::delivery::blob::BlobRef;
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::Sealed;
use loa_domain::plan::air::Hours;
use loa_domain::plan::build::{self, Cue, InForce};
use loa_domain::time::{Offsets, UtcMs};
use loa_domain::timetable::order::Order;
use loa_domain::wire;

use crate::store::{Store, StoreError};
use crate::timetable::compile::{self, CompileError, Content, Contents, PlayerEntry};
use crate::timetable::model::{Clip, Shows, Slide, Timetable};
use crate::timetable::{kept, zone};

/// A plan: cues, and what is needed to read them.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The player.
    pub player: PlayerEntry,
    /// Its zone in the window.
    pub offsets: Offsets,
    /// The orders that concern it.
    pub orders: Vec<InForce>,
    /// The cues; `order` is an index into `orders`.
    pub cues: Vec<Cue>,
}

/// A plan that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such player.
    #[error("no player is called {name}")]
    NoPlayer {
        /// The name asked for.
        name: String,
        /// The players there are.
        known: Vec<String>,
    },
    /// The window cannot be worked out in the player's zone.
    #[error("{0}")]
    Zone(String),
}

/// The orders in force in a store.
///
/// # Errors
/// When the store cannot be read.
pub async fn orders_in_force(store: &Store) -> Result<Vec<InForce>, StoreError> {
    let held = store.orders_in_force().await?;
    let mut orders: Vec<InForce> = held
        .into_iter()
        .filter_map(|held| {
            let sealed = Sealed::read(&held.order.sealed).ok()?;
            Some(InForce { hash: held.order.hash, order: Order::read(sealed.body).ok()? })
        })
        .collect();
    sort(&mut orders);
    Ok(orders)
}

/// As in a release: ties on the air go by name.
fn sort(orders: &mut [InForce]) {
    orders.sort_by(|a, b| (&a.order.id, a.hash).cmp(&(&b.order.id, b.hash)));
}

/// Something whose file alone says how long it is.
#[derive(Clone, Copy, Debug)]
pub enum Unmeasured<'t> {
    /// A clip.
    Clip(&'t Clip),
    /// A slide that is a video, and the video's file.
    Video(&'t Slide, &'t Path),
}

/// The orders of a timetable that was not applied: unsigned, each known by the hash of its bytes. `length_ms` says how
/// long something plays of which the timetable does not.
///
/// # Errors
/// What `length_ms` says, or what players could not take.
pub fn drafts<E: From<CompileError>>(
    timetable: &Timetable,
    made: UtcMs,
    length_ms: &mut dyn FnMut(Unmeasured<'_>) -> Result<u32, E>,
) -> Result<Vec<InForce>, E> {
    let unknown = |name: &str| BlobRef { hash: Hash::of(name.as_bytes()), size: 1 };
    let mut contents = Contents::new();
    for clip in &timetable.clips {
        let name = format!("clip:{}", clip.id);
        contents.insert(name.clone(), Content { blob: unknown(&name), length_ms: length_ms(Unmeasured::Clip(clip))? });
    }
    for slide in &timetable.slides {
        let name = format!("slide:{}", slide.id);
        let length_ms = match (&slide.shows, slide.seconds) {
            (Some(Shows::Video(file)), None) => length_ms(Unmeasured::Video(slide, file))?,
            (_, seconds) => seconds.unwrap_or_default() * 1000,
        };
        contents.insert(name.clone(), Content { blob: unknown(&name), length_ms });
    }
    let orders = compile::orders(timetable, &contents, made)?;
    let in_force = |order| InForce { hash: Hash::of(&wire::encode(&order)), order };
    let mut orders: Vec<InForce> = orders.into_iter().map(in_force).collect();
    sort(&mut orders);
    Ok(orders)
}

/// The plan of a player as the store has it.
///
/// # Errors
/// See [`PlanError`].
pub async fn of_player(store: &Store, player: &str, from: UtcMs, until: UtcMs) -> Result<Plan, PlanError> {
    let (players, _) = kept::players(store).await?;
    let orders = orders_in_force(store).await?;
    let known = || players.iter().map(|entry| entry.placement.player.to_string()).collect();
    let id: Option<PlayerId> = player.parse().ok();
    let entry = players.iter().find(|entry| Some(&entry.placement.player) == id.as_ref());
    let entry = entry.ok_or_else(|| PlanError::NoPlayer { name: player.to_owned(), known: known() })?;
    work_out(entry, &orders, from, until)
}

/// The plan of a player under given orders.
///
/// # Errors
/// When the window cannot be worked out in its zone.
pub fn work_out(player: &PlayerEntry, orders: &[InForce], from: UtcMs, until: UtcMs) -> Result<Plan, PlanError> {
    let day_ms = 86_400_000;
    let offsets = zone::offsets(&player.zone, from.plus_ms(-3 * day_ms), until.plus_ms(2 * day_ms));
    let offsets = offsets.map_err(|error| PlanError::Zone(error.to_string()))?;
    let mine = orders.iter().filter(|held| held.order.audience.includes(&player.placement));
    let mine: Vec<InForce> = mine.cloned().collect();
    let hours = Hours { quiet: &player.quiet, offsets: &offsets };
    let cues = build::cues(&mine, &player.placement, hours, from, until);
    Ok(Plan { player: player.clone(), offsets, orders: mine, cues })
}
