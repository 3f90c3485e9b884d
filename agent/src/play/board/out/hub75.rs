//! The board on HUB75 panels that hang on a Raspberry Pi: pictures for a helper program on the same machine.
//!
//! Panels of this kind must be refreshed thousands of times a second by a program with the pins to itself, and the
//! kept-up one for that (rpi-rgb-led-matrix) is C++ under the GPL: it runs beside the player, never inside it. What it
//! is given is the Flaschen Taschen protocol of the same author, whose server `ft-server` drives such panels: each
//! picture a PPM file (`P6`) in a UDP datagram, behind its pixels the place of its corner: across, down, layer. It
//! decides how a large face is cut to fit datagrams, and when the helper is started again. Next: `colorlight.rs`.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::play::board::output::{Frame, Output, Pixels, dimmed};

/// Bytes of pixels in one datagram at most: one may have 65,507 in all, and the text around them takes up to 64.
const PIECE_BYTES: usize = 65_000;
/// A helper that ended is started again after this long, in nanoseconds: what ended it must not be met in a loop.
const REST_NS: u64 = 5_000_000_000;
/// How long a datagram may take to leave.
const WRITE_MAX: Duration = Duration::from_millis(100);

/// A program that shows what it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// Shows faces through a helper.
#[derive(Debug)]
pub struct Hub75 {
    address: SocketAddr,
    helper: Option<Helper>,
    running: Option<Child>,
    started_mono_ns: Option<u64>,
    socket: Option<UdpSocket>,
}

impl Hub75 {
    /// A helper that takes pictures at `address`, and is started and kept running if it is told how. Nothing happens
    /// before the first face.
    #[must_use]
    pub fn new(address: SocketAddr, helper: Option<Helper>) -> Self {
        Self { address, helper, running: None, started_mono_ns: None, socket: None }
    }

    /// Starts the helper, if it is ours to start and does not run.
    fn keep_running(&mut self, mono_ns: u64) -> io::Result<()> {
        let Some(helper) = &self.helper else { return Ok(()) };
        let name = helper.program.display();
        if let Some(child) = &mut self.running {
            match child.try_wait()? {
                None => return Ok(()),
                Some(status) => {
                    self.running = None;
                    return Err(io::Error::other(format!("the helper {name} ended: {status}")));
                }
            }
        }
        if self.started_mono_ns.is_some_and(|started_ns| mono_ns.saturating_sub(started_ns) < REST_NS) {
            return Err(io::Error::other(format!("the helper {name} does not run; it is started again soon")));
        }
        self.started_mono_ns = Some(mono_ns);
        let mut command = Command::new(&helper.program);
        let started = command.args(&helper.arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = started.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(error.kind(), format!("the helper {name} is not installed")),
            kind => io::Error::new(kind, format!("the helper {name} cannot be started: {error}")),
        })?;
        self.running = Some(child);
        Ok(())
    }

    fn opened(&mut self) -> io::Result<UdpSocket> {
        if let Some(socket) = self.socket.take() {
            return Ok(socket);
        }
        let any: SocketAddr = match self.address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        // Connected, the system tells with the next datagram that nobody took the last one.
        socket.connect(self.address)?;
        // A network that takes nothing must not hold the board up.
        socket.set_write_timeout(Some(WRITE_MAX))?;
        Ok(socket)
    }

    fn send(&mut self, pixels: &dyn Pixels) -> io::Result<()> {
        let socket = self.opened()?;
        for datagram in datagrams(pixels) {
            socket.send(&datagram).map_err(|error| match error.kind() {
                io::ErrorKind::ConnectionRefused => {
                    io::Error::new(error.kind(), format!("no helper takes pictures at {}", self.address))
                }
                _ => error,
            })?;
        }
        self.socket = Some(socket);
        Ok(())
    }
}

impl Output for Hub75 {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let Err(trouble) = self.keep_running(frame.now.mono_raw_ns) else { return self.send(frame.pixels) };
        // A helper that outlived a player that was killed keeps ours from starting, and shows what it is sent. Whether
        // anybody took the first is told with the second.
        self.send(frame.pixels).and_then(|()| self.send(frame.pixels)).map_err(|_| trouble)
    }

    /// Datagrams are lost, and a helper that was started again shows nothing.
    fn forgets(&self) -> bool {
        true
    }
}

impl Drop for Hub75 {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            // One that ended already is collected all the same.
            let _ended = child.kill();
            let _collected = child.wait();
        }
    }
}

/// The face as datagrams: bands of whole rows, of parts of rows where even one is too long.
fn datagrams(pixels: &dyn Pixels) -> impl Iterator<Item = Vec<u8>> {
    let (width, height) = (pixels.width_px() as usize, pixels.height_px() as usize);
    let across = width.clamp(1, PIECE_BYTES / 3);
    let down = (PIECE_BYTES / 3 / across).max(1);
    let corners =
        (0..height).step_by(down).flat_map(move |top| (0..width).step_by(across).map(move |left| (left, top)));
    let mut row = Vec::new();
    corners.map(move |(left, top)| {
        let (wide, high) = (across.min(width - left), down.min(height - top));
        let mut datagram = format!("P6\n{wide} {high}\n255\n").into_bytes();
        for y in top..top + high {
            row.clear();
            pixels.row(y as u32, &mut row);
            let piece = row.get(left * 3..(left + wide) * 3).unwrap_or_default();
            datagram.extend(piece.iter().map(|value| dimmed(*value, pixels.brightness_percent())));
        }
        // Layer 0 is the one that stays until the next picture.
        datagram.extend_from_slice(format!("{left}\n{top}\n0\n").as_bytes());
        datagram
    })
}

#[cfg(test)]
mod tests;
