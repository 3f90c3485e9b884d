//! An LED board: the firmware's image in an emulator, with a file as its flash and a panel that can be looked at.
//!
//! It decides how the emulator is started and read; what the panel should show is drawn here by the crate `board`, on
//! this machine. What happens is for `story/board.rs`, next.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use loa_board::{Canvas, Layout, Moment, draw_quiet, draw_slide, lay_out};
use loa_domain::class::{BoardClass, Depth};
use loa_domain::id::Hash;
use loa_domain::play::slide::Slide;

use super::faces::{Picture, raw};
use super::programs::{Process, program, until};

/// Pixels across and down.
pub const SIZE: (usize, usize) = (128, 64);
/// The emulator's program.
const EMULATOR: &str = "qemu-system-arm";

/// One picture: a grey from 0 to 15 for each pixel, row by row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frame(Vec<u8>);

/// The board's lamps in memory.
type Lamps = Canvas<Vec<u8>>;

/// The kind of board it is.
///
/// # Panics
/// Never.
#[must_use]
pub fn class() -> BoardClass {
    BoardClass::new(SIZE.0 as u16, SIZE.1 as u16, Depth::Grey16).expect("a board")
}

fn dark() -> Lamps {
    Canvas::over(SIZE.0 as u32, SIZE.1 as u32, Depth::Grey16, vec![0; SIZE.0 * SIZE.1 / 2]).expect("as many")
}

/// A slide as the desk made it, to be drawn here as it should be seen there.
pub struct Drawn {
    bytes: Vec<u8>,
    slide: Slide,
    head: usize,
    layout: Layout,
}

impl Drawn {
    /// The slide in `bytes`; none if it is none.
    #[must_use]
    pub fn read(bytes: Vec<u8>) -> Option<Self> {
        let (slide, head) = Slide::read(&bytes).ok()?;
        let is_whole = slide.fits((bytes.len() - head) as u32);
        let layout = lay_out(&slide, &class());
        is_whole.then_some(Self { bytes, slide, head, layout })
    }

    /// What it is.
    #[must_use]
    pub fn slide(&self) -> &Slide {
        &self.slide
    }

    /// Which of its faces is due.
    #[must_use]
    pub fn moment(&self, when: loa_board::When) -> Moment {
        Moment::at(&self.slide, &self.layout, &&self.bytes[self.head..], when)
    }

    /// Its lamps at a moment, where `before` was up.
    #[must_use]
    pub fn lamps(&self, moment: Moment, before: Option<&Lamps>) -> Lamps {
        let mut lamps = before.cloned().unwrap_or_else(dark);
        let Ok(()) = draw_slide(&self.slide, &self.layout, &&self.bytes[self.head..], moment, &mut lamps);
        lamps
    }
}

impl Frame {
    /// Lamps as the panel shows them.
    #[must_use]
    pub fn of(lamps: &Lamps) -> Self {
        let places = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)));
        Self(places.map(|(x, y)| lamps.level(x as i32, y as i32) as u8).collect())
    }

    /// The face of a board on which nothing is due.
    #[must_use]
    pub fn quiet(time: &str, lines: &[&str]) -> Self {
        let mut lamps = dark();
        let Ok(()) = draw_quiet(time, lines, 0, &class(), &mut lamps);
        Self::of(&lamps)
    }

    /// As a picture that can be held against others.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let rgba: Vec<u8> = self.0.iter().flat_map(|grey| [grey * 17, grey * 17, grey * 17, 255]).collect();
        raw::rgba(&rgba, SIZE.0 as u32, SIZE.1 as u32)
    }

    /// The SHA-256 by which a proof names it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let bytes: Vec<u8> = self.0.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        Hash::of(&bytes)
    }

    /// Rows of letters, darker to brighter.
    #[must_use]
    pub fn rows(&self) -> String {
        let letter = |grey: &u8| char::from(b" .:-=+*#%@"[usize::from(*grey) * 9 / 15]);
        let rows = self.0.chunks(SIZE.0).map(|row| row.iter().map(letter).collect::<String>());
        rows.map(|row| format!("{}\n", row.trim_end())).collect()
    }
}

/// How the emulator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As time passes, with a network.
    Real,
    /// As fast as the machine goes, without a network.
    Fast,
}

/// A board's folder, and the board while it has power.
pub struct Board {
    folder: PathBuf,
    image: PathBuf,
    /// Its key, as people compare it.
    fingerprint: String,
    process: Option<Process>,
}

/// Why there can be no board here: a sentence, or nothing.
#[must_use]
pub fn missing() -> Option<String> {
    let has_emulator = Command::new(EMULATOR).arg("--version").output().is_ok_and(|done| done.status.success());
    match std::env::var_os("LOA_BOARD_IMAGE") {
        _ if !has_emulator => Some(format!("{EMULATOR} is not installed; install qemu-system-arm")),
        None => Some("the firmware was not built; run make e2e-board".to_owned()),
        Some(_) => None,
    }
}

impl Board {
    /// Sets a board up in `home`, without power.
    ///
    /// # Panics
    /// When its page cannot be made.
    #[must_use]
    pub fn set_up(home: &Path, id: &str, root: &Path, port: u16) -> Self {
        let folder = home.join(id);
        std::fs::create_dir_all(&folder).expect("a folder for the board");
        let mut command = program("loa-board-page");
        command.args(["--id", id, "--flash", "--broker", &format!("10.0.2.2:{port}"), "--root"]).arg(root);
        let done = command.arg("--out").arg(folder.join("flash.bin")).output().expect("loa-board-page runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let image = std::env::var_os("LOA_BOARD_IMAGE").map(PathBuf::from).unwrap_or_default();
        let fingerprint = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        Self { folder, image, fingerprint, process: None }
    }

    /// What it shows while nobody has enrolled it, on a clock that nobody set.
    #[must_use]
    pub fn waiting(&self) -> Frame {
        Frame::quiet("--:--", &["Chưa được ghi danh", &self.fingerprint])
    }

    /// Gives it power. `battery` says whether it has a battery-backed clock.
    pub fn start(&mut self, pace: Pace, battery: bool) {
        let mut command = Command::new(EMULATOR);
        command.current_dir(&self.folder).arg("-kernel").arg(&self.image);
        command.args(["-M", "lm3s6965evb", "-cpu", "cortex-m3", "-display", "none", "-serial", "file:serial.log"]);
        command.args(["-monitor", "unix:monitor,server,nowait", "-semihosting-config"]);
        let clock = if battery { ",arg=battery" } else { "" };
        command.arg(format!("enable=on,target=native,arg=board{clock}"));
        match pace {
            Pace::Real => command.args(["-nic", "user,model=stellaris,mac=02:00:00:eb:00:01,id=n0"]),
            Pace::Fast => command.args(["-nic", "none", "-icount", "shift=5,sleep=off"]),
        };
        // The serial log of a start stands alone.
        let _none = std::fs::remove_file(self.folder.join("serial.log"));
        let _none = std::fs::remove_file(self.folder.join("monitor"));
        self.process = Some(Process::start(command, &self.folder.join("emulator.log")));
        until("the emulator's monitor", 20, || self.folder.join("monitor").exists().then_some(()));
    }

    /// Takes its power away.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// What it has said on its serial port since it has power.
    #[must_use]
    pub fn said(&self) -> String {
        let bytes = std::fs::read(self.folder.join("serial.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How often its program has started since it has power.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.said().lines().filter(|line| *line == "started").count()
    }

    /// Tells the emulator's monitor something, and waits until it has done it.
    ///
    /// # Panics
    /// When the emulator does not answer.
    pub fn tell(&self, words: &str) {
        let mut monitor = UnixStream::connect(self.folder.join("monitor")).expect("the monitor answers");
        monitor.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out can be set");
        let mut heard = String::new();
        let mut prompt = |monitor: &mut UnixStream| {
            let mut bytes = [0; 1024];
            while !heard.ends_with("(qemu) ") {
                let length = monitor.read(&mut bytes).expect("the monitor answers");
                assert!(length > 0, "the monitor hung up: {heard}");
                heard.push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
            heard.clear();
        };
        prompt(&mut monitor);
        writeln!(monitor, "{words}").expect("the monitor listens");
        prompt(&mut monitor);
    }

    /// What the panel shows.
    ///
    /// # Panics
    /// When the emulator gives no picture of it.
    #[must_use]
    pub fn screen(&self) -> Frame {
        let file = self.folder.join("panel.ppm");
        self.tell(&format!("screendump {}", file.display()));
        let picture = std::fs::read(&file).expect("a picture of the panel");
        let (across, down) = (SIZE.0 * 4, SIZE.1 * 4);
        let head = format!("P6\n{across} {down}\n255\n");
        let pixels = picture.strip_prefix(head.as_bytes()).expect("four by four pixels for each of the panel's");
        let row = |y: usize| (0..SIZE.0).map(move |x| pixels[(y * 4 * across + x * 4) * 3] / 17);
        Frame((0..SIZE.1).flat_map(row).collect())
    }

    /// Waits until the panel shows this.
    ///
    /// # Panics
    /// When it does not; with what it shows instead.
    pub fn until_shown(&self, what: &str, frame: &Frame, patience_s: u64) {
        let mut last = String::new();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            until(what, patience_s, || {
                let shown = self.screen();
                last = shown.rows();
                (shown == *frame).then_some(())
            });
        }));
        assert!(found.is_ok(), "{what}: not shown within {patience_s} s, but\n{last}\nof\n{}", frame.rows());
    }

    /// Waits until the panel shows something else than this.
    ///
    /// # Panics
    /// When it does not.
    pub fn until_hidden(&self, what: &str, frame: &Frame, patience_s: u64) {
        until(what, patience_s, || (self.screen() != *frame).then_some(()));
    }
}
