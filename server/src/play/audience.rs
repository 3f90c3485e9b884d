//! On which kinds of boards each slide is shown, by the orders that air it, and on how many of each.
//!
//! Boards of one size and depth are one kind: a slide looks the same on all of them. Next: `picture.rs`.

use std::collections::{BTreeMap, BTreeSet};

use loa_domain::class::{BoardClass, Depth};
use loa_domain::timetable::audience::Kind;

use crate::timetable::compile::{self, Board, CompileError, PlayerEntry};
use crate::timetable::model::{Item, Timetable};

/// A kind of board on which a slide is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What people call it.
    pub name: String,
    /// The kind.
    pub class: BoardClass,
    /// How many players have it.
    pub players: usize,
}

impl Seen {
    /// A kind of board that no player needs to have.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        Self { name: board.name.clone(), class: board.class.clone(), players: 0 }
    }

    fn look(&self) -> (u16, u16, Depth) {
        (self.class.width_px, self.class.height_px, self.class.depth)
    }
}

/// The boards of every slide that some order airs: those that most players have first.
#[derive(Clone, Debug, Default)]
pub struct Audiences {
    by_slide: BTreeMap<String, Vec<Seen>>,
}

impl Audiences {
    /// Those of a timetable with these players.
    ///
    /// # Errors
    /// When an order names more than a player can hold.
    pub fn of(timetable: &Timetable, players: &[PlayerEntry]) -> Result<Self, CompileError> {
        let boards: Vec<&PlayerEntry> = players.iter().filter(|entry| entry.placement.kind == Kind::Board).collect();
        let mut reached: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for order in &timetable.orders {
            let audience = compile::audience(&order.to, &format!("order {}", order.id))?;
            let programme = timetable.programmes.iter().find(|programme| programme.id == order.programme);
            let hear = boards.iter().enumerate().filter(|(_, entry)| audience.includes(&entry.placement));
            let hear: Vec<usize> = hear.map(|(index, _)| index).collect();
            for item in programme.into_iter().flat_map(|programme| &programme.items) {
                if let Item::Slide(id) = item {
                    reached.entry(id).or_default().extend(&hear);
                }
            }
        }
        let seen =
            |indices: BTreeSet<usize>| grouped(indices.into_iter().filter_map(|index| boards[index].board.as_ref()));
        Ok(Self { by_slide: reached.into_iter().map(|(id, indices)| (id.to_owned(), seen(indices))).collect() })
    }

    /// The boards of a slide.
    #[must_use]
    pub fn boards(&self, slide: &str) -> &[Seen] {
        self.by_slide.get(slide).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether an order airs the slide.
    #[must_use]
    pub fn is_aired(&self, slide: &str) -> bool {
        self.by_slide.contains_key(slide)
    }
}

/// Boards by kind, the most frequent first; of equally many the larger.
pub fn grouped<'b>(boards: impl Iterator<Item = &'b Board>) -> Vec<Seen> {
    let mut kinds: Vec<Seen> = Vec::new();
    for board in boards {
        let one = Seen { players: 1, ..Seen::of(board) };
        match kinds.iter_mut().find(|kind| kind.look() == one.look()) {
            Some(kind) => kind.players += 1,
            None => kinds.push(one),
        }
    }
    let lamps = |seen: &Seen| u32::from(seen.class.width_px) * u32::from(seen.class.height_px);
    kinds.sort_by_key(|seen| (std::cmp::Reverse((seen.players, lamps(seen))), seen.look()));
    kinds
}
