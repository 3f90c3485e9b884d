//! The board in a terminal: two rows of lamps to a line of half blocks, in a frame.
//!
//! For whoever starts the player by hand. Nothing else is decided here.

use std::io::{self, IsTerminal, Stdout, Write};

use super::face::Face;
use super::output::{Frame, Output};

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
        let text = half_blocks(frame.face);
        if self.in_place && self.drawn_lines > 0 {
            write!(self.to, "\x1b[{}A\r", self.drawn_lines)?;
        }
        self.to.write_all(text.as_bytes())?;
        self.to.flush()?;
        self.drawn_lines = text.lines().count();
        Ok(())
    }
}

/// The face in a frame, one line of text for two rows of lamps.
fn half_blocks(face: &Face) -> String {
    let (width, height) = (face.size().width_px() as i32, face.size().height_px() as i32);
    let edge = "─".repeat(width as usize);
    let mut text = format!("┌{edge}┐\n");
    for y in (0..height).step_by(2) {
        let row = (0..width).map(|x| match (face.is_lit(x, y), face.is_lit(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        text.push('│');
        text.extend(row);
        text.push_str("│\n");
    }
    text.push_str(&format!("└{edge}┘\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::face::BoardSize;
    use loa_host::clock::Clock;

    fn face() -> Face {
        let mut face = Face::dark(BoardSize::new(16, 17).unwrap());
        face.bar(0, 0, 1, 2);
        face.set(1, 0, true);
        face.set(2, 1, true);
        face.set(15, 16, true);
        face
    }

    fn drawn(in_place: bool, is_running: bool) -> String {
        let mut terminal = Terminal::new(Vec::new(), in_place);
        let now = Clock::manual().now();
        terminal.put(&Frame { face: &face(), voice: None, now, is_running: false }).unwrap();
        terminal.put(&Frame { face: &face(), voice: None, now, is_running }).unwrap();
        String::from_utf8(terminal.to).unwrap()
    }

    #[test]
    fn a_character_holds_two_lamps_and_the_frame_holds_all() {
        let text = half_blocks(&face());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2 + 9);
        assert_eq!(lines[1], "│█▀▄             │");
        assert_eq!(lines[9], "│               ▀│");
    }

    #[test]
    fn a_face_covers_the_one_before_on_a_terminal_and_follows_it_in_a_file() {
        let once = half_blocks(&face());
        assert_eq!(drawn(true, true), format!("{once}\x1b[11A\r{once}"));
        assert_eq!(drawn(false, false), format!("{once}{once}"));
        assert_eq!(drawn(false, true), once);
    }
}
