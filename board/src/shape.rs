//! Targets and shapes: the only file that names `embedded_graphics`.
//!
//! A target takes lamps of full colour and shows of it what it can. What is drawn where is decided in `layout.rs`.

pub use embedded_graphics::draw_target::DrawTarget;
pub use embedded_graphics::geometry::{OriginDimensions, Point, Size};
pub use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
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

/// Draws every lamp as a square of `scale` lamps, from a corner on.
#[derive(Debug)]
pub struct Enlarged<'t, D> {
    target: &'t mut D,
    corner: Point,
    scale: u32,
}

impl<'t, D> Enlarged<'t, D> {
    /// Lamps at `left_px`, `top_px` and beyond, each a square of `scale`.
    pub fn new(target: &'t mut D, left_px: i32, top_px: i32, scale: u32) -> Self {
        Self { target, corner: Point::new(left_px, top_px), scale }
    }
}

impl<D: DrawTarget> DrawTarget for Enlarged<'_, D> {
    type Color = D::Color;
    type Error = D::Error;

    fn draw_iter<I: IntoIterator<Item = Pixel<D::Color>>>(&mut self, pixels: I) -> Result<(), D::Error> {
        let scale = self.scale as i32;
        for Pixel(at, color) in pixels {
            let corner = Point::new(self.corner.x + at.x * scale, self.corner.y + at.y * scale);
            if scale == 1 {
                self.target.draw_iter([Pixel(corner, color)])?;
            } else {
                self.target.fill_solid(&Rectangle::new(corner, Size::new_equal(self.scale)), color)?;
            }
        }
        Ok(())
    }
}

impl<D: DrawTarget> Dimensions for Enlarged<'_, D> {
    fn bounding_box(&self) -> Rectangle {
        // Whatever it covers of the target is cut there.
        rectangle(-4_096, -4_096, 8_192, 8_192)
    }
}

/// Lets only those lamps through that `shows` says yes to; the others stay as they are.
#[derive(Debug)]
pub struct Masked<'t, D, M> {
    target: &'t mut D,
    shows: M,
}

impl<'t, D, M: Fn(Point) -> bool> Masked<'t, D, M> {
    /// Through this mask.
    pub fn new(target: &'t mut D, shows: M) -> Self {
        Self { target, shows }
    }
}

impl<D: DrawTarget, M: Fn(Point) -> bool> DrawTarget for Masked<'_, D, M> {
    type Color = D::Color;
    type Error = D::Error;

    fn draw_iter<I: IntoIterator<Item = Pixel<D::Color>>>(&mut self, pixels: I) -> Result<(), D::Error> {
        let shows = &self.shows;
        self.target.draw_iter(pixels.into_iter().filter(|pixel| shows(pixel.0)))
    }
}

impl<D: DrawTarget, M> Dimensions for Masked<'_, D, M> {
    fn bounding_box(&self) -> Rectangle {
        self.target.bounding_box()
    }
}
