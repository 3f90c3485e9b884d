//! A desk for one measurement: a folder, a timetable written into it, the broker, and the players that are pointed at it.
//!
//! It is `loa` as people run it, with nothing left out; only the folder and the port are passing.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Running, ours, run, until};
use crate::table::Failed;

/// The time zone of every place here, so that a cron line can be written from the clock without a table of zones.
const PLACE: &str =
    "[[place]]\ncode = \"xa\"\nvalid_from = \"2025-07-01\"\nname = \"Xã Đo\"\nzone = \"UTC\"\nquiet = []\n";

/// A timetable of one place, one clip and one order for all its players.
pub struct Timetable<'a> {
    /// How many players, `loa-0` and on.
    pub players: usize,
    /// The clip's file.
    pub clip: &'a Path,
    /// Whether it is kept without loss.
    pub lossless: bool,
    /// When it is aired, a cron line in UTC.
    pub at: &'a str,
}

impl Timetable<'_> {
    fn text(&self) -> String {
        let mut text = PLACE.to_owned();
        for number in 0..self.players {
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "\n[[player]]\nid = \"loa-{number}\"\nname = \"Loa {number}\"\nkind = \"speaker\"\nplace = \"xa\"\n\
                 languages = [\"vi\"]\nvolume = 100\n"
            );
        }
        let (lossless, at) = (self.lossless, self.at);
        let _ = write!(
            text,
            "\n[[clip]]\nid = \"do\"\nfile = \"clip.wav\"\ntitle = \"Đo\"\nlossless = {lossless}\n\
             \n[[programme]]\nid = \"do\"\ntitle = \"Đo\"\nitems = [\"clip:do\"]\n\
             \n[[order]]\nid = \"do\"\nprogramme = \"do\"\nclass = \"normal\"\nto = {{ places = [\"xa\"] }}\n\
             at = \"{at}\"\nlate = \"skip\"\ntitle = \"Đo\"\n"
        );
        text
    }
}

/// A desk that runs.
pub struct Desk {
    /// Its process.
    pub serve: Running,
    /// Where its broker is.
    pub port: u16,
    /// Processor time that taking the clip in took, in seconds.
    pub take_in_s: f64,
    dir: TempDir,
}

impl Desk {
    /// Takes the timetable in and serves it, through its own broker or through one outside.
    pub fn start(timetable: &Timetable<'_>, outside: Option<u16>) -> Result<Self, Failed> {
        let dir = tempfile::tempdir()?;
        let loa = ours("loa")?;
        let (data, file) = (dir.path().join("desk"), dir.path().join("timetable.toml"));
        std::fs::write(&file, timetable.text())?;
        // A timetable names its files from where it lies.
        std::fs::copy(timetable.clip, dir.path().join("clip.wav"))?;
        let (take_in_s, _) = run(Command::new(&loa).arg("apply").arg("--data").arg(&data).arg(&file))?;
        let port = free_port()?;
        let log = dir.path().join("serve.log");
        let mut command = Command::new(&loa);
        // As fast as the machine allows: the pace is what a commune's line is spared, not what is measured here.
        command.args(["serve", "--lang", "en", "--rate-mbit", "100000"]).arg("--data").arg(&data);
        match outside {
            Some(port) => command.args(["--broker", &format!("mqtt://127.0.0.1:{port}")]),
            None => command.args(["--listen", &format!("127.0.0.1:{port}")]),
        };
        let mut serve = Running::start(&mut command, Some(&log))?;
        let ready = || std::fs::read_to_string(&log).is_ok_and(|text| text.contains("the broker is reached"));
        until("the desk", Duration::from_secs(20), || ready() || serve.has_ended())?;
        if !ready() {
            return Err(format!("the desk ended: {}", std::fs::read_to_string(&log)?).into());
        }
        Ok(Self { serve, port: outside.unwrap_or(port), take_in_s, dir })
    }

    /// The root document.
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("desk/root")
    }

    /// The largest thing it holds: the clip's rendition.
    pub fn rendition(&self) -> Result<PathBuf, Failed> {
        let mut largest = (0, PathBuf::new());
        for folder in std::fs::read_dir(self.dir.path().join("desk/content"))? {
            let folder = folder?.path();
            if !folder.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(folder)? {
                let file = file?;
                largest = largest.max((file.metadata()?.len(), file.path()));
            }
        }
        if largest.0 == 0 { Err("the desk holds no content".into()) } else { Ok(largest.1) }
    }

    /// A real player, `loa-<number>`, that plays through `output`. It is returned when its release is in force, which
    /// means that it has the clip.
    pub fn agent(&self, number: usize, output: &str, cards: &Path) -> Result<Running, Failed> {
        let name = format!("loa-{number}");
        let (log, data) = (self.dir.path().join(format!("{name}.log")), self.dir.path().join(&name));
        let mut command = Command::new(ours("loa-agent")?);
        command.args(["--id", &name, "--lang", "en", "--output", output]).arg("--data").arg(&data);
        command.arg("--root").arg(self.root()).args(["--broker", &format!("mqtt://127.0.0.1:{}", self.port)]);
        command.env("ALSA_CONFIG_PATH", cards);
        let agent = Running::start(&mut command, Some(&log))?;
        until("the player's release", Duration::from_secs(30), || data.join("release").is_file())?;
        Ok(agent)
    }
}

/// A port that is free now; if somebody takes it first, that shows as a failed start.
pub fn free_port() -> Result<u16, Failed> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
