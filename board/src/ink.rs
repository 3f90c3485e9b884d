//! Colours that a board's lamps can show, and in which of them a slide is drawn.
//!
//! What is said in a colour that the board has not is said in the nearest; text never vanishes into its ground: on boards of one
//! colour every ink is lit on a dark ground (or dark on a lit one), elsewhere ink too near to the ground becomes white
//! or black. Next: `letters.rs`.

use loa_domain::play::class::Depth;
use loa_domain::play::slide::{Colour, Look};

use crate::shape::{Rgb888, RgbColor};

/// How far ink is from its ground at least in one of its colours, of 255.
const CONTRAST: u8 = 96;
/// What a title is drawn in where nothing else is said, on boards of colours.
const TITLE: Rgb888 = Rgb888::new(255, 208, 64);

/// What a slide is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inks {
    /// The title.
    pub title: Rgb888,
    /// The text.
    pub body: Rgb888,
    /// Rules between them.
    pub rule: Rgb888,
    /// What is behind them.
    pub ground: Rgb888,
}

impl Inks {
    /// Those of a slide's look on a board.
    #[must_use]
    pub fn of(look: Option<&Look>, depth: Depth) -> Self {
        let asked = |colour: Option<Colour>| colour.map(|c| Rgb888::new(c.red, c.green, c.blue));
        let look = look.copied().unwrap_or_default();
        let ground = shown(asked(look.ground).unwrap_or(Rgb888::BLACK), depth);
        let own_title = matches!(depth, Depth::RedGreen | Depth::Rgb565 | Depth::Rgb888) && look.ground.is_none();
        let title = asked(look.title).unwrap_or(if own_title { TITLE } else { Rgb888::WHITE });
        let body = asked(look.body).unwrap_or(Rgb888::WHITE);
        let (title, body) = (against(title, ground, depth), against(body, ground, depth));
        Self { title, body, rule: body, ground }
    }

    /// White on black.
    #[must_use]
    pub const fn plain() -> Self {
        Self { title: Rgb888::WHITE, body: Rgb888::WHITE, rule: Rgb888::WHITE, ground: Rgb888::BLACK }
    }
}

/// How bright a colour is, of 255 (the weights of ITU-R BT.601, in 256ths).
#[must_use]
pub fn brightness(colour: Rgb888) -> u8 {
    let sum = 77 * u32::from(colour.r()) + 150 * u32::from(colour.g()) + 29 * u32::from(colour.b());
    (sum >> 8) as u8
}

/// The number by which a lamp of this depth is told to show the nearest to a colour.
#[must_use]
pub fn level(colour: Rgb888, depth: Depth) -> u32 {
    let [red, green, blue] = [colour.r(), colour.g(), colour.b()].map(u32::from);
    match depth {
        Depth::Mono => u32::from(brightness(colour) >= 128),
        Depth::RedGreen => {
            // White and blue are shown in both colours: there is nothing nearer.
            let blue = blue >= 128 && red < 128 && green < 128;
            u32::from(red >= 128 || blue) << 1 | u32::from(green >= 128 || blue)
        }
        Depth::Grey16 => (u32::from(brightness(colour)) * 15 + 127) / 255,
        Depth::Rgb565 => {
            let [red, green, blue] = [(red * 31 + 127) / 255, (green * 63 + 127) / 255, (blue * 31 + 127) / 255];
            red << 11 | green << 5 | blue
        }
        Depth::Rgb888 => red << 16 | green << 8 | blue,
    }
}

/// The colour that a lamp shows at a level of [`level`].
#[must_use]
pub fn colour(level: u32, depth: Depth) -> Rgb888 {
    let scaled = |value: u32, most: u32| ((value & most) * 255 / most) as u8;
    match depth {
        Depth::Mono => Rgb888::new(scaled(level, 1), scaled(level, 1), scaled(level, 1)),
        Depth::RedGreen => Rgb888::new(scaled(level >> 1, 1), scaled(level, 1), 0),
        Depth::Grey16 => Rgb888::new(scaled(level, 15), scaled(level, 15), scaled(level, 15)),
        Depth::Rgb565 => Rgb888::new(scaled(level >> 11, 31), scaled(level >> 5, 63), scaled(level, 31)),
        Depth::Rgb888 => Rgb888::new((level >> 16) as u8, (level >> 8) as u8, level as u8),
    }
}

/// What a board shows of a colour.
#[must_use]
pub fn shown(wanted: Rgb888, depth: Depth) -> Rgb888 {
    colour(level(wanted, depth), depth)
}

/// How far two colours are apart in the one in which they are farthest: a red lamp is seen beside a dark one, and a blue one.
fn apart(one: Rgb888, other: Rgb888) -> u8 {
    let steps = [one.r().abs_diff(other.r()), one.g().abs_diff(other.g()), one.b().abs_diff(other.b())];
    steps.into_iter().fold(0, u8::max)
}

/// An ink that can be read on a ground, both as the board shows them.
fn against(ink: Rgb888, ground: Rgb888, depth: Depth) -> Rgb888 {
    let ink = shown(ink, depth);
    if apart(ink, ground) >= CONTRAST {
        ink
    } else if brightness(ground) < 128 {
        shown(Rgb888::WHITE, depth)
    } else {
        Rgb888::BLACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lamp_shows_is_shown_by_it() {
        for depth in Depth::ALL {
            for level_ in 0..1_u32 << depth.bits().min(16) {
                assert_eq!(level(colour(level_, depth), depth), level_, "{depth:?}");
            }
        }
    }

    #[test]
    fn text_can_be_read_on_its_ground_on_every_board() {
        const STEPS: [u8; 5] = [0, 60, 120, 180, 255];
        let all = || (0..125_usize).map(|n| [STEPS[n / 25], STEPS[n / 5 % 5], STEPS[n % 5]]);
        for depth in Depth::ALL {
            for ground in all() {
                for ink in all().step_by(7) {
                    let colour = |[red, green, blue]: [u8; 3]| Some(Colour { red, green, blue });
                    let look =
                        Look { ground: colour(ground), body: colour(ink), title: colour(ink), ..Look::default() };
                    let inks = Inks::of(Some(&look), depth);
                    for ink in [inks.title, inks.body] {
                        assert!(apart(ink, inks.ground) >= CONTRAST, "{depth:?} {look:?}");
                        assert_eq!(shown(ink, depth), ink);
                    }
                }
            }
        }
    }

    #[test]
    fn a_board_of_one_colour_is_lit_where_ink_is() {
        assert_eq!(Inks::of(None, Depth::Mono), Inks::plain());
        let red = Look { body: Some(Colour { red: 255, green: 0, blue: 0 }), ..Look::default() };
        assert_eq!(Inks::of(Some(&red), Depth::Mono).body, Rgb888::WHITE);
        assert_eq!(Inks::of(Some(&red), Depth::RedGreen).body, Rgb888::new(255, 0, 0));
        let light = Look { ground: Some(Colour { red: 255, green: 255, blue: 0 }), ..Look::default() };
        assert_eq!(Inks::of(Some(&light), Depth::Mono).body, Rgb888::BLACK);
    }
}
