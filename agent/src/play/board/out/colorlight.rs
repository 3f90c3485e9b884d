//! The board on a Colorlight 5A-75 receiving card: which Ethernet frames a face is.
//!
//! The card takes frames from one address to one address and answers none of them. The byte after the addresses says
//! what a frame is: 0x55 a piece of a row, 0x0A the brightness of each colour, 0x01 "show what was sent". Known from the open
//! descriptions of the protocol (PanelPlayer's `protocol/readme.md`, zmatrix' `COLORLIGHT_PROTOCOL.md`), not from the
//! maker; which panel shows which part of the picture was written into the card beforehand with the maker's program.
//! It decides what is sent in which order and how often; who sends it is `ethernet.rs`.

use std::io;
use std::time::Duration;

use crate::play::board::output::{Frame, Output, Pixels};

/// To the card, from a sender.
const ADDRESSES: [u8; 12] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x22, 0x22, 0x33, 0x44, 0x55, 0x66];
/// Pixels in one frame at most: 21 bytes and 497 pixels are 1512 of the 1514 bytes that a frame may have.
const PIECE_PX: u32 = 497;
/// The rows that the two bytes of a row's number can tell.
const SIDE_MAX_PX: u32 = 65_535;
/// The card takes a moment to put the last row away; shown before, that row is of the face before.
const SETTLE: Duration = Duration::from_millis(5);
/// The card stutters when told to show more than about 50 faces a second.
const FACE_NS: u64 = 20_000_000;
/// The bytes after the type of a frame that shows, and of one that sets brightness.
const SHOW_BYTES: usize = 99;
const BRIGHTNESS_BYTES: usize = 64;

/// What carries Ethernet frames to the card.
pub trait Wire: Send {
    /// Sends a frame, whole: addresses first, checksum not included.
    ///
    /// # Errors
    /// When it cannot be sent. The next one is tried on a wire opened anew.
    fn send(&mut self, frame: &[u8]) -> io::Result<()>;
    /// Lets time pass.
    fn rest(&mut self, time: Duration);
}

/// Shows faces on panels behind the card.
#[derive(Debug)]
pub struct Colorlight<W> {
    wire: W,
    shown_mono_ns: Option<u64>,
}

impl<W: Wire> Colorlight<W> {
    /// The card at the end of a wire.
    pub fn new(wire: W) -> Self {
        Self { wire, shown_mono_ns: None }
    }
}

impl<W: Wire> Output for Colorlight<W> {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let mono_ns = frame.now.mono_raw_ns;
        let is_soon = self.shown_mono_ns.is_some_and(|shown_ns| mono_ns.saturating_sub(shown_ns) < FACE_NS);
        if frame.is_running && is_soon {
            return Ok(());
        }
        let pixels = frame.pixels;
        if pixels.width_px() > SIDE_MAX_PX || pixels.height_px() > SIDE_MAX_PX {
            return Err(io::Error::other("the card can tell 65535 rows of 65535 pixels apart"));
        }
        let level = level(pixels.brightness_percent());
        self.wire.send(&brightness(level))?;
        rows(pixels, &mut |piece| self.wire.send(piece))?;
        self.wire.rest(SETTLE);
        self.wire.send(&show(level))?;
        self.shown_mono_ns = Some(mono_ns);
        Ok(())
    }

    /// Nothing tells whether the card got it, or was switched on since.
    fn forgets(&self) -> bool {
        true
    }
}

/// The card's word for a brightness of 0 to 100 percent.
fn level(percent: u8) -> u8 {
    (u16::from(percent.min(100)) * 255 / 100) as u8
}

fn frame_of(kind: u8, bytes: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(ADDRESSES.len() + 1 + bytes);
    frame.extend_from_slice(&ADDRESSES);
    frame.push(kind);
    frame
}

/// The frame that shows what was sent.
fn show(level: u8) -> Vec<u8> {
    let mut frame = frame_of(0x01, SHOW_BYTES);
    let mut rest = [0; SHOW_BYTES];
    rest[0] = 0x07;
    rest[22] = level;
    rest[23] = 0x05;
    rest[25..28].fill(level);
    frame.extend_from_slice(&rest);
    frame
}

/// The frame that says how bright red, green and blue are to be.
fn brightness(level: u8) -> Vec<u8> {
    let mut frame = frame_of(0x0a, BRIGHTNESS_BYTES);
    let mut rest = [0; BRIGHTNESS_BYTES];
    rest[..3].fill(level);
    rest[3] = 0xff;
    frame.extend_from_slice(&rest);
    frame
}

/// The frames of all rows, each in as few pieces as it takes.
fn rows(pixels: &dyn Pixels, send: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut row = Vec::new();
    for y in 0..pixels.height_px() {
        row.clear();
        pixels.row(y, &mut row);
        for (index, piece) in row.chunks(PIECE_PX as usize * 3).enumerate() {
            let mut frame = frame_of(0x55, 8 + piece.len());
            // None of the three is over SIDE_MAX_PX.
            for number in [y, index as u32 * PIECE_PX, piece.len() as u32 / 3] {
                frame.extend_from_slice(&(number as u16).to_be_bytes());
            }
            frame.extend_from_slice(&[0x08, 0x88]);
            frame.extend(piece.chunks_exact(3).flat_map(|rgb| [rgb[2], rgb[1], rgb[0]]));
            send(&frame)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
