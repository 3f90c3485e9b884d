//! Targets and shapes: the only file that names `embedded_graphics`.
//!
//! A target takes lamps of full colour and shows of it what it can. What is drawn where is decided in `layout.rs`.

pub use embedded_graphics::draw_target::DrawTarget;
pub use embedded_graphics::geometry::{OriginDimensions, Point, Size};
pub use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::PointsIter as _;
pub use embedded_graphics::primitives::Rectangle;
pub use embedded_graphics::{Pixel, geometry::Dimensions};

/// A part of a board, in lamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Lamps from the left.
    pub left_px: u32,
    /// Lamps from the top.
    pub top_px: u32,
    /// Lamps in a row.
    pub width_px: u32,
    /// Rows.
    pub height_px: u32,
}

impl Area {
    /// A whole board.
    #[must_use]
    pub const fn of(width_px: u32, height_px: u32) -> Self {
        Self { left_px: 0, top_px: 0, width_px, height_px }
    }

    /// An area of this size in the middle of this one, as far as it has room.
    #[must_use]
    pub fn middle(self, width_px: u32, height_px: u32) -> Self {
        let (width_px, height_px) = (width_px.min(self.width_px), height_px.min(self.height_px));
        let left_px = self.left_px + (self.width_px - width_px) / 2;
        let top_px = self.top_px + (self.height_px - height_px) / 2;
        Self { left_px, top_px, width_px, height_px }
    }

    /// As a rectangle.
    #[must_use]
    pub fn rectangle(self) -> Rectangle {
        rectangle(self.left_px as i32, self.top_px as i32, self.width_px, self.height_px)
    }
}

/// A rectangle by its top left corner and its size.
#[must_use]
pub fn rectangle(left_px: i32, top_px: i32, width_px: u32, height_px: u32) -> Rectangle {
    Rectangle::new(Point::new(left_px, top_px), Size::new(width_px, height_px))
}

/// Lamps that are drawn on. What draws is compiled once for it, whatever the target: on a microcontroller each kind of
/// target would take the room of all of it again.
pub(crate) trait Lamps {
    /// Where lamps are; what is drawn elsewhere is lost.
    fn bounds(&self) -> Rectangle;

    /// Lets all lamps of an area show a colour.
    fn fill(&mut self, area: Rectangle, ink: Rgb888);
}

/// A target, and what it said first that was wrong.
struct Onto<'t, D: DrawTarget> {
    target: &'t mut D,
    done: Result<(), D::Error>,
}

impl<D: DrawTarget<Color = Rgb888>> Lamps for Onto<'_, D> {
    fn bounds(&self) -> Rectangle {
        self.target.bounding_box()
    }

    fn fill(&mut self, area: Rectangle, ink: Rgb888) {
        if self.done.is_ok() {
            self.done = self.target.fill_solid(&area, ink);
        }
    }
}

/// Draws on a target.
///
/// # Errors
/// Those of the target.
pub(crate) fn onto<D: DrawTarget<Color = Rgb888>>(
    target: &mut D,
    draw: impl FnOnce(&mut dyn Lamps),
) -> Result<(), D::Error> {
    let mut lamps = Onto { target, done: Ok(()) };
    draw(&mut lamps);
    lamps.done
}

/// The lamps of an area alone.
pub(crate) struct Clipped<'t> {
    pub(crate) lamps: &'t mut dyn Lamps,
    pub(crate) area: Rectangle,
}

impl Lamps for Clipped<'_> {
    fn bounds(&self) -> Rectangle {
        self.lamps.bounds().intersection(&self.area)
    }

    fn fill(&mut self, area: Rectangle, ink: Rgb888) {
        self.lamps.fill(area.intersection(&self.area), ink);
    }
}

/// Only those lamps that `shows` says yes to; the others stay as they are.
pub(crate) struct Masked<'t, M> {
    pub(crate) lamps: &'t mut dyn Lamps,
    pub(crate) shows: M,
}

impl<M: Fn(Point) -> bool> Lamps for Masked<'_, M> {
    fn bounds(&self) -> Rectangle {
        self.lamps.bounds()
    }

    fn fill(&mut self, area: Rectangle, ink: Rgb888) {
        let area = area.intersection(&self.bounds());
        for at in area.points().filter(|at| (self.shows)(*at)) {
            self.lamps.fill(Rectangle::new(at, Size::new_equal(1)), ink);
        }
    }
}
