//! A board: `loa-agent` that puts its faces into numbered pictures, and pictures that can be compared.
//!
//! The only file here that names `png`. Two pictures are the same when the same lamps are lit in the same colours; where
//! all that are lit have one colour, which one does not count: boards of one colour are pictured as amber. What should
//! be seen is for the stories to say.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use loa_domain::class::Depth;
use loa_domain::play::slide::Slide;

use super::desk::Desk;
use super::programs::{Process, program};

/// How the player pictures a lamp that is dark.
const DARK: [u8; 3] = [28, 24, 20];
/// Dots of a lamp in the player's pictures, either way.
const LAMP_DOTS: u32 = 4;

/// Lamps: row after row, what each is lit in; nothing for a dark one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picture {
    width: u32,
    lamps: Vec<Option<[u8; 3]>>,
}

impl Picture {
    fn new(width: u32, rgb: impl Iterator<Item = [u8; 3]>) -> Self {
        let mut lamps: Vec<Option<[u8; 3]>> = rgb.map(|rgb| (rgb != [0; 3] && rgb != DARK).then_some(rgb)).collect();
        let colours: BTreeSet<[u8; 3]> = lamps.iter().flatten().copied().collect();
        if colours.len() == 1 {
            lamps.iter_mut().flatten().for_each(|rgb| *rgb = [255; 3]);
        }
        Self { width, lamps }
    }
}

/// A picture file, each lamp of which is `dots` dots wide.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn picture(file: &Path, dots: u32) -> Picture {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(file).expect("a picture")));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("not too large")];
    let info = reader.next_frame(&mut bytes).expect("a whole PNG");
    assert_eq!(info.color_type, png::ColorType::Rgb, "{}", file.display());
    let (width, height) = (info.width / dots, info.height / dots);
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = places.map(|(x, y)| {
        let at = ((y * dots * info.width + x * dots) * 3) as usize;
        [bytes[at], bytes[at + 1], bytes[at + 2]]
    });
    Picture::new(width, rgb)
}

/// Pictures made and read without a player.
pub mod raw {
    use super::Picture;
    use std::fs::File;
    use std::io::BufWriter;
    use std::path::Path;

    /// A picture of four bytes a lamp.
    ///
    /// # Panics
    /// When it has another size.
    #[must_use]
    pub fn rgba(bytes: &[u8], width: u32, height: u32) -> Picture {
        assert_eq!(bytes.len(), (width * height * 4) as usize);
        Picture::new(width, bytes.chunks_exact(4).map(|lamp| [lamp[0], lamp[1], lamp[2]]))
    }

    /// Writes a photograph's stand-in: slopes of red and green, blue in the middle.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write_slope(file: &Path, width: u32, height: u32) {
        let place = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let dots: Vec<u8> = place
            .flat_map(|(x, y)| {
                let blue = if x.abs_diff(width / 2) + y.abs_diff(height / 2) < height / 3 { 255 } else { 0 };
                [(x * 255 / width) as u8, (y * 255 / height) as u8, blue]
            })
            .collect();
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(file).expect("a file")), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&dots).expect("a picture");
    }
}

/// The faces of a slide as the desk previews them on a board of this kind (`128x64:grey16`), page by page.
///
/// # Panics
/// When the desk cannot.
#[must_use]
pub fn previews(desk: &Desk, folder: &Path, slide: &str, board: &str) -> Vec<Picture> {
    // A run before this one may have written more of them.
    let _none = std::fs::remove_dir_all(folder);
    let to = folder.to_str().expect("a path in UTF-8");
    let (code, said) = desk.loa(&["slide", "show", slide, "--board", board, "--png", to, "--zoom", "1"]);
    assert_eq!(code, 0, "{said}");
    let mut files: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.expect("a file").path()).collect(),
        // One face alone is a file of that name.
        Err(_) => vec![folder.to_owned()],
    };
    files.sort();
    assert!(!files.is_empty(), "{said}");
    files.iter().map(|file| picture(file, 1)).collect()
}

/// The first face of a slide as a browser's program draws it, eight seconds long.
///
/// # Panics
/// When it cannot be run.
#[must_use]
pub fn in_browser(program: &OsStr, slide: &Path, (width, height): (u32, u32), depth: Depth) -> Picture {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("world/preview.mjs");
    let place = Depth::ALL.iter().position(|other| *other == depth).expect("a depth").to_string();
    let mut command = Command::new("node");
    command.arg(&script).arg(program).arg(slide).args([width.to_string(), height.to_string(), place]);
    let done = command.output().expect("node runs; apt-get install nodejs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    raw::rgba(&done.stdout, width, height)
}

/// The files of all slides that a desk has made.
#[must_use]
pub fn slides(desk: &Desk) -> Vec<PathBuf> {
    let is_slide = |file: &PathBuf| {
        let bytes = std::fs::read(file).expect("content");
        Slide::read(&bytes).is_ok_and(|(slide, head)| slide.fits((bytes.len() - head) as u32))
    };
    files_below(&desk.folder().join("content")).into_iter().filter(is_slide).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

/// A board and its pictures.
pub struct Player {
    pictures: PathBuf,
    _process: Process,
}

impl Player {
    /// Starts a board of this kind in `home`.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(home: &Path, id: &str, board: &str, root: &Path, broker: SocketAddr) -> Self {
        let (folder, pictures) = (home.join(id), home.join(format!("{id}-pictures")));
        let outputs = home.join(format!("{id}.toml"));
        let text =
            format!("[[output]]\nkind = \"picture\"\nfolder = {:?}\nkeep = 5000\n", pictures.display().to_string());
        std::fs::write(&outputs, text).expect("a file of outputs");
        let mut command = program("loa-agent");
        command.arg("--data").arg(&folder).args(["--id", id, "--kind", "board", "--board", board]);
        command.arg("--outputs").arg(&outputs);
        command.arg("--root").arg(root).arg("--broker").arg(format!("mqtt://{broker}"));
        Self { pictures, _process: Process::start(command, &home.join(format!("{id}.log"))) }
    }

    /// Every face that it has shown.
    #[must_use]
    pub fn faces(&self) -> BTreeSet<Picture> {
        let files = std::fs::read_dir(&self.pictures).into_iter().flatten().flatten().map(|entry| entry.path());
        let whole = files.filter(|file| file.extension().is_some_and(|ending| ending == "png"));
        whole.map(|file| picture(&file, LAMP_DOTS)).collect()
    }
}
