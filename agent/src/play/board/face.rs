//! A face of this board: the lamps that the renderer draws on, and a slide laid out for them.
//!
//! What is drawn where is decided in the crate `board`, for every kind of board alike. Next: `quiet.rs`.

use loa_board::canvas::{Canvas, bytes_of};
use loa_board::letters::{Font, missing};
use loa_board::{Layout, Moment, When, draw_slide, lay_out, moment};
use loa_domain::play::class::BoardClass;
use loa_domain::play::slide::Slide;
use loa_domain::wire::WireError;

/// All lamps of a board. Its hash is what proofs call it by.
pub type Face = Canvas<Vec<u8>>;

/// A dark board.
#[must_use]
pub fn dark(class: &BoardClass) -> Face {
    let (width_px, height_px) = (u32::from(class.width_px), u32::from(class.height_px));
    let bytes = vec![0; bytes_of(width_px, height_px, class.depth)];
    match Canvas::over(width_px, height_px, class.depth, bytes) {
        Some(face) => face,
        None => unreachable!("it has just as many bytes as it takes"),
    }
}

/// A slide, laid out for a board.
#[derive(Debug)]
pub struct Laid {
    slide: Slide,
    layout: Layout,
    /// The slide's bytes, and where its pictures begin.
    bytes: Vec<u8>,
    pictures: usize,
}

impl Laid {
    /// The slide in `bytes`, laid out for a board of this kind.
    ///
    /// # Errors
    /// When the bytes are no slide.
    pub fn read(bytes: Vec<u8>, class: &BoardClass) -> Result<Self, WireError> {
        let (slide, pictures) = Slide::read(&bytes)?;
        let rest = u32::try_from(bytes.len() - pictures).map_err(|_| WireError::TooLong)?;
        if !slide.fits(rest) {
            return Err(WireError::Trailing);
        }
        let layout = lay_out(&slide, class);
        Ok(Self { slide, layout, bytes, pictures })
    }

    /// A slide that shows nothing.
    #[must_use]
    pub fn nothing(class: &BoardClass) -> Self {
        let slide = Slide::of_text(Default::default(), Default::default(), Default::default());
        Self { layout: lay_out(&slide, class), slide, bytes: Vec::new(), pictures: 0 }
    }

    /// What the slide is.
    #[must_use]
    pub fn slide(&self) -> &Slide {
        &self.slide
    }

    /// Where everything stands.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The letters of it that no font has: they are shown as boxes.
    pub fn missing(&self) -> impl Iterator<Item = char> + '_ {
        missing(&self.slide.title, Font::Small).chain(missing(&self.slide.body, Font::Small))
    }

    fn pictures(&self) -> &[u8] {
        &self.bytes[self.pictures..]
    }

    /// Which of its faces is due.
    #[must_use]
    pub fn moment(&self, when: When) -> Moment {
        Moment::at(&self.slide, &self.layout, &self.pictures(), when)
    }

    /// How long until the next one at the earliest, in milliseconds.
    #[must_use]
    pub fn next_ms(&self, when: When) -> Option<u64> {
        moment::next_ms(&self.slide, &self.layout, &self.pictures(), when)
    }

    /// Draws it over what is up.
    pub fn draw(&self, moment: Moment, face: &mut Face) {
        let Ok(()) = draw_slide(&self.slide, &self.layout, &self.pictures(), moment, face);
    }
}
