//! Pages that fill from top to bottom: paragraphs, and tables that go on overleaf with their heading.
//!
//! Nothing is ever cut: a text that is too wide breaks between words, a word that is too wide breaks inside, and a row
//! is as high as its highest cell. How marks become a file is `ink.rs`; what is written is decided in `pdf.rs`.

use super::Report;
use super::font::{Fonts, clean};
use super::ink::{A4, BLACK, Colour, Mark};
use super::tables::{Cell, Table};

/// Room at the left, where pages are bound, as official letters have it (30 mm); then right, top, bottom.
pub(super) const LEFT: f32 = 71.0;
pub(super) const RIGHT: f32 = 42.5;
const TOP: f32 = 56.7;
const BOTTOM: f32 = 62.0;
/// How wide a line may be.
pub(super) const WIDTH: f32 = A4.0 - LEFT - RIGHT;
/// The height of a line, in parts of its size. Vietnamese capitals carry two marks above one another.
const LEADING: f32 = 1.36;
const GREY: Colour = (232, 232, 232);
/// Between a cell's edge and its text.
const PAD: f32 = 2.6;

/// Where a line of text stands in its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub size: f32,
    pub bold: bool,
    pub side: Side,
    pub colour: Colour,
}

impl Look {
    /// Black and left.
    pub const fn new(size: f32, bold: bool) -> Self {
        Self { size, bold, side: Side::Left, colour: BLACK }
    }

    /// The same on another side.
    pub const fn on(self, side: Side) -> Self {
        Self { side, ..self }
    }
}

/// Pages under way.
pub(super) struct Paper<'f> {
    pub fonts: &'f Fonts,
    pub pages: Vec<Vec<Mark>>,
    /// How far down the page is filled.
    pub y: f32,
}

impl<'f> Paper<'f> {
    /// One empty page.
    pub fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, pages: vec![Vec::new()], y: TOP }
    }

    /// Makes a mark on the page under way.
    pub fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Turns the page unless so much of it is left. Says whether it did.
    pub fn need(&mut self, height: f32) -> bool {
        let turns = self.y + height > A4.1 - BOTTOM && self.y > TOP;
        if turns {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        turns
    }

    /// Leaves room.
    pub fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// The lines into which a text breaks.
    pub fn lines(&self, text: &str, look: Look, width: f32) -> Vec<String> {
        let font = self.fonts.of(look.bold);
        let fits = |text: &str| font.width(text, look.size) <= width;
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in clean(text, self.fonts).split(' ').filter(|word| !word.is_empty()) {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                if !line.is_empty() && !fits(&format!("{line}{letter}")) {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Writes a text into a column; gives its height. Turns no page.
    pub fn write(&mut self, text: &str, look: Look, (x, y): (f32, f32), width: f32) -> f32 {
        let lines = self.lines(text, look, width);
        let height = look.size * LEADING;
        for (number, text) in lines.iter().enumerate() {
            let wide = self.fonts.of(look.bold).width(text, look.size);
            let x = match look.side {
                Side::Left => x,
                Side::Middle => x + (width - wide) / 2.0,
                Side::Right => x + width - wide,
            };
            let y = y + height * number as f32 + look.size * 1.04;
            self.mark(Mark::Text { x, y, size: look.size, bold: look.bold, colour: look.colour, text: text.clone() });
        }
        height * lines.len() as f32
    }

    /// Writes a paragraph over the whole width.
    pub fn paragraph(&mut self, text: &str, look: Look) {
        for line in self.lines(text, look, WIDTH) {
            self.need(look.size * LEADING);
            self.y += self.write(&line, look, (LEFT, self.y), WIDTH + 0.01);
        }
    }

    /// A heading, never alone at the foot of a page.
    pub fn heading(&mut self, text: &str, with: f32) {
        self.skip(11.0);
        self.need(18.0 + with);
        self.paragraph(text, Look::new(10.5, true));
        self.skip(3.0);
    }

    /// A table with its heading.
    pub fn table(&mut self, table: &Table, report: &Report<'_>, size: f32) {
        let (widths, size) = self.widths(table, report, size);
        let titles: Vec<(String, Look)> =
            table.columns.iter().map(|column| (column.title.clone(), Look::new(size, true).on(Side::Middle))).collect();
        // The heading, the titles and a first row stay together.
        self.heading(&table.title, self.height(&titles, &widths) + 40.0);
        self.row(&titles, &widths, None, Some(GREY));
        for (number, cells) in table.rows.iter().enumerate() {
            let total = table.has_total && number + 1 == table.rows.len();
            let look = |cell: &Cell| match cell {
                Cell::Text(_) => Look::new(size, total),
                _ => Look::new(size, total).on(Side::Right),
            };
            let cells: Vec<(String, Look)> = cells.iter().map(|cell| (report.shown(cell), look(cell))).collect();
            self.row(&cells, &widths, Some(&titles), total.then_some(GREY));
        }
    }

    /// How wide columns are, and the size of the letters: no word is broken if it can be helped, what is left is shared
    /// out as the table wishes, and where even the longest words do not fit beside one another, letters are smaller.
    fn widths(&self, table: &Table, report: &Report<'_>, size: f32) -> (Vec<f32>, f32) {
        let longest = |text: &str, bold: bool| {
            let words = clean(text, self.fonts);
            words.split(' ').map(|word| self.fonts.of(bold).width(word, size)).fold(0.0, f32::max)
        };
        // A name can be as long as its writer liked; only such words are broken.
        let most = WIDTH * 0.16;
        let mut least: Vec<f32> = table.columns.iter().map(|column| longest(&column.title, true)).collect();
        for (number, row) in table.rows.iter().enumerate() {
            let bold = table.has_total && number + 1 == table.rows.len();
            for (cell, least) in row.iter().zip(&mut least) {
                *least = least.max(longest(&report.shown(cell), bold).min(most));
            }
        }
        let padding = (2.0 * PAD + 0.1) * least.len() as f32;
        let words: f32 = least.iter().sum();
        let scale = ((WIDTH - padding) / words).min(1.0);
        let left = (WIDTH - padding - words * scale).max(0.0);
        let whole: f32 = table.columns.iter().map(|column| column.width).sum();
        let share = |(least, width): (&f32, f32)| least * scale + 2.0 * PAD + 0.1 + left * width / whole;
        (least.iter().zip(table.columns.iter().map(|column| column.width)).map(share).collect(), size * scale)
    }

    /// A row of a table; on a new page the heading comes first.
    fn row(
        &mut self,
        cells: &[(String, Look)],
        widths: &[f32],
        titles: Option<&[(String, Look)]>,
        fill: Option<Colour>,
    ) {
        let height = self.height(cells, widths);
        if self.need(height)
            && let Some(titles) = titles
        {
            self.row(titles, widths, None, Some(GREY));
        }
        let (mut x, y) = (LEFT, self.y);
        for ((text, look), width) in cells.iter().zip(widths) {
            self.mark(Mark::Box { x, y, width: *width, height, fill, edge: 0.4 });
            self.write(text, *look, (x + PAD, y + PAD), width - 2.0 * PAD);
            x += width;
        }
        self.y += height;
    }

    /// How high a row is.
    fn height(&self, cells: &[(String, Look)], widths: &[f32]) -> f32 {
        let high = |((text, look), width): (&(String, Look), &f32)| {
            self.lines(text, *look, width - 2.0 * PAD).len().max(1) as f32 * look.size * LEADING
        };
        cells.iter().zip(widths).map(high).fold(0.0, f32::max) + 2.0 * PAD
    }

    /// Writes a line at the foot of every page, given its number and how many there are.
    pub fn feet(&mut self, line: impl Fn(usize, usize) -> (String, String)) {
        let count = self.pages.len();
        let pages = std::mem::take(&mut self.pages);
        for (number, page) in pages.into_iter().enumerate() {
            self.pages.push(page);
            let y = A4.1 - 40.0;
            let (left, right) = line(number + 1, count);
            self.mark(Mark::Line { from: (LEFT, y), to: (LEFT + WIDTH, y), thick: 0.4 });
            self.write(&left, Look::new(7.0, false), (LEFT, y + 3.0), WIDTH * 0.8);
            self.write(&right, Look::new(7.0, false).on(Side::Right), (LEFT + WIDTH * 0.8, y + 3.0), WIDTH * 0.2);
        }
    }
}
