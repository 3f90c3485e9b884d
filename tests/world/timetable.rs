//! Timetables and clips made for one story: few lines of TOML, and noise that no other clip resembles.
//!
//! It decides how a cue's seconds become a cron text and which instants they are. The rules of timetables are the
//! desk's; its own fixtures are under `schedules/`. Next: `desk.rs`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::heard::{RATE, write};

/// A clip to be made.
#[derive(Clone, Debug)]
pub struct Clip {
    id: String,
    seconds: u32,
    seed: u64,
    /// Noise of the whole band, which no codec makes smaller.
    lossless: bool,
}

impl Clip {
    /// Noise like speech: its band, its syllables.
    #[must_use]
    pub fn speech(id: &str, seconds: u32, seed: u64) -> Self {
        Self { id: id.to_owned(), seconds, seed, lossless: false }
    }

    /// White noise kept lossless: about 85,000 bytes per second.
    #[must_use]
    pub fn large(id: &str, seconds: u32, seed: u64) -> Self {
        Self { id: id.to_owned(), seconds, seed, lossless: true }
    }
}

/// An order: which clip, at which seconds of every minute, on which players.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its name.
    pub id: String,
    /// Its clip.
    pub clip: String,
    /// The seconds of every minute at which it is due.
    pub seconds: Vec<i64>,
}

impl Order {
    /// An order.
    #[must_use]
    pub fn new(id: &str, clip: &str, seconds: &[i64]) -> Self {
        Self { id: id.to_owned(), clip: clip.to_owned(), seconds: seconds.to_vec() }
    }

    /// When it is due from `from_ms` up to, but not at, `to_ms`.
    #[must_use]
    pub fn due(&self, from_ms: i64, to_ms: i64) -> Vec<i64> {
        let first = from_ms.div_euclid(1000) + i64::from(from_ms.rem_euclid(1000) > 0);
        let all = (first..).take_while(|second| second * 1000 < to_ms);
        all.filter(|second| self.seconds.contains(&second.rem_euclid(60))).map(|second| second * 1000).collect()
    }
}

/// Writes a timetable and its clips into `home`; gives the timetable's path. Clips that are there stay as they are.
///
/// # Panics
/// When it cannot be written.
#[must_use]
pub fn make(home: &Path, players: &[&str], clips: &[Clip], orders: &[Order]) -> PathBuf {
    let folder = home.join("timetable");
    std::fs::create_dir_all(&folder).expect("a folder for the timetable");
    let mut text = String::from(
        "[[place]]\ncode = \"xa\"\nvalid_from = \"2025-07-01\"\nname = \"Xã\"\nzone = \"Asia/Ho_Chi_Minh\"\nquiet = []\n",
    );
    // Writing to a string does not fail.
    for player in players {
        let _ = write!(
            text,
            "[[player]]\nid = \"{player}\"\nname = \"{player}\"\nkind = \"speaker\"\nplace = \"xa\"\nlanguages = [\"vi\"]\nvolume = 100\n"
        );
    }
    for clip in clips {
        let Clip { id, lossless, .. } = clip;
        let file = folder.join(format!("{id}.wav"));
        if !file.exists() {
            write(&file, sound(clip));
        }
        let _ = write!(text, "[[clip]]\nid = \"{id}\"\nfile = \"{id}.wav\"\ntitle = \"{id}\"\nlossless = {lossless}\n");
        let _ = write!(text, "[[programme]]\nid = \"{id}\"\ntitle = \"{id}\"\nitems = [\"clip:{id}\"]\n");
    }
    for Order { id, clip, seconds } in orders {
        let seconds: Vec<String> = seconds.iter().map(i64::to_string).collect();
        let seconds = seconds.join(",");
        let _ = write!(
            text,
            "[[order]]\nid = \"{id}\"\nprogramme = \"{clip}\"\nclass = \"normal\"\nto = {{ places = [\"xa\"] }}\nat = \"{seconds} * * * * *\"\nlate = \"skip\"\ntitle = \"{id}\"\n"
        );
    }
    let path = folder.join("story.toml");
    std::fs::write(&path, text).expect("the timetable can be written");
    path
}

/// The samples of a clip. Equal seeds give equal clips.
pub fn sound(clip: &Clip) -> impl Iterator<Item = f32> + use<> {
    let mut random = clip.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let (mut low, mut lower) = (0.0_f32, 0.0_f32);
    let is_white = clip.lossless;
    (0..i64::from(clip.seconds) * RATE).map(move |frame| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let white = (random >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
        if is_white {
            return white * 0.5;
        }
        // About 300 to 3,400 Hz, in four syllables per second.
        low += 0.36 * (white - low);
        lower += 0.04 * (low - lower);
        let syllable = 0.6 + 0.4 * (frame as f32 * std::f32::consts::TAU * 4.0 / RATE as f32).sin();
        (low - lower) * syllable * 0.6
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_are_the_seconds_of_each_minute_without_the_last() {
        let order = Order::new("a", "a", &[0, 20]);
        assert_eq!(order.due(119_001, 180_000), [120_000, 140_000]);
        assert_eq!(order.due(120_000, 120_001), [120_000]);
    }
}
