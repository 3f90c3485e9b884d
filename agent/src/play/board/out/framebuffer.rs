//! The board on a screen: the Linux framebuffer, as a file that is written to.
//!
//! What the screen is like stands in files of the kernel (`/sys/class/graphics/fbN`), so no call to the driver is made
//! and no memory of it is mapped; a write is also what tells drivers that copy when to do so. It decides where the
//! picture stands: in the middle, every pixel as the largest square that fits. Colours lie as nearly every driver has
//! them: 5, 6 and 5 bits, or blue, green, red. Next: `hub75.rs`.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::play::board::output::{Frame, Output, Pixels, dimmed};

/// The largest screen either way, in pixels: more is a file that does not say what it should.
const SIDE_MAX_PX: u32 = 16_384;

/// What a screen is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Geometry {
    width_px: u32,
    height_px: u32,
    /// Bytes of a pixel: 2, 3 or 4.
    depth: usize,
    /// Bytes from a row to the next.
    stride: usize,
    /// Where in the driver's memory the visible part begins, in bytes.
    start: usize,
}

impl Geometry {
    /// Reads it from the kernel's folder about a framebuffer.
    fn read(about: &Path) -> io::Result<Self> {
        let pair = |name: &str, between: char| -> io::Result<Option<(u32, u32)>> {
            match fs::read_to_string(about.join(name)) {
                Ok(text) => Ok(numbers(&text, between)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        };
        let wrong = |what: &str| io::Error::other(format!("{}: {what}", about.display()));
        let single = |name: &str| -> io::Result<usize> {
            fs::read_to_string(about.join(name))?.trim().parse().map_err(|_| wrong(&format!("{name} is no number")))
        };
        let whole = fs::read_to_string(about.join("virtual_size"))?;
        let whole = numbers(&whole, ',').ok_or_else(|| wrong("virtual_size is not two numbers"))?;
        // Drivers keep a second picture below the one that is seen; the mode says how large that is.
        let seen = pair("modes", 'x')?.unwrap_or(whole);
        let (left, top) = pair("pan", ',')?.unwrap_or_default();
        let (width_px, height_px) = (seen.0.min(whole.0), seen.1.min(whole.1));
        let bits = single("bits_per_pixel")?;
        let depth = match bits {
            16 | 24 | 32 => bits / 8,
            _ => return Err(wrong(&format!("{bits} bits a pixel; 16, 24 and 32 are possible"))),
        };
        let stride = single("stride")?;
        let fits = (1..=SIDE_MAX_PX).contains(&width_px) && (1..=SIDE_MAX_PX).contains(&height_px);
        if !fits || stride < width_px as usize * depth || stride > SIDE_MAX_PX as usize * 8 {
            return Err(wrong(&format!("{width_px} x {height_px} pixels in rows of {stride} bytes")));
        }
        // What is panned beyond the memory is a reading that was torn: from the top, then.
        let panned = left.saturating_add(width_px) <= whole.0 && top.saturating_add(height_px) <= whole.1;
        let start = if panned { top as usize * stride + left as usize * depth } else { 0 };
        Ok(Self { width_px, height_px, depth, stride, start })
    }

    /// How large each pixel of a picture is shown, and where its corner stands; none if it is larger than the screen.
    fn place(&self, width_px: u32, height_px: u32) -> Option<(u32, u32, u32)> {
        let scale = (self.width_px / width_px.max(1)).min(self.height_px / height_px.max(1));
        let middle = |screen_px: u32, picture_px: u32| (screen_px - picture_px * scale) / 2;
        (scale > 0).then(|| (scale, middle(self.width_px, width_px), middle(self.height_px, height_px)))
    }

    /// A row of the picture as the screen's bytes, each pixel `scale` times.
    fn line(&self, row: &[u8], levels: &[u8; 256], scale: u32, to: &mut Vec<u8>) {
        let pixels = row.chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]].map(|value| levels[usize::from(value)]));
        match self.depth {
            2 => pixels.for_each(|[red, green, blue]| {
                let packed = u16::from(red >> 3) << 11 | u16::from(green >> 2) << 5 | u16::from(blue >> 3);
                (0..scale).for_each(|_| to.extend_from_slice(&packed.to_ne_bytes()));
            }),
            3 => pixels.for_each(|[red, green, blue]| {
                (0..scale).for_each(|_| to.extend_from_slice(&[blue, green, red]));
            }),
            _ => pixels.for_each(|[red, green, blue]| {
                (0..scale).for_each(|_| to.extend_from_slice(&[blue, green, red, 0xff]));
            }),
        }
    }

    /// The picture as the bytes of the visible part; none if it does not fit.
    fn draw(&self, pixels: &dyn Pixels) -> Option<Vec<u8>> {
        let (scale, left, top) = self.place(pixels.width_px(), pixels.height_px())?;
        let levels = std::array::from_fn(|value| dimmed(value as u8, pixels.brightness_percent()));
        // The last row ends with its pixels: behind it the memory may end too.
        let length = self.stride * (self.height_px as usize - 1) + self.width_px as usize * self.depth;
        let mut screen = vec![0; length];
        let (mut row, mut line) = (Vec::new(), Vec::new());
        for y in 0..pixels.height_px() {
            row.clear();
            line.clear();
            pixels.row(y, &mut row);
            self.line(&row, &levels, scale, &mut line);
            for below in 0..scale {
                let at = (top + y * scale + below) as usize * self.stride + left as usize * self.depth;
                screen[at..at + line.len()].copy_from_slice(&line);
            }
        }
        Some(screen)
    }
}

/// The first two numbers of a text, parted by a sign: `1920,1080` or `U:1920x1080p-60`.
fn numbers(text: &str, between: char) -> Option<(u32, u32)> {
    let (first, second) = text.lines().next()?.split_once(between)?;
    let first = first.rsplit(|sign: char| !sign.is_ascii_digit()).next()?;
    let second = second.split(|sign: char| !sign.is_ascii_digit()).next()?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

/// Shows faces on a screen.
#[derive(Debug)]
pub struct Framebuffer {
    device: PathBuf,
    about: PathBuf,
    /// None until the first face, and again after one that failed: the screen may be another one by then.
    open: Option<(File, Geometry)>,
}

impl Framebuffer {
    /// The screen behind a device file such as `/dev/fb0`; nothing is opened before the first face.
    #[must_use]
    pub fn new(device: &Path) -> Self {
        let name = device.file_name().unwrap_or_default();
        Self::told_by(device, &Path::new("/sys/class/graphics").join(name))
    }

    fn told_by(device: &Path, about: &Path) -> Self {
        Self { device: device.to_owned(), about: about.to_owned(), open: None }
    }

    fn opened(&mut self) -> io::Result<&(File, Geometry)> {
        if self.open.is_none() {
            let named =
                |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
            let geometry = Geometry::read(&self.about).map_err(|error| named(&self.about, error))?;
            let file = OpenOptions::new().write(true).open(&self.device).map_err(|error| named(&self.device, error))?;
            self.open = Some((file, geometry));
        }
        // It was just set where it was not.
        self.open.as_ref().ok_or_else(|| io::Error::other("no screen"))
    }

    fn write(&mut self, pixels: &dyn Pixels) -> io::Result<()> {
        let (file, geometry) = self.opened()?;
        let screen = geometry.draw(pixels).ok_or_else(|| {
            io::Error::other(format!(
                "a picture of {} x {} pixels is larger than the screen of {} x {}",
                pixels.width_px(),
                pixels.height_px(),
                geometry.width_px,
                geometry.height_px
            ))
        })?;
        file.write_all_at(&screen, geometry.start as u64)
    }
}

impl Output for Framebuffer {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let written = self.write(frame.pixels);
        if written.is_err() {
            self.open = None;
        }
        written
    }

    /// The system's console may write over it.
    fn forgets(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
