//! A minute of speech played in real time, and the same decoded as fast as it goes: processor time and memory.
//!
//! All play through virtual cards of one kind. Ours plays the desk's rendition (Ogg Vorbis), mpg123 and mpd an MP3 of
//! the same sound and rate. Ours is the whole player: store, link, chain of records and the card's drift included.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use loa_host::clock::Clock;

use crate::card::Cards;
use crate::desk::{Desk, Timetable};
use crate::process::{Cost, Running, ours, peer, run, until};
use crate::table::{Failed, Table};

/// How long the sound is, and how much of it is measured: the end belongs to nobody's start or finish.
const CLIP_S: u32 = 60;
const MEASURED_S: i64 = 57;
/// From writing the timetable to its minute: taking the clip in, starting everything, and fetching.
const LEAD_S: i64 = 30;
/// A fast decoder needs more than a minute of sound to be measured in ticks of 10 ms.
const DECODES: usize = 20;

/// Measures it.
pub fn measure(table: &mut Table) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let Some(clip) = speech(dir.path())? else {
        table.say("playing: ffmpeg is not installed, which makes the peers' MP3");
        return Ok(());
    };
    let Some(cards) = Cards::build(dir.path(), &["loa", "mpd", "mpg"])? else {
        table.say("playing: no C compiler or no libasound2-dev for the virtual card");
        return Ok(());
    };
    let start_s = now_ns() / 1_000_000_000 + LEAD_S;
    let (second, minute, hour) = (start_s % 60, start_s / 60 % 60, start_s / 3600 % 24);
    let at = format!("{second} {minute} {hour} * * *");
    let desk = Desk::start(&Timetable { players: 2, clip: &clip.wav, lossless: false, at: &at }, None)?;
    table.alone("taking in a minute of speech (loudness, limiter, Vorbis)", desk.take_in_s, "CPU s");
    let rendition = desk.rendition()?;
    decoding(table, &clip, &rendition)?;
    let on_card = desk.agent(0, "card:loa", &cards.config())?;
    let to_file = desk.agent(1, "file", &cards.config())?;
    let mpd = Mpd::start(dir.path(), &cards, "mpd", &clip.mp3)?;
    sleep_until(start_s * 1_000_000_000)?;
    let before =
        [on_card.cost()?, to_file.cost()?, mpd.as_ref().map_or(Ok(Cost::default()), |mpd| mpd.process.cost())?];
    let mpg = match peer("mpg123") {
        Some(program) => {
            let mut command = Command::new(program);
            command.args(["-q", "-o", "alsa", "-a", "mpg"]).arg(&clip.mp3).env("ALSA_CONFIG_PATH", cards.config());
            Some(Running::start(&mut command, None)?)
        }
        None => None,
    };
    mpd.iter().try_for_each(Mpd::play)?;
    sleep_until((start_s + MEASURED_S) * 1_000_000_000)?;
    let since = |running: &Running, before: Cost| -> Result<Cost, Failed> {
        let cost = running.cost()?;
        Ok(Cost { cpu_s: cost.cpu_s - before.cpu_s, ..cost })
    };
    let loa = since(&on_card, before[0])?;
    heard(&cards, "loa", start_s)?;
    let played = format!("playing {MEASURED_S} s of speech to a card");
    for (name, program, before) in
        [("mpg123", mpg.as_ref(), Cost::default()), ("mpd", mpd.as_ref().map(|mpd| &mpd.process), before[2])]
    {
        let Some(program) = program else {
            table.say(format!("playing: {name} is not installed"));
            continue;
        };
        let theirs = since(program, before)?;
        heard(&cards, if name == "mpd" { "mpd" } else { "mpg" }, start_s)?;
        table.beside(&played, loa.cpu_s, name, theirs.cpu_s, "CPU s");
        table.beside("– largest size", loa.peak_mb, name, theirs.peak_mb, "MB");
    }
    let filed = since(&to_file, before[1])?;
    table.alone("– to a file instead, silence included", filed.cpu_s, "CPU s");
    table.alone("– largest size", filed.peak_mb, "MB");
    Ok(())
}

/// A figure for silence would be worthless.
fn heard(cards: &Cards, card: &str, start_s: i64) -> Result<(), Failed> {
    let onsets = cards.onsets_ns(card)?;
    let sounded = onsets.iter().filter(|onset| **onset >= start_s * 1_000_000_000 - 100_000_000).count();
    if sounded > 0 { Ok(()) } else { Err(format!("nothing was heard on the card {card}").into()) }
}

fn decoding(table: &mut Table, clip: &Clip, rendition: &Path) -> Result<(), Failed> {
    let seconds = f64::from(CLIP_S) * DECODES as f64;
    let (cpu_s, _) = run(Command::new(ours("examples/decode")?).arg(rendition).arg(DECODES.to_string()))?;
    let speed = seconds / cpu_s;
    if let Some(program) = peer("mpg123") {
        let (cpu_s, _) = run(Command::new(program).args(["-q", "-t"]).args([&clip.mp3; DECODES]))?;
        table.beside(
            "decoding, seconds of sound in a second (more is better)",
            speed,
            "mpg123, MP3",
            seconds / cpu_s,
            "×",
        );
    }
    if let Some(program) = peer("ffmpeg") {
        let again = (DECODES - 1).to_string();
        let mut command = Command::new(program);
        command.args(["-v", "error", "-threads", "1", "-stream_loop", &again, "-i"]).arg(rendition);
        let (cpu_s, _) = run(command.args(["-f", "null", "-"]))?;
        table.beside("– the very same file", speed, "ffmpeg, Vorbis", seconds / cpu_s, "×");
    }
    Ok(())
}

/// The same minute in two forms.
struct Clip {
    wav: PathBuf,
    mp3: PathBuf,
}

/// A minute of speech, from a clip of the demonstration.
fn speech(dir: &Path) -> Result<Option<Clip>, Failed> {
    let Some(ffmpeg) = peer("ffmpeg") else { return Ok(None) };
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules/clips/phong-su.mp3");
    let clip = Clip { wav: dir.join("speech.wav"), mp3: dir.join("speech.mp3") };
    let length = CLIP_S.to_string();
    let mut wav = Command::new(&ffmpeg);
    wav.args(["-v", "error", "-stream_loop", "-1", "-i"]).arg(from);
    run(wav.args(["-t", &length, "-ac", "1", "-ar", "48000"]).arg(&clip.wav))?;
    run(Command::new(&ffmpeg).args(["-v", "error", "-i"]).arg(&clip.wav).args(["-b:a", "64k"]).arg(&clip.mp3))?;
    Ok(Some(clip))
}

/// A music player daemon with one file in its queue, on a virtual card.
pub struct Mpd {
    /// Its process.
    pub process: Running,
    socket: PathBuf,
}

impl Mpd {
    /// Starts it; `None` when it or its client is not installed.
    pub fn start(dir: &Path, cards: &Cards, card: &str, file: &Path) -> Result<Option<Self>, Failed> {
        let (Some(program), Some(_)) = (peer("mpd"), peer("mpc")) else { return Ok(None) };
        let (socket, music, config) = (dir.join("mpd.socket"), dir.join("music"), dir.join("mpd.conf"));
        std::fs::create_dir(&music)?;
        let name = file.file_name().ok_or("a file without a name")?;
        std::fs::copy(file, music.join(name))?;
        let text = format!(
            "music_directory \"{}\"\ndb_file \"{}\"\nbind_to_address \"{}\"\naudio_output {{\n type \"alsa\"\n \
             name \"card\"\n device \"{card}\"\n format \"48000:16:2\"\n mixer_type \"none\"\n}}\n",
            music.display(),
            dir.join("mpd.db").display(),
            socket.display()
        );
        std::fs::write(&config, text)?;
        let mut command = Command::new(program);
        command.args(["--no-daemon", "--stderr"]).arg(&config).env("ALSA_CONFIG_PATH", cards.config());
        let process = Running::start(&mut command, Some(&dir.join("mpd.log")))?;
        until("mpd", Duration::from_secs(10), || socket.exists())?;
        let mpd = Self { process, socket };
        mpd.client(&["-q", "update", "--wait"])?;
        mpd.client(&["-q", "add", &name.to_string_lossy()])?;
        Ok(Some(mpd))
    }

    /// Plays its file from the beginning.
    pub fn play(&self) -> Result<(), Failed> {
        self.client(&["-q", "play", "1"])
    }

    fn client(&self, words: &[&str]) -> Result<(), Failed> {
        run(Command::new("mpc").args(words).env("MPD_HOST", &self.socket)).map(drop)
    }
}

/// The wall clock.
pub fn now_ns() -> i64 {
    Clock::machine().now().utc_ns
}

/// Waits for an instant of the wall clock, which must be ahead.
pub fn sleep_until(utc_ns: i64) -> Result<(), Failed> {
    let left_ns = u64::try_from(utc_ns - now_ns()).map_err(|_| "everything took too long to be ready in time")?;
    std::thread::sleep(Duration::from_nanos(left_ns));
    Ok(())
}
