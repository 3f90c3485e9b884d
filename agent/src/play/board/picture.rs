//! The board as a picture file: `board.png` is what it shows now, `faces/` what it showed before.
//!
//! For a board that stands in for lamps, and for looking in from afar. The only file that names `png`. A picture is
//! replaced whole, but is not made to survive a power cut: the board draws it anew. Next: `terminal.rs`.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::face::Face;
use super::output::{Frame, Output};

/// A lamp is a square of so many dots, the last row and column of which are the gap to the next lamp.
const LAMP_DOTS: u32 = 4;
/// The faces kept; older ones are removed.
const FACES_MAX: usize = 200;
/// A ticker is pictured at most this often: a memory card does not last long at 25 writes a second.
const RUNNING_NS: u64 = 200_000_000;
/// Gap, dark lamp, lit lamp: red, green, blue.
const PALETTE: [[u8; 3]; 3] = [[8, 8, 8], [28, 24, 20], [255, 176, 32]];

/// Writes pictures into a directory.
#[derive(Debug)]
pub struct Picture {
    dir: PathBuf,
    /// The faces there, oldest first.
    faces: VecDeque<PathBuf>,
    pictured_mono_ns: Option<u64>,
}

impl Picture {
    /// Pictures into a directory, made with the first of them: a full disk at the start is no reason to show nothing
    /// ever after.
    #[must_use]
    pub fn open(dir: &Path) -> Self {
        let entries = fs::read_dir(dir.join("faces")).into_iter().flatten().flatten();
        let mut faces: Vec<_> = entries.filter_map(|entry| Some((at_ms(&entry.path())?, entry.path()))).collect();
        faces.sort();
        let faces = faces.into_iter().map(|(_, path)| path).collect();
        Self { dir: dir.to_owned(), faces, pictured_mono_ns: None }
    }

    fn keep(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join("faces").join(name);
        replace(&path, bytes)?;
        self.faces.retain(|face| *face != path);
        self.faces.push_back(path);
        while self.faces.len() > FACES_MAX {
            // Gone already is as good as removed.
            if let Some(oldest) = self.faces.pop_front() {
                let _gone = fs::remove_file(oldest);
            }
        }
        Ok(())
    }
}

impl Output for Picture {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let mono_ns = frame.now.mono_raw_ns;
        let since_ns = self.pictured_mono_ns.map(|before_ns| mono_ns.saturating_sub(before_ns));
        if frame.is_running && since_ns.is_some_and(|since_ns| since_ns < RUNNING_NS) {
            return Ok(());
        }
        let bytes = encode(frame.face)?;
        fs::create_dir_all(self.dir.join("faces"))?;
        replace(&self.dir.join("board.png"), &bytes)?;
        self.pictured_mono_ns = Some(mono_ns);
        match frame.voice {
            Some(voice) if !frame.is_running => {
                let at_ms = frame.now.utc_ns.div_euclid(1_000_000);
                self.keep(&format!("{at_ms}-{voice}.png"), &bytes)
            }
            _ => Ok(()),
        }
    }
}

/// The instant in the name of a face; none for files that are no faces.
fn at_ms(path: &Path) -> Option<i64> {
    let (at_ms, voice) = path.file_name()?.to_str()?.strip_suffix(".png")?.rsplit_once('-')?;
    voice.parse::<u64>().ok()?;
    at_ms.parse().ok()
}

/// Readers see the old picture or the new one.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("png.new");
    fs::write(&new, bytes)?;
    fs::rename(&new, path)
}

fn encode(face: &Face) -> io::Result<Vec<u8>> {
    let (width, height) = (face.size().width_px() * LAMP_DOTS, face.size().height_px() * LAMP_DOTS);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(PALETTE.concat());
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&dots(face))?;
    writer.finish()?;
    Ok(bytes)
}

/// Two bits for each dot, and so one byte for each lamp's row of four.
fn dots(face: &Face) -> Vec<u8> {
    let mut dots = Vec::new();
    for y in 0..face.size().height_px() as i32 {
        let lamps =
            (0..face.size().width_px() as i32).map(|x| if face.is_lit(x, y) { 0b10_10_10_00 } else { 0b01_01_01_00 });
        let row: Vec<u8> = lamps.collect();
        for _ in 1..LAMP_DOTS {
            dots.extend_from_slice(&row);
        }
        dots.resize(dots.len() + row.len(), 0);
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::face::BoardSize;
    use loa_host::clock::Clock;

    fn face() -> Face {
        let mut face = Face::dark(BoardSize::new(20, 16).unwrap());
        face.set(19, 1, true);
        face
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_picture_shows_each_lamp_as_a_square() {
        let bytes = encode(&face()).unwrap();
        let mut decoder = png::Decoder::new(io::Cursor::new(&bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        assert_eq!((info.width, info.height), (80, 64));
        let dot = |x: usize, y: usize| &dots[(y * 80 + x) * 3..][..3];
        assert_eq!([dot(76, 4), dot(78, 6)], [&PALETTE[2]; 2]);
        assert_eq!([dot(79, 4), dot(76, 7)], [&PALETTE[0]; 2]);
        assert_eq!([dot(72, 4), dot(76, 0)], [&PALETTE[1]; 2]);
    }

    #[test]
    fn faces_of_slides_are_kept_and_the_oldest_make_room_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual();
        let face = face();
        for start in 0..2 {
            let mut picture = Picture::open(dir.path());
            for at in 0..150 {
                clock.advance_ns(1_000_000);
                let voice = (at % 50 != 7).then_some(start * 1_000 + at);
                picture.put(&Frame { face: &face, voice, now: clock.now(), is_running: false }).unwrap();
            }
        }
        let kept = names(&dir.path().join("faces"));
        assert_eq!(kept.len(), FACES_MAX);
        assert_eq!(kept[199], format!("{}-1149.png", clock.now().utc_ns / 1_000_000));
        assert!(!kept.iter().any(|name| name.ends_with("-5.png")));
        assert_eq!(names(dir.path()), ["board.png", "faces"]);
    }

    #[test]
    fn a_ticker_is_pictured_five_times_a_second_and_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual();
        let mut picture = Picture::open(dir.path());
        let mut written = 0;
        for step in 0..50 {
            let face = face();
            picture.put(&Frame { face: &face, voice: Some(1), now: clock.now(), is_running: step > 0 }).unwrap();
            written += usize::from(fs::remove_file(dir.path().join("board.png")).is_ok());
            clock.advance_ns(40_000_000);
        }
        assert_eq!(written, 10);
        assert_eq!(names(&dir.path().join("faces")).len(), 1);
    }
}
