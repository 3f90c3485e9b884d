//! The board in a terminal: two rows of pixels to a line of half blocks, in a frame.
//!
//! For whoever starts the player by hand. A face of one colour is drawn in the terminal's own, so that it can be read
//! anywhere; one of many takes a terminal of 24-bit colours. Nothing else is decided here. Next: `out/mod.rs`.

use std::io::{self, IsTerminal, Stdout, Write};

use super::output::{Frame, Output, Pixels, is_plain};

/// Draws faces as text.
#[derive(Debug)]
pub struct Terminal<W> {
    to: W,
    /// Each face is drawn over the one before; else below it, and tickers stand still.
    in_place: bool,
    drawn_lines: usize,
}

impl Terminal<Stdout> {
    /// The standard output, if it is a terminal. `forced`: also if it is not; then faces follow one another.
    #[must_use]
    pub fn stdout(forced: bool) -> Option<Self> {
        let in_place = io::stdout().is_terminal();
        (in_place || forced).then(|| Self::new(io::stdout(), in_place))
    }
}

impl<W: Write> Terminal<W> {
    /// Draws to `to`; `in_place` takes a terminal that obeys ANSI X3.64.
    pub fn new(to: W, in_place: bool) -> Self {
        Self { to, in_place, drawn_lines: 0 }
    }
}

impl<W: Write + Send> Output for Terminal<W> {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        if frame.is_running && !self.in_place {
            return Ok(());
        }
        let text = half_blocks(frame.pixels);
        if self.in_place && self.drawn_lines > 0 {
            write!(self.to, "\x1b[{}A\r", self.drawn_lines)?;
        }
        self.to.write_all(text.as_bytes())?;
        self.to.flush()?;
        self.drawn_lines = text.lines().count();
        Ok(())
    }
}

/// The picture in a frame, one line of text for two rows of pixels.
fn half_blocks(pixels: &dyn Pixels) -> String {
    let edge = "─".repeat(pixels.width_px() as usize);
    let in_colour = !is_plain(pixels);
    let mut text = format!("┌{edge}┐\n");
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for y in (0..pixels.height_px()).step_by(2) {
        upper.clear();
        lower.clear();
        pixels.row(y, &mut upper);
        if y + 1 < pixels.height_px() {
            pixels.row(y + 1, &mut lower);
        }
        lower.resize(upper.len(), 0);
        text.push('│');
        if in_colour {
            coloured(&upper, &lower, &mut text);
        } else {
            plain(&upper, &lower, &mut text);
        }
        text.push_str("│\n");
    }
    text.push_str(&format!("└{edge}┘\n"));
    text
}

/// Lit and dark, in whatever colours the terminal has.
fn plain(upper: &[u8], lower: &[u8], text: &mut String) {
    let is_lit = |rgb: &[u8]| rgb != [0; 3];
    text.extend(upper.chunks_exact(3).zip(lower.chunks_exact(3)).map(|(upper, lower)| {
        match (is_lit(upper), is_lit(lower)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }
    }));
}

/// The upper half of each block in its own colour, the lower half as what is behind it. A colour is said where it
/// changes.
fn coloured(upper: &[u8], lower: &[u8], text: &mut String) {
    let mut said = None;
    for (upper, lower) in upper.chunks_exact(3).zip(lower.chunks_exact(3)) {
        if said != Some((upper, lower)) {
            let (u, l) = (upper, lower);
            text.push_str(&format!("\x1b[38;2;{};{};{};48;2;{};{};{}m", u[0], u[1], u[2], l[0], l[1], l[2]));
            said = Some((upper, lower));
        }
        text.push('▀');
    }
    text.push_str("\x1b[0m");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::face::{Face, dark};
    use crate::play::board::output::{Lamps, Rgb24};
    use loa_domain::play::class::{BoardClass, Depth, Rotation};
    use loa_host::clock::Clock;

    fn face() -> Face {
        let mut face = dark(&BoardClass::new(16, 17, Depth::Mono).unwrap());
        face.set(0, 0, 1);
        face.set(0, 1, 1);
        face.set(1, 0, 1);
        face.set(2, 1, 1);
        face.set(15, 16, 1);
        face
    }

    fn drawn(in_place: bool, is_running: bool) -> String {
        let mut terminal = Terminal::new(Vec::new(), in_place);
        let now = Clock::manual().now();
        let face = face();
        let pixels = &Lamps { face: &face, rotation: Rotation::None, brightness_percent: 100 };
        terminal.put(&Frame { pixels, voice: None, now, is_running: false }).unwrap();
        terminal.put(&Frame { pixels, voice: None, now, is_running }).unwrap();
        String::from_utf8(terminal.to).unwrap()
    }

    #[test]
    fn a_character_holds_two_lamps_and_the_frame_holds_all() {
        let text = half_blocks(&Lamps { face: &face(), rotation: Rotation::None, brightness_percent: 100 });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2 + 9);
        assert_eq!(lines[1], "│█▀▄             │");
        assert_eq!(lines[9], "│               ▀│");
    }

    #[test]
    fn a_face_covers_the_one_before_on_a_terminal_and_follows_it_in_a_file() {
        let once = half_blocks(&Lamps { face: &face(), rotation: Rotation::None, brightness_percent: 100 });
        assert_eq!(drawn(true, true), format!("{once}\x1b[11A\r{once}"));
        assert_eq!(drawn(false, false), format!("{once}{once}"));
        assert_eq!(drawn(false, true), once);
    }

    #[test]
    fn a_picture_of_many_colours_says_each_where_it_changes() {
        let bytes =
            [[255, 0, 0], [255, 0, 0], [0, 0, 9], [0, 7, 0], [0, 7, 0], [0, 7, 0], [1, 1, 1], [1, 1, 1], [0; 3]];
        let pixels = Rgb24 { width_px: 3, height_px: 3, bytes: &bytes.concat(), brightness_percent: 100 };
        let text = half_blocks(&pixels);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "│\x1b[38;2;255;0;0;48;2;0;7;0m▀▀\x1b[38;2;0;0;9;48;2;0;7;0m▀\x1b[0m│");
        assert_eq!(lines[2], "│\x1b[38;2;1;1;1;48;2;0;0;0m▀▀\x1b[38;2;0;0;0;48;2;0;0;0m▀\x1b[0m│");
        assert_eq!(lines.len(), 4);
    }
}
