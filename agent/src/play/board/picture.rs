//! The board as picture files: `board.png` is what it shows now, `faces/` what it showed before; or one file wherever
//! it is wanted, or a folder of numbered ones.
//!
//! For a board that stands in for lamps, for looking in from afar, and for programs that show pictures. The only file
//! that names `png`. A picture is replaced whole, but is not made to survive a power cut: the board draws it anew.
//! Small boards are drawn lamp by lamp, screens pixel by pixel. Next: `terminal.rs`.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::output::{Frame, LAMP_RGB, Output, Pixels, is_plain};

/// A lamp is a square of so many dots, the last row and column of which are the gap to the next lamp.
const LAMP_DOTS: u32 = 4;
/// A picture wider than this is no board of lamps but a screen: a dot for each pixel.
const LAMPS_MAX_PX: u32 = 512;
/// The faces kept; older ones are removed.
const FACES_MAX: usize = 200;
/// A ticker is pictured at most this often: a memory card does not last long at 25 writes a second.
const RUNNING_NS: u64 = 200_000_000;
/// Gap, dark lamp, lit lamp: red, green, blue.
const PALETTE: [[u8; 3]; 3] = [[8, 8, 8], [28, 24, 20], LAMP_RGB];

/// Where pictures go.
#[derive(Debug)]
enum Place {
    /// `board.png` in this folder, and the faces of slides in `faces/`.
    Board(PathBuf),
    /// This file.
    One(PathBuf),
    /// `000000001.png` and so on in this folder: the number of the next, and how many stay.
    Numbered { folder: PathBuf, next: u64, keep: usize },
}

/// Writes picture files.
#[derive(Debug)]
pub struct Picture {
    place: Place,
    /// The files that will have to go, oldest first.
    kept: VecDeque<PathBuf>,
    pictured_mono_ns: Option<u64>,
}

impl Picture {
    /// Pictures into a directory, made with the first of them: a full disk at the start is no reason to show nothing
    /// ever after.
    #[must_use]
    pub fn open(dir: &Path) -> Self {
        let kept = files(&dir.join("faces"), at_ms).into_iter().map(|(_, path)| path).collect();
        Self { place: Place::Board(dir.to_owned()), kept, pictured_mono_ns: None }
    }

    /// One picture, replaced with each face.
    #[must_use]
    pub fn one(file: &Path) -> Self {
        Self { place: Place::One(file.to_owned()), kept: VecDeque::new(), pictured_mono_ns: None }
    }

    /// Numbered pictures, the last `keep` of which stay; the numbers go on where those in the folder end.
    #[must_use]
    pub fn numbered(folder: &Path, keep: usize) -> Self {
        let found = files(folder, number);
        let next = found.last().map_or(1, |(number, _)| number.saturating_add(1));
        let kept = found.into_iter().map(|(_, path)| path).collect();
        Self { place: Place::Numbered { folder: folder.to_owned(), next, keep }, kept, pictured_mono_ns: None }
    }

    fn write(&mut self, frame: &Frame<'_>, bytes: &[u8]) -> io::Result<()> {
        match &mut self.place {
            Place::One(file) => {
                if let Some(folder) = file.parent() {
                    fs::create_dir_all(folder)?;
                }
                replace(file, bytes)
            }
            Place::Numbered { folder, next, keep } => {
                fs::create_dir_all(&*folder)?;
                let (path, keep) = (folder.join(format!("{next:09}.png")), *keep);
                replace(&path, bytes)?;
                *next = next.saturating_add(1);
                self.keep(path, keep);
                Ok(())
            }
            Place::Board(dir) => {
                fs::create_dir_all(dir.join("faces"))?;
                replace(&dir.join("board.png"), bytes)?;
                let Some(voice) = frame.voice.filter(|_| !frame.is_running) else { return Ok(()) };
                let at_ms = frame.now.utc_ns.div_euclid(1_000_000);
                let path = dir.join("faces").join(format!("{at_ms}-{voice}.png"));
                replace(&path, bytes)?;
                self.keep(path, FACES_MAX);
                Ok(())
            }
        }
    }

    fn keep(&mut self, path: PathBuf, most: usize) {
        self.kept.retain(|kept| *kept != path);
        self.kept.push_back(path);
        while self.kept.len() > most {
            // Gone already is as good as removed.
            if let Some(oldest) = self.kept.pop_front() {
                let _gone = fs::remove_file(oldest);
            }
        }
    }
}

impl Output for Picture {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let mono_ns = frame.now.mono_raw_ns;
        let since_ns = self.pictured_mono_ns.map(|before_ns| mono_ns.saturating_sub(before_ns));
        if frame.is_running && since_ns.is_some_and(|since_ns| since_ns < RUNNING_NS) {
            return Ok(());
        }
        let bytes = encode(frame.pixels)?;
        self.write(frame, &bytes)?;
        self.pictured_mono_ns = Some(mono_ns);
        Ok(())
    }
}

/// The files of a folder whose name says a number, by that number.
fn files<N: Ord>(folder: &Path, number: impl Fn(&Path) -> Option<N>) -> Vec<(N, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.filter_map(|entry| Some((number(&entry.path())?, entry.path()))).collect();
    files.sort();
    files
}

/// The number in the name of a numbered picture.
fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".png")?.parse().ok()
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

fn encode(pixels: &dyn Pixels) -> io::Result<Vec<u8>> {
    let scale = if pixels.width_px() > LAMPS_MAX_PX { 1 } else { LAMP_DOTS };
    let in_lamps = scale > 1 && is_plain(pixels);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width_px() * scale, pixels.height_px() * scale);
    let dots = if in_lamps {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Two);
        encoder.set_palette(PALETTE.concat());
        lamp_dots(pixels)
    } else {
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        // A screen is written many times a second: the fastest that is still small.
        encoder.set_compression(png::Compression::Fast);
        colour_dots(pixels, scale as usize)
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&dots)?;
    writer.finish()?;
    Ok(bytes)
}

/// Two bits for each dot, and so one byte for each lamp's row of four.
fn lamp_dots(pixels: &dyn Pixels) -> Vec<u8> {
    let (mut dots, mut rgb) = (Vec::new(), Vec::new());
    for y in 0..pixels.height_px() {
        rgb.clear();
        pixels.row(y, &mut rgb);
        let lamps = rgb.chunks_exact(3).map(|rgb| if rgb == [0; 3] { 0b01_01_01_00 } else { 0b10_10_10_00 });
        let row: Vec<u8> = lamps.collect();
        for _ in 1..LAMP_DOTS {
            dots.extend_from_slice(&row);
        }
        dots.resize(dots.len() + row.len(), 0);
    }
    dots
}

/// Three bytes for each dot; where a pixel is more than one, it has a gap to the next.
fn colour_dots(pixels: &dyn Pixels, scale: usize) -> Vec<u8> {
    let (mut dots, mut rgb) = (Vec::new(), Vec::new());
    let [gap, dark, _] = PALETTE;
    for y in 0..pixels.height_px() {
        if scale == 1 {
            pixels.row(y, &mut dots);
            continue;
        }
        rgb.clear();
        pixels.row(y, &mut rgb);
        let mut row = Vec::with_capacity(rgb.len() * scale);
        for pixel in rgb.chunks_exact(3) {
            let lamp = if *pixel == [0; 3] { &dark[..] } else { pixel };
            (1..scale).for_each(|_| row.extend_from_slice(lamp));
            row.extend_from_slice(&gap);
        }
        (1..scale).for_each(|_| dots.extend_from_slice(&row));
        dots.extend(gap.iter().cycle().take(row.len()));
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::face::{Face, dark};
    use crate::play::board::output::{Lamps, Rgb24};
    use loa_domain::play::class::{BoardClass, Depth, Rotation};
    use loa_host::clock::Clock;

    fn face() -> Face {
        let mut face = dark(&BoardClass::new(20, 16, Depth::Mono).unwrap());
        face.set(19, 1, 1);
        face
    }

    fn lamps(face: &Face) -> Lamps<'_> {
        Lamps { face, rotation: Rotation::None, brightness_percent: 100 }
    }

    fn decode(bytes: &[u8]) -> ((u32, u32), Vec<u8>) {
        let mut decoder = png::Decoder::new(io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        ((info.width, info.height), dots)
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_picture_shows_each_lamp_as_a_square() {
        let ((width, height), dots) = decode(&encode(&lamps(&face())).unwrap());
        assert_eq!((width, height), (80, 64));
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
                picture.put(&Frame { pixels: &lamps(&face), voice, now: clock.now(), is_running: false }).unwrap();
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
            picture
                .put(&Frame { pixels: &lamps(&face), voice: Some(1), now: clock.now(), is_running: step > 0 })
                .unwrap();
            written += usize::from(fs::remove_file(dir.path().join("board.png")).is_ok());
            clock.advance_ns(40_000_000);
        }
        assert_eq!(written, 10);
        assert_eq!(names(&dir.path().join("faces")).len(), 1);
    }

    #[test]
    fn a_board_in_colour_is_pictured_in_its_colours_and_a_screen_dot_by_dot() {
        let bytes = [[255, 0, 0], [0, 0, 0], [1, 2, 3], [9, 9, 9]].concat();
        let board = Rgb24 { width_px: 2, height_px: 2, bytes: &bytes, brightness_percent: 100 };
        let (size, dots) = decode(&encode(&board).unwrap());
        assert_eq!(size, (8, 8));
        let dot = |x: usize, y: usize| &dots[(y * 8 + x) * 3..][..3];
        assert_eq!([dot(0, 0), dot(2, 2), dot(3, 0), dot(4, 0)], [&bytes[..3], &bytes[..3], &PALETTE[0], &PALETTE[1]]);
        assert_eq!([dot(0, 3), dot(0, 4), dot(5, 6), dot(7, 7)], [&PALETTE[0], &bytes[6..9], &bytes[9..], &PALETTE[0]]);
        let bytes: Vec<u8> = (0..600 * 2 * 3).map(|byte| byte as u8).collect();
        let screen = Rgb24 { width_px: 600, height_px: 2, bytes: &bytes, brightness_percent: 100 };
        assert_eq!(decode(&encode(&screen).unwrap()), ((600, 2), bytes.clone()));
    }

    #[test]
    fn one_file_is_replaced_and_numbered_ones_go_on_counting_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let face = face();
        let frame = Frame { pixels: &lamps(&face), voice: None, now: Clock::manual().now(), is_running: false };
        let mut one = Picture::one(&dir.path().join("a/face.png"));
        (0..3).for_each(|_| one.put(&frame).unwrap());
        assert_eq!(names(&dir.path().join("a")), ["face.png"]);
        let folder = dir.path().join("b");
        for _ in 0..2 {
            let mut numbered = Picture::numbered(&folder, 3);
            (0..4).for_each(|_| numbered.put(&frame).unwrap());
        }
        assert_eq!(names(&folder), ["000000006.png", "000000007.png", "000000008.png"]);
    }
}
