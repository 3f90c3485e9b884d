//! A timetable that was read, made into what players understand: orders, placements, quiet hours, zones.
//!
//! Cron texts become bit sets, local moments instants, names hashes. It reads no file and signs nothing: the content
//! of clips and slides is handed in by name, and who signs is the caller's. Kinds of boards stand in `compile/board.rs`.
//! Next: `plan.rs`.

mod board;

use std::collections::HashMap;

use loa_domain::delivery::blob::BlobRef;
use loa_domain::id::{Name, PlaceKey, PlayerId};
use loa_domain::keys::PublicKey;
use loa_domain::time::{LocalDate, LocalTime, Mapping, MinuteRange, Offsets, QuietHours, UtcMs};
use loa_domain::timetable::Timing;
use loa_domain::timetable::audience::{Audience, Kind, Placement};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::wire::{List, Text};

use crate::timetable::date;
use crate::timetable::model::{self, Timetable};
use crate::timetable::{cron, zone};
pub use board::{Board, counted_to, look};

/// How late an order may still start from its beginning, in milliseconds, when it does not say.
const LATE_LIMIT_MS: u32 = 15 * 60 * 1000;

/// What a clip or slide of a timetable is on the shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Hash and size.
    pub blob: BlobRef,
    /// How long it plays, in milliseconds.
    pub length_ms: u32,
}

/// Contents by `clip:<id>` and `slide:<id>`.
pub type Contents = HashMap<String, Content>;

/// Something of an order or player that players cannot take, though the file is right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The text of a cron line is refused.
    #[error("order {order}: cron line {text:?}: {why}")]
    Cron {
        /// The order.
        order: String,
        /// The line.
        text: String,
        /// Why.
        why: String,
    },
    /// A bound of `domain/src/limits.rs` is passed.
    #[error("{subject}: more {what} than a player can hold (at most {most})")]
    TooMany {
        /// Which order, player or place.
        subject: String,
        /// Of what.
        what: &'static str,
        /// The bound.
        most: usize,
    },
    /// A name is longer than it may be.
    #[error("{subject}: {text:?} is longer than the {most} bytes a player can hold")]
    TooLong {
        /// Which order, player or place.
        subject: String,
        /// The text.
        text: String,
        /// The bound.
        most: usize,
    },
    /// A zone is not known.
    #[error("{subject}: {why}")]
    Zone {
        /// Which place.
        subject: String,
        /// Why.
        why: String,
    },
    /// A kind of board is not known, or there can be none like it.
    #[error("{subject}: there is no board {board}")]
    NoSuchBoard {
        /// Which player or board.
        subject: String,
        /// Its class or size.
        board: String,
    },
    /// A clip or slide is not on the shelf.
    #[error("order {order}: {item} is not on the shelf yet; add it first")]
    NoContent {
        /// The order.
        order: String,
        /// Which.
        item: String,
    },
    /// A programme lasts longer than it may.
    #[error("order {order}: its programme lasts {length_ms} ms, a programme may last {most_ms} ms")]
    TooLongProgramme {
        /// The order.
        order: String,
        /// How long it lasts.
        length_ms: u64,
        /// How long it may.
        most_ms: u32,
    },
}

/// A player as the desk knows it from the timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerEntry {
    /// Where it stands and what it is.
    pub placement: Placement,
    /// Its name for people.
    pub name: String,
    /// The name of its place for people.
    pub place_name: String,
    /// The IANA zone of its place.
    pub zone: String,
    /// Its place's quiet hours and its own.
    pub quiet: QuietHours,
    /// Volume in percent.
    pub volume: u8,
    /// Its key, where the timetable says it.
    pub key: Option<PublicKey>,
    /// What kind of board it is; none for loudspeakers.
    pub board: Option<Board>,
}

fn bounded<T, const N: usize>(
    values: impl IntoIterator<Item = Result<T, CompileError>>,
    subject: &str,
    what: &'static str,
) -> Result<List<T, N>, CompileError> {
    let mut list = List::new();
    for value in values {
        list.push(value?).map_err(|_| CompileError::TooMany { subject: subject.into(), what, most: N })?;
    }
    Ok(list)
}

fn text<const N: usize>(text: &str, subject: &str) -> Result<Text<N>, CompileError> {
    Text::new(text).ok_or_else(|| CompileError::TooLong { subject: subject.into(), text: text.into(), most: N })
}

fn local_date(date: date::Date) -> LocalDate {
    // The reader lets only days of the calendar through.
    LocalDate::new(i32::from(date.year()), u32::from(date.month()), u32::from(date.day())).unwrap_or(LocalDate(0))
}

fn place_key(key: &model::PlaceKey, subject: &str) -> Result<PlaceKey, CompileError> {
    Ok(PlaceKey { code: text(&key.code, subject)?, valid_from: local_date(key.valid_from) })
}

fn kind(kind: model::Kind) -> Kind {
    match kind {
        model::Kind::Speaker => Kind::Speaker,
        model::Kind::Board => Kind::Board,
    }
}

/// A place and those above it, own place first.
fn lineage<'t>(timetable: &'t Timetable, key: &model::PlaceKey) -> Vec<&'t model::Place> {
    let find = |key: &model::PlaceKey| timetable.places.iter().find(|place| place.key == *key);
    // The reader refuses circles; the bound keeps a mistake from hanging.
    std::iter::successors(find(key), |place| place.parent.as_ref().and_then(find)).take(64).collect()
}

/// A span of quiet hours as players hold it: 24:00 is their minute 0, and a whole day is two halves.
fn quiet_ranges(hours: &date::QuietHours) -> impl Iterator<Item = MinuteRange> + use<> {
    let (from_minute, to_minute) = (hours.from_minute, hours.until_minute % 1440);
    let noon = (from_minute + 720) % 1440;
    let halves = [MinuteRange { from_minute, to_minute: noon }, MinuteRange { from_minute: noon, to_minute }];
    let whole = [MinuteRange { from_minute, to_minute }; 2];
    let all_day = from_minute == to_minute;
    (if all_day { halves } else { whole }).into_iter().take(if all_day { 2 } else { 1 })
}

/// The players of a timetable.
///
/// # Errors
/// The first that a player cannot take.
pub fn players(timetable: &Timetable) -> Result<Vec<PlayerEntry>, CompileError> {
    timetable.players.iter().map(|entry| player(timetable, entry)).collect()
}

/// One player of a timetable.
///
/// # Errors
/// What it says that a player cannot take.
pub fn player(timetable: &Timetable, entry: &model::Player) -> Result<PlayerEntry, CompileError> {
    let subject = format!("player {}", entry.id);
    let id: PlayerId = entry.id.parse().map_err(|_| CompileError::TooLong {
        subject: subject.clone(),
        text: entry.id.clone(),
        most: loa_domain::limits::PLAYER_ID_BYTES,
    })?;
    let above = lineage(timetable, &entry.place);
    let zone = above.iter().find_map(|place| place.zone.clone());
    let zone =
        zone.ok_or_else(|| CompileError::Zone { subject: subject.clone(), why: "its place has no zone".into() })?;
    let quiet = above.iter().find_map(|place| place.quiet.as_ref()).into_iter().flatten().chain(&entry.quiet);
    let quiet = QuietHours::new(quiet.flat_map(quiet_ranges)).map_err(|_| CompileError::TooMany {
        subject: subject.clone(),
        what: "quiet hours",
        most: loa_domain::time::MAX_QUIET_RANGES,
    })?;
    let placement = Placement {
        player: id,
        kind: kind(entry.kind),
        places: bounded(above.iter().map(|place| place_key(&place.key, &subject)), &subject, "places above it")?,
        tags: bounded(entry.tags.iter().map(|tag| text(tag, &subject)), &subject, "tags")?,
        languages: bounded(entry.languages.iter().map(|tag| text(tag, &subject)), &subject, "languages")?,
    };
    let key = entry.key.as_deref().and_then(public_key);
    let place_name = above.first().map(|place| place.name.clone()).unwrap_or_default();
    let (name, volume) = (entry.name.clone(), entry.volume.unwrap_or(100));
    let board = board::of_player(timetable, entry)?;
    Ok(PlayerEntry { placement, name, place_name, zone, quiet, volume, key, board })
}

/// A key written `ed25519:` and 32 bytes in Base64 (the reader has checked the form).
fn public_key(text: &str) -> Option<PublicKey> {
    let bytes = data_encoding::BASE64.decode(text.strip_prefix("ed25519:")?.as_bytes()).ok()?;
    bytes.try_into().ok().map(PublicKey)
}

/// The orders of a timetable, each made at `made`.
///
/// # Errors
/// The first that players cannot take.
pub fn orders(timetable: &Timetable, contents: &Contents, made: UtcMs) -> Result<Vec<Order>, CompileError> {
    timetable.orders.iter().map(|entry| order(timetable, entry, contents, made)).collect()
}

fn order(timetable: &Timetable, entry: &model::Order, contents: &Contents, made: UtcMs) -> Result<Order, CompileError> {
    let subject = format!("order {}", entry.id);
    let programme = timetable.programmes.iter().find(|programme| programme.id == entry.programme);
    let items = programme.map(|programme| programme.items.as_slice()).unwrap_or_default();
    let items = bounded(items.iter().map(|item| compiled_item(item, entry, contents)), &subject, "items")?;
    let order = Order {
        form: Form::Live,
        id: text(&entry.id, &subject)?,
        campaign: text(entry.campaign.as_deref().unwrap_or_default(), &subject)?,
        programme: text(&entry.programme, &subject)?,
        made,
        audience: audience(&entry.to, &subject)?,
        timing: timing(timetable, entry, &subject)?,
        manner: manner(entry),
        items,
    };
    for kind in [Kind::Speaker, Kind::Board] {
        let length_ms: u64 = order.items_for(kind).map(|item| u64::from(item.length_ms)).sum();
        if length_ms > u64::from(loa_domain::limits::PROGRAMME_MS) {
            let most_ms = loa_domain::limits::PROGRAMME_MS;
            return Err(CompileError::TooLongProgramme { order: entry.id.clone(), length_ms, most_ms });
        }
    }
    Ok(order)
}

fn compiled_item(item: &model::Item, entry: &model::Order, contents: &Contents) -> Result<Item, CompileError> {
    let (kind, name) = match item {
        model::Item::Clip(id) => (Kind::Speaker, format!("clip:{id}")),
        model::Item::Slide(id) => (Kind::Board, format!("slide:{id}")),
    };
    match contents.get(&name) {
        Some(Content { blob, length_ms }) => {
            Ok(Item { kind, content: blob.hash, size: blob.size, length_ms: *length_ms })
        }
        None => Err(CompileError::NoContent { order: entry.id.clone(), item: name }),
    }
}

fn manner(entry: &model::Order) -> Manner {
    let ms = |seconds: u32| seconds.saturating_mul(1000);
    Manner {
        class: match entry.class {
            model::Class::Normal => Class::Normal,
            model::Class::Priority => Class::Priority,
            model::Class::Emergency => Class::Emergency,
        },
        late: match entry.late {
            model::Late::Join => Late::Join,
            model::Late::Restart => Late::Restart,
            model::Late::Skip => Late::Skip,
        },
        late_limit_ms: entry.late_limit_seconds.map_or(LATE_LIMIT_MS, ms),
        wait_ms: ms(entry.wait_seconds),
        when_cut: match entry.when_cut {
            model::WhenCut::Resume => WhenCut::Resume,
            model::WhenCut::Drop => WhenCut::Drop,
        },
        volume: entry.volume,
    }
}

/// Who hears an order, as players understand it.
///
/// # Errors
/// When it names more than a player can hold.
pub fn audience(to: &model::Audience, subject: &str) -> Result<Audience, CompileError> {
    let player = |id: &String| {
        id.parse().map_err(|_| CompileError::TooLong {
            subject: subject.into(),
            text: id.clone(),
            most: loa_domain::limits::PLAYER_ID_BYTES,
        })
    };
    Ok(Audience {
        places: bounded(to.places.iter().map(|key| place_key(key, subject)), subject, "places")?,
        tags: bounded(
            to.tags.iter().map(|tag| text::<{ loa_domain::limits::NAME_BYTES }>(tag, subject)),
            subject,
            "tags",
        )?,
        players: bounded(to.players.iter().map(player), subject, "players")?,
        kinds: bounded(to.kinds.iter().map(|k| Ok(kind(*k))), subject, "kinds")?,
        languages: bounded(to.languages.iter().map(|tag| text(tag, subject)), subject, "languages")?,
    })
}

fn timing(timetable: &Timetable, entry: &model::Order, subject: &str) -> Result<Timing, CompileError> {
    let recurrences = entry.at.iter().map(|at| {
        cron::parse(&at.text).map_err(|why| CompileError::Cron {
            order: entry.id.clone(),
            text: at.text.clone(),
            why: why.to_string(),
        })
    });
    let zone = zone_of(timetable, &entry.to);
    let once = entry.once.iter().map(|moment| instant(moment, zone.as_deref(), subject));
    Ok(Timing {
        recurrences: bounded(recurrences, subject, "cron lines")?,
        once: bounded(once, subject, "single moments")?,
        from: entry.from.map(local_date),
        until: entry.until.map(local_date),
        excepted: bounded(entry.except.iter().map(|date| Ok(local_date(*date))), subject, "exceptions")?,
    })
}

/// The zone in which an order's single moments are read: that of the first place or player it is for.
fn zone_of(timetable: &Timetable, to: &model::Audience) -> Option<String> {
    let players = timetable.players.iter();
    let named = players.clone().filter(|player| to.players.contains(&player.id)).map(|player| &player.place);
    let places = to.places.iter().chain(named).chain(players.map(|player| &player.place));
    places.flat_map(|key| lineage(timetable, key)).find_map(|place| place.zone.clone())
}

fn local_time(moment: &date::LocalTime) -> LocalTime {
    LocalTime::new(local_date(moment.date), moment.second_of_day)
}

fn instant(moment: &date::LocalTime, zone: Option<&str>, subject: &str) -> Result<UtcMs, CompileError> {
    let fail = |why: String| CompileError::Zone { subject: subject.into(), why };
    let zone = zone.ok_or_else(|| fail("no place with a zone".into()))?;
    let local = local_time(moment);
    let about = UtcMs(local.seconds() * 1000);
    let day_ms = 86_400_000;
    let table = zone::offsets(zone, about.plus_ms(-2 * day_ms), about.plus_ms(2 * day_ms));
    let table: Offsets = table.map_err(|why| fail(why.to_string()))?;
    Ok(match table.to_utc(local) {
        Mapping::Once(at) | Mapping::Gap(at) | Mapping::Fold { first: at, .. } => at,
    })
}

/// The name of an order as text bounded for players; the reader has checked that it fits.
#[must_use]
pub fn name(text: &str) -> Name {
    Text::cut(text)
}
