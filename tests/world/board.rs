//! An LED board: the firmware's image in an emulator, with a file as its flash and a panel that can be looked at.
//!
//! It decides how the emulator is started and read; what the panel should show is drawn here by the board's own code, on
//! this machine. What happens is for `story/board.rs`, next.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;

use super::programs::{Process, program, until};

#[path = "../../firmware/boards/lm3s6965evb/src/face.rs"]
pub mod face;

/// Pixels across and down.
pub const SIZE: (usize, usize) = (128, 64);
/// The emulator's program.
const EMULATOR: &str = "qemu-system-arm";

/// One picture: a grey from 0 to 15 for each pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame(Vec<u8>);

impl Frame {
    /// What the board's code draws.
    #[must_use]
    pub fn of(picture: face::Picture<'_>) -> Self {
        let mut frame = Self(vec![0; SIZE.0 * SIZE.1]);
        let Ok(_drawn) = face::draw(picture, &mut frame);
        frame
    }

    /// Rows of letters, darker to brighter.
    #[must_use]
    pub fn rows(&self) -> String {
        let letter = |grey: &u8| char::from(b" .:-=+*#%@"[usize::from(*grey) * 9 / 15]);
        let rows = self.0.chunks(SIZE.0).map(|row| row.iter().map(letter).collect::<String>());
        rows.map(|row| format!("{}\n", row.trim_end())).collect()
    }
}

impl OriginDimensions for Frame {
    fn size(&self) -> Size {
        Size::new(SIZE.0 as u32, SIZE.1 as u32)
    }
}

impl DrawTarget for Frame {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Self::Error> {
        for Pixel(at, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(at.x), usize::try_from(at.y)) else { continue };
            if let Some(pixel) = self.0.get_mut(y * SIZE.0 + x).filter(|_| x < SIZE.0) {
                *pixel = face::grey(colour);
            }
        }
        Ok(())
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
        Self { folder, image, process: None }
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
