//! A kind of board: how many lamps it has, what each can show, how it hangs, how bright it is at which hour.
//!
//! Data that the desk sends along and that previews are made for. What is drawn on it is decided in the crate `board`.
//! Next: `slide.rs`.

use crate::wire::{Decode, Encode, List};

/// The least and the most lamps of a board either way: below, no letter fits; above, it is a mistake.
pub const SIDE_PX: core::ops::RangeInclusive<u16> = 16..=2_048;
/// Hours at which the brightness may change, at most.
pub const BRIGHTNESS_STEPS: usize = 8;

/// What a lamp can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Depth {
    /// On or off: one bit.
    #[n(0)]
    Mono,
    /// Red, green, both or none: two bits, red in the higher one.
    #[n(1)]
    RedGreen,
    /// Sixteen greys: four bits.
    #[n(2)]
    Grey16,
    /// Five bits of red, six of green, five of blue: two bytes, the higher one first.
    #[n(3)]
    Rgb565,
    /// A byte each of red, green and blue.
    #[n(4)]
    Rgb888,
}

impl Depth {
    /// All of them, from the fewest colours to the most.
    pub const ALL: [Self; 5] = [Self::Mono, Self::RedGreen, Self::Grey16, Self::Rgb565, Self::Rgb888];

    /// Bits of one lamp.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Mono => 1,
            Self::RedGreen => 2,
            Self::Grey16 => 4,
            Self::Rgb565 => 16,
            Self::Rgb888 => 24,
        }
    }

    /// Bytes of a row of lamps: whole ones.
    #[must_use]
    pub const fn row_bytes(self, width_px: u32) -> u32 {
        width_px.saturating_mul(self.bits()).div_ceil(8)
    }

    /// Its name in timetables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mono => "mono",
            Self::RedGreen => "red-green",
            Self::Grey16 => "grey16",
            Self::Rgb565 => "rgb565",
            Self::Rgb888 => "rgb888",
        }
    }
}

/// How a board hangs: by how much what it shows is turned, clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Rotation {
    /// As it was made.
    #[default]
    #[n(0)]
    None,
    /// A quarter.
    #[n(1)]
    Quarter,
    /// Upside down.
    #[n(2)]
    Half,
    /// Three quarters.
    #[n(3)]
    ThreeQuarters,
}

/// From a time of day on, so bright.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Brightness {
    /// Minutes after midnight.
    #[n(0)]
    pub from_min: u16,
    /// Percent of the most.
    #[n(1)]
    pub percent: u8,
}

/// A kind of board.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BoardClass {
    /// Lamps in a row, as it is read.
    #[n(0)]
    pub width_px: u16,
    /// Rows, as it is read.
    #[n(1)]
    pub height_px: u16,
    /// What a lamp can show.
    #[n(2)]
    pub depth: Depth,
    /// How it hangs.
    #[n(3)]
    pub rotation: Rotation,
    /// How bright it is at which hour, in order; the last one holds over midnight. None for the most at all hours.
    #[n(4)]
    pub brightness: List<Brightness, BRIGHTNESS_STEPS>,
}

impl BoardClass {
    /// A board that hangs as it was made and is always as bright as it can be; none where no board has this size.
    #[must_use]
    pub fn new(width_px: u16, height_px: u16, depth: Depth) -> Option<Self> {
        let class = Self { width_px, height_px, depth, rotation: Rotation::None, brightness: List::new() };
        class.is_sound().then_some(class)
    }

    /// Whether there can be such a board.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let in_order = self.brightness.is_sorted_by(|one, next| one.from_min < next.from_min);
        let sane = self.brightness.iter().all(|step| step.percent <= 100 && step.from_min < 24 * 60);
        SIDE_PX.contains(&self.width_px) && SIDE_PX.contains(&self.height_px) && in_order && sane
    }

    /// How bright it is at a time of day, in percent.
    #[must_use]
    pub fn brightness_at(&self, second_of_day: u32) -> u8 {
        let begun = self.brightness.iter().rfind(|step| u32::from(step.from_min) * 60 <= second_of_day);
        begun.or(self.brightness.last()).map_or(100, |step| step.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_dark_at_night_and_the_last_step_holds_over_midnight() {
        let steps = [(6 * 60, 80), (9 * 60 + 30, 100), (22 * 60, 20)];
        let steps = steps.map(|(from_min, percent)| Brightness { from_min, percent });
        let board = BoardClass {
            brightness: List::collect(steps).expect("few"),
            ..BoardClass::new(64, 32, Depth::Mono).expect("a board")
        };
        assert!(board.is_sound());
        let at = |hour: u32, minute: u32| board.brightness_at(hour * 3_600 + minute * 60);
        assert_eq!(
            [at(0, 0), at(5, 59), at(6, 0), at(9, 29), at(9, 30), at(21, 59), at(23, 0)],
            [20, 20, 80, 80, 100, 100, 20]
        );
        assert_eq!(BoardClass::new(64, 32, Depth::Mono).expect("a board").brightness_at(0), 100);
    }

    #[test]
    fn a_board_on_which_no_letter_fits_is_refused() {
        for (width, height, is_board) in
            [(16, 16, true), (15, 16, false), (16, 15, false), (2_048, 16, true), (2_049, 16, false)]
        {
            assert_eq!(BoardClass::new(width, height, Depth::Rgb565).is_some(), is_board, "{width} x {height}");
        }
        let mut bent = BoardClass::new(64, 32, Depth::Mono).expect("a board");
        for (from_min, percent) in [(24 * 60, 10), (10, 101)] {
            bent.brightness = List::collect([Brightness { from_min, percent }]).expect("one");
            assert!(!bent.is_sound());
        }
        bent.brightness = List::collect([30, 30].map(|from_min| Brightness { from_min, percent: 5 })).expect("two");
        assert!(!bent.is_sound());
    }

    #[test]
    fn rows_are_whole_bytes() {
        assert_eq!(Depth::ALL.map(|depth| depth.row_bytes(21)), [3, 6, 11, 42, 63]);
    }
}
