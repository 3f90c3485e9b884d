//! The pieces of a programme as a stage plays them: what an order names, and around it what a drill says of itself.
//!
//! The notices are no content: nobody orders them, so nobody can leave them out, and they are there before the desk was
//! ever reached. It decides where they stand, also in a drill that is joined late or goes on after a cut. How a notice
//! sounds and looks is each stage's. Next: `sequence.rs`.

use std::sync::Arc;

use loa_domain::id::Hash;
use loa_domain::limits::DRILL_NOTICE_MS;
use loa_domain::timetable::audience::Kind;
use loa_domain::timetable::order::{Form, Item, Order};

/// What a piece is in its programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A piece of a programme that counts.
    Plain,
    /// A piece of a drill.
    OfDrill,
    /// "This is a drill": its item is a name for no content.
    Notice,
}

/// One piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What is played, for how long.
    pub item: Item,
    /// What it is in its programme.
    pub part: Part,
}

impl From<Item> for Piece {
    fn from(item: Item) -> Self {
        Self { item, part: Part::Plain }
    }
}

/// What a player of this kind plays of an order. They are as long together as the order is.
#[must_use]
pub fn of(order: &Order, kind: Kind) -> Arc<[Piece]> {
    let mut left_ms = order.length_ms(kind).saturating_sub(2 * order.notice_ms());
    let part = if order.form == Form::Drill { Part::OfDrill } else { Part::Plain };
    let mut pieces: Vec<Piece> = Vec::new();
    for item in order.items_for(kind) {
        // Of a drill as long as a programme may be the end is left out, not the notice.
        let length_ms = if part == Part::OfDrill { item.length_ms.min(left_ms) } else { item.length_ms };
        left_ms = left_ms.saturating_sub(length_ms);
        if length_ms > 0 {
            pieces.push(Piece { item: Item { length_ms, ..*item }, part });
        }
    }
    if part == Part::OfDrill && !pieces.is_empty() {
        let item = Item { kind, content: Hash::ZERO, size: 0, length_ms: DRILL_NOTICE_MS };
        let notice = Piece { item, part: Part::Notice };
        pieces.insert(0, notice);
        pieces.push(notice);
    }
    pieces.into()
}

/// What is to be played from a position of the programme on, each with how much of it is over, in milliseconds.
///
/// A drill says all of what it is wherever it is joined, in place of what would be played meanwhile.
#[must_use]
pub fn from(pieces: &[Piece], position_ms: u32) -> Vec<(Piece, u32)> {
    let rest = after(pieces, position_ms);
    let is_aired = rest.iter().any(|(piece, _)| piece.part == Part::OfDrill);
    match pieces.first() {
        Some(notice) if notice.part == Part::Notice && position_ms > 0 && is_aired => {
            let later = after(pieces, position_ms.saturating_add(notice.item.length_ms));
            std::iter::once((*notice, 0)).chain(later).collect()
        }
        _ => rest,
    }
}

fn after(pieces: &[Piece], position_ms: u32) -> Vec<(Piece, u32)> {
    let mut offset_ms = position_ms;
    let mut rest = Vec::new();
    for piece in pieces {
        if piece.item.length_ms <= offset_ms {
            offset_ms -= piece.item.length_ms;
        } else {
            rest.push((*piece, std::mem::take(&mut offset_ms)));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drill(lengths_ms: &[u32]) -> Vec<Piece> {
        let item = |length_ms| Item { kind: Kind::Speaker, content: Hash::ZERO, size: 0, length_ms };
        let piece = |part| move |length_ms: &u32| Piece { item: item(*length_ms), part };
        let notice = piece(Part::Notice)(&DRILL_NOTICE_MS);
        let aired = lengths_ms.iter().map(piece(Part::OfDrill));
        std::iter::once(notice).chain(aired).chain([notice]).collect()
    }

    #[test]
    fn a_drill_says_what_it_is_wherever_it_is_joined_and_ends_when_it_should() {
        let pieces = drill(&[5_000, 20_000]);
        let whole_ms = 25_000 + 2 * DRILL_NOTICE_MS;
        for position_ms in 0..whole_ms {
            let rest = from(&pieces, position_ms);
            let left_ms: u32 = rest.iter().map(|(piece, over_ms)| piece.item.length_ms - over_ms).sum();
            assert!(left_ms >= whole_ms - position_ms && left_ms < whole_ms - position_ms + DRILL_NOTICE_MS);
            if rest.iter().any(|(piece, _)| piece.part == Part::OfDrill) {
                assert_eq!(left_ms, whole_ms - position_ms, "it ends on time");
                assert_eq!((rest[0].0.part, rest[0].1), (Part::Notice, 0), "joined after {position_ms} ms");
            }
            assert_eq!(rest.last().map(|(piece, _)| piece.part), Some(Part::Notice));
        }
        assert_eq!(from(&pieces, whole_ms), []);
    }

    #[test]
    fn what_counts_is_joined_where_it_would_be() {
        let item = |length_ms| Item { kind: Kind::Speaker, content: Hash::ZERO, size: 0, length_ms };
        let pieces = [item(1_000).into(), item(5_000).into()];
        assert_eq!(from(&pieces, 3_000), [(pieces[1], 2_000)]);
        assert_eq!(from(&pieces, 0), [(pieces[0], 0), (pieces[1], 0)]);
    }
}
