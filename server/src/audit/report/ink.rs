//! Marks on pages, made into a PDF.
//!
//! The only file that names the PDF library. What it writes is PDF/A-2u: it can be archived, and every letter can be
//! copied out. Its dates and its number come from what it is handed, so the same marks are the same bytes. Where the
//! marks stand is decided in `paper.rs` and above.

use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font as Shapes, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::ReportError;
use super::font::Fonts;

/// Width and height of A4 in points.
pub(super) const A4: (f32, f32) = (595.28, 841.89);

/// Red, green and blue.
pub(super) type Colour = (u8, u8, u8);
pub(super) const BLACK: Colour = (0, 0, 0);

/// One mark; from the left and from the top, in points.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    /// A line of clean text; `y` is its base line.
    Text { x: f32, y: f32, size: f32, bold: bool, colour: Colour, text: String },
    /// A box, filled or not, with an edge or not (its width).
    Box { x: f32, y: f32, width: f32, height: f32, fill: Option<Colour>, edge: f32 },
    /// A line.
    Line { from: (f32, f32), to: (f32, f32), thick: f32 },
    /// Black squares, all of one side.
    Squares { at: Vec<(f32, f32)>, side: f32 },
}

/// What the PDF says of itself.
pub(super) struct About {
    pub title: String,
    pub language: &'static str,
    /// Year, month, day, hour, minute, second in UTC.
    pub made: (u16, u8, u8, u8, u8, u8),
    /// What its number is made of.
    pub seed: String,
}

/// The PDF of pages of marks.
pub(super) fn pdf(pages: &[Vec<Mark>], fonts: &Fonts, about: &About, compressed: bool) -> Result<Vec<u8>, ReportError> {
    let refused = |error: &dyn std::fmt::Debug| ReportError::Pdf(format!("{error:?}"));
    let archive = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U);
    let configuration = archive.finish().map_err(|error| refused(&error))?;
    let settings = SerializeSettings {
        compress_content_streams: compressed,
        ascii_compatible: !compressed,
        configuration,
        enable_tagging: false,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let shapes = |bold: bool| {
        let bytes = fonts.of(bold).bytes.to_vec();
        Shapes::new(bytes.into(), 0).ok_or_else(|| ReportError::Pdf("the font is damaged".into()))
    };
    let ink = Ink { fonts, regular: shapes(false)?, bold: shapes(true)? };
    for marks in pages {
        let settings = PageSettings::from_wh(A4.0, A4.1).ok_or_else(|| ReportError::Pdf("no such page".into()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            ink.draw(&mut surface, mark);
        }
        surface.finish();
        page.finish();
    }
    let (year, month, day, hour, minute, second) = about.made;
    let made = DateTime::new(year).month(month).day(day).hour(hour).minute(minute).second(second);
    let metadata = Metadata::new()
        .title(about.title.clone())
        .language(about.language.to_owned())
        .creator("Loa".to_owned())
        .document_id(about.seed.clone())
        .creation_date(made.utc_offset_hour(0).utc_offset_minute(0));
    document.set_metadata(metadata);
    document.finish().map_err(|error| refused(&error))
}

struct Ink<'f> {
    fonts: &'f Fonts,
    regular: Shapes,
    bold: Shapes,
}

impl Ink<'_> {
    fn draw(&self, surface: &mut Surface<'_>, mark: &Mark) {
        match mark {
            Mark::Text { x, y, size, bold, colour, text } => {
                let letters = self.fonts.of(*bold).letters(text);
                let glyph = |letter: &super::font::Letter| {
                    let range = letter.at..letter.at + letter.bytes;
                    KrillaGlyph::new(GlyphId::new(letter.glyph.into()), letter.advance, 0.0, 0.0, 0.0, range, None)
                };
                let glyphs: Vec<KrillaGlyph> = letters.iter().map(glyph).collect();
                let shapes = if *bold { &self.bold } else { &self.regular };
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*colour)));
                surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, shapes.clone(), text, *size, false);
            }
            Mark::Box { x, y, width, height, fill: filled, edge } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                    path.push_rect(rect);
                }
                stroke(surface, path, filled.map(fill), *edge);
            }
            Mark::Line { from, to, thick } => {
                let mut path = PathBuilder::new();
                path.move_to(from.0, from.1);
                path.line_to(to.0, to.1);
                stroke(surface, path, None, *thick);
            }
            Mark::Squares { at, side } => {
                let mut path = PathBuilder::new();
                for rect in at.iter().filter_map(|(x, y)| Rect::from_xywh(*x, *y, *side, *side)) {
                    path.push_rect(rect);
                }
                stroke(surface, path, Some(fill(BLACK)), 0.0);
            }
        }
    }
}

fn fill((red, green, blue): Colour) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: Default::default() }
}

fn stroke(surface: &mut Surface<'_>, path: PathBuilder, fill: Option<Fill>, thick: f32) {
    let Some(path) = path.finish() else { return };
    let stroke = Stroke { paint: rgb::Color::black().into(), width: thick, ..Stroke::default() };
    let stroke = (thick > 0.0).then_some(stroke);
    if fill.is_none() && stroke.is_none() {
        return;
    }
    surface.set_fill(fill);
    surface.set_stroke(stroke);
    surface.draw_path(&path);
}
